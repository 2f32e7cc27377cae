// Arcs from queries to keys, as a figure for a paper: the same lines as on the page.
import { ARC_WIDTH, arcLines, pitchOf, shortened, strength, TEXT_WIDTH } from "./arcs.js";
import { drawing } from "./dom.js";
import { emptyFigure, finishFigure, layout, scaleBar, titleRoom } from "./figure.js";

const STROKE = "#1d4f91"; // the page's colour of lines, on paper
const FADED = "#5d6167"; // tokens beside the chosen one
const READABLE = 10; // height of a line from which on tokens are written

/**
 * @typedef {object} ArcsToDraw
 * @property {import("./weights.js").Weights} weights
 * @property {string[]} rows
 * @property {string[]} columns
 * @property {string} title
 * @property {boolean} squareRoot
 * @property {number} query -1 for all
 * @property {number} key -1 for all
 */

/** @param {ArcsToDraw} arcs */
export function arcsFigure({ weights, rows, columns, title, squareRoot, query, key }) {
  const longest = Math.max(rows.length, columns.length);
  const pitch = pitchOf(longest);
  const top = layout.title_room;
  const middle = (/** @type {number} */ i) => top + (i + 0.5) * pitch;
  const svg = emptyFigure(title, layout.font_size);
  svg.append(lines(arcLines(weights, query, key), middle, squareRoot));
  if (pitch >= READABLE) {
    svg.append(names(rows, TEXT_WIDTH - 6, "end", middle, query));
    svg.append(names(columns, TEXT_WIDTH + ARC_WIDTH + 6, "start", middle, key));
  }
  const scaleTop = top + longest * pitch + layout.scale_gap;
  const width = layout.scale_step_width; // no wider: where steps overlapped they would be darker
  const paint = (/** @type {number} */ share) => ({ width, fill: STROKE, "fill-opacity": strength(share, squareRoot) });
  svg.append(scaleBar(TEXT_WIDTH, scaleTop, paint));
  const room = Math.max(2 * TEXT_WIDTH + ARC_WIDTH, titleRoom(title) + layout.right_margin);
  return finishFigure(svg, room, scaleTop + layout.scale_room - layout.scale_gap);
}

/**
 * @param {import("./arcs.js").Line[]} drawn
 * @param {(i: number) => number} middle
 * @param {boolean} squareRoot
 */
function lines(drawn, middle, squareRoot) {
  const group = drawing("g", { fill: "none", stroke: STROKE, "stroke-width": 2 });
  const [start, end, bend] = [TEXT_WIDTH, TEXT_WIDTH + ARC_WIDTH, TEXT_WIDTH + ARC_WIDTH / 2];
  for (const { query, key, weight } of drawn) {
    const [from, to] = [middle(query), middle(key)];
    const d = `M${start} ${from}C${bend} ${from} ${bend} ${to} ${end} ${to}`;
    group.append(drawing("path", { d, "stroke-opacity": Number(strength(weight, squareRoot).toFixed(3)) }));
  }
  return group;
}

/**
 * @param {string[]} tokens
 * @param {number} x
 * @param {string} anchor
 * @param {(i: number) => number} middle
 * @param {number} chosen
 */
function names(tokens, x, anchor, middle, chosen) {
  const group = drawing("g", { "font-family": layout.token_font, "text-anchor": anchor });
  tokens.forEach((token, i) => {
    const fill = chosen < 0 || chosen === i ? layout.ink : FADED;
    group.append(drawing("text", { x, y: middle(i) + layout.baseline, fill }, shortened(token)));
  });
  return group;
}
