// The maps of one picture: attention of each head, at each step, from each place to each word; and the picture itself.
import { paintTinted, pixelsOf } from "./tinted_picture.js";

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
    return new WordMaps(file, await pixelsOf(file.image));
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
    paintTinted(canvas, this.pixels, this.file.grid, map);
  }
}
