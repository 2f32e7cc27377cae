// The mosaics of a model, as they are shown, as a figure for a paper.
import { cellColours } from "./cell_colours.js";
import { css } from "./colours.js";
import { drawing, element, surface } from "./dom.js";
import { emptyFigure, finishFigure, layout, titleRoom } from "./figure.js";

const FONT_SIZE = 9;
const CELL = { width: 26, height: 16 };
const LEFT = 36; // of the first column
const TOP = 28; // of the first mosaic
const HEADING = 13; // height of the line with the columns' names
const GAP = 14; // between two mosaics
const MIN_WIDTH = 200;
const RIGHT_MARGIN = 6;
const SCALE = { width: 160, height: 9, ticks: 19 };
const KEY = { width: 155, height: 15, swatch: 20 };
const MIN_LINES = 12; // of the key

/**
 * What the colours mean: a label's letters and name beside its colour, or the scale of a score with its chance, and what else is
 * said of it.
 * @typedef {{steps: Element[], ticks: string[], chance: number | null, said: string}} Scale
 * @typedef {{labels: Element[]} | Scale} Key
 */

/**
 * @param {import("./mosaic.js").Mosaic} mosaic
 * @param {string} title
 * @param {Key} key
 */
export function mosaicFigure(mosaic, title, key) {
  const root = document.documentElement;
  root.classList.add("paper"); // the page's colours are read off it: light ones, whatever the screen
  try {
    return draw(mosaic, title, key);
  } finally {
    root.classList.remove("paper");
  }
}

/**
 * @param {import("./mosaic.js").Mosaic} mosaic
 * @param {string} title
 * @param {Key} key
 */
function draw({ grids, cells }, title, key) {
  const svg = emptyFigure(title, FONT_SIZE);
  let [y, width, next] = [TOP, MIN_WIDTH, 0];
  for (const { table, rows } of grids) {
    svg.append(...columnNames(table, y));
    y += HEADING;
    const colours = plainColours(
      table,
      cells.map(({ style }) => style),
    );
    for (const { name, n } of rows) {
      const drawn = cells.slice(next, next + n);
      next += n;
      svg.append(rowName(name, y), ...drawn.flatMap((cell, i) => drawCell(cell, colours, LEFT + i * CELL.width, y)));
      width = Math.max(width, LEFT + n * CELL.width + RIGHT_MARGIN);
      y += CELL.height;
    }
    y += GAP;
  }
  const legend = "labels" in key ? labelKey(key.labels, cells, width + GAP, y) : scaleKey(key, y);
  svg.append(...legend.drawn);
  return finishFigure(svg, Math.max(legend.width, width, titleRoom(title) + layout.right_margin), legend.bottom);
}

/** @typedef {Map<string, {fill: string, ink: string}>} Colours */

/**
 * @param {HTMLTableElement} table
 * @param {string[]} styles
 * @returns {Colours}
 */
function plainColours(table, styles) {
  const colours = [...cellColours(table, styles)];
  return new Map(colours.map(([style, { fill, ink }]) => [style, { fill: plainColour(fill), ink: plainColour(ink) }]));
}

/**
 * The labels that cells are coloured by, in columns beside the mosaics.
 * @param {Element[]} labels the page's legend
 * @param {import("./mosaic.js").Cell[]} cells
 * @param {number} left
 * @param {number} bottom of the mosaics
 */
function labelKey(labels, cells, left, bottom) {
  const inCells = new Set(cells.map(({ text }) => text));
  const shown = labels.filter((label) => inCells.has(textOf(label.querySelector(".code"))));
  const lines = Math.max(MIN_LINES, Math.floor((bottom - TOP - HEADING) / KEY.height));
  const drawn = shown.flatMap((label, i) => {
    const x = left + Math.floor(i / lines) * KEY.width;
    return drawKey(label, x, TOP + HEADING + (i % lines) * KEY.height);
  });
  const below = Math.max(bottom, TOP + HEADING + Math.min(lines, shown.length) * KEY.height) + GAP;
  drawn.push(drawing("text", { x: LEFT, y: below }, "The fuller a cell, the stronger its label."));
  return { drawn, width: left + Math.ceil(shown.length / lines) * KEY.width, bottom: below + GAP };
}

