// What several scripts use: elements, tokens, the address, data files, downloads. Scripts share one scope, since a
// page that is opened from a disk may not load modules.
"use strict";

/** @template {keyof HTMLElementTagNameMap} K @param {K} kind @param {string} [text] @param {string} [name] */
function element(kind, text = "", name = "") {
  const made = document.createElement(kind);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

/** @param {string} kind @param {Record<string, string | number>} [attributes] @param {string} [text] */
function drawing(kind, attributes = {}, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  if (text) made.textContent = text;
  return made;
}

/** A token and its position. @param {string} token @param {number} position */
function named(token, position) {
  const name = element("span");
  const bdi = element("bdi", token, "token");
  bdi.translate = false;
  name.append(bdi, element("span", ` ${position}`, "soft"));
  return name;
}

/** @param {number} length */
const px = (length) => `${length}px`;
/** @param {number} position @param {number} size */
const clamp = (position, size) => Math.min(size - 1, Math.max(0, position));
/** @param {string} name */
const inWords = (name) => name.replaceAll("_", " ");
/** @param {number | null | undefined} value */
const threeDigits = (value) => (value === null || value === undefined ? "–" : value.toFixed(Math.abs(value) < 10 ? 3 : 1));

/** @param {string} id */
function pageData(id) {
  return JSON.parse(document.getElementById(id)?.textContent ?? "null");
}

/** The address after #: an anchor, then choices. "#example-2&row=5" is example-2 with row 5. */
function address() {
  const [first, ...rest] = location.hash.slice(1).split("&");
  const anchor = first.includes("=") ? "" : first;
  return { anchor, choices: new URLSearchParams(anchor ? rest.join("&") : location.hash.slice(1)) };
}

/** @param {string} anchor @param {Record<string, string>} choices those that are empty are left out */
function setAddress(anchor, choices) {
  const kept = new URLSearchParams(Object.entries(choices).filter(([, value]) => value !== ""));
  const state = [anchor, String(kept)].filter(Boolean).join("&");
  try {
    history.replaceState(null, "", state ? `#${state}` : location.pathname + location.search);
  } catch {
    // A frame in a notebook has no address of its own.
  }
}

/** A data file that is a script. @param {string} key @param {string} source @returns {Promise<any>} */
function dataFile(key, source) {
  if (key in window.headatlas.data) return Promise.resolve(window.headatlas.data[key]);
  return new Promise((resolve, reject) => {
    const script = element("script");
    script.src = source;
    script.onload = () => resolve(window.headatlas.data[key]);
    script.onerror = () => reject(new Error(`${source} could not be loaded`));
    document.head.append(script);
  });
}

/** @param {Blob} blob @param {string} name */
function download(blob, name) {
  const link = element("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

document.querySelectorAll("[data-needs-script]").forEach((one) => one.removeAttribute("hidden"));
