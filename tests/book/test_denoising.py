"""Chapter 2.1: the explorable as a Python object, and what its checks tell apart."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tlmlda_lib import losses
from tlmlda_lib.book import checks as teaching
from tlmlda_lib.book.checks import denoising as noise
from tlmlda_lib.book.explorables import Denoising
from tlmlda_lib.book.explorables.denoising import NOISE, layers_of
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
        ({"mean": np.full(5, np.nan)}, "a number that is none"),
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
        teaching.check_units(value)
        assert says in capsys.readouterr().out
    for value, says in (([truth[0], 1, 2], "not right yet: sum, printed"), (truth[0], "shape ()")):
        teaching.check_units(value)
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
    teaching.check_noise(answer)
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
    teaching.check_rebuild(rebuild)
    assert says in capsys.readouterr().out
