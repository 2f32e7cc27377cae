// The table of a model's heads.
import { revealControls } from "../dom.js";
import { Explorer } from "../explorer.js";

revealControls();
void Explorer.start();
