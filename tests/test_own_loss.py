"""A loss of one's own: one function and one row of `losses.LOSSES`; and what the table says of the paper's five."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from tlmlda_lib import losses, methods
from tlmlda_lib.errors import UserError
from tlmlda_lib.training import trainer
from tlmlda_lib.training.options import PAPER, PRESETS, PRINTED

SMALL = {"encoder": (12, 6), "emotion": (8, 5), "epochs": 4, "batch_size": 20}
WITH = ("S", "T", "y", "MMD", "own-coral")


def coral(step: losses.Step) -> torch.Tensor:
    """Distance of the covariances (Sun & Saenko 2016), as a user would write it."""
    difference = torch.cov(step.zs.T) - torch.cov(step.zt.T)
    return difference.square().sum() / (4 * len(difference) ** 2)


@pytest.fixture
def row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(losses.LOSSES, "own-coral", losses.Loss(coral, needs_target=True, aligns=True, alpha=2.0))


def data(n: tuple[int, int] = (50, 60), d: int = 9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    y = np.arange(sum(n)) % 3
    X = rng.normal(size=(3, d))[y] + rng.normal(size=(sum(n), d)) * np.where(np.arange(sum(n)) < n[0], 1, 2)[:, None]
    return X, y, np.repeat([1, -1], n)


def fitted(**how) -> methods.TLMLDA:
    X, y, domain = data()
    return methods.TLMLDA("quick", random_state=0, **(SMALL | how)).fit(X, y, sample_domain=domain)


@pytest.mark.usefixtures("row")
def test_it_is_the_distance_of_the_covariances_and_the_other_losses_are_the_same():
    o = replace(PAPER, encoder=(12, 6), emotion=(8, 5), losses=WITH, noise_std=0.0, dropout=0.0)
    torch.manual_seed(0)
    network = trainer.build_network(o, 9, 3).double()
    xs, xt, ys = torch.rand(30, 9).double(), torch.rand(40, 9).double(), torch.arange(30) % 3
    got = trainer.batch_losses(network, xs, ys, xt, o)
    assert list(got) == list(WITH)
    source, target = network(xs, xt)
    covariances = [np.cov(side.z.detach().numpy(), rowvar=False) for side in (source, target)]
    assert got["own-coral"].item() == pytest.approx(
        ((covariances[0] - covariances[1]) ** 2).sum() / (4 * 25), rel=1e-12
    )
    before = trainer.batch_losses(network, xs, ys, xt, replace(o, losses=("S", "T", "y", "MMD")))
    assert all(torch.equal(got[name], before[name]) for name in before)
    got["own-coral"].backward()
    assert network.emotion.body[0].weight.grad.abs().sum() > 0


@pytest.mark.usefixtures("row")
def test_it_trains_is_weighted_by_equation_6_and_stands_in_the_history():
    clf = fitted(losses=WITH, alpha={"own-coral": 0.5}, ramp=False)
    assert clf.options_.losses == WITH
    alpha = {"S": 0.1, "T": 0.1, "y": 1.0, "MMD": 1.0, "own-coral": 0.5}  # the preset's, and the one that was set
    assert clf.options_.factors() == alpha
    history = clf.history_
    assert {c for c in history if c.startswith(("loss_", "weight_"))} == {
        f"{k}_{n}" for k in ("loss", "weight") for n in WITH
    }
    assert history.filter(like="weight_").iloc[0].to_dict() == pytest.approx(
        {f"weight_{n}": a / 5 for n, a in alpha.items()}
    )
    total = sum(history[f"loss_{n}"] for n in WITH)
    for name, a in alpha.items():
        expected = (a * history[f"loss_{name}"] / total).iloc[:-1]
        np.testing.assert_allclose(history[f"weight_{name}"].iloc[1:], expected, rtol=1e-12)
    alone = fitted(
        losses=("y", "own-coral"), alpha={"y": 0, "own-coral": 1e3}, update="constant", epochs=40, ramp=False
    )
    curve = alone.history_["loss_own-coral"]
    assert curve.iloc[-1] < 0.2 * curve.iloc[0]  # nothing else asks for it


@pytest.mark.usefixtures("row")
def test_its_row_says_factor_ramp_and_colour():
    clf = methods.make("tlmlda", "quick", losses=WITH)
    assert clf.options().factors()["own-coral"] == 2.0
    ramped = fitted(losses=WITH).history_
    assert ramped["weight_own-coral"].iloc[0] < fitted(losses=WITH, ramp=False).history_["weight_own-coral"].iloc[0]
    from tlmlda_lib.evaluation import plots

    assert list(plots.loss_colours()) == list(losses.LOSSES)
    assert all(
        re.fullmatch("#[0-9a-f]{6}", one) for dark in (0, 1) for one in plots.loss_colours(dark=bool(dark)).values()
    )


@pytest.mark.usefixtures("row")
def test_an_ablation_takes_it_too_and_a_saved_method_keeps_it(tmp_path):
    assert methods.make("tlmlda_m", losses=WITH).options().losses == WITH
    assert methods.make("tlmlda_l", losses=WITH).options().losses == ("S", "T", "y", "own-coral")
    assert methods.make("only_cls", losses=WITH).options().losses == ("y",)
    assert methods.make("tlmlda_w", losses=WITH).options().factors() == dict.fromkeys(WITH, 1.0)
    clf = fitted(losses=WITH, alpha={"own-coral": 0.5})
    clf.save(tmp_path / "model")
    again = methods.load(tmp_path / "model")
    assert (again.losses, again.alpha, again.options_) == (WITH, {"own-coral": 0.5}, clf.options_)
    X, _, domain = data()
    assert np.array_equal(again.predict_proba(X, domain), clf.predict_proba(X, domain))


@pytest.mark.usefixtures("row")
def test_without_a_target_it_is_left_out():
    X, y, domain = data()
    clf = methods.TLMLDA("quick", random_state=0, losses=WITH, **SMALL).fit(X[domain > 0], y[domain > 0])
    assert {c for c in clf.history_ if c.startswith("loss_")} == {"loss_S", "loss_y"}


def test_a_name_that_is_no_row_is_answered_with_the_rows():
    for change in ({"losses": WITH}, {"alpha": {"own-coral": 1}}):
        with pytest.raises(UserError, match=r"own-coral.* any of S, T, y, MMD, LMMD"):
            methods.make("tlmlda", **change).options()
    with pytest.raises(UserError, match=r"take 'y' and any of S, T"):
        methods.make("tlmlda", losses=("S", "T")).options()


# The paper's five


def test_the_table_has_the_papers_five_in_its_order():
    assert tuple(losses.LOSSES)[:5] == PAPER.losses
    assert {name: losses.LOSSES[name].alpha for name in PAPER.losses} == PRINTED == dict(S=1, T=1, y=3, MMD=1, LMMD=1)


@pytest.mark.parametrize("name", PAPER.losses)
def test_a_row_needs_what_it_says_and_nothing_else(name):
    z, labels = torch.rand(6, 4), torch.tensor([0, 1, 2, 0, 1, 2])

    def step(**missing):
        full = dict(xs=z, ys=labels, zs=z, logits=z[:, :3], rebuilt_s=z / 2)
        full |= dict(xt=1 - z, zt=1 - z, pt=torch.softmax(z[:, :3], 1), rebuilt_t=z)
        return losses.Step(**(full | missing), asked=(name,))

    row = losses.LOSSES[name]
    value = losses.of_step(step())[name]
    for needed, missing in (
        (row.needs_target, ("xt", "zt", "pt", "rebuilt_t")),
        (row.needs_labels, ("ys",)),
        (row.needs_decoder, ("rebuilt_s", "rebuilt_t")),
    ):
        without = step(**dict.fromkeys(missing))
        if needed:
            with pytest.raises((AttributeError, TypeError)):
                losses.of_step(without)
        else:
            assert torch.equal(losses.of_step(without)[name], value)


def test_mmd_and_lmmd_of_one_step_share_one_kernel_matrix(monkeypatch):
    made = []
    forms = losses.quadratic_forms
    monkeypatch.setattr(losses, "quadratic_forms", lambda *a, **k: made.append(1) or forms(*a, **k))
    o = replace(PRESETS["quick"], encoder=(12, 6), emotion=(8, 5))
    network = trainer.build_network(o, 9, 3)
    xs, ys = torch.rand(30, 9), torch.arange(30) % 3
    trainer.batch_losses(network, xs, ys, xs + 1, o)
    assert len(made) == 1
