import assert from "node:assert/strict";
import { test } from "node:test";
import { captionOf, gridOf, nameOf, onward, readChosen } from "../../tlmlda_lib/book/explorables/sitting.js";

// Happy Mandarin and sad German are empty cells.
const CLIPS = [
  ["anger", "German"],
  ["anger", "Mandarin"],
  ["anger", "English"],
  ["happy", "German"],
  ["happy", "English"],
  ["sad", "Mandarin"],
].map(([emotion, corpus]) => ({ emotion, corpus }));
const [UP, DOWN, LEFT, RIGHT] = /** @type {const} */ ([
  [-1, 0],
  [1, 0],
  [0, -1],
  [0, 1],
]);

/** @type {(emotion: string, corpus: string, arrow: readonly [number, number]) => string | undefined} */
const to = (emotion, corpus, arrow) => {
  const found = onward(CLIPS, { emotion, corpus }, arrow);
  return found && nameOf(found);
};

test("rows and columns in the order in which they come", () => {
  assert.deepEqual(gridOf(CLIPS), {
    emotions: ["anger", "happy", "sad"],
    corpora: ["German", "Mandarin", "English"],
  });
});

test("arrows go over empty cells and stop at the edge", () => {
  assert.equal(to("anger", "German", RIGHT), "anger.Mandarin");
  assert.equal(to("anger", "Mandarin", DOWN), "sad.Mandarin");
  assert.equal(to("sad", "Mandarin", UP), "anger.Mandarin");
  assert.equal(to("happy", "English", LEFT), "happy.German");
  assert.equal(to("sad", "Mandarin", LEFT), undefined);
  assert.equal(to("sad", "Mandarin", DOWN), undefined);
  assert.equal(to("anger", "English", RIGHT), undefined);
});

test("an address names a clip that is there, or nothing", () => {
  assert.deepEqual(readChosen("sad.Mandarin", CLIPS), { chosen: "sad.Mandarin" });
  for (const said of ["", "sad", "sad.German", "x.y"]) assert.equal(readChosen(said, CLIPS), null, said);
});

test("a caption, with and without words of its own", () => {
  const clip = { emotion: "sad", corpus: "German", seconds: 0.56, words: "hardly any pitch", caption: "" };
  assert.equal(captionOf(clip), "sad, German, 0.6 s: hardly any pitch.");
  assert.equal(captionOf({ ...clip, caption: "Made." }), "sad, German, 0.6 s: hardly any pitch. Made.");
});
