// What differs between two heads: scores and evidence, the largest difference first.
import { element, linkTo } from "./dom.js";
import { headingRow, tableRow } from "./table.js";
import { inWords, threeDigits } from "./text.js";

/** @typedef {import("./head_data.js").HeadData} HeadData */
/** @typedef {{value: number, low: number | null, high: number | null, estimated: boolean}} Measured */
/** @typedef {{key: string, name: Node, probe: string, measured: Measured, scale: number}} Line */

const MAX_SCORES = 20;

/**
 * The scores that differ most, each on its pattern's own probe, and how many there are in all. What is no share of
 * attention, such as a distance in tokens, counts as a share of the largest there is.
 * @param {HeadData} a
 * @param {HeadData} b
 */
export function scoreDifferences(a, b) {
  const rows = pairs(scoresOf(a), scoresOf(b)).sort((x, y) => y.apart - x.apart);
  const first = rows.slice(0, MAX_SCORES);
  return { rows: [headings("Pattern", a, b), bodyOf(first)], n: rows.length, shown: first.length };
}

/**
 * All evidence of either head.
 * @param {HeadData} a
 * @param {HeadData} b
 */
export function evidenceDifferences(a, b) {
  const every = pairs(evidenceOf(a), evidenceOf(b));
  const titles = Array.from(new Set(every.map(({ name }) => name.textContent)));
  const rows = titles.flatMap((title) => every.filter(({ name }) => name.textContent === title));
  return { rows: [headings("Evidence", a, b), bodyOf(rows)], n: rows.length };
}

/**
 * @param {string} first
 * @param {HeadData} a
 * @param {HeadData} b
 */
function headings(first, a, b) {
  const head = element("thead");
  const [own, other] = a.model === b.model ? [a.name, b.name] : [a, b].map(({ model, name }) => `${name}, ${model}`);
  head.append(headingRow([first, own, other, "Difference"]));
  return head;
}

/** @param {ReturnType<typeof pairs>} rows */
function bodyOf(rows) {
  const body = element("tbody");
  body.append(
    ...rows.map(({ name, probe, own, other, difference }) => {
      const signed = Number.isNaN(difference) ? "–" : (difference > 0 ? "+" : "") + threeDigits(difference);
      return tableRow([named(name, probe), shown(own), shown(other), signed]);
    }),
  );
  return body;
}

/**
 * What was measured, and on which probe.
 * @param {Node} name
 * @param {string} probe
 */
function named(name, probe) {
  const cell = element("span");
  cell.append(name, " ", element("span", inWords(probe), "soft"));
  return cell;
}

/** @param {Measured | undefined} measured */
function shown(measured) {
  if (!measured) return "–";
  const { value, low, high, estimated } = measured;
  const cell = element("span", `${estimated ? "about " : ""}${threeDigits(value)}`, "with-interval");
  if (low !== null && high !== null)
    cell.append(" ", element("span", `${threeDigits(low)} to ${threeDigits(high)}`, "soft"));
  return cell;
}

/**
 * Lines of either, those of both side by side.
 * @param {Line[]} lines
 * @param {Line[]} others
 */
function pairs(lines, others) {
  const of = new Map(others.map((line) => [line.key, line]));
  const known = new Set(lines.map(({ key }) => key));
  const both = lines.map((line) => ({ line, own: line.measured, other: of.get(line.key)?.measured }));
  const alone = others
    .filter(({ key }) => !known.has(key))
    .map((line) => ({ line, own: undefined, other: line.measured }));
  return [...both, ...alone].map(({ line: { name, probe, scale }, own, other }) => {
    const difference = own && other ? other.value - own.value : Number.NaN;
    return { name, probe, own, other, difference, apart: Math.abs(difference) / scale };
  });
}

/** @param {HeadData} head @returns {Line[]} */
function scoresOf({ name, tables }) {
  const of = tables?.scores[name];
  if (!(tables && of)) return [];
  return of.pattern.flatMap((number, i) => {
    const [pattern, file, , , probe, scale] = tables.patterns[number];
    const measured = measuredOf(of.score[i], of.low[i], of.high[i], false);
    const link = linkTo(inWords(pattern), `patterns/${file}.html`);
    return measured ? [{ key: pattern, name: link, probe, measured, scale }] : [];
  });
}

/** @param {HeadData} head @returns {Line[]} */
function evidenceOf({ name, tables }) {
  const of = tables?.evidence.heads[name];
  if (!(tables && of)) return [];
  return of.line.flatMap((number, i) => {
    const [, title, type, unit, probe] = tables.evidence.lines[number];
    const measured = measuredOf(of.value[i], of.low[i], of.high[i], Boolean(of.estimated[i]));
    const said = element("span", `${title} `);
    said.append(element("span", unit, "soft"));
    return measured ? [{ key: `${type} ${probe}`, name: said, probe, measured, scale: 1 }] : [];
  });
}

/**
 * Numbers stored in thousandths.
 * @param {number | null} value
 * @param {number | null} low
 * @param {number | null} high
 * @param {boolean} estimated
 * @returns {Measured | null}
 */
function measuredOf(value, low, high, estimated) {
  const decimal = (/** @type {number | null} */ stored) => (stored === null ? null : stored / 1000);
  return value === null ? null : { value: value / 1000, low: decimal(low), high: decimal(high), estimated };
}
