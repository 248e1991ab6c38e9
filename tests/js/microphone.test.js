import assert from "node:assert/strict";
import { test } from "node:test";
import { because, joined, mixed, RATE, wavOf } from "../../tlmlda_lib/book/explorables/microphone.js";

test("a WAV file has the header that its samples need, and the samples", () => {
  const file = Buffer.from(wavOf(Float32Array.from([0, 0.5, -0.5, 1, -1, 2]), 48000));
  assert.equal(file.length, 44 + 12);
  assert.deepEqual([file.toString("latin1", 0, 4), file.readUInt32LE(4)], ["RIFF", file.length - 8]);
  assert.equal(file.toString("latin1", 8, 16), "WAVEfmt ");
  // PCM, one channel, rate, bytes a second, bytes of a frame, bits.
  const [kind, channels] = [file.readUInt16LE(20), file.readUInt16LE(22)];
  assert.deepEqual([kind, channels, file.readUInt32LE(24), file.readUInt32LE(28)], [1, 1, 48000, 96000]);
  assert.deepEqual([file.readUInt16LE(32), file.readUInt16LE(34)], [2, 16]);
  assert.deepEqual([file.toString("latin1", 36, 40), file.readUInt32LE(40)], ["data", 12]);
  const samples = Array.from({ length: 6 }, (_, i) => file.readInt16LE(44 + 2 * i));
  assert.deepEqual(samples, [0, 16384, -16384, 32767, -32768, 32767]);
  assert.equal(Buffer.from(wavOf(new Float32Array(0))).readUInt32LE(24), RATE);
});

test("blocks are joined in their order, and channels have a mean", () => {
  const [a, b] = [Float32Array.from([1, 2]), Float32Array.from([3, 5])];
  assert.deepEqual([...joined([a, b])], [1, 2, 3, 5]);
  assert.equal(joined([]).length, 0);
  assert.deepEqual([...mixed([a, b])], [2, 3.5]);
  assert.deepEqual([...mixed([a])], [1, 2]);
});

test("every error ends in what can be done", () => {
  const starts = {
    NotAllowedError: "The microphone was refused.",
    SecurityError: "The microphone was refused.",
    NotFoundError: "No microphone was found.",
    OverconstrainedError: "No microphone was found.",
    NotReadableError: "The microphone does not answer",
    AbortError: "The microphone does not answer",
    TypeError: "The microphone did not start (TypeError).",
  };
  for (const [name, start] of Object.entries(starts)) {
    assert.ok(because({ name }).startsWith(start), name);
    assert.match(because({ name }), /pen a sound file instead\.$/);
  }
  assert.equal(because("no"), "The microphone did not start (no). Open a sound file instead.");
});
