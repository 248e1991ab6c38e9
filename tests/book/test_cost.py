"""Chapter 2.8: the cost that it counts, and what its checks distinguish."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from tlmlda_lib.book import checks
from tlmlda_lib.book.checks import cost
from tlmlda_lib.book.explorables import CostOfStep
from tlmlda_lib.book.pages import cost as sentences
from tlmlda_lib.errors import UserError
from tlmlda_lib.training.options import PAPER, Options
from tlmlda_lib.training.trainer import batch_losses, build_network


def test_the_figure_has_the_paper_s_network() -> None:
    state = CostOfStep().get_state()
    assert state["layers"] == {"encoder": [1582, 1200, 900, 500], "emotion": [600], "classes": 5}
    assert (state["batch"], state["width"]) == (PAPER.batch_size, PAPER.emotion[-1])
    for wrong in ({"batch": 99}, {"width": 3}):
        with pytest.raises(UserError, match="is not known"):
            CostOfStep(**wrong)


@pytest.mark.parametrize("options", [PAPER, replace(PAPER, encoder=(60, 20), emotion=(30, 12), batch_size=7)])
def test_cost_is_what_torch_counts(options: Options) -> None:
    network = build_network(options, 1582, 5).train()
    xs, xt = torch.rand(options.batch_size, 1582), torch.rand(options.batch_size, 1582)
    with FlopCounterMode(display=False) as counter:
        terms = batch_losses(network, xs, torch.arange(len(xs)) % 5, xt, options)
        torch.stack(list(terms.values())).sum().backward()
    assert counter.get_total_flops() == cost.step_cost(options)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (replace(PAPER, encoder=(128,), batch_size=50), "2.8.3 passed. Your epoch costs 1/1"),
        (replace(PAPER, epochs=50), "number of epochs"),
        (replace(PAPER, encoder=(400, 200)), "most of the weights"),
        ("paper", "this is str"),
    ],
)
def test_cheaper_runs(options: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_cheaper(options)
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (7_311_680, "2.8.1 passed. 94 % of them belong to the auto-encoder"),
        (7_328_223, "biases"),
        (3_883_280, "the decoder is missing"),
        (6_856_800, "the emotion network is missing"),
        (3_428_400, "the encoder alone"),
        (7_310_400, "the last layer"),
        (7, "not the number of weights"),
    ],
)
def test_counts_of_weights(number: int, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_count(number)
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("even", "says"),
    [
        (lambda W, W1, d, C: (6 * W - 2 * W1) / (8 * (d + C + 1)), "2.8.2 passed"),
        (lambda W, W1, d, C: (6 * W - 2 * W1) / (4 * (d + C + 1)), "number of rows"),
        (lambda W, W1, d, C: 6 * W / (8 * (d + C + 1)), "the first layer"),
        (lambda W, W1, d, C: (6 * W - 2 * W1) / (8 * d), "columns of weights"),
        (lambda W, W1, d, C: (6 * W - 2 * W1) / (2 * (d + C + 1)), "4 B squared"),
        (lambda W, W1, d, C: 100, "do not cost the same at B = 100"),
    ],
)
def test_batches_at_which_both_cost_the_same(even: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_even(even)
    assert says in capsys.readouterr().out


def test_the_even_batch_is_even() -> None:
    network = build_network(PAPER, 1582, 5)
    W = sum(p.numel() for p in network.parameters() if p.ndim == 2)
    B = (6 * W - 2 * 1582 * 1200) / (8 * 262)
    assert pytest.approx(4 * (2 * B) ** 2 * 262) == 2 * B * (6 * W - 2 * 1582 * 1200)
    assert round(B, -3) == 19_000


# What the page computes


def test_cost_of_a_step_follows_from_two_counts() -> None:
    # A network of 1000 operations a row, and a kernel of 0.05 a pair of rows.
    counted = {b: 1000 * b + b * b // 20 for b in (100, 200)}
    words = sentences.cost_of_a_step(counted, 500, 2_000_000).data
    assert "the kernel has 0.5 % of the arithmetic, and it would need batches of 20,000 to cost" in words
    assert "Twice the batch costs 2.01 times as much" in words
    assert "The 2,000,000 parameters, with their gradients and Adam's two memories, take 32 MB" in words
    with pytest.raises(AssertionError):
        sentences.cost_of_a_step(counted, 5000, 2_000_000)
