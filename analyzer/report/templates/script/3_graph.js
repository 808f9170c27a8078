// The picture: vis-network holds boxes and curves; positions come from Python and are stretched.

const pane = $("pane");
const holder = $("canvas");
const MARGIN = { side: 20, top: 6, bottom: 8 };
const titles = $("titles");
const places = new vis.DataSet();
const curves = new vis.DataSet();
const fitted = new Map();
const LEAST_ROW = 15;
const PAPER = { width: 1020, height: 480 }; // pixels below the answer on a landscape page
let paint = {};
let size = { width: 0, height: 0, rem: 1 };
let seen = { width: 0, height: 0 };
let trace = null;
let left = null;

const network = new vis.Network(holder, { nodes: places, edges: curves }, {
  autoResize: false,
  physics: false,
  layout: { improvedLayout: false },
  interaction: { dragNodes: false, dragView: false, zoomView: false, selectable: false, hover: false },
  nodes: { shape: "custom", ctxRenderer: drawnNode, chosen: false },
  edges: {
    arrows: { to: false }, chosen: false, color: { inherit: false }, selectionWidth: 0,
    smooth: { enabled: true, type: "cubicBezier", forceDirection: "horizontal", roundness: 0.5 },
  },
});

/** Colours and font of the style sheet, so that light and dark are decided in one place. */
function readPaint() {
  const style = getComputedStyle(document.documentElement);
  const names = ["ground", "paper", "ink", "soft", "line", "strong", "same", "less", "more", "cut", "none",
    "same-ink", "less-ink", "more-ink", "cut-ink", "accent"];
  paint = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  paint.sans = style.getPropertyValue("--sans").trim();
  paint.rem = parseFloat(style.fontSize) / 16;
}

const inkOf = (state) => ({ same: paint["same-ink"], less: paint["less-ink"], more: paint["more-ink"],
  gone: paint["less-ink"], cut: paint["cut-ink"], none: paint["cut-ink"] })[state] ?? paint.soft;
const lineOf = (state) => ({ same: paint.same, less: paint.less, gone: paint.less, more: paint.more,
  cut: paint.cut, none: paint.cut })[state] ?? paint.none;

// --- sizes -------------------------------------------------------------------------------------

function stretch() {
  const rem = paint.rem, width = Math.floor(Math.max(pane.clientWidth, 700) * chosen.zoom);
  const height = Math.floor(Math.max(pane.clientHeight, leastHeight(mostRows())) * chosen.zoom);
  size = { width: even(width), height: even(height), rem };
  size.sideways = (size.width - 2 * MARGIN.side * rem) / model.width;
  size.down = size.height - (MARGIN.top + MARGIN.bottom) * rem;
  fitted.clear();
  model.columns.forEach((column, place) => { column.box = boxSize(column, shown.columns[place].length); });
  shown.nodes.forEach((index) => breakName(model.nodes[index]));
  holder.style.width = `${size.width}px`;
  holder.style.height = `${size.height}px`;
  network.setSize(`${size.width}px`, `${size.height}px`);
  place();
  network.moveTo({ position: { x: size.width / 2, y: size.height / 2 }, scale: 1, animation: false });
  placeTitles();
  seen = { width: pane.clientWidth, height: pane.clientHeight };
  fitPaper();
}

/** Let the style sheet for print show the whole picture on one side of paper. */
function fitPaper() {
  const fit = Math.min(PAPER.width / size.width, PAPER.height / size.height);
  document.documentElement.style.setProperty("--paper-zoom", String(fit));
  document.documentElement.style.setProperty("--drawn-width", `${size.width}px`);
}

const mostRows = () => Math.max(...shown.columns.map((rows) => rows.length));
const leastHeight = (rows) => (LEAST_ROW * rows + MARGIN.top + MARGIN.bottom) * paint.rem;

/** Give vis-network each box with, at its sides, the points where curves end: they enter level. */
function place() {
  const spots = shown.nodes.filter((index) => !isHeading(index)).flatMap((index) => {
    const node = model.nodes[index], { x, y } = centre(node), half = node.box.width / 2;
    return [{ id: `in:${node.id}`, x: x - half, y }, { id: `out:${node.id}`, x: x + half, y }];
  });
  const boxes = shown.nodes.map((index) => ({ id: model.nodes[index].id, ...centre(model.nodes[index]) }));
  drawn = new Map(shown.edges.map((index) => [index, drawnCurve(model.edges[index], index)]));
  network.setData({ nodes: refilled(places, [...boxes, ...spots]), edges: refilled(curves, shown.edges.map((index) => ({ ...ends(model.edges[index]), ...drawn.get(index) }))) });
}

