// Made by `make scripts` from templates/js; changes belong there.
"use strict";
(() => {
  // templates/js/dom.js
  function element(tag, text3 = "", className = "") {
    const made = document.createElement(tag);
    made.textContent = text3;
    if (className) made.className = className;
    return made;
  }
  function surface(canvas, { read = false } = {}) {
    return (
      /** @type {CanvasRenderingContext2D} */
      canvas.getContext("2d", read ? { willReadFrequently: true } : void 0)
    );
  }
  var clamp = (position2, size) => Math.min(size - 1, Math.max(0, position2));
  function need(selector, parent = document) {
    return (
      /** @type {HTMLElement} */
      parent.querySelector(selector)
    );
  }
  function all(kind, selector, parent = document) {
    return (
      /** @type {E[]} */
      Array.from(parent.querySelectorAll(selector)).filter((each) => each instanceof kind)
    );
  }
  function control(form, name) {
    return (
      /** @type {HTMLInputElement | HTMLSelectElement} */
      form.elements.namedItem(name)
    );
  }
  function revealControls() {
    for (const hidden of document.querySelectorAll("[data-needs-script]")) hidden.removeAttribute("hidden");
  }

  // templates/js/address.js
  function oneOf(...words) {
    return {
      read: (text3) => words.find((word) => word === text3) ?? words[0],
      write: (word) => word === words[0] ? "" : word
    };
  }
  var text = { read: (text3) => text3 ?? "", write: (text3) => text3 };
  var position = {
    read: (text3) => /^\d+$/.test(text3 ?? "") ? Number(text3) : -1,
    write: (position2) => position2 < 0 ? "" : String(position2)
  };
  var sorting = {
    read: (text3) => ({ column: (text3 || "head").replace(/^-/, ""), down: text3?.startsWith("-") ?? false }),
    write: ({ column, down }) => column === "head" && !down ? "" : (down ? "-" : "") + column
  };
  var columns = {
    read: (text3) => text3 ? text3.split(",") : null,
    write: (columns2) => columns2 ? columns2.join() || "none" : ""
  };
  var bounds = {
    read: (text3) => (text3 ?? "").split(",").filter(Boolean).map(readBounds),
    write: (list) => list.map(({ column, least, most }) => `${column}:${least ?? ""}:${most ?? ""}`).join()
  };
  function readBounds(text3) {
    const parts = text3.split(":");
    const [least, most] = parts.slice(-2);
    const column = parts.slice(0, -2).join(":");
    return { column, least: least ? Number(least) : void 0, most: most ? Number(most) : void 0 };
  }
  var Address = class {
    /** @param {F} fields in the order in which they stand in the address */
    constructor(fields) {
      this.fields = fields;
    }
    /** @returns {State<F>} */
    read() {
      const { choices } = split();
      const state = Object.entries(this.fields).map(([name, field]) => [name, field.read(choices.get(name))]);
      return Object.fromEntries(state);
    }
    /**
     * What stands after the #; choices that `state` does not name are left out.
     * @param {Partial<State<F>>} state
     * @param {string} [anchor]
     */
    format(state, anchor = "") {
      const choices = new URLSearchParams();
      for (const [name, field] of Object.entries(this.fields)) {
        const spelled = name in state ? field.write(state[name]) : "";
        if (spelled) choices.set(name, spelled);
      }
      return [anchor, String(choices).replaceAll("%2F", "/")].filter(Boolean).join("&");
    }
    /**
     * Puts the state into the address, as a step that the browser's Back undoes; without `step` in place of the last one.
     * @param {Partial<State<F>>} state
     * @param {string} [anchor]
     * @param {{step?: boolean}} [options]
     */
    write(state, anchor = "", { step: step2 = true } = {}) {
      const hash = this.format(state, anchor);
      if (location.hash === (hash && `#${hash}`)) return;
      const put = step2 ? history.pushState : history.replaceState;
      try {
        put.call(history, null, "", hash ? `#${hash}` : location.pathname + location.search);
      } catch {
      }
    }
    /**
     * When somebody follows a link to another state of this page, or edits the address.
     * @param {() => void} listener
     * @param {{anchors?: boolean}} [options] whether a link to a section, which is no choice, counts as well
     */
    onChange(listener, { anchors = false } = {}) {
      addEventListener("hashchange", () => {
        if (anchors || !anchorInAddress()) listener();
      });
    }
  };
  function split() {
    const hash = location.hash.slice(1);
    const [first, ...rest] = hash.split("&");
    const anchor = first.includes("=") ? "" : first;
    return { anchor, choices: new URLSearchParams(anchor ? rest.join("&") : hash) };
  }
  function anchorInAddress() {
    const { anchor } = split();
    const number = Number(anchor.match(/^example-(\d+)$/)?.[1]);
    if (!number || document.getElementById(anchor)) return anchor;
    return document.querySelector(`.example[data-example="${number - 1}"]`)?.id ?? anchor;
  }
  var maps = {
    view: oneOf("matrix", "text", "arcs"),
    direction: oneOf("to", "from"),
    scale: oneOf("linear", "root"),
    sink: oneOf("", "show", "hide"),
    // "" is as the page comes: aside on layers' pages, shown on others
    row: position,
    column: position
  };
  var mapAddress = new Address(maps);
  var headsAddress = new Address({ a: text, b: text, text, ...maps });
  var mosaicAddress = new Address({
    pattern: text,
    probe: text,
    value: oneOf("score", "sinkfree"),
    scale: oneOf("full", "fit"),
    label: text
  });
  var explorerAddress = new Address({
    text,
    label: text,
    probe: text,
    from: text,
    to: text,
    sort: sorting,
    columns,
    range: bounds,
    page: position
  });
  var scatterAddress = new Address({ x: text, y: text });
  var circuitAddress = new Address({
    by: text,
    through: text,
    from: text,
    to: text,
    head: text,
    least: position
  });
  var compareAddress = new Address({ a: text, b: text, pattern: text });
  var pictureAddress = new Address({ picture: text, head: text, step: position, word: position });

  // templates/js/colours.js
  var parsePalette = (digits) => Array.from({ length: 256 }, (_, weight) => Number.parseInt(digits.slice(6 * weight, 6 *
  weight + 6), 16));
  var LIGHT = parsePalette(window.headatlas.light);
  var DARK = parsePalette(window.headatlas.dark);
  var weightOf = new Map(LIGHT.map((colour, weight) => [colour, weight]));
  var darkScheme = matchMedia("(prefers-color-scheme: dark)");
  var listeners = [];
  var onPaper = false;
  var palette = () => darkScheme.matches && !onPaper ? DARK : LIGHT;
  var onColoursChange = (listener) => listeners.push(listener);
  function coloursChanged() {
    for (const listener of listeners) listener();
  }
  darkScheme.addEventListener("change", coloursChanged);
  for (
    const [event, printing] of
    /** @type {[string, boolean][]} */
    [
      ["beforeprint", true],
      ["afterprint", false]
    ]
  ) {
    addEventListener(event, () => {
      onPaper = printing;
      coloursChanged();
    });
  }
  var css = (colour) => `#${colour.toString(16).padStart(6, "0")}`;
  var step = (weight, squareRoot) => Math.round(255 * (squareRoot ? Math.sqrt(weight) : weight));
  function tint(weight, squareRoot, colours = palette()) {
    const colour = colours[step(Math.min(Math.max(weight, 0), 1), squareRoot)];
    const bright = luminance(colour) > 0.179;
    return { background: css(colour), color: bright ? "#000" : "#fff" };
  }
  function luminance(colour) {
    const [r, g, b] = channels(colour).map((byte) => {
      const value = byte / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
  var channels = (colour) => [16, 8, 0].map((shift) => colour >> shift & 255);

  // templates/js/files.js
  var loading = /* @__PURE__ */ new Map();
  var arrives = (source) => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${source} could not be loaded`));
    document.head.append(script);
  });
  async function dataFile(key, source) {
    if (!(window.headatlas?.data && key in window.headatlas.data)) {
      const arrival = loading.get(source) ?? arrives(source);
      loading.set(source, arrival);
      await arrival.finally(() => loading.delete(source));
    }
    return window.headatlas.data[key];
  }

  // templates/js/text.js
  function twoDigits(value) {
    if (value === null) return "–";
    if (Math.abs(value) >= 9.95) return value.toFixed(0);
    if (Math.abs(value) > 1) return value.toFixed(1);
    return value.toFixed(2).replace("1.00", "1").replace("-0.00", "0.00").replace("0.", ".");
  }

  // templates/js/word_maps.js
  var TINT = [255, 120, 0];
  var OPACITY = 0.8;
  var WordMaps = class _WordMaps {
    /**
     * @param {PictureFile} file
     * @param {ImageData} pixels of the picture
     */
    constructor(file, pixels) {
      this.file = file;
      this.pixels = pixels;
      this.bytes = Uint8Array.from(atob(file.maps), (character) => character.charCodeAt(0));
      this.nPlaces = file.grid[0] * file.grid[1];
    }
    /** @param {PictureFile} file */
    static async of(file) {
      const image = new Image();
      image.src = file.image;
      await image.decode();
      const canvas = element("canvas");
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
      const context = surface(canvas, { read: true });
      context.drawImage(image, 0, 0);
      return new _WordMaps(file, context.getImageData(0, 0, canvas.width, canvas.height));
    }
    /**
     * Attention from 0 to 1, [token, place]: of a head or, for "", the mean of all; at a step or, for -1, the mean of all.
     * @param {string} head
     * @param {number} step
     */
    weights(head, step2) {
      const { heads, noise, tokens } = this.file;
      const size = tokens.length * this.nPlaces;
      const sums = new Float64Array(size);
      const chosenHeads = head ? [heads.indexOf(head)] : heads.map((_, i) => i);
      const steps = step2 < 0 ? noise.map((_, i) => i) : [step2];
      for (const each of chosenHeads) {
        for (const at of steps) {
          const start = (each * noise.length + at) * size;
          for (let i = 0; i < size; i++) sums[i] += this.bytes[start + i];
        }
      }
      const n = 255 * chosenHeads.length * steps.length;
      return sums.map((sum) => sum / n);
    }
    /**
     * The picture on a canvas, as it is, or grey and tinted where a word is looked at.
     * @param {HTMLCanvasElement} canvas
     * @param {Float64Array | null} map weight of each place
     */
    paint(canvas, map) {
      const { width, height, data } = this.pixels;
      [canvas.width, canvas.height] = [width, height];
      const context = surface(canvas);
      if (!map) return context.putImageData(this.pixels, 0, 0);
      const [rows, columns2] = this.file.grid;
      const most = Math.max(...map) || 1;
      const painted = context.createImageData(width, height);
      for (let y = 0; y < height; y++) {
        const row = columns2 * Math.floor(y * rows / height);
        for (let x = 0; x < width; x++) {
          const i = 4 * (y * width + x);
          const grey = 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
          const opacity = OPACITY * map[row + Math.floor(x * columns2 / width)] / most;
          for (let c = 0; c < 3; c++) painted.data[i + c] = grey * (1 - opacity) + TINT[c] * opacity;
          painted.data[i + 3] = 255;
        }
      }
      context.putImageData(painted, 0, 0);
    }
  };

  // templates/js/pictures_page.js
  var ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  var PicturesPage = class {
    /** Words and places that are pointed at, and those that are kept; -1 for none. */
    #pointed = { word: -1, cell: -1 };
    #kept = { word: -1, cell: -1 };
    /** @type {WordMaps | null} */
    #maps = null;
    #weights = new Float64Array();
    constructor() {
      this.form = /** @type {HTMLFormElement} */
      need(".picture-controls");
      this.canvas = /** @type {HTMLCanvasElement} */
      need(".picture-large canvas");
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
      const { picture, head, step: step2, word } = pictureAddress.read();
      for (
        const [name, value] of
        /** @type {const} */
        [
          ["picture", picture || this.first],
          ["head", head]
        ]
      ) {
        const select = control(this.form, name);
        select.value = value;
        if (!select.value) select.value = name === "picture" ? this.first : "";
      }
      this.#kept = { word, cell: -1 };
      return this.#show(step2 + 1);
    }
    #chosen() {
      const step2 = Number(control(this.form, "step").value);
      this.#write(step2);
      return this.#show(step2);
    }
    /** @param {number} step counted from 1; 0 for the mean of all */
    #write(step2) {
      const [picture, head] = ["picture", "head"].map((name) => control(this.form, name).value);
      const chosen = { picture: picture === this.first ? "" : picture, head, step: step2 - 1, word: this.#kept.word };
      pictureAddress.write(chosen);
    }
    /** @param {number} step counted from 1; 0 for the mean of all */
    async #show(step2) {
      const picture = control(this.form, "picture").value;
      const file = await dataFile(`${this.form.dataset.slug} ${picture}`, `data/${picture}.js`);
      const before = this.#maps;
      const maps2 = before && before.file === file ? before : await WordMaps.of(file);
      if (picture !== control(this.form, "picture").value) return;
      if (maps2 !== before) this.#makeWords(maps2);
      const slider = (
        /** @type {HTMLInputElement} */
        control(this.form, "step")
      );
      slider.max = String(file.noise.length);
      slider.value = String(Math.min(step2, file.noise.length));
      const at = Number(slider.value) - 1;
      const said = at < 0 ? `mean of ${file.noise.length}` : `${at + 1} of ${file.noise.length}, noise ${twoDigits(file.
      noise[at])}`;
      need("[data-step]", this.form).textContent = said;
      slider.setAttribute("aria-valuetext", said);
      const head = control(this.form, "head").value;
      this.#weights = maps2.weights(head, at);
      for (const row of document.querySelectorAll(".picture-heads tr[data-head]")) {
        row.classList.toggle("chosen", row.getAttribute("data-head") === head);
      }
      this.#paintWords();
      this.#mark();
      this.canvas.dataset.shown = `${picture} ${head} ${at}`;
    }
    /** The words of the sentence, and a small map of each. @param {WordMaps} maps */
    #makeWords(maps2) {
      this.#maps = maps2;
      const { tokens } = maps2.file;
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
        })
      );
    }
    #paintWords() {
      const maps2 = (
        /** @type {WordMaps} */
        this.#maps
      );
      this.list.querySelectorAll("li").forEach((item, i) => {
        const map = this.#map(i);
        maps2.paint(
          /** @type {HTMLCanvasElement} */
          need("canvas", item),
          map
        );
        need(".soft", item).textContent = twoDigits(Math.max(...map));
      });
    }
    /** The weights of all places for a word. @param {number} word */
    #map(word) {
      const { nPlaces } = (
        /** @type {WordMaps} */
        this.#maps
      );
      return this.#weights.subarray(word * nPlaces, (word + 1) * nPlaces);
    }
    /** Shows what is pointed at or, where nothing is, what is kept. */
    #mark() {
      const maps2 = this.#maps;
      if (!maps2) return;
      const pointing = this.#pointed.word >= 0 || this.#pointed.cell >= 0;
      const { word, cell } = pointing ? this.#pointed : this.#kept;
      maps2.paint(this.canvas, word < 0 ? null : this.#map(word));
      const [rows, columns2] = maps2.file.grid;
      this.spot.hidden = cell < 0;
      this.spot.style.setProperty("inset-block-start", `${100 * Math.floor(cell / columns2) / rows}%`);
      this.spot.style.setProperty("inset-inline-start", `${100 * (cell % columns2) / columns2}%`);
      this.spot.style.width = `${100 / columns2}%`;
      this.spot.style.height = `${100 / rows}%`;
      const given = maps2.file.tokens.map((_, i) => cell < 0 ? null : this.#map(i)[cell]);
      for (const parent of [this.words, this.list]) {
        parent.querySelectorAll("button").forEach((button, i) => {
          button.setAttribute("aria-pressed", String(i === this.#kept.word));
          button.classList.toggle("pointed-word", i === word);
          if (parent !== this.words) return;
          const colours = given[i] === null ? null : tint(
            /** @type {number} */
            given[i],
            true
          );
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
      const { tokens, grid } = (
        /** @type {WordMaps} */
        this.#maps.file
      );
      if (cell >= 0) {
        const name = `row ${Math.floor(cell / grid[1]) + 1}, column ${cell % grid[1] + 1}`;
        const most = tokens.map((token, i) => ({ token, weight: given[i] ?? 0 })).sort((a, b) => b.weight - a.weight);
        return `From ${name}: ${most.slice(0, 4).map(({ token, weight }) => `${token} ${twoDigits(weight)}`).join(", ")}`;
      }
      if (word >= 0) {
        const map = this.#map(word);
        const mean = map.reduce((sum, weight) => sum + weight, 0) / map.length;
        return `${tokens[word]}: ${twoDigits(mean)} of the attention of all places, ${twoDigits(Math.max(...map))} at mo\
st`;
      }
      return "Point at a word or at a place of the picture.";
    }
    /** @param {HTMLElement} parent */
    #listenToWords(parent) {
      const wordOf = ({ target }) => {
        const button = target instanceof Element ? target.closest("button") : null;
        return button ? Number(button.dataset.word) : -1;
      };
      const point = (event) => this.#point({ word: wordOf(event), cell: -1 });
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
      const cellAt = (event) => {
        const [rows, columns2] = this.#maps?.file.grid ?? [1, 1];
        const row = clamp(Math.floor(event.offsetY / this.canvas.clientHeight * rows), rows);
        return row * columns2 + clamp(Math.floor(event.offsetX / this.canvas.clientWidth * columns2), columns2);
      };
      const point = (event) => this.#point({ word: this.#kept.word, cell: cellAt(event) });
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
      const [down, across] = ARROWS[
        /** @type {keyof typeof ARROWS} */
        event.key
      ];
      const [rows, columns2] = this.#maps.file.grid;
      const before = this.#pointed.cell < 0 ? Math.floor(rows / 2) * columns2 + Math.floor(columns2 / 2) : this.#pointed.
      cell;
      const row = clamp(Math.floor(before / columns2) + down, rows);
      const column = clamp(before % columns2 + across, columns2);
      this.#point({ word: this.#kept.word, cell: row * columns2 + column });
    }
    /** @param {{word: number, cell: number}} pointed */
    #point(pointed) {
      this.#pointed = pointed;
      this.#mark();
    }
  };
  function wordButton(text3, word) {
    const button = element("button");
    button.type = "button";
    button.dataset.word = String(word);
    if (text3) {
      const bdi = element("bdi", text3, "token");
      bdi.translate = false;
      button.append(bdi);
    }
    return button;
  }

  // templates/js/sortable_table.js
  var natural = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  function sortTables() {
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
  function sortBy(table, headings, column) {
    const [body] = table.tBodies;
    const rows = Array.from(body.rows);
    const isNumber = headings[column].classList.contains("n");
    const before = headings[column].getAttribute("aria-sort");
    const down = before === null ? isNumber : before === "ascending";
    const order = (a, b) => isNumber ? numberOf(a.cells[column]) - numberOf(b.cells[column]) : natural.compare(text2(a, column),
    text2(b, column));
    rows.sort((a, b) => down ? order(b, a) : order(a, b));
    body.append(...rows);
    for (const heading of headings) heading.removeAttribute("aria-sort");
    headings[column].setAttribute("aria-sort", down ? "descending" : "ascending");
  }
  var text2 = (row, column) => row.cells[column].textContent?.trim() ?? "";
  var numberOf = (cell) => Number(cell.dataset.value ?? cell.textContent);

  // templates/js/pages/pictures.js
  revealControls();
  sortTables();
  void new PicturesPage().start();
})();
