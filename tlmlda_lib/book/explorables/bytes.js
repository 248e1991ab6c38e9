// Arrays that reach a page as base64.

/**
 * @param {string} text base64
 * @returns {DataView<ArrayBuffer>}
 */
const viewOf = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);

/**
 * Numbers that were written as little-endian float32.
 * @param {string} text base64
 * @returns {number[]}
 */
export function floatsOf(text) {
  const view = viewOf(text);
  return Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

/**
 * Whole numbers of 16 bits, little-endian.
 * @param {string} text base64
 * @returns {number[]}
 */
export function shortsOf(text) {
  const view = viewOf(text);
  return Array.from({ length: view.byteLength / 2 }, (_, i) => view.getInt16(2 * i, true));
}
