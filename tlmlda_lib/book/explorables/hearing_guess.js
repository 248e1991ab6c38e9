// You against the model: clips whose emotion the reader guesses, and two confusion matrices (hearing_guess.py).

/** @import { View } from "./base.js" */
/** @import { Shared } from "./state.js" */
import { announcer, explorable, make } from "./base.js";
import { button } from "./controls.js";
import { counted } from "./format.js";
import { emotionButtons, markCurrent, packGuesses, unpackGuesses } from "./guesses.js";
import { playerOf } from "./sound.js";
import { sharedState } from "./state.js";

/** @typedef {{ guesses: string[], shown: boolean }} State "" where there is no guess yet */

/**
 * How often each emotion (row) was taken for each (column), as tlmlda_lib.evaluation.confusion counts.
 * @param {readonly string[]} truth
 * @param {readonly string[]} said
 * @param {readonly string[]} classes
 */
export function confusion(truth, said, classes) {
  const table = classes.map(() => classes.map(() => 0));
  truth.forEach((t, i) => {
    if (said[i]) table[classes.indexOf(t)][classes.indexOf(said[i])] += 1;
  });
  return table;
}

/**
 * How many are right.
 * @param {readonly string[]} truth
 * @param {readonly string[]} said
 */
export const hits = (truth, said) => truth.filter((t, i) => t === said[i]).length;

/**
 * What of a list belongs to clips that were guessed: the model is judged on the same ones.
 * @param {readonly string[]} list
 * @param {readonly string[]} guesses
 */
export const ofGuessed = (list, guesses) => list.filter((_, i) => guesses[i]);

/**
 * The next clip without a guess, after the last again the first; undefined where all have one.
 * @param {readonly string[]} guesses
 * @param {number} at
 */
export const nextOpen = (guesses, at) =>
  guesses.map((_, i) => (at + i) % guesses.length).find((i) => guesses[i] === "");

/**
 * How a clip is marked.
 * @param {string} guess
 * @param {string} truth
 * @param {boolean} shown
 */
export const markOf = (guess, truth, shown) => {
  if (!guess) return "open";
  if (!shown) return "guessed";
  return guess === truth ? "right" : "wrong";
};

/**
 * The result in words.
 * @param {readonly string[]} truth
 * @param {readonly string[]} predicted
 * @param {readonly string[]} guesses
 * @param {number} classes
 */
export function resultWords(truth, predicted, guesses, classes) {
  const [t, p, g] = [truth, predicted, guesses].map((list) => ofGuessed(list, guesses));
  const alone = (/** @type {string[]} */ a, /** @type {string[]} */ b) =>
    counted(t.filter((right, i) => a[i] === right && b[i] !== right).length, "clip");
  return (
    `You recognised ${hits(t, g)} of ${t.length}, the model ${hits(t, p)}; ` +
    `guessing evenly recognises about ${Number((t.length / classes).toFixed(1))}. ` +
    `You alone were right on ${alone(g, p)}, the model alone on ${alone(p, g)}.`
  );
}

/**
 * A matrix of counts; the diagonal is what was recognised.
 * @param {string} who
 * @param {readonly string[]} truth
 * @param {readonly string[]} said
 * @param {readonly string[]} classes
 */
