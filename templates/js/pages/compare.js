// Two models side by side.
import { ComparePage } from "../compare_page.js";
import { revealControls } from "../dom.js";

revealControls();
new ComparePage().start();
