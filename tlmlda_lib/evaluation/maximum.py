"""The largest of several figures: how far luck alone lifts it above their mean. Chapter 3.4.

Deviations are standard deviations of one figure over what is left to chance.
"""

from __future__ import annotations

import numpy as np
from scipy import integrate, optimize, signal, stats

from tlmlda_lib.errors import UserError

#: Most looks that are counted; the largest of so many lies 4.9 deviations above the mean.
MOST = 1_000_000


def expected_maximum(n: float) -> float:
    """Mean of the largest of n independent normal figures, in deviations above their mean.

    The density of the largest is ``n phi(x) Phi(x)^(n - 1)``: one of the n is at x, and the others are below.

    Parameters
    ----------
    n : float
        1 to `MOST`; it need not be whole.

    Returns
    -------
    float
        0 for one figure, and ``1 / sqrt(pi)`` for two.

    Raises
    ------
    UserError
        If n is out of range.
    """
    if not 1 <= n <= MOST:
        raise UserError(f"n={n} is out of range: give 1 to {MOST} figures")
    phi, Phi = stats.norm.pdf, stats.norm.cdf

    def weighted(x: float) -> float:
        return float(x * n * phi(x) * Phi(x) ** (n - 1))

    return float(integrate.quad(weighted, -10, 10, limit=200)[0])


def independent_looks(lift: float) -> float:
    """How many independent figures have their largest so far above the mean: the inverse of `expected_maximum`.

    Parameters
    ----------
    lift : float
        Deviations by which the largest lies above the mean.

    Returns
    -------
    float
        1 where the largest does not lie above the mean; infinite where `MOST` looks would not do.
    """
    if not lift > 0:
        return 1.0
    if lift > expected_maximum(MOST):
        return float("inf")
    return float(np.exp(optimize.brentq(lambda log_n: expected_maximum(np.exp(log_n)) - lift, 0, np.log(MOST) - 1e-9)))


def wandering(runs: int, epochs: int, hold: float, rng: np.random.Generator) -> np.ndarray:
    """Curves of normal figures, mean 0 and deviation 1, of which neighbours hang together.

    Parameters
    ----------
    runs, epochs : int
    hold : float
        Correlation of one epoch's figure with the next one's: 0 for dice, nearly 1 for a network that changes little
        from epoch to epoch.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (runs, epochs)

    Raises
    ------
    UserError
        If there is nothing to draw, or ``hold`` is none of 0 to below 1.
    """
    if runs < 1 or epochs < 1 or not 0 <= hold < 1:
        raise UserError(f"runs={runs}, epochs={epochs}, hold={hold} draw nothing: at least 1, 1, and 0 to below 1")
    steps = rng.normal(size=(runs, epochs)) * np.sqrt(1 - hold**2)
    steps[:, 0] /= np.sqrt(1 - hold**2)  # begins as it goes on, with deviation 1
    return np.asarray(signal.lfilter([1.0], [1.0, -hold], steps, axis=1))
