// The mosaic of a model: coloured by label, or by the pattern, probe and kind of score one picks; the choice is in the
// address.
"use strict";

(() => {
  /**
   * Scores of all heads in thousandths, in the order of the cells.
   * @typedef {{score: (number | null)[], sinkfree: (number | null)[], chance: number | null, top: number}} Measured
   * @typedef {{name: string, hue: string, summary: string, unit: string, probes: Record<string, Measured>}} Pattern
   * @typedef {{text: string, code: string, hue: string, summary: string}} Label
   * @typedef {{chosen: string, labels: Label[], files: Record<string, string>, dots: Record<string, string>}} Data
   */

  /** @type {Data} */
  const data = pageData("mosaic-data");
  const plate = /** @type {HTMLElement} */ (document.querySelector("[data-slug]"));
  const form = /** @type {HTMLFormElement} */ (document.querySelector("form.controls"));
  const readout = /** @type {HTMLElement} */ (document.getElementById("mosaic-readout"));
  const hint = Array.from(readout.childNodes);
  const caption = /** @type {HTMLElement} */ (document.querySelector("[data-caption]"));
  const labelCaption = Array.from(caption.childNodes);
  const tables = /** @type {HTMLTableElement[]} */ (Array.from(document.querySelectorAll("[data-mosaic]")));
  const cells = /** @type {HTMLAnchorElement[]} */ (tables.flatMap((table) => Array.from(table.querySelectorAll("td a"))));
  const names = cells.map((cell) => /** @type {string} */ (cell.getAttribute("href")).replace(/^heads\/|\.html$/g, ""));
  const said = cells.map((cell) => cell.getAttribute("aria-label") ?? "");
  /** Labels of each head and how strong they are, in percent, the strongest claim first. @type {[number, number][][]} */
  const labels = cells.map((cell) =>
    (cell.dataset.labels ?? "").split(" ").filter(Boolean).map((one) => /** @type {[number, number]} */ (one.split(":").map(Number))),
  );
  const minis = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("[data-pattern]"));
  const keys = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("[data-label]"));
  const legend = /** @type {HTMLElement} */ (document.querySelector("[data-score-legend]"));
  if (!cells.length) return;

  /** @param {string} name */
  const control = (name) => /** @type {HTMLSelectElement} */ (form.elements.namedItem(name));
  const starts = { pattern: data.chosen, value: "score", scale: "full" };
  /** @type {Pattern | null} */
  let pattern = null; // null: coloured by label
  let filter = -1; // the label whose heads alone are shown

  /** @param {number | null} value */
  function twoDigits(value) {
    if (value === null) return "–";
    if (Math.abs(value) >= 9.95) return value.toFixed(0);
    if (Math.abs(value) > 1) return value.toFixed(1);
    return value.toFixed(2).replace("1.00", "1").replace("0.", ".");
  }

  /** @param {Pattern} one */
  function measured(one) {
    const found = one.probes[control("probe").value];
    const values = control("value").value === "sinkfree" ? found.sinkfree : found.score;
    const known = /** @type {number[]} */ (values.filter((value) => value !== null));
    const fit = control("scale").value === "fit" && known.length > 0;
    return { ...found, values, top: fit ? Math.max(...known, 1) / 1000 : found.top };
  }

  function paintLabels() {
    cells.forEach((cell, i) => {
      const own = filter < 0 ? labels[i][0] : labels[i].find(([number]) => number === filter);
      cell.className = own ? `${data.labels[own[0]].hue} v${own[1]}` : "v0";
      cell.textContent = own ? data.labels[own[0]].code : "";
      cell.setAttribute("aria-label", said[i]);
    });
  }

  /** @param {Pattern} one */
  function paintScores(one) {
    const { values, top } = measured(one);
    cells.forEach((cell, i) => {
      const stored = values[i];
      const value = stored === null || stored === undefined ? null : stored / 1000;
      const text = twoDigits(value);
      const hidden = filter >= 0 && !labels[i].some(([number]) => number === filter);
      cell.className = value === null ? "none" : `v${Math.round(100 * Math.min(Math.max(value / top, 0), 1))}${hidden ? " dim" : ""}`;
      cell.textContent = text;
      cell.setAttribute("aria-label", `${names[i]} ${text}`);
    });
  }

  let painted = `${data.chosen} ${starts.value} ${starts.scale} -1`; // as the page came
  function paint() {
    const wanted = [pattern ? `${pattern.name} ${control("probe").value}` : "", control("value").value, control("scale").value, filter].join(" ");
    if (wanted !== painted) {
      if (pattern) paintScores(pattern);
      else paintLabels();
    }
    painted = wanted;
    form.querySelectorAll("[data-of-scores]").forEach((one) => one.toggleAttribute("hidden", !pattern));
    legend.hidden = !pattern;
    for (const hued of [legend, ...tables]) {
      hued.className = hued.className.replace(/\s*\bf-[a-z-]+/, "");
      if (pattern) hued.classList.add(pattern.hue);
    }
    keys.forEach((one) => {
      if (Number(one.dataset.label) === filter) one.setAttribute("aria-current", "true");
      else one.removeAttribute("aria-current");
    });
    minis.forEach((mini) => {
      if (pattern && mini.dataset.pattern === pattern.name) mini.setAttribute("aria-current", "true");
      else mini.removeAttribute("aria-current");
    });
    document.dispatchEvent(new CustomEvent("labelfilter", { detail: filter }));
    if (pattern) explain(pattern);
    else caption.replaceChildren(...labelCaption);
    summarise();
  }

  /** @param {Pattern} one */
  function explain(one) {
    const { top, chance } = measured(one);
    document.querySelectorAll("[data-ticks] li").forEach((tick, i) => {
      tick.textContent = String(Number(((top * i) / 4).toPrecision(3)));
    });
    const mark = chance === null ? null : Math.min(chance / top, 1) * 100;
    document.querySelector("[data-chance-mark]")?.setAttribute("d", mark === null ? "" : `M${mark.toFixed(2)} 0V6`);
    const probe = inWords(control("probe").value) + (control("value").value === "sinkfree" ? ", sink-free" : "");
    const link = element("a", inWords(one.name));
    link.href = `../patterns/${data.files[one.name]}.html`;
    const chanceText = chance === null ? "" : " The mark under the scale is chance: what evenly spread attention scores.";
    caption.replaceChildren(link, ` on ${probe}. Rows are layers, columns are heads; each cell is a head's score and leads to the head.${chanceText}`);
  }

  function summarise() {
    if (pattern) readout.replaceChildren(element("b", inWords(pattern.name)), `: ${pattern.summary}`);
    else if (filter >= 0) readout.replaceChildren(element("b", data.labels[filter].text), `: ${data.labels[filter].summary}`);
    else readout.replaceChildren(...hint);
  }

  /** @param {number} i */
  function describe(i) {
    const name = element("b", names[i]);
    document.dispatchEvent(new CustomEvent("headpointed", { detail: names[i] }));
    if (!pattern) {
      const found = labels[i].map(([number, percent]) => `${data.labels[number].text} ${(percent / 100).toFixed(2)}`);
      readout.replaceChildren(name, ` ${found.join(" · ") || "no label"}`);
      return;
    }
    const { score, sinkfree, chance, top } = measured(pattern);
    const thousandths = (/** @type {(number | null)[]} */ list) => (list[i] === null ? null : /** @type {number} */ (list[i]) / 1000);
    const unit = top > 1 ? ` ${pattern.unit}` : "";
    const rest = [`${inWords(pattern.name)} ${threeDigits(thousandths(score))}${unit}`];
    rest.push(`sink-free ${sinkfree[i] === null ? "none" : threeDigits(thousandths(sinkfree))}`);
    if (chance !== null) rest.push(`chance ${threeDigits(chance)}`);
    readout.replaceChildren(name, ` ${rest.join(" · ")}`);
  }

  /** Colours by a pattern, or by label for "". @param {string} name @param {string | null} probe */
  async function choosePattern(name, probe) {
    control("pattern").value = name;
    const file = data.files[name];
    const loaded = name ? await dataFile(`${plate.dataset.slug} pattern ${file}`, `data/pattern-${file}.js`) : null;
    if (control("pattern").value !== name) return; // another was chosen meanwhile
    pattern = loaded;
    if (pattern) {
      // Only probes that the pattern was measured on; the first is the one it is meant to be read on.
      const { probes } = pattern;
      for (const option of Array.from(control("probe").options)) option.disabled = !(option.value in probes);
      control("probe").value = probe !== null && probe in probes ? probe : Object.keys(probes)[0];
    }
    paint();
    plate.dataset.shown = name;
  }

  function fromAddress() {
    const { choices } = address();
    const wanted = choices.get("pattern");
    control("value").value = choices.get("value") === "sinkfree" ? "sinkfree" : starts.value;
    control("scale").value = choices.get("scale") === "fit" ? "fit" : starts.scale;
    filter = data.labels.findIndex((one) => one.text === inWords(choices.get("label") ?? "-"));
    return choosePattern(wanted !== null && wanted in data.files ? wanted : starts.pattern, choices.get("probe"));
  }

  function toAddress() {
    const scores = pattern ? { pattern: pattern.name, probe: control("probe").value } : { pattern: "", probe: "" };
    const value = pattern && control("value").value !== starts.value ? control("value").value : "";
    const scale = pattern && control("scale").value !== starts.scale ? control("scale").value : "";
    setAddress("", { ...scores, value, scale, label: filter < 0 ? "" : data.labels[filter].text.replaceAll(" ", "_") });
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", async (event) => {
    if (event.target === control("pattern")) await choosePattern(control("pattern").value, null);
    else paint();
    toAddress();
  });
  form.addEventListener("click", (event) => {
    const kind = event.target instanceof HTMLElement ? event.target.dataset.save : undefined;
    if (!kind) return;
    const what = pattern ? `${inWords(pattern.name)} on ${inWords(control("probe").value)}` : "labels";
    const title = `${document.querySelector("h1")?.textContent}: ${what}`;
    void savePicture(mosaicPicture(tables, title), title.replace(/[^\p{L}\p{N}.]+/gu, "-"), kind);
  });
  addEventListener("hashchange", () => {
    // An address of a section is not a choice.
    if (!address().anchor) void fromAddress();
  });
  minis.forEach((mini) =>
    mini.addEventListener("click", async (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      await choosePattern(/** @type {string} */ (mini.dataset.pattern), null);
      toAddress();
      plate.scrollIntoView();
    }),
  );
  keys.forEach((one) =>
    one.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      filter = Number(one.dataset.label) === filter ? -1 : Number(one.dataset.label);
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

  void fromAddress();
})();
