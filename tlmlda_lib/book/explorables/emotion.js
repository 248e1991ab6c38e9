// Cross-entropy (cross_entropy.py). base.js stands before this text.

const EMOTIONS = ["anger", "fear", "happy", "neutral", "sad"];
const SIGNS = { meant: "with its minus: −log p", printed: "as printed: log p" };
const LIMIT = 10; // of what the reader moves; steps may lead further
const RUN = 30,
  PAUSE = 130; // steps of a run, milliseconds between them
const TOP = 6; // of the picture, in nats
const WIDTH = 400,
  HEIGHT = 310,
  LEFT = 34,
  RIGHT = 12,
  ABOVE = 24,
  BELOW = 54;

// Equation 2 for one utterance, as tlmlda_lib.losses.classification computes it: no probability is taken apart from its
// logarithm, so that nothing overflows.
function measure(scores, k) {
  const top = Math.max(...scores),
    e = scores.map((s) => Math.exp(s - top));
  const sum = e.reduce((a, b) => a + b, 0);
  const p = e.map((v) => v / sum);
  return {
    p,
    loss: top - scores[k] + Math.log(sum),
    slope: p.map((v, c) => v - (c === k)),
    guess: scores.indexOf(top),
  };
}

// Scores with which one emotion has probability p, and the others keep their proportions.
function withProbability(scores, k, p) {
  const others = scores.filter((_, c) => c !== k),
    top = Math.max(...others);
  const rest = top + Math.log(others.reduce((a, s) => a + Math.exp(s - top), 0));
  return scores.map((s, c) => (c === k ? rest + Math.log(p / (1 - p)) : s));
}

const few = (p) => (p < 0.001 ? "< 0.1 %" : `${(100 * p).toFixed(1)} %`);
const percent = (p) => {
  if (p >= 0.001 || p === 0) return `${(100 * p).toFixed(1)} %`;
  const [digits, power] = (100 * p).toExponential(0).split("e");
  return `${digits} × 10${[...power].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? { "-": "⁻", "+": "" }[c]).join("")} %`;
};
const signed = (v, digits) => (v < 0 ? "−" : "") + Math.abs(v).toFixed(digits);

const read = (text) => {
  const [emotion, sign, rate, scores] = text.split("_");
  const values = (scores ?? "").split(",").map((s) => (s.trim() ? Number(s) : NaN)),
    r = Number(rate);
  const whole =
    EMOTIONS.includes(emotion) &&
    sign in SIGNS &&
    r >= 0.1 &&
    r <= 5 &&
    values.length === 5 &&
    values.every((v) => Math.abs(v) <= 1000);
  return whole ? { emotion, sign, rate: r, scores: values } : null;
};

const python = ({ scores, k, sign, rate }) => `import torch
from tlmlda_lib.losses import classification

scores = torch.tensor([[${scores.join(", ")}]], dtype=torch.float64, requires_grad=True)
loss = classification(scores, torch.tensor([${k}]))  # ${EMOTIONS[k]}
(${sign === "meant" ? "" : "-"}loss).backward()
after = scores - ${rate} * scores.grad  # one step
print(loss.item(), after.tolist())`;

