// Names and numbers as the pages write them.

/** @param {string} name */
export const inWords = (name) => name.replaceAll("_", " ");

/** @param {number | null | undefined} value */
export function threeDigits(value) {
  if (value === null || value === undefined) return "–";
  return value.toFixed(Math.abs(value) < 10 ? 3 : 1);
}

/**
 * 5,120, as English writes whole numbers. To ask the browser for its rules takes it tens of milliseconds the first time.
 * @param {number} n
 */
export const inThousands = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

/**
 * A value in the room of a mosaic's cell: .37, 1, 4.2, 13.
 * @param {number | null} value
 */
export function twoDigits(value) {
  if (value === null) return "–";
  if (Math.abs(value) >= 9.95) return value.toFixed(0);
  if (Math.abs(value) > 1) return value.toFixed(1);
  return value.toFixed(2).replace("1.00", "1").replace("-0.00", "0.00").replace("0.", ".");
}

/**
 * A title as the name of a file.
 * @param {string} title
 */
export const fileName = (title) => title.replace(/[^\p{L}\p{N}.]+/gu, "-");
