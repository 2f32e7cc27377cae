// The heatmaps of one sequence, which answer together: pointing at a cell, or moving to it with the arrow keys, names its
// two tokens and its weight; a click keeps a row and colours the text by it.
import { Arcs } from "./arcs.js";
import { all, clamp, element, hasModifier, need, px } from "./dom.js";
import { Heatmap, isNone, isPair, NO_CELL } from "./heatmap.js";
import { PatchPicture } from "./patch_picture.js";
import { Readout } from "./readout.js";
import { TokenText } from "./token_text.js";
import { columnShares, readBack, rowShares } from "./weights.js";

/** @typedef {import("./heatmap.js").Cell} Cell */

/**
 * How maps are shown.
 * @typedef {{view: string, direction: string, squareRoot: boolean, sink: boolean}} Choices sink: whether it is hidden
 */

/**
 * The texts of a sequence.
 * @typedef {object} Tokens
 * @property {string[]} tokens    labels of the rows
 * @property {string[]} [columns] labels of the columns where they differ
 * @property {string[]} [text]    what the rows' tokens say in running text, where they are labelled otherwise
 */

/**
 * Where the weights of a picture come from.
 * @typedef {(img: HTMLImageElement, rows: number, columns: number) => Promise<import("./weights.js").Weights>} WeightsOf
 */

const MIN_CELL = 9; // in CSS pixels: smaller labels cannot be read

export class MapSet {
  /** What is pointed at. @type {Cell} */
  #pointed = NO_CELL;
  /** What a click, Enter or the address keeps. @type {Cell} */
  #kept = NO_CELL;
  /** @type {{rows: TokenText, columns: TokenText | null} | null} */
  #texts = null;
  /** @type {Arcs | null} */
  #arcs = null;
  /** @type {PatchPicture | null} */
  #picture = null;
  /** Maps of another head on the same tokens, on which the same cell is pointed at. @type {MapSet[]} */
  followers = [];

  /**
   * Starts the maps of one sequence.
   * @param {HTMLElement} root
   * @param {Tokens} tokens
   * @param {() => Choices} choices
   * @param {(kept: Cell) => void} onPin
   * @param {WeightsOf} [weightsOf]
   */
  static async start(root, tokens, choices, onPin, weightsOf = readBack) {
    const set = new MapSet(root, tokens, choices, onPin, weightsOf);
    await set.#replacePictures();
    if (!set.many) set.#addTexts();
    set.#picture = await PatchPicture.of(root);
    for (const map of set.maps) set.#listen(map);
    set.repaint();
    root.dataset.ready = "";
    return set;
  }

  /**
   * @param {HTMLElement} root
   * @param {Tokens} tokens
   * @param {() => Choices} choices
   * @param {(kept: Cell) => void} onPin
   * @param {WeightsOf} weightsOf
   */
  constructor(root, { tokens, columns, text }, choices, onPin, weightsOf) {
    this.root = root;
    this.rows = tokens;
    this.columns = columns ?? tokens;
    this.twoTexts = columns !== undefined;
    this.text = text ?? tokens;
    this.many = root.classList.contains("multiples");
    this.choices = choices;
    this.onPin = onPin;
    this.weightsOf = weightsOf;
    /** @type {Heatmap[]} */
    this.maps = [];
    this.readout = new Readout(`readout-${root.dataset.maps}`, this.rows, this.columns, this.many);
    root.prepend(this.readout.root);
  }

