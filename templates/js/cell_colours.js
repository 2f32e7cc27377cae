// The colours that the style sheet gives to a mosaic's cells, for what is drawn on a canvas or saved as a figure.
import { element } from "./dom.js";

/**
 * Colours of fill and letters by CSS classes.
 * @param {HTMLTableElement} table whose hue counts
 * @param {Iterable<string>} styles
 * @returns {Map<string, {fill: string, ink: string}>}
 */
export function cellColours(table, styles) {
  const links = Array.from(new Set(styles), (style) => element("a", "", style));
  const samples = element("tbody");
  samples.hidden = true;
  const cell = element("td");
  cell.append(...links);
  const row = element("tr");
  row.append(cell);
  samples.append(row);
  table.append(samples); // all at once: the page's styles are worked out once
  const colours = links.map((link) => {
    const { backgroundColor, color } = getComputedStyle(link);
    return /** @type {const} */ ([link.className, { fill: backgroundColor, ink: color }]);
  });
  samples.remove();
  return new Map(colours);
}
