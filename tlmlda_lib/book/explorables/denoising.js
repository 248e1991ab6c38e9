// Denoising (denoising.py). base.js and points.js stand before this text.

const DRAWS = 8; // of noise for each utterance, behind the curves
const TALL = 250,
  PLOT = 220,
  ABOVE = 34,
  BELOW = 8,
  INDENT = 34,
  EDGE = 10;
const RANGE = [-0.4, 1.4]; // of the profile; scaled features lie in 0 .. 1

const ACTIVATE = {
  elu: (v) => (v > 0 ? v : Math.expm1(v)),
  sigmoid: (v) => 1 / (1 + Math.exp(-v)),
  relu: (v) => Math.max(v, 0),
  linear: (v) => v,
};

// The auto-encoder in evaluation mode, its BatchNorm folded into the weights (denoising.layers_of).
const forward = (layers, x) =>
  layers.reduce(
    (h, { weight, bias, activation }) =>
      weight.map((row, i) => ACTIVATE[activation](row.reduce((s, w, j) => s + w * h[j], bias[i]))),
    x,
  );

// Equation 1 for one utterance, as tlmlda_lib.losses.reconstruction has it: mean over the features.
const error = (a, b) => a.reduce((s, v, i) => s + (v - b[i]) ** 2, 0) / a.length;

const noisy = (x, noise, next) => x.map((v) => v + noise * normal(next));
const few = (v) => (v === 0 ? "0" : v.toPrecision(3));
const sigma = (v) => (v === 0 ? "none" : `σ\u00a0=\u00a0${v}`);
const row = (v) => `[${v.map((a) => Number(a.toFixed(6))).join(", ")}]`;

const python = (clean, given, rebuilt) => `import torch
from tlmlda_lib.losses import reconstruction

clean = torch.tensor([${row(clean)}])
noisy = torch.tensor([${row(given)}])
rebuilt = torch.tensor([${row(rebuilt)}])
print(reconstruction(noisy, clean), reconstruction(rebuilt, clean))`;

