// Heads like this one: the page has their names and how far away they are; here come their maps and labels.
import { all, drawing, element, linkTo, need } from "./dom.js";

/**
 * Map: what it shows, picture, where in it the map begins from the left and the top, its side, the picture's width and
 * height. Labels: text, strength, CSS class, page of the pattern, hint.
 * @typedef {[[string, string, number, number, number, number, number] | null, [string, string, string, string, string][]]} NearHead
 */

const ROOT = "../../"; // from pages of heads
const CAPTION = "The nearest heads of this atlas; a difference leads to both side by side. It is the distance of ";
const MEASURE =
  ", a root mean square over all that both were measured on: scores above chance, and attention by distance.";

/**
 * @param {HTMLTableElement} table
 * @param {NearHead[]} heads in the order of the table
 */
export function drawNearHeads(table, heads) {
  const labels = element("th", "Labels");
  labels.scope = "col";
  need("thead th", table).after(labels);
  all(HTMLTableRowElement, "tbody tr", table).forEach((row, i) => {
    const [name, difference] = Array.from(row.cells);
    const [map, chips] = heads[i];
    const link = /** @type {HTMLAnchorElement} */ (need("a", name));
    if (map) name.prepend(smallMap(map), " ");
    const cell = element("td");
    const list = element("ul", "", "chips");
    list.append(...chips.map(chipOf));
    if (chips.length) cell.append(list);
    name.after(cell);
    difference.replaceChildren(sideBySide(table, link, difference.textContent ?? ""));
  });
  const caption = element("p", CAPTION, "caption");
  caption.append(element("code", "headatlas similar"), MEASURE);
  table.after(caption);
}

/**
 * @param {HTMLTableElement} table
 * @param {HTMLAnchorElement} near
 * @param {string} difference
 */
function sideBySide({ dataset }, near, difference) {
  const own = String(dataset.near);
  const [model, , name] = new URL(near.href).pathname.split("/").slice(-3);
  const other = `${decodeURIComponent(model)}/${name.replace(".html", "")}`;
  const link = linkTo(difference, `${ROOT}heads.html#a=${own}&b=${other}`);
  link.title = `${own.split("/")[1]} and ${near.textContent} side by side`;
  return link;
}

/** @param {NonNullable<NearHead[0]>} map */
function smallMap([said, href, x, y, side, width, height]) {
  const box = { class: "small-map", width: side, height: side, viewBox: `${x} ${y} ${side} ${side}` };
  const map = drawing("svg", { ...box, role: "img", "aria-label": said });
  map.append(drawing("image", { href: ROOT + href, width, height }));
  return map;
}

/** @param {NearHead[1][number]} label */
function chipOf([text, strength, hue, file, hint]) {
  const chip = element("li", "", `chip ${hue}`);
  if (hint) chip.title = hint;
  chip.append(file ? linkTo(text, `${ROOT}patterns/${file}.html`) : text);
  if (strength) chip.append(" ", element("b", strength));
  return chip;
}
