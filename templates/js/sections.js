// The sequences of a head's or a layer's page: the first is in the page, and the others are drawn like it.
import { all, need } from "./dom.js";

/**
 * How a sequence is drawn, besides its tokens: data/tokens-KIND.js.
 * @typedef {import("./map_set.js").Tokens & {
 *   name: string, probe: string, file: string, sequence: number, length: string, on: string,
 *   axes: [string, string], step: number, cells: [number, number], tall: [number, number]}} Sequence
 */

/**
 * Draws the frames of all sequences but the first; their maps are painted when they come into view.
 * @param {Sequence[]} sequences
 */
export function drawSections(sequences) {
  const [first, ...others] = all(HTMLElement, "figure.example");
  for (const figure of others) drawLike(first, figure, sequences[Number(figure.dataset.example)]);
}

/**
 * @param {HTMLElement} first
 * @param {HTMLElement} figure
 * @param {Sequence} sequence
 */
function drawLike(first, figure, sequence) {
  const set = copyOf(".map-set", first);
  set.dataset.maps = figure.dataset.example;
  const size = set.classList.contains("multiples") ? 1 : 0;
  const [cell, tall] = [sequence.cells[size], sequence.tall[size]];
  set.className = set.className
    .replace(/cell-\d+/, `cell-${cell}`)
    .replace(/step-\d+/, `step-${sequence.step}`)
    .replace(/tall-\d+/, `tall-${tall}`);
  for (const axis of set.querySelectorAll(".axis-rows")) axis.replaceChildren(sequence.axes[0]);
  for (const axis of set.querySelectorAll(".axis-columns")) axis.replaceChildren(sequence.axes[1]);
  const head = document.querySelector("h1")?.textContent?.trim() ?? "";
  for (const img of all(HTMLImageElement, "img.pixels", set)) emptyPicture(img, sequence, [cell, cell * tall], head);
  figure.prepend(set);
  figure.append(captionOf(first, figure, sequence));
}

/**
 * A picture without pixels, of the size that its map will have.
 * @param {HTMLImageElement} img
 * @param {Sequence} sequence
 * @param {[number, number]} size of a cell: width and height
 * @param {string} heading the head or layer that the page is about
 */
function emptyPicture(img, { tokens, columns, on }, [width, height], heading) {
  const link = img.closest("li")?.querySelector(".map-title a");
  const isMean = img.closest(".multiples") !== null && !link;
  img.removeAttribute("src");
  img.dataset.map = isMean ? "mean" : (link?.textContent ?? heading);
  [img.width, img.height] = [(columns ?? tokens).length * width, tokens.length * height];
  if (isMean) img.alt = `Mean attention of ${heading} on ${on}`;
  else if (!link) img.alt = `Attention of ${heading} on ${on}`;
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
