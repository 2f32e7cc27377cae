// How far a head looks: attention by distance, the probe on which it shows itself in front of the others.
import { drawing, element } from "./dom.js";
import { inWords, threeDigits } from "./text.js";

/**
 * `curves`: probe, first distance, points in units down from the top. `ticks`: attention at the bottom, half way, and at the
 * top. `peaks`: distances that get most on the first probe, with attention in thousandths.
 * @typedef {object} Distances
 * @property {boolean} off_sink
 * @property {[string, number, number[]][]} curves
 * @property {string[]} ticks
 * @property {[number, number][]} peaks
 */

const [WIDTH, HEIGHT] = [420, 150];
const MARKS = [-64, -16, -4, -1, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256];
const OFF_SINK =
  "Share of the attention that goes to the key that many tokens back (square-root axis), over the queries of the sequences " +
  "above that have one. The first position, special tokens, and others where the heads of the layer rest are left out.";
const WHOLE = "Mean attention on the key that many tokens back (square-root axis), the sink among them.";

/**
 * @param {HTMLElement} section
 * @param {Distances | null} distances
 */
export function drawDistances(section, distances) {
  if (!distances) return section.append(element("p", "The scan kept no attention by distance."));
  const { curves, peaks, off_sink } = distances;
  const own = inWords(curves[0][0]);
  const most = (/** @type {number} */ digits) =>
    peaks
      .map(
        ([back, stored]) =>
          `${back} back (${digits === 3 ? threeDigits(stored / 1000) : (stored / 1000).toFixed(digits)})`,
      )
      .join(", ");
  const others = curves.length > 1 ? "; grey: the other probes" : "";
  const caption = `${off_sink ? OFF_SINK : WHOLE} Dark: ${own}${others}. There most at ${most(2)}.`;
  section.append(
    chartOf(distances, `Attention by distance. On ${own} most at ${most(3)}.`),
    element("p", caption, "caption"),
  );
}

/**
 * @param {Distances} distances
 * @param {string} said
 */
function chartOf({ curves, ticks }, said) {
  const first = Math.min(...curves.map(([, start]) => start));
  const last = Math.max(...curves.map(([, start, points]) => start + points.length - 1));
  // Near distances matter most: the axis goes by the square root, to both sides of 0.
  const root = (/** @type {number} */ distance) => Math.sign(distance) * Math.sqrt(Math.abs(distance));
  const across = (/** @type {number} */ distance) =>
    Math.round((10 * WIDTH * (root(distance) - root(first))) / (root(last) - root(first))) / 10;
  const chart = drawing("svg", {
    class: "chart distance-chart",
    viewBox: `-34 -8 ${WIDTH + 44} ${HEIGHT + 36}`,
    role: "img",
    "aria-label": said,
  });
  chart.append(drawing("path", { class: "frame", d: `M0 0V${HEIGHT}H${WIDTH}` }));
  ticks.forEach((text, i) => {
    chart.append(drawing("text", { class: "y", x: -5, y: HEIGHT * (1 - i / (ticks.length - 1)) }, text));
  });
  for (const mark of MARKS.filter((distance) => first <= distance && distance <= last)) {
    chart.append(drawing("path", { class: "tick", d: `M${across(mark)} ${HEIGHT}v4` }));
    chart.append(drawing("text", { class: "x", x: across(mark), y: HEIGHT + 16 }, String(mark)));
  }
  const [own, ...others] = curves.map(([probe, start, points]) => {
    const line = points.map((down, i) => `${Math.round(across(start + i))} ${down}`).join("L");
    return { probe: inWords(probe), line: `M${line}` };
  });
  for (const { probe, line } of others) chart.append(curve("other", probe, line));
  chart.append(curve("own", own.probe, own.line));
  return chart;
}

/**
 * @param {string} className
 * @param {string} probe
 * @param {string} line
 */
function curve(className, probe, line) {
  const path = drawing("path", { class: className, d: line });
  path.append(drawing("title", {}, probe));
  return path;
}
