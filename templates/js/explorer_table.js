// The explorer's table: headings that sort, bounds below them, and a page of rows.
import { element, linkTo } from "./dom.js";
import { oneStop } from "./roving.js";
import { inWords, threeDigits, twoDigits } from "./text.js";

export const ROWS_A_PAGE = 100; // as many as the page comes with
const CHIPS_ON_PHONES = 2;
const MAX_CONFIDENCE = 0.99; // what is shown
const COLOUR_STEPS = 60; // of 100: the number has to be read

/**
 * What one does with the table's headings.
 * @typedef {object} TableEvents
 * @property {(column: string) => void} sort
 * @property {(column: string) => void} remove
 * @property {(column: string, end: "least" | "most", value: number | undefined) => void} bound
 */

/**
 * Columns, how they are sorted and bounded.
 * @typedef {object} TableState
 * @property {string[]} columns
 * @property {import("./address.js").Sorting} sort
 * @property {Map<string, import("./address.js").Bounds>} bounds
 */

export class ExplorerTable {
  /** Lets go of the rows that are shown. */
  #names = new AbortController();

  /**
   * @param {HTMLTableElement} table
   * @param {import("./explorer_rows.js").HeadRows} heads
   * @param {TableState} state
   * @param {TableEvents} on
   */
  constructor(table, heads, state, on) {
    this.head = /** @type {HTMLTableSectionElement} */ (table.tHead);
    this.body = table.tBodies[0];
    this.heads = heads;
    this.state = state;
    this.on = on;
    this.table = table;
    this.head.addEventListener("click", (event) => this.#sort(event));
  }

  /** @param {Event} event */
  #sort(event) {
    const column = event.target instanceof HTMLElement ? event.target.dataset.sort : undefined;
    if (!column) return;
    this.on.sort(column);
    /** @type {HTMLElement | null} */ (this.head.querySelector(`[data-sort="${column}"]`))?.focus();
  }

  /**
   * @param {number[]} rows positions of heads
   * @param {number} page the first is 0
   */
  showRows(rows, page) {
    const first = page * ROWS_A_PAGE;
    const headings = this.head.rows.length;
    this.table.ariaRowCount = String(rows.length + headings);
    const lines = rows.slice(first, first + ROWS_A_PAGE).map((i) => this.#row(i));
    lines.forEach((line, at) => {
      line.ariaRowIndex = String(headings + first + at + 1);
    });
    this.body.replaceChildren(...lines);
    const links = lines.map((line) => /** @type {HTMLElement} */ (line.querySelector("th a")));
    this.#names.abort();
    this.#names = new AbortController();
    oneStop(this.body, links, () => links.map((link) => [link]), links[0], this.#names.signal);
  }

  /** @param {number} i */
  #row(i) {
    const { heads } = this.heads.data;
    const line = element("tr");
    const name = element("th");
    name.scope = "row";
    name.append(linkTo(heads[i], `heads/${heads[i]}.html`));
    line.append(name, this.#labels(i));
    for (const column of this.state.columns) {
      const { hue, share } = this.heads.colourOf(column, i);
      const cell = element("td", threeDigits(this.heads.value(column, i)), `n score ${hue}`.trim());
      if (share !== null) cell.classList.add(`v${Math.round(COLOUR_STEPS * Math.max(share, 0))}`);
      line.append(cell);
    }
    return line;
  }

  /** @param {number} i */
  #labels(i) {
    const { labels, patterns } = this.heads.data;
    const cell = element("td", labels[i].length ? "" : "–");
    if (!labels[i].length) return cell;
    const chips = element("ul", "", "chips");
    for (const [label, strength, confidence] of labels[i]) {
      const chip = element("li", inWords(label), `chip ${patterns[label]?.hue ?? "f-other"}`);
      if (strength !== null) chip.append(" ", element("b", twoDigits(strength)));
      if (confidence !== null) chip.title = `confidence ${twoDigits(Math.min(confidence, MAX_CONFIDENCE))}`;
      chips.append(chip);
    }
    if (labels[i].length > CHIPS_ON_PHONES) chips.dataset.more = `+${labels[i].length - CHIPS_ON_PHONES}`;
    cell.append(chips);
    return cell;
  }

  /** Headings and bounds. */
  showHead() {
    const first = element("tr");
    first.append(this.#heading("head", "Head"), this.#heading("labels", "Labels"));
    const second = element("tr", "", "bounds");
    second.append(element("td"), element("td"));
    for (const column of this.state.columns) {
      const cell = this.#heading(column, this.heads.titleOf(column));
      cell.className = "n";
      cell.title = this.heads.hintOf(column);
      first.append(cell);
      second.append(this.#boundsCell(column));
    }
    this.head.replaceChildren(first, second);
  }

  /**
   * @param {string} column
   * @param {string} text
   */
  #heading(column, text) {
    const cell = element("th");
    cell.scope = "col";
    const { sort } = this.state;
    const sorted = sort.column === column;
    if (sorted) cell.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
    const arrow = sort.down ? " ↓" : " ↑";
    const button = element("button", sorted ? text + arrow : text);
    button.type = "button";
    button.dataset.sort = column;
    cell.append(button);
    return cell;
  }

  /** @param {string} column */
  #boundsCell(column) {
    const cell = element("td", "", "n");
    const remove = element("button", "×", "remove");
    remove.type = "button";
    remove.setAttribute("aria-label", `Remove ${this.heads.titleOf(column)}`);
    remove.addEventListener("click", () => this.on.remove(column));
    const both = element("span");
    both.append(this.#bound(column, "least"), this.#bound(column, "most"), remove);
    cell.append(both);
    return cell;
  }

  /**
   * @param {string} column
   * @param {"least" | "most"} end
   */
  #bound(column, end) {
    const input = element("input");
    input.type = "number";
    input.step = "any";
    input.placeholder = end === "least" ? "from" : "to";
    input.value = String(this.state.bounds.get(column)?.[end] ?? "");
    input.setAttribute("aria-label", `${this.heads.titleOf(column)}, ${end === "least" ? "least" : "largest"} value`);
    input.addEventListener("input", () => {
      this.on.bound(column, end, input.value === "" ? undefined : Number(input.value));
    });
    return input;
  }
}
