"""Machines so small that every state can be counted: gradients, contrastive divergence and the Gibbs kernel."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from tlmlda_lib.methods.dbn import rbm
from tlmlda_lib.methods.dbn.rbm import RBM

V, H = 4, 3


def states(n):
    return torch.tensor(list(itertools.product([0.0, 1.0], repeat=n)), dtype=torch.float64)


def machine(seed=0, *, gaussian=False, size=1.0):
    g = torch.Generator().manual_seed(seed)
    W, b, c = (size * torch.randn(*shape, generator=g, dtype=torch.float64) for shape in ((V, H), (V,), (H,)))
    return RBM(W, b, c, gaussian)


def energy(m, v, h):
    """As the module's docstring prints it, for one v and one h, with plain numbers."""
    W, b, c = m.W.tolist(), m.b.tolist(), m.c.tolist()
    both = sum(v[i] * W[i][j] * h[j] for i in range(V) for j in range(H)) + sum(c[j] * h[j] for j in range(H))
    if m.gaussian:
        return sum((v[i] - b[i]) ** 2 for i in range(V)) / 2 - both
    return -both - sum(b[i] * v[i] for i in range(V))


def log_partition(m):
    """log of the sum, or for Gaussian units of the integral in closed form, over all states."""
    total = 0.0
    for h in states(H).tolist():
        if m.gaussian:  # integral of exp(-|v - b|^2/2 + v'Wh) = (2 pi)^(V/2) exp(b'Wh + |Wh|^2/2)
            pull = [sum(m.W.tolist()[i][j] * h[j] for j in range(H)) for i in range(V)]
            own = sum(m.b.tolist()[i] * pull[i] + pull[i] ** 2 / 2 for i in range(V))
            own += sum(m.c.tolist()[j] * h[j] for j in range(H))
            total += (2 * math.pi) ** (V / 2) * math.exp(own)
        else:
            total += sum(math.exp(-energy(m, v, h)) for v in states(V).tolist())
    return math.log(total)


def free_energy(m, v):
    """``-log sum_h exp(-E(v, h))`` (n,) of v (n, V)."""
    own = (v - m.b).square().sum(1) / 2 if m.gaussian else -v @ m.b
    return own - torch.nn.functional.softplus(v @ m.W + m.c).sum(1)


def log_likelihood(m, data):
    """Mean over the rows of data, each by a sum over all h."""
    rows = [math.log(sum(math.exp(-energy(m, v, h)) for h in states(H).tolist())) for v in data.tolist()]
    return sum(rows) / len(rows) - log_partition(m)


def data(gaussian):
    g = torch.Generator().manual_seed(9)
    x = torch.randn(5, V, generator=g, dtype=torch.float64)
    return x if gaussian else (x > 0).double()


@pytest.mark.parametrize("gaussian", [False, True])
def test_free_energy_and_conditionals_are_those_of_the_energy(gaussian):
    m = machine(gaussian=gaussian)
    for v, free, hidden in zip(data(gaussian), free_energy(m, data(gaussian)), m.hidden(data(gaussian)), strict=True):
        weights = np.array([math.exp(-energy(m, v.tolist(), h)) for h in states(H).tolist()])
        assert float(free) == pytest.approx(-math.log(weights.sum()), abs=1e-10)
        np.testing.assert_allclose(hidden, weights @ states(H).numpy() / weights.sum(), atol=1e-12)
    for h, mean in zip(states(H), m.visible(states(H)), strict=True):
        if gaussian:  # of exp(-|v - b|^2/2 + v'Wh): the top of a parabola
            step = 1e-4 * torch.eye(V, dtype=torch.float64)
            for e in step:
                assert energy(m, (mean + e).tolist(), h.tolist()) > energy(m, mean.tolist(), h.tolist())
        else:
            weights = np.array([math.exp(-energy(m, v, h.tolist())) for v in states(V).tolist()])
            np.testing.assert_allclose(mean, weights @ states(V).numpy() / weights.sum(), atol=1e-12)


def model_statistics(m):
    """Mean of -dF/d(W, b, c) under the model itself, state by state."""
    if not m.gaussian:
        p = torch.softmax(-free_energy(m, states(V)), 0)
        each = [m.statistics(v[None]) for v in states(V)]
        return [sum(w * s[k] for w, s in zip(p, each, strict=True)) for k in range(3)]
    hs = states(H)
    pull = hs @ m.W.T
    p = torch.softmax(pull @ m.b + pull.square().sum(1) / 2 + hs @ m.c, 0)  # p(h), v integrated out
    mean = m.b + pull  # of v given h
    return [torch.einsum("n,nv,nh->vh", p, mean, hs), p @ pull, p @ hs]


