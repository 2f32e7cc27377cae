// Which heads of a model read which.
import { CircuitsPage } from "../circuits_page.js";
import { revealControls } from "../dom.js";

revealControls();
void new CircuitsPage().start();
