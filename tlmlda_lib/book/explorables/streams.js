// An utterance as a hum, as a whisper and whole: what is the emotion, and what does each keep (streams.py)?

/** @import { View } from "./base.js" */
/** @import { Shared } from "./state.js" */
import { announcer, explorable, make, redraw, rgb } from "./base.js";
import { bytesOf } from "./bytes.js";
import { button } from "./controls.js";
import { fixed } from "./format.js";
import { emotionButtons, markCurrent, packGuesses, unpackGuesses } from "./guesses.js";
import { playerOf } from "./sound.js";
import { placeIn, sharedState } from "./state.js";
import { mean } from "./statistics.js";

/** @typedef {"hum" | "whisper" | "whole"} Ear */

/**
 * What tlmlda_lib.book.stream_sounds.traces says of a sound.
 * @typedef {object} Traces
 * @property {number[]} pitch Hz of each frame, 0 without a voice
 * @property {number[]} level decibels of each frame
 * @property {number[][]} shape cepstral coefficients of every second frame
 */

/** @typedef {Traces & { audio: string, picture: string }} Version both in base64 */

/**
 * @typedef {object} Utterance
 * @property {string} emotion
 * @property {string} corpus
 * @property {string} caption
 * @property {number} seconds
 * @property {number} rows of the pictures
 * @property {Record<Ear, Version>} versions
 */

/**
 * @typedef {object} State
 * @property {number} clip from 0
 * @property {Ear} ear
 * @property {string[]} guesses three of each clip; "" where there is none yet
 * @property {boolean} shown whether all answers are shown
 */

/** @typedef {{ hertz: number | null, pitch: number | null, level: number | null, shape: number | null }} Kept */

/** @type {readonly Ear[]} */
const EARS = ["hum", "whisper", "whole"];
const NAMES = { hum: "Hum", whisper: "Whisper", whole: "Whole" };
const LOOKS = {
  hum: "even stripes that rise and fall together",
  whisper: "dark patches in grey grain, and no stripes",
  whole: "stripes that rise and fall, dark where the mouth lets them through",
};
const COLUMNS = /** @type {const} */ ({ pitch: "pitch", level: "loudness", shape: "timbre" });

// Decibels below the loudest frame within which timbre is compared; fewest values that tell; and the smallest share of
// the voiced frames, since noise sometimes passes for a voice.
const RANGE = 30;
const LEAST = 10;
const SHARE = 0.2;

/**
 * Pearson's correlation; null where fewer than ten values tell, or one side never changes.
 * @param {number[]} x
 * @param {number[]} y
 */
export function correlation(x, y) {
  if (x.length < LEAST) return null;
  const [mx, my] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  x.forEach((v, i) => {
    xy += (v - mx) * (y[i] - my);
    xx += (v - mx) ** 2;
    yy += (y[i] - my) ** 2;
  });
  return xx && yy ? xy / Math.sqrt(xx * yy) : null;
}

/**
 * The median pitch of the frames with a voice; null of fewer than ten.
 * @param {number[]} pitch
 */
export function middlePitch(pitch) {
  const voiced = pitch.filter((f) => f > 0).sort((a, b) => a - b);
  const n = voiced.length;
  return n < LEAST ? null : (voiced[Math.floor((n - 1) / 2)] + voiced[Math.ceil((n - 1) / 2)]) / 2;
}

/**
 * How well a version follows the whole, as tlmlda_lib.book.stream_sounds.kept has it, and its median pitch.
 * @param {Traces} whole
 * @param {Traces} other
 * @returns {Kept}
 */
export function kept(whole, other) {
  const voiced = [...whole.pitch.keys()].filter((i) => whole.pitch[i] > 0);
  const both = voiced.filter((i) => other.pitch[i] > 0);
  const enough = both.length >= SHARE * voiced.length;
  const logs = (/** @type {Traces} */ { pitch }) => both.map((i) => Math.log(pitch[i]));
  const top = Math.max(...whole.level);
  const heard = [...whole.shape.keys()].filter((i) => whole.level[2 * i] > top - RANGE);
  const shapes = whole.shape[0].map((_, c) => {
    const [a, b] = [whole, other].map(({ shape }) => heard.map((i) => shape[i][c]));
    return correlation(a, b);
  });
  const told = shapes.filter((r) => r !== null);
  return {
    hertz: enough ? middlePitch(other.pitch) : null,
    pitch: enough ? correlation(logs(whole), logs(other)) : null,
    level: correlation(whole.level, other.level),
    shape: told.length < shapes.length ? null : mean(told),
  };
}