function matrix(who, truth, said, classes) {
  const counts = confusion(truth, said, classes);
  const right = hits(truth, said);
  const output = make("output", { "data-value": who, "data-exact": right }, String(right));
  const head = classes.map((c) => make("th", { scope: "col" }, make("span", {}, c)));
  const cell = (/** @type {number} */ n, /** @type {boolean} */ hit) =>
    make("td", { class: `${hit ? "tl-hit" : ""} ${n ? "" : "tl-none"}`.trim() }, String(n));
  const rows = classes.map((c, i) =>
    make("tr", {}, make("th", { scope: "row" }, c), ...counts[i].map((n, j) => cell(n, i === j))),
  );
  return make(
    "table",
    { "data-who": who },
    make("caption", {}, make("b", {}, who), " recognised ", output, ` of ${truth.length}`),
    make("thead", {}, make("tr", {}, make("td"), ...head)),
    make("tbody", {}, ...rows),
  );
}

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-guess");
  const names = ["audio", "captions", "classes", "truth", "predicted"];
  const [audio, captions, classes, truth, predicted] = names.map((t) => /** @type {string[]} */ (model.get(t)));
  const n = audio.length;
  /** @type {Shared<State>} */
  const { state, ...shared } = sharedState(model, {
    fields: ["guesses", "shown"],
    read: (said) => unpackGuesses(said, n, classes),
    show: update,
  });
  let at = 0;

  const { element: summary, say } = announcer();
  const player = playerOf({ quiet: label, say });
  const listen = make("button", {
    type: "button",
    class: "tl-listen",
    click: () => (player.playing() ? player.halt() : play()),
  });
  const choices = emotionButtons(classes, "Which emotion was it?", guess);
  const steps = audio.map((_, i) => make("button", { type: "button", click: () => go(i) }, String(i + 1)));
  const title = make("p", { class: "tl-title" });
  const verdict = make("p", { class: "tl-verdict" });
  const reveal = button("Show the answers", () => {
    state.shown = true;
    player.halt();
    update();
  });
  const again = button("Start again", () => {
    Object.assign(state, { guesses: state.guesses.map(() => ""), shown: false });
    at = 0;
    player.halt();
    update();
  });
  const result = make("div", { class: "tl-result" });

  el.append(
    make("div", { class: "tl-steps", role: "group", "aria-label": "Clips" }, ...steps),
    title,
    make("div", { class: "tl-choices" }, listen, choices.element),
    verdict,
    make("p", { class: "tl-controls" }, reveal, again, ...shared.link),
    summary,
    result,
    player.element,
  );

  function play() {
    player.play(audio[at]);
    label();
  }
  function label() {
    listen.textContent = player.playing() ? "■ Stop" : "▶ Listen";
  }
  function go(/** @type {number} */ i) {
    at = i;
    play();
    update();
  }

  // A guess leads on to the next clip that has none; it is played at once, for the reader has just pressed a button.
  function guess(/** @type {string} */ emotion) {
    if (state.shown) return;
    const first = !state.guesses[at];
    state.guesses = state.guesses.map((g, i) => (i === at ? emotion : g));
    const open = nextOpen(state.guesses, at);
    if (first && open !== undefined) return go(open);
    if (first) player.halt();
    update();
  }

  function update() {
    const { guesses, shown } = state;
    const done = guesses.filter(Boolean).length;
    title.textContent = `Clip ${at + 1} of ${n}${guesses[at] ? `: you said ${guesses[at]}` : ""}`;
    verdict.textContent = shown ? `It is ${truth[at]}; the model says ${predicted[at]}. ${captions[at]}` : "";
    choices.show(guesses[at], shown);
    steps.forEach((b, i) => {
      const mark = markOf(guesses[i], truth[i], shown);
      b.className = `tl-step tl-is-${mark}`;
      b.setAttribute("aria-label", `Clip ${i + 1}, ${mark}`);
    });
    markCurrent(steps, at);
    reveal.disabled = shown || !done;
    result.replaceChildren(...(shown && done ? compared() : []));
    if (shown && done) say(resultWords(truth, predicted, guesses, classes.length));
    else if (done === n) say("All are guessed. The answers are one button away.");
    else say(`${done} of ${n} guessed.`);
    shared.write(packGuesses(guesses, shown));
  }

  function compared() {
    const [t, g, p] = [truth, state.guesses, predicted].map((list) => ofGuessed(list, state.guesses));
    return [
      matrix("You", t, g, classes),
      matrix("The model", t, p, classes),
      make("p", { class: "tl-note" }, "A row is the emotion that was meant, a column what it was taken for."),
    ];
  }

  label();
  update();
  return () => {
    player.halt();
    shared.end();
  };
}

export default explorable("hearing_guess", render, ["classes", "audio", "captions", "truth", "predicted"]);
