// Where heads of a graph stand: a row a layer, near the heads that they have edges with.

/** @typedef {import("./circuit_edges.js").Node} Node */
/** @typedef {import("./circuit_edges.js").Edge} Edge */

/**
 * @typedef {object} Layout
 * @property {Node[][]} rows from the first layer to the last, heads from left to right
 * @property {Map<Node, {x: number, y: number}>} at middles of heads
 * @property {number} width
 * @property {number} height
 */

/** @typedef {{left: number, step: number, row: number, room: number}} Measures step: between heads, row: between rows */

const ROUNDS = 8;

/**
 * Heads stand where the mean of their neighbours is, as far as there is room; only layers with heads have a row.
 * @param {Edge[]} edges
 * @param {Measures} measures
 * @returns {Layout}
 */
export function layOut(edges, { left, step, row, room }) {
  const nodes = Array.from(new Set(edges.flatMap(({ from, to }) => [from, to])));
  const layers = Array.from(new Set(nodes.map(({ layer }) => layer))).sort((a, b) => a - b);
  const rows = layers.map((layer) => nodes.filter((node) => node.layer === layer).sort(byName));
  const widest = Math.max(1, ...rows.map(({ length }) => length));
  const span = { least: left + step / 2, most: Math.max(room, left + widest * step) - step / 2, step };
  /** @type {Map<Node, number>} */
  const x = new Map();
  for (const heads of rows) {
    heads.forEach((node, i) => {
      x.set(node, span.least + ((i + 0.5) / heads.length) * (span.most - span.least));
    });
  }
  const near = neighbours(edges);
  for (let round = 0; round < ROUNDS; round++) {
    for (const heads of round % 2 ? [...rows].reverse() : rows) settle(heads, x, near, span);
  }
  const xs = [...x.values()];
  const aside = (span.least + span.most - Math.min(...xs) - Math.max(...xs)) / 2; // into the middle
  const across = (/** @type {Node} */ node) => (x.get(node) ?? 0) + aside;
  const at = new Map(rows.flatMap((heads, i) => heads.map((node) => [node, { x: across(node), y: (i + 0.5) * row }])));
  return { rows, at, width: span.most + step / 2, height: rows.length * row };
}

/**
 * @param {Node} a
 * @param {Node} b
 */
const byName = (a, b) => a.name.localeCompare(b.name, "en", { numeric: true });

/** @param {Edge[]} edges @returns {Map<Node, [Node, number][]>} the heads beside each head, and how much they count */
function neighbours(edges) {
  const near = new Map();
  const add = (/** @type {Node} */ node, /** @type {Node} */ other, /** @type {number} */ value) =>
    near.set(node, [...(near.get(node) ?? []), [other, value]]);
  for (const { from, to, value } of edges) {
    add(from, to, Math.abs(value));
    add(to, from, Math.abs(value));
  }
  return near;
}

/**
 * Moves the heads of a row to where they are wanted, in order, a step apart.
 * @param {Node[]} heads
 * @param {Map<Node, number>} x
 * @param {Map<Node, [Node, number][]>} near
 * @param {{least: number, most: number, step: number}} span
 */
function settle(heads, x, near, { least, most, step }) {
  const wanted = new Map(heads.map((node) => [node, mean(near.get(node) ?? [], x)]));
  heads.sort((a, b) => Number(wanted.get(a)) - Number(wanted.get(b)) || byName(a, b));
  let free = least;
  for (const node of heads) {
    x.set(node, Math.max(free, Number(wanted.get(node))));
    free = Number(x.get(node)) + step;
  }
  let limit = most;
  for (const node of [...heads].reverse()) {
    x.set(node, Math.min(limit, Number(x.get(node))));
    limit = Number(x.get(node)) - step;
  }
}

/**
 * @param {[Node, number][]} others
 * @param {Map<Node, number>} x
 */
function mean(others, x) {
  const total = others.reduce((sum, [, weight]) => sum + weight, 0);
  return others.reduce((sum, [node, weight]) => sum + weight * (x.get(node) ?? 0), 0) / (total || 1);
}
