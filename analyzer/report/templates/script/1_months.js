// A page of one scenario over time: months stand where scenarios stand, and a slider runs over them.

const MONTHS = model.months ?? null;
const FIRST = MONTHS === null ? "baseline" : "steady state";
const THE_FIRST = `the ${FIRST}`;
const LOWEST = 0.01; // of what was there, below which a stock counts as run out
const CURVE = { width: 1000, height: 40 };

/** Words of a page of months; what the page of a run says stays where nothing is said here. */
function setMonths() {
  if (MONTHS === null) return;
  const last = model.scenarios.length - 1;
  $("months").hidden = false;
  $("month").max = String(last);
  $("month-last").textContent = String(last);
  $("scenario").ariaLabel = "Month";
  $("previous").ariaLabel = $("previous").title = "Previous month";
  $("next").ariaLabel = $("next").title = "Next month";
  $("tab-scenarios").textContent = "Months";
  $("tab-chosen").textContent = "Month";
  document.querySelectorAll(".limits").forEach((element) => { element.hidden = true; }); // no prices by month
  drawCurve();
  $("month").addEventListener("input", (event) => choose(Number(event.target.value)));
}

function marked(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, String(value)));
  return element;
}

/** What survives, a step a month, with the band between the ends of the ranges. */
function drawCurve() {
  const rows = model.scenarios, most = Math.max(1, ...rows.map((row) => row.high ?? 0));
  const x = (month) => (CURVE.width * month) / rows.length, y = (share) => CURVE.height * (1 - (share ?? 0) / most);
  const steps = (of) => rows.flatMap((row, month) => [`${x(month)},${y(of(row))}`, `${x(month + 1)},${y(of(row))}`]);
  const band = [...steps((row) => row.high), ...steps((row) => row.low).reverse()].join(" ");
  const picture = marked("svg", { viewBox: `0 0 ${CURVE.width} ${CURVE.height}`, preserveAspectRatio: "none" });
  picture.append(
    marked("polygon", { points: band, class: "band" }),
    marked("line", { x1: 0, x2: CURVE.width, y1: y(1), y2: y(1), class: "whole" }),
    marked("polyline", { points: steps((row) => row.surviving).join(" "), class: "survives" }),
    marked("rect", { id: "curve-now", y: 0, height: CURVE.height, width: CURVE.width / rows.length, class: "now" }),
  );
  $("curve").append(picture);
}

/** Move the slider and the mark on the curve to the month that is shown. */
function markMonth() {
  if (MONTHS === null) return;
  const { title, headline } = model.scenarios[chosen.scenario];
  $("month").value = String(chosen.scenario);
  $("month").ariaValueText = `${title}: ${headline} survives`;
  $("month-now").textContent = title;
  $("curve-now").setAttribute("x", String((CURVE.width * chosen.scenario) / model.scenarios.length));
}

const runOut = (stock) => at(stock.left, chosen.scenario) < LOWEST;

/** What a month is told with above its graph. */
function monthFigures(scenario) {
  const states = model.systems.map((system) => nodeState(model.nodes[nodeAt.get(system.node)]));
  const count = (state) => states.filter((each) => each === state).length;
  const { stocks } = MONTHS, gone = stocks.filter(runOut);
  return [
    shareFigure("Survives", (each) => each.surviving, "no change"),
    shareFigure("At worst", (each) => each.low, "no change"),
    ["Systems held", `${count("same") + count("more")} of ${states.length}`, `${count("less")} short, ${count("none")} stopped`],
    ["In effect", counted(scenario.measures.length, "measure"), listed(scenario.measures.map((each) => each.title), 1)],
    ["Stocks run out", `${gone.length} of ${stocks.length}`, listed(gone.map((each) => each.name), 1)],
  ];
}

/** What is left of each stock that has been touched, the least first. */
function stocksPart() {
  if (MONTHS === null || !MONTHS.stocks.length) return null;
  const left = (stock) => at(stock.left, chosen.scenario);
  const touched = MONTHS.stocks.filter((stock) => left(stock) < 1 - ROUGHLY).sort((a, b) => left(a) - left(b));
  const rows = touched.map((stock) => {
    const name = make("span", `${runOut(stock) ? `${GLYPH.gone} ` : ""}${stock.name}`, "name");
    return make("li", [name, make("span", percentText(left(stock)), "value"), meter(left(stock), { reference: at(stock.left, chosen.versus), state: runOut(stock) ? "none" : "less" })]);
  });
  const untouched = MONTHS.stocks.length - rows.length;
  const said = rows.length ? "Of what was there before month 1, at the end of this month." : "Nothing is drawn on yet.";
  const rest = untouched && rows.length ? make("p", `and ${untouched} not drawn on`, "note") : null;
  return part("In stock", [make("p", said, "note"), make("ul", rows, "bars"), rest].filter(Boolean));
}
