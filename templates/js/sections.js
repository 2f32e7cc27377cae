// The sequences of a head's or a layer's page: the links to them, and frames of maps, which are painted when they come into view.
import { all, element, linkTo, need } from "./dom.js";
import { keptHeads, keptSequences } from "./layer_data.js";

/**
 * How a sequence is drawn, besides its tokens: data/tokens-KIND.js.
 * @typedef {import("./map_set.js").Tokens & {
 *   name: string, probe: string, file: string, sequence: number, rank: number, length: string, on: string,
 *   axes: [string, string], step: number, cells: [number, number], tall: [number, number]}} Sequence
 */

/**
 * Draws the frames of all sequences besides those that the page has.
 * @param {Sequence[]} sequences
 */
export function drawSections(sequences) {
  const first = /** @type {HTMLElement | null} */ (document.querySelector("figure.example"));
  if (!first) return;
  const heading = document.querySelector("h1")?.textContent?.trim() ?? "";
  const layer = first.dataset.heads !== undefined;
  const shown = keptSequences(layer ? null : heading).sort((a, b) => sequences[a].rank - sequences[b].rank || a - b);
  const before = new Map(all(HTMLElement, "figure.example").map((figure) => [Number(figure.dataset.example), figure]));
  /** @type {HTMLElement | null} */
  let last = null;
  for (const number of shown) {
    const figure = before.get(number) ?? emptyFigure(number, sequences[number]);
    if (last) last.after(figure);
    last = figure;
    const frame = layer
      ? layerFrame(heading, Number(first.dataset.heads), number, sequences[number])
      : figure !== first && headFrame(first, heading, number, sequences[number]);
    if (frame) figure.prepend(frame);
    if (figure !== first) figure.append(captionOf(first, figure, sequences[number]));
  }
  drawLinks(shown.map((number) => sequences[number]));
}

/** @param {Sequence} sequence */
const anchorOf = ({ file, sequence }) => `${file}-${sequence}`;

/**
 * @param {number} number
 * @param {Sequence} sequence
 */
function emptyFigure(number, sequence) {
  const figure = element("figure", "", "example");
  figure.id = anchorOf(sequence);
  figure.dataset.example = String(number);
  return figure;
}

/**
 * A link to each sequence, probe by probe.
 * @param {Sequence[]} shown
 */
function drawLinks(shown) {
  const list = /** @type {HTMLElement | null} */ (document.querySelector("nav.examples"));
  if (!list) return;
  for (const probe of new Set(shown.map((sequence) => sequence.probe))) {
    const line = element("p");
    line.append(element("span", probe));
    for (const sequence of shown.filter((each) => each.probe === probe)) {
      const link = linkTo(sequence.name, `#${anchorOf(sequence)}`);
      link.title = `${probe} ${sequence.sequence}`;
      if (anchorOf(sequence) === list.dataset.clearest) link.className = "clearest";
      line.append(" ", link);
    }
    list.append(line);
  }
}

/**
 * The frame of a head's map, made like the first.
 * @param {HTMLElement} first
 * @param {string} head
 * @param {number} number
 * @param {Sequence} sequence
 */
function headFrame(first, head, number, sequence) {
  const set = copyOf(".map-set", first);
  set.dataset.maps = String(number);
  const [cell, tall] = [sequence.cells[0], sequence.tall[0]];
  set.className = `map-set cell-${cell} step-${sequence.step} tall-${tall}`;
  need(".axis-rows", set).replaceChildren(sequence.axes[0]);
  need(".axis-columns", set).replaceChildren(sequence.axes[1]);
  const img = /** @type {HTMLImageElement} */ (need("img.pixels", set));
  img.removeAttribute("src");
  sizePicture(img, head, sequence, [cell, cell * tall]);
  img.alt = `Attention of ${head} on ${sequence.on}`;
  return set;
}

/**
 * The frame of the maps of a layer's heads, and of their mean.
 * @param {string} layer
 * @param {number} heads in the layer
 * @param {number} number
 * @param {Sequence} sequence
 */
function layerFrame(layer, heads, number, sequence) {
  const [cell, tall] = [sequence.cells[1], sequence.tall[1]];
  const set = element("div", "", `map-set multiples cell-${cell} tall-${tall}`);
  set.dataset.maps = String(number);
  const list = element("ul", "", "maps");
  for (const name of [...keptHeads(number), "mean"]) {
    const [line, title, box, img] = [
      element("li"),
      element("p", "", "map-title"),
      element("div", "", "map"),
      new Image(),
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

/**
 * A picture without pixels, of the size that its map will have.
 * @param {HTMLImageElement} img
 * @param {string} map whose it is: a head's, or the mean
 * @param {Sequence} sequence
 * @param {[number, number]} size of a cell: width and height
 */
function sizePicture(img, map, { tokens, columns }, [width, height]) {
  img.dataset.map = map;
  [img.width, img.height] = [(columns ?? tokens).length * width, tokens.length * height];
}

/**
 * @param {HTMLElement} first
 * @param {HTMLElement} figure
 * @param {Sequence} sequence
 */
function captionOf(first, figure, sequence) {
  const caption = copyOf("figcaption", first);
  const { name, probe: ofProbe, length } = sequence;
  /** @type {Record<string, string>} */
  const said = { name, probe: ofProbe, length, sequence: String(sequence.sequence) };
  for (const part of all(HTMLElement, "[data-part]", caption)) part.textContent = said[String(part.dataset.part)];
  const probe = /** @type {HTMLAnchorElement} */ (need("[data-part=probe]", caption));
  probe.href = `../../probes/${sequence.file}.html`;
  for (const beside of all(HTMLAnchorElement, "[data-beside]", caption)) beside.hash = figure.id;
  return caption;
}

/**
 * @param {string} selector
 * @param {HTMLElement} first
 */
const copyOf = (selector, first) => /** @type {HTMLElement} */ (need(selector, first).cloneNode(true));
