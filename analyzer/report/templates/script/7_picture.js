// The picture saved to disk, as PNG or as SVG, with what one must know to read it.

const FRAME = { head: 92, foot: 28 };

function savePng() {
  if (chosen.view !== "graph") view("graph");
  const canvas = holder.querySelector("canvas"), scale = canvas.width / size.width;
  const sheet = document.createElement("canvas"), head = FRAME.head * size.rem;
  sheet.width = canvas.width;
  sheet.height = framedHeight() * scale;
  const ctx = sheet.getContext("2d");
  ctx.scale(scale, scale);
  writeFrame(ctx);
  ctx.drawImage(canvas, 0, head, size.width, size.height);
  sheet.toBlob((blob) => save(blob, "png"));
}

/** The same drawing by the same code, on a pen that writes SVG instead of pixels. */
function saveSvg() {
  if (chosen.view !== "graph") view("graph");
  const pen = new Pen(size.width, framedHeight());
  writeFrame(pen);
  pen.translate(0, FRAME.head * size.rem);
  shown.edges.forEach((index) => network.body.edges[index].draw(pen));
  shown.nodes.forEach((index) => network.body.nodes[model.nodes[index].id].draw(pen));
  save(new Blob([pen.text()], { type: "image/svg+xml" }), "svg");
}

const framedHeight = () => size.height + (FRAME.head + FRAME.foot) * size.rem;

/** What stands around the picture: scenario, answer, filters, columns, guard rails. */
function writeFrame(ctx) {
  const rem = size.rem, { answer, title } = model.scenarios[chosen.scenario];
  ctx.fillStyle = paint.ground;
  ctx.fillRect(0, 0, size.width, framedHeight());
  const left = MARGIN.side * rem, room = size.width - 2 * left;
  const about = [model.dataset.title, `${title}, against ${reference()}`, chosen.page === null ? "" : model.nodes[chosen.page].name, filtersText()];
  write(ctx, about.filter(Boolean).join(" · "), left, 18 * rem, { font: 12 * rem, color: paint.soft, room });
  write(ctx, `${answer.figure} ${answer.lead}`, left, 42 * rem, { font: 18 * rem, color: paint.ink, weight: 600, room });
  for (const column of model.columns) {
    write(ctx, `${column.title} ${columnCount(column)}`, sideOf(column) - column.box.width / 2, 76 * rem, { font: 12 * rem, color: paint.ink, weight: 600 });
  }
  write(ctx, model.guardRails.join("  "), left, framedHeight() - (FRAME.foot / 2) * rem, { font: 11 * rem, color: paint.soft, room });
}

// --- SVG ---------------------------------------------------------------------------------------

const SVG = "http://www.w3.org/2000/svg";
const ANCHORS = { left: "start", start: "start", center: "middle", right: "end", end: "end" };
const brief = (value) => Math.round(100 * value) / 100;

