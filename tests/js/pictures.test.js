import assert from "node:assert/strict";
import { test } from "node:test";
import {
  captionOf,
  chanceOf,
  epochInWords,
  placesOf,
  readSetting,
  runOf,
} from "../../tlmlda_lib/book/explorables/pictures.js";
import { close, numbersOf } from "./numbers.js";

/** @import { Point } from "../../tlmlda_lib/book/explorables/pictures.js" */

const NUMBERS = numbersOf("pictures");
const EPOCHS = NUMBERS.war.length;
const numbers = Object.fromEntries(
  ["mmd", "lmmd", "predicted", "true", "head"].map((name, k) => [name, NUMBERS.war.map(() => k / 10)]),
);
const given = { name: "aligned", xy: NUMBERS.xy, predicted: NUMBERS.predicted, numbers, share: 0.6 };
const RUN = runOf(/** @type {any} */ (given), NUMBERS.points, NUMBERS.emotions);

test("what is recognised, and what neighbours share by chance, is the library's", () => {
  close(RUN.numbers.war, NUMBERS.war);
  close(RUN.numbers.chance, NUMBERS.chance);
  const targets = NUMBERS.points.filter((/** @type {Point} */ p) => p.domain === "target");
  close(chanceOf(targets.map((/** @type {Point} */ p) => p.emotion)), NUMBERS.chance_true);
  assert.equal(chanceOf(["a", "a", "a"]), 1);
  assert.equal(chanceOf(["a", "b"]), 0);
  assert.equal(RUN.last, EPOCHS - 1);
});

test("marks lie where the plane has them, the right way up", () => {
  for (const magnify of [true, false]) {
    const { at, times } = placesOf(RUN, RUN.last, magnify, 700, 434);
    const [[x0, y0], [x1, y1]] = [at(0), at(1)];
    const [[a0, b0], [a1, b1]] = NUMBERS.places;
    const scale = (x1 - x0) / (a1 - a0);
    assert.ok(scale > 0);
    close((y1 - y0) / (b1 - b0), -scale);
    NUMBERS.places.forEach((/** @type {number[]} */ [a, b], /** @type {number} */ i) => {
      close(at(i), [x0 + scale * (a - a0), y0 - scale * (b - b0)], 1e-6);
    });
    assert.equal(times > 1, magnify);
  }
});

test("magnified, an epoch reaches the edges of its picture", () => {
  const { at } = placesOf(RUN, 0, true, 700, 434);
  const [xs, ys] = [0, 1].map((j) => NUMBERS.points.map((/** @type {Point} */ _, /** @type {number} */ i) => at(i)[j]));
  const free = [Math.min(...xs), 700 - Math.max(...xs), Math.min(...ys), 434 - Math.max(...ys)];
  close(Math.min(...free), 16);
  close(free[0], free[1]);
  close(free[2], free[3]);
});

test("an epoch and a recording in words", () => {
  const run = { ...RUN, numbers: { ...RUN.numbers, war: [0, 0.5, 1], predicted: [0.0001, 0.5, 0.5] } };
  assert.equal(
    epochInWords(run, 0),
    "aligned, before training: 0.0 % recognised; of a target point's neighbours < 0.1 % share its predicted emotion " +
      "(random heads: 40.0 %) and 30.0 % its true one.",
  );
  assert.ok(epochInWords(run, 2).startsWith("aligned, after epoch 2: 100.0 % recognised;"));
  const point = /** @type {const} */ ({ domain: "target", emotion: "sad" });
  assert.equal(
    captionOf({ ...point, caption: "f1, German" }, "fear"),
    "sad, target, f1, German; the network says fear",
  );
  assert.equal(captionOf({ ...point, caption: "" }, "sad"), "sad, target; the network says sad");
});

test("an address is read whole or not at all", () => {
  const runs = [
    { name: "aligned", last: 4 },
    { name: "not aligned", last: 2 },
  ];
  const mute = /** @type {const} */ ({ domain: "source", emotion: "sad" });
  const points = [{ ...mute, audio: "AAAA" }, mute];
  const found = { run: "not aligned", epoch: 2, colour: "domain", magnify: false, mark: 0 };
  assert.deepEqual(readSetting("1~2~domain~0~0", runs, points), found);
  const nonsense = ["", "x", "9~0~true~0~1", "1~3~true~0~1", "0~0~red~0~1", "0~0~true~1~1", "0~0~true~0~7"];
  for (const said of [...nonsense, "0~0~true~-1~1", "0~0~true~0~1~1", "0~0~true~0"]) {
    assert.equal(readSetting(said, runs, points), null, said);
  }
  assert.equal(readSetting("0~4~true~-1~1", runs, [mute])?.mark, -1);
});
