// What a step costs: the arithmetic of network and kernel for a batch size and a width of z (cost.py).

/** @import { View } from "./base.js" */
/** @import { Shared } from "./state.js" */
import { columnsOf, line, logarithmic, rowsOf, text } from "./axes.js";
import { announcer, explorable, folded, make, put } from "./base.js";
import { slider } from "./controls.js";
import { percent, power, significant } from "./format.js";
import { partsOf, sharedState } from "./state.js";

/**
 * Widths of the network's layers.
 * @typedef {object} Layers
 * @property {number[]} encoder from the features to the code; the decoder is its mirror
 * @property {number[]} emotion of the emotion network before z
 * @property {number} classes
 */

/** @typedef {{ batch: number, width: number }} State */

const LEFT = 54;
const RIGHT = 400;
const TOP = 12;
const BOTTOM = 236;
const LOWEST = 1e5;
const HIGHEST = 1e13;

/**
 * Weights of linear layers one after the other.
 * @param {number[]} widths of the input, and then of each layer
 */
export const weightsOf = (widths) => widths.slice(1).reduce((sum, b, i) => sum + widths[i] * b, 0);

/**
 * Multiplications and additions of a step, as tlmlda_lib.book.checks.cost.step_cost has them in one sum.
 * @param {Layers} layers
 * @param {State} state
 */
export function costsOf({ encoder, emotion, classes }, { batch, width }) {
  const code = encoder[encoder.length - 1];
  const weights = 2 * weightsOf(encoder) + weightsOf([code, ...emotion, width, classes]);
  const rows = 2 * batch;
  return {
    network: rows * (6 * weights - 2 * encoder[0] * encoder[1]),
    kernel: 4 * rows ** 2 * (width + classes + 1),
  };
}

/**
 * A count of operations in words.
 * @param {number} n
 */
export function operations(n) {
  for (const [size, word] of /** @type {const} */ ([
    [1e12, "trillion"],
    [1e9, "billion"],
    [1e6, "million"],
  ])) {
    if (n >= size) return `${significant(n / size)} ${word}`;
  }
  return significant(n);
}

/**
 * What is spoken.
 * @param {State} state
 * @param {ReturnType<typeof costsOf>} costs
 */
export const inWords = ({ batch, width }, { network, kernel }) =>
  `With ${significant(batch)} utterances of each domain and ${significant(width)} numbers in z a step takes ` +
  `${operations(network + kernel)} operations. The kernel has ${percent(kernel / (network + kernel), 1)} of them.`;

/**
 * What an address tells, or null.
 * @param {string} said
 * @param {number[]} batches
 * @param {number[]} widths
 * @returns {State | null}
 */
export function readSetting(said, batches, widths) {
  const known = (/** @type {number[]} */ list) => (/** @type {string} */ part) => list.map(String).includes(part);
  const parts = partsOf(said, { batch: known(batches), width: known(widths) });
  return parts && { batch: Number(parts.batch), width: Number(parts.width) };
}

/**
 * Python that counts the same.
 * @param {State} state
 * @param {Layers} layers
 */
export const inPython = ({ batch, width }, { encoder, emotion, classes }) => `from dataclasses import replace

from tlmlda_lib.book.checks.cost import step_cost
from tlmlda_lib.training.options import PAPER

options = replace(
    PAPER,
    encoder=(${encoder.slice(1).join(", ")},),
    emotion=(${[...emotion, width].join(", ")},),
    batch_size=${batch},
)
print(f"{step_cost(options, ${encoder[0]}, ${classes}):,}")`;

/**
 * Both parts against the batch size, with the one that is chosen.
 * @param {Layers} layers
 * @param {State} state
 * @param {number[]} batches
 */