/**
 * The place of a guess in the list of all.
 * @param {number} clip
 * @param {Ear} ear
 */
export const placeOf = (clip, ear) => EARS.length * clip + EARS.indexOf(ear);

/**
 * The first way to hear a clip in which it has no guess yet.
 * @param {readonly string[]} guesses
 * @param {number} clip
 */
export const openEar = (guesses, clip) => EARS.find((ear) => !guesses[placeOf(clip, ear)]);

/**
 * Whether a clip's answer is shown: after its third guess, or after all were asked for.
 * @param {Pick<State, "guesses" | "shown">} state
 * @param {number} clip
 */
export const answered = ({ guesses, shown }, clip) => shown || !openEar(guesses, clip);

/**
 * The clip to go to from the chosen one: the next that wants a guess, or else the next.
 * @param {Pick<State, "clip" | "guesses" | "shown">} state
 */
export function following({ clip, guesses, shown }) {
  const n = guesses.length / EARS.length;
  const order = Array.from({ length: n }, (_, i) => (clip + 1 + i) % n);
  return order.find((i) => !answered({ guesses, shown }, i)) ?? order[0];
}

/**
 * Of each way to hear: how many guesses there are whose answers are shown, and how many are right.
 * @param {readonly string[]} truth
 * @param {Pick<State, "guesses" | "shown">} state
 */
export const scoreOf = (truth, state) =>
  EARS.map((ear) => {
    const guess = (/** @type {number} */ i) => state.guesses[placeOf(i, ear)];
    const done = [...truth.keys()].filter((i) => answered(state, i) && guess(i));
    return { ear, right: done.filter((i) => guess(i) === truth[i]).length, guessed: done.length };
  });

/**
 * What is said of the score, or of what to do while there is none.
 * @param {ReturnType<typeof scoreOf>} score
 * @param {string} told the chosen clip's emotion, if its answer is shown
 */
export function scoreWords(score, told) {
  if (!score.some((s) => s.guessed))
    return "Listen, and say what you hear: first in the hum, then in the whisper, then in the whole.";
  const parts = score.map((s) => `${s.right} of ${s.guessed} by the ${s.ear}`);
  return `${told ? `It is ${told}. ` : ""}Right so far: ${parts.join(", ")}.`;
}

/**
 * A clip's answer, beside the guesses.
 * @param {Pick<Utterance, "emotion" | "caption">} clip
 * @param {string[]} guesses those of the clip
 */
export function verdictWords({ emotion, caption }, guesses) {
  const said = EARS.flatMap((ear, i) =>
    guesses[i] ? [`${ear}: ${guesses[i]} ${guesses[i] === emotion ? "✓" : "✗"}`] : [],
  );
  return `It is ${emotion}.${said.length ? ` You said, ${said.join(", ")}.` : ""} ${caption}`;
}

/**
 * How a clip is marked in the row of all.
 * @param {Pick<State, "guesses" | "shown">} state
 * @param {number} clip
 */
export function markOf(state, clip) {
  if (answered(state, clip)) return "answer shown";
  const guessed = EARS.filter((ear) => state.guesses[placeOf(clip, ear)]).length;
  return guessed ? `guessed ${guessed} of ${EARS.length} times` : "open";
}

/**
 * What an address tells, or null.
 * @param {string} said
 * @param {number} n clips
 * @param {readonly string[]} classes
 * @returns {State | null}
 */
export function readState(said, n, classes) {
  const [number, name, letters = ""] = said.split(".");
  const clip = placeIn(number, n + 1) - 1;
  const ear = EARS.find((e) => e === name);
  const guesses = unpackGuesses(letters, n * EARS.length, classes);
  return clip >= 0 && ear && guesses ? { clip, ear, ...guesses } : null;
}

/**
 * A cell with a number, all of whose digits are at hand.
 * @param {string} name
 * @param {number | null} v
 * @param {number} digits
 */
const cell = (name, v, digits) =>
  make("td", {}, make("output", { "data-value": name, "data-exact": v ?? "" }, v === null ? "none" : fixed(v, digits)));

