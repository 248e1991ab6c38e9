// What Node's tests share: numbers of the library, and a comparison.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/**
 * Numbers that the library wrote (tests/js_numbers.py).
 * @param {string} name
 * @returns {any}
 */
export const numbersOf = (name) => JSON.parse(readFileSync(new URL(`./numbers/${name}.json`, import.meta.url), "utf8"));

/**
 * Two numbers, lists or objects that are equal but for rounding.
 * @param {unknown} found
 * @param {unknown} wanted
 * @param {number} tolerance relative, and absolute near 0
 * @param {string} at
 */
export function close(found, wanted, tolerance = 1e-9, at = "value") {
  if (typeof wanted === "number" && typeof found === "number") {
    const far = Math.abs(found - wanted);
    assert.ok(far <= tolerance * Math.max(1, Math.abs(wanted)), `${at} is ${found}, not ${wanted}`);
  } else if (wanted && typeof wanted === "object") {
    const [a, b] = [/** @type {any} */ (found), /** @type {any} */ (wanted)];
    assert.deepEqual(Object.keys(a).sort(), Object.keys(b).sort(), at);
    for (const key of Object.keys(b)) close(a[key], b[key], tolerance, `${at}.${key}`);
  } else assert.deepEqual(found, wanted, at);
}
