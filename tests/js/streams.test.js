import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answered,
  correlation,
  following,
  kept,
  markOf,
  middlePitch,
  openEar,
  placeOf,
  readState,
  scoreOf,
  scoreWords,
  verdictWords,
} from "../../tlmlda_lib/book/explorables/streams.js";
import { close, numbersOf } from "./numbers.js";

const { traces: TRACES, cases: CASES } = numbersOf("streams");
const CLASSES = ["anger", "fear", "sad"];

test("what is kept is the library's, and nothing where it has nothing", () => {
  for (const { whole, other, kept: wanted, median } of CASES) {
    const { hertz, ...found } = kept(TRACES[whole], TRACES[other]);
    close(found, wanted);
    // Where too little of the whole's voice is left, no pitch is told.
    if (hertz !== null) close(hertz, median);
  }
});

test("the cases hold what they are for", () => {
  const told = (/** @type {string} */ name) => CASES.map((/** @type {any} */ c) => c.kept[name] !== null);
  assert.deepEqual(told("pitch"), [true, true, true, false, false, true, false, false]);
  assert.deepEqual(told("shape"), [true, true, true, true, true, false, true, false]);
  close(CASES[0].kept, { pitch: 1, level: 1, shape: 1 });
});

test("a correlation needs ten values that change", () => {
  const up = Array.from({ length: 10 }, (_, i) => i);
  close(
    correlation(
      up,
      up.map((v) => -2 * v),
    ),
    -1,
  );
  assert.equal(correlation(up.slice(1), up.slice(1)), null);
  assert.equal(correlation(up, Array(10).fill(1)), null);
});

test("the median pitch is of ten voiced frames or more", () => {
  const pitch = [0, 190, 180, 170, 160, 150, 140, 130, 120, 110, 0, 100];
  assert.equal(middlePitch(pitch), 145);
  assert.equal(middlePitch([...pitch, 300]), 150);
  assert.equal(middlePitch(pitch.slice(0, 11)), null);
});

const guesses = ["sad", "sad", "fear", "anger", "", "", "", "", ""];
const truth = ["sad", "anger", "fear"];

test("a clip's answer is shown after its third guess, or with all", () => {
  assert.deepEqual(
    [0, 1, 2].map((i) => openEar(guesses, i)),
    [undefined, "whisper", "hum"],
  );
  assert.deepEqual(
    [0, 1].map((i) => answered({ guesses, shown: false }, i)),
    [true, false],
  );
  assert.equal(answered({ guesses, shown: true }, 1), true);
  assert.deepEqual(
    [0, 1, 2].map((i) => markOf({ guesses, shown: false }, i)),
    ["answer shown", "guessed 1 of 3 times", "open"],
  );
  assert.equal(placeOf(2, "whisper"), 7);
});

test("the next clip is one that wants a guess, over the end, or else simply the next", () => {
  assert.equal(following({ clip: 0, guesses, shown: false }), 1);
  assert.equal(following({ clip: 2, guesses, shown: false }), 1);
  assert.equal(following({ clip: 2, guesses, shown: true }), 0);
  assert.equal(following({ clip: 0, guesses: ["sad", "sad", "sad"], shown: false }), 0);
});

test("the score counts guesses whose answers are shown", () => {
  const of = (/** @type {boolean} */ shown) => scoreOf(truth, { guesses, shown }).map((s) => [s.right, s.guessed]);
  assert.deepEqual(of(false), [
    [1, 1],
    [1, 1],
    [0, 1],
  ]);
  assert.deepEqual(of(true), [
    [2, 2],
    [1, 1],
    [0, 1],
  ]);
});

test("score and answer in words", () => {
  const score = scoreOf(truth, { guesses, shown: false });
  assert.equal(
    scoreWords(score, "sad"),
    "It is sad. Right so far: 1 of 1 by the hum, 1 of 1 by the whisper, 0 of 1 by the whole.",
  );
  assert.match(scoreWords(score, ""), /^Right so far: /);
  assert.match(scoreWords(scoreOf(truth, { guesses: guesses.map(() => ""), shown: true }), "sad"), /^Listen, /);
  const clip = { emotion: "sad", caption: "By f1." };
  assert.equal(verdictWords(clip, ["sad", "", "fear"]), "It is sad. You said, hum: sad ✓, whole: fear ✗. By f1.");
  assert.equal(verdictWords(clip, ["", "", ""]), "It is sad. By f1.");
});

test("an address is read whole or not at all", () => {
  assert.deepEqual(readState("2.whole.fa-sss---!", 3, CLASSES), {
    clip: 1,
    ear: "whole",
    guesses: ["fear", "anger", "", "sad", "sad", "sad", "", "", ""],
    shown: true,
  });
  assert.equal(readState("3.hum.---------", 3, CLASSES)?.clip, 2);
  const none = ["", "x", "9.hum.---------", "0.hum.---------", "1.nose.---------", "1.hum.--", "1.hum.zzzzzzzzz"];
  for (const said of [...none, "1.5.hum.---------", "1e0.hum.---------", "4.hum.---------", "1.hum"]) {
    assert.equal(readState(said, 3, CLASSES), null, said);
  }
});
