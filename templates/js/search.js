// Finds models, layers, heads, patterns, probes and pages by what people call them.
import { layersAt, readSpot } from "./spots.js";
import { inWords } from "./text.js";

/**
 * A model: its layers with how many heads these have, and for each label the position of its pattern among the
 * entries, then the heads that carry it most strongly, each with its strength.
 * @typedef {object} Model
 * @property {string} name
 * @property {string} slug
 * @property {[string, number][]} layers
 * @property {[number, ...(string | number | null)[]][]} strongest
 */

/**
 * What it is, its name, its page, what it says in a sentence, what else it is called.
 * @typedef {[string, string, string, string, string]} Entry
 */
/** @typedef {{models: Model[], entries: Entry[]}} Names */
/** @typedef {{title: string, href: string, what: string}} Hit */
/** @typedef {Hit & {rank: number}} Ranked */

// What stands in a question without saying what is meant.
const FILLERS = new Set(
  "what whats is are a an the does do how of in on for to me show find which who why mean means it that with".split(
    " ",
  ),
);

/** What people say for a word of these pages. @type {Record<string, string>} */
const SAME = {
  word: "token",
  words: "token",
  repeat: "duplicate",
  repeats: "duplicate",
  copy: "duplicate",
  earlier: "previous",
};

// How well an entry fits: by its name, by another name of it, by a label of a head, by what is said of it; a name of the
// literature that only resembles what was asked comes last.
const RANKS = { exact: 0, alias: 1, start: 2, name: 3, label: 4, aliases: 5, said: 6, resembling: 7 };

/**
 * Everything that a text may mean, the likeliest first.
 * @param {Names} names
 * @param {string} text
 * @param {string} [here] the folder of the model whose page this is: its heads come first
 * @returns {Hit[]}
 */
