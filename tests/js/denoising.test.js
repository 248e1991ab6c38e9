import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../../tlmlda_lib/book/explorables/base.js";
import {
  best,
  forward,
  meanErrors,
  readSetting,
  reconstruction,
  sentence,
  sigma,
  spoilt,
} from "../../tlmlda_lib/book/explorables/denoising.js";
import { close, numbersOf } from "./numbers.js";

const { steps, cases } = numbersOf("denoising");

test("forward passes and errors are the library's", () => {
  for (const { layers, clean, given, rebuilt, errors } of cases) {
    for (const i of [0, 1]) {
      const found = forward(layers, given[i]);
      close(found, rebuilt[i], 1e-6); // weights come with seven digits
      close(reconstruction(given[i], clean[i]), errors[0][i]);
      close(reconstruction(found, clean[i]), errors[1][i], 1e-6);
    }
  }
});

test("noise is normal, of the size that is said, and the same for the same seed", () => {
  const x = Array(4000).fill(0.5);
  const noise = spoilt(x, 0.3, random(5)).map((v) => (v - 0.5) / 0.3);
  const mean = noise.reduce((s, v) => s + v, 0) / x.length;
  close(mean, 0, 4 / Math.sqrt(x.length));
  close(Math.sqrt(noise.reduce((s, v) => s + (v - mean) ** 2, 0) / x.length), 1, 0.05);
  close(noise.filter((v) => Math.abs(v) < 1).length / x.length, 0.683, 0.03);
  assert.deepEqual(spoilt(x, 0.3, random(5)), spoilt(x, 0.3, random(5)));
  assert.notDeepEqual(spoilt(x, 0.3, random(5)), spoilt(x, 0.3, random(6)));
  assert.deepEqual(spoilt(x, 0, random(5)), x);
});

test("mean errors: the noise's grows with its variance, the mean's stays", () => {
  const clean = Array.from({ length: 40 }, (_, i) => [0.2, 0.4, (i % 5) / 5, 0.6]);
  const mean = [0.2, 0.4, 0.4, 0.6];
  const found = meanErrors([], clean, mean, [0, 0.1, 1]);
  close(
    found.map((e) => e.noisy),
    [0, 0.01, 1],
    0.05,
  );
  for (const e of found) {
    close(e.mean, 0.02); // the variance of 0, 0.2 .. 0.8, over four features
    assert.equal(e.rebuilt, e.noisy); // no layer changes anything
  }
});

test("an address is read whole or not at all", () => {
  const read = (/** @type {string} */ said) => readSetting(said, steps, ["0", "0.5"], 5);
  assert.deepEqual(read("9_0.5_4_2"), { trained: "0.5", noise: 0.7, utterance: 4, draw: 2 });
  for (const said of ["", "x", "99_0_1_2", "13_0_1_2", "3_7_0_1", "3_toString_0_1", "3_0_5_1", "3_0_-1_1", "3_0_1"]) {
    assert.equal(read(said), null, said);
  }
  for (const draw of ["0", "1000", "1.5"]) assert.equal(read(`3_0_1_${draw}`), null, draw);
  assert.equal(read("0_0_0_999")?.draw, 999);
});

test("the sentence begins with what errs least", () => {
  const errors = { noisy: 0.0123, mean: 0.004, rebuilt: 0.02 };
  assert.deepEqual(best(errors), ["mean", "noisy", "rebuilt"]);
  const state = { trained: "0.5", noise: 0.3, utterance: 0, draw: 1 };
  assert.equal(
    sentence(state, errors),
    "Trained with noise of σ\u00a0=\u00a00.5, given noise of σ\u00a0=\u00a00.3: " +
      "giving the mean utterance errs least, 0.004; then leaving the noise in, 0.0123.",
  );
  assert.equal(
    sentence({ ...state, trained: "0", noise: 0 }, { noisy: 0, mean: 0.004, rebuilt: 0.02 }),
    "Trained without noise, given none: leaving the noise in errs least, 0; then giving the mean utterance, 0.004.",
  );
  assert.deepEqual([0, 1, 0.02].map(sigma), ["none", "σ\u00a0=\u00a01", "σ\u00a0=\u00a00.02"]);
});
