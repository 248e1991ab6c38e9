// Speakers or utterances drawn with replacement, and the interval of the score (certainty.py).

/** @import { View } from "./base.js" */
/** @import { Shared } from "./state.js" */
import { columnsOf, linear, text } from "./axes.js";
import { announcer, explorable, make, put, random, redraw } from "./base.js";
import { button, radio } from "./controls.js";
import { counted, fixed, listed } from "./format.js";
import { isCount, partsOf, sharedState } from "./state.js";
import { sum } from "./statistics.js";

/** @typedef {{ name: string, right: number, total: number }} Speaker */
/** @typedef {{ times: number[], war: number }} Draw how often each speaker was drawn, and the score in percent */

const MOST = 2000;
/** @type {Record<string, string>} */
const UNITS = { speakers: "speakers, and utterances of each", utterances: "utterances alone" };

const LEFT = 40;
const RIGHT = 34;
const ROW = 20;
const HILL = 110;
const BIN = 2;

/**
 * The score of the speakers as they are, in percent.
 * @param {Speaker[]} speakers
 */
export const scoreOf = (speakers) => (100 * sum(speakers.map((s) => s.right))) / sum(speakers.map((s) => s.total));

/**
 * One draw: as many speakers as there are, then as many utterances of each as the speaker has; or as many utterances as
 * there are. The same number gives the same draw.
 * @param {Speaker[]} speakers
 * @param {string} unit
 * @param {number} number
 * @returns {Draw}
 */
export function drawOf(speakers, unit, number) {
  const next = random(7919 * number + speakers.length);
  const hits = (/** @type {number} */ n, /** @type {number} */ share) => {
    let right = 0;
    for (let i = 0; i < n; i++) right += Number(next() < share);
    return right;
  };
  if (unit === "utterances") {
    const all = sum(speakers.map((s) => s.total));
    return { times: speakers.map(() => 1), war: (100 * hits(all, scoreOf(speakers) / 100)) / all };
  }
  const times = speakers.map(() => 0);
  let right = 0;
  let total = 0;
  for (let k = 0; k < speakers.length; k++) {
    const s = Math.floor(next() * speakers.length);
    times[s]++;
    total += speakers[s].total;
    right += hits(speakers[s].total, speakers[s].right / speakers[s].total);
  }
  return { times, war: (100 * right) / total };
}

/**
 * A quantile, between neighbours on a straight line, as NumPy has it.
 * @param {readonly number[]} values
 * @param {number} q
 */
export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

/**
 * The middle 95 % of scores.
 * @param {readonly number[]} values
 * @returns {[number, number]}
 */
export const intervalOf = (values) => [quantile(values, 0.025), quantile(values, 0.975)];

/**
 * How many scores lie in each bin of so many points, from 0 to 100.
 * @param {readonly number[]} values
 * @param {number} width
 */
export function countsOf(values, width) {
  const counts = Array(Math.ceil(100 / width)).fill(0);
  for (const v of values) counts[Math.min(Math.floor(v / width), counts.length - 1)]++;
  return counts;
}

/**
 * Who was drawn, in words.
 * @param {Speaker[]} speakers
 * @param {readonly number[]} times
 */
export const drawnInWords = (speakers, times) =>
  listed(speakers.flatMap(({ name }, i) => (times[i] ? [times[i] > 1 ? `${name} × ${times[i]}` : name] : [])));

/**
 * What an address tells, or null.
 * @param {string} said
 * @returns {{ unit: string, draws: number } | null}
 */
