"""The largest of several scores: how far chance alone lifts it above their mean. Chapter 3.4.

Deviations are standard deviations of one score under chance.
"""

from __future__ import annotations

import numpy as np
import scipy

from tlmlda_lib.errors import UserError

#: Largest number of looks; the largest of so many scores lies 4.9 deviations above the mean.
MOST = 1_000_000


def expected_maximum(n: float) -> float:
    """Mean of the largest of n independent normal scores, in deviations above their mean. Chapter 3.4.

    The density of the largest is ``n phi(x) Phi(x)^(n - 1)``: one of the n is at x, and the others are below.

    Parameters
    ----------
    n : float
        1 to `MOST`; it need not be whole.

    Returns
    -------
    float
        0 for one score, and ``1 / sqrt(pi)`` for two.

    Raises
    ------
    UserError
        If n is out of range.

    Examples
    --------
    >>> round(expected_maximum(2), 4)
    0.5642
    """
    if not 1 <= n <= MOST:
        raise UserError(f"n={n} is out of range: give 1 to {MOST} scores")
    phi, Phi = scipy.stats.norm.pdf, scipy.stats.norm.cdf

    def weighted(x: float) -> float:
        return float(x * n * phi(x) * Phi(x) ** (n - 1))

    return float(scipy.integrate.quad(weighted, -10, 10, limit=200)[0])


def independent_looks(lift: float) -> float:
    """Number of independent scores whose largest lies so far above the mean: the inverse of `expected_maximum`.

    Parameters
    ----------
    lift : float
        Deviations by which the largest lies above the mean.

    Returns
    -------
    float
        1 if the largest does not lie above the mean; infinite if `MOST` scores are too few.

    Examples
    --------
    >>> round(independent_looks(expected_maximum(10)), 3)
    10.0
    """
    if not lift > 0:
        return 1.0
    if lift > expected_maximum(MOST):
        return float("inf")
    return float(
        np.exp(scipy.optimize.brentq(lambda log_n: expected_maximum(np.exp(log_n)) - lift, 0, np.log(MOST) - 1e-9))
    )


def wandering(runs: int, epochs: int, hold: float, rng: np.random.Generator) -> np.ndarray:
    """Curves of normal scores with mean 0 and deviation 1, in which neighbouring epochs are correlated.

    Parameters
    ----------
    runs, epochs : int
    hold : float
        Correlation of one epoch's score with the next: 0 for independent draws, nearly 1 for a network that changes
        little from epoch to epoch.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (runs, epochs)

    Raises
    ------
    UserError
        If there is nothing to draw, or ``hold`` is not from 0 to below 1.
    """
    if runs < 1 or epochs < 1 or not 0 <= hold < 1:
        raise UserError(f"runs={runs}, epochs={epochs}, hold={hold} draw nothing: at least 1, 1, and 0 to below 1")
    steps = rng.normal(size=(runs, epochs)) * np.sqrt(1 - hold**2)
    steps[:, 0] /= np.sqrt(1 - hold**2)  # so that the first epoch has deviation 1 too
    return np.asarray(scipy.signal.lfilter([1.0], [1.0, -hold], steps, axis=1))
