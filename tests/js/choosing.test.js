import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bestOf,
  choiceInWords,
  gainOf,
  readSetting,
  ruleOf,
  summaryOf,
  targetInWords,
} from "../../tlmlda_lib/book/explorables/choosing.js";
import { close, numbersOf } from "./numbers.js";

const GRID = [0.01, 0.1, 1];
const TASK = {
  name: "A to B",
  folds: [
    [50, 60, 63],
    [40, 58, 57],
  ],
  target: [30, 35, 37.5],
};

test("means, errors, the rule's choice and the oracle's gain are the library's", () => {
  for (const { folds, target, means, errors, rule, gain } of numbersOf("choosing")) {
    close(summaryOf(folds), { means, errors });
    assert.equal(ruleOf(folds), rule);
    close(gainOf({ name: "", folds, target }), gain);
  }
});

test("of equal scores the first is the best", () => {
  assert.equal(bestOf([1, 3, 3]), 1);
});

test("a choice in words, while the target is covered", () => {
  const said = (/** @type {number} */ i) => choiceInWords(GRID, TASK, i);
  assert.match(said(-1), /^Choose the smallest C/);
  assert.match(said(0), /^C = 0.01: 45.0 % on the folds. .* is 57.0 %. The rule wants more/);
  assert.match(said(1), /This is what the rule takes\.$/);
  assert.match(said(2), /a smaller C is, too\.$/);
});

test("the target in words", () => {
  const said = (/** @type {number} */ i) => targetInWords(GRID, TASK, i);
  assert.equal(
    said(0),
    "Yours: C = 0.01, 30.0 % on the target. The rule: C = 0.1, 35.0 %. " +
      "The oracle, which saw the target's labels: C = 1, 37.5 %, 2.5 points more than the rule.",
  );
  for (const i of [-1, 1]) assert.match(said(i), /^The rule: C = 0.1, 35.0 % on the target\. The oracle/);
});

test("an address is read whole or not at all", () => {
  assert.deepEqual(readSetting("0.2.1", [TASK], GRID), { task: "A to B", chosen: 2, shown: true });
  assert.deepEqual(readSetting("0.none.0", [TASK], GRID), { task: "A to B", chosen: -1, shown: false });
  for (const said of ["", "1.2.1", "0.3.1", "0.-1.1", "0.2.2", "0.2", "0.2.1.1"]) {
    assert.equal(readSetting(said, [TASK], GRID), null, said);
  }
});
