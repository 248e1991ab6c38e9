import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asked,
  command,
  effective,
  figure,
  nearest,
  offWords,
  readSetting,
  sentence,
  stillCounts,
  verdict,
} from "../../tlmlda_lib/book/explorables/ablations.js";
import { signed } from "../../tlmlda_lib/book/explorables/format.js";
import { numbersOf } from "./numbers.js";

const { data, figures, same, commands } = numbersOf("ablations");
const WORDS = { C2B: "CASIA to EmoDB", B2C: "EmoDB to CASIA" };

/** @param {Partial<{ scheme: string, setting: string, rule: string, switches: string }>} more */
const state = (more) => ({ scheme: "C2B", setting: "recommended-is10", rule: "oracle", switches: "11111", ...more });

/** @param {Parameters<typeof state>[0]} more */
const told = (more) => sentence(data, WORDS, state(more));

test("what is one run has one name, the library's", () => {
  const own = { "recommended-is10": data.alpha["recommended-is10"].C2B, authors: data.alpha["authors-150"].C2B };
  for (const [preset, names] of Object.entries(same)) {
    for (const [bits, wanted] of Object.entries(names)) {
      assert.equal(effective(bits, own[/** @type {keyof typeof own} */ (preset)]), wanted, `${preset} ${bits}`);
    }
  }
});

test("given factors that are all 1 are no other run", () => {
  assert.equal(effective("01110", { S: 5, T: 5, y: 1, MMD: 1, LMMD: 1 }), "01111");
  assert.equal(effective("11110", { S: 5, T: 5, y: 1, MMD: 1, LMMD: 1 }), "11110");
});

test("figures and paired differences are the library's, in its print", () => {
  for (const [switches, [these, difference]] of Object.entries(figures)) {
    const { run, gains } = asked(data, state({ switches }));
    const wars = (run?.rules.oracle ?? []).map(([war]) => war);
    assert.equal(figure(wars, data.t), these);
    assert.equal(figure(gains, data.t, signed), difference);
  }
  assert.equal(figure([], data.t), "not run");
});

test("commands are those that set these switches", () => {
  for (const { scheme, setting, line, switches } of commands) {
    assert.equal(command(data, scheme, setting, switches), line);
  }
  assert.deepEqual(
    commands.map((/** @type {any} */ c) => stillCounts(c.line)),
    [false, true, false, false],
  );
  // Constant weights have no denominator.
  assert.ok(command(data, "C2B", "recommended-is10", "00101").endsWith("--set alpha.MMD=0 --set update=constant"));
  assert.ok(!stillCounts(command(data, "C2B", "recommended-is10", "00101")));
  assert.ok(!stillCounts("tlmlda run --set alpha.S=0.1"));
});

test("the nearest runs differ in switches rather than in scheme and setting", () => {
  const found = (/** @type {string[]} */ ...where) =>
    nearest(data, where[0], where[1], where[2]).map((r) => [r.scheme, r.setting, r.switches].join(" "));
  assert.deepEqual(found("C2B", "recommended-is10", "11010"), [
    "C2B recommended-is10 11011",
    "C2B recommended-is10 11110",
  ]);
  assert.deepEqual(found("B2C", "recommended-is10", "00011"), ["B2C recommended-is10 11111"]);
  assert.deepEqual(
    found("B2C", "authors-150", "11110"),
    ["C2B authors-150 11110", "B2C recommended-is10 11111"].slice(0, 1),
  );
});

test("what is off, in words", () => {
  assert.equal(offWords("11111"), "all on");
  assert.equal(offWords("00011"), "cross-entropy alone");
  assert.equal(offWords("01101"), "no rebuilding, constant weights");
});

test("an interval over seeds contains 0, or does not, or is none", () => {
  assert.equal(verdict([1, 2, 3], data.t), "the interval over seeds contains 0");
  assert.equal(verdict([2, 2.1, 2.2], data.t), "the interval over seeds does not contain 0");
  assert.equal(verdict([-2, -2.1, -2.2], data.t), "the interval over seeds does not contain 0");
  assert.equal(verdict([2], data.t), "1 seed is too few for an interval");
  assert.equal(verdict([2, 3], data.t), "2 seeds are too few for an interval");
});

test("a state in words", () => {
  const where = "CASIA to EmoDB, recommended-is10, 60 epochs";
  assert.equal(told({}), `${where}: 54.1 ± 2.7 at the best epoch on target labels, 3 seeds.`);
  assert.equal(
    told({ switches: "11011" }),
    `${where}: 47.5 ± 2.5 at the best epoch on target labels, 3 seeds. ` +
      "That is −6.7 ± 2.7 points against the whole method: the interval over seeds does not contain 0.",
  );
  assert.equal(
    told({ switches: "00000" }),
    `${where}: 43.6 at the best epoch on target labels, 2 seeds. ` +
      "That is −10.3 points against the whole method: 2 seeds are too few for an interval.",
  );
  assert.equal(
    told({ scheme: "B2C", switches: "01111" }),
    "Nobody has recorded this: EmoDB to CASIA, recommended-is10, 60 epochs, no rebuilding.",
  );
  assert.equal(
    told({ setting: "authors-150", switches: "11110", rule: "final" }),
    "CASIA to EmoDB, authors, 150 epochs: 49.5 at the last epoch, 1 seed.",
  );
});

test("an address is read whole or not at all", () => {
  assert.deepEqual(readSetting("B2C.recommended-is10.oracle.11101", data), {
    scheme: "B2C",
    setting: "recommended-is10",
    rule: "oracle",
    switches: "11101",
  });
  for (const said of [
    "x",
    "B2C.recommended-is10.best.11111",
    "B2C.recommended-is10.toString.11111",
    "B2C.quick.final.11111",
    "Z2B.recommended-is10.final.11111",
    "B2C.recommended-is10.final.1",
    "B2C.recommended-is10.final.11112",
    "B2C.recommended-is10.final.11111.x",
  ]) {
    assert.equal(readSetting(said, data), null, said);
  }
});
