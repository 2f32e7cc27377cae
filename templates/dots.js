// The map of all heads: the nearest dot answers to the pointer, and shows where a head of the mosaic lies.
"use strict";

(() => {
  const map = /** @type {SVGSVGElement | null} */ (document.querySelector(".head-map"));
  const readout = document.getElementById("map-readout");
  if (!map || !readout) return;
  const hint = Array.from(readout.childNodes);
  const here = /** @type {SVGCircleElement} */ (map.querySelector(".here"));
  /** @type {[string, number, number][]} */
  const dots = Object.entries(/** @type {Record<string, string>} */ (pageData("mosaic-data").dots)).map(([name, place]) => {
    const [x, y] = place.split(" ").map(Number);
    return [name, x, y];
  });
  const cells = new Map(
    Array.from(document.querySelectorAll("[data-mosaic] td a"), (cell) => [/** @type {string} */ (cell.getAttribute("href")).slice(6, -5), cell]),
  );
  const FAR = 14;
  /** @type {Element | undefined} */
  let pointed;

  /** @param {string | null} name */
  function show(name) {
    const dot = dots.find(([one]) => one === name);
    here.toggleAttribute("hidden", !dot);
    map?.classList.toggle("pointing", Boolean(dot));
    if (!dot) return;
    here.setAttribute("cx", String(dot[1]));
    here.setAttribute("cy", String(dot[2]));
  }

  /** @param {PointerEvent | MouseEvent} event */
  function nearestDot(event) {
    const box = /** @type {SVGSVGElement} */ (map).getBoundingClientRect();
    const [x, y] = [((event.clientX - box.left) / box.width) * 600, ((event.clientY - box.top) / box.height) * 600];
    let [best, least] = [/** @type {string | null} */ (null), FAR];
    for (const [name, dx, dy] of dots) {
      const away = Math.hypot(dx - x, dy - y);
      if (away < least) [best, least] = [name, away];
    }
    return best;
  }

  map.addEventListener("pointermove", (event) => {
    const name = nearestDot(event);
    show(name);
    pointed?.classList.remove("pointed");
    pointed = name === null ? undefined : cells.get(name);
    pointed?.classList.add("pointed");
    if (name === null) readout.replaceChildren(...hint);
    else readout.replaceChildren(element("b", name), ` ${(pointed?.getAttribute("aria-label") ?? "").replace(/^\S+ ?/, "")}`);
  });
  map.addEventListener("pointerleave", () => {
    show(null);
    pointed?.classList.remove("pointed");
    readout.replaceChildren(...hint);
  });
  map.addEventListener("click", (event) => {
    const name = nearestDot(event);
    if (name !== null) location.href = `heads/${name}.html`;
  });
  document.addEventListener("headpointed", (event) => show(/** @type {CustomEvent<string>} */ (event).detail));
  document.addEventListener("labelfilter", (event) => {
    const { detail } = /** @type {CustomEvent<number>} */ (event);
    map.querySelectorAll("[data-dots]").forEach((path) => {
      path.classList.toggle("dim", detail >= 0 && path.getAttribute("data-dots") !== String(detail));
    });
  });
})();
