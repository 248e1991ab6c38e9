"""From one file to one row: what openSMILE and the encoders share. Chapter 1.3."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from tlmlda_lib.corpora import sound
from tlmlda_lib.errors import UserError
from tlmlda_lib.features.cache import Cache, digest

#: Sampling rate of every sound from which features are computed, Hz.
RATE = 16000

#: Shortest sound, in seconds. openSMILE gives no IS10 below 0.07 s; up to 0.25 s often a tenth or more of its features
#: are exactly 0, since contours of one or two frames have no shape to describe.
SHORTEST = 0.25

#: Part of every cache key and of every record: raise it when `prepare` changes.
PREPARATION = 1

#: Largest 16-bit sample.
_LOUDEST = 32767 / 32768

Measure = Callable[[np.ndarray], np.ndarray]


class Recipe(Protocol):
    """A kind of features. It must be picklable: worker processes receive it."""

    @property
    def name(self) -> str:
        """The name that the user sees."""

    @property
    def key(self) -> str:
        """The name in the cache: features, versions, preprocessing."""

    @property
    def columns(self) -> list[str]:
        """Names of the features."""

    @property
    def few(self) -> int:
        """Up to this number of files, the calling process does the work: starting another takes as long."""

    @property
    def memory(self) -> int:
        """Bytes that a worker process needs."""

    def load(self) -> Measure:
        """The function from sound (n,) float32 at 16 kHz to features (width,)."""


@dataclass(frozen=True)
class Outcome:
    """Result for one file: its features, or a problem in words."""

    row: np.ndarray | None = None  # (width,) float32; None with a problem
    problem: str = ""  # a predicate: the file's name goes before it
    kept: bool = True  # False if the cache could not take the entry


def prepare(path: str) -> np.ndarray:
    """Read a recording as 16 kHz mono (mean of the channels), neither trimmed nor normalised.

    Parameters
    ----------
    path : str

    Returns
    -------
    ndarray of shape (n,), float32
        Clipped at full scale, which resampling or a floating-point file may exceed: openSMILE takes 16 bits, and in its
        binding louder samples would wrap round to the other sign.

    Raises
    ------
    UserError
        If the file cannot be read, is silent or too short, or contains samples that are not finite.
    """
    samples, rate = sound.read(path)
    if short := too_short(len(samples) / rate):
        raise UserError(f"{path} {short}")
    if np.ptp(samples) < 1 / 32768:  # less than one 16-bit step; also a constant offset
        raise UserError(f"{path} is silent: replace it or leave it out")
    return np.clip(sound.to_rate(samples, rate, RATE), -1, _LOUDEST)


def too_short(seconds: float) -> str | None:
    """What is said of a recording that lasts less than `SHORTEST`; None of a longer one.

    Parameters
    ----------
    seconds : float
        How long it is.
    """
    if seconds >= SHORTEST:
        return None
    return f"is too short ({seconds:.3f} s, at least {SHORTEST} s are needed): leave it out"


def work(path: str, key: str, measure: Measure, cache: Cache | None) -> Outcome:
    """Compute the features of one file and cache them.

    Parameters
    ----------
    path : str
    key : str
        SHA-256 of the file's content when it was looked up.
    measure : callable
        As from `Recipe.load`.
    cache : Cache or None

    Returns
    -------
    Outcome
        An error of any kind is a problem of this file, not of the run.
    """
    try:
        for _ in range(3):
            samples = prepare(path)
            before, key = key, digest(path)
            # Only sound read between two equal digests belongs to that digest, however often the file is rewritten.
            if key == before:
                break
        else:
            return Outcome(problem="changed while it was read: try again")
        values = np.asarray(measure(samples), np.float32).ravel()
    except UserError as error:
        return Outcome(problem=str(error).removeprefix(f"{Path(path)} "))
    except Exception as error:  # from a decoder or extractor: the other files must not suffer
        return Outcome(problem=f"cannot be used ({type(error).__name__}: {error}): replace it or leave it out")
    if not np.isfinite(values).all():
        wrong = np.count_nonzero(~np.isfinite(values))
        return Outcome(problem=f"gives {wrong} of {len(values)} features that are not finite: leave it out")
    return Outcome(values, kept=cache is None or cache.put(key, values))
