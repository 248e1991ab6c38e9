"""Chapter 2.5: what the page says of losses and weights, on losses made up here."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from tlmlda_lib.book.pages import weighting as page
from tlmlda_lib.training.options import FIVE, PRINTED

FIRST = dict(zip(FIVE, (0.1, 0.2, 1.6, 0.1, 0.5), strict=True))
LAST = dict(zip(FIVE, (0.05, 0.06, 0.2, 0.02, 0.4), strict=True))
HISTORY = pd.DataFrame([{f"loss_{k}": v for k, v in row.items()} for row in (FIRST, FIRST, LAST)])


def test_share_is_of_all_weights() -> None:
    alpha = dict(zip(FIVE, (1, 1, 3, 1, 2), strict=True))
    weighed = {k: alpha[k] * LAST[k] for k in FIVE}
    assert page.share("y", LAST, alpha) == pytest.approx(weighed["y"] / sum(weighed.values()))
    assert page.losses_at(HISTORY, -1) == LAST


def test_negative_slopes_are_those_of_autograd() -> None:
    for losses in (FIRST, LAST):
        values = torch.tensor(list(losses.values()), dtype=torch.float64, requires_grad=True)
        (values / values.sum() * values).sum().backward()
        assert page.negative_slopes(losses) == [k for k, g in zip(FIVE, values.grad.tolist(), strict=True) if g < 0]


def test_fall_of_the_cross_entropy_costs_it_weight() -> None:
    before, after = (100 * PRINTED["y"] * row["y"] / sum(PRINTED[k] * row[k] for k in FIVE) for row in (FIRST, LAST))
    sums = {k: (1000 if k in ("S", "T") else 1) * v for k, v in LAST.items()}
    in_sums = 100 * 5 * sums["y"] / sum((PRINTED | {"y": 5})[k] * sums[k] for k in FIVE)
    words = page.falls_and_loses(HISTORY, 1000).data
    assert words.startswith("**Notice.** ")
    assert "it falls from 1.60 to 0.20" in words
    assert f"goes from {before:.0f} % down to {after:.0f} %" in words
    assert f"it gets {in_sums:.2f} % at the last epoch" in words
    assert f"the slopes of {', '.join(page.negative_slopes(LAST))} are" in words


def test_printed_factors_have_a_row_for_each_scheme() -> None:
    other = dict.fromkeys(FIVE, 1) | {"S": 2, "LMMD": 0.001}
    lines = page.printed_factors({"E2B": PRINTED | {"T": 0.5}, "C2B": other}).data.splitlines()
    assert lines[0] == "|  | S | T | y | MMD | LMMD |"
    assert lines[2:] == ["| E to B | 1 | 0.5 | 3 | 1 | 1 |", "| C to B | 2 | 1 | 1 | 1 | 0.001 |"]


def test_floor_of_lmmd_is_in_percent_and_times() -> None:
    words = page.at_the_floor({"S": 0.1, "y": 0.2, "LMMD": 0.5}).data
    assert "LMMD has 50 % of the weight" in words
    assert "It weighs 2.5 times" in words


def test_four_rules_at_the_end() -> None:
    end = {
        "equation 6": [0.1, 0.1, 0.2, 0.04, 0.56],
        "uncertainty": [0.1, 0.1, 0.1, 0.6, 0.1],
        "DWA": [0.18, 0.19, 0.2, 0.21, 0.22],
        "GradNorm": [0.3, 0.3, 0.07, 0.3, 0.03],
    }
    shares = {name: np.array([[0.2] * 5, row]) for name, row in end.items()}
    words = page.at_the_end(shares, HISTORY).data
    assert "LMMD is the largest loss and MMD the smallest. Equation 6 gives the first 56 %" in words
    assert "the second 4 %. Uncertainty gives them 10 and 60" in words
    assert "stays between 18 and 22 for all five; GradNorm gives 7 to y, which" in words
