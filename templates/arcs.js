// Queries on the left, keys on the right, a line for each weight: drawn as one picture, so that long texts stay quick.
"use strict";

/**
 * @typedef {object} Arcs
 * @property {HTMLCanvasElement} canvas
 * @property {(map: Weights, query: number, key: number, root: boolean) => void} draw
 */

/**
 * @param {string[]} rows @param {string[]} columns
 * @param {{over: (query: number, key: number) => void, out: () => void, pin: (query: number) => void}} on
 * @returns {Arcs}
 */
function arcs(rows, columns, on) {
  const LINES = 5; // of a query, where none is chosen
  const FAINT = 0.02;
  const longest = Math.max(rows.length, columns.length);
  const pitch = longest <= 60 ? 19 : longest <= 200 ? 12 : Math.max(2, Math.floor(3000 / longest));
  const [side, middle] = [130, 260];
  const [width, height] = [2 * side + middle, longest * pitch + 8];
  const canvas = element("canvas", "", "arcs");
  const ratio = Math.min(devicePixelRatio || 1, 8000 / height);
  [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  [canvas.style.width, canvas.style.aspectRatio] = [px(width), `${width} / ${height}`];
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "Arcs from each token to the tokens it looks at. The matrix and the text have the same weights, by keyboard too.");

  /** @param {PointerEvent | MouseEvent} event @returns {[number, number]} */
  const at = (event) => {
    const scale = width / canvas.clientWidth;
    const place = Math.floor((event.offsetY * scale - 4) / pitch);
    return event.offsetX * scale > width / 2 ? [-1, clamp(place, columns.length)] : [clamp(place, rows.length), -1];
  };
  canvas.addEventListener("pointermove", (event) => on.over(...at(event)));
  canvas.addEventListener("pointerleave", on.out);
  canvas.addEventListener("click", (event) => {
    const [query] = at(event);
    if (query >= 0) on.pin(query);
  });

  /** @param {Weights} map @param {number} query @param {number} key @param {boolean} root */
  function draw(map, query, key, root) {
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const style = getComputedStyle(document.body);
    const [ink, soft] = [style.color, getComputedStyle(document.documentElement).getPropertyValue("--soft")];
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue("--link");
    context.lineWidth = Math.min(2, Math.max(1, pitch / 6));
    const middleOf = (/** @type {number} */ i) => 4 + (i + 0.5) * pitch;
    for (let q = 0; q < map.rows; q++) {
      if (query >= 0 && q !== query) continue;
      const weights = Array.from(map.weights.subarray(q * map.columns, (q + 1) * map.columns));
      let shown = weights.map((weight, k) => /** @type {[number, number]} */ ([weight / 255, k])).filter(([weight]) => weight > FAINT);
      if (key >= 0 && query < 0) shown = shown.filter(([, k]) => k === key);
      else if (query < 0) shown = shown.sort((a, b) => b[0] - a[0]).slice(0, LINES);
      for (const [weight, k] of shown) {
        context.globalAlpha = Math.min(root ? Math.sqrt(weight) : weight, 1);
        context.beginPath();
        context.moveTo(side, middleOf(q));
        context.bezierCurveTo(side + middle / 2, middleOf(q), side + middle / 2, middleOf(k), side + middle, middleOf(k));
        context.stroke();
      }
    }
    context.globalAlpha = 1;
    if (pitch < 10) return;
    context.font = `${Math.min(pitch - 2, 12)}px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace`;
    context.textBaseline = "middle";
    const write = (/** @type {string[]} */ tokens, /** @type {boolean} */ left, /** @type {number} */ chosen) => {
      context.textAlign = left ? "right" : "left";
      tokens.forEach((token, i) => {
        context.fillStyle = chosen < 0 || chosen === i ? ink : soft;
        const shown = token.length > 15 ? `${token.slice(0, 14)}…` : token;
        context.fillText(shown, left ? side - 6 : side + middle + 6, middleOf(i), side - 8);
      });
    };
    write(rows, true, query);
    write(columns, false, key);
  }

  return { canvas, draw };
}
