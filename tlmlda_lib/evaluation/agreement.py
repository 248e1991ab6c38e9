"""Does a second run say the same? Agreement over seeds, where variance comes from, and what confidence is worth.

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
    """How far k runs say the same of n recordings.

    With n_ic the number of runs that give class c to recording i, and y its true class:

    Attributes
    ----------
    general_perfect : float
        Recordings on which all runs agree, ``mean 1[max_c n_ic = k]``, percent.
    general_fractional : float
        Pairs of runs that agree on a recording, ``mean sum_c n_ic (n_ic - 1) / (k (k - 1))``, percent.
    correct_perfect : float
        Recordings that all runs recognise, ``mean 1[n_iy = k]``, percent; NaN without the truth.
    correct_fractional : float
        Pairs of runs that both recognise a recording, ``mean n_iy (n_iy - 1) / (k (k - 1))``, percent; NaN without the
        truth.
    kappa : float
        Fleiss' kappa: agreement of pairs beyond what the classes' frequencies alone would give, at most 1; NaN where
        every run gives every recording the same class.
    """

    general_perfect: float
    general_fractional: float
    correct_perfect: float
    correct_fractional: float
    kappa: float


@dataclass(frozen=True)
class Components:
    """Where the variance of a figure comes from, in squares of its unit.

    Attributes
    ----------
    seed, split, residual : float
        Of the seeds, of the splits, and what neither explains alone. Estimates are unbiased, so one may fall below 0:
        that component is not to be told from none.
    """

    seed: float
    split: float
    residual: float


@dataclass(frozen=True, eq=False)
class Calibration:
    """What a stated confidence is worth.

    Attributes
    ----------
    ece : float
        Expected calibration error: mean distance of confidence and accuracy over the bins, weighted by their counts,
        points of percent.
    confidence, accuracy : ndarray of shape (b,)
        Of the bins that hold a recording, percent: the reliability curve.
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
        Codes or names of classes, a row for each run (seed).
    truth : array-like of shape (n,), optional

    Returns
    -------
    Reproducibility

    Raises
    ------
    UserError
        If there are fewer than two runs or no recording, or the truth has another length.
    """
    return Reproducibility(*_figures(_of_recordings(predicted, truth).mean(0)[None])[0].tolist())


def bootstrap_intervals(
    predicted: Any, speakers: Any, truth: Any = None, *, draws: int = 2000, level: float = 0.95, random_state: int = 0
) -> dict[str, tuple[float, float]]:
    """Intervals of the agreement over other speakers.

    Parameters
    ----------
    predicted, truth
        As in `reproducibility`.
    speakers : array-like of shape (n,)
        They are drawn with replacement, each with all of its recordings. With few speakers the intervals are a rough
        guide and tend to be too short.
    draws : int
    level : float
    random_state : int

    Returns
    -------
    dict of str to (float, float)
        Lowest and highest of the middle share `level` of the draws, by the names of `Reproducibility`'s attributes.
        For an interval over seeds of a figure of each run there is `tlmlda_lib.evaluation.t_interval`.
    """
    of_each = _of_recordings(predicted, truth)
    who = np.asarray(speakers)
    if who.shape != (len(of_each),):
        raise UserError(f"speakers have shape {who.shape}: one for each of the {len(of_each)} recordings is needed")
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
        known = column[~np.isnan(column)]  # a draw in which all is one class has no kappa
        low, high = np.quantile(known, edges) if len(known) else (np.nan, np.nan)
        found[name] = (float(low), float(high))
    return found


def fleiss_kappa(predicted: Any) -> float:
    """Fleiss' kappa of several runs: ``(P - P_e) / (1 - P_e)``.

    Parameters
    ----------
    predicted : array-like of shape (k, n), k >= 2

    Returns
    -------
    float
        P is the general fractional reproducibility, P_e the sum of the squared shares of the classes.
    """
    return reproducibility(predicted).kappa


def variance_components(figures: Any) -> Components:
    """Variance of a figure by seed and split. Chapter 4.3.

    Parameters
    ----------
    figures : array-like of shape (seeds, splits), at least 2 x 2
        One figure, as WAR, of every seed on every split.

    Returns
    -------
    Components
        By the mean squares of two crossed random effects, ``x_ab = mu + seed_a + split_b + rest_ab``.
    """
    x = np.asarray(figures, dtype=np.float64)
    if x.ndim != 2 or min(x.shape) < 2 or not np.isfinite(x).all():
        raise UserError(
            f"figures of shape {x.shape}: a finite number for every seed and split is needed, of at least two each"
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
    """Expected calibration error and reliability curve of the class that is named. Chapter 4.3.

    Parameters
    ----------
    truth : array-like of shape (n,), int
        Codes of the true classes.
    probabilities : array-like of shape (n, C)
    bins : int
        Of equal width over the confidences 0 to 1; a confidence on an edge belongs to the lower bin.

    Returns
    -------
    Calibration

    Raises
    ------
    UserError
        If shapes do not fit, or a row is no distribution.
    """
    t, p = np.asarray(truth), np.asarray(probabilities, dtype=np.float64)
    if p.ndim != 2 or t.shape != (len(p),) or not len(p):
        raise UserError(f"truth {t.shape} and probabilities {p.shape}: (n,) codes and (n, C) are needed, n at least 1")
    if not ((p >= 0).all() and np.allclose(p.sum(1), 1, atol=1e-4)):
        raise UserError("a row of the probabilities does not sum to 1: give what predict_proba gives")
    return calibration_of(p.argmax(1) == t, p.max(1), bins)


def calibration_of(right: Any, confidence: Any, bins: int = 10) -> Calibration:
    """The same where only the confidence of the class that was named is kept, as in records. Chapter 4.3.

    Parameters
    ----------
    right : array-like of shape (n,), bool
        Whether the class that was named is the true one.
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
        If shapes do not fit, or a confidence is no probability.
    """
    hit, stated = np.asarray(right, dtype=bool), np.asarray(confidence, dtype=np.float64)
    if stated.ndim != 1 or hit.shape != stated.shape or not len(stated):
        raise UserError(f"right {hit.shape} and confidence {stated.shape}: two lists of one length are needed")
    if not ((stated >= 0) & (stated <= 1 + 1e-4)).all():  # a softmax in float32 may end a little above
        raise UserError("a confidence lies outside 0 to 1: give the probability of the class that was named")
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
    """Of each recording (n, 4 + C): the four rates as shares, then the share of the runs for each class."""
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
    """The five figures (draws, 5) of means (draws, 4 + C) over recordings."""
    agreed, chance = means[:, 1], (means[:, 4:] ** 2).sum(1)
    varied = 1 - chance > 1e-12
    kappa = np.where(varied, (agreed - chance) / np.where(varied, 1 - chance, 1), np.nan)
    return np.column_stack([100 * means[:, :4], kappa])
