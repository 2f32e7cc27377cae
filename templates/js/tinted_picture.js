// A picture on a canvas, tinted where it is looked at; and the place of a patch in it.
import { element, surface } from "./dom.js";

/** What a place is tinted with where it is looked at. */
const TINT = [255, 120, 0];
const OPACITY = 0.8;

/**
 * @param {string} uri of a picture
 * @returns {Promise<ImageData>}
 */
export async function pixelsOf(uri) {
  const image = new Image();
  image.src = uri;
  await image.decode();
  const canvas = element("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const context = surface(canvas, { read: true });
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/**
 * The picture as it is, or grey and tinted by the weights of its places, up to the largest.
 * @param {HTMLCanvasElement} canvas
 * @param {ImageData} pixels of the picture
 * @param {[number, number]} grid rows and columns of places
 * @param {ArrayLike<number> | null} map weight of each place
 */
export function paintTinted(canvas, pixels, [rows, columns], map) {
  const { width, height, data } = pixels;
  [canvas.width, canvas.height] = [width, height];
  const context = surface(canvas);
  if (!map) return context.putImageData(pixels, 0, 0);
  const most = Math.max(...Array.from(map)) || 1;
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

/**
 * Outlines a place of the picture; none for a negative number.
 * @param {HTMLElement} spot
 * @param {[number, number]} grid
 * @param {number} place
 */
export function outline(spot, [rows, columns], place) {
  spot.hidden = place < 0;
  spot.style.setProperty("inset-block-start", `${(100 * Math.floor(place / columns)) / rows}%`);
  spot.style.setProperty("inset-inline-start", `${(100 * (place % columns)) / columns}%`);
  spot.style.width = `${100 / columns}%`;
  spot.style.height = `${100 / rows}%`;
}
