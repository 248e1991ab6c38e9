// Dynamic weights (dynamic_weights.py). base.js stands before this text.

const LARGEST = 5;
const WORDS = {
  S: "reconstruction, source", T: "reconstruction, target", y: "cross-entropy",
  MMD: "distance of the clouds", LMMD: "distance by emotion",
};
const UNITS = { mean: "means", sum: "feature sums", printed: "the printed sums" };
const DASHES = { S: "", T: "7 3", y: "", MMD: "8 3 2 3", LMMD: "2 3" };

// Equation 6, as tlmlda_lib.weighting.dynamic_weights computes it.
function dynamicWeights(losses, alpha) {
  const names = Object.keys(losses);
  const total = names.reduce((s, n) => s + losses[n], 0);
  return Object.fromEntries(names.map((n) => [n, total === 0 ? alpha[n] / names.length : (alpha[n] * losses[n]) / total]));
}

// What a gradient through the weights would make of equation 5: dJ/dL_k = 2 w_k - J / S.
function slopes(losses, weights) {
  const names = Object.keys(losses);
  const total = names.reduce((s, n) => s + losses[n], 0), j = names.reduce((s, n) => s + weights[n] * losses[n], 0);
  return Object.fromEntries(names.map((n) => [n, total === 0 ? weights[n] : 2 * weights[n] - j / total]));
}

// Three digits, never an exponent where none is needed.
const three = (v) => (v === 0 ? "0" : Math.abs(v) >= 1000 ? Math.round(v).toLocaleString("en") : String(Number(v.toPrecision(3))));
// The same for a column of numbers: zeros at the end stay.
const column = (v) => (v >= 0.001 && v < 1000 ? v.toPrecision(3) : three(v));
const signed = (v) => (v < 0 ? `−${column(-v)}` : `+${column(v)}`);
const percent = (v) => (v > 0 && v < 0.01 ? "< 1 %" : `${Math.round(100 * v)} %`);
const list = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);

const python = (losses, alpha, epoch, units) => {
  const dict = (o) => `{${Object.entries(o).map(([n, v]) => `"${n}": ${v}`).join(", ")}}`;
  return `from tlmlda_lib.weighting import dynamic_weights

losses = ${dict(losses)}  # epoch ${epoch}, ${UNITS[units]}
alpha = ${dict(alpha)}
print(dynamic_weights(losses, alpha))`;
};

