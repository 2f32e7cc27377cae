// All heatmaps of a page: they start when they come into view, and follow the choices, which are in the address.
"use strict";

const mapForm = /** @type {HTMLFormElement | null} */ (document.querySelector(".map-controls"));
/** @type {MapSet[]} */
const mapSets = [];

/** @param {string} name */
function chosen(name) {
  const control = mapForm?.elements.namedItem(name);
  if (control instanceof HTMLInputElement) return control.checked ? "hide" : "";
  return control instanceof RadioNodeList || control instanceof HTMLSelectElement ? control.value : "";
}

/** @returns {Choices} */
const mapChoices = () => ({
  view: chosen("view") || "matrix",
  direction: chosen("direction") || "to",
  root: chosen("scale") === "root",
  sink: chosen("sink") === "hide",
});

/** The choices that are not as the page comes, for the address. @returns {Record<string, string>} */
function choicesForAddress() {
  const { view, direction, root, sink } = mapChoices();
  return {
    view: view === "matrix" ? "" : view,
    direction: direction === "to" ? "" : direction,
    scale: root ? "root" : "",
    sink: sink ? "hide" : "",
  };
}

/** @param {HTMLElement} set */
const anchorOf = (set) => set.closest(".example")?.id ?? "";

function choicesFromAddress() {
  const { choices } = address();
  for (const [name, known] of /** @type {[string, string[]][]} */ ([
    ["view", ["matrix", "text", "arcs"]],
    ["direction", ["to", "from"]],
    ["scale", ["linear", "root"]],
  ])) {
    const control = mapForm?.elements.namedItem(name);
    const wanted = choices.get(name) ?? known[0];
    if (control instanceof RadioNodeList || control instanceof HTMLSelectElement) control.value = known.includes(wanted) ? wanted : known[0];
  }
  const sink = mapForm?.elements.namedItem("sink");
  if (sink instanceof HTMLInputElement) sink.checked = choices.get("sink") === "hide";
}

/** Keeps the row or cell that the address names. @param {MapSet} set */
function pinFromAddress(set) {
  const { anchor, choices } = address();
  if (anchor && anchor !== anchorOf(set.root)) return;
  const place = (/** @type {string} */ name, /** @type {string[]} */ tokens) => {
    const wanted = Number.parseInt(choices.get(name) ?? "", 10);
    return wanted >= 0 && wanted < tokens.length ? wanted : -1;
  };
  const [row, column] = [place("row", set.rows), place("column", set.columns)];
  if (row >= 0 || column >= 0) set.pin(row, column);
}

/** @param {MapSet} set @param {string} kind */
function saveMap(set, kind) {
  const map = set.maps[0];
  const { root } = mapChoices();
  const heading = document.querySelector("h1")?.textContent?.trim() ?? "";
  const where = anchorOf(set.root) ? (document.querySelector(`.examples a[href="#${anchorOf(set.root)}"]`)?.textContent?.trim() ?? "") : "";
  const title = [heading, where].filter(Boolean).join(", ");
  const svg = heatmapPicture({ weights: map.shown, rows: set.rows, columns: set.columns, title, root });
  return savePicture(svg, title.replace(/[^\p{L}\p{N}.]+/gu, "-"), kind);
}

function repaintMaps() {
  mapForm?.querySelectorAll("[data-direction]").forEach((one) => one.toggleAttribute("hidden", mapChoices().view === "arcs"));
  mapSets.forEach((set) => set.repaint());
  document.querySelectorAll("[data-scale-ticks] li").forEach((tick, i) => {
    const value = mapChoices().root ? (i / 4) ** 2 : i / 4;
    tick.textContent = String(Number(value.toFixed(2))).replace("0.", ".");
  });
}

choicesFromAddress();
repaintMaps();
mapForm?.addEventListener("submit", (event) => event.preventDefault());
mapForm?.addEventListener("change", () => {
  repaintMaps();
  setAddress(address().anchor, { ...Object.fromEntries(address().choices), ...choicesForAddress() });
});
mapForm?.addEventListener("click", (event) => {
  const kind = event.target instanceof HTMLElement ? event.target.dataset.save : undefined;
  const set = mapSets.find((one) => one.root.offsetParent !== null);
  if (kind && set) void saveMap(set, kind);
});
onDark.addEventListener("change", () => mapSets.forEach((set) => set.repaint()));

/** @type {{tokens: string[], columns?: string[], text?: string[]}[]} */
const mapTokens = pageData("token-data") ?? window.headatlas.data.tokens ?? [];
/** @param {HTMLElement} root */
async function startSet(root) {
  const { tokens, columns, text } = mapTokens[Number(root.dataset.maps)];
  const set = await startMaps(root, tokens, columns, text ?? tokens, mapChoices, (row, column) => {
    const kept = { row: row < 0 ? "" : String(row), column: column < 0 ? "" : String(column) };
    setAddress(anchorOf(root), { ...choicesForAddress(), ...kept });
  });
  mapSets.push(set);
  pinFromAddress(set);
}
// Long sequences are read back only when they come into view.
const mapWatcher = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting || !(target instanceof HTMLElement)) continue;
      mapWatcher.unobserve(target);
      void startSet(target);
    }
  },
  { rootMargin: "50%" },
);
{
  // The one that the page shows first does not wait for the first frame.
  const sets = /** @type {HTMLElement[]} */ (Array.from(document.querySelectorAll(".map-set")));
  const start = /** @type {HTMLElement | null} */ (document.querySelector("[data-start]"))?.dataset.start;
  const named = (/** @type {string | undefined} */ anchor) => sets.find((set) => anchor && anchorOf(set) === anchor);
  const first = named(address().anchor) ?? named(start) ?? sets[0];
  if (first) void startSet(first);
  sets.filter((set) => set !== first).forEach((set) => mapWatcher.observe(set));
}
