import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answerOf,
  answerWords,
  meterOf,
  readSetting,
  tallyOf,
  tallyWords,
  tempered,
  whither,
} from "../../tlmlda_lib/book/explorables/speaking.js";
import { close, numbersOf } from "./numbers.js";

test("a temperature is the library's", () => {
  for (const { p, temperature, tempered: wanted } of numbersOf("speaking")) close(tempered(p, temperature), wanted);
});

test("the likeliest stays the likeliest, less certain", () => {
  const probabilities = { anger: 0.2, neutral: 0.7, sad: 0.1 };
  const names = ["anger", "neutral", "sad"];
  const [cold, hot] = [1, 10].map((t) => answerOf(probabilities, names, t));
  assert.deepEqual([cold.best, hot.best], ["neutral", "neutral"]);
  close(cold.sure, 0.7);
  assert.ok(hot.sure < 0.4 && hot.sure > 1 / 3);
});

const answers = (/** @type {[string, string, number][]} */ list) =>
  tallyOf(list.map(([meant, best, sure]) => ({ meant, answer: { p: [], best, sure } })));

test("takes that are named right, with one and with none", () => {
  const two = answers([
    ["sad", "sad", 0.9],
    ["anger", "sad", 0.5],
  ]);
  assert.deepEqual(two, { asked: 2, right: 1, sure: 0.7 });
  const start = "synthetic takes with an intended emotion,";
  assert.equal(tallyWords(two), `Of the 2 ${start} 1 is named right. On average the network is 70 % sure.`);
  assert.equal(
    tallyWords({ ...two, right: 0 }),
    `Of the 2 ${start} 0 are named right. On average the network is 70 % sure.`,
  );
  assert.equal(tallyWords(answers([])), "");
});

test("a take in words", () => {
  const found = { best: "sad", sure: 0.999 };
  const words = "a, beside the training corpus: the network says sad, > 99 %.";
  assert.equal(answerWords({ name: "a", meant: "anger" }, "corpus", found), `${words} The intended emotion was anger.`);
  assert.equal(answerWords({ name: "a", meant: "" }, "corpus", found), words);
  assert.equal(answerWords({ name: "a", meant: null }, "corpus", found), `${words} Nobody spoke.`);
  assert.match(answerWords({ name: "a", meant: "" }, "own", found), /^a, beside earlier takes of the same voice:/);
});

test("where a recording goes", () => {
  assert.match(whither("Binder", "localhost"), /^The kernel runs on Binder, .* leaves this one and goes there\./);
  for (const host of ["localhost", "127.0.0.1", "[::1]"]) assert.match(whither("", host), /to it and no further\./);
  assert.match(whither("", "lab.example"), /answers behind lab\.example: if that is another computer/);
  assert.match(whither("", ""), /^The kernel may run anywhere: .* goes there\.$/);
});

test("a meter goes from −60 dB to full scale", () => {
  close([1, 10 ** -1.5, 1e-3, 0].map(meterOf), [1, 0.5, 0, 0]);
});

test("an address is read whole or not at all", () => {
  const made = [{ name: "anger" }, { name: "neutral" }];
  assert.deepEqual(readSetting("1~own~1.5", made), { shown: "neutral", statistics: "own", temperature: 1.5 });
  const none = ["", "x", "9~own~1", "2~own~1", "-1~own~1", "length~own~1", "0~mine~1", "0~toString~1", "0~own"];
  for (const said of [...none, "0~own~99", "0~own~0.4", "0~own~", "0~own~x", "0~own~1~", "~own~1"]) {
    assert.equal(readSetting(said, made), null, said);
  }
});
