import assert from "node:assert/strict";
import { test } from "node:test";
import { endsOf, fitted, nearestMark, onward } from "../../tlmlda_lib/book/explorables/marks.js";

/** @typedef {import("../../tlmlda_lib/book/explorables/axes.js").Place} Place */

/** @type {Place[]} A cross, and one far to the right and below it. */
const CROSS = [
  [100, 100],
  [140, 100],
  [60, 100],
  [100, 60],
  [100, 140],
  [300, 220],
];
const at = (/** @type {number} */ i) => CROSS[i];
const ALL = [0, 1, 2, 3, 4, 5];

test("a press means the nearest mark within reach", () => {
  assert.equal(nearestMark(ALL, at, [118, 100]), 0);
  assert.equal(nearestMark(ALL, at, [121, 100]), 1);
  assert.equal(nearestMark(ALL, at, [100, 76]), 3);
  assert.equal(nearestMark(ALL, at, [300, 244]), 5);
  assert.equal(nearestMark(ALL, at, [300, 244.1]), -1);
  assert.equal(nearestMark([1, 2], at, [100, 100]), -1);
  assert.equal(nearestMark([], at, [100, 100]), -1);
});

test("arrows lead to the nearest mark on their side, or nowhere", () => {
  /** @type {[Place, number, number][]} */
  const ways = [
    [[1, 0], 0, 1],
    [[-1, 0], 0, 2],
    [[0, -1], 0, 3],
    [[0, 1], 0, 4],
    [[1, 0], 1, 5],
    [[1, 0], 5, 5],
    [[0, -1], 3, 3],
  ];
  for (const [arrow, from, to] of ways) assert.equal(onward(ALL, at, from, arrow), to, `${arrow} from ${from}`);
});

test("what lies aside counts double", () => {
  const places = /** @type {Place[]} */ ([
    [0, 0],
    [10, 20],
    [45, 0],
  ]);
  const where = (/** @type {number} */ i) => places[i];
  assert.equal(onward([0, 1, 2], where, 0, [1, 0]), 2);
  places[2] = [55, 0];
  assert.equal(onward([0, 1, 2], where, 0, [1, 0]), 1);
});

test("a plane fills its picture one way, and lies in its middle the other", () => {
  const xy = [-3, 1, 5, 2, 1, 3];
  assert.deepEqual(endsOf(xy), [-3, 5, 1, 3]);
  assert.deepEqual(endsOf(xy, 2, 4), [5, 5, 2, 2]);
  const { scale, place } = fitted(endsOf(xy), 432, 232);
  assert.equal(scale, 50);
  assert.deepEqual(place(-3, 2), [16, 116]);
  assert.deepEqual(place(5, 3), [416, 66]);
  assert.deepEqual(fitted([2, 2, 7, 7], 100, 80).place(2, 7), [50, 40]);
});
