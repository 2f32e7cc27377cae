// The heatmaps of one sequence: the pictures' pixels are read back as weights, so that pointing at a cell, or moving to
// it with the arrow keys, names its two tokens and its weight; a click keeps a row and colours the text by it.
"use strict";

/**
 * How maps are shown.
 * @typedef {{view: string, direction: string, root: boolean, sink: boolean}} Choices
 */

/**
 * One map that is drawn.
 * @typedef {object} Drawn
 * @property {HTMLElement} frame       the element around the canvas
 * @property {HTMLCanvasElement} canvas one pixel a weight
 * @property {Weights} raw
 * @property {Weights} shown           with the sink taken out, where one asked for it
 * @property {HTMLElement | null} output where a map of many writes its weight
 * @property {Record<string, HTMLElement>} marks
 */

/**
 * @typedef {object} MapSet
 * @property {HTMLElement} root
 * @property {Drawn[]} maps
 * @property {string[]} rows
 * @property {string[]} columns
 * @property {() => void} repaint after a choice
 * @property {(query: number, key: number) => void} pin -1 for none
 */

const LEAST_CELL = 9;

/** @param {HTMLImageElement} img @param {number} rows @param {number} columns @param {string} readout @returns {Promise<Drawn>} */
async function drawMap(img, rows, columns, readout) {
  const raw = await readBack(img, rows, columns);
  const canvas = element("canvas", "", "pixels");
  canvas.style.setProperty("--rows", String(rows));
  canvas.style.setProperty("--columns", String(columns));
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-roledescription", "heatmap");
  canvas.setAttribute("aria-label", `${img.alt}. Arrow keys move from cell to cell, Enter keeps a row.`);
  canvas.setAttribute("aria-describedby", readout);
  const frame = /** @type {HTMLElement} */ (img.parentElement);
  img.replaceWith(canvas);
  /** @type {Record<string, HTMLElement>} */
  const marks = {};
  for (const name of ["kept", "row", "column", "cell", "row-tag", "column-tag"]) {
    marks[name] = element("div", "", `mark-${name}`);
    marks[name].hidden = true;
    marks[name].setAttribute("aria-hidden", "true");
    frame.append(marks[name]);
  }
  const title = frame.parentElement?.querySelector(".map-title");
  const output = title ? element("output") : null;
  if (title && output) title.append(" ", output);
  return { frame, canvas, raw, shown: raw, output, marks };
}

/**
 * Makes the maps of one sequence answer together.
 * @param {HTMLElement} root @param {string[]} rows @param {string[] | undefined} others tokens of the columns where they differ
 * @param {string[]} text what the rows' tokens say in running text, where they are labelled otherwise
 * @param {() => Choices} choices @param {(query: number, key: number) => void} onPin
 * @returns {Promise<MapSet>}
 */
