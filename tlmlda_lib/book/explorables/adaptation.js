// Two clouds, one of them with labels: what is done about the gap, and what it gives (adaptation.py).

/** @import { View } from "./base.js" */
/** @import { Cloud, Handle, Point } from "./points.js" */
/** @import { Shared } from "./state.js" */
import { announcer, explorable, make, put, random } from "./base.js";
import { button, radio, slider } from "./controls.js";
import { fixed, listed, percent, signed } from "./format.js";
import { board, centre, clamp, normal, reach, shape } from "./points.js";
import { partsOf, sharedState } from "./state.js";

/**
 * @typedef {object} Setting where the target lies
 * @property {number} right how far its middle was moved to the right
 * @property {number} up and upwards
 * @property {number} turn degrees, against the clock
 * @property {number} share of anger in the target, percent
 */

/**
 * @typedef {Setting & { way: string, rounds: number, shown: string }} State rounds: how often the classes are guessed and
 *   moved
 */

/**
 * A source with labels, and a target whose truth no method sees. Labels are 0 and 1.
 * @typedef {object} Domains
 * @property {Cloud} source
 * @property {number[]} labels
 * @property {Cloud} target
 * @property {number[]} truth
 */

/** @typedef {{ w: number[], b: number }} Rule class 1 where w·x is above b */
/** @typedef {number[][]} Matrix two by two */

/**
 * What one way of adapting gives.
 * @typedef {object} Outcome
 * @property {Cloud} source where it was moved to
 * @property {Rule} rule learnt there
 * @property {number[]} guesses of the target
 * @property {number} onSource share that is right
 * @property {number} onTarget share that is right
 * @property {number} means distance of the clouds' means
 * @property {number} covariances distance of their covariances
 */

const CLASSES = ["anger", "sad"];
const NOUNS = ["anger", "sadness"];
const MIDDLES = [-1, 1];
/** Deviations of a class: the emotions differ from left to right, everything else from top to bottom. */
const SPREADS = [0.6, 0.9];
/** Points of each domain. */
export const COUNT = 80;
/** @type {Record<string, string>} */
export const WAYS = {
  nothing: "nothing",
  scale: "standardise each domain",
  clouds: "align the whole clouds",
  classes: "align class by class, by guesses",
};
/** @type {Record<string, string>} */
const SHOWN = { nothing: "nothing, as a method sees it", guesses: "its guess", truth: "the truth" };
/** Largest and smallest values, and the steps of the sliders. */
const RANGES = { right: [-2.5, 2.5, 0.1], up: [-1, 1, 0.1], turn: [0, 180, 5], share: [10, 90, 5], rounds: [1, 10, 1] };
/** @type {Setting} */
const SAME = { right: 0, up: 0, turn: 0, share: 50 };
/**
 * How far the picture shows from its middle: no point of a target that is moved as far as can be lies outside.
 * @type {Point}
 */
export const VIEW = [5.4, 4.05];
/** @typedef {keyof typeof RANGES} Slid what has a slider */

/**
 * The two domains of a setting; the same draws every time, so that a cloud keeps its points when it is moved.
 * @param {Setting} setting
 * @returns {Domains}
 */
export function domainsOf({ right, up, turn, share }) {
  const next = random(2010);
  const draw = (/** @type {number} */ n, /** @type {number} */ c) =>
    Array.from({ length: n }, () => [MIDDLES[c] + SPREADS[0] * normal(next), SPREADS[1] * normal(next)]);
  const source = [0, 1].map((c) => draw(COUNT / 2, c));
  const all = [0, 1].map((c) => draw(COUNT, c));
  const angry = Math.round((COUNT * share) / 100);
  const [cos, sin] = [Math.cos((Math.PI * turn) / 180), Math.sin((Math.PI * turn) / 180)];
  const target = [all[0].slice(0, angry), all[1].slice(0, COUNT - angry)].map((cloud) =>
    cloud.map(([x, y]) => [cos * x - sin * y + right, sin * x + cos * y + up]),
  );
  const codes = (/** @type {Cloud[]} */ parts) => parts.flatMap((part, c) => part.map(() => c));
  return { source: source.flat(), labels: codes(source), target: target.flat(), truth: codes(target) };
}

