// Choosing: one function a thing that can be chosen, each ends in the same showing.

const reference = () => (chosen.versus === 0 ? THE_FIRST : `“${model.scenarios[chosen.versus].title}”`);

function choose(scenario) {
  chosen.scenario = scenario;
  if (chosen.proof?.claim !== undefined) chosen.proof = null;
  show();
}

function select(node, edge) {
  chosen.node = node;
  chosen.edge = node === null ? edge : null;
  chosen.proof = null;
  if (node !== null) reveal([node]);
  else if (edge !== null && !shown.edges.includes(edge)) reveal([model.edges[edge].from, model.edges[edge].to]);
  if (node !== null || edge !== null) openTab("details");
  else if ($("details").hidden === false) openTab("scenarios");
  show();
  showSelected();
}

/** Leave a page, and open the folds, that hide what is selected. */
function reveal(nodes) {
  const away = nodes.some((index) => !isGroup(index) && !shown.boxAt.has(index));
  if (away) chosen.page = null;
  const hiding = nodes.map((index) => shown.boxAt.get(index) ?? groupOf.get(index)).filter((box) => box !== undefined && isGroup(box) && !nodes.includes(box));
  hiding.forEach((group) => chosen.opened.add(model.nodes[group].id));
  if (away || hiding.length) rebuild();
}

/** Open a fold, or close it again. */
function turn(group) {
  const { id } = model.nodes[group];
  if (chosen.opened.has(id)) chosen.opened.delete(id);
  else chosen.opened.add(id);
  if (chosen.node !== null && shown.boxAt.get(chosen.node) !== undefined) chosen.node = isGroup(chosen.node) ? null : chosen.node;
  rebuild();
  show();
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
  markFilters();
  markView();
  markRanked();
  markMonth();
  fillPanel();
  fillSheet();
  redraw();
  tell();
  remember();
}

/** Whether it is folded, and which page is open, where the graph and the table are chosen. */
function markView() {
  $("folded").checked = chosen.folded;
  $("fold").hidden = groupOf.size === 0 || (chosen.folded && !shown.folding);
  $("idle").checked = chosen.idle;
  $("crumb").hidden = chosen.page === null;
  $("hint").hidden = chosen.page !== null || chosen.view !== "graph";
  if (chosen.page === null) return;
  const link = make("a", "Whole graph");
  link.href = address({ page: null });
  $("crumb").replaceChildren(link, make("span", ` › ${model.nodes[chosen.page].name}: what it rests on and feeds`));
}

function fillAnswer() {
  const scenario = model.scenarios[chosen.scenario];
  const which = MONTHS === null ? scenario.title : `${MONTHS.title} · ${scenario.title}`;
  $("which").textContent = chosen.versus === 0 ? which : `${which}, against ${reference()}`;
  $("lead").replaceChildren(make("b", scenario.answer.figure), make("span", ` ${scenario.answer.lead}`));
  $("rest").textContent = scenario.answer.rest;
  $("certificate").textContent = `${scenario.title}: ${scenario.certificate}`;
  document.querySelectorAll(".reference").forEach((element) => { element.textContent = chosen.versus === 0 ? FIRST : "reference"; });
  $("figures").replaceChildren(...figures(scenario).map(([name, value, told]) => make("div", [make("dt", name), make("dd", value), changeLine(told)])));
}

function changeLine(told) {
  const line = make("dd", told, "change");
  line.title = told;
  return line;
}

const PILLAR = { none: "nothing is lost", joint: "no pillar alone", unknown: "uncertified" };

/** What would survive without the cuts on the pillar that binds; against another scenario, its pillar. */
function reliefText(scenario) {
  const found = (scenario.pillars ?? []).find(([pillar]) => pillar === scenario.binds);
  const other = model.scenarios[chosen.versus].binds;
  if (chosen.versus && other !== scenario.binds) return `there: ${other}`;
  return PILLAR[scenario.binds] ?? (found ? `${percentText(found[2])} if lifted` : "");
}

const known = (value) => value !== null && value !== undefined;

/** A share with its change against the reference; said in words where there is none. */
function shareFigure(name, of, same) {
  const [value, other] = [of(model.scenarios[chosen.scenario]), of(model.scenarios[chosen.versus])];
  if (!known(value)) return [name, "unknown", ""];
  return [name, percentText(value), (known(other) && pointsText(value, other)) || same];
}

/** Share of what decides the answer that is assumed; null where nothing decides it. */
const assumedShare = (scenario) => scenario.rests?.shares.find(([basis]) => basis === "assumed")?.[1] ?? (scenario.rests ? 0 : null);

