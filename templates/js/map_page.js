// All heatmaps of a page: they start when they come into view, and follow the choices, which are in the address.
import { anchorInAddress, mapAddress } from "./address.js";
import { onColoursChange } from "./colours.js";
import { all } from "./dom.js";
import { mapControls } from "./map_controls.js";
import { saveMap } from "./map_figure.js";
import { MapSet } from "./map_set.js";

/** The section that a set stands in. @param {HTMLElement} set */
const anchorOf = (set) => set.closest(".example")?.id ?? "";

export class MapPage {
  /**
   * @param {import("./map_set.js").Tokens[]} tokens of each set
   * @param {import("./map_set.js").WeightsOf} [weightsOf] where the weights come from, if not from the pictures' pixels
   */
  constructor(tokens, weightsOf) {
    this.tokens = tokens;
    this.weightsOf = weightsOf;
    this.controls = mapControls();
    /** Those that have started. @type {MapSet[]} */
    this.sets = [];
    // Long sequences are read back only when they come into view.
    this.watcher = new IntersectionObserver((entries) => this.#startVisible(entries), { rootMargin: "50%" });
    this.showAddress();
    this.#recallSink();
    this.controls.listen(
      () => this.#changed(),
      (format) => this.#save(format),
    );
    onColoursChange(() => this.#repaintSets());
    addEventListener("resize", () => {
      for (const set of this.sets) set.resize();
    });
  }

  /** Starts the set that the page shows first at once, the others when they come into view. */
  start() {
    const roots = all(HTMLElement, ".map-set");
    const anchor = anchorInAddress();
    const first = roots.find((root) => anchor && anchorOf(root) === anchor) ?? roots[0];
    if (first) void this.#startSet(first);
    for (const root of roots) if (root !== first) this.watcher.observe(root);
  }

  /** Lets go of all sets and starts another that has taken their place. @param {HTMLElement} root */
  restart(root) {
    this.sets.length = 0;
    this.watcher.disconnect();
    void this.#startSet(root);
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #startVisible(entries) {
    for (const { target, isIntersecting } of entries) {
      if (!(isIntersecting && target instanceof HTMLElement)) continue;
      this.watcher.unobserve(target);
      void this.#startSet(target);
    }
  }

  /** @param {HTMLElement} root */
  async #startSet(root) {
    const tokens = this.tokens[Number(root.dataset.maps)];
    const set = await MapSet.start(
      root,
      tokens,
      () => this.controls.choices(),
      ({ query, key }) => this.writeAddress(anchorOf(root), { row: query, column: key }),
      this.weightsOf,
    );
    if (!root.isConnected) return; // another took its place meanwhile
    this.sets.push(set);
    this.#pinFromAddress(set);
  }

  /** Where the address says nothing of the sink, as it was left on the page before; the address says it from then on. */
  #recallSink() {
    const { sink, row, column } = mapAddress.read();
    if (!sink && this.controls.recallSink()) this.writeAddress(anchorInAddress(), { row, column }, { step: false });
  }

  /** Takes over the choices that the address has. */
  showAddress() {
    this.controls.show(mapAddress.read());
    this.#repaint();
  }

  /** Keeps the rows or cells that the address names. */
  pinAddress() {
    for (const set of this.sets) this.#pinFromAddress(set);
  }

  /** @param {MapSet} set */
  #pinFromAddress(set) {
    const anchor = anchorInAddress();
    if (anchor && anchor !== anchorOf(set.root)) return;
    const { row, column } = mapAddress.read();
    const query = row < set.rows.length ? row : -1;
    const key = column < set.columns.length ? column : -1;
    set.keep({ query, key });
  }

  /**
   * The choices as they are, in the address.
   * @param {string} anchor
   * @param {{row?: number, column?: number}} [kept]
   * @param {{step?: boolean}} [options] see `Address.write`
   */
  writeAddress(anchor, kept = {}, options = {}) {
    mapAddress.write({ ...this.controls.state(), ...kept }, anchor, options);
  }

  /** The same for a link to another page. @param {string} anchor */
  formatAddress(anchor) {
    return mapAddress.format(this.controls.state(), anchor);
  }

  #changed() {
    this.#repaint();
    const { row, column } = mapAddress.read();
    this.writeAddress(anchorInAddress(), { row, column });
  }

  #repaint() {
    this.controls.explain();
    this.#repaintSets();
  }

  #repaintSets() {
    for (const set of this.sets) set.repaint();
  }

  /** A set that was hidden could not be measured. @param {string} anchor */
  repaintSection(anchor) {
    for (const set of this.sets) if (anchorOf(set.root) === anchor) set.repaint();
  }

  /** Saves what is shown as a figure. @param {string} format svg or png */
  #save(format) {
    const set = this.sets.find(({ root }) => root.offsetParent !== null);
    if (!set) return;
    void saveMap(set, this.controls.choices(), figureTitle(anchorOf(set.root)), format);
  }
}

/** The head, its model, and the sequence. @param {string} anchor */
function figureTitle(anchor) {
  const heading = document.querySelector("h1")?.textContent?.trim() ?? "";
  const model = document.querySelector(".page-head[data-model]")?.getAttribute("data-model");
  const head = document.querySelector("#shown-name")?.textContent?.trim() ?? "";
  const sequence = anchor && document.querySelector(`.examples a[href="#${anchor}"]`)?.getAttribute("title");
  const named = model ? `${heading} of ${model}` : heading;
  return [named, named.includes(head) ? "" : head, sequence].filter(Boolean).join(", ");
}
