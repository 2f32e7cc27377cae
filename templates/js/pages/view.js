// Pages of one file: a model on a user's own text, a head of a scan.
import { pageData, revealControls } from "../dom.js";
import { HeadChooser } from "../head_chooser.js";
import { MapPage } from "../map_page.js";
import { Sequences } from "../sequences.js";

revealControls();
const maps = new MapPage(pageData("token-data"));
const chooser = HeadChooser.of(maps);
maps.start();
new Sequences(maps).start();
chooser?.followAddress();
