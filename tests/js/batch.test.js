import assert from "node:assert/strict";
import { test } from "node:test";
import {
  around,
  batches,
  brief,
  distance,
  farthest,
  pulls,
  readSetting,
  STAGES,
  sentence,
  summaryOf,
  three,
} from "../../tlmlda_lib/book/explorables/batch.js";
import { LOSSES } from "../../tlmlda_lib/book/explorables/losses.js";
import { close, numbersOf } from "./numbers.js";

const { std, rate, alpha, cases } = numbersOf("training_step");
const [{ first, clean, ys }] = cases;
const data = { clean, ys, classes: ["anger", "fear", "sad"], features: ["a", "b", "c"], std, rate };

test("batches follow one another, and are the same every time", () => {
  const to = batches({ ...data, first, alpha });
  const three = to(3);
  assert.equal(three.length, 3);
  assert.deepEqual(to(2), three.slice(0, 2));
  assert.deepEqual(three[1].parameters, three[0].after);
  assert.deepEqual(batches({ ...data, first, alpha })(3), three);
  close(three[0].weights, Object.fromEntries(LOSSES.map((name) => [name, alpha[name] / 5])));
});

test("a loss pulls at no part that it does not reach", () => {
  const [batch] = batches({ ...data, first, alpha })(1);
  const found = Object.fromEntries(pulls(batch).map(([part, ...sizes]) => [part, sizes]));
  const reached = (/** @type {string} */ part) => LOSSES.filter((_, i) => found[part][i] > 0);
  assert.deepEqual(reached("encoder"), LOSSES);
  assert.deepEqual(reached("decoder"), ["S", "T"]);
  assert.deepEqual(reached("emotion"), ["y", "MMD", "LMMD"]);
  assert.deepEqual(reached("head"), ["y"]);
  // What one loss alone reaches, all together pull at as hard.
  close(found.head[5], found.head[LOSSES.indexOf("y")]);
});

test("without alignment the labels are learnt, and the clouds keep their size", () => {
  const alone = { ...alpha, MMD: 0, LMMD: 0 };
  const end = (/** @type {typeof alpha} */ a) => batches({ ...data, first, alpha: a })(40)[39];
  assert.ok(end(alone).losses.y < end(alpha).losses.y);
  assert.ok(farthest(end(alone).z) > farthest(end(alpha).z));
});

test("an address is read whole or not at all", () => {
  assert.deepEqual(readSetting("51_gradients_alone"), { batch: 51, stage: "gradients", factors: "alone" });
  assert.equal(readSetting("500_step_printed")?.batch, 500);
  for (const said of [
    "",
    "x",
    "3",
    "0_step_alone",
    "501_step_alone",
    "1.5_step_alone",
    "3_moon_alone",
    "3_step_x",
    "3_step_toString",
    "3_step_alone_4",
  ]) {
    assert.equal(readSetting(said), null, said);
  }
});

test("sentences tell the first batch from later ones", () => {
  const now = { total: 1.23456, code: [[0, 1]] };
  const say = (/** @type {string} */ stage, batch = 1) => sentence(stage, batch, data, now);
  assert.equal(
    say("batch"),
    "Four utterances of the source with their labels, and three of the target, without. " +
      "Each has three features, scaled to lie between 0 and 1.",
  );
  assert.match(say("code"), /^The encoder makes two numbers of three: Linear, BatchNorm over all seven rows/);
  assert.match(say("outputs"), /rebuilds a, b and c \(x̂\).* of anger, fear and sad \(p\)/);
  assert.match(say("weights"), /^In the first epoch no loss is known.* the last column: 1\.235\.$/);
  assert.match(say("weights", 2), /^Equation 6, from the losses of the epoch before/);
  assert.match(say("step"), /The rate is 0\.05, and in its first step Adam .*\. Then comes batch 2\.$/);
  assert.match(say("step", 2), /The rate is 0\.05\. Then comes batch 3\.$/);
  for (const stage of STAGES) assert.match(say(stage), /^[A-Z].*\.$/);
  // Sixteen rows at most: beyond eight they are told in digits.
  const many = { ...data, clean: Array(16).fill([0, 0, 0]) };
  assert.match(sentence("code", 1, many, now), /over all 16 rows/);
});

test("what is spoken has the total and all losses", () => {
  const losses = { S: 0.08864, T: 0.0875, y: 0.69684, MMD: 0.00001, LMMD: 0 };
  assert.equal(
    summaryOf("losses", 7, { total: 2.5, losses }),
    "Batch 7, losses. Total 2.500; S 0.0886, T 0.0875, y 0.697, MMD 1 × 10⁻⁵, LMMD 0.",
  );
});

test("numbers and distances", () => {
  assert.deepEqual([0, 0.0004, -0.0005, 0.09949, 0.0996, -12.3456].map(three), [
    "0",
    "4 × 10⁻⁴",
    "−0.0005",
    "0.0995",
    "0.100",
    "−12.346",
  ]);
  assert.deepEqual([0, 0.0004, -0.0005, 0.09949, 0.0996, 12.3456].map(brief), [
    "0",
    "<.001",
    "−0.001",
    "0.099",
    "0.10",
    "12.35",
  ]);
  assert.equal(
    farthest([
      [0, 0],
      [3, 4],
      [1, 1],
    ]),
    5,
  );
  assert.deepEqual([0, 9.996e-5, 1.23e-6, 0.12345].map(distance), [
    "0 millionths",
    "100 millionths",
    "1.2 millionths",
    "0.1235",
  ]);
  close(around([0.4, 0.9]), [0.34, 0.96]);
  close(around([0.02, 0.02]), [0, 0.06]);
});
