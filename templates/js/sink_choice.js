// "Set the sink aside": one switch for maps, mosaics and stacks, remembered from page to page.

const KEY = "headatlas-sink";

/** What was chosen last, if anything. @returns {"hide" | "show" | ""} */
export function rememberedSink() {
  try {
    const said = localStorage.getItem(KEY);
    return said === "hide" || said === "show" ? said : "";
  } catch {
    return ""; // a frame in a notebook may keep nothing
  }
}

/** @param {boolean} aside */
export function rememberSink(aside) {
  try {
    localStorage.setItem(KEY, aside ? "hide" : "show");
  } catch {
    // Then each page begins as it comes.
  }
}
