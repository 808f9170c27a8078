// Which boxes and curves are drawn: the whole, one page of it, folded or not; and what filters leave.
//
// The whole graph stays as Python made it. A fold adds boxes that stand for several, and curves that
// stand for all between two boxes; what is traced or filtered is looked up in the whole.

const MOST_BOXES = 300; // beyond this a picture starts folded
const LONG_COLUMN = 24; // a longer column can be folded
const KEPT = 19; // places that stay when the others of their column are folded
const whole = { nodes: model.nodes.length, edges: model.edges.length };
const groupOf = new Map();
let shown = { folding: false, columns: [], nodes: [], edges: [], ways: [], boxAt: new Map(), curveAt: new Map() };

const SCENARIOS = model.scenarios.map((_, index) => index);

/** A series that is worked out when a scenario is first looked at. */
function later(of) {
  const known = new Map();
  return (scenario) => {
    if (!known.has(scenario)) known.set(scenario, of(scenario));
    return known.get(scenario);
  };
}

/** Sum of what `of` returns for each item, scenario by scenario; null where one is not known. */
const summed = (items, of) => later((scenario) => items.reduce((total, item) => {
  const value = of(item, scenario);
  return total === null || value === null ? null : total + value;
}, 0));

// --- groups ------------------------------------------------------------------------------------

/** Add the boxes that long columns fold into: goods by category, places beside the largest. */
function addGroups() {
  model.columns.forEach((column, place) => {
    const rows = SAME_KIND(column, place);
    if (rows.length <= LONG_COLUMN) return;
    if (column.kind === "origin" || column.kind === "hub") addGroup(column, "", smallest(rows));
    else Map.groupBy(rows, (index) => model.nodes[index].group).forEach((members, name) => addGroup(column, name, members));
  });
}

const SAME_KIND = (column, place) => model.nodes.flatMap((node, index) => (node.column === place && node.kind === column.kind ? [index] : []));

function smallest(rows) {
  const size = (index) => Math.max(...SCENARIOS.map((scenario) => at(model.nodes[index].amount, scenario) ?? 0));
  return [...rows].sort((a, b) => size(b) - size(a)).slice(KEPT).sort((a, b) => a - b);
}

function addGroup(column, name, members) {
  if (members.length < 2) return;
  const nodes = members.map((index) => model.nodes[index]);
  const units = summed(nodes, (node, scenario) => at(node.amount, scenario));
  const value = summed(nodes.flatMap((node) => node.outOf), (edge, scenario) => usdAt(model.edges[edge], scenario));
  const usd = isPlace(nodes[0]) ? nodes.every((node) => node.unit.startsWith("USD")) : SCENARIOS.some((scenario) => value(scenario) > 0);
  members.forEach((index) => groupOf.set(index, model.nodes.length));
  model.nodes.push({
    id: `group:${column.kind}/${name}`, kind: column.kind, column: nodes[0].column, members,
    name: groupName(name, members), amount: usd && !isPlace(nodes[0]) ? value : units, unit: usd ? "USD a month" : "units a month",
    assumed: 2 * nodes.filter((node) => node.assumed).length > nodes.length,
    records: [...new Set(nodes.flatMap((node) => node.records))],
    facts: [], into: [], outOf: [],
  });
}

function groupName(name, members) {
  if (!name) return `+${members.length} more`;
  return name[0].toUpperCase() + name.slice(1);
}

/** What stands behind a box: the members of a group, or itself. */
const membersOf = (index) => model.nodes[index].members ?? [index];

/** What stands behind a curve: all curves that it gathers, or itself. */
const waysOf = (index) => model.edges[index].ways ?? [index];

// --- what is drawn -----------------------------------------------------------------------------

/** Whether long columns are folded: on a page of one class only where it is large itself. */
function isFolded(page) {
  return chosen.folded && (page === null || page.nodes.size > MOST_BOXES);
}

const isOpen = (group) => chosen.opened.has(model.nodes[group].id);

/** Decide what is drawn, in which order, and gather the curves between folded boxes. */
function arrange() {
  const kept = chosen.edge === null ? null : edgeKey(model.edges[chosen.edge]);
  const page = chosen.page === null ? null : reached(membersOf(chosen.page), () => true);
  const folding = isFolded(page);
  const boxAt = new Map();
  for (let index = 0; index < whole.nodes; index += 1) {
    if (page !== null && !page.nodes.has(index)) continue;
    const group = folding ? groupOf.get(index) : undefined;
    boxAt.set(index, group === undefined || isOpen(group) ? index : group);
  }
  const columns = model.columns.map((_, place) => columnRows(place, boxAt, folding));
  shown = { folding, columns, nodes: columns.flat(), edges: [], ways: [], boxAt, curveAt: new Map() };
  gather(page);
  if (kept !== null) chosen.edge = shown.edges.find((index) => edgeKey(model.edges[index]) === kept) ?? null;
  columns.forEach((rows) => rows.forEach((index, row) => { model.nodes[index].height = (row + 0.5) / rows.length; }));
}

const edgeKey = (edge) => `${model.nodes[edge.from].id};${model.nodes[edge.to].id}`;

