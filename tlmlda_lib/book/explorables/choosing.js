// C chosen by eye on folds of the source, then the target uncovered (choosing.py).

/** @import { View } from "./base.js" */
/** @import { Shared } from "./state.js" */
import { columnsOf, line, linear, multiples, rowsOf, text } from "./axes.js";
import { announcer, explorable, make, put, redraw } from "./base.js";
import { checkbox, choice, radio } from "./controls.js";
import { fixed } from "./format.js";
import { partsOf, placeIn, sharedState } from "./state.js";
import { mean, sum } from "./statistics.js";

/** @typedef {{ name: string, folds: number[][], target: number[] }} Task scores in percent */
/** @typedef {{ task: string, chosen: number, shown: boolean }} State chosen is a place in the grid, -1 for none */

const HEIGHT = 280;
const LEFT = 34;
const RIGHT = 12;
const TOP = 24;
const BOTTOM = HEIGHT - 40;

/**
 * Mean and standard error over the folds, for each value.
 * @param {number[][]} folds
 */
export function summaryOf(folds) {
  const n = folds.length;
  const columns = folds[0].map((_, i) => folds.map((row) => row[i]));
  const means = columns.map(mean);
  const errors = columns.map((v, i) => Math.sqrt(sum(v.map((s) => (s - means[i]) ** 2)) / (n - 1) / n));
  return { means, errors };
}

/**
 * Place of the largest value; of equal ones the first.
 * @param {readonly number[]} values
 */
export const bestOf = (values) => values.indexOf(Math.max(...values));

/**
 * The one-standard-error rule: the first value whose mean is within one standard error of the best.
 * @param {number[][]} folds
 */
export function ruleOf(folds) {
  const { means, errors } = summaryOf(folds);
  const best = bestOf(means);
  return means.findIndex((m) => m >= means[best] - errors[best]);
}

/**
 * What the oracle has more than the rule, in points.
 * @param {Task} task
 */
export const gainOf = ({ folds, target }) => Math.max(...target) - target[ruleOf(folds)];

/**
 * What is said of a choice while the target is covered.
 * @param {readonly number[]} grid
 * @param {Task} task
 * @param {number} chosen
 */
export function choiceInWords(grid, { folds }, chosen) {
  if (chosen < 0) return "Choose the smallest C whose mean is within one standard error of the best.";
  const { means, errors } = summaryOf(folds);
  const best = bestOf(means);
  const rule = ruleOf(folds);
  const mine = `C = ${grid[chosen]}: ${fixed(means[chosen], 1)} % on the folds.`;
  const limit = `The best mean, less one standard error, is ${fixed(means[best] - errors[best], 1)} %.`;
  const verdict =
    chosen === rule
      ? "This is what the rule takes."
      : means[chosen] < means[best] - errors[best]
        ? "The rule wants more than this C reaches."
        : "It is good enough, but a smaller C is, too.";
  return `${mine} ${limit} ${verdict}`;
}

/**
 * What is said once the target is uncovered.
 * @param {readonly number[]} grid
 * @param {Task} task
 * @param {number} chosen
 */
export function targetInWords(grid, task, chosen) {
  const { folds, target } = task;
  const [rule, top] = [ruleOf(folds), bestOf(target)];
  const score = (/** @type {number} */ i) => `C = ${grid[i]}, ${fixed(target[i], 1)} %`;
  const mine = chosen < 0 || chosen === rule ? "" : `Yours: ${score(chosen)} on the target. `;
  return (
    `${mine}The rule: ${score(rule)}${mine ? "" : " on the target"}. ` +
    `The oracle, which saw the target's labels: ${score(top)}, ${fixed(gainOf(task), 1)} points more than the rule.`
  );
}

/**
 * What an address tells, or null.
 * @param {string} said
 * @param {Task[]} tasks
 * @param {readonly number[]} grid
 * @returns {State | null}
 */
