// A page with all heads of a model: the one that is chosen is shown large.
"use strict";

(() => {
  const thumbs = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll(".head-thumbnails a"));
  const figure = /** @type {HTMLElement | null} */ (document.querySelector(".example"));
  const heading = document.getElementById("shown-name");
  const first = figure?.querySelector(".map-set");
  if (!thumbs.length || !figure || !heading || !first) return;
  const pristine = /** @type {HTMLElement} */ (first.cloneNode(true));
  pristine.querySelector(".readout")?.remove(); // the first map has begun to start

  /** @param {HTMLAnchorElement} link */
  function choose(link) {
    const next = /** @type {HTMLElement} */ (pristine.cloneNode(true));
    const [from, to] = [/** @type {HTMLImageElement} */ (link.querySelector("img")), /** @type {HTMLImageElement} */ (next.querySelector("img.pixels"))];
    [to.src, to.alt] = [from.src, from.alt];
    figure?.querySelector(".map-set")?.replaceWith(next);
    mapSets.length = 0;
    mapWatcher.disconnect();
    if (heading) heading.textContent = link.title;
    if (figure) figure.id = link.hash.slice(1);
    thumbs.forEach((one) => one.toggleAttribute("aria-current", one === link));
    void startSet(next);
  }

  thumbs.forEach((link) =>
    link.addEventListener("click", (event) => {
      event.preventDefault();
      choose(link);
      setAddress(link.hash.slice(1), choicesForAddress());
      heading?.scrollIntoView({ block: "nearest" });
    }),
  );
  const wanted = Array.from(thumbs).find((link) => link.hash === `#${address().anchor}`);
  if (wanted) choose(wanted);
})();
