"""Agreement of runs over seeds, components of variance, and calibration of confidence.

Chapter 4.3. Rates are percent, as in `tlmlda_lib.evaluation`. The definitions are ours; their names follow the general
and the correct learning reproducibility, perfect and fractional, of the literature [1]_, whose formulas are not public.

References
----------
.. [1] H. Zhang et al., "CENN: Capsule-enhanced neural network with innovative metrics for robust speech emotion
   recognition", Knowledge-Based Systems (2024), https://doi.org/10.1016/j.knosys.2024.112499
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tlmlda_lib.errors import UserError


@dataclass(frozen=True)
class Reproducibility:
    """How far k runs agree on n recordings. Chapter 4.3.

    With n_ic the number of runs that predict class c for recording i, and y its true class:

    Attributes
    ----------
    general_perfect : float
        Share of recordings on which all runs agree, ``mean 1[max_c n_ic = k]``, percent.
    general_fractional : float
        Share of pairs of runs that agree on a recording, ``mean sum_c n_ic (n_ic - 1) / (k (k - 1))``, percent.
    correct_perfect : float
        Share of recordings that all runs recognise, ``mean 1[n_iy = k]``, percent; NaN without the truth.
    correct_fractional : float
        Share of pairs of runs that both recognise a recording, ``mean n_iy (n_iy - 1) / (k (k - 1))``, percent; NaN
        without the truth.
    kappa : float
        Fleiss' kappa: agreement of pairs beyond chance, given the classes' frequencies; at most 1. NaN if every run
        predicts one class for every recording.
    """

    general_perfect: float
    general_fractional: float
    correct_perfect: float
    correct_fractional: float
    kappa: float


@dataclass(frozen=True)
class Components:
    """Components of the variance of a score, in squares of its unit. Chapter 4.3.

    Attributes
    ----------
    seed, split, residual : float
        Of the seeds, of the splits, and the rest. Estimates are unbiased, so one may be below 0: there is then no sign
        of that component.
    """

    seed: float
    split: float
    residual: float


@dataclass(frozen=True, eq=False)
class Calibration:
    """Calibration of a classifier's confidence. Chapter 4.3.

    Attributes
    ----------
    ece : float
        Expected calibration error: mean distance of confidence and accuracy over the bins, weighted by their counts,
        points of percent.
    confidence, accuracy : ndarray of shape (b,)
        Means of the bins with at least one recording, percent: the reliability curve.
    count : ndarray of shape (b,), int64
    """

    ece: float
    confidence: np.ndarray
    accuracy: np.ndarray
    count: np.ndarray


def reproducibility(predicted: Any, truth: Any = None) -> Reproducibility:
    """Agreement of several runs. Chapter 4.3.

    Parameters
    ----------
    predicted : array-like of shape (k, n), k >= 2
        Codes or names of classes; a row per run (seed).
    truth : array-like of shape (n,), optional

    Returns
    -------
    Reproducibility

    Raises
    ------
    UserError
        If there are fewer than two runs or no recordings, or if the truth has a different length.

    Examples
    --------
    >>> runs = [["anger", "sad", "sad"], ["anger", "sad", "fear"]]
    >>> found = reproducibility(runs, truth=["anger", "fear", "sad"])
    >>> round(found.general_perfect, 1), round(found.correct_perfect, 1)
    (66.7, 33.3)
    """
    return Reproducibility(*_figures(_of_recordings(predicted, truth).mean(0)[None])[0].tolist())


def bootstrap_intervals(
    predicted: Any, speakers: Any, truth: Any = None, *, draws: int = 2000, level: float = 0.95, random_state: int = 0
) -> dict[str, tuple[float, float]]:
    """Bootstrap intervals of the agreement over speakers. Chapter 4.3.

    Parameters
    ----------
    predicted, truth
        As in `reproducibility`.
    speakers : array-like of shape (n,)
        Speakers are drawn with replacement, each with all recordings. With few speakers the intervals are rough and
        tend to be too short.
    draws : int
    level : float
    random_state : int

    Returns
    -------
    dict of str to (float, float)
        Ends of the middle share `level` of the draws, by the names of `Reproducibility`'s attributes. For an interval
        over seeds, see `tlmlda_lib.evaluation.t_interval`.
    """
    of_each = _of_recordings(predicted, truth)
    who = np.asarray(speakers)
    if who.shape != (len(of_each),):
        raise UserError(f"speakers have shape {who.shape}: give one for each of the {len(of_each)} recordings")
    if draws < 1 or not 0 < level < 1:
        raise UserError(f"draws={draws}, level={level}: at least 1 draw and a share between 0 and 1 are needed")
    names, who = np.unique(who, return_inverse=True)
    sums = np.zeros((len(names), of_each.shape[1]))
    np.add.at(sums, who, of_each)
    times = np.random.default_rng(random_state).multinomial(
        len(names), np.full(len(names), 1 / len(names)), size=draws
    )  # (draws, speakers)
    means = (times @ sums) / (times @ np.bincount(who))[:, None]
    values = _figures(means)
    edges = [(1 - level) / 2, (1 + level) / 2]
    fields = asdict(Reproducibility(*[0.0] * 5))
    found = {}
    for name, column in zip(fields, values.T, strict=True):
        known = column[~np.isnan(column)]  # a draw with a single class has no kappa
        low, high = np.quantile(known, edges) if len(known) else (np.nan, np.nan)
        found[name] = (float(low), float(high))
    return found


def fleiss_kappa(predicted: Any) -> float:
    """Fleiss' kappa [1]_ of several runs: ``(P - P_e) / (1 - P_e)``. Chapter 4.3.

    Parameters
    ----------
    predicted : array-like of shape (k, n), k >= 2

    Returns
    -------
    float
        With P the general fractional reproducibility and P_e the sum of the classes' squared shares.

    References
    ----------
    .. [1] J. L. Fleiss, "Measuring nominal scale agreement among many raters", Psychological Bulletin 76, 378-382,
       1971.

    Examples
    --------
    >>> fleiss_kappa([[0, 1, 0, 1], [0, 1, 0, 1]])
    1.0
    """
    return reproducibility(predicted).kappa


def variance_components(scores: Any) -> Components:
    """Components of a score's variance by seed and by split. Chapter 4.3.

    Parameters
    ----------
    scores : array-like of shape (seeds, splits), at least 2 x 2
        One score, as WAR, for every seed on every split.

    Returns
    -------
    Components
        Of the model ``x_ab = mu + seed_a + split_b + rest_ab``.

    Raises
    ------
    UserError
        If a number is missing or not finite, or there are fewer than two seeds or splits.

    Notes
    -----
    The unbiased estimates from the mean squares of two crossed random effects [1]_.

    References
    ----------
    .. [1] S. R. Searle, G. Casella and C. E. McCulloch, "Variance Components", Wiley, 1992.

    Examples
    --------
    >>> variance_components([[60.0, 50.0], [62.0, 52.0]])
    Components(seed=2.0, split=50.0, residual=0.0)
    """
    x = np.asarray(scores, dtype=np.float64)
    if x.ndim != 2 or min(x.shape) < 2 or not np.isfinite(x).all():
        raise UserError(
            f"scores of shape {x.shape}: a finite number for every seed and split is needed, of at least two each"
        )
    seeds, splits = x.shape
    of_seed, of_split = x.mean(1), x.mean(0)
    rest = x - of_seed[:, None] - of_split + x.mean()
    residual = (rest**2).sum() / ((seeds - 1) * (splits - 1))
    return Components(
        seed=float(of_seed.var(ddof=1) - residual / splits),
        split=float(of_split.var(ddof=1) - residual / seeds),
        residual=float(residual),
    )


def calibration(truth: Any, probabilities: Any, bins: int = 10) -> Calibration:
    """Expected calibration error and reliability curve of the predicted class. Chapter 4.3.

    Parameters
    ----------
    truth : array-like of shape (n,), int
        Codes of the true classes.
    probabilities : array-like of shape (n, C)
    bins : int
        Number of bins of equal width from 0 to 1; a confidence on an edge belongs to the lower bin.

    Returns
    -------
    Calibration

    Raises
    ------
    UserError
        If shapes do not match, or a row is not a distribution.

    Notes
    -----
    The error with bins of equal width is that of Naeini et al. [1]_, which Guo et al. [2]_ made the custom for
    networks.

    References
    ----------
    .. [1] M. Pakdaman Naeini, G. F. Cooper and M. Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
       binning", AAAI 2015, 2901-2907.
    .. [2] C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern neural networks", ICML 2017,
       1321-1330.

    Examples
    --------
    >>> found = calibration([0, 1], [[0.75, 0.25], [0.75, 0.25]])
    >>> found.ece, found.accuracy.tolist(), found.confidence.tolist()
    (25.0, [50.0], [75.0])
    """
    t, p = np.asarray(truth), np.asarray(probabilities, dtype=np.float64)
    if p.ndim != 2 or t.shape != (len(p),) or not len(p):
        raise UserError(f"truth {t.shape} and probabilities {p.shape}: (n,) codes and (n, C) are needed, n at least 1")
    if not ((p >= 0).all() and np.allclose(p.sum(1), 1, atol=1e-4)):
        raise UserError("a row of the probabilities does not sum to 1: give what predict_proba gives")
    return calibration_of(p.argmax(1) == t, p.max(1), bins)


def calibration_of(right: Any, confidence: Any, bins: int = 10) -> Calibration:
    """`calibration` from the confidence of the predicted class alone, as records keep it. Chapter 4.3.

    Parameters
    ----------
    right : array-like of shape (n,), bool
        Whether the predicted class is the true one.
    confidence : array-like of shape (n,)
        Probability of that class, from 0 to 1.
    bins : int
        As in `calibration`.

    Returns
    -------
    Calibration

    Raises
    ------
    UserError
        If shapes do not match, or a confidence is not a probability.
    """
    hit, stated = np.asarray(right, dtype=bool), np.asarray(confidence, dtype=np.float64)
    if stated.ndim != 1 or hit.shape != stated.shape or not len(stated):
        raise UserError(f"right {hit.shape} and confidence {stated.shape}: two lists of one length are needed")
    if not ((stated >= 0) & (stated <= 1 + 1e-4)).all():  # a softmax in float32 may end a little above
        raise UserError("a confidence lies outside 0 to 1: give the probability of the predicted class")
    if bins < 1:
        raise UserError(f"bins={bins}: at least 1 is needed")
    place = np.clip(np.ceil(stated * bins).astype(int) - 1, 0, bins - 1)
    count = np.bincount(place, minlength=bins)
    held = count > 0
    mean = 100 * np.bincount(place, stated, bins)[held] / count[held]
    accuracy = 100 * np.bincount(place, hit, bins)[held] / count[held]
    ece = float((count[held] * np.abs(accuracy - mean)).sum() / len(stated))
    return Calibration(ece, mean, accuracy, count[held])


def _of_recordings(predicted: Any, truth: Any) -> np.ndarray:
    """Per recording (n, 4 + C): the four rates as shares, then the share of the runs that predict each class."""
    runs = np.asarray(predicted)
    if runs.ndim != 2 or len(runs) < 2 or not runs.shape[1]:
        raise UserError(
            f"predictions of shape {runs.shape}: two runs or more, (k, n), of one recording or more are needed"
        )
    k = len(runs)
    classes, codes = np.unique(runs, return_inverse=True)
    codes = codes.reshape(runs.shape)
    counts = np.stack([(codes == c).sum(0) for c in range(len(classes))], 1)  # (n, C)
    right = np.full(runs.shape[1], np.nan)
    if truth is not None:
        t = np.asarray(truth)
        if t.shape != runs.shape[1:]:
            raise UserError(
                f"the truth has shape {t.shape}: a class for each of the {runs.shape[1]} recordings is needed"
            )
        right = (runs == t).sum(0).astype(np.float64)
    pairs = k * (k - 1)
    rates = [
        counts.max(1) == k,
        (counts * (counts - 1)).sum(1) / pairs,
        np.where(np.isnan(right), np.nan, right == k),
        right * (right - 1) / pairs,
    ]
    return np.column_stack([*rates, counts / k])


def _figures(means: np.ndarray) -> np.ndarray:
    """The five numbers (draws, 5) from means (draws, 4 + C) over recordings."""
    agreed, chance = means[:, 1], (means[:, 4:] ** 2).sum(1)
    varied = 1 - chance > 1e-12
    kappa = np.where(varied, (agreed - chance) / np.where(varied, 1 - chance, 1), np.nan)
    return np.column_stack([100 * means[:, :4], kappa])
