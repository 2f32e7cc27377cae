// The text of a sequence, token by token, coloured by how much one of them looks at the others or is looked at.
import { tint } from "./colours.js";
import { clamp, element, hasModifier } from "./dom.js";

/**
 * What happens at a token; -1 lets go of the one that is kept.
 * @typedef {{over: (i: number) => void, out: () => void, pin: (i: number) => void}} TokenEvents
 */

export class TokenText {
  /**
   * @param {string[]} tokens
   * @param {string} description for those who do not see it
   * @param {TokenEvents} on
   */
  constructor(tokens, description, on) {
    this.on = on;
    this.root = element("p", "", "tokens");
    this.root.translate = false;
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", `${description}. Arrow keys move from token to token, Enter keeps one.`);
    this.spans = tokens.map(tokenButton);
    this.root.append(...this.spans);
    if (this.spans.length) this.spans[0].tabIndex = 0;
    this.#listen();
  }

  /**
   * @param {(number | null)[] | null} weights from 0 to 1, null where the token cannot look or be looked at
   * @param {number} chosen
   * @param {boolean} pinned
   * @param {boolean} squareRoot
   */
  colour(weights, chosen, pinned, squareRoot) {
    this.spans.forEach((span, i) => {
      const weight = weights?.[i] ?? null;
      const paint = weight === null ? null : tint(weight, squareRoot);
      span.style.background = paint?.background ?? "";
      span.style.color = paint?.color ?? "";
      span.title = weight === null ? "" : weight.toFixed(3);
      span.classList.toggle("chosen", i === chosen);
      span.classList.toggle("unseen", weights !== null && weight === null);
      span.setAttribute("aria-pressed", String(pinned && i === chosen));
    });
  }

  #listen() {
    const { root, on } = this;
    root.addEventListener("pointerover", (event) => this.#at(event, on.over));
    root.addEventListener("pointerleave", on.out);
    root.addEventListener("click", (event) => this.#at(event, on.pin));
    root.addEventListener("focusin", (event) => this.#at(event, (i) => this.#focused(i)));
    root.addEventListener("keydown", (event) => this.#at(event, (i) => this.#key(event, i)));
  }

  /**
   * Does something with the token that an event is about.
   * @param {Event} event
   * @param {(i: number) => void} act
   */
  #at(event, act) {
    const i = this.spans.indexOf(/** @type {HTMLElement} */ (event.target));
    if (i >= 0) act(i);
  }

  /** One stop of the tab key: the token that had it last. @param {number} i */
  #focused(i) {
    for (const span of this.spans) span.tabIndex = -1;
    this.spans[i].tabIndex = 0;
    if (this.spans[i].matches(":focus-visible")) this.on.over(i);
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} i
   */
  #key(event, i) {
    if (hasModifier(event)) return;
    const end = this.spans.length - 1;
    /** @type {Record<string, number>} */
    const moves = { ArrowRight: i + 1, ArrowDown: i + 1, ArrowLeft: i - 1, ArrowUp: i - 1, Home: 0, End: end };
    if (event.key in moves) this.spans[clamp(moves[event.key], this.spans.length)].focus();
    else if (event.key === "Enter" || event.key === " ") this.on.pin(i);
    else if (event.key === "Escape") this.on.pin(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** @param {string} token */
function tokenButton(token) {
  const span = element("bdi", token, "token");
  span.setAttribute("role", "button");
  span.tabIndex = -1;
  return span;
}
