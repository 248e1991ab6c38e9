// Who is first, and by what (peers.py).

/** @import { View } from "./base.js" */
/** @import { Shared } from "./state.js" */
import { linear, multiples } from "./axes.js";
import { announcer, explorable, make } from "./base.js";
import { choice, radio } from "./controls.js";
import { counted, fixed, listed } from "./format.js";
import { partsOf, placeIn, sharedState } from "./state.js";

/** @typedef {"war" | "uar"} Metric */
/** @typedef {"final" | "unsupervised" | "oracle"} Rule */
/** @typedef {number | null} End of an interval; null where there is none */
/** @typedef {[number, End, End, End, End]} Five a mean, and the ends of its intervals over seeds and over speakers */
/** @typedef {{ scaling: string, seeds: number, records: string } & Record<Rule, Record<Metric, Five>>} Figures */
/** @typedef {Record<string, Record<string, number>>} Printed by method and source */
/** @typedef {[number, number, number]} Gap the first minus another, and the ends of its interval */
/** @typedef {Record<string, Record<string, Gap>>} Against by the labels of a first and of another */

/**
 * What leaderboard.py gives.
 * @typedef {object} Board
 * @property {Record<string, { method: string, name: string, table4: boolean }>} rows by label
 * @property {Record<string, { chance: number, majority: number, printed: Printed }>} schemes
 * @property {Record<string, Record<string, Figures>>} figures by scheme and label
 * @property {Record<string, Record<Rule, Record<Metric, Against>>>} against by scheme, rule and metric
 */

/**
 * @typedef {object} State
 * @property {string} scheme
 * @property {Metric} metric
 * @property {Rule} rule
 * @property {string} scaling
 * @property {string} interval
 */

/**
 * @typedef {object} Row
 * @property {string} label
 * @property {number} value
 * @property {End} low
 * @property {End} high
 * @property {string} scaling
 * @property {number} seeds
 * @property {string} records
 * @property {string} method
 * @property {string} name
 */

/** @type {Record<Metric, string>} */
const METRICS = { war: "WAR", uar: "UAR" };
/** @type {Record<Rule, string>} */
const RULES = {
  final: "the last epoch",
  unsupervised: "an epoch chosen without labels",
  oracle: "the best epoch on target labels",
};
const INTERVALS = { speakers: "other speakers", seeds: "other seeds" };
/** @type {Record<string, string>} */
const SOURCES = { paper: "the paper", README: "the authors' README" };
/** @type {Record<string, string>} */
const SHAPES = { paper: "▼", README: "◆" };
const FIELDS = /** @type {const} */ (["scheme", "metric", "rule", "scaling", "interval"]);

/** @param {number} v */
const one = (v) => fixed(v, 1);

/**
 * Rows of a state, the first first.
 * @param {Board} board
 * @param {State} state
 * @returns {Row[]}
 */
export function ordered(board, { scheme, metric, rule, scaling, interval }) {
  const at = interval === "seeds" ? 1 : 3;
  const all = Object.entries(board.figures[scheme])
    .map(([label, { seeds, records, ...f }]) => {
      const five = f[rule][metric];
      const [low, high] = [five[at], five[at + 1]];
      return { label, value: five[0], low, high, scaling: f.scaling, seeds, records, ...board.rows[label] };
    })
    .sort((a, b) => b.value - a.value || (a.label < b.label ? -1 : 1));
  if (scaling === "all") return all;
  if (scaling !== "best") return all.filter((r) => r.scaling === scaling);
  return all.filter((r, i) => all.findIndex((other) => other.method === r.method) === i);
}

/**
 * What a row lacks to the first, and whether the interval leaves 0 out; null for the first.
 * @param {Board} board
 * @param {State} state
 * @param {string} first its label
 * @param {string} label
 */
export function behind(board, state, first, label) {
  if (first === label) return null;
  const [value, low, high] = board.against[state.scheme][state.rule][state.metric][first][label];
  return { value, low, high, apart: low > 0 || high < 0 };
}

/**
 * Left and right end of the scale, the same for all states, so that what moves has moved.
 * @param {Board} board
 * @returns {[number, number]}
 */
