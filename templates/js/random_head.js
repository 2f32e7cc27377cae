// A link to a head drawn at random: the page comes with one that was drawn when the site was written.
import { packedFacts } from "./files.js";

/** Each click leads to another head of the site. @param {HTMLAnchorElement | null} link */
export function drawAtEachClick(link) {
  link?.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return; // another tab has the one that was drawn
    event.preventDefault();
    /** @type {import("./search.js").Names} */
    const { models } = await packedFacts("names", "assets/names.js");
    location.href = drawn(models) || link.href;
  });
}

/** Every head is as likely as any other. @param {import("./search.js").Model[]} models */
function drawn(models) {
  const layers = models.flatMap(({ slug, layers }) => layers.map(([name, n]) => ({ slug, name, n })));
  let at = Math.floor(Math.random() * layers.reduce((sum, { n }) => sum + n, 0));
  for (const { slug, name, n } of layers) {
    if (at < n) return `${slug}/heads/${name}H${at}.html`;
    at -= n;
  }
  return "";
}
