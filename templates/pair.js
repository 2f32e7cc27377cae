// Two models side by side, on one pattern at a time; head by head where their shapes agree.
"use strict";

(async () => {
  /**
   * @typedef {{hue: string, probe: string, unit: string, chance: number | null, score: (number | null)[]}} Scores
   * @typedef {{model: string, heads: string[], layers: [string, number][], labels: [string, number | null][][], patterns: Record<string, Scores>}} Heads
   * @typedef {{models: {name: string, slug: string}[], patterns: {name: string, file: string, hue: string, summary: string}[]}} Data
   */
  /** @type {Data} */
  const data = pageData("pair-data");
  const form = /** @type {HTMLFormElement} */ (document.querySelector("form.controls"));
  const LISTED = 15;
  /** @param {string} name */
  const control = (name) => /** @type {HTMLSelectElement} */ (form.elements.namedItem(name));
  /** @param {string} selector */
  const find = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));
  for (const one of data.patterns) control("pattern").append(new Option(inWords(one.name), one.name));

  /** @param {(number | null)[] | undefined} values */
  const known = (values) => /** @type {number[]} */ ((values ?? []).filter((one) => one !== null)).map((one) => one / 1000);
  /** @param {number[]} values */
  const highest = (values) => (values.length ? Math.max(...values) : null);
  /** @param {number[]} values */
  const mean = (values) => (values.length ? values.reduce((sum, one) => sum + one, 0) / values.length : null);
  /** @param {string} text @param {string} href */
  function linked(text, href) {
    const link = element("a", text);
    link.href = href;
    return link;
  }
  /** @param {(string | Node)[]} cells @param {boolean} [head] */
  function row(cells, head = false) {
    const line = element("tr");
    cells.forEach((one, i) => {
      const cell = element(head || i === 0 ? "th" : "td");
      if (cell instanceof HTMLTableCellElement && (head || i === 0)) cell.scope = head ? "col" : "row";
      if (typeof one === "string" && i > 0 && (head || /^[-–+\d.]+$/.test(one))) cell.className = "n";
      cell.append(one);
      line.append(cell);
    });
    return line;
  }

  /** @param {Heads} one @param {string} slug @param {string} pattern @param {number} top */
  function mosaic(one, slug, pattern, top) {
    const figure = element("figure");
    const caption = element("figcaption");
    caption.append(linked(one.model, `${slug}/index.html#pattern=${pattern}`));
    const canvas = element("canvas", "", "pixels");
    const columns = Math.max(...one.layers.map(([, heads]) => heads), 1);
    const cell = Math.max(2, Math.min(18, Math.floor(420 / columns), Math.floor(560 / one.layers.length)));
    [canvas.width, canvas.height] = [columns, one.layers.length];
    [canvas.style.width, canvas.style.height] = [px(columns * cell), px(one.layers.length * cell)];
    const scores = one.patterns[pattern];
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", scores ? `${inWords(pattern)} in ${one.model}: highest ${threeDigits(highest(known(scores.score)))}` : `${one.model} was not measured on ${inWords(pattern)}`);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    canvas.className = `pixels pair-mosaic ${scores?.hue ?? ""}`;
    document.body.append(canvas); // its hue is known only in the page
    const style = getComputedStyle(canvas);
    context.fillStyle = style.getPropertyValue("--family");
    canvas.remove();
    const readout = element("p", "", "readout");
    /** @type {Map<string, number>} */
    const places = new Map();
    let i = 0;
    one.layers.forEach(([, heads], y) => {
      for (let x = 0; x < heads; x++, i++) {
        const stored = scores?.score[i];
        places.set(`${y} ${x}`, i);
        context.globalAlpha = stored === null || stored === undefined ? 0 : Math.min(Math.max(stored / 1000 / top, 0), 1);
        context.fillRect(x, y, 1, 1);
      }
    });
    const at = (/** @type {MouseEvent} */ event) => places.get(`${Math.floor(event.offsetY / cell)} ${Math.floor(event.offsetX / cell)}`);
    canvas.addEventListener("pointermove", (event) => {
      const head = at(event);
      readout.textContent = head === undefined ? "" : `${one.heads[head]} ${threeDigits(scores ? (scores.score[head] ?? 0) / 1000 : null)}`;
    });
    canvas.addEventListener("click", (event) => {
      const head = at(event);
      if (head !== undefined) location.href = `${slug}/heads/${one.heads[head]}.html`;
    });
    figure.append(caption, canvas, readout);
    return figure;
  }

  async function show() {
    const slugs = [control("a").value, control("b").value];
    const pattern = control("pattern").value;
    const [a, b] = /** @type {Heads[]} */ (await Promise.all(slugs.map((slug) => dataFile(`${slug} heads`, `${slug}/data/heads.js`))));
    const [first, second] = [a.patterns[pattern], b.patterns[pattern]];
    const top = Math.max(...known(first?.score), ...known(second?.score)) > 1 ? Math.max(...known(first?.score), ...known(second?.score)) : 1;
    find(".pair-mosaics").replaceChildren(mosaic(a, slugs[0], pattern, top), mosaic(b, slugs[1], pattern, top));
    const info = data.patterns.find((one) => one.name === pattern);
    const caption = find("#pair-caption");
    caption.replaceChildren(linked(inWords(pattern), `patterns/${info?.file}.html`), ` on ${inWords(first?.probe ?? second?.probe ?? "")}, both on one scale from 0 to ${Number(top.toPrecision(3))}. Layers from top to bottom, heads from left to right. ${info?.summary ?? ""}`);

    const heads = find("#pair-heads");
    const alike = a.heads.join() === b.heads.join();
    if (alike && first && second) {
      const order = a.heads.map((_, i) => i).filter((i) => first.score[i] !== null && second.score[i] !== null);
      const change = (/** @type {number} */ i) => (/** @type {number} */ (second.score[i]) - /** @type {number} */ (first.score[i])) / 1000;
      order.sort((x, y) => Math.abs(change(y)) - Math.abs(change(x)) || x - y);
      const lines = order.slice(0, LISTED).map((i) => {
        const labels = (/** @type {Heads} */ one) => one.labels[i].map(([label]) => inWords(label)).slice(0, 2).join(", ") || "–";
        const signed = (change(i) > 0 ? "+" : "") + threeDigits(change(i));
        return row([linked(a.heads[i], `${slugs[1]}/heads/${a.heads[i]}.html`), threeDigits(Number(first.score[i]) / 1000), threeDigits(Number(second.score[i]) / 1000), signed, labels(a), labels(b)]);
      });
      heads.replaceChildren(row(["Head", a.model, b.model, "Difference", `Labels in ${a.model}`, `Labels in ${b.model}`], true), ...lines);
    } else {
      const why = alike ? "This pattern was not measured in both." : `${a.model} has ${a.heads.length} heads in ${a.layers.length} layers, ${b.model} ${b.heads.length} in ${b.layers.length}: they cannot be compared head by head.`;
      heads.replaceChildren(row([why]));
    }

    const lines = data.patterns.filter(({ name }) => a.patterns[name] || b.patterns[name]).map(({ name, file, hue }) => {
      const [one, other] = [known(a.patterns[name]?.score), known(b.patterns[name]?.score)];
      const line = row([linked(inWords(name), `patterns/${file}.html`), threeDigits(highest(one)), threeDigits(highest(other)), threeDigits(mean(one)), threeDigits(mean(other))]);
      line.className = hue;
      return line;
    });
    find("#pair-patterns").replaceChildren(row(["Pattern", `Highest in ${a.model}`, `in ${b.model}`, `Mean in ${a.model}`, `in ${b.model}`], true), ...lines);
    find("#pair").dataset.ready = "";
  }

  function fromAddress() {
    const { choices } = address();
    for (const name of ["a", "b", "pattern"]) {
      const select = control(name);
      const wanted = choices.get(name) ?? (name === "pattern" ? data.first : "");
      if (Array.from(select.options).some((option) => option.value === wanted)) select.value = wanted;
    }
    return show();
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", () => {
    setAddress("", { a: control("a").value, b: control("b").value, pattern: control("pattern").value });
    void show();
  });
  addEventListener("hashchange", () => void fromAddress());
  await fromAddress();
})();
