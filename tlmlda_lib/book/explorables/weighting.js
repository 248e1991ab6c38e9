// Dynamic weights: equation 6 over the epochs of a training (weighting.py).

/** @import { Scale } from "./axes.js" */
/** @import { View } from "./base.js" */
/** @import { ByLoss } from "./losses.js" */
/** @import { Shared } from "./state.js" */
import { columnsOf, line, linear, logarithmic, rowsOf, text, threeOf } from "./axes.js";
import { announcer, explorable, folded, make, put, redraw } from "./base.js";
import { choice, dragging, radio, slider } from "./controls.js";
import { fixed, listed, percent, python, significant } from "./format.js";
import { DASHES, dynamicWeights, keyOf, LOSSES } from "./losses.js";
import { sharedState } from "./state.js";

/** @typedef {Record<string, number[]>} Curves a loss by epoch */

const LARGEST = 5;
/** @type {Record<string, string>} */
const WORDS = {
  S: "reconstruction, source",
  T: "reconstruction, target",
  y: "cross-entropy",
  MMD: "distance of the clouds",
  LMMD: "distance by emotion",
};
/** @type {Record<string, string>} */
const UNITS = { mean: "means", sum: "feature sums", printed: "the printed sums" };

/**
 * What a gradient through the weights would make of equation 5: dJ/dL_k = 2 w_k - J / S.
 * @param {ByLoss} losses
 * @param {ByLoss} weights
 * @returns {ByLoss}
 */
export function slopes(losses, weights) {
  const names = Object.keys(losses);
  const total = names.reduce((s, n) => s + losses[n], 0);
  const j = names.reduce((s, n) => s + weights[n] * losses[n], 0);
  return Object.fromEntries(names.map((n) => [n, total === 0 ? weights[n] : 2 * weights[n] - j / total]));
}

/**
 * Shares of the weights, which add up to 1 unless all are 0.
 * @param {ByLoss} weights
 * @returns {ByLoss}
 */
export function sharesOf(weights) {
  const total = Object.values(weights).reduce((s, w) => s + w, 0);
  return Object.fromEntries(Object.entries(weights).map(([n, w]) => [n, total ? w / total : 0]));
}

/**
 * The losses of an epoch, from 1, in a unit: the history has means, and two of them are sums over features, or over
 * features and utterances.
 * @param {Curves} curves
 * @param {string} units
 * @param {number} features
 * @param {number} batch
 * @returns {Curves}
 */
export function inUnits(curves, units, features, batch) {
  const factor = { mean: 1, sum: features, printed: features * batch }[units] ?? 1;
  return Object.fromEntries(
    Object.entries(curves).map(([k, curve]) => [k, k === "S" || k === "T" ? curve.map((v) => v * factor) : curve]),
  );
}

/**
 * Factors, units and epoch that an address tells, or null.
 * @param {string} said
 * @param {string[]} names of the losses
 * @param {number} epochs
 */
export function readSetting(said, names, epochs) {
  const parts = said.split("_");
  const factors = parts.slice(0, names.length).map(Number);
  const [units, last] = [parts[names.length] ?? "", Number(parts[names.length + 1])];
  const known = parts.length === names.length + 2 && units in UNITS && last >= 1 && last <= epochs;
  if (!known || !factors.every((v) => v >= 0 && v <= LARGEST)) return null;
  return { alpha: Object.fromEntries(names.map((k, i) => [k, tenth(factors[i])])), units, epoch: Math.round(last) };
}

const tenth = (/** @type {number} */ v) => Math.round(v * 10) / 10;

// Three digits for a column of numbers: zeros at the end stay.
const column = (/** @type {number} */ v) => (v >= 0.001 && v < 1000 ? v.toPrecision(3) : significant(v));
const slope = (/** @type {number} */ v) => (v < 0 ? `−${column(-v)}` : `+${column(v)}`);

/**
 * @param {ByLoss} losses
 * @param {ByLoss} alpha
 * @param {number} epoch
 * @param {string} units
 */
const inPython = (losses, alpha, epoch, units) => `from tlmlda_lib.weighting import dynamic_weights

losses = ${python(losses)}  # epoch ${epoch}, ${UNITS[units]}
alpha = ${python(alpha)}
print(dynamic_weights(losses, alpha))`;

