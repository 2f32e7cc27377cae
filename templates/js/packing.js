// Bytes that data files hold as letters of sixteen bits, and tables of numbers among them.

const ESCAPE = 0xe000;
const HIGHEST_BIT = 0x8000;

/** @param {string} packed deflated, two bytes a letter (headatlas/atlas/make/packing.py) */
export async function unpacked(packed) {
  const letters = new Uint16Array(packed.length);
  let n = 0;
  for (let i = 1; i < packed.length; i++) {
    const letter = packed.charCodeAt(i);
    letters[n++] = letter === ESCAPE ? packed.charCodeAt(++i) ^ HIGHEST_BIT : letter;
  }
  const bytes = new Uint8Array(letters.buffer, 0, 2 * n - Number(packed[0]));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Facts, and columns of whole numbers, null where there is none (`table` in headatlas/atlas/make/packing.py).
 * @param {string} packed
 * @returns {Promise<{facts: any, columns: (number | null)[][]}>}
 */
export async function unpackedTable(packed) {
  const bytes = await unpacked(packed);
  const start = 4 + new DataView(bytes.buffer).getUint32(0, true);
  const [facts, rows, width] = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)));
  const n = rows * width;
  const naturals = new Float64Array(n);
  for (let end = bytes.length; end > start; end -= n || end) {
    for (let i = 0; i < n; i++) naturals[i] = 256 * naturals[i] + bytes[end - n + i];
  }
  const columns = Array.from({ length: width }, (_, k) =>
    Array.from(naturals.subarray(k * rows, (k + 1) * rows), whole),
  );
  return { facts, columns };
}

/** @param {number} natural */
const whole = (natural) => (natural === 0 ? null : natural % 2 ? (natural - 1) / 2 : -natural / 2);
