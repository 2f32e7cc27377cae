// A heatmap with its tokens and its scale, as a figure for a paper.
import { css, paperPalette, step } from "./colours.js";
import { drawing, element } from "./dom.js";
import { emptyFigure, finishFigure, layout, scaleBar, titleRoom } from "./figure.js";
import { paintWeights } from "./weights.js";

/**
 * @typedef {object} MapToDraw
 * @property {import("./weights.js").Weights} weights
 * @property {string[]} rows
 * @property {string[]} columns
 * @property {string} title
 * @property {boolean} squareRoot
 */

/** @param {MapToDraw} map */
export function heatmapFigure(map) {
  const { rows, columns, title, squareRoot } = map;
  const grid = gridOf(rows, columns);
  const svg = emptyFigure(title, layout.font_size);
  const scaleTop = grid.top + grid.height + layout.scale_gap;
  const scale = scaleBar(grid.left, scaleTop, (share) => ({ fill: colour(share, squareRoot) }));
  svg.append(field(map, grid), names(rows, columns, grid), scale);
  const room = Math.max(grid.left + Math.max(grid.width, layout.min_width), titleRoom(title));
  const width = room + layout.right_margin;
  return finishFigure(svg, width, grid.top + grid.height + layout.scale_room);
}

/**
 * Where the field of weights lies. A long sequence has small cells, and positions instead of tokens.
 * @param {string[]} rows
 * @param {string[]} columns
 */
function gridOf(rows, columns) {
  const long = Math.max(rows.length, columns.length) > layout.max_cells;
  const cell = long ? layout.small_cell : layout.cell;
  const room = (/** @type {string[]} */ tokens) => (long ? layout.number_room : tokenRoom(tokens));
  const [left, top] = [room(rows), room(columns) + layout.title_room];
  return { long, cell, left, top, width: columns.length * cell, height: rows.length * cell };
}

/** @typedef {ReturnType<typeof gridOf>} Grid */

/** @param {string[]} tokens */
function tokenRoom(tokens) {
  const letters = Math.max(...tokens.map((token) => short(token).length));
  return layout.token_margin + layout.letter_width * letters;
}

/** @param {string} token */
function short(token) {
  return token.length > layout.max_letters ? `${token.slice(0, layout.max_letters - 1)}…` : token;
}

/**
 * The weights, cell by cell; of a long sequence a picture of one pixel a weight.
 * @param {MapToDraw} map
 * @param {Grid} grid
 */
function field({ weights, squareRoot }, { long, cell, left, top, width, height }) {
  const group = drawing("g", { transform: `translate(${left} ${top})`, "shape-rendering": "crispEdges" });
  if (long) {
    const canvas = element("canvas");
    paintWeights(weights, canvas, squareRoot, paperPalette);
    group.append(drawing("image", { href: canvas.toDataURL(), width, height, style: "image-rendering: pixelated" }));
    return group;
  }
  weights.weights.forEach((weight, i) => {
    if (weight < 0) return;
    const [x, y] = [(i % weights.columns) * cell, Math.floor(i / weights.columns) * cell];
    group.append(drawing("rect", { x, y, width: cell, height: cell, fill: colour(weight / 255, squareRoot) }));
  });
  return group;
}

/**
 * @param {number} weight 0 to 1
 * @param {boolean} squareRoot
 */
export const colour = (weight, squareRoot) => css(paperPalette[step(weight, squareRoot)]);

/**
 * Tokens on both axes, or each so many positions.
 * @param {string[]} rows
 * @param {string[]} columns
 * @param {Grid} grid
 */
function names(rows, columns, { long, cell, left, top }) {
  const { token_gap: gap, baseline } = layout;
  const group = drawing("g", { "font-family": layout.token_font });
  for (const [i, text] of labels(rows, long)) {
    const y = top + (i + 0.5) * cell + baseline;
    group.append(drawing("text", { x: left - gap, y, "text-anchor": "end" }, text));
  }
  for (const [i, text] of labels(columns, long)) {
    const x = left + (i + 0.5) * cell + baseline;
    group.append(drawing("text", { transform: `translate(${x} ${top - gap}) rotate(-90)` }, text));
  }
  return group;
}

/**
 * @param {string[]} tokens
 * @param {boolean} long
 * @returns {[number, string][]} position and what stands there
 */
function labels(tokens, long) {
  const named = tokens.map((token, i) => /** @type {[number, string]} */ ([i, long ? String(i) : short(token)]));
  return long ? named.filter(([i]) => i % layout.number_step === 0) : named;
}
