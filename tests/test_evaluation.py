"""Rates against scikit-learn, intervals against loops and against what they promise."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, recall_score

from tlmlda_lib import evaluation as ev
from tlmlda_lib.errors import UserError


def made(seed: int = 0, n: int = 200, speakers: int = 8, classes: int = 4):
    """Truth, predictions that are right in half of the cases and more for some speakers, speakers."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, n)
    who = rng.integers(0, speakers, n)
    right = rng.random(n) < np.linspace(0.2, 0.8, speakers)[who]
    return truth, np.where(right, truth, rng.integers(0, classes, n)), who


labels = st.integers(1, 40).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 4), min_size=n, max_size=n) for _ in range(2)])
)


@settings(max_examples=60, deadline=None)
@given(labels)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_rates_agree_with_scikit_learn(both):
    truth, predicted = both
    got = ev.report(truth, predicted, classes=list("abcde"))
    assert got.war == pytest.approx(100 * accuracy_score(truth, predicted))
    assert got.uar == pytest.approx(100 * balanced_accuracy_score(truth, predicted))
    np.testing.assert_array_equal(got.confusion, confusion_matrix(truth, predicted, labels=range(5)))
    recalls = recall_score(truth, predicted, labels=range(5), average=None, zero_division=0)
    assert got.recall == pytest.approx({"abcde"[c]: 100 * recalls[c] for c in set(truth)})
    assert got.majority == pytest.approx(100 * np.bincount(truth).max() / len(truth))
    assert ev.war(truth, predicted) == got.war
    assert ev.uar(truth, predicted) == got.uar


@settings(max_examples=30, deadline=None)
@given(labels, st.randoms(use_true_random=False))
def test_order_of_utterances_does_not_matter(both, random):
    truth, predicted = map(np.array, both)
    order = list(range(len(truth)))
    random.shuffle(order)
    a, b = ev.report(truth, predicted), ev.report(truth[order], predicted[order])
    assert (a.war, a.uar, a.recall) == (b.war, b.uar, b.recall)


def test_by_speaker_is_the_accuracy_of_that_speaker():
    truth, predicted, who = made()
    got = ev.report(truth, predicted, [f"s{w}" for w in who])
    for s in np.unique(who):
        assert got.by_speaker[f"s{s}"] == pytest.approx(100 * accuracy_score(truth[who == s], predicted[who == s]))


def test_names_serve_as_well_as_codes():
    truth, predicted, _ = made(classes=3)
    names = np.array(["anger", "fear", "sad"])
    a, b = ev.report(truth, predicted, classes=names), ev.report(names[truth], names[predicted])
    assert (a.war, a.recall, a.classes) == (b.war, b.recall, b.classes)
    np.testing.assert_array_equal(a.confusion, b.confusion)
    mixed = ev.report(np.array([0, 1], dtype=np.int64), np.array([1, 1], dtype=np.uint8), classes=("a", "b"))
    np.testing.assert_array_equal(mixed.confusion, [[0, 1], [0, 1]])


def test_the_report_reads_well_and_cannot_be_changed():
    got = ev.report([0, 0, 1, 1], [0, 1, 1, 1], ["x", "y", "x", "y"], ["anger", "sad", "fear"])
    text = str(got)
    for words in ("WAR 75.0 %", "UAR 75.0 %", "4 utterances", "chance 33.3 %", "x 100.0", "y 50.0", "fear"):
        assert words in text
    with pytest.raises(dataclasses.FrozenInstanceError):
        got.war = 100.0  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        got.confusion[0, 0] = 9


def test_t_interval_of_three_values_by_hand():
    low, high = ev.t_interval([50, 52, 54])
    half = 4.302652729911275 * 2 / np.sqrt(3)  # t of 2 degrees of freedom at .975
    assert (low, high) == pytest.approx((52 - half, 52 + half))
    assert np.isnan(ev.t_interval([50.0])).all()
    assert ev.t_interval([50, 50, 50]) == (50, 50)


@given(st.lists(st.floats(0, 100), min_size=2, max_size=30), st.floats(0.5, 0.999))
def test_t_interval_is_that_of_scipy(values, level):
    assume(np.ptp(values) > 1e-9)
    ends = stats.ttest_1samp(values, 0).confidence_interval(level)
    assert ev.t_interval(values, level) == pytest.approx((ends.low, ends.high), rel=1e-9, abs=1e-9)


def test_t_interval_covers_what_it_promises():
    rng = np.random.default_rng(0)
    trials = rng.normal(40, 3, size=(1000, 5))
    for level in (0.8, 0.95):
        inside = np.mean([low <= 40 <= high for low, high in (ev.t_interval(x, level) for x in trials)])
        assert inside == pytest.approx(level, abs=0.03)


def loop_bootstrap(truth, runs, who, metric, draws, seed):
    """The same by drawing utterance after utterance."""
    rng = np.random.default_rng(seed)
    names = np.unique(who)
    values = []
    for _ in range(draws):
        rows = []
        for s in rng.choice(names, len(names)):
            own = np.flatnonzero(who == s)
            rows.extend(rng.choice(own, len(own)))
        scores = [getattr(ev, metric)(truth[rows], run[rows]) for run in runs]
        values.append(np.mean(scores))
    return np.array(values)


