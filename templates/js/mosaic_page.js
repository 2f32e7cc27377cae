// The page of a model: its mosaic coloured by label, or by the pattern, probe and kind of score one picks; the choice is
// in the address.
import { mosaicAddress } from "./address.js";
import { all, control, drawing, element, hasModifier, linkTo, markCurrent, need, pageData } from "./dom.js";
import { saveFigure } from "./figure.js";
import { dataFolder } from "./files.js";
import { HeadMap } from "./head_map.js";
import { Mosaic } from "./mosaic.js";
import { mosaicFigure } from "./mosaic_figure.js";
import { rememberedSink, rememberSink } from "./sink_choice.js";
import { inWords, threeDigits } from "./text.js";

/** @typedef {import("./files.js").Pattern} Pattern */

/**
 * What the page's template left: the pattern it comes with ("" for labels), the model's labels, where each pattern's scores lie, and
 * the places of heads on the map.
 * @typedef {object} PageData
 * @property {string} chosen
 * @property {import("./mosaic.js").Label[]} labels
 * @property {Record<string, string>} files
 * @property {Record<string, string>} evidence the file of each type of evidence, which is chosen as patterns are
 * @property {Record<string, string>} dots
 */

const ALL = -1; // no label is picked out

export class MosaicPage {
  /** Coloured by this pattern's scores; null: by label. @type {Pattern | null} */
  #pattern = null;
  /** The label whose heads alone are shown. */
  #filter = ALL;

  constructor() {
    /** @type {PageData} */
    this.data = pageData("mosaic-data");
    this.plate = need("[data-slug]");
    this.form = /** @type {HTMLFormElement} */ (need("form.controls"));
    this.mosaic = new Mosaic(all(HTMLTableElement, "[data-mosaic]"), this.data.labels);
    this.headMap = HeadMap.of(this.data.dots, this.mosaic);
    this.files = dataFolder(String(this.plate.dataset.slug), "data");
    this.thumbnails = all(HTMLAnchorElement, "[data-pattern]");
    this.keys = all(HTMLAnchorElement, "[data-label]");
    this.legend = need("[data-score-legend]");
    this.readout = need("#mosaic-readout");
    this.caption = need("[data-caption]");
    this.hint = Array.from(this.readout.childNodes);
    this.labelCaption = Array.from(this.caption.childNodes);
    /** What is painted: the page comes with labels in links, or with nothing that a script can ask. */
    this.painted = this.data.chosen || this.mosaic.drawn ? "" : this.#wanted("");
  }

  /** Shows what the address says, and answers from then on. */
  start() {
    if (!this.mosaic.heads.length) return;
    this.headMap?.start();
    this.#drawRandomHead();
    addEventListener("pageshow", () => this.#drawRandomHead());
    this.#listenToForm();
    this.#listenToLinks();
    this.#listenToSmallMaps();
    this.mosaic.listen(
      (i) => this.#describe(i),
      () => this.#summarise(),
    );
    mosaicAddress.onChange(() => void this.#fromAddress());
    void this.#fromAddress().then(() => this.#recallSink());
  }

  /** As it was left on the page before; the address says it from then on. */
  #recallSink() {
    if (rememberedSink() !== "hide" || this.#sink().checked) return;
    this.#sink().checked = true;
    this.#paint();
    this.#toAddress({ step: false });
  }

  /** The switch that sets the sink aside. */
  #sink() {
    return /** @type {HTMLInputElement} */ (control(this.form, "sink"));
  }

  /** Another head each time the page is shown. */
  #drawRandomHead() {
    const { heads } = this.mosaic;
    for (const link of all(HTMLAnchorElement, "[data-random]")) {
      link.href = heads[Math.floor(Math.random() * heads.length)].href;
    }
  }

