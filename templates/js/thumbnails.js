// Pictures of every head: they are stored in the light scale, and painted anew on dark pages to have the colours of the map.
import { onColoursChange, palette, paperPalette } from "./colours.js";
import { element } from "./dom.js";
import { paintWeights, readBack } from "./weights.js";

export class Thumbnails {
  /** @param {HTMLImageElement[]} images */
  constructor(images) {
    /** The pictures as they are stored. */
    this.sources = new Map(images.map((img) => [img, img.src]));
    this.watcher = new IntersectionObserver((entries) => this.#paintVisible(entries), { rootMargin: "50%" });
    onColoursChange(() => this.#coloursChanged());
    this.#coloursChanged();
  }

  /** The stored picture, whatever is shown. @param {HTMLImageElement} img */
  source(img) {
    return this.sources.get(img) ?? img.src;
  }

  /** Light pictures are there at once, as a printer needs them; dark ones when they come into view. */
  #coloursChanged() {
    const light = palette() === paperPalette;
    for (const [img, source] of this.sources) {
      this.watcher.unobserve(img);
      if (!light) this.watcher.observe(img);
      else if (img.src !== source) img.src = source;
      if (light) delete img.dataset.painted;
    }
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #paintVisible(entries) {
    for (const { target, isIntersecting } of entries) {
      if (!(isIntersecting && target instanceof HTMLImageElement)) continue;
      this.watcher.unobserve(target);
      void this.#paint(target);
    }
  }

  /** @param {HTMLImageElement} img */
  async #paint(img) {
    const stored = new Image();
    stored.src = this.source(img);
    await stored.decode();
    const canvas = element("canvas");
    paintWeights(await readBack(stored, stored.naturalHeight, stored.naturalWidth), canvas, false);
    if (palette() === paperPalette) return; // the colours changed meanwhile
    img.src = canvas.toDataURL();
    img.dataset.painted = "";
  }
}
