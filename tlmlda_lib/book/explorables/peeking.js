// Peeking: curves of target figures, an epoch to stop at, and what is then published (peeking.py). Figures come in
// hundredths of a percent, so sums are exact.

/** @import { Scale } from "./axes.js" */
/** @import { View } from "./base.js" */
/** @import { Shared } from "./state.js" */
import { columnsOf, line, linear, multiples, rowsOf, threeOf } from "./axes.js";
import { announcer, explorable, make, redraw } from "./base.js";
import { button, checkbox, choice, dragging, slider } from "./controls.js";
import { counted, fixed, signed } from "./format.js";
import { isCount, sharedState } from "./state.js";
import { mean } from "./statistics.js";

/**
 * Recorded runs that differ in nothing but the seed (best_epochs.py).
 * @typedef {object} Series
 * @property {string} scheme
 * @property {string} method
 * @property {string} preset
 * @property {number} epochs
 * @property {number[]} seeds
 * @property {number[][]} war a curve of each seed
 * @property {number[]} unsupervised the epoch that was chosen without labels, from 1, of each seed
 * @property {number | null} paper a published figure
 * @property {number | null} readme
 * @property {string[]} records
 */

/**
 * @typedef {object} State
 * @property {number} which of the series
 * @property {number} epoch from 1
 * @property {number} seeds how many take part
 * @property {boolean} beside whether the network without transfer is shown
 */

const HEIGHT = 300;
const LEFT = 38;
const EDGE = 12;
const TOP = 14;
const BOTTOM = HEIGHT - 38;

/** @param {number} v hundredths */
const words = (v) => fixed(v / 100, 1);

/**
 * The highest of the first k seeds at an epoch, counted from 1.
 * @param {Series} s
 * @param {number} k
 * @param {number} epoch
 */
export const shownAt = (s, k, epoch) => Math.max(...s.war.slice(0, k).map((curve) => curve[epoch - 1]));

/**
 * The epoch, of all, at which the highest of the first k seeds is highest; the first of equals.
 * @param {Series} s
 * @param {number} k
 */
export function bestEpoch(s, k) {
  let best = 1;
  for (let e = 2; e <= s.epochs; e++) if (shownAt(s, k, e) > shownAt(s, k, best)) best = e;
  return best;
}

/**
 * How many last epochs stand for "where it ends up".
 * @param {Series} s
 */
export const tail = (s) => Math.floor(s.epochs / 3) || 1;

/**
 * What needs no target label: means over all seeds that were recorded.
 * @param {Series} s
 */
export const honest = (s) => ({
  final: mean(s.war.map((curve) => curve[s.epochs - 1])),
  unsupervised: mean(s.war.map((curve, i) => curve[s.unsupervised[i] - 1])),
  last: mean(s.war.map((curve) => mean(curve.slice(-tail(s))))),
});

/**
 * The same network without transfer, if it was recorded with as many epochs.
 * @param {Series[]} all
 * @param {Series} s
 */
export const withoutTransfer = (all, s) =>
  all.find((o) => o.method === "only_cls" && o.scheme === s.scheme && o.preset === s.preset && o.epochs === s.epochs);

/**
 * The series of another scheme that differs least otherwise.
 * @param {Series[]} all
 * @param {Series} now
 * @param {string} scheme
 */
export function likeIn(all, now, scheme) {
  const alike = (/** @type {Series} */ s) =>
    s.method !== now.method ? 0 : s.preset !== now.preset ? 1 : s.epochs !== now.epochs ? 2 : 3;
  const of = all.map((_, i) => i).filter((i) => all[i].scheme === scheme);
  return of.reduce((best, i) => (alike(all[i]) > alike(all[best]) ? i : best), of[0]);
}

/**
 * A state that fits its run: what does not becomes the last of it.
 * @param {Series[]} all
 * @param {State} state
 * @returns {State}
 */
export function fitting(all, state) {
  const within = (/** @type {number} */ v, /** @type {number} */ low, /** @type {number} */ high) =>
    Math.max(low, Math.min(v, high));
  const which = within(state.which, 0, all.length - 1);
  return {
    which,
    epoch: within(state.epoch, 1, all[which].epochs),
    seeds: within(state.seeds, 1, all[which].seeds.length),
    beside: state.beside,
  };
}

/** @param {Series} s */
const idOf = (s) => `${s.scheme}.${s.method}.${s.preset}.${s.epochs}`;

