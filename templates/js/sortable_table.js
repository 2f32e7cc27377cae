// Tables whose headings sort them: names as people count, numbers by their value.
import { all, element } from "./dom.js";

const natural = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Makes the headings of every sortable table buttons. */
export function sortTables() {
  for (const table of all(HTMLTableElement, "table[data-sortable]")) {
    const headings = all(HTMLTableCellElement, "thead th", table);
    headings.forEach((heading, column) => {
      const button = element("button", heading.textContent?.trim());
      button.type = "button";
      button.addEventListener("click", () => sortBy(table, headings, column));
      heading.replaceChildren(button);
    });
  }
}

/**
 * Numbers the largest first, words from A; the other way round where the table is so already.
 * @param {HTMLTableElement} table
 * @param {HTMLTableCellElement[]} headings
 * @param {number} column
 */
function sortBy(table, headings, column) {
  const [body] = table.tBodies;
  const rows = Array.from(body.rows);
  const isNumber = headings[column].classList.contains("n");
  const before = headings[column].getAttribute("aria-sort");
  const down = before === null ? isNumber : before === "ascending";
  const order = (/** @type {HTMLTableRowElement} */ a, /** @type {HTMLTableRowElement} */ b) =>
    isNumber
      ? numberOf(a.cells[column]) - numberOf(b.cells[column])
      : natural.compare(text(a, column), text(b, column));
  rows.sort((a, b) => (down ? order(b, a) : order(a, b)));
  body.append(...rows);
  for (const heading of headings) heading.removeAttribute("aria-sort");
  headings[column].setAttribute("aria-sort", down ? "descending" : "ascending");
}

/**
 * @param {HTMLTableRowElement} row
 * @param {number} column
 */
const text = (row, column) => row.cells[column].textContent?.trim() ?? "";

/** @param {HTMLTableCellElement} cell */
const numberOf = (cell) => Number(cell.dataset.value ?? cell.textContent);
