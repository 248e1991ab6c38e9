// Parts of the method, switched on and off over recorded runs (loss_switches.py). base.js stands before this text.

const RULES = { final: "final", unsupervised: "unsupervised", oracle: "oracle" };
const RULE_WORDS = {
  final: "the last epoch",
  unsupervised: "the epoch chosen without labels",
  oracle: "the best epoch on target labels",
};
const ALONE = "00011";
const OFF = ["no rebuilding", "no MMD", "no LMMD", "constant weights", "all α 1"];
const WHOLE = "11111";

// A digit for each loss, 1 for on.
const lossesOf = (bits) => ({ S: bits[0], T: bits[0], y: "1", MMD: bits[1], LMMD: bits[2] });

// One name for what is one run: cross-entropy alone has nothing to be weighed against, and given factors may all be 1.
function effective(bits, own) {
  if (bits.startsWith("000")) return ALONE;
  const on = lossesOf(bits);
  return Object.entries(on).every(([name, b]) => b === "0" || own[name] === 1) ? `${bits.slice(0, 4)}1` : bits;
}

const mean = (x) => x.reduce((s, v) => s + v, 0) / x.length;

// Half of the 95 % t interval over seeds; null for fewer than three.
function half(x, t) {
  if (x.length < 3 || x.length >= t.length) return null;
  const m = mean(x);
  return t[x.length] * Math.sqrt(x.reduce((s, v) => s + (v - m) ** 2, 0) / (x.length - 1) / x.length);
}

// First minus second, seed by seed.
function paired(first, second, rule) {
  const of = new Map(second.seeds.map((seed, i) => [seed, second.rules[rule][i][0]]));
  return first.seeds
    .map((seed, i) => [of.get(seed), first.rules[rule][i][0]])
    .filter(([b]) => b !== undefined)
    .map(([b, a]) => a - b);
}

const one = (v) => v.toFixed(1).replace("-", "−");
const signed = (v) => (v >= 0 ? "+" : "") + one(v);
const plusMinus = (h) => (h === null ? "" : ` ± ${one(h)}`);
const offWords = (bits) => {
  if (bits === ALONE) return "cross-entropy alone";
  return OFF.filter((_, i) => bits[i] === "0").join(", ") || "all on";
};

// The command that would make these runs. A loss is left out by the method that lacks it, or by a factor of 0.
function command(data, scheme, setting, bits) {
  const { preset, epochs } = data.settings[setting],
    own = data.alpha[setting][scheme];
  const changes = [];
  let method = data.methods[bits];
  if (!method) {
    const losses = bits.slice(0, 3);
    method = { 110: "tlmlda_m", 101: "tlmlda_l" }[losses] ?? "tlmlda";
    const zeros = method === "tlmlda" && losses !== "111";
    for (const [name, b] of Object.entries(lossesOf(bits))) {
      const factor = zeros && b === "0" ? 0 : bits[4] === "1" ? own[name] : 1;
      if (factor !== own[name]) changes.push(`alpha.${name}=${factor}`);
    }
    if (bits[3] === "0") changes.push("update=constant");
  }
  return [
    `tlmlda run --scheme ${scheme} --method ${method} --preset ${preset} --seeds 5`,
    ...(epochs === null ? [] : [`--epochs ${epochs}`]),
    ...changes.map((c) => `--set ${c}`),
  ].join(" ");
}

// Recorded runs that differ least from the request, preferably in switches alone.
function nearest(data, scheme, setting, bits) {
  const far = (r) =>
    [...r.switches].filter((b, i) => b !== bits[i]).length + 10 * (r.scheme !== scheme) + 10 * (r.setting !== setting);
  const least = Math.min(...data.runs.map(far));
  return data.runs.filter((r) => far(r) === least).slice(0, 4);
}

const HEIGHT = 260,
  LEFT = 34,
  RIGHT = 10,
  TOP = 26,
  BOTTOM = 34;

