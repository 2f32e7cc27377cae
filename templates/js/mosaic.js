// The mosaics of a model: a cell a head, coloured by label or by score.
import { DrawnGrid } from "./drawn_grid.js";
import { LinkGrid } from "./link_grid.js";
import { twoDigits } from "./text.js";

/**
 * A label of the model: its name in words, its letters in the cells, its family's class.
 * @typedef {{text: string, code: string, hue: string, summary: string, rests: boolean}} Label rests: it says where a head rests
 */

/** A label's position and how strong it is, in percent. @typedef {[number, number]} Claim */

/**
 * A head as its grid knows it; `said` is what the page says of it, null where a script has to.
 * @typedef {{name: string, href: string, claims: Claim[], said: string | null}} GridHead
 */

/**
 * What a cell shows: CSS classes of its colour, letters, what is said of it.
 * @typedef {{style: string, text: string, said: string}} Cell
 */

const STEPS = 100; // of colour

export class Mosaic {
  /**
   * @param {HTMLTableElement[]} tables one a kind of attention
   * @param {Label[]} labels
   */
  constructor(tables, labels) {
    this.labels = labels;
    this.grids = tables.map((table) => (table.dataset.mosaic === "drawn" ? new DrawnGrid(table) : new LinkGrid(table)));
    this.heads = this.grids.flatMap((grid) => /** @type {GridHead[]} */ (grid.heads));
    /** Whether nothing is to be seen until it is painted. */
    this.drawn = this.grids.some((grid) => grid instanceof DrawnGrid);
    this.cells = this.#labelled(-1, false);
  }

  /**
   * Colours each head by its first label, or by one of them alone.
   * @param {number} only position of the label; -1 for all
   * @param {boolean} aside whether labels that say where heads rest are left out
   */
  paintLabels(only, aside) {
    this.#show(this.#labelled(only, aside));
  }

  /**
   * @param {number} only
   * @param {boolean} aside
   * @returns {Cell[]}
   */
  #labelled(only, aside) {
    const isShown = (/** @type {Claim} */ [label]) =>
      only < 0 ? !(aside && this.labels[label].rests) : label === only;
    return this.heads.map((head) => {
      const claim = head.claims.find(isShown);
      const style = claim ? `${this.labels[claim[0]].hue} v${claim[1]}` : "v0";
      return { style, text: claim ? this.labels[claim[0]].code : "", said: head.said ?? this.#inWords(head) };
    });
  }

  /** @param {GridHead} head */
  #inWords({ name, claims: [first] }) {
    return first ? `${name}, ${this.labels[first[0]].text} ${twoDigits(first[1] / 100)}` : `${name}, no label`;
  }

  /**
   * Colours each head by its score.
   * @param {import("./files.js").Thousandths} scores
   * @param {number} top upper end of the scale
   * @param {number} only position of a label, whose heads alone are shown; -1 for all heads
   * @param {string} [against] the hue of what lies below zero
   */
  paintScores(scores, top, only, against = "") {
    this.#show(
      this.heads.map(({ name, claims }, i) => {
        const stored = scores[i] ?? null;
        const value = stored === null ? null : stored / 1000;
        const text = twoDigits(value);
        const said = `${name} ${text}`;
        const colour = colourOf(value === null ? null : value / top, against);
        const hidden = value !== null && only >= 0 && !claims.some(([label]) => label === only);
        return hidden ? { style: `${colour} dim`, text: "", said } : { style: colour, text, said };
      }),
    );
  }

  /** @param {Cell[]} cells */
  #show(cells) {
    this.cells = cells;
    let from = 0;
    for (const grid of this.grids) {
      grid.show(cells.slice(from, from + grid.heads.length));
      from += grid.heads.length;
    }
  }

  /** Marks a head that is pointed at elsewhere. @param {number} i -1 for none */
  point(i) {
    let from = 0;
    for (const grid of this.grids) {
      grid.point(i >= from && i < from + grid.heads.length ? i - from : -1);
      from += grid.heads.length;
    }
  }

  /** The labels of a head in words, with their strengths. @param {number} i */
  claimsInWords(i) {
    const claims = this.heads[i].claims.map(
      ([label, percent]) => `${this.labels[label].text} ${(percent / 100).toFixed(2)}`,
    );
    return claims.join(" · ") || "no label";
  }

  /**
   * Lets keyboard and pointer move over the mosaics.
   * @param {(i: number) => void} onHead
   * @param {() => void} onLeave
   */
  listen(onHead, onLeave) {
    let from = 0;
    for (const grid of this.grids) {
      const first = from;
      grid.listen((i) => onHead(first + i), onLeave);
      from += grid.heads.length;
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