async function startMaps(root, rows, others, text, choices, onPin) {
  const many = root.classList.contains("multiples");
  const columns = others ?? rows;
  const [height, width] = [rows.length, columns.length];
  const readout = element("p", "", "readout");
  readout.id = `readout-${root.dataset.maps}`;
  readout.setAttribute("role", "status");
  const hint = [element("span", many ? "Point at a map: all show the same pair of tokens." : "Row: the token that looks. Column: the token looked at.", "hint")];
  readout.append(...hint);
  root.prepend(readout);
  const images = /** @type {NodeListOf<HTMLImageElement>} */ (root.querySelectorAll("img.pixels"));
  const maps = await Promise.all(Array.from(images, (img) => drawMap(img, height, width, readout.id)));
  let [query, key] = [-1, -1]; // pointed at
  let [keptQuery, keptKey] = [-1, -1];
  const texts = many ? null : addTexts();
  /** @type {Arcs | null} */
  let arcView = null;

  function addTexts() {
    const box = element("div", "", "map-text");
    const on = (/** @type {boolean} */ ofRows) => ({
      over: (/** @type {number} */ i) => (ofRows && (others || choices().direction === "to") ? show(i, -1) : show(-1, i)),
      out: clear,
      pin: (/** @type {number} */ i) => (ofRows && (others || choices().direction === "to") ? pin(i, -1, true) : pin(-1, i, true)),
    });
    const first = tokenText(text, others ? "The text whose tokens look" : "The text", on(true));
    const second = others ? tokenText(columns, "The text that is looked at", on(false)) : null;
    box.append(first.root, ...(second ? [second.root] : []));
    root.append(box);
    return { box, rows: first, columns: second };
  }

  /** Smaller cells where the screen is narrow, as far as their labels can be read. */
  function fit() {
    root.style.removeProperty("--cell");
    const box = root.querySelector(".labelled");
    const cell = parseFloat(getComputedStyle(root).getPropertyValue("--cell"));
    if (many || !box || cell <= LEAST_CELL) return;
    const room = box.clientWidth - /** @type {HTMLElement} */ (box.querySelector(".axis-rows")).offsetWidth - 8;
    if (room > 0 && cell * width > room) root.style.setProperty("--cell", px(Math.max(LEAST_CELL, Math.floor(room / width))));
  }

  function repaint() {
    const { view, root: squareRoot, sink } = choices();
    root.dataset.view = many ? "matrix" : view;
    for (const map of maps) {
      map.shown = sink ? withoutSink(map.raw) : map.raw;
      paintWeights(map.shown, map.canvas, squareRoot);
    }
    if (root.dataset.view === "arcs" && !arcView) {
      const on = { over: show, out: clear, pin: (/** @type {number} */ q) => pin(q, -1, true) };
      arcView = arcs(rows, columns, on);
      const scroll = element("div", "", "scroll arcs-view");
      scroll.append(arcView.canvas);
      root.querySelector(".maps")?.after(scroll);
    }
    fit();
    update();
  }

  /** Row and column whose weights the text shows: what is pointed at, or else what is kept. @returns {[number, number]} */
  const current = () => (keptQuery >= 0 || keptKey >= 0 ? [keptQuery, keptKey] : [query, key]);

  function update() {
    const squareRoot = choices().root;
    if (texts) {
      const [q, k] = current();
      const { shown } = maps[0];
      const weights = (/** @type {number} */ n, /** @type {(i: number) => number} */ place) =>
        Array.from({ length: n }, (_, i) => (shown.weights[place(i)] < 0 ? null : shown.weights[place(i)] / 255));
      const byRow = q >= 0 && (others || choices().direction === "to" || k < 0);
      const row = byRow ? weights(width, (i) => q * width + i) : null;
      const column = !byRow && k >= 0 ? weights(height, (i) => i * width + k) : null;
      const kept = keptQuery >= 0 || keptKey >= 0;
      if (texts.columns) {
        texts.rows.colour(column, q, kept, squareRoot);
        texts.columns.colour(row, k, kept, squareRoot);
      } else texts.rows.colour(row ?? column, row ? q : k, kept, squareRoot);
    }
    if (arcView && root.dataset.view === "arcs") {
      const [q, k] = current();
      arcView.draw(maps[0].shown, q, q >= 0 ? -1 : k, squareRoot);
    }
    mark();
  }

  function mark() {
    const [q, k] = query >= 0 || key >= 0 ? [query, key] : [keptQuery, keptKey];
    for (const { canvas, marks } of maps) {
      const cell = canvas.clientWidth / width;
      const [left, top] = [canvas.offsetLeft, canvas.offsetTop];
      const place = (/** @type {HTMLElement} */ one, /** @type {[number, number, number, number]} */ [x, y, w, h]) =>
        Object.assign(one.style, { left: px(left + x * cell), top: px(top + y * cell), width: px(w * cell), height: px(h * cell) });
      marks.row.hidden = q < 0;
      marks.column.hidden = k < 0;
      marks.cell.hidden = q < 0 || k < 0;
      marks.kept.hidden = keptQuery < 0 && keptKey < 0;
      marks["row-tag"].hidden = many || q < 0;
      marks["column-tag"].hidden = many || k < 0;
      if (keptQuery >= 0) place(marks.kept, [0, keptQuery, width, 1]);
      else if (keptKey >= 0) place(marks.kept, [keptKey, 0, 1, height]);
      if (q >= 0) {
        place(marks.row, [0, q, width, 1]);
        marks["row-tag"].replaceChildren(element("bdi", rows[q]));
        marks["row-tag"].style.top = px(top + (q + 0.5) * cell);
      }
      if (k >= 0) {
        place(marks.column, [k, 0, 1, height]);
        marks["column-tag"].replaceChildren(element("bdi", columns[k]));
        marks["column-tag"].style.left = px(left + (k + 0.5) * cell);
      }
      if (q >= 0 && k >= 0) place(marks.cell, [k, q, 1, 1]);
    }
  }

  function clear() {
    if (query < 0 && key < 0) return;
    [query, key] = [-1, -1];
    say(keptQuery, keptKey);
    update();
  }

  /** @param {number} q @param {number} k */
  function say(q, k) {
    if (q < 0 && k < 0) {
      readout.replaceChildren(...hint);
      for (const map of maps) if (map.output) map.output.textContent = "";
      return;
    }
    if (q < 0 || k < 0) {
      const token = q >= 0 ? named(rows[q], q) : named(columns[k], k);
      const kept = keptQuery >= 0 || keptKey >= 0 ? ", kept: click it again or press Escape to let go" : "";
      readout.replaceChildren(token, q >= 0 ? ` looks at the text as coloured${kept}` : ` is looked at as coloured${kept}`);
      return;
    }
    const place = q * width + k;
    const future = maps[0].raw.weights[place] < 0;
    const gone = !future && maps[0].shown.weights[place] < 0;
    const end = future ? ": later, cannot be seen" : gone ? ": the sink, taken out" : many ? "" : ": ";
    readout.replaceChildren(named(rows[q], q), " → ", named(columns[k], k), end);
    maps.forEach((map) => {
      const weight = map.shown.weights[place];
      if (map.output) map.output.textContent = weight < 0 ? "" : decimal(weight);
      else if (!many && weight >= 0) readout.append(element("b", decimal(weight)));
    });
  }

  /** @param {number} q @param {number} k */
  function show(q, k) {
    if (q === query && k === key) return;
    [query, key] = [q, k];
    say(q, k);
    update();
  }

  /** @param {number} q @param {number} k @param {boolean} toggle */
  function pin(q, k, toggle) {
    const same = toggle && q === keptQuery && k === keptKey;
    [keptQuery, keptKey] = same ? [-1, -1] : [q, k];
    if (!many || keptQuery < 0) onPin(keptQuery, keptKey);
    say(query >= 0 || key >= 0 ? query : keptQuery, query >= 0 || key >= 0 ? key : keptKey);
    update();
  }

  for (const map of maps) {
    const { canvas } = map;
    /** @param {PointerEvent | MouseEvent} event @returns {[number, number]} */
    const at = (event) => [
      clamp(Math.floor((event.offsetY / canvas.clientHeight) * height), height),
      clamp(Math.floor((event.offsetX / canvas.clientWidth) * width), width),
    ];
    canvas.addEventListener("pointermove", (event) => show(...at(event)));
    canvas.addEventListener("pointerdown", (event) => show(...at(event)));
    canvas.addEventListener("click", (event) => {
      if (!many) pin(...at(event), true);
    });
    canvas.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse" && !(document.activeElement === canvas && canvas.matches(":focus-visible"))) clear();
    });
    canvas.addEventListener("focus", () => {
      if (query < 0 && canvas.matches(":focus-visible")) show(...largest(map));
    });
    canvas.addEventListener("blur", clear);
    canvas.addEventListener("keydown", (event) => {
      const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      const end = { Home: 0, End: width - 1 }[event.key];
      const keep = { Enter: true, " ": true, Escape: false }[event.key];
      if ((!move && end === undefined && keep === undefined) || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      if (keep !== undefined) {
        if (keep && (query < 0 || key < 0)) show(...largest(map));
        if (!many) pin(keep ? query : -1, keep ? key : -1, keep);
      } else if (query < 0 || key < 0) show(...largest(map));
      else if (move) show(clamp(query + move[0], height), clamp(key + move[1], width));
      else show(query, /** @type {number} */ (end));
    });
  }
  addEventListener("resize", () => {
    fit();
    mark();
  });
  repaint();
  root.dataset.ready = "";
  return { root, maps, rows, columns, repaint, pin: (q, k) => pin(q, k, false) };
}

/** Where the keyboard begins: the last token's largest weight. @param {Drawn} map @returns {[number, number]} */
function largest(map) {
  const { rows, columns, weights } = map.shown;
  const row = weights.subarray(columns * (rows - 1), columns * rows);
  return [rows - 1, row.indexOf(Math.max(...row))];
}