@pytest.mark.parametrize("metric", ["war", "uar"])
@pytest.mark.parametrize("k", [1, 3])
def test_bootstrap_agrees_with_a_loop_over_utterances(metric, k):
    truth, _, who = made(1, n=60, speakers=5, classes=3)
    runs = np.stack([made(s, n=60, speakers=5, classes=3)[1] for s in range(k)])
    slow = loop_bootstrap(truth, runs, who, metric, 1000, 0)
    low, high = ev.bootstrap_interval(truth, runs if k > 1 else runs[0], who, metric, draws=4000)
    # The standard error of a 2.5 % quantile of 1000 draws is about a seventh of the draws' deviation.
    assert low == pytest.approx(np.quantile(slow, 0.025), abs=0.45 * slow.std())
    assert high == pytest.approx(np.quantile(slow, 0.975), abs=0.45 * slow.std())
    middle = ev.bootstrap_interval(truth, runs, who, metric, draws=4000, level=1e-9)[0]
    assert middle == pytest.approx(np.median(slow), abs=0.2 * slow.std())


def test_bootstrap_is_a_function_of_its_seed_and_widens_with_few_speakers():
    truth, predicted, who = made(n=600, speakers=30)
    a = ev.bootstrap_interval(truth, predicted, who, random_state=3)
    assert a == ev.bootstrap_interval(truth, predicted, who, random_state=3)
    assert a != ev.bootstrap_interval(truth, predicted, who, random_state=4)
    low, high = ev.bootstrap_interval(truth, predicted, who // 6)
    assert high - low > 0
    one = ev.bootstrap_interval(truth, truth, who)
    assert one == (100, 100)
    wide = ev.bootstrap_interval(truth, predicted, who, level=0.99)
    assert wide[0] < a[0] < a[1] < wide[1]


def test_bootstrap_covers_the_rate_of_the_population_of_speakers():
    rng = np.random.default_rng(0)
    inside = []
    for _ in range(300):
        rate = rng.beta(6, 4, size=20)  # of each speaker; mean .6
        who = np.repeat(np.arange(20), 15)
        truth = rng.integers(0, 2, 300)
        predicted = np.where(rng.random(300) < rate[who], truth, 1 - truth)
        low, high = ev.bootstrap_interval(truth, predicted, who, draws=400)
        inside.append(low <= 60 <= high)
    assert 0.90 <= np.mean(inside) <= 0.99  # utterances are drawn too, so it errs to the wide side


def test_rules_choose_last_best_by_criterion_and_best_by_truth():
    truth = np.array([0, 1, 1])
    predictions = [[0, 0, 0], [0, 1, 1], [1, 1, 1], [1, 0, 0]]
    assert ev.epoch_rules(predictions, truth, [0.1, 0.2, 0.9, 0.3]) == {"final": 3, "unsupervised": 2, "oracle": 1}
    assert ev.epoch_rules(predictions, truth) == {"final": 3, "unsupervised": 3, "oracle": 1}
    assert ev.epoch_rules(predictions, truth, [np.nan, 0.2, 0.2, np.inf])["unsupervised"] == 1
    assert ev.epoch_rules(predictions, truth, [np.nan] * 4)["unsupervised"] == 3
    assert ev.epoch_rules([[0, 1, 0]], truth) == {"final": 0, "unsupervised": 0, "oracle": 0}


@pytest.mark.parametrize("seed", range(5))
def test_target_labels_move_the_oracle_alone(seed):
    rng = np.random.default_rng(seed)
    predictions, truth, criterion = rng.integers(0, 3, (7, 50)), rng.integers(0, 3, 50), rng.random(7)
    a, b = (ev.epoch_rules(predictions, t, criterion) for t in (truth, rng.permutation(truth)))
    assert (a["final"], a["unsupervised"]) == (b["final"], b["unsupervised"])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ev.report([0, 1], [0]), r"\(2,\).*\(1,\)"),
        (lambda: ev.report([], []), "no predictions"),
        (lambda: ev.report([0, 7], [0, 1], classes=["a", "b"]), "truth contain the codes 7"),
        (lambda: ev.report([0, 1], [0, -1], classes=["a", "b"]), "predictions contain the codes -1"),
        (lambda: ev.report(["a"], ["joy"], classes=["a", "b"]), "joy"),
        (lambda: ev.report([0, 1], [0, 1], speakers=["x"]), "speakers"),
        (lambda: ev.confusion([0], [3], 2), "use 0 to 1"),
        (lambda: ev.t_interval([]), "per seed"),
        (lambda: ev.t_interval([1, 2], level=95), "level=95"),
        (lambda: ev.bootstrap_interval([0], [0], [0], metric="f1"), "f1"),
        (lambda: ev.bootstrap_interval([0], [0], [0], draws=0), "draws=0"),
        (lambda: ev.bootstrap_interval([0, 1], [[0, 1], [0, 1]], [0]), "speakers"),
        (lambda: ev.bootstrap_interval([0, 1], [[0], [0]], [0, 1]), "shape"),
        (lambda: ev.epoch_rules([[0, 1]], [0]), "shape"),
        (lambda: ev.epoch_rules([[0, 1]], [0, 1], [1, 2]), "criterion"),
    ],
)
def test_errors_name_the_value(call, words):
    with pytest.raises(UserError, match=words):
        call()
