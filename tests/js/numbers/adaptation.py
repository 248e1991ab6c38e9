"""What NumPy and scikit-learn make of two clouds: moved sources, their predictions, distances and roots."""

from typing import Any

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.preprocessing import StandardScaler

#: How often the classes are guessed and moved.
ROUNDS = 3

#: Points of each class in the source and in the target, where the target lies, and by how much it is turned.
CASES = [
    ((12, 12), (10, 14), (0.0, 0.0), 0.0),
    ((10, 14), (20, 4), (0.9, -0.4), 0.6),
    ((9, 9), (3, 25), (-1.5, 0.8), 1.9),
    ((15, 11), (12, 12), (6.0, 0.0), 0.0),  # so far away that all of it is taken for one class
]


def numbers() -> list[dict[str, Any]]:
    rng = np.random.default_rng(4)
    return [_case(*case, rng) for case in CASES]


def _case(
    here: tuple[int, int], there: tuple[int, int], by: tuple[float, float], turn: float, rng: np.random.Generator
) -> dict[str, Any]:
    labels, truth = (np.repeat([0, 1], counts) for counts in (here, there))
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    zs, zt = (rng.normal(0, (0.5, 0.8), (len(y), 2)) + np.outer(2 * y - 1, (1, 0.3)) for y in (labels, truth))
    zt = zt @ turned.T + by
    ways = {
        "nothing": zs,
        "scale": (zs - zs.mean(0)) / zs.std(0) * zt.std(0) + zt.mean(0),
        "clouds": (zs - zs.mean(0)) @ np.linalg.inv(_root(_covariance(zs))) @ _root(_covariance(zt)) + zt.mean(0),
        "classes": _by_classes(zs, labels, zt),
    }
    outcomes = {way: _outcome(moved, labels, zt, truth) for way, moved in ways.items()}
    own, other = (StandardScaler().fit_transform(z) for z in (zs, zt))
    return {
        "domains": {
            "source": zs.tolist(),
            "labels": labels.tolist(),
            "target": zt.tolist(),
            "truth": truth.tolist(),
        },
        "covariance": _covariance(zs).tolist(),
        "root": _root(_covariance(zs)).tolist(),
        "rounds": ROUNDS,
        "outcomes": outcomes,
        "standardised": _lda(own, labels).predict(other).tolist(),
    }


def _covariance(z: np.ndarray) -> np.ndarray:
    return np.cov(z.T, ddof=0)


def _root(c: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(c)
    return vectors * np.sqrt(values) @ vectors.T


def _lda(z: np.ndarray, labels: np.ndarray) -> LinearDiscriminantAnalysis:
    # The solver "svd" pools the classes' covariances by their numbers of points, whatever the priors are.
    return LinearDiscriminantAnalysis(solver="svd", priors=[0.5, 0.5]).fit(z, labels)


def _by_classes(zs: np.ndarray, labels: np.ndarray, zt: np.ndarray) -> np.ndarray:
    moved = zs.copy()
    for _ in range(ROUNDS):
        guesses = _lda(moved, labels).predict(zt)
        for c in set(guesses):
            moved[labels == c] += zt[guesses == c].mean(0) - moved[labels == c].mean(0)
    return moved


def _outcome(moved: np.ndarray, labels: np.ndarray, zt: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    rule = _lda(moved, labels)
    guesses = rule.predict(zt)
    return {
        "source": moved.tolist(),
        "guesses": guesses.tolist(),
        "onSource": rule.score(moved, labels),
        "onTarget": rule.score(zt, truth),
        "means": float(np.linalg.norm(moved.mean(0) - zt.mean(0))),
        "covariances": float(np.linalg.norm(_covariance(moved) - _covariance(zt))),
    }
