"""TSDSL: its matrices against double loops, its subspace against scipy, an angle scan and a minimum's conditions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import eigh
from sklearn.svm import SVC

from tlmlda_lib.errors import UserError
from tlmlda_lib.methods import TSDSL, tsdsl
from tlmlda_lib.methods.tsdsl import EPSILON, neighbour_graph, scatters, smoothness, sparse_subspace


def domains(seed=0, n=(50, 35), d=12):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, sum(n))
    X = 1.5 * rng.normal(size=(3, d))[labels] + rng.normal(size=(sum(n), d))
    X[n[0] :] = X[n[0] :] * rng.uniform(0.5, 2, d) + 1
    return X, np.where(np.arange(sum(n)) < n[0], labels, -1), np.repeat([1, -2], n)


def symmetric(seed, d):
    A = np.random.default_rng(seed).normal(size=(d, d))
    return (A + A.T) / 2


def test_scatters_are_sums_over_samples():
    X, y, _ = domains()
    xs, ys = X[:50], y[:50]
    within, between = scatters(xs, ys)
    total = np.zeros((12, 12))
    expected_w, expected_b = total.copy(), total.copy()
    for x, c in zip(xs, ys, strict=True):
        m = xs[ys == c].mean(0)
        expected_w += np.outer(x - m, x - m)
        expected_b += np.outer(m - xs.mean(0), m - xs.mean(0))
        total += np.outer(x - xs.mean(0), x - xs.mean(0))
    np.testing.assert_allclose(within, expected_w, atol=1e-10)
    np.testing.assert_allclose(between, expected_b, atol=1e-10)
    np.testing.assert_allclose(within + between, total, atol=1e-10)


def test_the_graph_is_what_the_docstring_says():
    X, y, _ = domains(n=(12, 9), d=3)
    xs, ys, xt = X[:12], y[:12], X[12:]
    W = neighbour_graph(xs, ys, xt, 2)

    def among(i, j, rows, k=2):  # is rows[j] among the k nearest of the point i
        order = sorted((np.linalg.norm(i - r), n) for n, r in enumerate(rows) if r is not i)
        return j in [n for _, n in order[:k]]

    expected = np.zeros((21, 21))
    s, t = list(xs), list(xt)
    for i in range(12):
        for j in range(12):
            expected[i, j] = i != j and ys[i] == ys[j]
    for i in range(9):
        for j in range(9):
            expected[12 + i, 12 + j] = i != j and (among(t[i], j, t) or among(t[j], i, t))
    for i in range(12):
        for j in range(9):
            expected[i, 12 + j] = expected[12 + j, i] = among(s[i], j, t) or among(t[j], i, s)
    assert np.array_equal(W > 0, expected > 0)
    for block in (W[:12, :12], W[12:, 12:]):
        assert block.sum() == pytest.approx(1 / 3)
        assert len(np.unique(block[block > 0])) == 1
    assert W[:12, 12:].sum() + W[12:, :12].sum() == pytest.approx(1 / 3)
    np.testing.assert_array_equal(W, W.T)


def test_the_laplacian_measures_how_far_neighbours_fall_apart():
    X, y, _ = domains(n=(12, 9), d=4)
    W = neighbour_graph(X[:12], y[:12], X[12:], 3)
    P = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 2)))[0]
    double = sum(W[i, j] * np.sum((P.T @ (X[i] - X[j])) ** 2) for i in range(21) for j in range(21))
    assert 2 * np.trace(P.T @ smoothness(X, W) @ P) == pytest.approx(double, rel=1e-12)


def test_without_a_penalty_it_is_the_eigenproblem_of_scipy():
    X, y, domain = domains()
    clf = TSDSL(gamma=0, n_components=4, eta=0.7, alpha=2.0).fit(X, y, sample_domain=domain)
    xs, xt = (clf.scaler_.transform(X[r], sample_domain=domain[r]) for r in (domain > 0, domain < 0))
    within, between = scatters(xs, y[domain > 0])
    graph = smoothness(np.vstack([xs, xt]), neighbour_graph(xs, y[domain > 0], xt, 5))
    Q = within / np.trace(within) - 0.7 * between / np.trace(between) + 2 * graph / np.trace(graph)
    P = eigh(Q)[1][:, :4]
    np.testing.assert_allclose(clf.P_ @ clf.P_.T, P @ P.T, atol=1e-9)
    assert len(clf.objective_) == 1


@pytest.mark.parametrize("gamma", [0.01, 0.3, 2.0])
@pytest.mark.parametrize("seed", range(4))
def test_in_the_plane_it_is_a_minimum_of_an_angle_scan(seed, gamma):
    Q = symmetric(seed, 2)
    P, values = sparse_subspace(Q, 1, gamma)
    angles = np.linspace(0, np.pi, 200_001)
    rows = np.stack([np.cos(angles), np.sin(angles)])
    scan = np.einsum("in,ij,jn->n", rows, Q, rows) + gamma * np.sqrt(rows**2 + EPSILON**2).sum(0)
    here = int(np.argmin(np.abs(angles - np.arctan2(P[1, 0], P[0, 0]) % np.pi)))
    near = scan[np.arange(here - 500, here + 501) % 200_000]
    # it goes down a valley: no better angle near by (the iteration may stop a hair before the bottom)
    assert values[-1] <= near.min() + 1e-4 * max(1, gamma)
    if gamma == 0.01:
        assert values[-1] == pytest.approx(scan.min(), abs=1e-6)


@pytest.mark.parametrize("gamma", [0.01, 0.1, 1.0])
def test_the_objective_never_rises_and_ends_where_its_gradient_is_normal(gamma, monkeypatch):
    monkeypatch.setattr(tsdsl, "ROUNDS", 5000)
    monkeypatch.setattr(tsdsl, "TOLERANCE", 1e-15)
    Q = symmetric(3, 15)
    P, values = sparse_subspace(Q, 4, gamma)
    assert (np.diff(values) <= 0).all()
    assert len(values) > 2
    np.testing.assert_allclose(P.T @ P, np.eye(4), atol=1e-12)
    G = 2 * Q @ P + gamma * P / np.sqrt((P**2).sum(1) + EPSILON**2)[:, None]
    S = P.T @ G
    assert np.linalg.norm(G - P @ (S + S.T) / 2) < 1e-5 * np.linalg.norm(G)
    # and beside it nothing is lower
    rng = np.random.default_rng(0)
    for _ in range(300):
        other = np.linalg.qr(P + 10 ** rng.uniform(-5, -2) * rng.normal(size=P.shape))[0]
        value = np.trace(other.T @ Q @ other) + gamma * np.sqrt((other**2).sum(1) + EPSILON**2).sum()
        assert value >= values[-1] - 1e-9


def test_with_the_rounds_in_use_it_falls_too_and_no_row_is_zero():
    X, y, domain = domains()
    clf = TSDSL(n_components=3).fit(X, y, sample_domain=domain)
    assert (np.diff(clf.objective_) <= 0).all()
    assert 1 < len(clf.objective_) <= tsdsl.ROUNDS
    lengths = np.linalg.norm(clf.P_, axis=1)
    assert (lengths > 0).all()
    assert (np.diff(lengths[clf.ranking_]) <= 0).all()


def test_a_machine_decides_on_projections_of_length_one():
    X, y, domain = domains()
    clf = TSDSL().fit(X, y, sample_domain=domain)
    xs, xt = (clf.scaler_.transform(X[r], sample_domain=domain[r]) @ clf.P_ for r in (domain > 0, domain < 0))
    machine = SVC(kernel="linear", C=1.0).fit(xs / np.linalg.norm(xs, axis=1, keepdims=True), y[domain > 0])
    expected = machine.predict(xt / np.linalg.norm(xt, axis=1, keepdims=True))
    assert np.array_equal(clf.target_predictions_[-1], expected)


def test_equal_class_means_and_constant_features_leave_a_subspace():
    X, y, domain = domains()
    clf = TSDSL().fit(np.ones_like(X), y, sample_domain=domain)
    assert np.isfinite(clf.P_).all()
    assert clf.P_.shape == (12, 1)


@pytest.mark.parametrize("options", [{"gamma": -1}, {"eta": float("nan")}, {"neighbours": 0}, {"n_components": 0}])
def test_a_wrong_option_is_named(options):
    X, y, domain = domains()
    name, value = next(iter(options.items()))
    with pytest.raises(UserError, match=f"{name}={value}"):
        TSDSL(**options).fit(X, y, sample_domain=domain)
