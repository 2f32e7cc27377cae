// What every page has: the search in the top bar, headings of tables that stay in sight, lists that are one stop.
import { oneStopEach } from "../roving.js";
import { SearchBox } from "../search_box.js";
import { stickHeadings } from "../sticky_headings.js";

new SearchBox().start();
stickHeadings();
oneStopEach();
