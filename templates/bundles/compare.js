// Made by `make scripts` from templates/js; changes belong there.
"use strict";
(() => {
  // templates/js/address.js
  function oneOf(...words) {
    return {
      read: (text2) => words.find((word) => word === text2) ?? words[0],
      write: (word) => word === words[0] ? "" : word
    };
  }
  var text = { read: (text2) => text2 ?? "", write: (text2) => text2 };
  var position = {
    read: (text2) => /^\d+$/.test(text2 ?? "") ? Number(text2) : -1,
    write: (position2) => position2 < 0 ? "" : String(position2)
  };
  var sorting = {
    read: (text2) => ({ column: (text2 || "head").replace(/^-/, ""), down: text2?.startsWith("-") ?? false }),
    write: ({ column, down }) => column === "head" && !down ? "" : (down ? "-" : "") + column
  };
  var columns = {
    read: (text2) => text2 ? text2.split(",") : null,
    write: (columns2) => columns2 ? columns2.join() || "none" : ""
  };
  var bounds = {
    read: (text2) => (text2 ?? "").split(",").filter(Boolean).map(readBounds),
    write: (list) => list.map(({ column, least, most }) => `${column}:${least ?? ""}:${most ?? ""}`).join()
  };
  function readBounds(text2) {
    const parts = text2.split(":");
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
    write(state, anchor = "", { step = true } = {}) {
      const hash = this.format(state, anchor);
      if (location.hash === (hash && `#${hash}`)) return;
      const put = step ? history.pushState : history.replaceState;
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

  // templates/js/dom.js
  function element(tag, text2 = "", className = "") {
    const made = document.createElement(tag);
    made.textContent = text2;
    if (className) made.className = className;
    return made;
  }
  function surface(canvas, { read = false } = {}) {
    return (
      /** @type {CanvasRenderingContext2D} */
      canvas.getContext("2d", read ? { willReadFrequently: true } : void 0)
    );
  }
  function linkTo(text2, href) {
    const link = element("a", text2);
    link.href = href;
    return link;
  }
  var px = (length) => `${length}px`;
  function need(selector, parent = document) {
    return (
      /** @type {HTMLElement} */
      parent.querySelector(selector)
    );
  }
  function control(form, name) {
    return (
      /** @type {HTMLInputElement | HTMLSelectElement} */
      form.elements.namedItem(name)
    );
  }
  function pageData(id) {
    return JSON.parse(document.getElementById(id)?.textContent ?? "null");
  }
  function revealControls() {
    for (const hidden of document.querySelectorAll("[data-needs-script]")) hidden.removeAttribute("hidden");
  }

  // templates/js/files.js
  function dataFolder(slug, folder) {
    return {
      /** @returns {Promise<Heads>} */
      heads: () => dataFile(`${slug} heads`, `${folder}/heads.js`),
      /** @param {string} address "scores-0#induction": what of which file @returns {Promise<Pattern>} */
      numbers: (address) => dataFile(`${slug} ${address}`, `${folder}/${address.split("#")[0]}.js`),
      /** @returns {Promise<import("./circuit_edges.js").CircuitFile>} */
      circuits: () => dataFile(`${slug} circuits`, `${folder}/circuits.js`)
    };
  }
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
  var inWords = (name) => name.replaceAll("_", " ");
  function threeDigits(value) {
    if (value === null || value === void 0) return "–";
    return value.toFixed(Math.abs(value) < 10 ? 3 : 1);
  }

  // templates/js/score_mosaic.js
  var MAX_CELL = 18;
  var MIN_CELL = 2;
  var MAX_WIDTH = 420;
  var MAX_HEIGHT = 560;
  function knownScores(scores) {
    return (scores?.score ?? []).filter((stored) => stored !== null).map((stored) => stored / 1e3);
  }
  var highest = (values) => values.length ? Math.max(...values) : null;
  var ScoreMosaic = class {
    /**
     * @param {Model} model
     * @param {string} pattern
     * @param {number} top upper end of the scale
     */
    constructor(model, pattern, top) {
      this.model = model;
      this.pattern = pattern;
      this.scores = model.data.patterns[pattern];
      this.grid = gridOf(model.data.layers);
      this.cell = cellSize(this.grid);
      this.canvas = this.#makeCanvas();
      this.#paint(top);
      this.readout = element("p", "", "readout");
      this.root = this.#makeFigure();
      this.#listen();
    }
    #makeFigure() {
      const { slug, data } = this.model;
      const caption = element("figcaption");
      caption.append(linkTo(data.model, `${slug}/index.html#pattern=${this.pattern}`));
      const figure = element("figure");
      figure.append(caption, this.canvas, this.readout);
      return figure;
    }
    #makeCanvas() {
      const canvas = element("canvas", "", `pixels compare-mosaic ${this.scores?.hue ?? ""}`);
      [canvas.width, canvas.height] = [columnsOf(this.grid), this.grid.length];
      [canvas.style.width, canvas.style.height] = [px(canvas.width * this.cell), px(canvas.height * this.cell)];
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", this.#description());
      return canvas;
    }
    #description() {
      const { model } = this.model.data;
      if (!this.scores) return `${model} was not measured on ${inWords(this.pattern)}`;
      return `${inWords(this.pattern)} in ${model}: highest ${threeDigits(highest(knownScores(this.scores)))}`;
    }
    /** @param {number} top */
    #paint(top) {
      const context = surface(this.canvas);
      const hue = familyColour(this.canvas);
      const against = this.scores?.against ? familyColour(this.canvas, this.scores.against) : "";
      context.fillStyle = hue;
      this.grid.forEach((heads, y) => {
        heads.forEach((i, x) => {
          const stored = this.scores?.score[i] ?? null;
          const share = stored === null ? 0 : stored / 1e3 / top;
          if (against) context.fillStyle = share < 0 ? against : hue;
          context.globalAlpha = Math.min(Math.max(against ? Math.abs(share) : share, 0), 1);
          context.fillRect(x, y, 1, 1);
        });
      });
    }
    #listen() {
      const { data, slug } = this.model;
      this.canvas.addEventListener("pointermove", (event) => {
        const i = this.#headAt(event);
        const stored = i === void 0 ? void 0 : this.scores?.score[i];
        const score = stored === null || stored === void 0 ? null : stored / 1e3;
        this.readout.textContent = i === void 0 ? "" : `${data.heads[i]} ${threeDigits(score)}`;
      });
      this.canvas.addEventListener("click", (event) => {
        const i = this.#headAt(event);
        if (i !== void 0) location.href = `${slug}/heads/${data.heads[i]}.html`;
      });
    }
    /** @param {MouseEvent} event @returns {number | undefined} */
    #headAt({ offsetX, offsetY }) {
      return this.grid[Math.floor(offsetY / this.cell)]?.[Math.floor(offsetX / this.cell)];
    }
  };
  function gridOf(layers) {
    let next = 0;
    return layers.map(([, heads]) => Array.from({ length: heads }, () => next++));
  }
  var columnsOf = (grid) => Math.max(...grid.map((heads) => heads.length), 1);
  function cellSize(grid) {
    const fitting = Math.min(Math.floor(MAX_WIDTH / columnsOf(grid)), Math.floor(MAX_HEIGHT / grid.length));
    return Math.max(MIN_CELL, Math.min(MAX_CELL, fitting));
  }
  function familyColour(canvas, family = "") {
    const own = canvas.className;
    if (family) canvas.className = family;
    document.body.append(canvas);
    const colour = getComputedStyle(canvas).getPropertyValue("--family");
    canvas.remove();
    canvas.className = own;
    return colour;
  }

  // templates/js/table.js
  var NUMBER = /^[-–+\d.]+$/;
  function headingRow(cells) {
    const row = element("tr");
    row.append(
      ...cells.map((content, i) => {
        const cell = heading(content, "col");
        if (typeof content === "string" && i > 0) cell.className = "n";
        return cell;
      })
    );
    return row;
  }
  function tableRow([name, ...rest]) {
    const row = element("tr");
    row.append(heading(name, "row"), ...rest.map(dataCell));
    return row;
  }
  function heading(content, scope) {
    const cell = element("th");
    cell.scope = scope;
    cell.append(content);
    return cell;
  }
  function dataCell(content) {
    const cell = element("td");
    if (typeof content === "string" && NUMBER.test(content)) cell.className = "n";
    cell.append(content);
    return cell;
  }

  // templates/js/compare_page.js
  var CHOICES = (
    /** @type {const} */
    ["a", "b", "pattern"]
  );
  var MAX_HEADS = 15;
  var MAX_LABELS = 2;
  var ComparePage = class {
    constructor() {
      const data = pageData("compare-data");
      this.effects = data.effects;
      this.evidence = data.evidence;
      this.patterns = [...data.patterns, ...data.effects];
      this.first = data.first;
      this.form = /** @type {HTMLFormElement} */
      need("form.controls");
      for (const { name } of data.patterns) this.#select("pattern").append(new Option(inWords(name), name));
      if (!this.effects.length) return;
      const group = document.createElement("optgroup");
      group.label = "evidence";
      group.append(...this.effects.map(({ name, title }) => new Option(title, name)));
      this.#select("pattern").append(group);
    }
    start() {
      this.form.addEventListener("submit", (event) => event.preventDefault());
      this.form.addEventListener("change", () => {
        compareAddress.write(this.#chosen());
        void this.#show();
      });
      compareAddress.onChange(() => this.#fromAddress());
      this.#fromAddress();
    }
    /** @param {string} name */
    #select(name) {
      return (
        /** @type {HTMLSelectElement} */
        control(this.form, name)
      );
    }
    #chosen() {
      const [a, b, pattern] = CHOICES.map((name) => this.#select(name).value);
      return { a, b, pattern };
    }
    #fromAddress() {
      const address = compareAddress.read();
      const wanted = { ...address, pattern: address.pattern || this.first };
      for (const name of CHOICES) {
        const select = this.#select(name);
        const known = Array.from(select.options).some((option) => option.value === wanted[name]);
        if (known) select.value = wanted[name];
      }
      void this.#show();
    }
    async #show() {
      const { a, b, pattern } = this.#chosen();
      const [first, second] = await Promise.all([a, b].map((slug) => this.#loadModel(slug)));
      this.#showMosaics(first, second, pattern);
      need("#compare-heads").replaceChildren(...differences(first, second, pattern, this.effects));
      need("#compare-patterns").replaceChildren(...this.#allPatterns(first, second));
      need("#compare").dataset.ready = "";
    }
    /**
     * A model's scores, and what evidence there is of those kinds that stand beside them.
     * @param {string} slug
     * @returns {Promise<Model>}
     */
    async #loadModel(slug) {
      const files = dataFolder(slug, `${slug}/data`);
      const data = await files.heads();
      const known = this.effects.filter(({ name }) => name in this.evidence[slug]);
      const loaded = await Promise.all(known.map(({ name }) => files.numbers(this.evidence[slug][name][0])));
      const measured = loaded.map(({ probes, hue, against, unit }, i) => {
        const [, probe] = this.evidence[slug][known[i].name];
        const { score, fit } = probes[probe];
        return [known[i].name, { hue, against, unit, probe, score, fit, chance: null }];
      });
      return { slug, data: { ...data, patterns: { ...data.patterns, ...Object.fromEntries(measured) } } };
    }
    /**
     * @param {Model} first
     * @param {Model} second
     * @param {string} pattern
     */
    #showMosaics(first, second, pattern) {
      const scores = [first, second].map(({ data }) => data.patterns[pattern]);
      const fits = scores.flatMap((each) => each?.fit ?? []);
      const top = fits.length ? Math.max(...fits) : Math.max(1, ...scores.flatMap(knownScores));
      const mosaics = [first, second].map((model) => new ScoreMosaic(model, pattern, top).root);
      need(".compare-mosaics").replaceChildren(...mosaics);
      const facts = this.patterns.find(({ name }) => name === pattern);
      const probe = inWords(scores[0]?.probe ?? scores[1]?.probe ?? "");
      const scale = `both on one scale from 0 to ${Number(top.toPrecision(3))}`;
      const reading = "Layers from top to bottom, heads from left to right.";
      const link = linkToPattern(facts ?? { name: pattern, file: "" });
      need("#compare-caption").replaceChildren(
        link,
        `${facts?.title ? "" : ` on ${probe}`}, ${scale}. ${reading} ${facts?.summary ?? ""}`
      );
    }
    /**
     * The highest and the mean score of both models, for each pattern.
     * @param {Model} first
     * @param {Model} second
     */
    #allPatterns({ data: first }, { data: second }) {
      const measured = this.patterns.filter(({ name }) => first.patterns[name] || second.patterns[name]);
      const lines = measured.map((facts) => {
        const { name, hue } = facts;
        const both = [first, second].map(({ patterns }) => knownScores(patterns[name]));
        const values = [...both.map(highest), ...both.map(mean)];
        const line = tableRow([linkToPattern(facts), ...values.map(threeDigits)]);
        line.className = hue;
        return line;
      });
      const [a, b] = [first.model, second.model];
      return [headingRow(["Pattern", `Highest in ${a}`, `in ${b}`, `Mean in ${a}`, `in ${b}`]), ...lines];
    }
  };
  var linkToPattern = ({ name, file, title }) => title ? linkTo(title, "methods.html#evidence") : linkTo(inWords(name), `\
patterns/${file}.html`);
  var mean = (values) => values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
  function differences(first, second, pattern, effects) {
    const [a, b] = [first.data, second.data];
    if (a.heads.join() !== b.heads.join()) return [tableRow([`${shapes(a, b)}: they cannot be compared head by head.`])];
    const [before, after] = [a.patterns[pattern]?.score, b.patterns[pattern]?.score];
    if (!(before && after)) return [tableRow(["This pattern was not measured in both."])];
    const beside = effects.filter(({ name }) => a.patterns[name] || b.patterns[name]);
    const lines = largestChanges(before, after).map(({ i, from, to, change }) => {
      const link = linkTo(a.heads[i], `${second.slug}/heads/${a.heads[i]}.html`);
      const signed = (change > 0 ? "+" : "") + threeDigits(change);
      return tableRow([
        link,
        threeDigits(from),
        threeDigits(to),
        signed,
        ...beside.map(({ name }) => fromTo(a, b, name, i)),
        labelsOf(a, i),
        labelsOf(b, i)
      ]);
    });
    const headings = ["Head", a.model, b.model, "Difference", ...beside.map(({ title }) => String(title))];
    return [headingRow([...headings, `Labels in ${a.model}`, `Labels in ${b.model}`]), ...lines];
  }
  function fromTo(a, b, effect, i) {
    const stored = [a, b].map(({ patterns }) => patterns[effect]?.score[i] ?? null);
    const [from, to] = stored.map((value) => threeDigits(value === null ? null : value / 1e3));
    const cell = element("span", `${from} → ${to}`);
    cell.className = "from-to";
    return cell;
  }
  function largestChanges(before, after) {
    const changes = before.flatMap((stored, i) => {
      const [from, to] = [stored, after[i]].map((score) => score === null ? Number.NaN : score / 1e3);
      return Number.isNaN(from + to) ? [] : [{ i, from, to, change: to - from }];
    });
    changes.sort((x, y) => Math.abs(y.change) - Math.abs(x.change) || x.i - y.i);
    return changes.slice(0, MAX_HEADS);
  }
  function shapes(a, b) {
    const first = `${a.model} has ${a.heads.length} heads in ${a.layers.length} layers`;
    return `${first}, ${b.model} ${b.heads.length} in ${b.layers.length}`;
  }
  function labelsOf(heads, i) {
    const labels = heads.labels[i].slice(0, MAX_LABELS).map(([label]) => inWords(label));
    return labels.join(", ") || "–";
  }

  // templates/js/pages/compare.js
  revealControls();
  new ComparePage().start();
})();