/**
 * What an address tells, or null.
 * @param {string} said
 * @param {Series[]} all
 * @returns {State | null}
 */
export function readSetting(said, all) {
  const which = all.findIndex((s) => said.startsWith(`${idOf(s)}.`));
  if (which < 0) return null;
  const s = all[which];
  const [epoch, seeds = "", beside, ...rest] = said.slice(idOf(s).length + 1).split(".");
  const known = isCount(epoch, s.epochs) && isCount(seeds, s.seeds.length) && (beside === "0" || beside === "1");
  if (!known || rest.length) return null;
  return { which, epoch: Number(epoch), seeds: Number(seeds), beside: beside === "1" };
}

/**
 * A run in words.
 * @param {Series} s
 * @param {Record<string, string>} names of methods
 */
const kindOf = (s, names) => `${names[s.method] ?? s.method}, ${s.preset}, ${counted(s.epochs, "epoch")}`;

/**
 * A state in words.
 * @param {Series[]} all
 * @param {Record<string, string>} names of methods
 * @param {State} state
 */
export function sentence(all, names, { which, epoch, seeds, beside }) {
  const s = all[which];
  const value = shownAt(s, seeds, epoch);
  const end = honest(s).final;
  const other = beside && s.method !== "only_cls" ? withoutTransfer(all, s) : undefined;
  const parts = [
    `${s.scheme}, ${kindOf(s, names)}: stopped at epoch ${epoch} of ${s.epochs}, best of ${counted(seeds, "seed")}: ` +
      `${words(value)} percent, ${signed((value - end) / 100, 1)} points against the last epoch's mean, ${words(end)}.`,
    `The best epoch is ${bestEpoch(s, seeds)}.`,
  ];
  if (s.paper !== null) parts.push(`The paper prints ${words(s.paper)}${value >= s.paper ? ": reached" : ""}.`);
  if (other) {
    const best = shownAt(other, seeds, bestEpoch(other, seeds));
    parts.push(`Without transfer, at its own best epoch: ${words(best)}.`);
  }
  return parts.join(" ");
}

/**
 * Published figures of a run, with their sources.
 * @param {Series} s
 */
export const printedOf = (s) =>
  [
    { name: "paper", value: s.paper },
    { name: "README", value: s.readme },
  ].flatMap(({ name, value }) => (value === null ? [] : [{ name, value }]));

/**
 * A piece of a line for the legend.
 * @param {string} kind its class
 */
