// One stop of the tab key for many links: arrow keys move among them.
import { hasModifier } from "./dom.js";

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
 * Makes links one stop; which ones stand in a row is asked when a key is pressed.
 * @param {HTMLElement} box that holds them
 * @param {() => HTMLElement[][]} rows
 * @param {HTMLElement | undefined} first the stop to begin with
 */
export function oneStop(box, rows, first) {
  let stop = first;
  for (const link of rows().flat()) link.tabIndex = link === stop ? 0 : -1;
  box.addEventListener("focusin", ({ target }) => {
    if (!(target instanceof HTMLElement && target.tabIndex === -1 && rows().flat().includes(target))) return;
    if (stop) stop.tabIndex = -1;
    stop = target;
    stop.tabIndex = 0;
  });
  box.addEventListener("keydown", (event) => {
    if (hasModifier(event)) return;
    const links = rows();
    const target = /** @type {HTMLElement} */ (event.target);
    const y = links.findIndex((row) => row.includes(target));
    const lengths = links.map((row) => row.length);
    const to = y < 0 ? undefined : neighbour(event.key, [y, links[y].indexOf(target)], lengths);
    if (!to) return;
    event.preventDefault();
    links[to[0]][to[1]].focus();
  });
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
