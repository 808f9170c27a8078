// The picture: vis-network holds boxes and curves; positions come from Python and are stretched.

const pane = $("pane");
const holder = $("canvas");
const MARGIN = { side: 20, top: 6, bottom: 8 };
const titles = $("titles");
const places = new vis.DataSet(boxes);
const curves = new vis.DataSet(lines);
const drawnAt = new Map(places.get().map((place) => [place.id, { x: place.x, y: place.y }]));
const fitted = new Map();
const LEAST_ROW = 15;
let paint = {};
let size = { width: 0, height: 0, rem: 1 };
let seen = { width: 0, height: 0 };
let trace = null;

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
  const rem = paint.rem, rows = Math.max(...model.columns.map((column) => column.rows));
  const least = LEAST_ROW * rem * rows + (MARGIN.top + MARGIN.bottom) * rem;
  const width = Math.floor(Math.max(pane.clientWidth, 700) * chosen.zoom);
  const height = Math.floor(Math.max(pane.clientHeight, least) * chosen.zoom);
  size = { width: even(width), height: even(height), rem };
  size.sideways = (size.width - 2 * MARGIN.side * rem) / model.width;
  size.down = (size.height - (MARGIN.top + MARGIN.bottom) * rem) / model.height;
  fitted.clear();
  model.columns.forEach((column) => { column.box = boxSize(column); });
  model.nodes.forEach(breakName);
  holder.style.width = `${size.width}px`;
  holder.style.height = `${size.height}px`;
  places.update([...drawnAt].map(([id, point]) => ({ id, ...moved(point) })));
  curves.update(curves.get({ filter: (curve) => curve.smooth }).map(bent));
  network.setSize(`${size.width}px`, `${size.height}px`);
  network.redraw();
  network.moveTo({ position: { x: size.width / 2, y: size.height / 2 }, scale: 1, animation: false });
  placeTitles();
  seen = { width: pane.clientWidth, height: pane.clientHeight };
}

const isResized = () => seen.width !== pane.clientWidth || seen.height !== pane.clientHeight;

// an odd size would put the origin on half a pixel and blur every letter
const even = (length) => length - (length % 2);

/** A curve within a column bulges by the same little whatever its length. */
function bent(curve) {
  const [from, to] = [curve.from, curve.to].map((id) => moved(drawnAt.get(id)));
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return { id: curve.id, smooth: { enabled: true, type: from.y < to.y ? "curvedCCW" : "curvedCW", roundness: Math.min(0.4, (30 * size.rem) / length) } };
}

/** Titles of the columns stay in sight above the picture. */
function placeTitles() {
  titles.replaceChildren(...model.columns.map((column) => {
    const title = make("p", [make("b", column.title), make("span", ` ${column.count}`), unitNote(column)]);
    title.style.left = `${moved({ x: column.x, y: 0 }).x - column.box.width / 2 - pane.scrollLeft}px`;
    title.style.maxWidth = `${column.box.width + 80 * size.rem}px`;
    return title;
  }));
  const hidden = pane.scrollHeight - pane.scrollTop - pane.clientHeight > 8;
  $("below").hidden = !hidden;
}

function unitNote(column) {
  if (!column.box.tall || !["origin", "hub"].includes(column.kind)) return null;
  return make("span", " · USD a month");
}

