// Say it yourself: synthetic takes and the reader's own, and what a network says of them (speaking.py).

/** @import { Model, View } from "./base.js" */
/** @import { Shared } from "./state.js" */
/** @import { Side, Take } from "./takes.js" */
import { announcer, explorable, make, put, redraw, unique } from "./base.js";
import { button, radio, slider } from "./controls.js";
import { fixed, percent } from "./format.js";
import { because, decoded, LONGEST, RATE, record, unable, wavOf } from "./microphone.js";
import { playerOf } from "./sound.js";
import { placeIn, sharedState } from "./state.js";
import { drawCloud, drawContour } from "./takes.js";

/**
 * A take that can be shown.
 * @typedef {object} Shown
 * @property {string} name
 * @property {string} caption
 * @property {string | null} meant the intended emotion, "" if unknown, null if nobody speaks
 * @property {string} sound an MP3 as base64, or the address of a blob
 * @property {Take} view
 */

/** @typedef {{ shown: string, statistics: string, temperature: number }} State */

/** @typedef {{ p: number[], best: string, sure: number }} Answer probabilities, the likeliest and how likely it is */

/**
 * A message of speaking.py.
 * @typedef {{ kind: "pong", where: string } | { kind: "forgotten", view: string }
 *   | { kind: "problem", view: string, id: number, words: string }
 *   | { kind: "view", view: string, id: number, answer: Take }} Message
 */

/** @type {Record<string, string>} */
const SIDES = { corpus: "the training corpus", own: "earlier takes of the same voice" };
const [COLDEST, HOTTEST] = [0.5, 10];
// Seconds that the kernel may be silent.
const PATIENCE = 30;
const NEAR = ["localhost", "127.0.0.1", "[::1]"];

const ASKED =
  " it was trained on synthetic voices only. At work and in education, inferring emotions is prohibited in the " +
  "European Union, but for medical and safety reasons.";
const KEPT =
  "No file is written: this page keeps the sound, the kernel keeps numbers of it, until you delete the take, or " +
  "close the page and stop the kernel.";
const WITHOUT =
  "Here the voices are made. With a kernel (JupyterLab, Binder or Colab) a button to record your own appears in this " +
  "place.";

/**
 * The softmax of the same scores divided by a temperature, as tlmlda_lib.book.live.tempered has it.
 * @param {number[]} p
 * @param {number} temperature
 */
export function tempered(p, temperature) {
  const scores = p.map((v) => Math.log(Math.max(v, 1e-300)) / temperature);
  const most = Math.max(...scores);
  const powers = scores.map((s) => Math.exp(s - most));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((v) => v / sum);
}

/**
 * What a network answers at a temperature.
 * @param {Record<string, number>} probabilities
 * @param {readonly string[]} names of the emotions, in the order of `p`
 * @param {number} temperature
 * @returns {Answer}
 */
export function answerOf(probabilities, names, temperature) {
  const p = tempered(
    names.map((n) => probabilities[n]),
    temperature,
  );
  const best = p.indexOf(Math.max(...p));
  return { p, best: names[best], sure: p[best] };
}

/**
 * How many synthetic takes are named as they were meant, and how sure the network is of them.
 * @param {{ meant: string, answer: Answer }[]} asked
 */
export const tallyOf = (asked) => ({
  asked: asked.length,
  right: asked.filter(({ meant, answer }) => meant === answer.best).length,
  sure: asked.reduce((s, { answer }) => s + answer.sure, 0) / asked.length,
});

/**
 * @param {ReturnType<typeof tallyOf>} tally
 */
export const tallyWords = ({ asked, right, sure }) =>
  asked
    ? `Of the ${asked} synthetic takes with an intended emotion, ${right} ${right === 1 ? "is" : "are"} named right. ` +
      `On average the network is ${percent(sure)} sure.`
    : "";

/**
 * What is said of a take.
 * @param {Pick<Shown, "name" | "meant">} take
 * @param {string} statistics
 * @param {Pick<Answer, "best" | "sure">} answer
 */
export function answerWords({ name, meant }, statistics, { best, sure }) {
  const intent = meant ? ` The intended emotion was ${meant}.` : meant === "" ? "" : " Nobody spoke.";
  return `${name}, beside ${SIDES[statistics]}: the network says ${best}, ${percent(sure)}.${intent}`;
}

/**
 * Where a recording goes, as far as a page can know.
 * @param {string} where whose computer the kernel rents, if it says so
 * @param {string} host of the page
 */
