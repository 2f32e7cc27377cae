// A text whose tokens are coloured by weight, as a figure for a paper.
import { paperPalette, tint } from "./colours.js";
import { drawing, element, surface } from "./dom.js";
import { emptyFigure, finishFigure, layout, scaleBar, titleRoom } from "./figure.js";
import { colour } from "./heatmap_figure.js";

const WIDTH = 640;
const LINE = 20;
const BOX = 16; // height of a token's
const PADDING = 2; // beside a token
const GAP = 12; // between two texts

/**
 * A text: weights from 0 to 1, null where a token cannot look or be looked at; `chosen` is -1 for none.
 * @typedef {{tokens: string[], weights: (number | null)[] | null, chosen: number}} Shaded
 */

/**
 * @param {Shaded[]} texts
 * @param {string} title
 * @param {boolean} squareRoot
 */
export function textFigure(texts, title, squareRoot) {
  const svg = emptyFigure(title, layout.font_size);
  let y = layout.title_room + layout.title_x;
  for (const text of texts) {
    const places = laidOut(text.tokens, y);
    const group = drawing("g", { "font-family": layout.token_font });
    group.append(...text.tokens.flatMap((token, i) => drawToken(token, places[i], text, i, squareRoot)));
    svg.append(group);
    y = (places.at(-1)?.y ?? y) + LINE + GAP;
  }
  svg.append(scaleBar(layout.title_x + GAP, y, (share) => ({ fill: colour(share, squareRoot) })));
  const width = Math.max(WIDTH, titleRoom(title)) + layout.right_margin;
  return finishFigure(svg, width, y + layout.scale_room - layout.scale_gap);
}

/** @typedef {{x: number, y: number, width: number}} Box */

/**
 * Where each token stands, line after line.
 * @param {string[]} tokens
 * @param {number} top
 * @returns {Box[]}
 */
function laidOut(tokens, top) {
  const context = surface(element("canvas"));
  context.font = `${layout.font_size}px ${layout.token_font}`;
  let [x, y] = [layout.title_x, top];
  return tokens.map((token) => {
    const width = context.measureText(token).width + 2 * PADDING;
    if (x + width > WIDTH && x > layout.title_x) [x, y] = [layout.title_x, y + LINE];
    const box = { x, y, width };
    x += width + 1;
    return box;
  });
}

/**
 * @param {string} token
 * @param {Box} box
 * @param {Shaded} text
 * @param {number} i
 * @param {boolean} squareRoot
 */
function drawToken(token, { x, y, width }, { weights, chosen }, i, squareRoot) {
  const weight = weights?.[i] ?? null;
  const paint = weight === null ? null : tint(weight, squareRoot, paperPalette);
  /** @type {Record<string, string | number>} */
  const frame = i === chosen ? { stroke: layout.ink, "stroke-width": 1.5 } : {};
  const rect = drawing("rect", { x, y, width, height: BOX, fill: paint?.background ?? layout.paper, ...frame });
  const fill = paint?.color ?? layout.ink;
  return [rect, drawing("text", { x: x + PADDING, y: y + BOX / 2 + layout.baseline, fill }, token)];
}
