// The side panel: the ranked scenarios, what the chosen one does, details of what is selected.

/** Make an element with text and children; text is never read as markup. */
function make(tag, content, name) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (content instanceof Node) element.append(content);
  else if (Array.isArray(content)) element.append(...content.filter(Boolean));
  else if (content !== undefined && content !== null) element.textContent = content;
  return element;
}

function button(content, name, onClick) {
  const element = make("button", content, name);
  element.type = "button";
  element.addEventListener("click", onClick);
  return element;
}

function meter(share, { reference = null, low = null, high = null, state = "same" } = {}) {
  const bar = make("span", null, "meter");
  const filled = make("i");
  filled.style.width = `${100 * clamped(share)}%`;
  filled.style.background = lineOf(state);
  bar.append(filled);
  if (low !== null && high !== null) {
    const span = make("span", null, "span");
    span.style.left = `${100 * clamped(low)}%`;
    span.style.width = `${100 * (clamped(high) - clamped(low))}%`;
    bar.append(span);
  }
  if (reference !== null) {
    const tick = make("span", null, "mark-at");
    tick.style.left = `calc(${100 * clamped(reference)}% - 1px)`;
    bar.append(tick);
  }
  return bar;
}

const clamped = (share) => Math.max(0, Math.min(1, share ?? 0));

const LONG = 38;

/** Names with values; a long value stands on lines of its own. */
function pairs(list) {
  return make("dl", list.filter(Boolean).flatMap(([name, value]) => [make("dt", name), make("dd", value, String(value).length > LONG ? "long" : "")]), "pairs");
}

function part(title, content) {
  return make("section", [make("h2", title), ...[content].flat()]);
}

// --- scenarios ---------------------------------------------------------------------------------

const ranking = model.scenarios
  .map((_, index) => index)
  .sort((a, b) => (MONTHS === null ? 0 : a - b) || (model.scenarios[a].surviving ?? 2) - (model.scenarios[b].surviving ?? 2) || Number(a === 0) - Number(b === 0) || a - b);
const rankedRows = new Map();

function rankedList() {
  const rows = ranking.map((index) => {
    const scenario = model.scenarios[index];
    const bar = meter(scenario.surviving, { low: scenario.low ?? null, high: scenario.high ?? null });
    const name = make("span", scenario.title, "name");
    name.title = scenario.title;
    const row = button([name, make("span", scenario.headline, "value"), bar], "", () => choose(index));
    rankedRows.set(index, row);
    return make("li", row);
  });
  const list = make("ol", rows, "ranked");
  list.addEventListener("keydown", walk);
  return list;
}

function markRanked() {
  rankedRows.forEach((row, index) => row.setAttribute("aria-current", String(index === chosen.scenario)));
}

function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  event.stopPropagation();
  const next = ranking[ranking.indexOf(chosen.scenario) + step];
  if (next === undefined) return;
  choose(next);
  rankedRows.get(next).focus();
}

const scenariosPanel = $("scenarios");
scenariosPanel.append(...[part(MONTHS === null ? "What survives, least first" : "What survives, month by month", rankedList()), unlistedPart()].filter(Boolean));

/** Limits that bind somewhere and that nothing in the library is aimed at. */
function unlistedPart() {
  if (!model.unlisted.length) return null;
  const rows = model.unlisted.map(({ record, loss, scenario, scenarios }) => {
    const title = model.records[record].title;
    const where = `${model.scenarios[scenario].title}${scenarios > 1 ? ` and ${scenarios - 1} more` : ""}`;
    const name = make("span", title, "name");
    const row = button([name, make("span", `−${amountText(loss)} %`, "value"), make("span", where, "note")], "", () => {
      choose(scenario);
      selectProof({ record });
    });
    return make("li", row);
  });
  const said = "Limits that bind in a scenario and that no measure of the library and no priority tier is aimed at, with what losing 1 % of each costs at most.";
  return part("What should be listed next?", [make("p", said, "note"), make("ol", rows, "ranked open")]);
}

// --- details -----------------------------------------------------------------------------------

const detailsPanel = $("details");

