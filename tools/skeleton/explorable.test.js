// TODO: test the arithmetic that replaces the squares.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inWords, readSetting, squareOf } from "../../tlmlda_lib/book/explorables/chapter_name.js";

test("a square is the number, added up as often as it says", () => {
  for (const x of [0, 1, 7]) {
    let sum = 0;
    for (let i = 0; i < x; i++) sum += x;
    assert.equal(squareOf(x), sum);
  }
  assert.equal(inWords(0.5), "The square of 0.5 is 0.25.");
});

test("an address is read whole or not at all", () => {
  assert.deepEqual(readSetting("2.5"), { x: 2.5 });
  for (const said of ["", "x", "-1", "10.5"]) assert.equal(readSetting(said), null, said);
});
