// Maps of a head out of the bytes in which a data file has them (headatlas/atlas/make/map_bytes.py).

const LARGE = 4;

/** @typedef {{rows: number, columns: number}} Size */

/**
 * The weights of each map, row after row; -1 for what a query cannot see.
 * @param {Uint8Array} bytes
 * @param {Size[]} sizes of the maps
 * @param {boolean} causal
 */
export function mapsOf(bytes, sizes, causal) {
  const n = sizes.reduce((sum, { rows }) => sum + rows, 0);
  // Where the first weights are read, those beside none that is large, and those beside a large one, from the end.
  const at = { first: 0, small: n, large: bytes.length };
  return sizes.map((size) => mapOf(bytes, size, causal, at));
}

/**
 * @param {Uint8Array} bytes
 * @param {Size} size
 * @param {boolean} causal
 * @param {{first: number, small: number, large: number}} at moves on
 */
function mapOf(bytes, { rows, columns }, causal, at) {
  const weights = new Int16Array(rows * columns).fill(-1);
  for (let q = 0; q < rows; q++) {
    const row = q * columns;
    const end = row + (causal ? Math.min(q + 1, columns) : columns);
    let sum = 0;
    for (let i = row + 1; i < end; i++) {
      // Above, above to the left, to the left; first weights do not count.
      const above = q > 0 && (weights[i - columns] >= LARGE || (i > row + 1 && weights[i - columns - 1] >= LARGE));
      const beside = above || (i > row + 1 && weights[i - 1] >= LARGE);
      weights[i] = bytes[beside ? --at.large : at.small++];
      sum += weights[i];
    }
    weights[row] = (bytes[at.first++] + 255 - sum) & 255;
  }
  return weights;
}
