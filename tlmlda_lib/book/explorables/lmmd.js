// LMMD by hand: emotions of two domains to move, pseudo-labels to spoil, and equations 3 and 4 (lmmd.py).

/** @import { View } from "./base.js" */
/** @import { Cloud, Handle, Point } from "./points.js" */
/** @import { Shared } from "./state.js" */
import { announcer, explorable, folded, make, put, random } from "./base.js";
import { button, choice, radio, slider } from "./controls.js";
import { fixed, listed, percent, python } from "./format.js";
import {
  along,
  board,
  centre,
  kernelMatrix,
  LARGEST,
  moved,
  NAMES,
  normal,
  pack,
  place,
  REACH,
  reach,
  SIGNS,
  shape,
  tensor,
  ticks,
  unpack,
} from "./points.js";
import { sharedState } from "./state.js";

/**
 * @typedef {object} State
 * @property {string} start
 * @property {number} classes
 * @property {number} count points of each emotion in each domain
 * @property {number} wrong share of the guesses
 * @property {string} missing
 * @property {string} common
 * @property {string} move
 * @property {[Cloud, Cloud]} clouds both domains, class by class
 */

/**
 * What LMMD compares of one class, or MMD of all.
 * @typedef {object} Part
 * @property {number[]} counts points of the source and of the target
 * @property {number} square distance²
 * @property {number} floor its mean over all shuffles of these points' domain labels
 */

/** @typedef {ReturnType<typeof measure>} Measured */

const CLASSES = ["anger", "sad", "happy"];
export const NOUNS = ["anger", "sadness", "happiness"];
/** @type {Record<string, string>} */
const STARTS = { moved: "the target moved", samples: "two samples of one distribution" };
/** @type {Record<string, string>} */
const COMMON = { both: "in the source and guessed", source: "in the source" };
/**
 * What can be missing of the second class.
 * @type {Record<string, string>}
 */
const MISSING = {
  nothing: "nothing",
  guesses: `${NOUNS[1]}: nobody predicts it`,
  source: `${NOUNS[1]}: not in the source`,
  everywhere: `${NOUNS[1]}: in neither domain`,
};
/**
 * Means of the source's emotions, by their number; with the target beside it, each picture fills the panel.
 * @type {Record<number, Point[]>}
 */
const CENTRES = {
  2: [
    [-1.2, 1.3],
    [-0.6, -1.3],
  ],
  3: [
    [-2.3, 1.3],
    [-1.7, -1.4],
    [0.1, 0.4],
  ],
};
const SHIFT = [1.8, -0.1];
/** @type {Record<number, number>} */
const SPREAD = { 2: 0.55, 3: 0.4 };
/** Sizes of points: the source's rings are the larger ones, so that they are seen around a diamond in the same place. */
const SIZES = [0.24, 0.15];
const VALUES = /** @type {const} */ (["mmd", "mmdFloor", "lmmd", "lmmdFloor"]);

/**
 * The class of a point: classes stand one after another.
 * @param {number} i
 * @param {number} count
 */
const classOf = (i, count) => Math.floor(i / count);

/**
 * Two domains to begin with, class by class; the same ones every time.
 * @param {string} start
 * @param {number} classes
 * @param {number} count
 * @returns {[Cloud, Cloud]}
 */
export function begin(start, classes, count) {
  const next = random(2022);
  const domain = (/** @type {number[]} */ [dx, dy]) =>
    Array.from({ length: classes * count }, (_, i) => {
      const [x, y] = CENTRES[classes][classOf(i, count)];
      const [across, up] = [normal(next), normal(next)].map((v) => SPREAD[classes] * v);
      return place([x + dx + across, y + dy + up]);
    });
  return [domain([0, 0]), domain(start === "moved" ? SHIFT : [0, 0])];
}

/**
 * The order in which guesses go wrong, evenly over the classes, and what each is mistaken for.
 * @param {number} classes
 * @param {number} count
 */
