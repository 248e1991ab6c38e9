"""Checks of chapter 1.4, "Why does it break?"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise

Array = np.ndarray
Recipe = Callable[[Array, Array, Array, Array], Array]


def _standard(X: Array, by: Array) -> Array:
    return (X - by.mean(0)) / by.std(0)


def nearest(Zs: Array, ys: Array, Zt: Array) -> Array:
    """Predictions by the nearest class mean of the source.

    Parameters
    ----------
    Zs : ndarray of shape (n, d)
        Scaled source features.
    ys : ndarray of shape (n,)
        Source classes.
    Zt : ndarray of shape (m, d)
        Scaled target features.
    """
    means = np.stack([Zs[ys == c].mean(0) for c in np.unique(ys)])
    return np.unique(ys)[((Zt[:, None] - means) ** 2).sum(2).argmin(1)]


def _source_only(Xs: Array, ys: Array, Xt: Array, yt: Array) -> Array:
    return nearest(_standard(Xs, Xs), ys, _standard(Xt, Xs))


def each(Xs: Array, ys: Array, Xt: Array, yt: Array) -> Array:
    """Predictions after z-scores within each corpus; the target's classes are not used.

    Parameters
    ----------
    Xs, ys, Xt, yt : ndarray
        Features and classes of the source, then of the target.
    """
    return nearest(_standard(Xs, Xs), ys, _standard(Xt, Xt))


def _each_and_scored(Xs: Array, ys: Array, Xt: Array, yt: Array) -> Array:
    predicted = each(Xs, ys, Xt, yt)
    np.mean(predicted == yt)  # looked at, and not used
    return predicted


def _by_class(Xs: Array, ys: Array, Xt: Array, yt: Array) -> Array:
    middle = np.mean([Xt[yt == c].mean(0) for c in np.unique(yt)], axis=0)
    spread = np.mean([Xt[yt == c].std(0) for c in np.unique(yt)], axis=0)
    return nearest(_standard(Xs, Xs), ys, (Xt - middle) / spread)


def _best_power(Xs: Array, ys: Array, Xt: Array, yt: Array) -> Array:
    tried = []
    for power in (0.3, 0.6, 1.0, 1.6, 2.4):
        Zs, Zt = (np.sign(Z) * abs(Z) ** power for Z in (_standard(Xs, Xs), _standard(Xt, Xt)))
        tried.append(nearest(Zs, ys, Zt))
    return max(tried, key=lambda predicted: np.mean(predicted == yt))


HONEST: tuple[Recipe, ...] = (_source_only, each, _each_and_scored)
PEEKING: tuple[Recipe, ...] = (_by_class, _best_power)


def _corpora(rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    middle = rng.normal(0, 1, (3, 4))
    ys, yt = rng.integers(0, 3, 60), np.repeat([0, 1, 2], [30, 18, 12])
    Xs = middle[ys] + rng.normal(0, 1, (60, 4))
    Xt = 3 + 2 * (middle[yt] + rng.normal(0, 1, (60, 4)))
    return Xs, ys, Xt, yt


@exercise(
    "1.4.1",
    "A scale of its own",
    hints=(
        "Rows of one domain are those where `domain` has one value.",
        "Take mean and deviation of these rows, column by column, and of no others.",
        "A column that is the same in all rows of a domain has a deviation of 0. Its scaled values are 0.",
    ),
)
def check_own_scale(own_scale: Any) -> str:
    """Check exercise 1.4.1: z-scores within each domain. Chapter 1.4.

    Parameters
    ----------
    own_scale : callable
        ``own_scale(X, domain)`` takes features (n, d) and the domain of each row (n,), and gives features (n, d).
    """
    rng = np.random.default_rng(2)
    for sizes in ((12, 20), (30, 9)):
        domain = rng.permutation(np.repeat([1, -2], sizes))
        X = rng.normal(5, 2, (sum(sizes), 3)) * np.where(domain < 0, 10, 1)[:, None]
        X[domain > 0, 2] = 7  # nothing changes in this column of the source
        found = np.asarray(called(own_scale, "(X, domain)", X.copy(), domain.copy()), dtype=float)
        if found.shape != X.shape:
            raise Mistake(f"the shape is {found.shape}; a row for each row and a column for each column is expected")
        if not np.isfinite(found).all():
            raise Mistake("there is a NaN or an infinity: a column that does not change was divided by 0")
        for rows in (domain > 0, domain < 0):
            spread = X[rows].std(0)
            right = (X[rows] - X[rows].mean(0)) / np.where(spread == 0, 1, spread)
            if np.allclose(found[rows], right):
                continue
            if np.allclose(found, _standard(X, X)):
                raise Mistake("this is one scale for both domains")
            if np.allclose(found[rows] * spread, right * spread + X[rows].mean(0)):
                raise Mistake("the mean has not been subtracted")
            if np.allclose(found[rows], X[rows] - X[rows].mean(0)):
                raise Mistake("the means are 0, but the deviations are not 1: divide by the deviation")
            raise Mistake("in one of the domains a column does not have mean 0 and deviation 1")
    return "`PerDomainScaler` does this, and keeps the two tables for rows that come later."


@exercise(
    "1.4.2",
    "Who peeks?",
    hints=(
        "What would change if the labels were nonsense? For a recipe that has not used them, nothing.",
        "Shuffle the target's labels, run the recipe again, and compare its predictions with those before.",
        "A recipe that chooses by the labels may choose the same once by luck. Shuffle them more than once.",
    ),
)
def check_peeks(peeks: Any) -> str:
    """Check exercise 1.4.2: a test that finds out whether a recipe has used the target's labels. Chapter 1.4.

    Parameters
    ----------
    peeks : callable
        ``peeks(recipe, Xs, ys, Xt, yt)`` gives True or False; ``recipe(Xs, ys, Xt, yt)`` gives predictions (n_t,).
    """
    rng = np.random.default_rng(0)
    accused = escaped = 0
    rounds = 12
    for _ in range(rounds):
        data = _corpora(rng)
        for recipe in HONEST + PEEKING:
            answer = called(peeks, "(recipe, Xs, ys, Xt, yt)", recipe, *(a.copy() for a in data))
            if np.ndim(answer) or answer not in (True, False):
                raise Mistake(f"peeks gave {answer!r}; True or False is expected")
            accused += recipe in HONEST and bool(answer)
            escaped += recipe in PEEKING and not answer
    if accused:
        raise Mistake(
            f"it accuses an honest recipe in {accused} of {rounds * len(HONEST)} cases: compare the "
            "predictions, and not how many of them are right"
        )
    if escaped == rounds * len(PEEKING):
        raise Mistake("no recipe is ever found out")
    if escaped:
        raise Mistake(
            f"a recipe that peeks gets away in {escaped} of {rounds * len(PEEKING)} cases: other labels can lead to "
            "the same choice by luck"
        )
    return "This library tests all its methods in this way, and wants the same predictions to the last bit."
