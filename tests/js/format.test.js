import assert from "node:assert/strict";
import { test } from "node:test";
import {
  counted,
  fixed,
  listed,
  percent,
  power,
  python,
  signed,
  significant,
} from "../../tlmlda_lib/book/explorables/format.js";

/** @type {[string, string][]} */
const SAME = [
  [fixed(-1.25, 1), "−1.3"],
  [fixed(-0.01, 1), "0.0"],
  [fixed(12, 0), "12"],
  [signed(1.25, 1), "+1.3"],
  [signed(-2, 1), "−2.0"],
  [signed(0.04, 1), "0.0"],
  [signed(0, 2), "0.00"],
  [percent(0.123), "12 %"],
  [percent(0.1234, 1), "12.3 %"],
  [percent(0), "0 %"],
  [percent(1), "100 %"],
  [percent(0.001), "< 1 %"],
  [percent(0.0001, 1), "< 0.1 %"],
  [percent(0.9999), "> 99 %"],
  [percent(-0.5), "−50 %"],
  [significant(0), "0"],
  [significant(0.0012345), "0.00123"],
  [significant(12.3456), "12.3"],
  [significant(1234.5), "1,235"],
  [significant(-0.5), "−0.5"],
  [significant(3e-7), "3 × 10⁻⁷"],
  [power(0.000042, 1), "4.2 × 10⁻⁵"],
  [listed([]), ""],
  [listed(["a"]), "a"],
  [listed(["a", "b", "c"]), "a, b and c"],
  [counted(1, "seed"), "1 seed"],
  [counted(3, "seed"), "3 seeds"],
  [counted(2, "is", "are"), "2 are"],
  [python([[1, -2.5], [3]]), "[[1, -2.5], [3]]"],
  [python({ a: 1, b: [2, 3e-7] }), '{"a": 1, "b": [2, 3e-7]}'],
];

test("numbers in words", () => {
  for (const [found, wanted] of SAME) assert.equal(found, wanted);
});
