// Who is first by a few drawn seeds, and how often by all draws (reproducibility.py).

/** @import { View } from "./base.js" */
/** @import { Shared } from "./state.js" */
import { columnsOf, line, linear, multiples, rowsOf, text } from "./axes.js";
import { announcer, explorable, make, redraw } from "./base.js";
import { button, choice, slider } from "./controls.js";
import { counted, fixed, listed, percent } from "./format.js";
import { isCount, partsOf, sharedState } from "./state.js";
import { drawn, mean, outcomes, ranking, sum } from "./statistics.js";

/**
 * Methods that were run with the same seeds (rankings.py).
 * @typedef {object} Entry
 * @property {number[]} seeds
 * @property {number} count of schemes
 * @property {number} full number of units that are 100 %
 * @property {{ name: string, records: string, units: number[] }[]} methods
 */

/** @typedef {Record<string, { words: string, schemes: Record<string, Entry> }>} Data by set of methods */
/** @typedef {{ first: number, order: number }} Held shares of the draws, 0 to 1 */

/**
 * @typedef {object} State
 * @property {string} methods
 * @property {string} scheme
 * @property {number} seeds drawn
 * @property {number} draw its number, from 1
 */

const KINDS = /** @type {const} */ (["first", "order"]);

/** @param {number} v */
const one = (v) => fixed(v, 1);

/**
 * How often k seeds give the same first as all seeds, and the same order. Where two are equal in a draw, it does not
 * speak against the order of all seeds.
 * @param {number[][]} units of each method and seed
 * @param {number} k
 * @returns {Held}
 */
export function held(units, k) {
  const whole = ranking(units.map(sum));
  const [best, ...rest] = whole;
  const found = { first: 0, order: 0 };
  for (const { times, share } of outcomes(units[0].length, k)) {
    const totals = units.map((row) => sum(row.map((v, i) => v * times[i])));
    if (!rest.every((b) => totals[best] >= totals[b])) continue;
    found.first += share;
    if (rest.every((b, i) => totals[whole[i]] >= totals[b])) found.order += share;
  }
  return found;
}

/**
 * The order that a draw gives; of equal ones the one that is before by all seeds.
 * @param {number[]} totals
 * @param {number[][]} units
 */
export function orderOf(totals, units) {
  const whole = ranking(units.map(sum));
  return [...whole].sort((a, b) => totals[b] - totals[a] || whole.indexOf(a) - whole.indexOf(b));
}

/**
 * A draw: places of its seeds, the methods' means by it and by all seeds in percent, and both orders.
 * @param {Entry} entry
 * @param {number} k seeds
 * @param {number} number of the draw
 */
export function drawOf(entry, k, number) {
  const units = entry.methods.map((m) => m.units);
  const picks = drawn(entry.seeds.length, k, number);
  const totals = units.map((row) => sum(picks.map((p) => row[p])));
  const inPercent = (/** @type {number} */ v) => (100 * v) / entry.full;
  return {
    picks,
    means: totals.map((v) => inPercent(v / k)),
    wholes: units.map((row) => inPercent(mean(row))),
    byDraw: orderOf(totals, units),
    byAll: ranking(units.map(sum)),
  };
}

/**
 * A draw in words, and what all draws of as many seeds give.
 * @param {Entry} entry
 * @param {ReturnType<typeof drawOf>} draw
 * @param {Held} now
 */
export function sentence(entry, { picks, byDraw, byAll }, now) {
  const [first, always] = [byDraw[0], byAll[0]].map((i) => entry.methods[i].name);
  const all = `all ${counted(entry.seeds.length, "seed")}`;
  const same = byDraw.every((i, place) => i === byAll[place]);
  const rest = same ? "and so is the whole order" : "and the order below is another";
  const told =
    byDraw[0] === byAll[0]
      ? `${first} is first, as by ${all}, ${rest}.`
      : `${first} is first. By ${all} it would be ${always}.`;
  return (
    `${told} Of all draws of ${counted(picks.length, "seed")}, ` +
    `${percent(now.first)} have the same first, ${percent(now.order)} the same order.`
  );
}