/** Boxes of a column from top to bottom: what is folded stands where its members are on average. */
function columnRows(place, boxAt, folding) {
  const blocks = new Map();
  for (const [index, box] of boxAt) {
    if (model.nodes[index].column !== place) continue;
    const group = folding ? groupOf.get(index) ?? index : index;
    if (!blocks.has(group)) blocks.set(group, { at: [], rows: group === index ? [] : [group] });
    const block = blocks.get(group);
    block.at.push(index);
    if (box === index) block.rows.push(index);
  }
  const last = (group) => (isRest(group) ? Infinity : blocks.get(group).at.reduce((sum, index) => sum + index, 0) / blocks.get(group).at.length);
  return [...blocks.keys()].sort((a, b) => last(a) - last(b)).flatMap((group) => blocks.get(group).rows);
}

/** The places of a column that are folded only because they are small. */
const isRest = (index) => isGroup(index) && isPlace(model.nodes[index]);
const isGroup = (index) => index >= whole.nodes;

/** A group that is open is a heading above its members, and no curve ends at it. */
const isHeading = (index) => isGroup(index) && isOpen(index);

/** Find the curves between the boxes that are drawn; add one where several run side by side. */
function gather(page) {
  model.edges.length = whole.edges;
  const joined = new Map();
  for (let index = 0; index < whole.edges; index += 1) {
    if (page !== null && !page.edges.has(index)) continue;
    const edge = model.edges[index], from = shown.boxAt.get(edge.from), to = shown.boxAt.get(edge.to);
    shown.ways.push(index);
    if (from === to) continue;
    if (from === edge.from && to === edge.to) { shown.edges.push(index); shown.curveAt.set(index, index); continue; }
    const key = `${from};${to}`;
    if (!joined.has(key)) joined.set(key, { from, to, ways: [] });
    joined.get(key).ways.push(index);
  }
  const passing = new Map();
  joined.forEach((found) => {
    found.ways.forEach((way) => shown.curveAt.set(way, model.edges.length));
    shown.edges.push(model.edges.length);
    model.edges.push(joinedEdge(found, passing));
  });
}

function joinedEdge({ from, to, ways }, passing) {
  const edges = ways.map((way) => model.edges[way]);
  const sent = isPlace(model.nodes[from]), between = sent && isPlace(model.nodes[to]);
  const goods = sent ? to : from; // the box that says which classes these are
  const usd = !between && isGroup(goods) && edges.some((edge) => edge.worth > 0 || edge.usd);
  const amount = summed(edges, (edge, scenario) => (usd ? usdAt(edge, scenario) : at(edge.amount, scenario)));
  return {
    from, to, ways, amount, ...(usd || edges[0].valued ? { valued: 1 } : {}),
    goods: [...new Set(edges.flatMap((edge) => edge.goods))],
    open: later((scenario) => Math.max(...edges.map((edge) => at(edge.open, scenario)))),
    scale: usd ? passingUsd(goods, sent, passing) : Math.max(...edges.map((edge) => edge.scale)),
    records: [...new Set(edges.flatMap((edge) => edge.records))],
    lanes: [...new Set(edges.flatMap((edge) => edge.lanes))],
  };
}

/** Value of all that enters (or leaves) a group in the baseline, or at most where that is nothing. */
function passingUsd(group, entering, known) {
  const key = `${group}/${entering}`;
  if (!known.has(key)) {
    const edges = membersOf(group).flatMap((index) => (entering ? model.nodes[index].into : model.nodes[index].outOf));
    const total = summed(edges.map((index) => model.edges[index]), usdAt);
    known.set(key, total(0) || Math.max(...SCENARIOS.map(total)));
  }
  return known.get(key);
}

/** Value of what is sent on a curve, USD; null where it is not known. */
function usdAt(edge, scenario) {
  if (edge.valued) return at(edge.amount, scenario);
  const amount = at(edge.amount, scenario);
  if (edge.worth !== undefined) return amount === null ? null : amount * edge.worth;
  return at(edge.usd, scenario);
}

// --- tracing -----------------------------------------------------------------------------------

/** Boxes and curves up- and downstream of what is selected; goods are kept apart at places. */
function traced() {
  if (chosen.proof !== null) return asShown(tracedProof(proofRecords(chosen.proof)));
  if (chosen.node === null && chosen.edge === null) return null;
  if (chosen.node !== null && chosen.node === chosen.page) return null; // all of the page is its trace
  if (chosen.node !== null) return asShown(reached(membersOf(chosen.node), isFlowing));
  const found = { nodes: new Set(), edges: new Set() };
  waysOf(chosen.edge).filter(isFlowing).forEach((way) => {
    const edge = model.edges[way];
    found.edges.add(way);
    edge.goods.forEach((good) => {
      follow(edge.to, good, "outOf", found, isFlowing);
      follow(edge.from, good, "into", found, isFlowing);
    });
  });
  return asShown(found);
}

const isFlowing = (index) => edgeState(model.edges[index]) !== "idle" && hasGoods(model.edges[index]);

