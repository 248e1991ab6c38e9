// Cross-entropy: five scores to move, equation 2, and where its gradient leads (emotion.py).

/** @import { View } from "./base.js" */
/** @import { Shared } from "./state.js" */
import { columnsOf, linear, multiples, rowsOf, text, trace } from "./axes.js";
import { announcer, explorable, folded, make, put } from "./base.js";
import { button, choice, dragging, radio, slider } from "./controls.js";
import { counted, fixed, percent, power } from "./format.js";
import { sharedState } from "./state.js";

/** @typedef {{ scores: number[], true: string, sign: string, rate: number }} State */

export const EMOTIONS = ["anger", "fear", "happy", "neutral", "sad"];
/** @type {Record<string, string>} */
const SIGNS = { meant: "with its minus: −log p", printed: "as printed: log p" };
const LIMIT = 10; // of what the reader moves; steps may lead further
const RUN = 30;
const PAUSE = 130; // milliseconds between the steps of a run
const TOP = 6; // of the picture, in nats
const WIDTH = 400;
const HEIGHT = 310;
const LEFT = 34;
const RIGHT = WIDTH - 12;
const UPPER = 24;
const LOWER = HEIGHT - 54;

/**
 * Equation 2 for one utterance, as tlmlda_lib.losses.classification computes it: no probability is taken apart from its
 * logarithm, so that nothing overflows.
 * @param {number[]} scores
 * @param {number} k number of the true emotion
 */
export function measure(scores, k) {
  const top = Math.max(...scores);
  const e = scores.map((s) => Math.exp(s - top));
  const sum = e.reduce((a, b) => a + b, 0);
  const p = e.map((v) => v / sum);
  return {
    p,
    loss: top - scores[k] + Math.log(sum),
    slope: p.map((v, c) => v - Number(c === k)),
    guess: scores.indexOf(top),
  };
}

/**
 * Which way a step leads: 1 downhill on the cross-entropy, −1 on what is printed.
 * @param {string} sign
 */
export const direction = (sign) => (sign === "meant" ? 1 : -1);

/**
 * The scores after one gradient step.
 * @param {State} state
 */
export function stepped({ scores, true: name, sign, rate }) {
  const { slope } = measure(scores, EMOTIONS.indexOf(name));
  return scores.map((s, c) => s - rate * direction(sign) * slope[c]);
}

/**
 * Scores with which one emotion has probability p, and the others keep their proportions.
 * @param {number[]} scores
 * @param {number} k
 * @param {number} p above 0 and below 1
 */
export function withProbability(scores, k, p) {
  const others = scores.filter((_, c) => c !== k);
  const top = Math.max(...others);
  const rest = top + Math.log(others.reduce((a, s) => a + Math.exp(s - top), 0));
  return scores.map((s, c) => (c === k ? rest + Math.log(p / (1 - p)) : s));
}

/**
 * A probability to which the dot can be moved.
 * @param {number} p
 */
export const reachable = (p) => Math.max(0.001, Math.min(0.999, Math.round(p * 1000) / 1000));

/**
 * A probability in percent; the smallest with their power of ten.
 * @param {number} p
 */
export const chance = (p) => (p >= 0.001 || p === 0 ? percent(p, 1) : `${power(100 * p)} %`);

/**
 * What an address tells, or null.
 * @param {string} said
 * @returns {State | null}
 */
export function readSetting(said) {
  const [name, sign, rate, list] = said.split("_");
  const scores = (list ?? "").split(",").map((s) => (s.trim() ? Number(s) : Number.NaN));
  const r = Number(rate);
  const whole =
    EMOTIONS.includes(name) &&
    sign in SIGNS &&
    r >= 0.1 &&
    r <= 5 &&
    scores.length === EMOTIONS.length &&
    scores.every((v) => Math.abs(v) <= 1000);
  return whole ? { scores, true: name, sign, rate: r } : null;
}

/**
 * What is seen, in words.
 * @param {State} state
 * @param {number} steps taken
 */
export function sentence({ scores, true: name, sign }, steps) {
  const k = EMOTIONS.indexOf(name);
  const { p, loss, guess } = measure(scores, k);
  const when = steps ? `After ${counted(steps, "step")}` : "A step";
  const where = sign === "meant" ? "−log\u00a0p, p rises" : "log\u00a0p, as printed, p falls";
  return (
    `True is ${name}, at ${chance(p[k])}: the cross-entropy is ${fixed(loss, 2)}. ` +
    `The guess is ${EMOTIONS[guess]}, which is ${guess === k ? "right" : "wrong"}. ${when} downhill on ${where}.`
  );
}

/** @param {State} state */
const python = ({ scores, true: name, sign, rate }) => `import torch
from tlmlda_lib.losses import classification

scores = torch.tensor([[${scores.join(", ")}]], dtype=torch.float64, requires_grad=True)
loss = classification(scores, torch.tensor([${EMOTIONS.indexOf(name)}]))  # ${name}
(${sign === "meant" ? "" : "-"}loss).backward()
after = scores - ${rate} * scores.grad  # one step
print(loss.item(), after.tolist())`;