function mistakes(classes, count) {
  const next = random(7);
  const rows = Array.from({ length: classes }, (_, c) => {
    const row = Array.from({ length: count }, (_, i) => c * count + i);
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      [row[i], row[j]] = [row[j], row[i]];
    }
    return row;
  });
  const order = Array.from({ length: count }, (_, i) => rows.map((row) => row[i])).flat();
  const other = Array.from(
    { length: classes * count },
    (_, i) => (classOf(i, count) + 1 + Math.floor(next() * (classes - 1))) % classes,
  );
  return { order, other };
}

/**
 * Whether nobody predicts the second emotion.
 * @param {string} missing
 */
const unguessed = (missing) => missing === "guesses" || missing === "everywhere";

/**
 * The pseudo-labels of the target's points.
 * @param {Pick<State, "classes" | "count" | "wrong" | "missing">} state
 */
export function guess({ classes, count, wrong, missing }) {
  const { order, other } = mistakes(classes, count);
  const n = classes * count;
  const mistaken = new Set(order.slice(0, Math.round(wrong * n)));
  const nobody = unguessed(missing) ? 1 : null;
  return Array.from({ length: n }, (_, i) => {
    const g = mistaken.has(i) ? other[i] : classOf(i, count);
    return g === nobody ? (g + 1) % classes : g;
  });
}

/**
 * Some points of both domains compared.
 * @param {number[][]} k kernel matrix
 * @param {number[]} domain 0 or 1 for each point
 * @param {number[]} rows the points
 * @returns {Part}
 */
function compare(k, domain, rows) {
  const counts = [0, 1].map((d) => rows.filter((i) => domain[i] === d).length);
  const w = (/** @type {number} */ i) => (domain[i] ? -1 : 1) / counts[domain[i]];
  let square = 0;
  let all = 0;
  for (const i of rows)
    for (const j of rows) {
      square += w(i) * w(j) * k[i][j];
      all += k[i][j];
    }
  const n = rows.length;
  const mean = (all - LARGEST * n) / (n * n - n);
  return {
    counts,
    square: Math.max(square, 0),
    // Points of one domain alone have one order of labels.
    floor: counts.includes(0) ? square : (LARGEST - mean) * (1 / counts[0] + 1 / counts[1]),
  };
}

/**
 * Equations 3 and 4, squared, as tlmlda_lib.losses.mmd_and_lmmd computes them, and their means over all shuffles
 * of the domain labels: among all points for MMD, within each class for LMMD.
 * @param {Cloud} zs
 * @param {Cloud} zt
 * @param {number[]} ys
 * @param {number[]} guesses
 * @param {number} classes
 * @param {string} common
 */
export function measure(zs, zt, ys, guesses, classes, common) {
  const z = [...zs, ...zt];
  const domain = z.map((_, i) => (i < zs.length ? 0 : 1));
  const label = [...ys, ...guesses];
  const { k } = kernelMatrix(z);
  const whole = compare(
    k,
    domain,
    z.map((_, i) => i),
  );
  const parts = Array.from({ length: classes }, (_, c) => {
    const part = compare(
      k,
      domain,
      label.flatMap((l, i) => (l === c ? [i] : [])),
    );
    const [source, target] = part.counts;
    return { ...part, kept: source > 0 && (common === "source" || target > 0) };
  });
  const kept = parts.filter((part) => part.kept);
  const mean = (/** @type {"square" | "floor"} */ name) =>
    kept.reduce((s, part) => s + part[name], 0) / Math.max(kept.length, 1);
  return { mmd: whole.square, mmdFloor: whole.floor, lmmd: mean("square"), lmmdFloor: mean("floor"), parts };
}

/**
 * What is seen, in words.
 * @param {Measured} now
 * @param {number} right guesses
 * @param {number} n all guesses
 */
