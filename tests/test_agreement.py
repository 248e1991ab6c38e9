"""Agreement of runs against a published example and loops over pairs, variance against its law, calibration."""

from __future__ import annotations

import itertools
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats import inter_rater

from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import agreement

#: An example worked in the open, https://en.wikipedia.org/wiki/Fleiss%27_kappa: 10 subjects, 14 raters, 5 categories.
WORKED = np.array(
    [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
)


def runs_of(counts: np.ndarray) -> np.ndarray:
    """Predictions (k, n) with these counts (n, C)."""
    return np.stack([np.repeat(np.arange(counts.shape[1]), row) for row in counts], 1)


def drawn(seed: int, k: int = 4, n: int = 12, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(classes, size=n)
    runs = np.where(rng.random((k, n)) < 0.6, truth, rng.integers(classes, size=(k, n)))
    return runs, truth


def test_kappa_of_the_worked_example():
    found = agreement.reproducibility(runs_of(WORKED))
    assert found.kappa == pytest.approx(0.210, abs=5e-4)
    assert found.general_fractional == pytest.approx(37.8, abs=0.05)
    assert found.general_perfect == pytest.approx(10)
    assert agreement.fleiss_kappa(runs_of(WORKED)) == found.kappa
    assert np.isnan(found.correct_perfect)
    assert np.isnan(found.correct_fractional)


def test_kappa_is_statsmodels():
    for seed in range(5):
        runs, _ = drawn(seed, k=5, n=40, classes=4)
        counts = np.stack([(runs == c).sum(0) for c in range(4)], 1)
        assert agreement.fleiss_kappa(runs) == pytest.approx(inter_rater.fleiss_kappa(counts), rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), k=st.integers(2, 6), n=st.integers(1, 15), classes=st.integers(1, 5))
def test_rates_are_loops_over_recordings_and_pairs_of_runs(seed, k, n, classes):
    runs, truth = drawn(seed, k, n, classes)
    found = agreement.reproducibility(runs, truth)
    pairs = [(a, b) for a, b in itertools.permutations(range(k), 2)]
    same = np.mean([runs[a, i] == runs[b, i] for i in range(n) for a, b in pairs])
    both = np.mean([runs[a, i] == truth[i] == runs[b, i] for i in range(n) for a, b in pairs])
    assert found.general_perfect == pytest.approx(100 * np.mean([len(set(runs[:, i])) == 1 for i in range(n)]))
    assert found.general_fractional == pytest.approx(100 * same)
    assert found.correct_perfect == pytest.approx(100 * np.mean([(runs[:, i] == truth[i]).all() for i in range(n)]))
    assert found.correct_fractional == pytest.approx(100 * both)
    chance = sum(np.mean(runs == c) ** 2 for c in range(classes))
    if chance < 1 - 1e-9:
        assert found.kappa == pytest.approx((same - chance) / (1 - chance))
    else:
        assert np.isnan(found.kappa)
    assert found.correct_perfect <= found.general_perfect + 1e-9
    assert found.correct_fractional <= found.general_fractional + 1e-9
    assert found.general_perfect <= found.general_fractional + 1e-9
    names = np.array(["anger", "fear", "happy", "neutral", "sad"])
    assert asdict(agreement.reproducibility(names[runs], names[truth])) == pytest.approx(asdict(found), nan_ok=True)
    shuffled = np.random.default_rng(seed).permutation(runs)
    assert agreement.reproducibility(shuffled, truth).general_fractional == pytest.approx(found.general_fractional)


def test_equal_runs_and_runs_by_chance():
    truth = np.arange(300) % 3
    same = agreement.reproducibility(np.tile(truth, (3, 1)), truth)
    assert (same.general_perfect, same.correct_fractional, same.kappa) == (100, 100, 1)
    apart = agreement.reproducibility(np.random.default_rng(0).integers(3, size=(4, 3000)))
    assert apart.kappa == pytest.approx(0, abs=0.03)
    assert apart.general_fractional == pytest.approx(100 / 3, abs=2)


def test_intervals_hold_the_figure_and_shrink_with_speakers():
    widths = []
    for per_speaker in (100, 5):
        runs, truth = drawn(0, n=400)
        speakers = np.arange(400) // per_speaker
        value = agreement.reproducibility(runs, truth)
        found = agreement.bootstrap_intervals(runs, speakers, truth, draws=500)
        for name, (low, high) in found.items():
            assert low <= getattr(value, name) <= high
        again = agreement.bootstrap_intervals(runs, speakers, truth, draws=500)
        assert again == found
        widths.append(np.subtract(*found["kappa"][::-1]))
    one = agreement.bootstrap_intervals(runs, np.zeros(400, int), truth, draws=20)
    assert one["kappa"] == pytest.approx((value.kappa, value.kappa))
    assert np.isnan(agreement.bootstrap_intervals(runs, speakers, draws=20)["correct_perfect"]).all()
    # a draw is what `reproducibility` says of the recordings of the speakers drawn
    rng = np.random.default_rng(0)
    times = rng.multinomial(80, np.full(80, 1 / 80), size=20)
    figures = [agreement.reproducibility(runs[:, np.repeat(np.arange(400), row[speakers])]).kappa for row in times]
    expected = np.quantile(figures, [0.025, 0.975])
    found = agreement.bootstrap_intervals(runs, speakers, truth, draws=20)["kappa"]
    np.testing.assert_allclose(found, expected)


def test_variance_by_hand():
    # means of seeds 2 and 5, of splits 2, 3 and 5.5; what is left is +-.5, +-.5, 0 ... by hand below
    x = np.array([[1.0, 2.0, 3.0], [3.0, 4.0, 8.0]])
    rest = np.array([[0.5, 0.5, -1.0], [-0.5, -0.5, 1.0]])
    np.testing.assert_allclose(x - np.array([[2.0], [5.0]]) - np.array([2.0, 3.0, 5.5]) + 3.5, rest)
    found = agreement.variance_components(x)
    assert found.residual == pytest.approx(3 / 2)  # squares sum to 3, on (2 - 1)(3 - 1) degrees of freedom
    assert found.seed == pytest.approx(4.5 - 1.5 / 3)
    assert found.split == pytest.approx(3.25 - 1.5 / 2)


def test_variance_components_are_unbiased():
    rng = np.random.default_rng(0)
    found = []
    for _ in range(3000):
        x = 50 + 2 * rng.normal(size=(4, 1)) + 3 * rng.normal(size=(1, 5)) + rng.normal(size=(4, 5))
        c = agreement.variance_components(x)
        found.append((c.seed, c.split, c.residual))
    np.testing.assert_allclose(np.mean(found, 0), (4, 9, 1), rtol=0.06)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 40), classes=st.integers(2, 5), bins=st.integers(1, 12))
