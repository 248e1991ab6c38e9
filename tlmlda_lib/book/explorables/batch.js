// One batch: a network small enough to read, and everything that a training step does to it (batch.py).

/** @import { View } from "./base.js" */
/** @import { ByLoss } from "./losses.js" */
/** @import { Shared } from "./state.js" */
/** @import { Batch, Matrix, Parameters, Training } from "./training_step.js" */
import { columnsOf, line, linear, logarithmic, rowsOf, text } from "./axes.js";
import { announcer, explorable, folded, make, put } from "./base.js";
import { button, choice } from "./controls.js";
import { fixed, listed, power, python, significant } from "./format.js";
import { DASHES, keyOf, LOSSES } from "./losses.js";
import { NAMES, shape } from "./points.js";
import { isCount, sharedState } from "./state.js";
import { drawn, length, takeBatch } from "./training_step.js";

/** @typedef {{ batch: number, stage: string, factors: string }} State */

/**
 * The data of which all batches are made.
 * @typedef {object} Data
 * @property {Matrix} clean features, the source's rows before the target's
 * @property {number[]} ys labels of the source
 * @property {string[]} classes
 * @property {string[]} features
 * @property {number} std standard deviation of the noise
 * @property {number} rate learning rate
 */

/** @typedef {string | number | Node} Cell */

/** @type {Record<string, string>} */
const ABOUT = {
  S: "rebuilt against clean, source",
  T: "rebuilt against clean, target",
  y: "probability of the label, source",
  MMD: "the two clouds of z, as wholes",
  LMMD: "the two clouds of z, emotion by emotion",
};
export const STAGES = ["batch", "noise", "code", "outputs", "losses", "weights", "gradients", "step"];
const LAYERS = { encoder: [0, 1, 2, 3], decoder: [4, 5], emotion: [6, 7], head: [8, 9] };
/** @type {Record<string, string>} */
const WORDS = { printed: "as printed for E to B", alone: "no alignment" };
const MOST = 500;
const MANY = 50;

// Places in the two pictures.
const LEFT = 40;
const RIGHT = 250;
const CLOUD = /** @type {const} */ ([10, 160]);
const CURVES = /** @type {const} */ ([8, 138]);

/**
 * Three digits that count, in a column of numbers that are mostly between 0 and 1.
 * @param {number} v
 */
export function three(v) {
  if (v === 0) return "0";
  if (Math.abs(v) < 0.0005) return power(v);
  return fixed(v, Math.abs(v) < 0.0995 ? 4 : 3);
}

/**
 * The same in few characters, for the widest table on the narrowest page.
 * @param {number} v
 */
export function brief(v) {
  const size = Math.abs(v);
  if (v === 0) return "0";
  return size < 0.0005 ? "<.001" : fixed(v, size < 0.0995 ? 3 : 2);
}

const subscript = (/** @type {number} */ i) => "₁₂₃₄₅"[i];
const numeral = (/** @type {number} */ n) =>
  ["no", "one", "two", "three", "four", "five", "six", "seven", "eight"][n] ?? String(n);
const capital = (/** @type {string} */ words) => words[0].toUpperCase() + words.slice(1);

/**
 * What an address tells, or null.
 * @param {string} said
 * @returns {State | null}
 */
export function readSetting(said) {
  const [batch, stage, factors, ...more] = said.split("_");
  const whole = isCount(batch, MOST) && STAGES.includes(stage) && Object.hasOwn(WORDS, factors) && !more.length;
  return whole ? { batch: Number(batch), stage, factors } : null;
}

/**
 * A stage in words.
 * @param {string} stage
 * @param {number} batch
 * @param {Data} data
 * @param {Pick<Batch, "total" | "code">} now
 * @returns {string}
 */
