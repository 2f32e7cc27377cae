// The page of a model.
import { revealControls } from "../dom.js";
import { MosaicPage } from "../mosaic_page.js";

revealControls();
new MosaicPage().start();
