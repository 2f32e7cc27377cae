// The mosaic of a model: coloured by the pattern, probe and kind of score one picks; the choice is in the address.
"use strict";

(() => {
  /**
   * Scores of all heads in thousandths, in the order of the cells.
   * @typedef {{score: (number | null)[], sinkfree: (number | null)[], chance: number | null, top: number}} Measured
   * @typedef {{hue: string, summary: string, unit: string, probes: Record<string, Measured>}} Pattern
   * @typedef {{pattern: string, probe: string, patterns: Record<string, Pattern>}} Data
   */

  /** @type {Data} */
  const data = JSON.parse(document.getElementById("mosaic-data")?.textContent ?? "{}");
  const form = /** @type {HTMLFormElement} */ (document.querySelector("form.controls"));
  const readout = /** @type {HTMLElement} */ (document.getElementById("mosaic-readout"));
  const tables = /** @type {HTMLTableElement[]} */ (Array.from(document.querySelectorAll("[data-mosaic]")));
  const cells = /** @type {HTMLAnchorElement[]} */ (tables.flatMap((table) => Array.from(table.querySelectorAll("td a"))));
  const names = cells.map((cell) => /** @type {string} */ (cell.getAttribute("href")).replace(/^heads\/|\.html$/g, ""));
  const minis = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("[data-pattern]"));
  const legend = /** @type {HTMLElement} */ (document.querySelector(".legend"));
  if (!data.pattern || !cells.length) return;

  /** @param {string} name */
  const control = (name) => /** @type {HTMLSelectElement} */ (form.elements.namedItem(name));
  const starts = { pattern: data.pattern, value: "score", scale: "full" };
  /** @param {string} name */
  const words = (name) => name.replaceAll("_", " ");

  /** @param {number | null} value */
  function twoDigits(value) {
    if (value === null) return "–";
    if (Math.abs(value) >= 9.95) return value.toFixed(0);
    if (Math.abs(value) > 1) return value.toFixed(1);
    return value.toFixed(2).replace("1.00", "1").replace("0.", ".");
  }

  /** @param {number | null} value */
  const threeDigits = (value) => (value === null ? "none" : value.toFixed(Math.abs(value) < 10 ? 3 : 1));

  function chosen() {
    const pattern = data.patterns[control("pattern").value];
    const measured = pattern.probes[control("probe").value];
    const values = control("value").value === "sinkfree" ? measured.sinkfree : measured.score;
    const known = /** @type {number[]} */ (values.filter((value) => value !== null));
    const fit = control("scale").value === "fit" && known.length > 0;
    const top = fit ? Math.max(...known, 1) / 1000 : measured.top;
    return { pattern, measured, values, top };
  }

  /** @param {(number | null)[]} values @param {number} top */
  function paintCells(values, top) {
    cells.forEach((cell, i) => {
      const stored = values[i];
      const value = stored === null || stored === undefined ? null : stored / 1000;
      const text = twoDigits(value);
      cell.className = value === null ? "none" : `v${Math.round(100 * Math.min(Math.max(value / top, 0), 1))}`;
      if (cell.textContent !== text) cell.textContent = text;
      cell.setAttribute("aria-label", `${names[i]} ${text}`);
    });
  }

  let painted = `${data.pattern} ${data.probe} ${starts.value} ${starts.scale}`; // as the page came
  function paint() {
    const { pattern, measured, values, top } = chosen();
    const wanted = ["pattern", "probe", "value", "scale"].map((name) => control(name).value).join(" ");
    if (wanted !== painted) paintCells(values, top);
    painted = wanted;
    for (const hued of [legend, ...tables]) {
      hued.className = hued.className.replace(/\bf-[a-z-]+/, pattern.hue);
    }
    document.querySelectorAll("[data-ticks] li").forEach((tick, i) => {
      tick.textContent = String(Number(((top * i) / 4).toPrecision(3)));
    });
    const mark = measured.chance === null ? null : Math.min(measured.chance / top, 1) * 100;
    document.querySelector("[data-chance-mark]")?.setAttribute("d", mark === null ? "" : `M${mark.toFixed(2)} 0V6`);
    /** @type {[string, string][]} */
    const captions = [
      ["[data-caption-pattern]", words(control("pattern").value)],
      ["[data-caption-probe]", words(control("probe").value) + (control("value").value === "sinkfree" ? ", sink-free" : "")],
    ];
    for (const [where, text] of captions) {
      const place = document.querySelector(where);
      if (place) place.textContent = text;
    }
    minis.forEach((mini) => {
      if (mini.dataset.pattern === control("pattern").value) mini.setAttribute("aria-current", "true");
      else mini.removeAttribute("aria-current");
    });
    summarise();
  }

  function summarise() {
    const { pattern } = chosen();
    const name = document.createElement("b");
    name.textContent = words(control("pattern").value);
    readout.replaceChildren(name, `: ${pattern.summary}`);
  }

  /** @param {number} i */
  function describe(i) {
    const { pattern, measured } = chosen();
    const thousandths = (/** @type {(number | null)[]} */ list) => (list[i] === null ? null : /** @type {number} */ (list[i]) / 1000);
    const name = document.createElement("b");
    name.textContent = names[i];
    const score = threeDigits(thousandths(measured.score)) + (measured.top > 1 ? ` ${pattern.unit}` : "");
    const rest = [`${words(control("pattern").value)} ${score}`, `sink-free ${threeDigits(thousandths(measured.sinkfree))}`];
    if (measured.chance !== null) rest.push(`chance ${threeDigits(measured.chance)}`);
    readout.replaceChildren(name, ` ${rest.join(" · ")}`);
  }

  /** Offers only probes that the pattern was measured on. @param {string | null} wanted */
  function offerProbes(wanted) {
    const { probes } = data.patterns[control("pattern").value];
    for (const option of Array.from(control("probe").options)) option.disabled = !(option.value in probes);
    // The first is the one the pattern is meant to be read on.
    control("probe").value = wanted !== null && wanted in probes ? wanted : Object.keys(probes)[0];
  }

  function fromAddress() {
    const wanted = new URLSearchParams(location.hash.slice(1));
    const pattern = wanted.get("pattern");
    control("pattern").value = pattern !== null && pattern in data.patterns ? pattern : starts.pattern;
    offerProbes(wanted.get("probe"));
    control("value").value = wanted.get("value") === "sinkfree" ? "sinkfree" : starts.value;
    control("scale").value = wanted.get("scale") === "fit" ? "fit" : starts.scale;
    paint();
  }

  function toAddress() {
    const state = new URLSearchParams({ pattern: control("pattern").value, probe: control("probe").value });
    for (const name of /** @type {const} */ (["value", "scale"])) {
      if (control(name).value !== starts[name]) state.set(name, control(name).value);
    }
    history.replaceState(null, "", `#${state}`);
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", (event) => {
    if (event.target === control("pattern")) offerProbes(null);
    paint();
    toAddress();
  });
  addEventListener("hashchange", () => {
    // An address of a section is not a choice.
    if (!location.hash || location.hash.includes("=")) fromAddress();
  });
  minis.forEach((mini) =>
    mini.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      control("pattern").value = /** @type {string} */ (mini.dataset.pattern);
      offerProbes(null);
      paint();
      toAddress();
    }),
  );

  // One stop of the tab key for each mosaic; arrow keys move inside.
  let offset = 0;
  for (const table of tables) {
    const rows = Array.from(table.tBodies[0].rows, (row) => /** @type {HTMLAnchorElement[]} */ (Array.from(row.querySelectorAll("a"))));
    const first = offset;
    const inside = rows.flatMap((row) => row.slice(1));
    offset += inside.length;
    rows.flat().forEach((link) => (link.tabIndex = -1));
    const home = inside[0] ?? rows[0]?.[0];
    if (home) home.tabIndex = 0;
    table.addEventListener("keydown", (event) => {
      const at = /** @type {HTMLAnchorElement} */ (event.target);
      const y = rows.findIndex((row) => row.includes(at));
      if (y < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
      const x = rows[y].indexOf(at);
      /** @type {Record<string, [number, number]>} */
      const moves = {
        ArrowUp: [y - 1, x], ArrowDown: [y + 1, x], ArrowLeft: [y, x - 1], ArrowRight: [y, x + 1],
        Home: [y, 0], End: [y, rows[y].length - 1], PageUp: [0, x], PageDown: [rows.length - 1, x],
      };
      if (!(event.key in moves)) return;
      event.preventDefault();
      const [toY, toX] = moves[event.key];
      const row = rows[Math.min(Math.max(toY, 0), rows.length - 1)];
      row[Math.min(Math.max(toX, 0), row.length - 1)].focus();
    });
    let stop = home;
    table.addEventListener("focusin", (event) => {
      if (!(event.target instanceof HTMLAnchorElement)) return;
      if (stop) stop.tabIndex = -1;
      stop = event.target;
      stop.tabIndex = 0;
      const i = inside.indexOf(/** @type {HTMLAnchorElement} */ (event.target));
      if (i >= 0) describe(first + i);
    });
    table.addEventListener("pointerover", (event) => {
      const i = inside.indexOf(/** @type {HTMLAnchorElement} */ (event.target));
      if (i >= 0) describe(first + i);
    });
    table.addEventListener("pointerleave", summarise);
  }

  document.querySelectorAll("[data-needs-script]").forEach((one) => one.removeAttribute("hidden"));
  fromAddress();
})();