function moved(point) {
  return {
    x: MARGIN.side * size.rem + point.x * size.sideways,
    y: MARGIN.top * size.rem + point.y * size.down,
  };
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
function boxSize(column) {
  const pitch = (size.down * model.height) / column.rows;
  const rem = size.rem * chosen.zoom ** 0.5;
  const tall = pitch >= 31 * rem;
  const width = column.width * size.sideways;
  if (!tall) return { width, height: Math.min(pitch * 0.86, 24 * rem), tall, font: Math.max(11, Math.min(12.5 * rem, pitch * 0.66)) };
  const font = 12 * rem;
  const gap = Math.min(15 * rem, pitch * 0.37);
  return { width, height: Math.min(2 * gap + 9 * rem, pitch * 0.89), tall, font, gap, lines: pitch >= 80 * rem ? 3 : pitch >= 62 * rem ? 2 : 1 };
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
  const left = x - width / 2, top = y - height / 2, state = nodeState(node);
  const faded = trace !== null && !trace.nodes.has(index);
  ctx.globalAlpha = 1;
  outline(ctx, left, top, width, height, 4 * size.rem);
  ctx.fillStyle = paint.paper;
  ctx.fill();
  ctx.globalAlpha = faded ? 0.28 : state === "idle" ? 0.6 : 1;
  band(ctx, node, state, left, top, height);
  outline(ctx, left, top, width, height, 4 * size.rem);
  const selected = chosen.node === index;
  ctx.lineWidth = (selected ? 2 : 1) * size.rem;
  ctx.strokeStyle = selected ? paint.ink : state === "same" || state === "idle" ? paint.strong : lineOf(state);
  ctx.stroke();
  limitMark(ctx, limitOf(node.records), left, y);
  const inner = { left: left + 13 * size.rem, right: left + width - 7 * size.rem };
  if (tall) writeCard(ctx, node, state, inner, y, font);
  else writeRow(ctx, node, state, inner, y, font);
  ctx.globalAlpha = 1;
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
  const whole = mark(node, state);
  ctx.font = `600 ${font}px ${paint.sans}`;
  const room = inner.right - inner.left - ctx.measureText(node.name).width;
  return room > ctx.measureText(whole).width + 6 * size.rem ? whole : whole.slice(0, 1);
}

function writeCard(ctx, node, state, inner, y, font) {
  const system = systemOf.get(nodeAt.get(node.id));
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
  if (!isPlace(node)) return [`${amountText(amount)} a month`, amountText(amount)];
  return node.unit.startsWith("USD") ? [short.format(amount)] : [`${amountText(amount)} units`, amountText(amount)];
}

/** Glyph and change, as said at the right of a box; nothing where all is as in the reference. */
function mark(node, state) {
  if (state === "none") return "✕ none";
  if (state !== "less" && state !== "more") return "";
  return `${GLYPH[state]} ${changeText(change(node)) || "new"}`;
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
  const idle = state === "idle";
  const shut = state === "cut" || (idle && isShut(edge));
  const shown = shut ? reference : flow;
  const faded = trace !== null && !trace.edges.has(index);
  const lit = trace !== null && !faded;
  return {
    id: index,
    hidden: idle && !chosen.idle,
    width: lineWidth(shown, edge.scale, shut) * size.rem,
    dashes: dashesOf(shut ? "cut" : state),
    color: { color: shut ? paint.cut : lineOf(state), opacity: faded ? 0.07 : opacity(state, lit) },
    label: curveLabel(edge, state, { shut, lit, shown: lit || (!faded && (sparse || shown > 0.3 * edge.scale)), faded }),
    font: { size: 10 * size.rem, color: inkOf(shut ? "cut" : state), face: paint.sans, strokeWidth: 3, strokeColor: paint.ground, align: "horizontal" },
  };
}

function lineWidth(flow, scale, shut) {
  const share = scale > 0 ? Math.min(1, flow / scale) : 0;
  return shut ? 1 + 1.5 * share : 0.8 + 5.2 * share;
}

function opacity(state, lit) {
  if (lit) return 0.95;
  return { same: 0.42, less: 0.7, gone: 0.55, idle: 0.5 }[state] ?? 0.9;
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

let before = new Map();

/** Give vis-network the curves that look different now. */
function redraw() {
  trace = traced();
  sparse = model.edges.filter((edge) => edgeState(edge) !== "idle").length <= SPARSE;
  const changed = [];
  model.edges.forEach((edge, index) => {
    const drawn = drawnCurve(edge, index), key = JSON.stringify(drawn);
    if (before.get(index) !== key) changed.push(drawn);
    before.set(index, key);
  });
  if (changed.length) curves.update(changed); // draws as well
  else network.redraw();
}

// --- pointer and keys --------------------------------------------------------------------------

function boxUnder(point) {
  return model.nodes.findIndex((node) => {
    const centre = moved(drawnAt.get(node.id)), { width, height } = boxOf(node);
    return Math.abs(point.x - centre.x) <= width / 2 && Math.abs(point.y - centre.y) <= height / 2 + 1;
  });
}

/** Box or curve under the pointer: [node, edge], null where there is none. */
function under(event) {
  const frame = holder.getBoundingClientRect();
  const point = { x: event.clientX - frame.left, y: event.clientY - frame.top };
  const node = boxUnder(point);
  if (node >= 0) return [node, null];
  const edge = network.getEdgeAt(point);
  return [null, edge === undefined ? null : edge];
}

holder.addEventListener("click", (event) => {
  const [node, edge] = under(event);
  select(node, edge);
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
  if (chosen.node === null) { select(0, null); return; }
  const columns = model.columns.map((_, place) => model.nodes.flatMap((node, index) => (node.column === place ? [index] : [])));
  const here = model.nodes[chosen.node].column;
  const column = columns[here + across];
  if (!column) return;
  const row = column.indexOf(chosen.node);
  select(across ? nearest(column) : column[Math.max(0, Math.min(column.length - 1, row + down))], null);
}

function nearest(column) {
  const height = drawnAt.get(model.nodes[chosen.node].id).y;
  const far = (index) => Math.abs(drawnAt.get(model.nodes[index].id).y - height);
  return column.reduce((best, index) => (far(index) < far(best) ? index : best));
}

function zoomTo(factor) {
  chosen.zoom = Math.max(1, Math.min(4, factor));
  stretch();
  before = new Map();
  redraw();
}

function showSelected() {
  if (chosen.node === null) return;
  const centre = moved(drawnAt.get(model.nodes[chosen.node].id));
  const inSight = centre.y > pane.scrollTop + 30 && centre.y < pane.scrollTop + pane.clientHeight - 30;
  if (!inSight) pane.scrollTop = centre.y - pane.clientHeight / 2;
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
