"""Criteria for predictions without labels.

Each is a pure function of probabilities (n, C); larger is better throughout, and NaN if a probability is not finite.
Chapter 3.4.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.special import entr

#: Largest number of rows whose neighbourhoods `snd` uses; from a longer target it takes a sample.
SND_ROWS = 5000

#: Numbers in a block of `snd`'s similarities: 2 MB, which fit into a processor's cache.
SND_BLOCK = 2**18


class CriterionWarning(UserWarning):
    """A criterion could not be computed after an epoch."""


def _checked(probabilities: np.ndarray) -> np.ndarray:
    """As float64; if a single number is not finite, all become NaN, and so does every criterion."""
    p = np.asarray(probabilities, dtype=np.float64)
    if p.ndim != 2 or not len(p):
        raise ValueError(f"probabilities have shape {p.shape}: (n, C) with n >= 1 is needed")
    return p if np.isfinite(p).all() else np.full_like(p, np.nan)


def negative_entropy(probabilities: np.ndarray) -> float:
    """Certainty: minus the mean entropy of the rows, in nats.

    Parameters
    ----------
    probabilities : ndarray of shape (n, C)

    Returns
    -------
    float
        At most 0. A network that predicts one class with certainty gets the best value.

    Examples
    --------
    >>> round(negative_entropy(np.array([[0.5, 0.5]])), 4)  # -log 2
    -0.6931
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

    References
    ----------
    .. [1] A. Krause, P. Perona and R. G. Gomes, "Discriminative clustering by regularized information maximization",
       NIPS 2010, 775-783.

    Examples
    --------
    >>> round(infomax(np.eye(2)), 4)  # log 2
    0.6931
    """
    p = _checked(probabilities)
    return float(entr(p.mean(0)).sum() - entr(p).sum(1).mean())


def snd(probabilities: np.ndarray, *, temperature: float = 0.05) -> float:
    """Soft neighbourhood density [1]_: mean entropy of each sample's similarities to the others, in nats. Chapter 3.4.

    Parameters
    ----------
    probabilities : ndarray of shape (n, C), n >= 2
    temperature : float
        Divisor of the cosines before the softmax.

    Returns
    -------
    float
        Between 0 and log(n - 1).

    Notes
    -----
    The mean is over all rows up to `SND_ROWS`, 5,000. With more rows it is over a sample of 5,000, each compared with
    all the others: an unbiased estimate. The sample is drawn by a separate generator with seed 0, so it is the same
    after every epoch and changes no other draw. Time grows with min(n, 5,000) n, memory with n.

    References
    ----------
    .. [1] K. Saito et al., "Tune it the right way: unsupervised validation of domain adaptation via soft neighborhood
       density", ICCV 2021, 9184-9193.
    """
    p = _checked(probabilities)
    if np.isnan(p).any():
        return float("nan")
    n = len(p)
    if n < 2:
        return 0.0
    p = p / np.maximum(np.linalg.norm(p, axis=1, keepdims=True), 1e-12)
    others = p.T / temperature
    rows = np.arange(n) if n <= SND_ROWS else np.sort(np.random.default_rng(0).choice(n, SND_ROWS, replace=False))
    total = 0.0
    for block in np.split(rows, range(max(SND_BLOCK // n, 1), len(rows), max(SND_BLOCK // n, 1))):
        own = np.arange(len(block)), block
        s = p[block] @ others  # (b, n)
        s[own] = -np.inf  # a row is not its own neighbour
        s -= s.max(1, keepdims=True)
        e = np.exp(s)  # not yet normalised
        s[own] = 0
        sums = e.sum(1)
        total += (np.log(sums) - np.einsum("ij,ij->i", e, s) / sums).sum()
    return float(total / len(rows))


def bnm(probabilities: np.ndarray) -> float:
    """Batch nuclear norm [1]_, divided by the number of rows. Chapter 3.4.

    Parameters
    ----------
    probabilities : ndarray of shape (n, C)

    Returns
    -------
    float
        Larger for certain rows and many classes. NaN if the singular values do not converge.

    References
    ----------
    .. [1] S. Cui et al., "Towards discriminability and diversity: batch nuclear-norm maximization under label
       insufficient situations", CVPR 2020, 3941-3950.

    Examples
    --------
    >>> bnm(np.eye(4))
    1.0
    """
    p = _checked(probabilities)
    try:
        return float(np.linalg.norm(p, ord="nuc") / len(p))
    except np.linalg.LinAlgError:
        return float("nan")


#: Every criterion by its name in `history_`.
CRITERIA: dict[str, Callable[[np.ndarray], float]] = {
    "infomax": infomax,
    "bnm": bnm,
    "snd": snd,
    "negative_entropy": negative_entropy,
}


def measure(probabilities: np.ndarray, earlier: Sequence[Mapping[str, float]] = ()) -> dict[str, float]:
    """Every criterion of the predictions after an epoch; what cannot be computed is NaN. Chapter 3.4.

    Parameters
    ----------
    probabilities : ndarray of shape (n, C)
        Predictions for the target's rows.
    earlier : sequence of dict
        The history's row of each epoch before this one.

    Returns
    -------
    dict of str to float
        By the names in `CRITERIA`.

    Warns
    -----
    CriterionWarning
        In the first epoch of a run with a NaN criterion, and in no later one.
    """
    values = {name: criterion(probabilities) for name, criterion in CRITERIA.items()}
    failed = [name for name, value in values.items() if np.isnan(value)]
    if failed and not any(np.isnan(row.get(name, 0.0)) for row in earlier for name in CRITERIA):
        diverged = not np.isfinite(probabilities).all()
        why = "training diverged: the probabilities are not finite" if diverged else "the computation did not converge"
        warnings.warn(
            f"epoch {len(earlier) + 1}: {', '.join(failed)} cannot be computed on the target ({why}) and become NaN; "
            "an epoch with NaN is never chosen by that criterion, and later ones of this run are not reported",
            CriterionWarning,
            stacklevel=3,
        )
    return values
