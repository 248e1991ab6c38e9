"""Paired comparison, Holm, gender: what records alone can say, against loops that spell it out."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import bootstrap
from tlmlda_lib.experiments import compare, contents

CLASSES = ("anger", "fear", "happy", "neutral", "sad")
CORPORA = {"B": ("emodb", 10, 40), "C": ("casia", 4, 200), "R": ("ravdess", 24, 40)}


def record(hit, scheme="C2B", method="tlmlda", seed=0, classes=CLASSES, **changes):
    """What a comparison reads of a record: hits (n,) by speaker, evenly over the classes."""
    corpus, speakers, per = CORPORA[scheme[-1]]
    who = np.repeat([f"{corpus}/{s:02d}" for s in range(speakers)], per)
    truth = np.tile(np.arange(per) % len(classes), speakers)
    counts = {str(s): np.bincount(truth[who == s], minlength=len(classes)).tolist() for s in np.unique(who)}
    rule = {"hits": contents.pack(np.asarray(hit, dtype=bool), truth, who)}
    made = {
        "scheme": scheme, "method": method, "preset": "recommended-is10", "overrides": {}, "seed": seed,
        "classes": list(classes), "utterances": counts, "rules": {"final": rule, "oracle": rule},
        "genders": {s: ("female", "male")[i % 2] for i, s in enumerate(counts)},
        "grid": "main", "options_digest": "0", "revisions": {}, "data": {"features": ["is10"]},
    }  # fmt: skip
    return made | changes


def places(scheme):
    """Codes of speakers (n,) and classes (n,) in the order that `record` takes."""
    _, speakers, per = CORPORA[scheme[-1]]
    return np.repeat(np.arange(speakers), per), np.tile(np.arange(per) % len(CLASSES), speakers)


def simulated(rng, schemes, methods=("a", "b"), seeds=5, better=0.0):
    """Runs that differ as trained networks do: by run, by run and class, by run and speaker, by chance."""
    records, hard = [], {}
    for scheme in schemes:
        who, cls = places(scheme)
        difficulty = hard.setdefault(scheme[-1], rng.normal(0, 1.5, len(who)))
        for method in methods:
            for seed in range(seeds):
                logit = -0.2 + difficulty + rng.normal(0, 0.2) + rng.normal(0, 0.7, 5)[cls]
                logit = logit + rng.normal(0, 0.3, who.max() + 1)[who] + better * (method == methods[0])
                records.append(record(rng.random(len(who)) < 1 / (1 + np.exp(-logit)), scheme, method, seed))
    return records


def only(records, **how):
    (made,) = compare.compare(records, [("a", "b")], **({"draws": 600} | how))
    return made


@pytest.mark.parametrize("schemes", [("C2B",), ("B2C",), ("R2B", "C2B", "B2C", "R2C", "B2R", "C2R")])
def test_a_method_compared_with_itself_is_no_better_in_93_of_100_cases(schemes):
    rng = np.random.default_rng(len(schemes))
    inside = 0
    for _ in range(100):
        mean = only(simulated(rng, schemes)).mean
        inside += mean.low <= 0 <= mean.high
        assert (mean.p < 0.05) == (not mean.low <= 0 <= mean.high)
    print(f"{', '.join(schemes)}: 0 inside in {inside} of 100")
    assert inside >= 93


def test_a_difference_that_is_there_is_found():
    rng = np.random.default_rng(3)
    found = [only(simulated(rng, ("C2B", "B2C", "C2R"), better=0.7)).mean for _ in range(20)]
    assert sum(m.low > 0 for m in found) >= 18
    assert np.mean([m.value for m in found]) == pytest.approx(11, abs=3)


def test_the_numbers_are_those_of_a_loop_that_spells_it_out():
    rng = np.random.default_rng(0)
    records = simulated(rng, ("C2B",))
    made = only(records, draws=20000).schemes["C2B"]
    who, cls = places("C2B")
    order = np.lexsort((cls, who))
    who = who[order]
    hits = {m: np.array([contents.unpack(r, "final")[0] for r in records if r["method"] == m], float) for m in "ab"}
    d = hits["a"] - hits["b"]
    assert made.value == pytest.approx(100 * d.mean())
    assert made.seeds == 5
    assert made.by_speaker == pytest.approx({f"emodb/{s:02d}": 100 * d[:, who == s].mean() for s in range(10)})

    samples = []
    for _ in range(3000):
        rows = [rng.choice(np.flatnonzero(who == s), (who == s).sum()) for s in rng.integers(10, size=9)]
        samples.append(100 * d[rng.integers(5, size=4)][:, np.concatenate(rows)].mean())
    by_speaker = np.array([d[:, who == s].mean() for s in range(10)])
    parts = [(d.mean(1).var(ddof=1) / 5, 4), (by_speaker.var(ddof=1) / 10, 9)]  # equal counts: a speaker is a mean
    freedom = sum(v for v, _ in parts) ** 2 / sum(v**2 / f for v, f in parts)
    spread = bootstrap.Spread.of(compare.paired(*by_seed(records), "final"), "war")
    assert bootstrap.satterthwaite([spread]) == pytest.approx(freedom)
    low, high, _ = bootstrap.interval(made.value, np.array(samples), freedom)
    assert made.high - made.low == pytest.approx(high - low, rel=0.08)


def by_seed(records, scheme="C2B"):
    return [{r["seed"]: r for r in records if r["method"] == m and r["scheme"] == scheme} for m in "ab"]


def test_uar_counts_classes_alike():
    who, cls = places("C2B")
    unequal = (cls == 0) | (who == 0)
    made = only([record(unequal, method="a"), record(np.zeros(len(who)), method="b")], metric="uar").mean
    assert made.value == pytest.approx(100 * np.mean([unequal[cls == c].mean() for c in range(5)]))


def test_schemes_with_one_target_share_its_speakers():
    rng = np.random.default_rng(1)
    n = len(places("C2B")[0])
    a, b = rng.random(n) < 0.6, rng.random(n) < 0.5
    one = [record(a, method="a"), record(b, method="b")]
    two = [r | {"scheme": s} for s in ("C2B", "R2B") for r in one]  # the same hits again: no news
    alone, both = only(one).mean, only(two).mean
    assert (both.value, both.low, both.high, both.p) == pytest.approx((alone.value, alone.low, alone.high, alone.p))
    other = [record(rng.random(n) < p, "C2B", m) for m, p in (("a", 0.6), ("b", 0.5))]
    more = only(one + [r | {"scheme": "R2B"} for r in other]).mean
    assert more.high - more.low < 0.95 * (alone.high - alone.low)


def test_a_method_without_chance_meets_every_seed(monkeypatch):
    rng = np.random.default_rng(2)
    n = len(places("C2B")[0])
    runs = [record(rng.random(n) < 0.6, method="tlmlda", seed=s) for s in range(3)]
    plain = record(rng.random(n) < 0.5, method="pca_svm", preset="zscore")
    (made,) = compare.compare([*runs, plain], [("tlmlda", "pca_svm")], draws=100)
    assert made.mean.seeds == 3
    assert made.second == "pca_svm:zscore"


def test_errors_say_what_cannot_be_compared():
    n = len(places("C2B")[0])
    a, b = record(np.ones(n), method="a"), record(np.zeros(n), method="b", seed=1)
    with pytest.raises(UserError, match="no seed in common"):
        only([a, b])
    with pytest.raises(UserError, match="b has no record: use one of a:recommended-is10"):
        only([a])
    with pytest.raises(UserError, match="different utterances"):
        only([a, record(np.zeros(n), method="b", classes=CLASSES[::-1])])
    with pytest.raises(UserError, match="no scheme in common"):
        only([a, record(np.zeros(800), "B2C", "b")])
    with pytest.raises(UserError, match="B2C was not run with both"):
        only([a, record(np.zeros(n), method="b")], schemes=["B2C"])
    with pytest.raises(UserError, match="fits several records"):
        only([a, a | {"preset": "quick", "options_digest": "1"}, b])
    with pytest.raises(UserError, match="metric 'wra'"):
        only([a, b], metric="wra")


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_is_the_closed_test_of_bonferroni(p):
    closed = [
        max(
            min(1.0, len(group) * min(p[j] for j in group))
            for size in range(1, len(p) + 1)
            for group in combinations(range(len(p)), size)
            if i in group
        )
        for i in range(len(p))
    ]
    assert bootstrap.holm(p) == pytest.approx(closed)


def test_holm_by_hand():
    assert bootstrap.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert bootstrap.holm([]) == []


def test_p_belongs_to_the_interval():
    samples = np.random.default_rng(0).normal(0, 1, 4000)
    *_, p = bootstrap.interval(2.2, samples, 6)
    inside = [low <= 0 <= high for low, high, _ in (bootstrap.interval(2.2, samples, 6, 1 - x) for x in (p * 0.98, p))]
    assert inside == [True, False]
    from scipy import stats

    assert p == pytest.approx(2 * stats.t.sf(2.2, 6), rel=0.4)
    assert bootstrap.interval(0.0, np.zeros(50), float("inf"))[2] == pytest.approx(1)


@given(st.floats(1, 1e6) | st.just(float("inf")), st.floats(0.001, 0.9))
def test_an_interval_is_stretched_from_normal_to_student(freedom, outside):
    from scipy import stats

    away = np.linspace(-3, 3, 201)
    low, high = bootstrap.edges(1.5, away, freedom, outside)
    wide = stats.t.isf(outside / 2, freedom) / stats.norm.isf(outside / 2)
    assert low == pytest.approx(1.5 + wide * np.quantile(away, outside / 2), rel=1e-9, abs=1e-9)
    assert high == pytest.approx(1.5 + wide * np.quantile(away, 1 - outside / 2), rel=1e-9, abs=1e-9)


def test_women_and_men_apart():
    who, _ = places("C2B")
    share = np.where(who % 2 == 0, np.arange(len(who)) % 5 < 4, np.arange(len(who)) % 5 < 2)  # .8 and .4
    (row,) = compare.gender_gap([record(share, seed=s) for s in range(2)], draws=300)
    assert (row["female"], row["male"], row["gap"]) == pytest.approx((80, 40, 40))
    assert row["low"] < 40 < row["high"]
    assert row["speakers"] == [5, 5]
    assert row["seeds"] == 2
    assert compare.gender_gap([record(share, genders={})]) == []