function render({ model, el }) {
  el.classList.add("tl", "tl-weights");
  // A page keeps its state with sorted keys: the order is that of the words above.
  const curves = model.get("losses"), names = Object.keys(WORDS).filter((k) => k in curves), epochs = curves[names[0]].length;
  const printed = model.get("printed"), schemeWords = model.get("scheme_words"), d = model.get("features"), n = model.get("batch");
  const address = addressOf(model.get("address"));
  const ordered = (values) => Object.fromEntries(names.map((k) => [k, values[k]]));
  let alpha = ordered(model.get("alpha")), units = model.get("units"), epoch = model.get("epoch");
  let own = false, touched = false;

  const tenth = (v) => Math.round(v * 10) / 10;
  const same = (a) => names.every((k) => a[k] === alpha[k]);
  const ones = Object.fromEntries(names.map((k) => [k, 1]));
  const named = () => (same(ones) ? "ones" : Object.keys(printed).find((scheme) => same(printed[scheme])) ?? "own");
  const unit = (k) => (k === "S" || k === "T" ? { mean: 1, sum: d, printed: d * n }[units] : 1);
  const at = (e) => Object.fromEntries(names.map((k) => [k, curves[k][e - 1] * unit(k)]));

  const schemes = choice({
    label: "Factors α", value: named(),
    options: {
      ...Object.fromEntries(Object.keys(printed).map((s) => [s, `of the paper, ${schemeWords[s]}`])),
      ones: "all 1", own: "your own",
    },
    change: (v) => {
      if (v !== "own") alpha = Object.fromEntries(names.map((k) => [k, v === "ones" ? 1 : printed[v][k]]));
      for (const k of names) factors[k].set(alpha[k]);
      update();
    },
  });
  const kinds = radio({ label: "Reconstruction counted as", options: UNITS, value: units, change: (v) => { units = v; update(); } });
  const when = slider({ label: "Epoch", min: 1, max: epochs, step: 1, value: epoch, words: String, change: (v) => { epoch = v; update(); } });
  const factors = Object.fromEntries(names.map((k) => [k, slider({
    label: `α of ${k}`, min: 0, max: LARGEST, step: 0.1, value: alpha[k], words: (v) => v.toFixed(1),
    change: (v) => { alpha[k] = tenth(v); schemes.set(named()); update(); },
  })]));

  const picture = make("svg:svg", { role: "img" });
  const stage = make("div", { class: "tl-curves", pointerdown: point, pointermove: (e) => { if (e.buttons) point(e); } }, picture);

  const cells = Object.fromEntries(names.map((k) => [k, {
    loss: make("output", { "data-value": `loss_${k}` }), weight: make("output", { "data-value": `weight_${k}` }),
    slope: make("output", { "data-value": `slope_${k}` }), bar: make("div", { class: "tl-share" }), share: make("output", { "data-value": `share_${k}` }),
  }]));
  const key = (k) => make("svg:svg", { class: "tl-sample", viewBox: "0 0 26 10", "aria-hidden": "true" },
    make("svg:path", { d: "M0 5H26", class: `tl-of-${k}`, "stroke-dasharray": DASHES[k] }));
  const table = make("table", { class: "tl-table" },
    make("caption", {}, "At this epoch"),
    make("thead", {}, make("tr", {}, ...["loss", "L", "weight w", "share of the weights", "slope through the graph"].map((w) => make("th", { scope: "col" }, w)))),
    make("tbody", {}, ...names.map((k) => make("tr", {},
      make("th", { scope: "row", title: WORDS[k] }, key(k), ` ${k}`),
      make("td", {}, cells[k].loss), make("td", {}, cells[k].weight),
      make("td", { class: "tl-bars" }, make("div", { class: "tl-track", "aria-hidden": "true" }, cells[k].bar), cells[k].share),
      make("td", {}, cells[k].slope)))));
  const { element: summary, say } = announcer();
  const code = make("pre", { tabindex: "0", "aria-label": "Python code" });

  el.append(
    make("div", { class: "tl-controls" }, kinds.element, when.element, schemes.element),
    make("div", { class: "tl-factors" }, ...names.map((k) => factors[k].element)),
    make("div", { class: "tl-body" }, stage, make("div", {}, table, summary, ...(address.link ? [make("p", {}, address.link)] : []))),
    make("details", {}, make("summary", {}, "These weights in Python"), code),
  );

  // Sums of the shares from below, epoch by epoch, for the areas.
  function stack() {
    return Array.from({ length: epochs }, (_, i) => {
      const w = dynamicWeights(at(i + 1), alpha), total = names.reduce((s, k) => s + w[k], 0);
      let sum = 0;
      return [0, ...names.map((k) => (sum += total ? w[k] / total : 0))];
    });
  }

  // A finger or a mouse on the curves chooses the epoch; the slider does the same for the keyboard.
  function point(event) {
    const box = stage.getBoundingClientRect();
    const e = 1 + Math.round(((event.clientX - box.x - LEFT) / (box.width - LEFT - RIGHT)) * (epochs - 1));
    epoch = Math.max(1, Math.min(epochs, e));
    when.set(epoch);
    update();
  }

  const LEFT = 46, RIGHT = 8, UPPER = [26, 136], LOWER = [184, 314], HEIGHT = 352;
  function paint() {
    const width = stage.clientWidth;
    if (!width) return;
    picture.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    const x = (e) => LEFT + (epochs > 1 ? (e - 1) / (epochs - 1) : 0.5) * (width - LEFT - RIGHT);
    const scaled = names.map((k) => curves[k].map((v) => v * unit(k)));
    const logs = scaled.flat().filter((v) => v > 0).map(Math.log10);
    const low = Math.floor(Math.min(...logs, 0)), high = Math.max(Math.ceil(Math.max(...logs, 0)), low + 1);
    const y = (v) => UPPER[1] - ((v > 0 ? Math.log10(v) : low) - low) / (high - low) * (UPPER[1] - UPPER[0]);
    const share = (v) => LOWER[1] - v * (LOWER[1] - LOWER[0]);
    const text = (words, tx, ty, extra = {}) => make("svg:text", { x: tx, y: ty, ...extra }, words);
    const rule = (ty) => make("svg:path", { class: "tl-grid", d: `M${LEFT} ${ty}H${width - RIGHT}` });
    const line = (points) => points.map(([a, b], i) => `${i ? "L" : "M"}${a.toFixed(1)} ${b.toFixed(1)}`).join("");
    const parts = [text("losses, logarithmic", 0, 12, { class: "tl-title" })];
    const every = Math.ceil((high - low) / 4);
    for (let t = low; t <= high; t += every) parts.push(rule(y(10 ** t)), text(three(10 ** t), LEFT - 6, y(10 ** t) + 4, { "text-anchor": "end" }));
    names.forEach((k, i) => parts.push(make("svg:path", { class: `tl-line tl-of-${k}`, "stroke-dasharray": DASHES[k], d: line(scaled[i].map((v, e) => [x(e + 1), y(v)])) })));
    parts.push(text("shares of the weights", 0, LOWER[0] - 14, { class: "tl-title" }));
    const sums = stack();
    names.forEach((k, i) => {
      const above = sums.map((s, e) => [x(e + 1), share(s[i + 1])]), below = sums.map((s, e) => [x(e + 1), share(s[i])]);
      parts.push(make("svg:path", { class: `tl-area tl-of-${k}`, d: `${line([...above, ...below.reverse()])}Z` }));
      // The name stands where the area is highest, if it is high enough for letters.
      const heights = sums.map((s) => s[i + 1] - s[i]), best = heights.indexOf(Math.max(...heights));
      if (heights[best] > 0.11) {
        const tx = Math.min(Math.max(x(best + 1), LEFT + 24), width - RIGHT - 24);
        parts.push(text(k, tx, share(sums[best][i] + heights[best] / 2) + 4, { class: `tl-name tl-of-${k}`, "text-anchor": "middle" }));
      }
    });
    for (const v of [0, 0.5, 1]) parts.push(text(percent(v), LEFT - 6, share(v) + 4, { "text-anchor": "end" }));
    const ticks = [...new Set([1, Math.round((1 + epochs) / 2), epochs])];
    for (const e of ticks) parts.push(text(String(e), x(e), LOWER[1] + 16, { "text-anchor": e === epochs && epochs > 1 ? "end" : "middle" }));
    parts.push(text("epoch", (LEFT + width - RIGHT) / 2, HEIGHT - 4, { "text-anchor": "middle" }));
    for (const [top, bottom] of [UPPER, LOWER]) parts.push(make("svg:path", { class: "tl-now", d: `M${x(epoch)} ${top}V${bottom}` }));
    picture.replaceChildren(...parts);
  }

  function update() {
    const losses = at(epoch), weights = dynamicWeights(losses, alpha), through = slopes(losses, weights);
    const total = names.reduce((s, k) => s + weights[k], 0);
    const shares = Object.fromEntries(names.map((k) => [k, total ? weights[k] / total : 0]));
    for (const k of names) {
      for (const [name, value, words] of [["loss", losses[k], column], ["weight", weights[k], column], ["slope", through[k], signed], ["share", shares[k], percent]]) {
        cells[k][name].value = words(value);
        cells[k][name].dataset.exact = value;
      }
      cells[k].slope.classList.toggle("tl-negative", through[k] < 0);
      cells[k].bar.style.width = `${100 * shares[k]}%`;
      cells[k].bar.style.background = `var(--tl-loss-${k})`;
    }
    const order = [...names].sort((a, b) => shares[b] - shares[a]), up = names.filter((k) => through[k] < 0);
    const words = `Epoch ${epoch} of ${epochs}, ${UNITS[units]}: ${order[0]} has ${percent(shares[order[0]])} of the weight, ${order[1]} ${percent(shares[order[1]])}, ${order.at(-1)} ${percent(shares[order.at(-1)])}.`;
    say(`${words} ${up.length ? `Through the graph ${list(up)} would be trained upwards.` : "Here no slope is negative."}`);
    picture.setAttribute("aria-label", `Curves of ${names.length} losses over ${epochs} epochs, and below them the shares of their weights. ${words}`);
    code.textContent = python(losses, alpha, epoch, units);
    paint();
    address.write([...names.map((k) => alpha[k]), units, epoch].join("_"), touched);
    touched = true;
    own = true;
    for (const [name, value] of Object.entries({ alpha, units, epoch, weights })) model.set(name, structuredClone(value));
    model.save_changes();
    own = false;
  }

  function show() {
    for (const k of names) factors[k].set(alpha[k]);
    when.set(epoch);
    schemes.set(named());
    kinds.set(units);
    update();
  }

  function fromModel() {
    if (own) return;
    alpha = ordered(model.get("alpha"));
    units = model.get("units");
    epoch = Math.max(1, Math.min(epochs, model.get("epoch")));
    show();
  }

  const given = (address.read() ?? "").split("_"), wanted = given.slice(0, names.length).map(Number), last = Number(given.at(-1));
  if (given.length === names.length + 2 && wanted.every((v) => v >= 0 && v <= LARGEST) && given.at(-2) in UNITS && last >= 1 && last <= epochs) {
    alpha = Object.fromEntries(names.map((k, i) => [k, tenth(wanted[i])]));
    units = given.at(-2);
    epoch = Math.round(last);
  }
  show();
  const events = ["change:alpha", "change:units", "change:epoch"];
  for (const event of events) model.on(event, fromModel);
  const stop = redraw(stage, paint);
  return () => { stop(); for (const event of events) model.off(event, fromModel); };
}

export default explorable(render, ["losses", "printed", "scheme_words", "features", "batch"]);
