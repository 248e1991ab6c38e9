"""Means, standard errors, the chosen value and the oracle's gain of made scores, as the library and NumPy have them."""

from typing import Any

import numpy as np

from tlmlda_lib.book.pages import choosing
from tlmlda_lib.methods.pca_svm import C_GRID


def numbers() -> list[dict[str, Any]]:
    rng = np.random.default_rng(8)
    return [_case(rng, folds, wide) for folds, wide in ((5, 1.0), (4, 8.0), (3, 3.0), (5, 0.0))]


def _case(rng: np.random.Generator, folds: int, wide: float) -> dict[str, Any]:
    scores = (rng.uniform(40, 60, 5) + rng.normal(0, wide, (folds, 5))).round(2)
    target = rng.uniform(30, 50, 5).round(2)
    mean, errors = scores.mean(0), scores.std(0, ddof=1) / np.sqrt(folds)
    best = int(mean.argmax())
    rule = int(np.flatnonzero(mean >= mean[best] - errors[best])[0])
    choosing.assert_one_standard_error(C_GRID[rule], mean, errors)
    return {
        "folds": scores.tolist(),
        "target": target.tolist(),
        "means": mean.tolist(),
        "errors": errors.tolist(),
        "rule": rule,
        "gain": float(target.max() - target[rule]),
    }
