// Pictures of one take: its contours, and how far its numbers lie from usual ones.

import { columnsOf, line, linear, logarithmic, multiples, rowsOf, text, trace } from "./axes.js";
import { make } from "./base.js";
import { floatsOf } from "./bytes.js";
import { contourOf } from "./clips.js";
import { fixed } from "./format.js";

/**
 * What is known of a take beside some statistics: z-scores as base64, attention by stream and probabilities by emotion,
 * or else why there are none.
 * @typedef {object} Side
 * @property {string} [z]
 * @property {Record<string, number>} attention
 * @property {Record<string, number>} probabilities
 * @property {string} [problem]
 */

/** @typedef {{ name: string, stream: string, n: number }} Family */

/**
 * A take as `Session.hear` of tlmlda_lib.book.live gives it.
 * @typedef {object} Take
 * @property {number} take its number
 * @property {number} seconds
 * @property {number} step from frame to frame, seconds
 * @property {number[]} pitch Hz, 0 without a voice
 * @property {number[]} loudness
 * @property {Family[]} families of features, in the order of the z-scores
 * @property {string} warning
 * @property {Record<string, Side>} by
 */

// z-scores end here, for the network too.
const EDGE = 5;
// Centres of the first frames of pitch and loudness, in seconds.
const PITCH = 0.03;
const LOUDNESS = 0.0125;

/**
 * Root mean square of z-scores: about 1 for a recording like those that the statistics come from.
 * @param {number[]} z
 */
export const distance = (z) => Math.sqrt(z.reduce((s, v) => s + v * v, 0) / z.length);

/**
 * z-scores of each family of features.
 * @param {Family[]} families
 * @param {string} z
 */
export function familiesOf(families, z) {
  const all = floatsOf(z);
  let at = 0;
  return families.map((f) => {
    at += f.n;
    return { ...f, z: all.slice(at - f.n, at) };
  });
}

/**
 * What a screen reader says of the contours.
 * @param {Pick<Take, "seconds" | "pitch">} take
 */
export function contourWords({ seconds, pitch }) {
  const voiced = pitch.filter((f) => f > 0);
  const ends = voiced.length
    ? `pitch from ${fixed(Math.min(...voiced), 0)} to ${fixed(Math.max(...voiced), 0)} Hz`
    : "no pitch";
  return `Contours over ${fixed(seconds, 1)} seconds: ${ends}`;
}

/**
 * Pitch and loudness of a take.
 * @param {SVGSVGElement} svg
 * @param {Take} take
 * @param {number} width
 * @param {SVGElement} cursor lies on top
 * @returns {(seconds: number) => string} the path of a cursor at a moment
 */
export function drawContour(svg, take, width, cursor) {
  const [left, right, top, height] = [46, width - 8, 8, 96];
  const bottom = top + height;
  const voiced = take.pitch.filter((f) => f > 0);
  const low = Math.min(75, ...voiced);
  const high = Math.max(400, ...voiced);
  const x = linear([0, take.seconds], [left, right]);
  const y = logarithmic([low, high], [bottom - 6, top + 6]);
  const loud = linear([0, Math.max(...take.loudness, 1e-6)], [bottom, top]);
  const shape = take.loudness.map((v, i) => /** @type {const} */ ([x(i * take.step + LOUDNESS), loud(v)]));
  const whole = { ...take, centre: PITCH, seconds: Number.POSITIVE_INFINITY };
  const pitches = [100, 200, 400].filter((f) => f >= low && f <= high);
  const title = "seconds; line: pitch in Hz, shape: loudness";
  svg.setAttribute("viewBox", `0 0 ${width} ${bottom + 38}`);
  svg.replaceChildren(
    make("svg:path", {
      class: "tl-loud",
      d: `${trace([[left, bottom], ...shape, [right, bottom]])}Z`,
    }),
    ...rowsOf(pitches, { y, left, right }),
    ...columnsOf(multiples(0, take.seconds, take.seconds > 4 ? 1 : 0.5), {
      x,
      bottom,
      left,
      right,
      title,
      under: bottom + 33,
    }),
    line("tl-voice", contourOf(whole, x, y)),
    cursor,
  );
  svg.setAttribute("aria-label", contourWords(take));
  return (seconds) => `M${x(seconds).toFixed(1)} ${top}V${bottom}`;
}

const LEFT = 136;
const ROW = 27;
const HEAD = 18;
const TOP = 24;

/**
 * z-scores of a take in dots, a row for each family, streams apart.
 * @param {SVGSVGElement} svg
 * @param {Take} take
 * @param {Side} side
 * @param {number} width
 */
export function drawCloud(svg, take, side, width) {
  svg.toggleAttribute("hidden", !side.z);
  if (!side.z) return;
  const families = familiesOf(take.families, side.z);
  const right = width - 44;
  const bottom = TOP + ROW * families.length + HEAD * new Set(families.map((f) => f.stream)).size;
  const x = linear([-EDGE, EDGE], [LEFT, right]);
  const marks = [-EDGE, 0, EDGE];
  /** @type {SVGElement[]} */
  const rows = [];
  let next = TOP;
  families.forEach(({ name, stream, z }, k) => {
    const first = stream !== families[k - 1]?.stream;
    const middle = next + (first ? HEAD : 0) + ROW / 2;
    next = middle + ROW / 2;
    const far = distance(z);
    if (first) rows.push(text(stream, 0, middle - 15, { class: "tl-stream" }));
    rows.push(
      text(name, LEFT - 10, middle + 4, { "text-anchor": "end" }),
      make("svg:path", { class: "tl-dots", d: dots(z, x, middle) }),
      text(fixed(far, 1), width, middle + 4, {
        "text-anchor": "end",
        class: "tl-far",
        "data-value": "distance",
        "data-family": name,
        "data-exact": far,
      }),
    );
  });
  svg.setAttribute("viewBox", `0 0 ${width} ${bottom + 38}`);
  svg.replaceChildren(
    make("svg:rect", { class: "tl-usual", x: x(-1), y: TOP, width: x(1) - x(-1), height: bottom - TOP }),
    text("distance", width, 14, { "text-anchor": "end" }),
    ...marks.map((z) => make("svg:path", { class: "tl-grid", d: `M${x(z)} ${TOP}V${bottom}` })),
    ...columnsOf(marks, { x, bottom, left: LEFT, right: width, words: (z) => fixed(z, 0) }),
    text("z-score of each number", (LEFT + right) / 2, bottom + 33, { "text-anchor": "middle" }),
    ...rows,
  );
  const said = families.map(({ name, z }) => `${name} ${fixed(distance(z), 1)}`).join(", ");
  svg.setAttribute(
    "aria-label",
    `z-scores in dots, a row for each family of numbers. Root mean square, 1 being usual: ${said}`,
  );
}

/**
 * Dots in a row, spread over its height by the golden ratio, so that they hide each other as little as may be.
 * @param {number[]} z
 * @param {(z: number) => number} x
 * @param {number} middle
 */
const dots = (z, x, middle) =>
  z.map((v, i) => `M${x(v).toFixed(1)} ${(middle + 18 * (((i + 1) * 0.618034) % 1) - 9).toFixed(1)}h0`).join("");