function refilled(set, items) {
  set.clear();
  set.add(items);
  return set;
}

const isResized = () => seen.width !== pane.clientWidth || seen.height !== pane.clientHeight;

// an odd size would put the origin on half a pixel and blur every letter
const even = (length) => length - (length % 2);

/** Where a curve starts and ends; within a column it bulges by the same little whatever its length. */
function ends(edge) {
  const [from, to] = [model.nodes[edge.from], model.nodes[edge.to]];
  if (from.kind !== to.kind) return { from: `out:${from.id}`, to: `in:${to.id}` };
  const length = Math.abs(centre(to).y - centre(from).y) || 1;
  return {
    from: `out:${from.id}`, to: `out:${to.id}`,
    smooth: { enabled: true, type: from.height < to.height ? "curvedCCW" : "curvedCW", roundness: Math.min(0.4, (30 * size.rem) / length) },
  };
}

/** Titles of the columns stay in sight above the picture; in percent, so that they fit on paper. */
function placeTitles() {
  titles.replaceChildren(...model.columns.map((column, place) => {
    const title = make("p", [make("b", column.title), make("span", ` ${columnCount(column)}`), unitNote(column)]);
    title.style.left = `calc(${(100 * (sideOf(column) - column.box.width / 2)) / size.width * chosen.zoom}% - ${pane.scrollLeft}px)`;
    title.style.maxWidth = `${column.box.width + 80 * size.rem}px`;
    return title;
  }));
  const hidden = pane.scrollHeight - pane.scrollTop - pane.clientHeight > 8;
  $("below").hidden = !hidden;
}

/** How many there are, whether folded or not. */
function columnCount(column) {
  const place = model.columns.indexOf(column);
  return [...shown.boxAt.keys()].filter((index) => model.nodes[index].column === place && model.nodes[index].kind === column.kind).length;
}

function unitNote(column) {
  if (!column.box.tall || !["origin", "hub"].includes(column.kind)) return null;
  return make("span", " · USD a month");
}

const sideOf = (column) => MARGIN.side * size.rem + column.x * size.sideways;

/** Where the middle of a box is in the picture. */
function centre(node) {
  return { x: sideOf(model.columns[node.column]), y: MARGIN.top * size.rem + node.height * size.down };
}

/** Give a box more lines for its name where one is too short and there is room. */
function breakName(node) {
  const box = model.columns[node.column].box;
  const ctx = holder.querySelector("canvas").getContext("2d");
  ctx.font = `600 ${box.font}px ${paint.sans}`;
  const lines = nameLines(ctx, node.name, box.width - 20 * size.rem, box.lines ?? 1);
  node.box = { ...box, lines, height: box.height + (lines.length - 1) * (box.gap ?? 0) };
}

/** Boxes of two lines where there is room for them, else of one. */
function boxSize(column, rows) {
  const pitch = size.down / Math.max(rows, 1);
  const rem = size.rem * chosen.zoom ** 0.5;
  const tall = pitch >= 31 * rem;
  const width = column.width * size.sideways;
  if (!tall) return { width, height: Math.min(pitch * 0.86, 24 * rem), tall, font: Math.max(11, Math.min(12.5 * rem, pitch * 0.66)) };
  const font = 12 * rem;
  const gap = Math.min(14 * rem, pitch * 0.37);
  return { width, height: Math.min(2 * gap + 8 * rem, pitch * 0.89), tall, font, gap, lines: pitch >= 70 * rem ? 3 : pitch >= 55 * rem ? 2 : 1 };
}

// --- boxes -------------------------------------------------------------------------------------

function drawnNode({ ctx, id, x, y }) {
  const index = nodeAt.get(id);
  if (index === undefined) return { drawNode() {}, nodeDimensions: { width: 1, height: 1 } };
  const node = model.nodes[index];
  const box = boxOf(node);
  return { drawNode: () => drawBox(ctx, node, index, x, y), nodeDimensions: { width: box.width, height: box.height } };
}

