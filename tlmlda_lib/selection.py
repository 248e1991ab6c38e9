"""How good do predictions look when nobody may look at the labels?

Criteria of an unlabelled set of predictions, each a pure function of probabilities (n, C); larger is better throughout.
Chapter 3.4.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import entr, softmax


def _checked(probabilities: np.ndarray) -> np.ndarray:
    p = np.asarray(probabilities, dtype=np.float64)
    if p.ndim != 2 or not len(p):
        raise ValueError(f"probabilities have shape {p.shape}: (n, C) with n >= 1 is needed")
    return p


def negative_entropy(probabilities: np.ndarray) -> float:
    """Certainty: minus the mean entropy of the rows, in nats.

    Parameters
    ----------
    probabilities : ndarray of shape (n, C)

    Returns
    -------
    float
        At most 0. A network that gives every sample the same class for certain gets the best value.
    """
    return -float(entr(_checked(probabilities)).sum(1).mean())


def infomax(probabilities: np.ndarray) -> float:
    """Certainty with variety: entropy of the mean row minus the mean entropy of the rows, in nats.

    Parameters
    ----------
    probabilities : ndarray of shape (n, C)

    Returns
    -------
    float
        Between 0 and log C: the mutual information of sample and predicted class.
    """
    p = _checked(probabilities)
    return float(entr(p.mean(0)).sum() - entr(p).sum(1).mean())


def snd(probabilities: np.ndarray, *, temperature: float = 0.05) -> float:
    """Soft neighbourhood density (Saito et al. 2021): mean entropy of each sample's similarities to the others, in
    nats.

    Parameters
    ----------
    probabilities : ndarray of shape (n, C), n >= 2
    temperature : float
        Divides the cosines before the softmax.

    Returns
    -------
    float
        Between 0 and log(n - 1).
    """
    p = _checked(probabilities)
    if len(p) < 2:
        return 0.0
    p = p / np.maximum(np.linalg.norm(p, axis=1, keepdims=True), 1e-12)
    similarity = p @ p.T / temperature
    np.fill_diagonal(similarity, -np.inf)
    return float(entr(softmax(similarity, axis=1)).sum(1).mean())


def bnm(probabilities: np.ndarray) -> float:
    """Batch nuclear norm (Cui et al. 2020), divided by the number of rows.

    Parameters
    ----------
    probabilities : ndarray of shape (n, C)

    Returns
    -------
    float
        Larger where rows are certain and classes many.
    """
    p = _checked(probabilities)
    return float(np.linalg.norm(p, ord="nuc") / len(p))


#: Every criterion by the name it has in `history_`.
CRITERIA: dict[str, Callable[[np.ndarray], float]] = {
    "infomax": infomax,
    "bnm": bnm,
    "snd": snd,
    "negative_entropy": negative_entropy,
}
