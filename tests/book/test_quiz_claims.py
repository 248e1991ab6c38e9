"""What the quizzes of Part 2 call right is computed: of their choices one is right, and the others are wrong."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

pytest.importorskip("sphinx", reason="the extra `book`, which reads the quizzes, is not installed")

BOOK = Path(__file__).parents[2] / "book"
sys.path[:0] = [str(BOOK / "_ext")]

import quiz  # noqa: E402

from tlmlda_lib import losses  # noqa: E402
from tlmlda_lib.training import trainer  # noqa: E402
from tlmlda_lib.training.options import PAPER  # noqa: E402
from tlmlda_lib.weighting import dynamic_weights  # noqa: E402


def item(chapter: str, name: str) -> quiz.Item:
    return quiz.of_chapter(BOOK, chapter)[name]


def right(chapter: str, name: str) -> str:
    """The text of the only right choice."""
    (choice,) = (choice for choice in item(chapter, name).choices if choice.right)
    return choice.text


def of_page(page: str, function: str) -> Any:
    """A function that a page shows."""
    text = (BOOK / f"{page}.md").read_text(encoding="utf-8")
    namespace: dict[str, Any] = {"np": np, "torch": torch}
    exec(re.search(rf"^def {function}\(.*?^```", text, re.M | re.S)[0].removesuffix("```"), namespace)
    return namespace[function]


def test_moments_do_not_decide_where_mmd_lies() -> None:
    n, rng = 1000, np.random.default_rng(0)

    def hill() -> torch.Tensor:
        return torch.tensor(rng.normal(size=(n, 1)))

    def heaps() -> torch.Tensor:  # as the hill: mean 0, variance 1
        return torch.tensor(rng.choice([-0.95, 0.95], size=(n, 1)) + np.sqrt(1 - 0.95**2) * rng.normal(size=(n, 1)))

    by_chance = [losses.mmd(hill(), hill()).item() for _ in range(20)]
    other_shape = [losses.mmd(hill(), heaps()).item() for _ in range(5)]
    assert min(by_chance) > 0, "not even two samples of one distribution are at 0"
    assert min(other_shape) > 5 * max(by_chance), "equal means and variances, and far above the floor"
    assert right("mmd", "mmd-moments").startswith("That depends on the shapes")
    assert "Two distributions" in item("mmd", "mmd-moments").question


def test_one_rule_alone_favours_a_small_loss_that_stands() -> None:
    still = np.tile([1.0, 1.0, 1.0, 1.0, 0.1], (400, 1))
    names = ("S", "T", "y", "MMD", "LMMD")
    equation_6 = list(dynamic_weights(dict(zip(names, still[0], strict=True)), dict.fromkeys(names, 1.0)).values())
    assert equation_6[4] == pytest.approx(0.1 * equation_6[0])
    np.testing.assert_allclose(of_page("weighting", "dwa")(still)[-1], 1.0)
    settled = of_page("weighting", "uncertainty")(still)[-1]
    np.testing.assert_allclose(settled, [0.5, 0.5, 0.5, 0.5, 5.0], rtol=0.02)
    assert right("weighting", "weights-rivals").startswith("Uncertainty")
    assert "four losses have stood still at 1 and a fifth at 0.1" in " ".join(
        item("weighting", "weights-rivals").question.split()
    )


def test_half_a_batch_makes_an_epoch_of_the_same_arithmetic() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    network = trainer.build_network(PAPER, 1582, 5).train()

    def counted(batch: int) -> int:
        xs, xt, ys = torch.rand(batch, 1582), torch.rand(batch, 1582), torch.arange(batch) % 5
        with FlopCounterMode(display=False) as counter:
            sum(trainer.batch_losses(network, xs, ys, xt, PAPER).values()).backward()
        return counter.get_total_flops()

    whole, half = counted(100), counted(50)
    assert 2 * half / whole == pytest.approx(1, abs=0.01), "an epoch: twice as many steps of half the size"
    assert half / whole == pytest.approx(0.5, abs=0.01), "a step"
    assert 2 * 0.5**3 == 0.25, "an epoch, if a step grew as the cube"
    said = item("cost", "training-batch")
    assert right("cost", "training-batch").startswith("It stays")
    assert "arithmetic" in said.question
    assert "time" not in said.question
