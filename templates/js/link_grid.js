// A mosaic whose cells are links of the page.
import { all } from "./dom.js";
import { oneStop } from "./roving.js";

export class LinkGrid {
  /** @param {HTMLTableElement} table */
  constructor(table) {
    this.table = table;
    this.links = all(HTMLAnchorElement, "td a", table);
    this.heads = this.links.map((link) => {
      const name = /** @type {string} */ (link.getAttribute("href")).replace(/^heads\/|\.html$/g, "");
      return { name, href: link.href, claims: claimsOf(link.dataset.labels), said: link.getAttribute("aria-label") };
    });
    /** Whether cells have room for letters; where they have none they need not be laid out anew. */
    this.lettered = !table.classList.contains("wide");
  }

  /** The layers with how many heads they have. */
  get rows() {
    return Array.from(this.table.tBodies[0].rows, (row) => ({
      name: row.cells[0].textContent?.trim() ?? "",
      n: row.querySelectorAll("td a").length,
    }));
  }

  /** @param {import("./mosaic.js").Cell[]} cells */
  show(cells) {
    cells.forEach(({ style, text, said }, i) => {
      const link = this.links[i];
      link.className = style;
      if (this.lettered) link.textContent = text;
      link.setAttribute("aria-label", said);
    });
  }

  /** @param {number} i -1 for none */
  point(i) {
    this.table.querySelector(".pointed")?.classList.remove("pointed");
    this.links[i]?.classList.add("pointed");
  }

  /**
   * @param {(i: number) => void} onHead
   * @param {() => void} onLeave
   */
  listen(onHead, onLeave) {
    const report = (/** @type {Event} */ event) => {
      const i = this.links.indexOf(/** @type {HTMLAnchorElement} */ (event.target));
      if (i >= 0) onHead(i);
    };
    const rows = Array.from(this.table.tBodies[0].rows, (row) => all(HTMLAnchorElement, "a", row));
    oneStop(this.table, rows.flat(), () => rows, this.links[0]); // the first head, or else the first layer
    this.table.addEventListener("focusin", report);
    this.table.addEventListener("pointerover", report);
    this.table.addEventListener("pointerleave", onLeave);
  }
}

/** Labels of a head as the page spells them: "3:70 0:20". @param {string | undefined} text @returns {import("./mosaic.js").Claim[]} */
export function claimsOf(text) {
  const claims = (text ?? "").split(" ").filter(Boolean);
  return claims.map((claim) => /** @type {import("./mosaic.js").Claim} */ (claim.split(":").map(Number)));
}
