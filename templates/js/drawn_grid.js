// A mosaic of thousands of heads, drawn on a canvas. Two links move over it: one stands where the pointer is, one is the
// stop of the tab key, which arrow keys move; so that every head can be followed, opened elsewhere, and is spoken.
import { cellColours } from "./cell_colours.js";
import { onColoursChange } from "./colours.js";
import { all, element, hasModifier, linkTo, surface } from "./dom.js";
import { claimsOf } from "./link_grid.js";
import { neighbour } from "./roving.js";

const GAP = 1; // CSS pixels between cells
const LETTERED = { width: 22, height: 12 }; // CSS pixels of the least cell that letters fit into

/**
 * A layer: its name, the link to its page, the table's cell over which its heads are drawn, the first of them.
 * @typedef {{name: string, link: HTMLAnchorElement, room: HTMLTableCellElement | null, first: number, n: number}} GridRow
 */

export class DrawnGrid {
  /** The tab key's stop: row and column, of which the first has the layers' links. @type {[number, number]} */
  #at = [0, 1];
  /** @type {HTMLAnchorElement | null} */
  #stop = null;
  /** @type {import("./mosaic.js").Cell[]} */
  #cells = [];
  /** The head under the pointer, -1 for none. */
  #pointed = -1;
  /** The size it was painted in. */
  #painted = "";

  /** @param {HTMLTableElement} table */
  constructor(table) {
    this.table = table;
    this.rows = rowsOf(table);
    this.heads = this.rows.flatMap(headsOf);
    this.columns = Math.max(...this.rows.map(({ n }) => n));
    this.canvas = element("canvas");
    this.canvas.setAttribute("aria-hidden", "true"); // the links say it
    /** Follows the pointer, which alone it is for. */
    this.under = linkTo("", "");
    this.under.tabIndex = -1;
    this.under.setAttribute("aria-hidden", "true");
    this.mark = element("span", "", "pointed");
    table.parentElement?.querySelector("img")?.replaceWith(this.canvas);
    new ResizeObserver(() => {
      const { clientWidth, clientHeight } = this.canvas;
      if (this.#painted !== `${clientWidth} ${clientHeight}`) this.#paint();
    }).observe(this.canvas);
    onColoursChange(() => this.#paint());
  }

  /** @param {import("./mosaic.js").Cell[]} cells */
  show(cells) {
    this.#cells = cells;
    this.#paint();
    const i = this.#headAt(this.#at);
    if (this.#stop && i >= 0) this.#stop.ariaLabel = cells[i].said;
  }

  #paint() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!(width && this.#cells.length)) return;
    this.#painted = `${width} ${height}`;
    const ratio = devicePixelRatio;
    [this.canvas.width, this.canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    const context = surface(this.canvas);
    const alike = this.#byStyle();
    const colours = cellColours(this.table, alike.keys());
    const lettered = width / this.columns >= LETTERED.width && height / this.rows.length >= LETTERED.height;
    if (lettered) this.#setLetters(context, ratio);
    const edges = { x: edgesOf(this.columns, width, ratio), y: edgesOf(this.rows.length, height, ratio) };
    for (const [style, heads] of alike) {
      const { fill, ink } = /** @type {{fill: string, ink: string}} */ (colours.get(style));
      const boxes = heads.map(([x, y]) => [edges.x[x][0], edges.y[y][0], edges.x[x][1], edges.y[y][1]]);
      fillCells(context, fill, boxes);
      if (style === "none") for (const box of boxes) strike(context, ink, box);
      const texts = lettered ? heads.map(([, , i]) => this.#cells[i].text) : [];
      letters(context, ink, texts, boxes);
    }
  }

  /** Columns, rows and positions of the heads that look alike. */
  #byStyle() {
    /** @type {Map<string, [number, number, number][]>} */
    const alike = new Map();
    for (const [y, { first, n }] of this.rows.entries()) {
      for (let x = 0; x < n; x++) {
        const { style } = this.#cells[first + x];
        const heads = alike.get(style);
        if (heads) heads.push([x, y, first + x]);
        else alike.set(style, [[x, y, first + x]]);
      }
    }
    return alike;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} ratio device pixels a CSS pixel
   */
  #setLetters(context, ratio) {
    const { fontSize, fontFamily } = getComputedStyle(this.table);
    context.font = `${Number.parseFloat(fontSize) * ratio}px ${fontFamily}`;
    [context.textAlign, context.textBaseline] = ["center", "middle"];
  }

  /** @param {number} i -1 for none */
  point(i) {
    if (i < 0) this.mark.remove();
    else this.#put(this.mark, i);
  }

  /**
   * @param {(i: number) => void} onHead
   * @param {() => void} onLeave
   */
  listen(onHead, onLeave) {
    for (const { link } of this.rows) link.tabIndex = -1;
    this.table.setAttribute("role", "grid");
    this.table.ariaColCount = String(this.columns + 1);
    this.#stopAt(this.#at);
    this.table.addEventListener("keydown", (event) => this.#key(event));
    this.table.addEventListener("focusin", ({ target }) => this.#focused(target, onHead));
    this.table.addEventListener("pointermove", (event) => {
      const i = this.#under(event);
      if (i !== this.#pointed) this.#pointAt(i, onHead);
    });
    this.table.addEventListener("pointerleave", () => {
      this.#pointAt(-1, onHead);
      onLeave();
    });
    this.table.addEventListener("click", (event) => {
      const i = this.#under(event); // a finger that touches has not moved over it before
      if (i >= 0 && !(event.target instanceof HTMLAnchorElement)) location.href = this.heads[i].href;
    });
  }

  /**
   * @param {number} i
   * @param {(i: number) => void} onHead
   */
  #pointAt(i, onHead) {
    this.#pointed = i;
    if (i < 0) return this.under.remove();
    this.under.href = this.heads[i].href;
    this.#put(this.under, i);
    return onHead(i);
  }

  /** The head under the pointer; -1 for none. @param {MouseEvent} event */
  #under({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    const y = Math.floor(((clientY - box.top) / (box.height + GAP)) * this.rows.length);
    const x = Math.floor(((clientX - box.left) / (box.width + GAP)) * this.columns);
    const row = this.rows[y];
    return row && x >= 0 && x < row.n ? row.first + x : -1;
  }

  /** Puts an element over a head's cell. @param {HTMLElement} element @param {number} i */
  #put(element, i) {
    const row = /** @type {GridRow} */ (this.rows.find(({ first, n }) => i >= first && i < first + n));
    element.style.left = `calc((100% + ${GAP}px) * ${(i - row.first) / this.columns})`;
    element.style.width = `calc((100% + ${GAP}px) / ${this.columns} - ${GAP}px)`;
    row.room?.append(element);
  }

  /** @param {[number, number]} at @returns {number} -1 for a layer */
  #headAt([y, x]) {
    return x > 0 && x <= this.rows[y].n ? this.rows[y].first + x - 1 : -1;
  }

  /** Another link each time, since what is spoken is the link that gets the focus. @param {[number, number]} at */
  #stopAt(at) {
    const i = this.#headAt(at);
    const before = this.#stop;
    this.#at = at;
    this.#stop = i < 0 ? this.rows[at[0]].link : linkTo("", this.heads[i].href);
    this.#stop.tabIndex = 0;
    if (i >= 0) {
      this.#stop.ariaLabel = this.#cells[i]?.said ?? this.heads[i].name;
      const room = /** @type {HTMLTableCellElement} */ (this.rows[at[0]].room);
      room.ariaColIndex = String(at[1] + 1);
      this.#put(this.#stop, i);
    }
    return before === this.#stop ? null : before;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const lengths = this.rows.map(({ n }) => n + 1);
    const to = hasModifier(event) ? undefined : neighbour(event.key, this.#at, lengths);
    if (!to) return;
    event.preventDefault();
    const before = this.#stopAt(to);
    this.#stop?.focus();
    if (before) this.#letGo(before);
  }

  /** A layer's link stays, a head's goes. @param {HTMLAnchorElement} link */
  #letGo(link) {
    if (link.closest("th")) link.tabIndex = -1;
    else link.remove();
  }

