// The front page: a map that shows how to read one.
import { mapAddress } from "../address.js";
import { pageData, revealControls } from "../dom.js";
import { MapPage } from "../map_page.js";
import { drawAtEachClick } from "../random_head.js";
import { sortTables } from "../sortable_table.js";

revealControls();
const maps = new MapPage(pageData("token-data"));
maps.start();
// The steps beside the map are links to its rows, columns and cells.
mapAddress.onChange(() => maps.pinAddress());
sortTables();
drawAtEachClick(document.querySelector("[data-random]"));
