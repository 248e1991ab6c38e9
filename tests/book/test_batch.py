"""Chapter 2.6: the batch as a Python object, what small batches do, and what its checks distinguish."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tlmlda_lib.book import checks
from tlmlda_lib.book.checks import batch
from tlmlda_lib.book.explorables import OneBatch
from tlmlda_lib.book.explorables.batch import FACTORS, STAGES, TINY
from tlmlda_lib.book.pages import batch as sentences
from tlmlda_lib.errors import UserError
from tlmlda_lib.losses import mmd_and_lmmd
from tlmlda_lib.training import trainer
from tlmlda_lib.training.criteria import CRITERIA, CriterionWarning
from tlmlda_lib.training.options import FIVE, PRINTED
from tlmlda_lib.training.trainer import PairArrays, Trainer, Training, build_network

GIVEN: dict[str, Any] = {
    "xs": np.linspace(0, 1, 12).reshape(4, 3),
    "ys": [0, 0, 1, 1],
    "xt": np.linspace(0.2, 0.7, 9).reshape(3, 3),
    "classes": ["anger", "sad"],
    "features": ["a", "b", "c"],
}


def test_state_is_plain_and_repeatable() -> None:
    before = torch.random.get_rng_state()
    state = OneBatch(**GIVEN, batch=3, stage="losses", factors="alone").get_state()
    assert torch.equal(torch.random.get_rng_state(), before)
    assert (state["batch"], state["stage"], state["noise"], state["rate"]) == (3, "losses", 0.1, 0.05)
    assert state["alphas"] == {"printed": list(PRINTED.values()), "alone": [1, 1, 3, 0, 0]}
    assert state["parameters"] == OneBatch(**GIVEN).parameters != OneBatch(**GIVEN, seed=1).parameters
    shapes = [np.shape(p) for p in state["parameters"]]
    assert shapes == [tuple(p.shape) for p in build_network(TINY, 3, 2).parameters()]
    assert json.dumps({k: state[k] for k in ("xs", "ys", "xt", "parameters", "alphas", "classes")})
    for known in (FIVE, STAGES):
        assert json.dumps(list(known)) in state["_esm"]
    assert all(f"{name}:" in state["_esm"] for name in FACTORS)
    assert ".tl-step" in state["_css"]


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"xs": np.zeros((1, 3))}, r"xs has shape \(1, 3\)"),
        ({"xt": np.zeros((9, 3))}, r"xt has shape \(9, 3\)"),
        ({"xt": np.full((3, 3), np.nan)}, "xt has shape"),
        ({"features": ["a"]}, "features names 1"),
        ({"ys": [0, 0, 1]}, "a class 0 .. 1 for each of 4"),
        ({"ys": [0, 0, 1, 2]}, "a class 0 .. 1"),
        ({"classes": ["anger"]}, "classes names 1"),
        ({"stage": "moon"}, "stage='moon'"),
        ({"batch": 501}, "batch=501"),
        ({"factors": "moon"}, "factors='moon'"),
    ],
)
def test_one_batch_says_what_is_wrong(changed: dict[str, Any], word: str) -> None:
    with pytest.raises(UserError, match=word):
        OneBatch(**{**GIVEN, **changed})


# What the batch size does


@pytest.fixture(scope="module")
def two_clouds() -> PairArrays:
    return batch.small_pair()


WIDER = replace(TINY, encoder=(8,), emotion=(8,))


def ends(data: PairArrays, batch_size: int, **changed: Any) -> list[float]:
    """Cross-entropy at the end of about 100 steps, for three seeds."""
    options = replace(WIDER, batch_size=batch_size, epochs=round(100 * batch_size / 96), **changed)
    return [Trainer(options, seed=seed).fit(data, 2).history["loss_y"].iloc[-1] for seed in range(3)]


def test_small_batches_alone_undo_the_labels_and_by_alignment(two_clouds: PairArrays) -> None:
    assert min(ends(two_clouds, 4)) > np.log(2)
    assert max(ends(two_clouds, 96)) < 0.5
    assert max(ends(two_clouds, 4, losses=("S", "T", "y"))) < 0.5


def test_a_collapse_overflows_and_the_page_says_so(two_clouds: PairArrays, monkeypatch: pytest.MonkeyPatch) -> None:
    options = replace(WIDER, batch_size=4, epochs=100)
    page = (Path(__file__).parents[2] / "book" / "batch.md").read_text(encoding="utf-8")
    runs: list[Training] = []

    class Kept(Trainer):
        def fit(self, *of: Any, **how: Any) -> Training:
            runs.append(super().fit(*of, **how))
            return runs[-1]

    monkeypatch.setattr(trainer, "Trainer", Kept)
    namespace: dict[str, Any] = {"np": np, "trainer": trainer, "data": two_clouds}
    exec(re.search(r"^def end\(.*?\n\n", page, re.M | re.S)[0], namespace)
    with pytest.warns(CriterionWarning, match="training diverged") as said:
        assert np.isnan(namespace["end"](options, 0))
    assert len(said) == 1
    history = runs[0].history
    assert len(history) == 100
    assert history.iloc[-1][["loss_y", *CRITERIA]].isna().all()
    assert namespace["end"](replace(options, batch_size=96, epochs=3), 0) > 0
    assert "`CriterionWarning`" in page
    assert "SVD" not in page


def test_the_page_changes_the_batch_size_and_nothing_else() -> None:
    page = (Path(__file__).parents[2] / "book" / "batch.md").read_text(encoding="utf-8")
    assert "no detail" not in page
    loop = re.search(r"^for n, used in .*?^```", page, re.M | re.S)[0]
    assert "some(" not in loop, "all rows are of the same utterances"


# Exercises


def test_reach_is_autograd_s() -> None:
    lengths = sentences.reach(np.array(GIVEN["xs"]), GIVEN["ys"], np.array(GIVEN["xt"]))
    for part, losses in batch.REACH.items():
        assert {name for name in FIVE if lengths[name][part] > 0} == losses


RIGHT = batch.REACH


@pytest.mark.parametrize(
    ("reach", "says"),
    [
        (RIGHT, "2.6.1 passed"),
        (RIGHT | {"head": {"y", "MMD"}}, "The head comes after z"),
        (RIGHT | {"decoder": {"S", "T", "y"}}, "the decoder is on another branch"),
        (RIGHT | {"emotion": {"S", "y", "MMD", "LMMD"}}, "gets the code and not z"),
        (RIGHT | {"encoder": {"S", "T", "y", "MMD"}}, "LMMD is missing at the encoder"),
        (RIGHT | {"decoder": {"S", "T", "MMD"}}, "MMD does not reach the decoder"),
        (RIGHT | {"head": {"z"}}, "'z' is not a loss"),
        ({"encoder": set()}, "the four parts encoder, decoder, emotion, head"),
        ({part: set() for part in RIGHT}, "all four sets are empty"),
    ],
)
def test_what_reaches_a_part(reach: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_reach(reach)
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("leaks", "says"),
    [
        ((), "2.6.2 passed"),
        (("guesses",), "pseudo-labels: LMMD trains the head by them, which makes it guess what is easy to align."),
        (("bandwidth",), "the bandwidth"),
        (("weights", "bandwidth"), "(2 leaks are left"),
    ],
)
def test_leaks_are_found_one_by_one(leaks: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_leaks(lambda *given: batch._objective(*given, frozenset(leaks)))
    assert says in capsys.readouterr().out


def zeros_mended(network: Any, xs: Any, ys: Any, xt: Any) -> Any:
    """The target detached as a whole, so that alignment no longer moves it."""
    right = batch._objective(network, xs, ys, xt, frozenset())
    return right.detach() + 0 * network["head"].weight.sum()


@pytest.mark.parametrize(
    ("objective", "says"),
    [
        (zeros_mended, "something that is to be learnt was detached"),
        (lambda *given: 2 * batch._objective(*given, frozenset()), "the loss itself has changed"),
        (lambda *given: 1.5, "one number, as a tensor"),
    ],
)
def test_objectives_that_are_none(objective: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_leaks(objective)
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (replace(batch.SMALL, alpha={"y": 5, "MMD": 0.1, "LMMD": 0.1}), "2.6.3 passed"),
        (batch.SMALL, "below 0.6 each would mean"),
        (replace(batch.SMALL, batch_size=8), "the batch size has changed"),
        (replace(batch.SMALL, alpha={"LMMD": 0}), "LMMD no longer counts"),
        (replace(batch.SMALL, losses=("S", "T", "y", "LMMD")), "MMD no longer counts"),
        (replace(batch.SMALL, epochs=21), "at most 20 epochs"),
        ("small", "this is str"),
    ],
)
def test_small_batches_that_learn(options: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_small(options)
    assert says in capsys.readouterr().out


# What the page computes


def test_runs_that_learnt_nothing_end_at_log_2_or_above() -> None:
    assert sentences.learnt_nothing([0.68, 0.7, 0.6, 1.2, 0.1]) == 3


ENDS = {
    (4, "all"): [0.69, 0.7, 0.8],
    (32, "all"): [0.3, 0.7, 0.2],
    (96, "all"): [0.1, 0.1, 0.2],
    (4, "no alignment"): [0.3, 0.2, 0.4],
}


def test_small_batches_are_blamed_only_if_they_failed() -> None:
    words = sentences.small_batches(ENDS).data
    assert "with batches of 32 it is 1 of 3" in words
    assert "is 0 of 3" in sentences.small_batches(ENDS | {(32, "all"): [0.1, 0.2, 0.3]}).data
    for key, values in (((4, "all"), [0.1, 0.7, 0.8]), ((96, "all"), [0.1, 0.1, 0.9])):
        with pytest.raises(AssertionError):
            sentences.small_batches(ENDS | {key: values})


def test_floor_of_four_points_is_above_what_a_loss_may_be() -> None:
    """Of four and four points, with guesses sure and unsure: the page says 1 for MMD, and 1.5 for LMMD."""
    torch.manual_seed(0)
    twos = torch.tensor([0, 0, 1, 1])
    for guesses in (torch.eye(2)[twos], torch.full((4, 2), 0.5)):
        draws = [mmd_and_lmmd(*torch.randn(2, 4, 2), twos, guesses, common="source") for _ in range(300)]
        assert (torch.tensor(draws).mean(0) > torch.tensor([1, 1.5])).all()
