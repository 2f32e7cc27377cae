// Finds models, heads, patterns and probes by name.
"use strict";

(() => {
  const box = /** @type {HTMLInputElement} */ (document.getElementById("search"));
  const list = /** @type {HTMLElement} */ (document.getElementById("found"));
  /** @type {{models: {name: string, slug: string, layers: [string, number][]}[], patterns: string[][], probes: string[][]}} */
  const names = pageData("names");
  const MOST = 12;

  /** @param {string} text @returns {[string, string, string][]} title, address, what it is */
  function find(text) {
    const wanted = text.toLowerCase().replaceAll("_", " ").split(/\s+/).filter(Boolean);
    if (!wanted.length) return [];
    /** @type {[string, string, string][]} */
    const found = [];
    // "L5H1", "smollm L5H1": heads of the models that the other words name; "L5" a layer.
    const place = wanted.find((word) => /^[ledxv]\d+(h\d+)?$/.test(word));
    const rest = wanted.filter((word) => word !== place);
    for (const { name, slug, layers } of names.models) {
      if (!rest.every((word) => name.toLowerCase().includes(word))) continue;
      if (!place) {
        found.push([name, `${slug}/index.html`, "model"]);
        continue;
      }
      const [, layer, head] = /** @type {RegExpMatchArray} */ (place.toUpperCase().match(/^(\w\d+?)(?:H(\d+))?$/) ?? []);
      const known = layers.find(([one]) => one === layer);
      if (known && head === undefined) found.push([`${layer} of ${name}`, `${slug}/layers/${layer}.html`, "layer"]);
      else if (known && Number(head) < known[1]) {
        const title = `${layer}H${Number(head)}`;
        found.push([`${title} of ${name}`, `${slug}/heads/${title}.html`, "head"]);
      }
    }
    for (const [kind, entries] of /** @type {[string, string[][]][]} */ ([["pattern", names.patterns], ["probe", names.probes]])) {
      const inName = entries.filter(([name]) => wanted.every((word) => name.includes(word)));
      const inText = entries.filter(([name, , summary]) => !inName.some(([one]) => one === name) && wanted.every((word) => `${name} ${summary}`.toLowerCase().includes(word)));
      for (const [name, href, summary] of [...inName, ...inText]) found.push([name, href, `${kind}: ${summary}`]);
    }
    return found.slice(0, MOST);
  }

  box.addEventListener("input", () => {
    const found = find(box.value);
    const lines = found.map(([title, href, what]) => {
      const line = element("li");
      const link = element("a", title);
      link.href = href;
      line.append(link, element("span", ` ${what}`, "soft"));
      return line;
    });
    list.replaceChildren(...(box.value.trim() && !lines.length ? [element("li", "Nothing here has that name.", "soft")] : lines));
  });
  box.form?.addEventListener("submit", (event) => {
    event.preventDefault();
    list.querySelector("a")?.click();
  });
})();