function fillDetails() {
  if (chosen.node !== null) detailsPanel.replaceChildren(...nodeDetails(model.nodes[chosen.node]));
  else if (chosen.edge !== null) detailsPanel.replaceChildren(...edgeDetails(model.edges[chosen.edge]));
  else if (chosen.proof !== null) detailsPanel.replaceChildren(...proofDetails(chosen.proof));
  else detailsPanel.replaceChildren(make("p", "Nothing is selected. Click a box or a curve, or find one by name, to see its figures and their sources.", "note"));
  detailsPanel.scrollTop = 0;
}

/** The style of a state: what has no colour of its own takes the nearest. */
const stateName = (state) => ({ none: "cut", gone: "less" })[state] ?? state;

function heading(kind, name, item, state) {
  const amount = at(item.amount, chosen.scenario);
  const told = changeText(change(item));
  const said = amount === null ? WORDS.unknown : `${amountText(amount)} ${unitOf(item)}`;
  const line = make("p", [make("span", `${GLYPH[state]} `, `state ${stateName(state)}`), make("span", said), told ? make("span", `, ${told} against ${reference()}`, "note") : null]);
  return make("div", [make("p", kind, "kind"), make("h2", name), line], "head");
}

function nodeDetails(node) {
  if (node.members) return groupDetails(node);
  const system = systemOf.get(node.id);
  const rows = [...node.facts];
  if (system) rows.unshift(["Share of target", percentText(at(system.share, chosen.scenario))], ["Target", `${amountText(system.target)} a month`]);
  return [
    heading(KINDS[node.kind], node.name, node, nodeState(node)),
    rows.length ? pairs(rows) : null,
    hasPage(node) ? make("p", ownPage(node), "own") : null,
    linksPart("Comes from", node.into, "from"),
    linksPart("Goes to", node.outOf, "to"),
    recordsPart(node.records),
    pagesPart(node),
  ].filter(Boolean);
}

/** A folded box: its members, each of which can be chosen. */
function groupDetails(node) {
  const title = isPlace(node) ? node.name : `${node.name}: ${classes(node)}`;
  const index = nodeAt.get(node.id);
  const rows = node.members.map((member) => {
    const each = model.nodes[member], state = nodeState(each);
    const cells = [make("span", GLYPH[state], `state ${stateName(state)}`), make("span", each.name, "name"), make("span", amountText(at(each.amount, chosen.scenario)))];
    return make("li", button(cells, "", () => select(member, null)));
  });
  return [
    heading(`${KINDS[node.kind]}s, folded`, title, node, nodeState(node)),
    button(isOpen(index) ? "Fold them again" : `Open these ${node.members.length}`, "", () => turn(index)),
    part("What stands in it", make("ul", rows, "links")),
    recordsPart(node.records),
  ].filter(Boolean);
}

const hasPage = (node) => !isPlace(node) && !node.members;

function ownPage(node) {
  const index = nodeAt.get(node.id);
  return chosen.page === index ? pageLink(null) : pageLink(index, `${KINDS[node.kind]} on a page of its own`);
}

/** Links to the pages of what a class or a system is made of, and of what it goes into. */
function pagesPart(node) {
  const beside = [...node.into.map((index) => model.edges[index].from), ...node.outOf.map((index) => model.edges[index].to)];
  const others = [...new Set(beside)].filter((index) => hasPage(model.nodes[index]));
  if (!hasPage(node) || !others.length) return null;
  return part("Pages beside it", make("ul", others.map((index) => make("li", pageLink(index))), "pages"));
}

/** A link within this file: the graph with only what a class or a system rests on and feeds. */
function pageLink(index, text = null) {
  const link = make("a", text ?? (index === null ? "The whole graph" : model.nodes[index].name));
  link.href = address({ page: index, node: index, edge: null, proof: null });
  return link;
}

function edgeDetails(edge) {
  const open = at(edge.open, chosen.scenario), usd = usdAt(edge, chosen.scenario);
  const rows = [
    ["Carries", listed(goodNames(edge), 12)],
    ["Civil use", civilUse(edge)],
    edge.valued || !usd ? null : ["Value sent", `USD ${amountText(usd)} a month`],
    [`In ${reference()}`, `${amountText(at(edge.amount, chosen.versus))} ${unitOf(edge)}`],
    open < 1 ? ["Left open by the measures", percentText(open)] : null,
  ];
  const kind = `${KINDS[model.nodes[edge.from].kind]} → ${KINDS[model.nodes[edge.to].kind].toLowerCase()}`;
  const state = isShut(edge) ? "cut" : edgeState(edge);
  return [heading(kind, edgeName(edge), edge, state), pairs(rows), recordsPart(edge.records)];
}

