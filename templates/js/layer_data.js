// What the pages of a layer and of its heads draw: maps and tables, which lie deflated in a data file of some layers.
import { mapsOf } from "./map_bytes.js";
import { unpacked, unpackedTable } from "./packing.js";

/**
 * Columns of a head's table of scores, in the order of its patterns; numbers in thousandths.
 * @typedef {Record<"pattern" | "queries", number[]> & {rival: (string | null)[]} & Record<
 *   "score" | "low" | "high" | "free" | "chance" | "null" | "q" | "rival_score" | "rank", (number | null)[]>} Scores
 */

/**
 * `probes`: name and page ("" for none). `parts`: name and CSS class. `heads`: for each probe of a head its number and, part
 * after part, number and share in ten thousandths.
 * @typedef {{probes: [string, string][], parts: [string, string][], heads: Record<string, number[][]>}} Budgets
 */

/**
 * A probe, its page ("" for none), and parts: name, CSS class, share in ten thousandths.
 * @typedef {[string, string, [string, string, number][]]} Budget
 */

/**
 * Numbers of a head's evidence, in thousandths where they are numbers; `line` is the position in `lines`.
 * @typedef {Record<"line" | "estimated", number[]> & Record<"rank" | "strip", string[]> & Record<
 *   "value" | "low" | "high" | "intact", (number | null)[]>} EvidenceColumns
 */

/**
 * `lines`: what it comes from, title, name and unit of the type, probe, scale of the strip.
 * @typedef {{lines: [string, string, string, string, string, string][], heads: Record<string, EvidenceColumns>}} Evidence
 */

/**
 * @typedef {object} Tables
 * @property {[string, string, string, string, string, number][]} patterns name, page, family, CSS class, probe, scale's end
 * @property {Record<string, Scores>} scores by head
 * @property {Budgets} budgets
 * @property {Evidence} evidence
 * @property {Record<string, {tokens: import("./token_shares.js").TokenShares | null,
 *   distances: import("./distance_chart.js").Distances | null}>} looks by head
 * @property {Record<string, import("./reasons_table.js").Reason[]>} why by head
 * @property {Record<string, import("./near_heads.js").NearHead[]>} similar by head
 * @property {Record<string, import("./wild_lines.js").WildLine[][]>} wild by head: lists that its page lacks
 */

/**
 * `maps` has, for each head, which of `kept` are the numbers of its sequences, and their maps (`map_bytes.js`); `causal`:
 * only what a query can see is there; `rests`: by number of a sequence the columns besides the first on which the heads rest.
 * @typedef {{causal: boolean, rests: Record<string, number[]>, kept: number[][], maps: Record<string, [number, string]>}} LayerFile
 */

/**
 * Some layers by name, and the tables of all their heads, packed.
 * @typedef {{layers: Record<string, LayerFile>, tables: string, scores: string}} GroupFile
 */

/** The page's own. */
const groupFile = () => /** @type {GroupFile | undefined} */ (window.headatlas.data.layers);

/** The layer of the page, which is about it or one of its heads. */
function layerFile() {
  const layer = document.querySelector("h1")?.textContent?.trim().replace(/H\d+$/, "") ?? "";
  return groupFile()?.layers[layer];
}

/**
 * Every score and budget of the heads of some layers.
 * @param {GroupFile | undefined} [file] the page's own if there is none
 * @returns {Promise<Tables | null>}
 */
export async function layerTables(file = groupFile()) {
  if (!file) return null;
  const [tables, scores] = await Promise.all([unpacked(file.tables), unpackedTable(file.scores)]);
  return { ...JSON.parse(new TextDecoder().decode(tables)), scores: scoresOf(scores) };
}

/**
 * Scores by head, of each those patterns of which it has a row (`_scores` in headatlas/atlas/make/layer_data.py).
 * @param {{facts: [string[], string[], string[]], columns: (number | null)[][]}} table
 * @returns {Record<string, Scores>}
 */
