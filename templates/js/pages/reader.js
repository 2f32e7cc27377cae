// Pages of heads and layers: their tokens lie in a data file.
import { revealControls } from "../dom.js";
import { MapPage } from "../map_page.js";
import { Sequences } from "../sequences.js";

revealControls();
const tokens = /** @type {import("../map_set.js").Tokens[] | undefined} */ (window.headatlas.data.tokens);
const maps = new MapPage(tokens ?? []);
maps.start();
new Sequences(maps).start();