export function endsOf(board) {
  /** @type {(number | null)[]} */
  const all = [];
  for (const rows of Object.values(board.figures))
    for (const f of Object.values(rows))
      for (const rule of /** @type {Rule[]} */ (Object.keys(RULES))) all.push(...f[rule].war, ...f[rule].uar);
  for (const scheme of Object.keys(board.figures)) {
    const { chance, majority, printed } = board.schemes[scheme];
    all.push(chance, majority, ...Object.values(printed).flatMap((p) => Object.values(p)));
  }
  const there = all.filter((v) => v !== null);
  return [Math.floor(Math.min(...there) / 10) * 10, Math.ceil(Math.max(...there) / 10) * 10];
}

/**
 * Every scaling that was run, in an order that addresses count by.
 * @param {Board} board
 */
export const scalingsOf = (board) =>
  [...new Set(Object.values(board.figures).flatMap((rows) => Object.values(rows).map((r) => r.scaling)))].sort();

/**
 * Who is first, and of how many it can be said.
 * @param {Board} board
 * @param {State} state
 * @param {Row[]} rows
 */
export function verdict(board, state, rows) {
  const named = (/** @type {Row} */ r) => `${r.name} (${r.scaling})`;
  if (!rows.length) return "Nothing was run in this way.";
  const [first, ...others] = rows;
  if (!others.length) return `${named(first)} is alone, with ${one(first.value)}: nothing else was run in this way.`;
  const gaps = others.flatMap((r) => behind(board, state, first.label, r.label) ?? []);
  const [gap] = gaps;
  const tied = gaps.filter((g) => !g.apart).length;
  const rest =
    tied === others.length
      ? "No row differs significantly from the first."
      : tied === 0
        ? "Every other row is significantly below the first."
        : `${tied} of the other ${others.length} do not differ significantly from the first.`;
  return (
    `First of ${rows.length}: ${named(first)}, ${one(first.value)}. ` +
    `Then ${named(others[0])}, ${one(others[0].value)}. ` +
    `The difference is ${one(gap.value)}, 95 % from ${one(gap.low)} to ${one(gap.high)}: ` +
    `${gap.apart ? "the first is significantly better." : "no significant difference."} ${rest}`
  );
}

/**
 * What is printed of a scheme, or why nothing is.
 * @param {Board} board
 * @param {State} state
 */
export function printedWords(board, { scheme, metric }) {
  if (metric === "uar") return "The paper prints WAR alone.";
  if (scheme === "mean") return "The paper's mean is over other schemes, so there is no mark.";
  const found = board.schemes[scheme].printed;
  if (!Object.keys(found).length) return "The paper has no such scheme.";
  const names = Object.fromEntries(Object.values(board.rows).map((r) => [r.method, r.name]));
  const words = Object.entries(found)
    .filter(([method]) => method in names)
    .map(([method, values]) => {
      const figures = Object.entries(values).map(([source, v]) => `${one(v)} (${SOURCES[source]})`);
      return `${names[method]} ${listed(figures)}`;
    });
  return `Printed: ${words.join(", ")}.`;
}

/**
 * Rows that were run elsewhere alone, with the scalings that they have there.
 * @param {Board} board
 * @param {State} state
 */
export function notRun(board, { scheme, scaling }) {
  if (scaling !== "all" && scaling !== "best") return [];
  return Object.entries(board.rows)
    .filter(([label]) => !(label in board.figures[scheme]))
    .map(([label, { name }]) => {
      const there = Object.values(board.figures).flatMap((rows) => (label in rows ? [rows[label].scaling] : []));
      return `${name} (${[...new Set(there)].join(", ")})`;
    });
}

/**
 * What has to be known of a state beside its rows.
 * @param {Board} board
 * @param {State} state
 */
export function note(board, state) {
  const missing = notRun(board, state);
  const words = [printedWords(board, state)];
  if (state.rule === "oracle")
    words.unshift(
      "The epoch is the best on the labels of the target; of PCA + SVM, which has no epochs, it is the setting C.",
    );
  if (state.scaling === "best")
    words.unshift("Each method's scaling is chosen here on the labels of the target: a bound, and no result.");
  if (missing.length) words.push(`Not run${state.scheme === "mean" ? " on all six" : ""}: ${missing.join(", ")}.`);
  return words.join(" ");
}

/**
 * What the marks mean.
 * @param {Board} board
 * @param {State} state
 */
