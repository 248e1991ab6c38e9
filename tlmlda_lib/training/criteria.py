"""How good do predictions look when nobody may look at the labels?

Criteria of an unlabelled set of predictions, each a pure function of probabilities (n, C); larger is better throughout,
and NaN where a probability is not finite. Chapter 3.4.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.special import entr

#: Most rows whose neighbourhoods `snd` looks at; of a longer target it takes a sample of so many.
SND_ROWS = 5000

#: Numbers in a block of `snd`'s similarities: 2 MB, which a processor's cache holds.
SND_BLOCK = 2**18


class CriterionWarning(UserWarning):
    """A criterion could not be computed after an epoch."""


def _checked(probabilities: np.ndarray) -> np.ndarray:
    """As float64; where a single number is not finite, all are NaN, and so is every criterion of them."""
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

    Notes
    -----
    The mean is over all rows up to `SND_ROWS`, 5,000. Of more rows it is over 5,000 of them, each still compared with
    all the others: an unbiased estimate. They are drawn without replacement by a generator of their own with seed 0, so
    they are the same after every epoch, and no other draw changes. Time grows with min(n, 5,000) n, memory with n.
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
        s[own] = -np.inf  # nobody is a neighbour of oneself
        s -= s.max(1, keepdims=True)
        e = np.exp(s)  # not yet divided by their sum
        s[own] = 0
        sums = e.sum(1)
        total += (np.log(sums) - np.einsum("ij,ij->i", e, s) / sums).sum()
    return float(total / len(rows))


def bnm(probabilities: np.ndarray) -> float:
    """Batch nuclear norm (Cui et al. 2020), divided by the number of rows.

    Parameters
    ----------
    probabilities : ndarray of shape (n, C)

    Returns
    -------
    float
        Larger where rows are certain and classes many. NaN if the singular values do not converge.
    """
    p = _checked(probabilities)
    try:
        return float(np.linalg.norm(p, ord="nuc") / len(p))
    except np.linalg.LinAlgError:
        return float("nan")


#: Every criterion by the name it has in `history_`.
CRITERIA: dict[str, Callable[[np.ndarray], float]] = {
    "infomax": infomax,
    "bnm": bnm,
    "snd": snd,
    "negative_entropy": negative_entropy,
}


def measure(probabilities: np.ndarray, earlier: Sequence[Mapping[str, float]] = ()) -> dict[str, float]:
    """Every criterion of the predictions after an epoch. It ends no training: what cannot be computed is NaN.

    Parameters
    ----------
    probabilities : ndarray of shape (n, C)
        Of the target's rows.
    earlier : sequence of dict
        The history's row of each epoch before this one.

    Returns
    -------
    dict of str to float
        By the names in `CRITERIA`.

    Warns
    -----
    CriterionWarning
        In the first epoch of a run in which a criterion is NaN, and in no later one.
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
