import assert from "node:assert/strict";
import { test } from "node:test";
import {
  adapted,
  border,
  COUNT,
  covariance,
  domainsOf,
  guessed,
  inverse,
  learnt,
  readSetting,
  root,
  sentence,
  VIEW,
  WAYS,
  written,
} from "../../tlmlda_lib/book/explorables/adaptation.js";
import { close, numbersOf } from "./numbers.js";

const SAME = { right: 0, up: 0, turn: 0, share: 50 };

/** @param {Partial<typeof SAME>} changes */
const scores = (changes, rounds = 1) => {
  const domains = domainsOf({ ...SAME, ...changes });
  return Object.fromEntries(Object.keys(WAYS).map((way) => [way, 100 * adapted(domains, way, rounds).onTarget]));
};

test("covariances and their roots are NumPy's", () => {
  for (const { domains, covariance: wanted, root: half } of numbersOf("adaptation")) {
    const found = covariance(domains.source);
    close(found, wanted);
    close(root(found), half);
    const [[a, b], [c, d]] = found;
    const [[e, f], [g, h]] = inverse(found);
    close([a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h], [1, 0, 0, 1]);
  }
});

test("what each way moves, predicts and scores is scikit-learn's", () => {
  for (const { domains, outcomes, rounds } of numbersOf("adaptation"))
    for (const [way, wanted] of Object.entries(outcomes)) {
      const { rule, ...found } = adapted(domains, way, rounds);
      close(found, wanted, 1e-9, way);
      assert.deepEqual(guessed(rule, domains.target), found.guesses);
    }
});

test("for LDA, moving the source to the target's scale is standardising each domain", () => {
  for (const { domains, standardised } of numbersOf("adaptation"))
    assert.deepEqual(adapted(domains, "scale").guesses, standardised);
});

test("no way sees the target's truth", () => {
  const domains = domainsOf({ ...SAME, right: 1.1, share: 70 });
  const other = { ...domains, truth: domains.truth.map((c) => 1 - c) };
  for (const way of Object.keys(WAYS)) {
    const [one, two] = [adapted(domains, way), adapted(other, way)];
    assert.deepEqual(one.guesses, two.guesses);
    close(one.onTarget + two.onTarget, 1);
  }
});

test("aligned clouds have one mean and one covariance", () => {
  for (const changes of [{ right: 1.3, up: -0.5 }, { share: 85 }, { turn: 60 }]) {
    const { means, covariances } = adapted(domainsOf({ ...SAME, ...changes }), "clouds");
    close([means, covariances], [0, 0]);
  }
});

test("alignment repairs a moved mean", () => {
  const { nothing, scale, clouds } = scores({ right: 1.5 });
  assert.ok(nothing < 70 && scale > 93 && clouds > 93, `${nothing} ${scale} ${clouds}`);
});

test("class by class, more rounds repair more of a moved target", () => {
  const [one, two, five] = [1, 2, 5].map((rounds) => scores({ right: 1.5 }, rounds).classes);
  assert.ok(70 < one && one + 5 < two && two < five && five > 95, `${one} ${two} ${five}`);
});

test("with four fifths of anger, class by class is as good as nothing, and whole clouds get over a fifth wrong", () => {
  const { nothing, scale, clouds, classes } = scores({ share: 80 }, 5);
  assert.equal(classes, nothing);
  assert.ok(clouds < 80 && clouds > 75 && scale < 80, `${scale} ${clouds}`);
});

test("with other shares of the emotions, aligning whole clouds does harm", () => {
  for (const share of [10, 90]) {
    const { nothing, scale, clouds, classes } = scores({ share });
    assert.ok(nothing > 93 && classes > 93, `${nothing} ${classes}`);
    assert.ok(scale < nothing - 10 && clouds < nothing - 10, `${scale} ${clouds}`);
  }
});

test("class by class helps where the guesses are good enough, and not elsewhere", () => {
  const [near, far] = [scores({ right: 1 }), scores({ right: 2.5 })];
  assert.ok(near.classes > near.nothing + 10, JSON.stringify(near));
  assert.ok(far.classes < 65, JSON.stringify(far));
  const [mixed, turned] = [scores({ right: 1, share: 80 }, 5), scores({ turn: 120 }, 10)];
  assert.ok(mixed.classes > 93 && mixed.clouds < 85, JSON.stringify(mixed));
  assert.ok(turned.nothing < 50 && turned.classes < turned.nothing - 10, JSON.stringify(turned));
});

