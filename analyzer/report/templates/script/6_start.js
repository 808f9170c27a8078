// Choosing: one function a thing that can be chosen, each ends in the same showing.

const reference = () => (chosen.versus === 0 ? "the baseline" : `“${model.scenarios[chosen.versus].title}”`);

function choose(scenario) {
  chosen.scenario = scenario;
  if (chosen.proof?.claim !== undefined) chosen.proof = null;
  show();
}

function select(node, edge) {
  chosen.node = node;
  chosen.edge = node === null ? edge : null;
  chosen.proof = null;
  if (node !== null || edge !== null) openTab("details");
  else if ($("details").hidden === false) openTab("scenarios");
  show();
  showSelected();
}

/** Show the rows behind a claim of the chosen scenario, or one row by itself. */
function selectProof(proof) {
  chosen.node = chosen.edge = null;
  chosen.proof = proof;
  openTab("details");
  show();
}

function show() {
  $("scenario").value = String(chosen.scenario);
  $("versus").value = String(chosen.versus);
  fillAnswer();
  markRanked();
  fillPanel();
  fillSheet();
  redraw();
  tell();
  remember();
}

function fillAnswer() {
  const scenario = model.scenarios[chosen.scenario];
  $("which").textContent = chosen.versus === 0 ? scenario.title : `${scenario.title}, against ${reference()}`;
  $("lead").replaceChildren(make("b", scenario.answer.figure), make("span", ` ${scenario.answer.lead}`));
  $("rest").textContent = scenario.answer.rest;
  $("certificate").textContent = `${scenario.title}: ${scenario.certificate}`;
  document.querySelectorAll(".reference").forEach((element) => { element.textContent = chosen.versus === 0 ? "baseline" : "reference"; });
  $("figures").replaceChildren(...figures(scenario).map(([name, value, told]) => make("div", [make("dt", name), make("dd", value), changeLine(told)])));
}

function changeLine(told) {
  const line = make("dd", told, "change");
  line.title = told;
  return line;
}

const PILLAR = { none: "nothing is lost", joint: "no pillar alone", unknown: "uncertified" };

/** What would survive without the cuts on the pillar that binds. */
function reliefText(scenario) {
  const found = (scenario.pillars ?? []).find(([pillar]) => pillar === scenario.binds);
  return PILLAR[scenario.binds] ?? (found ? `${percentText(found[2])} without its cuts` : "");
}

function figures(scenario) {
  const other = model.scenarios[chosen.versus];
  const known = scenario.capacity !== null && other.capacity !== null;
  const share = model.dataset.weighting === "target";
  const capacity = !known ? "" : share ? pointsText(scenario.capacity, other.capacity) : changeText(scenario.capacity / other.capacity - 1);
  const states = model.systems.map((system) => nodeState(model.nodes[nodeAt.get(system.node)]));
  const count = (state) => states.filter((each) => each === state).length;
  return [
    ["Scaling capacity", share ? percentText(scenario.capacity) : amountText(scenario.capacity), capacity || (share ? "of reference output" : "weighted units a month")],
    ["Systems held", `${count("same") + count("more")} of ${states.length}`, `${count("less")} short, ${count("none")} stopped`],
    ["Pillar that binds", scenario.binds, reliefText(scenario)],
    bindingFigure(scenario),
  ];
}

/** How many elements bind, and which most. */
function bindingFigure(scenario) {
  if (!scenario.certified) return ["Binding", "unknown", "uncertified"];
  const [first, ...others] = bindingLimits();
  if (!first) return ["Binding", "0 elements", "1 % less of any costs nothing"];
  return ["Binding", counted(1 + others.length, "element"), `${others.length ? "most: " : ""}${model.records[first.record].title}`];
}

function tell() {
  const item = chosen.node !== null ? model.nodes[chosen.node] : chosen.edge !== null ? model.edges[chosen.edge] : null;
  if (item === null) { $("told").textContent = chosen.proof === null ? "" : `${counted(proofRecords(chosen.proof).length, "element")} shown`; return; }
  const state = chosen.node !== null ? nodeState(item) : edgeState(item);
  $("told").textContent = `${item.name ?? edgeName(item)}: ${tipText(item, state)}, ${WORDS[state]}`;
}

// --- tabs --------------------------------------------------------------------------------------

const PANELS = ["scenarios", "chosen", "details", "about"];

/** Fill the panel that is open; the others are filled when they are opened. */
function fillPanel() {
  if (!$("chosen").hidden) fillScenario();
  if (!$("details").hidden) fillDetails();
}

function openTab(name, focused = false) {
  for (const each of PANELS) setTab(each, each, each === name);
  fillPanel();
  if (focused) $(name).focus();
}

function setTab(tab, panel, open) {
  $(`tab-${tab}`).setAttribute("aria-selected", String(open));
  $(`tab-${tab}`).tabIndex = open ? 0 : -1;
  $(panel).hidden = !open;
}

function view(name) {
  chosen.view = name;
  setTab("graph", "pane", name === "graph");
  setTab("table", "sheet", name === "table");
  for (const each of ["titles", "below", "hint", "sizes"]) $(each).hidden = name !== "graph";
  if (name === "graph") zoomTo(chosen.zoom);
  show();
}

