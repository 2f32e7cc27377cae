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
  function surface(canvas, { read: read2 = false } = {}) {
    return (
      /** @type {CanvasRenderingContext2D} */
      canvas.getContext("2d", read2 ? { willReadFrequently: true } : void 0)
    );
  }
  function linkTo(text2, href) {
    const link = element("a", text2);
    link.href = href;
    return link;
  }
  function tokenLabel(token, position2) {
    const label = element("span");
    const bdi = element("bdi", token, "token");
    bdi.translate = false;
    label.append(bdi, element("span", ` ${position2}`, "soft"));
    return label;
  }
  var px = (length) => `${length}px`;
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
  function weightOfColour(colour) {
    let weight = weightOf.get(colour);
    if (weight === void 0) {
      weight = nearestWeight(colour);
      weightOf.set(colour, weight);
    }
    return weight;
  }
  function nearestWeight(colour) {
    const wanted = channels(colour);
    const distances = LIGHT.map((other) => channels(other).reduce((sum, byte, i) => sum + (byte - wanted[i]) ** 2, 0));
    return distances.indexOf(Math.min(...distances));
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
  var read = /* @__PURE__ */ new Map();
  function keyedAlike(key, source) {
    if (!read.has(source)) {
      if (window.headatlas?.data) delete window.headatlas.data[key];
      read.set(source, dataFile(key, source));
    }
    return (
      /** @type {Promise<any>} */
      read.get(source)
    );
  }

  // templates/js/layer_data.js
  var layerFile = () => (
    /** @type {LayerFile | undefined} */
    window.headatlas.data.layer
  );
  async function unpacked(packed) {
    const bytes = new Uint8Array(Math.floor(packed.length * 7 / 8));
    for (let [from, to, bits, held] = [0, 0, 0, 0]; to < bytes.length; from++) {
      bits = (bits & 127) << 7 | packed.charCodeAt(from) & 127;
      held += 7;
      if (held < 8) continue;
      held -= 8;
      bytes[to++] = bits >> held;
    }
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }
  async function layerTables(file = layerFile()) {
    return file ? JSON.parse(new TextDecoder().decode(await unpacked(file.tables))) : null;
  }
  var sequencesOf = ([numbers]) => numbers;
  function keptHeads(number, file = layerFile()) {
    const maps2 = Object.entries(file?.maps ?? {});
    return maps2.filter(([, kept]) => sequencesOf(kept).includes(number)).map(([name]) => name);
  }
  var opened = /* @__PURE__ */ new Map();
  async function layerMap(name, number, sizes, file = (
    /** @type {LayerFile} */
    layerFile()
  )) {
    if (name === "mean")
      return meanOf(await Promise.all(keptHeads(number, file).map((head) => layerMap(head, number, sizes, file))));
    const { causal, maps: maps2 } = file;
    const [numbers, packed] = maps2[name];
    if (!opened.has(packed)) opened.set(packed, unpacked(packed));
    const bytes = await /** @type {Promise<Uint8Array>} */
    opened.get(packed);
    const { rows, columns: columns2 } = sizes[number];
    const seen = (query, all2) => causal ? Math.min(query + 1, all2) : all2;
    let start = 0;
    for (const earlier of numbers.slice(0, numbers.indexOf(number))) {
      for (let q = 0; q < sizes[earlier].rows; q++) start += seen(q, sizes[earlier].columns);
    }
    const weights = new Int16Array(rows * columns2).fill(-1);
    for (let q = 0; q < rows; q++) {
      const width = seen(q, columns2);
      const row = bytes.subarray(start, start + width);
      weights.set(row, q * columns2);
      weights[q * columns2] = row[0] + 255 - row.subarray(1).reduce((sum, weight) => sum + weight, 0) & 255;
      start += width;
    }
    return { rows, columns: columns2, weights };
  }
  function meanOf(maps2) {
    const [{ rows, columns: columns2 }] = maps2;
    const weights = new Int16Array(rows * columns2);
    for (let i = 0; i < weights.length; i++) {
      const mean = maps2.reduce((sum, map) => sum + map.weights[i], 0) / maps2.length;
      const rounded = Math.round(mean);
      weights[i] = rounded - mean === 0.5 && rounded % 2 ? rounded - 1 : rounded;
    }
    return { rows, columns: columns2, weights };
  }

  // templates/js/head_data.js
  var COMPARED = 24;
  async function loadHead(slug, name) {
    const folder = `${slug}/data`;
    const heads = await dataFolder(slug, folder).heads();
    const layer = name.replace(/H\d+$/, "");
    const kind = heads.layers.find(([each]) => each === layer)?.[2] ?? "self";
    const [file, sequences] = await Promise.all([
      keyedAlike("layer", `${folder}/layer-${layer}.js`),
      keyedAlike("tokens", `${folder}/tokens-${kind}.js`)
    ]);
    const sizes = sequences.map(({ tokens, columns: columns2 }) => ({ rows: tokens.length, columns: (columns2 ?? tokens).
    length }));
    const [kept] = file.maps[name] ?? [[]];
    return {
      slug,
      model: heads.model,
      name,
      labels: heads.labels[heads.heads.indexOf(name)].map(([label, strength2]) => {
        return { name: label, strength: strength2, hue: heads.patterns[label]?.hue ?? "" };
      }),
      texts: new Map(kept.map((number) => [anchorOf(sequences[number]), { number, sequence: sequences[number] }])),
      map: (number) => layerMap(name, number, sizes, file),
      tables: await layerTables(file)
    };
  }
  var anchorOf = ({ file, sequence }) => `${file}-${sequence}`;
  var sameTokens = (a, b) => a.tokens.join("\n") === b.tokens.join("\n") && a.columns?.join("\n") === b.columns?.join("\n");
  function letters({ tokens }) {
    const words = tokens.filter((token) => !/^(\[.*\]|<.*>)$/.test(token)).join("");
    return words.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "").slice(0, COMPARED);
  }
  function commonTexts(a, b) {
    const common = [];
    for (const [anchor, { sequence }] of a.texts) {
      const other = b.texts.get(anchor)?.sequence;
      if (other)
        common.push({
          anchor,
          sequence,
          alike: letters(sequence) === letters(other),
          equal: sameTokens(sequence, other)
        });
    }
    return common.sort((x, y) => Number(y.alike) - Number(x.alike) || x.sequence.rank - y.sequence.rank);
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

  // templates/js/head_differences.js
  var MAX_SCORES = 20;
  function scoreDifferences(a, b) {
    const rows = pairs(scoresOf(a), scoresOf(b)).sort((x, y) => Math.abs(y.difference) - Math.abs(x.difference));
    const first = rows.slice(0, MAX_SCORES);
    return { rows: [headings("Pattern", a, b), bodyOf(first)], n: rows.length, shown: first.length };
  }
  function evidenceDifferences(a, b) {
    const every = pairs(evidenceOf(a), evidenceOf(b));
    const titles = Array.from(new Set(every.map(({ name }) => name.textContent)));
    const rows = titles.flatMap((title) => every.filter(({ name }) => name.textContent === title));
    return { rows: [headings("Evidence", a, b), bodyOf(rows)], n: rows.length };
  }
  function headings(first, a, b) {
    const head = element("thead");
    const [own, other] = a.model === b.model ? [a.name, b.name] : [a, b].map(({ model, name }) => `${name}, ${model}`);
    head.append(headingRow([first, own, other, "Difference"]));
    return head;
  }
  function bodyOf(rows) {
    const body = element("tbody");
    body.append(
      ...rows.map(({ name, probe, own, other, difference }) => {
        const signed = Number.isNaN(difference) ? "–" : (difference > 0 ? "+" : "") + threeDigits(difference);
        return tableRow([named(name, probe), shown(own), shown(other), signed]);
      })
    );
    return body;
  }
  function named(name, probe) {
    const cell = element("span");
    cell.append(name, " ", element("span", inWords(probe), "soft"));
    return cell;
  }
  function shown(measured) {
    if (!measured) return "–";
    const { value, low, high, estimated } = measured;
    const cell = element("span", `${estimated ? "about " : ""}${threeDigits(value)}`, "with-interval");
    if (low !== null && high !== null)
      cell.append(" ", element("span", `${threeDigits(low)} to ${threeDigits(high)}`, "soft"));
    return cell;
  }
  function pairs(lines, others) {
    const of = new Map(others.map((line) => [line.key, line]));
    const known = new Set(lines.map(({ key }) => key));
    const both = lines.map((line) => ({ line, own: line.measured, other: of.get(line.key)?.measured }));
    const alone = others.filter(({ key }) => !known.has(key)).map((line) => ({ line, own: void 0, other: line.measured }));
    return [...both, ...alone].map(({ line: { name, probe }, own, other }) => {
      return { name, probe, own, other, difference: own && other ? other.value - own.value : Number.NaN };
    });
  }
  function scoresOf({ name, tables }) {
    const of = tables?.scores[name];
    if (!(tables && of)) return [];
    return of.pattern.flatMap((number, i) => {
      const [pattern, file, , , probe] = tables.patterns[number];
      const measured = measuredOf(of.score[i], of.low[i], of.high[i], false);
      const link = linkTo(inWords(pattern), `patterns/${file}.html`);
      return measured ? [{ key: pattern, name: link, probe, measured }] : [];
    });
  }
  function evidenceOf({ name, tables }) {
    const of = tables?.evidence.heads[name];
    if (!(tables && of)) return [];
    return of.line.flatMap((number, i) => {
      const [, title, type, unit, probe] = tables.evidence.lines[number];
      const measured = measuredOf(of.value[i], of.low[i], of.high[i], Boolean(of.estimated[i]));
      const said = element("span", `${title} `);
      said.append(element("span", unit, "soft"));
      return measured ? [{ key: `${type} ${probe}`, name: said, probe, measured }] : [];
    });
  }
  function measuredOf(value, low, high, estimated) {
    const decimal2 = (stored) => stored === null ? null : stored / 1e3;
    return value === null ? null : { value: value / 1e3, low: decimal2(low), high: decimal2(high), estimated };
  }

  // templates/js/sink_choice.js
  var KEY = "headatlas-sink";
  function rememberedSink() {
    try {
      const said = localStorage.getItem(KEY);
      return said === "hide" || said === "show" ? said : "";
    } catch {
      return "";
    }
  }
  function rememberSink(aside) {
    try {
      localStorage.setItem(KEY, aside ? "hide" : "show");
    } catch {
    }
  }

  // templates/js/map_controls.js
  var TICKS = 4;
  var MapControls = class {
    /** @param {HTMLFormElement | null} form the front page has maps without a form, layers have no view to choose */
    constructor(form) {
      this.form = form;
      form?.addEventListener("submit", (event) => event.preventDefault());
    }
    /** @returns {MapState} */
    state() {
      return (
        /** @type {MapState} */
        {
          view: this.#value("view") || "matrix",
          direction: this.#value("direction") || "to",
          scale: this.#value("scale") || "linear",
          sink: this.#sink()
        }
      );
    }
    /** @returns {import("./map_set.js").Choices} */
    choices() {
      const { view, direction, scale } = this.state();
      return { view, direction, squareRoot: scale === "root", sink: this.#sinkSwitch()?.checked ?? false };
    }
    #sinkSwitch() {
      const control3 = this.form?.elements.namedItem("sink");
      return control3 instanceof HTMLInputElement ? control3 : null;
    }
    /** The switch as the address has it. */
    #sink() {
      const control3 = this.#sinkSwitch();
      if (!control3 || control3.checked === control3.defaultChecked) return "";
      return control3.checked ? "hide" : "show";
    }
    /** @param {string} name */
    #value(name) {
      const control3 = this.form?.elements.namedItem(name);
      return control3 instanceof RadioNodeList || control3 instanceof HTMLSelectElement ? control3.value : "";
    }
    /** @param {MapState} state */
    show(state) {
      for (
        const name of
        /** @type {const} */
        ["view", "direction", "scale"]
      ) {
        const control3 = this.form?.elements.namedItem(name);
        if (control3 instanceof RadioNodeList || control3 instanceof HTMLSelectElement) control3.value = state[name];
      }
      const sink = this.#sinkSwitch();
      if (sink) sink.checked = state.sink ? state.sink === "hide" : sink.defaultChecked;
    }
    /** Sets the switch as it was left, on whatever page; false where it is so already. */
    recallSink() {
      const [sink, remembered] = [this.#sinkSwitch(), rememberedSink()];
      if (!(sink && remembered) || sink.checked === (remembered === "hide")) return false;
      sink.checked = !sink.checked;
      return true;
    }
    /** Shows what belongs to the choices: arcs have both directions, the scale's ticks have their values. */
    explain() {
      const { view, squareRoot } = this.choices();
      for (const control3 of this.form?.querySelectorAll("[data-direction]") ?? []) {
        control3.toggleAttribute("hidden", view === "arcs");
      }
      for (const scale of document.querySelectorAll(".scale")) scale.setAttribute("data-view", view);
      document.querySelectorAll("[data-scale-ticks] li").forEach((tick, i) => {
        const value = squareRoot ? (i / TICKS) ** 2 : i / TICKS;
        tick.textContent = String(Number(value.toFixed(2))).replace("0.", ".");
      });
    }
    /**
     * @param {() => void} onChange
     * @param {(format: string) => void} onSave svg or png
     */
    listen(onChange, onSave) {
      this.form?.addEventListener("change", ({ target }) => {
        const sink = this.#sinkSwitch();
        if (sink && target === sink) rememberSink(sink.checked);
        onChange();
      });
      this.form?.addEventListener("click", (event) => {
        const format = event.target instanceof HTMLElement ? event.target.dataset.save : void 0;
        if (format) onSave(format);
      });
    }
  };
  function mapControls() {
    const form = (
      /** @type {HTMLFormElement | null} */
      document.querySelector(".map-controls")
    );
    if (form) build(form);
    return new MapControls(form);
  }
  function build(form) {
    const offers = form.dataset.offers?.split(" ") ?? [];
    if (offers.includes("views")) {
      form.append(
        choice("View", "view", ["matrix", "text", "arcs"]),
        choice("Direction", "direction", ["to", "from"], ["looks at", "is looked at by"])
      );
      form.children[1].toggleAttribute("data-direction", true);
    }
    const scale = element("select");
    scale.name = "scale";
    scale.append(new Option("linear", "linear"), new Option("square root", "root"));
    const sink = element("input");
    [sink.type, sink.name, sink.defaultChecked] = ["checkbox", "sink", offers.includes("aside")];
    form.append(control2("label", "Colour scale ", scale), control2("label", sink, " set the sink aside"));
    if (offers.includes("saves")) form.append(control2("span", "Download ", saving("svg"), " ", saving("png")));
  }
  function control2(tag, ...parts) {
    const made = element(tag, "", "control");
    made.append(...parts);
    return made;
  }
  function saving(format) {
    const button = element("button", format.toUpperCase());
    button.type = "button";
    button.dataset.save = format;
    return button;
  }
  function choice(legend, name, values, texts = values) {
    const set = element("fieldset", "", "choice");
    set.append(element("legend", legend, "hidden"));
    values.forEach((value, i) => {
      const [label, input] = [element("label"), element("input")];
      [input.type, input.name, input.value, input.defaultChecked] = ["radio", name, value, i === 0];
      label.append(input, texts[i]);
      set.append(label);
    });
    return set;
  }

  // templates/js/weights.js
  async function readBack(img, rows, columns2) {
    await img.decode();
    const canvas = element("canvas");
    [canvas.width, canvas.height] = [columns2, rows];
    const context = surface(canvas, { read: true });
    context.drawImage(img, 0, 0, columns2, rows);
    const pixels = context.getImageData(0, 0, columns2, rows).data;
    const weights = new Int16Array(rows * columns2);
    for (let i = 0; i < weights.length; i++) {
      const colour = pixels[4 * i] << 16 | pixels[4 * i + 1] << 8 | pixels[4 * i + 2];
      weights[i] = pixels[4 * i + 3] < 128 ? -1 : weightOfColour(colour);
    }
    return { rows, columns: columns2, weights };
  }
  function withoutSink({ rows, columns: columns2, weights: all2 }) {
    const weights = new Int16Array(all2.length);
    for (let q = 0; q < rows; q++) {
      const row = all2.subarray(q * columns2, (q + 1) * columns2);
      const total = row.reduce((sum, weight) => sum + Math.max(weight, 0), 0);
      const rest = total - Math.max(row[0], 0);
      const spread = (weight) => rest < 3 ? 0 : Math.round(weight * total / rest);
      weights.set(
        row.map((weight, k) => k === 0 || weight < 0 ? -1 : spread(weight)),
        q * columns2
      );
    }
    return { rows, columns: columns2, weights };
  }
  function paintWeights(map, canvas, squareRoot, colours = palette()) {
    [canvas.width, canvas.height] = [map.columns, map.rows];
    const context = surface(canvas, { read: true });
    const image = context.createImageData(map.columns, map.rows);
    const pixels = new Uint32Array(image.data.buffer);
    const lookup = Uint32Array.from({ length: 256 }, (_, weight) => {
      const colour = colours[step(weight / 255, squareRoot)];
      return (4278190080 | (colour & 255) << 16 | colour & 65280 | colour >> 16) >>> 0;
    });
    map.weights.forEach((weight, i) => {
      if (weight >= 0) pixels[i] = lookup[Math.min(weight, 255)];
    });
    context.putImageData(image, 0, 0);
  }
  var decimal = (weight) => (weight / 255).toFixed(3);
  var share = (weight) => weight < 0 ? null : weight / 255;
  function rowShares({ columns: columns2, weights }, query) {
    return Array.from(weights.subarray(query * columns2, (query + 1) * columns2), share);
  }
  function columnShares({ rows, columns: columns2, weights }, key) {
    return Array.from({ length: rows }, (_, query) => share(weights[query * columns2 + key]));
  }

  // templates/js/arcs.js
  var MAX_LINES = 5;
  var FAINT = 0.02;
  var TEXT_WIDTH = 130;
  var ARC_WIDTH = 260;
  var WIDTH = 2 * TEXT_WIDTH + ARC_WIDTH;
  var MARGIN = 4;
  var MAX_PIXELS = 8e3;
  var MAX_LETTERS = 15;
  var MONOSPACE = 'ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace';
  var Arcs = class {
    /**
     * @param {string[]} rows
     * @param {string[]} columns
     * @param {ArcEvents} on
     */
    constructor(rows, columns2, on) {
      this.rows = rows;
      this.columns = columns2;
      const longest = Math.max(rows.length, columns2.length);
      this.pitch = pitchOf(longest);
      this.height = longest * this.pitch + 2 * MARGIN;
      this.ratio = Math.min(devicePixelRatio || 1, MAX_PIXELS / this.height);
      this.canvas = this.#makeCanvas();
      this.#listen(on);
    }
    #makeCanvas() {
      const { ratio, height } = this;
      const canvas = element("canvas", "", "arcs");
      [canvas.width, canvas.height] = [Math.round(WIDTH * ratio), Math.round(height * ratio)];
      [canvas.style.width, canvas.style.aspectRatio] = [px(WIDTH), `${WIDTH} / ${height}`];
      canvas.setAttribute("role", "img");
      canvas.setAttribute(
        "aria-label",
        "Arcs from each token to the tokens it looks at. The matrix and the text have the same weights, by keyboard too."
      );
      return canvas;
    }
    /** @param {ArcEvents} on */
    #listen(on) {
      this.canvas.addEventListener("pointermove", (event) => on.over(...this.#at(event)));
      this.canvas.addEventListener("pointerleave", on.out);
      this.canvas.addEventListener("click", (event) => {
        const [query] = this.#at(event);
        if (query >= 0) on.pin(query);
      });
    }
    /** @param {MouseEvent} event @returns {[number, number]} query and key, one of them -1 */
    #at(event) {
      const scale = WIDTH / this.canvas.clientWidth;
      const line = Math.floor((event.offsetY * scale - MARGIN) / this.pitch);
      const onKeys = event.offsetX * scale > WIDTH / 2;
      return onKeys ? [-1, clamp(line, this.columns.length)] : [clamp(line, this.rows.length), -1];
    }
    /**
     * Draws the weights of a query, or to a key, or the largest of each query.
     * @param {import("./weights.js").Weights} map
     * @param {number} query -1 for all
     * @param {number} key -1 for all
     * @param {boolean} squareRoot
     */
    draw(map, query, key, squareRoot) {
      const context = surface(this.canvas);
      context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      context.clearRect(0, 0, WIDTH, this.height);
      context.strokeStyle = siteColour("--link");
      context.lineWidth = Math.min(2, Math.max(1, this.pitch / 6));
      for (const line of arcLines(map, query, key)) {
        context.globalAlpha = strength(line.weight, squareRoot);
        this.#line(context, line.query, line.key);
      }
      context.globalAlpha = 1;
      if (this.pitch >= 10) this.#names(context, query, key);
    }
    /**
     * @param {CanvasRenderingContext2D} context
     * @param {number} query
     * @param {number} key
     */
    #line(context, query, key) {
      const [start, end, bend] = [TEXT_WIDTH, TEXT_WIDTH + ARC_WIDTH, TEXT_WIDTH + ARC_WIDTH / 2];
      const [from, to] = [this.#middle(query), this.#middle(key)];
      context.beginPath();
      context.moveTo(start, from);
      context.bezierCurveTo(bend, from, bend, to, end, to);
      context.stroke();
    }
    /** @param {number} i */
    #middle(i) {
      return MARGIN + (i + 0.5) * this.pitch;
    }
    /**
     * @param {CanvasRenderingContext2D} context
     * @param {number} query
     * @param {number} key
     */
    #names(context, query, key) {
      context.font = `${Math.min(this.pitch - 2, 12)}px ${MONOSPACE}`;
      context.textBaseline = "middle";
      context.textAlign = "right";
      this.#side(context, this.rows, TEXT_WIDTH - 6, query);
      context.textAlign = "left";
      this.#side(context, this.columns, TEXT_WIDTH + ARC_WIDTH + 6, key);
    }
    /**
     * @param {CanvasRenderingContext2D} context
     * @param {string[]} tokens
     * @param {number} x
     * @param {number} chosen
     */
    #side(context, tokens, x, chosen) {
      const [ink, soft] = [getComputedStyle(document.body).color, siteColour("--soft")];
      tokens.forEach((token, i) => {
        context.fillStyle = chosen < 0 || chosen === i ? ink : soft;
        context.fillText(shortened(token), x, this.#middle(i), TEXT_WIDTH - 8);
      });
    }
  };
  function pitchOf(longest) {
    if (longest <= 60) return 19;
    return longest <= 200 ? 12 : Math.max(2, Math.floor(3e3 / longest));
  }
  function shortened(token) {
    return token.length > MAX_LETTERS ? `${token.slice(0, MAX_LETTERS - 1)}…` : token;
  }
  var strength = (weight, squareRoot) => Math.min(squareRoot ? Math.sqrt(weight) : weight, 1);
  function arcLines(map, query, key) {
    const queries = query >= 0 ? [query] : Array.from({ length: map.rows }, (_, q) => q);
    return queries.flatMap((q) => linesOf(map, q, query >= 0, key).map(([weight, k]) => ({ query: q, key: k, weight })));
  }
  function linesOf(map, query, chosen, key) {
    const lines = rowShares(map, query).map((weight, k) => (
      /** @type {[number, number]} */
      [weight ?? 0, k]
    )).filter(([weight]) => weight > FAINT);
    if (chosen) return lines;
    if (key >= 0) return lines.filter(([, k]) => k === key);
    return lines.sort((a, b) => b[0] - a[0]).slice(0, MAX_LINES);
  }
  var siteColour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);

  // templates/js/heatmap.js
  var NO_CELL = Object.freeze({ query: -1, key: -1 });
  var isNone = (cell) => cell.query < 0 && cell.key < 0;
  var isPair = (cell) => cell.query >= 0 && cell.key >= 0;
  var MARKS = ["kept", "row", "column", "cell", "row-tag", "column-tag"];
  var Heatmap = class {
    /**
     * Takes the place of a picture.
     * @param {HTMLImageElement} img
     * @param {import("./weights.js").Weights} weights
     * @param {string} readout id of the element that says what is pointed at
     */
    constructor(img, weights, readout) {
      this.measured = weights;
      this.shown = weights;
      this.canvas = mapCanvas(img.alt, weights, readout);
      this.frame = /** @type {HTMLElement} */
      img.parentElement;
      img.replaceWith(this.canvas);
      this.marks = Object.fromEntries(MARKS.map((name) => [name, hiddenMark(name)]));
      this.frame.append(...Object.values(this.marks));
      this.output = this.#addOutput();
    }
    /** Where a map of many writes its weight. */
    #addOutput() {
      const title = this.frame.parentElement?.querySelector(".map-title");
      if (!title) return null;
      const output = element("output");
      title.append(" ", output);
      return output;
    }
    /**
     * @param {boolean} sink whether it is hidden
     * @param {boolean} squareRoot
     */
    paint(sink, squareRoot) {
      this.shown = sink ? withoutSink(this.measured) : this.measured;
      paintWeights(this.shown, this.canvas, squareRoot);
    }
    /** The cell under the pointer. @param {MouseEvent} event @returns {Cell} */
    cellAt(event) {
      const { rows, columns: columns2 } = this.shown;
      return {
        query: clamp(Math.floor(event.offsetY / this.canvas.clientHeight * rows), rows),
        key: clamp(Math.floor(event.offsetX / this.canvas.clientWidth * columns2), columns2)
      };
    }
    /** Where the keyboard begins: the last token's largest weight. @returns {Cell} */
    start() {
      const { rows, columns: columns2, weights } = this.shown;
      const row = weights.subarray(columns2 * (rows - 1), columns2 * rows);
      return { query: rows - 1, key: row.indexOf(Math.max(...row)) };
    }
    /** What is shown in a cell: 0 to 255, negative where there is nothing. @param {Cell} cell */
    weightAt({ query, key }) {
      return this.shown.weights[query * this.shown.columns + key];
    }
    /** Later tokens cannot be seen. @param {Cell} cell */
    isFuture({ query, key }) {
      return this.measured.weights[query * this.measured.columns + key] < 0;
    }
    /** Writes the weight beside the title; nothing for null. @param {Cell | null} cell */
    sayWeight(cell) {
      if (!this.output) return;
      const weight = cell ? this.weightAt(cell) : -1;
      this.output.textContent = weight < 0 ? "" : decimal(weight);
    }
    /**
     * Outlines what is pointed at and what is kept, and names the tokens beside the map.
     * @param {Cell} pointed
     * @param {Cell} kept
     * @param {{row?: string, column?: string}} tags none for no name
     */
    mark(pointed, kept, tags) {
      const { rows, columns: columns2 } = this.shown;
      const { query, key } = pointed;
      const grid = this.#grid();
      this.#outline("row", query >= 0, [0, query, columns2, 1], grid);
      this.#outline("column", key >= 0, [key, 0, 1, rows], grid);
      this.#outline("cell", isPair(pointed), [key, query, 1, 1], grid);
      const keptBox = kept.query >= 0 ? [0, kept.query, columns2, 1] : [kept.key, 0, 1, rows];
      this.#outline("kept", !isNone(kept), keptBox, grid);
      this.#tag("row-tag", tags.row);
      this.#tag("column-tag", tags.column);
      this.marks["row-tag"].style.top = px(grid.top + (query + 0.5) * grid.height);
      this.marks["column-tag"].style.left = px(grid.left + (key + 0.5) * grid.cell);
    }
    /**
     * @param {string} name
     * @param {boolean} shown
     * @param {number[]} box left, top, width and height in cells
     * @param {{cell: number, height: number, left: number, top: number}} grid
     */
    #outline(name, shown2, [x, y, width, height], { cell, height: row, left, top }) {
      const mark = this.marks[name];
      mark.hidden = !shown2;
      mark.style.left = px(left + x * cell);
      mark.style.top = px(top + y * row);
      mark.style.width = px(width * cell);
      mark.style.height = px(height * row);
    }
    /**
     * @param {string} name
     * @param {string} [token]
     */
    #tag(name, token) {
      const tag = this.marks[name];
      tag.hidden = token === void 0;
      if (token !== void 0) tag.replaceChildren(element("bdi", token));
    }
    /** Width and height of a cell and the corner of the map, in CSS pixels. */
    #grid() {
      const { offsetLeft: left, offsetTop: top, clientWidth, clientHeight } = this.canvas;
      return { cell: clientWidth / this.shown.columns, height: clientHeight / this.shown.rows, left, top };
    }
  };
  function mapCanvas(description, { rows, columns: columns2 }, readout) {
    const canvas = element("canvas", "", "pixels");
    canvas.style.setProperty("--rows", String(rows));
    canvas.style.setProperty("--columns", String(columns2));
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-roledescription", "heatmap");
    canvas.setAttribute("aria-label", `${description}. Arrow keys move from cell to cell, Enter keeps a row.`);
    canvas.setAttribute("aria-describedby", readout);
    return canvas;
  }
  function hiddenMark(name) {
    const mark = element("div", "", `mark-${name}`);
    mark.hidden = true;
    mark.setAttribute("aria-hidden", "true");
    return mark;
  }

  // templates/js/readout.js
  var HINTS = {
    matrix: "Row: the token that looks. Column: the token looked at.",
    arcs: "Left: the token that looks. Right: the token looked at. Point at one to see its lines alone.",
    text: "Point at a token: the text is coloured by what it looks at.",
    "text, from": "Point at a token: the text is coloured by which tokens look at it."
  };
  var HINT_FOR_MANY = "Point at a map: all show the same pair of tokens.";
  var Readout = class {
    /**
     * @param {string} id
     * @param {string[]} rows
     * @param {string[]} columns
     * @param {boolean} many whether several maps share it, which write their weights themselves
     */
    constructor(id, rows, columns2, many) {
      this.rows = rows;
      this.columns = columns2;
      this.many = many;
      this.view = "matrix";
      this.hint = element("span", many ? HINT_FOR_MANY : HINTS.matrix, "hint");
      this.root = element("p", "", "readout");
      this.root.id = id;
      this.root.setAttribute("role", "status");
      this.root.append(this.hint);
    }
    /**
     * What is said while nothing is pointed at.
     * @param {string} view
     * @param {boolean} byRow whether a text is coloured by what its tokens look at
     */
    explain(view, byRow) {
      this.view = view;
      if (!this.many) this.hint.textContent = HINTS[view === "text" && !byRow ? "text, from" : view];
    }
    /**
     * @param {import("./heatmap.js").Cell} cell
     * @param {boolean} kept whether something is kept
     * @param {import("./heatmap.js").Heatmap} map
     */
    say(cell, kept, map) {
      if (isNone(cell)) this.root.replaceChildren(this.hint);
      else if (isPair(cell)) this.#sayPair(cell, map);
      else this.#sayToken(cell, kept);
    }
    /**
     * @param {import("./heatmap.js").Cell} cell
     * @param {boolean} kept
     */
    #sayToken({ query, key }, kept) {
      const token = query >= 0 ? tokenLabel(this.rows[query], query) : tokenLabel(this.columns[key], key);
      const [looks, isLookedAt] = this.view === "arcs" ? ["looks where its lines lead", "is looked at from where its lin\
es come"] : ["looks at the text as coloured", "is looked at as coloured"];
      const does = query >= 0 ? looks : isLookedAt;
      const how = kept ? ", kept: click it again or press Escape to let go" : "";
      this.root.replaceChildren(token, ` ${does}${how}`);
    }
    /**
     * @param {import("./heatmap.js").Cell} cell
     * @param {import("./heatmap.js").Heatmap} map
     */
    #sayPair(cell, map) {
      const { query, key } = cell;
      const [row, column] = [tokenLabel(this.rows[query], query), tokenLabel(this.columns[key], key)];
      this.root.replaceChildren(row, " → ", column, ...this.#weight(cell, map));
    }
    /**
     * @param {import("./heatmap.js").Cell} cell
     * @param {import("./heatmap.js").Heatmap} map
     */
    #weight(cell, map) {
      if (map.isFuture(cell)) return [": later, cannot be seen"];
      const weight = map.weightAt(cell);
      if (weight < 0) return [": the sink, taken out"];
      return this.many ? [] : [": ", element("b", decimal(weight))];
    }
  };

  // templates/js/token_text.js
  var TokenText = class {
    /**
     * @param {string[]} tokens
     * @param {string} description for those who do not see it
     * @param {TokenEvents} on
     */
    constructor(tokens, description, on) {
      this.on = on;
      this.root = element("p", "", "tokens");
      this.root.translate = false;
      this.root.setAttribute("role", "group");
      this.root.setAttribute("aria-label", `${description}. Arrow keys move from token to token, Enter keeps one.`);
      this.spans = tokens.map(tokenButton);
      this.root.append(...this.spans);
      if (this.spans.length) this.spans[0].tabIndex = 0;
      this.#listen();
    }
    /**
     * @param {(number | null)[] | null} weights from 0 to 1, null where the token cannot look or be looked at
     * @param {number} chosen
     * @param {boolean} pinned
     * @param {boolean} squareRoot
     */
    colour(weights, chosen, pinned, squareRoot) {
      this.spans.forEach((span, i) => {
        const weight = weights?.[i] ?? null;
        const paint = weight === null ? null : tint(weight, squareRoot);
        span.style.background = paint?.background ?? "";
        span.style.color = paint?.color ?? "";
        span.title = weight === null ? "" : weight.toFixed(3);
        span.classList.toggle("chosen", i === chosen);
        span.classList.toggle("unseen", weights !== null && weight === null);
        span.setAttribute("aria-pressed", String(pinned && i === chosen));
      });
    }
    #listen() {
      const { root, on } = this;
      root.addEventListener("pointerover", (event) => this.#at(event, on.over));
      root.addEventListener("pointerleave", on.out);
      root.addEventListener("click", (event) => this.#at(event, on.pin));
      root.addEventListener("focusin", (event) => this.#at(event, (i) => this.#focused(i)));
      root.addEventListener("keydown", (event) => this.#at(event, (i) => this.#key(event, i)));
    }
    /**
     * Does something with the token that an event is about.
     * @param {Event} event
     * @param {(i: number) => void} act
     */
    #at(event, act) {
      const i = this.spans.indexOf(
        /** @type {HTMLElement} */
        event.target
      );
      if (i >= 0) act(i);
    }
    /** One stop of the tab key: the token that had it last. @param {number} i */
    #focused(i) {
      for (const span of this.spans) span.tabIndex = -1;
      this.spans[i].tabIndex = 0;
      if (this.spans[i].matches(":focus-visible")) this.on.over(i);
    }
    /**
     * @param {KeyboardEvent} event
     * @param {number} i
     */
    #key(event, i) {
      if (hasModifier(event)) return;
      const end = this.spans.length - 1;
      const moves = { ArrowRight: i + 1, ArrowDown: i + 1, ArrowLeft: i - 1, ArrowUp: i - 1, Home: 0, End: end };
      if (event.key in moves) this.spans[clamp(moves[event.key], this.spans.length)].focus();
      else if (event.key === "Enter" || event.key === " ") this.on.pin(i);
      else if (event.key === "Escape") this.on.pin(-1);
      else return;
      event.preventDefault();
      event.stopPropagation();
    }
  };
  function tokenButton(token) {
    const span = element("bdi", token, "token");
    span.setAttribute("role", "button");
    span.tabIndex = -1;
    return span;
  }

  // templates/js/map_set.js
  var MIN_CELL = 9;
  var MapSet = class _MapSet {
    /** What is pointed at. @type {Cell} */
    #pointed = NO_CELL;
    /** What a click, Enter or the address keeps. @type {Cell} */
    #kept = NO_CELL;
    /** @type {{rows: TokenText, columns: TokenText | null} | null} */
    #texts = null;
    /** @type {Arcs | null} */
    #arcs = null;
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
      const set = new _MapSet(root, tokens, choices, onPin, weightsOf);
      await set.#replacePictures();
      if (!set.many) set.#addTexts();
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
    constructor(root, { tokens, columns: columns2, text: text2 }, choices, onPin, weightsOf) {
      this.root = root;
      this.rows = tokens;
      this.columns = columns2 ?? tokens;
      this.twoTexts = columns2 !== void 0;
      this.text = text2 ?? tokens;
      this.many = root.classList.contains("multiples");
      this.choices = choices;
      this.onPin = onPin;
      this.weightsOf = weightsOf;
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
      let columns2 = null;
      if (this.twoTexts) {
        const onColumns = this.#textEvents(() => false);
        columns2 = new TokenText(this.columns, "The text that is looked at", onColumns);
        box.append(columns2.root);
      }
      this.root.append(box);
      this.#texts = { rows, columns: columns2 };
    }
    /**
     * @param {() => boolean} areQueries
     * @returns {import("./token_text.js").TokenEvents}
     */
    #textEvents(areQueries) {
      const cell = (i) => areQueries() ? { query: i, key: -1 } : { query: -1, key: i };
      return {
        over: (i) => this.#show(cell(i)),
        out: () => this.#clear(),
        pin: (i) => this.#toggle(cell(i))
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
      this.fit();
      this.#update();
    }
    #needArcs() {
      if (this.#arcs) return;
      this.#arcs = new Arcs(this.rows, this.columns, {
        over: (query, key) => this.#show({ query, key }),
        out: () => this.#clear(),
        pin: (query) => this.#toggle({ query, key: -1 })
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
      const { rows, columns: columns2 } = this.#texts;
      this.shadedTexts().forEach(({ weights, chosen }, i) => {
        (i && columns2 ? columns2 : rows).colour(weights, chosen, kept, squareRoot);
      });
    }
    /**
     * The text, coloured by what its tokens look at or by who looks at them; two where queries and keys are of two texts.
     * @returns {import("./text_figure.js").Shaded[]}
     */
    shadedTexts() {
      const { query, key } = this.current();
      const { shown: shown2 } = this.maps[0];
      const byRow = query >= 0 && (this.readsRows() || key < 0);
      const row = byRow ? rowShares(shown2, query) : null;
      const column = !byRow && key >= 0 ? columnShares(shown2, key) : null;
      if (!this.twoTexts) return [{ tokens: this.text, weights: row ?? column, chosen: row ? query : key }];
      return [
        { tokens: this.text, weights: column, chosen: query },
        { tokens: this.columns, weights: row, chosen: key }
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
      const move = (down, right) => () => this.#move(map, down, right);
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
        }
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
  };
  var isSame = (a, b) => a.query === b.query && a.key === b.key;

  // templates/js/heads_page.js
  var SIDES = (
    /** @type {Side[]} */
    ["a", "b"]
  );
  var HeadsPage = class {
    /** @type {MapSet[]} */
    #sets = [];
    /** Counts what was asked for: an answer that comes late is not shown. */
    #asked = 0;
    constructor() {
      this.form = /** @type {HTMLFormElement} */
      need(".heads-controls");
      this.controls = mapControls();
      this.problem = need("#heads-problem");
    }
    async start() {
      need("[data-without-script]").hidden = true;
      this.form.addEventListener("submit", (event) => event.preventDefault());
      this.form.addEventListener("change", (event) => void this.#chosen(event));
      need("[data-swap]").addEventListener("click", () => void this.#swap());
      this.controls.listen(
        () => this.#changed(),
        () => void 0
      );
      onColoursChange(() => this.#repaint());
      addEventListener("resize", () => {
        for (const set of this.#sets) set.resize();
      });
      headsAddress.onChange(() => void this.#fromAddress());
      await this.#fromAddress();
    }
    /** @param {string} name */
    #select(name) {
      return (
        /** @type {HTMLSelectElement} */
        control(this.form, name)
      );
    }
    async #fromAddress() {
      const wanted = headsAddress.read();
      this.controls.show(wanted);
      if (!wanted.sink) this.controls.recallSink();
      await this.#choose("a", wanted.a);
      await this.#choose("b", wanted.b || await this.#likeness());
      await this.#show(wanted.text, { query: wanted.row, key: wanted.column });
    }
    /**
     * Chooses a model and a head of it, or the first there is.
     * @param {Side} side
     * @param {string} spot "model/L5H1"
     */
    async #choose(side, spot) {
      const [slug, name] = spot.split("/");
      const models = this.#select(`model-${side}`);
      if (Array.from(models.options).some(({ value }) => value === slug)) models.value = slug;
      await this.#fill(side, name);
    }
    /**
     * The heads of the model that is chosen, layer by layer.
     * @param {Side} side
     * @param {string} wanted
     */
    async #fill(side, wanted) {
      const select = this.#select(`head-${side}`);
      const slug = this.#select(`model-${side}`).value;
      const { heads, labels, layers } = await dataFolder(slug, `${slug}/data`).heads();
      let next = 0;
      const groups = layers.map(([layer, n]) => {
        const group = element("optgroup");
        group.label = layer;
        for (const last = next + n; next < last; next++) {
          const [label] = labels[next];
          group.append(new Option([heads[next], label && inWords(label[0])].filter(Boolean).join(" "), heads[next]));
        }
        return group;
      });
      select.replaceChildren(...groups.filter((group) => group.children.length));
      if (heads.includes(wanted)) select.value = wanted;
    }
    /** Another head of the first one's model, with the same label where there is one. */
    async #likeness() {
      const [slug, name] = ["model-a", "head-a"].map((each) => this.#select(each).value);
      const { heads, labels } = await dataFolder(slug, `${slug}/data`).heads();
      const [own] = labels[heads.indexOf(name)];
      const like = heads.find((head, i) => head !== name && own && labels[i][0]?.[0] === own[0]);
      return `${slug}/${like ?? heads.find((head) => head !== name) ?? name}`;
    }
    /** @param {Event} event */
    async #chosen({ target }) {
      const { name } = (
        /** @type {HTMLSelectElement} */
        target
      );
      const side = SIDES.find((each) => name === `model-${each}`);
      if (side) await this.#fill(side, this.#select(`head-${side}`).value);
      await this.#show(this.#select("text").value);
      this.#write();
    }
    async #swap() {
      const [a, b] = SIDES.map((side) => this.#spot(side));
      await this.#choose("a", b);
      await this.#choose("b", a);
      await this.#show(this.#select("text").value);
      this.#write();
    }
    /** @param {Side} side */
    #spot(side) {
      return `${this.#select(`model-${side}`).value}/${this.#select(`head-${side}`).value}`;
    }
    /** @param {{row?: number, column?: number}} [kept] */
    #write(kept = {}) {
      const [a, b] = SIDES.map((side) => this.#spot(side));
      headsAddress.write({ a, b, text: this.#select("text").value, ...this.controls.state(), ...kept });
    }
    #changed() {
      this.#repaint();
      const { row, column } = headsAddress.read();
      this.#write({ row, column });
    }
    #repaint() {
      this.controls.explain();
      for (const set of this.#sets) set.repaint();
    }
    /**
     * @param {string} text that is wanted
     * @param {import("./heatmap.js").Cell} [kept]
     */
    async #show(text2, kept) {
      const asked = ++this.#asked;
      delete need("#heads").dataset.ready;
      const spots = SIDES.map((side) => this.#spot(side).split("/"));
      const [a, b] = await Promise.all(spots.map(([slug, name]) => loadHead(slug, name)));
      if (asked !== this.#asked) return;
      document.title = `${a.name} and ${b.name} · headatlas`;
      SIDES.forEach((side, i) => {
        showHead(need(`[data-side=${side}]`), [a, b][i]);
      });
      const chosen = this.#fillTexts(commonTexts(a, b), text2);
      await this.#drawMaps([a, b], chosen);
      if (kept) {
        for (const set of this.#sets) if (fits(set, kept)) set.keep(kept);
      }
      this.#list(a, b);
      need("#heads").dataset.ready = "";
    }
    /**
     * Offers the texts that both have, and says which is shown; "" where there is none.
     * @param {ReturnType<typeof commonTexts>} texts
     * @param {string} wanted
     */
    #fillTexts(texts, wanted) {
      const select = this.#select("text");
      select.replaceChildren(
        ...texts.map(({ anchor, sequence, alike }) => {
          const said = alike ? sequence.name : `sequence ${sequence.sequence}, each its own tokens`;
          return new Option(`${sequence.probe}: ${said}`, anchor);
        })
      );
      if (texts.some(({ anchor }) => anchor === wanted)) select.value = wanted;
      const shown2 = texts.find(({ anchor }) => anchor === select.value);
      this.problem.hidden = shown2?.equal ?? false;
      this.problem.textContent = !shown2 ? "There is no text of which maps of both heads are kept." : shown2.alike ? "Th\
e two models cut this text into other tokens: the maps do not point together." : "The same sequence of the probe, each m\
odel with tokens of its own: compare the form, not the cells.";
      return shown2?.anchor ?? "";
    }
    /**
     * @param {HeadData[]} heads
     * @param {string} anchor of the text
     */
    async #drawMaps(heads, anchor) {
      this.#sets = [];
      const texts = heads.map(({ texts: own }) => own.get(anchor));
      const figures = SIDES.map((side) => need(`[data-side=${side}] figure`));
      const roots = texts.map((text2, i) => text2 ? frameOf(heads[i], text2.sequence, i) : null);
      figures.forEach((figure, i) => {
        figure.replaceChildren(...[roots[i]].filter((root) => root !== null));
      });
      const started = roots.map((root, i) => {
        const text2 = texts[i];
        if (!(root && text2)) return null;
        return MapSet.start(
          root,
          text2.sequence,
          () => this.controls.choices(),
          (cell) => this.#pinned(cell),
          () => heads[i].map(text2.number)
        );
      });
      this.#sets = (await Promise.all(started)).filter((set) => set !== null);
      const [first, second] = this.#sets;
      if (!(second && texts[0] && texts[1] && sameTokens(texts[0].sequence, texts[1].sequence))) return;
      [first.followers, second.followers] = [[second], [first]];
    }
    /** What a click keeps on one map is kept on both. @param {import("./heatmap.js").Cell} cell */
    #pinned(cell) {
      for (const set of this.#sets) if (set.followers.length) set.keep(cell);
      this.#write({ row: cell.query, column: cell.key });
    }
    /**
     * @param {HeadData} a
     * @param {HeadData} b
     */
    #list(a, b) {
      const scores = scoreDifferences(a, b);
      need("#score-differences").replaceChildren(...scores.rows);
      need("#score-caption").textContent = `The ${scores.shown} patterns of ${scores.n} in which the two differ most, ea\
ch on the probe it is meant to be read on, with 95% intervals. Difference: the second less the first.`;
      const evidence = evidenceDifferences(a, b);
      need("#evidence-differences").replaceChildren(...evidence.n ? evidence.rows : []);
      for (const section of all(HTMLElement, "[data-of-evidence]")) section.hidden = !evidence.n;
    }
  };
  var fits = (set, { query, key }) => query < set.rows.length && key < set.columns.length;
  function showHead(root, { slug, model, name, labels }) {
    const link = (
      /** @type {HTMLAnchorElement} */
      need("h2 a", root)
    );
    [link.textContent, link.href] = [name, `${slug}/heads/${name}.html`];
    need("[data-model]", root).textContent = model;
    const chips = labels.map(({ name: label, strength: strength2, hue }) => {
      const chip = element("li", `${inWords(label)} `, `chip ${hue}`);
      if (strength2 !== null) chip.append(element("b", twoDigits(strength2)));
      return chip;
    });
    need(".chips", root).replaceChildren(...chips.length ? chips : [element("li", "no label", "soft")]);
  }
  function frameOf({ name, model }, { tokens, columns: columns2, axes, step: step2, cells, on }, number) {
    const set = element("div", "", `map-set cell-${cells[0]} step-${step2}`);
    set.dataset.maps = String(number);
    const maps2 = element("div", "", "maps labelled");
    for (
      const [axis, i] of
      /** @type {[string, number][]} */
      [
        ["rows", 0],
        ["columns", 1]
      ]
    ) {
      const labels = element("pre", axes[i], `axis-${axis}`);
      labels.setAttribute("aria-hidden", "true");
      labels.translate = false;
      maps2.append(labels);
    }
    const img = element("img", "", "pixels");
    [img.width, img.height] = [(columns2 ?? tokens).length * cells[0], tokens.length * cells[0]];
    img.alt = `Attention of ${name} of ${model} on ${on}`;
    const frame = element("div", "", "map");
    frame.append(img);
    maps2.append(frame);
    set.append(maps2);
    return set;
  }

  // templates/js/pages/heads.js
  revealControls();
  void new HeadsPage().start();
})();