function figures(scenario) {
  if (MONTHS !== null) return monthFigures(scenario);
  const states = model.systems.map((system) => nodeState(model.nodes[nodeAt.get(system.node)]));
  const count = (state) => states.filter((each) => each === state).length;
  return [
    shareFigure("Survives", (each) => each.surviving, chosen.versus || chosen.scenario ? "no change" : "of baseline"),
    shareFigure("At once", (each) => (each.certified && each === model.scenarios[0] ? 1 : each.atOnce), "no change"),
    ["Systems held", `${count("same") + count("more")} of ${states.length}`, `${count("less")} short, ${count("none")} stopped`],
    ["Pillar", scenario.binds, reliefText(scenario)],
    bindingFigure(scenario),
    shareFigure("Assumed", assumedShare, "of what binds"),
  ];
}

/** How many elements bind, and which most. */
function bindingFigure(scenario) {
  if (!scenario.certified) return ["Binding", "unknown", "uncertified"];
  const [first, ...others] = bindingLimits();
  if (!first) return ["Binding", "0 elements", "losing 1 % costs nothing"];
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
  setTab("graph", "graph", name === "graph");
  setTab("table", "sheet", name === "table");
  for (const each of ["titles", "below", "sizes"]) $(each).hidden = name !== "graph";
  fillAnswer(); // first, since its length decides how high the picture can be
  if (name === "graph") rebuild();
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

// --- filters -----------------------------------------------------------------------------------

function filterMenu() {
  const fields = Object.entries(FILTERS).filter(([, { values }]) => values.length > 1).map(([name, { title, any, values }]) => {
    const field = document.createElement("select");
    field.id = `filter-${name}`;
    field.append(option(any, ""), ...values.map(([value, text]) => option(text, value)));
    field.addEventListener("change", () => filter({ [name]: field.value }));
    return make("label", [make("span", title), field]);
  });
  $("filter-menu").append(...fields, button("Clear", "", () => filter({ pillar: "", category: "", tier: "", brand: "", state: "" })));
}

/** The menu closes when something else is wanted. */
function closeFilters(event) {
  if (!(event.target instanceof Node && $("filters").contains(event.target))) $("filters").open = false;
}

function filter(wanted) {
  Object.assign(chosen.filter, wanted);
  show();
}

/** Show in the menu what is filtered, and say it beside the closed menu. */
function markFilters() {
  Object.keys(FILTERS).forEach((name) => { if ($(`filter-${name}`)) $(`filter-${name}`).value = chosen.filter[name]; });
  const said = filtersText();
  $("filter-said").textContent = said || "Filter";
  $("filters").classList.toggle("set", said !== "");
}

/** What is filtered, in words; nothing where nothing is. */
function filtersText() {
  const set = Object.entries(FILTERS).filter(([name]) => chosen.filter[name]);
  const said = set.map(([name, { values }]) => `${name === "tier" ? "tier " : ""}${values.find(([value]) => value === chosen.filter[name])[1]}`);
  return said.length ? `Filter: ${said.join(", ")}` : "";
}

// --- address -----------------------------------------------------------------------------------

/** The fragment under which the same is shown again: what is chosen, with some of it changed. */
function address(changed = {}) {
  const now = { ...chosen, ...changed }, parts = [["scenario", model.scenarios[now.scenario].id]];
  const add = (name, value) => { if (value !== null && value !== undefined && value !== "") parts.push([name, String(value)]); };
  add("against", now.versus ? model.scenarios[now.versus].id : null);
  add("page", now.page === null ? null : model.nodes[now.page].id);
  add("select", now.node === null ? null : model.nodes[now.node].id);
  add("edge", now.edge === null ? null : edgeKey(model.edges[now.edge]));
  add("claim", now.proof?.claim);
  add("row", now.proof?.record === undefined ? null : model.records[now.proof.record].id);
  add("view", now.view === "table" ? "table" : null);
  add("idle", now.idle ? "yes" : null);
  Object.entries(now.filter).forEach(([name, value]) => add(name, value));
  add("folded", now.folded === startsFolded() ? null : now.folded ? "yes" : "no");
  if (now.folded) now.opened.forEach((id) => add("open", id));
  return `#${new URLSearchParams(parts)}`;
}

/** Keep the address up to date, so that a link shows the same. */
function remember() {
  if (location.hash !== address()) history.replaceState(null, "", address());
}

/** Whether the picture starts folded: if it is too large, or its rows would not be legible. */
function startsFolded() {
  return groupOf.size > 0 && (whole.nodes > MOST_BOXES || room.tight);
}

/** What the window leaves for rows when the page is opened; later sizes change no fold. */
const room = { tight: false };

function measureRoom() {
  const longest = Math.max(...model.columns.map((_, place) => model.nodes.slice(0, whole.nodes).filter((node) => node.column === place).length));
  room.tight = leastHeight(longest) > pane.clientHeight;
}

function recall() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const scenario = (name) => Math.max(0, model.scenarios.findIndex((each) => each.id === parts.get(name)));
  chosen.scenario = scenario("scenario");
  chosen.versus = scenario("against");
  const page = nodeAt.get(parts.get("page"));
  chosen.page = page !== undefined && hasPage(model.nodes[page]) ? page : null;
  chosen.idle = parts.get("idle") === "yes";
  for (const [name, { values }] of Object.entries(FILTERS)) chosen.filter[name] = values.some(([value]) => value === parts.get(name)) ? parts.get(name) : "";
  chosen.folded = parts.has("folded") && groupOf.size > 0 ? parts.get("folded") === "yes" : startsFolded();
  chosen.opened = new Set(parts.getAll("open").filter((id) => nodeAt.has(id)));
  chosen.node = chosen.edge = chosen.proof = null;
  arrange();
  recallSelection(parts);
  chosen.view = parts.get("view") === "table" ? "table" : "graph";
  openTab(chosen.node !== null || chosen.edge !== null || chosen.proof !== null ? "details" : openPanel());
  view(chosen.view);
  showSelected();
}