function paint(layers, state, batches) {
  const last = batches[batches.length - 1];
  const x = logarithmic([batches[0], last], [LEFT, RIGHT]);
  const y = logarithmic([LOWEST, HIGHEST], [BOTTOM, TOP]);
  const at = (/** @type {"network" | "kernel"} */ part, /** @type {number} */ batch) =>
    y(costsOf(layers, { ...state, batch })[part]);
  const marks = /** @type {const} */ (["network", "kernel"]).flatMap((part) => [
    line(
      `tl-line tl-${part}`,
      batches.map((b) => /** @type {const} */ ([x(b), at(part, b)])),
    ),
    make("svg:circle", { class: `tl-${part}`, cx: x(state.batch), cy: at(part, state.batch), r: 5 }),
  ]);
  // At the right edge a label fits only on the left.
  const left = x(state.batch) > RIGHT - 50 ? { dx: -20, dy: 8, "text-anchor": "end" } : {};
  return [
    ...rowsOf([1e5, 1e7, 1e9, 1e11, 1e13], { y, left: LEFT, right: RIGHT, words: (v) => power(v).replace("1 × ", "") }),
    make("svg:path", { class: "tl-now", d: `M${x(state.batch).toFixed(1)} ${TOP}V${BOTTOM}` }),
    ...marks,
    text("network", LEFT + 8, at("network", batches[0]) - 24, { class: "tl-name tl-network" }),
    text("kernel", x(state.batch) + 10, at("kernel", state.batch) + 16, { class: "tl-name tl-kernel", ...left }),
    ...columnsOf([batches[0], 100, 1600, last], {
      x,
      bottom: BOTTOM,
      left: LEFT,
      right: RIGHT,
      title: "utterances of each domain in a batch",
      words: significant,
    }),
  ];
}

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-cost");
  /** @type {Layers} */
  const layers = model.get("layers");
  /** @type {number[]} */
  const batches = model.get("batches");
  /** @type {number[]} */
  const widths = model.get("widths");
  /** @type {Shared<State>} */
  const { state, ...page } = sharedState(model, {
    fields: ["batch", "width"],
    read: (said) => readSetting(said, batches, widths),
    show,
  });

  /**
   * A slider over the places of a list.
   * @param {string} label
   * @param {number[]} list
   * @param {"batch" | "width"} field
   */
  const over = (label, list, field) =>
    slider({
      label,
      min: 0,
      max: list.length - 1,
      step: 1,
      value: list.indexOf(state[field]),
      words: (i) => significant(list[i]),
      change: (i) => {
        state[field] = list[i];
        update();
      },
    });
  const batch = over("Batch size B", batches, "batch");
  const width = over("Width of z", widths, "width");
  const picture = make("svg:svg", { viewBox: "0 0 410 275", role: "img" });
  const names = /** @type {const} */ ({
    network: "network",
    kernel: "kernel of MMD and LMMD",
    total: "together",
    share: "the kernel's part",
  });
  const outputs = {
    network: make("output", { "data-value": "network" }),
    kernel: make("output", { "data-value": "kernel" }),
    total: make("output", { "data-value": "total" }),
    share: make("output", { "data-value": "share" }),
  };
  const keys = /** @type {(keyof typeof names)[]} */ (Object.keys(names));
  const bars = [make("span", { class: "tl-network" }), make("span", { class: "tl-kernel" })];
  const { element: summary, say } = announcer();
  const { element: fold, code } = folded("This count in Python");
  el.append(
    make("div", { class: "tl-controls" }, batch.element, width.element),
    make(
      "div",
      { class: "tl-body" },
      picture,
      make(
        "div",
        {},
        make("div", { class: "tl-share", "aria-hidden": "true" }, ...bars),
        make(
          "dl",
          { class: "tl-numbers" },
          ...keys.flatMap((key) => [make("dt", {}, names[key]), make("dd", {}, outputs[key])]),
        ),
      ),
    ),
    summary,
    ...page.foot,
    fold,
  );

  function update() {
    const costs = costsOf(layers, state);
    const total = costs.network + costs.kernel;
    put(outputs.network, costs.network, operations(costs.network));
    put(outputs.kernel, costs.kernel, operations(costs.kernel));
    put(outputs.total, total, operations(total));
    put(outputs.share, costs.kernel / total, percent(costs.kernel / total, 1));
    bars[0].style.width = `${(100 * costs.network) / total}%`;
    bars[1].style.width = `${(100 * costs.kernel) / total}%`;
    picture.replaceChildren(...paint(layers, state, batches));
    const words = inWords(state, costs);
    picture.setAttribute("aria-label", `Two rising lines, network and kernel, against the batch size. ${words}`);
    say(words);
    code.textContent = inPython(state, layers);
    page.write(`${state.batch}.${state.width}`, { costs });
  }

  function show() {
    batch.set(batches.indexOf(state.batch));
    width.set(widths.indexOf(state.width));
    update();
  }

  show();
  return page.end;
}

export default explorable("cost", render, ["layers", "batches", "widths"]);
