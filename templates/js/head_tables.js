// Tables of a head's page that a script draws: every score, strips beside evidence, and what the head divides its attention among.
import { all, drawing, element, linkTo } from "./dom.js";
import { layerTables } from "./layer_data.js";
import { inWords, threeDigits } from "./text.js";

const WIDTH = 100; // of bars, in their own units
const EVIDENCE_NUMBERS = 4; // columns of numbers, which the page holds
const NAMED = 3; // parts of a budget that are named beside it

/** Draws them when the layer's data has been read. */
export async function drawHeadTables() {
  const [scores, budgets, evidence] = ["scores", "budgets", "evidence"].map(tableOf);
  const tables = scores || budgets || evidence ? await layerTables() : null;
  if (!tables) return;
  if (scores) drawScores(scores, tables);
  if (evidence) drawEvidence(evidence, tables.evidence);
  const known = budgets ? tables.budgets[String(budgets.dataset.budgets)] : [];
  if (budgets) budgets.append(bodyOf(known.map(budgetRow)));
}

/** @param {string} what @returns {HTMLTableElement | null} */
const tableOf = (what) => document.querySelector(`table[data-${what}]`);

/** @param {HTMLElement[]} rows */
function bodyOf(rows, className = "") {
  const body = element("tbody", "", className);
  body.append(...rows);
  return body;
}

/**
 * In the place of the strongest all scores, family by family.
 * @param {HTMLTableElement} table
 * @param {import("./layer_data.js").Tables} tables
 */
function drawScores(table, { patterns, scores }) {
  const of = scores[String(table.dataset.scores)];
  /** @type {Map<string, HTMLElement[]>} */
  const families = new Map();
  of.pattern.forEach((number, i) => {
    const hue = patterns[number][3];
    families.set(hue, [...(families.get(hue) ?? []), scoreRow(patterns[number], of, i)]);
  });
  for (const body of Array.from(table.tBodies)) body.remove();
  table.append(...Array.from(families, ([hue, rows]) => bodyOf(rows, hue)));
  const said = document.querySelector("[data-of-all]");
  if (said) said.textContent = said.getAttribute("data-of-all");
}

/**
 * @param {import("./layer_data.js").Tables["patterns"][number]} pattern
 * @param {import("./layer_data.js").Scores} of
 * @param {number} i
 */
function scoreRow([name, file, , , probe, top], of, i) {
  const shown = (/** @type {(number | null)[]} */ values) => threeDigits(decimal(values[i]));
  const bar = element("td");
  if (of.score[i] !== null) bar.append(scoreBar(of, i, top));
  const cells = [
    shown(of.score),
    of.low[i] === null ? "–" : `${shown(of.low)}–${shown(of.high)}`,
    shown(of.free),
    shown(of.chance),
    shown(of.null),
    of.q[i] === 0 ? "< .001" : shown(of.q),
    of.rival[i] ? `${inWords(String(of.rival[i]))} ${shown(of.rival_score)}` : "–",
    of.rank[i] === null ? "–" : Number(of.rank[i]).toLocaleString("en"),
    of.queries[i].toLocaleString("en"),
    inWords(probe),
  ];
  return row(linkTo(inWords(name), `../../patterns/${file}.html`), [bar, ...cells.map((text) => element("td", text))]);
}

/**
 * @param {Node} heading
 * @param {HTMLElement[]} cells
 */
function row(heading, cells) {
  const name = element("th");
  name.scope = "row";
  name.append(heading);
  return rowOf([name, ...cells]);
}

/** @param {number | null} stored in thousandths */
const decimal = (stored) => (stored === null ? null : stored / 1000);

/**
 * Score, interval and chance on one scale.
 * @param {import("./layer_data.js").Scores} of
 * @param {number} i
 * @param {number} top
 */
function scoreBar(of, i, top) {
  const at = (/** @type {number | null} */ stored) =>
    Math.round(Math.min(Math.max((WIDTH * (stored ?? 0)) / 1000 / top, 0), WIDTH));
  const bar = drawing("svg", { class: "bar", "aria-hidden": "true" });
  if (of.chance[i] !== null) bar.append(drawing("path", { class: "chance", d: `M${at(of.chance[i])} 0v12` }));
  if (of.low[i] !== null) bar.append(drawing("path", { class: "ci", d: `M${at(of.low[i])} 6H${at(of.high[i])}` }));
  bar.append(drawing("path", { class: "at", d: `M${at(of.score[i])} 6h0` }));
  return bar;
}

/**
 * Adds to each number of a head's evidence, in the order of the table, where it lies among all heads.
 * @param {HTMLTableElement} table
 * @param {import("./layer_data.js").Evidence} evidence
 */
function drawEvidence(table, { lines, heads }) {
  const of = heads[String(table.dataset.evidence)];
  const cells = all(HTMLTableCellElement, `td:nth-last-child(${EVIDENCE_NUMBERS + 1})`, table);
  cells.forEach((cell, i) => {
    const band = lines[of.line[i]][5];
    if (band) cell.append(stripOf(`${band} ${of.strip[i]}`));
  });
}

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

/** @param {HTMLElement[]} cells */
function rowOf(cells) {
  const line = element("tr");
  line.append(...cells);
  return line;
}

/** @param {import("./layer_data.js").Budget} budget */
function budgetRow([probe, file, parts]) {
  const name = inWords(probe);
  const bar = element("td");
  bar.append(budgetBar(parts));
  const share = (/** @type {number} */ stored) => (stored / 10000).toFixed(2);
  const named = parts.slice(1, -1).slice(0, NAMED);
  const said = named.map(([part, , stored]) => `${inWords(part)} ${share(stored)}`).join(", ") || "–";
  const heading = file ? linkTo(name, `../../probes/${file}.html`) : document.createTextNode(name);
  return row(heading, [bar, element("td", share(parts[0][2]), "n"), element("td", said, "soft")]);
}

/** @param {import("./layer_data.js").Budget[2]} parts */
function budgetBar(parts) {
  const box = { width: 320, height: 14, viewBox: "0 0 100 14", preserveAspectRatio: "none" };
  const bar = drawing("svg", { class: "budget", ...box, "aria-hidden": "true" });
  let start = 0;
  for (const [part, hue, stored] of parts) {
    const rect = drawing("rect", { class: hue, x: start / 100, width: Math.max(stored, 0) / 100, height: 14 });
    rect.append(drawing("title", {}, `${inWords(part)} ${(stored / 10000).toFixed(2)}`));
    bar.append(rect);
    start += stored;
  }
  return bar;
}
