// Denoising: an utterance's features, noise to add, and what small auto-encoders rebuild (denoising.py).

/** @import { Scale } from "./axes.js" */
/** @import { View } from "./base.js" */
/** @import { Shared } from "./state.js" */
import { columnsOf, line, linear, logarithmic, rowsOf, text } from "./axes.js";
import { announcer, explorable, folded, make, put, random, redraw } from "./base.js";
import { button, choice, radio, slider } from "./controls.js";
import { fixed, python, significant } from "./format.js";
import { normal } from "./points.js";
import { isCount, placeIn, sharedState } from "./state.js";

/** @typedef {{ weight: number[][], bias: number[], activation: string }} Layer */
/** @typedef {"noisy" | "mean" | "rebuilt"} Answer what may be given for the clean features */
/** @typedef {Record<Answer, number>} Errors */
/** @typedef {{ trained: string, noise: number, utterance: number, draw: number }} State */

/** @type {Answer[]} */
const ANSWERS = ["noisy", "mean", "rebuilt"];
const MOST = 999; // draws
const DRAWS = 8; // of noise for each utterance, behind the curves
const TALL = 250;
const PLOT = 220;
const ABOVE = 34;
const BELOW = 8;
const INDENT = 34;
const EDGE = 10;
const RANGE = /** @type {const} */ ([-0.4, 1.4]); // of the profile; scaled features lie in 0 .. 1

/** @type {Record<string, (v: number) => number>} */
const ACTIVATE = {
  elu: (v) => (v > 0 ? v : Math.expm1(v)),
  sigmoid: (v) => 1 / (1 + Math.exp(-v)),
  relu: (v) => Math.max(v, 0),
  linear: (v) => v,
};

/**
 * The auto-encoder in evaluation mode, its BatchNorm folded into the weights (denoising.layers_of).
 * @param {Layer[]} layers
 * @param {number[]} x
 */
export const forward = (layers, x) =>
  layers.reduce(
    (h, { weight, bias, activation }) =>
      weight.map((row, i) => ACTIVATE[activation](row.reduce((s, w, j) => s + w * h[j], bias[i]))),
    x,
  );

/**
 * Equation 1 for one utterance, as tlmlda_lib.losses.reconstruction has it: mean over the features.
 * @param {number[]} rebuilt
 * @param {number[]} clean
 */
export const reconstruction = (rebuilt, clean) =>
  rebuilt.reduce((s, v, i) => s + (v - clean[i]) ** 2, 0) / clean.length;

/**
 * Features with noise.
 * @param {number[]} x
 * @param {number} noise standard deviation
 * @param {() => number} next a source of numbers in [0, 1)
 */
export const spoilt = (x, noise, next) => x.map((v) => v + noise * normal(next));

/**
 * Mean errors over all utterances at every noise of the dial; noise is drawn alike for each network.
 * @param {Layer[]} layers
 * @param {number[][]} clean
 * @param {number[]} mean
 * @param {number[]} steps
 * @returns {Errors[]}
 */
export function meanErrors(layers, clean, mean, steps) {
  return steps.map((noise) => {
    const next = random(7);
    const errors = clean.flatMap((x) =>
      Array.from({ length: DRAWS }, () => {
        const given = spoilt(x, noise, next);
        return {
          noisy: reconstruction(given, x),
          mean: reconstruction(mean, x),
          rebuilt: reconstruction(forward(layers, given), x),
        };
      }),
    );
    const average = (/** @type {Answer} */ a) => errors.reduce((s, e) => s + e[a], 0) / errors.length;
    return { noisy: average("noisy"), mean: average("mean"), rebuilt: average("rebuilt") };
  });
}

/**
 * What an address tells, or null.
 * @param {string} said
 * @param {number[]} steps of the dial
 * @param {string[]} networks
 * @param {number} utterances
 * @returns {State | null}
 */