  async #replacePictures() {
    const images = all(HTMLImageElement, "img.pixels", this.root);
    const weights = await Promise.all(images.map((img) => this.weightsOf(img, this.rows.length, this.columns.length)));
    this.maps = images.map((img, i) => new Heatmap(img, weights[i], this.readout.root.id));
  }

  /** The text beside the map; two where queries and keys are of two texts. */
  #addTexts() {
    const box = element("div", "", "map-text");
    const description = this.twoTexts ? "The text whose tokens look" : "The text";
    const onRows = this.#textEvents(() => this.readsRows());
    const rows = new TokenText(this.text, description, onRows);
    box.append(rows.root);
    let columns = null;
    if (this.twoTexts) {
      const onColumns = this.#textEvents(() => false);
      columns = new TokenText(this.columns, "The text that is looked at", onColumns);
      box.append(columns.root);
    }
    this.root.append(box);
    this.#texts = { rows, columns };
  }

  /**
   * @param {() => boolean} areQueries
   * @returns {import("./token_text.js").TokenEvents}
   */
  #textEvents(areQueries) {
    const cell = (/** @type {number} */ i) => (areQueries() ? { query: i, key: -1 } : { query: -1, key: i });
    return {
      over: (i) => this.#show(cell(i)),
      out: () => this.#clear(),
      pin: (i) => this.#toggle(cell(i)),
    };
  }

  /** Whether the text is coloured by what its tokens look at, not by who looks at them. */
  readsRows() {
    return this.twoTexts || this.choices().direction === "to";
  }

  /** Shows the maps as they are chosen to be shown. */
  repaint() {
    const { view, squareRoot, sink } = this.choices();
    this.root.dataset.view = this.many ? "matrix" : view;
    this.readout.explain(this.root.dataset.view, this.readsRows());
    for (const map of this.maps) map.paint(sink, squareRoot);
    if (this.root.dataset.view === "arcs") this.#needArcs();
    this.#say(isNone(this.#pointed) ? this.#kept : this.#pointed);
    this.fit();
    this.#update();
  }

  #needArcs() {
    if (this.#arcs) return;
    this.#arcs = new Arcs(this.rows, this.columns, {
      over: (query, key) => this.#show({ query, key }),
      out: () => this.#clear(),
      pin: (query) => this.#toggle({ query, key: -1 }),
    });
    const scroll = element("div", "", "scroll arcs-view");
    scroll.append(this.#arcs.canvas);
    this.root.querySelector(".maps")?.after(scroll);
  }

  /** When the page has another width. */
  resize() {
    this.fit();
    this.#mark();
  }

  /** Smaller cells where the screen is narrow, as far as their labels can be read. */
  fit() {
    const { style } = this.root;
    style.removeProperty("--cell");
    const box = this.root.querySelector(".labelled");
    const cell = Number.parseFloat(getComputedStyle(this.root).getPropertyValue("--cell"));
    if (this.many || !box || cell <= MIN_CELL) return;
    const room = box.clientWidth - need(".axis-rows", box).offsetWidth - 8;
    const width = this.columns.length;
    if (room > 0 && cell * width > room) style.setProperty("--cell", px(Math.max(MIN_CELL, Math.floor(room / width))));
  }

  /** Keeps a row, a column or a cell, and says so. @param {Cell} cell */
  pin(cell) {
    this.keep(cell);
    if (!this.many || cell.query < 0) this.onPin(cell);
  }

  /** Keeps it as the address has it. @param {Cell} cell */
  keep(cell) {
    this.#kept = cell;
    this.#say(isNone(this.#pointed) ? cell : this.#pointed);
    this.#update();
  }

  /** Keeps a cell, or lets it go where it is kept. @param {Cell} cell */
  #toggle(cell) {
    this.pin(isSame(cell, this.#kept) ? NO_CELL : cell);
  }

  /** @param {Cell} cell */
  #show(cell) {
    this.follow(cell);
    for (const follower of this.followers) follower.follow(cell);
  }

  #clear() {
    this.#show(NO_CELL);
  }

  /** Shows what is pointed at, here or on a map that this one follows. @param {Cell} cell */
  follow(cell) {
    if (isSame(cell, this.#pointed)) return;
    this.#pointed = cell;
    this.#say(isNone(cell) ? this.#kept : cell);
    this.#update();
  }

  /** @param {Cell} cell */
  #say(cell) {
    this.readout.say(cell, !isNone(this.#kept), this.maps[0]);
    for (const map of this.maps) {
      if (isNone(cell)) map.sayWeight(null);
      else if (isPair(cell)) map.sayWeight(cell);
    }
  }

  #update() {
    this.#colourTexts();
    if (this.root.dataset.view === "arcs") this.#drawArcs();
    this.#mark();
  }

  /** What texts and arcs show: what is kept, or else what is pointed at. */
  current() {
    return isNone(this.#kept) ? this.#pointed : this.#kept;
  }

  #colourTexts() {
    if (!this.#texts) return;
    const [kept, { squareRoot }] = [!isNone(this.#kept), this.choices()];
    const { rows, columns } = this.#texts;
    this.shadedTexts().forEach(({ weights, chosen }, i) => {
      (i && columns ? columns : rows).colour(weights, chosen, kept, squareRoot);
    });
  }

  /**
   * The text, coloured by what its tokens look at or by who looks at them; two where queries and keys are of two texts.
   * @returns {import("./text_figure.js").Shaded[]}
   */
  shadedTexts() {
    const { query, key } = this.current();
    const { shown } = this.maps[0];
    const byRow = query >= 0 && (this.readsRows() || key < 0);
    const row = byRow ? rowShares(shown, query) : null;
    const column = !byRow && key >= 0 ? columnShares(shown, key) : null;
    if (!this.twoTexts) return [{ tokens: this.text, weights: row ?? column, chosen: row ? query : key }];
    return [
      { tokens: this.text, weights: column, chosen: query },
      { tokens: this.columns, weights: row, chosen: key },
    ];
  }

  /** Whose lines the arcs show, -1 for all. */
  arcsShown() {
    const { query, key } = this.current();
    return { query, key: query >= 0 ? -1 : key };
  }

  #drawArcs() {
    const { query, key } = this.arcsShown();
    this.#arcs?.draw(this.maps[0].shown, query, key, this.choices().squareRoot);
  }

  #mark() {
    const cell = isNone(this.#pointed) ? this.#kept : this.#pointed;
    this.#picture?.show(this.maps[0].shown, cell, this);
    const tags = this.many ? {} : { row: this.rows[cell.query], column: this.columns[cell.key] };
    for (const map of this.maps) map.mark(cell, this.#kept, tags);
  }

  /** @param {Heatmap} map */
  #listen(map) {
    const { canvas } = map;
    canvas.addEventListener("pointermove", (event) => this.#show(map.cellAt(event)));
    canvas.addEventListener("pointerdown", (event) => this.#show(map.cellAt(event)));
    canvas.addEventListener("click", (event) => {
      if (!this.many) this.#toggle(map.cellAt(event));
    });
    canvas.addEventListener("pointerleave", (event) => {
      const byKeyboard = document.activeElement === canvas && canvas.matches(":focus-visible");
      if (event.pointerType === "mouse" && !byKeyboard) this.#clear();
    });
    canvas.addEventListener("focus", () => {
      if (this.#pointed.query < 0 && canvas.matches(":focus-visible")) this.#show(map.start());
    });
    canvas.addEventListener("blur", () => this.#clear());
    canvas.addEventListener("keydown", (event) => this.#key(event, map));
  }

  /**
   * Arrow keys move, Enter keeps, Escape lets go; the first key begins at the last token's largest weight.
   * @param {KeyboardEvent} event
   * @param {Heatmap} map
   */
  #key(event, map) {
    const act = this.#keys(map)[event.key];
    if (!act || hasModifier(event)) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /**
   * @param {Heatmap} map
   * @returns {Record<string, () => void>}
   */
  #keys(map) {
    const move = (/** @type {number} */ down, /** @type {number} */ right) => () => this.#move(map, down, right);
    return {
      ArrowUp: move(-1, 0),
      ArrowDown: move(1, 0),
      ArrowLeft: move(0, -1),
      ArrowRight: move(0, 1),
      Home: move(0, -Infinity),
      End: move(0, Infinity),
      Enter: () => this.#keepByKey(map),
      " ": () => this.#keepByKey(map),
      Escape: () => {
        if (!this.many) this.pin(NO_CELL);
      },
    };
  }

  /**
   * @param {Heatmap} map
   * @param {number} down
   * @param {number} right
   */
  #move(map, down, right) {
    const { query, key } = this.#pointed;
    if (!isPair(this.#pointed)) this.#show(map.start());
    else this.#show({ query: clamp(query + down, this.rows.length), key: clamp(key + right, this.columns.length) });
  }

  /** @param {Heatmap} map */
  #keepByKey(map) {
    if (!isPair(this.#pointed)) this.#show(map.start());
    if (!this.many) this.#toggle(this.#pointed);
  }
}

/**
 * @param {Cell} a
 * @param {Cell} b
 */
const isSame = (a, b) => a.query === b.query && a.key === b.key;
