// From sound to numbers: a descriptor's contour, and each functional of IS10 over it (features.py).

/** @import { Place, Scale } from "./axes.js" */
/** @import { View } from "./base.js" */
/** @import { Shared } from "./state.js" */
import { columnsOf, line, linear, multiples, rowsOf, text } from "./axes.js";
import { announcer, explorable, make, put, redraw } from "./base.js";
import { floatsOf } from "./bytes.js";
import { button, choice, radio } from "./controls.js";
import { fixed, minus, power, significant } from "./format.js";
import { playerOf } from "./sound.js";
import { placeIn, sharedState } from "./state.js";

/**
 * A clip; contours, features and how many frames at the end are unseen, by openSMILE's names of contours.
 * @typedef {object} Clip
 * @property {string} name
 * @property {number} seconds
 * @property {string} audio
 * @property {Record<string, string>} contours base64 of float32
 * @property {Record<string, number>} unseen
 * @property {Record<string, string>} features base64 of float32, in the order of the functionals
 */

/**
 * @typedef {object} Descriptor
 * @property {string} key openSMILE's name without _sma
 * @property {string} name
 * @property {string} words
 * @property {boolean} voiced whether it exists in voiced frames alone
 * @property {number} centre of the first frame, seconds
 */

/** @typedef {{ clip: string, descriptor: string, delta: boolean, functional: string }} Chosen */

/**
 * A contour: all its values, and those that the functionals see, with their places.
 * @typedef {object} Contour
 * @property {number[]} all
 * @property {number[]} places
 * @property {number[]} seen
 */

/** @type {Record<string, string>} What each functional is, in words; what openSMILE calls it stands beside it. */
export const MEANING = {
  maxPos: "place of the largest value",
  minPos: "place of the smallest value",
  amean: "mean",
  linregc1: "slope of the line of best fit",
  linregc2: "its value at the start",
  linregerrA: "mean distance from that line",
  linregerrQ: "mean squared distance from that line",
  stddev: "standard deviation",
  skewness: "skewness",
  kurtosis: "kurtosis",
  quartile1: "a quarter lies below",
  quartile2: "half lies below",
  quartile3: "three quarters lie below",
  "iqr1-2": "from the first to the second quartile",
  "iqr2-3": "from the second to the third quartile",
  "iqr1-3": "from the first to the third quartile",
  "percentile1.0": "1 % lies below",
  "percentile99.0": "99 % lie below",
  "pctlrange0-1": "from 1 % to 99 %",
  upleveltime75: "share of the time in the upper quarter",
  upleveltime90: "share of the time in the upper tenth",
};
/** @type {Record<string, [number, number]>} */
const RANGES = { "iqr1-2": [0.25, 0.5], "iqr2-3": [0.5, 0.75], "iqr1-3": [0.25, 0.75], "pctlrange0-1": [0.01, 0.99] };
/** @type {Record<string, number>} */
const LEVELS = { quartile1: 0.25, quartile2: 0.5, quartile3: 0.75, "percentile1.0": 0.01, "percentile99.0": 0.99 };
const BINS = 16;

/** @param {number[]} x */
const mean = (x) => x.reduce((s, v) => s + v, 0) / x.length;

/** @param {number[]} x */
const ascending = (x) => [...x].sort((a, b) => a - b);

/**
 * The value below which a share of a sorted list lies, between its neighbours in proportion.
 * @param {number[]} sorted
 * @param {number} share
 */
export function percentile(sorted, share) {
  const i = share * (sorted.length - 1);
  const low = Math.floor(i);
  return sorted[low] + (i - low) * (sorted[Math.ceil(i)] - sorted[low]);
}

/**
 * The line of best fit over frames 0, 1, 2, ..
 * @param {number[]} x
 */
export function fitOf(x) {
  const m = mean(x);
  const middle = (x.length - 1) / 2;
  const above = x.reduce((s, v, i) => s + (i - middle) * (v - m), 0);
  const below = x.reduce((s, _, i) => s + (i - middle) ** 2, 0);
  const slope = below ? above / below : 0;
  return { slope, start: m - slope * middle };
}

/**
 * The level that a contour passes for a share of its range: 0.75 is where its upper quarter begins.
 * @param {number[]} x
 * @param {number} share
 */
