"""Preparing a take for the classifier, z-scores, and temperature. Chapter 4.4."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tlmlda_lib.corpora import sound
from tlmlda_lib.errors import UserError
from tlmlda_lib.features.recipe import RATE

#: Allowed length of a take, in seconds.
SHORTEST, LONGEST = 0.5, 10.0

#: A take is silent if its loudest sample is below this.
FAINTEST = 0.003

#: A take is clipped where more than the first share of its samples is at full scale, and of no use beyond the second.
CLIPPED, SPOILT = 0.001, 0.25


def z_scores(x: ArrayLike, mean: ArrayLike, deviation: ArrayLike, clip: float = np.inf) -> NDArray[np.float64]:
    """``z = (x - mean) / deviation``, clipped at `clip`; 0 for constant features. Chapter 4.4.

    Parameters
    ----------
    x, mean, deviation : array_like of shape (d,)
        A recording's features, and the statistics for scaling.
    clip : float
        Largest absolute z-score, as in IFN.

    Returns
    -------
    ndarray of shape (d,), float64

    Examples
    --------
    >>> z_scores([3.0, 7.0], mean=[1.0, 7.0], deviation=[2.0, 0.0]).tolist()
    [1.0, 0.0]
    """
    x, mean, deviation = (np.asarray(a, dtype=np.float64) for a in (x, mean, deviation))
    # Rounding leaves a constant feature with a deviation of about 1e-8 of its value, which is not a scale.
    flat = deviation <= 1e-7 * np.maximum(np.abs(mean), 1e-30)
    return np.where(flat, 0.0, np.clip((x - mean) / np.where(flat, 1.0, deviation), -clip, clip))


def tempered(probabilities: ArrayLike, temperature: float = 1.0) -> NDArray[np.float64]:
    """``p_c^(1/T) / sum_k p_k^(1/T)``: the softmax of the scores divided by a temperature T [1]_. Chapter 4.4.

    Parameters
    ----------
    probabilities : array_like of shape (..., C)
    temperature : float
        Above 1 the answer is less certain, below 1 more; the ranking of the emotions stays.

    Returns
    -------
    ndarray of shape (..., C), float64

    Raises
    ------
    UserError
        If the temperature is not above 0.

    References
    ----------
    .. [1] C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern neural networks", ICML 2017,
       1321-1330.

    Examples
    --------
    >>> tempered([0.8, 0.2], temperature=1.0).round(3).tolist()
    [0.8, 0.2]
    >>> tempered([0.8, 0.2], temperature=2.0).round(3).tolist()
    [0.667, 0.333]
    """
    if not 0 < temperature < np.inf:
        raise UserError(f"temperature={temperature!r}: a number above 0 is needed")
    scores = np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), 1e-300)) / temperature
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def prepared(samples: ArrayLike, rate: int) -> NDArray[np.float32]:
    """A take ready for the features: 16 kHz, in [-1, 1]; neither trimmed nor normalised. Chapter 4.4.

    Parameters
    ----------
    samples : array_like of shape (n,)
        One channel.
    rate : int
        In Hz, 8000 to 192000.

    Returns
    -------
    ndarray of shape (m,), float32

    Raises
    ------
    UserError
        In a sentence to the speaker, if it is too short or too long, silent, clipped beyond use, or not a sound.
    """
    take = np.asarray(samples, dtype=np.float32)
    if take.ndim != 1 or not np.isfinite(take).all():
        raise UserError(f"samples of shape {take.shape} are not a sound: one channel of finite numbers is needed")
    if not 8000 <= rate <= 192_000:
        raise UserError(f"rate={rate} Hz: 8000 to 192000 can be used")
    seconds = len(take) / rate
    if seconds < SHORTEST:
        raise UserError(f"{seconds:.1f} seconds are too short: say a whole sentence")
    if seconds > LONGEST + 0.5:
        raise UserError(f"{seconds:.1f} seconds are too long: say one sentence, {LONGEST:g} seconds at most")
    loudest = float(np.abs(take).max())
    if loudest < FAINTEST:
        raise UserError(
            f"it is almost silent: the loudest sample is {loudest:.4f} of full scale; is the microphone switched off?"
        )
    if _at_full_scale(take) > SPOILT:
        raise UserError(_clipped(take))
    return np.clip(sound.to_rate(take, rate, RATE), -1, 32767 / 32768)


def warning(samples: ArrayLike) -> str:
    """The warning about a usable take: a sentence if it is clipped, otherwise "". Chapter 4.4.

    Parameters
    ----------
    samples : array_like of shape (n,)
        One channel.

    Returns
    -------
    str
    """
    take = np.asarray(samples, dtype=np.float32)
    if not take.size or _at_full_scale(take) <= CLIPPED:
        return ""
    words = _clipped(take)
    return f"{words[0].upper()}{words[1:]}. Its loudness and timbre are unreliable."


def _at_full_scale(take: NDArray[np.float32]) -> float:
    return float((np.abs(take) >= 0.99).mean())


def _clipped(take: NDArray[np.float32]) -> str:
    return (
        f"it is clipped: {_at_full_scale(take):.1%} of the samples are at full scale; go farther from the microphone, "
        "or turn it down"
    )
