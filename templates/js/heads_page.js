// Two heads side by side, of any models of the site: their maps on a text that both have, and what differs.
import { headsAddress } from "./address.js";
import { onColoursChange } from "./colours.js";
import { all, control, element, need } from "./dom.js";
import { dataFolder } from "./files.js";
import { commonTexts, loadHead, sameTokens } from "./head_data.js";
import { evidenceDifferences, scoreDifferences } from "./head_differences.js";
import { mapControls } from "./map_controls.js";
import { MapSet } from "./map_set.js";
import { inWords, twoDigits } from "./text.js";

/** @typedef {import("./head_data.js").HeadData} HeadData */
/** @typedef {import("./head_data.js").Sequence} Sequence */
/** @typedef {"a" | "b"} Side */

const SIDES = /** @type {Side[]} */ (["a", "b"]);

export class HeadsPage {
  /** @type {MapSet[]} */
  #sets = [];
  /** Counts what was asked for: an answer that comes late is not shown. */
  #asked = 0;

  constructor() {
    this.form = /** @type {HTMLFormElement} */ (need(".heads-controls"));
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
      () => undefined,
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
    return /** @type {HTMLSelectElement} */ (control(this.form, name));
  }

  async #fromAddress() {
    const wanted = headsAddress.read();
    this.controls.show(wanted);
    if (!wanted.sink) this.controls.recallSink();
    await this.#choose("a", wanted.a);
    await this.#choose("b", wanted.b || (await this.#likeness()));
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
    const { name } = /** @type {HTMLSelectElement} */ (target);
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
  async #show(text, kept) {
    const asked = ++this.#asked;
    delete need("#heads").dataset.ready;
    const spots = SIDES.map((side) => this.#spot(side).split("/"));
    const [a, b] = await Promise.all(spots.map(([slug, name]) => loadHead(slug, name)));
    if (asked !== this.#asked) return;
    document.title = `${a.name} and ${b.name} · headatlas`;
    SIDES.forEach((side, i) => {
      showHead(need(`[data-side=${side}]`), [a, b][i]);
    });
    const chosen = this.#fillTexts(commonTexts(a, b), text);
    await this.#drawMaps([a, b], chosen);
    if (kept) for (const set of this.#sets) if (fits(set, kept)) set.keep(kept);
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
      }),
    );
    if (texts.some(({ anchor }) => anchor === wanted)) select.value = wanted;
    const shown = texts.find(({ anchor }) => anchor === select.value);
    this.problem.hidden = shown?.equal ?? false;
    this.problem.textContent = !shown
      ? "There is no text of which maps of both heads are kept."
      : shown.alike
        ? "The two models cut this text into other tokens: the maps do not point together."
        : "The same sequence of the probe, each model with tokens of its own: compare the form, not the cells.";
    return shown?.anchor ?? "";
  }

  /**
   * @param {HeadData[]} heads
   * @param {string} anchor of the text
   */
  async #drawMaps(heads, anchor) {
    this.#sets = [];
    const texts = heads.map(({ texts: own }) => own.get(anchor));
    const figures = SIDES.map((side) => need(`[data-side=${side}] figure`));
    const roots = texts.map((text, i) => (text ? frameOf(heads[i], text.sequence, i) : null));
    figures.forEach((figure, i) => {
      figure.replaceChildren(...[roots[i]].filter((root) => root !== null));
    });
    const started = roots.map((root, i) => {
      const text = texts[i];
      if (!(root && text)) return null;
      return MapSet.start(
        root,
        text.sequence,
        () => this.controls.choices(),
        (cell) => this.#pinned(cell),
        () => heads[i].map(text.number),
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
    need("#score-caption").textContent =
      `The ${scores.shown} patterns of ${scores.n} in which the two differ most, each on the probe it is meant to be read ` +
      "on, with 95% intervals. Difference: the second less the first; what is no share of attention is ordered by its " +
      "part of the largest in the first model.";
    const evidence = evidenceDifferences(a, b);
    need("#evidence-differences").replaceChildren(...(evidence.n ? evidence.rows : []));
    for (const section of all(HTMLElement, "[data-of-evidence]")) section.hidden = !evidence.n;
  }
}

/**
 * @param {MapSet} set
 * @param {import("./heatmap.js").Cell} cell
 */
const fits = (set, { query, key }) => query < set.rows.length && key < set.columns.length;

/**
 * Name, model and labels of a head over its map.
 * @param {HTMLElement} root
 * @param {HeadData} head
 */
function showHead(root, { slug, model, name, labels }) {
  const link = /** @type {HTMLAnchorElement} */ (need("h2 a", root));
  [link.textContent, link.href] = [name, `${slug}/heads/${name}.html`];
  need("[data-model]", root).textContent = model;
  const chips = labels.map(({ name: label, strength, hue }) => {
    const chip = element("li", `${inWords(label)} `, `chip ${hue}`);
    if (strength !== null) chip.append(element("b", twoDigits(strength)));
    return chip;
  });
  need(".chips", root).replaceChildren(...(chips.length ? chips : [element("li", "no label", "soft")]));
}

/**
 * What a map is painted into: as in the pages of heads.
 * @param {HeadData} head
 * @param {Sequence} sequence
 * @param {number} number of the set on the page
 */
function frameOf({ name, model }, { tokens, columns, axes, step, cells, on }, number) {
  const set = element("div", "", `map-set cell-${cells[0]} step-${step}`);
  set.dataset.maps = String(number);
  const maps = element("div", "", "maps labelled");
  for (const [axis, i] of /** @type {[string, number][]} */ ([
    ["rows", 0],
    ["columns", 1],
  ])) {
    const labels = element("pre", axes[i], `axis-${axis}`);
    labels.setAttribute("aria-hidden", "true");
    labels.translate = false;
    maps.append(labels);
  }
  const img = element("img", "", "pixels");
  [img.width, img.height] = [(columns ?? tokens).length * cells[0], tokens.length * cells[0]];
  img.alt = `Attention of ${name} of ${model} on ${on}`;
  const frame = element("div", "", "map");
  frame.append(img);
  maps.append(frame);
  set.append(maps);
  return set;
}
