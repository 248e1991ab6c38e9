import assert from "node:assert/strict";
import { test } from "node:test";
import { apart, contourOf, pitchScale, scalesOf } from "../../tlmlda_lib/book/explorables/clips.js";
import { close } from "./numbers.js";

test("scales hold every clip, and never less than 75 to 400 Hz", () => {
  const clips = [
    { seconds: 0.6, pitch: [0, 120, 130] },
    { seconds: 2.1, pitch: [0, 0] },
  ];
  assert.deepEqual(scalesOf(clips), { longest: 2.1, low: 75, high: 400 });
  assert.deepEqual(scalesOf([{ seconds: 1, pitch: [0, 60, 520] }]), { longest: 1, low: 60, high: 520 });
});

test("an octave is as high wherever it lies", () => {
  const y = pitchScale(100, { low: 75, high: 400 }, 8);
  close([y(75), y(400)], [102, 14]);
  close(y(100) - y(200), y(200) - y(400));
});

test("a contour has gaps without a voice and after the end", () => {
  const clip = { pitch: [100, 0, 120, 130, 140], step: 0.25, centre: 0.125, seconds: 0.9 };
  const same = (/** @type {number} */ v) => v;
  assert.deepEqual(contourOf(clip, same, same), [[0.125, 100], null, [0.625, 120], [0.875, 130], null]);
});

test("a time axis has between three and a dozen values", () => {
  for (const seconds of [0.6, 1.5, 1.6, 3, 3.1, 10]) {
    const n = Math.floor(seconds / apart(seconds)) + 1;
    assert.ok(n >= 3 && n <= 11, `${n} for ${seconds} s`);
  }
});
