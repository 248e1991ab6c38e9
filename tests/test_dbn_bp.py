"""DBN + BP: what is pre-trained on what, the epoch that is kept, and the control without pre-training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tlmlda_lib import methods
from tlmlda_lib.errors import UserError
from tlmlda_lib.methods import BP, DBNBP
from tlmlda_lib.methods.dbn import classifier as dbn_bp
from tlmlda_lib.methods.dbn import rbm
from tlmlda_lib.methods.dbn.classifier import StoppingWarning
from tlmlda_lib.methods.dbn.options import PRESETS
from tlmlda_lib.methods.folds import source_folds
from tlmlda_lib.training import criteria

SMALL = {"hidden": (16, 12), "rbm_epochs": 4, "batch_size": 16}


def domains(seed=0, n=(60, 45), d=12):
    rng = np.random.default_rng(seed)
    labels = np.arange(sum(n)) % 3
    X = 2 * rng.normal(size=(3, d))[labels] + rng.normal(size=(sum(n), d))
    X[n[0] :] += 1
    speakers = np.arange(sum(n)) // 3 % 5
    return X, np.where(np.arange(sum(n)) < n[0], labels, -1), np.repeat([1, -2], n), speakers, labels[n[0] :]


def fitted(kind=DBNBP, **options):
    X, y, domain, speakers, _ = domains()
    return kind(random_state=0, **(SMALL | options)).fit(X, y, sample_domain=domain, groups=speakers)


@pytest.mark.parametrize(("scaling", "kinds"), [("minmax", [False, False]), ("zscore", [True, False])])
def test_each_machine_is_trained_on_both_domains_and_the_layer_below(scaling, kinds, monkeypatch):
    seen = []
    real = rbm.train

    def spy(x, hidden, **how):
        machine, errors = real(x, hidden, **how)
        seen.append((x, machine, how))
        return machine, errors

    monkeypatch.setattr(dbn_bp, "train_rbm", spy)
    X, y, domain, speakers, _ = domains()
    clf = DBNBP(random_state=0, scaling=scaling, **SMALL).fit(X, y, sample_domain=domain, groups=speakers)
    scaled = clf.scaler_.transform(X, sample_domain=domain)
    np.testing.assert_allclose(seen[0][0], scaled, atol=1e-6)  # every row, of source and target
    np.testing.assert_allclose(seen[1][0], seen[0][1].hidden(seen[0][0]), atol=1e-6)
    assert [how["gaussian"] for *_, how in seen] == kinds
    assert [how["learning_rate"] for *_, how in seen] == [0.001 if g else 0.05 for g in kinds]
    assert [len(e) for e in clf.reconstruction_] == [4, 4]


def test_pre_trained_layers_begin_as_the_machines_and_compute_the_same():
    o = PRESETS["fast"]
    x = torch.rand(50, 7)
    network = dbn_bp.build_network(o, 7, 3)
    before = [p.clone() for p in network[-1].parameters()]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        dbn_bp.pretrain(network, x, o)
        torch.manual_seed(0)
        expected = x
        for width in o.hidden:
            machine, _ = rbm.train(expected, width, gaussian=False, epochs=30, learning_rate=0.05, batch_size=64)
            expected = machine.hidden(expected)
    torch.testing.assert_close(network[:-1](x), expected)
    for old, new in zip(before, network[-1].parameters(), strict=True):
        assert torch.equal(old, new)


def test_the_control_differs_in_pre_training_alone():
    assert methods.make("bp", "full").options() == replace(PRESETS["full"], pretrain=False)
    assert methods.make("dbn_bp", "full").options() == PRESETS["full"]
    assert PRESETS["full"].hidden == (1000, 1000, 2000)
    clf = fitted(BP)
    assert clf.reconstruction_ == []
    assert not np.array_equal(fitted().network_[0][0].weight.detach(), clf.network_[0][0].weight.detach())


def test_the_epoch_with_the_lowest_loss_on_held_out_speakers_is_kept():
    X, y, domain, speakers, _ = domains()
    rng = np.random.default_rng(0)
    noisy = y.copy()  # labels that cannot be learnt, so that the held-out loss soon rises
    noisy[domain > 0] = rng.integers(0, 3, (domain > 0).sum())
    how = SMALL | {"epochs": 60}
    clf = BP(random_state=0, patience=5, **how).fit(X, noisy, sample_domain=domain, groups=speakers)
    longer = BP(random_state=0, patience=60, **how).fit(X, noisy, sample_domain=domain, groups=speakers)
    kept = len(clf.history_)
    assert kept < 55
    losses = clf.history_["loss_validation"]
    assert losses.idxmin() == kept
    assert clf.target_predictions_.shape == (kept, 45)
    # the same run with more patience went through the same epochs
    shared = min(kept, len(longer.history_))
    assert np.array_equal(longer.target_predictions_[:shared], clf.target_predictions_[:shared])
    # the loss of the network that was kept, from its own probabilities, on speakers it was not trained on
    s = domain > 0
    train, held_out = source_folds(noisy[s], speakers[s])[0][0]
    assert not set(speakers[s][train]) & set(speakers[s][held_out])
    p = clf.predict_proba(X[s][held_out], sample_domain=domain[s][held_out])
    expected = -np.log(p[np.arange(len(held_out)), noisy[s][held_out]]).mean()
    assert losses.iloc[-1] == pytest.approx(expected, rel=1e-5)


def test_history_has_the_criteria_of_the_last_network():
    X, _, domain, _, truth = domains()
    clf = fitted(BP)
    p = clf.predict_proba(X[domain < 0])
    for name, criterion in criteria.CRITERIA.items():
        assert clf.history_[name].iloc[-1] == pytest.approx(criterion(p), rel=1e-5)
    assert len(clf.target_predictions_) == len(clf.history_)
    assert (clf.target_predictions_[-1] == truth).mean() > 0.8


def test_seeds_decide_everything_and_leave_the_users_generator_alone():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one, same, other = fitted(), fitted(), fitted(BP)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(one.network_[0][0].weight, same.network_[0][0].weight)
    X, y, domain, speakers, _ = domains()
    third = DBNBP(random_state=1, **SMALL).fit(X, y, sample_domain=domain, groups=speakers)
    assert not torch.equal(one.network_[0][0].weight, third.network_[0][0].weight)
    assert other.network_[0][0].weight.shape == one.network_[0][0].weight.shape


def test_without_speakers_or_folds_it_says_how_the_epoch_was_chosen():
    X, y, domain, *_ = domains()
    with pytest.warns(StoppingWarning, match="shares speakers"):
        DBNBP(**SMALL).fit(X, y, sample_domain=domain)
    few = np.r_[0:3, 60:70]
    with pytest.warns(StoppingWarning, match="all epochs are trained"):
        clf = DBNBP(epochs=4, **SMALL).fit(X[few], y[few], sample_domain=domain[few])
    assert len(clf.history_) == 4
    assert "loss_validation" not in clf.history_


def test_a_machine_that_diverges_is_named(monkeypatch):
    real = rbm.train

    def diverging(*args, **how):
        machine, errors = real(*args, **how)
        machine.W[0, 0] = float("nan")
        return machine, errors

    monkeypatch.setattr(dbn_bp, "train_rbm", diverging)
    with pytest.raises(UserError, match="layer 1 diverged"):
        fitted(scaling="zscore")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"preset": "huge"}, "'huge'"),
        ({"scaling": "robust"}, "'robust'"),
        ({"within": "room"}, "'room'"),
        ({"hidden": ()}, r"hidden=\(\)"),
        ({"epochs": 0}, "epochs=0"),
    ],
)
def test_a_wrong_option_is_named(options, words):
    with pytest.raises(UserError, match=words):
        fitted(**options)
