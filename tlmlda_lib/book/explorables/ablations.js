// Parts of the method, switched on and off over recorded runs (ablations.py).

/** @import { View } from "./base.js" */
/** @import { Shared } from "./state.js" */
import { columnsOf, line, linear, multiples, rowsOf, text, threeOf } from "./axes.js";
import { announcer, explorable, make, redraw } from "./base.js";
import { button, checkbox, choice, radio } from "./controls.js";
import { counted, fixed, signed } from "./format.js";
import { partsOf, sharedState } from "./state.js";
import { halfWidth, mean, paired } from "./statistics.js";

/** @typedef {Record<string, number>} ByLoss a number for each loss */

/**
 * Runs of one scheme, setting and switches.
 * @typedef {object} Run
 * @property {string} scheme
 * @property {string} setting
 * @property {string} switches
 * @property {number[]} seeds
 * @property {string[]} records
 * @property {number[]} epochs of the curve
 * @property {number[][]} curve WAR in percent, of each seed
 * @property {Record<string, [number, number][]>} rules WAR and epoch of each seed
 */

/**
 * What switches.py gives.
 * @typedef {object} Data
 * @property {string[]} schemes
 * @property {Record<string, { preset: string, epochs: number | null, words: string }>} settings
 * @property {Record<string, Record<string, ByLoss>>} alpha of the whole method, by setting and scheme
 * @property {ByLoss} floor chance in percent, by scheme
 * @property {(number | null)[]} t quantiles, by the number of seeds
 * @property {Record<string, string>} names by switches
 * @property {Record<string, string>} methods by switches
 * @property {Run[]} runs
 */

/**
 * @typedef {object} State
 * @property {string} scheme
 * @property {string} setting
 * @property {string} rule
 * @property {string} switches a digit for each part, 1 for on
 */

/** @typedef {Record<string, string>} Words */

/** @type {Words} */
const RULES = { final: "final", unsupervised: "unsupervised", oracle: "oracle" };
/** @type {Words} */
const RULE_WORDS = {
  final: "the last epoch",
  unsupervised: "the epoch chosen without labels",
  oracle: "the best epoch on target labels",
};
const ALONE = "00011";
const OFF = ["no rebuilding", "no MMD", "no LMMD", "constant weights", "all α 1"];
const WHOLE = "11111";
const FIELDS = /** @type {const} */ (["scheme", "setting", "rule", "switches"]);

const HEIGHT = 260;
const LEFT = 34;
const RIGHT = 10;
const TOP = 26;
const BOTTOM = HEIGHT - 34;

/**
 * A digit for each loss, 1 for on.
 * @param {string} bits
 * @returns {Record<string, string>}
 */
const lossesOf = (bits) => ({ S: bits[0], T: bits[0], y: "1", MMD: bits[1], LMMD: bits[2] });

/**
 * One name for what is one run: cross-entropy alone has nothing to be weighed against, and given factors may all be 1.
 * @param {string} bits
 * @param {ByLoss} own factors that are given
 */
export function effective(bits, own) {
  if (bits.startsWith("000")) return ALONE;
  const on = lossesOf(bits);
  return Object.entries(on).every(([name, b]) => b === "0" || own[name] === 1) ? `${bits.slice(0, 4)}1` : bits;
}

/**
 * What is off, in words.
 * @param {string} bits
 */
export const offWords = (bits) => {
  if (bits === ALONE) return "cross-entropy alone";
  return OFF.filter((_, i) => bits[i] === "0").join(", ") || "all on";
};

/**
 * The command that would make these runs. A loss is left out by the method that lacks it, or by a factor of 0.
 * @param {Data} data
 * @param {string} scheme
 * @param {string} setting
 * @param {string} bits
 */
export function command(data, scheme, setting, bits) {
  const { preset, epochs } = data.settings[setting];
  const own = data.alpha[setting][scheme];
  /** @type {string[]} */
  const changes = [];
  let method = data.methods[bits];
  if (!method) {
    const losses = bits.slice(0, 3);
    method = losses === "110" ? "tlmlda_m" : losses === "101" ? "tlmlda_l" : "tlmlda";
    const zeros = method === "tlmlda" && losses !== WHOLE.slice(0, 3);
    for (const [name, b] of Object.entries(lossesOf(bits))) {
      const factor = zeros && b === "0" ? 0 : bits[4] === "1" ? own[name] : 1;
      if (factor !== own[name]) changes.push(`alpha.${name}=${factor}`);
    }
    if (bits[3] === "0") changes.push("update=constant");
  }
  return [
    `tlmlda run --scheme ${scheme} --method ${method} --features is10 --preset ${preset} --seeds 5`,
    ...(epochs === null ? [] : [`--epochs ${epochs}`]),
    ...changes.map((c) => `--set ${c}`),
  ].join(" ");
}

