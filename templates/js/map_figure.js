// What the page shows of a sequence, as a figure: the matrix, the coloured text, or the arcs.
import { arcsFigure } from "./arcs_figure.js";
import { saveFigure } from "./figure.js";
import { heatmapFigure } from "./heatmap_figure.js";
import { textFigure } from "./text_figure.js";

/**
 * @param {import("./map_set.js").MapSet} set
 * @param {import("./map_set.js").Choices} choices
 * @param {string} title what is shown: the head, its model, the sequence
 * @param {string} format svg or png
 */
export function saveMap(set, choices, title, format) {
  const { view } = choices;
  const { query, key } = set.current();
  const chosen = view === "matrix" ? "" : chosenToken(set, query, key);
  const figure = draw(set, choices, chosen ? `${title}: ${chosen}` : title);
  const parts = view === "matrix" ? [] : [view, query >= 0 ? `row ${query}` : key >= 0 ? `column ${key}` : ""];
  return saveFigure(figure, [title, ...parts].filter(Boolean).join(", "), format);
}

/**
 * @param {import("./map_set.js").MapSet} set
 * @param {import("./map_set.js").Choices} choices
 * @param {string} title
 */
function draw(set, { view, squareRoot }, title) {
  const { rows, columns } = set;
  const weights = set.maps[0].shown;
  if (view === "text") return textFigure(set.shadedTexts(), title, squareRoot);
  if (view === "arcs") return arcsFigure({ weights, rows, columns, title, squareRoot, ...set.arcsShown() });
  return heatmapFigure({ weights, rows, columns, title, squareRoot });
}

/**
 * "what ·red 5 looks at", "who looks at ·fox 2"; nothing where none is chosen.
 * @param {import("./map_set.js").MapSet} set
 * @param {number} query
 * @param {number} key
 */
function chosenToken(set, query, key) {
  if (query >= 0 && (set.readsRows() || key < 0)) return `what ${set.rows[query]} ${query} looks at`;
  return key >= 0 ? `who looks at ${set.columns[key]} ${key}` : "";
}
