import assert from "node:assert/strict";
import { test } from "node:test";
import { dynamicWeights } from "../../tlmlda_lib/book/explorables/losses.js";
import { inUnits, readSetting, sharesOf, slopes } from "../../tlmlda_lib/book/explorables/weighting.js";
import { close, numbersOf } from "./numbers.js";

const CASES = numbersOf("losses").weights;

test("a slope is the derivative of the weighted sum of losses", () => {
  for (const { losses, alpha } of CASES.filter((/** @type {any} */ c) => Object.keys(c.losses).length === 5)) {
    const sum = (/** @type {Record<string, number>} */ l) => {
      const w = dynamicWeights(l, alpha);
      return Object.keys(l).reduce((s, k) => s + w[k] * l[k], 0);
    };
    const found = slopes(losses, dynamicWeights(losses, alpha));
    for (const k of Object.keys(losses)) {
      const h = 1e-6 * Math.max(losses[k], 1e-3);
      const numeric = (sum({ ...losses, [k]: losses[k] + h }) - sum({ ...losses, [k]: losses[k] - h })) / (2 * h);
      close(found[k], numeric, 1e-4, k);
    }
  }
});

test("shares add up to 1, or are all 0", () => {
  const shares = sharesOf({ S: 1, T: 3, y: 0 });
  assert.deepEqual(shares, { S: 0.25, T: 0.75, y: 0 });
  assert.deepEqual(sharesOf({ S: 0, T: 0 }), { S: 0, T: 0 });
});

test("units change the two reconstructions alone", () => {
  const curves = { S: [1, 2], T: [3, 4], y: [5, 6] };
  assert.deepEqual(inUnits(curves, "mean", 10, 3), curves);
  assert.deepEqual(inUnits(curves, "sum", 10, 3), { S: [10, 20], T: [30, 40], y: [5, 6] });
  assert.deepEqual(inUnits(curves, "printed", 10, 3), { S: [30, 60], T: [90, 120], y: [5, 6] });
});

test("an address is read whole or not at all", () => {
  assert.deepEqual(readSetting("0.5_2.04_sum_3", ["S", "y"], 5), { alpha: { S: 0.5, y: 2 }, units: "sum", epoch: 3 });
  for (const said of ["", "0.5_2_sum", "0.5_6_sum_3", "0.5_x_sum_3", "0.5_2_inches_3", "0.5_2_sum_6", "-1_2_sum_3"]) {
    assert.equal(readSetting(said, ["S", "y"], 5), null, said);
  }
});
