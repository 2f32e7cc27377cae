// Two heads side by side.
import { revealControls } from "../dom.js";
import { HeadsPage } from "../heads_page.js";

revealControls();
void new HeadsPage().start();
