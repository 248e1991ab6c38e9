// Scales, lines and the writing around a plot.

import { make } from "./base.js";
import { minus } from "./format.js";

/** @typedef {((value: number) => number) & { invert: (place: number) => number }} Scale */

/**
 * A straight scale from values to places.
 * @param {readonly [number, number]} values
 * @param {readonly [number, number]} places
 * @returns {Scale}
 */
export function linear([v0, v1], [p0, p1]) {
  const extent = v1 - v0 || 1;
  const scale = (/** @type {number} */ v) => p0 + ((v - v0) / extent) * (p1 - p0);
  return Object.assign(scale, {
    invert: (/** @type {number} */ p) => v0 + ((p - p0) / (p1 - p0 || 1)) * extent,
  });
}

/**
 * A logarithmic one; what is not above 0 lies at the lower end.
 * @param {readonly [number, number]} values both above 0
 * @param {readonly [number, number]} places
 * @returns {Scale}
 */
export function logarithmic([v0, v1], places) {
  const line = linear([Math.log10(v0), Math.log10(v1)], places);
  const scale = (/** @type {number} */ v) => line(Math.log10(Math.max(v, v0)));
  return Object.assign(scale, { invert: (/** @type {number} */ p) => 10 ** line.invert(p) });
}

/**
 * Round values of an axis: the multiples of a step, from the first that is not below low.
 * @param {number} low
 * @param {number} high
 * @param {number} step
 */
export const multiples = (low, high, step) =>
  Array.from({ length: Math.max(0, Math.floor(high / step + 1e-9) - Math.ceil(low / step - 1e-9) + 1) }, (_, i) =>
    Number(((Math.ceil(low / step - 1e-9) + i) * step).toPrecision(12)),
  );

/**
 * The first, the middle and the last of the numbers from 1 to n.
 * @param {number} n
 */
export const threeOf = (n) => [...new Set([1, Math.round(n / 2), n])];

/**
 * A text in a picture.
 * @param {string} words
 * @param {number} x
 * @param {number} y
 * @param {Record<string, string | number | undefined>} more attributes
 */
export const text = (words, x, y, more = {}) => make("svg:text", { x, y, ...more }, words);

/** @typedef {readonly [number, number]} Place */

/**
 * The path through places; null lifts the pen.
 * @param {Iterable<Place | null>} places
 */
export function trace(places) {
  let pen = "M";
  let d = "";
  for (const place of places) {
    if (place) d += `${pen}${place[0].toFixed(1)} ${place[1].toFixed(1)}`;
    pen = place ? "L" : "M";
  }
  return d;
}

/**
 * A line through places; null lifts the pen.
 * @param {string} kind its class
 * @param {Iterable<Place | null>} places
 * @param {Record<string, string | number | undefined>} more attributes
 */
export const line = (kind, places, more = {}) => make("svg:path", { class: kind, d: trace(places), ...more });

/**
 * Lines across a plot with their values to the left.
 * @param {number[]} values
 * @param {object} how
 * @param {Scale} how.y
 * @param {number} how.left
 * @param {number} how.right
 * @param {(value: number) => string} [how.words]
 * @returns {SVGElement[]}
 */
export const rowsOf = (values, { y, left, right, words = (v) => minus(String(v)) }) =>
  values.flatMap((v) => [
    make("svg:path", { class: "tl-grid", d: `M${left} ${y(v).toFixed(1)}H${right}` }),
    text(words(v), left - 6, y(v) + 4, { "text-anchor": "end" }),
  ]);

/**
 * Values under a plot, and in their middle what they are. The last does not stand out over the right edge.
 * @param {number[]} values
 * @param {object} how
 * @param {Scale} how.x
 * @param {number} how.bottom where the plot ends
 * @param {number} how.left
 * @param {number} how.right
 * @param {string} [how.title]
 * @param {number} [how.under] place of the title
 * @param {(value: number) => string} [how.words]
 * @returns {SVGElement[]}
 */
export const columnsOf = (values, { x, bottom, left, right, title, under = bottom + 34, words = String }) => [
  ...values.map((v) =>
    text(words(v), x(v), bottom + 16, { "text-anchor": x(v) > right - 1 && values.length > 1 ? "end" : "middle" }),
  ),
  ...(title ? [text(title, (left + right) / 2, under, { "text-anchor": "middle" })] : []),
];