/**
 * Whether a command leaves out a loss by its factor while equation 6 weighs the others.
 * @param {string} line
 */
export const stillCounts = (line) => / alpha\.\w+=0(?= |$)/.test(line) && !line.includes("update=constant");

/**
 * Recorded runs that differ least from the request, preferably in switches alone.
 * @param {Data} data
 * @param {string} scheme
 * @param {string} setting
 * @param {string} bits
 */
export function nearest(data, scheme, setting, bits) {
  const far = (/** @type {Run} */ r) =>
    [...r.switches].filter((b, i) => b !== bits[i]).length +
    10 * Number(r.scheme !== scheme) +
    10 * Number(r.setting !== setting);
  const least = Math.min(...data.runs.map(far));
  return data.runs.filter((r) => far(r) === least).slice(0, 4);
}

/**
 * The WAR of each seed under a rule.
 * @param {Run | undefined} run
 * @param {string} rule
 */
const wars = (run, rule) => (run ? run.rules[rule].map(([war]) => war) : []);

/**
 * The switches that a state asks for, the runs that were recorded with these and with all on, and the first minus the
 * second, seed by seed.
 * @param {Data} data
 * @param {State} state
 */
export function asked(data, { scheme, setting, rule, switches }) {
  const bits = effective(switches, data.alpha[setting][scheme]);
  const here = data.runs.filter((r) => r.scheme === scheme && r.setting === setting);
  const find = (/** @type {string} */ wanted) => here.find((r) => r.switches === wanted);
  const [run, whole] = [find(bits), find(WHOLE)];
  const of = (/** @type {Run} */ r) => ({ seeds: r.seeds, values: wars(r, rule) });
  return { bits, here, run, whole, gains: run && whole && run !== whole ? paired(of(run), of(whole)) : [] };
}

/**
 * A mean with half of its interval.
 * @param {number[]} values
 * @param {Data["t"]} t
 * @param {(value: number, digits: number) => string} how
 */
export function figure(values, t, how = fixed) {
  if (!values.length) return "not run";
  const half = halfWidth(values, t);
  return how(mean(values), 1) + (half === null ? "" : ` ± ${fixed(half, 1)}`);
}

/**
 * What an interval over seeds says of a difference.
 * @param {number[]} gains
 * @param {Data["t"]} t
 */
export function verdict(gains, t) {
  const n = gains.length;
  const half = halfWidth(gains, t);
  if (half === null) return `${counted(n, "seed")} ${n === 1 ? "is" : "are"} too few for an interval`;
  const free = Math.abs(mean(gains)) > half;
  return `the interval over seeds ${free ? "does not contain 0" : "contains 0"}`;
}

/**
 * A state in words.
 * @param {Data} data
 * @param {Words} schemeWords
 * @param {State} state
 */
export function sentence(data, schemeWords, state) {
  const { bits, run, gains } = asked(data, state);
  const where = `${schemeWords[state.scheme]}, ${data.settings[state.setting].words}`;
  if (!run) return `Nobody has recorded this: ${where}, ${offWords(bits)}.`;
  const these = figure(wars(run, state.rule), data.t);
  const said = `${where}: ${these} at ${RULE_WORDS[state.rule]}, ${counted(run.seeds.length, "seed")}.`;
  if (!gains.length) return said;
  const difference = figure(gains, data.t, signed);
  return `${said} That is ${difference} points against the whole method: ${verdict(gains, data.t)}.`;
}

/**
 * What an address tells, or null.
 * @param {string} said
 * @param {Data} data
 * @returns {State | null}
 */
