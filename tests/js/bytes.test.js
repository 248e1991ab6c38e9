import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOf, floatsOf, shortsOf } from "../../tlmlda_lib/book/explorables/bytes.js";

test("numbers are read as they were written, the low byte first", () => {
  assert.deepEqual(shortsOf(Buffer.from([1, 0, 0xff, 0xff, 0x30, 0x75]).toString("base64")), [1, -1, 30000]);
  const bytes = Buffer.alloc(8);
  bytes.writeFloatLE(0.5);
  bytes.writeFloatLE(-3, 4);
  assert.deepEqual(floatsOf(bytes.toString("base64")), [0.5, -3]);
  assert.deepEqual(floatsOf(""), []);
});

test("bytes", () => {
  assert.deepEqual([...bytesOf("AP+A")], [0, 255, 128]);
});
