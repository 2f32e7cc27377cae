// One stop of the tab key for many links: arrow keys move among them.
import { all, hasModifier } from "./dom.js";

/**
 * Where a key leads in rows of so many cells: row and column; undefined for other keys.
 * @param {string} key
 * @param {[number, number]} from row and column
 * @param {number[]} lengths of the rows
 * @returns {[number, number] | undefined}
 */
export function neighbour(key, [y, x], lengths) {
  const last = lengths.length - 1;
  /** @type {Record<string, [number, number]>} */
  const moves = {
    ArrowUp: [y - 1, x],
    ArrowDown: [y + 1, x],
    ArrowLeft: [y, x - 1],
    ArrowRight: [y, x + 1],
    Home: [y, 0],
    End: [y, Infinity],
    PageUp: [0, x],
    PageDown: [last, x],
  };
  if (!Object.hasOwn(moves, key)) return undefined;
  const row = Math.min(Math.max(moves[key][0], 0), last);
  return [row, Math.min(Math.max(moves[key][1], 0), lengths[row] - 1)];
}

/**
 * Makes links one stop.
 * @param {HTMLElement} box that holds them
 * @param {HTMLElement[]} links
 * @param {() => HTMLElement[][]} rows which of them stand in a row, asked when a key is pressed
 * @param {HTMLElement | undefined} [first] the stop to begin with
 * @param {AbortSignal} [signal] when others take their place
 */
export function oneStop(box, links, rows, first = links[0], signal = undefined) {
  let stop = first;
  for (const link of links) link.tabIndex = link === stop ? 0 : -1;
  const stopAt = (/** @type {HTMLElement} */ link) => {
    if (stop) stop.tabIndex = -1;
    stop = link;
    stop.tabIndex = 0;
  };
  box.addEventListener(
    "focusin",
    ({ target }) => {
      const link = links.find((each) => each === target);
      if (link) stopAt(link);
    },
    { signal },
  );
  box.addEventListener(
    "keydown",
    (event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      if (hasModifier(event) || !links.includes(target)) return;
      const lines = rows();
      const y = lines.findIndex((line) => line.includes(target));
      const lengths = lines.map((line) => line.length);
      const to = y < 0 ? undefined : neighbour(event.key, [y, lines[y].indexOf(target)], lengths);
      const next = to && lines[to[0]][to[1]];
      if (!next || next === target) return;
      event.preventDefault();
      next.focus();
    },
    { signal },
  );
}

/** Makes one stop of each list that the page marks so; the stop is what is chosen, or else the first. */
export function oneStopEach() {
  for (const box of all(HTMLElement, "[data-one-stop]")) {
    const links = all(HTMLAnchorElement, "a", box);
    const chosen = links.find((link) => link.ariaCurrent);
    // Left and right turn the page where sequences are chosen.
    const rows = box.dataset.oneStop === "list" ? () => links.map((link) => [link]) : () => linesOf(links);
    oneStop(box, links, rows, chosen);
  }
}

/**
 * Links that flow over several lines, line by line as they are seen.
 * @param {HTMLElement[]} links
 */
export function linesOf(links) {
  /** @type {Map<number, [number, HTMLElement][]>} */
  const lines = new Map();
  for (const link of links) {
    const { top, left } = link.getBoundingClientRect();
    const line = [...lines.keys()].find((other) => Math.abs(other - top) < 4) ?? top;
    lines.set(line, [...(lines.get(line) ?? []), [left, link]]);
  }
  const ordered = [...lines].sort(([a], [b]) => a - b);
  return ordered.map(([, line]) => line.sort(([a], [b]) => a - b).map(([, link]) => link));
}
