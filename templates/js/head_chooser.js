// A page with all heads of a model: the one that is chosen is shown large.
import { anchorInAddress, mapAddress } from "./address.js";
import { all, markCurrent, need } from "./dom.js";
import { oneStop } from "./roving.js";
import { Thumbnails } from "./thumbnails.js";

export class HeadChooser {
  /**
   * Of a page that has heads to choose from, before its maps start; null of any other.
   * @param {import("./map_page.js").MapPage} maps
   */
  static of(maps) {
    const links = all(HTMLAnchorElement, ".head-thumbnails a");
    const [figure] = all(HTMLElement, ".example");
    const [set] = all(HTMLElement, ".example .map-set");
    return links.length && set ? new HeadChooser(maps, links, figure, set) : null;
  }

  /**
   * @param {import("./map_page.js").MapPage} maps
   * @param {HTMLAnchorElement[]} links
   * @param {HTMLElement} figure
   * @param {HTMLElement} set
   */
  constructor(maps, links, figure, set) {
    this.maps = maps;
    this.links = links;
    this.figure = figure;
    this.pristine = /** @type {HTMLElement} */ (set.cloneNode(true));
    this.heading = need("#shown-name");
    this.thumbnails = new Thumbnails(links.flatMap((link) => all(HTMLImageElement, "img", link)));
    for (const link of links) link.addEventListener("click", (event) => this.#follow(event, link));
    const table = need(".head-thumbnails");
    const rows = all(HTMLTableRowElement, "tr", table).map((row) => all(HTMLElement, "a", row));
    const shown = links.find((link) => link.ariaCurrent);
    oneStop(table, links, () => rows.filter((row) => row.length), shown);
  }

  /** Shows the head that the address names, if it names one, and again whenever it names another. */
  followAddress() {
    const asItCame = this.figure.id;
    const choose = () => {
      const anchor = anchorInAddress() || asItCame;
      const wanted = this.links.find((link) => link.hash === `#${anchor}`);
      if (wanted && anchor !== this.figure.id) this.#choose(wanted);
    };
    mapAddress.onChange(choose, { anchors: true });
    choose();
  }

  /**
   * @param {MouseEvent} event
   * @param {HTMLAnchorElement} link
   */
  #follow(event, link) {
    event.preventDefault();
    this.#choose(link);
    this.maps.writeAddress(link.hash.slice(1));
    this.heading.scrollIntoView({ block: "nearest" });
  }

  /** @param {HTMLAnchorElement} chosen */
  #choose(chosen) {
    const set = /** @type {HTMLElement} */ (this.pristine.cloneNode(true));
    const [from] = all(HTMLImageElement, "img", chosen);
    const [to] = all(HTMLImageElement, "img.pixels", set);
    [to.src, to.alt] = [this.thumbnails.source(from), from.alt];
    this.figure.querySelector(".map-set")?.replaceWith(set);
    this.heading.textContent = chosen.title;
    const labels = document.querySelector("#shown-labels");
    if (labels) labels.textContent = chosen.dataset.labels ?? "";
    this.figure.id = chosen.hash.slice(1);
    markCurrent(this.links, (link) => link === chosen);
    this.maps.restart(set);
  }
}
