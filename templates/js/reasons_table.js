// Why a head carries its labels: what they rest on, and what else could explain them.
import { element, linkTo } from "./dom.js";
import { tableRow } from "./table.js";
import { inWords, threeDigits } from "./text.js";

/**
 * A label: name, its page, CSS class, confidence; in thousandths score, both ends of its interval, scores on both halves, chance,
 * what habits would score, what right keys would as wrong ones, what all else would; what explains most of it; the strength, in
 * thousandths; on what it rests; the probe, and its page.
 * @typedef {[string, string, string, string, (number | null)[], string, number | null, string, string, string]} Reason
 */

const HEADINGS = [
  "Label",
  "Confidence",
  "Score",
  "95% interval",
  "Two halves",
  "Chance",
  "Habit alone",
  "Wrong keys",
  "Explained",
  "Strength",
  "Holds",
  "Probe",
];
const CAPTION =
  "A label claims that the head spends at least a quarter of the attention that it does not leave on the sink on the pattern's " +
  "keys, for the pattern's own sake. Scores are shares of that attention. What other patterns and chance would put there anyway " +
  "is taken off; what is left is the strength, as a share of all attention where the label holds always. Habit alone: what the " +
  "head's own distances, and the keys that it likes, would score. Wrong keys: what it would score if it looked at the right " +
  "ones as at the wrong ones. ";
const NAMED = 5; // thousandths: what explains less is not named

/**
 * @param {HTMLElement} fold
 * @param {Reason[]} reasons the primary label first
 */
export function drawReasons(fold, reasons) {
  const table = element("table", "", "data scores");
  const [head, row] = [element("thead"), element("tr")];
  for (const [i, text] of HEADINGS.entries()) {
    const cell = element("th", text, [0, 8, 10, 11].includes(i) ? "" : "n");
    cell.scope = "col";
    row.append(cell);
  }
  head.append(row);
  table.append(head, ...reasons.map(bodyOf));
  const scroll = element("div", "", "scroll");
  Object.assign(scroll, { role: "region", ariaLabel: "Table of reasons", tabIndex: 0 });
  scroll.append(table);
  const caption = element("p", CAPTION, "caption");
  caption.append(linkTo("How confidence is calibrated", "../../methods.html#label"), ".");
  fold.append(scroll, caption);
}

/** @param {Reason} reason */
function bodyOf([name, file, hue, confidence, numbers, explainer, strength, basis, probe, probeFile]) {
  const [score, low, high, first, second, chance, habit, wrong, explained] = numbers.map(printed);
  const most = explainer && (numbers[8] ?? 0) >= NAMED ? `, mostly ${inWords(explainer)}` : "";
  const body = element("tbody", "", hue);
  body.append(
    tableRow([
      file ? linkTo(inWords(name), `../../patterns/${file}.html`) : inWords(name),
      element("b", confidence || "–"),
      score,
      numbers[1] === null ? "–" : `${low}–${high}`,
      `${first}, ${second}`,
      chance,
      habit,
      wrong,
      element("span", `${explained}${most}`),
      element("b", printed(strength)),
      basis || "–",
      probeFile ? linkTo(inWords(probe), `../../probes/${probeFile}.html`) : inWords(probe),
    ]),
  );
  return body;
}

/** @param {number | null} stored in thousandths */
const printed = (stored) => threeDigits(stored === null ? null : stored / 1000);
