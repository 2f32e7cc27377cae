// Edges between heads, as data/circuits.js has them: which of them are wanted, and what each says.
import { inWords, threeDigits } from "./text.js";

/**
 * See `circuits_data` in circuits_page.py; numbers in thousandths.
 * @typedef {{heads: [string, number, string, number[]][], layers: string[], reads: string[], labels: string[],
 *   probes: string[], units: string[], cause: number[][], weights: number[][], path: number[][],
 *   all: Record<string, number>}} CircuitFile
 */

/**
 * @typedef {object} Node
 * @property {string} name
 * @property {number} layer
 * @property {string} hue
 * @property {string[]} labels
 */

/**
 * @typedef {object} Edge
 * @property {Node} from
 * @property {Node} to
 * @property {string} through query, key or value; "" for all, or where that was not asked
 * @property {string} label whose pattern the later head is scored on, "" for none
 * @property {number} value by which edges are ordered
 * @property {string} what was looked at
 * @property {string} said the edge in a sentence
 */

/** @typedef {{by: string, through: string, from: string, to: string, head: string}} Filter */

const PLURALS = /** @type {Record<string, string>} */ ({ query: "queries", key: "keys", value: "values" });

/** @param {number} stored */
const two = (stored) => (stored / 1000).toFixed(2);

export class CircuitEdges {
  /** @type {Map<string, Edge[]>} */
  #read = new Map();

  /** @param {CircuitFile} file */
  constructor(file) {
    this.file = file;
    /** @type {Node[]} */
    this.nodes = file.heads.map(([name, layer, hue, labels]) => {
      return { name, layer, hue, labels: labels.map((number) => file.labels[number]) };
    });
  }

  /** Every edge of a sort, the strongest first. @param {string} by cause, weights or path @returns {Edge[]} */
  of(by) {
    const read = { cause: causeEdge, weights: weightsEdge, path: pathEdge }[by] ?? causeEdge;
    if (!this.#read.has(by)) {
      const rows = { cause: this.file.cause, weights: this.file.weights, path: this.file.path }[by] ?? [];
      const edges = rows.map((row) => read(row, this.nodes[row[0]], this.nodes[row[1]], this.file));
      this.#read.set(by, edges);
    }
    return /** @type {Edge[]} */ (this.#read.get(by));
  }

  /** Those that are wanted, the strongest first; one between two heads. @param {Filter} filter */
  wanted(filter) {
    const seen = new Set();
    return this.of(filter.by).filter((edge) => {
      const ends = `${edge.from.name} ${edge.to.name} ${filter.by === "cause" ? edge.label : ""}`;
      if (!isWanted(edge, filter) || seen.has(ends)) return false;
      seen.add(ends);
      return true;
    });
  }
}

/**
 * @param {Edge} edge
 * @param {Filter} filter
 */
function isWanted({ from, to, through, label }, filter) {
  const carries = (/** @type {Node} */ node, /** @type {string} */ wanted) =>
    wanted === "none" ? !node.labels.length : node.labels.includes(wanted);
  const receives = filter.by === "cause" ? label === filter.to : label === filter.to || carries(to, filter.to);
  const route = filter.by === "path" ? through === filter.through : !filter.through || through === filter.through;
  return (
    (!filter.from || carries(from, filter.from)) &&
    (!filter.to || receives) &&
    (filter.by === "cause" || route) &&
    (!filter.head || [from.name, to.name].includes(filter.head))
  );
}

/** What makes an edge of a row. @typedef {(row: number[], from: Node, to: Node, file: CircuitFile) => Edge} Reading */

/** @type {Reading} */
function causeEdge([, , number, score, change], from, to, { labels }) {
  const label = labels[number];
  const without = Math.max(0, score + change);
  const value = change / 1000;
  const what = `${inWords(label)} ${threeDigits(score / 1000)} → ${threeDigits(without / 1000)}`;
  const said = `Without ${from.name}, ${to.name}'s ${inWords(label)} score is ${two(without)} in place of ${two(score)}.`;
  return { from, to, through: "", label, value, what, said };
}

/** @type {Reading} */
function weightsEdge([, , number, stored], from, to, { reads }) {
  const through = reads[number];
  const [what, value] = [PLURALS[through], stored / 1000];
  const said = `${to.name}'s ${what} read ${threeDigits(value)} more of what ${from.name} writes than random weights would.`;
  return { from, to, through, label: "", value, what, said };
}

/** @type {Reading} */
function pathEdge([, , number, effect, lost, pattern, probe, unit], from, to, { reads, labels, probes, units }) {
  const through = reads[number] ?? "";
  const [label, value, plural] = [labels[pattern] ?? "", effect / 1000, PLURALS[through] ?? "all it reads"];
  const falls = lost === null || !label ? "" : `; ${inWords(label)} score falls by ${threeDigits(lost / 1000)}`;
  const what = `${plural}, ${inWords(probes[probe])}, ${units[unit]}${falls}`;
  const way = through ? `${to.name}'s ${plural}` : to.name;
  const said = `${threeDigits(value)} of what taking ${from.name} out does on ${inWords(probes[probe])} goes straight through ${way}.`;
  return { from, to, through, label, value, what, said };
}
