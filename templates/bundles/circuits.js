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

  // templates/js/text.js
  var inWords = (name) => name.replaceAll("_", " ");
  function threeDigits(value) {
    if (value === null || value === void 0) return "–";
    return value.toFixed(Math.abs(value) < 10 ? 3 : 1);
  }
  var inThousands = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

  // templates/js/circuit_edges.js
  var PLURALS = (
    /** @type {Record<string, string>} */
    { query: "queries", key: "keys", value: "values" }
  );
  var two = (stored) => (stored / 1e3).toFixed(2);
  var CircuitEdges = class {
    /** @type {Map<string, Edge[]>} */
    #read = /* @__PURE__ */ new Map();
    /** @param {CircuitFile} file */
    constructor(file) {
      this.file = file;
      this.nodes = file.heads.map(([name, layer, hue, labels]) => {
        return { name, layer, hue, labels: labels.map((number) => file.labels[number]) };
      });
    }
    /** Every edge of a sort, the strongest first. @param {string} by cause, weights or path @returns {Edge[]} */
    of(by) {
      const read = { cause: causeEdge, weights: weightsEdge, path: pathEdge }[by] ?? causeEdge;
      if (!this.#read.has(by)) {
        const rows = { cause: this.file.cause, weights: this.file.weights, path: this.file.path }[by] ?? [];
        const edges = rows.map((row) => read(row, this.nodes[row[0]], this.nodes[row[1]], this.file));
        this.#read.set(by, edges);
      }
      return (
        /** @type {Edge[]} */
        this.#read.get(by)
      );
    }
    /** Those that are wanted, the strongest first; one between two heads. @param {Filter} filter */
    wanted(filter) {
      const seen = /* @__PURE__ */ new Set();
      return this.of(filter.by).filter((edge) => {
        const ends = `${edge.from.name} ${edge.to.name} ${filter.by === "cause" ? edge.label : ""}`;
        if (!isWanted(edge, filter) || seen.has(ends)) return false;
        seen.add(ends);
        return true;
      });
    }
  };
  function isWanted({ from, to, through, label }, filter) {
    const carries = (node, wanted) => wanted === "none" ? !node.labels.length : node.labels.includes(wanted);
    const receives = filter.by === "cause" ? label === filter.to : label === filter.to || carries(to, filter.to);
    const route = filter.by === "path" ? through === filter.through : !filter.through || through === filter.through;
    return (!filter.from || carries(from, filter.from)) && (!filter.to || receives) && (filter.by === "cause" || route) &&
    (!filter.head || [from.name, to.name].includes(filter.head));
  }
  function causeEdge([, , number, score, change], from, to, { labels }) {
    const label = labels[number];
    const without = Math.max(0, score + change);
    const value = change / 1e3;
    const what = `${inWords(label)} ${threeDigits(score / 1e3)} → ${threeDigits(without / 1e3)}`;
    const said = `Without ${from.name}, ${to.name}'s ${inWords(label)} score is ${two(without)} in place of ${two(score)}\
.`;
    return { from, to, through: "", label, value, what, said };
  }
  function weightsEdge([, , number, stored], from, to, { reads }) {
    const through = reads[number];
    const [what, value] = [PLURALS[through], stored / 1e3];
    const said = `${to.name}'s ${what} read ${threeDigits(value)} more of what ${from.name} writes than random weights w\
ould.`;
    return { from, to, through, label: "", value, what, said };
  }
  function pathEdge([, , number, effect, lost, pattern, probe, unit], from, to, { reads, labels, probes, units }) {
    const through = reads[number] ?? "";
    const [label, value, plural] = [labels[pattern] ?? "", effect / 1e3, PLURALS[through] ?? "all it reads"];
    const falls = lost === null || !label ? "" : `; ${inWords(label)} score falls by ${threeDigits(lost / 1e3)}`;
    const what = `${plural}, ${inWords(probes[probe])}, ${units[unit]}${falls}`;
    const way = through ? `${to.name}'s ${plural}` : to.name;
    const said = `${threeDigits(value)} of what taking ${from.name} out does on ${inWords(probes[probe])} goes straight \
through ${way}.`;
    return { from, to, through, label, value, what, said };
  }

  // templates/js/circuit_layout.js
  var ROUNDS = 8;
  function layOut(edges, { left, step, row, room }) {
    const nodes = Array.from(new Set(edges.flatMap(({ from, to }) => [from, to])));
    const layers = Array.from(new Set(nodes.map(({ layer }) => layer))).sort((a, b) => a - b);
    const rows = layers.map((layer) => nodes.filter((node) => node.layer === layer).sort(byName));
    const widest = Math.max(1, ...rows.map(({ length }) => length));
    const span = { least: left + step / 2, most: Math.max(room, left + widest * step) - step / 2, step };
    const x = /* @__PURE__ */ new Map();
    for (const heads of rows) {
      heads.forEach((node, i) => {
        x.set(node, span.least + (i + 0.5) / heads.length * (span.most - span.least));
      });
    }
    const near = neighbours(edges);
    for (let round = 0; round < ROUNDS; round++) {
      for (const heads of round % 2 ? [...rows].reverse() : rows) settle(heads, x, near, span);
    }
    const xs = [...x.values()];
    const aside = (span.least + span.most - Math.min(...xs) - Math.max(...xs)) / 2;
    const across = (node) => (x.get(node) ?? 0) + aside;
    const at = new Map(rows.flatMap((heads, i) => heads.map((node) => [node, { x: across(node), y: (i + 0.5) * row }])));
    return { rows, at, width: span.most + step / 2, height: rows.length * row };
  }
  var byName = (a, b) => a.name.localeCompare(b.name, "en", { numeric: true });
  function neighbours(edges) {
    const near = /* @__PURE__ */ new Map();
    const add = (node, other, value) => near.set(node, [...near.get(node) ?? [], [other, value]]);
    for (const { from, to, value } of edges) {
      add(from, to, Math.abs(value));
      add(to, from, Math.abs(value));
    }
    return near;
  }
  function settle(heads, x, near, { least, most, step }) {
    const wanted = new Map(heads.map((node) => [node, mean(near.get(node) ?? [], x)]));
    heads.sort((a, b) => Number(wanted.get(a)) - Number(wanted.get(b)) || byName(a, b));
    let free = least;
    for (const node of heads) {
      x.set(node, Math.max(free, Number(wanted.get(node))));
      free = Number(x.get(node)) + step;
    }
    let limit = most;
    for (const node of [...heads].reverse()) {
      x.set(node, Math.min(limit, Number(x.get(node))));
      limit = Number(x.get(node)) - step;
    }
  }
  function mean(others, x) {
    const total = others.reduce((sum, [, weight]) => sum + weight, 0);
    return others.reduce((sum, [node, weight]) => sum + weight * (x.get(node) ?? 0), 0) / (total || 1);
  }

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
  function revealControls() {
    for (const hidden of document.querySelectorAll("[data-needs-script]")) hidden.removeAttribute("hidden");
  }

  // templates/js/circuit_graph.js
  var NARROW = 600;
  var WIDE_HEAD = { left: 40, step: 60, row: 50, half: 25 };
  var NARROW_HEAD = { left: 34, step: 38, row: 46, half: 16 };
  var HALF_HEIGHT = 10;
  var BEND = 16;
  var MAX_BEND = 90;
  var CircuitGraph = class {
    /** @type {Map<Node, Element>} */
    #links = /* @__PURE__ */ new Map();
    /** @type {{edge: Edge, path: SVGElement, hit: SVGElement}[]} */
    #paths = [];
    /** @type {Layout | null} */
    #layout = null;
    /**
     * @param {SVGElement} svg
     * @param {{head: (node: Node | null) => void, edge: (edge: Edge) => void}} on what is pointed at
     */
    constructor(svg, on) {
      this.svg = svg;
      this.on = on;
      svg.addEventListener("pointerover", (event) => this.#point(event.target));
      svg.addEventListener("pointerleave", () => this.#point(document.activeElement));
      svg.addEventListener("focusin", (event) => this.#point(event.target));
      svg.addEventListener("focusout", () => this.#point(null));
      svg.addEventListener("keydown", (event) => this.#key(event));
    }
    /**
     * @param {Edge[]} edges the strongest first
     * @param {string[]} layers names
     */
    draw(edges, layers) {
      const room = this.svg.parentElement?.clientWidth || NARROW;
      const measures = room < NARROW ? NARROW_HEAD : WIDE_HEAD;
      const layout = layOut(edges, { ...measures, room });
      const { width, height, rows, at } = layout;
      this.#layout = layout;
      for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) {
        this.svg.setAttribute(name, String(value));
      }
      const most = Math.max(...edges.map(({ value }) => Math.abs(value)), 1e-9);
      const passes = (edge) => rowsBetween(rows, edge);
      this.#paths = [...edges].reverse().map((edge) => pathOf(edge, curve(at, edge, passes(edge), width), most));
      this.#links = new Map(rows.flat().map((node) => [node, linkOf(node, at.get(node), measures.half, edges)]));
      this.svg.replaceChildren(
        ...rows.flatMap((heads, i) => rowOf(layers[heads[0].layer], (i + 0.5) * measures.row, width)),
        ...this.#paths.flatMap(({ path, hit }) => [path, hit]),
        ...this.#links.values()
      );
      this.#links.get(strongest(edges))?.setAttribute("tabindex", "0");
    }
    /** @param {EventTarget | null} target */
    #point(target) {
      const element2 = target instanceof Element && this.svg.contains(target) ? target : null;
      const link = element2?.closest("a");
      const node = this.#nodeOf(link);
      const known = this.#paths.find(({ hit }) => hit === element2);
      this.#light(node ? ({ from, to }) => from === node || to === node : known ? (edge) => edge === known.edge : null);
      if (known) this.on.edge(known.edge);
      else this.on.head(node ?? null);
    }
    /** Lights up some edges with the heads at their ends. @param {((edge: Edge) => boolean) | null} isLit */
    #light(isLit) {
      this.svg.classList.toggle("lighting", isLit !== null);
      const ends = /* @__PURE__ */ new Set();
      for (const { edge, path } of this.#paths) {
        const lit = isLit?.(edge) ?? false;
        path.classList.toggle("lit", lit);
        if (lit) ends.add(edge.from).add(edge.to);
      }
      for (const [node, link] of this.#links) link.classList.toggle("lit", ends.has(node));
    }
    /** Arrow keys go to the head beside, or to the nearest in the next row. @param {KeyboardEvent} event */
    #key(event) {
      const link = event.target instanceof Element ? event.target.closest("a") : null;
      const node = this.#nodeOf(link);
      const next = node && !hasModifier(event) ? this.#next(node, event.key) : void 0;
      if (!(node && next)) return;
      event.preventDefault();
      this.#links.get(node)?.setAttribute("tabindex", "-1");
      this.#links.get(next)?.setAttribute("tabindex", "0");
      this.#links.get(next).focus();
    }
    /** @param {Element | null | undefined} link */
    #nodeOf(link) {
      return Array.from(this.#links).find(([, each]) => each === link)?.[0];
    }
    /**
     * @param {Node} node
     * @param {string} key
     */
    #next(node, key) {
      const { rows, at } = (
        /** @type {Layout} */
        this.#layout
      );
      const row = rows.findIndex((heads) => heads.includes(node));
      const column = rows[row].indexOf(node);
      const x = at.get(node)?.x ?? 0;
      const nearest = (heads) => [...heads ?? []].sort((a, b) => Math.abs((at.get(a)?.x ?? 0) - x) - Math.abs((at.get(b)?.
      x ?? 0) - x))[0];
      const moves = {
        ArrowLeft: rows[row][column - 1],
        ArrowRight: rows[row][column + 1],
        ArrowUp: nearest(rows[row - 1]),
        ArrowDown: nearest(rows[row + 1]),
        Home: rows[0][0],
        End: rows.at(-1)?.at(-1)
      };
      return moves[key];
    }
  };
  function strongest(edges) {
    const sums = /* @__PURE__ */ new Map();
    for (const { from, to, value } of edges) {
      for (const node of [from, to]) sums.set(node, (sums.get(node) ?? 0) + Math.abs(value));
    }
    return [...sums].sort((a, b) => b[1] - a[1])[0]?.[0];
  }
  var rowsBetween = (rows, { from, to }) => rows.filter(([{ layer }]) => layer > from.layer && layer < to.layer).length;
  function curve(at, { from, to }, passed, width) {
    const [a, b] = [at.get(from), at.get(to)];
    if (!(a && b)) return "";
    const [start, end] = [a.y + HALF_HEIGHT, b.y - HALF_HEIGHT];
    const bend = passed ? Math.sign(a.x + b.x - width || 1) * Math.min(BEND * (passed + 1), MAX_BEND) : 0;
    const lean = (end - start) / 2;
    const [left, right] = [a.x, b.x].map((x) => Math.min(Math.max(x + bend, 0), width));
    const numbers = [a.x, start, left, start + lean, right, end - lean, b.x, end].map((n) => n.toFixed(1));
    return `M${numbers[0]} ${numbers[1]}C${numbers.slice(2).join(" ")}`;
  }
  function pathOf(edge, d, most) {
    const share = Math.abs(edge.value) / most;
    const path = drawing("path", {
      class: ["edge", edge.from.hue, edge.value < 0 || edge.label === "" ? "" : "more"].filter(Boolean).join(" "),
      d,
      "stroke-width": (1 + 5 * share).toFixed(1),
      "data-edge": `${edge.from.name} ${edge.to.name}`
    });
    return { edge, path, hit: drawing("path", { class: "hit", d }) };
  }
  function rowOf(name, y, width) {
    return [
      drawing("path", { class: "row", d: `M0 ${y}H${width}` }),
      drawing("text", { class: "row-name", x: 0, y: y - 4 }, name)
    ];
  }
  function linkOf(node, at, half, edges) {
    const { x, y } = at ?? { x: 0, y: 0 };
    const count = (n, way) => `${n} edge${n === 1 ? "" : "s"} ${way} it`;
    const [out, into] = [edges.filter(({ from }) => from === node), edges.filter(({ to }) => to === node)];
    const called = node.labels.map(inWords).join(", ") || "no label";
    const link = drawing("a", {
      href: `heads/${node.name}.html`,
      class: node.hue,
      "data-head": node.name,
      tabindex: -1,
      "aria-label": `${node.name}: ${called}; ${count(out.length, "from")}, ${count(into.length, "to")}`
    });
    const text2 = half < WIDE_HEAD.half ? node.name.replace(/^.*(?=H)/, "") : node.name;
    const box = { x: x - half, y: y - HALF_HEIGHT, width: 2 * half, height: 2 * HALF_HEIGHT, rx: 3 };
    link.append(drawing("rect", box), drawing("text", { x, y }, text2));
    return link;
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

  // templates/js/circuits_page.js
  var CHOICES = (
    /** @type {const} */
    ["by", "through", "from", "to", "head"]
  );
  var AS_IT_COMES = 40;
  var MAX_DRAWN = 150;
  var MAX_SAID = 3;
  var CAPTIONS = (
    /** @type {Record<string, string>} */
    {
      cause: "Thickness: the change of the later head's score without the earlier one; dashed: the score rises. Colour: \
the family of the earlier head's first label, grey without one.",
      path: "Thickness: what of taking the earlier head out goes straight through the later one. Colour: the earlier hea\
d.",
      weights: "Thickness: how much more of what the earlier head writes is read than by random weights. Colour: the ear\
lier head."
    }
  );
  var HEADINGS = (
    /** @type {Record<string, [string, string]>} */
    {
      cause: ["Score with and without the earlier head", "Change"],
      path: ["Through", "Effect"],
      weights: ["What reads it", "Composition"]
    }
  );
  var CircuitsPage = class {
    /** @type {Edge[]} */
    #drawn = [];
    /** @type {CircuitEdges | null} */
    #edges = null;
    /** The threshold that was chosen, in thousandths; -1 for none. */
    #least = -1;
    #width = 0;
    constructor() {
      this.form = /** @type {HTMLFormElement} */
      need(".circuit-controls");
      this.readout = need("#circuit-readout");
      this.hint = "";
      const svg = (
        /** @type {SVGElement} */
        document.querySelector(".circuit svg")
      );
      this.svg = svg;
      this.graph = new CircuitGraph(svg, {
        head: (node) => this.#say(node),
        edge: (edge) => this.readout.replaceChildren(edge.said)
      });
    }
    async start() {
      this.#edges = new CircuitEdges(await dataFolder(String(this.form.dataset.slug), "data").circuits());
      for (const section of all(HTMLElement, "[data-strongest]")) section.hidden = true;
      const names = this.#edges.nodes.map(({ name }) => name);
      this.#select("head").append(...names.map((name) => new Option(name)));
      this.form.addEventListener("submit", (event) => event.preventDefault());
      this.form.addEventListener("change", (event) => this.#chosen(event));
      control(this.form, "least").addEventListener("input", () => this.#slide());
      circuitAddress.onChange(() => this.#fromAddress());
      new ResizeObserver(() => this.#resized()).observe(need(".circuit"));
      this.#fromAddress();
    }
    /** @param {string} name */
    #select(name) {
      return (
        /** @type {HTMLSelectElement} */
        control(this.form, name)
      );
    }
    /** @returns {import("./circuit_edges.js").Filter} */
    #filter() {
      const [by, through, from, to, head] = CHOICES.map((name) => this.#select(name).value);
      return { by, through: by === "cause" ? "" : through, from, to, head };
    }
    #fromAddress() {
      const wanted = circuitAddress.read();
      for (const name of CHOICES) {
        const select = this.#select(name);
        const known = Array.from(select.options).some(({ value }) => value === wanted[name]);
        select.value = known ? wanted[name] : select.options[0].value;
      }
      this.#least = wanted.least;
      this.#draw();
    }
    /** Another sort of edges has numbers of its own, to which the threshold of the last one says nothing. @param {Event} event */
    #chosen(event) {
      const { name } = (
        /** @type {HTMLSelectElement} */
        event.target
      );
      if (name === "by") this.#least = -1;
      if (name === "least") this.#slide();
      const filter = this.#filter();
      const [first] = this.#select("by").options;
      circuitAddress.write({ ...filter, by: filter.by === first.value ? "" : filter.by, least: this.#least });
      this.#draw();
    }
    #slide() {
      this.#least = Number(control(this.form, "least").value);
      this.#draw();
    }
    #resized() {
      const { clientWidth } = need(".circuit");
      if (this.#width && clientWidth !== this.#width) this.#draw();
      this.#width = clientWidth;
    }
    #draw() {
      const edges = (
        /** @type {CircuitEdges} */
        this.#edges
      );
      const filter = this.#filter();
      need("[data-through]").hidden = filter.by === "cause";
      const wanted = edges.wanted(filter);
      const least = this.#showThreshold(wanted, edges.of(filter.by));
      const above = wanted.filter(({ value }) => Math.abs(value) >= least / 1e3 - 1e-9);
      this.#drawn = above.slice(0, MAX_DRAWN);
      this.graph.draw(this.#drawn, edges.file.layers);
      this.hint = this.#summary(wanted.length, above.length, filter);
      this.#say(null);
      need("[data-caption]").textContent = `${CAPTIONS[filter.by]} Layers from top to bottom; only those with edges have\
 a line. Point at a head, or go there with the arrow keys, to see its edges; a click leads to its page.`;
      this.#list(filter.by);
      this.svg.dataset.shown = String(this.#drawn.length);
    }
    /**
     * The threshold: what was chosen or, without a choice, what leaves so many edges as can be read.
     * @param {Edge[]} wanted
     * @param {Edge[]} every of the sort
     */
    #showThreshold(wanted, every) {
      const slider = (
        /** @type {HTMLInputElement} */
        control(this.form, "least")
      );
      const stored = (edge) => Math.floor(Math.abs(1e3 * (edge?.value ?? 0)) + 1e-6);
      slider.max = String(stored(every[0]));
      const least = this.#least < 0 ? wanted.length > AS_IT_COMES ? stored(wanted[AS_IT_COMES - 1]) : 0 : this.#least;
      slider.value = String(least);
      const said = threeDigits(least / 1e3);
      slider.setAttribute("aria-valuetext", said);
      need("[name=shown]", this.form).textContent = said;
      return least;
    }
    /**
     * @param {number} wanted
     * @param {number} above
     * @param {import("./circuit_edges.js").Filter} filter
     */
    #summary(wanted, above, { by, head }) {
      const count = (n) => `${inThousands(n)} edge${n === 1 ? "" : "s"}`;
      if (!wanted)
        return head ? `No edge of ${head} of this sort is among those kept here.` : "No edge of this sort is kept here.";
      if (!above) return `None of ${count(wanted)} is that strong.`;
      const edges = (
        /** @type {CircuitEdges} */
        this.#edges
      );
      const kept = edges.file.all[by] > edges.of(by).length ? `; of ${count(edges.file.all[by])} the strongest of each k\
ind are kept` : "";
      const cut = above > MAX_DRAWN ? ` (the ${MAX_DRAWN} strongest are drawn)` : "";
      return `${count(above)} of ${inThousands(wanted)}${cut}${kept}. ${this.#drawn[0].said}`;
    }
    /** A head's strongest edges in sentences, or how many edges there are. @param {Node | null} node */
    #say(node) {
      if (!node) {
        this.readout.replaceChildren(element("span", this.hint, "hint"));
        return;
      }
      const own = this.#drawn.filter(({ from, to }) => from === node || to === node);
      const called = node.labels.map(inWords).join(", ") || "no label";
      const more = own.length > MAX_SAID ? ` And ${own.length - MAX_SAID} more.` : "";
      const said = own.slice(0, MAX_SAID).map((edge) => edge.said);
      this.readout.replaceChildren(element("b", node.name), ` ${called}. ${said.join(" ")}${more}`);
    }
    /** @param {string} by */
    #list(by) {
      const rows = this.#drawn.map(
        ({ from, to, what, value }) => tableRow([endOf(from), endOf(to), element("span", what), threeDigits(value)])
      );
      const head = element("thead");
      head.append(headingRow(["From", element("span", "To"), element("span", HEADINGS[by][0]), HEADINGS[by][1]]));
      const body = element("tbody");
      body.append(...rows);
      need("[data-drawn]").replaceChildren(head, body);
    }
  };
  function endOf({ name, labels }) {
    const end = element("span");
    end.append(linkTo(name, `heads/${name}.html`));
    if (labels.length) end.append(" ", element("span", labels.slice(0, 2).map(inWords).join(", "), "soft"));
    return end;
  }

  // templates/js/pages/circuits.js
  revealControls();
  void new CircuitsPage().start();
})();
