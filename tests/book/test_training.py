"""Chapter 2.6: the explorable as a Python object, what its checks tell apart, and the cost that it counts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from tlmlda_lib.book import checks
from tlmlda_lib.book.checks import runs, training
from tlmlda_lib.book.explorables import OneBatch
from tlmlda_lib.book.explorables.training import FACTORS, STAGES, TINY
from tlmlda_lib.book.pages import training as sentences
from tlmlda_lib.errors import UserError
from tlmlda_lib.losses import mmd_and_lmmd
from tlmlda_lib.training import trainer
from tlmlda_lib.training.criteria import CRITERIA, CriterionWarning
from tlmlda_lib.training.options import FIVE, PAPER, PRINTED, Options
from tlmlda_lib.training.trainer import PairArrays, Trainer, batch_losses, build_network

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
    """96 points of each domain in three dimensions, two classes that overlap a little."""
    rng = np.random.default_rng(1)
    y = np.repeat([0, 1], 48)

    def cloud(off: float) -> np.ndarray:
        points = 0.5 + off + 0.12 * rng.normal(size=(96, 3)) + 0.2 * (y[:, None] - 0.5)
        return points.clip(0, 1).astype(np.float32)

    return PairArrays(cloud(0), y, cloud(0.05))


WIDER = replace(TINY, encoder=(8,), emotion=(8,))


def ends(data: PairArrays, batch_size: int, **changed: Any) -> list[float]:
    """Cross-entropy at the end of about 100 steps, for three seeds."""
    options = replace(WIDER, batch_size=batch_size, epochs=round(100 * batch_size / 96), **changed)
    return [Trainer(options, seed=seed).fit(data, 2).history["loss_y"].iloc[-1] for seed in range(3)]


def test_small_batches_alone_undo_the_labels_and_by_alignment(two_clouds: PairArrays) -> None:
    assert min(ends(two_clouds, 4)) > np.log(2)
    assert max(ends(two_clouds, 96)) < 0.5
    assert max(ends(two_clouds, 4, losses=("S", "T", "y"))) < 0.5


def test_a_collapse_overflows_and_the_page_says_so(two_clouds: PairArrays) -> None:
    options = replace(WIDER, batch_size=4, epochs=100)
    with pytest.warns(CriterionWarning, match="training diverged") as said:
        history = Trainer(options, seed=0).fit(two_clouds, 2).history
    assert len(said) == 1
    assert len(history) == 100
    assert history.iloc[-1][["loss_y", *CRITERIA]].isna().all()
    page = (Path(__file__).parents[2] / "book" / "training.md").read_text(encoding="utf-8")
    namespace: dict[str, Any] = {"np": np, "trainer": trainer, "data": two_clouds}
    exec(re.search(r"^def end\(.*?\n\n", page, re.M | re.S)[0], namespace)
    with pytest.warns(CriterionWarning):
        assert np.isnan(namespace["end"](options, 0))
    assert namespace["end"](replace(options, batch_size=96, epochs=3), 0) > 0
    assert "`CriterionWarning`" in page
    assert "SVD" not in page


def test_the_page_changes_the_batch_size_and_nothing_else() -> None:
    page = (Path(__file__).parents[2] / "book" / "training.md").read_text(encoding="utf-8")
    assert "no detail" not in page
    loop = re.search(r"^for n, used in .*?^```", page, re.M | re.S)[0]
    assert "some(" not in loop, "all rows are of the same utterances"


# Exercises


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
        (lambda theta, *_: theta + 1, "compare the first epoch"),
        (lambda theta, *_: theta * 1e6, "downhill"),
        (lambda theta, *_: theta[:2], "gave (2,)"),
        (lambda theta, *_: 3, "gave int"),
    ],
)
def test_loops_that_are_none(fit: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_loop(fit)
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
    checks.check_leaks(lambda *batch: training._objective(*batch, frozenset(leaks)))
    assert says in capsys.readouterr().out


def zeros_mended(network: Any, xs: Any, ys: Any, xt: Any) -> Any:
    """The target detached as a whole, so that alignment no longer moves it."""
    right = training._objective(network, xs, ys, xt, frozenset())
    return right.detach() + 0 * network["head"].weight.sum()


@pytest.mark.parametrize(
    ("objective", "says"),
    [
        (zeros_mended, "something that is to be learnt was detached"),
        (lambda *batch: 2 * training._objective(*batch, frozenset()), "the loss itself has changed"),
        (lambda *batch: 1.5, "one number, as a tensor"),
    ],
)
def test_objectives_that_are_none(objective: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_leaks(objective)
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


@pytest.mark.parametrize("options", [PAPER, replace(PAPER, encoder=(60, 20), emotion=(30, 12), batch_size=7)])
def test_cost_is_what_torch_counts(options: Options) -> None:
    network = build_network(options, 1582, 5).train()
    xs, xt = torch.rand(options.batch_size, 1582), torch.rand(options.batch_size, 1582)
    with FlopCounterMode(display=False) as counter:
        terms = batch_losses(network, xs, torch.arange(len(xs)) % 5, xt, options)
        torch.stack(list(terms.values())).sum().backward()
    assert counter.get_total_flops() == runs.step_cost(options)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (replace(PAPER, encoder=(128,), batch_size=50), "2.6.4 passed. Your epoch costs 1/1"),
        (replace(PAPER, epochs=50), "number of epochs"),
        (replace(PAPER, encoder=(400, 200)), "most of the weights"),
        ("paper", "this is str"),
    ],
)
def test_cheaper_runs(options: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_cheaper(options)
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


def test_first_and_last_epoch_and_that_all_fell() -> None:
    history = pd.DataFrame({f"loss_{name}": [2.0, 9.0, 0.5] for name in FIVE})
    words = sentences.first_and_last(history, 4).data
    assert "went from 2.00 to 0.50, where knowing nothing costs 1.39, and MMD from 2.000 to 0.500" in words
    for name, last in (("y", 1.1), ("S", 2.1), ("MMD", 2.0)):
        worse = history.copy()
        worse.loc[2, f"loss_{name}"] = last
        with pytest.raises(AssertionError):
            sentences.first_and_last(worse, 4)


def test_cost_of_a_step_follows_from_two_counts() -> None:
    # A network of 1000 operations a row, and a kernel of 0.05 a pair of rows.
    counted = {b: 1000 * b + b * b // 20 for b in (100, 200)}
    words = sentences.cost_of_a_step(counted, 500, 2_000_000).data
    assert "the kernel has 0.5 % of the arithmetic, and it would need batches of 20,000 to cost" in words
    assert "Twice the batch costs 2.01 times as much" in words
    assert "The 2,000,000 parameters, with their gradients and Adam's two memories, take 32 MB" in words
    with pytest.raises(AssertionError):
        sentences.cost_of_a_step(counted, 5000, 2_000_000)


def test_sums_that_the_table_quotes() -> None:
    assert (42 * 30, 43 * 30 - 3) == (1260, 1287)
    assert (34 * 21, (34 + 34) * 21 + (4 + 4) * 19 + 2) == (714, 1582)
    assert [PAPER.learning_rate * 500 * n for n in (10, 11)] == pytest.approx([0.05, 0.055])
