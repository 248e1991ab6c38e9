import assert from "node:assert/strict";
import { test } from "node:test";
import {
  behind,
  endsOf,
  legendWords,
  note,
  notRun,
  ordered,
  printedWords,
  readSetting,
  scalingsOf,
  verdict,
  written,
} from "../../tlmlda_lib/book/explorables/peers.js";
import { close, numbersOf } from "./numbers.js";

/** @typedef {Parameters<typeof ordered>[1]} State */

const { board, orders, gaps } = numbersOf("peers");

/**
 * @param {Partial<State>} more
 * @returns {State}
 */
const state = (more = {}) => ({
  scheme: "B2C",
  metric: "war",
  rule: "final",
  scaling: "all",
  interval: "speakers",
  ...more,
});

/** @param {string} where */
const stateOf = (where) => {
  const [scheme, rule, metric] = where.split(" ");
  return /** @type {State} */ (state(/** @type {any} */ ({ scheme, rule, metric })));
};

/** @param {Partial<State>} more */
const labels = (more) => ordered(board, state(more)).map((r) => r.label);

/** @param {Partial<State>} more */
const say = (more, of = board) => verdict(of, state(more), ordered(of, state(more)));

test("the order is the library's, equal ones by their labels", () => {
  for (const [where, wanted] of Object.entries(orders)) {
    assert.deepEqual(
      ordered(board, stateOf(where)).map((r) => r.label),
      wanted,
    );
  }
  const [, , third, fourth] = ordered(board, state());
  assert.equal(third.value, fourth.value);
});

test("what rows lack to the first is the library's", () => {
  for (const [where, wanted] of Object.entries(gaps)) {
    const [first, ...others] = ordered(board, stateOf(where));
    const found = others.map((r) => behind(board, stateOf(where), first.label, r.label));
    close(
      found.map((g) => [g?.value, g?.low, g?.high]),
      wanted,
    );
  }
  assert.equal(behind(board, state(), "tlmlda:recommended-is10", "tlmlda:recommended-is10"), null);
});

test("an interval that leaves 0 out on either side sets a row apart", () => {
  const gap = (/** @type {number[]} */ found) =>
    behind({ ...board, against: { B2C: { final: { war: { a: { b: found } } } } } }, state(), "a", "b")?.apart;
  assert.deepEqual([gap([2, 1, 3]), gap([-2, -3, -1]), gap([1, -1, 3]), gap([1, 0, 2])], [true, true, false, false]);
});

test("a scaling, or the best of each method", () => {
  assert.deepEqual(labels({ scaling: "min–max by corpus" }), ["pca_svm:minmax"]);
  assert.deepEqual(labels({ scaling: "best" }), [
    "tlmlda:recommended-is10",
    "pca_svm:zscore",
    "only_cls:recommended-is10",
  ]);
  assert.deepEqual(labels({ scheme: "C2B", scaling: "min–max by corpus" }), []);
});

test("an interval is over speakers or seeds, and one run has none over seeds", () => {
  const [first, second] = ordered(board, state({ interval: "seeds" }));
  assert.deepEqual([first.low, first.high, second.low], [59.58213, 66.88847, null]);
  assert.deepEqual([ordered(board, state())[0].low, ordered(board, state())[1].low], [48.03922, 22.05882]);
});

test("the scale holds every number of every state", () => {
  const [low, high] = endsOf(board);
  assert.deepEqual([low, high], [10, 90]);
  for (const rows of Object.values(board.figures))
    for (const f of Object.values(rows)) {
      for (const rule of ["final", "unsupervised", "oracle"])
        for (const five of Object.values(f[rule]))
          assert.ok(five.every((/** @type {number | null} */ v) => v === null || (v >= low && v <= high)));
    }
});

