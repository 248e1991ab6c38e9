"""The row-sparse solver against two others and the optimality conditions; DoSL and JDAR against their formulas."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import SVC

from tlmlda_lib.errors import UserError
from tlmlda_lib.methods import JDAR, DoSL, regression
from tlmlda_lib.methods.regression import mu_max, row_sparse


def problem(seed=0, d=40, m=25, c=4):
    """F (d, m) with columns of unequal size, T (m, c)."""
    rng = np.random.default_rng(seed)
    F = rng.normal(size=(d, m)) * rng.uniform(0.2, 3, size=d)[:, None]
    return F, F.T @ (rng.normal(size=(d, c)) * (rng.random(d) < 0.3)[:, None]) + 0.1 * rng.normal(size=(m, c))


def objective(P, F, T, mu):
    return float(np.sum((F.T @ P - T) ** 2) + mu * np.linalg.norm(P, axis=1).sum())


def fista(F, T, mu, rounds=20000):
    """Proximal gradient with momentum, restarted where it would rise; rows are shrunk one by one."""
    A, B = F @ F.T, F @ T
    step = 1 / (2 * np.linalg.eigvalsh(A)[-1])
    P = Q = np.zeros_like(B)
    t = 1.0
    for _ in range(rounds):
        new = Q - step * 2 * (A @ Q - B)
        for i, row in enumerate(new):
            n = np.linalg.norm(row)
            new[i] = 0 if n <= step * mu else (1 - step * mu / n) * row
        if np.sum((Q - new) * (new - P)) > 0:
            t, Q = 1.0, P
            continue
        after = (1 + np.sqrt(1 + 4 * t * t)) / 2
        Q = new + (t - 1) / after * (new - P)
        if np.abs(new - P).max() < 1e-15:
            return new
        P, t = new, after
    return P


def irls(F, T, mu, rounds=3000, eps=1e-10):
    """P = EB - EF (I + F'EF)^-1 F'EB with E = diag(2 sqrt(|p_i|^2 + eps^2) / mu)."""
    B = F @ T
    P = np.linalg.lstsq(F.T, T, rcond=None)[0]
    for _ in range(rounds):
        E = 2 * np.sqrt((P**2).sum(1) + eps**2) / mu
        EB, EF = E[:, None] * B, E[:, None] * F
        P = EB - EF @ np.linalg.solve(np.eye(F.shape[1]) + F.T @ EF, F.T @ EB)
    return P


@pytest.mark.parametrize("tau", [0.003, 0.03, 0.3, 0.9])
@pytest.mark.parametrize("shape", [(40, 25), (12, 60)])
def test_three_solvers_agree(tau, shape):
    F, T = problem(d=shape[0], m=shape[1])
    mu = tau * mu_max(F, T)
    by_fista, by_irls = fista(F, T, mu), irls(F, T, mu)
    size = np.abs(by_fista).max()
    P = row_sparse(F, T, mu, 1e-13)
    assert np.abs(P - by_fista).max() < 1e-6 * size
    assert np.abs(P - by_irls).max() < 1e-4 * size  # eps blurs rows that are nearly 0
    assert objective(P, F, T, mu) == pytest.approx(objective(by_fista, F, T, mu), rel=1e-12)
    assert np.array_equal(P.any(1), by_fista.any(1))
    # and with the tolerance in use
    usual = row_sparse(F, T, mu, DoSL().tol)
    assert objective(usual, F, T, mu) == pytest.approx(objective(by_fista, F, T, mu), rel=1e-6)


def correlated(d=300, m=60, c=4):
    """More features than equations, and those near each other alike, as the functionals of one contour are."""
    rng = np.random.default_rng(1)
    F = np.cumsum(rng.normal(size=(d, m)), axis=0) / 10
    return F, rng.normal(size=(m, c))


def test_what_is_left_out_at_first_is_asked_again(monkeypatch):
    F, T = correlated()
    mu = 0.03 * mu_max(F, T)
    sizes = []
    real = regression._lasso
    monkeypatch.setattr(regression, "_lasso", lambda X, *a: sizes.append(X.shape[1]) or real(X, *a))
    whole = real(F.T, T, mu, 1e-10, np.zeros((300, 4)))
    P = row_sparse(F, T, mu, 1e-10)
    assert sizes[0] == 300
    assert sizes[-1] < 300
    np.testing.assert_allclose(P, whole, atol=1e-6 * np.abs(whole).max())
    # from a rough solution that tells nothing, every feature must join by its gradient
    sizes.clear()
    monkeypatch.setattr(regression, "ROUGH", 1e9)
    np.testing.assert_allclose(row_sparse(F, T, mu, 1e-10), whole, atol=1e-6 * np.abs(whole).max())


@pytest.mark.parametrize("tau", [0.01, 0.1])
def test_coefficients_are_exact_to_the_fifth_digit_with_the_tolerance_in_use(tau):
    F, T = correlated()
    mu = tau * mu_max(F, T)
    exact = row_sparse(F, T, mu, 1e-13)
    assert np.abs(row_sparse(F, T, mu, DoSL().tol) - exact).max() < 1e-5


@settings(max_examples=40, deadline=None)
@example(4, 22, 4, 1, 0.0078125, 0.0)
@given(
    st.integers(0, 10_000),
    st.integers(1, 30),
    st.integers(1, 30),
    st.integers(1, 5),
    st.floats(1e-3, 0.99),
    st.floats(-6, 6),
)
def test_optimality_conditions_hold_at_any_size_and_scale(seed, d, m, c, tau, power):
    F, T = problem(seed, d, m, c)
    F = F * 10**power
    largest = mu_max(F, T)
    mu = tau * largest
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        P = row_sparse(F, T, mu, DoSL().tol)
    slow = m < d and any(w.category is ConvergenceWarning for w in said)  # as in the next test
    assert slow or not said
    assume(not slow)  # hypothesis fails where it is so in many cases
    G = 2 * (F @ (F.T @ P) - F @ T)
    for p, g in zip(P, G, strict=True):
        if p.any():
            assert np.linalg.norm(g + mu * p / np.linalg.norm(p)) < 1e-3 * largest
        else:
            assert np.linalg.norm(g) <= mu + 1e-3 * largest
    best = objective(fista(F, T, mu), F, T, mu)
    assert objective(P, F, T, mu) <= best * (1 + 1e-5)


def test_features_that_are_nearly_one_are_too_slow_and_that_is_said():
    """Of two columns that are multiples of each other the larger wins, by a hair in each round."""
    F, T = np.array([[-3.632], [-3.643]]), np.array([[6.0]])
    mu = 0.002 * mu_max(F, T)
    start = np.array([[-1.6], [0.0]])
    with pytest.warns(ConvergenceWarning):
        P = row_sparse(F, T, mu, DoSL().tol, start)
    best = np.array([[0.0], [(6 - mu / (2 * 3.643)) / -3.643]])
    assert objective(best, F, T, mu) < objective(P, F, T, mu) < 1.01 * objective(best, F, T, mu)


def test_zero_at_the_largest_penalty_and_not_just_below():
    F, T = problem()
    largest = max(np.linalg.norm(2 * row) for row in F @ T)
    assert mu_max(F, T) == pytest.approx(largest, rel=1e-14)
    assert not row_sparse(F, T, mu_max(F, T), 1e-7).any()
    assert row_sparse(F, T, 0.999 * mu_max(F, T), 1e-7).any(1).sum() == 1


@pytest.mark.parametrize("shape", [(40, 25), (12, 60)])
def test_without_a_penalty_it_is_least_squares(shape):
    F, T = problem(d=shape[0], m=shape[1])
    F[:, 3] = F[:, 2]  # an equation twice
    P = row_sparse(F, T, 0, 1e-7)
    np.testing.assert_allclose(P, np.linalg.pinv(F.T) @ T, atol=1e-11)


def test_a_solver_that_runs_out_of_rounds_says_so(monkeypatch):
    monkeypatch.setattr(regression, "ROUNDS", 3)
    F, T = problem()
    with pytest.warns(ConvergenceWarning, match="did not converge"):
        row_sparse(F, T, 0.1 * mu_max(F, T), 1e-7)


def test_a_warm_start_comes_to_the_same_place():
    F, T = problem()
    mu = 0.03 * mu_max(F, T)
    P = row_sparse(F, T, mu, 1e-12)
    other = np.random.default_rng(0).normal(size=P.shape)
    for start in (P, other):
        kept = start.copy()
        np.testing.assert_allclose(row_sparse(F, T, mu, 1e-12, start), P, atol=1e-6)
        assert np.array_equal(start, kept), "it must not be written to"


def domains(seed=0, n=(60, 45), d=15, classes=3):
    rng = np.random.default_rng(seed)
    labels = np.arange(sum(n)) % classes
    X = rng.normal(size=(classes, d))[labels] + rng.normal(size=(sum(n), d))
    X[n[0] :] = X[n[0] :] * rng.uniform(0.5, 2, d) + rng.normal(size=d)
    # a tail of each feature, so that means differ after min-max scaling
    X = np.where(X > 0, X**2, X)
    return X, np.where(np.arange(sum(n)) < n[0], labels, -1), np.repeat([1, -2], n)


def written_out(clf, xs, ys, xt, pseudo, P, b):
    """The objective of the docstring, sample by sample."""
    value = sum(np.sum((np.eye(len(clf.classes_))[y] - (x @ P + b)) ** 2) for x, y in zip(xs, ys, strict=True))
    value += clf.lambda_ * np.sum((P.T @ (xs.mean(0) - xt.mean(0))) ** 2)
    if pseudo is not None:
        for c in set(ys) & set(pseudo):
            value += clf.lambda_ * np.sum((P.T @ (xs[ys == c].mean(0) - xt[pseudo == c].mean(0))) ** 2)
    return value + clf.mu_ * sum(np.linalg.norm(p) for p in P)


@pytest.mark.parametrize("kind", [DoSL, JDAR])
def test_no_step_from_the_solution_lowers_the_written_objective(kind, monkeypatch):
    X, y, domain = domains()
    last = []
    real = regression.differences
    monkeypatch.setattr(regression, "differences", lambda *a: last.append(a) or real(*a))
    clf = kind("minmax", tol=1e-10).fit(X, y, sample_domain=domain)
    xs, ys, xt, pseudo = last[-1]
    assert (pseudo is None) == (kind is DoSL)
    best = written_out(clf, xs, ys, xt, pseudo, clf.P_, clf.b_)
    rng = np.random.default_rng(0)
    for size in (1e-2, 1e-4):
        for _ in range(200):
            dP, db = rng.normal(size=clf.P_.shape) * (rng.random(len(clf.P_)) < 0.3)[:, None], rng.normal(size=3)
            moved = written_out(clf, xs, ys, xt, pseudo, clf.P_ + size * dP, clf.b_ + size * db)
            assert moved > best - 1e-9 * best


def test_dosl_is_jdar_without_the_sum_over_classes(monkeypatch):
    X, y, domain = domains()
    dosl, jdar = (kind("minmax").fit(X, y, sample_domain=domain) for kind in (DoSL, JDAR))
    assert np.abs(dosl.P_ - jdar.P_).max() > 1e-3
    real = regression.differences
    monkeypatch.setattr(regression, "differences", lambda *a: real(*a)[:, :1])
    without = JDAR("minmax").fit(X, y, sample_domain=domain)
    np.testing.assert_allclose(without.P_, dosl.P_, atol=1e-6)
    np.testing.assert_allclose(without.b_, dosl.b_, atol=1e-6)
    assert np.array_equal(without.target_predictions_, dosl.target_predictions_)


def test_pseudo_labels_are_those_of_the_last_solution_when_they_settle(monkeypatch):
    X, y, domain = domains()
    used = []
    real = regression.differences
    monkeypatch.setattr(regression, "differences", lambda *a: used.append(a[3]) or real(*a))
    clf = JDAR("minmax", decision="argmax").fit(X, y, sample_domain=domain)
    assert clf.rounds_ < regression.OUTER
    assert used[0] is None  # it begins as DoSL
    assert len(used) == clf.rounds_  # the last labels had been there, and nothing was solved for them
    assert np.array_equal(used[-1], clf.target_predictions_[-1])
    first = DoSL("minmax", decision="argmax").fit(X, y, sample_domain=domain)
    assert np.array_equal(used[1], first.target_predictions_[-1])


def test_the_transfer_term_does_what_it_says_under_minmax_and_nothing_under_zscore():
    X, y, domain = domains()

    def gap(clf):
        xs, xt = (clf.scaler_.transform(X[r], sample_domain=domain[r]) for r in (domain > 0, domain < 0))
        return np.linalg.norm((xs.mean(0) - xt.mean(0)) @ clf.P_) / np.linalg.norm(clf.P_)

    without, with_term = (DoSL("minmax", kappa=k).fit(X, y, sample_domain=domain) for k in (0, 10))
    assert gap(with_term) < 0.2 * gap(without)
    for preset in ("zscore", "rank"):
        a, b = (DoSL(preset, kappa=k).fit(X, y, sample_domain=domain) for k in (0, 10))
        np.testing.assert_allclose(a.P_, b.P_, atol=1e-5)


def test_units_do_not_matter():
    X, y, domain = domains()
    one = DoSL("minmax", decision="argmax").fit(X, y, sample_domain=domain)
    doubled = np.vstack([X, X])
    two = DoSL("minmax", decision="argmax").fit(doubled, np.tile(y, 2), sample_domain=np.tile(domain, 2))
    np.testing.assert_allclose(one.P_, two.P_, atol=1e-5 * np.abs(one.P_).max())


@pytest.mark.parametrize("decision", ["svm", "argmax"])
@pytest.mark.parametrize("classes", [2, 3])
def test_the_decision_is_a_machine_on_the_projection_or_the_largest_entry(decision, classes):
    X, y, domain = domains(classes=classes)
    clf = DoSL("minmax", decision=decision).fit(X, y, sample_domain=domain)
    xs, xt = (clf.scaler_.transform(X[r], sample_domain=domain[r]) for r in (domain > 0, domain < 0))
    if decision == "svm":
        expected = SVC(kernel="linear", C=1.0).fit(xs @ clf.P_, y[domain > 0]).predict(xt @ clf.P_)
    else:
        expected = (xt @ clf.P_ + clf.b_).argmax(1)
    assert np.array_equal(clf.target_predictions_[-1], expected)
    assert np.array_equal(clf.predict(X[domain < 0]), expected)
    assert len(clf.features_) < X.shape[1] or clf.P_.any(1).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [({"tau": -1}, "tau=-1"), ({"kappa": float("nan")}, "kappa=nan"), ({"decision": "knn"}, "'knn'")],
)
def test_a_wrong_option_is_named(options, words):
    X, y, domain = domains()
    with pytest.raises(UserError, match=words):
        DoSL(**options).fit(X, y, sample_domain=domain)
