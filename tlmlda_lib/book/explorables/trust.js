// Whom a network trusts, and what it says without each stream, in more and more noise (trust.py).

/** @import { View } from "./base.js" */
/** @import { Shared } from "./state.js" */
import { announcer, explorable, make, put } from "./base.js";
import { button, choice, radio, slider } from "./controls.js";
import { percent } from "./format.js";
import { playerOf } from "./sound.js";
import { placeIn, sharedState } from "./state.js";

/**
 * A clip under one condition. Rows of weights and probabilities: with all streams, then without each.
 * @typedef {object} Heard
 * @property {string} audio
 * @property {number[][]} p of the classes
 * @property {number[][]} weights of the streams
 */

/** @typedef {{ emotion: string, caption: string, heard: Record<string, Heard> }} Clip */

/**
 * @typedef {object} Data
 * @property {string[]} streams
 * @property {string[]} classes
 * @property {string[]} recordings conditions: unchanged first, then in more and more noise, then the rest
 * @property {Clip[]} clips
 */

/**
 * @typedef {object} State
 * @property {number} clip
 * @property {string} recording
 * @property {string} out the stream that is left out, "" for none
 */

/** @type {Record<string, string>} */
const ARRIVES = { noise: "with noise", telephone: "by telephone", room: "from a room" };

/**
 * Whether a condition is a level of noise, none among them.
 * @param {string} recording
 */
export const isLevel = (recording) => recording === "studio" || recording.startsWith("noise");

/** @param {string} recording a level of noise */
export const level = (recording) => (recording === "studio" ? "none" : `${recording.slice(5) || 10} dB`);

/** @param {string} recording */
export function inWords(recording) {
  if (recording === "studio") return "as recorded";
  return isLevel(recording) ? `in noise, ${level(recording)}` : (ARRIVES[recording] ?? recording);
}

/**
 * How far the probabilities move when each stream is left out, as tlmlda_lib.book.explorables.trust.missed has it: half
 * the sum of the differences.
 * @param {Pick<Heard, "p">} heard
 */
export const missedOf = ({ p: [all, ...without] }) =>
  without.map((row) => row.reduce((s, v, i) => s + Math.abs(v - all[i]), 0) / 2);

/** @param {number[]} values */
export const largest = (values) => values.indexOf(Math.max(...values));

/**
 * In how many sounds the stream that is trusted most is also missed most.
 * @param {Heard[]} every
 */
export const agreeing = (every) =>
  every.filter((heard) => largest(heard.weights[0]) === largest(missedOf(heard))).length;

/**
 * What is heard, and what the network says of it.
 * @param {Clip} clip
 * @param {State} state
 * @param {string} said
 */
export const titleOf = ({ emotion }, { recording, out }, said) =>
  `${emotion}, ${inWords(recording)}${out ? `, without ${out}` : ""}: the network says ${said}.`;

/**
 * Which stream is trusted most, and which is missed most.
 * @param {Heard} heard
 * @param {Data} data
 * @param {string} out
 */
export function verdict(heard, { streams, classes }, out) {
  const [weights] = heard.weights;
  const [all, ...without] = heard.p.map((row) => classes[largest(row)]);
  const [most, worst] = [largest(weights), largest(missedOf(heard))];
  const then = without[most] === all ? `still ${all}` : without[most];
  return (
    `${out ? "With all of them it" : "It"} trusts ${streams[most]} most, ${percent(weights[most])}; ` +
    `without it the answer is ${then}. ` +
    `It misses ${streams[worst]} most, whose weight is ${percent(weights[worst])}.`
  );
}

/**
 * What an address tells, or null.
 * @param {string} said
 * @param {Data} data
 * @returns {State | null}
 */
export function readSetting(said, { clips, recordings, streams }) {
  const [number, recording, out = ""] = said.split(".");
  const clip = placeIn(number, clips.length);
  if (clip < 0 || !recordings.includes(recording) || !["", ...streams].includes(out)) return null;
  return { clip, recording, out };
}

