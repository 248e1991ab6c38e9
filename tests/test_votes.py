"""A vote is the mean of its members; self-training learns from the target's own most certain rows."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from tlmlda_lib import methods
from tlmlda_lib.methods.votes import confident
from tlmlda_lib.training import checkpoints

FAST = {"preset": "quick", "epochs": 4}


@pytest.fixture(scope="module")
def domains() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1, 2], 30)
    means = 2 * rng.normal(size=(3, 8))
    Xs, Xt = (means[codes] + rng.normal(size=(90, 8)) for _ in range(2))
    X = np.concatenate([Xs, Xt + 3])
    return X, np.concatenate([codes, np.full(90, -1)]), np.repeat([1, -1], 90)


def test_a_vote_is_the_mean_of_five_that_differ_by_their_seed(domains) -> None:
    X, y, domain = domains
    vote = methods.make("tlmlda_vote", random_state=1, **FAST).fit(X, y, sample_domain=domain)
    alone = [methods.make("tlmlda", random_state=seed, **FAST).fit(X, y, sample_domain=domain) for seed in range(5, 10)]
    mean = np.mean([clf.predict_proba(X[domain < 0]) for clf in alone], axis=0)
    np.testing.assert_allclose(vote.predict_proba(X[domain < 0]), mean, atol=1e-12)
    assert np.array_equal(vote.target_predictions_, mean.argmax(1)[None])
    assert len({clf.target_predictions_.tobytes() for clf in alone}) > 1


def test_self_training_is_the_rule_by_hand(domains) -> None:
    X, y, domain = domains
    clf = methods.make("tlmlda_self", random_state=0, **FAST).fit(X, y, sample_domain=domain)
    kinds = ["tlmlda"] * 3 + ["only_cls"] * 2
    alone = [methods.make(kind, random_state=i, **FAST).fit(X, y, sample_domain=domain) for i, kind in enumerate(kinds)]
    target = X[domain < 0]
    p = np.mean([one.predict_proba(target) for one in alone], axis=0)
    z = (target - target.mean(0)) / target.std(0)
    for _ in range(2):
        kept = []
        for code in range(3):
            rows = [i for i in range(len(p)) if p[i].argmax() == code]
            rows.sort(key=lambda i: -p[i].max())
            kept += rows[: round(0.6 * len(rows))]
        kept.sort()
        lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(z[kept], p[kept].argmax(1))
        p = (p + lda.predict_proba(z)) / 2
    np.testing.assert_allclose(clf.predict_proba(target), p, atol=1e-6)
    assert np.array_equal(clf.target_predictions_[0], p.argmax(1))


def test_confident_takes_a_share_of_each_class_that_is_named() -> None:
    p = np.array([[0.9, 0.1, 0], [0.8, 0.2, 0], [0.6, 0.4, 0], [0.3, 0.7, 0], [0.51, 0.49, 0]])
    assert confident(p, 0.5).tolist() == [0, 1, 3]
    assert confident(p, 1.0).tolist() == [0, 1, 2, 3, 4]
    assert confident(np.empty((0, 3)), 0.5).tolist() == []


@pytest.mark.parametrize("name", ["tlmlda_vote", "tlmlda_self"])
def test_what_was_saved_says_the_same(domains, tmp_path, name: str) -> None:
    X, y, domain = domains
    clf = methods.make(name, **FAST).fit(X, y, sample_domain=domain)
    clf.save(tmp_path / "m.safetensors")
    again = methods.load(tmp_path / "m.safetensors")
    assert np.array_equal(again.predict_proba(X), clf.predict_proba(X))


def test_without_a_target_there_is_nothing_to_learn_from_it(domains) -> None:
    X, y, domain = domains
    clf = methods.make("tlmlda_self", **FAST).fit(X[domain > 0], y[domain > 0])
    assert clf.ldas_ == []
    assert clf.target_predictions_.shape == (1, 0)


def test_networks_fitted_apart_vote_and_are_saved_as_one(domains, tmp_path) -> None:
    X, y, domain = domains
    alone = [methods.make("only_cls", random_state=k, **FAST).fit(X, y, sample_domain=domain) for k in range(3)]
    vote = methods.TLMLDAVote.of(alone)
    mean = np.mean([clf.predict_proba(X) for clf in alone], axis=0)
    np.testing.assert_allclose(vote.predict_proba(X), mean, atol=1e-12)
    vote.save(tmp_path / "m.safetensors")
    again = methods.load(tmp_path / "m.safetensors")
    assert len(again.members_) == 3
    assert np.array_equal(again.predict_proba(X), vote.predict_proba(X))


def test_networks_that_were_finished_before_an_interruption_are_not_trained_again(
    domains, tmp_path, monkeypatch
) -> None:
    X, y, domain = domains
    file = tmp_path / "run-1.safetensors"
    of_another = tmp_path / "run-10.safetensors"
    of_another.touch()
    whole = methods.make("tlmlda_vote", random_state=0, **FAST).fit(X, y, sample_domain=domain, checkpoint=file)
    kept = {f.name for f in tmp_path.iterdir()}
    assert kept == {of_another.name, *(f"run-1.{i}.safetensors" for i in range(5))}
    with monkeypatch.context() as patch:
        patch.setattr("tlmlda_lib.training.trainer.batch_losses", None)  # a step of training would call it
        again = methods.make("tlmlda_vote", random_state=0, **FAST).fit(X, y, sample_domain=domain, checkpoint=file)
    assert np.array_equal(again.predict_proba(X), whole.predict_proba(X))
    checkpoints.remove(file)
    assert list(tmp_path.iterdir()) == [of_another]
