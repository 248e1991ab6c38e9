"""Criteria without labels against plain loops and known limits."""

from __future__ import annotations

import math
import tracemalloc
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import entr, softmax

from tlmlda_lib import evaluation, methods
from tlmlda_lib.methods.dbn import classifier as dbn_bp
from tlmlda_lib.methods.scaled import DomainClassifier
from tlmlda_lib.training import criteria, run_state, trainer
from tlmlda_lib.training.criteria import CRITERIA, CriterionWarning, measure
from tlmlda_lib.training.options import PRESETS
from tlmlda_lib.training.trainer import PairArrays, Trainer


def some(seed=0, n=17, c=4):
    return np.random.default_rng(seed).dirichlet(np.full(c, 0.4), n)


def entropy(p):
    return -sum(x * math.log(x) for x in p if x > 0)


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_entropy_and_infomax_by_loops(seed):
    p = some(seed)
    mean = sum(entropy(row) for row in p) / len(p)
    assert criteria.negative_entropy(p) == pytest.approx(-mean)
    assert criteria.infomax(p) == pytest.approx(entropy(p.mean(0)) - mean)
    assert -1e-12 <= criteria.infomax(p) <= math.log(4)


def test_snd_by_loops():
    p = some()
    total = 0.0
    for i in range(len(p)):
        s = [p[i] @ p[j] / np.linalg.norm(p[i]) / np.linalg.norm(p[j]) / 0.05 for j in range(len(p)) if j != i]
        e = np.exp(np.array(s) - max(s))
        total += entropy(e / e.sum())
    assert criteria.snd(p) == pytest.approx(total / len(p))
    assert criteria.snd(p[:1]) == 0


def densities(p, rows=None):
    """Soft neighbourhood density of each row (n,) by the plain n x n formula."""
    p = p / np.maximum(np.linalg.norm(p, axis=1, keepdims=True), 1e-12)
    similarity = p @ p.T / 0.05
    np.fill_diagonal(similarity, -np.inf)
    return entr(softmax(similarity, axis=1)).sum(1)


DEGENERATE = {
    "drawn": lambda rng, n, c: rng.dirichlet(np.full(c, 0.4), n),
    "certain": lambda rng, n, c: np.eye(c)[rng.integers(c, size=n)],
    "nearly certain": lambda rng, n, c: softmax(rng.normal(0, 300, (n, c)), axis=1),
    "all alike": lambda rng, n, c: np.tile(rng.dirichlet(np.ones(c)), (n, 1)),
    "one apart": lambda rng, n, c: np.vstack([np.eye(c)[:1], np.tile(np.eye(c)[-1:], (n - 1, 1))]),
    "of any sign and size": lambda rng, n, c: rng.normal(size=(n, c)) * 10.0 ** rng.integers(-160, 150, (n, 1)),
    "some rows 0": lambda rng, n, c: rng.dirichlet(np.ones(c), n) * (rng.random((n, 1)) < 0.7),
}


@given(
    st.integers(0, 10**6), st.integers(2, 70), st.integers(1, 6), st.integers(1, 700), st.sampled_from([*DEGENERATE])
)
@settings(max_examples=300, deadline=None)
def test_snd_in_blocks_is_the_plain_formula(seed, n, c, block, kind):
    p = DEGENERATE[kind](np.random.default_rng(seed), n, c)
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("error")
        patch.setattr(criteria, "SND_BLOCK", block)  # rarely a divisor of n n, often smaller than n
        assert criteria.snd(p) == pytest.approx(densities(p).mean(), rel=0, abs=1e-12)


@pytest.mark.parametrize("kind", DEGENERATE)
def test_snd_of_as_many_rows_as_a_corpus_has(kind):
    p = DEGENERATE[kind](np.random.default_rng(1), 1201, 5)
    assert len(p) ** 2 > 5 * criteria.SND_BLOCK
    assert criteria.snd(p) == pytest.approx(densities(p).mean(), rel=0, abs=1e-12)


def test_snd_of_more_rows_is_the_mean_over_a_fixed_sample_of_them(monkeypatch):
    p = some(n=200)
    each = densities(p)
    exact = criteria.snd(p)
    monkeypatch.setattr(criteria, "SND_ROWS", 200)
    assert criteria.snd(p) == exact
    monkeypatch.setattr(criteria, "SND_ROWS", 50)
    monkeypatch.setattr(criteria, "SND_BLOCK", 777)
    np.random.seed(3)  # noqa: NPY002 - the global generator is what is looked at
    torch.manual_seed(3)
    before = np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # noqa: NPY002
    sampled = criteria.snd(p)
    assert (np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()) == before  # noqa: NPY002
    assert criteria.snd(p) == sampled
    rows = np.random.default_rng(0).choice(200, 50, replace=False)
    assert len(set(rows)) == 50
    assert sampled == pytest.approx(each[rows].mean(), rel=0, abs=1e-12)
    assert abs(sampled - exact) < 4 * each.std() / math.sqrt(50)