export function sentence(now, right, n) {
  const size = (/** @type {"mmd" | "lmmd"} */ name) =>
    now[name] < 1e-9 ? "0" : `${fixed(now[name], 2)} (floor ${fixed(now[`${name}Floor`], 2)})`;
  const near = (/** @type {"mmd" | "lmmd"} */ name) => now[name] <= 1.5 * now[`${name}Floor`] + 1e-9;
  const kept = now.parts.flatMap((part, c) => (part.kept ? [NOUNS[c]] : []));
  const counting = kept.length ? `${listed(kept)} ${kept.length === 1 ? "counts" : "count"}` : "no class counts";
  return (
    `MMD² is ${size("mmd")}, LMMD² ${size("lmmd")}. ${verdict(near("mmd"), near("lmmd"))}. ` +
    `${right} of ${n} guesses are right; ${counting}.`
  );
}

/**
 * @param {boolean} whole whether the domains look alike as wholes
 * @param {boolean} parts whether they do emotion by emotion
 */
function verdict(whole, parts) {
  if (whole && parts) return "The domains look alike as wholes and, by the guesses, emotion by emotion";
  if (whole) return "As wholes the domains look alike; emotion by emotion, by the guesses, they do not";
  if (parts) return "As wholes the domains differ; emotion by emotion, by the guesses, they look alike";
  return "The domains differ as wholes and, by the guesses, emotion by emotion";
}

/**
 * What an address tells, or null.
 * @param {string} said
 * @returns {Partial<State> | null}
 */
export function readSetting(said) {
  const [setting, points] = said.split("_");
  const clouds = unpack(points ?? "");
  const [classes, wrong, missing, common] = setting.split(".");
  if (!clouds || clouds[0].length !== clouds[1].length || !["2", "3"].includes(classes)) return null;
  const count = clouds[0].length / Number(classes);
  if (!Number.isInteger(count) || count < 2) return null;
  const [known, share] = [Object.hasOwn(MISSING, missing) && Object.hasOwn(COMMON, common), Number(wrong) / 100];
  if (!known || !(share >= 0 && share <= 1)) return null;
  return { clouds, classes: Number(classes), count, wrong: share, missing, common };
}

/**
 * @param {Cloud} zs
 * @param {Cloud} zt
 * @param {number[]} ys
 * @param {number[]} guesses
 * @param {number} classes
 * @param {string} common
 */
const inPython = (zs, zt, ys, guesses, classes, common) => `import torch
from tlmlda_lib.losses import mmd_and_lmmd

zs = ${tensor(zs)}
zt = ${tensor(zt)}
ys = torch.tensor(${python(ys)})
guesses = ${python(guesses)}
pt = torch.eye(${classes}, dtype=torch.float64)[guesses]
print(mmd_and_lmmd(zs, zt, ys, pt, common="${common}"))`;

/**
 * What LMMD compares of a class: a line between its two means, and a cross on what is guessed to be that emotion. The
 * line runs a little to one side, so that two emotions that are swapped have two lines.
 * @param {number} c
 * @param {boolean} kept whether the class counts
 * @param {Cloud} source
 * @param {Cloud} target
 */
function compared(c, kept, source, target) {
  if (!target.length) return [];
  const look = `tl-compared tl-of-${CLASSES[c]}${kept ? "" : " tl-left-out"}`;
  const [x, y] = centre(target);
  const cross = make("svg:path", { class: look, d: `M${x - 0.1} ${-y - 0.1}l.2 .2m0 -.2l-.2 .2` });
  if (!source.length) return [cross];
  const [u, v] = centre(source);
  const long = Math.hypot(x - u, y - v) || 1;
  const [a, b] = [(0.07 * (y - v)) / long, (0.07 * (x - u)) / long];
  return [make("svg:path", { class: look, d: `M${u + a} ${-v + b}L${x + a} ${-y + b}` }), cross];
}

/**
 * Points on the line between the two means of a class, both ends among them.
 * @param {Cloud} source
 * @param {Cloud} target
 * @returns {Cloud}
 */