/** What proves a claim, or one record by itself; both are lit in the picture. */
function proofDetails({ claim, record }) {
  if (record !== undefined) return [make("div", [make("p", "Figure", "kind"), make("h2", model.records[record].title)], "head"), recordsPart([record])];
  const [text, records] = model.scenarios[chosen.scenario].findings[claim];
  return [make("div", [make("p", `Finding on ${model.scenarios[chosen.scenario].title}`, "kind"), make("p", text)], "head"), recordsPart(records)].filter(Boolean);
}

// names may hold commas
const listed = (names, most) => names.slice(0, most).join("; ") + (names.length > most ? ` and ${names.length - most} more` : "");
const USES = ["high", "medium", "low", "unknown"];
const civilUse = (edge) => USES.filter((use) => edge.goods.some((good) => model.goods[good].civil === use)).join(", ");

function linksPart(title, edges, end) {
  const shown = edges.filter((index) => chosen.idle || edgeState(model.edges[index]) !== "idle");
  if (!shown.length) return null;
  const flow = (index) => at(model.edges[index].amount, chosen.scenario) ?? 0;
  const rows = shown.sort((a, b) => flow(b) - flow(a)).map((index) => {
    const edge = model.edges[index], state = edgeState(edge);
    const cells = [make("span", GLYPH[state], `state ${stateName(state)}`), make("span", model.nodes[edge[end]].name, "name"), make("span", amountText(at(edge.amount, chosen.scenario)))];
    return make("li", button(cells, "", () => select(null, index)));
  });
  const unit = unitOf(model.edges[shown[0]]);
  return part(`${title}, ${unit}`, make("ul", rows, "links"));
}

function recordsPart(indexes) {
  const used = (index) => at(model.records[index].used, chosen.scenario) ?? -1;
  const loss = (index) => priced[chosen.scenario].get(index)?.loss ?? 0;
  const order = (a, b) => loss(b) - loss(a) || used(b) - used(a);
  const rows = [...indexes].sort(order).map((index) => recordRow(model.records[index], { open: indexes.length === 1 }));
  return rows.length ? part(`Figures behind it: ${rows.length}`, rows) : null;
}

function recordRow(record, { open = false, told = null } = {}) {
  const share = usage(record), limit = limitOf([record.index]);
  const mark = limit === null ? "" : `${limit.glyph} `;
  const value = told ?? (share === null ? mark : `${mark}${percentText(share)} used`);
  const summary = make("summary", [make("span", record.title, "title"), make("span", value, "note")]);
  if (share !== null) summary.append(meter(share, { state: share > FULL ? "more" : "same" }));
  const element = make("details", summary, "record");
  element.open = open;
  // on the click, not on "toggle": that comes later, and the record would open empty at first
  const fill = () => { if (element.children.length === 1) element.append(recordBody(record)); };
  summary.addEventListener("click", fill);
  if (open) fill();
  return element;
}

function recordBody(record) {
  const limit = limitOf([record.index]);
  const chips = [
    limit === null ? null : make("span", `${limit.glyph} ${limit === LIMITS.bottleneck ? "bottleneck" : "binding"}`, "chip limit"),
    make("span", record.basis, `chip ${record.basis === "assumed" ? "assumed" : ""}`),
    make("span", `${record.confidence} confidence`, "chip"),
    record.pillar ? make("span", record.pillar, "chip") : null,
    record.asOf ? make("span", `as of ${record.asOf}`, "chip") : null,
  ];
  const measured = ["availability", "arrival"].map((name) => {
    const share = at(record[name], chosen.scenario);
    return share !== null && share < 1 ? [name === "arrival" ? "Arrival rate" : "Availability", percentText(share)] : null;
  });
  const usd = record.id.startsWith("lane:") ? "USD a month" : "units a month";
  const used = at(record.used, chosen.scenario);
  const figures = record.figures ?? [];
  const rows = [...figures.map(figureRow), ...measured, used === null ? null : ["Used", `${amountText(used)} ${usd}`], ...priceRows(record)];
  const limited = /^(supply|lane|plant):/.test(record.id) && figures.every(([column, value]) => !column.startsWith("capacity") || value === null);
  return make("div", [
    make("div", chips, "chips"), pairs(rows),
    limited ? make("p", "No limit known: none is applied.", "note") : null,
    record.note ? make("p", record.note, "note") : null,
    make("p", `Row ${record.id}`, "note"),
    record.sources ? sourceList(record.sources) : make("p", "No source is named.", "note"),
  ], "body");
}

