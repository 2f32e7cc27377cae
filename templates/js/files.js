// Data files that pages load when they need them, and files that they let one save.
import { unpackedTable } from "./packing.js";

/**
 * Scores of all heads in thousandths, in the order of the model's heads.
 * @typedef {(number | null)[]} Thousandths
 */

/**
 * A pattern's scores on the probe it is meant to be read on.
 * Evidence has the same form, with a hue for what lies below zero and the end of a scale that fits.
 * @typedef {{hue: string, probe: string, unit: string, chance: number | null, score: Thousandths,
 *   against?: string, fit?: number}} Scores
 */

/**
 * A model's heads, their labels with strength and confidence, and each pattern's scores: data/heads.js.
 * @typedef {object} Heads
 * @property {string} model
 * @property {string[]} heads
 * @property {[string, number, string, number][]} layers name, number of heads, kind of attention, number of the file with
 *   its maps and tables: data/layers-NUMBER.js
 * @property {[string, number | null, number | null][][]} labels of each head
 * @property {Record<string, Scores>} patterns
 */

/**
 * @typedef {{score: Thousandths, sinkfree: Thousandths, chance: number | null, top: number, fit?: number}} Measured
 */

/**
 * A pattern's scores on every probe: data/scores-NUMBER.js. A type of evidence has the same form, with a title, a hue for
 * what lies below zero, and numbers read off weights under the probe "": data/evidence-NUMBER.js.
 * @typedef {object} Pattern
 * @property {string} name
 * @property {string} hue
 * @property {string} summary
 * @property {string} unit
 * @property {Record<string, Measured>} probes
 * @property {string} [title]
 * @property {string} [against]
 */

/**
 * A model's folder of data files.
 * @param {string} slug
 * @param {string} folder
 */
export function dataFolder(slug, folder) {
  return {
    /** @returns {Promise<Heads>} */
    heads: () => unpackedOnce(`${slug} heads`, `${folder}/heads.js`, withScores),
    /** @param {string} address "scores-0#induction": what of which file @returns {Promise<Pattern>} */
    numbers: (address) => unpackedOnce(`${slug} ${address}`, `${folder}/${address.split("#")[0]}.js`, withNumbers),
    /** @returns {Promise<import("./circuit_edges.js").CircuitFile>} */
    circuits: () => packedFacts(`${slug} circuits`, `${folder}/circuits.js`),
  };
}

/** What has been unpacked, by its key. @type {Map<string, Promise<any>>} */
const made = new Map();

/**
 * @param {string} key
 * @param {string} source
 * @param {(facts: any, columns: Thousandths[]) => any} put numbers where they belong
 */
function unpackedOnce(key, source, put) {
  const unpack = async () => {
    const { facts, columns } = await unpackedTable(await dataFile(key, source));
    return put(facts, columns);
  };
  const promise = made.get(key) ?? unpack();
  made.set(key, promise);
  promise.catch(() => made.delete(key)); // it may arrive when it is asked for again
  return promise;
}

/**
 * What a data file has that is no table of numbers.
 * @param {string} key
 * @param {string} source
 * @returns {Promise<any>}
 */
export const packedFacts = (key, source) => unpackedOnce(key, source, (facts) => facts);

/** @param {Heads} heads @param {Thousandths[]} columns */
function withScores(heads, columns) {
  Object.values(heads.patterns).forEach((pattern, i) => {
    pattern.score = columns[i];
  });
  return heads;
}

/** @param {Pattern} pattern @param {Thousandths[]} columns a probe's scores, and of patterns how far sink-free ones are above */
function withNumbers(pattern, columns) {
  const each = pattern.against ? 1 : 2;
  Object.values(pattern.probes).forEach((measured, i) => {
    const [score, above] = columns.slice(i * each, (i + 1) * each);
    measured.score = score;
    measured.sinkfree = above?.map((value, head) => (value === null ? null : value + (score[head] ?? 0))) ?? [];
  });
  return pattern;
}

/** Scripts that are on their way, by where they lie. @type {Map<string, Promise<void>>} */
const loading = new Map();

/** @param {string} source @returns {Promise<void>} */
const arrives = (source) =>
  new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${source} could not be loaded`));
    document.head.append(script);
  });

/**
 * A data file is a script: a page that is opened from a disk may load scripts, not data.
 * @param {string} key
 * @param {string} source
 * @returns {Promise<any>}
 */
export async function dataFile(key, source) {
  if (!(window.headatlas?.data && key in window.headatlas.data)) {
    // What lies in one file is asked for at once.
    const arrival = loading.get(source) ?? arrives(source);
    loading.set(source, arrival);
    await arrival.finally(() => loading.delete(source));
  }
  return window.headatlas.data[key];
}

/** Files that have been read, by where they lie. @type {Map<string, Promise<any>>} */
const read = new Map();

/**
 * A data file whose key others have too, as those of other models' layers.
 * @param {string} key
 * @param {string} source
 * @returns {Promise<any>}
 */
export function keyedAlike(key, source) {
  if (!read.has(source)) {
    if (window.headatlas?.data) delete window.headatlas.data[key];
    read.set(source, dataFile(key, source)); // what it brings is taken before another script runs
  }
  return /** @type {Promise<any>} */ (read.get(source));
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