export function readSetting(said, steps, networks, utterances) {
  const [s, trained, u, draw] = said.split("_");
  const [step, utterance] = [placeIn(s, steps.length), placeIn(u, utterances)];
  if (step < 0 || utterance < 0 || !networks.includes(trained) || !isCount(draw ?? "", MOST)) return null;
  return { trained, noise: steps[step], utterance, draw: Number(draw) };
}

/**
 * A size of noise in words.
 * @param {number} v
 */
export const sigma = (v) => (v === 0 ? "none" : `σ\u00a0=\u00a0${v}`);

/** The answers from the one that errs least. */
export const best = (/** @type {Errors} */ errors) => [...ANSWERS].sort((a, b) => errors[a] - errors[b]);

/**
 * What is seen, in words.
 * @param {State} state
 * @param {Errors} errors
 */
export function sentence({ trained, noise }, errors) {
  const words = { noisy: "leaving the noise in", mean: "giving the mean utterance", rebuilt: "rebuilding" };
  const [first, second] = best(errors);
  const learnt = Number(trained) ? `with noise of ${sigma(Number(trained))}` : "without noise";
  return (
    `Trained ${learnt}, given ${noise ? `noise of ${sigma(noise)}` : "none"}: ` +
    `${words[first]} errs least, ${significant(errors[first])}; then ${words[second]}, ${significant(errors[second])}.`
  );
}

/**
 * @param {number[]} clean
 * @param {number[]} given
 * @param {number[]} rebuilt
 */
function inPython(clean, given, rebuilt) {
  const row = (/** @type {number[]} */ x) => python(x.map((v) => Number(v.toFixed(6))));
  return `import torch
from tlmlda_lib.losses import reconstruction

clean = torch.tensor([${row(clean)}])
noisy = torch.tensor([${row(given)}])
rebuilt = torch.tensor([${row(rebuilt)}])
print(reconstruction(noisy, clean), reconstruction(rebuilt, clean))`;
}

/** @param {string} kind */
const sample = (kind) =>
  make(
    "svg:svg",
    { class: "tl-sample", viewBox: "0 0 26 10", "aria-hidden": "true" },
    kind === "noisy"
      ? make("svg:circle", { cx: 13, cy: 5, r: 3.2, class: "tl-of-noisy" })
      : make("svg:path", { d: "M0 5H26", class: `tl-of-${kind}` }),
  );

/**
 * A feature with noise; noise may lead out of the picture, and an arrow head at its edge says so.
 * @param {number} v
 * @param {number} x
 * @param {Scale} y
 */