export function whither(where, host) {
  if (where)
    return (
      `The kernel runs on ${where}, which is a computer elsewhere: what you record leaves this one and goes there. ` +
      "What its owner keeps, this page cannot know."
    );
  if (NEAR.includes(host))
    return (
      "The kernel answers at this computer's own address: what you record goes from the browser to it and no " +
      "further. (If that address is a tunnel to another computer, it goes there.)"
    );
  const answers = host ? `answers behind ${host}` : "may run anywhere";
  return (
    `The kernel ${answers}: if that is another computer than this one, what you record leaves this one and ` +
    "goes there."
  );
}

/**
 * A peak of the microphone on a meter: from −60 dB to full scale.
 * @param {number} peak
 */
export const meterOf = (peak) => Math.max(0, 1 + Math.log10(Math.max(peak, 1e-3)) / 3);

/**
 * What an address tells, or null.
 * @param {string} said
 * @param {readonly { name: string }[]} made takes
 * @returns {State | null}
 */
export function readSetting(said, made) {
  const [place, statistics, heat, ...more] = said.split("~");
  const clip = made[placeIn(place, made.length)];
  const temperature = Number(heat);
  const known = clip && Object.hasOwn(SIDES, statistics ?? "") && temperature >= COLDEST && temperature <= HOTTEST;
  return known && !more.length ? { shown: clip.name, statistics, temperature } : null;
}

/**
 * The table of what the network says, and its attention.
 * @param {readonly string[]} names of the emotions
 * @param {readonly string[]} streams
 */
function opinion(names, streams) {
  const rows = names.map((name) => {
    const bar = make("div", { class: "tl-bar", style: `--tl-mine: var(--tl-${name})` });
    const output = make("output", { "data-value": "probability", "data-emotion": name });
    const element = make(
      "tr",
      {},
      make("th", { scope: "row" }, name),
      make("td", { class: "tl-track" }, bar),
      make("td", {}, output),
    );
    return { bar, output, element };
  });
  const shares = streams.map((name) => {
    const output = make("output", { "data-value": "attention", "data-stream": name });
    return { output, element: make("div", { class: "tl-share" }, `${name} `, output) };
  });
  const element = make(
    "div",
    {},
    make("table", {}, make("caption", {}, "What it says"), make("tbody", {}, ...rows.map((r) => r.element))),
    make("p", { class: "tl-head" }, "Attention to the streams"),
    make("div", { class: "tl-shares" }, ...shares.map((s) => s.element)),
  );
  /**
   * @param {Answer} answer
   * @param {Side} side
   */
  const show = ({ p, best }, { attention }) => {
    rows.forEach((row, i) => {
      row.bar.style.width = `${100 * p[i]}%`;
      put(row.output, p[i], percent(p[i]));
      row.element.classList.toggle("tl-chosen", names[i] === best);
    });
    shares.forEach((share, i) => {
      const v = attention[streams[i]];
      put(share.output, v, percent(v));
      share.element.style.flexGrow = String(v);
    });
  };
  return { element, show };
}

/**
 * What a kernel adds: the way of a recording to it, and of a take back.
 * @param {object} how
 * @param {Model} how.model
 * @param {HTMLElement} how.el
 * @param {() => void} how.halt before anything is recorded or deleted
 * @param {(take: Shown) => void} how.add
 * @param {(take: Shown | null) => void} how.drop deletes a take here, or all
 */