/** As much of a canvas context as the picture is drawn with; text goes in as text. */
class Pen {
  constructor(width, height) {
    this.root = document.createElementNS(SVG, "svg");
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) this.root.setAttribute(name, value);
    this.gauge = document.createElement("canvas").getContext("2d");
    this.path = "";
    this.clips = 0;
    this.saved = [];
    this.state = { fillStyle: "#000", strokeStyle: "#000", lineWidth: 1, font: "10px sans-serif", textAlign: "left", globalAlpha: 1, dash: [], moved: "", clip: null };
  }

  text() { return new XMLSerializer().serializeToString(this.root); }

  save() { this.saved.push({ ...this.state }); }

  restore() { this.state = this.saved.pop(); }

  translate(x, y) { this.state.moved += `translate(${brief(x)} ${brief(y)})`; }

  rotate(angle) { this.state.moved += `rotate(${brief((180 * angle) / Math.PI)})`; }

  setLineDash(dash) { this.state.dash = dash.filter(Boolean); }

  measureText(text) {
    this.gauge.font = this.state.font;
    return this.gauge.measureText(text);
  }

  beginPath() { this.path = ""; }

  step(letter, ...numbers) { this.path += letter + numbers.map(brief).join(" "); }

  moveTo(x, y) { this.step("M", x, y); }

  lineTo(x, y) { this.step(this.path ? "L" : "M", x, y); }

  quadraticCurveTo(...numbers) { this.step("Q", ...numbers); }

  bezierCurveTo(...numbers) { this.step("C", ...numbers); }

  closePath() { this.path += "Z"; }

  roundRect(x, y, width, height, radius) {
    const radii = [radius].flat(), corner = (place) => Math.min(radii[place] ?? radii[0], width / 2, height / 2);
    const [a, b, c, d] = [0, 1, 2, 3].map(corner);
    this.step("M", x + a, y);
    this.step("H", x + width - b);
    this.step("A", b, b, 0, 0, 1, x + width, y + b);
    this.step("V", y + height - c);
    this.step("A", c, c, 0, 0, 1, x + width - c, y + height);
    this.step("H", x + d);
    this.step("A", d, d, 0, 0, 1, x, y + height - d);
    this.step("V", y + a);
    this.step("A", a, a, 0, 0, 1, x + a, y);
    this.closePath();
  }

  clip() {
    const clip = document.createElementNS(SVG, "clipPath"), path = document.createElementNS(SVG, "path");
    clip.id = this.state.clip = `clip${(this.clips += 1)}`;
    path.setAttribute("d", this.path);
    if (this.state.moved) path.setAttribute("transform", this.state.moved);
    clip.append(path);
    this.root.append(clip);
  }

  /** Add an element; what is clipped stands in a group, whose clip is not moved with it. */
  add(name, attributes, text) {
    const element = document.createElementNS(SVG, name), { moved, clip, globalAlpha } = this.state;
    const all = { ...attributes, transform: moved || null, opacity: globalAlpha === 1 ? null : globalAlpha };
    for (const [key, value] of Object.entries(all)) if (value !== null) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    if (clip === null) { this.root.append(element); return; }
    const group = document.createElementNS(SVG, "g");
    group.setAttribute("clip-path", `url(#${clip})`);
    group.append(element);
    this.root.append(group);
  }

  fill() { this.add("path", { d: this.path, fill: this.state.fillStyle }); }

  stroke() {
    const { strokeStyle, lineWidth, dash } = this.state;
    this.add("path", { d: this.path, fill: "none", stroke: strokeStyle, "stroke-width": brief(lineWidth), "stroke-dasharray": dash.length ? dash.map(brief).join(" ") : null });
  }

  fillRect(x, y, width, height) { this.add("rect", { x: brief(x), y: brief(y), width: brief(width), height: brief(height), fill: this.state.fillStyle }); }

  fillText(text, x, y) { this.letters(text, x, y, { fill: this.state.fillStyle }); }

  strokeText(text, x, y) { this.letters(text, x, y, { fill: "none", stroke: this.state.strokeStyle, "stroke-width": brief(this.state.lineWidth), "stroke-linejoin": "round" }); }

  letters(text, x, y, colours) {
    if (!String(text).trim()) return;
    const [, weight, points, family] = /^(.*?)([\d.]+)px\s+(.*)$/.exec(this.state.font);
    this.add("text", {
      x: brief(x), y: brief(y), ...colours, "font-weight": weight.trim() || 400, "font-size": points, "font-family": family,
      "text-anchor": ANCHORS[this.state.textAlign], "dominant-baseline": "central",
    }, text);
  }
}

for (const name of ["fillStyle", "strokeStyle", "lineWidth", "font", "textAlign", "globalAlpha", "textBaseline", "lineJoin"]) {
  Object.defineProperty(Pen.prototype, name, { get() { return this.state[name]; }, set(value) { this.state[name] = value; } });
}
