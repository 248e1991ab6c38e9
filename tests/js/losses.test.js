import assert from "node:assert/strict";
import { test } from "node:test";
import { DASHES, dynamicWeights, LOSSES } from "../../tlmlda_lib/book/explorables/losses.js";
import { close, numbersOf } from "./numbers.js";

const NUMBERS = numbersOf("losses");

test("names and their order are the library's, and each has a line", () => {
  assert.deepEqual(LOSSES, NUMBERS.names);
  assert.deepEqual(Object.keys(DASHES), LOSSES);
});

test("equation 6 is the library's", () => {
  for (const { losses, alpha, weights } of NUMBERS.weights) close(dynamicWeights(losses, alpha), weights);
});