export function sentence(stage, batch, { clean, ys, classes, features, std, rate }, { total, code }) {
  const [ns, d] = [ys.length, numeral(features.length)];
  const known =
    batch === 1
      ? "in the first epoch no loss is known: all count as equally large."
      : "equation 6, from the losses of the epoch before, which here is the batch before.";
  const even = batch === 1 ? ", and in its first step Adam moves everything by just that" : "";
  /** @type {Record<string, string>} */
  const words = {
    batch:
      `${numeral(ns)} utterances of the source with their labels, and ${numeral(clean.length - ns)} of the target, ` +
      `without. Each has ${d} features, scaled to lie between 0 and 1.`,
    noise:
      `noise is added, drawn anew for every batch, with standard deviation ${std}. This is what the network gets; ` +
      "the clean numbers are what it has to give back.",
    code:
      `the encoder makes ${numeral(code[0].length)} numbers of ${d}: Linear, BatchNorm over all ` +
      `${numeral(clean.length)} rows at once, ELU.`,
    outputs:
      `from the code the decoder rebuilds ${listed(features)} (x̂), and the emotion network makes z and from it the ` +
      `probabilities of ${listed(classes)} (p). Those of the target are its pseudo-labels.`,
    losses: "equations 1 to 4. Two look at what was rebuilt, one at the labels, two at z.",
    weights: `${known} Equation 5 adds up the last column: ${three(total)}.`,
    gradients:
      "backwards: how hard each weighted loss pulls at each part, as the length of its gradient. " +
      "Where there is a dot it does not reach.",
    step:
      `Adam moves every parameter; here is the first weight of each part. The rate is ${rate}${even}. ` +
      `Then comes batch ${batch + 1}.`,
  };
  return capital(words[stage]);
}

/**
 * What is spoken.
 * @param {string} stage
 * @param {number} batch
 * @param {Pick<Batch, "total" | "losses">} now
 */
export const summaryOf = (stage, batch, { total, losses }) =>
  `Batch ${batch}, ${stage}. Total ${three(total)}; ` +
  `${LOSSES.map((name) => `${name} ${three(losses[name])}`).join(", ")}.`;

/**
 * The largest distance between two points.
 * @param {Matrix} z
 */
export const farthest = (z) => Math.max(...z.flatMap((a) => z.map((b) => Math.hypot(a[0] - b[0], a[1] - b[1]))));

/**
 * A distance in words; one that cannot be seen, in millionths.
 * @param {number} v
 */
export const distance = (v) => (v < 1e-4 ? `${significant(v * 1e6, 2)} millionths` : fixed(v, 4));

/**
 * Ends of an axis around values of a sigmoid.
 * @param {number[]} values
 * @returns {[number, number]}
 */
export function around(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = Math.max(0.04, 0.12 * (high - low));
  return [Math.max(0, low - margin), Math.min(1, high + margin)];
}

/**
 * The weighted lengths of the gradients at each part of the network: of each loss, and of all together.
 * @param {Pick<Batch, "weights" | "gradients" | "gradient">} batch
 * @returns {[string, ...number[]][]}
 */
export const pulls = ({ weights, gradients, gradient }) =>
  Object.entries(LAYERS).map(([part, which]) => {
    const at = (/** @type {Parameters} */ g) => length(which.map((i) => g[i]));
    return [part, ...LOSSES.map((name) => weights[name] * at(gradients[name])), at(gradient)];
  });

/**
 * Batch after batch; what was computed once is kept.
 * @param {Training} training
 */
export function batches(training) {
  /** @type {Batch[]} */
  const done = [];
  return (/** @type {number} */ k) => {
    while (done.length < k) done.push(takeBatch(training, done.at(-1), drawn(training.clean, done.length)));
    return done.slice(0, k);
  };
}

/**
 * @param {Data} data
 * @param {Batch[]} past the last of them is shown
 * @param {ByLoss} alpha
 */
function inPython({ clean, ys, classes, features }, past, alpha) {
  const [now, before] = [past[past.length - 1], past[past.length - 2]];
  const ns = ys.length;
  const dict = (/** @type {ByLoss} */ o) => python(Object.fromEntries(LOSSES.map((name) => [name, o[name]])));
  const weights = before
    ? `dynamic_weights(${dict(before.losses)}, alpha)`
    : "{name: a / 5 for name, a in alpha.items()}";
  return `from unittest import mock

import torch
from tlmlda_lib.book.explorables.batch import TINY
from tlmlda_lib.training.trainer import batch_losses, build_network
from tlmlda_lib.weighting import dynamic_weights

torch.set_default_dtype(torch.float64)
network = build_network(TINY, ${features.length}, ${classes.length}).train()
values = [
${now.parameters.map((p) => `    ${python(p)},`).join("\n")}
]
with torch.no_grad():
    for parameter, value in zip(network.parameters(), values):
        parameter.copy_(torch.tensor(value))

xs, ys = torch.tensor(${python(clean.slice(0, ns))}), torch.tensor(${python(ys)})
xt = torch.tensor(${python(clean.slice(ns))})
noise = [torch.tensor(${python(now.noise.slice(0, ns))}),
         torch.tensor(${python(now.noise.slice(ns))})]
with mock.patch.object(torch, "randn_like", side_effect=noise):
    terms = batch_losses(network, xs, ys, xt, TINY)
alpha = ${dict(alpha)}
weights = ${weights}
total = sum(weights[name] * terms[name] for name in terms)
total.backward()
print({name: term.item() for name, term in terms.items()}, total.item())
torch.set_default_dtype(torch.float32)`;
}

