// Pictures of clips: their waveforms and pitch, small or large.

/** @import { Place } from "./axes.js" */
import { columnsOf, line, linear, logarithmic, multiples, rowsOf, trace } from "./axes.js";
import { make } from "./base.js";

/**
 * A clip as `drawn` of sitting.py gives it.
 * @typedef {object} Clip
 * @property {number} seconds
 * @property {string} audio an MP3, base64
 * @property {[number[], number[]]} wave lowest and highest sample of each bin, percent
 * @property {number[]} pitch of each frame, Hz, 0 without a voice
 * @property {number} step from frame to frame, seconds
 * @property {number} centre of the first frame, seconds
 */

/** @typedef {{ longest: number, low: number, high: number }} Scales seconds, and Hz */

/**
 * What all clips of one explorable are drawn by.
 * @param {Pick<Clip, "seconds" | "pitch">[]} clips
 * @returns {Scales}
 */
export function scalesOf(clips) {
  const voiced = clips.flatMap((c) => c.pitch.filter((f) => f > 0));
  return {
    longest: Math.max(...clips.map((c) => c.seconds)),
    low: Math.min(75, ...voiced),
    high: Math.max(400, ...voiced),
  };
}

/**
 * The height of a pitch in a box, with a little space above and below.
 * @param {number} height
 * @param {{ low: number, high: number }} scales
 * @param {number} top of the box
 */
export const pitchScale = (height, { low, high }, top = 0) =>
  logarithmic([low, high], [top + 0.94 * height, top + 0.06 * height]);

/**
 * Places of a pitch contour; null where there is no voice, or no clip any more.
 * @param {Pick<Clip, "pitch" | "step" | "centre" | "seconds">} clip
 * @param {(seconds: number) => number} x
 * @param {(hertz: number) => number} y
 * @returns {(Place | null)[]}
 */
export const contourOf = ({ pitch, step, centre, seconds }, x, y) =>
  pitch.map((f, i) => {
    const t = i * step + centre;
    return f && t <= seconds ? [x(t), y(f)] : null;
  });

/**
 * The waveform of a clip in a box, its samples times gain.
 * @param {Clip} clip
 * @param {number} width
 * @param {number} height
 * @param {Scales} scales
 */
export function waveOf(clip, width, height, { longest }, gain = 1) {
  const [lows, highs] = clip.wave;
  const x = linear([0, longest], [0, width]);
  const y = linear([-100, 100], [height, 0]);
  const at = (/** @type {number} */ v, /** @type {number} */ i) =>
    /** @type {const} */ ([x((clip.seconds * (i + 0.5)) / lows.length), y(gain * v)]);
  return make("svg:path", { class: "tl-wave", d: `${trace([...highs.map(at), ...lows.map(at).reverse()])}Z` });
}

/**
 * The pitch of a clip in a box: a line wherever there is a voice.
 * @param {Clip} clip
 * @param {number} width
 * @param {number} height
 * @param {Scales} scales
 */
export const pitchOf = (clip, width, height, scales, kind = "tl-pitch") =>
  line(kind, contourOf(clip, linear([0, scales.longest], [0, width]), pitchScale(height, scales)));

/**
 * Seconds between the values of a time axis.
 * @param {number} longest seconds
 */
export const apart = (longest) => (longest > 3 ? 1 : longest > 1.5 ? 0.5 : 0.25);

const LEFT = 44;
const TOP = 8;
const HEIGHT = 160;

/**
 * Axes, as wide as there is space, around what `draw` gives.
 * @param {SVGSVGElement} svg
 * @param {number} available width, pixels
 * @param {Scales} scales
 * @param {(width: number, height: number) => SVGElement[]} draw
 */
export function enlargeClip(svg, available, scales, draw) {
  const { longest, low, high } = scales;
  const space = Math.max(280, Math.min(available, 720));
  const [right, bottom] = [space - 10, TOP + HEIGHT];
  const x = linear([0, longest], [LEFT, right]);
  const y = pitchScale(HEIGHT, scales, TOP);
  const times = multiples(0, longest, apart(longest));
  const pitches = [50, 75, 100, 150, 200, 300, 400, 600].filter((f) => f >= low && f <= high);
  const title = "seconds; shape: sound, line: pitch in Hz";
  svg.setAttribute("viewBox", `0 0 ${space} 212`);
  svg.replaceChildren(
    ...times.map((t) => make("svg:path", { class: "tl-grid", d: `M${x(t)} ${bottom}v5` })),
    ...columnsOf(times, { x, bottom: bottom + 3, left: LEFT, right, title, under: bottom + 38 }),
    ...rowsOf(pitches, { y, left: LEFT - 3, right }),
    make("svg:g", { transform: `translate(${LEFT} ${TOP})` }, ...draw(right - LEFT, HEIGHT)),
  );
}
