// Pictures read back as weights, and weights painted as pictures.
import { palette, step, weightOfColour } from "./colours.js";
import { element, surface } from "./dom.js";

/**
 * Weights of one map, row after row: 0 to 255, or -1 where a query cannot look; `rests`: the columns besides the first that are
 * sinks of the layer.
 * @typedef {{rows: number, columns: number, weights: Int16Array, rests?: number[]}} Weights
 */

/**
 * @param {HTMLImageElement} img
 * @param {number} rows
 * @param {number} columns
 * @returns {Promise<Weights>}
 */
export async function readBack(img, rows, columns) {
  await img.decode();
  const canvas = element("canvas");
  [canvas.width, canvas.height] = [columns, rows];
  const context = surface(canvas, { read: true });
  context.drawImage(img, 0, 0, columns, rows);
  const pixels = context.getImageData(0, 0, columns, rows).data;
  const weights = new Int16Array(rows * columns);
  for (let i = 0; i < weights.length; i++) {
    const colour = (pixels[4 * i] << 16) | (pixels[4 * i + 1] << 8) | pixels[4 * i + 2];
    weights[i] = pixels[4 * i + 3] < 128 ? -1 : weightOfColour(colour);
  }
  return { rows, columns, weights };
}

/**
 * The same without the first column and other sinks, rows adding up to what they did.
 * @param {Weights} map
 * @returns {Weights}
 */
export function withoutSink({ rows, columns, weights: all, rests = [] }) {
  const sinks = new Set([0, ...rests]);
  const weights = new Int16Array(all.length);
  for (let q = 0; q < rows; q++) {
    const row = all.subarray(q * columns, (q + 1) * columns);
    const total = row.reduce((sum, weight) => sum + Math.max(weight, 0), 0);
    let rest = total;
    for (const k of sinks) rest -= Math.max(row[k], 0);
    // A row that is all sink has nothing left: eight bits do not say where the last percent goes.
    const spread = (/** @type {number} */ weight) => (rest < 3 ? 0 : Math.round((weight * total) / rest));
    weights.set(
      row.map((weight, k) => (weight < 0 || sinks.has(k) ? -1 : spread(weight))),
      q * columns,
    );
  }
  return { rows, columns, weights };
}

/**
 * @param {Weights} map
 * @param {HTMLCanvasElement} canvas one pixel a weight
 * @param {boolean} squareRoot
 * @param {number[]} [colours]
 */
export function paintWeights(map, canvas, squareRoot, colours = palette()) {
  [canvas.width, canvas.height] = [map.columns, map.rows];
  const context = surface(canvas, { read: true });
  const image = context.createImageData(map.columns, map.rows);
  const pixels = new Uint32Array(image.data.buffer);
  const lookup = Uint32Array.from({ length: 256 }, (_, weight) => {
    const colour = colours[step(weight / 255, squareRoot)];
    return (0xff000000 | ((colour & 255) << 16) | (colour & 0xff00) | (colour >> 16)) >>> 0; // little-endian
  });
  map.weights.forEach((weight, i) => {
    if (weight >= 0) pixels[i] = lookup[Math.min(weight, 255)];
  });
  context.putImageData(image, 0, 0);
}

/** @param {number} weight 0 to 255 */
export const decimal = (weight) => (weight / 255).toFixed(3);

/** @param {number} weight 0 to 255 @returns {number | null} 0 to 1, null where a query cannot look */
const share = (weight) => (weight < 0 ? null : weight / 255);

/**
 * What a query looks at.
 * @param {Weights} map
 * @param {number} query
 */
export function rowShares({ columns, weights }, query) {
  return Array.from(weights.subarray(query * columns, (query + 1) * columns), share);
}

/**
 * Who looks at a key.
 * @param {Weights} map
 * @param {number} key
 */
export function columnShares({ rows, columns, weights }, key) {
  return Array.from({ length: rows }, (_, query) => share(weights[query * columns + key]));
}
