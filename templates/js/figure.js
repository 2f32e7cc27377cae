// Figures as files for papers: SVG, and the same as PNG. Python draws the same figures (headatlas.views); what both have
// in common stands in figure.json.
import layout from "../figure.json" with { type: "json" };
import { drawing, element, surface } from "./dom.js";
import { download } from "./files.js";
import { fileName } from "./text.js";

const PNG_SCALE = 3; // pixels for a unit of the drawing
const MAX_PNG = 8000; // pixels

export { layout };

/**
 * An empty figure with its title.
 * @param {string} title
 * @param {number} fontSize
 */
export function emptyFigure(title, fontSize) {
  const svg = drawing("svg", { "font-family": layout.font, "font-size": fontSize, fill: layout.ink });
  const { title_x: x, title_y: y, title_size, title_weight } = layout;
  svg.append(drawing("text", { x, y, "font-size": title_size, "font-weight": title_weight }, title));
  return svg;
}

/** How wide a figure has to be for its title. @param {string} title */
export const titleRoom = (title) => layout.title_x + layout.title_letter_width * Array.from(title).length;

/**
 * A scale from 0 to 1.
 * @param {number} left
 * @param {number} top
 * @param {(share: number) => Record<string, string | number>} paint what a weight looks like
 */
export function scaleBar(left, top, paint) {
  const { scale_steps: steps, scale_step_width: step, scale_tick_y: y } = layout;
  const size = { width: layout.scale_rect_width, height: layout.scale_height };
  const group = drawing("g", { transform: `translate(${left} ${top})` });
  for (let i = 0; i < steps; i++) {
    group.append(drawing("rect", { x: i * step, ...size, ...paint(i / (steps - 1)) }));
  }
  for (const tick of layout.scale_ticks) {
    group.append(drawing("text", { x: steps * step * tick, y, "text-anchor": "middle" }, String(tick)));
  }
  return group;
}

/**
 * Gives the figure its size, on paper.
 * @param {Element} svg
 * @param {number} width
 * @param {number} height
 */
export function finishFigure(svg, width, height) {
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("width", String(width));
  svg.setAttribute("height", String(height));
  svg.prepend(drawing("rect", { width, height, fill: layout.paper }));
  return svg;
}

/**
 * @param {Element} svg
 * @param {string} what what it shows, which becomes the name of the file
 * @param {string} format svg or png
 */
export async function saveFigure(svg, what, format) {
  const text = new XMLSerializer().serializeToString(svg);
  const name = `${fileName(what)}.${format}`;
  if (format === "svg") return download(new Blob([text], { type: "image/svg+xml" }), name);
  const canvas = await rasterised(text, Number(svg.getAttribute("width")), Number(svg.getAttribute("height")));
  return canvas.toBlob((blob) => blob && download(blob, name));
}

/**
 * @param {string} svg
 * @param {number} width
 * @param {number} height
 */
async function rasterised(svg, width, height) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = element("canvas");
  const scale = Math.min(PNG_SCALE, MAX_PNG / Math.max(width, height));
  [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
  surface(canvas).drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}
