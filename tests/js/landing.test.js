import assert from "node:assert/strict";
import { test } from "node:test";
import { chance, readSetting, sentence } from "../../tlmlda_lib/book/explorables/landing.js";

const one = { corpus: "German", place: 0, emotion: "sad", speaker: "f1" };
const heard = { ...one, corpus: "Mandarin", place: 1, emotion: "anger", audio: "AAAA" };
const points = [one, heard, { ...heard, emotion: "fear" }, { ...heard, emotion: "happy" }];

test("guessing evenly depends on the number of emotions", () => {
  assert.equal(chance(points), 1 / 4);
});

test("what is seen, in words", () => {
  const shares = { corpus: 0.61, emotion: 0, recognised: 0.25 };
  assert.equal(
    sentence(false, "Mandarin", shares),
    "Alignment off: 61 % of a mark's nearest are of its own corpus, and 25 % of Mandarin are recognised.",
  );
  assert.equal(
    sentence(true, "Mandarin", { ...shares, recognised: Number.NaN }),
    "Alignment on: 61 % of a mark's nearest are of its own corpus.",
  );
});

test("an address is read whole or not at all", () => {
  assert.deepEqual(readSetting("1.2", points), { on: true, mark: 2 });
  assert.deepEqual(readSetting("0.1", points), { on: false, mark: 1 });
  for (const said of ["", "2.1", "1.0", "1.9", "1.-1", "1", "1.1.1", "on.1"]) {
    assert.equal(readSetting(said, points), null, said);
  }
  assert.deepEqual(readSetting("1.-1", [one]), { on: true, mark: -1 });
});
