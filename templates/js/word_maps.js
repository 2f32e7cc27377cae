// The maps of one picture: attention of each head, at each step, from each place to each word; and the picture itself.
import { element, surface } from "./dom.js";

/**
 * A picture's data file; `maps` are bytes in base64, [head, step, token, place].
 * @typedef {object} PictureFile
 * @property {string} sentence
 * @property {boolean} own
 * @property {string[]} tokens
 * @property {string} image
 * @property {[number, number]} grid
 * @property {number[]} noise
 * @property {string[]} heads
 * @property {string} maps
 */

/** What a place is tinted with where a word is looked at. */
const TINT = [255, 120, 0];
const OPACITY = 0.8;

export class WordMaps {
  /**
   * @param {PictureFile} file
   * @param {ImageData} pixels of the picture
   */
  constructor(file, pixels) {
    this.file = file;
    this.pixels = pixels;
    this.bytes = Uint8Array.from(atob(file.maps), (character) => character.charCodeAt(0));
    this.nPlaces = file.grid[0] * file.grid[1];
  }

  /** @param {PictureFile} file */
  static async of(file) {
    const image = new Image();
    image.src = file.image;
    await image.decode();
    const canvas = element("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = surface(canvas, { read: true });
    context.drawImage(image, 0, 0);
    return new WordMaps(file, context.getImageData(0, 0, canvas.width, canvas.height));
  }

  /**
   * Attention from 0 to 1, [token, place]: of a head or, for "", the mean of all; at a step or, for -1, the mean of all.
   * @param {string} head
   * @param {number} step
   */
  weights(head, step) {
    const { heads, noise, tokens } = this.file;
    const size = tokens.length * this.nPlaces;
    const sums = new Float64Array(size);
    const chosenHeads = head ? [heads.indexOf(head)] : heads.map((_, i) => i);
    const steps = step < 0 ? noise.map((_, i) => i) : [step];
    for (const each of chosenHeads) {
      for (const at of steps) {
        const start = (each * noise.length + at) * size;
        for (let i = 0; i < size; i++) sums[i] += this.bytes[start + i];
      }
    }
    const n = 255 * chosenHeads.length * steps.length;
    return sums.map((sum) => sum / n);
  }

  /**
   * The picture on a canvas, as it is, or grey and tinted where a word is looked at.
   * @param {HTMLCanvasElement} canvas
   * @param {Float64Array | null} map weight of each place
   */
  paint(canvas, map) {
    const { width, height, data } = this.pixels;
    [canvas.width, canvas.height] = [width, height];
    const context = surface(canvas);
    if (!map) return context.putImageData(this.pixels, 0, 0);
    const [rows, columns] = this.file.grid;
    const most = Math.max(...map) || 1;
    const painted = context.createImageData(width, height);
    for (let y = 0; y < height; y++) {
      const row = columns * Math.floor((y * rows) / height);
      for (let x = 0; x < width; x++) {
        const i = 4 * (y * width + x);
        const grey = 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
        const opacity = (OPACITY * map[row + Math.floor((x * columns) / width)]) / most;
        for (let c = 0; c < 3; c++) painted.data[i + c] = grey * (1 - opacity) + TINT[c] * opacity;
        painted.data[i + 3] = 255;
      }
    }
    context.putImageData(painted, 0, 0);
  }
}