/** @param {string} kind */
function bar(kind) {
  const inner = make("span");
  const element = make("span", { class: `tl-bar tl-${kind}`, "aria-hidden": "true" }, inner);

  /**
   * @param {number} share
   * @param {number} [ghost] outlined
   */
  function set(share, ghost) {
    inner.style.width = `${100 * share}%`;
    element.style.setProperty("--tl-ghost", `${100 * (ghost ?? 0)}%`);
    element.classList.toggle("tl-with-ghost", ghost !== undefined);
  }

  return { element, set };
}

/**
 * The probabilities of all classes.
 * @param {string[]} classes
 */
function saidTable(classes) {
  const rows = classes.map((c) => {
    const output = make("output", { "data-class": c });
    const name = make("span");
    const shape = bar("p");
    const element = make(
      "tr",
      { style: `--tl-mine: var(--tl-${c})` },
      make("th", { scope: "row" }, name),
      make("td", { class: "tl-long" }, shape.element),
      make("td", {}, output),
    );
    return { output, name, shape, element };
  });
  const caption = make("caption");
  const body = make("tbody", {}, ...rows.map((r) => r.element));

  /**
   * @param {Heard} heard
   * @param {number} at the row of the probabilities
   * @param {string} emotion the true one
   * @param {string} title
   */
  function show({ p }, at, emotion, title) {
    caption.textContent = title;
    const named = largest(p[at]);
    rows.forEach(({ output, name, shape, element }, c) => {
      shape.set(p[at][c], at ? p[0][c] : undefined);
      put(output, p[at][c], percent(p[at][c]));
      name.textContent = classes[c] + (classes[c] === emotion ? " (true)" : "");
      element.classList.toggle("tl-named", c === named);
    });
  }

  return { element: make("table", { class: "tl-said" }, caption, body), show };
}

/**
 * The streams: how much each is trusted, and missed.
 * @param {Data} data
 * @param {(stream: string) => void} leaveOut called with the stream of a button
 */
