import assert from "node:assert/strict";
import { test } from "node:test";
import {
  chance,
  EMOTIONS,
  measure,
  reachable,
  readSetting,
  sentence,
  stepped,
  withProbability,
} from "../../tlmlda_lib/book/explorables/emotion.js";
import { close, numbersOf } from "./numbers.js";

const { emotions, cases } = numbersOf("emotion");

test("emotions stand in the library's order", () => assert.deepEqual(EMOTIONS, emotions));

test("equation 2 and its gradient are the library's", () => {
  for (const { scores, true: name, loss, p, slope } of cases) {
    const found = measure(scores, EMOTIONS.indexOf(name));
    close(found.loss, loss);
    close(found.p, p);
    close(found.slope, slope);
    assert.equal(found.guess, p.indexOf(Math.max(...p)));
  }
});

test("steps are torch's, downhill on either sign", () => {
  for (const { after_1, after_30, ...state } of cases) {
    let scores = stepped(state);
    close(scores, after_1);
    for (let i = 1; i < 30; i++) scores = stepped({ ...state, scores });
    close(scores, after_30);
    const k = EMOTIONS.indexOf(state.true);
    assert.equal(measure(scores, k).loss < measure(state.scores, k).loss, state.sign === "meant");
  }
});

test("one probability is set, and the others keep their proportions", () => {
  const scores = [0.5, -0.5, 1.5, 0, -1];
  for (const p of [0.001, 0.313, 0.999]) {
    const found = withProbability(scores, 2, p);
    close(measure(found, 2).p[2], p);
    assert.deepEqual(
      found.filter((_, c) => c !== 2),
      [0.5, -0.5, 0, -1],
    );
  }
  assert.deepEqual([-2, 0, 0.20349, 1].map(reachable), [0.001, 0.001, 0.203, 0.999]);
});

test("the smallest probabilities are told with their power of ten", () => {
  assert.deepEqual([0, 3e-9, 0.00099, 0.001, 0.2, 0.9999, 1].map(chance), [
    "0.0 %",
    "3 × 10⁻⁷ %",
    "1 × 10⁻¹ %",
    "0.1 %",
    "20.0 %",
    "> 99.9 %",
    "100.0 %",
  ]);
});

test("an address is read whole or not at all", () => {
  const state = { scores: [0.5, -0.5, 1.5, 0, -1000], true: "happy", sign: "printed", rate: 2.5 };
  assert.deepEqual(readSetting("happy_printed_2.5_0.5,-0.5,1.5,0,-1000"), state);
  for (const said of [
    "",
    "x",
    "joy_meant_1_0,0,0,0,0",
    "sad_plus_1_0,0,0,0,0",
    "sad_meant_9_0,0,0,0,0",
    "sad_meant_x_0,0,0,0,0",
    "sad_meant_1_0,0,,0,0",
    "sad_meant_1_0,0,0,0",
    "sad_meant_1_0,0,0,0,1001",
  ]) {
    assert.equal(readSetting(said), null, said);
  }
});

test("the sentence tells the guess, the steps and where they lead", () => {
  const state = { scores: [0.5, -0.5, 1.5, 0, -1], true: "anger", sign: "meant", rate: 1 };
  assert.equal(
    sentence(state, 0),
    "True is anger, at 20.3 %: the cross-entropy is 1.59. The guess is happy, which is wrong. " +
      "A step downhill on −log\u00a0p, p rises.",
  );
  const right = sentence({ ...state, true: "happy", sign: "printed" }, 1);
  assert.match(
    right,
    /The guess is happy, which is right\. After 1 step downhill on log\u00a0p, as printed, p falls\.$/,
  );
  assert.match(sentence(state, 30), /After 30 steps downhill/);
});
