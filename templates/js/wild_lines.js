// Tokens of natural text in their context, besides those that a head's page has.
import { all, element, linkTo } from "./dom.js";

/**
 * Its number, the row in the map it leads to ("" for none), and its text in pieces: text alone, or with the CSS class of
 * the weight that it gets and whether it is the token that looks.
 * @typedef {[string, string, ...(string | [string, string, boolean])[]]} WildLine
 */

/** In their folded places, list after list. @param {WildLine[][]} lists */
export function drawMoreLines(lists) {
  all(HTMLDetailsElement, "[data-more]").forEach((details, i) => {
    const list = element("ol", "", "wild");
    list.translate = false;
    list.append(...lists[i].map(lineOf));
    details.append(list);
  });
}

/** @param {WildLine} line */
function lineOf([awake, row, ...pieces]) {
  const [item, text] = [element("li"), element("bdi")];
  for (const piece of pieces) {
    if (typeof piece === "string") text.append(piece);
    else text.append(element(piece[2] ? "b" : "mark", piece[0], piece[1]));
  }
  item.append(row ? linkTo(awake, `#${row}`) : awake, " ", text);
  return item;
}
