// The heads of a model as the explorer asks for them: which to show, in which order, and as CSV.
import { inWords } from "./text.js";

/** @typedef {import("./files.js").Heads} Heads */

/**
 * A type of evidence on one probe, which is a column as patterns are.
 * @typedef {{file: string, probe: string, title: string, unit: string}} Measure
 */

/**
 * Which heads, in which order.
 * @typedef {object} Query
 * @property {string} text words that name and labels have; a word that is a layer or a head is that one
 * @property {string} label "" for any or none, "-" for none
 * @property {number} from the first layer
 * @property {number} to the last layer
 * @property {import("./address.js").Bounds[]} bounds
 * @property {import("./address.js").Sorting} sort
 */

export class HeadRows {
  /**
   * @param {Heads} heads
   * @param {Record<string, Measure>} measures by the name of their column
   */
  constructor(heads, measures) {
    this.data = heads;
    this.measures = measures;
    /** Evidence that has been loaded. @type {Record<string, import("./files.js").Measured & {hues: [string, string]}>} */
    this.evidence = {};
    this.probe = "";
    /** Scores of columns on that probe. @type {Record<string, import("./files.js").Thousandths | undefined>} */
    this.scores = {};
    this.layers = heads.heads.map((name) => Number(/** @type {RegExpMatchArray} */ (name.match(/\d+/))[0]));
    this.texts = heads.heads.map((name, i) => {
      const labels = heads.labels[i].map(([label]) => inWords(label));
      return `${name} ${labels.join(" ")}`.toLowerCase();
    });
  }

  /**
   * From now on scores are those on this probe; for "" each pattern's on its own.
   * @param {string} probe
   * @param {Record<string, import("./files.js").Thousandths | undefined>} scores of each column there
   */
  use(probe, scores) {
    this.probe = probe;
    this.scores = scores;
  }

  /** Whether there is such a column. @param {string} column */
  has(column) {
    return column in this.data.patterns || column in this.measures;
  }

  /** What a column is called. @param {string} column */
  titleOf(column) {
    return this.measures[column]?.title ?? inWords(column);
  }

  /** The probe that a column's numbers are on, and their unit. @param {string} column */
  hintOf(column) {
    const measure = this.measures[column];
    const probe = measure ? measure.probe : this.probe || this.data.patterns[column].probe;
    return [inWords(probe), (measure ?? this.data.patterns[column]).unit].filter(Boolean).join(", ");
  }

  /**
   * How a cell is coloured: its family, and how full it is; evidence up to where its largest twentieth begins.
   * @param {string} column
   * @param {number} i
   */
  colourOf(column, i) {
    const value = this.value(column, i);
    const evidence = this.evidence[column];
    if (!evidence)
      return { hue: this.data.patterns[column]?.hue ?? "", share: value !== null && value <= 1 ? value : null };
    if (value === null) return { hue: "", share: null };
    return { hue: evidence.hues[value < 0 ? 1 : 0], share: Math.min(Math.abs(value) / (evidence.fit ?? 1), 1) };
  }

  /**
   * The score of a head.
   * @param {string} column
   * @param {number} i
   */
  value(column, i) {
    if (column in this.measures) return thousandth(this.evidence[column]?.score[i]);
    const scores = this.probe ? this.scores[column] : this.data.patterns[column]?.score;
    return thousandth(scores?.[i]);
  }

  /** Positions of the heads that a query asks for. @param {Query} query */
  select(query) {
    const words = query.text.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = this.data.heads
      .map((_, i) => i)
      .filter(
        (i) =>
          words.every((word) => this.#hasWord(word, i)) &&
          this.#hasLabel(query.label, i) &&
          this.layers[i] >= query.from &&
          this.layers[i] <= query.to &&
          query.bounds.every((bounds) => this.#isWithin(bounds, i)),
      );
    return this.#sorted(chosen, query.sort);
  }

  /**
   * @param {string} word
   * @param {number} i
   */
  #hasWord(word, i) {
    const text = this.texts[i];
    if (/^[ledxv]\d+$/.test(word)) return text.startsWith(`${word}h`);
    if (/^[ledxv]\d+h\d+$/.test(word)) return text.startsWith(`${word} `);
    return text.includes(word);
  }

  /**
   * @param {string} label
   * @param {number} i
   */
  #hasLabel(label, i) {
    const labels = this.data.labels[i];
    if (label === "-") return !labels.length;
    return !label || labels.some(([name]) => name === label);
  }

  /**
   * @param {import("./address.js").Bounds} bounds
   * @param {number} i
   */
  #isWithin({ column, least = -Infinity, most = Infinity }, i) {
    const value = this.value(column, i);
    return value !== null && value >= least && value <= most;
  }

  /**
   * @param {number[]} chosen
   * @param {import("./address.js").Sorting} sort
   */
  #sorted(chosen, { column, down }) {
    if (column !== "head") {
      const rank = (/** @type {number} */ i) =>
        column === "labels" ? (this.data.labels[i][0]?.[1] ?? -1) : (this.value(column, i) ?? -Infinity);
      chosen.sort((a, b) => rank(a) - rank(b) || b - a);
    }
    return down ? chosen.reverse() : chosen;
  }

  /**
   * @param {number[]} chosen
   * @param {string[]} columns
   */
  csv(chosen, columns) {
    const lines = chosen.map((i) => [
      this.data.model,
      this.data.heads[i],
      // Label, strength and confidence, each a list.
      ...[0, 1, 2].map((part) => this.data.labels[i].map((label) => label[part] ?? "").join("; ")),
      ...columns.map((column) => String(this.value(column, i) ?? "")),
    ]);
    const headings = columns.map((column) =>
      this.probe && !(column in this.measures) ? `${column} on ${this.probe}` : column,
    );
    const table = [["model", "head", "labels", "strengths", "confidences", ...headings], ...lines];
    return `${table.map((line) => line.map(quoted).join(",")).join("\n")}\n`;
  }
}

/** @param {number | null | undefined} stored */
const thousandth = (stored) => (stored === null || stored === undefined ? null : stored / 1000);

/** @param {string} text */
const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
