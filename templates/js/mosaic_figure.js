// The mosaics of a model, as they are shown, as a figure for a paper.
import { css } from "./colours.js";
import { drawing, element, surface } from "./dom.js";
import { emptyFigure, finishFigure } from "./figure.js";

const FONT_SIZE = 9;
const CELL = { width: 26, height: 16 };
const LEFT = 36; // of the first column
const TOP = 28; // of the first mosaic
const HEADING = 13; // height of the line with the columns' names
const GAP = 14; // between two mosaics
const MIN_WIDTH = 200;
const RIGHT_MARGIN = 6;

/**
 * @param {HTMLTableElement[]} tables
 * @param {string} title
 */
export function mosaicFigure(tables, title) {
  const svg = emptyFigure(title, FONT_SIZE);
  let [y, width] = [TOP, MIN_WIDTH];
  for (const table of tables) {
    svg.append(...columnNames(table, y));
    y += HEADING;
    for (const row of table.tBodies[0].rows) {
      const cells = Array.from(row.querySelectorAll("td a"));
      svg.append(rowName(row, y), ...cells.flatMap((cell, i) => drawCell(cell, LEFT + i * CELL.width, y)));
      width = Math.max(width, LEFT + cells.length * CELL.width + RIGHT_MARGIN);
      y += CELL.height;
    }
    y += GAP;
  }
  return finishFigure(svg, width, y);
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
 * @param {Element} cell
 * @param {number} x
 * @param {number} y
 */
function drawCell(cell, x, y) {
  const style = getComputedStyle(cell);
  const fill = plainColour(style.backgroundColor);
  const rect = drawing("rect", { x, y, width: CELL.width - 1, height: CELL.height - 1, fill });
  if (!cell.textContent) return [rect];
  const text = { x: x + CELL.width / 2, y: y + 11, "text-anchor": "middle", fill: plainColour(style.color) };
  return [rect, drawing("text", text, cell.textContent)];
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
