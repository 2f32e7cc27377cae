// Draws heads as points between two numbers.
import { drawing, hasModifier } from "./dom.js";
import { threeDigits } from "./text.js";

/** @typedef {{name: string, x: number, y: number, hue: string, called: string}} Point */
/** What an axis shows; `marked` is where a dotted line stands. @typedef {object} Axis
 * @property {string} title
 * @property {string} unit
 * @property {import("./files.js").Thousandths} values
 * @property {number | null} marked
 */
/** Ends and ticks of an axis, and where a value stands on it. @typedef {object} Scale
 * @property {number} least
 * @property {number} most
 * @property {number[]} ticks
 * @property {(value: number) => number} at
 */

const MARGIN = { left: 72, top: 16, right: 24, bottom: 64 };
const MAX_WIDTH = 660;
const MIN_HEIGHT = 300;
const NAMED = 6; // points with their names beside them: the furthest from the middle of the others
const LETTER = 7.5; // width of one in a name, at most, and how far apart the lines of two are
const LINE = 14;
const STEPS = [1, 2, 2.5, 5, 10];

/**
 * Draws as wide as there is room, so that letters keep their size.
 * @param {Element} svg
 * @param {Point[]} points
 * @param {Axis} x
 * @param {Axis} y
 */
export function drawScatter(svg, points, x, y) {
  const room = (svg.parentElement?.clientWidth || MAX_WIDTH) - MARGIN.left - MARGIN.right;
  const width = Math.min(MAX_WIDTH, room);
  const height = Math.max(MIN_HEIGHT, (2 * width) / 3);
  const [left, top] = [MARGIN.left, MARGIN.top];
  svg.setAttribute("viewBox", `${-left} ${-top} ${left + width + MARGIN.right} ${top + height + MARGIN.bottom}`);
  const across = scaleOf(
    points.map((point) => point.x),
    (share) => width * share,
  );
  const up = scaleOf(
    points.map((point) => point.y),
    (share) => height * (1 - share),
  );
  const ordered = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  const links = ordered.map((point) => link(point, across.at(point.x), up.at(point.y), x, y));
  const places = furthest(points, across, up).map(({ name, x, y }) => ({ name, x: across.at(x), y: up.at(y) }));
  const named = namesOf(places, width);
  svg.replaceChildren(...frame(x, y, across, up, width, height), ...links, ...named);
  moveByKeyboard(links);
}

/**
 * Ends and ticks at round numbers, zero among them.
 * @param {number[]} values
 * @param {(share: number) => number} toPixels
 * @returns {Scale}
 */
function scaleOf(values, toPixels) {
  const [low, high] = [Math.min(...values, 0), Math.max(...values, 0)];
  const span = high - low || 1;
  const rough = span / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * /** @type {number} */ (STEPS.find((each) => each * power >= rough * 0.999));
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil((low + span) / step - 1e-9)];
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(6)));
  const [least, most] = [ticks[0], ticks[ticks.length - 1]];
  return { least, most, ticks, at: (value) => toPixels((value - least) / (most - least)) };
}

/**
 * Axes with ticks and titles, and dotted lines at chance or zero.
 * @param {Axis} x
 * @param {Axis} y
 * @param {Scale} across
 * @param {Scale} up
 * @param {number} width
 * @param {number} height
 */
function frame(x, y, across, up, width, height) {
  const marked = { class: "marked" };
  return [
    drawing("path", { class: "frame", d: `M0 0V${height}H${width}` }),
    ...across.ticks.map((tick) => drawing("text", { x: across.at(tick), y: height + 18 }, String(tick))),
    ...up.ticks.map((tick) => drawing("text", { class: "y", x: -8, y: up.at(tick) }, String(tick))),
    drawing("path", { ...marked, d: `M${across.at(x.marked ?? 0)} 0V${height}` }),
    drawing("path", { ...marked, d: `M0 ${up.at(y.marked ?? 0)}H${width}` }),
    drawing("text", { class: "title", x: width / 2, y: height + 42 }, `${x.title} (${x.unit})`),
    drawing(
      "text",
      { class: "title", transform: `translate(-56 ${height / 2}) rotate(-90)` },
      `${y.title} (${y.unit})`,
    ),
  ];
}

/**
 * A point that leads to its head.
 * @param {Point} point
 * @param {number} cx
 * @param {number} cy
 * @param {Axis} x
 * @param {Axis} y
 */
function link(point, cx, cy, x, y) {
  const anchor = drawing("a", {
    href: `heads/${point.name}.html`,
    class: point.hue,
    "data-head": point.name,
    tabindex: -1,
    "aria-label": `${point.name}: ${x.title} ${threeDigits(point.x)}, ${y.title} ${threeDigits(point.y)}; ${point.called}`,
  });
  anchor.append(drawing("circle", { cx: cx.toFixed(1), cy: cy.toFixed(1), r: 4.5 }));
  return anchor;
}

/**
 * The points furthest from the middle one, measured along the scales.
 * @param {Point[]} points
 * @param {Scale} across
 * @param {Scale} up
 */
function furthest(points, across, up) {
  if (!points.length) return [];
  const middle = (/** @type {number[]} */ values) => values.sort((a, b) => a - b)[values.length >> 1];
  const [x, y] = [middle(points.map((point) => point.x)), middle(points.map((point) => point.y))];
  const away = (/** @type {Point} */ point) =>
    Math.hypot((point.x - x) / (across.most - across.least), (point.y - y) / (up.most - up.least));
  return [...points].sort((a, b) => away(b) - away(a)).slice(0, NAMED);
}

/**
 * Names beside their points, right or left, above or below, where none lies on an earlier one; those that find no room are
 * left out.
 * @param {{name: string, x: number, y: number}[]} places
 * @param {number} width
 */
function namesOf(places, width) {
  /** @type {{left: number, right: number, y: number}[]} */
  const taken = [];
  return places.flatMap(({ name, x, y }) => {
    const long = LETTER * name.length;
    const choices = [-4, 13].flatMap((below) => [
      { left: x + 8, right: x + 8 + long, y: y + below, at: { class: "name", x: x + 8, y: y + below } },
      { left: x - 8 - long, right: x - 8, y: y + below, at: { class: "name left", x: x - 8, y: y + below } },
    ]);
    const free = choices.find(
      (box) =>
        box.left >= 0 &&
        box.right <= width + MARGIN.right &&
        taken.every((other) => box.left > other.right || other.left > box.right || Math.abs(box.y - other.y) > LINE),
    );
    if (free) taken.push(free);
    return free ? [drawing("text", free.at, name)] : [];
  });
}

/** One stop of the tab key; arrow keys go from point to point across. @param {Element[]} links */
function moveByKeyboard(links) {
  const shown = /** @type {SVGElement[]} */ (links);
  shown.at(-1)?.setAttribute("tabindex", "0"); // the largest: what one came for
  /** @type {Record<string, (i: number) => number>} */
  const moves = {
    ArrowRight: (i) => i + 1,
    ArrowUp: (i) => i + 1,
    ArrowLeft: (i) => i - 1,
    ArrowDown: (i) => i - 1,
    Home: () => 0,
    End: () => shown.length - 1,
  };
  for (const [i, anchor] of shown.entries()) {
    anchor.addEventListener("keydown", (event) => {
      const next = hasModifier(event) ? undefined : shown[moves[event.key]?.(i)];
      if (!next) return;
      event.preventDefault();
      anchor.setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    });
  }
}
