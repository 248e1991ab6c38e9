"""Folds of the labelled source with disjoint speakers. Chapter 1.6."""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

Fold = tuple[np.ndarray, np.ndarray]


def source_folds(y: np.ndarray, speakers: np.ndarray | None) -> tuple[list[Fold], str | None]:
    """Training and test rows of at most five folds, and a warning about them.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Codes of the classes.
    speakers : ndarray of shape (n,) or None
        Codes of the speakers. Without them, or with only one, folds share speakers, and the second result says so.

    Returns
    -------
    folds : list of (ndarray, ndarray)
        Empty if a class has a single row.
    trouble : str or None
    """
    X = np.zeros((len(y), 1))
    smallest = int(np.bincount(y).min())
    if smallest < 2:
        return [], "a class has one sample only"
    if speakers is None or len(np.unique(speakers)) < 2:
        trouble = "no speakers (groups) were given" if speakers is None else "the source has one speaker"
        folds = list(StratifiedKFold(min(5, smallest), shuffle=True, random_state=0).split(X, y))
    else:
        trouble = None
        n = min(5, len(np.unique(speakers)), smallest)
        folds = list(StratifiedGroupKFold(n, shuffle=True, random_state=0).split(X, y, speakers))
    # A training fold needs two classes (samples may be few, or a class may have one speaker).
    return [(train, test) for train, test in folds if len(np.unique(y[train])) > 1 and len(test)], trouble