export function readSetting(said) {
  const parts = partsOf(said, { unit: (v) => Object.hasOwn(UNITS, v), draws: (v) => isCount(v, MOST) });
  return parts && { unit: parts.unit, draws: Number(parts.draws) };
}

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-certainty");
  /** @type {Speaker[]} */
  const speakers = model.get("speakers");
  /** @type {Shared<{ unit: string, draws: number }>} */
  const { state, ...page } = sharedState(model, { fields: ["unit", "draws"], read: readSetting, show });
  /** @type {Record<string, Draw[]>} */
  const made = { speakers: [], utterances: [] };
  const so = () => {
    const known = made[state.unit];
    while (known.length < state.draws) known.push(drawOf(speakers, state.unit, known.length + 1));
    return known.slice(0, state.draws);
  };

  const units = radio({
    label: "Draw",
    options: UNITS,
    value: state.unit,
    change: (v) => {
      state.unit = v;
      update();
    },
  });
  const go = (/** @type {number} */ n) => () => {
    state.draws = Math.min(n ? state.draws + n : 1, MOST);
    update();
  };
  const once = button("Draw again", go(1));
  const often = button("100 more", go(100));
  const picture = make("svg:svg", { role: "img" });
  const outputs = { war: make("output", { "data-value": "war" }), width: make("output", { "data-value": "width" }) };
  const ends = make("output", { "data-value": "interval" });
  const { element: words, say } = announcer();
  el.append(
    make("div", { class: "tl-controls" }, units.element, once, often, button("Start again", go(0))),
    picture,
    make(
      "dl",
      { class: "tl-numbers" },
      ...[
        make("dt", {}, "this draw"),
        make("dd", {}, outputs.war),
        make("dt", {}, "middle 95 % of the draws"),
        make("dd", {}, ends),
        make("dt", {}, "its width, points"),
        make("dd", {}, outputs.width),
      ],
    ),
    words,
    ...page.foot,
  );

  function paint() {
    const draws = so();
    const { times, war } = draws[draws.length - 1];
    const width = Math.max(picture.clientWidth, 240);
    const right = width - RIGHT;
    const x = linear([0, 100], [LEFT, right]);
    const top = ROW * speakers.length + 26;
    const bottom = top + HILL;
    const counts = countsOf(
      draws.map((d) => d.war),
      BIN,
    );
    const y = linear([0, Math.max(...counts)], [bottom, top]);
    const [low, high] = intervalOf(draws.map((d) => d.war));
    picture.setAttribute("height", String(bottom + 62));
    picture.replaceChildren(
      text("share recognised, and times drawn", 0, 12, { class: "tl-title" }),
      ...speakers.flatMap((s, i) => {
        const row = 30 + ROW * i;
        const radius = times[i] ? 4.5 * Math.sqrt(times[i]) : 3;
        return [
          text(s.name, LEFT - 6, row + 4, { "text-anchor": "end" }),
          make("svg:path", { class: "tl-grid", d: `M${LEFT} ${row}H${right}` }),
          make("svg:circle", {
            class: times[i] ? "tl-drawn" : "tl-left",
            cx: x((100 * s.right) / s.total).toFixed(1),
            cy: row,
            r: radius.toFixed(1),
          }),
          text(state.unit === "speakers" ? `× ${times[i]}` : "", right + 6, row + 4, { class: "tl-times" }),
        ];
      }),
      ...counts.flatMap((n, i) =>
        n
          ? [
              make("svg:rect", {
                class: "tl-count",
                x: (x(i * BIN) + 0.5).toFixed(1),
                width: (x(BIN) - x(0) - 1).toFixed(1),
                y: y(n).toFixed(1),
                height: (bottom - y(n)).toFixed(1),
              }),
            ]
          : [],
      ),
      make("svg:path", { class: "tl-score", d: `M${x(scoreOf(speakers)).toFixed(1)} 20V${bottom}` }),
      make("svg:circle", { class: "tl-this", cx: x(war).toFixed(1), cy: bottom, r: 5 }),
      make("svg:path", { class: "tl-interval", d: `M${x(low).toFixed(1)} ${bottom + 10}H${x(high).toFixed(1)}` }),
      ...columnsOf([0, 20, 40, 60, 80, 100], { x, bottom: bottom + 12, left: LEFT, right, title: "recognised (%)" }),
    );
  }

  function update() {
    units.set(state.unit);
    for (const b of [once, often]) b.disabled = state.draws >= MOST;
    const draws = so();
    const { times, war } = draws[draws.length - 1];
    const [low, high] = intervalOf(draws.map((d) => d.war));
    put(outputs.war, war, `${fixed(war, 1)} %`);
    put(outputs.width, high - low, fixed(high - low, 1));
    ends.value = `${fixed(low, 1)} to ${fixed(high, 1)} %`;
    const who = state.unit === "speakers" ? `Draw ${state.draws}: ${drawnInWords(speakers, times)}.` : "";
    const so95 = `Middle 95 % of ${counted(state.draws, "draw")}: ${ends.value}.`;
    say(`${who} ${so95}`.trim());
    picture.setAttribute(
      "aria-label",
      `Shares recognised of ${speakers.length} speakers, and below them the scores of ` +
        `${counted(state.draws, "draw")} of ${state.unit}. ${so95}`,
    );
    paint();
    page.write(`${state.unit}.${state.draws}`, { interval: [low, high] });
  }

  function show() {
    update();
  }

  update();
  const stop = redraw(picture, paint);
  return () => {
    stop();
    page.end();
  };
}

export default explorable("certainty", render, ["speakers"]);