const levelOf = (x, share) => Math.min(...x) + share * (Math.max(...x) - Math.min(...x));

/** @param {string} uplevel upleveltime75 or upleveltime90 */
const shareOf = (uplevel) => Number(uplevel.slice(-2)) / 100;

/**
 * IS10's functionals of a contour, as openSMILE defines them; 0 of an empty one.
 * @param {string} name
 * @param {number[]} x
 * @returns {number}
 */
export function functional(name, x) {
  if (!x.length) return 0;
  if (name in LEVELS) return percentile(ascending(x), LEVELS[name]);
  if (name in RANGES) {
    const [from, to] = RANGES[name].map((share) => percentile(ascending(x), share));
    return to - from;
  }
  const m = mean(x);
  const moment = (/** @type {number} */ p) => mean(x.map((v) => (v - m) ** p));
  const { slope, start } = fitOf(x);
  const off = x.map((v, i) => v - start - slope * i);
  const spread = moment(2);
  const level = name.startsWith("uplevel") ? levelOf(x, shareOf(name)) : 0;
  switch (name) {
    case "maxPos":
      return x.indexOf(Math.max(...x));
    case "minPos":
      return x.indexOf(Math.min(...x));
    case "amean":
      return m;
    case "linregc1":
      return slope;
    case "linregc2":
      return start;
    case "linregerrA":
      return mean(off.map(Math.abs));
    case "linregerrQ":
      return mean(off.map((v) => v ** 2));
    case "stddev":
      return Math.sqrt(spread);
    case "skewness":
      return spread ? moment(3) / spread ** 1.5 : 0;
    case "kurtosis":
      return spread ? moment(4) / spread ** 2 : 0;
    case "upleveltime75":
    case "upleveltime90":
      return mean(x.map((v) => (v > level ? 1 : 0)));
    default:
      throw new Error(`${name} is no functional of IS10`);
  }
}

/**
 * A contour with what the functionals see of it: not its last frames, and of voiced descriptors no frame without voice.
 * @param {number[]} all
 * @param {number} unseen frames at the end
 * @param {boolean} voiced
 * @returns {Contour}
 */
export function contourOf(all, unseen, voiced) {
  const places = all.flatMap((v, i) => (i < all.length - unseen && (!voiced || v !== 0) ? [i] : []));
  return { all, places, seen: places.map((i) => all[i]) };
}

/**
 * How often values come, in bins from the lowest of a range on.
 * @param {number[]} values
 * @param {number} lowest
 * @param {number} extent of the range
 */
export function histogram(values, lowest, extent) {
  const counts = Array.from({ length: BINS }, () => 0);
  for (const v of values) counts[Math.min(BINS - 1, Math.floor(((v - lowest) / extent) * BINS))] += 1;
  return counts;
}

/**
 * Six digits, which are about as many as a feature has.
 * @param {number} v
 */
export function sixDigits(v) {
  const size = Math.abs(v);
  if (v !== 0 && Number.isFinite(v) && (size < 1e-4 || size >= 1e6)) return power(v, 4);
  return minus(String(Number(v.toPrecision(6))));
}

/**
 * openSMILE's name of a contour.
 * @param {Descriptor} descriptor
 * @param {boolean} delta
 */
export const contourName = ({ name }, delta) => (delta ? name.replace("_sma", "_sma_de") : name);

/**
 * Whether IS10 leaves a functional of a descriptor out.
 * @param {Descriptor} descriptor
 * @param {string} name
 */
export const isAbsent = ({ voiced }, name) => voiced && (name === "percentile1.0" || name === "pctlrange0-1");

/**
 * How many frames count.
 * @param {Contour} contour
 * @param {number} unseen
 * @param {boolean} voiced
 */
export function framesInWords({ all, places }, unseen, voiced) {
  const end = `openSMILE's functionals leave out the last ${unseen} of ${all.length} frames`;
  return voiced ? `${end} and those without a voice: ${places.length} count.` : `${end}.`;
}

/**
 * What an address tells, or null.
 * @param {string} said
 * @param {{ name: string }[]} clips
 * @param {{ key: string }[]} descriptors
 * @param {string[]} functionals
 * @returns {{ chosen: Chosen } | null}
 */
