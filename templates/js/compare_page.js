// Two models side by side, on one pattern at a time; head by head where their shapes agree.
import { compareAddress } from "./address.js";
import { control, linkTo, need, pageData } from "./dom.js";
import { dataFolder } from "./files.js";
import { highest, knownScores, ScoreMosaic } from "./score_mosaic.js";
import { headingRow, tableRow } from "./table.js";
import { inWords, threeDigits } from "./text.js";

/** @typedef {import("./score_mosaic.js").Model} Model */
/** @typedef {{name: string, file: string, hue: string, summary: string}} PatternFacts */

const CHOICES = /** @type {const} */ (["a", "b", "pattern"]);
const MAX_HEADS = 15; // in the list of differences
const MAX_LABELS = 2; // of a head

export class ComparePage {
  constructor() {
    /** @type {{patterns: PatternFacts[], first: string}} */
    const data = pageData("compare-data");
    this.patterns = data.patterns;
    this.first = data.first; // the pattern that the page comes with
    this.form = /** @type {HTMLFormElement} */ (need("form.controls"));
    for (const { name } of this.patterns) this.#select("pattern").append(new Option(inWords(name), name));
  }

  start() {
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("change", () => {
      compareAddress.write(this.#chosen());
      void this.#show();
    });
    compareAddress.onChange(() => this.#fromAddress());
    this.#fromAddress();
  }

  /** @param {string} name */
  #select(name) {
    return /** @type {HTMLSelectElement} */ (control(this.form, name));
  }

  #chosen() {
    const [a, b, pattern] = CHOICES.map((name) => this.#select(name).value);
    return { a, b, pattern };
  }

  #fromAddress() {
    const address = compareAddress.read();
    const wanted = { ...address, pattern: address.pattern || this.first };
    for (const name of CHOICES) {
      const select = this.#select(name);
      const known = Array.from(select.options).some((option) => option.value === wanted[name]);
      if (known) select.value = wanted[name];
    }
    void this.#show();
  }

  async #show() {
    const { a, b, pattern } = this.#chosen();
    const [first, second] = await Promise.all([a, b].map(loadModel));
    this.#showMosaics(first, second, pattern);
    need("#compare-heads").replaceChildren(...differences(first, second, pattern));
    need("#compare-patterns").replaceChildren(...this.#allPatterns(first, second));
    need("#compare").dataset.ready = "";
  }

  /**
   * @param {Model} first
   * @param {Model} second
   * @param {string} pattern
   */
  #showMosaics(first, second, pattern) {
    const scores = [first, second].map(({ data }) => data.patterns[pattern]);
    const top = Math.max(1, ...scores.flatMap(knownScores));
    const mosaics = [first, second].map((model) => new ScoreMosaic(model, pattern, top).root);
    need(".compare-mosaics").replaceChildren(...mosaics);
    const facts = this.patterns.find(({ name }) => name === pattern);
    const probe = inWords(scores[0]?.probe ?? scores[1]?.probe ?? "");
    const scale = `both on one scale from 0 to ${Number(top.toPrecision(3))}`;
    const reading = "Layers from top to bottom, heads from left to right.";
    const link = linkTo(inWords(pattern), `patterns/${facts?.file}.html`);
    need("#compare-caption").replaceChildren(link, ` on ${probe}, ${scale}. ${reading} ${facts?.summary ?? ""}`);
  }

  /**
   * The highest and the mean score of both models, for each pattern.
   * @param {Model} first
   * @param {Model} second
   */
  #allPatterns({ data: first }, { data: second }) {
    const measured = this.patterns.filter(({ name }) => first.patterns[name] || second.patterns[name]);
    const lines = measured.map(({ name, file, hue }) => {
      const both = [first, second].map(({ patterns }) => knownScores(patterns[name]));
      const values = [...both.map(highest), ...both.map(mean)];
      const line = tableRow([linkTo(inWords(name), `patterns/${file}.html`), ...values.map(threeDigits)]);
      line.className = hue;
      return line;
    });
    const [a, b] = [first.model, second.model];
    return [headingRow(["Pattern", `Highest in ${a}`, `in ${b}`, `Mean in ${a}`, `in ${b}`]), ...lines];
  }
}

/** @param {string} slug @returns {Promise<Model>} */
const loadModel = async (slug) => ({ slug, data: await dataFolder(slug, `${slug}/data`).heads() });

/** @param {number[]} values */
const mean = (values) => (values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null);

/**
 * The heads whose scores differ most, or why there are none.
 * @param {Model} first
 * @param {Model} second
 * @param {string} pattern
 */
function differences(first, second, pattern) {
  const [a, b] = [first.data, second.data];
  if (a.heads.join() !== b.heads.join()) return [tableRow([`${shapes(a, b)}: they cannot be compared head by head.`])];
  const [before, after] = [a.patterns[pattern]?.score, b.patterns[pattern]?.score];
  if (!(before && after)) return [tableRow(["This pattern was not measured in both."])];
  const lines = largestChanges(before, after).map(({ i, from, to, change }) => {
    const link = linkTo(a.heads[i], `${second.slug}/heads/${a.heads[i]}.html`);
    const signed = (change > 0 ? "+" : "") + threeDigits(change);
    return tableRow([link, threeDigits(from), threeDigits(to), signed, labelsOf(a, i), labelsOf(b, i)]);
  });
  const headings = ["Head", a.model, b.model, "Difference", `Labels in ${a.model}`, `Labels in ${b.model}`];
  return [headingRow(headings), ...lines];
}

/**
 * @param {import("./files.js").Thousandths} before
 * @param {import("./files.js").Thousandths} after
 */
function largestChanges(before, after) {
  const changes = before.flatMap((stored, i) => {
    const [from, to] = [stored, after[i]].map((score) => (score === null ? Number.NaN : score / 1000));
    return Number.isNaN(from + to) ? [] : [{ i, from, to, change: to - from }];
  });
  changes.sort((x, y) => Math.abs(y.change) - Math.abs(x.change) || x.i - y.i);
  return changes.slice(0, MAX_HEADS);
}

/**
 * @param {import("./files.js").Heads} a
 * @param {import("./files.js").Heads} b
 */
function shapes(a, b) {
  const first = `${a.model} has ${a.heads.length} heads in ${a.layers.length} layers`;
  return `${first}, ${b.model} ${b.heads.length} in ${b.layers.length}`;
}

/**
 * @param {import("./files.js").Heads} heads
 * @param {number} i
 */
function labelsOf(heads, i) {
  const labels = heads.labels[i].slice(0, MAX_LABELS).map(([label]) => inWords(label));
  return labels.join(", ") || "–";
}
