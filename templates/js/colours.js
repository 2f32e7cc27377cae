// The scales of attention: 256 colours for light pages, 256 for dark ones, which Python generates.

/** @param {string} digits six for each weight */
const parsePalette = (digits) =>
  Array.from({ length: 256 }, (_, weight) => Number.parseInt(digits.slice(6 * weight, 6 * weight + 6), 16));

// Pictures are stored in the light scale, whose 256 colours all differ.
const LIGHT = parsePalette(window.headatlas.light);
const DARK = parsePalette(window.headatlas.dark);
const weightOf = new Map(LIGHT.map((colour, weight) => [colour, weight]));

const darkScheme = matchMedia("(prefers-color-scheme: dark)");
/** @type {(() => void)[]} */
const listeners = [];
let onPaper = false;

export const palette = () => (darkScheme.matches && !onPaper ? DARK : LIGHT);

/** Papers are white: the colours of figures do not follow the screen. */
export const paperPalette = LIGHT;

/**
 * When the colours change: another scheme, before and after printing.
 * @param {() => void} listener
 */
export const onColoursChange = (listener) => listeners.push(listener);

function coloursChanged() {
  for (const listener of listeners) listener();
}

darkScheme.addEventListener("change", coloursChanged);
for (const [event, printing] of /** @type {[string, boolean][]} */ ([
  ["beforeprint", true],
  ["afterprint", false],
])) {
  addEventListener(event, () => {
    onPaper = printing;
    coloursChanged();
  });
}

/** @param {number} colour */
export const css = (colour) => `#${colour.toString(16).padStart(6, "0")}`;

/**
 * Where a weight from 0 to 1 stands on the scale, 0 to 255.
 * @param {number} weight
 * @param {boolean} squareRoot
 */
export const step = (weight, squareRoot) => Math.round(255 * (squareRoot ? Math.sqrt(weight) : weight));

/**
 * The colour of a weight from 0 to 1 and that of text upon it.
 * @param {number} weight
 * @param {boolean} squareRoot
 * @param {number[]} [colours]
 */
export function tint(weight, squareRoot, colours = palette()) {
  const colour = colours[step(Math.min(Math.max(weight, 0), 1), squareRoot)];
  const bright = luminance(colour) > 0.179; // where black and white have the same contrast
  return { background: css(colour), color: bright ? "#000" : "#fff" };
}

/** @param {number} colour */
function luminance(colour) {
  const [r, g, b] = channels(colour).map((byte) => {
    const value = byte / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {number} colour */
const channels = (colour) => [16, 8, 0].map((shift) => (colour >> shift) & 255);

/**
 * The weight, 0 to 255, that a picture's colour stands for: that of the nearest colour, since some browsers blur what a
 * page reads back from a canvas, against fingerprinting.
 * @param {number} colour
 */
export function weightOfColour(colour) {
  let weight = weightOf.get(colour);
  if (weight === undefined) {
    weight = nearestWeight(colour);
    weightOf.set(colour, weight);
  }
  return weight;
}

/** @param {number} colour */
function nearestWeight(colour) {
  const wanted = channels(colour);
  const distances = LIGHT.map((other) => channels(other).reduce((sum, byte, i) => sum + (byte - wanted[i]) ** 2, 0));
  return distances.indexOf(Math.min(...distances));
}
