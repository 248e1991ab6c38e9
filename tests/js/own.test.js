import assert from "node:assert/strict";
import { test } from "node:test";
import {
  commands,
  ERRORS,
  lines,
  outcome,
  readSetting,
  scales,
  verdict,
} from "../../tlmlda_lib/book/explorables/own.js";
import { numbersOf } from "./numbers.js";

/** @typedef {Parameters<typeof lines>[0]} State */

const MOST = [100, 12];
const { errors, folders } = numbersOf("own");

/**
 * @param {string} said an address
 * @returns {State}
 */
const stateOf = (said) => {
  const found = readSetting(said, MOST);
  assert.ok(found, said);
  return found;
};
const STATES = Object.keys(folders).map((folder) => stateOf(`${folder}.corpus`));

test("every answer is the library's", () => {
  for (const [folder, [corpus, voices, speaker, ...end]] of Object.entries(folders)) {
    const state = stateOf(`${folder}.corpus`);
    const out = outcome(state);
    const { predictions, figures, interval, error } = out;
    assert.deepEqual([String(predictions), String(figures), interval, errors.indexOf(error)], end, folder);
    const all = scales(state);
    const found = [all.corpus, all.voices, all.speaker].map((s) => [s.groups, s.least, s.column]);
    if (predictions) assert.deepEqual(found, [corpus, voices, speaker], folder);
    else assert.deepEqual([corpus, voices, speaker], Array(3).fill([0, 0, "none"]), folder);
  }
  for (const error of Object.values(ERRORS)) assert.ok(errors.includes(error), error);
});

test("an outcome in words", () => {
  /** @type {[string, string][]} */
  const said = [
    ["two.known.known.both.40.4", "Predictions and figures, with an interval over your speakers."],
    [
      "two.known.none.both.40.4",
      "Predictions and figures, with an interval over utterances alone, which is too short for other people.",
    ],
    ["two.none.known.both.4.4", "Predictions and no figure. Too few for a scale of each voice, of each speaker."],
    [
      "two.none.none.one.2.3",
      "Predictions and no figure. Too few for a scale of each corpus, of each voice, of each speaker.",
    ],
    [
      "one.none.known.both.40.4",
      "Neither predictions nor figures: nobody is left to learn from, or nobody to be tested on.",
    ],
    [
      "two.known.known.both.1.1",
      "Neither predictions nor figures: a single labelled recording shares one emotion with others, " +
        "and there is nothing to choose from.",
    ],
  ];
  for (const [folder, words] of said) {
    const state = stateOf(`${folder}.corpus`);
    assert.equal(verdict(outcome(state), scales(state)), words);
  }
});

test("lines are short and few, and follow the state", () => {
  for (const state of STATES.filter((s) => outcome(s).predictions))
    for (const within of /** @type {const} */ (["corpus", "voices", "speaker"])) {
      const text = lines({ ...state, within });
      const all = text.split("\n");
      assert.ok(all.filter((l) => l.trim()).length <= 12 && Math.max(...all.map((l) => l.length)) <= 78, text);
      assert.equal(text.includes("unlabelled=True"), state.labels === "none");
      assert.equal(text.includes('load("casia"'), state.corpora === "two");
      assert.equal(text.includes(", pair.voices"), within === "voices" && state.labels === "none");
      assert.ok(text.includes({ corpus: '"zscore"', voices: '"voices"', speaker: '"speaker"' }[within]), text);
    }
});

test("commands name the preset of a scaling", () => {
  assert.equal(
    commands("corpus"),
    "tlmlda run --scheme C2B --method pca_svm --preset zscore --save b.model\n" +
      "tlmlda predict b.model mine --out emotions.csv",
  );
  assert.ok(commands("voices").includes("--preset voices "));
});

test("an address is read whole or not at all", () => {
  assert.deepEqual(readSetting("two.none.none.one.2.3.speaker", MOST), {
    corpora: "two",
    labels: "none",
    names: "none",
    voices: "one",
    recordings: 2,
    speakers: 3,
    within: "speaker",
  });
  for (const said of [
    "x",
    "two.none.none.one.0.3.speaker",
    "two.none.none.one.101.3.speaker",
    "two.none.none.one.5.99.speaker",
    "two.a.none.one.5.9.batch",
    "two.none.none.one.5.9.batch",
    "two.none.none.one.5.9",
    "toString.none.none.one.5.9.speaker",
  ]) {
    assert.equal(readSetting(said, MOST), null, said);
  }
});
