// The map of all heads: the nearest dot answers to the pointer, and shows where a head of the mosaic lies.
import { all, element, need } from "./dom.js";

const SIZE = 600; // of the drawing's view box
const REACH = 14; // how far from a dot it still answers

/** @typedef {{name: string, x: number, y: number}} Dot */

export class HeadMap {
  /** @type {Dot[] | undefined} */
  #dots;

  /**
   * The map of a page that has one.
   * @param {Record<string, string>} dots name of a head -> where it lies
   * @param {import("./mosaic.js").Mosaic} mosaic
   */
  static of(dots, mosaic) {
    const [map] = all(SVGSVGElement, ".head-map");
    return map ? new HeadMap(map, dots, mosaic) : null;
  }

  /**
   * @param {SVGSVGElement} map
   * @param {Record<string, string>} dots
   * @param {import("./mosaic.js").Mosaic} mosaic
   */
  constructor(map, dots, mosaic) {
    this.map = map;
    this.here = /** @type {SVGCircleElement} */ (map.querySelector(".here"));
    this.readout = need("#map-readout");
    this.hint = Array.from(this.readout.childNodes);
    this.places = dots;
    this.mosaic = mosaic;
    this.positions = new Map(mosaic.heads.map(({ name }, i) => [name, i]));
  }

  /** Where heads lie, worked out when it is first asked. @returns {Dot[]} */
  get dots() {
    this.#dots ??= Object.entries(this.places).map(parseDot);
    return this.#dots;
  }

  start() {
    this.map.addEventListener("pointermove", (event) => this.#point(this.#nearest(event)?.name));
    this.map.addEventListener("pointerleave", () => this.#point(undefined));
    this.map.addEventListener("click", (event) => {
      const dot = this.#nearest(event);
      if (dot) location.href = `heads/${dot.name}.html`;
    });
  }

  /** Puts a circle round a head. @param {string | undefined} name */
  show(name) {
    const dot = this.dots.find((each) => each.name === name);
    this.here.toggleAttribute("hidden", !dot);
    this.map.classList.toggle("pointing", Boolean(dot));
    if (!dot) return;
    this.here.setAttribute("cx", String(dot.x));
    this.here.setAttribute("cy", String(dot.y));
  }

  /** Only the heads of a label. @param {number} label -1 for all */
  filter(label) {
    for (const path of this.map.querySelectorAll("[data-dots]")) {
      path.classList.toggle("dim", label >= 0 && path.getAttribute("data-dots") !== String(label));
    }
  }

  /** @param {string | undefined} name */
  #point(name) {
    this.show(name);
    const i = this.positions.get(name ?? "") ?? -1;
    this.mosaic.point(i);
    if (name === undefined) return this.readout.replaceChildren(...this.hint);
    const said = this.mosaic.cells[i]?.said ?? "";
    return this.readout.replaceChildren(element("b", name), ` ${said.replace(/^\S+ ?/, "")}`);
  }

  /** @param {MouseEvent} event @returns {Dot | undefined} */
  #nearest(event) {
    const box = this.map.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * SIZE;
    const y = ((event.clientY - box.top) / box.height) * SIZE;
    let [nearest, least] = [/** @type {Dot | undefined} */ (undefined), REACH];
    for (const dot of this.dots) {
      const distance = Math.hypot(dot.x - x, dot.y - y);
      if (distance < least) [nearest, least] = [dot, distance];
    }
    return nearest;
  }
}

/** @param {[string, string]} entry @returns {Dot} */
function parseDot([name, coordinates]) {
  const [x, y] = coordinates.split(" ").map(Number);
  return { name, x, y };
}