/**
 * Shares over the numbers of seeds, in words.
 * @param {Held[]} curve for 1, 2, .. seeds
 * @param {number} k
 */
export function curveWords(curve, k) {
  const most = curve.length;
  const [least, now, end] = [curve[0], curve[k - 1], curve[most - 1]];
  return (
    "How often the same method is first, and how often the whole order is the same, " +
    `for 1 to ${counted(most, "seed")}: first ${percent(least.first)} with 1 seed, ` +
    `${percent(now.first)} with ${k}, ${percent(end.first)} with ${most}; ` +
    `the order ${percent(least.order)}, ${percent(now.order)}, ${percent(end.order)}.`
  );
}

/**
 * A state that was run: where its scheme was not, another.
 * @param {Data} data
 * @param {State} state
 * @returns {Pick<State, "methods" | "scheme">}
 */
export function existing(data, { methods, scheme }) {
  const known = methods in data ? methods : Object.keys(data)[0];
  const { schemes } = data[known];
  return { methods: known, scheme: scheme in schemes ? scheme : Object.keys(schemes)[0] };
}

/**
 * What an address tells, or null.
 * @param {string} said
 * @param {Data} data
 * @param {number} most seeds that are drawn
 * @returns {State | null}
 */
export function readSetting(said, data, most) {
  const found = partsOf(said, {
    methods: (v) => Object.hasOwn(data, v),
    scheme: (v) => Object.values(data).some(({ schemes }) => Object.hasOwn(schemes, v)),
    seeds: (v) => isCount(v, most),
    draw: (v) => isCount(v, 9999),
  });
  if (!found || !Object.hasOwn(data[found.methods].schemes, found.scheme)) return null;
  return { ...found, seeds: Number(found.seeds), draw: Number(found.draw) };
}

/**
 * The step of an axis: at most so many of them.
 * @param {number} extent
 * @param {number} count
 */
