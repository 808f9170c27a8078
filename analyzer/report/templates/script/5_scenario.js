// The panel of the chosen scenario: what is found in words, and the numbers that it rests on.

const scenarioPanel = $("chosen");

function fillScenario() {
  const scenario = model.scenarios[chosen.scenario];
  scenarioPanel.replaceChildren(...[
    part(scenario.title, [make("p", scenario.summary || (chosen.scenario ? "" : model.dataset.summary), "summary"), capacityLine(scenario)]),
    findingsPart(scenario),
    stocksPart(),
    pillarsPart(scenario),
    scenario.measures.length ? part(counted(scenario.measures.length, "measure"), make("ul", scenario.measures.map(measureRow), "measures")) : null,
    part("Systems", make("ul", model.systems.map(systemRow), "bars")),
    firstChoicePart(),
    limitsPart(scenario),
    restsPart(scenario),
    weightingsPart(scenario),
    touchedPart(scenario),
  ].filter(Boolean));
}

function capacityLine(scenario) {
  const share = model.dataset.weighting === "target";
  const said = share ? `${percentText(scenario.capacity)} of reference output` : `${amountText(scenario.capacity)} weighted units a month`;
  return scenario.certified ? pairs([["Scaling capacity", said]]) : null;
}

/** What is found in words; a claim with elements shows them when it is chosen. */
function findingsPart(scenario) {
  const rows = scenario.findings.map(([text, records], index) => {
    if (!records.length) return make("li", make("p", text));
    const row = button(text, "", () => selectProof({ claim: index }));
    row.title = `Show ${counted(records.length, "element")} behind this`;
    row.setAttribute("aria-pressed", String(chosen.proof?.claim === index));
    return make("li", row);
  });
  return rows.length ? part("Findings", make("ul", rows, "claims")) : null;
}

/** Ceiling, relief and part in the loss of each pillar, drawn on one scale beside the numbers. */
function pillarsPart(scenario) {
  if (!scenario.pillars?.length || !(scenario.surviving < 1 - TINY)) return null;
  const shares = scenario.pillars.flatMap(([, ceiling, relief]) => [ceiling, relief]);
  const least = Math.floor(10 * Math.min(scenario.surviving, ...shares) + TINY) / 10;
  const scale = { from: Math.max(0, least), to: Math.max(1, ...shares) };
  const head = make("tr", [columnHead("Pillar"), columnHead(`${percentText(scale.from)} to ${percentText(scale.to)}`), columnHead("Ceiling", true), columnHead("Relief", true), columnHead("Loss", true)]);
  const rows = scenario.pillars.map(([pillar, ceiling, relief, loss]) => make("tr", [
    make("th", pillar), make("td", pillarPicture(scale, { now: scenario.surviving, ceiling, relief }), "picture"),
    make("td", percentText(ceiling), "number"), make("td", percentText(relief), "number"), make("td", amountText(100 * loss), "number"),
  ]));
  rows.forEach((row) => { row.firstChild.scope = "row"; });
  const said = "What survives: │ now, ○ with only the cuts on this pillar (ceiling), ● without them (relief). Loss: its part in what is lost, in points (Shapley).";
  return part("Pillars", [make("table", [make("thead", head), make("tbody", rows)], "figures-table"), make("p", said, "note")]);
}

function columnHead(text, number = false) {
  const cell = make("th", text, number ? "number" : "");
  cell.scope = "col";
  return cell;
}

function pillarPicture(scale, { now, ceiling, relief }) {
  const place = (share) => `${(100 * (share - scale.from)) / (scale.to - scale.from)}%`;
  const marks = [["now", now], ["ceiling", ceiling], ["relief", relief]].map(([name, share]) => {
    const mark = make("i", null, name);
    mark.style.left = place(share);
    return mark;
  });
  const picture = make("span", marks, "track");
  picture.ariaHidden = "true";
  return picture;
}

/** Still fielded is not still as able: what has its first choice in the slots that are tracked. */
function firstChoicePart() {
  if (!model.firstChoices.length) return null;
  const rows = model.firstChoices.map(({ good, product, share }) => {
    const kept = at(share, chosen.scenario);
    const name = make("span", [make("span", good), make("span", ` in ${product}`, "of")], "name");
    const value = make("span", kept === null ? "unknown" : percentText(kept), "value");
    return make("li", [name, value, meter(kept, { reference: at(share, chosen.versus) })]);
  });
  const said = "Of what is fielded, the most that could still have the first choice.";
  return part("Still with its first choice?", [make("p", said, "note"), make("ul", rows, "bars")]);
}

/** By basis what decides the answer, its weakest figure and its oldest. */
function restsPart(scenario) {
  if (!scenario.rests) return null;
  const { shares, weakest, oldest, undated } = scenario.rests;
  const bar = make("span", shares.map(([basis, share]) => {
    const piece = make("i", null, basis);
    piece.style.width = `${100 * share}%`;
    return piece;
  }), "basis");
  const legend = make("ul", shares.map(([basis, share]) => make("li", [make("i", null, `swatch ${basis}`), make("span", `${percentText(share)} ${basis}`)])), "swatches");
  const row = model.records[weakest];
  return part("What decides this rests on", [bar, legend, pairs([
    ["Weakest figure", button(row.title, "inline", () => selectProof({ record: weakest }))],
    ["Its basis", `${row.basis}, ${row.confidence} confidence`],
    oldest ? ["Oldest figure", oldest] : null,
    undated ? ["Without a date", counted(undated, "figure")] : null,
  ])]);
}

