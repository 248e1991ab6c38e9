import assert from "node:assert/strict";
import { test } from "node:test";
import { contourWords, distance, familiesOf } from "../../tlmlda_lib/book/explorables/takes.js";
import { close } from "./numbers.js";

test("families take their z-scores in turn", () => {
  const z = Buffer.from(Float32Array.from([1, -2, 3, -5, 0]).buffer).toString("base64");
  const families = [
    { name: "pitch", stream: "prosodic", n: 2 },
    { name: "cepstrum", stream: "acoustic", n: 3 },
  ];
  assert.deepEqual(
    familiesOf(families, z).map((f) => [f.name, f.z]),
    [
      ["pitch", [1, -2]],
      ["cepstrum", [3, -5, 0]],
    ],
  );
});

test("a distance is a root mean square", () => {
  close(distance([3, -4]), Math.sqrt(12.5));
  assert.equal(distance([-1, 1, 1]), 1);
});

test("contours in words", () => {
  assert.equal(
    contourWords({ seconds: 1.25, pitch: [0, 110.4, 200, 0] }),
    "Contours over 1.3 seconds: pitch from 110 to 200 Hz",
  );
  assert.equal(contourWords({ seconds: 2, pitch: [0, 0] }), "Contours over 2.0 seconds: no pitch");
});