// The picture: p to the right, what a step makes smaller upwards.
const x = linear([0, 1], [LEFT, RIGHT]);
const heightOf = (/** @type {string} */ sign) =>
  sign === "meant" ? linear([0, TOP], [LOWER, UPPER]) : linear([-TOP, 0], [LOWER, UPPER]);

/**
 * Axes and curve, which change with the sign alone.
 * @param {string} sign
 */
function paintAxes(sign) {
  const meant = sign === "meant";
  const y = heightOf(sign);
  const [low, high] = meant ? [0, TOP] : [-TOP, 0];
  const words = meant ? "−log p: downhill is to the right" : "log p: downhill is to the left, without end";
  const ps = [0, 0.2, 0.5, 1];
  const points = Array.from({ length: 161 }, (_, i) => Math.exp(-TOP * (1 - i / 160)));
  const curve = trace(points.map((p) => [x(p), y(-direction(sign) * Math.log(p))]));
  const axes = [
    ...rowsOf(multiples(low, high, 2), { y, left: LEFT, right: RIGHT }),
    ...ps.map((p) => make("svg:path", { class: "tl-grid", d: `M${x(p)} ${UPPER}V${LOWER}` })),
    // The dot hangs over the lower edge: the numbers stand below it.
    ...columnsOf(ps, { x, bottom: LOWER + 14, left: LEFT, right: RIGHT }),
    text("p of the true emotion", RIGHT, HEIGHT - 4, { "text-anchor": "end" }),
    text(words, RIGHT - 4, meant ? UPPER + 14 : LOWER - 8, { "text-anchor": "end" }),
  ];
  return { axes, curve };
}

