// Where in a picture each word is looked at.
import { revealControls } from "../dom.js";
import { PicturesPage } from "../pictures_page.js";
import { sortTables } from "../sortable_table.js";

revealControls();
sortTables();
void new PicturesPage().start();
