// Two models side by side, on one pattern at a time; head by head where their shapes agree.
import { compareAddress } from "./address.js";
import { control, element, linkTo, need, pageData } from "./dom.js";
import { dataFolder } from "./files.js";
import { highest, knownScores, ScoreMosaic } from "./score_mosaic.js";
import { headingRow, tableRow } from "./table.js";
import { inWords, threeDigits } from "./text.js";

/** @typedef {import("./score_mosaic.js").Model} Model */
/** @typedef {{name: string, file: string, hue: string, summary: string, title?: string}} PatternFacts */

const CHOICES = /** @type {const} */ (["a", "b", "pattern"]);
const MAX_HEADS = 15; // in the list of differences
const MAX_LABELS = 2; // of a head

export class ComparePage {
  constructor() {
    /**
     * `evidence` has, by model and measure, the file and the probe of each type of evidence.
     * @type {{patterns: PatternFacts[], first: string, effects: PatternFacts[],
     *   evidence: Record<string, Record<string, [string, string]>>}}
     */
    const data = pageData("compare-data");
    this.effects = data.effects; // columns beside scores
    this.evidence = data.evidence;
    this.patterns = [...data.patterns, ...data.effects];
    this.first = data.first; // the pattern that the page comes with
    this.form = /** @type {HTMLFormElement} */ (need("form.controls"));
    for (const { name } of data.patterns) this.#select("pattern").append(new Option(inWords(name), name));
    if (!this.effects.length) return;
    const group = document.createElement("optgroup");
    group.label = "evidence";
    group.append(...this.effects.map(({ name, title }) => new Option(title, name)));
    this.#select("pattern").append(group);
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
    const [first, second] = await Promise.all([a, b].map((slug) => this.#loadModel(slug)));
    this.#showMosaics(first, second, pattern);
    need("#compare-heads").replaceChildren(...differences(first, second, pattern, this.effects));
    need("#compare-patterns").replaceChildren(...this.#allPatterns(first, second));
    need("#compare").dataset.ready = "";
  }

  /**
   * A model's scores, and what evidence there is of those kinds that stand beside them.
   * @param {string} slug
   * @returns {Promise<Model>}
   */
  async #loadModel(slug) {
    const files = dataFolder(slug, `${slug}/data`);
    const data = await files.heads();
    const known = this.effects.filter(({ name }) => name in this.evidence[slug]);
    const loaded = await Promise.all(known.map(({ name }) => files.numbers(this.evidence[slug][name][0])));
    const measured = loaded.map(({ probes, hue, against, unit }, i) => {
      const [, probe] = this.evidence[slug][known[i].name];
      const { score, fit } = probes[probe];
      return [known[i].name, { hue, against, unit, probe, score, fit, chance: null }];
    });
    return { slug, data: { ...data, patterns: { ...data.patterns, ...Object.fromEntries(measured) } } };
  }

  /**
   * @param {Model} first
   * @param {Model} second
   * @param {string} pattern
   */
  #showMosaics(first, second, pattern) {
    const scores = [first, second].map(({ data }) => data.patterns[pattern]);
    const fits = scores.flatMap((each) => each?.fit ?? []);
    const top = fits.length ? Math.max(...fits) : Math.max(1, ...scores.flatMap(knownScores));
    const mosaics = [first, second].map((model) => new ScoreMosaic(model, pattern, top).root);
    need(".compare-mosaics").replaceChildren(...mosaics);
    const facts = this.patterns.find(({ name }) => name === pattern);
    const probe = inWords(scores[0]?.probe ?? scores[1]?.probe ?? "");
    const scale = `both on one scale from 0 to ${Number(top.toPrecision(3))}`;
    const reading = "Layers from top to bottom, heads from left to right.";
    const link = linkToPattern(facts ?? { name: pattern, file: "" });
    need("#compare-caption").replaceChildren(
      link,
      `${facts?.title ? "" : ` on ${probe}`}, ${scale}. ${reading} ${facts?.summary ?? ""}`,
    );
  }

  /**
   * The highest and the mean score of both models, for each pattern.
   * @param {Model} first
   * @param {Model} second
   */
  #allPatterns({ data: first }, { data: second }) {
    const measured = this.patterns.filter(({ name }) => first.patterns[name] || second.patterns[name]);
    const lines = measured.map((facts) => {
      const { name, hue } = facts;
      const both = [first, second].map(({ patterns }) => knownScores(patterns[name]));
      const values = [...both.map(highest), ...both.map(mean)];
      const line = tableRow([linkToPattern(facts), ...values.map(threeDigits)]);
      line.className = hue;
      return line;
    });
    const [a, b] = [first.model, second.model];
    return [headingRow(["Pattern", `Highest in ${a}`, `in ${b}`, `Mean in ${a}`, `in ${b}`]), ...lines];
  }
}

/** To the page of a pattern, or to what is said of evidence. @param {{name: string, file: string, title?: string}} facts */
const linkToPattern = ({ name, file, title }) =>
  title ? linkTo(title, "methods.html#evidence") : linkTo(inWords(name), `patterns/${file}.html`);

/** @param {number[]} values */
const mean = (values) => (values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null);

/**
 * The heads whose scores differ most, or why there are none.
 * @param {Model} first
 * @param {Model} second
 * @param {string} pattern
 * @param {PatternFacts[]} effects
 */
function differences(first, second, pattern, effects) {
  const [a, b] = [first.data, second.data];
  if (a.heads.join() !== b.heads.join()) return [tableRow([`${shapes(a, b)}: they cannot be compared head by head.`])];
  const [before, after] = [a.patterns[pattern]?.score, b.patterns[pattern]?.score];
  if (!(before && after)) return [tableRow(["This pattern was not measured in both."])];
  const beside = effects.filter(({ name }) => a.patterns[name] || b.patterns[name]);
  const lines = largestChanges(before, after).map(({ i, from, to, change }) => {
    const link = linkTo(a.heads[i], `${second.slug}/heads/${a.heads[i]}.html`);
    const signed = (change > 0 ? "+" : "") + threeDigits(change);
    return tableRow([
      link,
      threeDigits(from),
      threeDigits(to),
      signed,
      ...beside.map(({ name }) => fromTo(a, b, name, i)),
      labelsOf(a, i),
      labelsOf(b, i),
    ]);
  });
  const headings = ["Head", a.model, b.model, "Difference", ...beside.map(({ title }) => String(title))];
  return [headingRow([...headings, `Labels in ${a.model}`, `Labels in ${b.model}`]), ...lines];
}

/**
 * A head's evidence in both models: "0.012 → 0.340", a dash where it was not measured.
 * @param {import("./files.js").Heads} a
 * @param {import("./files.js").Heads} b
 * @param {string} effect
 * @param {number} i
 */
function fromTo(a, b, effect, i) {
  const stored = [a, b].map(({ patterns }) => patterns[effect]?.score[i] ?? null);
  const [from, to] = stored.map((value) => threeDigits(value === null ? null : value / 1000));
  const cell = element("span", `${from} → ${to}`);
  cell.className = "from-to";
  return cell;
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
