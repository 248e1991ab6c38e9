// Numbers and lists in words, the same in every explorable. A minus is "−", as in the book's text.

/** @param {string} text */
export const minus = (text) => text.replace("-", "−");

/**
 * A number with so many digits behind the point; what rounds to 0 has no sign.
 * @param {number} v
 * @param {number} digits
 */
export function fixed(v, digits) {
  const text = v.toFixed(digits);
  return minus(Number(text) === 0 ? text.replace("-", "") : text);
}

/**
 * The same with its sign always: a difference. 0 has none.
 * @param {number} v
 * @param {number} digits
 */
export function signed(v, digits) {
  const text = fixed(v, digits);
  return v > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/**
 * A share in percent. One that is not 0 or 1 is never printed as 0 % or 100 %.
 * @param {number} share 0 to 1
 * @param {number} digits behind the point
 */
export function percent(share, digits = 0) {
  const text = (100 * share).toFixed(digits);
  const least = 10 ** -digits;
  if (share > 0 && Number(text) === 0) return `< ${least.toFixed(digits)} %`;
  if (share < 1 - 1e-9 && Number(text) === 100) return `> ${(100 - least).toFixed(digits)} %`;
  return `${minus(text)} %`;
}

/**
 * Three significant digits (or as many as told), without zeros at the end, and never an exponent where none is needed.
 * @param {number} v
 * @param {number} digits
 */
export function significant(v, digits = 3) {
  if (v === 0) return "0";
  const size = Math.abs(v);
  if (size >= 1000) return minus(Math.round(v).toLocaleString("en"));
  if (size < 1e-6) return power(v);
  return minus(String(Number(v.toPrecision(digits))));
}

/**
 * A very small or large number as 3 × 10⁻⁷.
 * @param {number} v
 * @param {number} digits behind the point
 */
export function power(v, digits = 0) {
  const [factor, exponent] = v.toExponential(digits).split("e");
  return `${minus(factor)} × 10${superscript(Number(exponent))}`;
}

/** @param {number} n */
const superscript = (n) => [...String(n)].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)])).join("");

/**
 * "a, b and c".
 * @param {string[]} words
 */
export const listed = (words) =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;

/**
 * "1 seed", "3 seeds".
 * @param {number} n
 * @param {string} one
 * @param {string} many
 */
export const counted = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

/**
 * Python's text of numbers, lists of them, and dicts of them.
 * @param {unknown} values
 * @returns {string}
 */
export function python(values) {
  if (Array.isArray(values)) return `[${values.map(python).join(", ")}]`;
  if (values === null || typeof values !== "object") return String(values);
  const items = Object.entries(values).map(([key, value]) => `"${key}": ${python(value)}`);
  return `{${items.join(", ")}}`;
}
