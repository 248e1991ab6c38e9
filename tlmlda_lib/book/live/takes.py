"""A take before a machine hears it, and the two formulas of what it is told and says. Chapter 4.4."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tlmlda_lib.corpora import sound
from tlmlda_lib.errors import UserError
from tlmlda_lib.features.recipe import RATE

#: Seconds that a take may last.
SHORTEST, LONGEST = 0.5, 10.0

#: A take is silent whose loudest sample lies below this.
FAINTEST = 0.003

#: A take is clipped where more than the first share of its samples is at full scale, and of no use beyond the second.
CLIPPED, SPOILT = 0.001, 0.25


def z_scores(x: ArrayLike, mean: ArrayLike, deviation: ArrayLike, clip: float = np.inf) -> NDArray[np.float64]:
    """``z = (x - mean) / deviation``, at most `clip` to either side; 0 where nothing deviates.

    Parameters
    ----------
    x, mean, deviation : array_like of shape (d,)
        A recording's features, and the statistics that it is put to.
    clip : float
        What lies farther away counts as this far, as IFN has it.

    Returns
    -------
    ndarray of shape (d,), float64
        Chapter 4.4.
    """
    x, mean, deviation = (np.asarray(a, dtype=np.float64) for a in (x, mean, deviation))
    # Rounding leaves a constant feature with a deviation of some 1e-8 of its value: that is not a scale.
    flat = deviation <= 1e-7 * np.maximum(np.abs(mean), 1e-30)
    return np.where(flat, 0.0, np.clip((x - mean) / np.where(flat, 1.0, deviation), -clip, clip))


def tempered(probabilities: ArrayLike, temperature: float = 1.0) -> NDArray[np.float64]:
    """``p_c^(1/T) / sum_k p_k^(1/T)``: the softmax of the same scores, divided by T.

    Parameters
    ----------
    probabilities : array_like of shape (..., C)
    temperature : float
        Above 1 the answer is less sure, below 1 surer; which emotion comes first stays as it is.

    Returns
    -------
    ndarray of shape (..., C), float64
        Chapter 4.4.

    Raises
    ------
    UserError
        If the temperature is not above 0.
    """
    if not 0 < temperature < np.inf:
        raise UserError(f"temperature={temperature!r}: a number above 0 is needed")
    scores = np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), 1e-300)) / temperature
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def prepared(samples: ArrayLike, rate: int) -> NDArray[np.float32]:
    """A take as features are taken of it: 16 kHz, in [-1, 1]; neither trimmed nor made louder.

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
        In a sentence to the speaker, if it is too short or too long, silent, clipped beyond use, or no sound.
        Chapter 4.4.
    """
    take = np.asarray(samples, dtype=np.float32)
    if take.ndim != 1 or not np.isfinite(take).all():
        raise UserError(f"samples of shape {take.shape} are no sound: one channel of finite numbers is needed")
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
            f"there is next to nothing in it: the loudest sample is {loudest:.4f} of full scale; is the microphone "
            "switched off?"
        )
    if _at_full_scale(take) > SPOILT:
        raise UserError(_clipped(take))
    return np.clip(sound.to_rate(take, rate, RATE), -1, 32767 / 32768)


def warning(samples: ArrayLike) -> str:
    """What is to be said of a take that can be used: a sentence if it is clipped, else "".

    Parameters
    ----------
    samples : array_like of shape (n,)
        One channel.

    Returns
    -------
    str
        Chapter 4.4.
    """
    take = np.asarray(samples, dtype=np.float32)
    if not take.size or _at_full_scale(take) <= CLIPPED:
        return ""
    words = _clipped(take)
    return f"{words[0].upper()}{words[1:]}. Its loudness and its timbre are not to be relied on."


def _at_full_scale(take: NDArray[np.float32]) -> float:
    return float((np.abs(take) >= 0.99).mean())


def _clipped(take: NDArray[np.float32]) -> str:
    return (
        f"it is clipped: {_at_full_scale(take):.1%} of the samples are at full scale; go farther from the microphone, "
        "or turn it down"
    )
