// The front page: a map that shows how to read one.
import { pageData, revealControls } from "../dom.js";
import { MapPage } from "../map_page.js";

revealControls();
new MapPage(pageData("token-data")).start();