const boxOf = (node) => node.box;

function drawBox(ctx, node, index, x, y) {
  const { width, height, tall, font } = boxOf(node);
  const start = x - width / 2, top = y - height / 2, state = nodeState(node), faded = isFaded(index);
  ctx.globalAlpha = 1;
  if (isHeading(index)) { writeHeading(ctx, node, start, y); return; }
  if (isGroup(index)) pile(ctx, start, top, width, height);
  outline(ctx, start, top, width, height, 4 * size.rem);
  ctx.fillStyle = paint.paper;
  ctx.fill();
  ctx.globalAlpha = faded ? 0.28 : state === "idle" ? 0.6 : 1;
  band(ctx, node, state, start, top, height);
  outline(ctx, start, top, width, height, 4 * size.rem);
  const selected = chosen.node === index;
  ctx.lineWidth = (selected ? 2 : 1) * size.rem;
  ctx.strokeStyle = selected ? paint.ink : state === "same" || state === "idle" ? paint.strong : lineOf(state);
  ctx.stroke();
  limitMark(ctx, limitOf(node.records), start, y);
  const inner = { left: start + 13 * size.rem, right: start + width - 7 * size.rem };
  if (tall) writeCard(ctx, node, state, inner, y, font);
  else writeRow(ctx, node, state, inner, y, font);
  ctx.globalAlpha = 1;
}

/** A second edge behind a box says that it stands for several. */
function pile(ctx, left, top, width, height) {
  const step = 3 * size.rem;
  outline(ctx, left + step, top + step, width, height, 4 * size.rem);
  ctx.fillStyle = paint.paper;
  ctx.fill();
  ctx.lineWidth = size.rem;
  ctx.strokeStyle = paint.strong;
  ctx.stroke();
}

/** Above the members of a group that is open; a click folds them again. */
function writeHeading(ctx, node, left, y) {
  const text = isPlace(node) ? "▾ fewer" : `▾ ${node.name}`;
  write(ctx, text, left, y, { font: Math.max(11, 11.5 * size.rem), color: paint.soft, weight: 600, room: node.box.width });
}

/** A diamond on the left border says that a limit behind the box binds; filled, that more helps. */
function limitMark(ctx, limit, x, y) {
  if (limit === null) return;
  const half = (limit === LIMITS.bottleneck ? 6 : 5) * size.rem;
  ctx.beginPath();
  [[0, -half], [half, 0], [0, half], [-half, 0]].forEach(([across, down]) => ctx.lineTo(x + across, y + down));
  ctx.closePath();
  ctx.fillStyle = limit === LIMITS.bottleneck ? paint.ink : paint.paper;
  ctx.fill();
  ctx.lineWidth = 1.25 * size.rem;
  ctx.strokeStyle = limit === LIMITS.bottleneck ? paint.paper : paint.ink;
  ctx.stroke();
}

function outline(ctx, left, top, width, height, radius) {
  ctx.beginPath();
  ctx.roundRect(left, top, width, height, radius);
}

/** The band at the left: its colour is the state, its hatching says that figures are assumed. */
function band(ctx, node, state, left, top, height) {
  const wide = 6 * size.rem;
  ctx.save();
  ctx.beginPath();
  ctx.roundRect(left, top, wide, height, [4 * size.rem, 0, 0, 4 * size.rem]);
  ctx.clip();
  ctx.strokeStyle = ctx.fillStyle = lineOf(state);
  if (!node.assumed) ctx.fillRect(left, top, wide, height);
  else hatch(ctx, left, top, wide, height);
  ctx.restore();
}

function hatch(ctx, left, top, wide, height) {
  ctx.lineWidth = 1.4 * size.rem;
  ctx.beginPath();
  for (let step = -wide; step < height + wide; step += 4 * size.rem) {
    ctx.moveTo(left - 1, top + step + wide);
    ctx.lineTo(left + wide + 1, top + step - 1);
  }
  ctx.stroke();
}

function writeRow(ctx, node, state, inner, y, font) {
  const told = shortMark(ctx, node, state, inner, font);
  const used = write(ctx, told, inner.right, y, { font: font - 1, color: inkOf(state), align: "right", weight: 600 });
  write(ctx, node.name, inner.left, y, { font, color: paint.ink, room: inner.right - inner.left - used - 6 * size.rem });
}