/** @param {Element | null} element */
const textOf = (element) => element?.textContent ?? "";

/**
 * @param {Element} label
 * @param {number} x
 * @param {number} y
 */
function drawKey(label, x, y) {
  const code = /** @type {Element} */ (label.querySelector(".code"));
  const { backgroundColor, color } = getComputedStyle(code);
  const name = Array.from(label.childNodes, (node) => (node instanceof Text ? node.data.trim() : "")).join("");
  const at = { x: x + KEY.swatch / 2, y: y + 9, "text-anchor": "middle", fill: plainColour(color) };
  return [
    drawing("rect", { x, y, width: KEY.swatch, height: 12, fill: plainColour(backgroundColor) }),
    drawing("text", at, textOf(code)),
    drawing("text", { x: x + KEY.swatch + 5, y: y + 9 }, name),
  ];
}

/**
 * The scale of a score; a line under it is chance.
 * @param {Scale} key chance from 0 to 1
 * @param {number} y
 */
function scaleKey({ steps, ticks, chance, said }, y) {
  const [step, { width, height }] = [SCALE.width / steps.length, SCALE];
  const drawn = steps.map((each, i) => {
    const fill = plainColour(getComputedStyle(each).backgroundColor);
    return drawing("rect", { x: LEFT + i * step, y, width: step + 0.2, height, fill });
  });
  ticks.forEach((tick, i) => {
    const x = LEFT + (width * i) / (ticks.length - 1);
    drawn.push(drawing("text", { x, y: y + SCALE.ticks, "text-anchor": "middle" }, tick));
  });
  if (chance !== null) {
    const x = LEFT + width * chance;
    drawn.push(drawing("path", { d: `M${x} ${y - 3}V${y + height + 3}`, stroke: layout.ink }));
    drawn.push(drawing("text", { x: LEFT + width + GAP, y: y + 8 }, "Upright line: chance."));
  }
  if (said) drawn.push(drawing("text", { x: LEFT, y: y + SCALE.ticks + GAP }, said));
  return { drawn, width: LEFT + width + GAP + 110, bottom: y + SCALE.ticks + (said ? 2 : 1) * GAP };
}

/**
 * @param {HTMLTableElement} table
 * @param {number} y
 */
function columnNames(table, y) {
  const names = Array.from(table.tHead?.querySelectorAll("th") ?? [], ({ textContent }) => textContent ?? "");
  return names.map((name, i) => {
    const x = LEFT + (i + 0.5) * CELL.width;
    return drawing("text", { x, y: y + 9, "text-anchor": "middle" }, name);
  });
}

/**
 * @param {string} name
 * @param {number} y
 */
const rowName = (name, y) => drawing("text", { x: LEFT - 5, y: y + 11, "text-anchor": "end" }, name);

/**
 * @param {import("./mosaic.js").Cell} cell
 * @param {Colours} colours
 * @param {number} x
 * @param {number} y
 */
function drawCell({ style, text }, colours, x, y) {
  const { fill, ink } = /** @type {{fill: string, ink: string}} */ (colours.get(style));
  const rect = drawing("rect", { x, y, width: CELL.width - 1, height: CELL.height - 1, fill });
  if (!text) return [rect];
  const at = { x: x + CELL.width / 2, y: y + 11, "text-anchor": "middle", fill: ink };
  return [rect, drawing("text", at, text)];
}

/**
 * A colour that every program reads, from one that only browsers do.
 * @param {string} colour
 */
function plainColour(colour) {
  const context = surface(element("canvas"), { read: true });
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
  return css((r << 16) | (g << 8) | b);
}