def test_calibration_is_the_loop_over_bins(seed, n, classes, bins):
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(classes), size=n)
    truth = rng.integers(classes, size=n)
    found = agreement.calibration(truth, p, bins)
    total, kept = 0.0, []
    for b in range(bins):
        rows = [i for i in range(n) if b / bins < p[i].max() <= (b + 1) / bins]
        if rows:
            stated = np.mean([p[i].max() for i in rows])
            right = np.mean([p[i].argmax() == truth[i] for i in rows])
            total += len(rows) / n * abs(stated - right)
            kept.append((100 * stated, 100 * right, len(rows)))
    assert found.ece == pytest.approx(100 * total)
    np.testing.assert_allclose(np.column_stack([found.confidence, found.accuracy, found.count]), kept)
    assert found.count.sum() == n


def test_honest_confidence_has_little_error_and_boasting_much():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(3), size=20000)
    truth = np.array([rng.choice(3, p=row) for row in p])
    honest = agreement.calibration(truth, p)
    boasting = p**3 / (p**3).sum(1, keepdims=True)
    assert honest.ece < 1.5
    assert agreement.calibration(truth, boasting).ece > 10
    np.testing.assert_allclose(honest.confidence, honest.accuracy, atol=6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: agreement.reproducibility([[0, 1]]), "two runs or more"),
        (lambda: agreement.reproducibility(np.zeros((2, 0))), "one recording or more"),
        (lambda: agreement.reproducibility([[0, 1], [0, 1]], [0]), "for each of the 2 recordings"),
        (lambda: agreement.bootstrap_intervals([[0, 1], [0, 1]], [0]), "for each of the 2 recordings"),
        (lambda: agreement.bootstrap_intervals([[0, 1], [0, 1]], [0, 1], draws=0), "at least 1 draw"),
        (lambda: agreement.variance_components([[1.0, 2.0]]), "at least two each"),
        (lambda: agreement.calibration([0], [[0.5, 0.1]]), "sum to 1"),
        (lambda: agreement.calibration([0, 1], [[0.5, 0.5]]), "are needed"),
        (lambda: agreement.calibration([0], [[0.5, 0.5]], bins=0), "at least 1"),
    ],
)
def test_bad_input_is_answered_in_one_sentence(call, words):
    with pytest.raises(UserError, match=words) as error:
        call()
    assert "\n" not in str(error.value)