test("ten rounds make good guesses of more than half, and bad ones of less", () => {
  const [more, less] = [90, 95].map((turn) => ({
    first: scores({ turn }).nothing,
    last: scores({ turn }, 10).classes,
  }));
  assert.ok(more.first > 50 && more.first < 60 && more.last > 90, JSON.stringify(more));
  assert.ok(less.first < 50 && less.first > 40 && less.last < 10, JSON.stringify(less));
  for (const { scale, clouds } of [scores({ turn: 90 }), scores({ turn: 95 })])
    assert.ok(Math.max(scale, clouds) < 55 && Math.min(scale, clouds) > 40, `${scale} ${clouds}`);
});

test("a turned target can be aligned without a rest, and be wrong throughout", () => {
  const domains = domainsOf({ ...SAME, turn: 180 });
  for (const way of Object.keys(WAYS)) assert.ok(adapted(domains, way).onTarget < 0.1, way);
  close(adapted(domains, "clouds").means, 0);
});

test("points stay the same when the cloud is moved, and their number when it is mixed", () => {
  const [one, other] = [domainsOf(SAME), domainsOf({ ...SAME, right: 1, up: 0.5 })];
  for (const [i, [x, y]] of one.target.entries()) close(other.target[i], [x + 1, y + 0.5]);
  for (const share of [10, 35, 90]) {
    const { source, target, truth } = domainsOf({ ...SAME, share });
    assert.deepEqual([source.length, target.length], [COUNT, COUNT]);
    assert.equal(truth.filter((c) => c === 0).length, (COUNT * share) / 100);
  }
});

test("the border is where the rule changes its mind", () => {
  const { source, labels } = domainsOf(SAME);
  const rule = learnt(source, labels);
  const { line, halves } = border(rule);
  const ends = [...line.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), -Number(y)]);
  for (const [x, y] of ends) close(rule.w[0] * x + rule.w[1] * y, rule.b, 0.02);
  const corner = (/** @type {string} */ half) => /L(-?[\d.]+) (-?[\d.]+)Z/.exec(half)?.slice(1).map(Number) ?? [];
  const sides = halves.map(corner).map(([x, y]) => guessed(rule, [[x, -y]])[0]);
  assert.deepEqual(sides, [0, 1]);
});

test("a sentence names scores, distances and what is missing", () => {
  const domains = domainsOf({ ...SAME, right: 2.5 });
  const nothing = adapted(domains, "nothing");
  assert.match(
    sentence(nothing, nothing, "nothing"),
    /recognised; the means lie 2\.\d\d apart, the covariances 0\.\d\d\./,
  );
  const aligned = sentence(adapted(domains, "clouds"), nothing, "clouds");
  assert.match(aligned, /Against doing nothing: \+\d+ points on the target\.$/);
  const empty = { ...nothing, guesses: nothing.guesses.map(() => 1) };
  assert.match(sentence(empty, nothing, "nothing"), /Nothing in the target is taken for anger\.$/);
});

test("no point of the target lies outside the picture, wherever it is moved", () => {
  for (const share of [10, 50, 90])
    for (let turn = 0; turn <= 180; turn += 5)
      for (const right of [-2.5, 2.5])
        for (const up of [-1, 1]) {
          const { source, target } = domainsOf({ right, up, turn, share });
          const inside = (/** @type {readonly number[]} */ p) => p.every((v, i) => Math.abs(v) + 0.11 <= VIEW[i]);
          assert.ok([...source, ...target].every(inside), `${right} ${up} ${turn} ${share}`);
        }
});

test("an address is read whole or not at all", () => {
  const state = { right: -1.5, up: 0.3, turn: 45, share: 80, way: "clouds", rounds: 4, shown: "truth" };
  assert.equal(written(state), "-15.3.45.80.clouds.4.truth");
  assert.deepEqual(readSetting(written(state)), state);
  const wrong = [
    "",
    "0.0.0.50.nothing.1",
    "26.0.0.50.nothing.1.truth",
    "0.0.0.5.nothing.1.truth",
    "0.0.0.50.x.1.truth",
  ];
  const more = ["0.0.181.50.nothing.1.truth", "0.0.0.50.nothing.1.toString", "1e0.0.0.50.nothing.1.truth"];
  for (const said of [...wrong, ...more, "0.0.0.50.nothing.11.truth"]) assert.equal(readSetting(said), null, said);
});