/** @type {Record<string, number>} */
const KEYS = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -10,
  PageUp: 10,
  Home: -100,
  End: 100,
};

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-entropy");
  /** @type {Shared<State>} */
  const { state, ...shared } = sharedState(model, {
    fields: ["scores", "true", "sign", "rate"],
    read: readSetting,
    show: anew,
  });
  /** @type {State} */
  const first = {
    scores: model.get("scores"),
    true: model.get("true"),
    sign: model.get("sign"),
    rate: model.get("rate"),
  };
  const truth = () => EMOTIONS.indexOf(state.true);
  let now = measure(state.scores, truth());
  let steps = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;

  const grid = make("svg:g");
  const curve = make("svg:path", { class: "tl-curve" });
  const beyond = make("svg:path", { class: "tl-beyond" });
  const dot = make(
    "svg:g",
    {
      class: "tl-dot",
      tabindex: "0",
      role: "slider",
      "aria-valuemin": "0",
      "aria-valuemax": "100",
      pointerdown: drag,
      touchstart: (/** @type {TouchEvent} */ event) => event.preventDefault(),
      keydown: keys,
    },
    make("svg:circle", { r: 20, class: "tl-reach" }),
    make("svg:circle", { r: 7 }),
  );
  const picture = make(
    "svg:svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: "group",
      "aria-label": "What is minimised, against the probability of the true emotion",
    },
    grid,
    curve,
    beyond,
    dot,
  );

  const rows = EMOTIONS.map((name, c) => {
    const control = slider({
      label: name,
      min: -LIMIT,
      max: LIMIT,
      step: 0.1,
      value: state.scores[c],
      words: () => `${fixed(state.scores[c], 1)}, ${percent(now.p[c], 1)}`,
      change: (v) => byHand(state.scores.map((s, j) => (j === c ? v : s))),
    });
    const bar = make("div", { class: "tl-bar" });
    control.element.classList.add(`tl-${name}`, "tl-row");
    control.element.append(make("div", { class: "tl-track", "aria-hidden": "true" }, bar));
    const output = /** @type {HTMLOutputElement} */ (control.element.querySelector("output"));
    return { ...control, bar, output };
  });
  const truths = choice({
    label: "The true emotion",
    options: Object.fromEntries(EMOTIONS.map((e) => [e, e])),
    value: state.true,
    change: (v) => {
      state.true = v;
      byHand(state.scores);
    },
  });
  const signs = radio({
    label: "Equation 2",
    options: SIGNS,
    value: state.sign,
    change: (v) => {
      state.sign = v;
      drawAxes();
      byHand(state.scores);
    },
  });
  const rates = slider({
    label: "Step size",
    min: 0.1,
    max: 5,
    step: 0.1,
    value: state.rate,
    words: (v) => fixed(v, 1),
    change: (v) => {
      state.rate = v;
      stop();
      update();
    },
  });
  const one = button("One gradient step", () => {
    stop();
    step();
    update();
  });
  const many = button("", run);
  const again = button("Start again", () => {
    Object.assign(state, structuredClone(first));
    anew();
  });

  const output = (/** @type {string} */ name) => make("output", { "data-value": name });
  const outputs = {
    p: output("p"),
    loss: output("loss"),
    minimised: output("minimised"),
    slope: output("slope"),
    steps: output("steps"),
  };
  const said = {
    p: "p of the true emotion",
    loss: "cross-entropy −log\u00a0p, nats",
    minimised: "what a step makes smaller",
    slope: "its slope along the true score",
    steps: "steps taken",
  };
  const names = /** @type {(keyof typeof outputs)[]} */ (Object.keys(outputs));
  const numbers = make(
    "dl",
    { class: "tl-numbers" },
    ...names.flatMap((name) => [make("dt", { class: `tl-of-${name}` }, said[name]), make("dd", {}, outputs[name])]),
  );
  const { element: summary, say } = announcer();
  const { element: fold, code } = folded("These numbers in Python");

  const scores = make(
    "div",
    { class: "tl-rows", role: "group", "aria-label": "Scores, and the probabilities that the softmax makes of them" },
    ...rows.map((r) => r.element),
    summary,
    ...shared.foot,
  );
  const buttons = make("div", { class: "tl-control" }, one, many, again);
  el.append(
    make("div", { class: "tl-controls" }, truths.element, signs.element, rates.element, buttons),
    make("div", { class: "tl-body" }, scores, make("div", {}, picture, numbers)),
    fold,
  );

  /** @param {number[]} values */
  function byHand(values) {
    stop();
    state.scores = values;
    steps = 0;
    update();
  }

  function step() {
    state.scores = stepped(state);
    steps += 1;
  }

  // With motion one step after another; where the reader wants none, all at once.
  function run() {
    if (timer) {
      stop();
      update();
      return;
    }
    let left = RUN;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      for (; left; left--) step();
    } else {
      timer = setInterval(() => {
        step();
        left -= 1;
        if (!left) stop();
        update();
      }, PAUSE);
    }
    update();
  }

  function stop() {
    clearInterval(timer);
    timer = undefined;
  }

  function keys(/** @type {KeyboardEvent} */ event) {
    if (!(event.key in KEYS)) return;
    event.preventDefault();
    const arrow = event.key.startsWith("Arrow");
    const by = ((arrow && event.shiftKey ? 10 : 1) * KEYS[event.key]) / 100;
    byHand(withProbability(state.scores, truth(), reachable(now.p[truth()] + by)));
  }

  function drag(/** @type {PointerEvent} */ event) {
    if (event.button) return;
    event.preventDefault();
    dot.focus({ preventScroll: true });
    dragging(dot, event, (e) => {
      const box = picture.getBoundingClientRect();
      const p = x.invert(((e.clientX - box.x) / box.width) * WIDTH);
      byHand(withProbability(state.scores, truth(), reachable(p)));
    });
  }

  function drawAxes() {
    const painted = paintAxes(state.sign);
    grid.replaceChildren(...painted.axes);
    curve.setAttribute("d", painted.curve);
  }

  /** The dot on the curve, and an arrow where it lies outside the picture. */
  function placeDot() {
    const p = now.p[truth()];
    const towards = direction(state.sign);
    const [px, py] = [x(p), heightOf(state.sign)(towards * Math.min(now.loss, TOP))];
    dot.setAttribute("transform", `translate(${px},${py})`);
    dot.setAttribute("class", `tl-dot tl-${state.true}`);
    dot.setAttribute("aria-label", `probability of ${state.true}`);
    dot.setAttribute("aria-valuenow", (100 * p).toFixed(1));
    dot.setAttribute("aria-valuetext", `${chance(p)}, cross-entropy ${fixed(now.loss, 2)}`);
    beyond.setAttribute("d", now.loss > TOP ? `M${px - 5} ${py - towards * 11}h10l-5 ${-towards * 7}z` : "");
  }

  function update() {
    const k = truth();
    now = measure(state.scores, k);
    rows.forEach((row, c) => {
      row.set(state.scores[c]);
      row.bar.style.width = `${100 * now.p[c]}%`;
      row.output.dataset.exact = String(state.scores[c]);
      row.element.classList.toggle("tl-true", c === k);
    });
    placeDot();
    const { loss } = now;
    const towards = direction(state.sign);
    put(outputs.p, now.p[k], chance(now.p[k]));
    put(outputs.loss, loss, fixed(loss, 6));
    put(outputs.minimised, towards * loss, fixed(towards * loss, 6));
    put(outputs.slope, towards * now.slope[k], fixed(towards * now.slope[k], 6));
    put(outputs.steps, steps, String(steps));
    many.textContent = timer ? "Stop" : `${RUN} steps`;
    say(sentence(state, steps), Boolean(timer));
    code.textContent = python(state);
    const setting = [state.true, state.sign, state.rate, state.scores.join(",")].join("_");
    shared.write(setting, { loss, probability: now.p[k], steps }, !timer);
  }

  // The controls, the axes and the count of steps for a state that is not the reader's.
  function anew() {
    stop();
    steps = 0;
    truths.set(state.true);
    signs.set(state.sign);
    rates.set(state.rate);
    drawAxes();
    update();
  }

  anew();
  return () => {
    stop();
    shared.end();
  };
}

export default explorable("emotion", render);