/**
 * A table whose cells are numbers, each with all its digits at hand.
 * @param {string[]} head
 * @param {[string | HTMLElement, ...Cell[]][]} rows
 * @param {(v: number) => string} words
 */
function table(head, rows, words = three) {
  const cell = (/** @type {Cell} */ v, /** @type {string} */ at) => {
    if (typeof v !== "number") return make("td", {}, v);
    const output = make("output", { "data-at": at });
    put(output, v, words(v));
    return make("td", {}, output);
  };
  return make(
    "table",
    { class: "tl-table" },
    make("thead", {}, make("tr", {}, ...head.map((h) => make("th", { scope: "col" }, h)))),
    make(
      "tbody",
      {},
      ...rows.map(([name, ...values]) => {
        const place = typeof name === "string" ? name : name.textContent.trim();
        return make("tr", {}, make("th", { scope: "row" }, name), ...values.map((v, j) => cell(v, `${place}.${j}`)));
      }),
    ),
  );
}

const lossName = (/** @type {string} */ name) => make("span", {}, keyOf(name), ` ${name}`);

/**
 * The numbers of a stage.
 * @param {string} stage
 * @param {Data} data
 * @param {Batch[]} past the last of them is shown
 * @param {ByLoss} alpha
 */
function panelOf(stage, { clean, ys, classes, features }, past, alpha) {
  const [now, before] = [past[past.length - 1], past[past.length - 2]];
  const ns = ys.length;
  const two = (/** @type {number} */ v) => fixed(v, 2);
  const rowName = (/** @type {number} */ i) => {
    const domain = i < ns ? 0 : 1;
    return make("span", { class: `tl-${NAMES[domain]}` }, `${NAMES[domain]} ${i - domain * ns + 1}`);
  };
  /** @type {(...of: Cell[][][]) => [HTMLElement, ...Cell[]][]} */
  const rows = (...of) => clean.map((_, i) => [rowName(i), ...of.flatMap((m) => m[i])]);
  switch (stage) {
    case "batch":
      return table(
        ["", ...features, "label"],
        rows(
          clean,
          clean.map((_, i) => [i < ns ? classes[ys[i]] : "unknown"]),
        ),
        two,
      );
    case "noise":
      return table(["", ...features], rows(now.given), two);
    case "code":
      return table(["", ...now.code[0].map((_, j) => `code ${j + 1}`)], rows(now.code), two);
    case "outputs":
      return table(
        ["", ...features.map((_, i) => `x̂${subscript(i)}`), "z₁", "z₂", ...classes.map((_, c) => `p${subscript(c)}`)],
        rows(now.rebuilt, now.z, now.p),
        two,
      );
    case "losses":
      return table(
        ["loss", "value", "what it compares"],
        LOSSES.map((name) => [lossName(name), now.losses[name], make("span", { class: "tl-about" }, ABOUT[name])]),
      );
    case "weights":
      return table(
        ["loss", "before", "α", "w", "L", "w L"],
        LOSSES.map((name) => {
          const [w, loss] = [now.weights[name], now.losses[name]];
          return [lossName(name), before ? before.losses[name] : "none", alpha[name], w, loss, w * loss];
        }),
      );
    case "gradients":
      return table(
        ["part", ...LOSSES, "all"],
        pulls(now).map(([part, ...sizes]) => [part, ...sizes.map((v, i) => (v === 0 && i < LOSSES.length ? "·" : v))]),
        brief,
      );
    default: {
      const first = (/** @type {Parameters} */ values, /** @type {number} */ i) =>
        /** @type {Matrix} */ (values[i])[0][0];
      return table(
        ["part", "before", "gradient", "after"],
        Object.entries(LAYERS).map(([part, [i]]) => [
          part,
          ...[now.parameters, now.gradient, now.after].map((values) => first(values, i)),
        ]),
      );
    }
  }
}

/**
 * The cloud of z, each axis with its two ends.
 * @param {Data} data
 * @param {Matrix} z
 */