/**
 * Covariance of a cloud: the mean of the products of deviations.
 * @param {Cloud} cloud
 * @returns {Matrix}
 */
export function covariance(cloud) {
  const middle = centre(cloud);
  const entry = (/** @type {number} */ i, /** @type {number} */ j) =>
    cloud.reduce((s, p) => s + (p[i] - middle[i]) * (p[j] - middle[j]), 0) / cloud.length;
  const across = entry(0, 1);
  return [
    [entry(0, 0), across],
    [across, entry(1, 1)],
  ];
}

/** @param {Matrix} m */
const determinant = ([[a, b], [c, d]]) => a * d - b * c;

/**
 * The inverse of a matrix.
 * @param {Matrix} m
 * @returns {Matrix}
 */
export function inverse(m) {
  const [[a, b], [c, d]] = m;
  const size = determinant(m);
  return [
    [d / size, -b / size],
    [-c / size, a / size],
  ];
}

/**
 * The symmetric root of a covariance: by the theorem of Cayley and Hamilton (C + sI) / t, with s the root of the
 * determinant, and t² the trace and 2s.
 * @param {Matrix} c
 * @returns {Matrix}
 */
export function root(c) {
  const s = Math.sqrt(determinant(c));
  const t = Math.sqrt(c[0][0] + c[1][1] + 2 * s);
  return c.map((row, i) => row.map((v, j) => (v + (i === j ? s : 0)) / t));
}

/**
 * @param {Matrix} m
 * @param {Point} p
 */
const times = (m, p) => m.map((row) => row[0] * p[0] + row[1] * p[1]);

/**
 * The rows of a cloud that belong to a class.
 * @param {Cloud} cloud
 * @param {number[]} labels
 * @param {number} c
 */
const of = (cloud, labels, c) => cloud.filter((_, i) => labels[i] === c);

/**
 * The source moved and scaled column by column until means and deviations are the target's. For a rule that no scale
 * changes, as LDA, that is the same as standardising each domain by itself.
 * @param {Cloud} source
 * @param {Cloud} target
 */
export function rescaled(source, target) {
  const [here, there] = [centre(source), centre(target)];
  const [cs, ct] = [covariance(source), covariance(target)];
  return source.map((p) => p.map((v, j) => there[j] + (v - here[j]) * Math.sqrt(ct[j][j] / cs[j][j])));
}

/**
 * The source whitened and coloured: its mean and its covariance are then the target's (CORAL).
 * @param {Cloud} source
 * @param {Cloud} target
 */
export function recoloured(source, target) {
  const [here, there] = [centre(source), centre(target)];
  const white = inverse(root(covariance(source)));
  const colour = root(covariance(target));
  return source.map(([x, y]) => {
    const moved = times(colour, times(white, [x - here[0], y - here[1]]));
    return [moved[0] + there[0], moved[1] + there[1]];
  });
}

/**
 * Linear discriminant analysis: one covariance for both classes, which count as equally frequent.
 * @param {Cloud} cloud
 * @param {number[]} labels
 * @returns {Rule}
 */
export function learnt(cloud, labels) {
  const parts = [0, 1].map((c) => of(cloud, labels, c));
  const [first, second] = parts.map(centre);
  const pooled = [0, 1].map((i) =>
    [0, 1].map((j) => parts.reduce((s, part) => s + part.length * covariance(part)[i][j], 0) / cloud.length),
  );
  const w = times(inverse(pooled), [second[0] - first[0], second[1] - first[1]]);
  return { w, b: (w[0] * (first[0] + second[0]) + w[1] * (first[1] + second[1])) / 2 };
}

/**
 * @param {Rule} rule
 * @param {Cloud} cloud
 */
export const guessed = ({ w, b }, cloud) => cloud.map(([x, y]) => Number(w[0] * x + w[1] * y > b));

/**
 * Each class of the source moved until its mean is that of the target's points which are guessed to be of that class;
 * then learnt and guessed anew, so many times. A class that nothing is guessed to be stays where it is.
 * @param {Cloud} source
 * @param {number[]} labels
 * @param {Cloud} target
 * @param {number} rounds
 */
