"""From one file to one row: what openSMILE and the speaker encoder have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from tlmlda_lib.corpora import sound
from tlmlda_lib.errors import UserError
from tlmlda_lib.features.cache import Cache, digest

#: Hz, of every sound that features are taken of.
RATE = 16000

#: Seconds. openSMILE gives no IS10 below 0.07 s; up to a quarter of a second a tenth of its numbers and more are often
#: exactly 0, since contours of one or two frames have no course to describe.
SHORTEST = 0.25

#: Part of every cache key and of every record: raise it when `prepare` changes.
PREPARATION = 1

#: Loudest sample of 16 bits.
_LOUDEST = 32767 / 32768

Measure = Callable[[np.ndarray], np.ndarray]


class Recipe(Protocol):
    """A kind of features. Must be picklable: worker processes get it."""

    @property
    def name(self) -> str:
        """For the user."""

    @property
    def key(self) -> str:
        """For the cache: name, versions, preprocessing."""

    @property
    def columns(self) -> list[str]:
        """Names of the numbers."""

    @property
    def few(self) -> int:
        """So many files take about as long as starting a process: no more are worked on in the calling one."""

    @property
    def memory(self) -> int:
        """Bytes a worker process needs."""

    def load(self) -> Measure:
        """Return the function from sound (n,) float32 at 16 kHz to features (width,)."""


@dataclass(frozen=True)
class Outcome:
    """What came of one file: features (width,) float32, or a problem in words."""

    row: np.ndarray | None = None
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
        At most full scale: what resampling or a floating-point file lifts above it is clipped, for openSMILE takes 16
        bits and its binding would let louder samples wrap round to the other sign.

    Raises
    ------
    UserError
        If the file cannot be read, or is silent, too short, or holds samples that are no numbers.
    """
    samples, rate = sound.read(path)
    seconds = len(samples) / rate
    if seconds < SHORTEST:
        raise UserError(f"{path} is too short ({seconds:.3f} s, at least {SHORTEST} s are needed): leave it out")
    if np.ptp(samples) < 1 / 32768:  # not one step of 16 bits: also a constant offset
        raise UserError(f"{path} is silent: replace it or leave it out")
    return np.clip(sound.to_rate(samples, rate, RATE), -1, _LOUDEST)


def work(path: str, key: str, measure: Measure, cache: Cache | None) -> Outcome:
    """Take the features of one file and keep them.

    Parameters
    ----------
    path : str
    key : str
        SHA-256 of the file's content when it was looked up.
    measure : callable
        Of a `Recipe`.
    cache : Cache or None

    Returns
    -------
    Outcome
        Errors of any kind are problems of this file, not of the run.
    """
    try:
        for _ in range(3):
            samples = prepare(path)
            before, key = key, digest(path)
            # Only sound read between two equal digests belongs to the digest, however often the file is rewritten.
            if key == before:
                break
        else:
            return Outcome(problem="changed while it was read: try again")
        values = np.asarray(measure(samples), np.float32).ravel()
    except UserError as error:
        return Outcome(problem=str(error).removeprefix(f"{Path(path)} "))
    except Exception as error:  # a decoder's or extractor's own: the other files must not suffer
        return Outcome(problem=f"cannot be used ({type(error).__name__}: {error}): replace it or leave it out")
    if not np.isfinite(values).all():
        wrong = np.count_nonzero(~np.isfinite(values))
        return Outcome(problem=f"gives {wrong} of {len(values)} features that are no numbers: leave it out")
    return Outcome(values, kept=cache is None or cache.put(key, values))
