"""The fusion network: its formulas against loops and finite differences, masks, and one stream alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from tlmlda_lib.methods.ifn import fusion
from tlmlda_lib.methods.ifn.fusion import FUSIONS, FusionNetwork, balance, fusion_loss, multiplicative_weights

WIDTHS = (5, 3, 4)


def network(kind="attention", widths=WIDTHS, classes=3, seed=0, **how):
    torch.manual_seed(seed)
    one = FusionNetwork(widths, classes, fusion=kind, hidden=7, code=6, gate=5, **how).double()
    for p in one.parameters():  # also those that begin at 0
        torch.nn.init.normal_(p, 0, 0.5)
    return one


def batch(n=8, widths=WIDTHS, classes=3, seed=1):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, sum(widths), generator=generator, dtype=torch.float64)
    return x, torch.ones(n, len(widths), dtype=torch.bool), torch.arange(n) % classes


def some_absent(n=8, streams=3, seed=2):
    present = torch.rand(n, streams, generator=torch.Generator().manual_seed(seed)) > 0.4
    present[torch.arange(n), torch.arange(n) % streams] = True
    return present


@pytest.mark.parametrize("kind", FUSIONS)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 9))
def test_weights_sum_to_1_and_an_absent_stream_has_none_and_no_effect(kind, seed, n):
    net = network(kind, seed=seed).eval()
    x, _, _ = batch(n, seed=seed)
    present = some_absent(n, seed=seed)
    out = net(x, present)
    torch.testing.assert_close(out.weights.sum(1), torch.ones(n, dtype=torch.float64))
    assert (out.weights[~present] == 0).all()
    assert (out.weights >= 0).all()
    other = torch.where(present.repeat_interleave(torch.tensor(WIDTHS), 1), x, 1e6)
    again = net(other, present)
    for name in ("z", "logits", "weights"):
        assert torch.equal(getattr(out, name), getattr(again, name))


def test_the_gate_is_its_formula():
    net = network().eval()
    x, _, _ = batch()
    present = some_absent()
    gate, out = net.gate, net(x, present)
    V, W, u = gate.of_stream.weight, gate.of_all.weight, gate.score.weight[0]
    for i in range(len(x)):
        h = [net.encoders[k](x[i].split(WIDTHS)[k][None])[0] for k in range(3)]
        here = [k for k in range(3) if present[i, k]]
        hbar = sum(h[k] for k in here) / len(here)
        s = {k: u @ torch.tanh(V @ h[k] + W @ hbar + gate.offset[k]) for k in here}
        total = sum(torch.exp(v) for v in s.values())
        a = {k: torch.exp(v) / total for k, v in s.items()}
        for k in here:
            torch.testing.assert_close(out.weights[i, k], a[k])
        torch.testing.assert_close(out.z[i], sum(a[k] * h[k] for k in here))
        torch.testing.assert_close(out.logits[i], net.head(sum(a[k] * h[k] for k in here)))


def test_fixed_fusions():
    x, _, _ = batch()
    present = some_absent()
    codes = [[], [], []]
    net = network("concat").eval()
    for k, encoder in enumerate(net.encoders):
        codes[k] = encoder(x.split(WIDTHS, 1)[k]) * present[:, k : k + 1]
    torch.testing.assert_close(net(x, present).z, torch.cat(codes, 1))
    mean = network("mean").eval()
    np.testing.assert_allclose(mean(x, present).weights, present.numpy() / present.numpy().sum(1, keepdims=True))
    one = network("global").eval()
    e = np.exp(one.scores.detach().numpy()) * present.numpy()
    np.testing.assert_allclose(one(x, present).weights.detach(), e / e.sum(1, keepdims=True))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), k=st.integers(1, 4), beta=st.floats(0, 2))
def test_multiplicative_q_is_the_loop(seed, k, beta):
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(3), size=(5, k))  # (n, K, C)
    present = rng.random((5, k)) > 0.3
    present[:, 0] = True
    q = multiplicative_weights(torch.as_tensor(np.log(p)), torch.as_tensor(present), beta).numpy()
    for i in range(5):
        here = [j for j in range(k) if present[i, j]]
        for own in here:
            for c in range(3):
                product = np.prod([1 - p[i, j, c] for j in here if j != own])
                expected = product ** (beta / (len(here) - 1)) if len(here) > 1 else 1
                assert q[i, own, c] == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_multiplicative_logits_and_loss_are_sums_over_heads():
    net = network("multiplicative").eval()
    x, everywhere, y = batch()
    present = some_absent()
    out = net(x, present)
    log_p = torch.log_softmax(out.by_stream, 2)
    q = multiplicative_weights(log_p, present, 0.5)
    assert not q.requires_grad
    for i in range(len(x)):
        here = [k for k in range(3) if present[i, k]]
        torch.testing.assert_close(out.logits[i], sum(q[i, k] * log_p[i, k] for k in here))
        named = out.logits[i].argmax()
        shares = torch.stack([q[i, k, named] if k in here else torch.tensor(0.0).double() for k in range(3)])
        torch.testing.assert_close(out.weights[i], shares / shares.sum())
    loss = fusion_loss(out, y, present, "multiplicative", stream_loss=0)
    expected = -sum(q[i, k, y[i]] * log_p[i, k, y[i]] for i in range(8) for k in range(3) if present[i, k]) / 8
    torch.testing.assert_close(loss, expected)
    certain = torch.tensor([[[0.0, -800.0], [0.0, -800.0]]])  # both heads sure of the first class: nothing to learn
    assert multiplicative_weights(certain, torch.ones(1, 2, dtype=torch.bool), 0.5)[0, :, 0].tolist() == [0, 0]
    assert everywhere.all()


def test_the_loss_is_its_three_terms():
    net = network().eval()
    x, _, y = batch()
    present = some_absent()
    present[:, 1] = False
    present[:, 0] = True
    out = net(x, present)
    of_streams = [F.cross_entropy(out.by_stream[present[:, k], k], y[present[:, k]]) for k in (0, 2)]
    abar = out.weights.detach().numpy().mean(0)
    kl = sum(a * np.log(3 * a) for a in abar if a > 0)
    expected = F.cross_entropy(out.logits, y) + 0.3 * sum(of_streams) / 2 + 0.05 * kl
    torch.testing.assert_close(fusion_loss(out, y, present, "attention"), expected)
    # fixed weights have no balance
    torch.testing.assert_close(
        fusion_loss(out, y, present, "mean"), F.cross_entropy(out.logits, y) + 0.3 * sum(of_streams) / 2
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 6), k=st.integers(1, 5))
def test_balance_lies_between_even_and_collapsed(seed, n, k):
    a = torch.as_tensor(np.random.default_rng(seed).dirichlet(np.ones(k), size=n))
    assert -1e-12 <= balance(a) <= np.log(k) + 1e-12
    assert balance(torch.full((n, k), 1 / k, dtype=torch.float64)) == pytest.approx(0, abs=1e-12)
    assert balance(torch.eye(k, dtype=torch.float64)[torch.zeros(n, dtype=int)]) == pytest.approx(np.log(k))
    # rows are free: opposite choices are as good as none
    assert balance(torch.eye(k, dtype=torch.float64)) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("kind", FUSIONS)
def test_gradients_are_finite_differences(kind):
    net = network(kind).eval()
    x, _, y = batch(4)
    present = some_absent(4)
    present[:, 2] = False  # a stream that the batch lacks altogether

    def loss():
        return fusion_loss(net(x, present), y, present, kind)

    if kind == "multiplicative":  # q is held fixed: what is differentiated is the sum with q as it is
        q = multiplicative_weights(torch.log_softmax(net(x, present).by_stream, 2), present, 0.5)

        def value():
            out = net(x, present)
            log_p = torch.log_softmax(out.by_stream, 2)
            return fusion_loss(out._replace(logits=(q * present[..., None] * log_p).sum(1)), y, present, kind)
    else:
        value = loss
    gradients = torch.autograd.grad(loss(), list(net.parameters()), allow_unused=True)
    rng, step = np.random.default_rng(0), 1e-6
    for p, g in zip(net.parameters(), gradients, strict=True):
        g = torch.zeros_like(p) if g is None else g
        assert g.isfinite().all()
        for _ in range(3):
            i = tuple(rng.integers(s) for s in p.shape)
            with torch.no_grad():
                p[i] += step
                up = value()
                p[i] -= 2 * step
                down = value()
                p[i] += step
            assert g[i].item() == pytest.approx((up - down).item() / (2 * step), rel=1e-4, abs=1e-7)


def test_one_stream_is_the_single_stream_network_bit_for_bit():
    x, present, _ = batch(widths=(5,))
    for kind in FUSIONS:
        net = network(kind, widths=(5,)).eval()
        out = net(x, present)
        h = net.encoders[0](x)
        assert torch.equal(out.weights, torch.ones(8, 1).double())
        assert torch.equal(out.z, h)
        single = torch.log_softmax(net.stream_heads[0](h), 1) if kind == "multiplicative" else net.head(h)
        assert torch.equal(out.logits, single)


def test_stream_dropout_leaves_a_stream_and_spares_the_test():
    torch.manual_seed(0)
    present = some_absent(4000)
    kept = fusion.dropped(present, 0.3)
    assert kept.any(1).all()
    assert not (kept & ~present).any()
    several = present.sum(1) == 3
    # of three streams each stays unless it is dropped alone or with one other: .3 - .3^3, for none goes with all
    assert 1 - kept[several].double().mean() == pytest.approx(0.3 - 0.3**3, abs=0.02)
    assert fusion.dropped(present, 0.0) is present
    net = network("mean", stream_dropout=0.9).eval()
    x, everywhere, _ = batch()
    np.testing.assert_allclose(net(x, everywhere).weights, 1 / 3)
