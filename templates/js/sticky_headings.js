// Headings of tables stay in sight. A table that has room needs no frame to scroll in, and its headings stick to the
// window; a wider one scrolls in a frame that is no taller than the window, and they stick to that.
import { all } from "./dom.js";

const TALL = 1.2; // windows, from which a table gets a frame

/** Looks at every table that may scroll, now and whenever its size changes. */
export function stickHeadings() {
  for (const room of all(HTMLElement, ".scroll")) {
    const table = room.querySelector("table");
    if (!table?.tHead) continue;
    const sizes = new ResizeObserver(() => fit(room, table));
    for (const each of [room, table]) sizes.observe(each);
  }
}

/**
 * A frame that does not scroll is no stop of the tab key.
 * @param {HTMLElement} room
 * @param {HTMLTableElement} table
 */
function fit(room, table) {
  const fits = table.offsetWidth <= room.clientWidth + 1;
  room.classList.toggle("fits", fits);
  room.classList.toggle("framed", !fits && table.offsetHeight > TALL * innerHeight);
  if (!room.hasAttribute("role")) return;
  if (fits) room.removeAttribute("tabindex");
  else room.tabIndex = 0;
}
