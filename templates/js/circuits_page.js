// The page of a model's circuits: choices, kept in the address, the graph of the edges that they leave, and their table.
import { circuitAddress } from "./address.js";
import { CircuitEdges } from "./circuit_edges.js";
import { CircuitGraph } from "./circuit_graph.js";
import { all, control, element, linkTo, need } from "./dom.js";
import { dataFolder } from "./files.js";
import { headingRow, tableRow } from "./table.js";
import { inThousands, inWords, threeDigits } from "./text.js";

/** @typedef {import("./circuit_edges.js").Edge} Edge */
/** @typedef {import("./circuit_edges.js").Node} Node */

const CHOICES = /** @type {const} */ (["by", "through", "from", "to", "head"]);
const AS_IT_COMES = 40; // edges, where no threshold was chosen
const MAX_DRAWN = 150;
const MAX_SAID = 3; // edges of a head, in sentences

const CAPTIONS = /** @type {Record<string, string>} */ ({
  cause:
    "Thickness: the change of the later head's score without the earlier one; dashed: the score rises. Colour: the " +
    "family of the earlier head's first label, grey without one.",
  path: "Thickness: what of taking the earlier head out goes straight through the later one. Colour: the earlier head.",
  weights:
    "Thickness: how much more of what the earlier head writes is read than by random weights. Colour: the earlier head.",
});
const HEADINGS = /** @type {Record<string, [string, string]>} */ ({
  cause: ["Score with and without the earlier head", "Change"],
  path: ["Through", "Effect"],
  weights: ["What reads it", "Composition"],
});

export class CircuitsPage {
  /** @type {Edge[]} */
  #drawn = [];
  /** @type {CircuitEdges | null} */
  #edges = null;
  /** The threshold that was chosen, in thousandths; -1 for none. */
  #least = -1;
  #width = 0;

  constructor() {
    this.form = /** @type {HTMLFormElement} */ (need(".circuit-controls"));
    this.readout = need("#circuit-readout");
    this.hint = "";
    const svg = /** @type {SVGElement} */ (document.querySelector(".circuit svg"));
    this.svg = svg;
    this.graph = new CircuitGraph(svg, {
      head: (node) => this.#say(node),
      edge: (edge) => this.readout.replaceChildren(edge.said),
    });
  }

  async start() {
    this.#edges = new CircuitEdges(await dataFolder(String(this.form.dataset.slug), "data").circuits());
    for (const section of all(HTMLElement, "[data-strongest]")) section.hidden = true; // all edges are in the other table
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
    return /** @type {HTMLSelectElement} */ (control(this.form, name));
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
    const { name } = /** @type {HTMLSelectElement} */ (event.target);
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
    const edges = /** @type {CircuitEdges} */ (this.#edges);
    const filter = this.#filter();
    need("[data-through]").hidden = filter.by === "cause";
    const wanted = edges.wanted(filter);
    const least = this.#showThreshold(wanted, edges.of(filter.by));
    const above = wanted.filter(({ value }) => Math.abs(value) >= least / 1000 - 1e-9);
    this.#drawn = above.slice(0, MAX_DRAWN);
    this.graph.draw(this.#drawn, edges.file.layers);
    this.hint = this.#summary(wanted.length, above.length, filter);
    this.#say(null);
    need("[data-caption]").textContent =
      `${CAPTIONS[filter.by]} Layers from top to bottom; only those with edges have a line. Point at a head, or go there ` +
      "with the arrow keys, to see its edges; a click leads to its page.";
    this.#list(filter.by);
    this.svg.dataset.shown = String(this.#drawn.length);
  }

  /**
   * The threshold: what was chosen or, without a choice, what leaves so many edges as can be read.
   * @param {Edge[]} wanted
   * @param {Edge[]} every of the sort
   */
  #showThreshold(wanted, every) {
    const slider = /** @type {HTMLInputElement} */ (control(this.form, "least"));
    const stored = (/** @type {Edge | undefined} */ edge) => Math.floor(Math.abs(1000 * (edge?.value ?? 0)) + 1e-6);
    slider.max = String(stored(every[0]));
    const least = this.#least < 0 ? (wanted.length > AS_IT_COMES ? stored(wanted[AS_IT_COMES - 1]) : 0) : this.#least;
    slider.value = String(least);
    const said = threeDigits(least / 1000);
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
    const count = (/** @type {number} */ n) => `${inThousands(n)} edge${n === 1 ? "" : "s"}`;
    if (!wanted)
      return head ? `No edge of ${head} of this sort is among those kept here.` : "No edge of this sort is kept here.";
    if (!above) return `None of ${count(wanted)} is that strong.`;
    const edges = /** @type {CircuitEdges} */ (this.#edges);
    const kept =
      edges.file.all[by] > edges.of(by).length
        ? `; of ${count(edges.file.all[by])} the strongest of each kind are kept`
        : "";
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
    const rows = this.#drawn.map(({ from, to, what, value }) =>
      tableRow([endOf(from), endOf(to), element("span", what), threeDigits(value)]),
    );
    const head = element("thead");
    head.append(headingRow(["From", element("span", "To"), element("span", HEADINGS[by][0]), HEADINGS[by][1]]));
    const body = element("tbody");
    body.append(...rows);
    need("[data-drawn]").replaceChildren(head, body);
  }
}

/** @param {Node} node */
function endOf({ name, labels }) {
  const end = element("span");
  end.append(linkTo(name, `heads/${name}.html`));
  if (labels.length) end.append(" ", element("span", labels.slice(0, 2).map(inWords).join(", "), "soft"));
  return end;
}
