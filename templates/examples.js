// One sequence at a time, chosen by links whose state is the address; arrow keys turn to the neighbouring page.
"use strict";

(() => {
  const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll(".examples a"));
  const sections = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".example"));
  const turns = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll(".turn a"));
  const first = /** @type {HTMLElement | null} */ (document.querySelector("[data-start]"))?.dataset.start;

  function choose() {
    const wanted = address().anchor;
    const known = Array.from(sections).some((section) => section.id === wanted);
    const shown = known ? wanted : (first ?? sections[0]?.id);
    sections.forEach((section) => (section.hidden = section.id !== shown));
    links.forEach((link) => {
      if (link.hash === `#${shown}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    mapSets.filter((set) => anchorOf(set.root) === shown).forEach((set) => set.repaint());
  }

  links.forEach((link) =>
    link.addEventListener("click", (event) => {
      event.preventDefault(); // no jump to the section: it takes the place of the one that was there
      setAddress(link.hash.slice(1), choicesForAddress());
      choose();
    }),
  );
  // Turning the page stays on the same sequence, shown in the same way.
  turns.forEach((link) =>
    link.addEventListener("click", () => {
      const { anchor } = address();
      const choices = new URLSearchParams(Object.entries(choicesForAddress()).filter(([, value]) => value));
      link.hash = [anchor, String(choices)].filter(Boolean).join("&");
    }),
  );
  addEventListener("hashchange", () => {
    choicesFromAddress();
    repaintMaps();
    choose();
    mapSets.forEach(pinFromAddress);
  });
  choose();

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    if (event.target instanceof Element && event.target.closest("select, input, textarea, canvas, .scroll")) return;
    const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    if (rel) /** @type {HTMLAnchorElement | null} */ (document.querySelector(`.turn [rel=${rel}]`))?.click();
  });
})();