function paintCloud({ ys, classes }, z) {
  const [top, bottom] = CLOUD;
  const ends = [0, 1].map((c) => around(z.map((row) => row[c])));
  const x = linear(ends[0], [LEFT, RIGHT]);
  const y = linear(ends[1], [bottom, top]);
  const under = bottom + 15;
  return [
    make("svg:rect", { class: "tl-frame", x: LEFT, y: top, width: RIGHT - LEFT, height: bottom - top }),
    ...ends[0].map((v, i) => text(fixed(v, 2), x(v), under, { "text-anchor": i ? "end" : "start" })),
    ...ends[1].map((v, i) => text(fixed(v, 2), LEFT - 5, y(v) + (i ? 9 : 0), { "text-anchor": "end" })),
    text("z₁", (LEFT + RIGHT) / 2, under, { "text-anchor": "middle" }),
    text("z₂", LEFT - 5, (top + bottom) / 2, { "text-anchor": "end" }),
    ...z.map((row, i) => {
      const domain = i < ys.length ? 0 : 1;
      const letter = domain ? [] : [text(classes[ys[i]][0], 0, 3.4, { class: "tl-letter", "text-anchor": "middle" })];
      return make(
        "svg:g",
        { class: `tl-point tl-${NAMES[domain]}`, transform: `translate(${x(row[0])} ${y(row[1])})` },
        shape(domain, 9),
        ...letter,
      );
    }),
  ];
}

/**
 * The losses so far.
 * @param {Batch[]} past
 */
