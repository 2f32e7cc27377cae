// The mosaics of a model: a cell a head, coloured by label or by score, one stop of the tab key each.
import { all, hasModifier } from "./dom.js";
import { twoDigits } from "./text.js";

/**
 * A label of the model: its name in words, its letters in the cells, its family's class.
 * @typedef {{text: string, code: string, hue: string, summary: string, rests: boolean}} Label rests: it says where a head rests
 */

const STEPS = 100; // of colour

export class Mosaic {
  /**
   * @param {HTMLTableElement[]} tables one a kind of attention
   * @param {Label[]} labels
   */
  constructor(tables, labels) {
    this.tables = tables;
    this.labels = labels;
    this.cells = tables.flatMap((table) => all(HTMLAnchorElement, "td a", table));
    this.names = this.cells.map(headOf);
    /** Whether cells have room for letters; thousands that have none need not be laid out anew. */
    this.lettered = this.cells.map((cell) => cell.closest(".wide") === null);
    this.descriptions = this.cells.map((cell) => cell.getAttribute("aria-label") ?? "");
    /** Labels of each head and how strong they are, in percent, the strongest claim first. */
    this.claims = this.cells.map(claimsOf);
  }

  /**
   * Colours each head by its first label, or by one of them alone.
   * @param {number} only position of the label; -1 for all
   * @param {boolean} aside whether labels that say where heads rest are left out
   */
  paintLabels(only, aside) {
    this.cells.forEach((cell, i) => {
      const claim = this.claims[i].find(([label]) =>
        only < 0 ? !(aside && this.labels[label].rests) : label === only,
      );
      cell.className = claim ? `${this.labels[claim[0]].hue} v${claim[1]}` : "v0";
      this.#write(i, claim ? this.labels[claim[0]].code : "");
      cell.setAttribute("aria-label", this.descriptions[i]);
    });
  }

  /**
   * Colours each head by its score.
   * @param {import("./files.js").Thousandths} scores
   * @param {number} top upper end of the scale
   * @param {number} only position of a label, whose heads alone are shown; -1 for all heads
   * @param {string} [against] the hue of what lies below zero
   */
  paintScores(scores, top, only, against = "") {
    this.cells.forEach((cell, i) => {
      const stored = scores[i] ?? null;
      const value = stored === null ? null : stored / 1000;
      const text = twoDigits(value);
      const colour = colourOf(value === null ? null : value / top, against);
      const hidden = value !== null && only >= 0 && !this.claims[i].some(([label]) => label === only);
      cell.className = hidden ? `${colour} dim` : colour;
      this.#write(i, text);
      cell.setAttribute("aria-label", `${this.names[i]} ${text}`);
    });
  }

  /**
   * What a cell says, where figures find it too.
   * @param {number} i
   * @param {string} text
   */
  #write(i, text) {
    if (this.lettered[i]) this.cells[i].textContent = text;
    else this.cells[i].dataset.text = text;
  }

  /** The labels of a head in words, with their strengths. @param {number} i */
  claimsInWords(i) {
    const claims = this.claims[i].map(([label, percent]) => `${this.labels[label].text} ${(percent / 100).toFixed(2)}`);
    return claims.join(" · ") || "no label";
  }

  /**
   * Lets keyboard and pointer move over the mosaics.
   * @param {(i: number) => void} onHead
   * @param {() => void} onLeave
   */
  listen(onHead, onLeave) {
    for (const table of this.tables) {
      const report = (/** @type {Event} */ event) => {
        const i = this.cells.indexOf(/** @type {HTMLAnchorElement} */ (event.target));
        if (i >= 0) onHead(i);
      };
      moveByKeyboard(table);
      table.addEventListener("focusin", report);
      table.addEventListener("pointerover", report);
      table.addEventListener("pointerleave", onLeave);
    }
  }
}

/**
 * @param {number | null} share of the scale
 * @param {string} against the hue of what lies below zero; empty where nothing does
 */
function colourOf(share, against) {
  if (share === null) return "none";
  const size = against ? Math.abs(share) : Math.max(share, 0);
  return `${share < 0 ? against : ""} v${Math.round(STEPS * Math.min(size, 1))}`.trim();
}

/** The name of the head that a cell leads to. @param {HTMLAnchorElement} cell */
const headOf = (cell) => /** @type {string} */ (cell.getAttribute("href")).replace(/^heads\/|\.html$/g, "");

/** @param {HTMLAnchorElement} cell */
function claimsOf(cell) {
  const claims = (cell.dataset.labels ?? "").split(" ").filter(Boolean);
  return claims.map((claim) => /** @type {[number, number]} */ (claim.split(":").map(Number)));
}

/** One stop of the tab key; arrow keys move inside. @param {HTMLTableElement} table */
function moveByKeyboard(table) {
  const rows = Array.from(table.tBodies[0].rows, (row) => all(HTMLAnchorElement, "a", row));
  for (const link of rows.flat()) link.tabIndex = -1;
  let stop = rows.flatMap((row) => row.slice(1))[0] ?? rows[0]?.[0]; // the first head, or else the first layer
  if (stop) stop.tabIndex = 0;
  table.addEventListener("focusin", ({ target }) => {
    if (!(target instanceof HTMLAnchorElement)) return;
    if (stop) stop.tabIndex = -1;
    stop = target;
    stop.tabIndex = 0;
  });
  table.addEventListener("keydown", (event) => {
    const next = hasModifier(event) ? undefined : neighbour(rows, event);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

/**
 * Where a key leads from the link that has the focus.
 * @param {HTMLAnchorElement[][]} rows
 * @param {KeyboardEvent} event
 */
function neighbour(rows, { key, target }) {
  const y = rows.findIndex((row) => row.includes(/** @type {HTMLAnchorElement} */ (target)));
  if (y < 0) return undefined;
  const x = rows[y].indexOf(/** @type {HTMLAnchorElement} */ (target));
  /** @type {Record<string, [number, number]>} */
  const moves = {
    ArrowUp: [y - 1, x],
    ArrowDown: [y + 1, x],
    ArrowLeft: [y, x - 1],
    ArrowRight: [y, x + 1],
    Home: [y, 0],
    End: [y, Infinity],
    PageUp: [0, x],
    PageDown: [Infinity, x],
  };
  if (!(key in moves)) return undefined;
  const [toY, toX] = moves[key];
  const row = rows[Math.min(Math.max(toY, 0), rows.length - 1)];
  return row[Math.min(Math.max(toX, 0), row.length - 1)];
}
