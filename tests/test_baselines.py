"""CORAL, subspace alignment and TCA against their definitions; what predict and a machine without skada can do."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import numpy as np
import pytest
from scipy.linalg import subspace_angles
from sklearn import config_context
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.svm import SVC

from tlmlda_lib import methods
from tlmlda_lib.errors import UserError


def domains(seed=0, n=(60, 45), d=12):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, sum(n))
    X = rng.normal(size=(3, d))[labels] + rng.normal(size=(sum(n), d))
    X[n[0] :] = X[n[0] :] @ (np.eye(d) + 0.3 * rng.normal(size=(d, d))) + 2
    return X, np.where(np.arange(sum(n)) < n[0], labels, -1), np.repeat([1, -2], n)


def fitted(method, n=(60, 45), **options):
    """The method, its scaled source and target, and the source's labels."""
    X, y, domain = domains(n=n)
    given = X.copy(), y.copy(), domain.copy()
    clf = methods.make(method, **options).fit(X, y, sample_domain=domain)
    for before, after in zip(given, (X, y, domain), strict=True):
        assert np.array_equal(before, after)  # skada's pipelines overwrite y
    s, t = domain > 0, domain < 0
    return clf, *(clf.scaler_.transform(X[r], sample_domain=domain[r]) for r in (s, t)), y[s]


def adapted(clf, xs, xt):
    rows = clf._adapted(np.vstack([xs, xt]), np.arange(len(xs) + len(xt)) < len(xs))
    return rows[: len(xs)], rows[len(xs) :]