function noisyMark(v, x, y) {
  if (v >= RANGE[0] && v <= RANGE[1]) return make("svg:circle", { class: "tl-of-noisy", cx: x, cy: y(v), r: 2.6 });
  const [from, towards] = v > 0 ? [y(RANGE[1]) + 6, -6] : [y(RANGE[0]) - 6, 6];
  return make("svg:path", { class: "tl-of-noisy tl-beyond", d: `M${x - 3.5} ${from}h7l-3.5 ${towards}z` });
}

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-noise");
  /** @type {Record<string, Layer[]>} */
  const networks = model.get("layers");
  const keys = Object.keys(networks).sort((a, b) => Number(a) - Number(b));
  /** @type {number[][]} */
  const clean = model.get("clean");
  /** @type {number[]} */
  const mean = model.get("mean");
  /** @type {string[]} */
  const labels = model.get("labels");
  /** @type {[string, number][]} */
  const groups = model.get("groups");
  /** @type {number[]} */
  const steps = model.get("steps");
  const d = mean.length;
  /** @type {Shared<State>} */
  const { state, ...shared } = sharedState(model, {
    fields: ["trained", "noise", "utterance", "draw"],
    read: (said) => readSetting(said, steps, keys, clean.length),
    show,
  });
  const step = () => Math.max(steps.indexOf(state.noise), 0);

  const level = slider({
    label: "Noise that is added",
    min: 0,
    max: steps.length - 1,
    step: 1,
    value: step(),
    words: (i) => sigma(steps[i]),
    change: (i) => {
      state.noise = steps[i];
      update();
    },
  });
  // Letters before the keys: an object puts whole numbers first.
  const nets = radio({
    label: "Network trained with",
    options: Object.fromEntries(keys.map((k) => [`n${k}`, Number(k) ? sigma(Number(k)) : "no noise"])),
    value: `n${state.trained}`,
    change: (v) => {
      state.trained = v.slice(1);
      update();
    },
  });
  const pick = choice({
    label: "Utterance",
    options: Object.fromEntries(labels.map((name, i) => [i, name])),
    value: String(state.utterance),
    change: (i) => {
      state.utterance = Number(i);
      update();
    },
  });
  const again = button("Other noise of this size", () => {
    state.draw = (state.draw % MOST) + 1;
    update();
  });

  const profile = make("svg:svg", { role: "img" });
  const stage = make("div", { class: "tl-profile" }, profile);
  const plot = make("svg:svg", { role: "img" });
  const output = (/** @type {Answer} */ name) => make("output", { "data-value": name });
  const outputs = { noisy: output("noisy"), mean: output("mean"), rebuilt: output("rebuilt") };
  const said = {
    noisy: "leave the noise in",
    mean: "give the mean utterance, whatever comes",
    rebuilt: "rebuild with the network",
  };
  const names = ANSWERS.map((name) => make("dt", { class: `tl-dt-${name}` }, sample(name), ` ${said[name]}`));
  const numbers = make(
    "dl",
    { class: "tl-numbers" },
    ...ANSWERS.flatMap((name, i) => [names[i], make("dd", {}, outputs[name])]),
  );
  const { element: summary, say } = announcer();
  const { element: fold, code } = folded("This utterance in Python");

  const legend = {
    clean: "clean",
    noisy: "with noise: what the network gets",
    rebuilt: "what it rebuilds",
    mean: "the mean utterance",
  };
  const right = make(
    "div",
    { class: "tl-plot" },
    make("p", { class: "tl-head" }, `Mean error of ${clean.length} utterances, logarithmic`),
    plot,
  );
  el.append(
    make("div", { class: "tl-controls" }, level.element, nets.element, pick.element, again),
    make(
      "p",
      { class: "tl-legend" },
      ...Object.entries(legend).map(([kind, words]) => make("span", {}, sample(kind), ` ${words}`)),
    ),
    stage,
    make(
      "div",
      { class: "tl-body" },
      make(
        "div",
        {},
        make("p", { class: "tl-head" }, "Error of this utterance (equation 1, means)"),
        numbers,
        summary,
        ...shared.foot,
      ),
      right,
    ),
    fold,
  );

  /** @type {Record<string, Errors[]>} */
  const kept = {};
  const curves = () => (kept[state.trained] ??= meanErrors(networks[state.trained], clean, mean, steps));

  /** @type {{ clean: number[], given: number[], rebuilt: number[] } | undefined} */
  let now;

  function paintProfile() {
    const width = stage.clientWidth;
    if (!width || !now) return;
    const { given, rebuilt, clean: wanted } = now;
    profile.setAttribute("viewBox", `0 0 ${width} ${TALL}`);
    const gap = 0.9;
    const along = linear([0, d - 1 + gap * (groups.length - 1)], [INDENT, width - EDGE]);
    const y = linear(RANGE, [TALL - BELOW, ABOVE]);
    let from = 0;
    const parts = groups.flatMap(([name, n], g) => {
      const at = Array.from({ length: n }, (_, i) => from + i);
      from += n;
      const x = (/** @type {number} */ i) => along(i + gap * g);
      const path = (/** @type {string} */ kind, /** @type {number[]} */ values) =>
        line(
          `tl-of-${kind}`,
          at.map((i) => [x(i), y(values[i])]),
        );
      return [
        groupTitle(name, g, x(at[0]), x(at[n - 1]), width),
        path("mean", mean),
        path("clean", wanted),
        path("rebuilt", rebuilt),
        ...at.map((i) => noisyMark(given[i], x(i), y)),
      ];
    });
    profile.replaceChildren(...rowsOf([0, 0.5, 1], { y, left: INDENT, right: width - EDGE }), ...parts);
    profile.setAttribute(
      "aria-label",
      `Profile of ${d} features: the clean utterance, the same with noise, what the network rebuilds, and the mean ` +
        `utterance. ${groups.map(([name, n]) => `${name}: ${n}`).join(", ")}.`,
    );
  }

  /**
   * The name of neighbouring features. Where it is wider than they are, every second one stands higher, and the last
   * ends at the edge.
   * @param {string} name
   * @param {number} g
   * @param {number} left
   * @param {number} right
   * @param {number} width of the picture
   */
  function groupTitle(name, g, left, right, width) {
    const narrow = right - left < 7 * name.length;
    const y = narrow && g % 2 ? 12 : 26;
    if (narrow && g === groups.length - 1) return text(name, width - 2, y, { class: "tl-title", "text-anchor": "end" });
    return text(name, Math.max((left + right) / 2, INDENT), y, { class: "tl-title", "text-anchor": "middle" });
  }

  function paintPlot() {
    const width = right.clientWidth;
    if (!width) return;
    plot.setAttribute("viewBox", `0 0 ${width} ${PLOT}`);
    const all = curves();
    const [top, bottom, left, end] = [10, PLOT - 36, 50, width - EDGE];
    const x = linear([0, steps.length - 1], [left, end]);
    const y = logarithmic([1e-4, 10], [bottom, top]);
    const at = step();
    plot.replaceChildren(
      ...rowsOf([0.0001, 0.001, 0.01, 0.1, 1, 10], { y, left, right: end }),
      // Without noise there is no error to leave in: the line begins at the first step that has some.
      ...ANSWERS.map((kind) =>
        line(
          `tl-line tl-of-${kind}`,
          all.flatMap((e, i) => (e[kind] > 0 ? [/** @type {const} */ ([x(i), y(e[kind])])] : [])),
        ),
      ),
      ...columnsOf(
        steps.flatMap((_, i) => (i % 3 ? [] : [i])),
        {
          x,
          bottom,
          left,
          right: end,
          title: "noise that is added, σ",
          under: PLOT - 4,
          words: (i) => (i ? String(steps[i]) : "none"),
        },
      ),
      make("svg:path", { class: "tl-now", d: `M${x(at)} ${top}V${bottom}` }),
      make("svg:circle", { class: "tl-dot", cx: x(at), cy: y(all[at].rebuilt), r: 4.5 }),
    );
    const e = all[at];
    plot.setAttribute(
      "aria-label",
      `Three errors against the noise. At ${sigma(steps[at])}: noise left in ${significant(e.noisy)}, ` +
        `the mean ${significant(e.mean)}, rebuilt ${significant(e.rebuilt)}.`,
    );
  }

  function paint() {
    paintProfile();
    paintPlot();
  }

  function update() {
    const x = clean[state.utterance];
    const given = spoilt(x, state.noise, random(1000 * state.utterance + state.draw));
    const rebuilt = forward(networks[state.trained], given);
    now = { clean: x, given, rebuilt };
    const errors = {
      noisy: reconstruction(given, x),
      mean: reconstruction(mean, x),
      rebuilt: reconstruction(rebuilt, x),
    };
    const [first] = best(errors);
    ANSWERS.forEach((name, i) => {
      put(outputs[name], errors[name], fixed(errors[name], 4));
      names[i].classList.toggle("tl-best", name === first);
    });
    say(sentence(state, errors));
    code.textContent = inPython(x, given, rebuilt);
    paint();
    shared.write([step(), state.trained, state.utterance, state.draw].join("_"), { errors });
  }

  function show() {
    level.set(step());
    pick.set(String(state.utterance));
    nets.set(`n${state.trained}`);
    update();
  }

  update();
  const stop = redraw(stage, paint);
  return () => {
    stop();
    shared.end();
  };
}

export default explorable("denoising", render, ["layers", "clean", "mean", "labels", "groups", "steps"]);
