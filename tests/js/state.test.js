import assert from "node:assert/strict";
import { test } from "node:test";
import { isCount, partsOf, placeIn } from "../../tlmlda_lib/book/explorables/state.js";

test("a place of an address lies in the list, or is none", () => {
  assert.deepEqual(
    ["0", "2", "02", "3", "-1", "1.5", "1e0", "", "length", undefined].map((said) => placeIn(said, 3)),
    [0, 2, 2, -1, -1, -1, -1, -1, -1, -1],
  );
});

test("parts of an address are read whole or not at all", () => {
  const allowed = {
    scheme: (/** @type {string} */ v) => v === "B2C",
    seeds: (/** @type {string} */ v) => isCount(v, 5),
  };
  assert.deepEqual(partsOf("B2C.5", allowed), { scheme: "B2C", seeds: "5" });
  for (const text of ["", "B2C", "C2B.5", "B2C.6", "B2C.5.1", "5.B2C"])
    assert.equal(partsOf(text, allowed), null, text);
});

test("counts are whole numbers from 1", () => {
  for (const part of ["1", "12", "20"]) assert.ok(isCount(part, 20), part);
  for (const part of ["0", "21", "01", "1.5", "-1", "", "x", "1e1"]) assert.ok(!isCount(part, 20), part);
});