def test_coral_gives_the_source_the_targets_covariance():
    clf, xs, xt, _ = fitted("coral", n=(3000, 4000))  # many rows, so that shrinkage is slight
    zs, zt = adapted(clf, xs, xt)
    np.testing.assert_allclose(zs.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(zt.mean(0), 0, atol=1e-12)
    target = np.cov(zt.T)
    before = np.cov(((xs - xt.mean(0)) @ clf.target_map_).T)
    assert np.linalg.norm(np.cov(zs.T) - target) < 0.05 * np.linalg.norm(before - target)


def test_coral_is_skadas_pipeline_on_the_components():
    import skada

    clf, xs, xt, ys = fitted("coral", n_components=8)
    X, domain = np.vstack([xs, xt]), np.repeat([1, -2], [60, 45])
    with config_context(enable_metadata_routing=True):
        pipeline = skada.make_da_pipeline(PCA(8, svd_solver="full"), skada.CORALAdapter(), SVC(kernel="linear"))
        pipeline.fit(X, np.concatenate([ys, np.full(45, -1)]), sample_domain=domain)
        assert np.array_equal(pipeline.predict(xt, sample_domain=domain[60:]), clf.target_predictions_[-1])


def test_subspace_alignment_turns_the_sources_axes():
    clf, xs, xt, ys = fitted("subspace", n_components=5)
    zs, zt = adapted(clf, xs, xt)

    def axes(x):
        return np.linalg.svd(x - x.mean(0), full_matrices=False)[2][:5].T

    ps, pt = axes(xs), axes(xt)
    assert zs.shape == (60, 5)
    # signs of axes are free: compare what does not depend on them
    expected = (xs - xs.mean(0)) @ ps @ ps.T @ pt
    np.testing.assert_allclose(zs @ zs.T, expected @ expected.T, atol=1e-8)
    cross = (xt - xt.mean(0)) @ pt
    np.testing.assert_allclose(zt @ zs.T, cross @ expected.T, atol=1e-8)
    machine = SVC(kernel="linear").fit(expected, ys)
    assert np.mean(machine.predict(cross) == clf.target_predictions_[-1]) > 0.95


def test_tca_solves_its_equation_and_skada_nearly():
    import skada

    clf, xs, xt, _ = fitted("tca", n_components=4, mu=2.0)
    X = np.vstack([xs, xt])
    n = len(X)
    K = rbf_kernel(X, gamma=1 / (X.shape[1] * X.var()))
    sign = np.concatenate([np.full(60, 1 / 60), np.full(45, -1 / 45)])
    A = K @ np.outer(sign, sign) @ K + 2.0 * np.eye(n)
    B = K @ (np.eye(n) - 1 / n) @ K
    W = clf.W_
    np.testing.assert_allclose(W.T @ B @ W, n * np.eye(4), atol=1e-8)
    cost = np.diag(W.T @ A @ W)
    np.testing.assert_allclose(A @ W, B @ W * cost / n, atol=1e-8 * np.abs(A @ W).max())
    assert (np.diff(cost) > 0).all()
    # no other feasible W of that size is cheaper
    root = np.linalg.cholesky(B + 1e-12 * np.eye(n) * np.trace(B))
    best = np.sort(np.linalg.eigvals(np.linalg.solve(A, B)).real)[::-1][:4]
    np.testing.assert_allclose(n / cost, best, rtol=1e-6)
    rng = np.random.default_rng(0)
    for _ in range(50):
        Q = np.linalg.qr(rng.normal(size=(n, 4)))[0]
        other = np.linalg.solve(root.T, Q) * np.sqrt(n)
        assert np.trace(other.T @ A @ other) > cost.sum()
    # the fault that the docstring names: near, and yet not it
    theirs = skada.TransferComponentAnalysisAdapter(n_components=4, mu=0.5).fit(
        X, sample_domain=np.repeat([1, -2], [60, 45])
    )
    assert 1e-4 < np.degrees(subspace_angles(theirs.eigvects_, W)).max() < 10


def test_lda_and_majority_are_scikit_learns():
    clf, xs, xt, ys = fitted("lda")
    direct = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(xs, ys)
    assert np.array_equal(clf.target_predictions_[-1], direct.predict(xt))
    clf, xs, xt, ys = fitted("majority")
    assert np.array_equal(
        clf.target_predictions_[-1], DummyClassifier(strategy="most_frequent").fit(xs, ys).predict(xt)
    )


def test_late_fusion_sums_the_log_probabilities_of_a_machine_for_each_stream():
    clf, xs, xt, ys = fitted("late_fusion", streams={"first": range(7), "second": "7-11"})
    logs = 0
    for columns in (slice(0, 7), slice(7, 12)):
        machine = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(xs[:, columns], ys)
        logs = logs + np.log(machine.predict_proba(xt[:, columns]))
    assert np.array_equal(clf.target_predictions_[-1], logs.argmax(1))
    X, _, domain = domains()
    p = clf.predict_proba(X[domain < 0])
    np.testing.assert_allclose(p, np.exp(logs) / np.exp(logs).sum(1, keepdims=True), rtol=1e-6)
    one = fitted("late_fusion")[0]
    assert list(one.streams_) == ["all"]
    assert np.array_equal(one.target_predictions_[-1], fitted("lda")[0].target_predictions_[-1])


def test_without_a_target_nothing_is_aligned():
    X, y, domain = domains()
    X, y = X[domain > 0], y[domain > 0]
    clf = methods.make("subspace", n_components=12).fit(X, y)
    np.testing.assert_allclose(clf.source_map_, clf.target_map_, atol=1e-10)
    coral = methods.make("coral").fit(X, y)
    np.testing.assert_allclose(coral.source_map_, coral.target_map_, atol=1e-8)
    assert (clf.predict(X) == y).mean() > 0.9


def test_fit_without_skada_says_what_to_install_and_predict_needs_none(tmp_path):
    X, y, domain = domains()
    np.savez(tmp_path / "rows", X=X, y=y, domain=domain)
    for method in ("coral", "subspace"):
        clf = methods.make(method).fit(X, y, sample_domain=domain)
        clf.save(tmp_path / method)
        np.save(tmp_path / f"{method}.npy", clf.target_predictions_[-1])
    program = textwrap.dedent(
        f"""
        import sys
        sys.modules["skada"] = None  # import then fails as where it is not installed
        from pathlib import Path
        import numpy as np
        from tlmlda_lib import methods
        from tlmlda_lib.errors import UserError
        folder = Path({str(tmp_path)!r})
        r = np.load(folder / "rows.npz")
        for method in ("coral", "subspace"):
            found = methods.load(folder / method).predict(r["X"][r["domain"] < 0])
            assert np.array_equal(found, np.load(folder / f"{{method}}.npy"))
            try:
                methods.make(method).fit(r["X"], r["y"], sample_domain=r["domain"])
            except UserError as error:
                print(error)
        methods.make("tca").fit(r["X"], r["y"], sample_domain=r["domain"])
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        f"{m} needs skada: pip install 'skada>=0.4' 'skorch>=1.0'" for m in ("coral", "subspace")
    ]


def test_importing_the_methods_does_not_import_skada():
    code = "import sys, tlmlda_lib.methods; print('skada' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("method", "options", "words"), [("coral", {"n_components": 0}, "n_components=0"), ("tca", {"mu": 0}, "mu=0")]
)
def test_a_wrong_option_is_named(method, options, words):
    with pytest.raises(UserError, match=words):
        fitted(method, **options)