export function byClasses(source, labels, target, rounds) {
  let moved = source;
  for (let round = 0; round < rounds; round++) {
    const guesses = guessed(learnt(moved, labels), target);
    const steps = [0, 1].map((c) => {
      const there = of(target, guesses, c);
      const here = centre(of(moved, labels, c));
      return there.length ? centre(there).map((v, j) => v - here[j]) : [0, 0];
    });
    moved = moved.map((p, i) => [p[0] + steps[labels[i]][0], p[1] + steps[labels[i]][1]]);
  }
  return moved;
}

/**
 * Share of guesses that are right.
 * @param {number[]} guesses
 * @param {number[]} truth
 */
const right = (guesses, truth) => guesses.filter((g, i) => g === truth[i]).length / guesses.length;

/**
 * What a way of adapting gives. It sees the target's points and none of its labels; these are for the score alone.
 * @param {Domains} domains
 * @param {string} way
 * @param {number} rounds
 * @returns {Outcome}
 */
export function adapted({ source, labels, target, truth }, way, rounds = 1) {
  /** @type {Record<string, () => Cloud>} */
  const moves = {
    nothing: () => source,
    scale: () => rescaled(source, target),
    clouds: () => recoloured(source, target),
    classes: () => byClasses(source, labels, target, rounds),
  };
  const moved = moves[way]();
  const rule = learnt(moved, labels);
  const guesses = guessed(rule, target);
  const [here, there] = [centre(moved), centre(target)];
  const [cs, ct] = [covariance(moved).flat(), covariance(target).flat()];
  return {
    source: moved,
    rule,
    guesses,
    onSource: right(guessed(rule, moved), labels),
    onTarget: right(guesses, truth),
    means: Math.hypot(here[0] - there[0], here[1] - there[1]),
    covariances: Math.hypot(...cs.map((v, i) => v - ct[i])),
  };
}

/**
 * What happened, in words.
 * @param {Outcome} now
 * @param {Outcome} nothing what is there if nothing is done
 * @param {string} way
 */
export function sentence(now, nothing, way) {
  const scores = `${percent(now.onSource)} of the source and ${percent(now.onTarget)} of the target are recognised`;
  const apart = `the means lie ${fixed(now.means, 2)} apart, the covariances ${fixed(now.covariances, 2)}`;
  const gain = 100 * (now.onTarget - nothing.onTarget);
  const compared = way === "nothing" ? "" : ` Against doing nothing: ${signed(gain, 0)} points on the target.`;
  const empty = [0, 1].filter((c) => !now.guesses.includes(c)).map((c) => NOUNS[c]);
  const missing = empty.length ? ` Nothing in the target is taken for ${listed(empty)}.` : "";
  return `${scores}; ${apart}.${compared}${missing}`;
}

/**
 * A setting as the address has it: tenths, degrees and percent.
 * @param {State} state
 */
export const written = ({ right, up, turn, share, way, rounds, shown }) =>
  [Math.round(10 * right), Math.round(10 * up), turn, share, way, rounds, shown].join(".");

/**
 * What an address tells, or null.
 * @param {string} said
 * @returns {State | null}
 */
export function readSetting(said) {
  const within = (/** @type {Slid} */ name, factor = 1) => {
    const [low, high] = RANGES[name];
    return (/** @type {string} */ part) =>
      /^-?\d+$/.test(part) && Number(part) >= low * factor && Number(part) <= high * factor;
  };
  const parts = partsOf(said, {
    right: within("right", 10),
    up: within("up", 10),
    turn: within("turn"),
    share: within("share"),
    way: (part) => Object.hasOwn(WAYS, part),
    rounds: within("rounds"),
    shown: (part) => Object.hasOwn(SHOWN, part),
  });
  if (!parts) return null;
  return {
    right: Number(parts.right) / 10,
    up: Number(parts.up) / 10,
    turn: Number(parts.turn),
    share: Number(parts.share),
    way: parts.way,
    rounds: Number(parts.rounds),
    shown: parts.shown,
  };
}

/**
 * The line where a rule changes its mind, and the half planes on both of its sides.
 * @param {Rule} rule
 * @returns {{ line: string, halves: string[] }} paths
 */
