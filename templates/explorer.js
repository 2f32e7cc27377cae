// Every head of a model in a table: sorted, filtered, with columns of one's choice; all of it in the address.
"use strict";

(async () => {
  /**
   * @typedef {{hue: string, probe: string, unit: string, chance: number | null, score: (number | null)[]}} Scores
   * @typedef {{model: string, heads: string[], labels: [string, number | null][][], patterns: Record<string, Scores>}} Heads
   */
  const form = /** @type {HTMLFormElement} */ (document.querySelector(".explorer-controls"));
  const table = /** @type {HTMLTableElement} */ (document.querySelector(".explorer"));
  const readout = /** @type {HTMLElement} */ (document.getElementById("explorer-readout"));
  const slug = form.dataset.slug;
  /** @type {Heads} */
  const data = await dataFile(`${slug} heads`, "data/heads.js");
  /** @type {string[]} */
  const startColumns = pageData("explorer-data").columns;
  const STEP = 300; // rows drawn at a time
  const layers = data.heads.map((name) => Number(/** @type {RegExpMatchArray} */ (name.match(/\d+/))[0]));
  const texts = data.heads.map((name, i) =>
    `${name} ${data.labels[i].map(([label]) => inWords(label)).join(" ")}`.toLowerCase(),
  );

  const state = { columns: startColumns, sort: "head", down: false, least: /** @type {Record<string, number>} */ ({}), most: /** @type {Record<string, number>} */ ({}) };
  /** @type {number[]} */
  let shown = [];
  let drawn = 0;

  /** @param {string} name */
  const control = (name) => /** @type {HTMLInputElement | HTMLSelectElement} */ (form.elements.namedItem(name));
  /** @param {string} column @param {number} i */
  const value = (column, i) => {
    const stored = data.patterns[column]?.score[i];
    return stored === null || stored === undefined ? null : stored / 1000;
  };

  function choose() {
    const words = control("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const label = control("label").value;
    const number = (/** @type {string} */ name, /** @type {number} */ otherwise) => (control(name).value === "" ? otherwise : Number(control(name).value));
    const [from, to] = [number("from", 0), number("to", Infinity)];
    // A word that is a layer or a head is that one, not all that begin with it.
    const meets = (/** @type {string} */ word, /** @type {number} */ i) =>
      /^[ledxv]\d+$/.test(word) ? texts[i].startsWith(`${word}h`) : /^[ledxv]\d+h\d+$/.test(word) ? texts[i].startsWith(`${word} `) : texts[i].includes(word);
    shown = data.heads.map((_, i) => i).filter((i) => {
      if (!words.every((word) => meets(word, i))) return false;
      if (label === "-" ? data.labels[i].length : label && !data.labels[i].some(([one]) => one === label)) return false;
      if (layers[i] < from || layers[i] > to) return false;
      return state.columns.every((column) => {
        const [least, most, one] = [state.least[column], state.most[column], value(column, i)];
        if (least === undefined && most === undefined) return true;
        return one !== null && one >= (least ?? -Infinity) && one <= (most ?? Infinity);
      });
    });
    const confidence = (/** @type {number} */ i) => data.labels[i][0]?.[1] ?? -1;
    const rank = (/** @type {number} */ i) => (state.sort === "labels" ? confidence(i) : (value(state.sort, i) ?? -Infinity));
    if (state.sort !== "head") shown.sort((a, b) => rank(a) - rank(b) || b - a);
    if (state.down) shown.reverse();
  }

  /** @param {string} name @param {string} text @param {boolean} number */
  function heading(name, text, number) {
    const cell = element("th");
    cell.scope = "col";
    if (number) cell.className = "n";
    const sorted = state.sort === name;
    if (sorted) cell.setAttribute("aria-sort", state.down ? "descending" : "ascending");
    const button = element("button", text + (sorted ? (state.down ? " ↓" : " ↑") : ""));
    button.type = "button";
    button.dataset.sort = name;
    cell.append(button);
    return cell;
  }

  /** @param {string} column @param {"least" | "most"} end */
  function bound(column, end) {
    const input = element("input");
    input.type = "number";
    input.step = "any";
    input.placeholder = end === "least" ? "from" : "to";
    input.value = String(state[end][column] ?? "");
    input.setAttribute("aria-label", `${inWords(column)}, ${end === "least" ? "least" : "largest"} value`);
    input.addEventListener("input", () => {
      if (input.value === "") delete state[end][column];
      else state[end][column] = Number(input.value);
      refresh();
    });
    return input;
  }

  function drawHead() {
    const first = element("tr");
    first.append(heading("head", "Head", false), heading("labels", "Labels", false));
    const second = element("tr", "", "bounds");
    second.append(element("td"), element("td"));
    for (const column of state.columns) {
      const cell = heading(column, inWords(column), true);
      cell.title = `${inWords(data.patterns[column].probe)}, ${data.patterns[column].unit}`;
      first.append(cell);
      const bounds = element("td", "", "n");
      const away = element("button", "×", "remove");
      away.type = "button";
      away.setAttribute("aria-label", `Remove ${inWords(column)}`);
      away.addEventListener("click", () => {
        state.columns = state.columns.filter((one) => one !== column);
        delete state.least[column];
        delete state.most[column];
        drawHead();
        refresh();
      });
      bounds.append(bound(column, "least"), bound(column, "most"), away);
      second.append(bounds);
    }
    table.tHead?.replaceChildren(first, second);
  }

  /** @param {number} i */
  function row(i) {
    const line = element("tr");
    const name = element("th");
    name.scope = "row";
    const link = element("a", data.heads[i]);
    link.href = `heads/${data.heads[i]}.html`;
    name.append(link);
    const cell = element("td", data.labels[i].length ? "" : "–");
    const chips = element("ul", "", "chips");
    for (const [label, confidence] of data.labels[i]) {
      const chip = element("li", inWords(label), `chip ${data.patterns[label]?.hue ?? "f-other"}`);
      if (confidence !== null) chip.append(" ", element("b", Math.min(confidence, 0.99).toFixed(2).slice(1)));
      chips.append(chip);
    }
    if (data.labels[i].length) cell.append(chips);
    line.append(name, cell);
    for (const column of state.columns) {
      const one = value(column, i);
      const number = element("td", threeDigits(one), `n score ${data.patterns[column].hue}`);
      if (one !== null && one <= 1) number.classList.add(`v${Math.round(60 * Math.max(one, 0))}`);
      line.append(number);
    }
    return line;
  }

  function drawMore() {
    const rows = shown.slice(drawn, drawn + STEP).map(row);
    drawn += rows.length;
    table.tBodies[0].append(...rows);
  }

  function refresh() {
    choose();
    table.tBodies[0].replaceChildren();
    drawn = 0;
    drawMore();
    readout.textContent = `${shown.length.toLocaleString("en")} of ${data.heads.length.toLocaleString("en")} heads`;
    const range = (/** @type {string} */ column) => `${column}:${state.least[column] ?? ""}:${state.most[column] ?? ""}`;
    const bounded = state.columns.filter((column) => column in state.least || column in state.most);
    setAddress("", {
      text: control("text").value,
      label: control("label").value,
      from: control("from").value,
      to: control("to").value,
      sort: state.sort === "head" && !state.down ? "" : (state.down ? "-" : "") + state.sort,
      columns: state.columns.join() === startColumns.join() ? "" : state.columns.join() || "none",
      range: bounded.map(range).join(),
    });
  }

  function fromAddress() {
    const { choices } = address();
    for (const name of ["text", "label", "from", "to"]) control(name).value = choices.get(name) ?? "";
    const columns = choices.get("columns");
    state.columns = columns ? columns.split(",").filter((one) => one in data.patterns) : startColumns;
    const sort = choices.get("sort") ?? "head";
    state.down = sort.startsWith("-");
    state.sort = sort.replace(/^-/, "");
    [state.least, state.most] = [{}, {}];
    for (const one of (choices.get("range") ?? "").split(",").filter(Boolean)) {
      const [column, least, most] = one.split(":");
      if (least) state.least[column] = Number(least);
      if (most) state.most[column] = Number(most);
    }
    drawHead();
    refresh();
  }

  function csv() {
    const quoted = (/** @type {string} */ text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    const lines = [["model", "head", "labels", ...state.columns]];
    for (const i of shown) {
      const labels = data.labels[i].map(([label, confidence]) => (confidence === null ? label : `${label} ${confidence}`)).join("; ");
      lines.push([data.model, data.heads[i], labels, ...state.columns.map((column) => String(value(column, i) ?? ""))]);
    }
    const text = lines.map((line) => line.map(quoted).join(",")).join("\n") + "\n";
    download(new Blob([text], { type: "text/csv" }), `${slug}-heads.csv`);
  }

  table.tHead?.addEventListener("click", (event) => {
    const name = event.target instanceof HTMLElement ? event.target.dataset.sort : undefined;
    if (!name) return;
    // Heads run from the first, numbers from the largest; a second click turns it round.
    state.down = state.sort === name ? !state.down : name !== "head";
    state.sort = name;
    drawHead();
    refresh();
    /** @type {HTMLElement | null | undefined} */ (table.tHead?.querySelector(`[data-sort="${name}"]`))?.focus();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    if (event.target === control("column")) {
      const column = control("column").value;
      control("column").value = "";
      if (column && !state.columns.includes(column)) state.columns = [...state.columns, column];
      drawHead();
    }
    refresh();
  });
  form.querySelector("[data-csv]")?.addEventListener("click", csv);
  addEventListener("hashchange", fromAddress);
  const end = element("div");
  table.parentElement?.after(end);
  new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting) && drawn < shown.length) drawMore();
  }, { rootMargin: "1500px" }).observe(end);
  fromAddress();
  table.dataset.ready = "";
})();
