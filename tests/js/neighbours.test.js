import assert from "node:assert/strict";
import { test } from "node:test";
import { captionOf, nearest, sharesOf } from "../../tlmlda_lib/book/explorables/neighbours.js";
import { close, numbersOf } from "./numbers.js";

/** @import { Point } from "../../tlmlda_lib/book/explorables/neighbours.js" */

const NUMBERS = numbersOf("neighbours");

test("neighbours and their shares are the library's", () => {
  const { points, xy, predicted, k, corpus, emotion, recognised } = NUMBERS;
  const all = points.map((/** @type {Point} */ _, /** @type {number} */ i) => i);
  assert.deepEqual(nearest(xy, all, all, k), NUMBERS.nearest);
  close(sharesOf(points, { name: "", xy, predicted }, k), { corpus, emotion, recognised });
});

test("without predictions none is right or wrong", () => {
  const { points, xy, k } = NUMBERS;
  const predicted = points.map(() => "");
  assert.ok(Number.isNaN(sharesOf(points, { name: "", xy, predicted }, k).recognised));
});

test("an utterance in words", () => {
  const point = { corpus: "EmoDB", place: 1, emotion: "sad", speaker: "03" };
  assert.equal(captionOf(point, ""), "sad, EmoDB, speaker 03");
  assert.equal(captionOf(point, "sad"), "sad, EmoDB, speaker 03, recognised");
  assert.equal(captionOf(point, "fear"), "sad, EmoDB, speaker 03, taken for fear");
});
