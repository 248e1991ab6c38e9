import assert from "node:assert/strict";
import { test } from "node:test";
import {
  agreeing,
  inWords,
  isLevel,
  largest,
  level,
  missedOf,
  readSetting,
  titleOf,
  verdict,
} from "../../tlmlda_lib/book/explorables/trust.js";
import { close, numbersOf } from "./numbers.js";

const { streams, classes, every, agree } = numbersOf("trust");
const RECORDINGS = ["studio", "noise20", "noise0", "telephone"];
const CLIP = { emotion: "sad", caption: "", heard: {} };
const DATA = { streams, classes, recordings: RECORDINGS, clips: [CLIP, CLIP] };

test("what is missed of a stream is the library's", () => {
  for (const heard of every) close(missedOf(heard), heard.missed);
  assert.equal(agreeing(every), agree);
  assert.ok(agree > 0 && agree < every.length);
});

test("the first of equals is the largest", () => {
  assert.deepEqual([largest([0.2, 0.5, 0.5]), largest([1])], [1, 0]);
});

test("conditions in words", () => {
  assert.deepEqual(["studio", "noise", "noise20", "room", "telephone"].map(isLevel), [true, true, true, false, false]);
  assert.deepEqual(["studio", "noise", "noise0", "noise20"].map(level), ["none", "10 dB", "0 dB", "20 dB"]);
  assert.deepEqual(["studio", "noise5", "room", "telephone", "cave"].map(inWords), [
    "as recorded",
    "in noise, 5 dB",
    "from a room",
    "by telephone",
    "cave",
  ]);
  assert.equal(
    titleOf(CLIP, { clip: 0, recording: "noise0", out: "acoustic" }, "fear"),
    "sad, in noise, 0 dB, without acoustic: the network says fear.",
  );
  assert.equal(
    titleOf(CLIP, { clip: 0, recording: "room", out: "" }, "sad"),
    "sad, from a room: the network says sad.",
  );
});

test("whom it trusts and whom it misses, also where that is the same stream", () => {
  const p = [
    [0.6, 0.3, 0.1],
    [0.7, 0.2, 0.1],
    [0.1, 0.1, 0.8],
    [0.6, 0.3, 0.1],
  ];
  const heard = (/** @type {number[]} */ ...weights) => ({ audio: "", p, weights: [weights] });
  assert.equal(
    verdict(heard(0.5, 0.499, 0.001), DATA, ""),
    "It trusts prosodic most, 50 %; without it the answer is still anger. " +
      "It misses acoustic most, whose weight is 50 %.",
  );
  assert.equal(
    verdict(heard(0.0, 1.0, 0.0), DATA, "egemaps"),
    "With all of them it trusts acoustic most, 100 %; without it the answer is sad. " +
      "It misses acoustic most, whose weight is 100 %.",
  );
});

test("an address is read whole or not at all", () => {
  assert.deepEqual(readSetting("1.noise0.acoustic", DATA), { clip: 1, recording: "noise0", out: "acoustic" });
  assert.deepEqual(readSetting("0.studio.", DATA), { clip: 0, recording: "studio", out: "" });
  assert.deepEqual(readSetting("0.studio", DATA), { clip: 0, recording: "studio", out: "" });
  for (const said of ["", "x", "7.studio.", "0.cellar.", "0.studio.nobody", "0"]) {
    assert.equal(readSetting(said, DATA), null, said);
  }
});
