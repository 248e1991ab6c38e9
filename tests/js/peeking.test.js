import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bestEpoch,
  fitting,
  honest,
  likeIn,
  printedOf,
  readSetting,
  sentence,
  shownAt,
  tail,
  withoutTransfer,
} from "../../tlmlda_lib/book/explorables/peeking.js";
import { close, numbersOf } from "./numbers.js";

const { series, audits } = numbersOf("peeking");
const NAMES = { tlmlda: "TLMLDA", only_cls: "no transfer" };

/** @param {Record<string, unknown>} more */
const run = (more) => ({ ...structuredClone(series[0]), ...more });

test("means without target labels, and the best of all seeds, are the audit's", () => {
  for (const [i, s] of series.entries()) {
    const { final, unsupervised, last } = honest(s);
    const best = shownAt(s, s.seeds.length, bestEpoch(s, s.seeds.length));
    close(
      { final, unsupervised, score: last, "best of seeds": best },
      Object.fromEntries(Object.entries(audits[i]).map(([column, v]) => [column, 100 * Number(v)])),
    );
  }
});

test("the highest of the first seeds, and the first of equal epochs", () => {
  const s = run({
    epochs: 4,
    war: [
      [1, 5, 5, 2],
      [3, 4, 5, 9],
      [9, 9, 9, 9],
    ],
  });
  assert.deepEqual(
    [1, 2, 3, 4].map((e) => shownAt(s, 2, e)),
    [3, 5, 5, 9],
  );
  assert.deepEqual([bestEpoch(s, 1), bestEpoch(s, 2), bestEpoch(s, 3)], [2, 4, 1]);
});

test("a third of the epochs is where a run ends up", () => {
  assert.deepEqual(
    [1, 2, 3, 8, 500].map((epochs) => tail(run({ epochs }))),
    [1, 1, 1, 2, 166],
  );
});

test("without transfer is a run of as many epochs", () => {
  assert.equal(withoutTransfer(series, series[0])?.method, "only_cls");
  assert.equal(withoutTransfer(series, run({ epochs: 2 })), undefined);
  assert.equal(withoutTransfer(series, run({ scheme: "B2C" })), undefined);
});

test("another scheme keeps what it can of a run", () => {
  const of = (/** @type {string} */ scheme, /** @type {string} */ method, /** @type {string} */ preset, epochs = 14) =>
    run({ scheme, method, preset, epochs });
  const all = [
    of("C2B", "tlmlda", "authors"),
    of("B2C", "only_cls", "authors"),
    of("B2C", "tlmlda", "fast"),
    of("B2C", "tlmlda", "authors", 60),
    of("B2C", "tlmlda", "authors"),
  ];
  assert.equal(likeIn(all, all[0], "B2C"), 4);
  assert.equal(likeIn(all.slice(0, 4), all[0], "B2C"), 3);
  assert.equal(likeIn(all.slice(0, 3), all[0], "B2C"), 2);
  assert.equal(likeIn(all.slice(0, 2), all[0], "B2C"), 1);
});

test("a state fits its run", () => {
  const state = { which: 2, epoch: 14, seeds: 3, beside: true };
  assert.deepEqual(fitting(series, state), { which: 2, epoch: 2, seeds: 1, beside: true });
  assert.deepEqual(fitting(series, { ...state, which: 9, epoch: 0 }), { which: 2, epoch: 1, seeds: 1, beside: true });
  assert.deepEqual(fitting(series, { ...state, which: 0 }), { ...state, which: 0 });
});

test("a state in words", () => {
  const state = { which: 0, epoch: 12, seeds: 1, beside: false };
  const say = (/** @type {Partial<typeof state>} */ more) => sentence(series, NAMES, { ...state, ...more });
  const [s, o] = series;
  assert.ok(
    say({}).startsWith("C2B, TLMLDA, authors, 14 epochs: stopped at epoch 12 of 14, best of 1 seed: "),
    say({}),
  );
  assert.ok(say({}).endsWith(` The paper prints 57.1.`), say({}));
  assert.ok(say({ beside: true, seeds: 2 }).includes("best of 2 seeds: "));
  const best = Math.max(...o.war.slice(0, 2).flat()) / 100;
  assert.ok(say({ beside: true, seeds: 2 }).endsWith(` Without transfer, at its own best epoch: ${best.toFixed(1)}.`));
  assert.ok(!say({ which: 1, beside: true }).includes("Without transfer"));
  assert.ok(!say({ which: 1 }).includes("The paper"));
  const high = { ...s, paper: s.war[0][11] };
  assert.ok(sentence([high], NAMES, state).endsWith(": reached."));
  assert.ok(!sentence([{ ...high, paper: high.paper + 1 }], NAMES, state).includes("reached"));
});

test("a price has its sign, and 0 has none", () => {
  const s = run({ epochs: 2, war: [[4000, 5000]], paper: null });
  const say = (/** @type {number} */ epoch, war = s.war) =>
    sentence([{ ...s, war }], NAMES, { which: 0, epoch, seeds: 1, beside: false });
  assert.ok(say(1).includes("40.0 percent, −10.0 points against the last epoch's mean, 50.0."), say(1));
  assert.ok(say(2).includes("50.0 percent, 0.0 points"), say(2));
  assert.ok(say(1, [[6000, 5000]]).includes("60.0 percent, +10.0 points"));
});

test("published figures are named, and none is left out", () => {
  assert.deepEqual(printedOf(series[0]), [
    { name: "paper", value: 5711 },
    { name: "README", value: 5858 },
  ]);
  assert.deepEqual(printedOf(run({ paper: null, readme: 0 })), [{ name: "README", value: 0 }]);
});

test("an address is read whole or not at all", () => {
  const id = "C2B.tlmlda.authors.14";
  assert.deepEqual(readSetting(`${id}.13.3.1`, series), { which: 0, epoch: 13, seeds: 3, beside: true });
  assert.deepEqual(readSetting("C2B.tlmlda.authors.2.2.1.0", series), { which: 2, epoch: 2, seeds: 1, beside: false });
  for (const more of ["", ".", ".15.1.1", ".0.1.1", ".1.4.1", ".1.1.2", ".1.1", ".1.1.1.1", "x.1.1.1"]) {
    assert.equal(readSetting(id + more, series), null, more);
  }
  assert.equal(readSetting("x", series), null);
});
