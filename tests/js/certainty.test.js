import assert from "node:assert/strict";
import { test } from "node:test";
import {
  countsOf,
  drawnInWords,
  drawOf,
  intervalOf,
  quantile,
  readSetting,
  scoreOf,
} from "../../tlmlda_lib/book/explorables/certainty.js";
import { close, numbersOf } from "./numbers.js";

const NUMBERS = numbersOf("certainty");

test("quantiles are NumPy's", () => {
  for (const { values, ends } of NUMBERS.quantiles) close(intervalOf(values), ends);
  assert.equal(quantile([3, 1, 2], 0.5), 2);
});

test("many draws have the library's intervals, over speakers and over utterances", () => {
  for (const { speakers, war, ends } of NUMBERS.cases) {
    close(scoreOf(speakers), war);
    for (const unit of ["speakers", "utterances"]) {
      const wars = Array.from({ length: 2000 }, (_, i) => drawOf(speakers, unit, i + 1).war);
      const found = intervalOf(wars);
      for (const i of [0, 1]) assert.ok(Math.abs(found[i] - ends[unit][i]) < 2, `${unit}: ${found} and ${ends[unit]}`);
    }
  }
});

test("a draw has as many speakers as there are, is scored on their utterances, and can be repeated", () => {
  const speakers = [
    { name: "a", right: 10, total: 10 },
    { name: "b", right: 0, total: 30 },
  ];
  for (let n = 1; n < 20; n++) {
    const draw = drawOf(speakers, "speakers", n);
    assert.deepEqual(drawOf(speakers, "speakers", n), draw);
    assert.equal(draw.times[0] + draw.times[1], 2);
    close(draw.war, (100 * 10 * draw.times[0]) / (10 * draw.times[0] + 30 * draw.times[1]));
  }
  assert.deepEqual(drawOf(speakers, "utterances", 1).times, [1, 1]);
});

test("scores are counted in bins, 100 in the last", () => {
  assert.deepEqual(countsOf([0, 19.9, 20, 99, 100], 20), [2, 1, 0, 0, 2]);
});

test("who was drawn, in words", () => {
  const speakers = ["f1", "m1", "m2"].map((name) => ({ name, right: 1, total: 2 }));
  assert.equal(drawnInWords(speakers, [2, 0, 1]), "f1 × 2 and m2");
});

test("an address is read whole or not at all", () => {
  assert.deepEqual(readSetting("utterances.101"), { unit: "utterances", draws: 101 });
  for (const said of ["", "people.1", "speakers.0", "speakers.2001", "speakers", "speakers.1.1", "toString.1"]) {
    assert.equal(readSetting(said), null, said);
  }
});