function streamsTable({ streams, classes }, leaveOut) {
  const rows = streams.map((s) => {
    const outputs = {
      weight: make("output", { "data-weight": s }),
      missed: make("output", { "data-missed": s }),
      without: make("output", { "data-without": s }),
    };
    const bars = { weight: bar("weight"), missed: bar("missed") };
    const leave = button("leave out", () => leaveOut(s));
    leave.dataset.out = s;
    leave.setAttribute("aria-label", `leave out ${s}`);
    const element = make(
      "tr",
      {},
      make("th", { scope: "row" }, s),
      make("td", { class: "tl-long" }, bars.weight.element, bars.missed.element),
      make("td", {}, outputs.weight, make("br"), outputs.missed),
      make("td", {}, outputs.without),
      make("td", {}, leave),
    );
    return { ...outputs, bars, leave, element };
  });
  const heads = ["stream", "bars", "trusted, then missed", "said without it", "leave it out"];
  const element = make(
    "table",
    { class: "tl-streams" },
    make(
      "caption",
      {},
      "Streams: ",
      make("span", { class: "tl-key tl-weight" }, "trusted"),
      ", ",
      make("span", { class: "tl-key tl-missed" }, "missed when left out"),
    ),
    make("thead", { class: "tl-hidden" }, make("tr", {}, ...heads.map((h) => make("th", { scope: "col" }, h)))),
    make("tbody", {}, ...rows.map((r) => r.element)),
  );

  /**
   * @param {Heard} heard
   * @param {number} at the row of the weights
   */
  function show(heard, at) {
    const weights = heard.weights[at];
    const missed = missedOf(heard);
    const [all, ...without] = heard.p.map((row) => classes[largest(row)]);
    rows.forEach((row, k) => {
      row.bars.weight.set(weights[k]);
      row.bars.missed.set(missed[k]);
      put(row.weight, weights[k], percent(weights[k]));
      put(row.missed, missed[k], percent(missed[k]));
      row.without.value = without[k] === all ? `still ${all}` : `then ${without[k]}`;
      row.without.classList.toggle("tl-changed", without[k] !== all);
      row.leave.setAttribute("aria-pressed", String(at === k + 1));
    });
  }

  return { element, show };
}

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-trust");
  /** @type {Data} */
  const data = model.get("data");
  const { streams, classes, recordings, clips } = data;
  const levels = recordings.filter(isLevel);
  const ways = ["noise", ...recordings.filter((r) => !isLevel(r))];
  /** @type {Shared<State>} */
  const { state, ...page } = sharedState(model, {
    fields: ["clip", "recording", "out"],
    read: (said) => readSetting(said, data),
    show: update,
  });
  const { element: words, say } = announcer();
  const player = playerOf({ quiet, say });

  const which = choice({
    label: "Clip",
    options: Object.fromEntries(clips.map((c, i) => [i, c.caption ? `${c.emotion}: ${c.caption}` : c.emotion])),
    value: String(state.clip),
    change: (v) => {
      state.clip = Number(v);
      update();
    },
  });
  const way = radio({
    label: "It arrives",
    options: Object.fromEntries(ways.map((w) => [w, ARRIVES[w] ?? w])),
    value: "noise",
    change: (w) => {
      state.recording = w === "noise" ? levels[0] : w;
      update();
    },
  });
  const noise = slider({
    label: "Noise",
    min: 0,
    max: levels.length - 1,
    step: 1,
    value: 0,
    words: (i) => level(levels[i]),
    change: (i) => {
      state.recording = levels[i];
      update();
    },
  });
  const listen = button("▶ Play", () => (player.playing() ? player.halt() : play()));
  listen.classList.add("tl-play");

  const title = make("p", { class: "tl-which", "data-value": "said" });
  const said = saidTable(classes);
  const trusted = streamsTable(data, (s) => {
    state.out = state.out === s ? "" : s;
    update();
  });
  const every = clips.flatMap((c) => recordings.map((r) => c.heard[r]));
  const agree = agreeing(every);
  const tally = make(
    "p",
    { class: "tl-aside", "data-value": "tally", "data-exact": agree },
    `Of the ${every.length} sounds on this page, ${agree} miss the stream most that they trust most.`,
  );
  el.append(
    make("div", { class: "tl-controls" }, which.element, way.element, noise.element, listen),
    title,
    make("div", { class: "tl-two" }, said.element, trusted.element),
    words,
    tally,
    player.element,
    ...page.foot,
  );

  const now = () => `${state.clip}.${state.recording}`;

  function play() {
    player.play(clips[state.clip].heard[state.recording].audio);
    listen.textContent = "■ Stop";
    el.dataset.playing = now();
  }

  function quiet() {
    listen.textContent = "▶ Play";
    delete el.dataset.playing;
  }

  function update() {
    const clip = clips[state.clip];
    const heard = clip.heard[state.recording];
    const at = streams.indexOf(state.out) + 1;
    const named = classes[largest(heard.p[at])];
    which.set(String(state.clip));
    const byNoise = isLevel(state.recording);
    way.set(byNoise ? "noise" : state.recording);
    noise.set(byNoise ? levels.indexOf(state.recording) : 0);
    noise.input.disabled = !byNoise;

    const without = `What it says without ${state.out}; outlined: with all`;
    said.show(heard, at, clip.emotion, at ? without : "What it says");
    trusted.show(heard, at);
    title.textContent = titleOf(clip, state, named);
    title.dataset.named = named;
    say(`${title.textContent} ${verdict(heard, data, state.out)}`);
    // What plays follows the controls.
    if (el.dataset.playing && el.dataset.playing !== now()) play();
    page.write([state.clip, state.recording, state.out].join("."));
  }

  update();
  return () => {
    page.end();
    player.halt();
  };
}

export default explorable("trust", render, ["data"]);