export function border({ w, b }) {
  const size = Math.hypot(w[0], w[1]);
  const [nx, ny] = [w[0] / size, w[1] / size];
  const foot = [(nx * b) / size, (ny * b) / size];
  const at = (/** @type {number} */ along, /** @type {number} */ out) =>
    `${(foot[0] - ny * along + nx * out).toFixed(3)} ${(-(foot[1] + nx * along + ny * out)).toFixed(3)}`;
  const line = `M${at(-20, 0)}L${at(20, 0)}`;
  return { line, halves: [-20, 20].map((out) => `${line}L${at(20, out)}L${at(-20, out)}Z`) };
}

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-points", "tl-adaptation");
  /** @type {Shared<State>} */
  const { state, ...page } = sharedState(model, {
    fields: ["right", "up", "turn", "share", "way", "rounds", "shown"],
    read: readSetting,
    show: fromOutside,
  });

  const halves = CLASSES.map((name) => make("svg:path", { class: `tl-half tl-of-${name}` }));
  const edge = make("svg:path", { class: "tl-edge" });
  const dots = make("svg:g", { "aria-hidden": "true" });
  const {
    element: stage,
    set,
    show,
  } = board({
    label: "A source with labels and a target without",
    under: [...halves, edge, dots],
    view: VIEW,
  });

  const output = (/** @type {string} */ name) => make("output", { "data-value": name });
  const outputs = {
    onSource: output("onSource"),
    means: output("means"),
    covariances: output("covariances"),
  };
  const said = {
    onSource: "accuracy on the source",
    means: "distance of the means",
    covariances: "distance of the covariances",
  };
  const names = /** @type {(keyof typeof outputs)[]} */ (Object.keys(outputs));
  const numbers = make(
    "dl",
    { class: "tl-numbers" },
    ...names.flatMap((name) => [make("dt", {}, said[name]), make("dd", {}, outputs[name])]),
  );
  const rows = Object.keys(WAYS).map((way) => {
    const bar = make("span");
    const value = output(way);
    const head = make("th", { scope: "row" }, WAYS[way]);
    return {
      way,
      bar,
      value,
      row: make("tr", {}, head, make("td", {}, make("div", { class: "tl-bar" }, bar)), make("td", {}, value)),
    };
  });
  const table = make(
    "table",
    {},
    make("caption", {}, "Accuracy on the target, by its labels"),
    make("tbody", {}, ...rows.map(({ row }) => row)),
  );
  const { element: summary, say } = announcer();

  /**
   * @param {Slid} name
   * @param {string} label
   * @param {(v: number) => string} words
   */
  const moving = (name, label, words) => {
    const [min, max, step] = RANGES[name];
    const change = (/** @type {number} */ v) => {
      state[name] = v;
      update();
    };
    return slider({ label, min, max, step, value: state[name], words, change });
  };
  const sliders = {
    right: moving("right", "Moved right", (v) => fixed(v, 1)),
    up: moving("up", "Moved up", (v) => fixed(v, 1)),
    turn: moving("turn", "Target turned", (v) => `${v}°`),
    share: moving("share", "Target's anger", (v) => `${v} %`),
    rounds: moving("rounds", "Guessing rounds", String),
  };
  const ways = radio({
    label: "What is done",
    options: WAYS,
    value: state.way,
    change: (v) => {
      state.way = v;
      update();
    },
  });
  const shown = radio({
    label: "Colour the target by",
    options: SHOWN,
    value: state.shown,
    change: (v) => {
      state.shown = v;
      update();
    },
  });
  const again = button("Put the target back", () => {
    Object.assign(state, SAME);
    fromOutside();
  });
  const legend = make("p", { class: "tl-legend" });
  const moves = [sliders.right, sliders.up, sliders.turn, sliders.share, sliders.rounds];
  const choices = make("div", { class: "tl-controls" }, ways.element, shown.element);
  el.append(
    make("div", { class: "tl-controls" }, ...moves.map(({ element }) => element), again),
    make(
      "div",
      { class: "tl-body" },
      make("div", { class: "tl-bars" }, table), // first: on a phone the bars follow the sliders that change them
      make("div", { class: "tl-picture" }, stage, legend, choices),
      make("div", { class: "tl-rest" }, numbers, summary, ...page.foot),
    ),
  );

  /** @type {Handle} */
  const handle = {
    name: "target",
    kind: "tl-target tl-mean",
    shapes: [reach(0.44), shape(1, 0.39)],
    spoken: true,
    at: () => [state.right, state.up],
    hold: () => {
      const [x, y] = [state.right, state.up];
      return (dx, dy) => {
        state.right = clamp(Math.round(10 * (x + dx)) / 10, RANGES.right[1]);
        state.up = clamp(Math.round(10 * (y + dy)) / 10, RANGES.up[1]);
        fromOutside();
      };
    },
  };
  set([handle]);

  /**
   * @param {number} k domain
   * @param {Point} p
   * @param {string} look
   */
  const dot = (k, [x, y], look) =>
    make(
      "svg:g",
      { class: `tl-point ${look}`, transform: `translate(${x.toFixed(3)} ${(-y).toFixed(3)})` },
      shape(k, 0.11),
    );

  /**
   * The marks of both domains: what a method knows of them has a colour.
   * @param {Domains} domains
   * @param {Outcome} now
   */
  function marks({ labels, target, truth }, now) {
    const known = state.shown === "truth" ? truth : state.shown === "guesses" ? now.guesses : null;
    const look = (/** @type {number} */ i) => {
      const missed = state.shown === "truth" && now.guesses[i] !== truth[i] ? " tl-missed" : "";
      return known ? `tl-of-${CLASSES[known[i]]}${missed}` : "tl-target";
    };
    return [
      ...now.source.map((p, i) => dot(0, p, `tl-of-${CLASSES[labels[i]]}`)),
      ...target.map((p, i) => dot(1, p, look(i))),
    ];
  }

  /** What shapes and colours mean. */
  function explained() {
    const key = (/** @type {string} */ look, /** @type {string} */ words) =>
      make("span", { class: `tl-key ${look}` }, words);
    const target =
      state.shown === "nothing"
        ? [key("tl-target", "◆ target")]
        : CLASSES.map((name, c) =>
            key(`tl-of-${name}`, `◆ target, ${NOUNS[c]}${state.shown === "guesses" ? "?" : ""}`),
          );
    return [
      ...CLASSES.map((name, c) => key(`tl-of-${name}`, `● source, ${NOUNS[c]}`)),
      ...target,
      key("tl-target", "◇ drag it to move the target"),
      make("span", {}, "line: where the classifier changes its mind"),
      ...(state.shown === "truth" ? [make("span", {}, "thick rim: not recognised")] : []),
    ];
  }

  function update() {
    const domains = domainsOf(state);
    const every = Object.fromEntries(Object.keys(WAYS).map((way) => [way, adapted(domains, way, state.rounds)]));
    const now = every[state.way];
    const { line, halves: sides } = border(now.rule);
    edge.setAttribute("d", line);
    for (const [c, half] of halves.entries()) half.setAttribute("d", sides[c]);
    dots.replaceChildren(...marks(domains, now));
    legend.replaceChildren(...explained());
    for (const { way, bar, value, row } of rows) {
      put(value, every[way].onTarget, percent(every[way].onTarget));
      bar.style.width = `${100 * every[way].onTarget}%`;
      row.classList.toggle("tl-now", way === state.way);
    }
    put(outputs.onSource, now.onSource, percent(now.onSource));
    put(outputs.means, now.means, fixed(now.means, 2));
    put(outputs.covariances, now.covariances, fixed(now.covariances, 2));
    say(sentence(now, every.nothing, state.way));
    show();
    const accuracies = Object.fromEntries(Object.entries(every).map(([way, { onTarget }]) => [way, onTarget]));
    page.write(written(state), { accuracies });
  }

  function fromOutside() {
    for (const name of /** @type {Slid[]} */ (Object.keys(sliders))) sliders[name].set(state[name]);
    ways.set(state.way);
    shown.set(state.shown);
    update();
  }

  update();
  return page.end;
}

export default explorable("adaptation", render);
