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
  function drawing(tag, attributes = {}, text2 = "") {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
    if (text2) made.textContent = text2;
    return made;
  }
  function surface(canvas, { read = false } = {}) {
    return (
      /** @type {CanvasRenderingContext2D} */
      canvas.getContext("2d", read ? { willReadFrequently: true } : void 0)
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
  function markCurrent(links, isCurrent) {
    for (const link of links) {
      if (isCurrent(link)) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }
  var hasModifier = (event) => event.altKey || event.ctrlKey || event.metaKey;
  function revealControls() {
    for (const hidden of document.querySelectorAll("[data-needs-script]")) hidden.removeAttribute("hidden");
  }

  // templates/js/text.js
  var inWords = (name) => name.replaceAll("_", " ");
  function threeDigits(value) {
    if (value === null || value === void 0) return "–";
    return value.toFixed(Math.abs(value) < 10 ? 3 : 1);
  }
  var inThousands = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
  var fileName = (title) => title.replace(/[^\p{L}\p{N}.]+/gu, "-");

  // templates/js/distance_chart.js
  var [WIDTH, HEIGHT] = [420, 150];
  var MARKS = [-64, -16, -4, -1, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256];
  var OFF_SINK = "Share of the attention that goes to the key that many tokens back (square-root axis), over the queries\
 of the sequences above that have one. The first position, special tokens, and others where the heads of the layer rest \
are left out.";
  var WHOLE = "Mean attention on the key that many tokens back (square-root axis), the sink among them.";
  function drawDistances(section, distances) {
    if (!distances) return section.append(element("p", "The scan kept no attention by distance."));
    const { curves, peaks, off_sink } = distances;
    const own = inWords(curves[0][0]);
    const most = (digits) => peaks.map(
      ([back, stored]) => `${back} back (${digits === 3 ? threeDigits(stored / 1e3) : (stored / 1e3).toFixed(digits)})`
    ).join(", ");
    const others = curves.length > 1 ? "; grey: the other probes" : "";
    const caption = `${off_sink ? OFF_SINK : WHOLE} Dark: ${own}${others}. There most at ${most(2)}.`;
    section.append(
      chartOf(distances, `Attention by distance. On ${own} most at ${most(3)}.`),
      element("p", caption, "caption")
    );
  }
  function chartOf({ curves, ticks }, said) {
    const first = Math.min(...curves.map(([, start]) => start));
    const last = Math.max(...curves.map(([, start, points]) => start + points.length - 1));
    const root = (distance) => Math.sign(distance) * Math.sqrt(Math.abs(distance));
    const across = (distance) => Math.round(10 * WIDTH * (root(distance) - root(first)) / (root(last) - root(first))) / 10;
    const chart = drawing("svg", {
      class: "chart distance-chart",
      viewBox: `-34 -8 ${WIDTH + 44} ${HEIGHT + 36}`,
      role: "img",
      "aria-label": said
    });
    chart.append(drawing("path", { class: "frame", d: `M0 0V${HEIGHT}H${WIDTH}` }));
    ticks.forEach((text2, i) => {
      chart.append(drawing("text", { class: "y", x: -5, y: HEIGHT * (1 - i / (ticks.length - 1)) }, text2));
    });
    for (const mark of MARKS.filter((distance) => first <= distance && distance <= last)) {
      chart.append(drawing("path", { class: "tick", d: `M${across(mark)} ${HEIGHT}v4` }));
      chart.append(drawing("text", { class: "x", x: across(mark), y: HEIGHT + 16 }, String(mark)));
    }
    const [own, ...others] = curves.map(([probe, start, points]) => {
      const line = points.map((down, i) => `${Math.round(across(start + i))} ${down}`).join("L");
      return { probe: inWords(probe), line: `M${line}` };
    });
    for (const { probe, line } of others) chart.append(curve("other", probe, line));
    chart.append(curve("own", own.probe, own.line));
    return chart;
  }
  function curve(className, probe, line) {
    const path = drawing("path", { class: className, d: line });
    path.append(drawing("title", {}, probe));
    return path;
  }

  // templates/js/evidence_table.js
  var COLUMNS = 7;
  var HEADINGS = ["Evidence", "Probe", "Among all heads", "Value", "95% interval", "More than", "Model's own"];
  var CAPTION = "Dot: value; bar: interval; pale band: the middle 90% of all heads. Estimate: to first order, since it p\
romised to be small. Of weights, more than means a smaller value. A head whose work others can do is not missed when it \
alone is taken out.";
  function drawEvidence(table, { lines: lines2, heads }) {
    const of = heads[String(table.dataset.evidence)];
    if (!of) return;
    const bases = /* @__PURE__ */ new Map();
    of.line.forEach((number2, i) => {
      const [basis, , type] = lines2[number2];
      const types = bases.get(basis) ?? /* @__PURE__ */ new Map();
      types.set(type, [...types.get(type) ?? [], i]);
      bases.set(basis, types);
    });
    const bodies = Array.from(bases, ([basis, types]) => {
      const body = element("tbody");
      body.append(basisRow(basis));
      for (const rows of types.values())
        body.append(...rows.map((i, at) => row(lines2[of.line[i]], of, i, at ? 0 : rows.length)));
      return body;
    });
    table.replaceChildren(headings(), ...bodies);
    table.closest(".scroll")?.after(element("p", CAPTION, "caption"));
  }
  function headings() {
    const head = element("thead");
    const row3 = element("tr");
    for (const [i, text2] of HEADINGS.entries()) {
      const cell = element("th", text2, i > 2 ? "n" : "");
      cell.scope = "col";
      row3.append(cell);
    }
    head.append(row3);
    return head;
  }
  function basisRow(basis) {
    const [row3, cell] = [element("tr"), element("th", basis)];
    cell.scope = "rowgroup";
    cell.colSpan = COLUMNS;
    row3.append(cell);
    return row3;
  }
  function row([, title, type, unit, probe, band], of, i, spans) {
    const made = element("tr");
    if (spans) {
      const name = element("th", `${title} `);
      [name.scope, name.rowSpan, name.title] = ["row", spans, type];
      name.append(element("span", unit, "soft"));
      made.append(name);
    }
    const strip = element("td");
    if (band) strip.append(stripOf(`${band} ${of.strip[i]}`));
    const estimated = Boolean(of.estimated[i]);
    const known = of.low[i] !== null && of.high[i] !== null;
    const interval = known ? `${printed(of.low[i])} to ${printed(of.high[i])}` : "–";
    const cells = [
      `${estimated ? "about " : ""}${printed(of.value[i])}`,
      estimated ? "estimate" : interval,
      of.rank[i] || "–",
      printed(of.intact[i])
    ];
    made.append(element("td", inWords(probe) || "–"), strip, ...cells.map((text2) => element("td", text2)));
    return made;
  }
  var printed = (stored) => threeDigits(stored === null ? null : stored / 1e3);
  function stripOf(places) {
    const [band, zero, interval, at] = places.split(" ");
    const strip = drawing("svg", { class: "strip", "aria-hidden": "true" });
    strip.append(drawing("path", { class: "band", d: `M${band.replace("H", " 6H")}` }));
    if (zero !== "-") strip.append(drawing("path", { d: `M${zero} 0v12` }));
    if (interval !== "-") strip.append(drawing("path", { class: "ci", d: `M${interval.replace("H", " 6H")}` }));
    strip.append(drawing("path", { class: "at", d: `M${at} 6h0` }));
    return strip;
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
  function budgetsOf({ probes, parts, heads }, head) {
    return (heads[head] ?? []).map(([probe, ...numbers]) => {
      const shares = [];
      for (let i = 0; i < numbers.length; i += 2) shares.push([...parts[numbers[i]], numbers[i + 1]]);
      return [...probes[probe], shares];
    });
  }
  var sequencesOf = ([numbers]) => numbers;
  function keptSequences(name) {
    const maps3 = layerFile()?.maps ?? {};
    if (name !== null) return [...maps3[name]?.[0] ?? []];
    return Array.from(new Set(Object.values(maps3).flatMap(sequencesOf)));
  }
  function keptHeads(number2, file = layerFile()) {
    const maps3 = Object.entries(file?.maps ?? {});
    return maps3.filter(([, kept]) => sequencesOf(kept).includes(number2)).map(([name]) => name);
  }
  var opened = /* @__PURE__ */ new Map();
  async function layerMap(name, number2, sizes2, file = (
    /** @type {LayerFile} */
    layerFile()
  )) {
    if (name === "mean")
      return meanOf(await Promise.all(keptHeads(number2, file).map((head) => layerMap(head, number2, sizes2, file))));
    const { causal, maps: maps3 } = file;
    const [numbers, packed] = maps3[name];
    if (!opened.has(packed)) opened.set(packed, unpacked(packed));
    const bytes = await /** @type {Promise<Uint8Array>} */
    opened.get(packed);
    const { rows, columns: columns2 } = sizes2[number2];
    const seen = (query, all2) => causal ? Math.min(query + 1, all2) : all2;
    let start = 0;
    for (const earlier of numbers.slice(0, numbers.indexOf(number2))) {
      for (let q = 0; q < sizes2[earlier].rows; q++) start += seen(q, sizes2[earlier].columns);
    }
    const weights = new Int16Array(rows * columns2).fill(-1);
    for (let q = 0; q < rows; q++) {
      const width = seen(q, columns2);
      const row3 = bytes.subarray(start, start + width);
      weights.set(row3, q * columns2);
      weights[q * columns2] = row3[0] + 255 - row3.subarray(1).reduce((sum, weight) => sum + weight, 0) & 255;
      start += width;
    }
    return { rows, columns: columns2, weights };
  }
  function meanOf(maps3) {
    const [{ rows, columns: columns2 }] = maps3;
    const weights = new Int16Array(rows * columns2);
    for (let i = 0; i < weights.length; i++) {
      const mean = maps3.reduce((sum, map) => sum + map.weights[i], 0) / maps3.length;
      const rounded = Math.round(mean);
      weights[i] = rounded - mean === 0.5 && rounded % 2 ? rounded - 1 : rounded;
    }
    return { rows, columns: columns2, weights };
  }

  // templates/js/near_heads.js
  var ROOT = "../../";
  var CAPTION2 = "The nearest heads of this atlas; a difference leads to both side by side. It is the distance of ";
  var MEASURE = ", a root mean square over all that both were measured on: scores above chance, and attention by distanc\
e.";
  function drawNearHeads(table, heads) {
    const labels2 = element("th", "Labels");
    labels2.scope = "col";
    need("thead th", table).after(labels2);
    all(HTMLTableRowElement, "tbody tr", table).forEach((row3, i) => {
      const [name, difference] = Array.from(row3.cells);
      const [map, chips] = heads[i];
      const link = (
        /** @type {HTMLAnchorElement} */
        need("a", name)
      );
      if (map) name.prepend(smallMap(map), " ");
      const cell = element("td");
      const list = element("ul", "", "chips");
      list.append(...chips.map(chipOf));
      if (chips.length) cell.append(list);
      name.after(cell);
      difference.replaceChildren(sideBySide(table, link, difference.textContent ?? ""));
    });
    const caption = element("p", CAPTION2, "caption");
    caption.append(element("code", "headatlas similar"), MEASURE);
    table.after(caption);
  }
  function sideBySide({ dataset }, near, difference) {
    const own = String(dataset.near);
    const [model, , name] = new URL(near.href).pathname.split("/").slice(-3);
    const other = `${decodeURIComponent(model)}/${name.replace(".html", "")}`;
    const link = linkTo(difference, `${ROOT}heads.html#a=${own}&b=${other}`);
    link.title = `${own.split("/")[1]} and ${near.textContent} side by side`;
    return link;
  }
  function smallMap([said, href, x, side, width]) {
    const box = { class: "small-map", width: side, height: side, viewBox: `${x} 0 ${side} ${side}` };
    const map = drawing("svg", { ...box, role: "img", "aria-label": said });
    map.append(drawing("image", { href: ROOT + href, width, height: side }));
    return map;
  }
  function chipOf([text2, strength2, hue, file, hint]) {
    const chip = element("li", "", `chip ${hue}`);
    if (hint) chip.title = hint;
    chip.append(file ? linkTo(text2, `${ROOT}patterns/${file}.html`) : text2);
    if (strength2) chip.append(" ", element("b", strength2));
    return chip;
  }

  // templates/js/table.js
  var NUMBER = /^[-–+\d.]+$/;
  function headingRow(cells) {
    const row3 = element("tr");
    row3.append(
      ...cells.map((content, i) => {
        const cell = heading(content, "col");
        if (typeof content === "string" && i > 0) cell.className = "n";
        return cell;
      })
    );
    return row3;
  }
  function tableRow([name, ...rest]) {
    const row3 = element("tr");
    row3.append(heading(name, "row"), ...rest.map(dataCell));
    return row3;
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

  // templates/js/reasons_table.js
  var HEADINGS2 = [
    "Label",
    "Confidence",
    "Score",
    "95% interval",
    "Two halves",
    "Chance",
    "Habit alone",
    "Wrong keys",
    "Explained",
    "Strength",
    "Holds",
    "Probe"
  ];
  var CAPTION3 = "A label claims that the head spends at least a quarter of the attention that it does not leave on the \
sink on the pattern's keys, for the pattern's own sake. Scores are shares of that attention. What other patterns and cha\
nce would put there anyway is taken off; what is left is the strength, as a share of all attention where the label holds\
 always. Habit alone: what the head's own distances, and the keys that it likes, would score. Wrong keys: what it would \
score if it looked at the right ones as at the wrong ones. ";
  var NAMED = 5;
  function drawReasons(fold, reasons) {
    const table = element("table", "", "data scores");
    const [head, row3] = [element("thead"), element("tr")];
    for (const [i, text2] of HEADINGS2.entries()) {
      const cell = element("th", text2, [0, 8, 10, 11].includes(i) ? "" : "n");
      cell.scope = "col";
      row3.append(cell);
    }
    head.append(row3);
    table.append(head, ...reasons.map(bodyOf));
    const scroll = element("div", "", "scroll");
    Object.assign(scroll, { role: "region", ariaLabel: "Table of reasons", tabIndex: 0 });
    scroll.append(table);
    const caption = element("p", CAPTION3, "caption");
    caption.append(linkTo("How confidence is calibrated", "../../methods.html#label"), ".");
    fold.append(scroll, caption);
  }
  function bodyOf([name, file, hue, confidence, numbers, explainer, strength2, basis, probe, probeFile]) {
    const [score, low, high, first, second, chance, habit, wrong, explained] = numbers.map(printed2);
    const most = explainer && (numbers[8] ?? 0) >= NAMED ? `, mostly ${inWords(explainer)}` : "";
    const body = element("tbody", "", hue);
    body.append(
      tableRow([
        file ? linkTo(inWords(name), `../../patterns/${file}.html`) : inWords(name),
        element("b", confidence || "–"),
        score,
        numbers[1] === null ? "–" : `${low}–${high}`,
        `${first}, ${second}`,
        chance,
        habit,
        wrong,
        element("span", `${explained}${most}`),
        element("b", printed2(strength2)),
        basis || "–",
        probeFile ? linkTo(inWords(probe), `../../probes/${probeFile}.html`) : inWords(probe)
      ])
    );
    return body;
  }
  var printed2 = (stored) => threeDigits(stored === null ? null : stored / 1e3);

  // templates/js/token_shares.js
  function drawTokens(section, shares) {
    if (!shares) return section.append(element("p", "The scan kept no heatmaps to count in."));
    const [sequences2, tokens, least, rows] = shares;
    if (!rows.length) return section.append(element("p", "No token stands out, or all of its attention rests."));
    const table = element("table", "", "data token-shares");
    const [head, body] = [element("thead"), element("tbody")];
    head.append(headingRow(["Token", element("span", "As a bar", "hidden"), "Share", "Even", "Times"]));
    body.append(...rows.map(tokenRow));
    table.append(head, body);
    const counted = `${number(sequences2, "sequence")} above (${number(tokens, "token")})`;
    const caption = `Of the attention that does not rest, what the queries that may look at the token spend on it, in th\
e ${counted}; even: what they would if they spread it evenly. Ordered by the difference. Left out: the first position, w\
hich is the sink, special tokens, others where the heads of the layer rest, and tokens that fewer than ${least} queries \
may look at.`;
    section.append(table, element("p", caption, "caption"));
  }
  function tokenRow([text2, share2, even, times, width]) {
    const name = element("bdi", text2, "token");
    name.translate = false;
    const decimals = (stored) => (stored / 1e4).toFixed(2);
    const row3 = tableRow([name, "", decimals(share2), decimals(even), String(times)]);
    row3.cells[1].className = `v${width}`;
    for (const cell of [row3.cells[3], row3.cells[4]]) cell.classList.add("soft");
    return row3;
  }
  var number = (n, noun) => `${inThousands(n)} ${noun}${n === 1 ? "" : "s"}`;

  // templates/js/head_tables.js
  var WIDTH2 = 100;
  var NAMED2 = 3;
  var HEADINGS3 = [
    "Pattern",
    "Score, interval, chance",
    "Score",
    "95% interval",
    "Sink-free",
    "Chance",
    "Null",
    "q",
    "Strongest rival",
    "Rank",
    "Queries",
    "Probe"
  ];
  var CAPTION4 = "Dot: score. Bar: 95% bootstrap interval over sequences. Upright line: chance. Null: the same attention\
 against the targets of shuffled tokens. q: one-sided p-value against chance, corrected over all heads. Strongest rival:\
 the pattern that could explain the score and that the head follows most. Scales run from 0 to 1, for distances to the m\
odel's largest value.";
  async function drawHeadTables() {
    const name = (
      /** @type {HTMLElement | null} */
      document.querySelector("[data-head]")?.dataset.head
    );
    const tables = name ? await layerTables() : null;
    if (!(name && tables)) return;
    const [scores, evidence, near] = ["scores", "evidence", "near"].map(tableOf);
    drawDistances(sectionOf("distances"), tables.looks[name].distances);
    drawTokens(sectionOf("tokens"), tables.looks[name].tokens);
    if (tables.why[name].length) drawReasons(need("details", sectionOf("why")), tables.why[name]);
    if (near) drawNearHeads(near, tables.similar[name]);
    if (scores) drawScores(scores, tables);
    if (evidence) drawEvidence(evidence, tables.evidence);
    const glance = document.querySelector("[data-budget-bar]");
    const known = budgetsOf(tables.budgets, name);
    if (glance && known.length) glance.replaceWith(budgetBar(known[0][2]));
    if (known.length) drawBudgets(known);
  }
  var tableOf = (what) => document.querySelector(`table[data-${what}]`);
  var sectionOf = (id) => (
    /** @type {HTMLElement} */
    need(`#${id}`).closest("section")
  );
  function bodyOf2(rows, className = "") {
    const body = element("tbody", "", className);
    body.append(...rows);
    return body;
  }
  function drawScores(table, { patterns, scores }) {
    const of = scores[String(table.dataset.scores)];
    const families = /* @__PURE__ */ new Map();
    of.pattern.forEach((number2, i) => {
      const hue = patterns[number2][3];
      families.set(hue, [...families.get(hue) ?? [], scoreRow(patterns[number2], of, i)]);
    });
    table.classList.add("all-scores");
    table.replaceChildren(headingsOf(table), ...Array.from(families, ([hue, rows]) => bodyOf2(rows, hue)));
    table.closest(".scroll")?.after(element("p", CAPTION4, "caption"));
    const said = document.querySelector("[data-of-all]");
    if (said) said.textContent = said.getAttribute("data-of-all");
  }
  function headingsOf({ dataset }) {
    const head = element("thead");
    head.append(
      rowOf(
        HEADINGS3.map((text2, i) => {
          const numbers = i > 1 && !["Strongest rival", "Probe"].includes(text2);
          const cell = element("th", text2 === "Rank" ? `Rank of ${dataset.heads}` : text2, numbers ? "n" : "");
          cell.scope = "col";
          return cell;
        })
      )
    );
    return head;
  }
  function scoreRow([name, file, , , probe, top], of, i) {
    const shown = (values) => threeDigits(decimal(values[i]));
    const bar = element("td");
    if (of.score[i] !== null) bar.append(scoreBar(of, i, top));
    const cells = [
      shown(of.score),
      of.low[i] === null ? "–" : `${shown(of.low)}–${shown(of.high)}`,
      shown(of.free),
      shown(of.chance),
      shown(of.null),
      of.q[i] === 0 ? "< .001" : shown(of.q),
      of.rival[i] ? `${inWords(String(of.rival[i]))} ${shown(of.rival_score)}` : "–",
      of.rank[i] === null ? "–" : inThousands(Number(of.rank[i])),
      inThousands(of.queries[i]),
      inWords(probe)
    ];
    return row2(linkTo(inWords(name), `../../patterns/${file}.html`), [bar, ...cells.map((text2) => element("td", text2))]);
  }
  function row2(heading2, cells) {
    const name = element("th");
    name.scope = "row";
    name.append(heading2);
    return rowOf([name, ...cells]);
  }
  var decimal = (stored) => stored === null ? null : stored / 1e3;
  function scoreBar(of, i, top) {
    const at = (stored) => Math.round(Math.min(Math.max(WIDTH2 * (stored ?? 0) / 1e3 / top, 0), WIDTH2));
    const bar = drawing("svg", { class: "bar", "aria-hidden": "true" });
    if (of.chance[i] !== null) bar.append(drawing("path", { class: "chance", d: `M${at(of.chance[i])} 0v12` }));
    if (of.low[i] !== null) bar.append(drawing("path", { class: "ci", d: `M${at(of.low[i])} 6H${at(of.high[i])}` }));
    bar.append(drawing("path", { class: "at", d: `M${at(of.score[i])} 6h0` }));
    return bar;
  }
  function rowOf(cells) {
    const line = element("tr");
    line.append(...cells);
    return line;
  }
  function drawBudgets(budgets) {
    const table = element("table", "", "data budgets");
    const head = element("thead");
    head.append(headingRow(["Probe", element("span", "All of its attention"), "On the sink", element("span", "Named")]));
    table.append(head, bodyOf2(budgets.map(budgetRow)));
    const scroll = element("div", "", "scroll");
    Object.assign(scroll, { role: "region", ariaLabel: "Table of budgets", tabIndex: 0 });
    scroll.append(table);
    const caption = "Grey: the sink, which is the first position; paler, other positions on which the heads of the layer\
 rest. Coloured: patterns, by their strength. White: what no pattern explains.";
    need("details", sectionOf("budget")).append(scroll, element("p", caption, "caption"));
  }
  function budgetRow([probe, file, parts]) {
    const name = inWords(probe);
    const bar = element("td");
    bar.append(budgetBar(parts));
    const share2 = (stored) => (stored / 1e4).toFixed(2);
    const named = parts.slice(1, -1).slice(0, NAMED2);
    const said = named.map(([part, , stored]) => `${inWords(part)} ${share2(stored)}`).join(", ") || "–";
    const heading2 = file ? linkTo(name, `../../probes/${file}.html`) : document.createTextNode(name);
    return row2(heading2, [bar, element("td", share2(parts[0][2]), "n"), element("td", said, "soft")]);
  }
  function budgetBar(parts) {
    const box = { width: 320, height: 14, viewBox: "0 0 100 14", preserveAspectRatio: "none" };
    const bar = drawing("svg", { class: "budget", ...box, "aria-hidden": "true" });
    let start = 0;
    for (const [part, hue, stored] of parts) {
      const rect = drawing("rect", { class: hue, x: start / 100, width: Math.max(stored, 0) / 100, height: 14 });
      rect.append(drawing("title", {}, `${inWords(part)} ${(stored / 1e4).toFixed(2)}`));
      bar.append(rect);
      start += stored;
    }
    return bar;
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
      const state = Object.entries(this.fields).map(([name, field2]) => [name, field2.read(choices.get(name))]);
      return Object.fromEntries(state);
    }
    /**
     * What stands after the #; choices that `state` does not name are left out.
     * @param {Partial<State<F>>} state
     * @param {string} [anchor]
     */
    format(state, anchor = "") {
      const choices = new URLSearchParams();
      for (const [name, field2] of Object.entries(this.fields)) {
        const spelled = name in state ? field2.write(state[name]) : "";
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
    const number2 = Number(anchor.match(/^example-(\d+)$/)?.[1]);
    if (!number2 || document.getElementById(anchor)) return anchor;
    return document.querySelector(`.example[data-example="${number2 - 1}"]`)?.id ?? anchor;
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
  var weightOf = new Map(LIGHT.map((colour2, weight) => [colour2, weight]));
  var darkScheme = matchMedia("(prefers-color-scheme: dark)");
  var listeners = [];
  var onPaper = false;
  var palette = () => darkScheme.matches && !onPaper ? DARK : LIGHT;
  var paperPalette = LIGHT;
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
  var css = (colour2) => `#${colour2.toString(16).padStart(6, "0")}`;
  var step = (weight, squareRoot) => Math.round(255 * (squareRoot ? Math.sqrt(weight) : weight));
  function tint(weight, squareRoot, colours = palette()) {
    const colour2 = colours[step(Math.min(Math.max(weight, 0), 1), squareRoot)];
    const bright = luminance(colour2) > 0.179;
    return { background: css(colour2), color: bright ? "#000" : "#fff" };
  }
  function luminance(colour2) {
    const [r, g, b] = channels(colour2).map((byte) => {
      const value = byte / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
  var channels = (colour2) => [16, 8, 0].map((shift) => colour2 >> shift & 255);
  function weightOfColour(colour2) {
    let weight = weightOf.get(colour2);
    if (weight === void 0) {
      weight = nearestWeight(colour2);
      weightOf.set(colour2, weight);
    }
    return weight;
  }
  function nearestWeight(colour2) {
    const wanted = channels(colour2);
    const distances = LIGHT.map((other) => channels(other).reduce((sum, byte, i) => sum + (byte - wanted[i]) ** 2, 0));
    return distances.indexOf(Math.min(...distances));
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
      const control2 = this.form?.elements.namedItem("sink");
      return control2 instanceof HTMLInputElement ? control2 : null;
    }
    /** The switch as the address has it. */
    #sink() {
      const control2 = this.#sinkSwitch();
      if (!control2 || control2.checked === control2.defaultChecked) return "";
      return control2.checked ? "hide" : "show";
    }
    /** @param {string} name */
    #value(name) {
      const control2 = this.form?.elements.namedItem(name);
      return control2 instanceof RadioNodeList || control2 instanceof HTMLSelectElement ? control2.value : "";
    }
    /** @param {MapState} state */
    show(state) {
      for (
        const name of
        /** @type {const} */
        ["view", "direction", "scale"]
      ) {
        const control2 = this.form?.elements.namedItem(name);
        if (control2 instanceof RadioNodeList || control2 instanceof HTMLSelectElement) control2.value = state[name];
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
      for (const control2 of this.form?.querySelectorAll("[data-direction]") ?? []) {
        control2.toggleAttribute("hidden", view === "arcs");
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
    form.append(control("label", "Colour scale ", scale), control("label", sink, " set the sink aside"));
    if (offers.includes("saves")) form.append(control("span", "Download ", saving("svg"), " ", saving("png")));
  }
  function control(tag, ...parts) {
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
      const colour2 = pixels[4 * i] << 16 | pixels[4 * i + 1] << 8 | pixels[4 * i + 2];
      weights[i] = pixels[4 * i + 3] < 128 ? -1 : weightOfColour(colour2);
    }
    return { rows, columns: columns2, weights };
  }
  function withoutSink({ rows, columns: columns2, weights: all2 }) {
    const weights = new Int16Array(all2.length);
    for (let q = 0; q < rows; q++) {
      const row3 = all2.subarray(q * columns2, (q + 1) * columns2);
      const total = row3.reduce((sum, weight) => sum + Math.max(weight, 0), 0);
      const rest = total - Math.max(row3[0], 0);
      const spread = (weight) => rest < 3 ? 0 : Math.round(weight * total / rest);
      weights.set(
        row3.map((weight, k) => k === 0 || weight < 0 ? -1 : spread(weight)),
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
      const colour2 = colours[step(weight / 255, squareRoot)];
      return (4278190080 | (colour2 & 255) << 16 | colour2 & 65280 | colour2 >> 16) >>> 0;
    });
    map.weights.forEach((weight, i) => {
      if (weight >= 0) pixels[i] = lookup[Math.min(weight, 255)];
    });
    context.putImageData(image, 0, 0);
  }
  var decimal2 = (weight) => (weight / 255).toFixed(3);
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
  var WIDTH3 = 2 * TEXT_WIDTH + ARC_WIDTH;
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
      [canvas.width, canvas.height] = [Math.round(WIDTH3 * ratio), Math.round(height * ratio)];
      [canvas.style.width, canvas.style.aspectRatio] = [px(WIDTH3), `${WIDTH3} / ${height}`];
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
      const scale = WIDTH3 / this.canvas.clientWidth;
      const line = Math.floor((event.offsetY * scale - MARGIN) / this.pitch);
      const onKeys = event.offsetX * scale > WIDTH3 / 2;
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
      context.clearRect(0, 0, WIDTH3, this.height);
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
    const lines2 = rowShares(map, query).map((weight, k) => (
      /** @type {[number, number]} */
      [weight ?? 0, k]
    )).filter(([weight]) => weight > FAINT);
    if (chosen) return lines2;
    if (key >= 0) return lines2.filter(([, k]) => k === key);
    return lines2.sort((a, b) => b[0] - a[0]).slice(0, MAX_LINES);
  }
  var siteColour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);

  // templates/figure.json
  var figure_default = {
    font: "ui-sans-serif, Helvetica, Arial, sans-serif",
    token_font: "ui-monospace, Menlo, Consolas, monospace",
    font_size: 10,
    ink: "#191b1e",
    paper: "#fff",
    title_x: 4,
    title_y: 16,
    title_size: 13,
    title_weight: 600,
    title_room: 26,
    title_letter_width: 7.5,
    cell: 14,
    small_cell: 2,
    max_cells: 80,
    max_letters: 16,
    letter_width: 6.4,
    token_margin: 10,
    token_gap: 5,
    baseline: 3.5,
    number_room: 40,
    number_step: 20,
    min_width: 220,
    right_margin: 12,
    scale_steps: 64,
    scale_step_width: 3,
    scale_rect_width: 3.2,
    scale_height: 9,
    scale_gap: 16,
    scale_ticks: [0, 0.25, 0.5, 0.75, 1],
    scale_tick_y: 21,
    scale_room: 56
  };

  // templates/js/files.js
  function download(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1e3);
  }

  // templates/js/figure.js
  var PNG_SCALE = 3;
  var MAX_PNG = 8e3;
  function emptyFigure(title, fontSize) {
    const svg = drawing("svg", { "font-family": figure_default.font, "font-size": fontSize, fill: figure_default.ink });
    const { title_x: x, title_y: y, title_size, title_weight } = figure_default;
    svg.append(drawing("text", { x, y, "font-size": title_size, "font-weight": title_weight }, title));
    return svg;
  }
  var titleRoom = (title) => figure_default.title_x + figure_default.title_letter_width * Array.from(title).length;
  function scaleBar(left, top, paint) {
    const { scale_steps: steps, scale_step_width: step2, scale_tick_y: y } = figure_default;
    const size = { width: figure_default.scale_rect_width, height: figure_default.scale_height };
    const group = drawing("g", { transform: `translate(${left} ${top})` });
    for (let i = 0; i < steps; i++) {
      group.append(drawing("rect", { x: i * step2, ...size, ...paint(i / (steps - 1)) }));
    }
    for (const tick of figure_default.scale_ticks) {
      group.append(drawing("text", { x: steps * step2 * tick, y, "text-anchor": "middle" }, String(tick)));
    }
    return group;
  }
  function finishFigure(svg, width, height) {
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("width", String(width));
    svg.setAttribute("height", String(height));
    svg.prepend(drawing("rect", { width, height, fill: figure_default.paper }));
    return svg;
  }
  async function saveFigure(svg, what, format) {
    const text2 = new XMLSerializer().serializeToString(svg);
    const name = `${fileName(what)}.${format}`;
    if (format === "svg") return download(new Blob([text2], { type: "image/svg+xml" }), name);
    const canvas = await rasterised(text2, Number(svg.getAttribute("width")), Number(svg.getAttribute("height")));
    return canvas.toBlob((blob) => blob && download(blob, name));
  }
  async function rasterised(svg, width, height) {
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    await image.decode();
    const canvas = element("canvas");
    const scale = Math.min(PNG_SCALE, MAX_PNG / Math.max(width, height));
    [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
    surface(canvas).drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  // templates/js/arcs_figure.js
  var STROKE = "#1d4f91";
  var FADED = "#5d6167";
  var READABLE = 10;
  function arcsFigure({ weights, rows, columns: columns2, title, squareRoot, query, key }) {
    const longest = Math.max(rows.length, columns2.length);
    const pitch = pitchOf(longest);
    const top = figure_default.title_room;
    const middle = (i) => top + (i + 0.5) * pitch;
    const svg = emptyFigure(title, figure_default.font_size);
    svg.append(lines(arcLines(weights, query, key), middle, squareRoot));
    if (pitch >= READABLE) {
      svg.append(names(rows, TEXT_WIDTH - 6, "end", middle, query));
      svg.append(names(columns2, TEXT_WIDTH + ARC_WIDTH + 6, "start", middle, key));
    }
    const scaleTop = top + longest * pitch + figure_default.scale_gap;
    const width = figure_default.scale_step_width;
    const paint = (share2) => ({ width, fill: STROKE, "fill-opacity": strength(share2, squareRoot) });
    svg.append(scaleBar(TEXT_WIDTH, scaleTop, paint));
    const room = Math.max(2 * TEXT_WIDTH + ARC_WIDTH, titleRoom(title) + figure_default.right_margin);
    return finishFigure(svg, room, scaleTop + figure_default.scale_room - figure_default.scale_gap);
  }
  function lines(drawn, middle, squareRoot) {
    const group = drawing("g", { fill: "none", stroke: STROKE, "stroke-width": 2 });
    const [start, end, bend] = [TEXT_WIDTH, TEXT_WIDTH + ARC_WIDTH, TEXT_WIDTH + ARC_WIDTH / 2];
    for (const { query, key, weight } of drawn) {
      const [from, to] = [middle(query), middle(key)];
      const d = `M${start} ${from}C${bend} ${from} ${bend} ${to} ${end} ${to}`;
      group.append(drawing("path", { d, "stroke-opacity": Number(strength(weight, squareRoot).toFixed(3)) }));
    }
    return group;
  }
  function names(tokens, x, anchor, middle, chosen) {
    const group = drawing("g", { "font-family": figure_default.token_font, "text-anchor": anchor });
    tokens.forEach((token, i) => {
      const fill = chosen < 0 || chosen === i ? figure_default.ink : FADED;
      group.append(drawing("text", { x, y: middle(i) + figure_default.baseline, fill }, shortened(token)));
    });
    return group;
  }

  // templates/js/heatmap_figure.js
  function heatmapFigure(map) {
    const { rows, columns: columns2, title, squareRoot } = map;
    const grid = gridOf(rows, columns2);
    const svg = emptyFigure(title, figure_default.font_size);
    const scaleTop = grid.top + grid.height + figure_default.scale_gap;
    const scale = scaleBar(grid.left, scaleTop, (share2) => ({ fill: colour(share2, squareRoot) }));
    svg.append(field(map, grid), names2(rows, columns2, grid), scale);
    const room = Math.max(grid.left + Math.max(grid.width, figure_default.min_width), titleRoom(title));
    const width = room + figure_default.right_margin;
    return finishFigure(svg, width, grid.top + grid.height + figure_default.scale_room);
  }
  function gridOf(rows, columns2) {
    const long = Math.max(rows.length, columns2.length) > figure_default.max_cells;
    const cell = long ? figure_default.small_cell : figure_default.cell;
    const room = (tokens) => long ? figure_default.number_room : tokenRoom(tokens);
    const [left, top] = [room(rows), room(columns2) + figure_default.title_room];
    return { long, cell, left, top, width: columns2.length * cell, height: rows.length * cell };
  }
  function tokenRoom(tokens) {
    const letters = Math.max(...tokens.map((token) => short(token).length));
    return figure_default.token_margin + figure_default.letter_width * letters;
  }
  function short(token) {
    return token.length > figure_default.max_letters ? `${token.slice(0, figure_default.max_letters - 1)}…` : token;
  }
  function field({ weights, squareRoot }, { long, cell, left, top, width, height }) {
    const group = drawing("g", { transform: `translate(${left} ${top})`, "shape-rendering": "crispEdges" });
    if (long) {
      const canvas = element("canvas");
      paintWeights(weights, canvas, squareRoot, paperPalette);
      group.append(drawing("image", { href: canvas.toDataURL(), width, height, style: "image-rendering: pixelated" }));
      return group;
    }
    weights.weights.forEach((weight, i) => {
      if (weight < 0) return;
      const [x, y] = [i % weights.columns * cell, Math.floor(i / weights.columns) * cell];
      group.append(drawing("rect", { x, y, width: cell, height: cell, fill: colour(weight / 255, squareRoot) }));
    });
    return group;
  }
  var colour = (weight, squareRoot) => css(paperPalette[step(weight, squareRoot)]);
  function names2(rows, columns2, { long, cell, left, top }) {
    const { token_gap: gap, baseline } = figure_default;
    const group = drawing("g", { "font-family": figure_default.token_font });
    for (const [i, text2] of labels(rows, long)) {
      const y = top + (i + 0.5) * cell + baseline;
      group.append(drawing("text", { x: left - gap, y, "text-anchor": "end" }, text2));
    }
    for (const [i, text2] of labels(columns2, long)) {
      const x = left + (i + 0.5) * cell + baseline;
      group.append(drawing("text", { transform: `translate(${x} ${top - gap}) rotate(-90)` }, text2));
    }
    return group;
  }
  function labels(tokens, long) {
    const named = tokens.map((token, i) => (
      /** @type {[number, string]} */
      [i, long ? String(i) : short(token)]
    ));
    return long ? named.filter(([i]) => i % figure_default.number_step === 0) : named;
  }

  // templates/js/text_figure.js
  var WIDTH4 = 640;
  var LINE = 20;
  var BOX = 16;
  var PADDING = 2;
  var GAP = 12;
  function textFigure(texts, title, squareRoot) {
    const svg = emptyFigure(title, figure_default.font_size);
    let y = figure_default.title_room + figure_default.title_x;
    for (const text2 of texts) {
      const places = laidOut(text2.tokens, y);
      const group = drawing("g", { "font-family": figure_default.token_font });
      group.append(...text2.tokens.flatMap((token, i) => drawToken(token, places[i], text2, i, squareRoot)));
      svg.append(group);
      y = (places.at(-1)?.y ?? y) + LINE + GAP;
    }
    svg.append(scaleBar(figure_default.title_x + GAP, y, (share2) => ({ fill: colour(share2, squareRoot) })));
    const width = Math.max(WIDTH4, titleRoom(title)) + figure_default.right_margin;
    return finishFigure(svg, width, y + figure_default.scale_room - figure_default.scale_gap);
  }
  function laidOut(tokens, top) {
    const context = surface(element("canvas"));
    context.font = `${figure_default.font_size}px ${figure_default.token_font}`;
    let [x, y] = [figure_default.title_x, top];
    return tokens.map((token) => {
      const width = context.measureText(token).width + 2 * PADDING;
      if (x + width > WIDTH4 && x > figure_default.title_x) [x, y] = [figure_default.title_x, y + LINE];
      const box = { x, y, width };
      x += width + 1;
      return box;
    });
  }
  function drawToken(token, { x, y, width }, { weights, chosen }, i, squareRoot) {
    const weight = weights?.[i] ?? null;
    const paint = weight === null ? null : tint(weight, squareRoot, paperPalette);
    const frame = i === chosen ? { stroke: figure_default.ink, "stroke-width": 1.5 } : {};
    const rect = drawing("rect", { x, y, width, height: BOX, fill: paint?.background ?? figure_default.paper, ...frame });
    const fill = paint?.color ?? figure_default.ink;
    return [rect, drawing("text", { x: x + PADDING, y: y + BOX / 2 + figure_default.baseline, fill }, token)];
  }

  // templates/js/map_figure.js
  function saveMap(set, choices, title, format) {
    const { view } = choices;
    const { query, key } = set.current();
    const chosen = view === "matrix" ? "" : chosenToken(set, query, key);
    const figure = draw(set, choices, chosen ? `${title}: ${chosen}` : title);
    const parts = view === "matrix" ? [] : [view, query >= 0 ? `row ${query}` : key >= 0 ? `column ${key}` : ""];
    return saveFigure(figure, [title, ...parts].filter(Boolean).join(", "), format);
  }
  function draw(set, { view, squareRoot }, title) {
    const { rows, columns: columns2 } = set;
    const weights = set.maps[0].shown;
    if (view === "text") return textFigure(set.shadedTexts(), title, squareRoot);
    if (view === "arcs") return arcsFigure({ weights, rows, columns: columns2, title, squareRoot, ...set.arcsShown() });
    return heatmapFigure({ weights, rows, columns: columns2, title, squareRoot });
  }
  function chosenToken(set, query, key) {
    if (query >= 0 && (set.readsRows() || key < 0)) return `what ${set.rows[query]} ${query} looks at`;
    return key >= 0 ? `who looks at ${set.columns[key]} ${key}` : "";
  }

  // templates/js/heatmap.js
  var NO_CELL = Object.freeze({ query: -1, key: -1 });
  var isNone = (cell) => cell.query < 0 && cell.key < 0;
  var isPair = (cell) => cell.query >= 0 && cell.key >= 0;
  var MARKS2 = ["kept", "row", "column", "cell", "row-tag", "column-tag"];
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
      this.marks = Object.fromEntries(MARKS2.map((name) => [name, hiddenMark(name)]));
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
      const row3 = weights.subarray(columns2 * (rows - 1), columns2 * rows);
      return { query: rows - 1, key: row3.indexOf(Math.max(...row3)) };
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
      this.output.textContent = weight < 0 ? "" : decimal2(weight);
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
    #outline(name, shown, [x, y, width, height], { cell, height: row3, left, top }) {
      const mark = this.marks[name];
      mark.hidden = !shown;
      mark.style.left = px(left + x * cell);
      mark.style.top = px(top + y * row3);
      mark.style.width = px(width * cell);
      mark.style.height = px(height * row3);
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
      const [row3, column] = [tokenLabel(this.rows[query], query), tokenLabel(this.columns[key], key)];
      this.root.replaceChildren(row3, " → ", column, ...this.#weight(cell, map));
    }
    /**
     * @param {import("./heatmap.js").Cell} cell
     * @param {import("./heatmap.js").Heatmap} map
     */
    #weight(cell, map) {
      if (map.isFuture(cell)) return [": later, cannot be seen"];
      const weight = map.weightAt(cell);
      if (weight < 0) return [": the sink, taken out"];
      return this.many ? [] : [": ", element("b", decimal2(weight))];
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
      const { shown } = this.maps[0];
      const byRow = query >= 0 && (this.readsRows() || key < 0);
      const row3 = byRow ? rowShares(shown, query) : null;
      const column = !byRow && key >= 0 ? columnShares(shown, key) : null;
      if (!this.twoTexts) return [{ tokens: this.text, weights: row3 ?? column, chosen: row3 ? query : key }];
      return [
        { tokens: this.text, weights: column, chosen: query },
        { tokens: this.columns, weights: row3, chosen: key }
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

  // templates/js/map_page.js
  var anchorOf = (set) => set.closest(".example")?.id ?? "";
  var MapPage = class {
    /**
     * @param {import("./map_set.js").Tokens[]} tokens of each set
     * @param {import("./map_set.js").WeightsOf} [weightsOf] where the weights come from, if not from the pictures' pixels
     */
    constructor(tokens, weightsOf) {
      this.tokens = tokens;
      this.weightsOf = weightsOf;
      this.controls = mapControls();
      this.sets = [];
      this.watcher = new IntersectionObserver((entries) => this.#startVisible(entries), { rootMargin: "50%" });
      this.showAddress();
      this.#recallSink();
      this.controls.listen(
        () => this.#changed(),
        (format) => this.#save(format)
      );
      onColoursChange(() => this.#repaintSets());
      addEventListener("resize", () => {
        for (const set of this.sets) set.resize();
      });
    }
    /** Starts the set that the page shows first at once, the others when they come into view. */
    start() {
      const roots = all(HTMLElement, ".map-set");
      const anchor = anchorInAddress();
      const first = roots.find((root) => anchor && anchorOf(root) === anchor) ?? roots[0];
      if (first) void this.#startSet(first);
      for (const root of roots) if (root !== first) this.watcher.observe(root);
    }
    /** Lets go of all sets and starts another that has taken their place. @param {HTMLElement} root */
    restart(root) {
      this.sets.length = 0;
      this.watcher.disconnect();
      void this.#startSet(root);
    }
    /** @param {IntersectionObserverEntry[]} entries */
    #startVisible(entries) {
      for (const { target, isIntersecting } of entries) {
        if (!(isIntersecting && target instanceof HTMLElement)) continue;
        this.watcher.unobserve(target);
        void this.#startSet(target);
      }
    }
    /** @param {HTMLElement} root */
    async #startSet(root) {
      const tokens = this.tokens[Number(root.dataset.maps)];
      const set = await MapSet.start(
        root,
        tokens,
        () => this.controls.choices(),
        ({ query, key }) => this.writeAddress(anchorOf(root), { row: query, column: key }),
        this.weightsOf
      );
      if (!root.isConnected) return;
      this.sets.push(set);
      this.#pinFromAddress(set);
    }
    /** Where the address says nothing of the sink, as it was left on the page before; the address says it from then on. */
    #recallSink() {
      const { sink, row: row3, column } = mapAddress.read();
      if (!sink && this.controls.recallSink()) this.writeAddress(anchorInAddress(), { row: row3, column }, { step: false });
    }
    /** Takes over the choices that the address has. */
    showAddress() {
      this.controls.show(mapAddress.read());
      this.#repaint();
    }
    /** Keeps the rows or cells that the address names. */
    pinAddress() {
      for (const set of this.sets) this.#pinFromAddress(set);
    }
    /** @param {MapSet} set */
    #pinFromAddress(set) {
      const anchor = anchorInAddress();
      if (anchor && anchor !== anchorOf(set.root)) return;
      const { row: row3, column } = mapAddress.read();
      const query = row3 < set.rows.length ? row3 : -1;
      const key = column < set.columns.length ? column : -1;
      set.keep({ query, key });
    }
    /**
     * The choices as they are, in the address.
     * @param {string} anchor
     * @param {{row?: number, column?: number}} [kept]
     * @param {{step?: boolean}} [options] see `Address.write`
     */
    writeAddress(anchor, kept = {}, options = {}) {
      mapAddress.write({ ...this.controls.state(), ...kept }, anchor, options);
    }
    /** The same for a link to another page. @param {string} anchor */
    formatAddress(anchor) {
      return mapAddress.format(this.controls.state(), anchor);
    }
    #changed() {
      this.#repaint();
      const { row: row3, column } = mapAddress.read();
      this.writeAddress(anchorInAddress(), { row: row3, column });
    }
    #repaint() {
      this.controls.explain();
      this.#repaintSets();
    }
    #repaintSets() {
      for (const set of this.sets) set.repaint();
    }
    /** A set that was hidden could not be measured. @param {string} anchor */
    repaintSection(anchor) {
      for (const set of this.sets) if (anchorOf(set.root) === anchor) set.repaint();
    }
    /** Saves what is shown as a figure. @param {string} format svg or png */
    #save(format) {
      const set = this.sets.find(({ root }) => root.offsetParent !== null);
      if (!set) return;
      void saveMap(set, this.controls.choices(), figureTitle(anchorOf(set.root)), format);
    }
  };
  function figureTitle(anchor) {
    const heading2 = document.querySelector("h1")?.textContent?.trim() ?? "";
    const model = document.querySelector(".page-head[data-model]")?.getAttribute("data-model");
    const head = document.querySelector("#shown-name")?.textContent?.trim() ?? "";
    const sequence = anchor && document.querySelector(`.examples a[href="#${anchor}"]`)?.getAttribute("title");
    const named = model ? `${heading2} of ${model}` : heading2;
    return [named, named.includes(head) ? "" : head, sequence].filter(Boolean).join(", ");
  }

  // templates/js/sections.js
  function drawSections(sequences2) {
    const first = (
      /** @type {HTMLElement | null} */
      document.querySelector("figure.example")
    );
    if (!first) return;
    const heading2 = document.querySelector("h1")?.textContent?.trim() ?? "";
    const layer = first.dataset.heads !== void 0;
    const shown = keptSequences(layer ? null : heading2).sort((a, b) => sequences2[a].rank - sequences2[b].rank || a - b);
    const before = new Map(all(HTMLElement, "figure.example").map((figure) => [Number(figure.dataset.example), figure]));
    let last = null;
    for (const number2 of shown) {
      const figure = before.get(number2) ?? emptyFigure2(number2, sequences2[number2]);
      if (last) last.after(figure);
      last = figure;
      const frame = layer ? layerFrame(heading2, Number(first.dataset.heads), number2, sequences2[number2]) : figure !==
      first && headFrame(first, heading2, number2, sequences2[number2]);
      if (frame) figure.prepend(frame);
      if (figure !== first) figure.append(captionOf(first, figure, sequences2[number2]));
    }
    drawLinks(shown.map((number2) => sequences2[number2]));
  }
  var anchorOf2 = ({ file, sequence }) => `${file}-${sequence}`;
  function emptyFigure2(number2, sequence) {
    const figure = element("figure", "", "example");
    figure.id = anchorOf2(sequence);
    figure.dataset.example = String(number2);
    return figure;
  }
  function drawLinks(shown) {
    const list = (
      /** @type {HTMLElement | null} */
      document.querySelector("nav.examples")
    );
    if (!list) return;
    for (const probe of new Set(shown.map((sequence) => sequence.probe))) {
      const line = element("p");
      line.append(element("span", probe));
      for (const sequence of shown.filter((each) => each.probe === probe)) {
        const link = linkTo(sequence.name, `#${anchorOf2(sequence)}`);
        link.title = `${probe} ${sequence.sequence}`;
        if (anchorOf2(sequence) === list.dataset.clearest) link.className = "clearest";
        line.append(" ", link);
      }
      list.append(line);
    }
  }
  function headFrame(first, head, number2, sequence) {
    const set = copyOf(".map-set", first);
    set.dataset.maps = String(number2);
    const [cell, tall] = [sequence.cells[0], sequence.tall[0]];
    set.className = `map-set cell-${cell} step-${sequence.step} tall-${tall}`;
    need(".axis-rows", set).replaceChildren(sequence.axes[0]);
    need(".axis-columns", set).replaceChildren(sequence.axes[1]);
    const img = (
      /** @type {HTMLImageElement} */
      need("img.pixels", set)
    );
    img.removeAttribute("src");
    sizePicture(img, head, sequence, [cell, cell * tall]);
    img.alt = `Attention of ${head} on ${sequence.on}`;
    return set;
  }
  function layerFrame(layer, heads, number2, sequence) {
    const [cell, tall] = [sequence.cells[1], sequence.tall[1]];
    const set = element("div", "", `map-set multiples cell-${cell} tall-${tall}`);
    set.dataset.maps = String(number2);
    const list = element("ul", "", "maps");
    for (const name of [...keptHeads(number2), "mean"]) {
      const [line, title, box, img] = [
        element("li"),
        element("p", "", "map-title"),
        element("div", "", "map"),
        new Image()
      ];
      const mean = name === "mean";
      title.append(mean ? `mean of ${heads} head${heads === 1 ? "" : "s"}` : linkTo(name, `../heads/${name}.html`));
      img.className = "pixels";
      sizePicture(img, name, sequence, [cell, cell * tall]);
      img.alt = mean ? `Mean attention of ${layer} on ${sequence.on}` : `Attention of ${name}`;
      box.append(img);
      line.append(title, box);
      list.append(line);
    }
    set.append(list);
    return set;
  }
  function sizePicture(img, map, { tokens, columns: columns2 }, [width, height]) {
    img.dataset.map = map;
    [img.width, img.height] = [(columns2 ?? tokens).length * width, tokens.length * height];
  }
  function captionOf(first, figure, sequence) {
    const caption = copyOf("figcaption", first);
    const { name, probe: ofProbe, length } = sequence;
    const said = { name, probe: ofProbe, length, sequence: String(sequence.sequence) };
    for (const part of all(HTMLElement, "[data-part]", caption)) part.textContent = said[String(part.dataset.part)];
    const probe = (
      /** @type {HTMLAnchorElement} */
      need("[data-part=probe]", caption)
    );
    probe.href = `../../probes/${sequence.file}.html`;
    for (const beside of all(HTMLAnchorElement, "[data-beside]", caption)) beside.hash = figure.id;
    return caption;
  }
  var copyOf = (selector, first) => (
    /** @type {HTMLElement} */
    need(selector, first).cloneNode(true)
  );

  // templates/js/sequences.js
  var TURNS = /* @__PURE__ */ new Map([
    ["ArrowLeft", "prev"],
    ["ArrowRight", "next"]
  ]);
  var OWN_ARROWS = "select, input, textarea, canvas, .scroll";
  var Sequences = class {
    /** @param {import("./map_page.js").MapPage} maps */
    constructor(maps3) {
      this.maps = maps3;
      this.links = all(HTMLAnchorElement, ".examples a");
      this.sections = all(HTMLElement, ".example");
    }
    /** Shows one sequence, and turns to others from then on. */
    start() {
      this.#listen();
      this.#choose();
    }
    /** Shows the section that the address names. */
    #choose() {
      const wanted = anchorInAddress();
      const known = this.sections.some(({ id }) => id === wanted);
      const shown = known ? wanted : this.sections[0]?.id;
      for (const section of this.sections) section.hidden = section.id !== shown;
      markCurrent(this.links, (link) => link.hash === `#${shown}`);
      this.maps.repaintSection(shown);
    }
    #listen() {
      for (const link of this.links) link.addEventListener("click", (event) => this.#follow(event, link));
      for (const link of all(HTMLAnchorElement, ".turn a")) link.addEventListener("click", () => this.#turn(link));
      document.addEventListener("keydown", (event) => this.#key(event));
      mapAddress.onChange(() => this.#addressChanged(), { anchors: true });
    }
    /**
     * @param {MouseEvent} event
     * @param {HTMLAnchorElement} link
     */
    #follow(event, link) {
      event.preventDefault();
      this.maps.writeAddress(link.hash.slice(1));
      this.#choose();
      this.maps.pinAddress();
    }
    /** Turning the page stays on the same sequence, shown in the same way. @param {HTMLAnchorElement} link */
    #turn(link) {
      link.hash = this.maps.formatAddress(anchorInAddress());
    }
    /** @param {KeyboardEvent} event */
    #key(event) {
      const relation = TURNS.get(event.key);
      if (!relation || hasModifier(event) || event.shiftKey || event.defaultPrevented) return;
      if (event.target instanceof Element && event.target.closest(OWN_ARROWS)) return;
      all(HTMLAnchorElement, `.turn [rel=${relation}]`)[0]?.click();
    }
    #addressChanged() {
      this.maps.showAddress();
      this.#choose();
      this.maps.pinAddress();
    }
  };

  // templates/js/pages/reader.js
  revealControls();
  var sequences = (
    /** @type {import("../sections.js").Sequence[]} */
    window.headatlas.data.tokens ?? []
  );
  var sizes = sequences.map(({ tokens, columns: columns2 }) => ({ rows: tokens.length, columns: (columns2 ?? tokens).length }));
  drawSections(sequences);
  var maps2 = new MapPage(sequences, (img, rows, columns2) => {
    const { map } = img.dataset;
    const number2 = Number(img.closest("figure")?.dataset.example);
    return map === void 0 ? readBack(img, rows, columns2) : layerMap(map, number2, sizes);
  });
  maps2.start();
  new Sequences(maps2).start();
  void drawHeadTables();
})();
