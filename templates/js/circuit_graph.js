// Draws edges between heads: a row a layer, from the first at the top; a head that is pointed at lights up its edges.
import { layOut } from "./circuit_layout.js";
import { drawing, hasModifier } from "./dom.js";
import { inWords } from "./text.js";

/** @typedef {import("./circuit_edges.js").Node} Node */
/** @typedef {import("./circuit_edges.js").Edge} Edge */
/** @typedef {import("./circuit_layout.js").Layout} Layout */

const NARROW = 600; // in CSS pixels: below, heads are called by their number in the row
const WIDE_HEAD = { left: 40, step: 60, row: 50, half: 25 };
const NARROW_HEAD = { left: 34, step: 38, row: 46, half: 16 };
const HALF_HEIGHT = 10;
const BEND = 16; // of an edge, sideways, for each row that it passes
const MAX_BEND = 90;

export class CircuitGraph {
  /** @type {Map<Node, Element>} */
  #links = new Map();
  /** @type {{edge: Edge, path: SVGElement, hit: SVGElement}[]} */
  #paths = [];
  /** @type {Layout | null} */
  #layout = null;

  /**
   * @param {SVGElement} svg
   * @param {{head: (node: Node | null) => void, edge: (edge: Edge) => void}} on what is pointed at
   */
  constructor(svg, on) {
    this.svg = svg;
    this.on = on;
    svg.addEventListener("pointerover", (event) => this.#point(event.target));
    svg.addEventListener("pointerleave", () => this.#point(document.activeElement));
    svg.addEventListener("focusin", (event) => this.#point(event.target));
    svg.addEventListener("focusout", () => this.#point(null));
    svg.addEventListener("keydown", (event) => this.#key(event));
  }

  /**
   * @param {Edge[]} edges the strongest first
   * @param {string[]} layers names
   */
  draw(edges, layers) {
    const room = this.svg.parentElement?.clientWidth || NARROW;
    const measures = room < NARROW ? NARROW_HEAD : WIDE_HEAD;
    const layout = layOut(edges, { ...measures, room });
    const { width, height, rows, at } = layout;
    this.#layout = layout;
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) {
      this.svg.setAttribute(name, String(value));
    }
    const most = Math.max(...edges.map(({ value }) => Math.abs(value)), 1e-9);
    const passes = (/** @type {Edge} */ edge) => rowsBetween(rows, edge);
    this.#paths = [...edges].reverse().map((edge) => pathOf(edge, curve(at, edge, passes(edge), width), most));
    this.#links = new Map(rows.flat().map((node) => [node, linkOf(node, at.get(node), measures.half, edges)]));
    this.svg.replaceChildren(
      ...rows.flatMap((heads, i) => rowOf(layers[heads[0].layer], (i + 0.5) * measures.row, width)),
      ...this.#paths.flatMap(({ path, hit }) => [path, hit]),
      ...this.#links.values(),
    );
    this.#links.get(strongest(edges))?.setAttribute("tabindex", "0");
  }

  /** @param {EventTarget | null} target */
  #point(target) {
    const element = target instanceof Element && this.svg.contains(target) ? target : null;
    const link = element?.closest("a");
    const node = this.#nodeOf(link);
    const known = this.#paths.find(({ hit }) => hit === element);
    this.#light(node ? ({ from, to }) => from === node || to === node : known ? (edge) => edge === known.edge : null);
    if (known) this.on.edge(known.edge);
    else this.on.head(node ?? null);
  }

  /** Lights up some edges with the heads at their ends. @param {((edge: Edge) => boolean) | null} isLit */
  #light(isLit) {
    this.svg.classList.toggle("lighting", isLit !== null);
    /** @type {Set<Node>} */
    const ends = new Set();
    for (const { edge, path } of this.#paths) {
      const lit = isLit?.(edge) ?? false;
      path.classList.toggle("lit", lit);
      if (lit) ends.add(edge.from).add(edge.to);
    }
    for (const [node, link] of this.#links) link.classList.toggle("lit", ends.has(node));
  }

  /** Arrow keys go to the head beside, or to the nearest in the next row. @param {KeyboardEvent} event */
  #key(event) {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const node = this.#nodeOf(link);
    const next = node && !hasModifier(event) ? this.#next(node, event.key) : undefined;
    if (!(node && next)) return;
    event.preventDefault();
    this.#links.get(node)?.setAttribute("tabindex", "-1");
    this.#links.get(next)?.setAttribute("tabindex", "0");
    /** @type {SVGElement} */ (this.#links.get(next)).focus();
  }

  /** @param {Element | null | undefined} link */
  #nodeOf(link) {
    return Array.from(this.#links).find(([, each]) => each === link)?.[0];
  }

  /**
   * @param {Node} node
   * @param {string} key
   */
  #next(node, key) {
    const { rows, at } = /** @type {Layout} */ (this.#layout);
    const row = rows.findIndex((heads) => heads.includes(node));
    const column = rows[row].indexOf(node);
    const x = at.get(node)?.x ?? 0;
    const nearest = (/** @type {Node[] | undefined} */ heads) =>
      [...(heads ?? [])].sort((a, b) => Math.abs((at.get(a)?.x ?? 0) - x) - Math.abs((at.get(b)?.x ?? 0) - x))[0];
    /** @type {Record<string, Node | undefined>} */
    const moves = {
      ArrowLeft: rows[row][column - 1],
      ArrowRight: rows[row][column + 1],
      ArrowUp: nearest(rows[row - 1]),
      ArrowDown: nearest(rows[row + 1]),
      Home: rows[0][0],
      End: rows.at(-1)?.at(-1),
    };
    return moves[key];
  }
}

/** The head with the most edges, weighed. @param {Edge[]} edges @returns {Node} */
function strongest(edges) {
  /** @type {Map<Node, number>} */
  const sums = new Map();
  for (const { from, to, value } of edges) {
    for (const node of [from, to]) sums.set(node, (sums.get(node) ?? 0) + Math.abs(value));
  }
  return [...sums].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/**
 * How many rows an edge passes.
 * @param {Node[][]} rows
 * @param {Edge} edge
 */
const rowsBetween = (rows, { from, to }) => rows.filter(([{ layer }]) => layer > from.layer && layer < to.layer).length;

/**
 * From below a head to above a later one; bent outwards where it passes rows, since a straight line would lie below heads.
 * @param {Layout["at"]} at
 * @param {Edge} edge
 * @param {number} passed
 * @param {number} width
 */
function curve(at, { from, to }, passed, width) {
  const [a, b] = [at.get(from), at.get(to)];
  if (!(a && b)) return "";
  const [start, end] = [a.y + HALF_HEIGHT, b.y - HALF_HEIGHT];
  const bend = passed ? Math.sign(a.x + b.x - width || 1) * Math.min(BEND * (passed + 1), MAX_BEND) : 0;
  const lean = (end - start) / 2;
  const [left, right] = [a.x, b.x].map((x) => Math.min(Math.max(x + bend, 0), width));
  const numbers = [a.x, start, left, start + lean, right, end - lean, b.x, end].map((n) => n.toFixed(1));
  return `M${numbers[0]} ${numbers[1]}C${numbers.slice(2).join(" ")}`;
}

/**
 * @param {Edge} edge
 * @param {string} d
 * @param {number} most
 */
function pathOf(edge, d, most) {
  const share = Math.abs(edge.value) / most;
  const path = drawing("path", {
    class: ["edge", edge.from.hue, edge.value < 0 || edge.label === "" ? "" : "more"].filter(Boolean).join(" "),
    d,
    "stroke-width": (1 + 5 * share).toFixed(1),
    "data-edge": `${edge.from.name} ${edge.to.name}`,
  });
  return { edge, path, hit: drawing("path", { class: "hit", d }) };
}

/**
 * @param {string} name
 * @param {number} y
 * @param {number} width
 */
function rowOf(name, y, width) {
  return [
    drawing("path", { class: "row", d: `M0 ${y}H${width}` }),
    drawing("text", { class: "row-name", x: 0, y: y - 4 }, name),
  ];
}

/**
 * A head that leads to its page.
 * @param {Node} node
 * @param {{x: number, y: number} | undefined} at
 * @param {number} half of its width
 * @param {Edge[]} edges
 */
function linkOf(node, at, half, edges) {
  const { x, y } = at ?? { x: 0, y: 0 };
  const count = (/** @type {number} */ n, /** @type {string} */ way) => `${n} edge${n === 1 ? "" : "s"} ${way} it`;
  const [out, into] = [edges.filter(({ from }) => from === node), edges.filter(({ to }) => to === node)];
  const called = node.labels.map(inWords).join(", ") || "no label";
  const link = drawing("a", {
    href: `heads/${node.name}.html`,
    class: node.hue,
    "data-head": node.name,
    tabindex: -1,
    "aria-label": `${node.name}: ${called}; ${count(out.length, "from")}, ${count(into.length, "to")}`,
  });
  const text = half < WIDE_HEAD.half ? node.name.replace(/^.*(?=H)/, "") : node.name;
  const box = { x: x - half, y: y - HALF_HEIGHT, width: 2 * half, height: 2 * HALF_HEIGHT, rx: 3 };
  link.append(drawing("rect", box), drawing("text", { x, y }, text));
  return link;
}
