// The form over the heatmaps: which view, which direction, which scale; and what it says about the scale.
import { element } from "./dom.js";
import { rememberedSink, rememberSink } from "./sink_choice.js";

/**
 * The choices of the form, as the address has them.
 * @typedef {object} MapState
 * @property {"matrix" | "text" | "arcs"} view
 * @property {"to" | "from"} direction
 * @property {"linear" | "root"} scale
 * @property {"" | "show" | "hide"} sink "" as the page comes
 */

const TICKS = 4;

export class MapControls {
  /** @param {HTMLFormElement | null} form the front page has maps without a form, layers have no view to choose */
  constructor(form) {
    this.form = form;
    form?.addEventListener("submit", (event) => event.preventDefault());
  }

  /** @returns {MapState} */
  state() {
    return /** @type {MapState} */ ({
      view: this.#value("view") || "matrix",
      direction: this.#value("direction") || "to",
      scale: this.#value("scale") || "linear",
      sink: this.#sink(),
    });
  }

  /** @returns {import("./map_set.js").Choices} */
  choices() {
    const { view, direction, scale } = this.state();
    return { view, direction, squareRoot: scale === "root", sink: this.#sinkSwitch()?.checked ?? false };
  }

  #sinkSwitch() {
    const control = this.form?.elements.namedItem("sink");
    return control instanceof HTMLInputElement ? control : null;
  }

  /** The switch as the address has it. */
  #sink() {
    const control = this.#sinkSwitch();
    if (!control || control.checked === control.defaultChecked) return "";
    return control.checked ? "hide" : "show";
  }

  /** @param {string} name */
  #value(name) {
    const control = this.form?.elements.namedItem(name);
    return control instanceof RadioNodeList || control instanceof HTMLSelectElement ? control.value : "";
  }

  /** @param {MapState} state */
  show(state) {
    for (const name of /** @type {const} */ (["view", "direction", "scale"])) {
      const control = this.form?.elements.namedItem(name);
      if (control instanceof RadioNodeList || control instanceof HTMLSelectElement) control.value = state[name];
    }
    const sink = this.#sinkSwitch();
    if (sink) sink.checked = state.sink ? state.sink === "hide" : sink.defaultChecked;
  }

  /** Sets the switch as it was left, on whatever page; false where it is so already. */
  recallSink() {
    const [sink, remembered] = [this.#sinkSwitch(), rememberedSink()];
    if (!(sink && remembered) || sink.checked === (remembered === "hide")) return false;
    sink.checked = !sink.checked;
    return true;
  }

  /** Shows what belongs to the choices: arcs have both directions, the scale's ticks have their values. */
  explain() {
    const { view, squareRoot } = this.choices();
    for (const control of this.form?.querySelectorAll("[data-direction]") ?? []) {
      control.toggleAttribute("hidden", view === "arcs");
    }
    for (const scale of document.querySelectorAll(".scale")) scale.setAttribute("data-view", view);
    document.querySelectorAll("[data-scale-ticks] li").forEach((tick, i) => {
      const value = squareRoot ? (i / TICKS) ** 2 : i / TICKS;
      tick.textContent = String(Number(value.toFixed(2))).replace("0.", ".");
    });
  }

  /**
   * @param {() => void} onChange
   * @param {(format: string) => void} onSave svg or png
   */
  listen(onChange, onSave) {
    this.form?.addEventListener("change", ({ target }) => {
      const sink = this.#sinkSwitch();
      if (sink && target === sink) rememberSink(sink.checked);
      onChange();
    });
    this.form?.addEventListener("click", (event) => {
      const format = event.target instanceof HTMLElement ? event.target.dataset.save : undefined;
      if (format) onSave(format);
    });
  }
}

/** The form of a page, if it has one. */
export function mapControls() {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector(".map-controls"));
  if (form) build(form);
  return new MapControls(form);
}

/** What the form offers: `views` to choose from, to save them, or to begin without the sink. @param {HTMLFormElement} form */
function build(form) {
  const offers = form.dataset.offers?.split(" ") ?? [];
  if (offers.includes("views")) {
    form.append(
      choice("View", "view", ["matrix", "text", "arcs"]),
      choice("Direction", "direction", ["to", "from"], ["looks at", "is looked at by"]),
    );
    form.children[1].toggleAttribute("data-direction", true);
  }
  const scale = element("select");
  scale.name = "scale";
  scale.append(new Option("linear", "linear"), new Option("square root", "root"));
  const sink = element("input");
  [sink.type, sink.name, sink.defaultChecked] = ["checkbox", "sink", offers.includes("aside")];
  form.append(control("label", "Colour scale ", scale), control("label", sink, " set the sink aside"));
  if (offers.includes("saves")) form.append(control("span", "Download ", saving("svg"), " ", saving("png")));
}

/**
 * @param {"label" | "span"} tag
 * @param {(string | Node)[]} parts
 */
function control(tag, ...parts) {
  const made = element(tag, "", "control");
  made.append(...parts);
  return made;
}

/** @param {string} format */
function saving(format) {
  const button = element("button", format.toUpperCase());
  button.type = "button";
  button.dataset.save = format;
  return button;
}

/**
 * Buttons of which one is chosen, at first the first.
 * @param {string} legend
 * @param {string} name
 * @param {string[]} values
 * @param {string[]} [texts] where they are called otherwise
 */
function choice(legend, name, values, texts = values) {
  const set = element("fieldset", "", "choice");
  set.append(element("legend", legend, "hidden"));
  values.forEach((value, i) => {
    const [label, input] = [element("label"), element("input")];
    [input.type, input.name, input.value, input.defaultChecked] = ["radio", name, value, i === 0];
    label.append(input, texts[i]);
    set.append(label);
  });
  return set;
}
