"""Scaling within corpora, voices and speakers, against numpy, scipy and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata
from sklearn.base import clone
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from tlmlda_lib.domains import scaling
from tlmlda_lib.domains.scaling import KINDS, PerDomainScaler, ScalingWarning
from tlmlda_lib.errors import UserError


def two_domains(seed=0, n=(20, 21), d=4):
    rng = np.random.default_rng(seed)
    X = np.concatenate([rng.normal(3, 2, (n[0], d)), rng.normal(-1, 0.3, (n[1], d))])
    return X, np.repeat([1, -2], n)


@pytest.mark.parametrize(("kind", "oracle"), [("zscore", StandardScaler()), ("minmax", MinMaxScaler())])
def test_each_domain_equals_scikit_learn_on_it_alone(kind, oracle):
    X, domain = two_domains()
    scaled = PerDomainScaler(kind).fit_transform(X, sample_domain=domain)
    for d in (1, -2):
        np.testing.assert_allclose(scaled[domain == d], clone(oracle).fit_transform(X[domain == d]), atol=1e-12)


def test_rank_is_the_middle_rank_of_scipy():
    X, domain = two_domains()
    X = X.round(0)  # ties
    scaled = PerDomainScaler("rank").fit_transform(X, sample_domain=domain)
    for d in (1, -2):
        part = X[domain == d]
        np.testing.assert_allclose(scaled[domain == d], (rankdata(part, axis=0) - 0.5) / len(part))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("within", ["voices", "speaker"])
def test_groups_are_scaled_alone_and_never_across_domains(kind, within):
    X, domain = two_domains()
    groups = np.arange(len(X)) % 2  # the same codes in both domains
    scaled = PerDomainScaler(kind, within).fit_transform(X, sample_domain=domain, groups=groups)
    for d in (1, -2):
        for g in (0, 1):
            rows = (domain == d) & (groups == g)
            np.testing.assert_allclose(scaled[rows], PerDomainScaler(kind).fit_transform(X[rows]), atol=1e-12)


@pytest.mark.parametrize(("kind", "oracle"), [("zscore", StandardScaler()), ("minmax", MinMaxScaler())])
def test_within_source_the_target_is_scaled_as_the_sources_together(kind, oracle):
    X, domain = two_domains()
    domain[:7] = 3  # of the source, too
    scaler = PerDomainScaler(kind, "source").fit(X, sample_domain=domain)
    expected = oracle.fit(X[domain > 0]).transform(X)
    np.testing.assert_allclose(scaler.transform(X, sample_domain=domain), expected, atol=1e-12)
    np.testing.assert_allclose(scaler.transform(X), expected, atol=1e-12)
    np.testing.assert_array_equal(PerDomainScaler(kind, "source").fit(X[domain > 0]).transform(X), scaler.transform(X))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_scaling_a_few_rows_at_a_time_changes_no_bit(kind, dtype, monkeypatch):
    X, domain = two_domains(n=(50, 61))
    how = {"sample_domain": domain, "groups": np.arange(len(X)) % 2}
    whole = PerDomainScaler(kind, "voices").fit_transform(X.astype(dtype), **how)
    monkeypatch.setattr(scaling, "ROWS_AT_A_TIME", 7)
    assert np.array_equal(PerDomainScaler(kind, "voices").fit_transform(X.astype(dtype), **how), whole)


@given(st.integers(0, 10**6), st.sampled_from(KINDS))
@settings(max_examples=25, deadline=None)
def test_a_row_does_not_depend_on_the_rows_it_is_given_with(seed, kind):
    X, domain = two_domains(seed)
    scaler = PerDomainScaler(kind).fit(X, sample_domain=domain)
    new = np.random.default_rng(seed).normal(size=(5, X.shape[1]))
    np.testing.assert_array_equal(scaler.transform(new)[:1], scaler.transform(new[:1]))
    # and new rows are the target's
    np.testing.assert_array_equal(scaler.transform(new), scaler.transform(new, sample_domain=np.full(5, -2)))


def test_fit_transform_equals_transform_of_the_same_rows():
    X, domain = two_domains()
    for kind in KINDS:
        scaler = PerDomainScaler(kind)
        once = scaler.fit_transform(X.astype(np.float32), sample_domain=domain)
        np.testing.assert_array_equal(once, scaler.transform(X.astype(np.float32), sample_domain=domain))
        assert once.dtype == np.float32


def test_without_a_target_the_source_serves_and_several_sources_together():
    X, _ = two_domains()
    one = PerDomainScaler().fit(X)
    np.testing.assert_allclose(one.transform(X), StandardScaler().fit_transform(X), atol=1e-12)
    both = PerDomainScaler().fit(X, sample_domain=np.repeat([1, 2], [20, 21]))
    np.testing.assert_allclose(both.transform(X), StandardScaler().fit_transform(X), atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_constant_features_become_zero(dtype):
    X = np.full((7, 3), 0.1, dtype=dtype)
    for kind, value in (("zscore", 0), ("minmax", 0), ("rank", 0.5)):
        assert (PerDomainScaler(kind).fit_transform(X) == value).all()


def test_unknown_groups_fall_back_to_the_corpus_with_a_warning():
    X, domain = two_domains()
    scaler = PerDomainScaler("zscore", "speaker").fit(X, sample_domain=domain, groups=np.arange(len(X)) // 5)
    with pytest.warns(ScalingWarning, match="99"):
        got = scaler.transform(X[domain < 0], groups=np.full(21, 99))
    np.testing.assert_allclose(got, StandardScaler().fit_transform(X[domain < 0]), atol=1e-12)
    with pytest.warns(ScalingWarning, match="no speaker codes"):
        scaler.transform(X)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda X: PerDomainScaler("robust").fit(X), "robust"),
        (lambda X: PerDomainScaler(within="room").fit(X), "room"),
        (lambda X: PerDomainScaler(within="voices").fit(X), "give groups"),
        (lambda X: PerDomainScaler(within="source").fit(X, sample_domain=np.full(41, -1)), "rows of a source"),
        (lambda X: PerDomainScaler().fit(X, sample_domain=[1, 2]), "41 integers"),
        (lambda X: PerDomainScaler().fit(X).transform(X, sample_domain=np.full(41, 7)), "sample_domain 7"),
    ],
)
def test_errors_name_the_value(make, words):
    X, _ = two_domains()
    with pytest.raises(UserError, match=words):
        make(X)


def test_scikit_learns_contract():
    check_estimator(PerDomainScaler())