@pytest.mark.parametrize("gaussian", [False, True])
def test_statistics_on_data_minus_model_are_the_gradient_of_the_exact_log_likelihood(gaussian):
    m = machine(1, gaussian=gaussian, size=0.7)
    x = data(gaussian)
    exact = [a - b for a, b in zip(m.statistics(x), model_statistics(m), strict=True)]
    step = 1e-5
    for parameter, gradient in zip((m.W, m.b, m.c), exact, strict=True):
        flat = parameter.view(-1)
        for k in range(len(flat)):
            kept = float(flat[k])
            flat[k] = kept + step
            up = log_likelihood(m, x)
            flat[k] = kept - step
            down = log_likelihood(m, x)
            flat[k] = kept
            assert float(gradient.reshape(-1)[k]) == pytest.approx((up - down) / (2 * step), abs=1e-8)


@pytest.mark.parametrize("gaussian", [False, True])
def test_the_mean_of_the_update_is_the_expected_one(gaussian):
    m = machine(2, gaussian=gaussian)
    v0 = data(gaussian)[:1]
    p = m.hidden(v0)[0]
    expected = [torch.zeros_like(t) for t in (m.W, m.b, m.c)]
    square = [torch.zeros_like(t) for t in expected]
    for h in states(H):  # v0'h0p - v1'h1p, with numbers, for every h0 that can be drawn
        chance = float(torch.where(h > 0, p, 1 - p).prod())
        mean = m.W @ h + m.b
        v1 = mean if gaussian else 1 / (1 + torch.exp(-mean))
        h1 = 1 / (1 + torch.exp(-(m.W.T @ v1 + m.c)))
        here = (torch.outer(v0[0], p) - torch.outer(v1, h1), v0[0] - v1, p - h1)
        for k in range(3):
            expected[k] += chance * here[k]
            square[k] += chance * here[k] ** 2
    n = 200_000
    with torch.random.fork_rng():
        torch.manual_seed(0)
        got, _ = m.divergence(v0.repeat(n, 1))
    for k in range(3):
        error = ((square[k] - expected[k] ** 2).clamp(min=0) / n).sqrt()
        assert (torch.abs(got[k] - expected[k]) < 5 * error + 1e-12).all()
        assert float(error.max()) < 0.01


def test_a_gibbs_step_leaves_the_distribution_as_it_is():
    m = machine(3)
    vs, hs = states(V), states(H)
    p_v = torch.softmax(-free_energy(m, vs), 0)
    up = torch.stack([torch.where(hs > 0, q, 1 - q).prod(1) for q in m.hidden(vs)])  # p(h | v)
    down = torch.stack([torch.where(vs > 0, q, 1 - q).prod(1) for q in m.visible(hs)])  # p(v | h)
    torch.testing.assert_close(p_v @ (up @ down), p_v, rtol=1e-12, atol=1e-14)
    other = torch.full_like(p_v, 1 / len(p_v))
    assert (other @ (up @ down) - other).abs().max() > 1e-3  # and no other


@pytest.mark.parametrize("gaussian", [False, True])
def test_training_raises_the_exact_likelihood_of_the_data(gaussian):
    g = torch.Generator().manual_seed(0)
    x = torch.eye(V)[torch.randint(0, 2, (300,), generator=g)]
    x = torch.cat([x[:, :2], x[:, :2]], 1)  # two patterns: units 0 and 2, or 1 and 3
    if gaussian:
        x = 2 * x - 1 + 0.3 * torch.randn(300, V, generator=g)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        rate = 0.01 if gaussian else 0.1
        m, errors = rbm.train(x, H, gaussian=gaussian, epochs=60, learning_rate=rate, batch_size=20)
        start = RBM.drawn(V, H, gaussian=gaussian)
    some = x[:20].double()
    for r in (m, start):
        r.W, r.b, r.c = r.W.double(), r.b.double(), r.c.double()
    assert log_likelihood(m, some) > log_likelihood(start, some) + 0.5
    assert errors[-1] < 0.5 * errors[0]
    assert len(errors) == 60


def test_a_step_is_momentum_times_the_last_and_the_rate_times_the_gradient_less_decay(monkeypatch):
    fixed = (torch.ones(V, H), torch.full((V,), 2.0), torch.full((H,), 3.0))
    monkeypatch.setattr(RBM, "divergence", lambda self, v0: (fixed, v0))
    monkeypatch.setattr(rbm, "EARLY", 1)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        start = RBM.drawn(V, H)
        torch.manual_seed(0)
        m, _ = rbm.train(
            torch.zeros(6, V),
            H,
            gaussian=False,
            epochs=2,
            learning_rate=0.1,
            batch_size=6,
            momentum=(0.5, 0.9),
            decay=0.2,
        )
    W, velocity = start.W.clone(), torch.zeros(V, H)
    for keep in (0.5, 0.9):
        velocity = keep * velocity + 0.1 * (1 - 0.2 * W)
        W = W + velocity
    torch.testing.assert_close(m.W, W)
    torch.testing.assert_close(m.c, torch.full((H,), 0.3 + (0.9 * 0.3 + 0.3)))
