"""Checks of chapter 3.3, "Does it beat the others?": shrinking a row, the price of a scaling, a method of your own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tlmlda_lib import domains
from tlmlda_lib.book.checks.exercises import Mistake, called, exercise, number_of
from tlmlda_lib.book.pages.peers import leaderboard
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.evaluation import war
from tlmlda_lib.experiments import shipped
from tlmlda_lib.methods import make


def shrunk(V: np.ndarray, groups: np.ndarray, threshold: float) -> np.ndarray:
    """Rows of which each group is shrunk as one long row.

    Parameters
    ----------
    V : ndarray of shape (d, C)
        The rows.
    groups : ndarray of shape (d,)
        Group of each row.
    threshold : float
        Length that each group loses.
    """
    Z = np.zeros_like(V)
    for group in np.unique(groups):
        rows = V[groups == group]
        Z[groups == group] = rows * max(0, 1 - threshold / max(float(np.linalg.norm(rows)), 1e-12))
    return Z


@exercise(
    "3.3.1",
    "A contour at a time",
    hints=(
        "A group of rows is one long row. What is its length?",
        "All entries of a group share one factor, and it is never below 0.",
        "Go through `np.unique(groups)` and take the rows by a mask. A group of zeros has length 0: do you divide?",
    ),
)
def check_shrink(shrink: Any) -> str:
    """Check exercise 3.3.1: shrink groups of rows by a threshold. Chapter 3.3.

    Parameters
    ----------
    shrink : callable
        ``shrink(V, groups, threshold)`` takes rows (d, C), the group of each row (d,) and a number, and gives the
        shrunken rows (d, C).
    """
    V = np.array([[3.0, 4.0], [0.3, -0.4], [0.0, 0.0], [-2.0, 1.0], [1.5, -1.5], [0.6, 0.8], [0.0, 0.0]])
    groups = np.array([7, 2, 5, 2, 7, 3, 5])
    for threshold in (1.0, 1.5):
        with np.errstate(all="ignore"):
            found = called(shrink, "(V, groups, threshold)", V.copy(), groups.copy(), threshold)
        try:
            Z = np.asarray(found, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise Mistake(f"rows are expected, as many as came in; this is of type {type(found).__name__}") from error
        right = shrunk(V, groups, threshold)
        if Z.shape != right.shape:
            raise Mistake(f"{V.shape[0]} rows of {V.shape[1]} went in, and shape {Z.shape} came out")
        if np.allclose(Z, right):
            continue
        if np.isnan(Z).any():
            raise Mistake("a group of zeros became NaN: 0 was divided by 0")
        size = np.array([np.linalg.norm(V[groups == g]) for g in groups])[:, None]
        total = np.array([np.linalg.norm(V[groups == g], axis=1).sum() for g in groups])[:, None]
        some = np.maximum(size, 1e-12)
        wrong = {
            "each row was shrunk by itself, so a group can lose one row and keep the others": shrunk(
                V, np.arange(len(V)), threshold
            ),
            "each entry was shrunk by itself": np.sign(V) * np.maximum(np.abs(V) - threshold, 0),
            "a group shorter than the threshold came out pointing the other way": (1 - threshold / some) * V,
            "short groups are 0, and long ones are as long as before: those are to lose length as well": V
            * (size > threshold),
            "the lengths of a group's rows were added up; as one long row the group is shorter than that": V
            * np.maximum(0, 1 - threshold / np.maximum(total, 1e-12)),
            "the length of the whole matrix was taken": V * max(0, 1 - threshold / float(np.linalg.norm(V))),
        }
        for says, Y in wrong.items():
            if np.allclose(Z, Y):
                raise Mistake(says)
        at = int(np.abs(Z - right).sum(1).argmax())
        raise Mistake(
            f"row {V[at].tolist()} of group {groups[at]}, at {threshold}, became {np.round(Z[at], 3).tolist()}"
        )
    return "With a group for each contour, all its functionals go or stay together."


#: Targets of the exercise's table.
TARGETS = ("B", "B", "C", "C", "R", "R")


def dearest(figures: np.ndarray, targets: tuple[str, ...]) -> float:
    """Price of the best setting: its score minus that of the setting chosen on other targets, mean over schemes.

    Parameters
    ----------
    figures : ndarray of shape (settings, schemes)
        Scores, percent.
    targets : tuple of str
        Target of each scheme.
    """
    lost = []
    for j, target in enumerate(targets):
        elsewhere = figures[:, [t != target for t in targets]].mean(1)
        lost.append(figures[:, j].max() - figures[elsewhere.argmax(), j])
    return float(np.mean(lost))


@exercise(
    "3.3.2",
    "What the best scaling costs",
    hints=(
        "For each scheme there are two scores: what a reader of its labels would take, and what you may take.",
        "You may look at all schemes whose target is another corpus: which row has the largest mean over these?",
        "Two schemes share a target, so leaving out one column is not enough.",
    ),
)
def check_scaling_price(price: Any) -> str:
    """Check exercise 3.3.2: the price of choosing a scaling on the target's labels. Chapter 3.3.

    Parameters
    ----------
    price : callable
        ``price(figures, targets)`` takes scores (k, m) in percent, scalings down and schemes across, and the target
        of each scheme (m letters), and gives points.
    """
    rng = np.random.default_rng(4)
    for _ in range(6):
        figures = np.round(40 + 8 * rng.normal(size=(4, 6)), 1)
        found = number_of(called(price, "(figures, targets)", figures.copy(), list(TARGETS)))
        best = figures.max(0)
        columns = range(len(TARGETS))
        one_out = [best[j] - figures[np.delete(figures, j, axis=1).mean(1).argmax(), j] for j in columns]
        wrong = {
            "the honest choice has seen the labels of the very scheme: it was made on all schemes": float(
                np.mean(best - figures[figures.mean(1).argmax()])
            ),
            "a scheme with the same target was looked at, and its labels are the target's": float(np.mean(one_out)),
            "that is more than a choice costs: the best was compared with the mean of all scalings": float(
                np.mean(best - figures.mean(0))
            ),
            "that is the difference between best and worst": float(np.mean(best - figures.min(0))),
            "that is a sum over the schemes; the mean is expected": len(TARGETS) * dearest(figures, TARGETS),
            "the sign is turned: peeking gains": -dearest(figures, TARGETS),
        }
        if np.isclose(found, dearest(figures, TARGETS), atol=1e-6):
            continue
        for says, value in wrong.items():
            if np.isclose(found, value, atol=1e-6):
                raise Mistake(says)
        raise Mistake(f"for a table whose best scores are {best.tolist()} it gives {found:.2f} points")
    return measured()


def measured() -> str:
    """The same price for the library's PCA + SVM, from its records."""
    rows = {
        label: [
            next(iter(schemes[s].values()))["rules"]["final"]["war"] for s in OPEN_SCHEMES
        ]  # deterministic: one run
        for label, schemes in leaderboard.entries(shipped.records("main")).items()
        if label.startswith("pca_svm:") and set(OPEN_SCHEMES) <= set(schemes)
    }
    if len(rows) < 2:
        return "There are no records of PCA + SVM in several scalings to try it on."
    points = dearest(np.array(list(rows.values())), tuple(domains.schemes.parse(s).target for s in OPEN_SCHEMES))
    return f"Of PCA + SVM in {len(rows)} scalings, on recordings of people, the price is {points:.1f} points."


