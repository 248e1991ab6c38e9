"""Chapter 2.7: what its checks distinguish, and what the page says of a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from tlmlda_lib.book import checks
from tlmlda_lib.book.checks import training
from tlmlda_lib.book.pages import training as sentences
from tlmlda_lib.domains import load_pair
from tlmlda_lib.training.options import FIVE


def test_the_slips_of_the_loop_are_told_apart() -> None:
    rng = np.random.default_rng(0)
    theta = torch.tensor([1.5, -1.0, 0.5], dtype=torch.float64)
    epochs = [[torch.tensor(rng.normal(size=(4, 3))) for _ in range(3)] for _ in range(training.EPOCHS)]
    ends = torch.stack([training._fitted(theta, epochs, how) for how in ("right", *training._SLIPS)])
    apart = torch.cdist(ends, ends) + torch.eye(len(ends))
    assert apart.min() > 1e-3


@pytest.mark.parametrize("how", list(training._SLIPS))
def test_each_slip_of_the_loop_is_named(how: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_loop(lambda theta, epochs, losses_of, alpha, rate: training._fitted(theta, epochs, how))
    assert training._SLIPS[how] in capsys.readouterr().out


@pytest.mark.parametrize(
    ("fit", "says"),
    [
        (lambda theta, *_: theta, "was a step taken"),
        (lambda theta, epochs, *_: training._fitted(theta, epochs[:1]), "stops after the first epoch"),
        (lambda theta, *_: theta + 1, "check the first epoch"),
        (lambda theta, *_: theta * 1e6, "downhill"),
        (lambda theta, *_: theta[:2], "gave (2,)"),
        (lambda theta, *_: 3, "gave int"),
    ],
)
def test_loops_that_are_none(fit: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_loop(fit)
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("noise_of", "says"),
    [
        (lambda seed, epoch, shape: np.random.default_rng(epoch).normal(size=shape), "seeds 7 and 8"),
        (lambda seed, epoch, shape: np.random.default_rng(sorted([seed, epoch])).normal(size=shape), "swapped"),
        (lambda seed, epoch, shape: np.random.default_rng([seed, epoch]).uniform(size=shape), "it should be 0 and 1"),
        (lambda seed, epoch, shape: np.zeros(3), "shape (3,)"),
        (lambda seed, epoch, shape: torch.randn(shape), "draws different noise"),
    ],
)
def test_noise_that_does_not_resume(noise_of: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_resume(noise_of)
    assert says in capsys.readouterr().out


def test_strangers_are_other_speakers(capsys: pytest.CaptureFixture[str]) -> None:
    pair = load_pair("e2d", progress=False)
    test = np.isin(pair.speakers, ["made-de/f1", "made-de/m1"])
    women = pair.target & (np.array(pair.genders) == "female")
    half = pair.target.copy()
    half[::2] = False
    for train, tested, says in (
        (~test, test, "2.7.3 passed. 2 speakers stay strangers"),
        (~half, half, "are in both, the first is made-de/"),
        (~women, women, "are all"),
        (~pair.target, pair.target, "nothing to align"),
        (~test, ~pair.target, "rows of the source; only target"),
        (pair.target & ~test, test, "rows of the source are missing"),
        (~test, np.zeros_like(test), "test has no row"),
        (~test, test[:3], "test has shape (3,)"),
        (~test, test.astype(float), "float64"),
    ):
        checks.check_strangers(train, tested)
        assert says in capsys.readouterr().out


# What the page computes


def test_first_and_last_epoch_and_that_all_fell() -> None:
    history = pd.DataFrame({f"loss_{name}": [2.0, 9.0, 0.5] for name in FIVE})
    words = sentences.first_and_last(history, 4).data
    assert "fell from 2.00 to 0.50, where knowing nothing costs 1.39, and MMD from 2.000 to 0.500" in words
    for name, last in (("y", 1.1), ("S", 2.1), ("MMD", 2.0)):
        worse = history.copy()
        worse.loc[2, f"loss_{name}"] = last
        with pytest.raises(AssertionError):
            sentences.first_and_last(worse, 4)


def test_shares_of_the_first_and_the_last_epoch() -> None:
    history = pd.DataFrame({f"loss_{name}": [1.0, 1.0] for name in FIVE})
    history["loss_y"], history["loss_S"] = [4.0, 1.0], [1.0, 4.0]
    words = sentences.who_is_heard(history).data
    assert words.startswith("**Notice.** ")
    assert "from 50 % in the first epoch to 12 % in the last, and the reconstruction S rises from 12 % to 50 %" in words
    with pytest.raises(AssertionError):
        sentences.who_is_heard(history[::-1])
