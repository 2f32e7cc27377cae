// Pictures read back as weights, and weights painted as pictures.
"use strict";

/**
 * Weights of one map, row after row: 0 to 255, or -1 where a query cannot look.
 * @typedef {{rows: number, columns: number, weights: Int16Array}} Weights
 */

/** @param {string} digits */
const parsePalette = (digits) => Array.from({ length: 256 }, (_, weight) => parseInt(digits.slice(6 * weight, 6 * weight + 6), 16));
// Pictures are stored in the light scale, whose 256 colours all differ.
const PALETTES = { light: parsePalette(window.headatlas.light), dark: parsePalette(window.headatlas.dark) };
const weightOf = new Map(PALETTES.light.map((colour, weight) => [colour, weight]));
const onDark = matchMedia("(prefers-color-scheme: dark)");
let printing = false;

const palette = () => (onDark.matches && !printing ? PALETTES.dark : PALETTES.light);
/** @param {number} colour */
const css = (colour) => `#${colour.toString(16).padStart(6, "0")}`;
/** Where a weight from 0 to 1 stands on the scale, 0 to 255. @param {number} weight @param {boolean} root */
const step = (weight, root) => Math.round(255 * (root ? Math.sqrt(weight) : weight));

/** The colour of a weight from 0 to 1 and that of text upon it. @param {number} weight @param {boolean} root */
function tint(weight, root) {
  const colour = palette()[step(Math.min(Math.max(weight, 0), 1), root)];
  const linear = (/** @type {number} */ v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const [r, g, b] = [16, 8, 0].map((shift) => linear(((colour >> shift) & 255) / 255));
  const bright = 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179; // where black and white have the same contrast
  return { background: css(colour), color: bright ? "#000" : "#fff" };
}

/** Some browsers blur what a page reads back from a canvas, against fingerprinting. @param {number} colour */
function nearest(colour) {
  let best = 0;
  let least = Infinity;
  PALETTES.light.forEach((other, weight) => {
    let distance = 0;
    for (const shift of [0, 8, 16]) distance += (((colour >> shift) & 255) - ((other >> shift) & 255)) ** 2;
    if (distance < least) [best, least] = [weight, distance];
  });
  return best;
}

/** @param {HTMLImageElement} img @param {number} rows @param {number} columns @returns {Promise<Weights>} */
async function readBack(img, rows, columns) {
  await img.decode();
  const canvas = element("canvas");
  [canvas.width, canvas.height] = [columns, rows];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  context.drawImage(img, 0, 0, columns, rows);
  const pixels = context.getImageData(0, 0, columns, rows).data;
  const weights = new Int16Array(rows * columns);
  for (let i = 0; i < weights.length; i++) {
    const colour = (pixels[4 * i] << 16) | (pixels[4 * i + 1] << 8) | pixels[4 * i + 2];
    weights[i] = pixels[4 * i + 3] < 128 ? -1 : (weightOf.get(colour) ?? nearest(colour));
  }
  return { rows, columns, weights };
}

/** The same without the first column, rows adding up to what they did. @param {Weights} map @returns {Weights} */
function withoutSink(map) {
  const { rows, columns } = map;
  const weights = Int16Array.from(map.weights);
  for (let q = 0; q < rows; q++) {
    let whole = 0;
    for (let k = 0; k < columns; k++) whole += Math.max(map.weights[q * columns + k], 0);
    const rest = whole - Math.max(map.weights[q * columns], 0);
    weights[q * columns] = -1;
    for (let k = 1; k < columns; k++) {
      const weight = map.weights[q * columns + k];
      // A row that is all sink has nothing left: eight bits do not say where the last percent goes.
      weights[q * columns + k] = weight < 0 ? -1 : rest < 3 ? 0 : Math.round((weight * whole) / rest);
    }
  }
  return { rows, columns, weights };
}

/** @param {Weights} map @param {HTMLCanvasElement} canvas one pixel a weight @param {boolean} root */
function paintWeights(map, canvas, root) {
  [canvas.width, canvas.height] = [map.columns, map.rows];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  const image = context.createImageData(map.columns, map.rows);
  const colours = palette();
  const pixels = new Uint32Array(image.data.buffer);
  const lookup = Uint32Array.from({ length: 256 }, (_, weight) => {
    const colour = colours[step(weight / 255, root)];
    return (0xff000000 | ((colour & 255) << 16) | (colour & 0xff00) | (colour >> 16)) >>> 0; // little-endian
  });
  map.weights.forEach((weight, i) => {
    if (weight >= 0) pixels[i] = lookup[Math.min(weight, 255)];
  });
  context.putImageData(image, 0, 0);
}

/** @param {number} weight 0 to 255 */
const decimal = (weight) => (weight / 255).toFixed(3);

for (const [event, now] of /** @type {[string, boolean][]} */ ([["beforeprint", true], ["afterprint", false]])) {
  addEventListener(event, () => {
    printing = now;
    onDark.dispatchEvent(new Event("change"));
  });
}
