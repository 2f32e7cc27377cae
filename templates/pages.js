// One sequence at a time, chosen by links whose state is the address; arrow keys turn to the neighbouring page.
"use strict";

(() => {
  const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll(".examples a"));
  const sections = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".example"));
  const turns = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll(".turn a"));

  const first = /** @type {HTMLElement | null} */ (document.querySelector("[data-start]"))?.dataset.start;

  function choose() {
    const wanted = location.hash.slice(1);
    const known = Array.from(sections).some((section) => section.id === wanted);
    const shown = known ? wanted : (first ?? sections[0]?.id);
    sections.forEach((section) => (section.hidden = section.id !== shown));
    links.forEach((link) => {
      if (link.hash === `#${shown}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    // Turning the page stays on the same sequence.
    turns.forEach((link) => (link.hash = known ? wanted : ""));
  }

  links.forEach((link) =>
    link.addEventListener("click", (event) => {
      event.preventDefault(); // no jump to the section: it takes the place of the one that was there
      history.replaceState(null, "", link.hash);
      choose();
    }),
  );
  addEventListener("hashchange", choose);
  choose();

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    if (event.target instanceof Element && event.target.closest("select, input, textarea, canvas, .scroll")) return;
    const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    if (rel) /** @type {HTMLAnchorElement | null} */ (document.querySelector(`.turn [rel=${rel}]`))?.click();
  });
})();
