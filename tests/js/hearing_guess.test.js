import assert from "node:assert/strict";
import { test } from "node:test";
import {
  confusion,
  hits,
  markOf,
  nextOpen,
  ofGuessed,
  resultWords,
} from "../../tlmlda_lib/book/explorables/hearing_guess.js";
import { close, numbersOf } from "./numbers.js";

const { classes, truth, games } = numbersOf("hearing_guess");

test("matrices and hits are the library's, of the clips that were guessed", () => {
  for (const { said, matrix, war } of games) {
    const [t, s] = [ofGuessed(truth, said), ofGuessed(said, said)];
    assert.deepEqual(confusion(t, s, classes), matrix);
    close((100 * hits(t, s)) / t.length, war);
  }
});

test("a clip without a guess is in no matrix", () => {
  assert.deepEqual(confusion(["sad"], [""], classes), [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ]);
});

test("a guess leads on to the next open clip, over the end", () => {
  assert.equal(nextOpen(["sad", "", "sad", ""], 1), 1);
  assert.equal(nextOpen(["sad", "", "sad", ""], 2), 3);
  assert.equal(nextOpen(["sad", "", "sad", "sad"], 2), 1);
  assert.equal(nextOpen(["sad", "sad"], 0), undefined);
});

test("how a clip is marked", () => {
  assert.deepEqual(
    [markOf("", "sad", false), markOf("sad", "sad", false), markOf("", "sad", true)],
    ["open", "guessed", "open"],
  );
  assert.deepEqual([markOf("sad", "sad", true), markOf("anger", "sad", true)], ["right", "wrong"]);
});

test("the result in words, with one clip and with none", () => {
  assert.equal(
    resultWords(["sad", "sad", "anger"], ["sad", "anger", "anger"], ["anger", "sad", ""], 3),
    "You recognised 1 of 2, the model 1; guessing evenly recognises about 0.7. " +
      "You alone were right on 1 clip, the model alone on 1 clip.",
  );
  assert.equal(
    resultWords(["sad", "sad", "anger"], ["sad", "sad", "anger"], ["sad", "anger", "happy"], 3),
    "You recognised 1 of 3, the model 3; guessing evenly recognises about 1. " +
      "You alone were right on 0 clips, the model alone on 2 clips.",
  );
});
