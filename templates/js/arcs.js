// Queries on the left, keys on the right, a line for each weight: drawn as one picture, so that long texts stay quick.
import { clamp, element, px, surface } from "./dom.js";
import { rowShares } from "./weights.js";

const MAX_LINES = 5; // of a query, where none is chosen
const FAINT = 0.02;
export const TEXT_WIDTH = 130; // of each side, in CSS pixels
export const ARC_WIDTH = 260;
const WIDTH = 2 * TEXT_WIDTH + ARC_WIDTH;
const MARGIN = 4;
const MAX_PIXELS = 8000; // of the canvas' height
const MAX_LETTERS = 15;
const MONOSPACE = 'ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace';

/**
 * -1 where it is not a query, or not a key, that is pointed at.
 * @typedef {{over: (query: number, key: number) => void, out: () => void, pin: (query: number) => void}} ArcEvents
 */

export class Arcs {
  /**
   * @param {string[]} rows
   * @param {string[]} columns
   * @param {ArcEvents} on
   */
  constructor(rows, columns, on) {
    this.rows = rows;
    this.columns = columns;
    const longest = Math.max(rows.length, columns.length);
    this.pitch = pitchOf(longest);
    this.height = longest * this.pitch + 2 * MARGIN;
    this.ratio = Math.min(devicePixelRatio || 1, MAX_PIXELS / this.height);
    this.canvas = this.#makeCanvas();
    this.#listen(on);
  }

  #makeCanvas() {
    const { ratio, height } = this;
    const canvas = element("canvas", "", "arcs");
    [canvas.width, canvas.height] = [Math.round(WIDTH * ratio), Math.round(height * ratio)];
    [canvas.style.width, canvas.style.aspectRatio] = [px(WIDTH), `${WIDTH} / ${height}`];
    canvas.setAttribute("role", "img");
    canvas.setAttribute(
      "aria-label",
      "Arcs from each token to the tokens it looks at. The matrix and the text have the same weights, by keyboard too.",
    );
    return canvas;
  }

  /** @param {ArcEvents} on */
  #listen(on) {
    this.canvas.addEventListener("pointermove", (event) => on.over(...this.#at(event)));
    this.canvas.addEventListener("pointerleave", on.out);
    this.canvas.addEventListener("click", (event) => {
      const [query] = this.#at(event);
      if (query >= 0) on.pin(query);
    });
  }

  /** @param {MouseEvent} event @returns {[number, number]} query and key, one of them -1 */
  #at(event) {
    const scale = WIDTH / this.canvas.clientWidth;
    const line = Math.floor((event.offsetY * scale - MARGIN) / this.pitch);
    const onKeys = event.offsetX * scale > WIDTH / 2;
    return onKeys ? [-1, clamp(line, this.columns.length)] : [clamp(line, this.rows.length), -1];
  }

  /**
   * Draws the weights of a query, or to a key, or the largest of each query.
   * @param {import("./weights.js").Weights} map
   * @param {number} query -1 for all
   * @param {number} key -1 for all
   * @param {boolean} squareRoot
   */
  draw(map, query, key, squareRoot) {
    const context = surface(this.canvas);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, WIDTH, this.height);
    context.strokeStyle = siteColour("--link");
    context.lineWidth = Math.min(2, Math.max(1, this.pitch / 6));
    for (const line of arcLines(map, query, key)) {
      context.globalAlpha = strength(line.weight, squareRoot);
      this.#line(context, line.query, line.key);
    }
    context.globalAlpha = 1;
    if (this.pitch >= 10) this.#names(context, query, key);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} query
   * @param {number} key
   */
  #line(context, query, key) {
    const [start, end, bend] = [TEXT_WIDTH, TEXT_WIDTH + ARC_WIDTH, TEXT_WIDTH + ARC_WIDTH / 2];
    const [from, to] = [this.#middle(query), this.#middle(key)];
    context.beginPath();
    context.moveTo(start, from);
    context.bezierCurveTo(bend, from, bend, to, end, to);
    context.stroke();
  }

  /** @param {number} i */
  #middle(i) {
    return MARGIN + (i + 0.5) * this.pitch;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} query
   * @param {number} key
   */
  #names(context, query, key) {
    context.font = `${Math.min(this.pitch - 2, 12)}px ${MONOSPACE}`;
    context.textBaseline = "middle";
    context.textAlign = "right";
    this.#side(context, this.rows, TEXT_WIDTH - 6, query);
    context.textAlign = "left";
    this.#side(context, this.columns, TEXT_WIDTH + ARC_WIDTH + 6, key);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {string[]} tokens
   * @param {number} x
   * @param {number} chosen
   */
  #side(context, tokens, x, chosen) {
    const [ink, soft] = [getComputedStyle(document.body).color, siteColour("--soft")];
    tokens.forEach((token, i) => {
      context.fillStyle = chosen < 0 || chosen === i ? ink : soft;
      context.fillText(shortened(token), x, this.#middle(i), TEXT_WIDTH - 8);
    });
  }
}

/** The height of a token's line, in CSS pixels. @param {number} longest */
export function pitchOf(longest) {
  if (longest <= 60) return 19;
  return longest <= 200 ? 12 : Math.max(2, Math.floor(3000 / longest));
}

/** @param {string} token */
export function shortened(token) {
  return token.length > MAX_LETTERS ? `${token.slice(0, MAX_LETTERS - 1)}…` : token;
}

/**
 * How opaque a line is.
 * @param {number} weight 0 to 1
 * @param {boolean} squareRoot
 */
export const strength = (weight, squareRoot) => Math.min(squareRoot ? Math.sqrt(weight) : weight, 1);

/** @typedef {{query: number, key: number, weight: number}} Line */

/**
 * The lines of a query, or to a key, or the strongest of each query.
 * @param {import("./weights.js").Weights} map
 * @param {number} query -1 for all
 * @param {number} key -1 for all
 * @returns {Line[]}
 */
export function arcLines(map, query, key) {
  const queries = query >= 0 ? [query] : Array.from({ length: map.rows }, (_, q) => q);
  return queries.flatMap((q) => linesOf(map, q, query >= 0, key).map(([weight, k]) => ({ query: q, key: k, weight })));
}

/**
 * The lines of a query: weight and key.
 * @param {import("./weights.js").Weights} map
 * @param {number} query
 * @param {boolean} chosen
 * @param {number} key
 * @returns {[number, number][]}
 */
function linesOf(map, query, chosen, key) {
  const lines = rowShares(map, query)
    .map((weight, k) => /** @type {[number, number]} */ ([weight ?? 0, k]))
    .filter(([weight]) => weight > FAINT);
  if (chosen) return lines;
  if (key >= 0) return lines.filter(([, k]) => k === key);
  return lines.sort((a, b) => b[0] - a[0]).slice(0, MAX_LINES);
}

/** @param {string} name */
const siteColour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);
