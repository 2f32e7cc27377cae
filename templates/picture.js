// Figures as files for papers: SVG with tokens and scale, and the same as PNG.
"use strict";

const FONT = "ui-sans-serif, Helvetica, Arial, sans-serif";

/**
 * A heatmap with its tokens. Small ones are drawn cell by cell, long ones hold a picture of one pixel a weight.
 * @param {{weights: Weights, rows: string[], columns: string[], title: string, root: boolean}} map
 */
function heatmapPicture({ weights, rows, columns, title, root }) {
  const light = PALETTES.light;
  const cell = Math.max(rows.length, columns.length) <= 80 ? 14 : 2;
  const labelled = cell > 8;
  const short = (/** @type {string} */ token) => (token.length > 16 ? `${token.slice(0, 15)}…` : token);
  const room = (/** @type {string[]} */ tokens) => (labelled ? 10 + 6.4 * Math.max(...tokens.map((token) => short(token).length)) : 40);
  const [left, top] = [room(rows), room(columns) + 26];
  const [width, height] = [columns.length * cell, rows.length * cell];
  const svg = drawing("svg", { viewBox: `0 0 ${left + Math.max(width, 220) + 12} ${top + height + 56}`, "font-family": FONT, "font-size": 10, fill: "#191b1e" });
  svg.append(drawing("text", { x: 4, y: 16, "font-size": 13, "font-weight": 600 }, title));
  const field = drawing("g", { transform: `translate(${left} ${top})`, "shape-rendering": "crispEdges" });
  if (labelled) {
    weights.weights.forEach((weight, i) => {
      if (weight < 0) return;
      const place = { x: (i % weights.columns) * cell, y: Math.floor(i / weights.columns) * cell, width: cell, height: cell };
      field.append(drawing("rect", { ...place, fill: css(light[step(weight / 255, root)]) }));
    });
  } else {
    const canvas = element("canvas");
    const before = printing;
    printing = true; // papers are white
    paintWeights(weights, canvas, root);
    printing = before;
    field.append(drawing("image", { href: canvas.toDataURL(), width, height, style: "image-rendering: pixelated" }));
  }
  svg.append(field);
  const every = labelled ? 1 : Math.ceil(40 / cell / 10) * 10;
  const names = drawing("g", { "font-family": "ui-monospace, Menlo, Consolas, monospace" });
  rows.forEach((token, i) => {
    if (i % every) return;
    const y = top + (i + 0.5) * cell + 3.5;
    names.append(drawing("text", { x: left - 5, y, "text-anchor": "end" }, labelled ? short(token) : String(i)));
  });
  columns.forEach((token, i) => {
    if (i % every) return;
    const place = `translate(${left + (i + 0.5) * cell + 3.5} ${top - 5}) rotate(-90)`;
    names.append(drawing("text", { transform: place }, labelled ? short(token) : String(i)));
  });
  svg.append(names);
  const scale = drawing("g", { transform: `translate(${left} ${top + height + 16})` });
  for (let i = 0; i < 64; i++) scale.append(drawing("rect", { x: i * 3, width: 3.2, height: 9, fill: css(light[step(i / 63, root)]) }));
  for (const tick of [0, 0.25, 0.5, 0.75, 1]) scale.append(drawing("text", { x: 192 * tick, y: 21, "text-anchor": "middle" }, String(tick)));
  svg.append(scale);
  return svg;
}

/**
 * Mosaics of a model as they are shown.
 * @param {HTMLTableElement[]} tables @param {string} title
 */
function mosaicPicture(tables, title) {
  const cell = { width: 26, height: 16 };
  const svg = drawing("svg", { "font-family": FONT, "font-size": 9, fill: "#191b1e" });
  svg.append(drawing("text", { x: 4, y: 16, "font-size": 13, "font-weight": 600 }, title));
  let [y, width] = [28, 200];
  for (const table of tables) {
    const heads = table.tHead ? Array.from(table.tHead.querySelectorAll("th"), (one) => one.textContent ?? "") : [];
    heads.forEach((name, i) => svg.append(drawing("text", { x: 36 + (i + 0.5) * cell.width, y: y + 9, "text-anchor": "middle" }, name)));
    y += 13;
    for (const row of Array.from(table.tBodies[0].rows)) {
      svg.append(drawing("text", { x: 31, y: y + 11, "text-anchor": "end" }, row.querySelector("th")?.textContent ?? ""));
      Array.from(row.querySelectorAll("td a")).forEach((one, i) => {
        const style = getComputedStyle(one);
        const x = 36 + i * cell.width;
        svg.append(drawing("rect", { x, y, width: cell.width - 1, height: cell.height - 1, fill: plain(style.backgroundColor) }));
        if (one.textContent) svg.append(drawing("text", { x: x + cell.width / 2, y: y + 11, "text-anchor": "middle", fill: plain(style.color) }, one.textContent));
        width = Math.max(width, x + cell.width + 6);
      });
      y += cell.height;
    }
    y += 14;
  }
  svg.setAttribute("viewBox", `0 0 ${width} ${y}`);
  return svg;
}

/** A colour that every program reads, from one that only browsers do. @param {string} colour */
function plain(colour) {
  const context = /** @type {CanvasRenderingContext2D} */ (element("canvas").getContext("2d", { willReadFrequently: true }));
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
  return `#${((r << 16) | (g << 8) | b).toString(16).padStart(6, "0")}`;
}

/** @param {Element} svg @param {string} name @param {string} kind svg or png */
async function savePicture(svg, name, kind) {
  const [, , width, height] = /** @type {string} */ (svg.getAttribute("viewBox")).split(" ").map(Number);
  svg.setAttribute("width", String(width));
  svg.setAttribute("height", String(height));
  svg.prepend(drawing("rect", { width, height, fill: "#fff" }));
  const text = new XMLSerializer().serializeToString(svg);
  if (kind === "svg") return download(new Blob([text], { type: "image/svg+xml" }), `${name}.svg`);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = element("canvas");
  const scale = Math.min(3, 8000 / Math.max(width, height));
  [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
  /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => blob && download(blob, `${name}.png`));
}