def test_5000_rows_are_exact_and_a_sample_of_20000_needs_little_memory():
    p = some(n=5000)
    assert criteria.snd(p) == pytest.approx(densities(p).mean(), rel=0, abs=1e-12)
    p = some(n=20_000)
    tracemalloc.start()
    try:
        sampled = criteria.snd(p)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20e6, "the matrix of all similarities has 3.2 GB"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(criteria, "SND_ROWS", len(p))
        assert sampled == pytest.approx(criteria.snd(p), abs=0.05)


def test_bnm_is_the_sum_of_singular_values():
    p = some()
    assert criteria.bnm(p) == pytest.approx(np.sqrt(np.linalg.eigvalsh(p.T @ p)).sum() / len(p))


def test_limits():
    certain = np.eye(4)[np.arange(40) % 4]
    one_class = np.eye(4)[np.zeros(40, dtype=int)]
    uniform = np.full((40, 4), 0.25)
    assert criteria.infomax(certain) == pytest.approx(math.log(4))
    assert criteria.infomax(one_class) == pytest.approx(0)
    assert criteria.infomax(uniform) == pytest.approx(0)
    assert criteria.negative_entropy(one_class) == pytest.approx(0)
    assert criteria.snd(uniform) == pytest.approx(math.log(39))
    assert criteria.bnm(certain) == pytest.approx(4 * math.sqrt(10) / 40)


@pytest.mark.parametrize("name", criteria.CRITERIA)
def test_order_of_samples_and_classes_does_not_matter(name):
    p = some()
    rng = np.random.default_rng(1)
    q = p[rng.permutation(len(p))][:, rng.permutation(4)]
    assert criteria.CRITERIA[name](q) == pytest.approx(criteria.CRITERIA[name](p))
    with pytest.raises(ValueError, match="shape"):
        criteria.CRITERIA[name](np.ones(3))


# What cannot be computed


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("n", [1, 2, 17])
def test_numbers_that_are_not_finite_give_nan_and_one_warning(bad, n):
    p = some(n=n)
    p[-1, 2] = bad
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert all(math.isnan(criterion(p)) for criterion in CRITERIA.values())
        with pytest.warns(CriterionWarning, match="epoch 3: infomax, bnm, snd, negative_entropy cannot .*diverged"):
            row = measure(p, [measure(some()), {"loss_y": np.nan}])
        assert list(row) == list(CRITERIA)
        assert all(map(math.isnan, row.values()))
        assert measure(some(), [row]) == {name: criterion(some()) for name, criterion in CRITERIA.items()}
        measure(p, [measure(some()), row, measure(some())])  # it was said


def test_singular_values_that_do_not_converge_give_nan(monkeypatch):
    def fails(*_args, **_how):
        raise np.linalg.LinAlgError("SVD did not converge")

    norm = np.linalg.norm
    monkeypatch.setattr(np.linalg, "norm", lambda x, ord=None, **how: norm(x, ord, **how) if ord is None else fails())
    with pytest.warns(CriterionWarning, match="epoch 1: bnm cannot .*did not converge") as said:
        row = measure(some())
    assert len(said) == 1
    assert [name for name, value in row.items() if math.isnan(value)] == ["bnm"]


def clouds(n=(26, 33), d=12, classes=3):
    rng = np.random.default_rng(0)
    ys = rng.integers(classes, size=n[0])
    xs = (rng.random((n[0], d)) + ys[:, None] * 0.2).astype(np.float32)
    return PairArrays(xs, ys, rng.random((n[1], d)).astype(np.float32))


SMALL = replace(PRESETS["quick"], encoder=(16, 8), emotion=(8, 6), epochs=4, batch_size=10)