export function readSetting(said, tasks, grid) {
  const parts = partsOf(said, {
    task: (v) => placeIn(v, tasks.length) >= 0,
    chosen: (v) => v === "none" || placeIn(v, grid.length) >= 0,
    shown: (v) => v === "0" || v === "1",
  });
  return (
    parts && {
      task: tasks[Number(parts.task)].name,
      chosen: parts.chosen === "none" ? -1 : Number(parts.chosen),
      shown: parts.shown === "1",
    }
  );
}

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-choosing");
  /** @type {Task[]} */
  const tasks = model.get("tasks");
  /** @type {number[]} */
  const grid = model.get("grid");
  /** @type {Shared<State>} */
  const { state, ...page } = sharedState(model, {
    fields: ["task", "chosen", "shown"],
    read: (said) => readSetting(said, tasks, grid),
    show: update,
  });
  const which = () =>
    Math.max(
      0,
      tasks.findIndex((t) => t.name === state.task),
    );

  const task = choice({
    label: "Task",
    options: Object.fromEntries(tasks.map((t) => [t.name, t.name])),
    value: state.task,
    change: (v) => {
      Object.assign(state, { task: v, chosen: -1, shown: false });
      update();
    },
  });
  const values = radio({
    label: "Your C",
    options: Object.fromEntries(grid.map((c, i) => [String(i), String(c)])),
    value: String(state.chosen),
    change: (v) => {
      state.chosen = Number(v);
      update();
    },
  });
  const cover = checkbox({
    label: "Uncover the target",
    value: state.shown,
    change: (on) => {
      state.shown = on;
      update();
    },
  });
  const picture = make("svg:svg", { role: "img" });
  const gain = make("output", { "data-value": "gain" });
  const price = make("p", { class: "tl-price" }, "The oracle's gain: ", gain);
  const { element: words, say } = announcer();
  el.append(
    make(
      "div",
      { class: "tl-controls" },
      task.element,
      values.element,
      make("div", { class: "tl-control" }, cover.element),
    ),
    picture,
    price,
    words,
    ...page.foot,
  );

  function paint() {
    const { folds, target } = tasks[which()];
    const { means, errors } = summaryOf(folds);
    const best = bestOf(means);
    const width = Math.max(picture.clientWidth, 240);
    const right = width - RIGHT;
    const all = [...folds.flat(), ...target];
    const low = Math.floor(Math.min(...all) / 10) * 10;
    const high = Math.ceil(Math.max(...all) / 10) * 10;
    const x = linear([-0.5, grid.length - 0.5], [LEFT, right]);
    const y = linear([low, high], [BOTTOM, TOP]);
    const at = (/** @type {number} */ i, /** @type {number} */ v) => ({ cx: x(i).toFixed(1), cy: y(v).toFixed(1) });
    const lineOf = (/** @type {string} */ kind, /** @type {number[]} */ v) =>
      line(
        kind,
        v.map((s, i) => [x(i), y(s)]),
      );
    const limit = y(means[best] - errors[best]);
    const top = bestOf(target);
    picture.replaceChildren(
      text("recognised (%)", 0, 12, { class: "tl-title" }),
      ...rowsOf(multiples(low, high, high - low > 40 ? 20 : 10), { y, left: LEFT, right }),
      make("svg:rect", {
        class: "tl-good",
        x: LEFT,
        width: right - LEFT,
        y: y(means[best]).toFixed(1),
        height: Math.max(limit - y(means[best]), 1).toFixed(1),
      }),
      ...(state.chosen >= 0
        ? [make("svg:path", { class: "tl-chosen", d: `M${x(state.chosen).toFixed(1)} ${TOP}V${BOTTOM}` })]
        : []),
      ...folds.flatMap((row) => row.map((v, i) => make("svg:circle", { class: "tl-fold", ...at(i, v), r: 2.5 }))),
      ...means.map((m, i) =>
        make("svg:path", {
          class: "tl-error",
          d: `M${x(i).toFixed(1)} ${y(m - errors[i]).toFixed(1)}V${y(m + errors[i]).toFixed(1)}`,
        }),
      ),
      lineOf("tl-means", means),
      ...means.map((m, i) => make("svg:circle", { class: "tl-mean", ...at(i, m), r: 4.5 })),
      text("folds of the source", right, y(Math.min(...folds.map((row) => row[grid.length - 1]))) + 18, {
        class: "tl-source",
        "text-anchor": "end",
      }),
      ...(state.shown
        ? [
            lineOf("tl-line", target),
            ...target.map((v, i) =>
              make("svg:circle", { class: i === top ? "tl-top" : "tl-on", ...at(i, v), r: i === top ? 8 : 4 }),
            ),
            text("target", LEFT + 4, y(target[0]) - 10, { class: "tl-target" }),
            text("oracle", x(top), y(target[top]) - 13, { class: "tl-target", "text-anchor": "middle" }),
          ]
        : []),
      ...columnsOf(
        grid.map((_, i) => i),
        {
          x,
          bottom: BOTTOM,
          left: LEFT,
          right,
          title: "C, the cost of a wrong utterance in the source",
          words: (i) => String(grid[Number(i)]),
        },
      ),
    );
  }

  function update() {
    const now = tasks[which()];
    task.set(now.name);
    values.set(String(state.chosen));
    cover.set(state.shown);
    price.hidden = !state.shown;
    const more = gainOf(now);
    put(gain, more, `${fixed(more, 1)} points`);
    const said = state.shown ? targetInWords(grid, now, state.chosen) : choiceInWords(grid, now, state.chosen);
    say(said);
    picture.setAttribute(
      "aria-label",
      `Share recognised for ${grid.length} values of C, on folds of the source` +
        `${state.shown ? " and on the target" : "; the target is covered"}. ${said}`,
    );
    paint();
    page.write([which(), state.chosen < 0 ? "none" : state.chosen, Number(state.shown)].join("."), { gain: more });
  }

  update();
  const stop = redraw(picture, paint);
  return () => {
    stop();
    page.end();
  };
}

export default explorable("choosing", render, ["grid", "tasks"]);