function stations(source, target) {
  if (!target.length) return [];
  const [end, start] = [centre(target), centre(source.length ? source : target)];
  return [0, 1, 2, 3, 4, 5, 6, 7, 8].map((i) => start.map((v, j) => v + (i / 8) * (end[j] - v)));
}

/**
 * Where the words beside the means go: above, below, to the right or to the left of each, so that they keep clear of the
 * words placed before, of the other means and, where they can, of the points.
 * @param {{ at: Point, word: string, below: boolean }[]} means `below`: whether it is tried first
 * @param {Cloud} [points]
 * @returns {{ x: number, y: number }[]} middles of the words, from their means, downwards
 */
export function labelPlaces(means, points = []) {
  /** @type {{ x: number, y: number, half: number, high: number }[]} */
  const taken = [];
  return means.map(({ at, word, below }, here) => {
    const half = 0.075 * word.length;
    const [x, y] = [at[0], -at[1]];
    const upright = below ? [0.62, -0.62] : [-0.62, 0.62];
    const places = [
      ...upright.map((dy) => ({ x: 0, y: dy })),
      { x: 0.5 + half, y: 0 },
      { x: -0.5 - half, y: 0 },
      ...[1.6, 2.2].flatMap((far) => upright.map((dy) => ({ x: 0, y: far * dy }))),
      ...[0.45, -0.45].flatMap((y) => [0.5, -0.5].map((x) => ({ x: x + Math.sign(x) * half, y }))),
      ...[1, -1].map((side) => ({ x: side * (0.9 + half), y: 0 })),
    ];
    const marks = points.map((p) => ({ x: p[0], y: -p[1], half: 0.17, high: 0.17 }));
    const others = means.flatMap((m, i) => (i === here ? [] : [{ x: m.at[0], y: -m.at[1], half: 0.3, high: 0.3 }]));
    const cost = (/** @type {{ x: number, y: number }} */ p) => {
      const over = (/** @type {typeof taken[number]} */ box) =>
        Math.max(0, half + box.half - Math.abs(x + p.x - box.x)) *
        Math.max(0, 0.16 + box.high - Math.abs(y + p.y - box.y));
      const outside =
        Math.max(0, Math.abs(x + p.x) + half - REACH[0]) + Math.max(0, Math.abs(y + p.y) + 0.16 - REACH[1]);
      const sum = (/** @type {typeof taken} */ boxes) => boxes.reduce((total, box) => total + over(box), 0);
      return 10 * outside + 10 * sum([...taken, ...others]) + sum(marks) + 0.02 * Math.hypot(p.x, p.y);
    };
    const best = places.reduce((a, b) => (cost(b) < cost(a) - 1e-9 ? b : a));
    taken.push({ x: x + best.x, y: y + best.y, half, high: 0.16 });
    return best;
  });
}

/**
 * A row of the table.
 * @param {Measured["parts"][number]} part
 * @param {number} c
 */