/** Glyph and change; the glyph alone where the name would lose letters to the change. */
function shortMark(ctx, node, state, inner, font) {
  const whole = state === "none" && !node.members ? GLYPH.none : mark(node, state);
  ctx.font = `600 ${font}px ${paint.sans}`;
  const room = inner.right - inner.left - ctx.measureText(node.name).width;
  return node.members || room > ctx.measureText(whole).width + 6 * size.rem ? whole : whole.slice(0, 1);
}

function writeCard(ctx, node, state, inner, y, font) {
  const system = systemOf.get(node.id);
  const { gap, lines } = boxOf(node), first = y - (lines.length * gap) / 2;
  const lower = first + lines.length * gap;
  const told = mark(node, state);
  const used = write(ctx, told, inner.right, lower, { font: font - 1.5, color: inkOf(state), align: "right", weight: 600 });
  lines.forEach((line, row) => write(ctx, line, inner.left, first + row * gap, { font, color: paint.ink, weight: 600, room: inner.right - inner.left }));
  const room = inner.right - inner.left - used - 6 * size.rem;
  ctx.font = `400 ${font - 1.5}px ${paint.sans}`;
  const quantity = cardAmounts(node, system).find((text) => ctx.measureText(text).width <= room) ?? "";
  write(ctx, quantity, inner.left, lower, { font: font - 1.5, color: paint.soft });
}

/** A name on as few lines as it fits on, at most as many as there is room for. */
function nameLines(ctx, name, room, most) {
  if (most === 1 || ctx.measureText(name).width <= room) return [name];
  const words = name.split(" ");
  let first = words.shift();
  while (words.length && ctx.measureText(`${first} ${words[0]}`).width <= room) first = `${first} ${words.shift()}`;
  return words.length ? [first, ...nameLines(ctx, words.join(" "), room, most - 1)] : [first];
}

/** What passes, in words from long to short; the first that fits is shown. */
function cardAmounts(node, system) {
  const amount = at(node.amount, chosen.scenario);
  if (amount === null) return ["not known"];
  if (system) return [`${amountText(amount)} of ${amountText(system.target)}`, amountText(amount)];
  if (node.members && !isPlace(node)) return [`${classes(node)} · ${short.format(amount)} ${node.unit.split(" ")[0]}`, classes(node), String(node.members.length)];
  if (!isPlace(node)) return [`${amountText(amount)} a month`, amountText(amount)];
  return node.unit.startsWith("USD") ? [short.format(amount)] : [`${amountText(amount)} units`, amountText(amount)];
}

const classes = ({ kind, members }) => (kind === "system" ? counted(members.length, "system") : counted(members.length, "class", "es"));

/** Glyph and change, as said at the right of a box; nothing where all is as in the reference. */
function mark(node, state) {
  if (node.members && !isPlace(node)) return countsOf(node);
  if (state === "none") return "✕ none";
  if (state !== "less" && state !== "more") return "";
  return `${GLYPH[state]} ${changeText(change(node)) || "new"}`;
}

/** How many members of a group are in each state that is not the reference's. */
function countsOf(node) {
  const states = node.members.map((index) => nodeState(model.nodes[index]));
  return ["none", "less", "more"].flatMap((state) => {
    const count = states.filter((each) => each === state).length;
    return count ? [`${GLYPH[state]}${count}`] : [];
  }).join(" ");
}

/** Write one line of text, cut to the room there is; returns its width. */
function write(ctx, text, x, y, { font, color, align = "left", weight = 400, room = Infinity }) {
  ctx.font = `${weight} ${font}px ${paint.sans}`;
  ctx.fillStyle = color;
  ctx.textAlign = align;
  ctx.textBaseline = "middle";
  const shown = room === Infinity ? text : fit(ctx, text, room);
  ctx.fillText(shown, x, y + 0.5);
  return shown ? ctx.measureText(shown).width : 0;
}

function fit(ctx, text, room) {
  const key = `${ctx.font}|${Math.round(room)}|${text}`;
  if (!fitted.has(key)) fitted.set(key, shortened(ctx, text, room));
  return fitted.get(key);
}

