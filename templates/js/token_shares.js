// The tokens that a head looks at most, besides where it rests.
import { element } from "./dom.js";
import { headingRow, tableRow } from "./table.js";
import { inThousands } from "./text.js";

/**
 * Sequences, tokens in them, how many queries must look at a token, and tokens: text, share and even share in ten thousandths,
 * occurrences, length of the bar.
 * @typedef {[number, number, number, [string, number, number, number, number][]]} TokenShares
 */

/**
 * @param {HTMLElement} section
 * @param {TokenShares | null} shares
 */
export function drawTokens(section, shares) {
  if (!shares) return section.append(element("p", "The scan kept no heatmaps to count in."));
  const [sequences, tokens, least, rows] = shares;
  if (!rows.length) return section.append(element("p", "No token stands out, or all of its attention rests."));
  const table = element("table", "", "data token-shares");
  const [head, body] = [element("thead"), element("tbody")];
  head.append(headingRow(["Token", "Share", element("span", "As a bar", "hidden"), "Even", "Times"]));
  body.append(...rows.map(tokenRow));
  table.append(head, body);
  const counted = `${number(sequences, "sequence")} above (${number(tokens, "token")})`;
  const caption =
    "Of the attention that does not rest, what the queries that may look at the token spend on it, in the " +
    `${counted}; even: what they would if they spread it evenly. Ordered by the difference. Left out: the first position, ` +
    "which is the sink, special tokens, others where the heads of the layer rest, and tokens that fewer than " +
    `${least} queries may look at.`;
  section.append(table, element("p", caption, "caption"));
}

/** @param {TokenShares[3][number]} token */
function tokenRow([text, share, even, times, width]) {
  const name = element("bdi", text, "token");
  name.translate = false;
  const decimals = (/** @type {number} */ stored) => (stored / 10000).toFixed(2);
  const row = tableRow([name, decimals(share), "", decimals(even), String(times)]);
  row.cells[2].className = `v${width}`;
  for (const cell of [row.cells[3], row.cells[4]]) cell.classList.add("soft");
  return row;
}

/**
 * @param {number} n
 * @param {string} noun
 */
const number = (n, noun) => `${inThousands(n)} ${noun}${n === 1 ? "" : "s"}`;
