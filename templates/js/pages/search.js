// The search in the top bar of every page.
import { SearchBox } from "../search_box.js";

new SearchBox().start();
