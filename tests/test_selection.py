"""Criteria without labels against plain loops and known limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tlmlda_lib import selection


def some(seed=0, n=17, c=4):
    return np.random.default_rng(seed).dirichlet(np.full(c, 0.4), n)


def entropy(p):
    return -sum(x * math.log(x) for x in p if x > 0)


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_entropy_and_infomax_by_loops(seed):
    p = some(seed)
    mean = sum(entropy(row) for row in p) / len(p)
    assert selection.negative_entropy(p) == pytest.approx(-mean)
    assert selection.infomax(p) == pytest.approx(entropy(p.mean(0)) - mean)
    assert -1e-12 <= selection.infomax(p) <= math.log(4)


def test_snd_by_loops():
    p = some()
    total = 0.0
    for i in range(len(p)):
        s = [p[i] @ p[j] / np.linalg.norm(p[i]) / np.linalg.norm(p[j]) / 0.05 for j in range(len(p)) if j != i]
        e = np.exp(np.array(s) - max(s))
        total += entropy(e / e.sum())
    assert selection.snd(p) == pytest.approx(total / len(p))
    assert selection.snd(p[:1]) == 0


def test_bnm_is_the_sum_of_singular_values():
    p = some()
    assert selection.bnm(p) == pytest.approx(np.sqrt(np.linalg.eigvalsh(p.T @ p)).sum() / len(p))


def test_limits():
    certain = np.eye(4)[np.arange(40) % 4]
    one_class = np.eye(4)[np.zeros(40, dtype=int)]
    uniform = np.full((40, 4), 0.25)
    assert selection.infomax(certain) == pytest.approx(math.log(4))
    assert selection.infomax(one_class) == pytest.approx(0)
    assert selection.infomax(uniform) == pytest.approx(0)
    assert selection.negative_entropy(one_class) == pytest.approx(0)
    assert selection.snd(uniform) == pytest.approx(math.log(39))
    assert selection.bnm(certain) == pytest.approx(4 * math.sqrt(10) / 40)


@pytest.mark.parametrize("name", selection.CRITERIA)
def test_order_of_samples_and_classes_does_not_matter(name):
    p = some()
    rng = np.random.default_rng(1)
    q = p[rng.permutation(len(p))][:, rng.permutation(4)]
    assert selection.CRITERIA[name](q) == pytest.approx(selection.CRITERIA[name](p))
    with pytest.raises(ValueError, match="shape"):
        selection.CRITERIA[name](np.ones(3))