function scoresOf({ facts: [names, heads, rivals], columns }) {
  const numbers = Object.fromEntries(names.map((name, i) => [name, columns[i]]));
  const all = Array.from(numbers.queries.keys());
  const ofHead = (/** @type {number} */ head) => {
    const rows = all.filter((at) => at % heads.length === head && numbers.queries[at] !== null);
    const of = Object.fromEntries(names.map((name) => [name, rows.map((at) => numbers[name][at])]));
    return {
      ...of,
      pattern: rows.map((at) => Math.floor(at / heads.length)),
      rival: of.rival.map((number) => (number === null ? null : rivals[number])),
    };
  };
  return Object.fromEntries(heads.map((head, i) => [head, /** @type {Scores} */ (ofHead(i))]));
}

/**
 * What a head divides its attention among, on each probe.
 * @param {Budgets} budgets
 * @param {string} head
 * @returns {Budget[]}
 */
export function budgetsOf({ probes, parts, heads }, head) {
  return (heads[head] ?? []).map(([probe, ...numbers]) => {
    /** @type {Budget[2]} */
    const shares = [];
    for (let i = 0; i < numbers.length; i += 2) shares.push([...parts[numbers[i]], numbers[i + 1]]);
    return [...probes[probe], shares];
  });
}

/** Numbers of the sequences of which a head's map is kept. @param {string} name @param {LayerFile} [file] */
export function sequencesOf(name, file = layerFile()) {
  const kept = file?.maps[name];
  return file && kept ? file.kept[kept[0]] : [];
}

/** Columns besides the first on which the layer's heads rest. @param {number} number of the sequence @param {LayerFile} [file] */
export const restsOf = (number, file = layerFile()) => file?.rests[number] ?? [];

/** The same; with null, of which any head's is. @param {string | null} name */
export function keptSequences(name) {
  if (name !== null) return [...sequencesOf(name)];
  return Array.from(new Set(layerFile()?.kept.flat() ?? []));
}

/** Heads of which a map is kept on a sequence. @param {number} number @param {LayerFile} [file] */
export function keptHeads(number, file = layerFile()) {
  return Object.keys(file?.maps ?? {}).filter((name) => sequencesOf(name, file).includes(number));
}

/** Maps of heads that have been unpacked. @type {Map<string, Promise<Int16Array[]>>} */
const opened = new Map();

/**
 * The map of a head, or the mean of all, on a sequence.
 * @param {string} name the head's, or "mean"
 * @param {number} number of the sequence
 * @param {{rows: number, columns: number}[]} sizes of all sequences
 * @param {LayerFile} [file] the page's own if there is none
 * @returns {Promise<import("./weights.js").Weights>}
 */
export async function layerMap(name, number, sizes, file = /** @type {LayerFile} */ (layerFile())) {
  if (name === "mean")
    return meanOf(await Promise.all(keptHeads(number, file).map((head) => layerMap(head, number, sizes, file))));
  const [numbers, packed] = [sequencesOf(name, file), file.maps[name][1]];
  const opening = opened.get(packed) ?? open(packed, numbers, sizes, file.causal);
  opened.set(packed, opening);
  const weights = (await opening)[numbers.indexOf(number)].slice(); // whoever draws it may change it
  return { ...sizes[number], weights, rests: restsOf(number, file) };
}

/**
 * @param {string} packed
 * @param {number[]} numbers of the sequences whose maps these are
 * @param {{rows: number, columns: number}[]} sizes of all sequences
 * @param {boolean} causal
 */
async function open(packed, numbers, sizes, causal) {
  const bytes = await unpacked(packed);
  return mapsOf(
    bytes,
    numbers.map((number) => sizes[number]),
    causal,
  );
}

/** Rounded to 8 bits like each of them, halves to the even. @param {import("./weights.js").Weights[]} maps */
function meanOf(maps) {
  const [{ rows, columns, rests }] = maps;
  const weights = new Int16Array(rows * columns);
  for (let i = 0; i < weights.length; i++) {
    const mean = maps.reduce((sum, map) => sum + map.weights[i], 0) / maps.length;
    const rounded = Math.round(mean);
    weights[i] = rounded - mean === 0.5 && rounded % 2 ? rounded - 1 : rounded;
  }
  return { rows, columns, weights, rests };
}
