import assert from "node:assert/strict";
import { test } from "node:test";
import { placeIn } from "../../tlmlda_lib/book/explorables/state.js";

test("a place of an address lies in the list, or is none", () => {
  assert.deepEqual(
    ["0", "2", "02", "3", "-1", "1.5", "1e0", "", "length", undefined].map((said) => placeIn(said, 3)),
    [0, 2, 2, -1, -1, -1, -1, -1, -1, -1],
  );
});
