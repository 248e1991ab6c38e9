"""Equations 5 and 6."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tlmlda_lib.weighting import LossWeights, dynamic_weights

NAMES = ("S", "T", "y", "MMD", "LMMD")


def test_the_first_scheme_in_means_as_counted_by_hand():
    # METHODS 1.3: L = (.05, .05, 1.6, .06, .3), alpha = (1, 1, 3, 1, 1)
    losses = dict(zip(NAMES, (0.05, 0.05, 1.6, 0.06, 0.3), strict=True))
    weights = dynamic_weights(losses, dict(zip(NAMES, (1, 1, 3, 1, 1), strict=True)))
    for name, by_hand in zip(NAMES, (0.024, 0.024, 2.33, 0.029, 0.146), strict=True):
        assert weights[name] == pytest.approx(by_hand, rel=0.02)


@given(st.lists(st.floats(1e-6, 1e6), min_size=5, max_size=5), st.floats(1e-3, 1e3))
def test_weights_over_alpha_sum_to_one_and_do_not_know_a_common_unit(values, unit):
    alpha = dict(zip(NAMES, (1, 2, 3, 0.1, 5), strict=True))
    weights = dynamic_weights(dict(zip(NAMES, values, strict=True)), alpha)
    assert sum(weights[n] / alpha[n] for n in NAMES) == pytest.approx(1)
    scaled = dynamic_weights(dict(zip(NAMES, [v * unit for v in values], strict=True)), alpha)
    for n in NAMES:
        assert scaled[n] == pytest.approx(weights[n])


def test_through_the_graph_small_losses_would_be_trained_upwards():
    # METHODS 1.3: dJ/dL_k = 2 w_k - J/S. This is why the weights are plain numbers.
    losses = torch.tensor([0.05, 0.05, 1.6, 0.06, 0.3], requires_grad=True)
    alpha = torch.tensor([1.0, 1, 3, 1, 1])
    (alpha * losses**2 / losses.sum()).sum().backward()
    torch.testing.assert_close(losses.grad, torch.tensor([-1.8, -1.8, 2.8, -1.8, -1.5]), atol=0.06, rtol=0)
    weights = dynamic_weights(dict(zip(NAMES, losses.detach(), strict=True)), dict.fromkeys(NAMES, 1.0))
    assert all(type(w) is float for w in weights.values())


def test_all_zero_and_a_missing_factor():
    assert dynamic_weights({"S": 0.0, "y": 0.0}, {"S": 1, "y": 3}) == {"S": 0.5, "y": 1.5}
    with pytest.raises(ValueError, match="MMD"):
        dynamic_weights({"MMD": 1.0}, {"S": 1})


def run(update, batches):
    """Weights of each batch, for epochs of (y, MMD) losses."""
    w = LossWeights(("y", "MMD"), {"y": 3, "MMD": 1}, update)
    out = []
    for epoch in batches:
        out += [dict(w.of_batch({"y": y, "MMD": m})) for y, m in epoch]
        w.end_epoch()
    return out


EPOCHS = [[(2, 1), (4, 1)], [(1, 1), (1, 1)], [(9, 9)]]


def test_update_by_epoch_uses_the_means_of_the_epoch_before():
    w = run("epoch", EPOCHS)
    assert w[0] == w[1] == {"y": 1.5, "MMD": 0.5}  # alpha / number of losses
    assert w[2] == w[3] == {"y": 3 * 3 / 4, "MMD": 1 / 4}  # means 3 and 1
    assert w[4] == {"y": 1.5, "MMD": 0.5}  # means 1 and 1


def test_update_by_batch_uses_the_batch_itself():
    w = run("batch", EPOCHS)
    assert w[0] == {"y": 3 * 2 / 3, "MMD": 1 / 3}
    assert w[1] == {"y": 3 * 4 / 5, "MMD": 1 / 5}


def test_constant():
    assert run("constant", EPOCHS) == [{"y": 3, "MMD": 1}] * 5


def test_running_sums_are_divided_but_never_emptied():
    w = run("running", EPOCHS)
    assert w[0] == w[1] == {"y": 1, "MMD": 1}
    m1 = (6 / 2, 2 / 2)
    assert w[2] == {"y": 3 * m1[0] / sum(m1), "MMD": m1[1] / sum(m1)}
    m2 = ((m1[0] + 2) / 2, (m1[1] + 2) / 2)
    assert w[4] == pytest.approx({"y": 3 * m2[0] / sum(m2), "MMD": m2[1] / sum(m2)})


@pytest.mark.parametrize("update", ["epoch", "batch", "running", "constant"])
def test_restored_it_goes_on_as_if_nothing_had_happened(update):
    first = LossWeights(("y", "MMD"), {"y": 3, "MMD": 1}, update)
    first.of_batch({"y": 2.0, "MMD": 1.0})
    first.end_epoch()
    second = LossWeights(("y", "MMD"), {"y": 3, "MMD": 1}, update)
    second.restore(first.state())
    for w in (first, second):
        w.of_batch({"y": 5.0, "MMD": 1.0})
        w.end_epoch()
    assert first.of_batch({"y": 1.0, "MMD": 2.0}) == second.of_batch({"y": 1.0, "MMD": 2.0})


def test_an_unknown_update_is_named():
    with pytest.raises(ValueError, match="'hourly'"):
        LossWeights(("y",), {"y": 1}, "hourly")
