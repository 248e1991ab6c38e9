// Voice dials: one sentence said in many ways, with the measurements of each (hearing_dials.py).

/** @import { View } from "./base.js" */
/** @import { Clip } from "./clips.js" */
/** @import { Shared } from "./state.js" */
import { announcer, explorable, folded, make, put, redraw } from "./base.js";
import { bytesOf } from "./bytes.js";
import { enlargeClip, pitchOf, scalesOf, waveOf } from "./clips.js";
import { button, radio } from "./controls.js";
import { fixed, signed } from "./format.js";
import { sharedState } from "./state.js";

/** @typedef {Record<string, string>} Dials the way of each dial */
/** @typedef {Record<string, number>} Numbers what is measured, by name */
/** @typedef {Record<string, Record<string, Record<string, number>>>} Options `speak`'s arguments, by dial and way */
/** @typedef {Clip & { numbers: Numbers }} Said */
/** @typedef {{ text: string, language: string, voice: string, syllables: number }} Sentence */

/** @type {Dials} */
const TITLES = { pitch: "Pitch", rate: "Rate", loudness: "Loudness", quality: "Voice" };
/** @type {Record<string, string[]>} */
const WAYS = {
  pitch: ["low", "own", "high"],
  rate: ["slow", "own", "fast"],
  loudness: ["soft", "own", "loud"],
  quality: ["breathy", "own", "rough"],
};
export const DIALS = Object.keys(WAYS);

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {string} words
 * @property {string} unit
 * @property {number} digits
 * @property {(now: number, own: number) => string} [difference] in words; by default in the same unit
 */
/** @type {Row[]} */
export const ROWS = [
  {
    name: "pitch",
    words: "pitch",
    unit: "Hz",
    digits: 0,
    difference: (now, own) => differenceOf(12 * Math.log2(now / own), 1, " semitones"),
  },
  { name: "range", words: "pitch range", unit: "semitones", digits: 1 },
  {
    name: "rate",
    words: "rate",
    unit: "syllables/s",
    digits: 1,
    difference: (now, own) => differenceOf(100 * (now / own - 1), 0, " %"),
  },
  { name: "level", words: "level", unit: "dB", digits: 1 },
  { name: "harmonicity", words: "harmonicity", unit: "dB", digits: 1 },
  { name: "shimmer", words: "shimmer", unit: "dB", digits: 2 },
  { name: "brightness", words: "brightness", unit: "dB", digits: 1 },
];

/**
 * A difference; one that rounds to nothing is a bare 0.
 * @param {number} v
 * @param {number} digits
 */
export function differenceOf(v, digits, unit = "") {
  const words = signed(v, digits);
  return /[1-9]/.test(words) ? words + unit : "0";
}

/**
 * The clip of a setting: loudness has none of its own.
 * @param {Dials} dials
 */
export const clipName = ({ pitch, rate, quality }) => [pitch, rate, quality].join(".");

/**
 * How many decibels louder than the speaker's own way.
 * @param {Options} options
 * @param {string} way
 */
export const decibels = (options, way) => options.loudness[way].loudness ?? 0;

/**
 * What the page turns a clip's samples down by: the clips are as loud as the loudest way.
 * @param {Options} options
 * @param {string} way
 */
export const gainOf = (options, way) =>
  10 ** ((decibels(options, way) - Math.max(...WAYS.loudness.map((w) => decibels(options, w)))) / 20);

/**
 * The numbers of a clip that is played louder or softer.
 * @param {Numbers} numbers
 * @param {number} louder decibels
 * @returns {Numbers}
 */
export const numbersAt = (numbers, louder) => ({ ...numbers, level: numbers.level + louder });

/**
 * The dials that an address tells, or null.
 * @param {string} said
 * @returns {{ dials: Dials } | null}
 */
export function readDials(said) {
  const ways = said.split(".");
  if (ways.length !== DIALS.length || !ways.every((way, i) => WAYS[DIALS[i]].includes(way))) return null;
  return { dials: Object.fromEntries(DIALS.map((n, i) => [n, ways[i]])) };
}

/**
 * A setting and its numbers in words.
 * @param {Dials} dials
 * @param {Numbers} now
 */
export function wordsOf(dials, now) {
  const turned = DIALS.map((n) => dials[n]).filter((way) => way !== "own");
  return (
    `${turned.join(", ") || "the speaker's own way"}: ${fixed(now.pitch, 0)} Hz, ` +
    `${fixed(now.rate, 1)} syllables a second, ${fixed(now.level, 0)} dB, harmonicity ${fixed(now.harmonicity, 1)} dB`
  );
}

/**
 * @param {Sentence} said
 * @param {Options} options
 * @param {Dials} dials
 */
export function python({ text, language, voice, syllables }, options, dials) {
  const manner = Object.assign({}, ...DIALS.map((n) => options[n][dials[n]]));
  const more = Object.entries(manner).map(([name, v]) => `, ${name}=${v}`);
  return `from tlmlda_lib import corpora
from tlmlda_lib.features import prosody

text = ${JSON.stringify(text)}
sound, rate = corpora.speak(text, "${language}", "${voice}"${more.join("")})
numbers = prosody.measure(sound, rate, syllables=${syllables})
print(numbers)`;
}

/**
 * Plays clips at a gain. A browser lets a page sound only after the reader has done something, so the device is opened
 * by the first `play`.
 * @param {object} how
 * @param {() => { name: string, audio: string, gain: number }} how.current what is to be heard: it may change while a
 *   clip is decoded
 * @param {(playing: string | null) => void} how.show
 * @param {() => void} how.failed
 */