function kernel({ model, el, halt, add, drop }) {
  const me = unique("say");
  /** @type {Shown | null} the reader's take that is shown */
  let mine = null;
  let count = 0;
  /** @type {(() => void) | null} */
  let stopping = null;
  /** @type {{ id: number, samples: Float32Array<ArrayBuffer> } | null} */
  let waiting = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let patience;
  let gone = false;

  const notice = make("p", { class: "tl-where" });
  const news = make("p", { class: "tl-news", role: "status" });
  const tell = (/** @type {string} */ words) => {
    news.textContent = words;
  };
  const attributes = { type: "button", class: "tl-record", click: () => (stopping ? stopping() : begin()) };
  const recording = make("button", attributes, "Record");
  const meter = make("meter", {
    min: 0,
    max: 1,
    low: 0.15,
    high: 0.93,
    optimum: 0.5,
    value: 0,
    "aria-label": "Level of the microphone",
  });
  const clock = make("span", { class: "tl-clock" });
  const file = make("input", { type: "file", accept: "audio/*,.wav", change: upload });
  const remove = button("Delete this take", () => forget(mine));
  remove.hidden = true;
  const live = make(
    "div",
    { class: "tl-live", hidden: true },
    make(
      "div",
      { class: "tl-controls" },
      recording,
      meter,
      clock,
      make("label", { class: "tl-file" }, "or a sound file ", file),
    ),
    make(
      "p",
      {},
      "Your own voice, or that of someone who has agreed; one sentence, ten seconds at most. ",
      make("strong", {}, "It will be wrong about you:"),
      ASKED,
    ),
    notice,
    make("p", {}, KEPT),
    make(
      "div",
      { class: "tl-controls" },
      remove,
      button("Delete all takes", () => forget(null)),
    ),
  );
  const without = make("p", { class: "tl-without" }, WITHOUT);

  /**
   * @param {Record<string, unknown>} content
   * @param {ArrayBuffer[]} [buffers]
   */
  function send(content, buffers) {
    try {
      model.send({ ...content, view: me }, undefined, buffers);
    } catch {
      tell("There is no way to the kernel any more. Run the cell again.");
    }
  }

  async function begin() {
    const no = unable();
    if (no) return tell(no);
    halt();
    recording.disabled = true;
    try {
      stopping = await record({
        level: (peak, seconds) => {
          meter.value = meterOf(peak);
          clock.textContent = `${fixed(seconds, 1)} s`;
        },
        ended: recorded,
      });
      if (gone) return stopping();
      recording.textContent = "Stop";
      el.classList.add("tl-on");
      tell("Recording.");
    } catch (error) {
      tell(because(error));
    }
    recording.disabled = false;
  }

  /**
   * @param {Float32Array<ArrayBuffer> | null} samples
   * @param {unknown} error
   */
  function recorded(samples, error) {
    stopping = null;
    meter.value = 0;
    clock.textContent = "";
    recording.textContent = "Record";
    el.classList.remove("tl-on");
    if (!samples) tell(because(error));
    else if (!gone) hand(samples);
  }

  async function upload() {
    const chosen = file.files?.[0];
    if (!chosen) return;
    try {
      hand(await decoded(await chosen.arrayBuffer()));
    } catch {
      tell("This browser cannot read that file as sound: a WAV file is safest.");
    }
    file.value = "";
  }

  function hand(/** @type {Float32Array<ArrayBuffer>} */ samples) {
    const seconds = samples.length / RATE;
    if (seconds > LONGEST + 0.5)
      return tell(`That lasts ${fixed(seconds, 1)} seconds: one sentence is enough, ${LONGEST} seconds at most.`);
    count += 1;
    waiting = { id: count, samples };
    tell("Measuring.");
    clearTimeout(patience);
    const silence =
      `The kernel has said nothing for ${PATIENCE} seconds. It may be busy with another cell, or stopped; ` +
      "if it answers, the take appears.";
    patience = setTimeout(() => tell(silence), 1000 * PATIENCE);
    send({ kind: "take", id: count, rate: RATE }, [samples.buffer]);
  }

  // Deleted is what is gone on both sides, so the page says so when the kernel has said so.
  function forget(/** @type {Shown | null} */ take) {
    halt();
    if (!take) waiting = null;
    drop(take);
    tell("Deleted here; the kernel is asked to forget its numbers.");
    send({ kind: "forget", take: take?.view.take ?? null });
  }

  function heard(/** @type {Message} */ message) {
    if (message.kind === "pong") {
      notice.textContent = whither(message.where, location.hostname);
      live.hidden = false;
      without.hidden = true;
      return;
    }
    if (message.view !== me) return;
    if (message.kind === "forgotten") return tell("Deleted, here and in the kernel.");
    if (message.id !== waiting?.id) return;
    clearTimeout(patience);
    const { id, samples } = waiting;
    waiting = null;
    if (message.kind === "problem") return tell(`Take ${id} was not used: ${message.words}`);
    const { answer } = message;
    const sound = URL.createObjectURL(new Blob([wavOf(samples)], { type: "audio/wav" }));
    tell(`Take ${id}: ${fixed(answer.seconds, 1)} seconds.${answer.warning ? ` ${answer.warning}` : ""}`);
    add({ name: `my take ${id}`, caption: "Your own.", meant: "", sound, view: answer });
  }

  model.on("msg:custom", heard);
  return {
    elements: [without, live, news],
    tell,
    ask: () => send({ kind: "ping" }),
    show: (/** @type {Shown | null} */ take) => {
      mine = take;
      remove.hidden = !take;
    },
    end: () => {
      gone = true;
      clearTimeout(patience);
      stopping?.();
      model.off("msg:custom", heard);
    },
  };
}

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-say");
  /** @type {(Omit<Shown, "sound"> & { audio: string })[]} */
  const clips = model.get("clips");
  /** @type {Shown[]} */
  const made = clips.map(({ audio, ...clip }) => ({ ...clip, sound: audio }));
  /** @type {Shown[]} */
  const takes = [];
  /** @type {Shown | null} the reader's take that is shown, in place of the made one */
  let mine = null;
  /** @type {Shared<State>} */
  const { state, ...shared } = sharedState(model, {
    fields: ["shown", "statistics", "temperature"],
    read: (said) => readSetting(said, made),
    show: () => {
      mine = null;
      show();
    },
  });
  const current = () => mine ?? made.find((c) => c.name === state.shown) ?? made[0];
  const sideOf = (/** @type {Shown} */ clip) => clip.view.by[state.statistics];
  const { probabilities, attention } = made[0].view.by.corpus;
  const names = Object.keys(probabilities);
  const answer = (/** @type {Side} */ side) => answerOf(side.probabilities, names, state.temperature);

  const contour = make("svg:svg", { role: "img" });
  const cloud = make("svg:svg", { role: "img" });
  const cursor = make("svg:path", { class: "tl-cursor" });
  const pictures = make("div", {}, contour, cloud);
  const numbers = opinion(names, Object.keys(attention));
  const tally = make("p", { class: "tl-tally", "data-value": "tally" });
  const missing = make("p", { class: "tl-missing", hidden: true });
  const caption = make("p", { class: "tl-caption" });
  const chooser = make("div");
  const { element: summary, say } = announcer();
  const player = playerOf({
    quiet: () => {
      cursor.setAttribute("d", "");
      play.textContent = "Play";
    },
    say: (words) => live.tell(words),
    follow: (seconds) => cursor.setAttribute("d", cursorAt(seconds)),
  });
  const play = button("Play", () => {
    if (player.playing()) return player.halt();
    player.play(current().sound);
    play.textContent = "Stop";
  });
  const statistics = radio({
    label: "Beside",
    value: state.statistics,
    options: SIDES,
    change: (v) => {
      state.statistics = v;
      update();
    },
  });
  const heat = slider({
    label: "Temperature",
    min: COLDEST,
    max: HOTTEST,
    step: 0.5,
    value: state.temperature,
    words: (v) => fixed(v, 1),
    change: (v) => {
      state.temperature = v;
      update();
    },
  });
  const live = kernel({ model, el, halt: player.halt, add, drop });

  el.append(
    make("div", { class: "tl-controls" }, chooser, play),
    make("div", { class: "tl-controls" }, statistics.element, heat.element),
    caption,
    make(
      "div",
      { class: "tl-body" },
      pictures,
      make("div", {}, numbers.element, missing, tally, summary, ...shared.foot),
    ),
    ...live.elements,
    player.element,
  );

  /** @type {(seconds: number) => string} */
  let cursorAt = () => "";
  function paint() {
    const width = pictures.clientWidth;
    if (!width) return;
    const clip = current();
    cursorAt = drawContour(contour, clip.view, width, cursor);
    drawCloud(cloud, clip.view, sideOf(clip), width);
  }

  function update() {
    const clip = current();
    const side = sideOf(clip);
    caption.textContent = clip.caption;
    missing.hidden = Boolean(side.z);
    missing.textContent = side.problem ?? "";
    numbers.element.hidden = !side.z;
    live.show(mine);
    let words = side.problem ?? "";
    if (side.z) {
      const found = answer(side);
      numbers.show(found, side);
      words = answerWords(clip, state.statistics, found);
    }
    say(words);
    count();
    paint();
    if (mine) return; // what the reader says is in no address, and in no notebook's file
    state.shown = clip.name;
    shared.write([made.indexOf(clip), state.statistics, state.temperature].join("~"));
  }

  function count() {
    const asked = made.flatMap((c) => (c.meant && sideOf(c).z ? [{ meant: c.meant, answer: answer(sideOf(c)) }] : []));
    const found = tallyOf(asked);
    tally.hidden = !found.asked;
    tally.dataset.right = String(found.right);
    tally.dataset.sure = String(found.sure);
    tally.textContent = tallyWords(found);
  }

  // What there is to choose from changes with the takes: the list is made anew.
  function show() {
    const options = Object.fromEntries([...made, ...takes].map((c) => [c.name, c.name]));
    chooser.replaceChildren(radio({ label: "Take", value: current().name, options, change: choose }).element);
    statistics.set(state.statistics);
    heat.set(state.temperature);
    update();
  }

  function choose(/** @type {string} */ name) {
    player.halt();
    mine = takes.find((t) => t.name === name) ?? null;
    if (!mine) state.shown = name;
    update();
  }

  function add(/** @type {Shown} */ take) {
    mine = take;
    takes.push(take);
    show();
  }

  function drop(/** @type {Shown | null} */ take) {
    player.element.removeAttribute("src");
    for (const one of take ? [take] : [...takes]) {
      URL.revokeObjectURL(one.sound);
      takes.splice(takes.indexOf(one), 1);
    }
    mine = null;
    show();
  }

  show();
  const end = redraw(pictures, paint);
  live.ask();
  return () => {
    end();
    player.halt();
    live.end();
    shared.end();
    for (const take of takes) URL.revokeObjectURL(take.sound);
  };
}

export default explorable("speaking", render, ["clips"]);
