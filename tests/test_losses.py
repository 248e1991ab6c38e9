"""Equations 1 to 4 against double loops, finite differences and the faults of public code (METHODS 1.5c)."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd import gradcheck

from tlmlda_lib import losses


def loop_forms(z, columns, kernels=5, bandwidth=None):
    """w'Kw by loops over pairs of samples, bandwidth detached; differentiable."""
    n = len(z)
    d = [[((z[i] - z[j]) ** 2).sum() for j in range(n)] for i in range(n)]
    b0 = bandwidth or max(float(sum(sum(row) for row in d).detach()) / (n * n - n), 1e-12)
    scales = [b0 * 2.0 ** (m - kernels // 2) for m in range(kernels)]
    forms = []
    for w in columns:
        total = torch.zeros((), dtype=z.dtype)
        for i in range(n):
            for j in range(n):
                k = sum(torch.exp(-d[i][j] / b) for b in scales)
                total = total + float(w[i]) * float(w[j]) * k
        forms.append(total)
    return forms


def mmd_columns(n_s, n_t):
    return [[1 / n_s] * n_s + [-1 / n_t] * n_t]


def lmmd_columns(ys, pt, common="both"):
    columns = []
    predicted = set(pt.argmax(1).tolist())
    for c in range(pt.shape[1]):
        in_source = sum(1 for y in ys.tolist() if y == c)
        in_target = sum(float(p) for p in pt[:, c])
        kept = {"both": in_source > 0 and c in predicted, "source": in_source > 0, "all": True}[common]
        if kept:
            ws = [(1 / in_source if y == c else 0.0) for y in ys.tolist()]
            wt = [-float(p) / in_target if in_target else 0.0 for p in pt[:, c]]
            columns.append(ws + wt)
    return columns


def a_batch(n_s=7, n_t=5, d=4, classes=3, seed=0, dtype=torch.float64):
    g = torch.Generator().manual_seed(seed)
    zs = torch.randn(n_s, d, generator=g, dtype=dtype)
    zt = torch.randn(n_t, d, generator=g, dtype=dtype) + 0.5
    ys = torch.randint(classes, (n_s,), generator=g)
    pt = torch.softmax(2 * torch.randn(n_t, classes, generator=g, dtype=dtype), 1)
    return zs, zt, ys, pt


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize("common", ["both", "source", "all"])
@pytest.mark.parametrize("sizes", [(7, 5), (4, 9), (1, 3), (3, 1), (1, 1)])
def test_mmd_and_lmmd_equal_loops_over_pairs(power, common, sizes):
    zs, zt, ys, pt = a_batch(*sizes)
    zs.requires_grad_()
    zt.requires_grad_()
    m, lm = losses.mmd_and_lmmd(zs, zt, ys, pt, power=power, common=common)
    grads = torch.autograd.grad(m + 2 * lm, [zs, zt], allow_unused=True)

    z = torch.cat([zs, zt])
    root = (lambda u: torch.sqrt(u + 1e-12)) if power == 1 else (lambda u: u)
    (u,) = loop_forms(z, mmd_columns(len(zs), len(zt)))
    per_class = [root(u) for u in loop_forms(z, lmmd_columns(ys, pt, common))]
    expected_m = root(u)
    expected_l = sum(per_class) / len(per_class) if per_class else 0 * z.sum()
    expected = torch.autograd.grad(expected_m + 2 * expected_l, [zs, zt])
    assert abs(float((m - expected_m).detach())) < 1e-10
    assert abs(float(lm - expected_l)) < 1e-10
    for got, want in zip(grads, expected, strict=True):
        assert float((got - want).abs().max()) < 1e-10
    assert float(losses.mmd(zs, zt, power=power)) == pytest.approx(float(m), abs=1e-14)
    assert float(losses.lmmd(zs, zt, ys, pt, power=power, common=common)) == pytest.approx(float(lm), abs=1e-14)


def test_three_points_by_hand():
    # source at 0 and 2, target at 1: squared distances 4, 1, 1; b0 = 2 (4 + 1 + 1) / 6 = 2
    def k(d):
        return sum(math.exp(-d / b) for b in (0.5, 1, 2, 4, 8))

    by_hand = 0.25 * (2 * 5 + 2 * k(4)) + 5 - 2 * 0.5 * 2 * k(1)
    got = losses.mmd(torch.tensor([[0.0], [2.0]]), torch.tensor([[1.0]]))
    assert float(got) == pytest.approx(by_hand, rel=1e-6)


@pytest.mark.parametrize("kernels", [1, 2, 5, 6])
def test_number_of_kernels_and_a_fixed_bandwidth_are_respected(kernels):
    zs, zt, *_ = a_batch()
    (expected,) = loop_forms(torch.cat([zs, zt]), mmd_columns(7, 5), kernels=kernels, bandwidth=3.0)
    assert float(losses.mmd(zs, zt, kernels=kernels, bandwidth=3.0)) == pytest.approx(float(expected), abs=1e-12)


def test_gradients_by_finite_differences():
    zs, zt, ys, pt = a_batch(4, 3, 3)
    # The bandwidth is held fixed in the gradient, so it must be fixed in the differences as well.
    gradcheck(lambda a, b: losses.mmd(a, b, bandwidth=2.0), (zs.requires_grad_(), zt.requires_grad_()))
    gradcheck(lambda a, b: losses.lmmd(a, b, ys, pt, bandwidth=2.0, common="all", power=1), (zs, zt))
    clean = torch.rand(4, 3, dtype=torch.float64)
    rebuilt = torch.rand(4, 3, dtype=torch.float64, requires_grad=True)
    for units in ("mean", "sum", "printed", "bce"):
        gradcheck(lambda r, u=units: losses.reconstruction(r, clean, units=u), (rebuilt,))


@pytest.mark.parametrize("exponent", [-18, -12, -8, 0, 8, 12, 18])
def test_finite_and_unchanged_at_any_scale_in_float32(exponent):
    zs, zt, ys, pt = a_batch(20, 13, 8)
    reference = [float(v) for v in losses.mmd_and_lmmd(zs, zt, ys, pt)]
    scale = 10.0**exponent
    a, b = ((t * scale).float().requires_grad_() for t in (zs, zt))
    m, lm = losses.mmd_and_lmmd(a, b, ys, pt.float())
    (m + lm).backward()
    assert float(m) == pytest.approx(reference[0], rel=1e-5)
    assert float(lm) == pytest.approx(reference[1], rel=1e-5)
    assert torch.isfinite(a.grad).all()
    assert float(a.grad.abs().max()) > 0


def test_an_offset_of_1000_keeps_the_digits_that_the_input_has():
    zs, zt, *_ = a_batch(20, 20, 8, dtype=torch.float32)
    zs, zt = (torch.round(t * 64) / 64 for t in (zs, zt))  # exact in float32 with and without the offset
    assert float(losses.mmd(zs + 1000, zt + 1000)) == pytest.approx(float(losses.mmd(zs, zt)), rel=1e-5)


@pytest.mark.parametrize("offset", [0.0, 1000.0, 0.1])
@pytest.mark.parametrize("power", [1, 2])
def test_identical_rows_are_perfectly_aligned_and_stay_in_the_graph(offset, power):
    zs = torch.full((6, 5), offset, requires_grad=True)
    zt = torch.full((4, 5), offset, requires_grad=True)
    m, lm = losses.mmd_and_lmmd(zs, zt, torch.zeros(6).long(), torch.ones(4, 2) / 2, power=power)
    (m + lm).backward()
    assert float(m) == pytest.approx(0, abs=2e-3 if power == 1 else 1e-6)
    assert torch.isfinite(zs.grad).all()
    assert torch.isfinite(lm)


def test_nan_features_are_not_hidden():
    zs, zt, ys, pt = a_batch()
    zs[0, 0] = math.nan
    m, lm = losses.mmd_and_lmmd(zs, zt, ys, pt)
    assert math.isnan(m)
    assert math.isnan(lm)


def test_no_common_class_is_an_exact_zero_that_can_be_differentiated():
    zs, zt, _, _ = a_batch()
    zs.requires_grad_()
    ys = torch.zeros(7).long()
    pt = torch.tensor([[0.1, 0.2, 0.7]] * 5, dtype=torch.float64)
    value = losses.lmmd(zs, zt, ys, pt)
    assert value.item() == 0
    (grad,) = torch.autograd.grad(value, zs)
    assert torch.equal(grad, torch.zeros_like(zs))


def test_absent_class_does_not_count():
    zs, zt, ys, pt = a_batch(classes=2)
    wider = torch.cat([pt, torch.zeros(5, 1, dtype=pt.dtype)], 1)
    assert float(losses.lmmd(zs, zt, ys, wider)) == pytest.approx(float(losses.lmmd(zs, zt, ys, pt)), abs=1e-14)


def test_the_pseudo_labels_get_no_gradient():
    zs, zt, ys, _ = a_batch()
    logits = torch.randn(5, 3, dtype=torch.float64, requires_grad=True)
    zs.requires_grad_()
    losses.lmmd(zs, zt, ys, torch.softmax(logits, 1)).backward()
    assert logits.grad is None


@given(st.integers(0, 2**31), st.integers(1, 9), st.integers(1, 9))
@settings(max_examples=30, deadline=None)
def test_the_order_of_samples_does_not_matter_and_mmd_is_symmetric(seed, n_s, n_t):
    zs, zt, ys, pt = a_batch(n_s, n_t, seed=seed)
    g = torch.Generator().manual_seed(seed)
    i, j = torch.randperm(n_s, generator=g), torch.randperm(n_t, generator=g)
    m, lm = losses.mmd_and_lmmd(zs, zt, ys, pt, common="source")
    m2, lm2 = losses.mmd_and_lmmd(zs[i], zt[j], ys[i], pt[j], common="source")
    assert float(m) >= -1e-12
    assert float(m2) == pytest.approx(float(m), abs=1e-12)
    assert float(lm2) == pytest.approx(float(lm), abs=1e-12)
    assert float(losses.mmd(zt, zs)) == pytest.approx(float(m), abs=1e-12)


def test_null_level_of_two_samples_of_one_distribution():
    # METHODS 1.2: at 100 + 100 the floor of the square is .062 for d = 256 and .042 for d = 1
    g = torch.Generator().manual_seed(1)
    for d, floor in ((256, 0.062), (2, 0.049), (1, 0.042)):
        draws = [
            float(losses.mmd(torch.randn(100, d, generator=g), torch.randn(100, d, generator=g))) for _ in range(150)
        ]
        assert np.mean(draws) == pytest.approx(floor, rel=0.1), d


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype_is_kept(dtype):
    zs, zt, ys, pt = a_batch(dtype=dtype)
    zs.requires_grad_()
    m, lm = losses.mmd_and_lmmd(zs, zt, ys, pt)
    (m + lm).backward()
    assert m.dtype == lm.dtype == zs.grad.dtype == dtype
    assert m.device == zs.device


def test_half_precision_and_autocast_are_computed_in_float32():
    zs, zt, ys, pt = a_batch(30, 30, 16, dtype=torch.float32)
    full = losses.mmd_and_lmmd(zs, zt, ys, pt)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        under = losses.mmd_and_lmmd(zs, zt, ys, pt)
    for a, b in zip(full, under, strict=True):
        assert torch.equal(a, b)
    half = zs.bfloat16().requires_grad_()
    m = losses.mmd(half, zt.bfloat16())
    m.backward()
    assert m.dtype == torch.float32
    assert half.grad.dtype == torch.bfloat16
    assert float(m) == pytest.approx(float(full[0]), rel=0.05)


def test_memory_grows_with_n_squared_not_with_n_squared_times_d():
    zs, zt = torch.randn(300, 64), torch.randn(300, 64)
    zs.requires_grad_()
    with torch.autograd.graph.saved_tensors_hooks(lambda t: sizes.append(t.numel()) or t, lambda t: t):
        sizes: list[int] = []
        losses.mmd(zs, zt)
    assert max(sizes) <= 600 * 600


def test_reconstruction_units_are_related_as_written():
    a, b = torch.rand(6, 11), torch.rand(6, 11)
    mean = float(losses.reconstruction(a, b))
    assert mean == pytest.approx(float(((a - b) ** 2).mean()))
    assert float(losses.reconstruction(a, b, units="sum")) == pytest.approx(11 * mean, rel=1e-5)
    assert float(losses.reconstruction(a, b, units="printed")) == pytest.approx(66 * mean, rel=1e-5)
    p, q = a.clamp(0.01, 0.99).numpy(), b.numpy()
    bce = -(q * np.log(p) + (1 - q) * np.log(1 - p)).mean()
    assert float(losses.reconstruction(torch.tensor(p), b, units="bce")) == pytest.approx(float(bce), rel=1e-5)


def test_classification_is_minus_the_log_probability():
    logits = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
    by_hand = -(math.log(math.exp(2) / (math.exp(2) + 1)) + math.log(1 / (1 + math.e))) / 2
    assert float(losses.classification(logits, torch.tensor([0, 0]))) == pytest.approx(by_hand, rel=1e-6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda z, y, p: losses.mmd(z, z[:, :2]), "must be"),
        (lambda z, y, p: losses.mmd(z, z[:0]), "at least one"),
        (lambda z, y, p: losses.mmd(z, z, power=3), "power=3"),
        (lambda z, y, p: losses.mmd(z, z, kernels=0), "kernels=0"),
        (lambda z, y, p: losses.lmmd(z, z, y[:2], p), "must be"),
        (lambda z, y, p: losses.lmmd(z, z, y, p, common="some"), "common='some'"),
        (lambda z, y, p: losses.reconstruction(z, z[:2]), "must agree"),
        (lambda z, y, p: losses.reconstruction(z, z, units="total"), "units='total'"),
    ],
)
def test_errors_name_the_value(call, words):
    z = torch.rand(4, 3)
    with pytest.raises(ValueError, match=words):
        call(z, torch.zeros(4).long(), torch.ones(4, 2) / 2)