export function legendWords(board, { scheme, metric }) {
  const { chance, majority, printed } = board.schemes[scheme];
  const words = [
    "● first, or not significantly below it",
    "○ significantly below it",
    `┊ chance ${one(chance)}`,
    ...(metric === "war" ? [`╎ largest class ${one(majority)}`] : []),
    ...(metric === "war" && Object.keys(printed).length
      ? Object.keys(SOURCES).map((source) => `${SHAPES[source]} ${SOURCES[source]}`)
      : []),
  ];
  return words.join("   ");
}

/**
 * What an address tells, or null. A scaling is counted.
 * @param {string} said
 * @param {Board} board
 * @returns {State | null}
 */
export function readSetting(said, board) {
  const scalings = scalingsOf(board);
  const found = partsOf(said, {
    scheme: (v) => Object.hasOwn(board.schemes, v),
    metric: (v) => Object.hasOwn(METRICS, v),
    rule: (v) => Object.hasOwn(RULES, v),
    scaling: (v) => placeIn(v, scalings.length) >= 0 || ["all", "best", ...scalings].includes(v),
    interval: (v) => Object.hasOwn(INTERVALS, v),
  });
  if (!found) return null;
  const scaling = scalings[placeIn(found.scaling, scalings.length)] ?? found.scaling;
  return /** @type {State} */ ({ ...found, scaling });
}

/**
 * The same as text.
 * @param {State} state
 * @param {Board} board
 */
export function written(state, board) {
  const place = scalingsOf(board).indexOf(state.scaling);
  return FIELDS.map((f) => (f === "scaling" && place >= 0 ? place : state[f])).join(".");
}

/**
 * The element of a row of the board, whose parts a state changes.
 * @param {string} label
 * @param {Board["rows"][string]} row
 */
