// The picture beside a map, some of whose tokens are its patches: tinted by what is pointed at in the map.
import { element, need } from "./dom.js";
import { outline, paintTinted, pixelsOf } from "./tinted_picture.js";

export class PatchPicture {
  /**
   * The picture of the sequence that a map stands in; null where it has none.
   * @param {HTMLElement} map
   */
  static async of(map) {
    const root = map.closest(".example")?.querySelector(".overlays .pointed");
    if (!(root instanceof HTMLElement)) return null;
    const image = need("img, canvas", root);
    const made = image instanceof HTMLImageElement ? await PatchPicture.#replace(root, image) : shown.get(root);
    return made ?? null;
  }

  /**
   * @param {HTMLElement} root
   * @param {HTMLImageElement} image
   */
  static async #replace(root, image) {
    const picture = new PatchPicture(root, await pixelsOf(image.src));
    image.replaceWith(picture.canvas);
    root.hidden = false;
    shown.set(root, picture);
    return picture;
  }

  /**
   * @param {HTMLElement} root
   * @param {ImageData} pixels
   */
  constructor(root, pixels) {
    const { rows, columns, queries, keys } = root.dataset;
    this.pixels = pixels;
    /** @type {[number, number]} */
    this.grid = [Number(rows), Number(columns)];
    this.queries = Number(queries);
    this.keys = Number(keys);
    this.canvas = element("canvas");
    this.canvas.setAttribute("aria-hidden", "true"); // the map says the weights
    this.spot = need(".spot", root);
    this.words = need("p", root);
    this.hint = this.words.textContent ?? "";
  }

  /**
   * @param {import("./weights.js").Weights} map
   * @param {import("./heatmap.js").Cell} cell
   * @param {{rows: string[], columns: string[]}} tokens
   */
  show(map, { query, key }, { rows, columns }) {
    const n = this.grid[0] * this.grid[1];
    const looks = query >= 0 && this.keys >= 0;
    const isLookedAt = !looks && key >= 0 && this.queries >= 0;
    const weights = Array.from({ length: looks || isLookedAt ? n : 0 }, (_, place) => {
      const [row, column] = looks ? [query, this.keys + place] : [this.queries + place, key];
      return Math.max(0, map.weights[row * map.columns + column]);
    });
    paintTinted(this.canvas, this.pixels, this.grid, weights.length ? weights : null);
    const place = query >= 0 && this.queries >= 0 ? query - this.queries : key - this.keys;
    const isPatch = (query >= 0 ? this.queries : this.keys) >= 0 && place >= 0 && place < n;
    outline(this.spot, this.grid, isPatch && (query >= 0 || key >= 0) ? place : -1);
    this.words.textContent = this.hint;
    if (looks) this.words.textContent = `Where ${rows[query]} looks`;
    if (isLookedAt) this.words.textContent = `From where ${columns[key]} is looked at`;
  }
}

/** Pictures that have started. @type {WeakMap<HTMLElement, PatchPicture>} */
const shown = new WeakMap();
