import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, measure, readSetting, standardised, witness, zeroLine } from "../../tlmlda_lib/book/explorables/mmd.js";
import { centre, pack } from "../../tlmlda_lib/book/explorables/points.js";
import { close, numbersOf } from "./numbers.js";

test("the squared MMD is the library's", () => {
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

/**
 * Means of the squares and of the product of the two coordinates.
 * @param {readonly (readonly number[])[]} cloud with mean 0
 */
const moments = (cloud) =>
  [
    [0, 0],
    [1, 1],
    [0, 1],
  ].map(([j, k]) => cloud.reduce((s, p) => s + p[j] * p[k], 0) / cloud.length);

test("a standardised cloud has mean 0 and one variance in each direction", () => {
  const found = standardised(begin("shifted", 9)[1], 0.5);
  close(centre(found), [0, 0], 0.01);
  close(moments(found), [0.25, 0.25, 0], 0.01);
});

for (const count of [12, 20, 30, 40])
  test(`ring and heap of ${count} points agree in mean and spread, and MMD sees the difference, as the page says`, () => {
    const clouds = begin("ring", count);
    for (const cloud of clouds) {
      close(centre(cloud), [0, 0], 0.01);
      close(moments(cloud), [0.64, 0.64, 0], 0.02);
    }
    for (let exponent = -4; exponent <= 0; exponent += 0.25) {
      const { mmd, high, share } = measure(clouds, 2 ** exponent);
      assert.ok(share < 0.05 && mmd > high, `bandwidth 2^${exponent}: ${share}`);
    }
    const wide = measure(clouds, 16);
    assert.ok(wide.share > 0.5, "a wide kernel misses it");
  });

test("of 12 points, a bandwidth of 2 and more misses the ring", () => {
  for (let exponent = 1; exponent <= 4; exponent += 0.25) {
    assert.ok(measure(begin("ring", 12), 2 ** exponent).share > 0.05);
  }
});

test("a wider target is found at the bandwidth of the method, two samples of one distribution lie near the floor", () => {
  for (const count of [12, 20, 30, 40]) {
    assert.ok(measure(begin("wider", count), 1).share < 0.05, `wider, ${count}`);
    const { mmd, floor, share } = measure(begin("same", count), 1);
    assert.ok(share > 0.05 && mmd < 1.5 * floor, `same, ${count}`);
  }
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