function paintCurves(past) {
  const [top, bottom] = CURVES;
  const last = Math.max(past.length, 10);
  const logs = past.flatMap(({ losses }) => LOSSES.map((name) => losses[name]).filter((v) => v > 1e-6)).map(Math.log10);
  const low = Math.max(Math.floor(Math.min(...logs)), -3);
  const high = Math.max(Math.ceil(Math.max(...logs)), low + 1);
  const x = linear([1, last], [LEFT, RIGHT]);
  const y = logarithmic([10 ** low, 10 ** high], [bottom, top]);
  const powers = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  return [
    ...rowsOf(powers, { y, left: LEFT, right: RIGHT, words: significant }),
    ...LOSSES.flatMap((name) => {
      const places = past.map(({ losses }, k) => /** @type {const} */ ([x(k + 1), y(losses[name])]));
      const [cx, cy] = places[places.length - 1];
      const end = make("svg:circle", { class: `tl-end tl-of-${name}`, cx, cy, r: 3 });
      return [line(`tl-line tl-of-${name}`, places, { "stroke-dasharray": DASHES[name] }), end];
    }),
    ...columnsOf([1, last], { x, bottom, left: LEFT, right: RIGHT, title: "batch", under: bottom + 16 }),
  ];
}

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-step");
  /** @type {Data} */
  const data = {
    clean: [...model.get("xs"), ...model.get("xt")],
    ys: model.get("ys"),
    classes: model.get("classes"),
    features: model.get("features"),
    std: model.get("noise"),
    rate: model.get("rate"),
  };
  const { clean, ys } = data;
  const ns = ys.length;
  /** @type {Record<string, number[]>} */
  const alphas = model.get("alphas");
  /** @type {Shared<State>} */
  const { state, ...shared } = sharedState(model, {
    fields: ["batch", "stage", "factors"],
    read: readSetting,
    show: fromPython,
  });

  /** @type {ByLoss} */
  let alpha;
  /** @type {ReturnType<typeof batches>} */
  let batchesTo;
  // With other factors training begins anew.
  function weigh() {
    alpha = Object.fromEntries(LOSSES.map((name, i) => [name, alphas[state.factors][i]]));
    batchesTo = batches({ ...data, first: model.get("parameters"), alpha });
  }

  const at = () => STAGES.indexOf(state.stage);
  const title = make("p", { class: "tl-title" });
  const stages = STAGES.map((name, i) =>
    make("button", { type: "button", "data-stage": name, click: () => go(state.batch, i) }, `${i + 1} ${name}`),
  );
  const back = button("Back", () => (at() ? go(state.batch, at() - 1) : go(state.batch - 1, STAGES.length - 1)));
  const onwards = button("Next", () => (at() < STAGES.length - 1 ? go(state.batch, at() + 1) : go(state.batch + 1, 0)));
  onwards.classList.add("tl-next");
  const whole = button("Next batch, same stage", () => go(state.batch + 1, at()));
  const many = button(`${MANY} batches`, () => go(state.batch + MANY, at()));
  const kinds = choice({
    label: "Factors α",
    options: Object.fromEntries(Object.entries(WORDS).map(([name, w]) => [name, `${w}: ${alphas[name].join(", ")}`])),
    value: state.factors,
    change: (v) => {
      state.factors = v;
      weigh();
      update();
    },
  });
  const again = button("Start again", () => go(1, 0));
  const words = make("p", { class: "tl-words" });
  const panel = make("div", {
    class: "tl-panel",
    tabindex: "0",
    role: "region",
    "aria-label": "Numbers of this stage",
  });
  const cloud = make("svg:svg", { viewBox: "0 0 260 190", role: "img" });
  const curves = make("svg:svg", { viewBox: "0 0 260 170", role: "img" });
  const far = make("output", { "data-value": "far" });
  const { element: summary, say } = announcer();
  const { element: fold, code } = folded("This batch in Python");

  const pictures = [
    make("p", { class: "tl-head" }, "The aligned layer z, two numbers for each utterance"),
    cloud,
    make("p", { class: "tl-far" }, "The farthest two lie ", far, " apart."),
    make(
      "p",
      { class: "tl-legend" },
      make("span", { class: "tl-key tl-source" }, "● source, with its label's letter"),
      make("span", { class: "tl-key tl-target" }, "◆ target"),
    ),
    make("p", { class: "tl-head" }, "The five losses so far, logarithmic"),
    curves,
    make("p", { class: "tl-legend" }, ...LOSSES.map(lossName)),
  ];
  el.append(
    make(
      "div",
      { class: "tl-controls" },
      make("div", { class: "tl-control" }, back, onwards),
      make("div", { class: "tl-control" }, whole, many, again),
      kinds.element,
    ),
    make("div", { class: "tl-stages", role: "group", "aria-label": "Stages of a batch" }, ...stages),
    make(
      "div",
      { class: "tl-body" },
      make("div", {}, title, words, panel, summary, ...shared.foot),
      make("div", {}, ...pictures),
    ),
    fold,
  );

  /** @param {Batch[]} past */
  function paint(past) {
    const now = past[past.length - 1];
    cloud.replaceChildren(...paintCloud(data, now.z));
    const farthestTwo = farthest(now.z);
    put(far, farthestTwo, distance(farthestTwo));
    const middle = (/** @type {Matrix} */ rows) =>
      [0, 1].map((c) => fixed(rows.reduce((s, z) => s + z[c], 0) / rows.length, 2)).join(", ");
    cloud.setAttribute(
      "aria-label",
      `z of ${ns} source and ${clean.length - ns} target utterances. ` +
        `Mean of the source ${middle(now.z.slice(0, ns))}, of the target ${middle(now.z.slice(ns))}.`,
    );
    curves.replaceChildren(...paintCurves(past));
    const spans = LOSSES.map((name) => `${name}: from ${three(past[0].losses[name])} to ${three(now.losses[name])}`);
    curves.setAttribute("aria-label", `The five losses from batch 1 to ${past.length}. ${spans.join("; ")}.`);
  }

  function update() {
    const { batch, stage, factors } = state;
    const past = batchesTo(batch);
    const now = past[batch - 1];
    title.textContent = `Batch ${batch}, ${at() + 1} of ${STAGES.length}: ${stage}`;
    stages.forEach((stageButton, i) => {
      if (i === at()) stageButton.setAttribute("aria-current", "step");
      else stageButton.removeAttribute("aria-current");
    });
    back.disabled = batch === 1 && at() === 0;
    onwards.disabled = batch === MOST && at() === STAGES.length - 1;
    whole.disabled = batch + 1 > MOST;
    many.disabled = batch + MANY > MOST;
    words.textContent = sentence(stage, batch, data, now);
    panel.replaceChildren(panelOf(stage, data, past, alpha));
    say(summaryOf(stage, batch, now));
    code.textContent = inPython(data, past, alpha);
    paint(past);
    shared.write(`${batch}_${stage}_${factors}`, { losses: now.losses, weights: now.weights });
  }

  /**
   * @param {number} batch
   * @param {number} stage its number, from 0
   */
  function go(batch, stage) {
    state.batch = Math.max(1, Math.min(MOST, batch));
    state.stage = STAGES[stage];
    update();
  }

  function fromPython(/** @type {Set<string>} */ changed) {
    kinds.set(state.factors);
    if (changed.has("factors")) weigh();
    update();
  }

  weigh();
  update();
  return shared.end;
}

export default explorable("batch", render, [
  "xs",
  "ys",
  "xt",
  "classes",
  "features",
  "parameters",
  "alphas",
  "noise",
  "rate",
]);
