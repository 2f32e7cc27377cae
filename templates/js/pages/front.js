// The front page: an invented map that shows how to read one, and the search.
import { pageData, revealControls } from "../dom.js";
import { MapPage } from "../map_page.js";
import { startSearch } from "../search.js";
import { sortTables } from "../sortable_table.js";

revealControls();
new MapPage(pageData("token-data")).start();
sortTables();
startSearch(pageData("names"));