function reached(starts, passes) {
  const found = { nodes: new Set(), edges: new Set() };
  starts.forEach((index) => {
    follow(index, null, "outOf", found, passes);
    follow(index, null, "into", found, passes);
  });
  return found;
}

/** The drawn boxes and curves that stand for what was found in the whole. */
function asShown({ nodes, edges }) {
  return {
    nodes: new Set([...nodes].map((index) => shown.boxAt.get(index))),
    edges: new Set([...edges].map((index) => shown.curveAt.get(index))),
  };
}

/** Records behind what was chosen in the panel: those of a claim, or one. */
function proofRecords({ claim, record }) {
  return record === undefined ? model.scenarios[chosen.scenario].findings[claim][1] : [record];
}

/** Boxes that these records stand behind, and the curves of their lanes and first legs. */
function tracedProof(records) {
  const wanted = new Set(records), found = { nodes: new Set(), edges: new Set() };
  model.nodes.slice(0, whole.nodes).forEach((node, index) => { if (node.records.some((each) => wanted.has(each))) found.nodes.add(index); });
  model.edges.slice(0, whole.edges).forEach((edge, index) => {
    const drawn = edge.records.some((each) => wanted.has(each) && /^(lane|supply):/.test(model.records[each].id));
    if (drawn && edgeState(edge) !== "idle") found.edges.add(index);
  });
  return found;
}

function follow(start, startGood, side, found, passes) {
  const seen = new Set();
  const rest = [[start, startGood]];
  while (rest.length) {
    const [index, good] = rest.pop();
    const kept = isPlace(model.nodes[index]) ? good : null;
    const key = `${index}/${kept ?? ""}`;
    if (seen.has(key)) continue;
    seen.add(key);
    found.nodes.add(index);
    for (const next of model.nodes[index][side]) {
      const edge = model.edges[next];
      if (!passes(next) || (kept !== null && !edge.goods.includes(kept))) continue;
      found.edges.add(next);
      const goods = kept === null ? edge.goods : [kept];
      goods.forEach((each) => rest.push([side === "outOf" ? edge.to : edge.from, each]));
    }
  }
}

function isPlace(node) {
  return node.kind === "origin" || node.kind === "hub";
}

// --- filters -----------------------------------------------------------------------------------

const byName = (a, b) => a.localeCompare(b, "en", { numeric: true });
const valuesOf = (of) => [...new Set(model.goods.flatMap(of))].sort(byName).map((value) => [value, value]);
const FILTERS = {
  pillar: { title: "Pillar", any: "any pillar", values: valuesOf((good) => good.pillar), of: (good) => [good.pillar] },
  category: { title: "Category", any: "any category", values: valuesOf((good) => good.category), of: (good) => [good.category] },
  tier: { title: "Priority tier", any: "any tier", values: valuesOf((good) => good.tiers), of: (good) => good.tiers },
  brand: { title: "Brand", any: "any brand", values: valuesOf((good) => good.brands), of: (good) => good.brands },
  state: { title: "State", any: "any state", values: [["same", "● as in the reference"], ["less", "▼ less"], ["gone", "▽ none left"], ["more", "▲ more"], ["cut", "✕ cut"], ["idle", "○ idle"], ...(MONTHS === null ? [["binds", "◆ ◇ binding"]] : [])] },
};
let passingGoods = null;

/** Classes that pass the filters of pillar, category, tier and brand; null if all do. */
function filterGoods() {
  const set = Object.entries(FILTERS).filter(([name, { of }]) => of && chosen.filter[name]);
  const passes = (good) => set.every(([name, { of }]) => of(good).includes(chosen.filter[name]));
  passingGoods = set.length ? new Set(model.goods.flatMap((good, index) => (passes(good) ? [index] : []))) : null;
}

const hasGoods = (edge) => passingGoods === null || edge.goods.some((good) => passingGoods.has(good));
const isFiltered = () => Object.values(chosen.filter).some(Boolean);

/** Whether a curve is shown in the graph and in the table. */
function isShown(edge) {
  const state = isShut(edge) ? "cut" : edgeState(edge), wanted = chosen.filter.state;
  if (!hasGoods(edge)) return false;
  if (wanted === "binds") return limitOf(edge.lanes) !== null;
  if (wanted) return state === wanted || edgeState(edge) === wanted;
  return chosen.idle || edgeState(edge) !== "idle";
}

const isFaded = (index) => (trace !== null && !trace.nodes.has(index)) || (left !== null && !left.has(index));

/** Boxes that filters leave: the ends of the curves that they leave, and boxes in the state itself. */
function leftNodes() {
  if (!isFiltered()) return null;
  const ends = shown.edges.map((index) => model.edges[index]).filter(isShown).flatMap((edge) => [edge.from, edge.to]);
  const own = chosen.filter.state && passingGoods === null ? shown.nodes.filter((index) => isInState(model.nodes[index])) : [];
  return new Set([...ends, ...own]);
}

function isInState(node) {
  if (chosen.filter.state === "binds") return limitOf(node.records) !== null;
  const state = nodeState(node);
  return state === chosen.filter.state || (state === "none" && chosen.filter.state === "gone");
}

addGroups();
const nodeAt = new Map(model.nodes.map((node, index) => [node.id, index]));
