// Finds models, heads, patterns and probes by name.
import { element, linkTo, need } from "./dom.js";
import { inWords } from "./text.js";

/**
 * What the search knows: models with the names of their layers and how many heads these have; patterns and probes with
 * their pages and what they are in a sentence, patterns also with what else they are called.
 * @typedef {object} Names
 * @property {{name: string, slug: string, layers: [string, number][]}[]} models
 * @property {[string, string, string, string][]} patterns
 * @property {[string, string, string][]} probes
 */

/** @typedef {{title: string, href: string, what: string}} Hit */

const MAX_HITS = 12;
const LAYER_OR_HEAD = /^([ledxv]\d+)(?:h(\d+))?$/;

/**
 * @param {Names} names
 * @param {string} text
 * @returns {Hit[]}
 */
function search(names, text) {
  const words = inWords(text.toLowerCase()).split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const hits = [
    ...inModels(names.models, words),
    ...named("pattern", names.patterns, words),
    ...named("probe", names.probes, words),
  ];
  return hits.slice(0, MAX_HITS);
}

/**
 * "L5H1", "smollm L5H1": heads of the models that the other words name; "L5" a layer.
 * @param {Names["models"]} models
 * @param {string[]} words
 */
function inModels(models, words) {
  const spot = words.find((word) => LAYER_OR_HEAD.test(word));
  const rest = words.filter((word) => word !== spot);
  const meant = models.filter(({ name }) => rest.every((word) => name.toLowerCase().includes(word)));
  if (!spot) return meant.map(({ name, slug }) => ({ title: name, href: `${slug}/index.html`, what: "model" }));
  return meant.flatMap((model) => spotIn(model, spot));
}

/**
 * @param {Names["models"][number]} model
 * @param {string} spot
 * @returns {Hit[]}
 */
function spotIn({ name, slug, layers }, spot) {
  const [, layerName, head] = /** @type {RegExpMatchArray} */ (spot.match(LAYER_OR_HEAD));
  const layer = layerName.toUpperCase();
  const known = layers.find(([each]) => each === layer);
  if (!known) return [];
  if (head === undefined) {
    return [{ title: `${layer} of ${name}`, href: `${slug}/layers/${layer}.html`, what: "layer" }];
  }
  if (Number(head) >= known[1]) return [];
  const title = `${layer}H${Number(head)}`;
  return [{ title: `${title} of ${name}`, href: `${slug}/heads/${title}.html`, what: "head" }];
}

/**
 * Those whose name has the words before those whose other names, or whose summary, have them.
 * @param {string} what
 * @param {[string, string, string, string?][]} entries
 * @param {string[]} words
 * @returns {Hit[]}
 */
function named(what, entries, words) {
  const has = (/** @type {string} */ text) => words.every((word) => text.toLowerCase().includes(word));
  const inName = entries.filter(([name]) => has(name));
  const inSummary = entries.filter(
    (entry) => !inName.includes(entry) && has(`${entry[0]} ${entry[3] ?? ""} ${entry[2]}`),
  );
  return [...inName, ...inSummary].map(([title, href, summary]) => ({ title, href, what: `${what}: ${summary}` }));
}

/** @param {Hit} hit */
function hitLine({ title, href, what }) {
  const line = element("li");
  line.append(linkTo(title, href), element("span", ` ${what}`, "soft"));
  return line;
}

/**
 * Answers while one types; Enter follows the first hit.
 * @param {Names} names
 */
export function startSearch(names) {
  const box = /** @type {HTMLInputElement} */ (need("#search"));
  const list = need("#found");
  box.addEventListener("input", () => {
    const lines = search(names, box.value).map(hitLine);
    const nothing = Boolean(box.value.trim()) && !lines.length;
    list.replaceChildren(...(nothing ? [element("li", "Nothing here has that name.", "soft")] : lines));
  });
  box.form?.addEventListener("submit", (event) => {
    event.preventDefault();
    list.querySelector("a")?.click();
  });
}
