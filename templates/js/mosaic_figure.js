// The mosaics of a model, as they are shown, as a figure for a paper.
import { css } from "./colours.js";
import { all, drawing, element, surface } from "./dom.js";
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
 * What the colours mean: a label's letters and name beside its colour, or the scale of a score with its chance.
 * @typedef {{labels: Element[]} | {steps: Element[], ticks: string[], chance: number | null}} Key
 */

/**
 * @param {HTMLTableElement[]} tables
 * @param {string} title
 * @param {Key} key
 */
export function mosaicFigure(tables, title, key) {
  const root = document.documentElement;
  root.classList.add("paper"); // the page's colours are read off it: light ones, whatever the screen
  try {
    return draw(tables, title, key);
  } finally {
    root.classList.remove("paper");
  }
}

/**
 * @param {HTMLTableElement[]} tables
 * @param {string} title
 * @param {Key} key
 */
function draw(tables, title, key) {
  const svg = emptyFigure(title, FONT_SIZE);
  let [y, width] = [TOP, MIN_WIDTH];
  for (const table of tables) {
    svg.append(...columnNames(table, y));
    y += HEADING;
    for (const row of table.tBodies[0].rows) {
      const cells = all(HTMLElement, "td a", row);
      svg.append(rowName(row, y), ...cells.flatMap((cell, i) => drawCell(cell, LEFT + i * CELL.width, y)));
      width = Math.max(width, LEFT + cells.length * CELL.width + RIGHT_MARGIN);
      y += CELL.height;
    }
    y += GAP;
  }
  const legend = "labels" in key ? labelKey(key.labels, tables, width + GAP, y) : scaleKey(key, y);
  svg.append(...legend.drawn);
  return finishFigure(svg, Math.max(legend.width, width, titleRoom(title) + layout.right_margin), legend.bottom);
}

/**
 * The labels that cells are coloured by, in columns beside the mosaics.
 * @param {Element[]} labels the page's legend
 * @param {HTMLTableElement[]} tables
 * @param {number} left
 * @param {number} bottom of the mosaics
 */
function labelKey(labels, tables, left, bottom) {
  const inCells = new Set(tables.flatMap((table) => all(HTMLElement, "td a", table).map(writtenIn)));
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

/** What a cell says, with room for letters or without. @param {HTMLElement} cell */
const writtenIn = (cell) => cell.textContent || (cell.dataset.text ?? "");

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
 * @param {{steps: Element[], ticks: string[], chance: number | null}} key chance from 0 to 1
 * @param {number} y
 */
function scaleKey({ steps, ticks, chance }, y) {
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
  return { drawn, width: LEFT + width + GAP + 110, bottom: y + SCALE.ticks + GAP };
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
 * @param {HTMLTableRowElement} row
 * @param {number} y
 */
function rowName(row, y) {
  const name = row.querySelector("th")?.textContent ?? "";
  return drawing("text", { x: LEFT - 5, y: y + 11, "text-anchor": "end" }, name);
}

/**
 * @param {HTMLElement} cell
 * @param {number} x
 * @param {number} y
 */
function drawCell(cell, x, y) {
  const style = getComputedStyle(cell);
  const fill = plainColour(style.backgroundColor);
  const rect = drawing("rect", { x, y, width: CELL.width - 1, height: CELL.height - 1, fill });
  const said = writtenIn(cell);
  if (!said) return [rect];
  const text = { x: x + CELL.width / 2, y: y + 11, "text-anchor": "middle", fill: plainColour(style.color) };
  return [rect, drawing("text", text, said)];
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
