import assert from "node:assert/strict";
import { test } from "node:test";
import {
  drawn,
  halfWidth,
  mean,
  outcomes,
  paired,
  ranking,
  sum,
} from "../../tlmlda_lib/book/explorables/statistics.js";
import { close, numbersOf } from "./numbers.js";

const LIBRARY = numbersOf("statistics");

test("means and t intervals are the library's", () => {
  for (const { values, mean: wanted, half } of LIBRARY.intervals) {
    close(mean(values), wanted);
    close(sum(values), wanted * values.length);
    close(halfWidth(values, LIBRARY.quantiles), half);
  }
});

test("there is no interval of two seeds, nor of more than there are quantiles for", () => {
  assert.equal(halfWidth([1, 2], [1, 1, 1]), null);
  assert.equal(halfWidth([1, 2, 3, 4, 5, 6], LIBRARY.quantiles), null);
  assert.equal(halfWidth([], LIBRARY.quantiles), null);
});

test("differences are taken between equal seeds", () => {
  const first = { seeds: [4, 0, 1], values: [40, 50, 61] };
  assert.deepEqual(paired(first, { seeds: [0, 1, 2], values: [45, 62, 7] }), [5, -1]);
  assert.deepEqual(paired(first, { seeds: [7], values: [45] }), []);
});

test("an order is the library's, ties in their own", () => {
  for (const { totals, order } of LIBRARY.orders) assert.deepEqual(ranking(totals), order);
});

test("outcomes of draws with replacement are the library's", () => {
  for (const [which, wanted] of Object.entries(LIBRARY.draws)) {
    const [seeds, k] = which.split(" ").map(Number);
    const found = outcomes(seeds, k);
    close(Object.fromEntries(found.map(({ times, share }) => [times.join(" "), share])), wanted);
    close(sum(found.map(({ share }) => share)), 1);
  }
});

test("a draw is the same for the same number, and all seeds come", () => {
  assert.deepEqual(drawn(5, 4, 9), drawn(5, 4, 9));
  const counts = [0, 0, 0, 0, 0];
  for (let number = 1; number <= 200; number++) for (const i of drawn(5, 3, number)) counts[i] += 1;
  assert.equal(sum(counts), 600);
  // 120 of each are expected, with a deviation of 10.
  assert.ok(Math.min(...counts) > 85 && Math.max(...counts) < 155, String(counts));
});
