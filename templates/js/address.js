// The state of a page in its address, after the #: an anchor, then choices. "#natural_text-0&row=5" is row 5 kept of the
// first sequence of natural text.
// This module alone reads and writes it. A choice that is as the page comes is left out.

/**
 * How a choice is spelled: null where the address has none, "" to leave it out.
 * @template T
 * @typedef {{read: (text: string | null) => T, write: (value: T) => string}} Field
 */

/**
 * The choices of a kind of page.
 * @template {Record<string, Field<any>>} F
 * @typedef {{[K in keyof F]: ReturnType<F[K]["read"]>}} State
 */

/**
 * One of some words; the first is how the page comes.
 * @template {string} W
 * @param {...W} words
 * @returns {Field<W>}
 */
function oneOf(...words) {
  return {
    read: (text) => words.find((word) => word === text) ?? words[0],
    write: (word) => (word === words[0] ? "" : word),
  };
}

/** @type {Field<string>} */
const text = { read: (text) => text ?? "", write: (text) => text };

/** The position of a token, -1 for none. @type {Field<number>} */
const position = {
  read: (text) => (/^\d+$/.test(text ?? "") ? Number(text) : -1),
  write: (position) => (position < 0 ? "" : String(position)),
};

/** The column a table is sorted by: "-induction" is induction, the largest first. @type {Field<Sorting>} */
const sorting = {
  read: (text) => ({ column: (text || "head").replace(/^-/, ""), down: text?.startsWith("-") ?? false }),
  write: ({ column, down }) => (column === "head" && !down ? "" : (down ? "-" : "") + column),
};

/** Names of columns; null for those the page comes with. @type {Field<string[] | null>} */
const columns = {
  read: (text) => (text ? text.split(",") : null),
  write: (columns) => (columns ? columns.join() || "none" : ""),
};

/** Bounds of columns: "entropy:0.2:" is entropy from 0.2. @type {Field<Bounds[]>} */
const bounds = {
  read: (text) => (text ?? "").split(",").filter(Boolean).map(readBounds),
  write: (list) => list.map(({ column, least, most }) => `${column}:${least ?? ""}:${most ?? ""}`).join(),
};

/** The name of a column may have colons of its own. @param {string} text @returns {Bounds} */
function readBounds(text) {
  const parts = text.split(":");
  const [least, most] = parts.slice(-2);
  const column = parts.slice(0, -2).join(":");
  return { column, least: least ? Number(least) : undefined, most: most ? Number(most) : undefined };
}

/** @typedef {{column: string, down: boolean}} Sorting */
/** @typedef {{column: string, least?: number, most?: number}} Bounds */

/**
 * The address of one kind of page.
 * @template {Record<string, Field<any>>} F
 */
class Address {
  /** @param {F} fields in the order in which they stand in the address */
  constructor(fields) {
    this.fields = fields;
  }

  /** @returns {State<F>} */
  read() {
    const { choices } = split();
    const state = Object.entries(this.fields).map(([name, field]) => [name, field.read(choices.get(name))]);
    return Object.fromEntries(state);
  }

  /**
   * What stands after the #; choices that `state` does not name are left out.
   * @param {Partial<State<F>>} state
   * @param {string} [anchor]
   */
  format(state, anchor = "") {
    const choices = new URLSearchParams();
    for (const [name, field] of Object.entries(this.fields)) {
      const spelled = name in state ? field.write(state[name]) : "";
      if (spelled) choices.set(name, spelled);
    }
    return [anchor, String(choices).replaceAll("%2F", "/")].filter(Boolean).join("&");
  }

  /**
   * Puts the state into the address, as a step that the browser's Back undoes; without `step` in place of the last one.
   * @param {Partial<State<F>>} state
   * @param {string} [anchor]
   * @param {{step?: boolean}} [options]
   */
  write(state, anchor = "", { step = true } = {}) {
    const hash = this.format(state, anchor);
    if (location.hash === (hash && `#${hash}`)) return;
    const put = step ? history.pushState : history.replaceState;
    try {
      put.call(history, null, "", hash ? `#${hash}` : location.pathname + location.search);
    } catch {
      // A frame in a notebook has no address of its own.
    }
  }

  /**
   * When somebody follows a link to another state of this page, or edits the address.
   * @param {() => void} listener
   * @param {{anchors?: boolean}} [options] whether a link to a section, which is no choice, counts as well
   */
  onChange(listener, { anchors = false } = {}) {
    addEventListener("hashchange", () => {
      if (anchors || !anchorInAddress()) listener();
    });
  }
}

function split() {
  const hash = location.hash.slice(1);
  const [first, ...rest] = hash.split("&");
  const anchor = first.includes("=") ? "" : first;
  return { anchor, choices: new URLSearchParams(anchor ? rest.join("&") : hash) };
}

/** The section that the address names, if any; sequences had numbers once, "example-2". */
export function anchorInAddress() {
  const { anchor } = split();
  const number = Number(anchor.match(/^example-(\d+)$/)?.[1]);
  if (!number || document.getElementById(anchor)) return anchor;
  return document.querySelector(`.example[data-example="${number - 1}"]`)?.id ?? anchor;
}

const maps = {
  view: oneOf("matrix", "text", "arcs"),
  direction: oneOf("to", "from"),
  scale: oneOf("linear", "root"),
  sink: oneOf("", "show", "hide"), // "" is as the page comes: aside on layers' pages, shown on others
  row: position,
  column: position,
};

/** Heatmaps: of a head, of a layer, of one's own text. */
export const mapAddress = new Address(maps);

/** Two heads, each as "model/L5H1", on a text that both have. */
export const headsAddress = new Address({ a: text, b: text, text, ...maps });

/** The mosaic of a model. */
export const mosaicAddress = new Address({
  pattern: text,
  probe: text,
  value: oneOf("score", "sinkfree"),
  scale: oneOf("full", "fit"),
  label: text,
});

/** The table of a model's heads. */
export const explorerAddress = new Address({
  text,
  label: text,
  probe: text,
  from: text,
  to: text,
  sort: sorting,
  columns,
  range: bounds,
  page: position,
});

/** Two numbers of every head. */
export const scatterAddress = new Address({ x: text, y: text });

/** The edges between a model's heads; `least` is in thousandths, -1 for as many as can be read. */
export const circuitAddress = new Address({
  by: text,
  through: text,
  from: text,
  to: text,
  head: text,
  least: position,
});

/** Two models side by side. */
export const compareAddress = new Address({ a: text, b: text, pattern: text });

/** A picture, a head, a step of drawing and a word of the sentence. */
export const pictureAddress = new Address({ picture: text, head: text, step: position, word: position });
