import assert from "node:assert/strict";
import { test } from "node:test";
import { packGuesses, unpackGuesses } from "../../tlmlda_lib/book/explorables/guesses.js";

const CLASSES = ["anger", "happy", "sad"];

test("guesses, there and back", () => {
  for (const shown of [false, true]) {
    const guesses = ["sad", "", "anger"];
    const said = packGuesses(guesses, shown);
    assert.equal(said, `s-a${shown ? "!" : ""}`);
    assert.deepEqual(unpackGuesses(said, 3, CLASSES), { guesses, shown });
  }
});

test("a text is read whole or not at all", () => {
  for (const said of ["", "!", "sa", "sax", "sa!-", "sah!!", "sah--", "SAH"]) {
    assert.equal(unpackGuesses(said, 3, CLASSES), null, said);
  }
});
