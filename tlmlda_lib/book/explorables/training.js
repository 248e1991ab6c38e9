// One batch (one_batch.py). base.js, points.js and training_step.js, which has the arithmetic, stand before this text.

const ABOUT = {
  S: "rebuilt against clean, source",
  T: "rebuilt against clean, target",
  y: "probability of the label, source",
  MMD: "the two clouds of z, as wholes",
  LMMD: "the two clouds of z, emotion by emotion",
};
const DASHES = { S: "", T: "7 3", y: "", MMD: "8 3 2 3", LMMD: "2 3" };
const STAGES = ["batch", "noise", "code", "outputs", "losses", "weights", "gradients", "step"];
const LAYERS = { encoder: [0, 1, 2, 3], decoder: [4, 5], emotion: [6, 7], head: [8, 9] };
const WORDS = { printed: "as printed for E to B", alone: "no alignment" };
const MOST = 500,
  MANY = 50;

const minus = (text) => text.replace("-", "−");
const fixed = (v, digits) => minus(v.toFixed(digits));
const three = (v) =>
  v === 0 ? "0" : Math.abs(v) < 0.0005 ? minus(v.toExponential(0)) : fixed(v, Math.abs(v) < 0.0995 ? 4 : 3);
const low = (i) => "₁₂₃₄₅"[i];
const list = (names) => `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
const numeral = (n) => ["no", "one", "two", "three", "four", "five", "six", "seven", "eight"][n];

function render({ model, el }) {
  el.classList.add("tl", "tl-step");
  const xs = model.get("xs"),
    ys = model.get("ys"),
    xt = model.get("xt"),
    clean = [...xs, ...xt],
    ns = xs.length;
  const classes = model.get("classes"),
    features = model.get("features"),
    std = model.get("noise"),
    rate = model.get("rate");
  const alphas = model.get("alphas"),
    first = model.get("parameters");
  const address = addressOf(model.get("address"));
  let batch,
    stage,
    factors,
    alpha,
    now,
    touched = false,
    own = false;

  // Batch after batch; what was computed once is kept, until the factors change.
  const done = [];
  function batchAt(k) {
    while (done.length < k) {
      const before = done.at(-1),
        parameters = before?.after ?? first,
        next = random(2022 + done.length);
      const state = before?.state ?? { t: 0, m: each(() => 0, first), v: each(() => 0, first) };
      const noise = clean.map((row) => row.map(() => Math.round(normal(next) * 1000) / 1000));
      const given = each((x, e) => x + std * e, clean, noise);
      const out = step(parameters, clean, given, ys);
      const weights = before
        ? dynamicWeights(before.losses, alpha)
        : Object.fromEntries(LOSSES.map((name) => [name, alpha[name] / LOSSES.length]));
      const gradient = LOSSES.map((name) => each((g) => weights[name] * g, out.gradients[name])).reduce((s, g) =>
        each((a, b) => a + b, s, g),
      );
      const [after, following] = adam(state, parameters, gradient, rate);
      done.push({
        ...out,
        parameters,
        noise,
        given,
        weights,
        gradient,
        after,
        state: following,
        total: LOSSES.reduce((s, name) => s + weights[name] * out.losses[name], 0),
      });
    }
    return done[k - 1];
  }

  const title = make("p", { class: "tl-title" });
  const stages = STAGES.map((name, i) =>
    make("button", { type: "button", "data-stage": name, click: () => go(batch, i) }, `${i + 1} ${name}`),
  );
  const back = make(
    "button",
    { type: "button", click: () => (stage ? go(batch, stage - 1) : go(batch - 1, STAGES.length - 1)) },
    "Back",
  );
  const onwards = make(
    "button",
    {
      type: "button",
      class: "tl-next",
      click: () => (stage < STAGES.length - 1 ? go(batch, stage + 1) : go(batch + 1, 0)),
    },
    "Next",
  );
  const whole = make("button", { type: "button", click: () => go(batch + 1, stage) }, "Next batch, same stage");
  const many = make("button", { type: "button", click: () => go(batch + MANY, stage) }, `${MANY} batches`);
  const kinds = choice({
    label: "Factors α",
    options: Object.fromEntries(Object.entries(WORDS).map(([name, w]) => [name, `${w}: ${alphas[name].join(", ")}`])),
    value: "printed",
    change: (v) => {
      weigh(v);
      go(batch, stage);
    },
  });
  const again = make("button", { type: "button", click: () => go(1, 0) }, "Start again");
  const words = make("p", { class: "tl-words" }),
    panel = make("div", { class: "tl-panel", tabindex: "0", role: "region", "aria-label": "Numbers of this stage" });
  const cloud = make("svg:svg", { viewBox: "0 0 260 190", role: "img" }),
    curves = make("svg:svg", { viewBox: "0 0 260 170", role: "img" });
  const far = make("output", { "data-value": "far" });
  const { element: summary, say } = announcer();
  const code = make("pre", { tabindex: "0", "aria-label": "Python code" });
  const key = (name) =>
    make(
      "svg:svg",
      { class: "tl-sample", viewBox: "0 0 26 10", "aria-hidden": "true" },
      make("svg:path", { d: "M0 5H26", class: `tl-of-${name}`, "stroke-dasharray": DASHES[name] }),
    );

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
      make("div", {}, title, words, panel, summary, ...(address.link ? [make("p", {}, address.link)] : [])),
      make(
        "div",
        {},
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
        make("p", { class: "tl-legend" }, ...LOSSES.map((name) => make("span", {}, key(name), ` ${name}`))),
      ),
    ),
    make("details", {}, make("summary", {}, "This batch in Python"), code),
  );

  // A table whose cells are numbers, each with all its digits at hand.
  function table(head, rows, digits) {
    const cell = (v, at) =>
      make(
        "td",
        {},
        typeof v === "number" ? make("output", { "data-exact": v, "data-at": at }, (digits ?? three)(v)) : v,
      );
    return make(
      "table",
      { class: "tl-table" },
      make("thead", {}, make("tr", {}, ...head.map((h) => make("th", { scope: "col" }, h)))),
      make(
        "tbody",
        {},
        ...rows.map(([name, ...values]) =>
          make(
            "tr",
            {},
            make("th", { scope: "row" }, name),
            ...values.map((v, j) => cell(v, `${name.textContent?.trim() ?? name}.${j}`)),
          ),
        ),
      ),
    );
  }
  const rowName = (i) =>
    make(
      "span",
      { class: i < ns ? "tl-source" : "tl-target" },
      `${i < ns ? "source" : "target"} ${i < ns ? i + 1 : i - ns + 1}`,
    );
  const two = (v) => fixed(v, 2),
    rowsOf = (...matrices) => clean.map((_, i) => [rowName(i), ...matrices.flatMap((m) => m[i])]);
  const lossName = (name) => make("span", {}, key(name), ` ${name}`);

  const show = {
    batch: () => [
      `${numeral(ns)} utterances of the source with their labels, and ${numeral(xt.length)} of the target, without. Each has ${numeral(features.length)} features, scaled to lie between 0 and 1.`,
      table(
        ["", ...features, "label"],
        clean.map((row, i) => [rowName(i), ...row, i < ns ? classes[ys[i]] : "unknown"]),
        two,
      ),
    ],
    noise: () => [
      `noise is added, drawn anew for every batch, with standard deviation ${std}. This is what the network gets; the clean numbers are what it has to give back.`,
      table(["", ...features], rowsOf(now.given), two),
    ],
    code: () => [
      `the encoder makes ${numeral(now.code[0].length)} numbers of ${numeral(features.length)}: Linear, BatchNorm over all ${numeral(clean.length)} rows at once, ELU.`,
      table(["", ...now.code[0].map((_, j) => `code ${j + 1}`)], rowsOf(now.code), two),
    ],
    outputs: () => [
      `from the code the decoder rebuilds ${list(features)} (x̂), and the emotion network makes z and from it the probabilities of ${list(classes)} (p). Those of the target are its pseudo-labels.`,
      table(
        ["", ...features.map((_, i) => `x̂${low(i)}`), "z₁", "z₂", ...classes.map((_, c) => `p${low(c)}`)],
        rowsOf(now.rebuilt, now.z, now.p),
        two,
      ),
    ],
    losses: () => [
      "equations 1 to 4. Two look at what was rebuilt, one at the labels, two at z.",
      table(
        ["loss", "value", "what it compares"],
        LOSSES.map((name) => [lossName(name), now.losses[name], make("span", { class: "tl-about" }, ABOUT[name])]),
      ),
    ],
    weights: () => [
      `${batch === 1 ? "in the first epoch no loss is known: all count as equally large." : "equation 6, from the losses of the epoch before, which here is the batch before."} Equation 5 adds up the last column: ${three(now.total)}.`,
      table(
        ["loss", "before", "α", "w", "L", "w L"],
        LOSSES.map((name) => [
          lossName(name),
          batch === 1 ? "none" : done[batch - 2].losses[name],
          alpha[name],
          now.weights[name],
          now.losses[name],
          now.weights[name] * now.losses[name],
        ]),
      ),
    ],
    gradients: () => [
      "backwards: how hard each weighted loss pulls at each part, as the length of its gradient. Where there is a dot it does not reach.",
      table(
        ["part", ...LOSSES, "all"],
        Object.entries(LAYERS).map(([part, which]) => {
          const of = (gradient) => length(which.map((i) => gradient[i]));
          return [
            part,
            ...LOSSES.map((name) => {
              const g = now.weights[name] * of(now.gradients[name]);
              return g === 0 ? "·" : g;
            }),
            of(now.gradient),
          ];
        }),
      ),
    ],
    step: () => [
      `Adam moves every parameter; here is the first weight of each part. The rate is ${rate}${batch === 1 ? ", and in its first step Adam moves everything by just that" : ""}. Then comes batch ${batch + 1}.`,
      table(
        ["part", "before", "gradient", "after"],
        Object.entries(LAYERS).map(([part, [i]]) => [
          part,
          ...[now.parameters, now.gradient, now.after].map((values) => values[i][0][0]),
        ]),
      ),
    ],
  };

  const python = () => {
    const rows = (m) => `[${m.map((row) => `[${row.join(", ")}]`).join(", ")}]`;
    const any = (p) => (Array.isArray(p[0]) ? rows(p) : `[${p.join(", ")}]`);
    const dict = (o) => `{${LOSSES.map((name) => `"${name}": ${o[name]}`).join(", ")}}`;
    return `from unittest import mock