/**
 * A table with a row for each way to hear, and its body.
 * @param {string} name
 * @param {string} caption
 * @param {string[]} heads
 */
function tableOf(name, caption, heads) {
  const body = make("tbody");
  const head = make("tr", {}, make("td"), ...heads.map((words) => make("th", { scope: "col" }, words)));
  const element = make("table", { "data-table": name }, make("caption", {}, caption), make("thead", {}, head), body);
  return { element, body };
}

/**
 * Time and frequency of a sound, stronger where it is louder.
 * @param {HTMLCanvasElement} canvas
 * @param {Uint8Array} bytes row by row from below
 * @param {number} rows
 * @param {number[]} ink
 * @param {number[]} ground
 */
function paintPicture(canvas, bytes, rows, ink, ground) {
  const columns = bytes.length / rows;
  Object.assign(canvas, { width: columns, height: rows });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(columns, rows);
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < columns; c += 1) {
      const share = bytes[(rows - 1 - r) * columns + c] / 255;
      image.data.set([...ink.map((v, k) => share * v + (1 - share) * ground[k]), 255], 4 * (r * columns + c));
    }
  }
  context.putImageData(image, 0, 0);
}

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-ears");
  /** @type {Utterance[]} */
  const clips = model.get("clips");
  /** @type {string[]} */
  const classes = model.get("classes");
  /** @type {Record<Ear, string>} */
  const ears = model.get("ears");
  const n = clips.length;
  const truth = clips.map((c) => c.emotion);
  /** @type {Shared<State>} */
  const { state, ...shared } = sharedState(model, {
    fields: ["clip", "ear", "guesses", "shown"],
    read: (said) => readState(said, n, classes),
    show: update,
  });

  const { element: summary, say } = announcer();
  const player = playerOf({ quiet: label, say });
  const steps = clips.map((_, i) =>
    make("button", { type: "button", class: "tl-step", "data-clip": i, click: () => goTo(i) }, String(i + 1)),
  );
  const buttons = EARS.map((ear) =>
    make("button", {
      type: "button",
      "data-ear": ear,
      click: () => (state.ear === ear && player.playing() ? player.halt() : go(state.clip, ear)),
    }),
  );
  const choices = emotionButtons(classes, "Which emotion is it?", guess);
  const canvas = make("canvas", { role: "img" });
  const ends = make("span");
  const title = make("p", { class: "tl-title" });
  const verdict = make("p", { class: "tl-verdict" });
  const reveal = button("Show all answers", () => {
    state.shown = true;
    player.halt();
    update();
  });
  const next = button("Next clip", () => goTo(following(state)));
  const again = button("Start again", () => {
    Object.assign(state, { clip: 0, ear: EARS[0], guesses: state.guesses.map(() => ""), shown: false });
    player.halt();
    update();
  });
  const follows = "How well each follows the whole of this clip: 1 is exactly, about 0 is not at all";
  const keeps = tableOf("kept", follows, ["pitch, Hz", ...Object.values(COLUMNS)]);
  const score = tableOf("score", "Your guesses, where the answer is shown", ["right", "guessed", "by chance"]);

  el.append(
    make("div", { class: "tl-steps", role: "group", "aria-label": "Clips" }, ...steps),
    title,
    make("div", { class: "tl-three", role: "group", "aria-label": "Hear it as" }, ...buttons),
    make(
      "figure",
      {},
      make(
        "div",
        { class: "tl-frame" },
        make("span", { "aria-hidden": "true" }, make("span", {}, "4 kHz"), make("span", {}, "0")),
        canvas,
      ),
      make(
        "figcaption",
        { "aria-hidden": "true" },
        make("span", {}, "0 s"),
        make("span", {}, "stronger is louder"),
        ends,
      ),
    ),
    choices.element,
    verdict,
    make("p", { class: "tl-controls" }, next, reveal, again, ...shared.link),
    summary,
    make("div", { class: "tl-result" }, keeps.element, score.element),
    player.element,
  );

  const goTo = (/** @type {number} */ clip) => go(clip, openEar(state.guesses, clip) ?? "whole");

  /**
   * @param {number} clip
   * @param {Ear} ear
   */
  function go(clip, ear) {
    Object.assign(state, { clip, ear });
    update();
    player.play(clips[clip].versions[ear].audio);
    label();
  }

  function label() {
    buttons.forEach((b, i) => {
      const mine = EARS[i] === state.ear;
      const words = `${mine && player.playing() ? "■" : "▶"} ${NAMES[EARS[i]]}`;
      b.replaceChildren(make("b", {}, words), make("small", {}, ears[EARS[i]]));
      b.setAttribute("aria-pressed", String(mine));
    });
  }

  // A guess leads on to the next way to hear the clip; it is played at once, for the reader has just pressed a button.
  function guess(/** @type {string} */ emotion) {
    if (answered(state, state.clip)) return;
    const place = placeOf(state.clip, state.ear);
    const first = !state.guesses[place];
    state.guesses = state.guesses.map((g, i) => (i === place ? emotion : g));
    const left = openEar(state.guesses, state.clip);
    if (first && left) return go(state.clip, left);
    if (!left) player.halt();
    update();
  }

  /** @type {Map<number, Kept>} */
  const measures = new Map();
  function measured(/** @type {Ear} */ ear) {
    const place = placeOf(state.clip, ear);
    const { versions } = clips[state.clip];
    const found = measures.get(place) ?? kept(versions.whole, versions[ear]);
    measures.set(place, found);
    return found;
  }

  function paint() {
    const clip = clips[state.clip];
    const bytes = bytesOf(clip.versions[state.ear].picture);
    paintPicture(canvas, bytes, clip.rows, rgb(el, "--tl-ink"), rgb(el, "--tl-ground"));
    ends.textContent = `${fixed(clip.seconds, 1)} s`;
    const { hertz } = measured(state.ear);
    const pitch = hertz === null ? "no pitch" : `pitch around ${fixed(hertz, 0)} Hz`;
    canvas.setAttribute(
      "aria-label",
      `Sound by time and frequency, ${state.ear} of clip ${state.clip + 1}: ${LOOKS[state.ear]}; ${pitch}.`,
    );
  }

  function update() {
    const clip = clips[state.clip];
    const told = answered(state, state.clip);
    const mine = state.guesses[placeOf(state.clip, state.ear)];
    steps.forEach((b, i) => {
      b.setAttribute("aria-label", `Clip ${i + 1}, ${markOf(state, i)}`);
      b.classList.toggle("tl-known", answered(state, i));
    });
    markCurrent(steps, state.clip);
    label();
    const where = `Clip ${state.clip + 1} of ${n}, ${clip.corpus}: the ${state.ear}`;
    title.textContent = `${where}${mine ? `. You said ${mine}` : ""}`;
    choices.show(mine, told);
    const guesses = EARS.map((ear) => state.guesses[placeOf(state.clip, ear)]);
    verdict.textContent = told ? verdictWords(clip, guesses) : "";
    reveal.disabled = state.shown;
    tell();
    const found = scoreOf(truth, state);
    count(found);
    say(scoreWords(found, told ? clip.emotion : ""));
    paint();
    shared.write(`${state.clip + 1}.${state.ear}.${packGuesses(state.guesses, state.shown)}`);
  }

  function tell() {
    const columns = /** @type {(keyof typeof COLUMNS)[]} */ (Object.keys(COLUMNS));
    keeps.body.replaceChildren(
      ...EARS.map((ear) => {
        const m = measured(ear);
        return make(
          "tr",
          { "data-row": ear, class: ear === state.ear ? "tl-now" : "" },
          make("th", { scope: "row" }, NAMES[ear]),
          cell("hertz", m.hertz, 0),
          ...columns.map((k) => cell(k, m[k], 2)),
        );
      }),
    );
  }

  function count(/** @type {ReturnType<typeof scoreOf>} */ found) {
    score.body.replaceChildren(
      ...found.map(({ ear, right, guessed }) =>
        make(
          "tr",
          { "data-row": ear },
          make("th", { scope: "row" }, NAMES[ear]),
          cell("right", right, 0),
          cell("guessed", guessed, 0),
          cell("chance", guessed / classes.length, 1),
        ),
      ),
    );
  }

  update();
  const end = redraw(canvas, paint);
  return () => {
    end();
    player.halt();
    shared.end();
  };
}

export default explorable("streams", render, ["classes", "ears", "clips"]);