# What is refused, and what is right although few ask for it


@pytest.mark.parametrize("bandwidth", [None, 1.7])
def test_a_second_derivative_is_that_of_the_loops(bandwidth):
    zs, zt, ys, pt = a_batch(4, 3, 2)
    z = torch.cat([zs, zt]).requires_grad_()
    weights = torch.tensor(mmd_columns(4, 3) + lmmd_columns(ys, pt, "all"), dtype=z.dtype)

    def penalty(forms):
        (slope,) = torch.autograd.grad(forms.sum(), z, create_graph=True)
        (second,) = torch.autograd.grad(slope.square().sum(), z)
        return slope.detach(), second

    ours = penalty(losses.quadratic_forms(z, weights.T, bandwidth=bandwidth))
    theirs = penalty(torch.stack(loop_forms(z, weights.tolist(), bandwidth=bandwidth)))
    for got, want in zip(ours, theirs, strict=True):
        torch.testing.assert_close(got, want, rtol=1e-9, atol=1e-12)
    assert float(theirs[1].abs().max()) > 1e-3


def test_the_bandwidth_is_held_fixed_at_the_second_derivative():
    def first(z):
        return losses.mmd(z[:3], z[3:], bandwidth=2.0)

    z = torch.randn(6, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(first, (z,))


@pytest.mark.parametrize("power", [2, 1])
def test_a_gradient_penalty_goes_through_mmd_and_lmmd(power):
    zs, zt, ys, pt = a_batch(4, 3, 2)
    how = {"bandwidth": 2.0, "power": power}
    for loss in (
        lambda a, b: losses.mmd(a, b, **how),
        lambda a, b: losses.lmmd(a, b, ys, pt, common="all", **how),
        lambda a, b: sum(losses.mmd_and_lmmd(a, b, ys, pt, common="all", **how)),
    ):
        assert torch.autograd.gradgradcheck(loss, (zs.clone().requires_grad_(), zt.clone().requires_grad_()))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda zs, zt, ys, pt: losses.lmmd(zs, zt, ys, 5 * pt.log()), "rows that are not probabilities"),
        (lambda zs, zt, ys, pt: losses.lmmd(zs, zt, ys, 2 * pt), "rows that are not probabilities"),
        (lambda zs, zt, ys, pt: losses.mmd_and_lmmd(zs, zt, ys, pt + 0.1), "rows that are not probabilities"),
        (lambda zs, zt, ys, pt: losses.lmmd(zs, zt, ys - 9, pt), "ys contains -[789]: labels are codes from 0 to 2"),
        (lambda zs, zt, ys, pt: losses.mmd_and_lmmd(zs, zt, ys + 3, pt), "ys contains [345]: labels are codes"),
        (lambda zs, zt, ys, pt: losses.classification(pt, torch.full((5,), -100)), "labels contains -100"),
        (lambda zs, zt, ys, pt: losses.mmd(zs, zt, bandwidth=-1.0), "bandwidth=-1.0: .* above 0"),
        (lambda zs, zt, ys, pt: losses.lmmd(zs, zt, ys, pt, bandwidth=0), "bandwidth=0: .* above 0"),
        (lambda zs, zt, ys, pt: losses.mmd(zs, zt, bandwidth=math.nan), "bandwidth=nan"),
        (lambda zs, zt, ys, pt: losses.mmd(zs, zt, bandwidth=math.inf), "bandwidth=inf"),
        (lambda zs, zt, ys, pt: losses.mmd(zs, zt, kernels=2.5), "kernels=2.5: a whole number"),
        (lambda zs, zt, ys, pt: losses.lmmd(zs, zt, ys + 0.7, pt), "ys has the type torch.float"),
        (lambda zs, zt, ys, pt: losses.classification(pt, ys[:4] > 0), "labels has the type torch.bool"),
        (lambda zs, zt, ys, pt: losses.reconstruction(zs, zs * 9, units="bce"), r"must be in \[0, 1\]"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(call, says):
    with pytest.raises(ValueError, match=says):
        call(*a_batch())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_probabilities_of_any_precision_pass(dtype):
    zs, zt, ys, _ = a_batch(dtype=torch.float32)
    pt = torch.softmax(torch.randn(len(zt), 40).to(dtype), 1)
    assert torch.isfinite(losses.lmmd(zs, zt, ys, pt))
    assert not torch.isfinite(losses.lmmd(zs * math.nan, zt, ys, pt * math.nan, common="all")), "a diverged run goes on"


def of_samples(step, weighted):
    forms = loop_forms(torch.cat([step.zs, step.zt]), weighted)
    return sum(float(f) for f in forms) / len(forms)


#: An independent calculation for each row of the table, in the units of the defaults.
ORACLES = {
    "S": lambda step: float(np.mean((step.rebuilt_s.numpy() - step.xs.numpy()) ** 2)),
    "T": lambda step: float(np.mean((step.rebuilt_t.numpy() - step.xt.numpy()) ** 2)),
    "y": lambda step: (
        -np.mean(
            [row[y] - np.log(np.exp(row).sum()) for row, y in zip(step.logits.numpy(), step.ys.numpy(), strict=True)]
        )
    ),
    "MMD": lambda step: of_samples(step, mmd_columns(len(step.zs), len(step.zt))),
    "LMMD": lambda step: of_samples(step, lmmd_columns(step.ys, step.pt)),
}


@pytest.mark.parametrize("name", losses.LOSSES)
def test_each_row_equals_its_oracle(name):
    zs, zt, ys, pt = a_batch(n_s=9, n_t=6, seed=3)
    g = torch.Generator().manual_seed(4)
    xs, rebuilt_s = torch.rand(2, 9, 5, generator=g, dtype=torch.float64)
    xt, rebuilt_t = torch.rand(2, 6, 5, generator=g, dtype=torch.float64)
    logits = torch.randn(9, 3, generator=g, dtype=torch.float64)
    step = losses.Step(
        xs=xs, xt=xt, ys=ys, zs=zs, zt=zt, pt=pt, logits=logits, rebuilt_s=rebuilt_s, rebuilt_t=rebuilt_t, asked=(name,)
    )
    assert name in ORACLES, f"calculate {name} in another way, and put it into ORACLES"
    assert losses.of_step(step)[name].item() == pytest.approx(ORACLES[name](step), rel=1e-10)
