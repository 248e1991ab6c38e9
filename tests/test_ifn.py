"""IFN as a classifier: streams by name and place, missing ones, transfer, and what its weights react to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as F
from test_features_streams import EGEMAPS, IS10, SPEAKER
from torch import nn

from tlmlda_lib import methods
from tlmlda_lib.errors import UserError
from tlmlda_lib.methods.ifn.fusion import FUSIONS
from tlmlda_lib.methods.ifn.options import PRESETS, columns_of, compact
from tlmlda_lib.methods.ifn.training import batch_losses

SMALL = {"hidden": 16, "code": 8, "gate": 8, "epochs": 12, "batch_size": 16, "learning_rate": 5e-3, "random_state": 0}
STREAMS = {"one": list(range(6)), "two": list(range(6, 12)), "three": list(range(12, 20))}


def domains(seed=0, n=(90, 60), spread=1.0):
    """X, y (target masked), domain, truth: three streams that all tell the class, the target shifted and wider."""
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(n[0]) % 3, rng.permutation(np.arange(n[1]) % 3)])
    X = 1.5 * np.random.default_rng(9).normal(size=(3, 20))[labels] + spread * rng.normal(size=(sum(n), 20))
    X[n[0] :] = 1.5 * X[n[0] :] + 2
    domain = np.repeat([1, -2], n)
    return X, np.where(domain > 0, labels, -1), domain, labels[n[0] :]


def ifn(**changes):
    return methods.make("ifn", **({"streams": STREAMS} | SMALL | changes))


# Streams


def test_default_streams_are_found_by_name_or_by_place():
    names = [*IS10, *SPEAKER, *EGEMAPS]
    named = columns_of(None, names, len(names))
    assert {s: len(c) for s, c in named.items()} == {
        "prosodic": 280,
        "acoustic": 1302,
        "resemblyzer": 256,
        "egemaps": 88,
    }
    placed = columns_of(None, None, 1582 + 256)
    assert {s: len(c) for s, c in placed.items()} == {"acoustic": 1302, "prosodic": 280, "deep": 256}
    for s in ("acoustic", "prosodic"):
        assert np.array_equal(placed[s], named[s])
    assert list(columns_of(None, None, 1582)) == ["acoustic", "prosodic"]
    assert {s: len(c) for s, c in columns_of(None, None, 20).items()} == {"all": 20}


def test_given_streams_are_places_or_names():
    found = columns_of({"a": ["x", "z"], "b": [1]}, ["x", "y", "z"], 3)
    assert {s: c.tolist() for s, c in found.items()} == {"a": [0, 2], "b": [1]}
    assert compact({"a": [0, 1, 2, 7, 9, 10], "b": ["x"]}) == (("a", "0-2 7 9-10"), ("b", "x"))
    again = columns_of(compact({"a": [0, 1, 2, 7, 9, 10]}), None, 12)
    assert again["a"].tolist() == [0, 1, 2, 7, 9, 10]
    assert compact({"a": np.r_[21:672, 735:1386]}) == (("a", "21-671 735-1385"),)


@pytest.mark.parametrize(
    ("streams", "words"),
    [
        ({"a": [0, 20]}, "column 20"),
        ({"a": []}, "at least one"),
        ({"a": [0], "b": [0]}, "in 'a' and in 'b'"),
        ({"a": ["loud"]}, "'loud'"),
        ({}, "names no stream"),
        (3, "give a name and columns"),
    ],
)
def test_wrong_streams_are_answered_in_one_sentence(streams, words):
    X, y, domain, _ = domains()
    with pytest.raises(UserError, match=words) as error:
        ifn(streams=streams).fit(X, y, domain)
    assert "\n" not in str(error.value)


def test_options_are_checked_and_described():
    assert methods.make("ifn").options() == PRESETS["default"]
    assert methods.make("ifn", streams=STREAMS).options().streams[0] == ("one", "0-5")
    for change in ({"fusion": "sum"}, {"transfer": "all"}, {"hidden": 0}, {"dropout": 1.0}, {"beta": -1}, {"clip": 0}):
        with pytest.raises(UserError, match=next(iter(change))):
            methods.make("ifn", **change).options()
    with pytest.raises(UserError, match="name each factor"):
        methods.make("ifn", alpha=(1, 2)).options()


# Weights


@pytest.mark.parametrize("fusion", FUSIONS)
def test_it_learns_and_its_weights_sum_to_1(fusion):
    X, y, domain, truth = domains()
    clf = ifn(fusion=fusion).fit(X, y, domain)
    assert (clf.predict(X[domain < 0]) == truth).mean() > 0.8
    a = clf.attention(X, sample_domain=domain)
    assert a.shape == (150, 3)
    np.testing.assert_allclose(a.sum(1), 1, atol=1e-12)
    assert {"gate_one", "gate_two", "gate_three", "loss_y", "infomax"} <= set(clf.history_)
    np.testing.assert_allclose(clf.history_.iloc[-1][["gate_one", "gate_two", "gate_three"]], a[domain < 0].mean(0))
    if fusion in ("mean", "concat"):
        np.testing.assert_allclose(a, 1 / 3)
    if fusion == "global":
        np.testing.assert_allclose(a, a[:1].repeat(150, 0), atol=1e-7)
    if fusion in ("attention", "multiplicative"):
        assert a.std(0).min() > 1e-3


@pytest.mark.parametrize("fusion", ["attention", "global"])
def test_weights_react_to_a_stream_of_noise(fusion):
    X, y, domain, _ = domains(n=(120, 60), spread=2.0)
    noisy = X.copy()
    noisy[:, 6:12] = np.random.default_rng(3).normal(size=(180, 6))
    change = {"fusion": fusion, "epochs": 40, "balance": 0.0, "batch_size": 60}
    whole = ifn(**change).fit(X, y, domain).attention(X[domain < 0]).mean(0)
    spoilt = ifn(**change).fit(noisy, y, domain).attention(noisy[domain < 0]).mean(0)
    assert spoilt[1] < whole[1] - 0.05
    assert spoilt[1] == spoilt.min()


def test_balance_holds_the_mean_weights_together():
    X, y, domain, _ = domains(n=(120, 60), spread=2.0)
    X[:, 6:12] = np.random.default_rng(3).normal(size=(180, 6))
    spread = [
        np.ptp(
            ifn(balance=b, epochs=40, batch_size=60)
            .fit(X, y, domain)
            .attention(X[domain > 0], sample_domain=domain[domain > 0])
            .mean(0)
        )
        for b in (0.0, 2.0)
    ]
    assert spread[1] < spread[0]


# Missing streams


def test_a_stream_that_is_missing_at_test_has_weight_0_and_no_effect():
    X, y, domain, truth = domains()
    clf = ifn().fit(X, y, domain)
    t = domain < 0
    without = clf.without(X[t], "two")
    assert np.isnan(without[:, 6:12]).all()
    assert not np.isnan(X).any()
    a = clf.attention(without)
    assert (a[:, 1] == 0).all()
    np.testing.assert_allclose(a.sum(1), 1, atol=1e-12)
    assert (clf.predict(without) == truth).mean() > 0.7
    # the same rows beside whole ones
    mixed = X[t].copy()
    mixed[::2] = without[::2]
    p = clf.predict_proba(mixed)
    np.testing.assert_allclose(p[::2], clf.predict_proba(without)[::2], atol=1e-6)
    np.testing.assert_allclose(p[1::2], clf.predict_proba(X[t])[1::2], atol=1e-6)
    with pytest.raises(UserError, match="use one of one, two, three"):
        clf.without(X, "four")


def test_a_stream_that_is_missing_in_training_counts_where_it_is():
    X, y, domain, truth = domains()
    some = X.copy()
    rows = np.random.default_rng(1).random(150) < 0.3
    some[np.ix_(rows, STREAMS["two"])] = np.nan
    clf = ifn().fit(some, y, domain)
    for d in (1, -2):  # statistics of those that have it
        here = (domain == d) & ~rows
        np.testing.assert_allclose(
            clf.scaler_.tables_[d, None][0],
            np.r_[X[domain == d].mean(0)[:6], X[here].mean(0)[6:12], X[domain == d].mean(0)[12:]],
        )
        np.testing.assert_allclose(clf.scaler_.tables_[d, None][1][6:12], X[here].std(0)[6:12])
    a = clf.attention(some, sample_domain=domain)
    assert (a[rows, 1] == 0).all()
    assert (a[~rows, 1] > 0).all()
    assert (clf.predict(some[domain < 0]) == truth).mean() > 0.8
    # a corpus without it altogether
    lacking = X.copy()
    lacking[np.ix_(domain < 0, STREAMS["two"])] = np.nan
    for transfer in ("none", "tlmlda"):
        clf = ifn(transfer=transfer).fit(lacking, y, domain)
        assert np.isfinite(clf.history_).all(axis=None)
        assert (clf.predict(lacking[domain < 0]) == truth).mean() > 0.7


def test_the_tag_says_that_streams_may_be_missing():
    assert ifn().__sklearn_tags__().input_tags.allow_nan
    assert not ifn(streams=None).__sklearn_tags__().input_tags.allow_nan


def test_half_a_stream_or_none_is_refused_where_it_is():
    X, y, domain, _ = domains()
    half = X.copy()
    half[4, 6:9] = np.nan
    none = X.copy()
    none[4] = np.nan
    for bad, place in ((half, "row 4, column 6"), (none, "row 4, column 0")):
        with pytest.raises(UserError, match=place):
            ifn().fit(bad, y, domain)
        with pytest.raises(UserError, match=place):
            ifn().fit(X, y, domain).predict(bad)


def test_a_frame_keeps_its_names():
    X, y, domain, _ = domains()
    frame = pd.DataFrame(X, columns=[*(f"whisper_{i:03d}" for i in range(12)), *(f"x{i}" for i in range(8))])
    clf = ifn(streams=None).fit(frame, y, domain)
    assert {s: c.tolist() for s, c in clf.streams_.items()} == {"whisper": [*range(12)], "other": [*range(12, 20)]}
    assert np.isnan(clf.without(frame, "whisper").iloc[:, :12]).all(axis=None)
    assert (clf.attention(clf.without(frame, "whisper"))[:, 0] == 0).all()
    named = ifn(streams={"a": list(frame.columns[:12]), "b": list(frame.columns[12:])}).fit(frame, y, domain)
    assert np.array_equal(named.predict_proba(frame), clf.predict_proba(frame))


# One stream, labels, transfer


def test_with_one_stream_every_gate_is_the_single_stream_network():
    X, y, domain, _ = domains()
    fitted = {f: ifn(fusion=f, streams=None).fit(X, y, domain) for f in FUSIONS}
    first = fitted["mean"].predict_proba(X)
    for name in ("concat", "global", "attention"):
        assert np.array_equal(fitted[name].predict_proba(X), first)
        assert (fitted[name].attention(X) == 1).all()
    assert (fitted["multiplicative"].attention(X) == 1).all()


def test_one_stream_trains_as_a_plain_network_bit_for_bit():
    X, y, domain, _ = domains()
    clf = ifn(streams=None).fit(X, y, domain)
    scaled = np.clip(clf.scaler_.transform(X, sample_domain=domain), -5, 5)
    x, labels = torch.as_tensor(scaled, dtype=torch.float32), torch.as_tensor(y[domain > 0])
    first, later = (int(n) for n in np.random.SeedSequence(0).generate_state(2))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(first)
        layers = [nn.Linear(20, 16), nn.LayerNorm(16), nn.GELU(), nn.Dropout(0.3), nn.Linear(16, 8), nn.LayerNorm(8)]
        encoder, beside, head = nn.Sequential(*layers), nn.Linear(8, 3), nn.Linear(8, 3)
        net = nn.ModuleList([encoder, beside, head])
        torch.manual_seed(later)
        optimizer = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=1e-2, fused=True)
        for epoch in range(12):
            again = np.random.default_rng([0, epoch])
            order = np.concatenate([again.permutation(90), again.permutation(90)])[:96]
            for i in order.reshape(6, 16):
                h = encoder(x[domain > 0][i])
                loss = F.cross_entropy(head(h), labels[i]) + 0.3 * (
                    F.cross_entropy(beside(h), labels[i], reduction="none").sum() / 16
                )
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        net.eval()
        with torch.no_grad():
            expected = torch.softmax(head(encoder(x)).double(), 1).numpy()
    assert np.array_equal(clf.predict_proba(X, sample_domain=domain), expected)


@pytest.mark.parametrize("transfer", ["none", "tlmlda"])
@pytest.mark.parametrize("fusion", FUSIONS)
def test_target_labels_change_no_bit(fusion, transfer):
    X, y, domain, truth = domains()
    change = {"fusion": fusion, "transfer": transfer, "epochs": 3}
    reference = ifn(**change).fit(X, y, domain)
    for labels in (truth, np.random.default_rng(0).permutation(truth), 17):
        given = y.copy()
        given[domain < 0] = labels
        other = ifn(**change).fit(X, given, domain)
        assert np.array_equal(other.target_predictions_, reference.target_predictions_)
        for a, b in zip(other.network_.state_dict().values(), reference.network_.state_dict().values(), strict=True):
            assert torch.equal(a, b)


def test_the_alignment_rises_if_it_is_told_to():
    X, y, domain, _ = domains()
    how = {"transfer": "tlmlda", "update": "constant", "alpha": {"y": 1.0, "MMD": 2.0, "LMMD": 0.5}}
    flat, rising = (ifn(ramp=ramp, **how).fit(X, y, domain).history_ for ramp in (False, True))
    np.testing.assert_allclose(flat["weight_MMD"], 2)
    steps, epochs = 6, 12  # 90 rows in batches of 16
    progress = (np.arange(epochs)[:, None] + np.arange(steps) / steps) / epochs
    expected = (2 / (1 + np.exp(-10 * progress)) - 1).mean(1)
    np.testing.assert_allclose(rising["weight_MMD"], 2 * expected)
    np.testing.assert_allclose(rising["weight_LMMD"], expected / 2)
    np.testing.assert_allclose(rising["weight_T"], 1)


def test_noise_is_heard_in_training_and_not_rebuilt():
    clf = ifn(transfer="tlmlda", epochs=1, dropout=0.0, stream_dropout=0.0).fit(*domains()[:3])
    network, x, m = clf.network_.train(), torch.randn(12, 20), torch.ones(12, 3, dtype=torch.bool)
    source, target = (x[:8], m[:8], torch.arange(8) % 3), (x[8:], m[8:])
    torch.manual_seed(3)
    terms = batch_losses(network, source, target, replace(clf.options_, noise_std=0.7))
    torch.manual_seed(3)
    noisy = x + 0.7 * torch.randn(12, 20)
    rebuilt = network.decoder(network(noisy, m).z)
    assert terms["S"].item() == pytest.approx(((rebuilt[:8] - x[:8]) ** 2).mean().item(), rel=1e-6)
    assert terms["T"].item() == pytest.approx(((rebuilt[8:] - x[8:]) ** 2).mean().item(), rel=1e-6)
    X, y, domain, _ = domains()
    noisy = ifn(noise_std=1.0).fit(X, y, domain)
    assert np.array_equal(noisy.predict_proba(X), noisy.predict_proba(X))
    assert not np.array_equal(noisy.predict_proba(X), ifn().fit(X, y, domain).predict_proba(X))


def test_transfer_has_five_losses_and_brings_the_domains_together(tmp_path):
    X, y, domain, truth = domains()
    clf = ifn(transfer="tlmlda").fit(X, y, domain)
    names = ("S", "T", "y", "MMD", "LMMD")
    assert {f"{kind}_{name}" for kind in ("loss", "weight") for name in names} <= set(clf.history_)
    first = clf.history_.iloc[0]
    assert [first[f"weight_{name}"] for name in names] == pytest.approx([0.2, 0.2, 0.6, 0.2, 0.2])
    second, total = clf.history_.iloc[1], sum(first[f"loss_{name}"] for name in names)
    for name, alpha in zip(names, (1, 1, 3, 1, 1), strict=True):  # equation 6 on the epoch before
        assert second[f"weight_{name}"] == pytest.approx(alpha * first[f"loss_{name}"] / total)
    assert clf.history_["loss_S"].iloc[-1] < first["loss_S"]
    assert (clf.predict(X[domain < 0]) == truth).mean() > 0.8
    clf.save(tmp_path / "m")
    loaded = methods.load(tmp_path / "m")
    assert np.array_equal(loaded.predict_proba(X), clf.predict_proba(X))
    assert np.array_equal(loaded.attention(X), clf.attention(X))
    assert list(loaded.streams_) == list(STREAMS)
    alone = ifn(transfer="tlmlda").fit(X[domain > 0], y[domain > 0])
    assert {c for c in alone.history_ if c.startswith("loss")} == {"loss_S", "loss_y"}
