// What the data files of a model know of one of its heads: labels, maps, scores, evidence.
import { dataFolder, keyedAlike } from "./files.js";
import { layerMap, layerTables, sequencesOf } from "./layer_data.js";

const COMPARED = 24; // letters by which a text is known in the tokens of two models

/** @typedef {import("./sections.js").Sequence} Sequence */

/**
 * @typedef {object} HeadData
 * @property {string} slug
 * @property {string} model
 * @property {string} name
 * @property {{name: string, strength: number | null, hue: string}[]} labels
 * @property {Map<string, {number: number, sequence: Sequence}>} texts of which its map is kept, by anchor
 * @property {(number: number) => Promise<import("./weights.js").Weights>} map
 * @property {import("./layer_data.js").Tables | null} tables
 */

/**
 * @param {string} slug folder of the model
 * @param {string} name L5H1
 * @returns {Promise<HeadData>}
 */
export async function loadHead(slug, name) {
  const folder = `${slug}/data`;
  const heads = await dataFolder(slug, folder).heads();
  const layer = name.replace(/H\d+$/, "");
  const [, , kind, number] = heads.layers.find(([each]) => each === layer) ?? [layer, 0, "self", 0];
  /** @type {[import("./layer_data.js").GroupFile, Sequence[]]} */
  const [group, sequences] = await Promise.all([
    keyedAlike("layers", `${folder}/layers-${number}.js`),
    keyedAlike("tokens", `${folder}/tokens-${kind}.js`),
  ]);
  const sizes = sequences.map(({ tokens, columns }) => ({ rows: tokens.length, columns: (columns ?? tokens).length }));
  const file = group.layers[layer];
  const kept = sequencesOf(name, file);
  return {
    slug,
    model: heads.model,
    name,
    labels: heads.labels[heads.heads.indexOf(name)].map(([label, strength]) => {
      return { name: label, strength, hue: heads.patterns[label]?.hue ?? "" };
    }),
    texts: new Map(kept.map((number) => [anchorOf(sequences[number]), { number, sequence: sequences[number] }])),
    map: (number) => layerMap(name, number, sizes, file),
    tables: await layerTables(group),
  };
}

/** @param {Sequence} sequence */
const anchorOf = ({ file, sequence }) => `${file}-${sequence}`;

/** Whether two sequences have the same tokens. @param {Sequence} a @param {Sequence} b */
export const sameTokens = (a, b) =>
  a.tokens.join("\n") === b.tokens.join("\n") && a.columns?.join("\n") === b.columns?.join("\n");

/** How the text begins, however it is cut into tokens: a model may read small letters alone. @param {Sequence} sequence */
function letters({ tokens }) {
  const words = tokens.filter((token) => !/^(\[.*\]|<.*>)$/.test(token)).join("");
  return words
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "")
    .slice(0, COMPARED);
}

/**
 * Texts of which maps of both heads are kept: those with the same words first, then as pages of heads have them. The same
 * sequence of a probe may have other words where these are drawn from a model's own tokens.
 * @param {HeadData} a
 * @param {HeadData} b
 */
export function commonTexts(a, b) {
  const common = [];
  for (const [anchor, { sequence }] of a.texts) {
    const other = b.texts.get(anchor)?.sequence;
    if (other)
      common.push({
        anchor,
        sequence,
        alike: letters(sequence) === letters(other),
        equal: sameTokens(sequence, other),
      });
  }
  return common.sort((x, y) => Number(y.alike) - Number(x.alike) || x.sequence.rank - y.sequence.rank);
}