function render({ model, el }) {
  el.classList.add("tl", "tl-entropy");
  const address = addressOf(model.get("address"));
  let scores,
    k,
    sign,
    rate,
    steps,
    now,
    first,
    timer,
    touched = false,
    own = false;

  // The picture: p to the right, what is minimised upwards.
  const x = (p) => LEFT + p * (WIDTH - LEFT - RIGHT);
  const y = (loss) => ABOVE + ((sign === "meant" ? TOP - loss : loss) / TOP) * (HEIGHT - ABOVE - BELOW);
  const grid = make("svg:g", { class: "tl-grid" }),
    curve = make("svg:path", { class: "tl-curve" }),
    beyond = make("svg:path", { class: "tl-beyond" });
  const dot = make(
    "svg:g",
    {
      class: "tl-dot",
      tabindex: "0",
      role: "slider",
      "aria-valuemin": "0",
      "aria-valuemax": "100",
      pointerdown: drag,
      touchstart: (event) => event.preventDefault(),
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
      value: 0,
      words: () => (now ? `${signed(scores[c], 1)}, ${few(now.p[c])}` : ""),
      change: (v) => byHand(scores.map((s, j) => (j === c ? v : s))),
    });
    const bar = make("div", { class: "tl-bar" });
    control.element.classList.add(`tl-${name}`, "tl-row");
    control.element.append(make("div", { class: "tl-track", "aria-hidden": "true" }, bar));
    return { ...control, bar, output: control.element.querySelector("output") };
  });

  const truth = choice({
    label: "The true emotion",
    options: Object.fromEntries(EMOTIONS.map((e) => [e, e])),
    value: "anger",
    change: (v) => {
      k = EMOTIONS.indexOf(v);
      byHand(scores);
    },
  });
  const signs = radio({
    label: "Equation 2",
    options: SIGNS,
    value: "meant",
    change: (v) => {
      sign = v;
      steps = 0;
      stop();
      axes();
      update();
    },
  });
  const rates = slider({
    label: "Step size",
    min: 0.1,
    max: 5,
    step: 0.1,
    value: 1,
    words: (v) => v.toFixed(1),
    change: (v) => {
      rate = v;
      stop();
      update();
    },
  });
  const one = make(
    "button",
    {
      type: "button",
      click: () => {
        stop();
        step();
        update();
      },
    },
    "One gradient step",
  );
  const many = make("button", { type: "button", click: run });
  const again = make(
    "button",
    {
      type: "button",
      click: () => {
        stop();
        take(first);
        update();
      },
    },
    "Start again",
  );

  const outputs = Object.fromEntries(
    ["p", "loss", "minimised", "slope", "steps"].map((name) => [name, make("output", { "data-value": name })]),
  );
  const numbers = make(
    "dl",
    { class: "tl-numbers" },
    ...[
      ["p", "p of the true emotion"],
      ["loss", "cross-entropy −log\u00a0p, nats"],
      ["minimised", "what a step makes smaller"],
      ["slope", "its slope along the true score"],
      ["steps", "steps taken"],
    ].flatMap(([name, words]) => [make("dt", { class: `tl-of-${name}` }, words), make("dd", {}, outputs[name])]),
  );
  const { element: summary, say } = announcer();
  const code = make("pre", { tabindex: "0", "aria-label": "Python code" });

  el.append(
    make(
      "div",
      { class: "tl-controls" },
      truth.element,
      signs.element,
      rates.element,
      make("div", { class: "tl-control" }, one, many, again),
    ),
    make(
      "div",
      { class: "tl-body" },
      make(
        "div",
        {
          class: "tl-rows",
          role: "group",
          "aria-label": "Scores, and the probabilities that the softmax makes of them",
        },
        ...rows.map((r) => r.element),
        summary,
        ...(address.link ? [make("p", {}, address.link)] : []),
      ),
      make("div", {}, picture, numbers),
    ),
    make("details", {}, make("summary", {}, "These numbers in Python"), code),
  );

  function byHand(values) {
    stop();
    scores = values;
    steps = 0;
    update();
  }

  function step() {
    const direction = sign === "meant" ? 1 : -1;
    scores = scores.map((s, c) => s - rate * direction * measure(scores, k).slope[c]);
    steps += 1;
  }

  // With motion one step after another; where the reader wants none, all at once.
  function run() {
    if (timer) {
      stop();
      return update();
    }
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      for (let i = 0; i < RUN; i++) step();
      return update();
    }
    let left = RUN;
    timer = setInterval(() => {
      step();
      left -= 1;
      if (!left) stop();
      update();
    }, PAUSE);
    update();
  }

  function stop() {
    clearInterval(timer);
    timer = undefined;
  }

  const kept = (p) => Math.max(0.001, Math.min(0.999, Math.round(p * 1000) / 1000));

  function keys(event) {
    const by = event.shiftKey ? 0.1 : 0.01;
    const move = {
      ArrowLeft: -by,
      ArrowDown: -by,
      ArrowRight: by,
      ArrowUp: by,
      PageDown: -0.1,
      PageUp: 0.1,
      Home: -1,
      End: 1,
    }[event.key];
    if (!move) return;
    event.preventDefault();
    byHand(withProbability(scores, k, kept(now.p[k] + move)));
  }

  function drag(event) {
    if (event.button) return;
    event.preventDefault();
    dot.focus({ preventScroll: true });
    dot.setPointerCapture(event.pointerId);
    const follow = (e) => {
      const box = picture.getBoundingClientRect();
      const p = (((e.clientX - box.x) / box.width) * WIDTH - LEFT) / (WIDTH - LEFT - RIGHT);
      byHand(withProbability(scores, k, kept(p)));
    };
    const end = () => {
      dot.removeEventListener("pointermove", follow);
      for (const name of ["pointerup", "pointercancel"]) dot.removeEventListener(name, end);
    };
    dot.addEventListener("pointermove", follow);
    for (const name of ["pointerup", "pointercancel"]) dot.addEventListener(name, end);
  }

  // Axes and curve, which change with the sign alone.
  function axes() {
    const text = (at, words, more = {}) => make("svg:text", { x: at[0], y: at[1], ...more }, words);
    const line = (a, b) => make("svg:path", { d: `M${a}L${b}` });
    grid.replaceChildren();
    for (let v = 0; v <= TOP; v += 2) {
      grid.append(
        line([LEFT, y(v)], [WIDTH - RIGHT, y(v)]),
        text([LEFT - 6, y(v) + 4], sign === "meant" || !v ? String(v) : `−${v}`, { "text-anchor": "end" }),
      );
    }
    for (const p of [0, 0.2, 0.5, 1]) {
      grid.append(
        line([x(p), ABOVE], [x(p), HEIGHT - BELOW]),
        text([x(p), HEIGHT - BELOW + 30], String(p), { "text-anchor": "middle" }),
      );
    }
    grid.append(text([WIDTH - RIGHT, HEIGHT - 4], "p of the true emotion", { "text-anchor": "end" }));
    const height = sign === "meant" ? ABOVE + 14 : HEIGHT - BELOW - 8;
    grid.append(
      text(
        [WIDTH - RIGHT - 4, height],
        sign === "meant" ? "−log p: downhill is to the right" : "log p: downhill is to the left, without end",
        { "text-anchor": "end" },
      ),
    );
    const points = Array.from({ length: 161 }, (_, i) => Math.exp(-TOP * (1 - i / 160)));
    curve.setAttribute("d", `M${points.map((p) => `${x(p).toFixed(2)} ${y(-Math.log(p)).toFixed(2)}`).join("L")}`);
  }

  function update() {
    now = measure(scores, k);
    const { p, loss, slope, guess } = now,
      direction = sign === "meant" ? 1 : -1,
      name = EMOTIONS[k];
    rows.forEach((row, c) => {
      row.set(scores[c]);
      row.bar.style.width = `${100 * p[c]}%`;
      row.output.dataset.exact = scores[c];
      row.element.classList.toggle("tl-true", c === k);
    });
    const at = [x(p[k]), y(Math.min(loss, TOP))];
    dot.setAttribute("transform", `translate(${at})`);
    dot.setAttribute("class", `tl-dot tl-${name}`);
    dot.setAttribute("aria-label", `probability of ${name}`);
    dot.setAttribute("aria-valuenow", (100 * p[k]).toFixed(1));
    dot.setAttribute("aria-valuetext", `${percent(p[k])}, cross-entropy ${loss.toFixed(2)}`);
    // Outside the picture an arrow says so.
    beyond.setAttribute("d", loss > TOP ? `M${at[0] - 5} ${at[1] - direction * 11}h10l-5 ${-direction * 7}z` : "");
    const exact = { p: p[k], loss, minimised: direction * loss, slope: direction * slope[k], steps };
    for (const [key, v] of Object.entries(exact)) outputs[key].dataset.exact = v;
    outputs.p.value = percent(p[k]);
    outputs.loss.value = loss.toFixed(6);
    outputs.minimised.value = signed(direction * loss, 6);
    outputs.slope.value = signed(direction * slope[k], 6);
    outputs.steps.value = steps;
    many.textContent = timer ? "Stop" : `${RUN} steps`;
    say(
      `True is ${name}, at ${percent(p[k])}: the cross-entropy is ${loss.toFixed(2)}. The guess is ${EMOTIONS[guess]}, which is ${guess === k ? "right" : "wrong"}. ` +
        `${steps ? `After ${steps} ${steps === 1 ? "step" : "steps"}` : "A step"} downhill on ${sign === "meant" ? "−log\u00a0p, p rises" : "log\u00a0p, as printed, p falls"}.`,
    );
    code.textContent = python({ scores, k, sign, rate });
    address.write(`${name}_${sign}_${rate}_${scores.join(",")}`, touched && !timer);
    touched = true;
    own = true;
    for (const [key, v] of Object.entries({
      scores: [...scores],
      true: name,
      sign,
      rate,
      loss,
      probability: p[k],
      steps,
    }))
      model.set(key, v);
    model.save_changes();
    own = false;
  }

  function take(state) {
    scores = [...state.scores];
    k = EMOTIONS.indexOf(state.emotion);
    ({ sign, rate } = state);
    steps = 0;
    truth.set(state.emotion);
    rates.set(rate);
    signs.set(sign);
    axes();
  }

  const given = () => ({
    emotion: model.get("true"),
    sign: model.get("sign"),
    rate: model.get("rate"),
    scores: model.get("scores"),
  });
  function fromModel() {
    if (own) return;
    stop();
    take(given());
    update();
  }

  first = given();
  take(read(address.read() ?? "") ?? first);
  update();
  const events = ["change:scores", "change:true", "change:sign", "change:rate"];
  for (const event of events) model.on(event, fromModel);
  return () => {
    stop();
    for (const event of events) model.off(event, fromModel);
  };
}

export default explorable(render);
