// Rows of tables.
import { element } from "./dom.js";

const NUMBER = /^[-–+\d.]+$/;

/** @typedef {string | Node} Content */

/** @param {Content[]} cells */
export function headingRow(cells) {
  const row = element("tr");
  row.append(
    ...cells.map((content, i) => {
      const cell = heading(content, "col");
      if (typeof content === "string" && i > 0) cell.className = "n";
      return cell;
    }),
  );
  return row;
}

/**
 * The first cell names the row.
 * @param {Content[]} cells
 */
export function tableRow([name, ...rest]) {
  const row = element("tr");
  row.append(heading(name, "row"), ...rest.map(dataCell));
  return row;
}

/**
 * @param {Content} content
 * @param {string} scope
 */
function heading(content, scope) {
  const cell = element("th");
  cell.scope = scope;
  cell.append(content);
  return cell;
}

/** @param {Content} content */
function dataCell(content) {
  const cell = element("td");
  if (typeof content === "string" && NUMBER.test(content)) cell.className = "n";
  cell.append(content);
  return cell;
}
