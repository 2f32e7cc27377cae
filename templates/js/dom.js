// Elements of a page.

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} [text]
 * @param {string} [className]
 */
export function element(tag, text = "", className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

/**
 * An element of an SVG.
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {string} [text]
 */
export function drawing(tag, attributes = {}, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  if (text) made.textContent = text;
  return made;
}

/**
 * A canvas' surface; with `read` one whose pixels are read back.
 * @param {HTMLCanvasElement} canvas
 * @param {{read?: boolean}} [options]
 */
export function surface(canvas, { read = false } = {}) {
  return /** @type {CanvasRenderingContext2D} */ (
    canvas.getContext("2d", read ? { willReadFrequently: true } : undefined)
  );
}

/**
 * @param {string} text
 * @param {string} href
 */
export function linkTo(text, href) {
  const link = element("a", text);
  link.href = href;
  return link;
}

/**
 * A token and its position.
 * @param {string} token
 * @param {number} position
 */
export function tokenLabel(token, position) {
  const label = element("span");
  const bdi = element("bdi", token, "token");
  bdi.translate = false;
  label.append(bdi, element("span", ` ${position}`, "soft"));
  return label;
}

/** @param {number} length */
export const px = (length) => `${length}px`;

/**
 * @param {number} position
 * @param {number} size
 */
export const clamp = (position, size) => Math.min(size - 1, Math.max(0, position));

/**
 * The first element that a selector names; the page is known to have it.
 * @param {string} selector
 * @param {ParentNode} [parent]
 */
export function need(selector, parent = document) {
  return /** @type {HTMLElement} */ (parent.querySelector(selector));
}

/**
 * All elements of a kind that a selector names.
 * @template {Element} E
 * @param {new () => E} kind
 * @param {string} selector
 * @param {ParentNode} [parent]
 */
export function all(kind, selector, parent = document) {
  return /** @type {E[]} */ (Array.from(parent.querySelectorAll(selector)).filter((each) => each instanceof kind));
}

/**
 * A form's control.
 * @param {HTMLFormElement} form
 * @param {string} name
 */
export function control(form, name) {
  return /** @type {HTMLInputElement | HTMLSelectElement} */ (form.elements.namedItem(name));
}

/**
 * Marks the links that lead to what is shown.
 * @param {Iterable<Element>} links
 * @param {(link: any) => boolean} isCurrent
 */
export function markCurrent(links, isCurrent) {
  for (const link of links) {
    if (isCurrent(link)) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

/** @param {MouseEvent | KeyboardEvent} event */
export const hasModifier = (event) => event.altKey || event.ctrlKey || event.metaKey;

/**
 * What the page's template left for the scripts.
 * @param {string} id
 */
export function pageData(id) {
  return JSON.parse(document.getElementById(id)?.textContent ?? "null");
}

/** Controls that do nothing without scripts are hidden until one runs. */
export function revealControls() {
  for (const hidden of document.querySelectorAll("[data-needs-script]")) hidden.removeAttribute("hidden");
}