def toy(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Three emotions in five dimensions, with a shifted target.

    Parameters
    ----------
    n : int
        Source rows; the target has six fewer.
    seed : int
        Random seed.

    Returns
    -------
    X, y, domain, truth : ndarray
        Features, codes (-1 on the target), domains, and the target's true codes.
    """
    rng = np.random.default_rng(seed)
    centres = 3 * rng.normal(size=(3, 5))
    codes, truth = rng.permutation(np.arange(n) % 3), rng.permutation(np.arange(n - 6) % 3)
    X = np.vstack([centres[codes], centres[truth] + 2]) + rng.normal(size=(2 * n - 6, 5))
    return X, np.concatenate([codes, np.full(n - 6, -1)]), np.repeat([1, -2], [n, n - 6]), truth


def answers(method: Callable[[], Any], X: np.ndarray, y: np.ndarray, domain: np.ndarray) -> np.ndarray:
    """Predictions on the target of a newly fitted method.

    Parameters
    ----------
    method : callable
        Makes the method.
    X, y, domain : ndarray
        What it is fitted to, as from `toy`.
    """
    clf = called(method, "()")
    for name in ("fit", "predict"):
        if not callable(getattr(clf, name, None)):
            raise Mistake(f"what it makes has no `{name}`")
    target = domain < 0
    try:
        clf.fit(X.copy(), y.copy(), sample_domain=domain.copy())
        found = np.asarray(clf.predict(X[target].copy(), sample_domain=domain[target].copy()))
    except Exception as error:
        raise Mistake(f"fit or predict stopped with {type(error).__name__}: {str(error).rstrip('.')}") from error
    if found.shape != (target.sum(),):
        raise Mistake(f"predict gave shape {found.shape} for {target.sum()} rows: one code for each is expected")
    return found


@exercise(
    "3.3.3",
    "One more row",
    hints=(
        "Begin with something that works: scale both domains by themselves, fit any classifier to the source.",
        "`sample_domain < 0` are the target's rows. Their labels are -1 for every method.",
        "Then one idea of your own: weigh the source, move it, choose features, vote. Keep every try, not the best.",
    ),
)
def check_own_method(method: Any, pair: Any) -> str:
    """Check exercise 3.3.3: a method of your own, which does not read the target's labels. Chapter 3.3.

    Parameters
    ----------
    method : callable
        A class, or a function without arguments, that makes an object with ``fit(X, y, sample_domain)`` and
        ``predict(X, sample_domain)``. Rows with ``sample_domain < 0`` are the target; their y is -1.
    pair : DomainPair
        Synthetic speech to measure it on, as `tlmlda_lib.domains.load_pair` gives it.
    """
    for seed in (0, 1):
        X, y, domain, truth = toy(60, seed)
        plain = answers(method, X, y, domain)
        if strange := sorted(set(plain.tolist()) - {0, 1, 2}):
            raise Mistake(f"it names {strange[0]}, which is not an emotion of the source")
        if (answers(method, X, y, domain) != plain).any():
            raise Mistake("fitted twice to the same data, its predictions differ: fix a seed")
        told = y.copy()
        told[domain < 0] = truth
        if (answers(method, X, told, domain) != plain).any():
            raise Mistake("with the target's labels in y its predictions change: it has read them")
        if (plain == truth).mean() < 0.5:
            raise Mistake(f"on three clouds far apart it names {(plain == truth).mean():.0%} right, and chance is 33 %")
    floor = make("pca_svm", "zscore").fit(pair.X, pair.y, pair.sample_domain, pair.groups)
    yours = war(pair.truth, answers(method, pair.X, pair.y, pair.sample_domain))
    theirs = war(pair.truth, floor.target_predictions_[-1])
    return (
        f"On synthetic speech, {pair.scheme}: yours {yours:.1f}, PCA + SVM on z-scores {theirs:.1f}, chance "
        f"{100 / len(pair.classes):.1f}. Which of your tries is it, and what chose it?"
    )
