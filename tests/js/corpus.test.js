import assert from "node:assert/strict";
import { test } from "node:test";
import {
  guessing,
  python,
  readSetting,
  recordings,
  rowOfTable2,
  sizesOf,
  span,
  troubles,
} from "../../tlmlda_lib/book/explorables/corpus.js";
import { close, numbersOf } from "./numbers.js";

const NUMBERS = numbersOf("corpus");
const FACTS = Object.fromEntries(Object.entries(NUMBERS.files).map(([letter, files]) => [letter, { files }]));

test("what is left of a mix is the library's count", () => {
  for (const { mix, sizes } of NUMBERS.mixes) assert.deepEqual(sizesOf(NUMBERS.counts, FACTS, mix), sizes);
});

test("a mix is a row of Table 2 if emotions and counts are the printed ones, in any order", () => {
  for (const { mix, sizes, row } of NUMBERS.mixes) {
    const turned = { ...mix, emotions: [...mix.emotions].reverse() };
    for (const each of [mix, turned]) assert.equal(rowOfTable2(NUMBERS.printed, each, sizes), row, JSON.stringify(mix));
  }
  const { mix, sizes } = NUMBERS.mixes[0];
  const another = { ...sizes, target: [sizes.target[0] - 1, sizes.target[1]] };
  assert.equal(rowOfTable2(NUMBERS.printed, mix, another), "");
});

test("the total limits what an uncertain count can be", () => {
  const own = { anger: /** @type {const} */ ([3, 5]), sad: /** @type {const} */ ([3, 5]) };
  assert.deepEqual(recordings(own, 9, ["anger"]), [4, 5]);
  assert.deepEqual(recordings(own, 7, ["anger"]), [3, 4]);
  assert.deepEqual(recordings(own, 9, ["anger", "sad"]), [9, 9]);
  assert.deepEqual(recordings(own, 9, ["fear"]), [0, 0]);
  assert.deepEqual([span([3, 5]), span([4, 4])], ["3 to 5", "4"]);
});

test("guessing recognises a share of the target", () => {
  const own = NUMBERS.counts.B;
  const emotions = ["anger", "disgust", "fear", "happy", "sad"];
  close(guessing(own, emotions, 375), { even: 0.2, most: 127 / 375 });
  close(guessing({ anger: [3, 5], sad: [4, 4] }, ["anger", "sad"], 8), { even: 0.5, most: 5 / 8 });
  assert.deepEqual(guessing(own, [], 0), { even: 0, most: 0 });
  assert.deepEqual(guessing(own, ["calm"], 0), { even: 1, most: 0 });
});

test("what cannot be learnt or recognised is said", () => {
  const said = (/** @type {string} */ source, /** @type {string} */ target, /** @type {string[]} */ ...emotions) =>
    troubles(NUMBERS.counts, { source, target, emotions });
  assert.deepEqual(said("E", "B", "anger", "sad"), []);
  assert.deepEqual(said("E", "B", "anger"), ["One emotion is no choice: keep two or more."]);
  assert.deepEqual(said("", "B", "anger"), ["Without a source there is nothing to learn from."]);
  assert.deepEqual(said("E", "B", "anger", "boredom"), ["The source has no boredom, so nothing can be learnt of it."]);
  assert.deepEqual(said("E", "C", "boredom", "calm", "sad"), [
    "The source has no boredom and calm, so nothing can be learnt of them.",
    "The target has no boredom and calm: to say so is always wrong.",
  ]);
  assert.deepEqual(said("ER", "C", "calm", "sad"), ["The target has no calm: to say so is always wrong."]);
});

test("an address is read whole or not at all", () => {
  const { every } = NUMBERS;
  assert.equal(every.length, 9);
  const emotions = [0, 2, 4, 6, 7].map((i) => every[i]);
  for (const source of ["EC", "CE"]) {
    assert.deepEqual(readSetting(`${source}.B.101010110`, every), { source: "EC", target: "B", emotions });
  }
  assert.deepEqual(readSetting(".B.000000000", every), { source: "", target: "B", emotions: [] });
  const nonsense = ["", "x", "E.E.111111111", "EX.B.111111111", "E.B.11", "EE.B.111111111", "E.B.11111111x", "E.EB.1"];
  for (const said of [...nonsense, "E.B.111111111.1", "E.X.111111111"]) {
    assert.equal(readSetting(said, every), null, said);
  }
});

test("Python is asked for the same mix", () => {
  const text = python({ source: "EC", target: "B", emotions: ["anger", "sad"] });
  assert.match(text, /for x in "EC"\]\n.*load\("B"\)\n.*emotions=\["anger", "sad"\]\)/);
});
