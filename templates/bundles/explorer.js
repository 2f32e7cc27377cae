// Made by `make scripts` from templates/js; changes belong there.
"use strict";
(() => {
  // templates/js/dom.js
  function element(tag, text2 = "", className = "") {
    const made = document.createElement(tag);
    made.textContent = text2;
    if (className) made.className = className;
    return made;
  }
  function linkTo(text2, href) {
    const link = element("a", text2);
    link.href = href;
    return link;
  }
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
  var hasModifier = (event) => event.altKey || event.ctrlKey || event.metaKey;
  function pageData(id) {
    return JSON.parse(document.getElementById(id)?.textContent ?? "null");
  }
  function revealControls() {
    for (const hidden of document.querySelectorAll("[data-needs-script]")) hidden.removeAttribute("hidden");
  }

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

  // templates/js/text.js
  var inWords = (name) => name.replaceAll("_", " ");
  function threeDigits(value) {
    if (value === null || value === void 0) return "–";
    return value.toFixed(Math.abs(value) < 10 ? 3 : 1);
  }
  var inThousands = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
  function twoDigits(value) {
    if (value === null) return "–";
    if (Math.abs(value) >= 9.95) return value.toFixed(0);
    if (Math.abs(value) > 1) return value.toFixed(1);
    return value.toFixed(2).replace("1.00", "1").replace("-0.00", "0.00").replace("0.", ".");
  }

  // templates/js/explorer_rows.js
  var HeadRows = class {
    /**
     * @param {Heads} heads
     * @param {Record<string, Measure>} measures by the name of their column
     */
    constructor(heads, measures) {
      this.data = heads;
      this.measures = measures;
      this.evidence = {};
      this.probe = "";
      this.scores = {};
      this.layers = heads.heads.map((name) => Number(
        /** @type {RegExpMatchArray} */
        name.match(/\d+/)[0]
      ));
      this.texts = heads.heads.map((name, i) => {
        const labels = heads.labels[i].map(([label]) => inWords(label));
        return `${name} ${labels.join(" ")}`.toLowerCase();
      });
    }
    /**
     * From now on scores are those on this probe; for "" each pattern's on its own.
     * @param {string} probe
     * @param {Record<string, import("./files.js").Thousandths | undefined>} scores of each column there
     */
    use(probe, scores) {
      this.probe = probe;
      this.scores = scores;
    }
    /** Whether there is such a column. @param {string} column */
    has(column) {
      return column in this.data.patterns || column in this.measures;
    }
    /** What a column is called. @param {string} column */
    titleOf(column) {
      return this.measures[column]?.title ?? inWords(column);
    }
    /** The probe that a column's numbers are on, and their unit. @param {string} column */
    hintOf(column) {
      const measure = this.measures[column];
      const probe = measure ? measure.probe : this.probe || this.data.patterns[column].probe;
      return [inWords(probe), (measure ?? this.data.patterns[column]).unit].filter(Boolean).join(", ");
    }
    /**
     * How a cell is coloured: its family, and how full it is; evidence up to where its largest twentieth begins.
     * @param {string} column
     * @param {number} i
     */
    colourOf(column, i) {
      const value = this.value(column, i);
      const evidence = this.evidence[column];
      if (!evidence)
        return { hue: this.data.patterns[column]?.hue ?? "", share: value !== null && value <= 1 ? value : null };
      if (value === null) return { hue: "", share: null };
      return { hue: evidence.hues[value < 0 ? 1 : 0], share: Math.min(Math.abs(value) / (evidence.fit ?? 1), 1) };
    }
    /**
     * The score of a head.
     * @param {string} column
     * @param {number} i
     */
    value(column, i) {
      if (column in this.measures) return thousandth(this.evidence[column]?.score[i]);
      const scores = this.probe ? this.scores[column] : this.data.patterns[column]?.score;
      return thousandth(scores?.[i]);
    }
    /** Positions of the heads that a query asks for. @param {Query} query */
    select(query) {
      const words = query.text.toLowerCase().split(/\s+/).filter(Boolean);
      const chosen = this.data.heads.map((_, i) => i).filter(
        (i) => words.every((word) => this.#hasWord(word, i)) && this.#hasLabel(query.label, i) && this.layers[i] >= query.
        from && this.layers[i] <= query.to && query.bounds.every((bounds2) => this.#isWithin(bounds2, i))
      );
      return this.#sorted(chosen, query.sort);
    }
    /**
     * @param {string} word
     * @param {number} i
     */
    #hasWord(word, i) {
      const text2 = this.texts[i];
      if (/^[ledxv]\d+$/.test(word)) return text2.startsWith(`${word}h`);
      if (/^[ledxv]\d+h\d+$/.test(word)) return text2.startsWith(`${word} `);
      return text2.includes(word);
    }
    /**
     * @param {string} label
     * @param {number} i
     */
    #hasLabel(label, i) {
      const labels = this.data.labels[i];
      if (label === "-") return !labels.length;
      return !label || labels.some(([name]) => name === label);
    }
    /**
     * @param {import("./address.js").Bounds} bounds
     * @param {number} i
     */
    #isWithin({ column, least = -Infinity, most = Infinity }, i) {
      const value = this.value(column, i);
      return value !== null && value >= least && value <= most;
    }
    /**
     * @param {number[]} chosen
     * @param {import("./address.js").Sorting} sort
     */
    #sorted(chosen, { column, down }) {
      if (column !== "head") {
        const rank = (i) => column === "labels" ? this.data.labels[i][0]?.[1] ?? -1 : this.value(column, i) ?? -Infinity;
        chosen.sort((a, b) => rank(a) - rank(b) || b - a);
      }
      return down ? chosen.reverse() : chosen;
    }
    /**
     * @param {number[]} chosen
     * @param {string[]} columns
     */
    csv(chosen, columns2) {
      const lines = chosen.map((i) => [
        this.data.model,
        this.data.heads[i],
        // Label, strength and confidence, each a list.
        ...[0, 1, 2].map((part) => this.data.labels[i].map((label) => label[part] ?? "").join("; ")),
        ...columns2.map((column) => String(this.value(column, i) ?? ""))
      ]);
      const headings = columns2.map(
        (column) => this.probe && !(column in this.measures) ? `${column} on ${this.probe}` : column
      );
      const table = [["model", "head", "labels", "strengths", "confidences", ...headings], ...lines];
      return `${table.map((line) => line.map(quoted).join(",")).join("\n")}
`;
    }
  };
  var thousandth = (stored) => stored === null || stored === void 0 ? null : stored / 1e3;
  var quoted = (text2) => /[",\n]/.test(text2) ? `"${text2.replaceAll('"', '""')}"` : text2;

  // templates/js/roving.js
  function neighbour(key, [y, x], lengths) {
    const last = lengths.length - 1;
    const moves = {
      ArrowUp: [y - 1, x],
      ArrowDown: [y + 1, x],
      ArrowLeft: [y, x - 1],
      ArrowRight: [y, x + 1],
      Home: [y, 0],
      End: [y, Infinity],
      PageUp: [0, x],
      PageDown: [last, x]
    };
    if (!Object.hasOwn(moves, key)) return void 0;
    const row = Math.min(Math.max(moves[key][0], 0), last);
    return [row, Math.min(Math.max(moves[key][1], 0), lengths[row] - 1)];
  }
  function oneStop(box, links, rows, first = links[0], signal = void 0) {
    let stop = first;
    for (const link of links) link.tabIndex = link === stop ? 0 : -1;
    const stopAt = (link) => {
      if (stop) stop.tabIndex = -1;
      stop = link;
      stop.tabIndex = 0;
    };
    box.addEventListener(
      "focusin",
      ({ target }) => {
        const link = links.find((each) => each === target);
        if (link) stopAt(link);
      },
      { signal }
    );
    box.addEventListener(
      "keydown",
      (event) => {
        const target = (
          /** @type {HTMLElement} */
          event.target
        );
        if (hasModifier(event) || !links.includes(target)) return;
        const lines = rows();
        const y = lines.findIndex((line) => line.includes(target));
        const lengths = lines.map((line) => line.length);
        const to = y < 0 ? void 0 : neighbour(event.key, [y, lines[y].indexOf(target)], lengths);
        const next = to && lines[to[0]][to[1]];
        if (!next || next === target) return;
        event.preventDefault();
        next.focus();
      },
      { signal }
    );
  }

  // templates/js/explorer_table.js
  var ROWS_A_PAGE = 100;
  var CHIPS_ON_PHONES = 2;
  var MAX_CONFIDENCE = 0.99;
  var COLOUR_STEPS = 60;
  var ExplorerTable = class {
    /** Lets go of the rows that are shown. */
    #names = new AbortController();
    /**
     * @param {HTMLTableElement} table
     * @param {import("./explorer_rows.js").HeadRows} heads
     * @param {TableState} state
     * @param {TableEvents} on
     */
    constructor(table, heads, state, on) {
      this.head = /** @type {HTMLTableSectionElement} */
      table.tHead;
      this.body = table.tBodies[0];
      this.heads = heads;
      this.state = state;
      this.on = on;
      this.table = table;
      this.head.addEventListener("click", (event) => this.#sort(event));
    }
    /** @param {Event} event */
    #sort(event) {
      const column = event.target instanceof HTMLElement ? event.target.dataset.sort : void 0;
      if (!column) return;
      this.on.sort(column);
      this.head.querySelector(`[data-sort="${column}"]`)?.focus();
    }
    /**
     * @param {number[]} rows positions of heads
     * @param {number} page the first is 0
     */
    showRows(rows, page) {
      const first = page * ROWS_A_PAGE;
      const headings = this.head.rows.length;
      this.table.ariaRowCount = String(rows.length + headings);
      const lines = rows.slice(first, first + ROWS_A_PAGE).map((i) => this.#row(i));
      lines.forEach((line, at) => {
        line.ariaRowIndex = String(headings + first + at + 1);
      });
      this.body.replaceChildren(...lines);
      const links = lines.map((line) => (
        /** @type {HTMLElement} */
        line.querySelector("th a")
      ));
      this.#names.abort();
      this.#names = new AbortController();
      oneStop(this.body, links, () => links.map((link) => [link]), links[0], this.#names.signal);
    }
    /** @param {number} i */
    #row(i) {
      const { heads } = this.heads.data;
      const line = element("tr");
      const name = element("th");
      name.scope = "row";
      name.append(linkTo(heads[i], `heads/${heads[i]}.html`));
      line.append(name, this.#labels(i));
      for (const column of this.state.columns) {
        const { hue, share } = this.heads.colourOf(column, i);
        const cell = element("td", threeDigits(this.heads.value(column, i)), `n score ${hue}`.trim());
        if (share !== null) cell.classList.add(`v${Math.round(COLOUR_STEPS * Math.max(share, 0))}`);
        line.append(cell);
      }
      return line;
    }
    /** @param {number} i */
    #labels(i) {
      const { labels, patterns } = this.heads.data;
      const cell = element("td", labels[i].length ? "" : "–");
      if (!labels[i].length) return cell;
      const chips = element("ul", "", "chips");
      for (const [label, strength, confidence] of labels[i]) {
        const chip = element("li", inWords(label), `chip ${patterns[label]?.hue ?? "f-other"}`);
        if (strength !== null) chip.append(" ", element("b", twoDigits(strength)));
        if (confidence !== null) chip.title = `confidence ${twoDigits(Math.min(confidence, MAX_CONFIDENCE))}`;
        chips.append(chip);
      }
      if (labels[i].length > CHIPS_ON_PHONES) chips.dataset.more = `+${labels[i].length - CHIPS_ON_PHONES}`;
      cell.append(chips);
      return cell;
    }
    /** Headings and bounds. */
    showHead() {
      const first = element("tr");
      first.append(this.#heading("head", "Head"), this.#heading("labels", "Labels"));
      const second = element("tr", "", "bounds");
      second.append(element("td"), element("td"));
      for (const column of this.state.columns) {
        const cell = this.#heading(column, this.heads.titleOf(column));
        cell.className = "n";
        cell.title = this.heads.hintOf(column);
        first.append(cell);
        second.append(this.#boundsCell(column));
      }
      this.head.replaceChildren(first, second);
    }
    /**
     * @param {string} column
     * @param {string} text
     */
    #heading(column, text2) {
      const cell = element("th");
      cell.scope = "col";
      const { sort } = this.state;
      const sorted = sort.column === column;
      if (sorted) cell.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
      const arrow = sort.down ? " ↓" : " ↑";
      const button = element("button", sorted ? text2 + arrow : text2);
      button.type = "button";
      button.dataset.sort = column;
      cell.append(button);
      return cell;
    }
    /** @param {string} column */
    #boundsCell(column) {
      const cell = element("td", "", "n");
      const remove = element("button", "×", "remove");
      remove.type = "button";
      remove.setAttribute("aria-label", `Remove ${this.heads.titleOf(column)}`);
      remove.addEventListener("click", () => this.on.remove(column));
      const both = element("span");
      both.append(this.#bound(column, "least"), this.#bound(column, "most"), remove);
      cell.append(both);
      return cell;
    }
    /**
     * @param {string} column
     * @param {"least" | "most"} end
     */
    #bound(column, end) {
      const input = element("input");
      input.type = "number";
      input.step = "any";
      input.placeholder = end === "least" ? "from" : "to";
      input.value = String(this.state.bounds.get(column)?.[end] ?? "");
      input.setAttribute("aria-label", `${this.heads.titleOf(column)}, ${end === "least" ? "least" : "largest"} value`);
      input.addEventListener("input", () => {
        this.on.bound(column, end, input.value === "" ? void 0 : Number(input.value));
      });
      return input;
    }
  };

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
  function download(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1e3);
  }

  // templates/js/explorer.js
  var FIELDS = (
    /** @type {const} */
    ["text", "label", "probe", "from", "to"]
  );
  var Explorer = class _Explorer {
    /** Which heads are shown. @type {number[]} */
    #shown = [];
    /** Which page of them, the first is 0. */
    #page = 0;
    /** Loads the scores and fills the table that the page came with. */
    static async start() {
      const form = (
        /** @type {HTMLFormElement} */
        need(".explorer-controls")
      );
      const slug = String(form.dataset.slug);
      const files = dataFolder(slug, "data");
      const explorer = new _Explorer(form, slug, files, await files.heads());
      await explorer.fromAddress();
      explorer.listen();
      need(".explorer").dataset.ready = "";
    }
    /**
     * @param {HTMLFormElement} form
     * @param {string} slug
     * @param {ReturnType<typeof dataFolder>} files
     * @param {import("./files.js").Heads} heads
     */
    constructor(form, slug, files, heads) {
      this.form = form;
      this.slug = slug;
      this.files = files;
      this.data = pageData("explorer-data");
      this.heads = new HeadRows(heads, this.data.measures);
      this.startColumns = this.data.columns;
      this.state = { columns: this.startColumns, sort: { column: "head", down: false }, bounds: /* @__PURE__ */ new Map() };
      this.table = new ExplorerTable(
        /** @type {HTMLTableElement} */
        need(".explorer"),
        this.heads,
        this.state,
        {
          sort: (column) => this.#sort(column),
          remove: (column) => this.#remove(column),
          bound: (column, end, value) => this.#bound(column, end, value)
        }
      );
      this.readout = need("#explorer-readout");
      this.pagers = all(HTMLElement, ".pager");
      this.typedIn = null;
    }
    listen() {
      this.form.addEventListener("submit", (event) => event.preventDefault());
      this.form.addEventListener("input", (event) => {
        if (event.target === control(this.form, "column")) this.#addColumn();
        this.#page = 0;
        void this.#refresh(this.#isStep(event.target));
      });
      this.form.querySelector("[data-csv]")?.addEventListener("click", () => this.#save());
      for (const pager of this.pagers) pager.addEventListener("click", (event) => this.#turn(event));
      explorerAddress.onChange(() => void this.fromAddress());
    }
    fromAddress() {
      const wanted = explorerAddress.read();
      for (const name of FIELDS) control(this.form, name).value = wanted[name];
      if (!control(this.form, "probe").value) control(this.form, "probe").value = "";
      this.state.columns = wanted.columns?.filter((column) => this.heads.has(column)) ?? this.startColumns;
      this.state.sort = wanted.sort;
      this.#page = Math.max(wanted.page - 1, 0);
      this.state.bounds = new Map(wanted.range.map((bounds2) => [bounds2.column, bounds2]));
      this.table.showHead();
      return this.#refresh(false);
    }
    /** Scores on the probe that is chosen, of the columns that are there. */
    async #loadScores() {
      const probe = control(this.form, "probe").value;
      await this.#loadEvidence();
      const columns2 = probe ? this.state.columns.filter((column) => column in this.data.files) : [];
      const measured = await Promise.all(columns2.map((column) => this.files.numbers(this.data.files[column])));
      if (probe !== control(this.form, "probe").value) return;
      const scores = measured.map(({ probes }, i) => [columns2[i], probes[probe]?.score]);
      const changed = probe !== this.heads.probe;
      this.heads.use(probe, Object.fromEntries(scores));
      if (changed) this.table.showHead();
    }
    async #loadEvidence() {
      const { measures } = this.data;
      const missing = this.state.columns.filter((column) => column in measures && !(column in this.heads.evidence));
      const files = await Promise.all(missing.map((column) => this.files.numbers(measures[column].file)));
      files.forEach(({ probes, hue, against = "" }, i) => {
        this.heads.evidence[missing[i]] = { ...probes[measures[missing[i]].probe], hues: [hue, against] };
      });
    }
    /** What is typed letter by letter is one step for the browser's Back. @param {unknown} field */
    #isStep(field) {
      const goesOn = field === this.typedIn;
      this.typedIn = field instanceof HTMLSelectElement ? null : field;
      return !goesOn;
    }
    /** @param {boolean} step */
    #toAddress(step) {
      const [text2, label, probe, from, to] = FIELDS.map((name) => control(this.form, name).value);
      const { columns: columns2, sort } = this.state;
      const asItCame = columns2.join() === this.startColumns.join();
      const range = this.#bounds();
      const page = this.#page ? this.#page + 1 : -1;
      const state = { text: text2, label, probe, from, to, sort, columns: asItCame ? null : columns2, range, page };
      explorerAddress.write(state, "", { step });
    }
    /** Bounds of the columns that are there. */
    #bounds() {
      const { columns: columns2, bounds: bounds2 } = this.state;
      return columns2.flatMap((column) => bounds2.get(column) ?? []);
    }
    /** @param {boolean} [step] whether the browser's Back undoes it */
    async #refresh(step = true) {
      await this.#loadScores();
      const layer = (name, otherwise) => {
        const { value } = control(this.form, name);
        return value === "" ? otherwise : Number(value);
      };
      this.#shown = this.heads.select({
        text: control(this.form, "text").value,
        label: control(this.form, "label").value,
        from: layer("from", 0),
        to: layer("to", Infinity),
        bounds: this.#bounds(),
        sort: this.state.sort
      });
      this.#showPage();
      this.#toAddress(step);
    }
    #showPage() {
      const pages = Math.max(Math.ceil(this.#shown.length / ROWS_A_PAGE), 1);
      this.#page = Math.min(this.#page, pages - 1);
      this.table.showRows(this.#shown, this.#page);
      const [shown, total] = [this.#shown.length, this.heads.data.heads.length].map(inThousands);
      const first = this.#page * ROWS_A_PAGE;
      const rows = `, ${inThousands(first + 1)} to ${inThousands(Math.min(first + ROWS_A_PAGE, this.#shown.length))}`;
      this.readout.textContent = `${shown} of ${total} heads${pages > 1 ? rows : ""}`;
      for (const pager of this.pagers) {
        pager.hidden = pages < 2;
        pager.replaceChildren(...turns(this.#page, pages));
      }
    }
    /** Another page of the table, from its top. @param {Event} event */
    #turn(event) {
      const button = event.target instanceof HTMLElement ? event.target.closest("button") : null;
      if (!button) return;
      const [pager, turn] = [button.closest(".pager"), button.dataset.turn];
      this.#page = Number(button.dataset.page);
      this.#showPage();
      this.#toAddress(true);
      const again = pager && all(HTMLButtonElement, "button", pager).find((each) => each.dataset.turn === turn);
      if (again && !again.disabled) again.focus({ preventScroll: true });
      need(".pager").scrollIntoView({ block: "nearest" });
    }
    #addColumn() {
      const select = control(this.form, "column");
      const column = select.value;
      select.value = "";
      if (column && !this.state.columns.includes(column)) this.state.columns = [...this.state.columns, column];
      this.table.showHead();
    }
    /** @param {string} column */
    #remove(column) {
      this.state.columns = this.state.columns.filter((each) => each !== column);
      this.state.bounds.delete(column);
      this.#page = 0;
      this.table.showHead();
      void this.#refresh();
    }
    /** Heads run from the first, numbers from the largest; a second click turns it round. @param {string} column */
    #sort(column) {
      const { sort } = this.state;
      this.state.sort = { column, down: sort.column === column ? !sort.down : column !== "head" };
      this.#page = 0;
      this.table.showHead();
      void this.#refresh();
    }
    /**
     * @param {string} column
     * @param {"least" | "most"} end
     * @param {number | undefined} value
     */
    #bound(column, end, value) {
      const bounds2 = { ...this.state.bounds.get(column), column, [end]: value };
      if (bounds2.least === void 0 && bounds2.most === void 0) this.state.bounds.delete(column);
      else this.state.bounds.set(column, bounds2);
      this.#page = 0;
      void this.#refresh(this.#isStep(`${column} ${end}`));
    }
    #save() {
      const csv = this.heads.csv(this.#shown, this.state.columns);
      download(new Blob([csv], { type: "text/csv" }), `${this.slug}-heads.csv`);
    }
  };
  function turns(page, pages) {
    const turn = (name, to, said) => {
      const button = element("button", name);
      button.type = "button";
      button.ariaLabel = said;
      [button.dataset.turn, button.dataset.page] = [said, String(to)];
      button.disabled = to < 0 || to >= pages || to === page;
      return button;
    };
    return [
      turn("«", 0, "First page"),
      turn("‹", page - 1, "Previous page"),
      element("span", `page ${page + 1} of ${pages}`),
      turn("›", page + 1, "Next page"),
      turn("»", pages - 1, "Last page")
    ];
  }

  // templates/js/pages/explorer.js
  revealControls();
  void Explorer.start();
})();
