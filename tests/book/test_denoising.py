"""Chapter 2.1: the explorable as a Python object, and what its checks tell apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tlmlda_lib import losses
from tlmlda_lib.book import checks
from tlmlda_lib.book.checks import denoising as noise
from tlmlda_lib.book.explorables import Denoising
from tlmlda_lib.book.explorables.denoising import NOISE, layers_of
from tlmlda_lib.book.pages import denoising as page
from tlmlda_lib.errors import UserError
from tlmlda_lib.networks import DenoisingAutoencoder


def network(n_features: int = 5, **how: Any) -> DenoisingAutoencoder:
    """A small network whose BatchNorm has seen something."""
    torch.manual_seed(1)
    one = DenoisingAutoencoder(n_features, (4, 3), **how)
    with torch.no_grad():
        for module in one.modules():
            if isinstance(module, nn.BatchNorm1d):
                nn.init.uniform_(module.weight, 0.5, 2)
                nn.init.uniform_(module.bias, -1, 1)
        for _ in range(20):
            one(torch.randn(30, n_features))
    return one.eval()


GIVEN: dict[str, Any] = {
    "networks": {0: network(), 0.3: network()},
    "clean": np.linspace(0, 1, 10).reshape(2, 5),
    "mean": np.full(5, 0.5),
    "labels": ["one", "two"],
    "groups": {"a": 2, "b": 3},
}


def folded(layers: list[dict[str, Any]], x: np.ndarray) -> np.ndarray:
    """What the page computes from the state that it gets."""
    activate = {
        "elu": lambda v: np.where(v > 0, v, np.expm1(np.minimum(v, 0))),
        "sigmoid": lambda v: 1 / (1 + np.exp(-v)),
        "relu": lambda v: np.maximum(v, 0),
        "linear": lambda v: v,
    }
    for layer in layers:
        x = activate[layer["activation"]](x @ np.array(layer["weight"]).T + np.array(layer["bias"]))
    return x


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"decoder_activation": "elu", "output_activation": "linear", "dropout": 0},
        {"encoder_activation": "relu", "norm": "separate", "norm_output": True},
    ],
)
def test_folded_layers_are_the_network_in_evaluation_mode(how: dict[str, Any]) -> None:
    one = network(**how)
    x = torch.randn(20, 5)
    with torch.no_grad():
        rebuilt = one(x)[1]
    assert rebuilt is not None
    layers = layers_of(one, 5)
    assert len(layers) == 4
    assert np.abs(folded(layers, x.double().numpy()) - rebuilt.numpy()).max() < 1e-5


def test_state_is_plain() -> None:
    state = Denoising(**GIVEN, trained=0.3, noise=1.0).get_state()
    assert list(state["layers"]) == ["0", "0.3"]
    assert (state["trained"], state["noise"], state["steps"]) == ("0.3", 1.0, list(NOISE))
    assert state["groups"] == [["a", 2], ["b", 3]]
    assert json.dumps({k: state[k] for k in ("layers", "clean", "mean", "labels", "groups")})
    assert "function render(" in state["_esm"]
    assert ".tl-noise" in state["_css"]


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"clean": np.zeros(5)}, r"clean has shape \(5,\)"),
        ({"clean": np.zeros((1, 81))}, r"\(1, 81\)"),
        ({"mean": np.zeros(4)}, r"mean has shape \(4,\)"),
        ({"mean": np.full(5, np.nan)}, "a value that is not finite"),
        ({"labels": ["one"]}, "labels names 1"),
        ({"groups": {"a": 2}}, "groups counts 2"),
        ({"noise": 0.25}, "noise=0.25 is not known: use one of 0.0, 0.02"),
        ({"trained": 2}, "trained=2"),
        ({"networks": {}}, "networks is empty"),
        ({"networks": {0: network(decoder=False)}}, "no decoder"),
        ({"networks": {0: network(6)}}, "takes 6 features and gives 6"),
        ({"networks": {0: network(norm="domain")}}, "DomainBatchNorm"),
    ],
)
def test_denoising_says_what_is_wrong(changed: dict[str, Any], word: str) -> None:
    with pytest.raises(UserError, match=word):
        Denoising(**{**GIVEN, **changed})


# Exercises


def test_the_slips_of_one_error_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    slips = noise._slips(noise.CLEAN, noise.NOISY, noise.REBUILT)
    truth = [
        losses.reconstruction(torch.tensor(noise.REBUILT), torch.tensor(noise.CLEAN), units=unit).item()
        for unit in noise.UNITS
    ]
    answers = [truth, *slips.values()]
    for i, one in enumerate(answers):
        assert not any(np.allclose(one, other, rtol=1e-2) for other in answers[:i])
    for says, value in slips.items():
        checks.check_units(value)
        assert says in capsys.readouterr().out
    for value, says in (([truth[0], 1, 2], "not right yet: sum, printed"), (truth[0], "shape ()")):
        checks.check_units(value)
        assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda x, db: np.sqrt(x.var(0, ddof=1).mean() / 10 ** (db / 10)), "2.1.2 passed"),
        (lambda x, db: np.sqrt(x.var(0).mean() * 10 ** (db / 10)), "more decibels mean less noise"),
        (lambda x, db: np.sqrt(x.var() / 10 ** (db / 10)), "over all entries at once"),
        (lambda x, db: np.sqrt(x.var(0).mean()) / 10 ** (db / 10), "here they are one in σ"),
        (lambda x, db: x.std(0).mean() / 10 ** (db / 10), "where did the variance go"),
        (lambda x, db: -1, "positive"),
        (lambda x, db: 7, "too loud"),
        (lambda x, db: x.std(0), "a single number"),
    ],
)
def test_decibels_name_the_slip(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_noise(answer)
    assert says in capsys.readouterr().out


def trained(train: np.ndarray, noisy: np.ndarray, std: float) -> np.ndarray:
    """A network, in place of the line."""
    torch.manual_seed(0)
    x = torch.tensor(train, dtype=torch.float32)
    one = DenoisingAutoencoder(100, (32, 8), decoder_activation="elu", output_activation="linear", dropout=0)
    adam = torch.optim.Adam(one.parameters(), lr=5e-3)
    for _ in range(600):
        loss = losses.reconstruction(one(x + std * torch.randn_like(x))[1], x)
        adam.zero_grad()
        loss.backward()
        adam.step()
    return one.eval()(torch.tensor(noisy, dtype=torch.float32))[1].detach().numpy()


@pytest.mark.parametrize(
    ("rebuild", "says"),
    [
        (trained, "2.1.3 passed"),
        (lambda train, noisy, std: (noisy + train.mean(0)) / 2, "at σ = 0.1 your error"),
        (lambda train, noisy, std: noisy[:5], "shape (5, 100)"),
        (lambda train, noisy, std: noisy / 0 * 0, "NaN"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_rebuilders_of_every_kind(rebuild: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_rebuild(rebuild)
    assert says in capsys.readouterr().out


# What the page computes: linear networks, whose errors follow from variances


MEAN, SPREAD = 0.5, 0.2


def part_of_the_way(noise: float) -> Callable[[torch.Tensor], tuple[None, torch.Tensor]]:
    """The best line for features without a common direction: what is rebuilt goes a part of the way from the mean."""
    kept = SPREAD**2 / (SPREAD**2 + noise**2)
    return lambda x: (None, MEAN + kept * (x - MEAN))


def speech(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(MEAN, SPREAD, (400, 30))


def test_error_is_that_of_the_rebuilt_and_repeatable() -> None:
    x = speech(0)
    assert page.error(lambda noisy: (None, noisy), x, 0.3) == pytest.approx(0.3**2, rel=0.02)
    assert page.error(lambda noisy: (None, torch.full_like(noisy, MEAN)), x, 0.3) == pytest.approx(
        ((x - MEAN) ** 2).mean(), rel=1e-5
    )
    found = page.error(part_of_the_way(0.3), x, 0.3, draws=3)
    assert found == page.error(part_of_the_way(0.3), x, 0.3, draws=3)
    assert found == pytest.approx(SPREAD**2 * 0.3**2 / (SPREAD**2 + 0.3**2), rel=0.05)


def test_each_network_has_to_be_the_best_at_its_own_noise() -> None:
    networks = {s: part_of_the_way(s) for s in page.NOISE}
    words = page.own_noise(networks, speech(0), speech(1)).data
    assert words.startswith("**Notice.** ")
    assert "at σ = 0.3 its error is 0.090, and that of the network trained for it 0.028" in words
    with pytest.raises(AssertionError):
        page.own_noise(networks | {0.1: networks[1], 1: networks[0.1]}, speech(0), speech(1))


def test_beside_the_mean_is_in_decibels_and_percent() -> None:
    x = np.array([[0.0, 0.2], [0.4, 0.6]])  # variance 0.04
    rebuilt, lines = {0.05: 0.01, 1: 0.02}, {0.05: 0.004, 1: 0.03}
    words = page.beside_the_mean(x, 0.08, rebuilt, lines).data
    assert "25 times the variance of a feature: a signal-to-noise ratio of −14.0 dB" in words
    assert "the network removes 75 % of the mean's error" in words
    for features, flat, own in ((x, 0.03, rebuilt), (x, 0.08, rebuilt | {0.05: 0.003}), (2 * x, 0.08, rebuilt)):
        with pytest.raises(AssertionError):
            page.beside_the_mean(features, flat, own, lines)


def test_what_passes_the_noise_is_counted_by_hand() -> None:
    parts = {
        "emotion": np.array([6.0, 1.0, 0.5, 0.1]),
        "speaker": np.array([1.0, 2.0, 0.5, 0.2]),
        "sentence": np.array([1.0, 0.5, 1.0, 0.2]),
    }
    parts["the rest"] = np.array([0.0, 0.5, 0.0, 0.1])
    variances = np.array([8.0, 4.0, 2.0, 0.6])
    kept = [8 / 9, 4 / 5, 2 / 3, 0.6 / 1.6]
    passed = sum(v * k**2 for v, k in zip(variances, kept, strict=True))
    emotion = sum(e * k**2 for e, k in zip(parts["emotion"], kept, strict=True))
    words = page.what_passes(7, variances, parts).data
    assert words.startswith("Only 3 of 7 directions have more variance than the noise. ")
    assert "mostly emotion (75 %), the second speaker (50 %), the third sentence (50 %)" in words
    assert f"{100 * 7.6 / 14.6:.0f} % lies between emotions" in words
    assert f"passes the noise, {100 * emotion / passed:.0f} %." in words
    with pytest.raises(AssertionError):
        page.what_passes(7, variances, parts | {"emotion": parts["speaker"], "speaker": parts["emotion"]})