export function search(names, text, here = "") {
  const asked = inWords(text.toLowerCase())
    .replace(/[?"“”']/g, "")
    .trim()
    .replace(/\s+/g, " ");
  if (!asked) return [];
  const models = [...names.models].sort((a, b) => Number(b.slug === here) - Number(a.slug === here));
  const { spot, rest } = readSpot(asked);
  const spots = spot ? models.filter(hasWords(meaning(rest))).flatMap((model) => spotIn(model, spot)) : [];
  const words = meaning(asked);
  const phrase = words.join(" ");
  const ranked = [
    ...names.entries.flatMap((entry) => inEntry(entry, words, phrase)),
    ...models.flatMap((model) => inModel(model, words, phrase)),
    ...models.flatMap((model) => strongIn(model, names.entries, words)),
  ];
  if (!(spots.length || ranked.length)) return nearest(names.entries, words);
  return [...spots, ...ranked.sort((a, b) => a.rank - b.rank)];
}

/**
 * Where nothing has all words, what has most of them, those in its name counted twice.
 * @param {Entry[]} entries
 * @param {string[]} words
 * @returns {Hit[]}
 */
function nearest(entries, words) {
  const meant = words.filter((word) => word.length > 2);
  const scored = entries.map(([what, title, href, said, called]) => {
    const [name, text] = [title.toLowerCase(), `${title} ${called} ${said}`.toLowerCase()];
    const n = meant.filter((word) => says(text, word)).length + meant.filter((word) => says(name, word)).length;
    return { title, href, what: `${what}: ${said}`, n };
  });
  const most = Math.max(...scored.map(({ n }) => n), 1);
  return scored.filter(({ n }) => n === most);
}

/** The words that say what is meant; all of them where no other is left. @param {string} text */
function meaning(text) {
  const words = text.split(/[\s,()]+/).filter(Boolean);
  const meant = words.filter((word) => !FILLERS.has(word));
  return meant.length ? meant : words;
}

/** @param {string[]} words */
const hasWords =
  (words) =>
  (/** @type {Model} */ { name }) =>
    words.every((word) => name.toLowerCase().includes(word));

/**
 * Whether a text has a word, in whatever number it stands, "heads" fits "head", or another word for the same.
 * @param {string} text
 * @param {string} word
 */
const says = (text, word) =>
  text.includes(word) ||
  (word.length > 3 && word.endsWith("s") && text.includes(word.slice(0, -1))) ||
  (Object.hasOwn(SAME, word) && text.includes(SAME[word]));

/**
 * The layers or heads of a model at a spot.
 * @param {Model} model
 * @param {import("./spots.js").Spot} spot
 * @returns {Hit[]}
 */
function spotIn({ name, slug, layers }, spot) {
  return layersAt(layers, spot).flatMap(([layer, n]) => {
    if (spot.head === null)
      return [{ title: `${layer} of ${name}`, href: `${slug}/layers/${layer}.html`, what: "layer" }];
    const head = `${layer}H${spot.head}`;
    return spot.head < n ? [{ title: `${head} of ${name}`, href: `${slug}/heads/${head}.html`, what: "head" }] : [];
  });
}

/**
 * @param {Model} model
 * @param {string[]} words
 * @param {string} phrase
 * @returns {Ranked[]}
 */
function inModel({ name, slug }, words, phrase) {
  const lower = name.toLowerCase();
  if (!hasWords(words)({ name, slug, layers: [], strongest: [] })) return [];
  const rank = lower === phrase ? RANKS.exact : RANKS.start;
  return [{ title: name, href: `${slug}/index.html`, what: "model", rank }];
}

/**
 * @param {Entry} entry
 * @param {string[]} words
 * @param {string} phrase
 * @returns {Ranked[]}
 */
function inEntry([what, title, href, said, called], words, phrase) {
  const rank = fit(title.toLowerCase(), called.toLowerCase(), said.toLowerCase(), words, phrase);
  if (rank < 0) return [];
  const resembles = what === "name" && rank > RANKS.alias;
  return [{ title, href, what: `${what}: ${said}`, rank: resembles ? RANKS.resembling : rank }];
}

/**
 * How well words fit a name; -1 for not at all. "induction head" is an induction.
 * @param {string} title
 * @param {string} called
 * @param {string} said
 * @param {string[]} words
 * @param {string} phrase
 */
function fit(title, called, said, words, phrase) {
  const short = phrase.replace(/ heads?$/, "");
  const all = (/** @type {string} */ text) => words.every((word) => says(text, word));
  if (title === phrase || title === short) return RANKS.exact;
  if (called.split(", ").some((name) => name === phrase || name === short)) return RANKS.alias;
  if (title.startsWith(short)) return RANKS.start;
  if (all(`${title} head`)) return RANKS.name;
  if (all(`${title} ${called} head`)) return RANKS.aliases;
  return all(`${title} ${called} ${said}`) ? RANKS.said : -1;
}

/**
 * The heads that carry a label most strongly, where the words name the label, and perhaps the model.
 * @param {Model} model
 * @param {Entry[]} entries
 * @param {string[]} words
 * @returns {Ranked[]}
 */
function strongIn({ name, slug, strongest }, entries, words) {
  const inName = (/** @type {string} */ word) => name.toLowerCase().includes(word);
  return strongest.flatMap(([number, ...heads]) => {
    const [, label, , , called] = entries[number];
    const known = `${label} ${called} head`.toLowerCase();
    const named = words.some(
      (word) => word !== "head" && word !== "heads" && says(`${label} ${called}`.toLowerCase(), word),
    );
    if (!(named && words.every((word) => says(known, word) || inName(word)))) return [];
    return pairs(heads).map(([head, strength], i) => ({
      title: `${head} of ${name}`,
      href: `${slug}/heads/${head}.html`,
      what: `head: ${i ? "" : "the strongest "}${label}${strength === null ? "" : ` ${Number(strength).toFixed(2)}`}`,
      rank: RANKS.label + i / 10,
    }));
  });
}

/** @template T @param {T[]} flat @returns {[T, T][]} */
const pairs = (flat) => Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
