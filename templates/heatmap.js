// Heatmaps: the pictures' pixels are read back as weights, so that pointing at a cell, or moving to it with
// the arrow keys, names its two tokens and its weight. Without this script the pictures are still there.
"use strict";

(() => {
  /**
   * One map that is drawn.
   * @typedef {object} Drawn
   * @property {string} title
   * @property {HTMLElement} frame       the element around the canvas
   * @property {HTMLCanvasElement} canvas one pixel a weight
   * @property {Int16Array} weights      0 to 255, row after row; -1 where a query cannot look
   * @property {HTMLElement | null} output where a map of many writes its weight
   * @property {Record<string, HTMLElement>} marks
   */

  /** @param {string} digits */
  const parse = (digits) => Array.from({ length: 256 }, (_, weight) => parseInt(digits.slice(6 * weight, 6 * weight + 6), 16));
  // Pictures are stored in the light scale, whose 256 colours all differ.
  const [light, dark] = [parse(window.headatlas.light), parse(window.headatlas.dark)];
  const weightOf = new Map(light.map((colour, weight) => [colour, weight]));

  /** @param {number} colour */
  function nearest(colour) {
    // Some browsers blur what a page reads back from a canvas, against fingerprinting.
    let best = 0;
    let least = Infinity;
    light.forEach((other, weight) => {
      let distance = 0;
      for (const shift of [0, 8, 16]) distance += (((colour >> shift) & 255) - ((other >> shift) & 255)) ** 2;
      if (distance < least) [best, least] = [weight, distance];
    });
    return best;
  }

  /** @param {CanvasRenderingContext2D} context @param {number} rows @param {number} columns */
  function readBack(context, rows, columns) {
    const pixels = context.getImageData(0, 0, columns, rows).data;
    const weights = new Int16Array(rows * columns);
    for (let i = 0; i < weights.length; i++) {
      const colour = (pixels[4 * i] << 16) | (pixels[4 * i + 1] << 8) | pixels[4 * i + 2];
      weights[i] = pixels[4 * i + 3] < 128 ? -1 : (weightOf.get(colour) ?? nearest(colour));
    }
    return weights;
  }

  /** @param {Drawn} map */
  function paint(map) {
    const [palette, root] = [onDark.matches && !printing ? dark : light, stretch()];
    const context = /** @type {CanvasRenderingContext2D} */ (map.canvas.getContext("2d"));
    const image = context.createImageData(map.canvas.width, map.canvas.height);
    map.weights.forEach((weight, i) => {
      if (weight < 0) return;
      const colour = palette[root ? Math.round(Math.sqrt(weight / 255) * 255) : weight];
      image.data.set([colour >> 16, (colour >> 8) & 255, colour & 255, 255], 4 * i);
    });
    context.putImageData(image, 0, 0);
  }

  /**
   * @param {HTMLImageElement} img @param {number} rows @param {number} columns @param {string} readout
   * @returns {Promise<Drawn>}
   */
  async function draw(img, rows, columns, readout) {
    await img.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [columns, rows];
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
    context.drawImage(img, 0, 0);
    canvas.className = "pixels";
    canvas.style.setProperty("--rows", String(rows));
    canvas.style.setProperty("--columns", String(columns));
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-roledescription", "heatmap");
    canvas.setAttribute("aria-label", `${img.alt}. Arrow keys move from cell to cell.`);
    canvas.setAttribute("aria-describedby", readout);
    const frame = /** @type {HTMLElement} */ (img.parentElement);
    img.replaceWith(canvas);
    /** @type {Record<string, HTMLElement>} */
    const marks = {};
    for (const name of ["row", "column", "cell", "row-tag", "column-tag"]) {
      marks[name] = document.createElement("div");
      marks[name].className = `mark-${name}`;
      marks[name].hidden = true;
      marks[name].setAttribute("aria-hidden", "true");
      frame.append(marks[name]);
    }
    const output = /** @type {HTMLElement | null} */ (frame.parentElement?.querySelector("output") ?? null);
    return { title: frame.dataset.title ?? "", frame, canvas, weights: readBack(context, rows, columns), output, marks };
  }

  /** @param {string} kind @param {string} text */
  function element(kind, text) {
    const made = document.createElement(kind);
    made.textContent = text;
    return made;
  }

  /** @param {string} token @param {number} position */
  function named(token, position) {
    const name = element("span", "");
    const bdi = element("bdi", token);
    bdi.className = "token";
    bdi.translate = false;
    const number = element("span", ` ${position}`);
    number.className = "soft";
    name.append(bdi, number);
    return name;
  }

  /** @param {number} weight */
  const decimal = (weight) => (weight / 255).toFixed(3);

  /**
   * Makes the maps of one sequence answer together; `keys` differ from `tokens` in cross-attention.
   * @param {HTMLElement} set @param {string[]} tokens @param {string[]} keys
   */
  async function start(set, tokens, keys) {
    const many = set.classList.contains("multiples");
    const [rows, columns] = [tokens.length, keys.length];
    const readout = /** @type {HTMLElement} */ (set.querySelector(".readout"));
    const hint = Array.from(readout.childNodes);
    const images = /** @type {NodeListOf<HTMLImageElement>} */ (set.querySelectorAll("img.pixels"));
    const maps = await Promise.all(Array.from(images, (img) => draw(img, rows, columns, readout.id)));
    drawn.push(...maps);
    maps.forEach(paint);
    fit();
    addEventListener("resize", fit);
    let query = -1;
    let key = -1;

    /** Smaller cells where the screen is narrow, as far as their labels can be read. */
    function fit() {
      set.style.removeProperty("--cell");
      const box = set.querySelector(".labelled");
      const cell = parseFloat(getComputedStyle(set).getPropertyValue("--cell"));
      if (many || !box || cell <= LEAST_CELL) return;
      const room = box.clientWidth - /** @type {HTMLElement} */ (box.querySelector(".axis-rows")).offsetWidth - 8;
      if (cell * columns > room) set.style.setProperty("--cell", px(Math.max(LEAST_CELL, Math.floor(room / columns))));
    }

    function clear() {
      query = key = -1;
      readout.replaceChildren(...hint);
      for (const map of maps) {
        Object.values(map.marks).forEach((mark) => (mark.hidden = true));
        if (map.output) map.output.textContent = "";
      }
    }

    /** @param {number} q @param {number} k */
    function show(q, k) {
      if (q === query && k === key) return;
      [query, key] = [q, k];
      const future = maps[0].weights[q * columns + k] < 0;
      const end = future ? ": later, cannot be seen" : many ? "" : ": ";
      readout.replaceChildren(named(tokens[q], q), " → ", named(keys[k], k), end);
      maps.forEach((map, place) => {
        const weight = map.weights[q * columns + k];
        if (map.output) map.output.textContent = weight < 0 ? "" : decimal(weight);
        if (!many && weight >= 0) {
          if (place) readout.append(" · ");
          if (place) readout.append(element("span", `${map.title} `));
          readout.append(element(place ? "span" : "b", decimal(weight)));
        }
        const cell = map.canvas.clientWidth / columns;
        const [left, top] = [map.canvas.offsetLeft, map.canvas.offsetTop];
        const { marks } = map;
        Object.values(marks).forEach((mark) => (mark.hidden = false));
        Object.assign(marks.row.style, { left: px(left), top: px(top + q * cell), width: px(columns * cell), height: px(cell) });
        Object.assign(marks.column.style, { left: px(left + k * cell), top: px(top), width: px(cell), height: px(rows * cell) });
        Object.assign(marks.cell.style, { left: px(left + k * cell), top: px(top + q * cell), width: px(cell), height: px(cell) });
        marks["row-tag"].hidden = marks["column-tag"].hidden = many;
        marks["row-tag"].replaceChildren(element("bdi", tokens[q]));
        marks["column-tag"].replaceChildren(element("bdi", keys[k]));
        marks["row-tag"].style.top = px(top + (q + 0.5) * cell);
        marks["column-tag"].style.left = px(left + (k + 0.5) * cell);
      });
    }

    for (const map of maps) {
      const { canvas } = map;
      /** @param {PointerEvent} event */
      const point = (event) => {
        const cell = canvas.clientWidth / columns;
        show(clamp(Math.floor(event.offsetY / cell), rows), clamp(Math.floor(event.offsetX / cell), columns));
      };
      canvas.addEventListener("pointermove", point);
      canvas.addEventListener("pointerdown", point);
      canvas.addEventListener("pointerleave", (event) => {
        if (event.pointerType === "mouse" && document.activeElement !== canvas) clear();
      });
      canvas.addEventListener("focus", () => {
        if (query < 0 && canvas.matches(":focus-visible")) show(...largest(map, rows, columns));
      });
      canvas.addEventListener("blur", clear);
      canvas.addEventListener("keydown", (event) => {
        const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
        const end = { Home: 0, End: columns - 1 }[event.key];
        if ((!step && end === undefined) || event.altKey || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        event.stopPropagation();
        if (query < 0) show(...largest(map, rows, columns));
        else if (step) show(clamp(query + step[0], rows), clamp(key + step[1], columns));
        else show(query, /** @type {number} */ (end));
      });
    }
    set.dataset.ready = "";
  }

  /** @param {number} length */
  const px = (length) => `${length}px`;
  /** @param {number} position @param {number} size */
  const clamp = (position, size) => Math.min(size - 1, Math.max(0, position));

  /**
   * Where the keyboard begins: the last token's largest weight.
   * @param {Drawn} map @param {number} rows @param {number} columns @returns {[number, number]}
   */
  function largest(map, rows, columns) {
    const row = map.weights.subarray(columns * (rows - 1));
    return [rows - 1, row.indexOf(Math.max(...row))];
  }

  /** @type {Drawn[]} */
  const drawn = [];
  const LEAST_CELL = 9;
  const onDark = matchMedia("(prefers-color-scheme: dark)");
  let printing = false;
  onDark.addEventListener("change", () => drawn.forEach(paint));
  for (const [event, now] of /** @type {[string, boolean][]} */ ([["beforeprint", true], ["afterprint", false]])) {
    addEventListener(event, () => {
      printing = now;
      if (onDark.matches) drawn.forEach(paint);
    });
  }
  const choice = /** @type {HTMLSelectElement | null} */ (document.querySelector("[data-stretch]"));
  const stretch = () => choice?.value === "root";
  choice?.addEventListener("change", () => {
    drawn.forEach(paint);
    document.querySelectorAll("[data-scale-ticks] li").forEach((tick, i) => {
      const value = stretch() ? (i / 4) ** 2 : i / 4;
      tick.textContent = String(Number(value.toFixed(2))).replace("0.", ".");
    });
  });

  document.querySelectorAll("[data-needs-script]").forEach((control) => control.removeAttribute("hidden"));
  const data = JSON.parse(document.getElementById("token-data")?.textContent ?? "[]");
  // Long sequences are read back only when they come into view.
  const watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting || !(target instanceof HTMLElement)) continue;
      watcher.unobserve(target);
      const { tokens, keys } = data[Number(target.dataset.maps)];
      void start(target, tokens, keys ?? tokens);
    }
  }, { rootMargin: "50%" });
  document.querySelectorAll(".map-set").forEach((set) => watcher.observe(set));
})();
