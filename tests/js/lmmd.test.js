import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, guess, labelPlaces, measure, readSetting, sentence } from "../../tlmlda_lib/book/explorables/lmmd.js";
import { centre, pack } from "../../tlmlda_lib/book/explorables/points.js";
import { close, numbersOf } from "./numbers.js";

test("equations 3 and 4 are the library's, whichever classes count", () => {
  for (const { zs, zt, ys, guesses, classes, by_common } of numbersOf("lmmd")) {
    for (const [common, wanted] of Object.entries(by_common)) {
      const { mmd, lmmd } = measure(zs, zt, ys, guesses, classes, common);
      close([mmd, lmmd], wanted, 1e-9, common);
    }
  }
});

test("floors are means over all shuffles of the domain labels", () => {
  for (const { zs, zt, ys, guesses, classes, floor, floors } of numbersOf("lmmd")) {
    const { mmdFloor, lmmdFloor, parts } = measure(zs, zt, ys, guesses, classes, "both");
    close(mmdFloor, floor);
    for (const [c, wanted] of floors.entries()) {
      if (wanted === null) assert.ok(!parts[c].kept, "points of one domain alone are not compared");
      else close(parts[c].floor, wanted);
    }
    const compared = floors.filter((/** @type {number | null} */ v) => v !== null);
    const mean = compared.reduce((/** @type {number} */ s, /** @type {number} */ v) => s + v, 0) / compared.length;
    close(lmmdFloor, compared.length ? mean : 0);
  }
});

/** @param {[import("../../tlmlda_lib/book/explorables/points.js").Cloud, any]} clouds */
const byClass = ([zs, zt], classes = 3, count = 8, wrong = 0, missing = "nothing") => {
  const ys = zs.map((_, i) => Math.floor(i / count));
  const guesses = guess({ classes, count, wrong, missing });
  return measure(zs, zt, ys, guesses, classes, "both");
};

test("swapped emotions are seen by LMMD alone", () => {
  const [source] = begin("samples", 2, 8);
  const same = byClass([source, structuredClone(source)], 2);
  close([same.mmd, same.lmmd], [0, 0]);
  const swapped = [...source.slice(8), ...source.slice(0, 8)];
  const found = byClass([source, swapped], 2);
  close(found.mmd, 0);
  assert.ok(found.lmmd > 5 * found.lmmdFloor);
  close(byClass([source, swapped], 2, 8, 1).lmmd, 0); // the guesses are swapped as the emotions are
});

test("as many guesses are wrong as is said, and none is the missing emotion", () => {
  for (const [classes, count] of [
    [3, 8],
    [2, 5],
  ]) {
    const n = classes * count;
    for (const wrong of [0, 0.25, 0.5, 1]) {
      const guesses = guess({ classes, count, wrong, missing: "nothing" });
      assert.equal(guesses.filter((g, i) => g !== Math.floor(i / count)).length, Math.round(wrong * n));
      assert.ok(guesses.every((g) => g >= 0 && g < classes));
    }
    for (const missing of ["guesses", "everywhere"]) {
      const right = guess({ classes, count, wrong: 0, missing });
      assert.deepEqual(right.slice(count, 2 * count), Array(count).fill(2 % classes));
      assert.ok(!guess({ classes, count, wrong: 0.6, missing }).includes(1));
    }
    assert.ok(guess({ classes, count, wrong: 0, missing: "source" }).includes(1));
  }
});

test("two domains to begin with: moved as a whole, or two samples", () => {
  for (const [start, dx] of /** @type {[string, number][]} */ ([
    ["moved", 1.8],
    ["samples", 0],
  ])) {
    const [source, target] = begin(start, 3, 10);
    assert.equal(source.length, 30);
    close(centre(target)[0] - centre(source)[0], dx, 0.3);
    assert.deepEqual(begin(start, 3, 10), [source, target]);
  }
});

test("an address gives back points and settings, or nothing", () => {
  const clouds = begin("moved", 2, 5);
  const points = pack(clouds);
  assert.deepEqual(readSetting(`2.35.guesses.source_${points}`), {
    clouds,
    classes: 2,
    count: 5,
    wrong: 0.35,
    missing: "guesses",
    common: "source",
  });
  for (const said of [
    "",
    "9",
    "nonsense_zz",
    `4.35.guesses.source_${points}`,
    `3.35.guesses.source_${points}`,
    `2.101.guesses.source_${points}`,
    `2.x.guesses.source_${points}`,
    `2.35.toString.source_${points}`,
    `2.35.guesses.none_${points}`,
    `2.35.guesses.source_${pack([clouds[0], clouds[1].slice(0, 8)])}`,
    `2.35.guesses.source_${points.slice(1)}`,
  ]) {
    assert.equal(readSetting(said), null, said);
  }
});

test("the sentence tells which of the two distances is small", () => {
  const part = { counts: [2, 2], square: 1, floor: 1, kept: true };
  const words = (/** @type {number} */ mmd, /** @type {number} */ lmmd, /** @type {boolean[]} */ kept) =>
    sentence({ mmd, mmdFloor: 0.4, lmmd, lmmdFloor: 0.6, parts: kept.map((k) => ({ ...part, kept: k })) }, 23, 24);
  assert.equal(
    words(0, 0.9, [true, true, true]),
    "MMD² is 0, LMMD² 0.90 (floor 0.60). The domains look alike as wholes and, by the guesses, emotion by emotion. " +
      "23 of 24 guesses are right; anger, sadness and happiness count.",
  );
  assert.match(
    words(0.6, 2, [true, false, false]),
    /look alike; emotion by emotion, by the guesses, they do not\. .*; anger counts\.$/,
  );
  assert.match(
    words(0.61, 0.9, [true, false, true]),
    /differ; emotion by emotion, by the guesses, they look alike\. .*; anger and happiness count\.$/,
  );
  assert.match(
    words(2, 2, [false, false, false]),
    /The domains differ as wholes and, by the guesses, emotion by emotion\. .*; no class counts\.$/,
  );
});

test("the words beside the means keep clear of each other", () => {
  /** @type {(at: number[], word: string, below: boolean) => { at: number[], word: string, below: boolean }} */
  const mean = (at, word, below) => ({ at, word, below });
  const alone = labelPlaces([mean([0, 0], "anger", false), mean([2, 0], "anger", true)]);
  assert.ok(alone[0].y < 0 && alone[1].y > 0, "the source's above, the target's below");
  const crowds = [
    [mean([0, 0.4], "happiness", false), mean([-0.5, 1.4], "anger", true), mean([0.1, -0.6], "sadness", true)],
    [mean([0, 0], "anger", false), mean([0, 0], "sadness", false), mean([0, 0], "anger", true)],
  ];
  for (const crowd of crowds) {
    const boxes = labelPlaces(crowd).map(({ x, y }, i) => {
      const { at, word } = crowd[i];
      return { x: at[0] + x, y: y - at[1], half: 0.075 * word.length };
    });
    for (const [i, a] of boxes.entries())
      for (const b of boxes.slice(0, i))
        assert.ok(Math.abs(a.x - b.x) >= a.half + b.half - 1e-9 || Math.abs(a.y - b.y) >= 0.32, JSON.stringify(boxes));
  }
  const [edge] = labelPlaces([mean([0, 2.8], "anger", false)]);
  assert.ok(edge.y > 0 || edge.x !== 0, "none lies outside the picture");
});
