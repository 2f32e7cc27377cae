// The page of words and places: a picture, a head, a step; a word shows where it is looked at, a place what it looks at.
import { pictureAddress } from "./address.js";
import { onColoursChange, tint } from "./colours.js";
import { clamp, control, element, need } from "./dom.js";
import { dataFile } from "./files.js";
import { twoDigits } from "./text.js";
import { outline } from "./tinted_picture.js";
import { WordMaps } from "./word_maps.js";

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export class PicturesPage {
  /** Words and places that are pointed at, and those that are kept; -1 for none. */
  #pointed = { word: -1, cell: -1 };
  #kept = { word: -1, cell: -1 };
  /** @type {WordMaps | null} */
  #maps = null;
  #weights = new Float64Array();

  constructor() {
    this.form = /** @type {HTMLFormElement} */ (need(".picture-controls"));
    this.canvas = /** @type {HTMLCanvasElement} */ (need(".picture-large canvas"));
    this.spot = need(".picture-large .spot");
    this.words = need(".prompt");
    this.list = need(".word-maps");
    this.readout = need("#picture-readout");
    this.first = control(this.form, "picture").value;
  }

  async start() {
    need("[data-without-script]").hidden = true;
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", () => void this.#chosen());
    pictureAddress.onChange(() => void this.#fromAddress());
    onColoursChange(() => this.#mark());
    for (const parent of [this.words, this.list]) this.#listenToWords(parent);
    this.#listenToPlaces();
    await this.#fromAddress();
  }

  #fromAddress() {
    const { picture, head, step, word } = pictureAddress.read();
    for (const [name, value] of /** @type {const} */ ([
      ["picture", picture || this.first],
      ["head", head],
    ])) {
      const select = control(this.form, name);
      select.value = value;
      if (!select.value) select.value = name === "picture" ? this.first : "";
    }
    this.#kept = { word, cell: -1 };
    return this.#show(step + 1);
  }

  #chosen() {
    const step = Number(control(this.form, "step").value);
    this.#write(step);
    return this.#show(step);
  }

  /** @param {number} step counted from 1; 0 for the mean of all */
  #write(step) {
    const [picture, head] = ["picture", "head"].map((name) => control(this.form, name).value);
    const chosen = { picture: picture === this.first ? "" : picture, head, step: step - 1, word: this.#kept.word };
    pictureAddress.write(chosen);
  }

  /** @param {number} step counted from 1; 0 for the mean of all */
  async #show(step) {
    const picture = control(this.form, "picture").value;
    const file = await dataFile(`${this.form.dataset.slug} ${picture}`, `data/${picture}.js`);
    const before = this.#maps;
    const maps = before && before.file === file ? before : await WordMaps.of(file);
    if (picture !== control(this.form, "picture").value) return; // another was chosen meanwhile
    if (maps !== before) this.#makeWords(maps);
    const slider = /** @type {HTMLInputElement} */ (control(this.form, "step"));
    slider.max = String(file.noise.length);
    slider.value = String(Math.min(step, file.noise.length));
    const at = Number(slider.value) - 1;
    const said =
      at < 0 ? `mean of ${file.noise.length}` : `${at + 1} of ${file.noise.length}, noise ${twoDigits(file.noise[at])}`;
    need("[data-step]", this.form).textContent = said;
    slider.setAttribute("aria-valuetext", said);
    const head = control(this.form, "head").value;
    this.#weights = maps.weights(head, at);
    for (const row of document.querySelectorAll(".picture-heads tr[data-head]")) {
      row.classList.toggle("chosen", row.getAttribute("data-head") === head);
    }
    this.#paintWords();
    this.#mark();
    this.canvas.dataset.shown = `${picture} ${head} ${at}`;
  }

  /** The words of the sentence, and a small map of each. @param {WordMaps} maps */
  #makeWords(maps) {
    this.#maps = maps;
    const { tokens } = maps.file;
    this.#pointed = { word: -1, cell: -1 };
    if (this.#kept.word >= tokens.length) this.#kept.word = -1;
    this.words.replaceChildren(...tokens.flatMap((token, i) => [wordButton(token, i), " "]));
    this.list.replaceChildren(
      ...tokens.map((token, i) => {
        const item = element("li");
        const button = wordButton("", i);
        const canvas = element("canvas");
        canvas.setAttribute("aria-hidden", "true");
        const name = element("span");
        const bdi = element("bdi", token, "token");
        bdi.translate = false;
        name.append(bdi, " ", element("span", "", "soft"));
        button.append(canvas, name);
        item.append(button);
        return item;
      }),
    );
  }

  #paintWords() {
    const maps = /** @type {WordMaps} */ (this.#maps);
    this.list.querySelectorAll("li").forEach((item, i) => {
      const map = this.#map(i);
      maps.paint(/** @type {HTMLCanvasElement} */ (need("canvas", item)), map);
      need(".soft", item).textContent = twoDigits(Math.max(...map));
    });
  }

  /** The weights of all places for a word. @param {number} word */
  #map(word) {
    const { nPlaces } = /** @type {WordMaps} */ (this.#maps);
    return this.#weights.subarray(word * nPlaces, (word + 1) * nPlaces);
  }

  /** Shows what is pointed at or, where nothing is, what is kept. */
  #mark() {
    const maps = this.#maps;
    if (!maps) return;
    const pointing = this.#pointed.word >= 0 || this.#pointed.cell >= 0;
    const { word, cell } = pointing ? this.#pointed : this.#kept;
    maps.paint(this.canvas, word < 0 ? null : this.#map(word));
    outline(this.spot, maps.file.grid, cell);
    const given = maps.file.tokens.map((_, i) => (cell < 0 ? null : this.#map(i)[cell]));
    for (const parent of [this.words, this.list]) {
      parent.querySelectorAll("button").forEach((button, i) => {
        button.setAttribute("aria-pressed", String(i === this.#kept.word));
        button.classList.toggle("pointed-word", i === word);
        if (parent !== this.words) return;
        const colours = given[i] === null ? null : tint(/** @type {number} */ (given[i]), true);
        button.style.background = colours?.background ?? "";
        button.style.color = colours?.color ?? "";
      });
    }
    this.readout.textContent = this.#said(word, cell, given);
  }

  /**
   * @param {number} word
   * @param {number} cell
   * @param {(number | null)[]} given what the cell gives each word
   */
  #said(word, cell, given) {
    const { tokens, grid } = /** @type {WordMaps} */ (this.#maps).file;
    if (cell >= 0) {
      const name = `row ${Math.floor(cell / grid[1]) + 1}, column ${(cell % grid[1]) + 1}`;
      const most = tokens.map((token, i) => ({ token, weight: given[i] ?? 0 })).sort((a, b) => b.weight - a.weight);
      return `From ${name}: ${most
        .slice(0, 4)
        .map(({ token, weight }) => `${token} ${twoDigits(weight)}`)
        .join(", ")}`;
    }
    if (word >= 0) {
      const map = this.#map(word);
      const mean = map.reduce((sum, weight) => sum + weight, 0) / map.length;
      return `${tokens[word]}: ${twoDigits(mean)} of the attention of all places, ${twoDigits(Math.max(...map))} at most`;
    }
    return "Point at a word or at a place of the picture.";
  }

  /** @param {HTMLElement} parent */
  #listenToWords(parent) {
    const wordOf = (/** @type {Event} */ { target }) => {
      const button = target instanceof Element ? target.closest("button") : null;
      return button ? Number(button.dataset.word) : -1;
    };
    const point = (/** @type {Event} */ event) => this.#point({ word: wordOf(event), cell: -1 });
    parent.addEventListener("pointerover", point);
    parent.addEventListener("focusin", point);
    parent.addEventListener("pointerleave", () => this.#point({ word: -1, cell: -1 }));
    parent.addEventListener("focusout", () => this.#point({ word: -1, cell: -1 }));
    parent.addEventListener("click", (event) => {
      const word = wordOf(event);
      if (word < 0) return;
      this.#kept = { word: word === this.#kept.word ? -1 : word, cell: -1 };
      if (this.#kept.word < 0) this.#pointed = { word: -1, cell: -1 };
      this.#write(Number(control(this.form, "step").value));
      this.#mark();
    });
  }

  #listenToPlaces() {
    const cellAt = (/** @type {MouseEvent} */ event) => {
      const [rows, columns] = this.#maps?.file.grid ?? [1, 1];
      const row = clamp(Math.floor((event.offsetY / this.canvas.clientHeight) * rows), rows);
      return row * columns + clamp(Math.floor((event.offsetX / this.canvas.clientWidth) * columns), columns);
    };
    const point = (/** @type {PointerEvent} */ event) => this.#point({ word: this.#kept.word, cell: cellAt(event) });
    this.canvas.addEventListener("pointermove", point);
    this.canvas.addEventListener("pointerdown", point);
    this.canvas.addEventListener("pointerleave", () => this.#point({ word: -1, cell: -1 }));
    this.canvas.addEventListener("click", (event) => {
      const cell = cellAt(event);
      this.#kept.cell = cell === this.#kept.cell ? -1 : cell;
      this.#mark();
    });
    this.canvas.addEventListener("blur", () => this.#point({ word: -1, cell: -1 }));
    this.canvas.addEventListener("keydown", (event) => this.#move(event));
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    if (!(this.#maps && event.key in ARROWS)) return;
    event.preventDefault();
    const [down, across] = ARROWS[/** @type {keyof typeof ARROWS} */ (event.key)];
    const [rows, columns] = this.#maps.file.grid;
    const before =
      this.#pointed.cell < 0 ? Math.floor(rows / 2) * columns + Math.floor(columns / 2) : this.#pointed.cell;
    const row = clamp(Math.floor(before / columns) + down, rows);
    const column = clamp((before % columns) + across, columns);
    this.#point({ word: this.#kept.word, cell: row * columns + column });
  }

  /** @param {{word: number, cell: number}} pointed */
  #point(pointed) {
    this.#pointed = pointed;
    this.#mark();
  }
}

/**
 * @param {string} text
 * @param {number} word
 */
function wordButton(text, word) {
  const button = element("button");
  button.type = "button";
  button.dataset.word = String(word);
  if (text) {
    const bdi = element("bdi", text, "token");
    bdi.translate = false;
    button.append(bdi);
  }
  return button;
}
