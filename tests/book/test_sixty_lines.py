"""TLMLDA in plain PyTorch: the pieces that the chapters show make one module, and it trains as the library does."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

pytest.importorskip("jupytext", reason="the extra `book`, which reads the chapters, is not installed")

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "book" / "_ext")]

from references import Book  # noqa: E402

from tlmlda_lib.book.pages import sources  # noqa: E402
from tlmlda_lib.training import trainer  # noqa: E402
from tlmlda_lib.training.options import FIVE, PAPER  # noqa: E402

#: Chapters in the order in which the method grows.
CHAPTERS = ("denoising", "emotion", "mmd", "lmmd", "weighting", "training")
TAG = "sixty-lines"
EPOCHS, SEED = 2, 7
ALPHA = {"S": 1.0, "T": 0.5, "y": 3.0, "MMD": 2.0, "LMMD": 1.5}


@cache
def cells() -> tuple[str, ...]:
    """Code of the tagged cells, page by page."""
    book = Book.read(ROOT / "book", "https://book.example")
    pages = [book.pages[name].cells for name in CHAPTERS]
    found = [[code for kind, code, meta in page if kind == "code" and TAG in meta.get("tags", ())] for page in pages]
    assert [len(page) for page in found] == [1] * len(CHAPTERS)
    return tuple(code for page in found for code in page)


def test_the_chapters_cells_are_the_listing_word_for_word() -> None:
    listing = sources.plain_pytorch()
    assert "\n\n\n".join(cells()) == listing
    assert sources.sixty_lines().data == f"```python\n{listing}\n```"


def test_it_is_plain_and_about_sixty_lines() -> None:
    lines = [line for line in sources.plain_pytorch().splitlines() if line.strip() and not line.startswith("#")]
    assert 55 <= len(lines) <= 75
    page = " ".join((ROOT / "book" / "training.md").read_text(encoding="utf-8").split())
    assert f"{len(lines)} lines, blank ones not counted" in page
    assert max(map(len, lines)) <= 78
    assert "tlmlda_lib" not in "\n".join(lines)
    assert not any(line.startswith("class ") for line in lines)


def data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two domains of unequal size, both longer than a batch."""
    rng = np.random.default_rng(0)
    xs, xt = rng.random((130, 12)), rng.random((110, 12)) ** 2
    return xs.astype(np.float32), np.arange(130) % 3, xt.astype(np.float32)


def spied(function: Any, kept: list[dict[str, float]]) -> Any:
    """The function, with a note of the numbers in the dict that it returns."""

    def spy(*given: Any) -> dict[str, Any]:
        found = function(*given)
        kept.append({name: torch.as_tensor(value).item() for name, value in found.items()})
        return found

    return spy


@pytest.fixture(params=["double", "single"])
def precision(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The library trains in single precision; here also in double, where rounding does not hide a difference."""
    before = torch.get_default_dtype()
    if request.param == "double":
        torch.set_default_dtype(torch.float64)
        monkeypatch.setattr(trainer.Trainer, "_tensor", lambda self, x: torch.as_tensor(x, dtype=torch.float64))
    yield request.param
    torch.set_default_dtype(before)


def test_it_trains_as_the_library_does(precision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    xs, ys, xt = data()
    library: list[dict[str, float]] = []
    plain: list[dict[str, float]] = []

    monkeypatch.setattr(trainer, "batch_losses", spied(trainer.batch_losses, library))
    options = replace(PAPER, epochs=EPOCHS, alpha=ALPHA)
    run = trainer.Trainer(options, seed=SEED).fit(trainer.PairArrays(xs, ys, xt), 3)

    own: dict[str, Any] = {}
    exec("\n\n\n".join(cells()), own)
    own["five_losses"] = spied(own["five_losses"], plain)
    made: list[dict[str, float]] = []
    own["weights"] = spied(own["weights"], made)
    kind = torch.get_default_dtype()
    tensors = torch.tensor(xs, dtype=kind), torch.tensor(ys), torch.tensor(xt, dtype=kind)
    network, history = own["train"](*tensors, 3, ALPHA, epochs=EPOCHS, seed=SEED)

    # Every loss of every batch, and what the epochs are weighed with.
    close = 1e-12 if precision == "double" else 1e-5
    assert len(library) == len(plain) == 2 * EPOCHS
    for theirs, ours in zip(library, plain, strict=True):
        assert list(theirs) == list(ours) == list(FIVE)
        assert all(math.isclose(theirs[name], ours[name], rel_tol=close) for name in FIVE)
    for name in FIVE:
        assert np.allclose([epoch[name] for epoch in history], run.history[f"loss_{name}"], rtol=close, atol=0)
        assert math.isclose(run.history[f"weight_{name}"].iloc[1], made[0][name], rel_tol=close)
        assert math.isclose(run.history[f"weight_{name}"].iloc[0], ALPHA[name] / 5, rel_tol=close)

    # Every number in the network at the end. In single precision, Adam makes steps of what rounding leaves in the
    # gradient of a bias before a BatchNorm, which is 0.
    theirs, ours = run.network.state_dict(), network.state_dict()
    normed = {f"{name.rpartition('.')[0]}.bias" for name in preceding(list(theirs))}
    assert len(theirs) == len(ours)
    for (name, a), b in zip(theirs.items(), ours.values(), strict=True):
        if precision == "double":
            assert torch.allclose(a, b, rtol=0, atol=1e-9), name
        elif name not in normed and not name.endswith("running_mean"):
            assert torch.allclose(a, b, rtol=0, atol=1e-6), name
    assert len(normed) == 5
    assert not network.training


def preceding(names: list[str]) -> Iterator[str]:
    """Names before those of a BatchNorm's weights."""
    for i, name in enumerate(names):
        if name.endswith("running_mean"):
            yield names[i - 3]


def test_a_class_of_probability_0_leaves_no_nan() -> None:
    own: dict[str, Any] = {}
    exec("\n\n\n".join(cells()), own)
    torch.manual_seed(0)
    z = torch.randn(8, 2, requires_grad=True)
    nobody = torch.eye(2)[torch.zeros(4, dtype=torch.long)]
    own["lmmd"](own["kernel"](z), torch.tensor([0, 0, 1, 1]), nobody).backward()
    assert z.grad is not None
    assert torch.isfinite(z.grad).all()
    assert z.grad[:2].any()