import torch
from tlmlda_lib.book.explorables.training import TINY
from tlmlda_lib.training.trainer import batch_losses, build_network
from tlmlda_lib.weighting import dynamic_weights

torch.set_default_dtype(torch.float64)
network = build_network(TINY, ${features.length}, ${classes.length}).train()
values = [
${now.parameters.map((p) => `    ${any(p)},`).join("\n")}
]
with torch.no_grad():
    for parameter, value in zip(network.parameters(), values):
        parameter.copy_(torch.tensor(value))

xs, ys = torch.tensor(${rows(xs)}), torch.tensor([${ys.join(", ")}])
xt = torch.tensor(${rows(xt)})
noise = [torch.tensor(${rows(now.noise.slice(0, ns))}),
         torch.tensor(${rows(now.noise.slice(ns))})]
with mock.patch.object(torch, "randn_like", side_effect=noise):
    terms = batch_losses(network, xs, ys, xt, TINY)
alpha = ${dict(alpha)}
weights = ${batch === 1 ? "{name: a / 5 for name, a in alpha.items()}" : `dynamic_weights(${dict(done[batch - 2].losses)}, alpha)`}
total = sum(weights[name] * terms[name] for name in terms)
total.backward()
print({name: term.item() for name, term in terms.items()}, total.item())
torch.set_default_dtype(torch.float32)`;
  };

  const text = (content, x, y, more = {}) => make("svg:text", { x, y, ...more }, content);

  function paintCloud() {
    const ends = [0, 1].map((c) => {
      const values = now.z.map((z) => z[c]),
        low = Math.min(...values),
        high = Math.max(...values),
        margin = Math.max(0.04, 0.12 * (high - low));
      return [Math.max(0, low - margin), Math.min(1, high + margin)];
    });
    const left = 40,
      right = 250,
      top = 10,
      bottom = 160;
    const x = (v) => left + ((v - ends[0][0]) / (ends[0][1] - ends[0][0])) * (right - left),
      y = (v) => bottom - ((v - ends[1][0]) / (ends[1][1] - ends[1][0])) * (bottom - top);
    const parts = [make("svg:rect", { class: "tl-frame", x: left, y: top, width: right - left, height: bottom - top })];
    ends[0].forEach((v, i) =>
      parts.push(text(v.toFixed(2), x(v), bottom + 15, { "text-anchor": i ? "end" : "start" })),
    );
    ends[1].forEach((v, i) => parts.push(text(v.toFixed(2), left - 5, y(v) + (i ? 9 : 0), { "text-anchor": "end" })));
    parts.push(
      text("z₁", (left + right) / 2, bottom + 15, { "text-anchor": "middle" }),
      text("z₂", left - 5, (top + bottom) / 2, { "text-anchor": "end" }),
    );
    now.z.forEach((z, i) => {
      const domain = i < ns ? 0 : 1;
      const point = make(
        "svg:g",
        { class: `tl-point tl-${NAMES[domain]}`, transform: `translate(${x(z[0])} ${y(z[1])})` },
        shape(domain, 9),
      );
      if (!domain) point.append(text(classes[ys[i]][0], 0, 3.4, { class: "tl-letter", "text-anchor": "middle" }));
      parts.push(point);
    });
    const farthest = Math.max(...now.z.flatMap((a) => now.z.map((b) => Math.hypot(a[0] - b[0], a[1] - b[1]))));
    far.value = farthest < 1e-4 ? `${(farthest * 1e6).toPrecision(2)} millionths` : farthest.toFixed(4);
    far.dataset.exact = farthest;
    cloud.replaceChildren(...parts);
    const middle = (rows) =>
      [0, 1].map((c) => (rows.reduce((s, z) => s + z[c], 0) / rows.length).toFixed(2)).join(", ");
    cloud.setAttribute(
      "aria-label",
      `z of ${ns} source and ${xt.length} target utterances. Mean of the source ${middle(now.z.slice(0, ns))}, of the target ${middle(now.z.slice(ns))}.`,
    );
  }

  function paintCurves() {
    const past = done.slice(0, batch),
      last = Math.max(batch, 10),
      left = 40,
      right = 250,
      top = 8,
      bottom = 138;
    const logs = past
      .flatMap((r) => LOSSES.map((name) => r.losses[name]))
      .filter((v) => v > 1e-6)
      .map(Math.log10);
    const least = Math.max(Math.floor(Math.min(...logs)), -3),
      high = Math.max(Math.ceil(Math.max(...logs)), least + 1);
    const x = (k) => left + ((k - 1) / (last - 1)) * (right - left),
      y = (v) => bottom - ((Math.log10(Math.max(v, 10 ** least)) - least) / (high - least)) * (bottom - top);
    const parts = [];
    for (let t = least; t <= high; t++)
      parts.push(
        make("svg:path", { class: "tl-grid", d: `M${left} ${y(10 ** t)}H${right}` }),
        text(String(Number((10 ** t).toPrecision(1))), left - 5, y(10 ** t) + 4, { "text-anchor": "end" }),
      );
    for (const name of LOSSES) {
      if (past.length > 1)
        parts.push(
          make("svg:path", {
            class: `tl-line tl-of-${name}`,
            "stroke-dasharray": DASHES[name],
            d: `M${past.map((r, k) => `${x(k + 1).toFixed(1)} ${y(r.losses[name]).toFixed(1)}`).join("L")}`,
          }),
        );
      parts.push(make("svg:circle", { class: `tl-end tl-of-${name}`, cx: x(batch), cy: y(now.losses[name]), r: 3 }));
    }
    parts.push(
      text("1", left, bottom + 15),
      text(String(last), right, bottom + 15, { "text-anchor": "end" }),
      text("batch", (left + right) / 2, bottom + 15, { "text-anchor": "middle" }),
    );
    curves.replaceChildren(...parts);
    curves.setAttribute(
      "aria-label",
      `The five losses from batch 1 to ${batch}. ${LOSSES.map((name) => `${name}: from ${three(done[0].losses[name])} to ${three(now.losses[name])}`).join("; ")}.`,
    );
  }

  const capital = (words) => words[0].toUpperCase() + words.slice(1);

  function update() {
    now = batchAt(batch);
    title.textContent = `Batch ${batch}, ${stage + 1} of ${STAGES.length}: ${STAGES[stage]}`;
    stages.forEach((button, i) =>
      i === stage ? button.setAttribute("aria-current", "step") : button.removeAttribute("aria-current"),
    );
    back.disabled = batch === 1 && stage === 0;
    onwards.disabled = batch === MOST && stage === STAGES.length - 1;
    whole.disabled = batch + 1 > MOST;
    many.disabled = batch + MANY > MOST;
    const [sentence, numbers] = show[STAGES[stage]]();
    words.textContent = capital(sentence);
    panel.replaceChildren(numbers);
    say(
      `Batch ${batch}, ${STAGES[stage]}. Total ${three(now.total)}; ${LOSSES.map((name) => `${name} ${three(now.losses[name])}`).join(", ")}.`,
    );
    code.textContent = python();
    paintCloud();
    paintCurves();
    address.write(`${batch}_${STAGES[stage]}_${factors}`, touched);
    touched = true;
    own = true;
    for (const [name, value] of Object.entries({
      batch,
      stage: STAGES[stage],
      factors,
      losses: now.losses,
      weights: now.weights,
    }))
      model.set(name, structuredClone(value));
    model.save_changes();
    own = false;
  }

  function weigh(name) {
    if (name === factors) return;
    factors = name;
    alpha = Object.fromEntries(LOSSES.map((loss, i) => [loss, alphas[name][i]]));
    done.length = 0;
    kinds.set(name);
  }

  function go(k, i) {
    batch = Math.max(1, Math.min(MOST, k));
    stage = i;
    update();
  }

  function fromModel() {
    if (own) return;
    weigh(model.get("factors"));
    go(model.get("batch"), Math.max(STAGES.indexOf(model.get("stage")), 0));
  }

  const [k, name, kind] = (address.read() ?? "").split("_");
  if (/^\d+$/.test(k) && Number(k) >= 1 && Number(k) <= MOST && STAGES.includes(name) && kind in WORDS) {
    weigh(kind);
    go(Number(k), STAGES.indexOf(name));
  } else fromModel();
  const events = ["change:batch", "change:stage", "change:factors"];
  for (const event of events) model.on(event, fromModel);
  return () => {
    for (const event of events) model.off(event, fromModel);
  };
}

export default explorable(render, ["xs", "ys", "xt", "classes", "features", "parameters", "alphas", "noise", "rate"]);
