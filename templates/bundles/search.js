// Made by `make scripts` from templates/js; changes belong there.
"use strict";
(() => {
  // templates/js/dom.js
  function element(tag, text = "", className = "") {
    const made = document.createElement(tag);
    made.textContent = text;
    if (className) made.className = className;
    return made;
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
  var hasModifier = (event) => event.altKey || event.ctrlKey || event.metaKey;

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
  function oneStopEach() {
    for (const box of all(HTMLElement, "[data-one-stop]")) {
      const links = all(HTMLAnchorElement, "a", box);
      const chosen = links.find((link) => link.ariaCurrent);
      const rows = box.dataset.oneStop === "list" ? () => links.map((link) => [link]) : () => linesOf(links);
      oneStop(box, links, rows, chosen);
    }
  }
  function linesOf(links) {
    const lines = /* @__PURE__ */ new Map();
    for (const link of links) {
      const { top, left } = link.getBoundingClientRect();
      const line = [...lines.keys()].find((other) => Math.abs(other - top) < 4) ?? top;
      lines.set(line, [...lines.get(line) ?? [], [left, link]]);
    }
    const ordered = [...lines].sort(([a], [b]) => a - b);
    return ordered.map(([, line]) => line.sort(([a], [b]) => a - b).map(([, link]) => link));
  }

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

  // templates/js/spots.js
  var LETTERS = { encoder: "E", decoder: "D", cross: "X", vision: "V" };
  var KIND = "(?:(encoder|decoder|cross|vision)(?:[ -]attention)?\\s+)?";
  var FORMS = [
    { form: /\b([ledxv])\s?(\d+)\s?[.:,/]?\s?h\s?(\d+)\b/, parts: [1, 2, 3] },
    // L18H6, l18 h6, L18.H6
    { form: /\bhead\s(\d+)\s(?:of|in|at)\s(?:the\s)?layer\s(\d+)\b/, parts: [0, 2, 1] },
    { form: new RegExp(`\\b${KIND}layer\\s?(\\d+)\\s?,?\\s?(?:head\\s?(\\d+))?\\b`), parts: [1, 2, 3] },
    { form: /(?:^|[\s(])([ledxv])?(\d+)\s?[.:/,]\s?h?(\d+)(?=[\s)]|$)/, parts: [1, 2, 3] },
    // 18.6, 18:6, (18, 6), L18.6
    { form: /^()(\d+)\s(\d+)$/, parts: [1, 2, 3] },
    { form: /\b([ledxv])(\d+)\b/, parts: [1, 2, 0] }
  ];
  function readSpot(text) {
    for (const { form, parts } of FORMS) {
      const match = text.match(form);
      if (!match) continue;
      const [kind, layer, head] = parts.map((part) => part ? match[part] : void 0);
      const spot = {
        letter: LETTERS[kind ?? ""] ?? (kind ?? "").toUpperCase(),
        layer: Number(layer),
        head: head === void 0 ? null : Number(head)
      };
      return { spot, rest: text.replace(match[0], " ") };
    }
    return { spot: null, rest: text };
  }
  function layersAt(layers, { letter, layer }) {
    return layers.filter(([name]) => name.slice(1) === String(layer) && (!letter || name[0] === letter));
  }

  // templates/js/text.js
  var inWords = (name) => name.replaceAll("_", " ");

  // templates/js/search.js
  var FILLERS = new Set(
    "what whats is are a an the does do how of in on for to me show find which who why mean means it that with".split(
      " "
    )
  );
  var SAME = {
    word: "token",
    words: "token",
    repeat: "duplicate",
    repeats: "duplicate",
    copy: "duplicate",
    earlier: "previous"
  };
  var RANKS = { exact: 0, alias: 1, start: 2, name: 3, label: 4, aliases: 5, said: 6, resembling: 7 };
  function search(names, text, here = "") {
    const asked = inWords(text.toLowerCase()).replace(/[?"“”']/g, "").trim().replace(/\s+/g, " ");
    if (!asked) return [];
    const models = [...names.models].sort((a, b) => Number(b.slug === here) - Number(a.slug === here));
    const { spot, rest } = readSpot(asked);
    const spots = spot ? models.filter(hasWords(meaning(rest))).flatMap((model) => spotIn(model, spot)) : [];
    const words = meaning(asked);
    const phrase = words.join(" ");
    const ranked = [
      ...names.entries.flatMap((entry) => inEntry(entry, words, phrase)),
      ...models.flatMap((model) => inModel(model, words, phrase)),
      ...models.flatMap((model) => strongIn(model, names.entries, words))
    ];
    if (!(spots.length || ranked.length)) return nearest(names.entries, words);
    return [...spots, ...ranked.sort((a, b) => a.rank - b.rank)];
  }
  function nearest(entries, words) {
    const meant = words.filter((word) => word.length > 2);
    const scored = entries.map(([what, title, href, said, called]) => {
      const [name, text] = [title.toLowerCase(), `${title} ${called} ${said}`.toLowerCase()];
      const n = meant.filter((word) => says(text, word)).length + meant.filter((word) => says(name, word)).length;
      return { title, href, what: `${what}: ${said}`, n };
    });
    const most = Math.max(...scored.map(({ n }) => n), 1);
    return scored.filter(({ n }) => n === most);
  }
  function meaning(text) {
    const words = text.split(/[\s,()]+/).filter(Boolean);
    const meant = words.filter((word) => !FILLERS.has(word));
    return meant.length ? meant : words;
  }
  var hasWords = (words) => ({ name }) => words.every((word) => name.toLowerCase().includes(word));
  var says = (text, word) => text.includes(word) || word.length > 3 && word.endsWith("s") && text.includes(word.slice(0,
  -1)) || Object.hasOwn(SAME, word) && text.includes(SAME[word]);
  function spotIn({ name, slug, layers }, spot) {
    return layersAt(layers, spot).flatMap(([layer, n]) => {
      if (spot.head === null)
        return [{ title: `${layer} of ${name}`, href: `${slug}/layers/${layer}.html`, what: "layer" }];
      const head = `${layer}H${spot.head}`;
      return spot.head < n ? [{ title: `${head} of ${name}`, href: `${slug}/heads/${head}.html`, what: "head" }] : [];
    });
  }
  function inModel({ name, slug }, words, phrase) {
    const lower = name.toLowerCase();
    if (!hasWords(words)({ name, slug, layers: [], strongest: [] })) return [];
    const rank = lower === phrase ? RANKS.exact : RANKS.start;
    return [{ title: name, href: `${slug}/index.html`, what: "model", rank }];
  }
  function inEntry([what, title, href, said, called], words, phrase) {
    const rank = fit(title.toLowerCase(), called.toLowerCase(), said.toLowerCase(), words, phrase);
    if (rank < 0) return [];
    const resembles = what === "name" && rank > RANKS.alias;
    return [{ title, href, what: `${what}: ${said}`, rank: resembles ? RANKS.resembling : rank }];
  }
  function fit(title, called, said, words, phrase) {
    const short = phrase.replace(/ heads?$/, "");
    const all2 = (text) => words.every((word) => says(text, word));
    if (title === phrase || title === short) return RANKS.exact;
    if (called.split(", ").some((name) => name === phrase || name === short)) return RANKS.alias;
    if (title.startsWith(short)) return RANKS.start;
    if (all2(`${title} head`)) return RANKS.name;
    if (all2(`${title} ${called} head`)) return RANKS.aliases;
    return all2(`${title} ${called} ${said}`) ? RANKS.said : -1;
  }
  function strongIn({ name, slug, strongest }, entries, words) {
    const inName = (word) => name.toLowerCase().includes(word);
    return strongest.flatMap(([number, ...heads]) => {
      const [, label, , , called] = entries[number];
      const known = `${label} ${called} head`.toLowerCase();
      const named = words.some(
        (word) => word !== "head" && word !== "heads" && says(`${label} ${called}`.toLowerCase(), word)
      );
      if (!(named && words.every((word) => says(known, word) || inName(word)))) return [];
      return pairs(heads).map(([head, strength], i) => ({
        title: `${head} of ${name}`,
        href: `${slug}/heads/${head}.html`,
        what: `head: ${i ? "" : "the strongest "}${label}${strength === null ? "" : ` ${Number(strength).toFixed(2)}`}`,
        rank: RANKS.label + i / 10
      }));
    });
  }
  var pairs = (flat) => Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);

  // templates/js/search_box.js
  var MAX_HITS = 12;
  var SearchBox = class {
    /** @type {Hit[]} */
    #hits = [];
    /** The option that Enter follows, -1 for none. */
    #chosen = -1;
    #all = false;
    constructor() {
      this.box = need(".find");
      this.root = this.box.dataset.root ?? "";
      this.here = this.box.dataset.model ?? "";
      this.form = element("form", "", "search");
      this.input = element("input");
      this.list = element("div");
      this.status = element("p", "", "hidden");
    }
    start() {
      this.#build();
      this.input.addEventListener("focus", () => void this.#load());
      this.input.addEventListener("input", () => void this.#ask());
      this.input.addEventListener("keydown", (event) => this.#key(event));
      this.form.addEventListener("submit", (event) => event.preventDefault());
      this.form.addEventListener("focusout", ({ relatedTarget }) => {
        if (!(relatedTarget instanceof Node && this.form.contains(relatedTarget))) this.#close();
      });
      this.list.addEventListener("pointerdown", (event) => event.preventDefault());
      this.list.addEventListener("click", (event) => this.#click(event));
      document.addEventListener("keydown", (event) => this.#shortcut(event));
    }
    #build() {
      this.form.setAttribute("role", "search");
      const label = element("label", "Find a model, layer, head, pattern or probe", "hidden");
      label.htmlFor = "search";
      Object.assign(this.input, {
        type: "search",
        id: "search",
        autocomplete: "off",
        spellcheck: false,
        placeholder: "Find: layer 5, 18.6, induction …"
      });
      const said = { role: "combobox", "aria-expanded": "false", "aria-controls": "found", "aria-autocomplete": "list" };
      for (const [name, value] of Object.entries(said)) this.input.setAttribute(name, value);
      Object.assign(this.list, { id: "found", hidden: true, role: "listbox", ariaLabel: "Found" });
      Object.assign(this.status, { id: "found-said", role: "status" });
      this.form.append(label, this.input, this.list, this.status);
      this.box.replaceChildren(this.form);
    }
    /** @returns {Promise<import("./search.js").Names>} */
    #load() {
      return dataFile("names", `${this.root}assets/names.js`);
    }
    async #ask() {
      const text = this.input.value;
      this.#all = false;
      try {
        const names = await this.#load();
        if (text !== this.input.value) return;
        this.#hits = search(names, text, this.here);
        this.#show();
      } catch {
        this.#say("The list of names could not be loaded.");
      }
    }
    #show() {
      this.#chosen = -1;
      const text = this.input.value.trim();
      const shown = this.#all ? this.#hits : this.#hits.slice(0, MAX_HITS);
      const options = shown.map((hit, i) => this.#option(hit, i));
      const more = this.#hits.length - shown.length;
      this.list.replaceChildren(...options, ...more ? [moreOption(more)] : []);
      this.#open(options.length > 0);
      if (!text) this.#say("");
      else if (!options.length) this.#say("Nothing here has that name.");
      else this.#say(more ? `${shown.length} of ${this.#hits.length} shown` : `${shown.length} found`);
      this.status.classList.toggle("hidden", options.length > 0);
    }
    /**
     * @param {Hit} hit
     * @param {number} i
     */
    #option({ title, href, what }, i) {
      const option = element("a", title);
      option.href = this.root + href;
      option.id = `found-${i}`;
      option.tabIndex = -1;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.append(" ", element("span", what, "soft"));
      return option;
    }
    /** @param {string} text */
    #say(text) {
      this.status.textContent = text;
      this.status.classList.remove("hidden");
    }
    /** @param {boolean} isOpen */
    #open(isOpen) {
      this.list.hidden = !isOpen;
      this.input.setAttribute("aria-expanded", String(isOpen));
      this.input.removeAttribute("aria-activedescendant");
    }
    #close() {
      this.#open(false);
      this.#say("");
    }
    /** @param {KeyboardEvent} event */
    #key(event) {
      const actions = {
        ArrowDown: () => this.#move(1),
        ArrowUp: () => this.#move(-1),
        Enter: () => this.#follow(),
        Escape: () => this.#escape()
      };
      const action = actions[event.key];
      if (!action || event.isComposing) return;
      event.preventDefault();
      action();
    }
    /** From the field through the options and back to it. @param {number} step */
    #move(step) {
      const options = all(HTMLElement, "[role=option]", this.list);
      if (this.list.hidden && this.#hits.length) this.#open(true);
      if (!options.length) return;
      const n = options.length + 1;
      this.#chosen = (this.#chosen + 1 + step + n) % n - 1;
      for (const [i, option] of options.entries()) option.setAttribute("aria-selected", String(i === this.#chosen));
      const chosen = options[this.#chosen];
      if (!chosen) return this.input.removeAttribute("aria-activedescendant");
      this.input.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    }
    #follow() {
      if (this.list.hidden) return;
      all(HTMLElement, "[role=option]", this.list)[Math.max(this.#chosen, 0)]?.click();
    }
    /** The first time the list is closed, the second time the field emptied. */
    #escape() {
      if (this.list.hidden) this.input.value = "";
      this.#close();
    }
    /** @param {MouseEvent} event */
    #click(event) {
      const option = event.target instanceof Element ? event.target.closest("[role=option]") : null;
      if (option?.id !== "found-more") return;
      event.preventDefault();
      this.#all = true;
      this.#show();
    }
    /** A slash begins a search, as on many sites. @param {KeyboardEvent} event */
    #shortcut(event) {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof Element && event.target.closest("input, select, textarea")) return;
      event.preventDefault();
      this.input.focus();
    }
  };
  function moreOption(n) {
    const option = element("div", `${n} more: show all`, "more");
    option.id = "found-more";
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    return option;
  }

  // templates/js/sticky_headings.js
  var TALL = 1.2;
  function stickHeadings() {
    for (const room of all(HTMLElement, ".scroll")) {
      const table = room.querySelector("table");
      if (!table?.tHead) continue;
      const sizes = new ResizeObserver(() => fit2(room, table));
      for (const each of [room, table]) sizes.observe(each);
    }
  }
  function fit2(room, table) {
    const fits = table.offsetWidth <= room.clientWidth + 1;
    room.classList.toggle("fits", fits);
    room.classList.toggle("framed", !fits && table.offsetHeight > TALL * innerHeight);
    if (!room.hasAttribute("role")) return;
    if (fits) room.removeAttribute("tabindex");
    else room.tabIndex = 0;
  }

  // templates/js/pages/search.js
  new SearchBox().start();
  stickHeadings();
  oneStopEach();
})();