test("who is first, in words", () => {
  assert.equal(
    say({}),
    "First of 4: TLMLDA (z-scores by corpus), 63.2. Then PCA + SVM (z-scores by corpus), 38.2. " +
      "The difference is 25.0, 95 % from 7.4 to 41.3: the first is significantly better. " +
      "Every other row is significantly below the first.",
  );
  assert.equal(
    say({ scheme: "C2B" }),
    "First of 3: PCA + SVM (z-scores by corpus), 67.6. Then TLMLDA (z-scores by corpus), 48.0. The difference is " +
      "19.6, 95 % from −4.6 to 39.8: no significant difference. No row differs significantly from the first.",
  );
  assert.equal(
    say({ scaling: "min–max by corpus" }),
    "PCA + SVM (min–max by corpus) is alone, with 33.8: nothing else was run in this way.",
  );
  assert.equal(say({ scheme: "C2B", scaling: "min–max by corpus" }), "Nothing was run in this way.");
  const mixed = structuredClone(board);
  mixed.against.B2C.final.war["tlmlda:recommended-is10"]["only_cls:recommended-is10"] = [29.4, -1, 60];
  assert.ok(say({}, mixed).endsWith(" 1 of the other 3 do not differ significantly from the first."));
});

test("what is printed, or why it is not", () => {
  assert.equal(
    printedWords(board, state({ scheme: "C2B" })),
    "Printed: PCA + SVM 43.4 (the paper), TLMLDA 57.1 (the paper) and 58.6 (the authors' README).",
  );
  assert.equal(printedWords(board, state({ metric: "uar" })), "The paper prints WAR alone.");
  assert.ok(printedWords(board, state({ scheme: "mean" })).startsWith("The paper's mean is over other schemes"));
  const none = { ...board, schemes: { B2C: { chance: 20, majority: 20, printed: {} } } };
  assert.equal(printedWords(none, state()), "The paper has no such scheme.");
});

test("what was not run is named with its scalings, where it could be missed", () => {
  assert.deepEqual(notRun(board, state({ scheme: "C2B" })), ["PCA + SVM (min–max by corpus)"]);
  assert.deepEqual(notRun(board, state({ scheme: "C2B", scaling: "min–max by corpus" })), []);
  assert.ok(note(board, state({ scheme: "C2B" })).endsWith(" Not run: PCA + SVM (min–max by corpus)."));
  assert.ok(note(board, state({ scheme: "mean" })).includes(" Not run on all six: "));
  const words = note(board, state({ rule: "oracle", scaling: "best" }));
  assert.match(words, /^Each method's scaling is chosen .* The epoch is the best on the labels .* Printed: /);
});

test("the legend says what is marked", () => {
  const all = "● first, or not significantly below it   ○ significantly below it   ┊ chance 20.0";
  assert.equal(legendWords(board, state({ metric: "uar" })), all);
  assert.equal(legendWords(board, state({ scheme: "mean" })), `${all}   ╎ largest class 20.0`);
  assert.equal(legendWords(board, state()), `${all}   ╎ largest class 20.0   ▼ the paper   ◆ the authors' README`);
});

test("an address counts scalings, and is read whole or not at all", () => {
  assert.deepEqual(scalingsOf(board), ["min–max by corpus", "z-scores by corpus"]);
  const wanted = state({ scheme: "C2B", metric: "uar", rule: "oracle", scaling: "z-scores by corpus" });
  assert.deepEqual(readSetting("C2B.uar.oracle.1.speakers", board), wanted);
  assert.equal(written(wanted, board), "C2B.uar.oracle.1.speakers");
  for (const scaling of ["all", "best"]) {
    const text = `mean.war.final.${scaling}.seeds`;
    const found = readSetting(text, board);
    assert.equal(found?.scaling, scaling);
    assert.equal(written(state({ scheme: "mean", interval: "seeds", scaling }), board), text);
  }
  for (const said of [
    "",
    "x",
    "Z2Z.war.final.all.seeds",
    "C2B.war.final.2.seeds",
    "C2B.war.final.all.toString",
    "C2B.loss.final.all.seeds",
    "C2B.war.first.all.seeds",
    "C2B.war.final.all",
  ]) {
    assert.equal(readSetting(said, board), null, said);
  }
});
