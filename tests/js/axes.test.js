import assert from "node:assert/strict";
import { test } from "node:test";
import { linear, logarithmic, multiples, threeOf, trace } from "../../tlmlda_lib/book/explorables/axes.js";
import { close } from "./numbers.js";

test("scales lead there and back", () => {
  const y = linear([10, 20], [100, 0]);
  assert.deepEqual([y(10), y(15), y(20)], [100, 50, 0]);
  const log = logarithmic([0.01, 100], [0, 4]);
  close([log(0.01), log(1), log(100), log(0)], [0, 2, 4, 0]);
  for (const v of [0.02, 1, 77]) close(log.invert(log(v)), v);
  for (const v of [11, 19.5]) close(y.invert(y(v)), v);
  assert.equal(linear([5, 5], [0, 9])(5), 0);
});

test("multiples of a step lie between the ends, without rounding's dust", () => {
  assert.deepEqual(multiples(23, 61, 10), [30, 40, 50, 60]);
  assert.deepEqual(multiples(0, 0.4, 0.1), [0, 0.1, 0.2, 0.3, 0.4]);
  assert.deepEqual(multiples(-0.5, 0.5, 0.5), [-0.5, 0, 0.5]);
  assert.deepEqual(multiples(1, 2, 5), []);
});

test("first, middle and last", () => {
  assert.deepEqual(threeOf(9), [1, 5, 9]);
  assert.deepEqual(threeOf(500), [1, 250, 500]);
  assert.deepEqual(threeOf(1), [1]);
});

test("a path lifts its pen at gaps", () => {
  assert.equal(trace([[0, 1], [2, 3.04], null, [4, 5]]), "M0.0 1.0L2.0 3.0M4.0 5.0");
});
