import assert from "node:assert/strict";
import { test } from "node:test";
import { neighboursInWords, readSetting } from "../../tlmlda_lib/book/explorables/shift.js";

test("neighbours in words", () => {
  assert.equal(
    neighboursInWords("together", { corpus: 0.9995, emotion: 0, recognised: 1 }),
    "Scaled together: > 99.9 % of the neighbours are of a point's own corpus; " +
      "across the corpora, 0.0 % are of its own emotion.",
  );
});

test("an address is read whole or not at all", () => {
  const one = { corpus: "A", place: 0, emotion: "sad", speaker: "" };
  const heard = { ...one, audio: "AAAA" };
  const maps = ["together", "each corpus"].map((name) => ({ name, xy: [], predicted: [] }));
  const points = [one, heard, one];
  assert.deepEqual(readSetting("1~corpus~1", maps, points), { chosen: "each corpus", colour: "corpus", mark: 1 });
  for (const said of ["", "x", "2~emotion~1", "0~sound~1", "0~emotion~0", "0~emotion~3", "0~emotion~-1", "0~emotion"]) {
    assert.equal(readSetting(said, maps, points), null, said);
  }
  assert.equal(readSetting("0~emotion~1~2", maps, points), null);
  assert.deepEqual(readSetting("0~emotion~-1", maps, [one]), { chosen: "together", colour: "emotion", mark: -1 });
});
