// Arrays that reach a page as base64.

/**
 * Bytes.
 * @param {string} text base64
 * @returns {Uint8Array<ArrayBuffer>}
 */
export const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

const viewOf = (/** @type {string} */ text) => new DataView(bytesOf(text).buffer);

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