/** The panel that is open, unless it shows details of what is no longer selected. */
const openPanel = () => PANELS.find((name) => !$(name).hidden && name !== "details") ?? "scenarios";

function recallSelection(parts) {
  chosen.node = nodeAt.get(parts.get("select")) ?? null;
  const edge = model.edges.findIndex((each) => edgeKey(each) === parts.get("edge"));
  chosen.edge = chosen.node === null && edge >= 0 ? edge : null;
  chosen.proof = chosen.node === null && chosen.edge === null ? recalledProof(parts) : null;
  if (chosen.node !== null && !isGroup(chosen.node)) reveal([chosen.node]);
  if (chosen.edge !== null && !shown.edges.includes(chosen.edge)) reveal([model.edges[chosen.edge].from, model.edges[chosen.edge].to]);
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

const labels = new Map(model.nodes.slice(0, whole.nodes).map((node, index) => [`${node.name} · ${KINDS[node.kind].toLowerCase()}`, index]));

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
  $("folded").addEventListener("change", (event) => { chosen.folded = event.target.checked; chosen.opened.clear(); unselectGroup(); rebuild(); show(); });
  $("smaller").addEventListener("click", () => zoomTo(chosen.zoom / 1.25));
  $("larger").addEventListener("click", () => zoomTo(chosen.zoom * 1.25));
  $("fit").addEventListener("click", () => zoomTo(1));
  $("png").addEventListener("click", savePng);
  $("svg").addEventListener("click", saveSvg);
  $("csv").addEventListener("click", () => save(new Blob(["\ufeff", csvText()], { type: "text/csv" }), "csv"));
  addEventListener("hashchange", recall);
  document.addEventListener("keydown", hotKey);
  document.addEventListener("pointerdown", closeFilters);
  document.addEventListener("focusin", closeFilters);
  $("filters").addEventListener("keydown", (event) => { if (event.key === "Escape") { $("filters").open = false; $("filter-said").focus(); event.stopPropagation(); } });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  matchMedia("print").addEventListener("change", recolour);
  new ResizeObserver(() => { if (!pane.hidden && isResized()) repaint(); }).observe(pane);
}

/** What is folded again, or no longer folded, cannot stay selected as a group. */
function unselectGroup() {
  if (chosen.node !== null && isGroup(chosen.node)) chosen.node = null;
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

/** Paper is light whatever the screen is; sizes stay, for the style sheet fits the picture. */
function recolour() {
  readPaint();
  redraw();
}

function repaint() {
  readPaint();
  if (chosen.view === "graph") zoomTo(chosen.zoom);
  fillPanel();
}

model.scenarios.forEach((scenario, index) => {
  $("scenario").append(option(scenario.title, index));
  $("versus").append(option(scenario.title, index));
});
$("found").append(...[...labels.keys()].map((label) => option("", label)));
filterMenu();
readPaint();
fillAbout();
fillAnswer();
setMonths();
measureRoom();
recall();
listen();
document.body.removeAttribute("aria-busy");
globalThis.aftercut = { model, chosen, network, holder, at, shown: () => shown }; // for whoever looks from the console
