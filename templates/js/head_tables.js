// What a script draws on a head's page besides its maps: every score, what the head divides its attention among, and more.
import { drawDistances } from "./distance_chart.js";
import { drawing, element, linkTo, need } from "./dom.js";
import { drawEvidence } from "./evidence_table.js";
import { budgetsOf, layerTables } from "./layer_data.js";
import { drawNearHeads } from "./near_heads.js";
import { drawReasons } from "./reasons_table.js";
import { headingRow } from "./table.js";
import { inThousands, inWords, threeDigits } from "./text.js";
import { drawTokens } from "./token_shares.js";
import { drawMoreLines } from "./wild_lines.js";

const WIDTH = 100; // of bars, in their own units
const NAMED = 3; // parts of a budget that are named beside it
const BAR = "Score, interval, chance";
// Numbers before what is drawn of them: on a phone the first columns are what one sees.
const HEADINGS = [
  "Pattern",
  "Score",
  BAR,
  "95% interval",
  "Sink-free",
  "Chance",
  "Null",
  "q",
  "Strongest rival",
  "Rank",
  "Queries",
  "Probe",
];
const CAPTION =
  "Dot: score. Bar: 95% bootstrap interval over sequences. Upright line: chance. Null: the same attention against the targets " +
  "of shuffled tokens. q: one-sided p-value against chance, corrected over all heads. Strongest rival: the pattern that could " +
  "explain the score and that the head follows most. Scales run from 0 to 1, for distances to the model's largest value.";

/** Draws them when the layer's data has been read. */
export async function drawHeadTables() {
  const name = /** @type {HTMLElement | null} */ (document.querySelector("[data-head]"))?.dataset.head;
  const tables = name ? await layerTables() : null;
  if (!(name && tables)) return;
  const [scores, evidence, near] = ["scores", "evidence", "near"].map(tableOf);
  drawDistances(sectionOf("distances"), tables.looks[name].distances);
  drawTokens(sectionOf("tokens"), tables.looks[name].tokens);
  drawMoreLines(tables.wild[name]);
  if (tables.why[name].length) drawReasons(need("details", sectionOf("why")), tables.why[name]);
  if (near) drawNearHeads(near, tables.similar[name]);
  if (scores) drawScores(scores, tables);
  if (evidence) drawEvidence(evidence, tables.evidence);
  const glance = document.querySelector("[data-budget-bar]");
  const known = budgetsOf(tables.budgets, name);
  if (glance && known.length) glance.replaceWith(budgetBar(known[0][2]));
  if (known.length) drawBudgets(known);
}

/** @param {string} what @returns {HTMLTableElement | null} */
const tableOf = (what) => document.querySelector(`table[data-${what}]`);

/** @param {string} id of its heading */
const sectionOf = (id) => /** @type {HTMLElement} */ (need(`#${id}`).closest("section"));

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
  table.classList.add("all-scores");
  table.replaceChildren(headingsOf(table), ...Array.from(families, ([hue, rows]) => bodyOf(rows, hue)));
  table.closest(".scroll")?.after(element("p", CAPTION, "caption"));
  const said = document.querySelector("[data-of-all]");
  if (said) said.textContent = said.getAttribute("data-of-all");
}

/** @param {HTMLTableElement} table */
function headingsOf({ dataset }) {
  const head = element("thead");
  head.append(
    rowOf(
      HEADINGS.map((text, i) => {
        const numbers = i > 0 && ![BAR, "Strongest rival", "Probe"].includes(text);
        const cell = element("th", text === "Rank" ? `Rank of ${dataset.heads}` : text, numbers ? "n" : "");
        cell.scope = "col";
        return cell;
      }),
    ),
  );
  return head;
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
  const score = element("td", shown(of.score));
  const cells = [
    of.low[i] === null ? "–" : `${shown(of.low)}–${shown(of.high)}`,
    shown(of.free),
    shown(of.chance),
    shown(of.null),
    of.q[i] === 0 ? "< .001" : shown(of.q),
    of.rival[i] ? `${inWords(String(of.rival[i]))} ${shown(of.rival_score)}` : "–",
    of.rank[i] === null ? "–" : inThousands(Number(of.rank[i])),
    inThousands(of.queries[i]),
    inWords(probe),
  ];
  const heading = linkTo(inWords(name), `../../patterns/${file}.html`);
  return row(heading, [score, bar, ...cells.map((text) => element("td", text))]);
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
  const chance = of.chance[i] === null ? "" : `M${at(of.chance[i])} 0v12`;
  const interval = of.low[i] === null ? "" : `M${at(of.low[i])} 6H${at(of.high[i])}`;
  bar.append(...[chance, interval, `M${at(of.score[i])} 6h0`].map((d) => drawing("path", { d })));
  return bar;
}

/** @param {HTMLElement[]} cells */
function rowOf(cells) {
  const line = element("tr");
  line.append(...cells);
  return line;
}

/** @param {import("./layer_data.js").Budget[]} budgets */
function drawBudgets(budgets) {
  const table = element("table", "", "data budgets");
  const head = element("thead");
  head.append(headingRow(["Probe", element("span", "All of its attention"), "On the sink", element("span", "Named")]));
  table.append(head, bodyOf(budgets.map(budgetRow)));
  const scroll = element("div", "", "scroll");
  Object.assign(scroll, { role: "region", ariaLabel: "Table of budgets", tabIndex: 0 });
  scroll.append(table);
  const caption =
    "Grey: the sink, which is the first position; paler, other positions on which the heads of the layer rest. Coloured: " +
    "patterns, by their strength. White: what no pattern explains.";
  need("details", sectionOf("budget")).append(scroll, element("p", caption, "caption"));
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