  /**
   * @param {EventTarget | null} target
   * @param {(i: number) => void} onHead
   */
  #focused(target, onHead) {
    const y = this.rows.findIndex(({ link }) => link === target);
    if (y >= 0 && target !== this.#stop) {
      const before = this.#stopAt([y, 0]); // a layer was clicked
      if (before) this.#letGo(before);
    }
    const i = this.#headAt(this.#at);
    if (target === this.#stop && i >= 0) onHead(i);
  }
}

/** @param {HTMLTableElement} table */
function rowsOf(table) {
  let first = 0;
  return Array.from(table.tBodies[0].rows, (row) => {
    const [link] = all(HTMLAnchorElement, "th a", row);
    const [room = null] = all(HTMLTableCellElement, "td[data-heads]", row);
    const n = Number(room?.dataset.heads ?? 0);
    first += n;
    return { name: link.textContent ?? "", link, room, first: first - n, n };
  });
}

/** @param {GridRow} row @returns {import("./mosaic.js").GridHead[]} */
function headsOf({ name, room, n }) {
  const labels = (room?.dataset.labels ?? "").split(";");
  return Array.from({ length: n }, (_, i) => {
    const head = `${name}H${i}`;
    return { name: head, href: `heads/${head}.html`, claims: claimsOf(labels[i]), said: null };
  });
}

/**
 * Where cells begin and end, on whole device pixels.
 * @param {number} n
 * @param {number} length CSS pixels
 * @param {number} ratio
 */
function edgesOf(n, length, ratio) {
  const gap = Math.max(1, Math.round(GAP * ratio));
  const step = ((length + GAP) * ratio) / n;
  return Array.from({ length: n }, (_, i) => [Math.round(i * step), Math.round((i + 1) * step) - gap]);
}

/**
 * A line across a cell that has no value.
 * @param {CanvasRenderingContext2D} context
 * @param {string} ink
 * @param {number[]} box
 */
function strike(context, ink, [left, top, right, bottom]) {
  context.strokeStyle = ink;
  context.beginPath();
  context.moveTo(left, bottom);
  context.lineTo(right, top);
  context.stroke();
}

/**
 * Cells of one colour, which is set once: a canvas takes its time to read a colour.
 * @param {CanvasRenderingContext2D} context
 * @param {string} fill
 * @param {number[][]} boxes left, top, right, bottom
 */
function fillCells(context, fill, boxes) {
  context.fillStyle = fill;
  for (const [left, top, right, bottom] of boxes) context.fillRect(left, top, right - left, bottom - top);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} ink
 * @param {string[]} texts
 * @param {number[][]} boxes
 */
function letters(context, ink, texts, boxes) {
  context.fillStyle = ink;
  for (const [i, text] of texts.entries()) {
    const [left, top, right, bottom] = boxes[i];
    context.fillText(text, (left + right) / 2, (top + bottom) / 2);
  }
}
