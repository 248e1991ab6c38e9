import assert from "node:assert/strict";
import { test } from "node:test";
import {
  curveWords,
  drawOf,
  existing,
  held,
  orderOf,
  readSetting,
  sentence,
  stepOf,
} from "../../tlmlda_lib/book/explorables/reproducibility.js";
import { ranking, sum } from "../../tlmlda_lib/book/explorables/statistics.js";
import { close, numbersOf } from "./numbers.js";

const CASES = numbersOf("reproducibility");

/** @param {number[][]} units */
const entryOf = (units, full = 200) => ({
  seeds: units[0].map((_, i) => 10 * i),
  count: 1,
  full,
  methods: units.map((row, i) => ({ name: "ABCDEF"[i], records: "", units: row })),
});
const ENTRY = entryOf([
  [100, 120, 140],
  [110, 110, 110],
  [90, 90, 90],
]);
const DATA = {
  parts: { words: "parts", schemes: { B2C: ENTRY, mean: ENTRY } },
  streams: { words: "streams", schemes: { C2B: ENTRY } },
};

test("how often the order and the first hold is the library's", () => {
  for (const { units, held: wanted } of CASES) {
    for (const [k, shares] of Object.entries(wanted)) close(held(units, Number(k)), shares, 1e-9, `${k} seeds`);
  }
});

test("an order by all seeds is the library's, and by a draw ties keep it", () => {
  for (const { units, order } of CASES) {
    assert.deepEqual(ranking(units.map(sum)), order);
    assert.deepEqual(
      orderOf(
        units.map(() => 0),
        units,
      ),
      order,
    );
  }
  assert.deepEqual(orderOf([1, 2, 2], [[9], [5], [7]]), [2, 1, 0]);
});

test("a draw's means are those of its seeds, in percent", () => {
  for (let number = 1; number <= 20; number++) {
    const { picks, means, wholes, byDraw, byAll } = drawOf(ENTRY, 4, number);
    assert.equal(picks.length, 4);
    const of = (/** @type {number[]} */ units) => sum(picks.map((p) => units[p])) / 4 / 2;
    close(
      means,
      ENTRY.methods.map((m) => of(m.units)),
    );
    close(wholes, [60, 55, 45]);
    assert.deepEqual(byAll, [0, 1, 2]);
    assert.deepEqual(byDraw, means[0] >= means[1] ? [0, 1, 2] : [1, 0, 2]);
  }
});

test("a draw in words", () => {
  const draw = { picks: [1, 1], means: [], wholes: [], byDraw: [0, 1, 2], byAll: [0, 1, 2] };
  const now = { first: 0.5, order: 0.004 };
  assert.equal(
    sentence(ENTRY, draw, now),
    "A is first, as by all 3 seeds, and so is the whole order. " +
      "Of all draws of 2 seeds, 50 % have the same first, < 1 % the same order.",
  );
  assert.ok(
    sentence(ENTRY, { ...draw, byDraw: [0, 2, 1] }, now).startsWith(
      "A is first, as by all 3 seeds, and the order below is another. ",
    ),
  );
  assert.equal(
    sentence(ENTRY, { ...draw, picks: [0], byDraw: [1, 0, 2] }, { first: 1, order: 0.999 }),
    "B is first. By all 3 seeds it would be A. " +
      "Of all draws of 1 seed, 100 % have the same first, > 99 % the same order.",
  );
});

test("the curves in words", () => {
  const curve = [
    { first: 0.4, order: 0 },
    { first: 0.6, order: 0.1 },
    { first: 1, order: 0.9 },
  ];
  assert.equal(
    curveWords(curve, 2),
    "How often the same method is first, and how often the whole order is the same, for 1 to 3 seeds: " +
      "first 40 % with 1 seed, 60 % with 2, 100 % with 3; the order 0 %, 10 %, 90 %.",
  );
});

test("a set without the scheme shows another", () => {
  const state = { methods: "streams", scheme: "mean", seeds: 1, draw: 1 };
  assert.deepEqual(existing(DATA, state), { methods: "streams", scheme: "C2B" });
  assert.deepEqual(existing(DATA, { ...state, methods: "" }), { methods: "parts", scheme: "mean" });
});

test("an address is read whole or not at all", () => {
  assert.deepEqual(readSetting("parts.mean.3.12", DATA, 20), { methods: "parts", scheme: "mean", seeds: 3, draw: 12 });
  for (const said of [
    "x",
    "parts.Z2B.3.1",
    "parts.C2B.3.1",
    "none.mean.3.1",
    "parts.mean.21.1",
    "parts.mean.0.1",
    "parts.mean.3.0",
    "parts.mean.3.10000",
    "parts.mean.3",
  ]) {
    assert.equal(readSetting(said, DATA, 20), null, said);
  }
});

test("an axis has few steps", () => {
  assert.deepEqual([stepOf(5, 5), stepOf(6, 5), stepOf(60, 10), stepOf(900, 10)], [1, 2, 10, 50]);
});