const tableRow = (part, c) =>
  make(
    "tr",
    { class: part.kept ? "" : "tl-left-out" },
    make(
      "th",
      { scope: "row", class: `tl-of-${CLASSES[c]}` },
      NOUNS[c],
      part.kept ? "" : make("span", {}, " does not count"),
    ),
    ...[...part.counts.map(String), fixed(part.square, 3)].map((v) => make("td", {}, v)),
  );

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-points", "tl-lmmd");
  const settings = /** @type {const} */ (["start", "classes", "count", "wrong", "missing", "common"]);
  const first = Object.fromEntries(settings.map((name) => [name, model.get(name)]));
  /** @type {Shared<State>} */
  const { state, ...shared } = sharedState(model, {
    fields: [...settings, "move"],
    read: readSetting,
    show: fromPython,
  });
  if (!shared.linked) state.clouds = begin(state.start, state.classes, state.count);

  const links = make("svg:g", { "aria-hidden": "true" });
  const { element: stage, set, show } = board({ label: "Two domains, each with its emotions", under: [links] });
  const track = (/** @type {string} */ name) => {
    const bar = make("div", { class: `tl-bar tl-of-${name}` });
    const floor = make("div", { class: "tl-mark" });
    return { bar, floor, element: make("div", { class: "tl-track" }, bar, floor) };
  };
  const tracks = { mmd: track("mmd"), lmmd: track("lmmd") };
  const gauge = make(
    "div",
    { class: "tl-gauge", "aria-hidden": "true" },
    make("span", {}, "MMD²"),
    tracks.mmd.element,
    make("span", {}, "LMMD²"),
    tracks.lmmd.element,
    ticks(),
  );
  const output = (/** @type {string} */ name) => make("output", { "data-value": name });
  const outputs = {
    mmd: output("mmd"),
    mmdFloor: output("mmdFloor"),
    lmmd: output("lmmd"),
    lmmdFloor: output("lmmdFloor"),
  };
  const said = {
    mmd: "MMD²",
    mmdFloor: "its floor: domain labels shuffled",
    lmmd: "LMMD²",
    lmmdFloor: "its floor: shuffled within each emotion",
  };
  const numbers = make(
    "dl",
    { class: "tl-numbers" },
    ...VALUES.flatMap((name) => [
      make("dt", { class: `tl-of-${name.endsWith("Floor") ? "floor" : name}` }, said[name]),
      make("dd", {}, outputs[name]),
    ]),
  );
  const body = make("tbody");
  const heads = ["emotion", "source", "guesses", "distance²"];
  const head = make("thead", {}, make("tr", {}, ...heads.map((words) => make("th", { scope: "col" }, words))));
  const { element: summary, say } = announcer();
  const { element: fold, code } = folded("These points in Python");

  const starts = choice({
    label: "Start from",
    options: STARTS,
    value: state.start,
    change: (v) => {
      state.start = v;
      again();
    },
  });
  const numbersOfClasses = choice({
    label: "Emotions",
    options: { 2: "two", 3: "three" },
    value: String(state.classes),
    change: (v) => {
      state.classes = Number(v);
      again();
    },
  });
  const wrongs = slider({
    label: "Wrong pseudo-labels",
    min: 0,
    max: 100,
    step: 5,
    value: 100 * state.wrong,
    change: (v) => {
      state.wrong = v / 100;
      update();
    },
    words: (v) => {
      const n = state.classes * state.count;
      const besides = unguessed(state.missing); // wrong wherever the slider is
      return percent(v / 100) + (besides ? `, and all of ${NOUNS[1]}` : `: ${Math.round((v / 100) * n)} of ${n}`);
    },
  });
  const absent = choice({
    label: "Missing",
    options: MISSING,
    value: state.missing,
    change: (v) => {
      state.missing = v;
      wrongs.set(100 * state.wrong);
      build();
      update();
    },
  });
  const counting = choice({
    label: "Classes that count",
    options: COMMON,
    value: state.common,
    change: (v) => {
      state.common = v;
      update();
    },
  });
  const modes = radio({
    label: "Move",
    options: { classes: "one emotion", domain: "a whole domain", points: "single points" },
    value: state.move,
    change: (v) => {
      state.move = v;
      build();
      update();
    },
  });
  const lay = button("Lay the target on the source", () => {
    state.clouds[1] = structuredClone(state.clouds[0]);
    update();
  });
  const swap = button(`Swap ${NOUNS[0]} and ${NOUNS[1]} of the target`, () => {
    const { count } = state;
    const target = state.clouds[1];
    state.clouds[1] = [...target.slice(count, 2 * count), ...target.slice(0, count), ...target.slice(2 * count)];
    update();
  });
  const legend = make(
    "p",
    { class: "tl-legend" },
    ...[
      `${SIGNS[0]} source`,
      "◆ target, in the colour of its guess; if that is wrong, its edge has the true colour",
      "large marks: means of the true emotions",
      "×: mean of the target’s points that are guessed to be of one emotion",
      "line: from × to the source’s mean of that emotion",
    ].map((words) => make("span", {}, words)),
  );
  const row = (/** @type {HTMLElement[]} */ ...controls) => make("div", { class: "tl-controls" }, ...controls);
  el.append(
    row(numbersOfClasses.element, lay, swap, button("Start again", restart)),
    row(wrongs.element, absent.element, counting.element),
    row(starts.element, modes.element),
    make(
      "div",
      { class: "tl-body" },
      make("div", {}, gauge, stage, legend),
      make("div", {}, numbers, make("table", {}, head, body), summary, ...shared.foot),
    ),
    fold,
  );

  /**
   * Numbers of the points of a domain that are there, all or of one class.
   * @param {number} k the domain
   * @param {number | null} c
   */
  function rows(k, c = null) {
    const gone = k === 0 && (state.missing === "source" || state.missing === "everywhere") ? 1 : null;
    return state.clouds[k].flatMap((_, i) => {
      const mine = classOf(i, state.count);
      return mine !== gone && (c === null || mine === c) ? [i] : [];
    });
  }

  /** @type {Map<number, SVGElement>[]} */
  let drawn = [];
  /**
   * The words beside the means.
   * @type {{ text: SVGElement, word: string, below: boolean, at: () => Point }[]}
   */
  let words = [];

  // One handle for each point, and one for all that moves together; which of them the keyboard reaches depends on the
  // mode.
  function build() {
    drawn = [new Map(), new Map()];
    words = [];
    /** @type {(number | null)[]} */
    const groups = state.move === "domain" ? [null] : CLASSES.slice(0, state.classes).map((_, c) => c);
    const means = state.move === "points" ? [] : groups;
    set([
      ...[0, 1].flatMap((k) => rows(k).map((i) => pointHandle(k, i))),
      ...[0, 1].flatMap((k) => means.filter((c) => rows(k, c).length).map((c) => meanHandle(k, c))),
    ]);
  }

  /**
   * @param {number} k
   * @param {number} i
   */
  function pointHandle(k, i) {
    const mark = shape(k, SIZES[k]);
    const c = classOf(i, state.count);
    drawn[k].set(i, mark);
    return handle(k, {
      name: `${NAMES[k]} ${NOUNS[c]}, point ${(i % state.count) + 1}`,
      kind: "tl-point",
      shapes: [reach(0.22), mark],
      spoken: state.move === "points",
      where: () => [i],
      together: () => (state.move === "points" ? [i] : rows(k, state.move === "domain" ? null : c)),
    });
  }

  /**
   * @param {number} k
   * @param {number | null} c null for the whole domain
   */
  function meanHandle(k, c) {
    const mark = shape(k, 0.3);
    if (c !== null) mark.setAttribute("class", `tl-of-${CLASSES[c]}`);
    const word = c === null ? NAMES[k] : `${SIGNS[k]} ${NOUNS[c]}`; // two words of one emotion may lie at one heap
    const text = make("svg:text", { dy: "0.35em", "aria-hidden": "true" }, word);
    if (c !== null) text.setAttribute("class", `tl-of-${CLASSES[c]}`);
    words.push({ text, word, below: k === 1, at: () => centre(rows(k, c).map((i) => state.clouds[k][i])) });
    return handle(k, {
      name: `${NAMES[k]} ${c === null ? "cloud" : NOUNS[c]}`,
      kind: "tl-mean",
      shapes: [reach(0.34), text, mark],
      spoken: true,
      where: () => rows(k, c),
      together: () => rows(k, c),
    });
  }

  /**
   * @param {number} k
   * @param {Pick<Handle, "name" | "kind" | "shapes" | "spoken"> & Record<"where" | "together", () => number[]>} how
   *   where it stands, the mean of points, and which ones it moves
   * @returns {Handle}
   */
  function handle(k, { name, kind, shapes, spoken, where, together }) {
    return {
      name,
      kind: `tl-${NAMES[k]} ${kind}`,
      shapes,
      spoken,
      at: () => centre(where().map((i) => state.clouds[k][i])),
      hold: () => {
        const before = state.clouds[k];
        const which = together();
        return (dx, dy) => {
          state.clouds[k] = moved(before, which, dx, dy);
          update();
        };
      },
    };
  }

  /**
   * Points in the colours of their emotions; the target's in those of the guesses.
   * @param {number[]} guesses
   */
  function colour(guesses) {
    for (const [i, mark] of drawn[0]) mark.setAttribute("class", `tl-of-${CLASSES[classOf(i, state.count)]}`);
    for (const [i, mark] of drawn[1]) {
      const truth = classOf(i, state.count);
      const rim = guesses[i] === truth ? "" : ` tl-wrong tl-rim-${CLASSES[truth]}`;
      mark.setAttribute("class", `tl-of-${CLASSES[guesses[i]]}${rim}`);
    }
  }

  /** @param {Cloud} lines points on what is drawn between the means */
  function settle(lines) {
    const points = [...lines, ...[0, 1].flatMap((k) => rows(k).map((i) => state.clouds[k][i]))];
    const places = labelPlaces(
      words.map(({ at, word, below }) => ({ at: at(), word, below })),
      points,
    );
    for (const [i, { x, y }] of places.entries()) {
      words[i].text.setAttribute("x", String(x));
      words[i].text.setAttribute("y", String(y));
    }
  }

  function update() {
    const { classes, count, wrong, missing, common, clouds } = state;
    const guesses = guess(state);
    const inSource = rows(0);
    const zs = inSource.map((i) => clouds[0][i]);
    const ys = inSource.map((i) => classOf(i, count));
    const zt = clouds[1];
    const now = measure(zs, zt, ys, guesses, classes, common);
    show();
    colour(guesses);
    const of = (/** @type {Cloud} */ cloud, /** @type {number[]} */ labels, /** @type {number} */ c) =>
      cloud.filter((_, i) => labels[i] === c);
    links.replaceChildren(...now.parts.flatMap((part, c) => compared(c, part.kept, of(zs, ys, c), of(zt, guesses, c))));
    settle(now.parts.flatMap((_, c) => stations(of(zs, ys, c), of(zt, guesses, c))));
    for (const name of VALUES) put(outputs[name], now[name], fixed(now[name], 6));
    for (const name of /** @type {const} */ (["mmd", "lmmd"])) {
      tracks[name].bar.style.width = `${along(now[name])}%`;
      tracks[name].floor.style.left = `${along(now[`${name}Floor`])}%`;
    }
    body.replaceChildren(...now.parts.map(tableRow));
    say(sentence(now, guesses.filter((g, i) => g === classOf(i, count)).length, guesses.length));
    code.textContent = inPython(zs, zt, ys, guesses, classes, common);
    shared.write(`${classes}.${Math.round(100 * wrong)}.${missing}.${common}_${pack(clouds)}`, {
      source: zs,
      target: zt,
      labels: ys,
      guesses,
      mmd: now.mmd,
      lmmd: now.lmmd,
    });
  }

  // All settings as they were at first.
  function restart() {
    Object.assign(state, first);
    showSettings();
    again();
  }

  function showSettings() {
    starts.set(state.start);
    modes.set(state.move);
    wrongs.set(100 * state.wrong);
    absent.set(state.missing);
    counting.set(state.common);
    numbersOfClasses.set(String(state.classes));
  }

  function again() {
    state.clouds = begin(state.start, state.classes, state.count);
    wrongs.set(100 * state.wrong);
    build();
    update();
  }

  // Another start, or another number of emotions or points, begins anew, as it does on the page.
  function fromPython(/** @type {Set<string>} */ changed) {
    showSettings();
    if (["start", "classes", "count"].some((name) => changed.has(name))) {
      again();
      return;
    }
    build();
    update();
  }

  build();
  update();
  return shared.end;
}

export default explorable("lmmd", render);