function itemOf(label, row) {
  const parts = {
    place: make("span", { class: "tl-place" }),
    scaling: make("span"),
    figure: make("span", { class: "tl-figure" }),
    gap: make("span", { class: "tl-gap" }),
    line: make("i", { class: "tl-line" }),
    dot: make("i", { class: "tl-dot" }),
    chance: make("i", { class: "tl-floor tl-chance" }),
    majority: make("i", { class: "tl-floor tl-majority" }),
    marks: Object.fromEntries(Object.keys(SOURCES).map((s) => [s, make("i", { class: "tl-mark" }, SHAPES[s])])),
  };
  const { line, dot, chance, majority, marks } = parts;
  const element = make(
    "li",
    { class: `tl-row${row.table4 ? "" : " tl-ours"}`, "data-label": label },
    parts.place,
    make("span", { class: "tl-name" }, make("b", {}, row.name), " ", parts.scaling),
    parts.figure,
    make(
      "div",
      { class: "tl-track", "aria-hidden": "true" },
      ...[chance, majority, line, dot],
      ...Object.values(marks),
    ),
    parts.gap,
  );
  return { ...parts, element };
}

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-board");
  /** @type {Board} */
  const board = model.get("board");
  /** @type {Record<string, string>} */
  const names = model.get("scheme_words");
  /** @type {Shared<State>} */
  const { state, ...shared } = sharedState(model, {
    fields: [...FIELDS],
    read: (said) => readSetting(said, board),
    show,
  });

  const [left, right] = endsOf(board);
  const across = linear([left, right], [0, 100]);
  const schemeWords = (/** @type {string} */ key) =>
    key === "mean" ? "the mean of the six that anyone can run" : `${key}: ${names[key]}`;
  const scalings = {
    all: "every one that was run",
    best: "each method's best, by target labels",
    ...Object.fromEntries(scalingsOf(board).map((s) => [s, s])),
  };

  /** @param {keyof State} field */
  const of = (field) => ({
    value: state[field],
    change: (/** @type {string} */ v) => {
      Object.assign(state, { [field]: v });
      update();
    },
  });
  const schemes = Object.fromEntries(Object.keys(board.schemes).map((s) => [s, schemeWords(s)]));
  const controls = {
    scheme: choice({ label: "Scheme", options: schemes, ...of("scheme") }),
    scaling: choice({ label: "Scaling", options: scalings, ...of("scaling") }),
    rule: choice({ label: "Predictions of", options: RULES, ...of("rule") }),
    metric: radio({ label: "Metric", options: METRICS, ...of("metric") }),
    interval: radio({ label: "95 % over", options: INTERVALS, ...of("interval") }),
  };
  const { element: end, say } = announcer();
  const list = make("ol");
  const ticks = multiples(left, right, 10).map((v) => make("span", { style: `left:${across(v)}%` }, String(v)));
  const head = make(
    "div",
    { class: "tl-row tl-top", "aria-hidden": "true" },
    make("span", {}),
    make("span", {}, "method, scaling"),
    make("span", { class: "tl-figure" }),
    make("div", { class: "tl-track tl-axis" }, ...ticks),
    make("span", { class: "tl-gap" }, "behind the first"),
  );
  const legend = make("p", { class: "tl-aside tl-legend", "aria-hidden": "true" });
  const aside = make("p", { class: "tl-aside" });
  el.append(
    make("div", { class: "tl-controls" }, ...Object.values(controls).map((c) => c.element)),
    end,
    head,
    list,
    legend,
    aside,
    ...shared.foot,
  );

  // One element for each row of the board, so that it can be seen to move.
  const items = Object.fromEntries(Object.entries(board.rows).map(([label, row]) => [label, itemOf(label, row)]));

  /**
   * @param {HTMLElement} e
   * @param {End | undefined} v
   */
  function put(e, v) {
    e.hidden = typeof v !== "number";
    if (typeof v === "number") e.style.left = `${across(v)}%`;
  }

  /**
   * @param {Row} row
   * @param {number} i
   * @param {string} first its label
   */
  function draw(row, i, first) {
    const e = items[row.label];
    const gap = behind(board, state, first, row.label);
    const { low, high } = row;
    const interval = low === null || high === null ? " one run" : ` [${one(low)}, ${one(high)}]`;
    e.place.textContent = `${i + 1}.`;
    e.scaling.textContent = row.scaling;
    e.figure.replaceChildren(make("b", {}, one(row.value)), make("span", {}, interval));
    e.figure.title = `${counted(row.seeds, "run")}: ${row.records}`;
    if (gap === null) e.gap.replaceChildren("first");
    else
      e.gap.replaceChildren(
        make("span", { class: "tl-hidden" }, "behind the first "),
        `${one(gap.value)} [${one(gap.low)}, ${one(gap.high)}]`,
        ...(gap.apart ? [] : [make("em", {}, " not significant")]),
      );
    const { chance, majority, printed } = board.schemes[state.scheme];
    const found = state.metric === "war" ? (printed[row.method] ?? {}) : {};
    Object.assign(e.element.dataset, {
      place: i + 1,
      value: row.value,
      low: low ?? "",
      high: high ?? "",
      gap: gap ? [gap.value, gap.low, gap.high].join(" ") : "",
      apart: gap === null ? "first" : gap.apart,
      printed: Object.values(found).join(" "),
    });
    put(e.dot, row.value);
    put(e.line, low);
    if (low !== null && high !== null) e.line.style.width = `${across(high) - across(low)}%`;
    put(e.chance, chance);
    put(e.majority, state.metric === "war" ? majority : null);
    for (const [source, mark] of Object.entries(e.marks)) {
      put(mark, found[source]);
      if (source in found) mark.title = `${SOURCES[source]}: ${one(found[source])}`;
    }
  }

  function update() {
    const rows = ordered(board, state);
    const shown = () => /** @type {HTMLElement[]} */ ([...list.children]);
    const before = new Map(shown().map((e) => [e, e.offsetTop]));
    for (const [i, row] of rows.entries()) draw(row, i, rows[0].label);
    list.replaceChildren(...rows.map((r) => items[r.label].element));
    if (before.size && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
      for (const e of shown()) {
        const from = before.get(e);
        const start = from === undefined ? { opacity: 0 } : { transform: `translateY(${from - e.offsetTop}px)` };
        e.animate([start, {}], { duration: 700, easing: "ease-in-out" });
      }
    }
    say(verdict(board, state, rows));
    aside.textContent = note(board, state);
    legend.textContent = legendWords(board, state);
    shared.write(written(state, board));
  }

  function show() {
    for (const f of FIELDS) controls[f].set(state[f]);
    update();
  }

  show();
  return shared.end;
}

export default explorable("peers", render, ["board", "scheme_words"]);
