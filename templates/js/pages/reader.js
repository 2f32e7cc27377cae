// Pages of heads and layers: their tokens, maps and tables lie in data files.
import { revealControls } from "../dom.js";
import { drawHeadTables } from "../head_tables.js";
import { layerMap, restsOf } from "../layer_data.js";
import { MapPage } from "../map_page.js";
import { drawSections } from "../sections.js";
import { Sequences } from "../sequences.js";
import { readBack } from "../weights.js";

revealControls();
const sequences = /** @type {import("../sections.js").Sequence[]} */ (window.headatlas.data.tokens ?? []);
const sizes = sequences.map(({ tokens, columns }) => ({ rows: tokens.length, columns: (columns ?? tokens).length }));
drawSections(sequences);
const maps = new MapPage(sequences, async (img, rows, columns) => {
  const { map } = img.dataset;
  const number = Number(img.closest("figure")?.dataset.example);
  if (map !== undefined) return layerMap(map, number, sizes);
  return { ...(await readBack(img, rows, columns)), rests: restsOf(number) };
});
maps.start();
new Sequences(maps).start();
void drawHeadTables();
