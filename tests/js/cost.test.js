import assert from "node:assert/strict";
import { test } from "node:test";
import {
  costsOf,
  inPython,
  inWords,
  operations,
  readSetting,
  weightsOf,
} from "../../tlmlda_lib/book/explorables/cost.js";
import { numbersOf } from "./numbers.js";

const { layers, cases, small, counted } = numbersOf("cost");

test("network and kernel add up to the library's count, to the last digit", () => {
  for (const { batch, width, cost } of cases) {
    const { network, kernel } = costsOf(layers, { batch, width });
    assert.equal(network + kernel, cost, `${batch}, ${width}`);
  }
});

test("and to what PyTorch counts", () => {
  const { network, kernel } = costsOf(small, { batch: 10, width: 4 });
  assert.equal(network + kernel, counted);
});

test("twice the batch: twice the network, four times the kernel", () => {
  const [one, two] = [100, 200].map((batch) => costsOf(layers, { batch, width: 256 }));
  assert.equal(two.network, 2 * one.network);
  assert.equal(two.kernel, 4 * one.kernel);
});

test("weights of a chain of layers", () => {
  assert.equal(weightsOf([3, 2, 4]), 14);
  assert.equal(weightsOf([3]), 0);
});

test("counts in words", () => {
  assert.deepEqual([999, 1_500_000, 8.36e9, 2.5e12].map(operations), [
    "999",
    "1.5 million",
    "8.36 billion",
    "2.5 trillion",
  ]);
  const state = { batch: 12800, width: 256 };
  assert.equal(
    inWords(state, { network: 3e9, kernel: 1e9 }),
    "With 12,800 utterances of each domain and 256 numbers in z a step takes 4 billion operations. " +
      "The kernel has 25.0 % of them.",
  );
  assert.match(inPython(state, layers), /emotion=\(600, 256,\),\n {4}batch_size=12800,/);
});

test("an address is read whole or not at all", () => {
  const read = (/** @type {string} */ said) => readSetting(said, [10, 100], [2, 256]);
  assert.deepEqual(read("100.256"), { batch: 100, width: 256 });
  for (const said of ["", "x", "100", "99.256", "100.3", "100.256.1", "1e2.256"]) assert.equal(read(said), null, said);
});