export const stepOf = (extent, count) => [1, 2, 5, 10, 20].find((s) => extent / s <= count) ?? 50;

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-seeds");
  /** @type {Data} */
  const data = model.get("data");
  /** @type {number} */
  const most = model.get("most");
  /** @type {Record<string, string>} */
  const names = model.get("scheme_words");
  /** @type {Shared<State>} */
  const { state, ...shared } = sharedState(model, {
    fields: ["methods", "scheme", "seeds", "draw"],
    read: (said) => readSetting(said, data, most),
    show: update,
  });

  const here = () => data[state.methods].schemes[state.scheme];
  // How often over all draws, for every number of seeds; counted once.
  /** @type {Map<Entry, Held[]>} */
  const known = new Map();
  function curve() {
    const entry = here();
    const units = entry.methods.map((m) => m.units);
    const found = known.get(entry) ?? Array.from({ length: most }, (_, i) => held(units, i + 1));
    known.set(entry, found);
    return found;
  }

  const pick = (/** @type {keyof State} */ field) => (/** @type {string | number} */ v) => {
    Object.assign(state, { [field]: v });
    update();
  };
  const sets = Object.fromEntries(Object.entries(data).map(([k, s]) => [k, s.words]));
  const methods = choice({ label: "Methods", options: sets, value: state.methods, change: pick("methods") });
  methods.element.hidden = Object.keys(sets).length === 1;
  const schemePlace = make("div", { class: "tl-control" });
  const seeds = slider({
    label: "Seeds drawn",
    min: 1,
    max: most,
    step: 1,
    value: state.seeds,
    words: String,
    change: pick("seeds"),
  });
  const again = button("Draw again", () => pick("draw")(state.draw + 1));
  const picked = make("p", { class: "tl-picked", "data-value": "picked" });
  const picture = make("svg:svg", { role: "img", class: "tl-rows" });
  const often = { first: make("output", { "data-value": "first" }), order: make("output", { "data-value": "order" }) };
  const curves = make("svg:svg", { role: "img", class: "tl-curves" });
  const { element: summary, say } = announcer();
  const body = make("tbody");
  const heads = ["", "method", "drawn", "all seeds", "place by all seeds"];
  const table = make(
    "table",
    {},
    make("caption", { class: "tl-hidden" }, "Methods by the seeds drawn"),
    make("thead", {}, make("tr", {}, ...heads.map((h) => make("th", { scope: "col" }, h)))),
    body,
  );
  const source = make("p", { class: "tl-aside", "data-value": "records" });
  const legend = "◆ their mean   ❘ the mean of all seeds   ● drawn   ○ not drawn";
  el.append(
    make("div", { class: "tl-controls" }, methods.element, schemePlace, seeds.element, again),
    picked,
    make("p", { class: "tl-aside", "aria-hidden": "true" }, legend),
    picture,
    make(
      "div",
      { class: "tl-often" },
      make("p", { "data-row": "first" }, make("span", {}, "The same first as by all seeds"), often.first),
      make("p", { "data-row": "order" }, make("span", {}, "The same whole order"), often.order),
    ),
    curves,
    summary,
    make(
      "details",
      {},
      make("summary", {}, "The numbers, and which records they are from"),
      make("div", { class: "tl-scroll" }, table),
      source,
    ),
    ...shared.foot,
  );

  function paint() {
    const entry = here();
    const draw = drawOf(entry, state.seeds, state.draw);
    const inPercent = (/** @type {number} */ v) => (100 * v) / entry.full;
    const width = Math.max(picture.clientWidth, 220);
    const narrow = width < 520;
    const all = entry.methods.flatMap((m) => m.units.map(inPercent));
    const low = Math.floor(Math.min(...all) - 0.5);
    const high = Math.ceil(Math.max(...all) + 0.5);
    const left = narrow ? 8 : Math.min(250, 24 + 7 * Math.max(...entry.methods.map((m) => m.name.length)));
    const [row, top, right] = [narrow ? 42 : 30, 22, width - 14];
    const bottom = top + row * entry.methods.length + 4;
    const x = linear([low, high], [left, right]);
    const steps = multiples(low, high, stepOf(high - low, narrow ? 5 : 10));
    picture.style.height = `${bottom + 26}px`;
    picture.replaceChildren(
      text("recognised (%)", right, 12, { "text-anchor": "end", class: "tl-title" }),
      ...steps.flatMap((v) => [
        make("svg:path", { class: "tl-grid", d: `M${x(v)} ${top}V${bottom}` }),
        text(String(v), x(v), bottom + 18, { "text-anchor": "middle" }),
      ]),
      ...draw.byDraw.flatMap((i, place) => {
        const { name, units } = entry.methods[i];
        const y = top + row * (place + 0.5) + (narrow ? 8 : 0);
        const [tx, ty] = narrow ? [left, y - 12] : [0, y + 4];
        return [
          text(`${place + 1}. ${name}`, tx, ty, { class: place ? "" : "tl-best" }),
          ...units.map((u, s) => {
            const kind = draw.picks.includes(s) ? "tl-seed tl-in" : "tl-seed";
            return make("svg:circle", { class: kind, cx: x(inPercent(u)).toFixed(1), cy: y, r: 3.5 });
          }),
          make("svg:path", { class: "tl-all", d: `M${x(draw.wholes[i]).toFixed(1)} ${y - 9}v18` }),
          make("svg:path", { class: "tl-mean", d: `M${x(draw.means[i]).toFixed(1)} ${y - 7}l6 7l-6 7l-6 -7z` }),
        ];
      }),
    );
    paintCurves();
  }

  function paintCurves() {
    const found = curve();
    const [left, top, bottom] = [40, 24, 136];
    const right = Math.max(curves.clientWidth, 220) - 14;
    const x = linear([1, most], [left, right]);
    const y = linear([0, 1], [bottom, top]);
    const numbers = [1, 5, 10, 15, 20].filter((v) => v <= most);
    curves.replaceChildren(
      text("of all draws (%)", 0, 12, { class: "tl-title" }),
      ...rowsOf([0, 0.5, 1], { y, left, right, words: (v) => String(100 * v) }),
      ...columnsOf(numbers, { x, bottom, left, right, title: "seeds drawn", under: bottom + 31 }),
      ...KINDS.map((kind) =>
        line(
          `tl-${kind}`,
          found.map((h, i) => [x(i + 1), y(h[kind])]),
        ),
      ),
      ...KINDS.map((kind) => {
        const [cx, cy] = [x(state.seeds), y(found[state.seeds - 1][kind])].map((v) => v.toFixed(1));
        return make("svg:circle", { class: `tl-dot tl-${kind}`, cx, cy, r: 5 });
      }),
    );
  }

  /** @type {ReturnType<typeof choice> | undefined} */
  let scheme;
  let offered = "";
  // Each set of methods has schemes of its own.
  function showControls() {
    if (offered !== state.methods) {
      offered = state.methods;
      const words = (/** @type {string} */ key, /** @type {Entry} */ entry) =>
        key === "mean" ? `mean of ${counted(entry.count, "scheme")}` : names[key];
      const { schemes } = data[state.methods];
      const options = Object.fromEntries(Object.entries(schemes).map(([s, entry]) => [s, words(s, entry)]));
      scheme = choice({ label: "Scheme", options, value: state.scheme, change: pick("scheme") });
      schemePlace.replaceChildren(...scheme.element.childNodes);
    }
    methods.set(state.methods);
    scheme?.set(state.scheme);
    seeds.set(state.seeds);
  }

  function update() {
    Object.assign(state, existing(data, state));
    showControls();
    const entry = here();
    const draw = drawOf(entry, state.seeds, state.draw);
    const now = curve()[state.seeds - 1];
    const picks = draw.picks.map((p) => entry.seeds[p]).sort((a, b) => a - b);
    picked.textContent = `${picks.length === 1 ? "Seed" : "Seeds"} drawn: ${listed(picks.map(String))}.`;
    picked.dataset.picks = picks.join(" ");
    for (const kind of KINDS) {
      often[kind].value = percent(now[kind]);
      often[kind].dataset.exact = String(now[kind]);
    }
    body.replaceChildren(
      ...draw.byDraw.map((i, place) =>
        make(
          "tr",
          { "data-method": entry.methods[i].name },
          make("td", {}, String(place + 1)),
          make("th", { scope: "row" }, entry.methods[i].name),
          make("td", { "data-exact": draw.means[i] }, one(draw.means[i])),
          make("td", { "data-exact": draw.wholes[i] }, one(draw.wholes[i])),
          make("td", {}, String(draw.byAll.indexOf(i) + 1)),
        ),
      ),
    );
    source.textContent = entry.methods.map((m) => m.records).join(" ");
    const said = sentence(entry, draw, now);
    say(said);
    const order = draw.byDraw.map((i) => `${entry.methods[i].name} ${one(draw.means[i])}`);
    picture.setAttribute(
      "aria-label",
      `${entry.methods.length} methods in the order that the drawn seeds give them: ${order.join(", ")}. ${said}`,
    );
    curves.setAttribute("aria-label", curveWords(curve(), state.seeds));
    paint();
    shared.write([state.methods, state.scheme, state.seeds, state.draw].join("."));
  }

  update();
  const stop = redraw(el, paint);
  return () => {
    stop();
    shared.end();
  };
}

export default explorable("reproducibility", render, ["data", "scheme_words", "most"]);