const sample = (kind) =>
  make(
    "svg:svg",
    { class: "tl-sample", viewBox: "0 0 26 10", "aria-hidden": "true" },
    make("svg:path", { class: kind, d: "M0 5H26" }),
  );

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-peek");
  /** @type {Series[]} */
  const all = model.get("series");
  /** @type {Record<string, string>} */
  const names = model.get("names");
  if (!all.length) {
    el.append(make("p", {}, "Not run: there is no record with a curve by epoch yet."));
    return undefined;
  }
  /** @type {Shared<State>} */
  const { state, ...shared } = sharedState(model, {
    fields: ["which", "epoch", "seeds", "beside"],
    read: (said) => readSetting(said, all),
    show: () => {
      Object.assign(state, fitting(all, state));
      update();
    },
  });
  Object.assign(state, fitting(all, state));

  const run = () => all[state.which];
  const other = () => (run().method === "only_cls" ? undefined : withoutTransfer(all, run()));

  // The last epoch of a run stays the last of another.
  function go(/** @type {Partial<State>} */ change) {
    const wasLast = state.epoch === run().epochs;
    Object.assign(state, change);
    if (wasLast && change.epoch === undefined) state.epoch = run().epochs;
    Object.assign(state, fitting(all, state));
    update();
  }

  const schemes = [...new Set(all.map((s) => s.scheme))];
  const pickScheme = choice({
    label: "Scheme",
    options: Object.fromEntries(schemes.map((s) => [s, `${s[0]} to ${s[2]}`])),
    value: run().scheme,
    change: (scheme) => go({ which: likeIn(all, run(), scheme) }),
  });
  const runs = make("div");
  const stop = slider({
    label: "Stop at epoch",
    min: 1,
    max: run().epochs,
    step: 1,
    value: 1,
    words: String,
    change: (v) => go({ epoch: v }),
  });
  const many = slider({
    label: "Seeds to choose from",
    min: 1,
    max: 1,
    step: 1,
    value: 1,
    words: String,
    change: (v) => go({ seeds: v }),
  });
  const best = button("The best epoch", () => go({ epoch: bestEpoch(run(), state.seeds) }));
  const last = button("The last epoch", () => go({ epoch: run().epochs }));
  const box = checkbox({
    label: "the same network without transfer",
    value: state.beside,
    change: (v) => go({ beside: v }),
  });
  box.element.classList.add("tl-box");
  const result = make("output", { class: "tl-result", "data-value": "result" });
  const price = make("output", { "data-value": "price" });
  const plot = make("svg:svg", { role: "img" });
  const stage = make("div", { class: "tl-stage" }, plot);
  const legend = make("p", { class: "tl-legend" });
  const { element: table, show: showTable } = tableOf();
  const { element: summary, say } = announcer();
  const from = make("p", { class: "tl-from" });

  el.append(
    make("div", { class: "tl-controls" }, pickScheme.element, runs),
    make(
      "p",
      { class: "tl-said" },
      "Your result: ",
      result,
      " % ",
      make("span", { class: "tl-aside" }, "(", price, " points against the last epoch, mean of all seeds)"),
    ),
    legend,
    stage,
    make("div", { class: "tl-controls tl-stop" }, stop.element, make("div", { class: "tl-control" }, best, last)),
    make("div", { class: "tl-controls" }, many.element, box.element),
    table,
    summary,
    from,
    ...shared.foot,
  );

  /** @type {Scale | undefined} */
  let across;

  function paint() {
    const width = stage.clientWidth;
    if (!width) return;
    const { epoch, seeds } = state;
    const s = run();
    const o = state.beside ? other() : undefined;
    const curves = s.war.slice(0, seeds);
    const published = printedOf(s);
    const every = [...s.war.flat(), ...(withoutTransfer(all, s)?.war.flat() ?? []), ...published.map((p) => p.value)];
    const low = Math.floor(Math.min(...every) / 500) * 500;
    const high = Math.ceil(Math.max(...every) / 500) * 500;
    const right = width - EDGE;
    const x = linear([1, s.epochs], [LEFT, right]);
    const y = linear([low, high], [BOTTOM, TOP]);
    across = x;
    const drawn = (/** @type {string} */ kind) => (/** @type {number[]} */ curve) =>
      line(
        `tl-curve ${kind}`,
        curve.map((v, i) => [x(i + 1), y(v)]),
      );
    const value = shownAt(s, seeds, epoch);
    const rows = multiples(low, high, high - low > 3000 ? 1000 : 500);
    plot.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    plot.replaceChildren(
      ...rowsOf(rows, { y, left: LEFT, right, words: (v) => String(v / 100) }),
      ...columnsOf(threeOf(s.epochs), { x, bottom: BOTTOM, left: LEFT, right, title: "epoch", under: HEIGHT - 4 }),
      ...(o ? o.war.slice(0, seeds) : []).map(drawn("tl-other")),
      ...curves.map(drawn("tl-mine")),
      ...published.map((p) =>
        make("svg:path", { class: `tl-published tl-${p.name}`, d: `M${LEFT} ${y(p.value)}H${right}` }),
      ),
      make("svg:path", { class: "tl-honest", d: `M${right - 7} ${y(honest(s).final)}h14` }),
      make("svg:path", { class: "tl-now", d: `M${x(epoch)} ${TOP}V${BOTTOM}` }),
      ...(o ? [square(x(epoch), y(shownAt(o, seeds, epoch)))] : []),
      make("svg:circle", { class: "tl-dot tl-mine", cx: x(epoch), cy: y(value), r: 5.5 }),
    );
    const [least, most] = [Math.min(...curves.flat()), Math.max(...curves.flat())].map(words);
    plot.setAttribute(
      "aria-label",
      `Recognised by epoch, ${counted(seeds, "run")} of ${s.epochs} epochs, from ${least} to ${most} percent. ` +
        `Stopped at ${epoch}: ${words(value)}.`,
    );
  }

  const square = (/** @type {number} */ x, /** @type {number} */ y) =>
    make("svg:rect", { class: "tl-dot tl-other", x: x - 4.5, y: y - 4.5, width: 9, height: 9 });

  // Dragging on the picture stops there; up and down still scrolls the page.
  plot.addEventListener("pointerdown", (event) => {
    const follow = (/** @type {PointerEvent} */ e) => {
      const { left, width } = plot.getBoundingClientRect();
      if (!across || !width) return;
      const epoch = Math.round(across.invert(e.clientX - left));
      go({ epoch: Math.max(1, Math.min(run().epochs, epoch)) });
    };
    follow(event);
    dragging(plot, event, follow);
  });

  function showControls() {
    const s = run();
    pickScheme.set(s.scheme);
    const options = Object.fromEntries(
      all.flatMap((r, i) => (r.scheme === s.scheme ? [[`r${i}`, kindOf(r, names)]] : [])),
    );
    const value = `r${state.which}`;
    const select = runs.querySelector("select");
    if (select && [...select.options].map((o) => o.value).join() === Object.keys(options).join()) select.value = value;
    else {
      const change = (/** @type {string} */ v) => go({ which: Number(v.slice(1)) });
      runs.replaceChildren(choice({ label: "Run", options, value, change }).element);
    }
    stop.input.max = String(s.epochs);
    stop.set(state.epoch);
    many.input.max = String(s.seeds.length);
    many.input.disabled = s.seeds.length < 2;
    many.set(state.seeds);
    box.input.disabled = !other();
    box.element.hidden = box.input.disabled;
    box.set(state.beside && !box.input.disabled);
  }

  function update() {
    const s = run();
    const o = state.beside ? other() : undefined;
    const value = shownAt(s, state.seeds, state.epoch);
    const gain = value - honest(s).final;
    const name = names[s.method] ?? s.method;
    showControls();
    result.value = words(value);
    result.dataset.exact = String(value / 100);
    price.value = signed(gain / 100, 1);
    price.dataset.exact = String(gain / 100);
    showTable(state, [
      { label: name, s, prefix: "" },
      ...(o ? [{ label: names.only_cls, s: o, prefix: "other-" }] : []),
    ]);
    from.textContent = `Records: ${s.records[0].replace(/\d+$/, "")}${s.seeds.join(",")}`;
    legend.replaceChildren(
      ...[
        ["tl-curve tl-mine", name],
        ...(o ? [["tl-curve tl-other", names.only_cls]] : []),
        ...printedOf(s).map((p) => [`tl-published tl-${p.name}`, `${p.name} ${words(p.value)}`]),
        ["tl-honest", "mean of the last epoch"],
      ].map(([kind, what]) => make("span", {}, sample(kind), ` ${what}`)),
    );
    say(sentence(all, names, state));
    paint();
    shared.write([idOf(s), state.epoch, state.seeds, o ? 1 : 0].join("."), { result: value / 100 });
  }

  update();
  const end = redraw(stage, paint);
  return () => {
    end();
    shared.end();
  };
}

