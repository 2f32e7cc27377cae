// Layers and heads as people write them: "layer 5", "L5H1", "18.6", "head 6 of layer 18", "encoder layer 2".

/**
 * Where in a model: the letter of the kind of attention, "" for any kind; the head is null for a whole layer.
 * @typedef {{letter: string, layer: number, head: number | null}} Spot
 */

/** @type {Record<string, string>} */
const LETTERS = { encoder: "E", decoder: "D", cross: "X", vision: "V" };
const KIND = "(?:(encoder|decoder|cross|vision)(?:[ -]attention)?\\s+)?";

/** What a layer or a head looks like; groups are kind, layer and head, whatever their order in the text. */
const FORMS = [
  { form: /\b([ledxv])\s?(\d+)\s?[.:,/]?\s?h\s?(\d+)\b/, parts: [1, 2, 3] }, // L18H6, l18 h6, L18.H6
  { form: /\bhead\s(\d+)\s(?:of|in|at)\s(?:the\s)?layer\s(\d+)\b/, parts: [0, 2, 1] },
  { form: new RegExp(`\\b${KIND}layer\\s?(\\d+)\\s?,?\\s?(?:head\\s?(\\d+))?\\b`), parts: [1, 2, 3] },
  { form: /(?:^|[\s(])([ledxv])?(\d+)\s?[.:/,]\s?h?(\d+)(?=[\s)]|$)/, parts: [1, 2, 3] }, // 18.6, 18:6, (18, 6), L18.6
  { form: /^()(\d+)\s(\d+)$/, parts: [1, 2, 3] },
  { form: /\b([ledxv])(\d+)\b/, parts: [1, 2, 0] },
];

/**
 * The layer or head that a text names, and the rest of the text; no spot where it names none.
 * @param {string} text in lower case
 * @returns {{spot: Spot | null, rest: string}}
 */
export function readSpot(text) {
  for (const { form, parts } of FORMS) {
    const match = text.match(form);
    if (!match) continue;
    const [kind, layer, head] = parts.map((part) => (part ? match[part] : undefined));
    const spot = {
      letter: LETTERS[kind ?? ""] ?? (kind ?? "").toUpperCase(),
      layer: Number(layer),
      head: head === undefined ? null : Number(head),
    };
    return { spot, rest: text.replace(match[0], " ") };
  }
  return { spot: null, rest: text };
}

/**
 * The layers of a model that a spot names, with how many heads each has.
 * @param {[string, number][]} layers
 * @param {Spot} spot
 */
export function layersAt(layers, { letter, layer }) {
  return layers.filter(([name]) => name.slice(1) === String(layer) && (!letter || name[0] === letter));
}