function dialPlayer({ current, show, failed }) {
  /** @type {AudioContext | undefined} */
  let context;
  /** @type {AudioBufferSourceNode | undefined} */
  let source;
  /** @type {Map<string, AudioBuffer>} */
  const sounds = new Map();

  async function soundOf(/** @type {AudioContext} */ device, /** @type {string} */ name, /** @type {string} */ audio) {
    const sound = sounds.get(name) ?? (await device.decodeAudioData(bytesOf(audio).buffer));
    sounds.set(name, sound);
    return sound;
  }

  async function play() {
    stop();
    try {
      context ??= new AudioContext();
      const { name, audio, gain } = current();
      const sound = await soundOf(context, name, audio);
      await context.resume();
      const now = current();
      if (name !== now.name || gain !== now.gain) return;
      stop();
      const volume = new GainNode(context, { gain });
      source = new AudioBufferSourceNode(context, { buffer: sound });
      source.connect(volume).connect(context.destination);
      source.onended = ended;
      source.start();
      show(`${name} ${gain.toFixed(4)}`);
    } catch {
      failed();
    }
  }
  function ended() {
    source = undefined;
    show(null);
  }
  function stop() {
    if (!source) return;
    source.onended = null;
    source.stop();
    ended();
  }
  const end = () => {
    stop();
    context?.close();
  };
  return { play, stop, end, playing: () => source !== undefined };
}

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-dials");
  /** @type {Record<string, Said>} */
  const clips = model.get("clips");
  /** @type {Options} */
  const options = model.get("options");
  /** @type {Sentence} */
  const said = model.get("said");
  /** @type {Shared<{ dials: Dials }>} */
  const { state, ...shared } = sharedState(model, { fields: ["dials"], read: readDials, show });
  const scales = scalesOf(Object.values(clips));
  const own = clips["own.own.own"];
  const clip = () => clips[clipName(state.dials)];
  const gain = () => gainOf(options, state.dials.loudness);

  const fields = DIALS.map((n) => {
    const field = radio({
      label: TITLES[n],
      options: Object.fromEntries(WAYS[n].map((w) => [w, w])),
      value: state.dials[n],
      change: (v) => {
        state.dials = { ...state.dials, [n]: v };
        update();
        player.play();
      },
    });
    field.element.dataset.dial = n;
    return field;
  });
  const { element: summary, say } = announcer();
  const player = dialPlayer({
    current: () => ({ name: clipName(state.dials), audio: clip().audio, gain: gain() }),
    show: (playing) => {
      if (playing) el.dataset.playing = playing;
      else delete el.dataset.playing;
      listen.textContent = playing ? "■ Stop" : "▶ Play";
    },
    failed: () => say("This browser did not play the clip."),
  });
  const listen = button("▶ Play", () => (player.playing() ? player.stop() : player.play()));
  const reset = button("The speaker's own way", () => {
    state.dials = Object.fromEntries(DIALS.map((n) => [n, "own"]));
    show();
    player.play();
  });
  const large = make("svg:svg", { class: "tl-large", role: "img" });
  const rows = ROWS.map((row) => ({ ...row, now: make("output", { "data-value": row.name }), more: make("span") }));
  const heads = ["measured", "now", "own way", "difference"].map((w) => make("th", { scope: "col" }, w));
  const table = make(
    "table",
    {},
    make("caption", { class: "tl-hidden" }, "What is measured"),
    make("thead", {}, make("tr", {}, ...heads)),
    make(
      "tbody",
      {},
      ...rows.map(({ name, words, unit, digits, now, more }) =>
        make(
          "tr",
          {},
          make("th", { scope: "row" }, `${words}, `, make("span", {}, unit)),
          make("td", {}, now),
          make("td", {}, fixed(own.numbers[name], digits)),
          make("td", {}, more),
        ),
      ),
    ),
  );
  const { element: fold, code } = folded("This voice in Python");

  el.append(
    make("p", { class: "tl-text" }, `“${said.text}”`),
    make("div", { class: "tl-fields" }, ...fields.map((f) => f.element)),
    make("p", { class: "tl-controls" }, listen, reset),
    large,
    make("p", { class: "tl-help" }, "Strong line: the pitch as it is said now. Dashed: the speaker's own way."),
    table,
    summary,
    ...shared.foot,
    fold,
  );

  const draw = () =>
    enlargeClip(large, el.clientWidth - 32, scales, (width, height) => [
      waveOf(clip(), width, height, scales, gain()),
      pitchOf(own, width, height, scales, "tl-own"),
      pitchOf(clip(), width, height, scales),
    ]);

  function update() {
    const numbers = numbersAt(clip().numbers, decibels(options, state.dials.loudness));
    for (const { name, digits, difference, now, more } of rows) {
      const [value, usual] = [numbers[name], own.numbers[name]];
      put(now, value, fixed(value, digits));
      more.textContent = difference ? difference(value, usual) : differenceOf(value - usual, digits);
    }
    const words = wordsOf(state.dials, numbers);
    say(`${words[0].toUpperCase()}${words.slice(1)}.`);
    large.setAttribute("aria-label", `Waveform and pitch, ${words}`);
    code.textContent = python(said, options, state.dials);
    draw();
    shared.write(DIALS.map((n) => state.dials[n]).join("."), { numbers });
  }

  function show() {
    fields.forEach((field, i) => {
      field.set(state.dials[DIALS[i]]);
    });
    update();
  }

  show();
  const end = redraw(el, draw);
  return () => {
    end();
    player.end();
    shared.end();
  };
}

export default explorable("hearing_dials", render, ["clips", "said", "options"]);