  #listenToForm() {
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("change", async (event) => {
      if (event.target === this.#sink()) rememberSink(this.#sink().checked);
      if (event.target === this.#control("pattern")) await this.#choosePattern(this.#value("pattern"), "");
      else this.#paint();
      this.#toAddress();
    });
    this.form.addEventListener("click", (event) => {
      const format = event.target instanceof HTMLElement ? event.target.dataset.save : undefined;
      if (format) this.#save(format);
    });
  }

  #listenToLinks() {
    for (const thumbnail of this.thumbnails) {
      onPlainClick(thumbnail, async () => {
        await this.#choosePattern(String(thumbnail.dataset.pattern), "");
        this.#toAddress();
        this.plate.scrollIntoView();
      });
    }
    for (const key of this.keys) {
      onPlainClick(key, () => {
        const label = Number(key.dataset.label);
        this.#filter = label === this.#filter ? ALL : label;
        this.#paint();
        this.#toAddress();
      });
    }
  }

  /** A layer's picture leads to the head that is pointed at, and names it. */
  #listenToSmallMaps() {
    const positions = new Map(this.mosaic.heads.map(({ name }, i) => [name, i]));
    for (const maps of all(SVGSVGElement, "[data-layer]")) {
      const n = Number(maps.dataset.heads);
      const title = drawing("title");
      maps.append(title);
      const at = (/** @type {MouseEvent} */ event) => {
        const { left, width } = maps.getBoundingClientRect();
        return positions.get(`${maps.dataset.layer}H${Math.floor(((event.clientX - left) / width) * n)}`);
      };
      maps.addEventListener("pointermove", (event) => {
        const i = at(event);
        if (i !== undefined) title.textContent = `${this.mosaic.heads[i].name} ${this.mosaic.claimsInWords(i)}`;
      });
      maps.addEventListener("click", (event) => {
        const i = at(event);
        if (i !== undefined) location.href = this.mosaic.heads[i].href;
      });
    }
  }

  /** @param {string} name */
  #control(name) {
    return /** @type {HTMLSelectElement} */ (control(this.form, name));
  }

  /** @param {string} name */
  #value(name) {
    return this.#control(name).value;
  }

  #fromAddress() {
    const { pattern, probe, value, scale, label } = mosaicAddress.read();
    this.#sink().checked = value === "sinkfree";
    this.#control("scale").value = scale;
    this.#filter = this.data.labels.findIndex(({ text }) => text === inWords(label));
    const known = Object.hasOwn(this.data.files, pattern) || Object.hasOwn(this.data.evidence, pattern);
    return this.#choosePattern(known ? pattern : this.data.chosen, probe);
  }

  /** @param {{step?: boolean}} [options] see `Address.write` */
  #toAddress(options) {
    const label = this.#filter < 0 ? "" : this.data.labels[this.#filter].text.replaceAll(" ", "_");
    const value = this.#sink().checked ? "sinkfree" : "score";
    if (!this.#pattern) return mosaicAddress.write({ value, label }, "", options);
    const scale = this.#value("scale") === "fit" ? "fit" : "full";
    return mosaicAddress.write(
      { pattern: this.#pattern.name, probe: this.#value("probe"), value, scale, label },
      "",
      options,
    );
  }

  /**
   * Colours by a pattern, or by label for "".
   * @param {string} name
   * @param {string} probe that of the pattern for ""
   */
  async #choosePattern(name, probe) {
    this.#control("pattern").value = name;
    const pattern = name ? await this.#load(name) : null;
    if (this.#value("pattern") !== name) return; // another was chosen meanwhile
    this.#pattern = pattern;
    if (pattern) this.#offerProbes(Object.keys(pattern.probes), probe);
    this.#paint();
    this.plate.dataset.shown = name;
  }

  /** @param {string} name of a pattern or a type of evidence */
  #load(name) {
    const { evidence, files } = this.data;
    return this.files.numbers(Object.hasOwn(evidence, name) ? evidence[name] : files[name]);
  }

  /**
   * Only probes that the pattern was measured on; the first is the one it is meant to be read on.
   * @param {string[]} measured
   * @param {string} wanted
   */
  #offerProbes(measured, wanted) {
    const select = this.#control("probe");
    for (const option of select.options) option.disabled = !measured.includes(option.value);
    select.value = measured.includes(wanted) ? wanted : measured[0];
  }

  /**
   * The scores that are chosen, and the upper end of their scale.
   * @param {Pattern} pattern
   */
  #measured(pattern) {
    const measured = pattern.probes[this.#value("probe")];
    const sinkFree = this.#sink().checked && !pattern.against;
    const values = sinkFree ? measured.sinkfree : measured.score;
    const known = values.filter((value) => value !== null);
    const fit = this.#value("scale") === "fit" && known.length > 0;
    const fitted = measured.fit ?? Math.max(...known, 1) / 1000;
    return { ...measured, values, sinkFree, top: fit ? fitted : measured.top };
  }

  /** What the cells show. @param {string} scores pattern and probe; "" for labels */
  #wanted(scores) {
    return [scores, this.#sink().checked, this.#value("scale"), this.#filter].join(" ");
  }

  #paint() {
    const pattern = this.#pattern;
    for (const choice of this.form.querySelectorAll("[data-of-scores]")) {
      choice.toggleAttribute("hidden", !pattern || isIdle(choice, pattern));
    }
    need("[data-sink-choice]", this.form).hidden = Boolean(pattern?.against); // evidence has no sink-free form
    this.legend.hidden = !pattern;
    for (const part of document.querySelectorAll("[data-sink]")) {
      part.toggleAttribute("hidden", (part.getAttribute("data-sink") === "aside") !== this.#sink().checked);
    }
    for (const hued of [this.legend, ...this.mosaic.grids.map(({ table }) => table)]) {
      hued.className = hued.className.replace(/\s*\bf-[a-z-]+/, "");
      if (pattern) hued.classList.add(pattern.hue);
    }
    this.#paintCells(); // in that hue
    markCurrent(this.keys, (key) => Number(key.dataset.label) === this.#filter);
    markCurrent(this.thumbnails, (thumbnail) => thumbnail.dataset.pattern === pattern?.name);
    this.headMap?.filter(this.#filter);
    if (pattern) this.#explain(pattern);
    else this.caption.replaceChildren(...this.labelCaption);
    this.#summarise();
  }

  /** Thousands of cells are painted only where they change. */
  #paintCells() {
    const pattern = this.#pattern;
    const wanted = this.#wanted(pattern ? `${pattern.name} ${this.#value("probe")}` : "");
    if (wanted === this.painted) return;
    this.painted = wanted;
    if (!pattern) return this.mosaic.paintLabels(this.#filter, this.#sink().checked);
    const { values, top } = this.#measured(pattern);
    return this.mosaic.paintScores(values, top, this.#filter, pattern.against);
  }

  /** Legend and caption of a score. @param {Pattern} pattern */
  #explain(pattern) {
    const { top, chance, sinkFree } = this.#measured(pattern);
    document.querySelectorAll("[data-ticks] li").forEach((tick, i) => {
      tick.textContent = String(Number(((top * i) / 4).toPrecision(3)));
    });
    const mark = chance === null ? "" : `M${(Math.min(chance / top, 1) * 100).toFixed(2)} 0V6`;
    document.querySelector("[data-chance-mark]")?.setAttribute("d", mark);
    const probe = this.#onProbe() + (sinkFree ? ", sink-free" : "");
    const cells = "Rows are layers, columns are heads; each cell is a head's score and leads to the head.";
    if (pattern.against) {
      const below = "The other hue is below zero; beyond the end of the scale cells are as full as there.";
      const link = linkTo(nameOf(pattern), "../methods.html#evidence");
      this.caption.replaceChildren(link, `${probe}, ${pattern.unit}. ${cells} ${below}`);
      return;
    }
    const link = linkTo(nameOf(pattern), `../patterns/${this.data.files[pattern.name]}.html`);
    const marked = " The mark under the scale is chance: what evenly spread attention scores.";
    this.caption.replaceChildren(link, `${probe}. ${cells}${chance === null ? "" : marked}`);
  }

  /** " on natural text"; nothing for what is read off the weights. */
  #onProbe() {
    const probe = this.#value("probe");
    return probe ? ` on ${inWords(probe)}` : "";
  }

  /** What the mosaic shows, while nothing is pointed at. */
  #summarise() {
    const pattern = this.#pattern;
    const label = this.data.labels[this.#filter];
    if (pattern) this.readout.replaceChildren(element("b", nameOf(pattern)), ": ", summaryOf(pattern));
    else if (label) this.readout.replaceChildren(element("b", label.text), `: ${label.summary}`);
    else this.readout.replaceChildren(...this.hint);
  }

  /** A head that is pointed at. @param {number} i */
  #describe(i) {
    const { name } = this.mosaic.heads[i];
    this.headMap?.show(name);
    const text = this.#pattern ? this.#scoresInWords(this.#pattern, i) : this.mosaic.claimsInWords(i);
    this.readout.replaceChildren(element("b", name), ` ${text}`);
  }

  /**
   * @param {Pattern} pattern
   * @param {number} i
   */
  #scoresInWords(pattern, i) {
    const { score, sinkfree, chance, top } = this.#measured(pattern);
    const value = (/** @type {number | null} */ stored) => (stored === null ? null : stored / 1000);
    if (pattern.against) return `${nameOf(pattern)}${this.#onProbe()} ${threeDigits(value(score[i]))} ${pattern.unit}`;
    const unit = top > 1 ? ` ${pattern.unit}` : "";
    const parts = [
      `${nameOf(pattern)} ${threeDigits(value(score[i]))}${unit}`,
      `sink-free ${sinkfree[i] === null ? "none" : threeDigits(value(sinkfree[i]))}`,
    ];
    if (chance !== null) parts.push(`chance ${threeDigits(chance)}`);
    return parts.join(" · ");
  }

  /** @param {string} format svg or png */
  #save(format) {
    const pattern = this.#pattern;
    const sinkFree = pattern && this.#measured(pattern).sinkFree ? ", sink-free" : "";
    const label = this.#filter < 0 ? "labels" : this.data.labels[this.#filter].text;
    const what = pattern ? `${nameOf(pattern)}${this.#onProbe()}${sinkFree}` : label;
    const title = `${document.querySelector("h1")?.textContent}: ${what}`;
    void saveFigure(mosaicFigure(this.mosaic, title, this.#key()), title, format);
  }

  /** What the colours mean, for a figure. @returns {import("./mosaic_figure.js").Key} */
  #key() {
    const pattern = this.#pattern;
    if (!pattern) return { labels: this.keys.filter((_, i) => this.#filter < 0 || i === this.#filter) };
    const { top, chance } = this.#measured(pattern);
    return {
      steps: all(HTMLElement, ".legend-steps span", this.legend),
      ticks: all(HTMLElement, "[data-ticks] li", this.legend).map((tick) => tick.textContent ?? ""),
      chance: chance === null ? null : Math.min(chance / top, 1),
      said: pattern.against ? `${pattern.unit}; the other hue: below zero` : "",
    };
  }
}

/** @param {Pattern} pattern */
const nameOf = (pattern) => pattern.title ?? inWords(pattern.name);

/** Its first sentence, as much of it as there is room for; all of it where one points at it. @param {Pattern} pattern */
function summaryOf({ summary }) {
  const said = element("span", summary.split(/(?<=\.) /)[0].replaceAll("`", ""));
  said.title = summary.replaceAll("`", "");
  return said;
}

/**
 * Whether a control has nothing to choose: weights are of no probe.
 * @param {Element} choice
 * @param {Pattern} pattern
 */
function isIdle(choice, pattern) {
  return Boolean(pattern.against) && "" in pattern.probes && choice.matches(":has([name=probe])");
}

/**
 * A click that is no wish for another tab.
 * @param {HTMLAnchorElement} link
 * @param {() => void} act
 */
function onPlainClick(link, act) {
  link.addEventListener("click", (event) => {
    if (hasModifier(event) || event.shiftKey) return;
    event.preventDefault();
    act();
  });
}