function render({ model, el }) {
  el.classList.add("tl", "tl-parts");
  const fields = ["scheme", "setting", "rule", "switches"],
    data = model.get("data"),
    schemeWords = model.get("scheme_words");
  const address = addressOf(model.get("address"));
  const state = Object.fromEntries(fields.map((f) => [f, model.get(f)]));
  const synced = syncedState(model, address, state, fields, update);

  const asked = () => effective(state.switches, data.alpha[state.setting][state.scheme]);
  const find = (bits) =>
    data.runs.find((r) => r.scheme === state.scheme && r.setting === state.setting && r.switches === bits);
  const flip = (i, on) => {
    state.switches = [...state.switches].map((b, j) => (j === i ? String(Number(on)) : b)).join("");
    update();
  };
  const boxes = ["rebuild S and T", "MMD", "LMMD"].map((label, i) =>
    make("input", { type: "checkbox", value: label, change: (e) => flip(i, e.target.checked) }),
  );
  const losses = make(
    "fieldset",
    { class: "tl-radio" },
    make("legend", {}, "Losses"),
    ...boxes.map((box) => make("label", {}, box, ` ${box.value}`)),
    make("label", {}, make("input", { type: "checkbox", checked: true, disabled: true }), " cross-entropy, always"),
  );
  const weights = radio({
    label: "Weights",
    options: { on: "equation 6", off: "constant" },
    value: "on",
    change: (v) => flip(3, v === "on"),
  });
  const alpha = radio({
    label: "Factors α",
    options: { on: "given", off: "all 1" },
    value: "on",
    change: (v) => flip(4, v === "on"),
  });
  const given = alpha.element.querySelector("label").lastChild;
  const pick = (f) => (v) => {
    state[f] = v;
    update();
  };
  const scheme = choice({
    label: "Scheme",
    options: Object.fromEntries(data.schemes.map((s) => [s, schemeWords[s]])),
    value: state.scheme,
    change: pick("scheme"),
  });
  const setting = choice({
    label: "Setting",
    options: Object.fromEntries(Object.entries(data.settings).map(([k, s]) => [k, s.words])),
    value: state.setting,
    change: pick("setting"),
  });
  const rule = radio({ label: "Epoch", options: RULES, value: state.rule, change: pick("rule") });

  const title = make("p", { class: "tl-which", "data-value": "which" });
  const picture = make("svg:svg", { role: "img" });
  const { element: words, say } = announcer();
  const out = Object.fromEntries(["these", "whole", "difference"].map((k) => [k, make("output", { "data-value": k })]));
  const line = (label, k) => make("tr", { "data-row": k }, make("th", { scope: "row" }, label), make("td", {}, out[k]));
  const table = make(
    "table",
    {},
    make(
      "caption",
      { class: "tl-hidden" },
      "WAR in percent, means over the seeds with 95 % intervals; the difference is taken seed by seed",
    ),
    make(
      "tbody",
      {},
      line("with these parts", "these"),
      line("the whole method", "whole"),
      line("difference", "difference"),
    ),
  );
  const missing = make("div", { class: "tl-missing" });
  const source = make("p", { class: "tl-aside", "data-value": "records" });
  el.append(
    make(
      "div",
      { class: "tl-controls" },
      losses,
      weights.element,
      alpha.element,
      scheme.element,
      setting.element,
      rule.element,
    ),
    title,
    picture,
    table,
    words,
    missing,
    make("details", {}, make("summary", {}, "Which records these are"), source),
    ...(address.link ? [make("p", {}, address.link)] : []),
  );

  function paint() {
    const width = Math.max(picture.clientWidth, 220),
      bits = asked();
    const run = find(bits),
      whole = bits === WHOLE ? undefined : find(WHOLE);
    const here = data.runs.filter((r) => r.scheme === state.scheme && r.setting === state.setting);
    const epochs = Math.max(2, ...here.map((r) => r.epochs.at(-1))),
      chance = data.floor[state.scheme];
    const all = here.flatMap((r) => [
      ...r.curve.flat(),
      ...Object.values(r.rules)
        .flat()
        .map(([w]) => w),
    ]);
    const low = Math.floor(Math.min(chance, ...all) / 10) * 10,
      high = Math.max(Math.ceil(Math.max(chance, ...all) / 10) * 10, low + 10);
    const x = (e) => LEFT + ((e - 1) / (epochs - 1)) * (width - LEFT - RIGHT);
    const y = (v) => HEIGHT - BOTTOM - ((v - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
    const text = (t, tx, ty, extra = {}) => make("svg:text", { x: tx, y: ty, ...extra }, t);
    const path = (r, values) =>
      r.epochs.map((e, i) => `${i ? "L" : "M"}${x(e).toFixed(1)} ${y(values[i]).toFixed(1)}`).join("");
    const means = (r) => r.epochs.map((_, i) => mean(r.curve.map((c) => c[i])));
    const parts = [text("recognised (%)", 0, 12, { class: "tl-title" })];
    const step = high - low > 40 ? 20 : 10;
    for (let v = low; v <= high; v += step)
      parts.push(
        make("svg:path", { class: "tl-grid", d: `M${LEFT} ${y(v)}H${width - RIGHT}` }),
        text(String(v), LEFT - 6, y(v) + 4, { "text-anchor": "end" }),
      );
    parts.push(
      make("svg:path", { class: "tl-chance", d: `M${LEFT} ${y(chance)}H${width - RIGHT}` }),
      text("chance", width - RIGHT, y(chance) - 5, { "text-anchor": "end" }),
    );
    if (whole) parts.push(make("svg:path", { class: "tl-whole", d: path(whole, means(whole)) }));
    if (run) {
      for (const c of run.curve) parts.push(make("svg:path", { class: "tl-seed", d: path(run, c) }));
      parts.push(make("svg:path", { class: "tl-mean", d: path(run, means(run)) }));
      for (const [war, e] of run.rules[state.rule])
        parts.push(make("svg:circle", { class: "tl-mark", cx: x(e).toFixed(1), cy: y(war).toFixed(1), r: 4.5 }));
    }
    for (const e of new Set([1, Math.round((1 + epochs) / 2), epochs]))
      parts.push(text(String(e), x(e), HEIGHT - BOTTOM + 16, { "text-anchor": e === epochs ? "end" : "middle" }));
    parts.push(text("epoch", (LEFT + width - RIGHT) / 2, HEIGHT - 3, { "text-anchor": "middle" }));
    picture.replaceChildren(...parts);
  }

  function put(name, values, how) {
    out[name].value = values.length ? how(mean(values)) + plusMinus(half(values, data.t)) : "not run";
    out[name].dataset.exact = values.length ? mean(values) : "";
    out[name].dataset.half = values.length ? (half(values, data.t) ?? "") : "";
    out[name].dataset.seeds = values.length;
  }

  function update() {
    const bits = asked(),
      run = find(bits),
      whole = find(WHOLE),
      alone = bits === ALONE;
    boxes.forEach((box, i) => {
      box.checked = state.switches[i] === "1";
    });
    for (const [group, i] of [
      [weights, 3],
      [alpha, 4],
    ]) {
      group.element.disabled = alone;
      group.set(state.switches[i] === "1" ? "on" : "off");
    }
    given.textContent = ` given: ${Object.keys(lossesOf(WHOLE))
      .map((name) => data.alpha[state.setting][state.scheme][name])
      .join(", ")}`;
    scheme.set(state.scheme);
    setting.set(state.setting);
    rule.set(state.rule);

    const name = data.names[bits];
    title.textContent = name ? `${name}: ${offWords(bits)}` : offWords(bits);
    title.dataset.switches = bits;
    const wars = (r) => (r ? r.rules[state.rule].map(([w]) => w) : []);
    const gains = run && whole && run !== whole ? paired(run, whole, state.rule) : [];
    put("these", wars(run), one);
    put("whole", wars(whole), one);
    put("difference", gains, signed);
    table.querySelector("[data-row=difference]").hidden = !gains.length;
    table.querySelector("[data-row=whole]").hidden = run === whole && Boolean(run);
    source.textContent = run ? run.records.join(" ") : "None.";

    const where = `${schemeWords[state.scheme]}, ${data.settings[state.setting].words}`;
    const seeds = (n) => (n === 1 ? "one seed" : `${n} seeds`);
    let sentence = `Nobody has recorded this: ${where}, ${offWords(bits)}.`;
    if (run) {
      sentence = `${where}: ${out.these.value} at ${RULE_WORDS[state.rule]}, ${seeds(run.seeds.length)}.`;
      if (gains.length) {
        const h = half(gains, data.t),
          d = mean(gains);
        const verdict =
          h === null
            ? `${seeds(gains.length)} are too few for an interval`.replace("one seed are", "one seed is")
            : Math.abs(d) > h
              ? "the interval over seeds does not contain 0"
              : "the interval over seeds contains 0";
        sentence += ` That is ${signed(d)}${plusMinus(h)} points against the whole method: ${verdict}.`;
      }
    }
    title.dataset.recorded = Boolean(run);
    say(sentence);
    picture.setAttribute(
      "aria-label",
      run
        ? `Recognised in percent over ${run.epochs.at(-1)} epochs, a thin line for each seed and a thick one for their mean. ${sentence}`
        : sentence,
    );

    missing.hidden = Boolean(run);
    missing.replaceChildren();
    if (!run) {
      const go = (r) =>
        make(
          "button",
          {
            type: "button",
            click: () => {
              Object.assign(state, { scheme: r.scheme, setting: r.setting, switches: r.switches });
              update();
              title.focus();
            },
          },
          [
            `${data.names[r.switches] ?? offWords(r.switches)}`,
            ...(r.scheme === state.scheme ? [] : [r.scheme]),
            ...(r.setting === state.setting ? [] : [data.settings[r.setting].words]),
          ].join(", "),
        );
      const text = command(data, state.scheme, state.setting, bits),
        zero = /alpha=\S*\b0(,|\s|$)/.test(text) && bits[3] === "1";
      missing.append(
        make("p", {}, "Recorded and nearest to it:"),
        make("div", { class: "tl-controls" }, ...nearest(data, state.scheme, state.setting, bits).map(go)),
        make("p", {}, "If you have the corpora, this makes the runs:"),
        make("pre", { tabindex: "0", "aria-label": "Command", "data-value": "command" }, text),
        ...(zero
          ? [
              make(
                "p",
                { class: "tl-aside" },
                "A factor of 0 takes a loss out of the step. Its size still counts in the denominator of equation 6, which all weights share.",
              ),
            ]
          : []),
      );
    }
    paint();
    synced.written(fields.map((f) => state[f]).join("."));
  }

  title.tabIndex = -1;
  const fits = (f, v) =>
    f === "switches"
      ? /^[01]{5}$/.test(v)
      : f === "rule"
        ? v in RULES
        : f === "scheme"
          ? data.schemes.includes(v)
          : v in data.settings;
  const linked = (address.read() ?? "").split(".");
  if (linked.length === fields.length && fields.every((f, i) => fits(f, linked[i])))
    fields.forEach((f, i) => {
      state[f] = linked[i];
    });
  update();
  const end = redraw(picture, paint);
  return () => {
    end();
    synced.end();
  };
}

export default explorable(render, ["data", "scheme_words"]);