def test_a_run_that_diverges_ends_says_so_once_and_its_last_epoch_counts(tmp_path, monkeypatch):
    diverging = replace(SMALL, learning_rate=1e30)
    with pytest.warns(CriterionWarning, match="epoch 1: ") as said:
        whole = Trainer(diverging).fit(clouds(), 3)
    assert len(said) == 1
    assert whole.history[list(CRITERIA)].isna().all(axis=None)
    truth = np.zeros(33, dtype=int)
    for name in CRITERIA:
        assert evaluation.epoch_rules(whole.target_predictions, truth, whole.history[name])["unsupervised"] == 3

    # a run that goes on from a checkpoint does not say it again
    monkeypatch.setattr(trainer, "CHECKPOINT_SECONDS", -1.0)
    write = run_state.RunState.save

    def then_stop(self, *args):
        write(self, *args)
        raise KeyboardInterrupt

    monkeypatch.setattr(run_state.RunState, "save", then_stop)
    with pytest.warns(CriterionWarning), pytest.raises(KeyboardInterrupt):
        Trainer(diverging, checkpoint=tmp_path / "run").fit(clouds(), 3)
    monkeypatch.setattr(run_state.RunState, "save", write)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        resumed = Trainer(diverging, checkpoint=tmp_path / "run").fit(clouds(), 3)
    assert resumed.history.drop(columns="seconds").equals(whole.history.drop(columns="seconds"))


def test_an_epoch_without_a_value_is_not_chosen_and_changes_no_other(monkeypatch):
    plain = Trainer(SMALL).fit(clouds(), 3)
    best = plain.history["infomax"].to_numpy().argmax()
    real, epochs = criteria.infomax, iter(range(4))
    monkeypatch.setitem(CRITERIA, "infomax", lambda p: real(p) if next(epochs) != best else np.nan)
    with pytest.warns(CriterionWarning, match=f"epoch {best + 1}: infomax cannot "):
        other = Trainer(SMALL).fit(clouds(), 3)
    assert np.array_equal(plain.target_predictions, other.target_predictions)
    states = [run.network.state_dict() for run in (plain, other)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    second = plain.history["infomax"].drop(index=best + 1).idxmax() - 1
    chosen = evaluation.epoch_rules(other.target_predictions, np.zeros(33, dtype=int), other.history["infomax"])
    assert chosen["unsupervised"] == second


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("tlmlda", {"learning_rate": 1e30}),
        ("only_cls", {"preset": "paper", "learning_rate": 1e38}),
        ("dbn_bp", {"hidden": (16, 12), "rbm_epochs": 1}),
        ("bp", {"hidden": (16, 12)}),
        ("ifn", {"learning_rate": 1e30}),
        ("ifn", {"learning_rate": 1e30, "transfer": "tlmlda"}),
    ],
)
def test_no_method_stops_at_a_criterion(name, options, monkeypatch):
    build = dbn_bp.build_network

    def broken(*args):  # sigmoid layers do not overflow at any rate
        network = build(*args)
        torch.nn.init.constant_(network[-1].bias, math.nan)
        return network

    monkeypatch.setattr(dbn_bp, "build_network", broken)
    rng = np.random.default_rng(0)
    X, domain = rng.normal(size=(60, 12)), np.repeat([1, -1], 30)
    clf = methods.make(name, options.pop("preset", None), random_state=0, epochs=3, **options)
    how = {"groups": np.arange(60) % 5, "voices": np.arange(60) % 2} if clf.requires_voices else {}
    with pytest.warns(CriterionWarning) as said:
        clf.fit(X, np.arange(60) % 3, sample_domain=domain, **({"groups": np.arange(60) % 5} | how))
    assert sum(issubclass(w.category, CriterionWarning) for w in said) == 1
    assert len(clf.history_) >= 1
    assert clf.history_.iloc[-1][list(CRITERIA)].isna().all()
    assert clf.target_predictions_.shape == (len(clf.history_), 30)


# Rows in blocks


@pytest.mark.parametrize("name", ["tlmlda", "dbn_bp", "ifn"])
def test_rows_that_are_shown_a_few_at_a_time_have_the_same_probabilities(name, monkeypatch):
    rng = np.random.default_rng(0)
    X, domain = rng.normal(size=(60, 12)), np.repeat([1, -1], 30)
    clf: DomainClassifier = methods.make(name, random_state=0, epochs=2)
    clf.fit(X, np.arange(60) % 3, sample_domain=domain, groups=np.arange(60) % 5)
    whole = clf.predict_proba(X)
    for module in (trainer, dbn_bp, methods.ifn.training):
        monkeypatch.setattr(module, "ROWS_AT_A_TIME", 7)
    np.testing.assert_allclose(clf.predict_proba(X), whole, rtol=0, atol=1e-6)
