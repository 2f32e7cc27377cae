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
  function drawing(tag, attributes = {}, text2 = "") {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
    if (text2) made.textContent = text2;
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
  function markCurrent(links, isCurrent) {
    for (const link of links) {
      if (isCurrent(link)) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
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

  // templates/figure.json
  var figure_default = {
    font: "ui-sans-serif, Helvetica, Arial, sans-serif",
    token_font: "ui-monospace, Menlo, Consolas, monospace",
    font_size: 10,
    ink: "#191b1e",
    paper: "#fff",
    title_x: 4,
    title_y: 16,
    title_size: 13,
    title_weight: 600,
    title_room: 26,
    title_letter_width: 7.5,
    cell: 14,
    small_cell: 2,
    max_cells: 80,
    max_letters: 16,
    letter_width: 6.4,
    token_margin: 10,
    token_gap: 5,
    baseline: 3.5,
    number_room: 40,
    number_step: 20,
    min_width: 220,
    right_margin: 12,
    scale_steps: 64,
    scale_step_width: 3,
    scale_rect_width: 3.2,
    scale_height: 9,
    scale_gap: 16,
    scale_ticks: [0, 0.25, 0.5, 0.75, 1],
    scale_tick_y: 21,
    scale_room: 56
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

  // templates/js/text.js
  var inWords = (name) => name.replaceAll("_", " ");
  function threeDigits(value) {
    if (value === null || value === void 0) return "–";
    return value.toFixed(Math.abs(value) < 10 ? 3 : 1);
  }
  function twoDigits(value) {
    if (value === null) return "–";
    if (Math.abs(value) >= 9.95) return value.toFixed(0);
    if (Math.abs(value) > 1) return value.toFixed(1);
    return value.toFixed(2).replace("1.00", "1").replace("-0.00", "0.00").replace("0.", ".");
  }
  var fileName = (title) => title.replace(/[^\p{L}\p{N}.]+/gu, "-");

  // templates/js/figure.js
  var PNG_SCALE = 3;
  var MAX_PNG = 8e3;
  function emptyFigure(title, fontSize) {
    const svg = drawing("svg", { "font-family": figure_default.font, "font-size": fontSize, fill: figure_default.ink });
    const { title_x: x, title_y: y, title_size, title_weight } = figure_default;
    svg.append(drawing("text", { x, y, "font-size": title_size, "font-weight": title_weight }, title));
    return svg;
  }
  var titleRoom = (title) => figure_default.title_x + figure_default.title_letter_width * Array.from(title).length;
  function finishFigure(svg, width, height) {
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("width", String(width));
    svg.setAttribute("height", String(height));
    svg.prepend(drawing("rect", { width, height, fill: figure_default.paper }));
    return svg;
  }
  async function saveFigure(svg, what, format) {
    const text2 = new XMLSerializer().serializeToString(svg);
    const name = `${fileName(what)}.${format}`;
    if (format === "svg") return download(new Blob([text2], { type: "image/svg+xml" }), name);
    const canvas = await rasterised(text2, Number(svg.getAttribute("width")), Number(svg.getAttribute("height")));
    return canvas.toBlob((blob) => blob && download(blob, name));
  }
  async function rasterised(svg, width, height) {
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    await image.decode();
    const canvas = element("canvas");
    const scale = Math.min(PNG_SCALE, MAX_PNG / Math.max(width, height));
    [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
    surface(canvas).drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  // templates/js/head_map.js
  var SIZE = 600;
  var REACH = 14;
  var HeadMap = class _HeadMap {
    /** @type {Dot[] | undefined} */
    #dots;
    /**
     * The map of a page that has one.
     * @param {Record<string, string>} dots name of a head -> where it lies
     * @param {import("./mosaic.js").Mosaic} mosaic
     */
    static of(dots, mosaic) {
      const [map] = all(SVGSVGElement, ".head-map");
      return map ? new _HeadMap(map, dots, mosaic) : null;
    }
    /**
     * @param {SVGSVGElement} map
     * @param {Record<string, string>} dots
     * @param {import("./mosaic.js").Mosaic} mosaic
     */
    constructor(map, dots, mosaic) {
      this.map = map;
      this.here = /** @type {SVGCircleElement} */
      map.querySelector(".here");
      this.readout = need("#map-readout");
      this.hint = Array.from(this.readout.childNodes);
      this.places = dots;
      this.mosaic = mosaic;
      this.positions = new Map(mosaic.heads.map(({ name }, i) => [name, i]));
    }
    /** Where heads lie, worked out when it is first asked. @returns {Dot[]} */
    get dots() {
      this.#dots ??= Object.entries(this.places).map(parseDot);
      return this.#dots;
    }
    start() {
      this.map.addEventListener("pointermove", (event) => this.#point(this.#nearest(event)?.name));
      this.map.addEventListener("pointerleave", () => this.#point(void 0));
      this.map.addEventListener("click", (event) => {
        const dot = this.#nearest(event);
        if (dot) location.href = `heads/${dot.name}.html`;
      });
    }
    /** Puts a circle round a head. @param {string | undefined} name */
    show(name) {
      const dot = this.dots.find((each) => each.name === name);
      this.here.toggleAttribute("hidden", !dot);
      this.map.classList.toggle("pointing", Boolean(dot));
      if (!dot) return;
      this.here.setAttribute("cx", String(dot.x));
      this.here.setAttribute("cy", String(dot.y));
    }
    /** Only the heads of a label. @param {number} label -1 for all */
    filter(label) {
      for (const path of this.map.querySelectorAll("[data-dots]")) {
        path.classList.toggle("dim", label >= 0 && path.getAttribute("data-dots") !== String(label));
      }
    }
    /** @param {string | undefined} name */
    #point(name) {
      this.show(name);
      const i = this.positions.get(name ?? "") ?? -1;
      this.mosaic.point(i);
      if (name === void 0) return this.readout.replaceChildren(...this.hint);
      const said = this.mosaic.cells[i]?.said ?? "";
      return this.readout.replaceChildren(element("b", name), ` ${said.replace(/^\S+ ?/, "")}`);
    }
    /** @param {MouseEvent} event @returns {Dot | undefined} */
    #nearest(event) {
      const box = this.map.getBoundingClientRect();
      const x = (event.clientX - box.left) / box.width * SIZE;
      const y = (event.clientY - box.top) / box.height * SIZE;
      let [nearest, least] = [
        /** @type {Dot | undefined} */
        void 0,
        REACH
      ];
      for (const dot of this.dots) {
        const distance = Math.hypot(dot.x - x, dot.y - y);
        if (distance < least) [nearest, least] = [dot, distance];
      }
      return nearest;
    }
  };
  function parseDot([name, coordinates]) {
    const [x, y] = coordinates.split(" ").map(Number);
    return { name, x, y };
  }

  // templates/js/cell_colours.js
  function cellColours(table, styles) {
    const links = Array.from(new Set(styles), (style) => element("a", "", style));
    const samples = element("tbody");
    samples.hidden = true;
    const cell = element("td");
    cell.append(...links);
    const row = element("tr");
    row.append(cell);
    samples.append(row);
    table.append(samples);
    const colours = links.map((link) => {
      const { backgroundColor, color } = getComputedStyle(link);
      return (
        /** @type {const} */
        [link.className, { fill: backgroundColor, ink: color }]
      );
    });
    samples.remove();
    return new Map(colours);
  }

  // templates/js/colours.js
  var parsePalette = (digits) => Array.from({ length: 256 }, (_, weight) => Number.parseInt(digits.slice(6 * weight, 6 *
  weight + 6), 16));
  var LIGHT = parsePalette(window.headatlas.light);
  var DARK = parsePalette(window.headatlas.dark);
  var weightOf = new Map(LIGHT.map((colour, weight) => [colour, weight]));
  var darkScheme = matchMedia("(prefers-color-scheme: dark)");
  var listeners = [];
  var onPaper = false;
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

  // templates/js/link_grid.js
  var LinkGrid = class {
    /** @param {HTMLTableElement} table */
    constructor(table) {
      this.table = table;
      this.links = all(HTMLAnchorElement, "td a", table);
      this.heads = this.links.map((link) => {
        const name = (
          /** @type {string} */
          link.getAttribute("href").replace(/^heads\/|\.html$/g, "")
        );
        return { name, href: link.href, claims: claimsOf(link.dataset.labels), said: link.getAttribute("aria-label") };
      });
      this.lettered = !table.classList.contains("wide");
    }
    /** The layers with how many heads they have. */
    get rows() {
      return Array.from(this.table.tBodies[0].rows, (row) => ({
        name: row.cells[0].textContent?.trim() ?? "",
        n: row.querySelectorAll("td a").length
      }));
    }
    /** @param {import("./mosaic.js").Cell[]} cells */
    show(cells) {
      cells.forEach(({ style, text: text2, said }, i) => {
        const link = this.links[i];
        link.className = style;
        if (this.lettered) link.textContent = text2;
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
      const report = (event) => {
        const i = this.links.indexOf(
          /** @type {HTMLAnchorElement} */
          event.target
        );
        if (i >= 0) onHead(i);
      };
      const rows = Array.from(this.table.tBodies[0].rows, (row) => all(HTMLAnchorElement, "a", row));
      oneStop(this.table, rows.flat(), () => rows, this.links[0]);
      this.table.addEventListener("focusin", report);
      this.table.addEventListener("pointerover", report);
      this.table.addEventListener("pointerleave", onLeave);
    }
  };
  function claimsOf(text2) {
    const claims = (text2 ?? "").split(" ").filter(Boolean);
    return claims.map((claim) => (
      /** @type {import("./mosaic.js").Claim} */
      claim.split(":").map(Number)
    ));
  }

  // templates/js/drawn_grid.js
  var GAP = 1;
  var LETTERED = { width: 22, height: 12 };
  var DrawnGrid = class {
    /** The tab key's stop: row and column, of which the first has the layers' links. @type {[number, number]} */
    #at = [0, 1];
    /** @type {HTMLAnchorElement | null} */
    #stop = null;
    /** @type {import("./mosaic.js").Cell[]} */
    #cells = [];
    /** The head under the pointer, -1 for none. */
    #pointed = -1;
    /** The size it was painted in. */
    #painted = "";
    /** @param {HTMLTableElement} table */
    constructor(table) {
      this.table = table;
      this.rows = rowsOf(table);
      this.heads = this.rows.flatMap(headsOf);
      this.columns = Math.max(...this.rows.map(({ n }) => n));
      this.canvas = element("canvas");
      this.canvas.setAttribute("aria-hidden", "true");
      this.under = linkTo("", "");
      this.under.tabIndex = -1;
      this.under.setAttribute("aria-hidden", "true");
      this.mark = element("span", "", "pointed");
      table.parentElement?.querySelector("img")?.replaceWith(this.canvas);
      new ResizeObserver(() => {
        const { clientWidth, clientHeight } = this.canvas;
        if (this.#painted !== `${clientWidth} ${clientHeight}`) this.#paint();
      }).observe(this.canvas);
      onColoursChange(() => this.#paint());
    }
    /** @param {import("./mosaic.js").Cell[]} cells */
    show(cells) {
      this.#cells = cells;
      this.#paint();
      const i = this.#headAt(this.#at);
      if (this.#stop && i >= 0) this.#stop.ariaLabel = cells[i].said;
    }
    #paint() {
      const { clientWidth: width, clientHeight: height } = this.canvas;
      if (!(width && this.#cells.length)) return;
      this.#painted = `${width} ${height}`;
      const ratio = devicePixelRatio;
      [this.canvas.width, this.canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
      const context = surface(this.canvas);
      const alike = this.#byStyle();
      const colours = cellColours(this.table, alike.keys());
      const lettered = width / this.columns >= LETTERED.width && height / this.rows.length >= LETTERED.height;
      if (lettered) this.#setLetters(context, ratio);
      const edges = { x: edgesOf(this.columns, width, ratio), y: edgesOf(this.rows.length, height, ratio) };
      for (const [style, heads] of alike) {
        const { fill, ink } = (
          /** @type {{fill: string, ink: string}} */
          colours.get(style)
        );
        const boxes = heads.map(([x, y]) => [edges.x[x][0], edges.y[y][0], edges.x[x][1], edges.y[y][1]]);
        fillCells(context, fill, boxes);
        if (style === "none") for (const box of boxes) strike(context, ink, box);
        const texts = lettered ? heads.map(([, , i]) => this.#cells[i].text) : [];
        letters(context, ink, texts, boxes);
      }
    }
    /** Columns, rows and positions of the heads that look alike. */
    #byStyle() {
      const alike = /* @__PURE__ */ new Map();
      for (const [y, { first, n }] of this.rows.entries()) {
        for (let x = 0; x < n; x++) {
          const { style } = this.#cells[first + x];
          const heads = alike.get(style);
          if (heads) heads.push([x, y, first + x]);
          else alike.set(style, [[x, y, first + x]]);
        }
      }
      return alike;
    }
    /**
     * @param {CanvasRenderingContext2D} context
     * @param {number} ratio device pixels a CSS pixel
     */
    #setLetters(context, ratio) {
      const { fontSize, fontFamily } = getComputedStyle(this.table);
      context.font = `${Number.parseFloat(fontSize) * ratio}px ${fontFamily}`;
      [context.textAlign, context.textBaseline] = ["center", "middle"];
    }
    /** @param {number} i -1 for none */
    point(i) {
      if (i < 0) this.mark.remove();
      else this.#put(this.mark, i);
    }
    /**
     * @param {(i: number) => void} onHead
     * @param {() => void} onLeave
     */
    listen(onHead, onLeave) {
      for (const { link } of this.rows) link.tabIndex = -1;
      this.table.setAttribute("role", "grid");
      this.table.ariaColCount = String(this.columns + 1);
      this.#stopAt(this.#at);
      this.table.addEventListener("keydown", (event) => this.#key(event));
      this.table.addEventListener("focusin", ({ target }) => this.#focused(target, onHead));
      this.table.addEventListener("pointermove", (event) => {
        const i = this.#under(event);
        if (i !== this.#pointed) this.#pointAt(i, onHead);
      });
      this.table.addEventListener("pointerleave", () => {
        this.#pointAt(-1, onHead);
        onLeave();
      });
      this.table.addEventListener("click", (event) => {
        const i = this.#under(event);
        if (i >= 0 && !(event.target instanceof HTMLAnchorElement)) location.href = this.heads[i].href;
      });
    }
    /**
     * @param {number} i
     * @param {(i: number) => void} onHead
     */
    #pointAt(i, onHead) {
      this.#pointed = i;
      if (i < 0) return this.under.remove();
      this.under.href = this.heads[i].href;
      this.#put(this.under, i);
      return onHead(i);
    }
    /** The head under the pointer; -1 for none. @param {MouseEvent} event */
    #under({ clientX, clientY }) {
      const box = this.canvas.getBoundingClientRect();
      const y = Math.floor((clientY - box.top) / (box.height + GAP) * this.rows.length);
      const x = Math.floor((clientX - box.left) / (box.width + GAP) * this.columns);
      const row = this.rows[y];
      return row && x >= 0 && x < row.n ? row.first + x : -1;
    }
    /** Puts an element over a head's cell. @param {HTMLElement} element @param {number} i */
    #put(element2, i) {
      const row = (
        /** @type {GridRow} */
        this.rows.find(({ first, n }) => i >= first && i < first + n)
      );
      element2.style.left = `calc((100% + ${GAP}px) * ${(i - row.first) / this.columns})`;
      element2.style.width = `calc((100% + ${GAP}px) / ${this.columns} - ${GAP}px)`;
      row.room?.append(element2);
    }
    /** @param {[number, number]} at @returns {number} -1 for a layer */
    #headAt([y, x]) {
      return x > 0 && x <= this.rows[y].n ? this.rows[y].first + x - 1 : -1;
    }
    /** Another link each time, since what is spoken is the link that gets the focus. @param {[number, number]} at */
    #stopAt(at) {
      const i = this.#headAt(at);
      const before = this.#stop;
      this.#at = at;
      this.#stop = i < 0 ? this.rows[at[0]].link : linkTo("", this.heads[i].href);
      this.#stop.tabIndex = 0;
      if (i >= 0) {
        this.#stop.ariaLabel = this.#cells[i]?.said ?? this.heads[i].name;
        const room = (
          /** @type {HTMLTableCellElement} */
          this.rows[at[0]].room
        );
        room.ariaColIndex = String(at[1] + 1);
        this.#put(this.#stop, i);
      }
      return before === this.#stop ? null : before;
    }
    /** @param {KeyboardEvent} event */
    #key(event) {
      const lengths = this.rows.map(({ n }) => n + 1);
      const to = hasModifier(event) ? void 0 : neighbour(event.key, this.#at, lengths);
      if (!to) return;
      event.preventDefault();
      const before = this.#stopAt(to);
      this.#stop?.focus();
      if (before) this.#letGo(before);
    }
    /** A layer's link stays, a head's goes. @param {HTMLAnchorElement} link */
    #letGo(link) {
      if (link.closest("th")) link.tabIndex = -1;
      else link.remove();
    }
    /**
     * @param {EventTarget | null} target
     * @param {(i: number) => void} onHead
     */
    #focused(target, onHead) {
      const y = this.rows.findIndex(({ link }) => link === target);
      if (y >= 0 && target !== this.#stop) {
        const before = this.#stopAt([y, 0]);
        if (before) this.#letGo(before);
      }
      const i = this.#headAt(this.#at);
      if (target === this.#stop && i >= 0) onHead(i);
    }
  };
  function rowsOf(table) {
    let first = 0;
    return Array.from(table.tBodies[0].rows, (row) => {
      const [link] = all(HTMLAnchorElement, "th a", row);
      const [room = null] = all(HTMLTableCellElement, "td[data-heads]", row);
      const n = Number(room?.dataset.heads ?? 0);
      first += n;
      return { name: link.textContent ?? "", link, room, first: first - n, n };
    });
  }
  function headsOf({ name, room, n }) {
    const labels = (room?.dataset.labels ?? "").split(";");
    return Array.from({ length: n }, (_, i) => {
      const head = `${name}H${i}`;
      return { name: head, href: `heads/${head}.html`, claims: claimsOf(labels[i]), said: null };
    });
  }
  function edgesOf(n, length, ratio) {
    const gap = Math.max(1, Math.round(GAP * ratio));
    const step = (length + GAP) * ratio / n;
    return Array.from({ length: n }, (_, i) => [Math.round(i * step), Math.round((i + 1) * step) - gap]);
  }
  function strike(context, ink, [left, top, right, bottom]) {
    context.strokeStyle = ink;
    context.beginPath();
    context.moveTo(left, bottom);
    context.lineTo(right, top);
    context.stroke();
  }
  function fillCells(context, fill, boxes) {
    context.fillStyle = fill;
    for (const [left, top, right, bottom] of boxes) context.fillRect(left, top, right - left, bottom - top);
  }
  function letters(context, ink, texts, boxes) {
    context.fillStyle = ink;
    for (const [i, text2] of texts.entries()) {
      const [left, top, right, bottom] = boxes[i];
      context.fillText(text2, (left + right) / 2, (top + bottom) / 2);
    }
  }

  // templates/js/mosaic.js
  var STEPS = 100;
  var Mosaic = class {
    /**
     * @param {HTMLTableElement[]} tables one a kind of attention
     * @param {Label[]} labels
     */
    constructor(tables, labels) {
      this.labels = labels;
      this.grids = tables.map((table) => table.dataset.mosaic === "drawn" ? new DrawnGrid(table) : new LinkGrid(table));
      this.heads = this.grids.flatMap((grid) => (
        /** @type {GridHead[]} */
        grid.heads
      ));
      this.drawn = this.grids.some((grid) => grid instanceof DrawnGrid);
      this.cells = this.#labelled(-1, false);
    }
    /**
     * Colours each head by its first label, or by one of them alone.
     * @param {number} only position of the label; -1 for all
     * @param {boolean} aside whether labels that say where heads rest are left out
     */
    paintLabels(only, aside) {
      this.#show(this.#labelled(only, aside));
    }
    /**
     * @param {number} only
     * @param {boolean} aside
     * @returns {Cell[]}
     */
    #labelled(only, aside) {
      const isShown = ([label]) => only < 0 ? !(aside && this.labels[label].rests) : label === only;
      return this.heads.map((head) => {
        const claim = head.claims.find(isShown);
        const style = claim ? `${this.labels[claim[0]].hue} v${claim[1]}` : "v0";
        return { style, text: claim ? this.labels[claim[0]].code : "", said: head.said ?? this.#inWords(head) };
      });
    }
    /** @param {GridHead} head */
    #inWords({ name, claims: [first] }) {
      return first ? `${name}, ${this.labels[first[0]].text} ${twoDigits(first[1] / 100)}` : `${name}, no label`;
    }
    /**
     * Colours each head by its score.
     * @param {import("./files.js").Thousandths} scores
     * @param {number} top upper end of the scale
     * @param {number} only position of a label, whose heads alone are shown; -1 for all heads
     * @param {string} [against] the hue of what lies below zero
     */
    paintScores(scores, top, only, against = "") {
      this.#show(
        this.heads.map(({ name, claims }, i) => {
          const stored = scores[i] ?? null;
          const value = stored === null ? null : stored / 1e3;
          const text2 = twoDigits(value);
          const said = `${name} ${text2}`;
          const colour = colourOf(value === null ? null : value / top, against);
          const hidden = value !== null && only >= 0 && !claims.some(([label]) => label === only);
          return hidden ? { style: `${colour} dim`, text: "", said } : { style: colour, text: text2, said };
        })
      );
    }
    /** @param {Cell[]} cells */
    #show(cells) {
      this.cells = cells;
      let from = 0;
      for (const grid of this.grids) {
        grid.show(cells.slice(from, from + grid.heads.length));
        from += grid.heads.length;
      }
    }
    /** Marks a head that is pointed at elsewhere. @param {number} i -1 for none */
    point(i) {
      let from = 0;
      for (const grid of this.grids) {
        grid.point(i >= from && i < from + grid.heads.length ? i - from : -1);
        from += grid.heads.length;
      }
    }
    /** The labels of a head in words, with their strengths. @param {number} i */
    claimsInWords(i) {
      const claims = this.heads[i].claims.map(
        ([label, percent]) => `${this.labels[label].text} ${(percent / 100).toFixed(2)}`
      );
      return claims.join(" · ") || "no label";
    }
    /**
     * Lets keyboard and pointer move over the mosaics.
     * @param {(i: number) => void} onHead
     * @param {() => void} onLeave
     */
    listen(onHead, onLeave) {
      let from = 0;
      for (const grid of this.grids) {
        const first = from;
        grid.listen((i) => onHead(first + i), onLeave);
        from += grid.heads.length;
      }
    }
  };
  function colourOf(share, against) {
    if (share === null) return "none";
    const size = against ? Math.abs(share) : Math.max(share, 0);
    return `${share < 0 ? against : ""} v${Math.round(STEPS * Math.min(size, 1))}`.trim();
  }

  // templates/js/mosaic_figure.js
  var FONT_SIZE = 9;
  var CELL = { width: 26, height: 16 };
  var LEFT = 36;
  var TOP = 28;
  var HEADING = 13;
  var GAP2 = 14;
  var MIN_WIDTH = 200;
  var RIGHT_MARGIN = 6;
  var SCALE = { width: 160, height: 9, ticks: 19 };
  var KEY = { width: 155, height: 15, swatch: 20 };
  var MIN_LINES = 12;
  function mosaicFigure(mosaic, title, key) {
    const root = document.documentElement;
    root.classList.add("paper");
    try {
      return draw(mosaic, title, key);
    } finally {
      root.classList.remove("paper");
    }
  }
  function draw({ grids, cells }, title, key) {
    const svg = emptyFigure(title, FONT_SIZE);
    let [y, width, next] = [TOP, MIN_WIDTH, 0];
    for (const { table, rows } of grids) {
      svg.append(...columnNames(table, y));
      y += HEADING;
      const colours = plainColours(
        table,
        cells.map(({ style }) => style)
      );
      for (const { name, n } of rows) {
        const drawn = cells.slice(next, next + n);
        next += n;
        svg.append(rowName(name, y), ...drawn.flatMap((cell, i) => drawCell(cell, colours, LEFT + i * CELL.width, y)));
        width = Math.max(width, LEFT + n * CELL.width + RIGHT_MARGIN);
        y += CELL.height;
      }
      y += GAP2;
    }
    const legend = "labels" in key ? labelKey(key.labels, cells, width + GAP2, y) : scaleKey(key, y);
    svg.append(...legend.drawn);
    return finishFigure(svg, Math.max(legend.width, width, titleRoom(title) + figure_default.right_margin), legend.bottom);
  }
  function plainColours(table, styles) {
    const colours = [...cellColours(table, styles)];
    return new Map(colours.map(([style, { fill, ink }]) => [style, { fill: plainColour(fill), ink: plainColour(ink) }]));
  }
  function labelKey(labels, cells, left, bottom) {
    const inCells = new Set(cells.map(({ text: text2 }) => text2));
    const shown = labels.filter((label) => inCells.has(textOf(label.querySelector(".code"))));
    const lines = Math.max(MIN_LINES, Math.floor((bottom - TOP - HEADING) / KEY.height));
    const drawn = shown.flatMap((label, i) => {
      const x = left + Math.floor(i / lines) * KEY.width;
      return drawKey(label, x, TOP + HEADING + i % lines * KEY.height);
    });
    const below = Math.max(bottom, TOP + HEADING + Math.min(lines, shown.length) * KEY.height) + GAP2;
    drawn.push(drawing("text", { x: LEFT, y: below }, "The fuller a cell, the stronger its label."));
    return { drawn, width: left + Math.ceil(shown.length / lines) * KEY.width, bottom: below + GAP2 };
  }
  var textOf = (element2) => element2?.textContent ?? "";
  function drawKey(label, x, y) {
    const code = (
      /** @type {Element} */
      label.querySelector(".code")
    );
    const { backgroundColor, color } = getComputedStyle(code);
    const name = Array.from(label.childNodes, (node) => node instanceof Text ? node.data.trim() : "").join("");
    const at = { x: x + KEY.swatch / 2, y: y + 9, "text-anchor": "middle", fill: plainColour(color) };
    return [
      drawing("rect", { x, y, width: KEY.swatch, height: 12, fill: plainColour(backgroundColor) }),
      drawing("text", at, textOf(code)),
      drawing("text", { x: x + KEY.swatch + 5, y: y + 9 }, name)
    ];
  }
  function scaleKey({ steps, ticks, chance }, y) {
    const [step, { width, height }] = [SCALE.width / steps.length, SCALE];
    const drawn = steps.map((each, i) => {
      const fill = plainColour(getComputedStyle(each).backgroundColor);
      return drawing("rect", { x: LEFT + i * step, y, width: step + 0.2, height, fill });
    });
    ticks.forEach((tick, i) => {
      const x = LEFT + width * i / (ticks.length - 1);
      drawn.push(drawing("text", { x, y: y + SCALE.ticks, "text-anchor": "middle" }, tick));
    });
    if (chance !== null) {
      const x = LEFT + width * chance;
      drawn.push(drawing("path", { d: `M${x} ${y - 3}V${y + height + 3}`, stroke: figure_default.ink }));
      drawn.push(drawing("text", { x: LEFT + width + GAP2, y: y + 8 }, "Upright line: chance."));
    }
    return { drawn, width: LEFT + width + GAP2 + 110, bottom: y + SCALE.ticks + GAP2 };
  }
  function columnNames(table, y) {
    const names = Array.from(table.tHead?.querySelectorAll("th") ?? [], ({ textContent }) => textContent ?? "");
    return names.map((name, i) => {
      const x = LEFT + (i + 0.5) * CELL.width;
      return drawing("text", { x, y: y + 9, "text-anchor": "middle" }, name);
    });
  }
  var rowName = (name, y) => drawing("text", { x: LEFT - 5, y: y + 11, "text-anchor": "end" }, name);
  function drawCell({ style, text: text2 }, colours, x, y) {
    const { fill, ink } = (
      /** @type {{fill: string, ink: string}} */
      colours.get(style)
    );
    const rect = drawing("rect", { x, y, width: CELL.width - 1, height: CELL.height - 1, fill });
    if (!text2) return [rect];
    const at = { x: x + CELL.width / 2, y: y + 11, "text-anchor": "middle", fill: ink };
    return [rect, drawing("text", at, text2)];
  }
  function plainColour(colour) {
    const context = surface(element("canvas"), { read: true });
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
    return css(r << 16 | g << 8 | b);
  }

  // templates/js/sink_choice.js
  var KEY2 = "headatlas-sink";
  function rememberedSink() {
    try {
      const said = localStorage.getItem(KEY2);
      return said === "hide" || said === "show" ? said : "";
    } catch {
      return "";
    }
  }
  function rememberSink(aside) {
    try {
      localStorage.setItem(KEY2, aside ? "hide" : "show");
    } catch {
    }
  }

  // templates/js/mosaic_page.js
  var ALL = -1;
  var MosaicPage = class {
    /** Coloured by this pattern's scores; null: by label. @type {Pattern | null} */
    #pattern = null;
    /** The label whose heads alone are shown. */
    #filter = ALL;
    constructor() {
      this.data = pageData("mosaic-data");
      this.plate = need("[data-slug]");
      this.form = /** @type {HTMLFormElement} */
      need("form.controls");
      this.mosaic = new Mosaic(all(HTMLTableElement, "[data-mosaic]"), this.data.labels);
      this.headMap = HeadMap.of(this.data.dots, this.mosaic);
      this.files = dataFolder(String(this.plate.dataset.slug), "data");
      this.thumbnails = all(HTMLAnchorElement, "[data-pattern]");
      this.keys = all(HTMLAnchorElement, "[data-label]");
      this.legend = need("[data-score-legend]");
      this.readout = need("#mosaic-readout");
      this.caption = need("[data-caption]");
      this.hint = Array.from(this.readout.childNodes);
      this.labelCaption = Array.from(this.caption.childNodes);
      this.painted = this.data.chosen || this.mosaic.drawn ? "" : this.#wanted("");
    }
    /** Shows what the address says, and answers from then on. */
    start() {
      if (!this.mosaic.heads.length) return;
      this.headMap?.start();
      this.#drawRandomHead();
      addEventListener("pageshow", () => this.#drawRandomHead());
      this.#listenToForm();
      this.#listenToLinks();
      this.#listenToSmallMaps();
      this.mosaic.listen(
        (i) => this.#describe(i),
        () => this.#summarise()
      );
      mosaicAddress.onChange(() => void this.#fromAddress());
      void this.#fromAddress().then(() => this.#recallSink());
    }
    /** As it was left on the page before; the address says it from then on. */
    #recallSink() {
      if (rememberedSink() !== "hide" || this.#sink().checked) return;
      this.#sink().checked = true;
      this.#paint();
      this.#toAddress({ step: false });
    }
    /** The switch that sets the sink aside. */
    #sink() {
      return (
        /** @type {HTMLInputElement} */
        control(this.form, "sink")
      );
    }
    /** Another head each time the page is shown. */
    #drawRandomHead() {
      const { heads } = this.mosaic;
      for (const link of all(HTMLAnchorElement, "[data-random]")) {
        link.href = heads[Math.floor(Math.random() * heads.length)].href;
      }
    }
    #listenToForm() {
      this.form.addEventListener("submit", (event) => event.preventDefault());
      this.form.addEventListener("change", async (event) => {
        if (event.target === this.#sink()) rememberSink(this.#sink().checked);
        if (event.target === this.#control("pattern")) await this.#choosePattern(this.#value("pattern"), "");
        else this.#paint();
        this.#toAddress();
      });
      this.form.addEventListener("click", (event) => {
        const format = event.target instanceof HTMLElement ? event.target.dataset.save : void 0;
        if (format) this.#save(format);
      });
    }
    #listenToLinks() {
      for (const thumbnail of this.thumbnails) {
        onPlainClick(thumbnail, async () => {
          await this.#choosePattern(String(thumbnail.dataset.pattern), "");
          this.#toAddress();
          this.plate.scrollIntoView();
        });
      }
      for (const key of this.keys) {
        onPlainClick(key, () => {
          const label = Number(key.dataset.label);
          this.#filter = label === this.#filter ? ALL : label;
          this.#paint();
          this.#toAddress();
        });
      }
    }
    /** A layer's picture leads to the head that is pointed at, and names it. */
    #listenToSmallMaps() {
      const positions = new Map(this.mosaic.heads.map(({ name }, i) => [name, i]));
      for (const img of all(HTMLImageElement, "[data-layer]")) {
        const n = Number(img.dataset.heads);
        const at = (event) => positions.get(`${img.dataset.layer}H${Math.floor(event.offsetX / img.width * n)}`);
        img.addEventListener("pointermove", (event) => {
          const i = at(event);
          if (i !== void 0) img.title = `${this.mosaic.heads[i].name} ${this.mosaic.claimsInWords(i)}`;
        });
        img.addEventListener("click", (event) => {
          const i = at(event);
          if (i !== void 0) location.href = this.mosaic.heads[i].href;
        });
      }
    }
    /** @param {string} name */
    #control(name) {
      return (
        /** @type {HTMLSelectElement} */
        control(this.form, name)
      );
    }
    /** @param {string} name */
    #value(name) {
      return this.#control(name).value;
    }
    #fromAddress() {
      const { pattern, probe, value, scale, label } = mosaicAddress.read();
      this.#sink().checked = value === "sinkfree";
      this.#control("scale").value = scale;
      this.#filter = this.data.labels.findIndex(({ text: text2 }) => text2 === inWords(label));
      const known = Object.hasOwn(this.data.files, pattern) || Object.hasOwn(this.data.evidence, pattern);
      return this.#choosePattern(known ? pattern : this.data.chosen, probe);
    }
    /** @param {{step?: boolean}} [options] see `Address.write` */
    #toAddress(options) {
      const label = this.#filter < 0 ? "" : this.data.labels[this.#filter].text.replaceAll(" ", "_");
      const value = this.#sink().checked ? "sinkfree" : "score";
      if (!this.#pattern) return mosaicAddress.write({ value, label }, "", options);
      const scale = this.#value("scale") === "fit" ? "fit" : "full";
      return mosaicAddress.write(
        { pattern: this.#pattern.name, probe: this.#value("probe"), value, scale, label },
        "",
        options
      );
    }
    /**
     * Colours by a pattern, or by label for "".
     * @param {string} name
     * @param {string} probe that of the pattern for ""
     */
    async #choosePattern(name, probe) {
      this.#control("pattern").value = name;
      const pattern = name ? await this.#load(name) : null;
      if (this.#value("pattern") !== name) return;
      this.#pattern = pattern;
      if (pattern) this.#offerProbes(Object.keys(pattern.probes), probe);
      this.#paint();
      this.plate.dataset.shown = name;
    }
    /** @param {string} name of a pattern or a type of evidence */
    #load(name) {
      const { evidence, files } = this.data;
      return this.files.numbers(Object.hasOwn(evidence, name) ? evidence[name] : files[name]);
    }
    /**
     * Only probes that the pattern was measured on; the first is the one it is meant to be read on.
     * @param {string[]} measured
     * @param {string} wanted
     */
    #offerProbes(measured, wanted) {
      const select = this.#control("probe");
      for (const option of select.options) option.disabled = !measured.includes(option.value);
      select.value = measured.includes(wanted) ? wanted : measured[0];
    }
    /**
     * The scores that are chosen, and the upper end of their scale.
     * @param {Pattern} pattern
     */
    #measured(pattern) {
      const measured = pattern.probes[this.#value("probe")];
      const sinkFree = this.#sink().checked && !pattern.against;
      const values = sinkFree ? measured.sinkfree : measured.score;
      const known = values.filter((value) => value !== null);
      const fit = this.#value("scale") === "fit" && known.length > 0;
      const fitted = measured.fit ?? Math.max(...known, 1) / 1e3;
      return { ...measured, values, sinkFree, top: fit ? fitted : measured.top };
    }
    /** What the cells show. @param {string} scores pattern and probe; "" for labels */
    #wanted(scores) {
      return [scores, this.#sink().checked, this.#value("scale"), this.#filter].join(" ");
    }
    #paint() {
      const pattern = this.#pattern;
      for (const choice of this.form.querySelectorAll("[data-of-scores]")) {
        choice.toggleAttribute("hidden", !pattern || isIdle(choice, pattern));
      }
      need("[data-sink-choice]", this.form).hidden = Boolean(pattern?.against);
      this.legend.hidden = !pattern;
      for (const part of document.querySelectorAll("[data-sink]")) {
        part.toggleAttribute("hidden", part.getAttribute("data-sink") === "aside" !== this.#sink().checked);
      }
      for (const hued of [this.legend, ...this.mosaic.grids.map(({ table }) => table)]) {
        hued.className = hued.className.replace(/\s*\bf-[a-z-]+/, "");
        if (pattern) hued.classList.add(pattern.hue);
      }
      this.#paintCells();
      markCurrent(this.keys, (key) => Number(key.dataset.label) === this.#filter);
      markCurrent(this.thumbnails, (thumbnail) => thumbnail.dataset.pattern === pattern?.name);
      this.headMap?.filter(this.#filter);
      if (pattern) this.#explain(pattern);
      else this.caption.replaceChildren(...this.labelCaption);
      this.#summarise();
    }
    /** Thousands of cells are painted only where they change. */
    #paintCells() {
      const pattern = this.#pattern;
      const wanted = this.#wanted(pattern ? `${pattern.name} ${this.#value("probe")}` : "");
      if (wanted === this.painted) return;
      this.painted = wanted;
      if (!pattern) return this.mosaic.paintLabels(this.#filter, this.#sink().checked);
      const { values, top } = this.#measured(pattern);
      return this.mosaic.paintScores(values, top, this.#filter, pattern.against);
    }
    /** Legend and caption of a score. @param {Pattern} pattern */
    #explain(pattern) {
      const { top, chance, sinkFree } = this.#measured(pattern);
      document.querySelectorAll("[data-ticks] li").forEach((tick, i) => {
        tick.textContent = String(Number((top * i / 4).toPrecision(3)));
      });
      const mark = chance === null ? "" : `M${(Math.min(chance / top, 1) * 100).toFixed(2)} 0V6`;
      document.querySelector("[data-chance-mark]")?.setAttribute("d", mark);
      const probe = this.#onProbe() + (sinkFree ? ", sink-free" : "");
      const cells = "Rows are layers, columns are heads; each cell is a head's score and leads to the head.";
      if (pattern.against) {
        const below = "The other hue is below zero; beyond the end of the scale cells are as full as there.";
        const link2 = linkTo(nameOf(pattern), "../methods.html#evidence");
        this.caption.replaceChildren(link2, `${probe}, ${pattern.unit}. ${cells} ${below}`);
        return;
      }
      const link = linkTo(nameOf(pattern), `../patterns/${this.data.files[pattern.name]}.html`);
      const marked = " The mark under the scale is chance: what evenly spread attention scores.";
      this.caption.replaceChildren(link, `${probe}. ${cells}${chance === null ? "" : marked}`);
    }
    /** " on natural text"; nothing for what is read off the weights. */
    #onProbe() {
      const probe = this.#value("probe");
      return probe ? ` on ${inWords(probe)}` : "";
    }
    /** What the mosaic shows, while nothing is pointed at. */
    #summarise() {
      const pattern = this.#pattern;
      const label = this.data.labels[this.#filter];
      if (pattern) this.readout.replaceChildren(element("b", nameOf(pattern)), `: ${pattern.summary}`);
      else if (label) this.readout.replaceChildren(element("b", label.text), `: ${label.summary}`);
      else this.readout.replaceChildren(...this.hint);
    }
    /** A head that is pointed at. @param {number} i */
    #describe(i) {
      const { name } = this.mosaic.heads[i];
      this.headMap?.show(name);
      const text2 = this.#pattern ? this.#scoresInWords(this.#pattern, i) : this.mosaic.claimsInWords(i);
      this.readout.replaceChildren(element("b", name), ` ${text2}`);
    }
    /**
     * @param {Pattern} pattern
     * @param {number} i
     */
    #scoresInWords(pattern, i) {
      const { score, sinkfree, chance, top } = this.#measured(pattern);
      const value = (stored) => stored === null ? null : stored / 1e3;
      if (pattern.against) return `${nameOf(pattern)}${this.#onProbe()} ${threeDigits(value(score[i]))} ${pattern.unit}`;
      const unit = top > 1 ? ` ${pattern.unit}` : "";
      const parts = [
        `${nameOf(pattern)} ${threeDigits(value(score[i]))}${unit}`,
        `sink-free ${sinkfree[i] === null ? "none" : threeDigits(value(sinkfree[i]))}`
      ];
      if (chance !== null) parts.push(`chance ${threeDigits(chance)}`);
      return parts.join(" · ");
    }
    /** @param {string} format svg or png */
    #save(format) {
      const pattern = this.#pattern;
      const sinkFree = pattern && this.#measured(pattern).sinkFree ? ", sink-free" : "";
      const label = this.#filter < 0 ? "labels" : this.data.labels[this.#filter].text;
      const what = pattern ? `${nameOf(pattern)}${this.#onProbe()}${sinkFree}` : label;
      const title = `${document.querySelector("h1")?.textContent}: ${what}`;
      void saveFigure(mosaicFigure(this.mosaic, title, this.#key()), title, format);
    }
    /** What the colours mean, for a figure. @returns {import("./mosaic_figure.js").Key} */
    #key() {
      const pattern = this.#pattern;
      if (!pattern) return { labels: this.keys.filter((_, i) => this.#filter < 0 || i === this.#filter) };
      const { top, chance } = this.#measured(pattern);
      return {
        steps: all(HTMLElement, ".legend-steps span", this.legend),
        ticks: all(HTMLElement, "[data-ticks] li", this.legend).map((tick) => tick.textContent ?? ""),
        chance: chance === null ? null : Math.min(chance / top, 1)
      };
    }
  };
  var nameOf = (pattern) => pattern.title ?? inWords(pattern.name);
  function isIdle(choice, pattern) {
    return Boolean(pattern.against) && "" in pattern.probes && choice.matches(":has([name=probe])");
  }
  function onPlainClick(link, act) {
    link.addEventListener("click", (event) => {
      if (hasModifier(event) || event.shiftKey) return;
      event.preventDefault();
      act();
    });
  }

  // templates/js/pages/model.js
  revealControls();
  new MosaicPage().start();
})();
