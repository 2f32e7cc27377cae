// One heatmap: its picture read back as weights, painted on a canvas, with marks on the row, column and cell.
import { clamp, element, px } from "./dom.js";
import { decimal, paintWeights, withoutSink } from "./weights.js";

/**
 * A query and a key, -1 for none.
 * @typedef {{query: number, key: number}} Cell
 */

/** @type {Cell} */
export const NO_CELL = Object.freeze({ query: -1, key: -1 });
/** @param {Cell} cell */
export const isNone = (cell) => cell.query < 0 && cell.key < 0;
/** @param {Cell} cell */
export const isPair = (cell) => cell.query >= 0 && cell.key >= 0;

const MARKS = ["kept", "row", "column", "cell", "row-tag", "column-tag"];

export class Heatmap {
  /**
   * Takes the place of a picture.
   * @param {HTMLImageElement} img
   * @param {import("./weights.js").Weights} weights
   * @param {string} readout id of the element that says what is pointed at
   */
  constructor(img, weights, readout) {
    this.measured = weights;
    this.shown = weights; // with the sink taken out, where that is asked for
    this.canvas = mapCanvas(img.alt, weights, readout);
    this.frame = /** @type {HTMLElement} */ (img.parentElement);
    img.replaceWith(this.canvas); // one pixel a weight
    this.marks = Object.fromEntries(MARKS.map((name) => [name, hiddenMark(name)]));
    this.frame.append(...Object.values(this.marks));
    this.output = this.#addOutput();
  }

  /** Where a map of many writes its weight. */
  #addOutput() {
    const title = this.frame.parentElement?.querySelector(".map-title");
    if (!title) return null;
    const output = element("output");
    title.append(" ", output);
    return output;
  }

  /**
   * @param {boolean} sink whether it is hidden
   * @param {boolean} squareRoot
   */
  paint(sink, squareRoot) {
    this.shown = sink ? withoutSink(this.measured) : this.measured;
    paintWeights(this.shown, this.canvas, squareRoot);
  }

  /** The cell under the pointer. @param {MouseEvent} event @returns {Cell} */
  cellAt(event) {
    const { rows, columns } = this.shown;
    return {
      query: clamp(Math.floor((event.offsetY / this.canvas.clientHeight) * rows), rows),
      key: clamp(Math.floor((event.offsetX / this.canvas.clientWidth) * columns), columns),
    };
  }

  /** Where the keyboard begins: the last token's largest weight. @returns {Cell} */
  start() {
    const { rows, columns, weights } = this.shown;
    const row = weights.subarray(columns * (rows - 1), columns * rows);
    return { query: rows - 1, key: row.indexOf(Math.max(...row)) };
  }

  /** What is shown in a cell: 0 to 255, negative where there is nothing. @param {Cell} cell */
  weightAt({ query, key }) {
    return this.shown.weights[query * this.shown.columns + key];
  }

  /**
   * Where a token looks most, or from where it is looked at most; the first of equals, no cell where nothing is.
   * @param {Cell} token a query or a key alone
   * @returns {Cell}
   */
  strongest({ query, key }) {
    const { rows, columns } = this.shown;
    const cells = Array.from({ length: query >= 0 ? columns : rows }, (_, i) =>
      query >= 0 ? { query, key: i } : { query: i, key },
    );
    const weights = cells.map((cell) => this.weightAt(cell));
    const most = Math.max(...weights);
    return most > 0 ? cells[weights.indexOf(most)] : NO_CELL;
  }

  /** Later tokens cannot be seen. @param {Cell} cell */
  isFuture({ query, key }) {
    return this.measured.weights[query * this.measured.columns + key] < 0;
  }

  /** Writes the weight beside the title; nothing for null. @param {Cell | null} cell */
  sayWeight(cell) {
    if (!this.output) return;
    const weight = cell ? this.weightAt(cell) : -1;
    this.output.textContent = weight < 0 ? "" : decimal(weight);
  }

  /**
   * Outlines what is pointed at and what is kept, and names the tokens beside the map.
   * @param {Cell} pointed
   * @param {Cell} kept
   * @param {{row?: string, column?: string}} tags none for no name
   */
  mark(pointed, kept, tags) {
    const { rows, columns } = this.shown;
    const { query, key } = pointed;
    const grid = this.#grid(); // read once: what is written below would make the browser lay the page out again
    this.#outline("row", query >= 0, [0, query, columns, 1], grid);
    this.#outline("column", key >= 0, [key, 0, 1, rows], grid);
    this.#outline("cell", isPair(pointed), [key, query, 1, 1], grid);
    const keptBox = kept.query >= 0 ? [0, kept.query, columns, 1] : [kept.key, 0, 1, rows];
    this.#outline("kept", !isNone(kept), keptBox, grid);
    this.#tag("row-tag", tags.row);
    this.#tag("column-tag", tags.column);
    this.marks["row-tag"].style.top = px(grid.top + (query + 0.5) * grid.height);
    this.marks["column-tag"].style.left = px(grid.left + (key + 0.5) * grid.cell);
  }

  /**
   * @param {string} name
   * @param {boolean} shown
   * @param {number[]} box left, top, width and height in cells
   * @param {{cell: number, height: number, left: number, top: number}} grid
   */
  #outline(name, shown, [x, y, width, height], { cell, height: row, left, top }) {
    const mark = this.marks[name];
    mark.hidden = !shown;
    mark.style.left = px(left + x * cell);
    mark.style.top = px(top + y * row);
    mark.style.width = px(width * cell);
    mark.style.height = px(height * row);
  }

  /**
   * @param {string} name
   * @param {string} [token]
   */
  #tag(name, token) {
    const tag = this.marks[name];
    tag.hidden = token === undefined;
    if (token !== undefined) tag.replaceChildren(element("bdi", token));
  }

  /** Width and height of a cell and the corner of the map, in CSS pixels. */
  #grid() {
    const { offsetLeft: left, offsetTop: top, clientWidth, clientHeight } = this.canvas;
    return { cell: clientWidth / this.shown.columns, height: clientHeight / this.shown.rows, left, top };
  }
}

/**
 * @param {string} description
 * @param {{rows: number, columns: number}} size
 * @param {string} readout
 */
function mapCanvas(description, { rows, columns }, readout) {
  const canvas = element("canvas", "", "pixels");
  canvas.style.setProperty("--rows", String(rows));
  canvas.style.setProperty("--columns", String(columns));
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-roledescription", "heatmap");
  canvas.setAttribute("aria-label", `${description}. Arrow keys move from cell to cell, Enter keeps a row.`);
  canvas.setAttribute("aria-describedby", readout);
  return canvas;
}

/** @param {string} name */
function hiddenMark(name) {
  const mark = element("div", "", `mark-${name}`);
  mark.hidden = true;
  mark.setAttribute("aria-hidden", "true");
  return mark;
}
