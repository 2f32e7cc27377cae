// One sequence at a time, chosen by links whose state is the address; arrow keys turn to the neighbouring page.
import { anchorInAddress, mapAddress } from "./address.js";
import { all, hasModifier, markCurrent } from "./dom.js";

const TURNS = new Map([
  ["ArrowLeft", "prev"],
  ["ArrowRight", "next"],
]);
const OWN_ARROWS = "select, input, textarea, canvas, .scroll"; // where arrow keys have a meaning of their own

export class Sequences {
  /** @param {import("./map_page.js").MapPage} maps */
  constructor(maps) {
    this.maps = maps;
    this.links = all(HTMLAnchorElement, ".examples a");
    this.sections = all(HTMLElement, ".example");
  }

  /** Shows one sequence, and turns to others from then on. */
  start() {
    this.#listen();
    this.#choose();
  }

  /** Shows the section that the address names. */
  #choose() {
    const wanted = anchorInAddress();
    const known = this.sections.some(({ id }) => id === wanted);
    const shown = known ? wanted : this.sections[0]?.id;
    for (const section of this.sections) section.hidden = section.id !== shown;
    markCurrent(this.links, (link) => link.hash === `#${shown}`);
    this.maps.repaintSection(shown);
  }

  #listen() {
    for (const link of this.links) link.addEventListener("click", (event) => this.#follow(event, link));
    for (const link of all(HTMLAnchorElement, ".turn a")) link.addEventListener("click", () => this.#turn(link));
    document.addEventListener("keydown", (event) => this.#key(event));
    mapAddress.onChange(() => this.#addressChanged(), { anchors: true });
  }

  /**
   * @param {MouseEvent} event
   * @param {HTMLAnchorElement} link
   */
  #follow(event, link) {
    event.preventDefault(); // no jump to the section: it takes the place of the one that was there
    this.maps.writeAddress(link.hash.slice(1));
    this.#choose();
    this.maps.pinAddress(); // what was kept there before is not in the address
  }

  /** Turning the page stays on the same sequence, shown in the same way. @param {HTMLAnchorElement} link */
  #turn(link) {
    link.hash = this.maps.formatAddress(anchorInAddress());
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const relation = TURNS.get(event.key);
    if (!relation || hasModifier(event) || event.shiftKey || event.defaultPrevented) return;
    if (event.target instanceof Element && event.target.closest(OWN_ARROWS)) return;
    all(HTMLAnchorElement, `.turn [rel=${relation}]`)[0]?.click();
  }

  #addressChanged() {
    this.maps.showAddress();
    this.#choose();
    this.maps.pinAddress();
  }
}
