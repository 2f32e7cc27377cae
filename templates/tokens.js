// The text of a sequence, token by token, coloured by how much one of them looks at the others or is looked at.
"use strict";

/**
 * @typedef {object} TokenText
 * @property {HTMLElement} root
 * @property {(weights: (number | null)[] | null, chosen: number, pinned: boolean, root: boolean) => void} colour
 *   weights from 0 to 1, null where the token cannot look or be looked at
 */

/**
 * @param {string[]} tokens
 * @param {string} said for those who do not see it
 * @param {{over: (i: number) => void, out: () => void, pin: (i: number) => void}} on
 * @returns {TokenText}
 */
function tokenText(tokens, said, on) {
  const root = element("p", "", "tokens");
  root.translate = false;
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", `${said}. Arrow keys move from token to token, Enter keeps one.`);
  const spans = tokens.map((token) => {
    const span = element("bdi", token, "token");
    span.setAttribute("role", "button");
    span.tabIndex = -1;
    return span;
  });
  root.append(...spans);
  if (spans.length) spans[0].tabIndex = 0;
  /** @param {EventTarget | null} target */
  const place = (target) => spans.indexOf(/** @type {HTMLElement} */ (target));
  root.addEventListener("pointerover", (event) => {
    if (place(event.target) >= 0) on.over(place(event.target));
  });
  root.addEventListener("pointerleave", on.out);
  root.addEventListener("click", (event) => {
    if (place(event.target) >= 0) on.pin(place(event.target));
  });
  root.addEventListener("focusin", (event) => {
    const i = place(event.target);
    if (i < 0) return;
    spans.forEach((span, at) => (span.tabIndex = at === i ? 0 : -1));
    if (spans[i].matches(":focus-visible")) on.over(i);
  });
  root.addEventListener("keydown", (event) => {
    const i = place(event.target);
    if (i < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    /** @type {Record<string, number>} */
    const moves = { ArrowRight: i + 1, ArrowDown: i + 1, ArrowLeft: i - 1, ArrowUp: i - 1, Home: 0, End: spans.length - 1 };
    if (event.key in moves) spans[clamp(moves[event.key], spans.length)].focus();
    else if (event.key === "Enter" || event.key === " ") on.pin(i);
    else if (event.key === "Escape") on.pin(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return {
    root,
    colour(weights, chosen, pinned, squareRoot) {
      spans.forEach((span, i) => {
        const weight = weights?.[i] ?? null;
        const paint = weight === null ? null : tint(weight, squareRoot);
        span.style.background = paint?.background ?? "";
        span.style.color = paint?.color ?? "";
        span.title = weight === null ? "" : weight.toFixed(3);
        span.classList.toggle("chosen", i === chosen);
        span.classList.toggle("unseen", weights !== null && weight === null);
        span.setAttribute("aria-pressed", String(pinned && i === chosen));
      });
    },
  };
}
