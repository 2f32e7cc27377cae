// What every page has: the search in the top bar, and headings of tables that stay in sight.
import { SearchBox } from "../search_box.js";
import { stickHeadings } from "../sticky_headings.js";

new SearchBox().start();
stickHeadings();