const LEFT = 46;
const RIGHT = 8;
const UPPER = /** @type {const} */ ([26, 136]);
const LOWER = /** @type {const} */ ([184, 314]);
const HEIGHT = 352;

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-weights");
  /** @type {Curves} */
  const curves = model.get("losses");
  // A page keeps its state with sorted keys.
  const names = LOSSES.filter((k) => k in curves);
  const epochs = curves[names[0]].length;
  /** @type {Record<string, ByLoss>} */
  const printed = model.get("printed");
  const schemeWords = model.get("scheme_words");
  /** @type {Shared<{ alpha: ByLoss, units: string, epoch: number }>} */
  const { state, ...shared } = sharedState(model, {
    fields: ["alpha", "units", "epoch"],
    read: (said) => readSetting(said, names, epochs),
    show,
  });

  const ordered = () => Object.fromEntries(names.map((k) => [k, state.alpha[k]]));
  const same = (/** @type {ByLoss} */ a) => names.every((k) => a[k] === state.alpha[k]);
  const ones = Object.fromEntries(names.map((k) => [k, 1]));
  const named = () => (same(ones) ? "ones" : (Object.keys(printed).find((scheme) => same(printed[scheme])) ?? "own"));
  const scaled = () => inUnits(curves, state.units, model.get("features"), model.get("batch"));
  const at = (/** @type {number} */ e) => {
    const all = scaled();
    return Object.fromEntries(names.map((k) => [k, all[k][e - 1]]));
  };

  const schemes = choice({
    label: "Factors α",
    value: named(),
    options: {
      ...Object.fromEntries(Object.keys(printed).map((s) => [s, `of the paper, ${schemeWords[s]}`])),
      ones: "all 1",
      own: "your own",
    },
    change: (v) => {
      if (v !== "own") state.alpha = Object.fromEntries(names.map((k) => [k, v === "ones" ? 1 : printed[v][k]]));
      show();
    },
  });
  const kinds = radio({
    label: "Reconstruction counted as",
    options: UNITS,
    value: state.units,
    change: (v) => {
      state.units = v;
      update();
    },
  });
  const when = slider({
    label: "Epoch",
    min: 1,
    max: epochs,
    step: 1,
    value: state.epoch,
    words: String,
    change: (v) => {
      state.epoch = v;
      update();
    },
  });
  const factors = Object.fromEntries(
    names.map((k) => [
      k,
      slider({
        label: `α of ${k}`,
        min: 0,
        max: LARGEST,
        step: 0.1,
        value: state.alpha[k],
        words: (v) => fixed(v, 1),
        change: (v) => {
          state.alpha = { ...ordered(), [k]: tenth(v) };
          schemes.set(named());
          update();
        },
      }),
    ]),
  );

  const picture = make("svg:svg", { role: "img" });
  const stage = make("div", { class: "tl-curves", pointerdown: drag }, picture);

  const cells = Object.fromEntries(
    names.map((k) => [
      k,
      {
        loss: make("output", { "data-value": `loss_${k}` }),
        weight: make("output", { "data-value": `weight_${k}` }),
        slope: make("output", { "data-value": `slope_${k}` }),
        bar: make("div", { class: "tl-share" }),
        share: make("output", { "data-value": `share_${k}` }),
      },
    ]),
  );
  const heads = ["loss", "L", "weight w", "share of the weights", "slope through the graph"];
  const table = make(
    "table",
    { class: "tl-table" },
    make("caption", {}, "At this epoch"),
    make("thead", {}, make("tr", {}, ...heads.map((w) => make("th", { scope: "col" }, w)))),
    make(
      "tbody",
      {},
      ...names.map((k) =>
        make(
          "tr",
          {},
          make("th", { scope: "row", title: WORDS[k] }, keyOf(k), ` ${k}`),
          make("td", {}, cells[k].loss),
          make("td", {}, cells[k].weight),
          make(
            "td",
            { class: "tl-bars" },
            make("div", { class: "tl-track", "aria-hidden": "true" }, cells[k].bar),
            cells[k].share,
          ),
          make("td", {}, cells[k].slope),
        ),
      ),
    ),
  );
  const { element: summary, say } = announcer();
  const { element: fold, code } = folded("These weights in Python");

  el.append(
    make("div", { class: "tl-controls" }, kinds.element, when.element, schemes.element),
    make("div", { class: "tl-factors" }, ...names.map((k) => factors[k].element)),
    make("div", { class: "tl-body" }, stage, make("div", {}, table, summary, ...shared.foot)),
    fold,
  );

  // A finger or a mouse on the curves chooses the epoch; the slider does the same for the keyboard.
  function drag(/** @type {PointerEvent} */ event) {
    const follow = (/** @type {PointerEvent} */ e) => {
      const box = stage.getBoundingClientRect();
      const x = linear([1, epochs], [LEFT, box.width - RIGHT]);
      state.epoch = Math.max(1, Math.min(epochs, Math.round(x.invert(e.clientX - box.x))));
      when.set(state.epoch);
      update();
    };
    follow(event);
    dragging(stage, event, follow);
  }

  function paint() {
    const width = stage.clientWidth;
    if (!width) return;
    picture.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    const right = width - RIGHT;
    const x = epochs > 1 ? linear([1, epochs], [LEFT, right]) : linear([0.5, 1.5], [LEFT, right]);
    const all = scaled();
    const share = linear([0, 1], [LOWER[1], LOWER[0]]);
    picture.replaceChildren(
      ...paintLosses(all, x, right),
      ...paintShares(all, x, share, right),
      ...columnsOf(threeOf(epochs), {
        x,
        bottom: LOWER[1],
        left: LEFT,
        right,
        title: "epoch",
        under: HEIGHT - 4,
      }),
      ...[UPPER, LOWER].map(([top, bottom]) =>
        make("svg:path", { class: "tl-now", d: `M${x(state.epoch)} ${top}V${bottom}` }),
      ),
    );
  }

  /**
   * @param {Curves} all
   * @param {Scale} x
   * @param {number} right
   */
  function paintLosses(all, x, right) {
    const logs = names.flatMap((k) => all[k].filter((v) => v > 0).map(Math.log10));
    const low = Math.floor(Math.min(...logs, 0));
    const high = Math.max(Math.ceil(Math.max(...logs, 0)), low + 1);
    const y = logarithmic([10 ** low, 10 ** high], [UPPER[1], UPPER[0]]);
    const every = Math.ceil((high - low) / 4);
    const powers = Array.from({ length: Math.floor((high - low) / every) + 1 }, (_, i) => 10 ** (low + i * every));
    return [
      text("losses, logarithmic", 0, 12, { class: "tl-title" }),
      ...rowsOf(powers, { y, left: LEFT, right, words: significant }),
      ...names.map((k) =>
        line(
          `tl-line tl-of-${k}`,
          all[k].map((v, e) => [x(e + 1), y(v)]),
          { "stroke-dasharray": DASHES[k] },
        ),
      ),
    ];
  }

  /**
   * @param {Curves} all
   * @param {Scale} x
   * @param {Scale} y
   * @param {number} right
   */
  function paintShares(all, x, y, right) {
    // Sums of the shares from below, epoch by epoch, for the areas.
    const sums = Array.from({ length: epochs }, (_, e) => {
      const shares = sharesOf(dynamicWeights(Object.fromEntries(names.map((k) => [k, all[k][e]])), state.alpha));
      let sum = 0;
      return [0, ...names.map((k) => (sum += shares[k]))];
    });
    const parts = names.flatMap((k, i) => {
      const edge = (/** @type {number} */ j) => sums.map((s, e) => /** @type {const} */ ([x(e + 1), y(s[j])]));
      const area = line(`tl-area tl-of-${k}`, [...edge(i + 1), ...edge(i).reverse()]);
      area.setAttribute("d", `${area.getAttribute("d")}Z`);
      // The name stands where the area is highest, if it is high enough for letters.
      const heights = sums.map((s) => s[i + 1] - s[i]);
      const best = heights.indexOf(Math.max(...heights));
      if (heights[best] <= 0.11) return [area];
      const place = Math.min(Math.max(x(best + 1), LEFT + 24), right - 24);
      const middle = y(sums[best][i] + heights[best] / 2) + 4;
      return [area, text(k, place, middle, { class: `tl-name tl-of-${k}`, "text-anchor": "middle" })];
    });
    const labels = [0, 0.5, 1].map((v) => text(percent(v), LEFT - 6, y(v) + 4, { "text-anchor": "end" }));
    return [text("shares of the weights", 0, LOWER[0] - 14, { class: "tl-title" }), ...parts, ...labels];
  }

  function update() {
    const { alpha, units, epoch } = state;
    const losses = at(epoch);
    const weights = dynamicWeights(losses, alpha);
    const through = slopes(losses, weights);
    const shares = sharesOf(weights);
    for (const k of names) {
      put(cells[k].loss, losses[k], column(losses[k]));
      put(cells[k].weight, weights[k], column(weights[k]));
      put(cells[k].slope, through[k], slope(through[k]));
      put(cells[k].share, shares[k], percent(shares[k]));
      cells[k].slope.classList.toggle("tl-negative", through[k] < 0);
      cells[k].bar.style.width = `${100 * shares[k]}%`;
      cells[k].bar.style.background = `var(--tl-loss-${k})`;
    }
    const order = [...names].sort((a, b) => shares[b] - shares[a]);
    const up = names.filter((k) => through[k] < 0);
    const [first, second, last] = [order[0], order[1], order[order.length - 1]].map(
      (k) => `${k} ${percent(shares[k])}`,
    );
    const words =
      `Epoch ${epoch} of ${epochs}, ${UNITS[units]}: ` +
      `${first.replace(" ", " has ")} of the weight, ${second}, ${last}.`;
    const upwards = up.length
      ? `Through the graph ${listed(up)} would be trained upwards.`
      : "Here no slope is negative.";
    say(`${words} ${upwards}`);
    picture.setAttribute(
      "aria-label",
      `Curves of ${names.length} losses over ${epochs} epochs, and below them the shares of their weights. ${words}`,
    );
    code.textContent = inPython(losses, ordered(), epoch, units);
    paint();
    shared.write([...names.map((k) => alpha[k]), units, epoch].join("_"), { weights });
  }

  function show() {
    for (const k of names) factors[k].set(state.alpha[k]);
    when.set(state.epoch);
    schemes.set(named());
    kinds.set(state.units);
    update();
  }

  show();
  const stop = redraw(stage, paint);
  return () => {
    stop();
    shared.end();
  };
}

export default explorable("weighting", render, ["losses", "printed", "scheme_words", "features", "batch"]);