function shortened(ctx, text, room) {
  if (ctx.measureText(text).width <= room) return text;
  let kept = text;
  while (kept && ctx.measureText(`${kept}…`).width > room) kept = kept.slice(0, -1);
  return kept ? `${kept.trimEnd()}…` : "";
}

network.on("beforeDrawing", (ctx) => {
  ctx.fillStyle = paint.ground;
  ctx.fillRect(0, 0, size.width, size.height);
});

// --- curves ------------------------------------------------------------------------------------

function drawnCurve(edge, index) {
  const state = edgeState(edge);
  const flow = at(edge.amount, chosen.scenario) ?? 0, reference = at(edge.amount, chosen.versus) ?? 0;
  const shut = state === "cut" || (state === "idle" && isShut(edge));
  const share = edge.scale > 0 ? Math.min(1, (shut ? reference : flow) / edge.scale) : 0;
  const faded = trace !== null && !trace.edges.has(index);
  const lit = trace !== null && !faded;
  return {
    id: index,
    hidden: !isShown(edge),
    width: lineWidth(share, shut) * size.rem,
    dashes: dashesOf(shut ? "cut" : state),
    color: { color: shut ? paint.cut : lineOf(state), opacity: faded ? 0.07 : opacity(state, { lit, share }) },
    label: curveLabel(edge, state, { shut, lit, shown: lit || (!faded && (sparse || share > 0.3)), faded }),
    font: { size: 10 * size.rem, color: inkOf(shut ? "cut" : state), face: paint.sans, strokeWidth: 3, strokeColor: paint.ground, align: "horizontal" },
  };
}

const lineWidth = (share, shut) => (shut ? 1 + 1.5 * share : 0.8 + 5.2 * share);

/** Thin curves of a full picture are pale, so that the wide ones can be followed. */
function opacity(state, { lit, share }) {
  if (lit) return 0.95;
  const full = { same: 0.42, less: 0.7, gone: 0.55, idle: 0.5 }[state] ?? 0.9;
  return sparse ? full : full * (0.5 + 0.5 * Math.min(1, 2.5 * share));
}

function dashesOf(state) {
  const dash = { cut: [5, 4], gone: [1.5, 4] }[state];
  return dash ? dash.map((length) => length * size.rem) : false;
}

/** What stands on a curve: its state, and whether a lane that it draws binds. */
function curveLabel(edge, state, { shut, lit, shown, faded }) {
  const between = isPlace(model.nodes[edge.to]);
  const limit = state !== "idle" && !faded && (lit || sparse || between) ? limitOf(edge.lanes) : null;
  return `${glyphOf(state, { shut, shown })}${limit === null ? "" : ` ${limit.glyph}`}`;
}

/** Glyphs stand on all curves of a small picture; else on wide ones and on what is traced. */
function glyphOf(state, { shut, shown }) {
  const told = shown && (shut || ["more", "less"].includes(state));
  return told ? GLYPH[shut ? "cut" : state] : " ";
}

const SPARSE = 60;
let sparse = false;

pane.addEventListener("scroll", placeTitles, { passive: true });

let drawn = new Map();

/** Decide what is traced, left by filters, and how full the picture is. */
function look() {
  filterGoods();
  trace = traced();
  left = leftNodes();
  sparse = shown.edges.filter((index) => isShown(model.edges[index])).length <= SPARSE;
}

/** Give vis-network the curves that look different now. */
function redraw() {
  look();
  const changed = [];
  shown.edges.forEach((index) => {
    const now = drawnCurve(model.edges[index], index);
    if (!isAlike(drawn.get(index), now)) changed.push(now);
    drawn.set(index, now);
  });
  if (changed.length) curves.update(changed); // draws as well
  else network.redraw();
}

const isAlike = (one, other) => one !== undefined && one.hidden === other.hidden && (one.hidden || (
  one.width === other.width && one.label === other.label && one.font.color === other.font.color
  && one.color.color === other.color.color && one.color.opacity === other.color.opacity && String(one.dashes) === String(other.dashes)));

/** Draw what is chosen from the beginning: another page, fold or size. */
function rebuild() {
  arrange();
  look();
  stretch();
}

// --- pointer and keys --------------------------------------------------------------------------

function boxUnder(point) {
  return shown.nodes.find((index) => {
    const { x, y } = centre(model.nodes[index]), { width, height } = boxOf(model.nodes[index]);
    return Math.abs(point.x - x) <= width / 2 && Math.abs(point.y - y) <= height / 2 + 1;
  });
}

