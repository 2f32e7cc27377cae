// What the pages of a layer and of its heads draw: maps and tables, which lie deflated in the layer's data file.

/**
 * Columns of a head's table of scores, in the order of its patterns; numbers in thousandths.
 * @typedef {Record<"pattern" | "queries", number[]> & {rival: (string | null)[]} & Record<
 *   "score" | "low" | "high" | "free" | "chance" | "null" | "q" | "rival_score" | "rank", (number | null)[]>} Scores
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
 * @property {Record<string, Budget[]>} budgets by head
 * @property {Evidence} evidence
 * @property {Record<string, {tokens: import("./token_shares.js").TokenShares | null,
 *   distances: import("./distance_chart.js").Distances | null}>} looks by head
 * @property {Record<string, import("./near_heads.js").NearHead[]>} similar by head
 */

/**
 * `maps` has, for each head and for "mean", the numbers of the sequences and their maps one after the other; `causal`:
 * only what a query can see is there.
 * @typedef {{causal: boolean, maps: Record<string, [number[], string]>, tables: string}} LayerFile
 */

const layerFile = () => /** @type {LayerFile | undefined} */ (window.headatlas.data.layer);

/** @param {string} packed deflated, in base64 */
async function unpacked(packed) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Every score and budget of the layer's heads.
 * @param {LayerFile | undefined} [file] the page's own if there is none
 * @returns {Promise<Tables | null>}
 */
export async function layerTables(file = layerFile()) {
  return file ? JSON.parse(new TextDecoder().decode(await unpacked(file.tables))) : null;
}

/** Maps of heads that have been unpacked. @type {Map<string, Promise<Uint8Array>>} */
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
  const { causal, maps } = file;
  const [numbers, packed] = maps[name];
  if (!opened.has(packed)) opened.set(packed, unpacked(packed));
  const bytes = await /** @type {Promise<Uint8Array>} */ (opened.get(packed));
  const { rows, columns } = sizes[number];
  const seen = (/** @type {number} */ query, /** @type {number} */ all) => (causal ? Math.min(query + 1, all) : all);
  let start = 0;
  for (const earlier of numbers.slice(0, numbers.indexOf(number))) {
    for (let q = 0; q < sizes[earlier].rows; q++) start += seen(q, sizes[earlier].columns);
  }
  const weights = new Int16Array(rows * columns).fill(-1);
  for (let q = 0; q < rows; q++) {
    const width = seen(q, columns);
    weights.set(bytes.subarray(start, start + width), q * columns);
    start += width;
  }
  return { rows, columns, weights };
}
