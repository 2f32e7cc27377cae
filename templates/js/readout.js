// The line over a heatmap that says what is pointed at.
import { element, tokenLabel } from "./dom.js";
import { isNone, isPair } from "./heatmap.js";
import { decimal } from "./weights.js";

/** @type {Record<string, string>} */
const HINTS = {
  matrix: "Row: the token that looks. Column: the token looked at.",
  arcs: "Left: the token that looks. Right: the token looked at. Point at one to see its lines alone.",
  text: "Point at a token: the text is coloured by what it looks at.",
  "text, from": "Point at a token: the text is coloured by which tokens look at it.",
};
const HINT_FOR_MANY = "Point at a map: all show the same pair of tokens.";

export class Readout {
  /**
   * @param {string} id
   * @param {string[]} rows
   * @param {string[]} columns
   * @param {boolean} many whether several maps share it, which write their weights themselves
   */
  constructor(id, rows, columns, many) {
    this.rows = rows;
    this.columns = columns;
    this.many = many;
    this.view = "matrix";
    this.hint = element("span", many ? HINT_FOR_MANY : HINTS.matrix, "hint");
    this.root = element("p", "", "readout");
    this.root.id = id;
    this.root.setAttribute("role", "status");
    this.root.append(this.hint);
  }

  /**
   * What is said while nothing is pointed at.
   * @param {string} view
   * @param {boolean} byRow whether a text is coloured by what its tokens look at
   */
  explain(view, byRow) {
    this.view = view;
    if (!this.many) this.hint.textContent = HINTS[view === "text" && !byRow ? "text, from" : view];
  }

  /**
   * @param {import("./heatmap.js").Cell} cell
   * @param {boolean} kept whether something is kept
   * @param {import("./heatmap.js").Heatmap} map
   */
  say(cell, kept, map) {
    if (isNone(cell)) this.root.replaceChildren(this.hint);
    else if (isPair(cell)) this.#sayPair(cell, map);
    else this.#sayToken(cell, kept, map);
  }

  /**
   * With the weight in words: who does not see colours or lines hears it.
   * @param {import("./heatmap.js").Cell} cell
   * @param {boolean} kept
   * @param {import("./heatmap.js").Heatmap} map
   */
  #sayToken(cell, kept, map) {
    const { query, key } = cell;
    const token = query >= 0 ? tokenLabel(this.rows[query], query) : tokenLabel(this.columns[key], key);
    const how = kept ? "; kept: click it again or press Escape to let go" : "";
    this.root.replaceChildren(token, ...(this.many ? [" in every map"] : this.#most(cell, map)), how);
  }

  /**
   * @param {import("./heatmap.js").Cell} cell
   * @param {import("./heatmap.js").Heatmap} map
   */
  #most(cell, map) {
    const most = map.strongest(cell);
    const looks = cell.query >= 0;
    if (isNone(most)) return [looks ? " looks at nothing that is shown" : " is looked at by none"];
    const other = looks ? tokenLabel(this.columns[most.key], most.key) : tokenLabel(this.rows[most.query], most.query);
    return [
      looks ? " looks most at " : " is looked at most by ",
      other,
      ", ",
      element("b", decimal(map.weightAt(most))),
    ];
  }

  /**
   * @param {import("./heatmap.js").Cell} cell
   * @param {import("./heatmap.js").Heatmap} map
   */
  #sayPair(cell, map) {
    const { query, key } = cell;
    const [row, column] = [tokenLabel(this.rows[query], query), tokenLabel(this.columns[key], key)];
    this.root.replaceChildren(row, " → ", column, ...this.#weight(cell, map));
  }

  /**
   * @param {import("./heatmap.js").Cell} cell
   * @param {import("./heatmap.js").Heatmap} map
   */
  #weight(cell, map) {
    if (map.isFuture(cell)) return [": later, cannot be seen"];
    const weight = map.weightAt(cell);
    if (weight < 0) return [": the sink, taken out"];
    return this.many ? [] : [": ", element("b", decimal(weight))];
  }
}