/** What 1 % less and 1 % more of an element do, and what a unit is worth to either side. */
function priceRows(record) {
  const price = priceOf(record);
  if (!price) return [];
  const step = (value) => (value === null ? "not known" : value === 0 ? "nothing" : `${amountText(value)} % of baseline capacity`);
  return [
    ["Losing 1 % costs", step(price.loss)], ["Gaining 1 % earns", step(price.gain)],
    ["Price of less", priceText(price.down, record, price.from, "down to")],
    ["Price of more", priceText(price.up, record, price.to, "up to")],
  ];
}

function figureRow([column, value, low, high]) {
  const [name, unit] = model.figures[column];
  const label = `${name[0].toUpperCase()}${name.slice(1)}`;
  if (value === null) return null;
  const range = low === null && high === null ? "" : ` (${low === null ? "?" : amountText(low)} to ${high === null ? "?" : amountText(high)})`;
  return [label, `${amountText(value)}${range} ${unit}`];
}

function sourceList(indexes) {
  return make("ul", indexes.map((index) => make("li", sourceLine(model.sources[index]))), "sources");
}

/** A source; only what Python passed as a link may be followed. */
function sourceLine(source) {
  const title = source.link === null ? make("span", source.title) : make("a", source.title);
  if (source.link !== null) {
    title.href = source.link;
    title.rel = "noopener noreferrer";
    title.target = "_blank";
  }
  const about = [source.publisher, source.date].filter(Boolean).join(", ");
  return [
    title,
    about ? make("span", ` · ${about}`, "note") : null,
    make("span", " "), make("span", source.kind, `chip ${source.kind}`),
    source.kind === "hostile" && source.address ? make("div", source.address, "note") : null,
  ].filter(Boolean);
}

// --- about -------------------------------------------------------------------------------------

const READING = [
  "Goods run from left to right: from origins through hubs to components, and from these to products and systems. What is supplied at the destination itself stands below the hubs.",
  "Width is flow: between places the value in USD against the widest; elsewhere the share of all that passes of the component in the baseline.",
  "Blue flows as in the reference; light blue is less, amber more; red and dashed is cut by a measure; dotted has nothing left, though it is not cut itself. Idle curves are hidden unless asked for.",
  "A hatched band at a box says that most limits behind it are assumed.",
  "A diamond says that a limit binds: of a box its supplies, plants and lanes, of a curve its lane. Filled, 1 % more of it would help; hollow, only 1 % less would cost.",
  "Numbers are rounded to five digits, prices to three; the run's files hold them whole.",
];

function fillAbout() {
  const { dataset } = model;
  $("about").replaceChildren(...[
    part(dataset.title, [make("p", dataset.summary, "note"), pairs([
      ["Dataset", dataset.id], ["Destination", dataset.destination], ["Weighting", dataset.weighting], ["Targets", dataset.targets],
      dataset.asOf ? ["As of", dataset.asOf] : null, dataset.licence ? ["Licence", dataset.licence] : null,
    ])]),
    part("How to read it", [...READING, ...model.guardRails].map((sentence) => make("p", sentence, "note"))),
    model.pruned.length ? part(`Not drawn: ${model.pruned.length}`, make("p", `Elements that can never reach the destination: ${model.pruned.join(", ")}.`, "note")) : null,
    model.sources.length ? part(`Sources: ${model.sources.length}`, sourceList(model.sources.map((_, index) => index))) : null,
  ].filter(Boolean));
}
