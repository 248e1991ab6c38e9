import assert from "node:assert/strict";
import { test } from "node:test";
import {
  contourName,
  contourOf,
  fitOf,
  framesInWords,
  functional,
  histogram,
  isAbsent,
  MEANING,
  percentile,
  readSetting,
  sixDigits,
} from "../../tlmlda_lib/book/explorables/features.js";
import { close, numbersOf } from "./numbers.js";

const PITCH = { key: "F0final", name: "F0final_sma", words: "pitch (Hz)", voiced: true, centre: 0.03 };
const MFCC = { key: "mfcc[2]", name: "mfcc_sma[2]", words: "MFCC 2", voiced: false, centre: 0.0125 };

test("each functional is what NumPy, SciPy and openSMILE make of the contour", () => {
  for (const { contour, functionals } of numbersOf("features")) {
    assert.deepEqual(Object.keys(functionals), Object.keys(MEANING));
    for (const [name, value] of Object.entries(functionals)) close(functional(name, contour), value, 1e-9, name);
  }
});

test("of nothing every functional is 0, and what is none is refused", () => {
  for (const name of Object.keys(MEANING)) assert.equal(functional(name, []), 0);
  assert.throws(() => functional("mode", [1, 2]), /mode/);
});

test("a percentile lies between its neighbours, and a line goes through its points", () => {
  assert.deepEqual([percentile([1, 2, 4], 0.75), percentile([7], 0.3), percentile([1, 2, 4], 1)], [3, 7, 4]);
  close(fitOf([3, 5, 7]), { slope: 2, start: 3 });
});

test("functionals see neither the last frames nor, of what is voiced, those without voice", () => {
  const all = [0, 3, 0, 5, 6, 7];
  assert.deepEqual(contourOf(all, 2, true), { all, places: [1, 3], seen: [3, 5] });
  assert.deepEqual(contourOf(all, 2, false).places, [0, 1, 2, 3]);
  assert.deepEqual(contourOf([0, 0], 1, true).seen, []);
  const end = "openSMILE's functionals leave out the last 2 of 6 frames";
  assert.equal(framesInWords(contourOf(all, 2, false), 2, false), `${end}.`);
  assert.equal(framesInWords(contourOf(all, 2, true), 2, true), `${end} and those without a voice: 2 count.`);
});

test("every value falls into a bin, the largest into the last", () => {
  const counts = histogram([-2, -1.9, 6, 14], -2, 16);
  assert.deepEqual([counts[0], counts[8], counts[15]], [2, 1, 1]);
  assert.equal(counts.length, 16);
});

test("names of features, and those that IS10 leaves out", () => {
  assert.equal(contourName(MFCC, true), "mfcc_sma_de[2]");
  assert.equal(contourName(PITCH, false), "F0final_sma");
  const absent = (/** @type {typeof PITCH} */ d) => Object.keys(MEANING).filter((f) => isAbsent(d, f));
  assert.deepEqual(absent(PITCH), ["percentile1.0", "pctlrange0-1"]);
  assert.deepEqual(absent(MFCC), []);
});

test("six digits, whatever the size", () => {
  assert.deepEqual([0, 0.5, -1.23456789, 12345.678, 999999.4, 1e6, -0.0000123456].map(sixDigits), [
    "0",
    "0.5",
    "−1.23457",
    "12345.7",
    "999999",
    "1.0000 × 10⁶",
    "−1.2346 × 10⁻⁵",
  ]);
});

test("an address is read whole or not at all", () => {
  const read = (/** @type {string} */ said) =>
    readSetting(said, [{ name: "one" }, { name: "two" }], [PITCH, MFCC], ["amean", "maxPos"]);
  const chosen = { clip: "two", descriptor: "mfcc[2]", delta: true, functional: "maxPos" };
  assert.deepEqual(read("1~mfcc[2]~1~maxPos"), { chosen });
  const nonsense = ["9~F0final~0~amean", "0~colour~0~amean", "0~F0final~2~amean", "0~F0final~0~mode"];
  for (const said of ["", "x", ...nonsense, "0~F0final~0~amean~1"]) assert.equal(read(said), null, said);
});
