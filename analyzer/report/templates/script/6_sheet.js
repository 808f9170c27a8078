// The table of curves, sortable, and how it is saved to disk.

const sheet = $("sheet");
const sorted = { column: 3, falling: true };
const MOST_ROWS = 500; // more are shown when asked for; the file always has all
let allRows = false;

const COLUMNS = [
  { title: "From", of: (edge) => model.nodes[edge.from].name },
  { title: "To", of: (edge) => model.nodes[edge.to].name },
  { title: "State", of: (edge) => stateText(edge) },
  { title: "A month", number: true, of: (edge) => at(edge.amount, chosen.scenario) },
  { title: "Unit", of: (edge) => unitOf(edge).replace(" a month", "") },
  { title: "Reference", number: true, of: (edge) => at(edge.amount, chosen.versus) },
  { title: "Value sent, USD", number: true, of: (edge) => usdAt(edge, chosen.scenario) },
  { title: "Left open", number: true, share: true, of: (edge) => at(edge.open, chosen.scenario) },
  { title: "Basis", of: (edge) => [...new Set(edge.records.map((index) => model.records[index].basis))].join(", ") },
  { title: "Civil use", of: (edge) => civilUse(edge) },
];

const SAID = { same: "as before", less: "less", more: "more", cut: "cut", gone: "none left", idle: "idle", unknown: "unknown" };

function stateText(edge) {
  const state = isShut(edge) ? "cut" : edgeState(edge);
  return `${GLYPH[state]} ${SAID[state]}`;
}

function sheetRows() {
  const column = COLUMNS[sorted.column];
  const rows = shown.ways.filter((index) => isShown(model.edges[index]));
  const key = (index) => column.of(model.edges[index]) ?? -1;
  const order = (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a - b);
  return rows.sort((a, b) => (sorted.falling ? order(b, a) : order(a, b)));
}

function cellText(column, edge) {
  const value = column.of(edge);
  if (!column.number) return value;
  return column.share ? percentText(value) : amountText(value);
}

function fillSheet() {
  if (chosen.view !== "table") return;
  const head = make("tr", COLUMNS.map((column, index) => {
    const turned = sorted.column === index;
    const cell = make("th", button(`${column.title}${turned ? (sorted.falling ? " ↓" : " ↑") : ""}`, "", () => sortBy(index)), column.number ? "number" : "");
    cell.scope = "col";
    cell.ariaSort = turned ? (sorted.falling ? "descending" : "ascending") : "none";
    return cell;
  }));
  const rows = sheetRows(), left = allRows ? 0 : rows.length - MOST_ROWS;
  const body = rows.slice(0, allRows ? rows.length : MOST_ROWS).map((index) => make("tr", COLUMNS.map((column, place) => {
    const text = cellText(column, model.edges[index]);
    return make("td", place ? text : button(text, "", () => select(null, index)), column.number ? "number" : "");
  })));
  const caption = make("caption", `Flows of ${model.scenarios[chosen.scenario].title}`, "unseen");
  const more = left > 0 ? button(`Show ${grouped.format(left)} more rows`, "rest-of-rows", () => { allRows = true; fillSheet(); }) : "";
  sheet.replaceChildren(make("table", [caption, make("thead", head), make("tbody", body)]), more);
}

function sortBy(index) {
  sorted.falling = sorted.column === index ? !sorted.falling : Boolean(COLUMNS[index].number);
  sorted.column = index;
  fillSheet();
  sheet.querySelectorAll("th button")[index].focus();
}

/** Text of a cell in a CSV file; what a spreadsheet would run is put in quotes as text. */
function csvCell(value) {
  const text = value === null || value === undefined ? "" : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

function csvText() {
  const rows = sheetRows().map((index) => COLUMNS.map((column) => csvCell(column.of(model.edges[index]))));
  return [COLUMNS.map((column) => csvCell(column.title)), ...rows].map((row) => row.join(",")).join("\r\n") + "\r\n";
}

function save(blob, ending) {
  const link = make("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${fileName(model.dataset.id)}-${fileName(model.scenarios[chosen.scenario].id)}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const fileName = (text) => text.replace(/[^\p{L}\p{N}_-]+/gu, "-").slice(0, 60) || "aftercut";