export const readSetting = (said, data) =>
  partsOf(said, {
    scheme: (v) => data.schemes.includes(v),
    setting: (v) => Object.hasOwn(data.settings, v),
    rule: (v) => Object.hasOwn(RULES, v),
    switches: (v) => /^[01]{5}$/.test(v),
  });

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-parts");
  /** @type {Data} */
  const data = model.get("data");
  /** @type {Words} */
  const schemeWords = model.get("scheme_words");
  /** @type {Shared<State>} */
  const { state, ...shared } = sharedState(model, {
    fields: [...FIELDS],
    read: (said) => readSetting(said, data),
    show: update,
  });

  const pick = (/** @type {keyof State} */ field) => (/** @type {string} */ v) => {
    state[field] = v;
    update();
  };
  const flip = (/** @type {number} */ i, /** @type {boolean} */ on) =>
    pick("switches")([...state.switches].map((b, j) => (j === i ? String(Number(on)) : b)).join(""));
  const boxes = ["rebuild S and T", "MMD", "LMMD"].map((label, i) =>
    checkbox({ label, value: state.switches[i] === "1", change: (on) => flip(i, on) }),
  );
  const always = make("input", { type: "checkbox", checked: true, disabled: true });
  const losses = make(
    "fieldset",
    { class: "tl-radio" },
    make("legend", {}, "Losses"),
    ...boxes.map((box) => box.element),
    make("label", {}, always, " cross-entropy, always"),
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
  const given = /** @type {Text} */ (alpha.inputs[0].nextSibling);
  const lists = {
    scheme: choice({
      label: "Scheme",
      options: Object.fromEntries(data.schemes.map((s) => [s, schemeWords[s]])),
      value: state.scheme,
      change: pick("scheme"),
    }),
    setting: choice({
      label: "Setting",
      options: Object.fromEntries(Object.entries(data.settings).map(([k, s]) => [k, s.words])),
      value: state.setting,
      change: pick("setting"),
    }),
    rule: radio({ label: "Epoch", options: RULES, value: state.rule, change: pick("rule") }),
  };

  const title = make("p", { class: "tl-which", "data-value": "which", tabindex: "-1" });
  const picture = make("svg:svg", { role: "img" });
  const { element: words, say } = announcer();
  const outputs = {
    these: make("output", { "data-value": "these" }),
    whole: make("output", { "data-value": "whole" }),
    difference: make("output", { "data-value": "difference" }),
  };
  const rows = Object.fromEntries(
    Object.entries({ these: "with these parts", whole: "the whole method", difference: "difference" }).map(
      ([name, label]) => [
        name,
        make(
          "tr",
          { "data-row": name },
          make("th", { scope: "row" }, label),
          make("td", {}, outputs[/** @type {keyof typeof outputs} */ (name)]),
        ),
      ],
    ),
  );
  const caption = "WAR in percent, means over the seeds with 95 % intervals; the difference is taken seed by seed";
  const table = make(
    "table",
    {},
    make("caption", { class: "tl-hidden" }, caption),
    make("tbody", {}, ...Object.values(rows)),
  );
  const missing = make("div", { class: "tl-missing" });
  const source = make("p", { class: "tl-aside", "data-value": "records" });
  const controls = [losses, weights.element, alpha.element, ...Object.values(lists).map((c) => c.element)];
  el.append(
    make("div", { class: "tl-controls" }, ...controls),
    title,
    picture,
    table,
    words,
    missing,
    make("details", {}, make("summary", {}, "Which records these are"), source),
    ...shared.foot,
  );

  function paint() {
    const width = Math.max(picture.clientWidth, 220);
    const right = width - RIGHT;
    const { bits, here, run, whole } = asked(data, state);
    const chance = data.floor[state.scheme];
    const epochs = Math.max(2, ...here.map((r) => r.epochs[r.epochs.length - 1]));
    const points = here.flatMap((r) => Object.values(r.rules).flatMap((each) => each.map(([war]) => war)));
    const all = [chance, ...points, ...here.flatMap((r) => r.curve.flat())];
    const low = Math.floor(Math.min(...all) / 10) * 10;
    const high = Math.max(Math.ceil(Math.max(...all) / 10) * 10, low + 10);
    const x = linear([1, epochs], [LEFT, right]);
    const y = linear([low, high], [BOTTOM, TOP]);
    const path = (/** @type {string} */ kind, /** @type {Run} */ r, /** @type {number[]} */ values) =>
      line(
        kind,
        values.map((v, i) => [x(r.epochs[i]), y(v)]),
      );
    const means = (/** @type {Run} */ r) => r.epochs.map((_, i) => mean(r.curve.map((c) => c[i])));
    const steps = multiples(0, high - low, high - low > 40 ? 20 : 10).map((v) => low + v);
    picture.replaceChildren(
      text("recognised (%)", 0, 12, { class: "tl-title" }),
      ...rowsOf(steps, { y, left: LEFT, right }),
      make("svg:path", { class: "tl-chance", d: `M${LEFT} ${y(chance)}H${right}` }),
      text("chance", right, y(chance) - 5, { "text-anchor": "end" }),
      ...(whole && bits !== WHOLE ? [path("tl-whole", whole, means(whole))] : []),
      ...(run ? [...run.curve.map((c) => path("tl-seed", run, c)), path("tl-mean", run, means(run))] : []),
      ...(run?.rules[state.rule] ?? []).map(([war, e]) =>
        make("svg:circle", { class: "tl-mark", cx: x(e).toFixed(1), cy: y(war).toFixed(1), r: 4.5 }),
      ),
      ...columnsOf(threeOf(epochs), { x, bottom: BOTTOM, left: LEFT, right, title: "epoch", under: HEIGHT - 3 }),
    );
  }

  /**
   * @param {keyof typeof outputs} name
   * @param {number[]} values
   * @param {(value: number, digits: number) => string} [how]
   */
  function put(name, values, how) {
    const output = outputs[name];
    output.value = figure(values, data.t, how);
    Object.assign(output.dataset, {
      exact: values.length ? mean(values) : "",
      half: halfWidth(values, data.t) ?? "",
      seeds: values.length,
    });
  }

  function showControls(/** @type {string} */ bits) {
    for (const [i, box] of boxes.entries()) box.set(state.switches[i] === "1");
    for (const [i, group] of [weights, alpha].entries()) {
      group.element.disabled = bits === ALONE;
      group.set(state.switches[3 + i] === "1" ? "on" : "off");
    }
    const own = data.alpha[state.setting][state.scheme];
    given.data = ` given: ${Object.keys(lossesOf(WHOLE))
      .map((name) => own[name])
      .join(", ")}`;
    lists.scheme.set(state.scheme);
    lists.setting.set(state.setting);
    lists.rule.set(state.rule);
  }

  // What to do where nobody has run this: go to what was run, or run it.
  function suggestions(/** @type {string} */ bits) {
    const { scheme, setting } = state;
    const go = (/** @type {Run} */ r) => () => {
      Object.assign(state, { scheme: r.scheme, setting: r.setting, switches: r.switches });
      update();
      title.focus();
    };
    const label = (/** @type {Run} */ r) =>
      [
        data.names[r.switches] ?? offWords(r.switches),
        ...(r.scheme === scheme ? [] : [r.scheme]),
        ...(r.setting === setting ? [] : [data.settings[r.setting].words]),
      ].join(", ");
    const runs = nearest(data, scheme, setting, bits);
    const order = command(data, scheme, setting, bits);
    const note =
      "A factor of 0 takes a loss out of the step. Its size still counts in the denominator of equation 6, " +
      "which all weights share.";
    return [
      make("p", {}, "Recorded and nearest to it:"),
      make("div", { class: "tl-controls" }, ...runs.map((r) => button(label(r), go(r)))),
      make("p", {}, "If you have the corpora, this makes the runs:"),
      make("pre", { tabindex: "0", "aria-label": "Command", "data-value": "command" }, order),
      ...(stillCounts(order) ? [make("p", { class: "tl-aside" }, note)] : []),
    ];
  }

  function update() {
    const { bits, run, whole, gains } = asked(data, state);
    showControls(bits);
    title.textContent = data.names[bits] ? `${data.names[bits]}: ${offWords(bits)}` : offWords(bits);
    title.dataset.switches = bits;
    title.dataset.recorded = String(Boolean(run));
    put("these", wars(run, state.rule));
    put("whole", wars(whole, state.rule));
    put("difference", gains, signed);
    rows.difference.hidden = !gains.length;
    rows.whole.hidden = run === whole && Boolean(run);
    source.textContent = run ? run.records.join(" ") : "None.";
    const said = sentence(data, schemeWords, state);
    say(said);
    const over = run && `Recognised in percent over ${run.epochs[run.epochs.length - 1]} epochs`;
    const curves = `${over}, a thin line for each seed and a thick one for their mean. ${said}`;
    picture.setAttribute("aria-label", run ? curves : said);
    missing.hidden = Boolean(run);
    missing.replaceChildren(...(run ? [] : suggestions(bits)));
    paint();
    shared.write(FIELDS.map((f) => state[f]).join("."));
  }

  update();
  const stop = redraw(picture, paint);
  return () => {
    stop();
    shared.end();
  };
}

export default explorable("ablations", render, ["data", "scheme_words"]);