function render({ model, el }) {
  el.classList.add("tl", "tl-noise");
  const networks = model.get("layers"),
    keys = Object.keys(networks).sort((a, b) => a - b);
  const clean = model.get("clean"),
    mean = model.get("mean"),
    labels = model.get("labels"),
    groups = model.get("groups");
  const steps = model.get("steps"),
    d = mean.length;
  const address = addressOf(model.get("address"));
  let trained,
    step,
    which,
    draw,
    now,
    touched = false,
    own = false;

  const level = slider({
    label: "Noise that is added",
    min: 0,
    max: steps.length - 1,
    step: 1,
    value: 0,
    words: (i) => sigma(steps[i]),
    change: (i) => {
      step = i;
      update();
    },
  });
  // Letters before the keys: an object puts whole numbers first.
  const nets = radio({
    label: "Network trained with",
    options: Object.fromEntries(keys.map((k) => [`n${k}`, k === "0" ? "no noise" : sigma(k)])),
    value: `n${keys[0]}`,
    change: (v) => {
      trained = v.slice(1);
      update();
    },
  });
  const pick = choice({
    label: "Utterance",
    options: Object.fromEntries(labels.map((name, i) => [i, name])),
    value: 0,
    change: (i) => {
      which = Number(i);
      update();
    },
  });
  const again = make(
    "button",
    {
      type: "button",
      click: () => {
        draw = (draw % 999) + 1;
        update();
      },
    },
    "Other noise of this size",
  );

  const profile = make("svg:svg", { role: "img" }),
    plot = make("svg:svg", { role: "img" });
  const stage = make("div", { class: "tl-profile" }, profile);
  const outputs = Object.fromEntries(
    ["noisy", "mean", "rebuilt"].map((name) => [name, make("output", { "data-value": name })]),
  );
  const sample = (kind) =>
    make(
      "svg:svg",
      { class: "tl-sample", viewBox: "0 0 26 10", "aria-hidden": "true" },
      kind === "noisy"
        ? make("svg:circle", { cx: 13, cy: 5, r: 3.2, class: "tl-of-noisy" })
        : make("svg:path", { d: "M0 5H26", class: `tl-of-${kind}` }),
    );
  const numbers = make(
    "dl",
    { class: "tl-numbers" },
    ...[
      ["noisy", "leave the noise in"],
      ["mean", "give the mean utterance, whatever comes"],
      ["rebuilt", "rebuild with the network"],
    ].flatMap(([name, words]) => [
      make("dt", { class: `tl-dt-${name}` }, sample(name), ` ${words}`),
      make("dd", {}, outputs[name]),
    ]),
  );
  const { element: summary, say } = announcer();
  const code = make("pre", { tabindex: "0", "aria-label": "Python code" });

  el.append(
    make("div", { class: "tl-controls" }, level.element, nets.element, pick.element, again),
    make(
      "p",
      { class: "tl-legend" },
      ...[
        ["clean", "clean"],
        ["noisy", "with noise: what the network gets"],
        ["rebuilt", "what it rebuilds"],
        ["mean", "the mean utterance"],
      ].map(([name, words]) => make("span", {}, sample(name), ` ${words}`)),
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
        ...(address.link ? [make("p", {}, address.link)] : []),
      ),
      make(
        "div",
        { class: "tl-plot" },
        make("p", { class: "tl-head" }, `Mean error of ${clean.length} utterances, logarithmic`),
        plot,
      ),
    ),
    make("details", {}, make("summary", {}, "This utterance in Python"), code),
  );

  // Mean errors over all utterances at every step of the dial; noise is drawn alike for each network.
  const kept = {};
  function curves() {
    return (kept[trained] ??= steps.map((noise) => {
      const next = random(7),
        sums = { noisy: 0, mean: 0, rebuilt: 0 };
      for (const x of clean) {
        for (let i = 0; i < DRAWS; i++) {
          const given = noisy(x, noise, next);
          sums.noisy += error(given, x);
          sums.mean += error(mean, x);
          sums.rebuilt += error(forward(networks[trained], given), x);
        }
      }
      return Object.fromEntries(Object.entries(sums).map(([k, v]) => [k, v / clean.length / DRAWS]));
    }));
  }

  const line = (points) => points.map(([a, b], i) => `${i ? "L" : "M"}${a.toFixed(1)} ${b.toFixed(1)}`).join("");
  const text = (words, x, y, more = {}) => make("svg:text", { x, y, ...more }, words);

  function paintProfile() {
    const width = stage.clientWidth;
    if (!width || !now) return;
    profile.setAttribute("viewBox", `0 0 ${width} ${TALL}`);
    const gap = 0.9,
      span = d - 1 + gap * (groups.length - 1);
    const x = (i, g) => INDENT + ((i + gap * g) / span) * (width - INDENT - EDGE);
    const y = (v) => ABOVE + ((RANGE[1] - v) / (RANGE[1] - RANGE[0])) * (TALL - ABOVE - BELOW);
    const parts = [0, 0.5, 1].flatMap((v) => [
      make("svg:path", { class: "tl-grid", d: `M${INDENT} ${y(v)}H${width - EDGE}` }),
      text(String(v), INDENT - 6, y(v) + 4, { "text-anchor": "end" }),
    ]);
    let from = 0;
    groups.forEach(([name, n], g) => {
      const at = Array.from({ length: n }, (_, i) => from + i);
      const narrow = x(from + n - 1, g) - x(from, g) < 7 * name.length;
      const rows = narrow && g % 2 ? 12 : 26;
      parts.push(
        text(name, Math.max((x(from, g) + x(from + n - 1, g)) / 2, INDENT), rows, {
          class: "tl-title",
          "text-anchor": g === groups.length - 1 && narrow ? "end" : "middle",
          ...(g === groups.length - 1 && narrow ? { x: width - 2 } : {}),
        }),
      );
      const path = (values, kind) =>
        make("svg:path", { class: `tl-of-${kind}`, d: line(at.map((i) => [x(i, g), y(values[i])])) });
      parts.push(path(mean, "mean"), path(now.clean, "clean"), path(now.rebuilt, "rebuilt"));
      // Noise may lead out of the picture: an arrow head at its edge says so.
      for (const i of at) {
        const v = now.given[i],
          inside = v >= RANGE[0] && v <= RANGE[1],
          px = x(i, g);
        parts.push(
          inside
            ? make("svg:circle", { class: "tl-of-noisy", cx: px, cy: y(v), r: 2.6 })
            : make("svg:path", {
                class: "tl-of-noisy tl-beyond",
                d: v > 0 ? `M${px - 3.5} ${y(RANGE[1]) + 6}h7l-3.5 -6z` : `M${px - 3.5} ${y(RANGE[0]) - 6}h7l-3.5 6z`,
              }),
        );
      }
      from += n;
    });
    profile.replaceChildren(...parts);
    profile.setAttribute(
      "aria-label",
      `Profile of ${d} features: the clean utterance, the same with noise, what the network rebuilds, and the mean utterance. ${groups.map(([name, n]) => `${name}: ${n}`).join(", ")}.`,
    );
  }

  function paintPlot() {
    const width = plot.parentElement.clientWidth;
    if (!width || !now) return;
    plot.setAttribute("viewBox", `0 0 ${width} ${PLOT}`);
    const all = curves(),
      top = 10,
      bottom = PLOT - 36,
      left = 50,
      low = -4,
      high = 1;
    const x = (i) => left + (i / (steps.length - 1)) * (width - left - EDGE);
    const y = (v) => bottom - ((Math.max(Math.log10(Math.max(v, 1e-9)), low) - low) / (high - low)) * (bottom - top);
    const parts = [0.0001, 0.001, 0.01, 0.1, 1, 10].flatMap((v) => [
      make("svg:path", { class: "tl-grid", d: `M${left} ${y(v)}H${width - EDGE}` }),
      text(String(v), left - 5, y(v) + 4, { "text-anchor": "end" }),
    ]);
    for (const kind of ["noisy", "mean", "rebuilt"]) {
      // Without noise there is no error to leave in: the line begins at the first step that has some.
      const points = all.map((e, i) => [x(i), y(e[kind]), e[kind]]).filter(([, , v]) => v > 0);
      parts.push(make("svg:path", { class: `tl-line tl-of-${kind}`, d: line(points) }));
    }
    steps.forEach((v, i) => {
      if (i % 3 === 0)
        parts.push(
          text(i ? String(v) : "none", x(i), bottom + 17, { "text-anchor": i === steps.length - 1 ? "end" : "middle" }),
        );
    });
    parts.push(text("noise that is added, σ", (left + width) / 2, PLOT - 4, { "text-anchor": "middle" }));
    parts.push(make("svg:path", { class: "tl-now", d: `M${x(step)} ${top}V${bottom}` }));
    parts.push(make("svg:circle", { class: "tl-dot", cx: x(step), cy: y(all[step].rebuilt), r: 4.5 }));
    plot.replaceChildren(...parts);
    const e = all[step];
    plot.setAttribute(
      "aria-label",
      `Three errors against the noise. At ${sigma(steps[step])}: noise left in ${few(e.noisy)}, the mean ${few(e.mean)}, rebuilt ${few(e.rebuilt)}.`,
    );
  }

  const paint = () => {
    paintProfile();
    paintPlot();
  };

  function update() {
    const x = clean[which],
      given = noisy(x, steps[step], random(1000 * which + draw)),
      rebuilt = forward(networks[trained], given);
    now = { clean: x, given, rebuilt };
    const errors = { noisy: error(given, x), mean: error(mean, x), rebuilt: error(rebuilt, x) };
    const order = Object.keys(errors).sort((a, b) => errors[a] - errors[b]);
    for (const [name, value] of Object.entries(errors)) {
      outputs[name].value = value.toFixed(4);
      outputs[name].dataset.exact = value;
      numbers.querySelector(`.tl-dt-${name}`).classList.toggle("tl-best", name === order[0]);
    }
    const words = { noisy: "leaving the noise in", mean: "giving the mean utterance", rebuilt: "rebuilding" };
    say(
      `Trained ${trained === "0" ? "without noise" : `with noise of ${sigma(trained)}`}, given ${steps[step] ? `noise of ${sigma(steps[step])}` : "none"}: ${words[order[0]]} errs least, ${few(errors[order[0]])}; then ${words[order[1]]}, ${few(errors[order[1]])}.`,
    );
    code.textContent = python(x, given, rebuilt);
    paint();
    address.write([step, trained, which, draw].join("_"), touched);
    touched = true;
    own = true;
    for (const [name, value] of Object.entries({ noise: steps[step], trained, utterance: which, draw, errors }))
      model.set(name, value);
    model.save_changes();
    own = false;
  }

  function take(state) {
    ({ step, trained, which, draw } = state);
    level.set(step);
    pick.set(which);
    nets.set(`n${trained}`);
  }

  const given = () => ({
    step: Math.max(steps.indexOf(model.get("noise")), 0),
    trained: model.get("trained"),
    which: model.get("utterance"),
    draw: model.get("draw"),
  });
  const read = (text) => {
    const [s, key, u, n] = text.split("_"),
      whole = (v, end) => /^\d+$/.test(v ?? "") && Number(v) < end;
    return whole(s, steps.length) && key in networks && whole(u, clean.length) && whole(n, 1000)
      ? { step: Number(s), trained: key, which: Number(u), draw: Number(n) }
      : null;
  };
  function fromModel() {
    if (own) return;
    take(given());
    update();
  }

  take(read(address.read() ?? "") ?? given());
  update();
  const events = ["change:noise", "change:trained", "change:utterance", "change:draw"];
  for (const event of events) model.on(event, fromModel);
  const stop = redraw(stage, paint);
  return () => {
    stop();
    for (const event of events) model.off(event, fromModel);
  };
}

export default explorable(render, ["layers", "clean", "mean", "labels", "groups", "steps"]);