export function readSetting(said, clips, descriptors, functionals) {
  const [number, descriptor, delta, name, ...more] = said.split("~");
  const clip = placeIn(number, clips.length);
  const known = descriptors.some((d) => d.key === descriptor) && functionals.includes(name);
  if (clip < 0 || !known || !["0", "1"].includes(delta) || more.length) return null;
  return { chosen: { clip: clips[clip].name, descriptor, delta: delta === "1", functional: name } };
}

// The picture

const LEFT = 64;
const SIDE = 74;
const TOP = 10;
const HEIGHT = 250;
const BOTTOM = 44;

/**
 * Where a contour is drawn.
 * @typedef {object} Frame
 * @property {(i: number) => number} at the place of a frame of the contour
 * @property {Scale} y
 * @property {number} right
 */

/**
 * @param {number} v
 * @param {Frame} frame
 */
const across = (v, { y, right }) =>
  line("tl-mark", [
    [LEFT, y(v)],
    [right, y(v)],
  ]);

/**
 * @param {number} a
 * @param {number} b
 * @param {Frame} frame
 */
const band = (a, b, { y, right }) =>
  make("svg:rect", {
    class: "tl-band",
    x: LEFT,
    y: Math.min(y(a), y(b)),
    width: right - LEFT,
    height: Math.abs(y(a) - y(b)),
  });

/**
 * @param {number} x
 * @param {number} y
 * @param {number} r
 */
const dot = (x, y, r = 6) => make("svg:circle", { class: "tl-dot", cx: x, cy: y, r });

/**
 * A line over what the functionals see; a gap in that is a gap in the line.
 * @param {number[]} places
 * @param {(k: number) => number} value of the k-th that they see
 * @param {Frame} frame
 */
const pieces = (places, value, { at, y }) =>
  places.flatMap((i, k) => {
    const here = /** @type {Place} */ ([at(i), y(value(k))]);
    return k && places[k - 1] !== i - 1 ? [null, here] : [here];
  });

/**
 * What a functional is, under the contour.
 * @param {string} name
 * @param {Contour} contour not empty
 * @param {Frame} frame
 * @returns {SVGElement[]}
 */
function drawnUnder(name, { all, places, seen }, frame) {
  const { at, y } = frame;
  if (name === "stddev") {
    const [m, s] = [mean(seen), functional("stddev", seen)];
    return [band(m - s, m + s, frame)];
  }
  if (name in RANGES) {
    const [from, to] = RANGES[name].map((share) => percentile(ascending(seen), share));
    return [band(from, to, frame)];
  }
  if (!name.startsWith("linregerr")) return [];
  const { slope, start } = fitOf(seen);
  return places.map((i, k) =>
    line("tl-error", [
      [at(i), y(all[i])],
      [at(i), y(start + slope * k)],
    ]),
  );
}

/**
 * What a functional is, over the contour.
 * @param {string} name
 * @param {Contour} contour not empty
 * @param {Frame} frame
 * @returns {SVGElement[]}
 */
function drawnOver(name, { all, places, seen }, frame) {
  const { at, y } = frame;
  if (["amean", "stddev", "skewness", "kurtosis"].includes(name)) return [across(mean(seen), frame)];
  if (name in LEVELS) return [across(functional(name, seen), frame)];
  if (name.startsWith("linreg")) {
    const { slope, start } = fitOf(seen);
    const fit = line(
      "tl-mark",
      pieces(places, (k) => start + slope * k, frame),
    );
    return name === "linregc2" ? [fit, dot(at(places[0]), y(start))] : [fit];
  }
  if (name === "maxPos" || name === "minPos") {
    const i = places[functional(name, seen)];
    return [make("svg:path", { class: "tl-mark", d: `M${at(i)} ${TOP}V${HEIGHT}` }), dot(at(i), y(all[i]))];
  }
  if (!name.startsWith("uplevel")) return [];
  const level = levelOf(seen, shareOf(name));
  return [across(level, frame), ...places.filter((i) => all[i] > level).map((i) => dot(at(i), y(all[i]), 3))];
}

/**
 * How often each value comes: what most functionals see, since they do not know the order.
 * @param {number[]} seen
 * @param {number} lowest
 * @param {number} extent
 * @param {Frame} frame
 */