/** Box or curve under the pointer: [node, edge], null where there is none. */
function under(event) {
  const frame = holder.getBoundingClientRect();
  const point = { x: event.clientX - frame.left, y: event.clientY - frame.top };
  const node = boxUnder(point);
  if (node !== undefined) return [node, null];
  const edge = network.getEdgeAt(point);
  return [null, edge === undefined ? null : edge];
}

holder.addEventListener("click", (event) => {
  const [node, edge] = under(event);
  if (event.detail > 1) return; // the second of a double click
  if (node !== null && (isHeading(node) || isRest(node))) turn(node);
  else select(node, edge);
});
holder.addEventListener("dblclick", (event) => {
  const [node] = under(event);
  if (node !== null && isGroup(node) && !isHeading(node) && !isRest(node)) turn(node);
});

let pointed = null;
holder.addEventListener("pointermove", (event) => {
  const [node, edge] = under(event);
  const key = `${node}/${edge}`;
  holder.style.cursor = node === null && edge === null ? "default" : "pointer";
  if (key !== pointed) fillTip(node, edge);
  pointed = key;
  placeTip(event);
});
holder.addEventListener("pointerleave", () => { pointed = null; tip.hidden = true; });

const STEPS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

pane.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key in STEPS) step(...STEPS[event.key]);
  else if (event.key === "Escape") select(null, null);
  else if (event.key === "Enter" && chosen.node !== null && isGroup(chosen.node)) turn(chosen.node);
  else if (event.key === "Enter" && chosen.node !== null) openTab("details", true);
  else if (event.key === "+" || event.key === "=") zoomTo(chosen.zoom * 1.25);
  else if (event.key === "-") zoomTo(chosen.zoom / 1.25);
  else if (event.key === "0") zoomTo(1);
  else return;
  event.preventDefault();
  event.stopPropagation();
});

/** Move the selection to the next box in the column, or to the nearest in the next column. */
function step(across, down) {
  if (chosen.node === null) { select(shown.nodes[0], null); return; }
  const column = shown.columns[model.nodes[chosen.node].column + across];
  if (!column?.length) return;
  const row = column.indexOf(chosen.node);
  select(across ? nearest(column) : column[Math.max(0, Math.min(column.length - 1, row + down))], null);
}

function nearest(column) {
  const far = (index) => Math.abs(model.nodes[index].height - model.nodes[chosen.node].height);
  return column.reduce((best, index) => (far(index) < far(best) ? index : best));
}

function zoomTo(factor) {
  chosen.zoom = Math.max(1, Math.min(4, factor));
  look();
  stretch();
}

function showSelected() {
  if (chosen.node === null) return;
  const { y } = centre(model.nodes[chosen.node]);
  const inSight = y > pane.scrollTop + 30 && y < pane.scrollTop + pane.clientHeight - 30;
  if (!inSight) pane.scrollTop = y - pane.clientHeight / 2;
}

// --- tip ---------------------------------------------------------------------------------------

const tip = $("tip");

function fillTip(node, edge) {
  tip.hidden = node === null && edge === null;
  if (tip.hidden) return;
  const item = node !== null ? model.nodes[node] : model.edges[edge];
  const state = node !== null ? nodeState(item) : edgeState(item);
  const name = node !== null ? item.name : edgeName(item);
  const limit = limitOf(item.lanes ?? item.records);
  tip.replaceChildren(...[
    make("strong", name), make("span", tipText(item, state)),
    limit === null ? null : make("div", `${limit.glyph} ${limit.says}`),
  ].filter(Boolean));
}

function tipText(item, state) {
  const amount = at(item.amount, chosen.scenario);
  const told = changeText(change(item));
  const said = amount === null ? WORDS.unknown : `${amountText(amount)} ${unitOf(item)}`;
  return `${GLYPH[state]} ${said}${told ? `, ${told}` : ""}`;
}

function placeTip(event) {
  const over = event.clientX + tip.offsetWidth + 24 > innerWidth;
  tip.style.left = `${over ? event.clientX - tip.offsetWidth - 12 : event.clientX + 14}px`;
  tip.style.top = `${Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 8)}px`;
}