/** The weighting picks winners: what survives, and the rank, under each. */
function weightingsPart(scenario) {
  const known = (scenario.weightings ?? []).filter(([, surviving, rank]) => surviving !== null && rank !== null);
  if (!known.length) return null;
  const count = model.scenarios.filter((each, index) => index && each.certified).length;
  const head = make("tr", [columnHead("Weighting"), columnHead("Survives", true), columnHead(`Rank of ${count}`, true)]);
  const rows = known.map(([name, surviving, rank]) => {
    const title = make("th", `${name}${name === model.dataset.weighting ? " (this run)" : ""}`);
    title.scope = "row";
    return make("tr", [title, make("td", percentText(surviving), "number"), make("td", String(rank), "number")]);
  });
  const said = "Rank 1 leaves least; ties share a rank.";
  return part("Under other weightings", [make("table", [make("thead", head), make("tbody", rows)], "figures-table"), make("p", said, "note")]);
}

function measureRow(measure) {
  const chips = [make("span", measure.effectWords, `chip ${measure.effect === "bites" ? "bites" : ""}`)];
  if (measure.status) chips.push(make("span", measure.status, "chip"));
  if (measure.basis) chips.push(make("span", measure.basis, `chip ${measure.basis === "assumed" ? "assumed" : ""}`));
  const rows = [make("strong", measure.title), make("div", chips, "chips"), make("p", cutText(measure), "note")];
  if (measure.returns > 5e-4) rows.push(make("p", `Lifting it alone returns ${Number((100 * measure.returns).toFixed(1))} points of what survives.`, "note"));
  if (measure.why) rows.push(make("p", measure.why, "note"));
  const rests = [measure.note ? make("p", measure.note, "note") : null, measure.sources?.length ? sourceList(measure.sources) : null].filter(Boolean);
  if (rests.length) rows.push(make("details", [make("summary", restsTitle(measure), "note"), ...rests], "more"));
  return make("li", rows);
}

function restsTitle({ note, sources }) {
  const parts = [note ? "note" : "", sources?.length ? counted(sources.length, "source") : ""].filter(Boolean).join(" and ");
  return parts[0].toUpperCase() + parts.slice(1);
}

function cutText(measure) {
  if (!measure.cut) return "";
  const [low, central, high] = measure.cut;
  const range = low === high ? "" : ` (${percentText(low)} to ${percentText(high)})`;
  const coverage = measure.coverage < 1 ? ` of the ${percentText(measure.coverage)} covered` : "";
  const leak = measure.leak > 0 ? `; ${percentText(measure.leak)} leaks` : "";
  return `Stops ${percentText(central)}${range}${coverage}${leak}.`;
}

function systemRow(system) {
  const node = model.nodes[nodeAt.get(system.node)];
  const output = at(system.output, chosen.scenario), state = node ? nodeState(node) : "same";
  const value = make("span", [make("span", amountText(output)), make("span", ` of ${amountText(system.target)}`, "of")], "value");
  const name = make("span", `${state === "same" ? "" : `${GLYPH[state]} `}${system.name}`, "name");
  const bar = meter(at(system.share, chosen.scenario), { reference: at(system.share, chosen.versus), state });
  return make("li", [name, value, bar]);
}

function touchedPart(scenario) {
  const order = USES.filter((use) => scenario.touched[use]);
  if (!order.length) return null;
  const rows = order.map((use) => [`${use[0].toUpperCase()}${use.slice(1)}`, listed(scenario.touched[use], 10)]);
  return part("Civil use of the classes it bears on", pairs(rows));
}

const FULL = 1 - 5e-4;

const counted = (number, name, more = "s") => `${number} ${name}${number === 1 ? "" : more}`;

/** Elements that bind, with what losing 1 % of each costs; then those of which only more helps. */
function limitsPart(scenario) {
  if (!scenario.binding) return null;
  const all = [...priced[chosen.scenario].values()], most = 12;
  const rows = all.slice(0, most).map((price) => recordRow(model.records[price.record], { told: stepText(price) }));
  const said = all.length
    ? "What losing 1 % of each costs, in percent of the baseline's capacity. ◆ a bottleneck: 1 % more of it helps. ◇ binding only."
    : "Losing 1 % of any one limit costs nothing.";
  const rest = all.length > most ? [make("p", `and ${all.length - most} more`, "note")] : [];
  return part(`Binding: ${counted(bindingLimits().length, "element")}`, [make("p", said, "note"), ...rows, ...rest]);
}

/** What a step of 1 % costs, or if it costs nothing, what it earns. */
function stepText({ loss, gain }) {
  const glyph = gain > 0 ? LIMITS.bottleneck.glyph : LIMITS.binding.glyph;
  if (loss === null) return "not known";
  return loss > 0 ? `${glyph} −${amountText(loss)} %` : `${glyph} +${amountText(gain)} %`;
}
