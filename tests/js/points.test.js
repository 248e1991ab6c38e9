import assert from "node:assert/strict";
import { test } from "node:test";
import { along, centre, moved, pack, place, REACH, unpack } from "../../tlmlda_lib/book/explorables/points.js";

test("points stay inside, in hundredths", () => {
  assert.deepEqual(place([9, -9]), [REACH[0], -REACH[1]]);
  assert.deepEqual(place([0.123, 1.006]), [0.12, 1.01]);
});

test("what moves together keeps its shape and stops at the edge", () => {
  const cloud = [
    [3, 0],
    [2, 1],
    [0, 0],
  ];
  assert.deepEqual(moved(cloud, [0, 1], 5, 0.5), [
    [4, 0.5],
    [3, 1.5],
    [0, 0],
  ]);
});

test("text and points, there and back", () => {
  const clouds = [
    [
      [0, 0],
      [-4, 3],
    ],
    [
      [1.25, -2.99],
      [4, -3],
      [0.01, 0.02],
    ],
  ];
  assert.deepEqual(unpack(pack(clouds)), clouds);
  for (const text of ["", "aa", `${pack(clouds)}-${pack(clouds)}`, "zzzzzzzz-zzzzzzzz", pack([clouds[0]])]) {
    assert.equal(unpack(text), null, text);
  }
});

test("a mean, and a gauge of roots", () => {
  assert.deepEqual(
    centre([
      [0, 0],
      [2, 4],
    ]),
    [1, 2],
  );
  assert.equal(along(2), 50);
  assert.equal(along(99), 100);
});
