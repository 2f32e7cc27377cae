// Any number of a model's heads against any other.
import { revealControls } from "../dom.js";
import { ScatterPage } from "../scatter_page.js";

revealControls();
void new ScatterPage().start();
