// The model as Python made it, and what follows from the two scenarios that are chosen.

const $ = (id) => document.getElementById(id);

/** What Python packed into the page: deflated, in base64. Nothing is asked of any network. */
function unpacked(id) {
  const packed = Uint8Array.from(atob($(id).textContent), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate")));
}

/** Run vis-network: the page's policy names its hash, and lets no other text run. */
function run(library) {
  const once = globalThis.trustedTypes?.createPolicy("aftercut", { createScript: (text) => text });
  const script = document.createElement("script");
  script.text = once ? once.createScript(library) : library;
  document.head.append(script);
  script.remove();
}

if (!("DecompressionStream" in globalThis)) $("lead").textContent = "This browser is too old to unpack the page. Any of 2023 or later can.";
const [{ model: told, nodes, edges }, library] = await Promise.all([unpacked("data").json(), unpacked("library").text()]);
const model = { ...told, nodes, edges };
run(library);
const chosen = {
  scenario: 0, versus: 0, node: null, edge: null, proof: null, idle: false, view: "graph", zoom: 1,
  page: null, folded: null, opened: new Set(), filter: { pillar: "", category: "", tier: "", brand: "", state: "" },
};

const GLYPH = { same: "●", less: "▼", gone: "▽", more: "▲", cut: "✕", none: "✕", idle: "○", unknown: "?" };
const WORDS = {
  same: "as in the reference", less: "less than in the reference", more: "more than in the reference",
  cut: "cut", gone: "none left, though not cut itself", none: "none left", idle: "idle", unknown: "not known: uncertified",
};
const KINDS = { origin: "Origin", hub: "Hub", component: "Component", product: "Product", system: "System" };
const TINY = 1e-6;
const ROUGHLY = 0.005;

model.nodes.forEach((node) => { node.into = []; node.outOf = []; });
model.edges.forEach((edge, index) => {
  model.nodes[edge.from].outOf.push(index);
  model.nodes[edge.to].into.push(index);
});
model.records.forEach((record, index) => { record.index = index; });
const systemOf = new Map(model.systems.map((system) => [system.node, system]));

/** Value of a series in a scenario: one number stands for all, a mapping names what differs. */
function at(series, scenario) {
  if (typeof series === "function") return series(scenario);
  if (series === undefined || series === null || typeof series === "number") return series ?? null;
  return scenario in series ? series[scenario] : series[0];
}

/** How a flow compares with the reference, before measures are looked at. */
function compared(flow, reference, scale) {
  if (flow === null || reference === null) return "unknown";
  const tiny = Math.max(TINY * scale, 1e-12);
  if (flow <= tiny) return reference <= tiny ? "idle" : "none";
  if (Math.abs(flow - reference) <= ROUGHLY * Math.max(flow, reference)) return "same";
  return flow > reference ? "more" : "less";
}

function edgeState(edge) {
  const flow = at(edge.amount, chosen.scenario), reference = at(edge.amount, chosen.versus);
  const state = compared(flow, reference, edge.scale);
  const shut = at(edge.open, chosen.scenario) < TINY;
  if (state === "none") return shut ? "cut" : "gone";
  return state;
}

function isShut(edge) {
  return at(edge.open, chosen.scenario) < TINY;
}

function nodeState(node) {
  const flow = at(node.amount, chosen.scenario), reference = at(node.amount, chosen.versus);
  return compared(flow, reference, Math.max(flow ?? 0, reference ?? 0));
}

/** Change of a node against the reference as a share; null where there is none to tell. */
function change(item) {
  const flow = at(item.amount, chosen.scenario), reference = at(item.amount, chosen.versus);
  if (flow === null || reference === null || !(reference > 0)) return null;
  return flow / reference - 1;
}

// --- what binds --------------------------------------------------------------------------------

const LIMITS = {
  bottleneck: { glyph: "◆", says: "bottleneck: 1 % more of it helps" },
  binding: { glyph: "◇", says: "binding: 1 % less of it costs" },
};
const priced = model.scenarios.map((scenario) => new Map((scenario.binding ?? []).map(
  ([record, loss, gain, down, up, from, to]) => [record, { record, loss, gain, down, up, from, to }],
)));
model.edges.forEach((edge) => { edge.lanes = edge.records.filter((index) => model.records[index].id.startsWith("lane:")); });

const priceOf = (record) => priced[chosen.scenario].get(record.index);

/** Elements that bind in the chosen scenario, the most costly first. */
const bindingLimits = () => [...priced[chosen.scenario].values()].filter((price) => price.loss > 0);

/** What the strongest of some records is: a bottleneck, only binding, or neither. */
function limitOf(records) {
  let found = null;
  for (const index of records) {
    const price = priced[chosen.scenario].get(index);
    if (price?.gain > 0) return LIMITS.bottleneck;
    if (price?.loss > 0) found = LIMITS.binding;
  }
  return found;
}

// --- what is said of numbers -------------------------------------------------------------------

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

function amountText(value) {
  if (value === null || value === undefined) return "unknown";
  if (Math.abs(value) >= 100) return grouped.format(value);
  return value === 0 ? "0" : String(Number(value.toPrecision(3)));
}

function percentText(share) {
  if (share === null || share === undefined) return "unknown";
  if (share > 1 - 5e-4 && share < 1 - TINY) return "> 99.9 %";
  if (share < 5e-4 && share > TINY) return "< 0.1 %";
  return `${Number((100 * share).toFixed(1))} %`;
}

function changeText(share) {
  if (share === null || Math.abs(share) <= ROUGHLY) return "";
  if (share > 9.99) return "> +999 %";
  const percent = Math.abs(100 * share);
  const digits = share < 0 && percent > 99 && percent < 100 ? 1 : 0;
  return `${share < 0 ? "−" : "+"}${Math.min(percent, share > -1 && digits ? 99.9 : percent).toFixed(digits)} %`;
}

function pointsText(value, reference) {
  const points = 100 * (value - reference);
  if (Math.abs(points) < 0.05) return "";
  return `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(1).replace(/\.0$/, "")} points`;
}

/** What the step to one side is worth: in points or weighted units, for a number of units. */
function priceText(price, record, end, joint) {
  if (price === null) return "not known";
  if (price === 0) return "nothing";
  const share = model.dataset.weighting === "target", worth = share ? 100 * price : price;
  let count = 1;
  while (worth * count < 0.01 && count < 1e9) count *= 10;
  const unit = record.id.startsWith("lane:") ? `USD ${grouped.format(count)}` : `${grouped.format(count)} ${count === 1 ? "unit" : "units"}`;
  const range = end === null ? "" : `, ${joint} ${amountText(end)}`;
  return `${amountText(worth * count)} ${share ? "points" : "weighted units"} for each ${unit} a month${range}`;
}

const unitOf = (item) => item.unit ?? (item.valued ? "USD a month" : "units a month");
const goodNames = (edge) => edge.goods.map((good) => model.goods[good].name);

/** Share of what is left of a record's capacity that is used; null where no limit is known. */
function usage(record) {
  const used = at(record.used, chosen.scenario);
  const limit = (record.figures ?? []).find(([column]) => column.startsWith("capacity"))?.[1] ?? null;
  const left = limit === null ? 0 : limit * (at(record.availability, chosen.scenario) ?? 1);
  return used === null || !(left > 0) ? null : Math.min(1, used / left);
}

function edgeName(edge) {
  return `${model.nodes[edge.from].name} → ${model.nodes[edge.to].name}`;
}
