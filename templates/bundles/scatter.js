// Made by `make scripts` from templates/js; changes belong there.
"use strict";
(() => {
  // templates/js/dom.js
  function drawing(tag, attributes = {}, text2 = "") {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
    if (text2) made.textContent = text2;
    return made;
  }
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
  var hasModifier = (event) => event.altKey || event.ctrlKey || event.metaKey;
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
  var inThousands = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
  function twoDigits(value) {
    if (value === null) return "–";
    if (Math.abs(value) >= 9.95) return value.toFixed(0);
    if (Math.abs(value) > 1) return value.toFixed(1);
    return value.toFixed(2).replace("1.00", "1").replace("-0.00", "0.00").replace("0.", ".");
  }

  // templates/js/scatter.js
  var MARGIN = { left: 72, top: 16, right: 24, bottom: 64 };
  var MAX_WIDTH = 660;
  var MIN_HEIGHT = 300;
  var NAMED = 6;
  var STEPS = [1, 2, 2.5, 5, 10];
  function drawScatter(svg, points, x, y) {
    const room = (svg.parentElement?.clientWidth || MAX_WIDTH) - MARGIN.left - MARGIN.right;
    const width = Math.min(MAX_WIDTH, room);
    const height = Math.max(MIN_HEIGHT, 2 * width / 3);
    const [left, top] = [MARGIN.left, MARGIN.top];
    svg.setAttribute("viewBox", `${-left} ${-top} ${left + width + MARGIN.right} ${top + height + MARGIN.bottom}`);
    const across = scaleOf(
      points.map((point) => point.x),
      (share) => width * share
    );
    const up = scaleOf(
      points.map((point) => point.y),
      (share) => height * (1 - share)
    );
    const ordered = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
    const links = ordered.map((point) => link(point, across.at(point.x), up.at(point.y), x, y));
    const named = furthest(points, across, up).map((point) => nameOf(point, across.at(point.x), up.at(point.y), width));
    svg.replaceChildren(...frame(x, y, across, up, width, height), ...links, ...named);
    moveByKeyboard(links);
  }
  function scaleOf(values, toPixels) {
    const [low, high] = [Math.min(...values, 0), Math.max(...values, 0)];
    const span = high - low || 1;
    const rough = span / 5;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * /** @type {number} */
    STEPS.find((each) => each * power >= rough * 0.999);
    const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil((low + span) / step - 1e-9)];
    const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(6)));
    const [least, most] = [ticks[0], ticks[ticks.length - 1]];
    return { least, most, ticks, at: (value) => toPixels((value - least) / (most - least)) };
  }
  function frame(x, y, across, up, width, height) {
    const marked = { class: "marked" };
    return [
      drawing("path", { class: "frame", d: `M0 0V${height}H${width}` }),
      ...across.ticks.map((tick) => drawing("text", { x: across.at(tick), y: height + 18 }, String(tick))),
      ...up.ticks.map((tick) => drawing("text", { class: "y", x: -8, y: up.at(tick) }, String(tick))),
      drawing("path", { ...marked, d: `M${across.at(x.marked ?? 0)} 0V${height}` }),
      drawing("path", { ...marked, d: `M0 ${up.at(y.marked ?? 0)}H${width}` }),
      drawing("text", { class: "title", x: width / 2, y: height + 42 }, `${x.title} (${x.unit})`),
      drawing(
        "text",
        { class: "title", transform: `translate(-56 ${height / 2}) rotate(-90)` },
        `${y.title} (${y.unit})`
      )
    ];
  }
  function link(point, cx, cy, x, y) {
    const anchor = drawing("a", {
      href: `heads/${point.name}.html`,
      class: point.hue,
      "data-head": point.name,
      tabindex: -1,
      "aria-label": `${point.name}: ${x.title} ${threeDigits(point.x)}, ${y.title} ${threeDigits(point.y)}; ${point.called}`
    });
    anchor.append(drawing("circle", { cx: cx.toFixed(1), cy: cy.toFixed(1), r: 4.5 }));
    return anchor;
  }
  function furthest(points, across, up) {
    if (!points.length) return [];
    const middle = (values) => values.sort((a, b) => a - b)[values.length >> 1];
    const [x, y] = [middle(points.map((point) => point.x)), middle(points.map((point) => point.y))];
    const away = (point) => Math.hypot((point.x - x) / (across.most - across.least), (point.y - y) / (up.most - up.least));
    return [...points].sort((a, b) => away(b) - away(a)).slice(0, NAMED);
  }
  function nameOf({ name }, x, y, width) {
    const left = x > width - 60;
    return drawing("text", { class: left ? "name left" : "name", x: x + (left ? -8 : 8), y: y - 4 }, name);
  }
  function moveByKeyboard(links) {
    const shown = (
      /** @type {SVGElement[]} */
      links
    );
    shown.at(-1)?.setAttribute("tabindex", "0");
    const moves = {
      ArrowRight: (i) => i + 1,
      ArrowUp: (i) => i + 1,
      ArrowLeft: (i) => i - 1,
      ArrowDown: (i) => i - 1,
      Home: () => 0,
      End: () => shown.length - 1
    };
    for (const [i, anchor] of shown.entries()) {
      anchor.addEventListener("keydown", (event) => {
        const next = hasModifier(event) ? void 0 : shown[moves[event.key]?.(i)];
        if (!next) return;
        event.preventDefault();
        anchor.setAttribute("tabindex", "-1");
        next.setAttribute("tabindex", "0");
        next.focus();
      });
    }
  }

  // templates/js/scatter_page.js
  var ScatterPage = class {
    /** @type {import("./scatter.js").Point[]} */
    #points = [];
    constructor() {
      this.form = /** @type {HTMLFormElement} */
      need(".scatter-controls");
      this.files = dataFolder(String(this.form.dataset.slug), "data");
      this.svg = need(".scatter svg");
      this.readout = need("#scatter-readout");
      this.asItCame = { x: control(this.form, "x").value, y: control(this.form, "y").value };
    }
    async start() {
      need("[data-without-script]").hidden = true;
      this.form.addEventListener("submit", (event) => event.preventDefault());
      this.form.addEventListener("input", () => void this.#chosen());
      need("[data-swap]").addEventListener("click", () => void this.#swap());
      scatterAddress.onChange(() => void this.#fromAddress());
      this.#listen();
      await this.#fromAddress();
    }
    #fromAddress() {
      const wanted = scatterAddress.read();
      for (
        const name of
        /** @type {const} */
        ["x", "y"]
      ) {
        const select = control(this.form, name);
        select.value = wanted[name] || this.asItCame[name];
        if (!select.value) select.value = this.asItCame[name];
      }
      return this.#draw();
    }
    #chosen() {
      const [x, y] = ["x", "y"].map((name) => control(this.form, name).value);
      scatterAddress.write({ x, y });
      return this.#draw();
    }
    #swap() {
      const [x, y] = [control(this.form, "x"), control(this.form, "y")];
      [x.value, y.value] = [y.value, x.value];
      return this.#chosen();
    }
    async #draw() {
      const asked = scatterKey(this.form);
      const heads = await this.files.heads();
      const [x, y] = await Promise.all([this.#axis("x"), this.#axis("y")]);
      if (asked !== scatterKey(this.form)) return;
      this.#points = heads.heads.flatMap((name, i) => {
        const [across, up] = [x.values[i] ?? null, y.values[i] ?? null];
        if (across === null || up === null) return [];
        const label = heads.labels[i][0];
        const hue = heads.patterns[label?.[0]]?.hue ?? "";
        const called = heads.labels[i].map(([each, strength]) => `${inWords(each)} ${twoDigits(strength)}`).join(" · ");
        return [{ name, x: across / 1e3, y: up / 1e3, hue, called: called || "no label" }];
      });
      drawScatter(this.svg, this.#points, x, y);
      this.readout.textContent = `${inThousands(this.#points.length)} heads. Point at one, or go there by keyboard.`;
      this.svg.dataset.shown = asked;
    }
    /** What one axis shows, with its numbers in thousandths. @param {"x" | "y"} name @returns {Promise<Axis>} */
    async #axis(name) {
      const select = (
        /** @type {HTMLSelectElement} */
        control(this.form, name)
      );
      const [option] = select.selectedOptions;
      const { file = "", probe = "", unit = "" } = option.dataset;
      const title = option.textContent ?? "";
      if (!file) {
        const { score, chance } = (await this.files.heads()).patterns[select.value];
        return { title: `${title}, ${inWords(probe)}`, unit, values: score, marked: chance };
      }
      const { probes } = await this.files.numbers(file);
      return { title, unit, values: probes[probe].score, marked: 0 };
    }
    #listen() {
      const report = ({ target }) => {
        const link2 = target instanceof Element ? target.closest("a") : null;
        const point = link2 && this.#points.find(({ name }) => name === link2.getAttribute("data-head"));
        if (!point) return;
        const [x, y] = [threeDigits(point.x), threeDigits(point.y)];
        this.readout.textContent = `${point.name}: ${x} across, ${y} up. ${point.called}`;
      };
      this.svg.addEventListener("focusin", report);
      this.svg.addEventListener("pointerover", report);
    }
  };
  var scatterKey = (form) => `${control(form, "x").value} ${control(form, "y").value}`;

  // templates/js/pages/scatter.js
  revealControls();
  void new ScatterPage().start();
})();