// What was chosen by target labels, and what was not.
function tableOf() {
  const chosen = make("th", { scope: "colgroup", colspan: "2" });
  const lastOnes = make("th", { scope: "col" });
  const body = make("tbody");
  const column = (/** @type {string} */ label) => make("th", { scope: "col" }, label);
  const without = "chosen without labels, mean of all seeds";
  const element = make(
    "div",
    { class: "tl-wide", tabindex: "0", role: "region", "aria-label": "What was chosen, and what was not" },
    make(
      "table",
      {},
      make("caption", {}, "Recognised, in percent"),
      make(
        "thead",
        {},
        make("tr", {}, make("td"), chosen, make("th", { scope: "colgroup", colspan: "3" }, without)),
        make("tr", {}, make("td"), ...["at your epoch", "best epoch", "last epoch", "InfoMax"].map(column), lastOnes),
      ),
      body,
    ),
  );
  const cell = (/** @type {string} */ name, /** @type {number} */ v) =>
    make("td", {}, make("output", { "data-value": name, "data-exact": v / 100 }, words(v)));

  /**
   * @param {State} state
   * @param {{ label: string, s: Series, prefix: string }[]} rows
   */
  function show({ epoch, seeds }, rows) {
    chosen.textContent = `chosen by target labels, best of ${counted(seeds, "seed")}`;
    lastOnes.textContent = `last ${counted(tail(rows[0].s), "epoch")}`;
    body.replaceChildren(
      ...rows.map(({ label, s, prefix }) => {
        const numbers = {
          at: shownAt(s, seeds, epoch),
          best: shownAt(s, seeds, bestEpoch(s, seeds)),
          ...honest(s),
        };
        const cells = Object.entries(numbers).map(([name, v]) => cell(prefix + name, v));
        return make("tr", {}, make("th", { scope: "row" }, label), ...cells);
      }),
    );
  }
  return { element, show };
}

export default explorable("peeking", render, ["series", "names"]);
