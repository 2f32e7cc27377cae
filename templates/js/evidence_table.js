// All numbers of a head's evidence, and where each lies among those of all heads.
import { drawing, element } from "./dom.js";
import { inWords, threeDigits } from "./text.js";

const COLUMNS = 7;
const HEADINGS = ["Evidence", "Probe", "Value", "Among all heads", "95% interval", "More than", "Model's own"];
const CAPTION =
  "Dot: value; bar: interval; pale band: the middle 90% of all heads. Estimate: to first order, since it promised to be small. Of " +
  "weights, more than means a smaller value. A head whose work others can do is not missed when it alone is taken out.";

/**
 * In the place of what changes without the head everything that is known.
 * @param {HTMLTableElement} table
 * @param {import("./layer_data.js").Evidence} evidence
 */
export function drawEvidence(table, { lines, heads }) {
  const of = heads[String(table.dataset.evidence)];
  if (!of) return;
  /** What it comes from -> type -> rows. @type {Map<string, Map<string, number[]>>} */
  const bases = new Map();
  of.line.forEach((number, i) => {
    const [basis, , type] = lines[number];
    const types = bases.get(basis) ?? new Map();
    types.set(type, [...(types.get(type) ?? []), i]);
    bases.set(basis, types);
  });
  const bodies = Array.from(bases, ([basis, types]) => {
    const body = element("tbody");
    body.append(basisRow(basis));
    for (const rows of types.values())
      body.append(...rows.map((i, at) => row(lines[of.line[i]], of, i, at ? 0 : rows.length)));
    return body;
  });
  table.replaceChildren(headings(), ...bodies);
  table.closest(".scroll")?.after(element("p", CAPTION, "caption"));
}

function headings() {
  const head = element("thead");
  const row = element("tr");
  for (const [i, text] of HEADINGS.entries()) {
    const cell = element("th", text, i === 2 || i > 3 ? "n" : "");
    cell.scope = "col";
    row.append(cell);
  }
  head.append(row);
  return head;
}

/** @param {string} basis */
function basisRow(basis) {
  const [row, cell] = [element("tr"), element("th", basis)];
  cell.scope = "rowgroup";
  cell.colSpan = COLUMNS;
  row.append(cell);
  return row;
}

/**
 * @param {import("./layer_data.js").Evidence["lines"][number]} line
 * @param {import("./layer_data.js").EvidenceColumns} of
 * @param {number} i
 * @param {number} spans rows of its type, where this is the first of them
 */
function row([, title, type, unit, probe, band], of, i, spans) {
  const made = element("tr");
  if (spans) {
    const name = element("th", `${title} `);
    [name.scope, name.rowSpan, name.title] = ["row", spans, type];
    name.append(element("span", unit, "soft"));
    made.append(name);
  }
  const strip = element("td");
  if (band) strip.append(stripOf(`${band} ${of.strip[i]}`));
  const estimated = Boolean(of.estimated[i]);
  const known = of.low[i] !== null && of.high[i] !== null;
  const interval = known ? `${printed(of.low[i])} to ${printed(of.high[i])}` : "–";
  const value = element("td", `${estimated ? "about " : ""}${printed(of.value[i])}`);
  const cells = [estimated ? "estimate" : interval, of.rank[i] || "–", printed(of.intact[i])];
  made.append(element("td", inWords(probe) || "–"), value, strip, ...cells.map((text) => element("td", text)));
  return made;
}

/** @param {number | null} stored in thousandths */
const printed = (stored) => threeDigits(stored === null ? null : stored / 1000);

/**
 * Where a head's evidence lies among that of all heads.
 * @param {string} places the middle 90% of all heads, zero, the interval and the value
 */
function stripOf(places) {
  const [band, zero, interval, at] = places.split(" ");
  const strip = drawing("svg", { class: "strip", "aria-hidden": "true" });
  strip.append(drawing("path", { class: "band", d: `M${band.replace("H", " 6H")}` }));
  if (zero !== "-") strip.append(drawing("path", { d: `M${zero} 0v12` }));
  if (interval !== "-") strip.append(drawing("path", { class: "ci", d: `M${interval.replace("H", " 6H")}` }));
  strip.append(drawing("path", { class: "at", d: `M${at} 6h0` }));
  return strip;
}
