// The search in the top bar: a combobox. One types, moves by arrow keys, follows by Enter, leaves by Escape.
import { all, element, need } from "./dom.js";
import { packedFacts } from "./files.js";
import { search } from "./search.js";

const MAX_HITS = 12; // until one asks for the others

/** @typedef {import("./search.js").Hit} Hit */

export class SearchBox {
  /** @type {Hit[]} */
  #hits = [];
  /** The option that Enter follows, -1 for none. */
  #chosen = -1;
  #all = false;

  constructor() {
    this.box = need(".find"); // without a script a link to where one looks for a head
    this.root = this.box.dataset.root ?? "";
    this.here = this.box.dataset.model ?? "";
    this.form = element("form", "", "search");
    this.input = element("input");
    this.list = element("div");
    this.status = element("p", "", "hidden");
  }

  start() {
    this.#build();
    this.input.addEventListener("focus", () => void this.#load());
    this.input.addEventListener("input", () => void this.#ask());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("focusout", ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && this.form.contains(relatedTarget))) this.#close();
    });
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the field
    this.list.addEventListener("click", (event) => this.#click(event));
    document.addEventListener("keydown", (event) => this.#shortcut(event));
  }

  #build() {
    this.form.setAttribute("role", "search");
    const label = element("label", "Find a model, layer, head, pattern or probe", "hidden");
    label.htmlFor = "search";
    Object.assign(this.input, {
      type: "search",
      id: "search",
      autocomplete: "off",
      spellcheck: false,
      placeholder: "Find: layer 5, 18.6, induction …",
    });
    const said = { role: "combobox", "aria-expanded": "false", "aria-controls": "found", "aria-autocomplete": "list" };
    for (const [name, value] of Object.entries(said)) this.input.setAttribute(name, value);
    Object.assign(this.list, { id: "found", hidden: true, role: "listbox", ariaLabel: "Found" });
    Object.assign(this.status, { id: "found-said", role: "status" });
    this.form.append(label, this.input, this.list, this.status);
    this.box.replaceChildren(this.form);
  }

  /** @returns {Promise<import("./search.js").Names>} */
  #load() {
    return packedFacts("names", `${this.root}assets/names.js`);
  }

  async #ask() {
    const text = this.input.value;
    this.#all = false;
    try {
      const names = await this.#load();
      if (text !== this.input.value) return; // one went on typing meanwhile
      this.#hits = search(names, text, this.here);
      this.#show();
    } catch {
      this.#say("The list of names could not be loaded.");
    }
  }

  #show() {
    this.#chosen = -1;
    const text = this.input.value.trim();
    const shown = this.#all ? this.#hits : this.#hits.slice(0, MAX_HITS);
    const options = shown.map((hit, i) => this.#option(hit, i));
    const more = this.#hits.length - shown.length;
    this.list.replaceChildren(...options, ...(more ? [moreOption(more)] : []));
    this.#open(options.length > 0);
    if (!text) this.#say("");
    else if (!options.length) this.#say("Nothing here has that name.");
    else this.#say(more ? `${shown.length} of ${this.#hits.length} shown` : `${shown.length} found`);
    this.status.classList.toggle("hidden", options.length > 0);
  }

  /**
   * @param {Hit} hit
   * @param {number} i
   */
  #option({ title, href, what }, i) {
    const option = element("a", title);
    option.href = this.root + href;
    option.id = `found-${i}`;
    option.tabIndex = -1;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.append(" ", element("span", what, "soft"));
    return option;
  }

  /** @param {string} text */
  #say(text) {
    this.status.textContent = text;
    this.status.classList.remove("hidden");
  }

  /** @param {boolean} isOpen */
  #open(isOpen) {
    this.list.hidden = !isOpen;
    this.input.setAttribute("aria-expanded", String(isOpen));
    this.input.removeAttribute("aria-activedescendant");
  }

  #close() {
    this.#open(false);
    this.#say("");
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    /** @type {Record<string, () => void>} */
    const actions = {
      ArrowDown: () => this.#move(1),
      ArrowUp: () => this.#move(-1),
      Enter: () => this.#follow(),
      Escape: () => this.#escape(),
    };
    const action = actions[event.key];
    if (!action || event.isComposing) return;
    event.preventDefault();
    action();
  }

  /** From the field through the options and back to it. @param {number} step */
  #move(step) {
    const options = all(HTMLElement, "[role=option]", this.list);
    if (this.list.hidden && this.#hits.length) this.#open(true);
    if (!options.length) return;
    const n = options.length + 1;
    this.#chosen = ((this.#chosen + 1 + step + n) % n) - 1;
    for (const [i, option] of options.entries()) option.setAttribute("aria-selected", String(i === this.#chosen));
    const chosen = options[this.#chosen];
    if (!chosen) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  }

  #follow() {
    if (this.list.hidden) return;
    all(HTMLElement, "[role=option]", this.list)[Math.max(this.#chosen, 0)]?.click();
  }

  /** The first time the list is closed, the second time the field emptied. */
  #escape() {
    if (this.list.hidden) this.input.value = "";
    this.#close();
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const option = event.target instanceof Element ? event.target.closest("[role=option]") : null;
    if (option?.id !== "found-more") return; // a link does the rest
    event.preventDefault();
    this.#all = true;
    this.#show();
  }

  /** A slash begins a search, as on many sites. @param {KeyboardEvent} event */
  #shortcut(event) {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof Element && event.target.closest("input, select, textarea")) return;
    event.preventDefault();
    this.input.focus();
  }
}

/** @param {number} n */
function moreOption(n) {
  const option = element("div", `${n} more: show all`, "more");
  option.id = "found-more";
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  return option;
}