function drawnBeside(seen, lowest, extent, { y, right }) {
  const counts = histogram(seen, lowest, extent);
  const most = Math.max(...counts);
  return counts.map((c, k) => {
    const upper = y(lowest + ((k + 1) / BINS) * extent);
    const lower = y(lowest + (k / BINS) * extent);
    const width = ((SIDE - 14) * c) / most;
    return make("svg:rect", {
      class: "tl-bin",
      x: right + 12,
      y: upper,
      width,
      height: Math.max(1, lower - upper - 1),
    });
  });
}

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-numbers");
  /** @type {Clip[]} */
  const clips = model.get("clips");
  /** @type {Descriptor[]} */
  const descriptors = model.get("descriptors");
  /** @type {string[]} */
  const functionals = model.get("functionals");
  /** @type {number} */
  const step = model.get("step");
  /** @type {Shared<{ chosen: Chosen }>} */
  const { state, ...page } = sharedState(model, {
    fields: ["chosen"],
    read: (said) => readSetting(said, clips, descriptors, functionals),
    show: fromPython,
  });
  const clipNow = () => clips.find((c) => c.name === state.chosen.clip) ?? clips[0];
  const descriptorNow = () => descriptors.find((d) => d.key === state.chosen.descriptor) ?? descriptors[0];

  /** @type {Map<string, Contour>} */
  const kept = new Map();
  /** @param {Clip} clip */
  function contour(clip) {
    const d = descriptorNow();
    const name = contourName(d, state.chosen.delta);
    const key = `${clip.name} ${name}`;
    const found = kept.get(key) ?? contourOf(floatsOf(clip.contours[name]), clip.unseen[name], d.voiced);
    kept.set(key, found);
    return found;
  }

  const { element: summary, say } = announcer();
  const player = playerOf({
    quiet,
    say,
    follow: (t) => cursor.setAttribute("d", `M${x(t).toFixed(1)} ${TOP}V${HEIGHT}`),
  });
  const listen = button("Play", () => (player.playing() ? player.halt() : play()));
  const which = radio({
    label: "Clip",
    value: state.chosen.clip,
    options: Object.fromEntries(clips.map((c) => [c.name, c.name])),
    change: (clip) => {
      player.halt();
      choose({ clip });
    },
  });
  const what = choice({
    label: "Descriptor",
    value: state.chosen.descriptor,
    options: Object.fromEntries(descriptors.map((d) => [d.key, d.words])),
    change: (descriptor) => choose({ descriptor }),
  });
  const order = radio({
    label: "Take",
    value: state.chosen.delta ? "delta" : "itself",
    options: { itself: "the contour", delta: "its changes (delta)" },
    change: (v) => choose({ delta: v === "delta" }),
  });
  const how = choice({
    label: "Functional",
    value: state.chosen.functional,
    options: Object.fromEntries(functionals.map((f) => [f, `${f}: ${MEANING[f]}`])),
    change: (v) => choose({ functional: v }),
  });

  const picture = make("svg:svg", { role: "img" });
  const cursor = make("svg:path", { class: "tl-cursor" });
  const stage = make("div", { class: "tl-contour" }, picture);
  const feature = make("code", { class: "tl-feature" });
  const rows = clips.map((c) => {
    const here = make("output", { "data-value": "here", "data-clip": c.name });
    const theirs = make("output", { "data-value": "theirs", "data-clip": c.name });
    const name = make("th", { scope: "row" }, c.name);
    return { here, theirs, element: make("tr", {}, name, make("td", {}, here), make("td", {}, theirs)) };
  });
  const heads = ["clip", "computed here", "by openSMILE"].map((head) => make("th", { scope: "col" }, head));
  const table = make(
    "table",
    { class: "tl-values" },
    make("caption", {}, feature),
    make("thead", {}, make("tr", {}, ...heads)),
    make("tbody", {}, ...rows.map((row) => row.element)),
  );

  el.append(
    make("div", { class: "tl-controls" }, which.element, listen),
    make("div", { class: "tl-controls" }, what.element, order.element, how.element),
    stage,
    make("div", { class: "tl-body" }, table, make("div", {}, summary, ...page.foot)),
    player.element,
  );

  /** @param {Partial<Chosen>} more */
  function choose(more) {
    state.chosen = { ...state.chosen, ...more };
    update();
  }

  let x = linear([0, 1], [0, 0]);
  function paint() {
    const width = stage.clientWidth;
    if (!width) return;
    const clip = clipNow();
    const { centre } = descriptorNow();
    const { functional: name } = state.chosen;
    const shown = contour(clip);
    const { all, places, seen } = shown;
    const right = width - SIDE;
    const lowest = Math.min(...all);
    const extent = Math.max(...all) - lowest || 1;
    x = linear([0, clip.seconds], [LEFT, right]);
    const y = linear([lowest - 0.04 * extent, lowest + 1.04 * extent], [HEIGHT, TOP]);
    /** @type {Frame} */
    const frame = { at: (i) => x(i * step + centre), y, right };
    const whole = all.map((v, i) => /** @type {Place} */ ([frame.at(i), y(v)]));
    const drawn = seen.length > 0;

    const apart = clip.seconds > 4 ? 1 : clip.seconds > 1 ? 0.5 : 0.25;
    const values = [0, 1, 2, 3].map((k) => lowest + (k / 3) * extent);
    picture.setAttribute("viewBox", `0 0 ${width} ${HEIGHT + BOTTOM}`);
    cursor.setAttribute("d", "");
    picture.replaceChildren(
      ...rowsOf(values, { y, left: LEFT, right, words: significant }),
      ...columnsOf(multiples(0, clip.seconds, apart), {
        x,
        bottom: HEIGHT + 2,
        left: LEFT,
        right,
        title: "seconds",
        under: HEIGHT + 36,
      }),
      text("how often", right + SIDE / 2 + 4, HEIGHT + 18, { "text-anchor": "middle" }),
      // What the functionals do not see stays faint.
      line("tl-unseen", whole),
      ...(drawn ? drawnUnder(name, shown, frame) : []),
      line(
        "tl-seen",
        pieces(places, (k) => seen[k], frame),
      ),
      ...(drawn ? drawnOver(name, shown, frame) : []),
      ...(drawn ? drawnBeside(seen, lowest, extent, frame) : []),
      cursor,
    );
  }

  function update() {
    const { descriptor, delta, functional: name } = state.chosen;
    const d = descriptorNow();
    const clip = clipNow();
    const of = contourName(d, delta);
    const absent = isAbsent(d, name);
    feature.textContent = `${of}_${name}${absent ? ": not in IS10" : ""}`;
    clips.forEach((c, i) => {
      const here = functional(name, contour(c).seen);
      const theirs = floatsOf(c.features[of])[functionals.indexOf(name)];
      put(rows[i].here, here, sixDigits(here));
      put(rows[i].theirs, theirs, absent ? "not in IS10" : sixDigits(theirs));
      rows[i].element.classList.toggle("tl-chosen", c === clip);
    });
    const value = functional(name, contour(clip).seen);
    const whose = `${delta ? "changes of " : ""}${d.words}`;
    const words = `${clip.name}, ${whose}, ${MEANING[name]}: ${sixDigits(value)}.`;
    say(`${words} ${framesInWords(contour(clip), clip.unseen[of], d.voiced)}`);
    picture.setAttribute(
      "aria-label",
      `Contour over ${fixed(clip.seconds, 1)} seconds, and beside it how often each value comes. ${words}`,
    );
    paint();
    page.write([clips.indexOf(clip), descriptor, delta ? 1 : 0, name].join("~"), { value });
  }

  function play() {
    player.play(clipNow().audio);
    listen.textContent = "Stop";
  }

  function quiet() {
    cursor.setAttribute("d", "");
    listen.textContent = "Play";
  }

  function show() {
    const { clip, descriptor, delta, functional: name } = state.chosen;
    which.set(clip);
    what.set(descriptor);
    order.set(delta ? "delta" : "itself");
    how.set(name);
    update();
  }

  function fromPython() {
    player.halt();
    show();
  }

  show();
  const stop = redraw(stage, paint);
  return () => {
    stop();
    player.halt();
    page.end();
  };
}

export default explorable("features", render, ["clips", "descriptors", "functionals", "step"]);
