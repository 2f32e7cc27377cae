// A model's heads on one pattern in a small mosaic, which names the head that is pointed at.
import { element, linkTo, px, surface } from "./dom.js";
import { inWords, threeDigits } from "./text.js";

const MAX_CELL = 18; // CSS pixels
const MIN_CELL = 2;
const MAX_WIDTH = 420;
const MAX_HEIGHT = 560;

/**
 * What is compared.
 * @typedef {{slug: string, data: import("./files.js").Heads}} Model
 */

/** Scores that are known. @param {import("./files.js").Scores | undefined} scores */
export function knownScores(scores) {
  return (scores?.score ?? []).filter((stored) => stored !== null).map((stored) => stored / 1000);
}

/** @param {number[]} values */
export const highest = (values) => (values.length ? Math.max(...values) : null);

export class ScoreMosaic {
  /**
   * @param {Model} model
   * @param {string} pattern
   * @param {number} top upper end of the scale
   */
  constructor(model, pattern, top) {
    this.model = model;
    this.pattern = pattern;
    this.scores = model.data.patterns[pattern];
    /** Positions of heads, by layer. @type {number[][]} */
    this.grid = gridOf(model.data.layers);
    this.cell = cellSize(this.grid);
    this.canvas = this.#makeCanvas();
    this.#paint(top);
    this.readout = element("p", "", "readout");
    this.root = this.#makeFigure();
    this.#listen();
  }

  #makeFigure() {
    const { slug, data } = this.model;
    const caption = element("figcaption");
    caption.append(linkTo(data.model, `${slug}/index.html#pattern=${this.pattern}`));
    const figure = element("figure");
    figure.append(caption, this.canvas, this.readout);
    return figure;
  }

  #makeCanvas() {
    const canvas = element("canvas", "", `pixels compare-mosaic ${this.scores?.hue ?? ""}`);
    [canvas.width, canvas.height] = [columnsOf(this.grid), this.grid.length];
    [canvas.style.width, canvas.style.height] = [px(canvas.width * this.cell), px(canvas.height * this.cell)];
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", this.#description());
    return canvas;
  }

  #description() {
    const { model } = this.model.data;
    if (!this.scores) return `${model} was not measured on ${inWords(this.pattern)}`;
    return `${inWords(this.pattern)} in ${model}: highest ${threeDigits(highest(knownScores(this.scores)))}`;
  }

  /** @param {number} top */
  #paint(top) {
    const context = surface(this.canvas);
    const hue = familyColour(this.canvas);
    const against = this.scores?.against ? familyColour(this.canvas, this.scores.against) : "";
    context.fillStyle = hue;
    this.grid.forEach((heads, y) => {
      heads.forEach((i, x) => {
        const stored = this.scores?.score[i] ?? null;
        const share = stored === null ? 0 : stored / 1000 / top;
        if (against) context.fillStyle = share < 0 ? against : hue;
        context.globalAlpha = Math.min(Math.max(against ? Math.abs(share) : share, 0), 1);
        context.fillRect(x, y, 1, 1);
      });
    });
  }

  #listen() {
    const { data, slug } = this.model;
    this.canvas.addEventListener("pointermove", (event) => {
      const i = this.#headAt(event);
      const stored = i === undefined ? undefined : this.scores?.score[i];
      const score = stored === null || stored === undefined ? null : stored / 1000;
      this.readout.textContent = i === undefined ? "" : `${data.heads[i]} ${threeDigits(score)}`;
    });
    this.canvas.addEventListener("click", (event) => {
      const i = this.#headAt(event);
      if (i !== undefined) location.href = `${slug}/heads/${data.heads[i]}.html`;
    });
  }

  /** @param {MouseEvent} event @returns {number | undefined} */
  #headAt({ offsetX, offsetY }) {
    return this.grid[Math.floor(offsetY / this.cell)]?.[Math.floor(offsetX / this.cell)];
  }
}

/** @param {import("./files.js").Heads["layers"]} layers */
function gridOf(layers) {
  let next = 0;
  return layers.map(([, heads]) => Array.from({ length: heads }, () => next++));
}

/** @param {number[][]} grid */
const columnsOf = (grid) => Math.max(...grid.map((heads) => heads.length), 1);

/** @param {number[][]} grid */
function cellSize(grid) {
  const fitting = Math.min(Math.floor(MAX_WIDTH / columnsOf(grid)), Math.floor(MAX_HEIGHT / grid.length));
  return Math.max(MIN_CELL, Math.min(MAX_CELL, fitting));
}

/**
 * The hue of a canvas' family, or of another, which is known only in the page.
 * @param {HTMLCanvasElement} canvas
 * @param {string} [family]
 */
function familyColour(canvas, family = "") {
  const own = canvas.className;
  if (family) canvas.className = family;
  document.body.append(canvas);
  const colour = getComputedStyle(canvas).getPropertyValue("--family");
  canvas.remove();
  canvas.className = own;
  return colour;
}
