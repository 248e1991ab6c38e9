import assert from "node:assert/strict";
import { test } from "node:test";
import { LOSSES } from "../../tlmlda_lib/book/explorables/losses.js";
import { drawn, each, length, step, takeBatch } from "../../tlmlda_lib/book/explorables/training_step.js";
import { close, numbersOf } from "./numbers.js";

const { std, rate, alpha, cases } = numbersOf("training_step");

test("losses and the gradient of each are torch's", () => {
  for (const { first, clean, ys, batches } of cases) {
    const given = each((x, e) => x + std * e, clean, batches[0].noise);
    const { losses, gradients } = step(first, clean, given, ys);
    close(losses, batches[0].losses);
    for (const name of LOSSES) close(gradients[name], batches[0].gradients[name], 1e-7, name);
  }
});

test("batch after batch, weights, losses and Adam are the library's training", () => {
  for (const { first, clean, ys, batches, after } of cases) {
    /** @type {import("../../tlmlda_lib/book/explorables/training_step.js").Batch | undefined} */
    let batch;
    for (const { noise, losses, weights } of batches) {
      batch = takeBatch({ first, clean, ys, std, rate, alpha }, batch, noise);
      close(batch.losses, losses, 1e-8);
      close(batch.weights, weights, 1e-8);
      close(
        batch.total,
        LOSSES.reduce((s, name) => s + weights[name] * losses[name], 0),
        1e-8,
      );
    }
    close(batch?.after, after, 1e-7);
  }
});

test("Adam's first step moves everything that has a slope by the rate", () => {
  const [{ first, clean, ys, batches }] = cases;
  const { gradient, after } = takeBatch({ first, clean, ys, std, rate, alpha }, undefined, batches[0].noise);
  each(
    (a, b, g) => {
      // BatchNorm takes the first bias out: its slope is nothing but rounding.
      if (Math.abs(g) > 1e-6) close(Math.abs(b - a), rate, 1e-3);
      return 0;
    },
    first,
    after,
    gradient,
  );
});

test("noise has its size and is the same every time", () => {
  const clean = Array.from({ length: 300 }, () => [0.5, 0.5]);
  const noise = drawn(clean, 3);
  close(Math.sqrt(length(noise) ** 2 / 600), 1, 0.1);
  assert.deepEqual(noise, drawn(clean, 3));
  assert.notDeepEqual(noise, drawn(clean, 4));
  assert.ok(noise.flat().every((v) => Math.abs(v * 1000 - Math.round(v * 1000)) < 1e-9));
});

test("arithmetic on nested lists", () => {
  assert.deepEqual(
    each((a, b) => a - b, [[1, 2], [3]], [[1, 1], [1]]),
    [[0, 1], [2]],
  );
  assert.equal(length([[3], [0, [4]]]), 5);
  assert.equal(length(-2), 2);
});