for (const name of PANELS) $(`tab-${name}`).addEventListener("click", () => openTab(name));
for (const name of ["graph", "table"]) $(`tab-${name}`).addEventListener("click", () => view(name));
document.querySelectorAll("[role=tablist]").forEach((list) => list.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  const tabs = [...list.children], next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
  event.preventDefault();
  event.stopPropagation();
  next.focus();
  next.click();
}));

// --- address -----------------------------------------------------------------------------------

/** Keep scenario, reference, selection and view in the fragment, so that a link shows the same. */
function remember() {
  const parts = { scenario: model.scenarios[chosen.scenario].id };
  if (chosen.versus) parts.against = model.scenarios[chosen.versus].id;
  if (chosen.node !== null) parts.select = model.nodes[chosen.node].id;
  if (chosen.edge !== null) parts.edge = String(chosen.edge);
  if (chosen.proof?.claim !== undefined) parts.claim = String(chosen.proof.claim);
  if (chosen.proof?.record !== undefined) parts.row = model.records[chosen.proof.record].id;
  if (chosen.view === "table") parts.view = "table";
  if (chosen.idle) parts.idle = "yes";
  const fragment = `#${new URLSearchParams(parts)}`;
  if (location.hash !== fragment) history.replaceState(null, "", fragment);
}

function recall() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const scenario = (name) => Math.max(0, model.scenarios.findIndex((each) => each.id === parts.get(name)));
  chosen.scenario = scenario("scenario");
  chosen.versus = scenario("against");
  chosen.node = nodeAt.get(parts.get("select")) ?? null;
  const edge = Number(parts.get("edge") ?? NaN);
  chosen.edge = chosen.node === null && edge in model.edges ? edge : null;
  chosen.proof = chosen.node === null && chosen.edge === null ? recalledProof(parts) : null;
  chosen.idle = parts.get("idle") === "yes";
  chosen.view = parts.get("view") === "table" ? "table" : "graph";
  $("idle").checked = chosen.idle;
  if (chosen.node !== null || chosen.edge !== null || chosen.proof !== null) openTab("details");
  view(chosen.view);
}

function recalledProof(parts) {
  const claim = Number(parts.get("claim") ?? NaN), record = model.records.findIndex((each) => each.id === parts.get("row"));
  if (claim in model.scenarios[chosen.scenario].findings) return { claim };
  return record < 0 ? null : { record };
}

// --- start -------------------------------------------------------------------------------------

function option(text, value) {
  const element = make("option", text);
  element.value = value;
  return element;
}

function cycle(step) {
  choose((chosen.scenario + step + model.scenarios.length) % model.scenarios.length);
}

const labels = new Map(model.nodes.map((node, index) => [`${node.name} · ${KINDS[node.kind].toLowerCase()}`, index]));

function find(typed, first) {
  const text = typed.trim().toLowerCase();
  if (!text) return;
  const match = [...labels].find(([label]) => (first ? label.toLowerCase().includes(text) : label.toLowerCase() === text));
  if (match) select(match[1], null);
}

function listen() {
  $("scenario").addEventListener("change", (event) => choose(Number(event.target.value)));
  $("versus").addEventListener("change", (event) => { chosen.versus = Number(event.target.value); show(); });
  $("previous").addEventListener("click", () => cycle(-1));
  $("next").addEventListener("click", () => cycle(1));
  $("search").addEventListener("input", (event) => find(event.target.value, false));
  $("search").addEventListener("keydown", (event) => { if (event.key === "Enter") find(event.target.value, true); });
  $("idle").addEventListener("change", (event) => { chosen.idle = event.target.checked; show(); });
  $("smaller").addEventListener("click", () => zoomTo(chosen.zoom / 1.25));
  $("larger").addEventListener("click", () => zoomTo(chosen.zoom * 1.25));
  $("fit").addEventListener("click", () => zoomTo(1));
  $("png").addEventListener("click", savePicture);
  $("csv").addEventListener("click", () => save(new Blob(["\ufeff", csvText()], { type: "text/csv" }), "csv"));
  addEventListener("hashchange", recall);
  document.addEventListener("keydown", hotKey);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  new ResizeObserver(() => { if (!pane.hidden && isResized()) repaint(); }).observe(pane);
}

/** Left and right change the scenario wherever they mean nothing else. */
function hotKey(event) {
  const busy = event.target instanceof Element && event.target.closest("input, select, textarea, [role=tablist]");
  if (busy || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  if (event.key === "ArrowLeft") cycle(-1);
  else if (event.key === "ArrowRight") cycle(1);
  else if (event.key === "Escape") select(null, null);
  else return;
  event.preventDefault();
}

function repaint() {
  readPaint();
  zoomTo(chosen.zoom);
  fillPanel();
}

model.scenarios.forEach((scenario, index) => {
  $("scenario").append(option(scenario.title, index));
  $("versus").append(option(scenario.title, index));
});
$("found").append(...[...labels.keys()].map((label) => option("", label)));
readPaint();
fillAbout();
listen();
recall();
document.body.removeAttribute("aria-busy");
globalThis.aftercut = { model, chosen, network, holder }; // for whoever looks from the console
