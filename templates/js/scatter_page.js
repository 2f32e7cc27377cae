// The page of a scatter: two choices, kept in the address, and the points of all heads that have both numbers.
import { scatterAddress } from "./address.js";
import { control, need } from "./dom.js";
import { dataFolder } from "./files.js";
import { drawScatter } from "./scatter.js";
import { inThousands, inWords, threeDigits, twoDigits } from "./text.js";

/** @typedef {import("./scatter.js").Axis} Axis */

export class ScatterPage {
  /** @type {import("./scatter.js").Point[]} */
  #points = [];

  constructor() {
    this.form = /** @type {HTMLFormElement} */ (need(".scatter-controls"));
    this.files = dataFolder(String(this.form.dataset.slug), "data");
    this.svg = need(".scatter svg");
    this.readout = need("#scatter-readout");
    this.asItCame = { x: control(this.form, "x").value, y: control(this.form, "y").value };
  }

  async start() {
    need("[data-without-script]").hidden = true;
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", () => void this.#chosen());
    need("[data-swap]").addEventListener("click", () => void this.#swap());
    scatterAddress.onChange(() => void this.#fromAddress());
    this.#listen();
    await this.#fromAddress();
  }

  #fromAddress() {
    const wanted = scatterAddress.read();
    for (const name of /** @type {const} */ (["x", "y"])) {
      const select = control(this.form, name);
      select.value = wanted[name] || this.asItCame[name];
      if (!select.value) select.value = this.asItCame[name]; // no such number
    }
    return this.#draw();
  }

  #chosen() {
    const [x, y] = ["x", "y"].map((name) => control(this.form, name).value);
    scatterAddress.write({ x, y });
    return this.#draw();
  }

  #swap() {
    const [x, y] = [control(this.form, "x"), control(this.form, "y")];
    [x.value, y.value] = [y.value, x.value];
    return this.#chosen();
  }

  async #draw() {
    const asked = scatterKey(this.form);
    const heads = await this.files.heads();
    const [x, y] = await Promise.all([this.#axis("x"), this.#axis("y")]);
    if (asked !== scatterKey(this.form)) return; // another was chosen meanwhile
    this.#points = heads.heads.flatMap((name, i) => {
      const [across, up] = [x.values[i] ?? null, y.values[i] ?? null];
      if (across === null || up === null) return [];
      const label = heads.labels[i][0];
      const hue = heads.patterns[label?.[0]]?.hue ?? "";
      const called = heads.labels[i].map(([each, strength]) => `${inWords(each)} ${twoDigits(strength)}`).join(" · ");
      return [{ name, x: across / 1000, y: up / 1000, hue, called: called || "no label" }];
    });
    drawScatter(this.svg, this.#points, x, y);
    this.readout.textContent = `${inThousands(this.#points.length)} heads. Point at one, or go there by keyboard.`;
    this.svg.dataset.shown = asked;
  }

  /** What one axis shows, with its numbers in thousandths. @param {"x" | "y"} name @returns {Promise<Axis>} */
  async #axis(name) {
    const select = /** @type {HTMLSelectElement} */ (control(this.form, name));
    const [option] = select.selectedOptions;
    const { file = "", probe = "", unit = "" } = option.dataset;
    const title = option.label; // without the line break that ends its text
    if (!file) {
      const { score, chance } = (await this.files.heads()).patterns[select.value];
      return { title: `${title}, ${inWords(probe)}`, unit, values: score, marked: chance };
    }
    const { probes } = await this.files.numbers(file);
    return { title, unit, values: probes[probe].score, marked: 0 };
  }

  #listen() {
    const report = (/** @type {Event} */ { target }) => {
      const link = target instanceof Element ? target.closest("a") : null;
      const point = link && this.#points.find(({ name }) => name === link.getAttribute("data-head"));
      if (!point) return;
      const [x, y] = [threeDigits(point.x), threeDigits(point.y)];
      this.readout.textContent = `${point.name}: ${x} across, ${y} up. ${point.called}`;
    };
    this.svg.addEventListener("focusin", report);
    this.svg.addEventListener("pointerover", report);
  }
}

/** The two choices. @param {HTMLFormElement} form */
const scatterKey = (form) => `${control(form, "x").value} ${control(form, "y").value}`;
