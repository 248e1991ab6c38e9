import assert from "node:assert/strict";
import { test } from "node:test";
import {
  clipName,
  decibels,
  differenceOf,
  gainOf,
  numbersAt,
  python,
  ROWS,
  readDials,
  wordsOf,
} from "../../tlmlda_lib/book/explorables/hearing_dials.js";
import { close, numbersOf } from "./numbers.js";

const { options, own, level, manner } = numbersOf("hearing_dials");
const OWN = { pitch: "own", rate: "own", loudness: "own", quality: "own" };

test("a louder or softer way is the library's level, and no other number", () => {
  for (const [way, measured] of Object.entries(level)) {
    const now = numbersAt(own, decibels(options, way));
    close(now.level, measured, 1e-3);
    assert.deepEqual({ ...now, level: 0 }, { ...own, level: 0 });
  }
});

test("samples are turned down from the loudest way", () => {
  assert.equal(gainOf(options, "loud"), 1);
  close(20 * Math.log10(gainOf(options, "own")), decibels(options, "own") - decibels(options, "loud"));
  assert.ok(gainOf(options, "soft") < gainOf(options, "own"));
});

test("lines of Python turn what the dials turn", () => {
  const said = { text: 'A "word".', language: "en", voice: "f2", syllables: 2 };
  const lines = python(said, options, { pitch: "high", rate: "own", loudness: "soft", quality: "rough" });
  assert.ok(lines.includes('text = "A \\"word\\"."\n'));
  assert.ok(lines.includes("syllables=2)"));
  const given = Object.fromEntries([...lines.matchAll(/, (\w+)=(-?[\d.]+)(?=[,)])/g)].map((m) => [m[1], Number(m[2])]));
  assert.deepEqual(given, { ...manner, syllables: 2 });
  assert.ok(python(said, options, OWN).includes('corpora.speak(text, "en", "f2")'));
});

test("differences are from the speaker's own way, and none is 0", () => {
  const of = (/** @type {string} */ name) => ROWS.find((row) => row.name === name)?.difference;
  assert.equal(of("pitch")?.(200, 100), "+12.0 semitones");
  assert.equal(of("pitch")?.(99.9, 100), "0");
  assert.equal(of("rate")?.(3, 4), "−25 %");
  assert.equal(of("rate")?.(4.01, 4), "0");
  assert.equal(differenceOf(-12, 1), "−12.0");
  assert.equal(differenceOf(0.004, 2), "0");
  assert.equal(differenceOf(0.006, 2), "+0.01");
});

test("a setting in words", () => {
  const now = { pitch: 190.4, rate: 4.25, level: -20.5, harmonicity: -0.01 };
  assert.equal(wordsOf(OWN, now), "the speaker's own way: 190 Hz, 4.3 syllables a second, −21 dB, harmonicity 0.0 dB");
  assert.match(wordsOf({ ...OWN, quality: "rough", pitch: "low" }, now), /^low, rough: 190 Hz/);
});

test("an address is read whole or not at all", () => {
  const dials = { pitch: "low", rate: "slow", loudness: "soft", quality: "rough" };
  assert.deepEqual(readDials("low.slow.soft.rough"), { dials });
  assert.equal(clipName(dials), "low.slow.rough");
  for (const said of ["", "x", "low.slow.soft", "low.slow.soft.creaky", "slow.low.soft.rough", "own.own.own.own.own"]) {
    assert.equal(readDials(said), null, said);
  }
});
