import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, measure, readSetting, witness, zeroLine } from "../../tlmlda_lib/book/explorables/mmd.js";
import { pack } from "../../tlmlda_lib/book/explorables/points.js";
import { close, numbersOf } from "./numbers.js";

test("equation 3 is the library's", () => {
  for (const { source, target, exponent, mmd, middle, about_floor } of numbersOf("mmd")) {
    const found = measure([source, target], 2 ** exponent);
    close(found.middle, middle);
    close(found.mmd, Math.max(mmd, 0), 1e-9);
    close(found.floor, about_floor, 0.1, "floor");
  }
});

test("equal clouds have no distance, and chance reaches it always", () => {
  const [source] = begin("same", 10);
  const found = measure([source, structuredClone(source)], 1);
  close(found.mmd, 0);
  assert.equal(found.share, 1);
});

test("one moved cloud is more than chance explains", () => {
  const found = measure(begin("shifted", 20), 1);
  assert.ok(found.mmd > found.high && found.share === 0.001, JSON.stringify(found));
});

test("the witness function is positive where the source is denser, and its zero line lies between", () => {
  const clouds = [
    [
      [-2, 0],
      [-2, 0.5],
    ],
    [
      [2, 0],
      [2, 0.5],
    ],
  ];
  const f = witness(clouds, 1, 16, 12);
  assert.ok(f[6][2] > 0 && f[6][13] < 0);
  const xs = [...zeroLine(f).matchAll(/[ML](-?[\d.]+) /g)].map((m) => Number(m[1]));
  assert.ok(xs.length > 10 && xs.every((x) => Math.abs(x) < 0.3), String(xs));
});

test("an address gives back the points", () => {
  const clouds = begin("ring", 8);
  const found = readSetting(`1.5_${pack(clouds)}`);
  assert.deepEqual(found, { source: clouds[0], target: clouds[1], exponent: 1.5, count: 8 });
  assert.equal(readSetting("9_"), null);
  assert.equal(readSetting(`77_${pack(clouds)}`)?.exponent, 4);
});
