"""Which printed percentages can be one run's? Arithmetic with whole recordings. Chapter 3.1.

Of n recordings a run recognises a whole number k, so its WAR is one of n + 1 numbers; its UAR is the mean of such
shares, one for each class. Psychology knows the question as the GRIM test (Brown and Heathers 2017).
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from tlmlda_lib import domains
from tlmlda_lib.book.pages.traced import Published, published
from tlmlda_lib.corpora import TABLE_2
from tlmlda_lib.errors import UserError

#: Recordings of each class in the published corpora. Of eNTERFACE's 43 speakers with five sentences, three recordings
#: are missing, in classes that its schemes share; which is not known to us (`class_sizes`).
CLASSES = {
    "emodb": {"anger": 127, "disgust": 46, "fear": 69, "happy": 71, "neutral": 79, "sad": 62},
    "casia": dict.fromkeys(("anger", "fear", "happy", "neutral", "sad", "surprise"), 200),
    "ravdess": {"neutral": 96} | dict.fromkeys(("anger", "disgust", "fear", "happy", "sad", "surprise"), 192),
}


def counts(percent: float, n: int, decimals: int = 2) -> range:
    """Counts k whose share k/n of n recordings is printed as this percentage.

    A figure with two decimals stands for all that lies up to half of its last digit away; both ends count, for not
    everybody rounds 0.125 alike.

    Parameters
    ----------
    percent : float
        As printed, 0 to 100.
    n : int
        Recordings, from 1; of a mean over r runs, r times as many.
    decimals : int
        How many were printed.

    Returns
    -------
    range
        Empty if no count is printed so.

    Raises
    ------
    UserError
        If the percentage has more decimals, or a number is out of range.
    """
    digits, unit = _whole(percent, n, decimals)  # whole numbers, so that nothing is lost
    least = -(-(2 * digits - 1) * n // (200 * unit))  # rounded up
    most = (2 * digits + 1) * n // (200 * unit)
    return range(max(least, 0), min(most, n) + 1)


def _whole(percent: float, n: int, decimals: int) -> tuple[int, int]:
    """A percentage in units of its last digit, and how many of these are one percent."""
    if not isinstance(n, int) or n < 1 or not 0 <= percent <= 100:
        raise UserError(f"{percent} % of {n} recordings is not known: give 0 to 100 percent, and recordings from 1")
    unit = 10**decimals
    digits = round(percent * unit)
    if not math.isclose(digits / unit, percent, rel_tol=0, abs_tol=1e-9):
        raise UserError(f"{percent} has more than {decimals} decimals: give it as it was printed, and decimals=")
    return digits, unit


def is_share(percent: float, n: int, decimals: int = 2) -> bool:
    """Whether one run on n recordings can have printed this percentage. Chapter 3.1.

    Parameters, errors: as in `counts`.

    Parameters
    ----------
    percent : float
        The printed percentage.
    n : int
        Number of recordings.
    decimals : int
        Decimals of the printed number.
    """
    return len(counts(percent, n, decimals)) > 0


def by_chance(n: int, decimals: int = 2) -> float:
    """Share of the percentages with some number of decimals that one run on n recordings can have.

    Parameters
    ----------
    n : int
        Number of recordings.
    decimals : int
        Decimals of the printed number.
    """
    figures = 100 * 10**decimals
    return sum(is_share(x / 10**decimals, n, decimals) for x in range(figures + 1)) / (figures + 1)


def class_sizes(scheme: str) -> list[tuple[int, ...]]:
    """Recordings of each class in a scheme's target, one tuple for each way that the published counts allow.

    Parameters
    ----------
    scheme : str
        As "C2B".

    Returns
    -------
    list of tuple of int
        One for EmoDB, CASIA and RAVDESS. For eNTERFACE all ways to take three recordings from the four classes that
        both of its selections have; the fifth has 215.

    Raises
    ------
    UserError
        If the scheme is not known.
    """
    emotions, target, n = _target(scheme)
    if target in CLASSES:
        sizes = tuple(CLASSES[target][e] for e in emotions)
        assert sum(sizes) == n, (scheme, sizes, n)
        return [sizes]
    missing = [x for x in itertools.product(range(4), repeat=4) if sum(x) == 3]
    return sorted({(*sorted(215 - x for x in taken), 215) for taken in missing})


def is_mean_share(percent: float, sizes: Sequence[int], decimals: int = 2) -> bool:
    """Whether one run can have printed this percentage as UAR: the mean of whole shares k/n, one for each class.

    Parameters
    ----------
    percent : float
        As printed, 0 to 100.
    sizes : sequence of int
        Recordings of each class, from 1.
    decimals : int
        How many were printed; both ends of what is rounded to it count.

    Returns
    -------
    bool

    Raises
    ------
    UserError
        If the percentage has more decimals, or a number is out of range.
    """
    digits, unit = _whole(percent, min(sizes, default=0), decimals)
    first, second = _halves(tuple(sizes))
    full = len(sizes) * math.lcm(*sizes)
    low = -(-(2 * digits - 1) * full // (200 * unit))
    high = (2 * digits + 1) * full // (200 * unit)
    at = np.searchsorted(second, low - first)  # the least partner that reaches the lower end
    there = at < len(second)
    return bool((first[there] + second[at[there]] <= high).any())


@cache
def _halves(sizes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Sums of shares k/n of some classes and of the others, int64, in parts of which the least common multiple of all
    sizes makes one. Every sum of shares of all classes is one of the first and one of the second, which is sorted.

    Classes of equal size share their counts, so they are taken together.
    """
    common = math.lcm(*sizes)
    groups = [(common // n, times * n + 1) for n, times in sorted(Counter(sizes).items())]
    first, second = (np.zeros(1, dtype=np.int64) for _ in range(2))
    for step, count in groups:
        steps = step * np.arange(count, dtype=np.int64)
        if len(first) * count <= len(second):
            first = np.add.outer(first, steps).ravel()
        else:
            second = np.unique(np.add.outer(second, steps))
    return first, second


def can_be_war(percent: float, scheme: str) -> bool:
    """Whether one run on a scheme's target can have printed this percentage as WAR.

    Parameters
    ----------
    percent : float
        The printed percentage.
    scheme : str
        As "C2B".
    """
    return is_share(percent, recordings(scheme))


def can_be_uar(percent: float, scheme: str) -> bool:
    """Whether one run on a scheme's target can have printed this percentage as UAR, by some count that is allowed.

    Parameters
    ----------
    percent : float
        The printed percentage.
    scheme : str
        As "C2B".
    """
    return any(is_mean_share(percent, sizes) for sizes in class_sizes(scheme))


def recordings(scheme: str) -> int:
    """Target recordings of a scheme of published corpora, as "C2B": the paper's Table 2, and ours with RAVDESS.

    Parameters
    ----------
    scheme : str
        As "C2B".

    Raises
    ------
    UserError
        If the scheme is not known.
    """
    return _target(scheme)[2]


def _target(scheme: str) -> tuple[tuple[str, ...], str, int]:
    """Emotions of a scheme, its target corpus, and how many recordings that has of them."""
    one = domains.schemes.parse(scheme)
    for pair, (emotions, sizes) in TABLE_2.items():
        if set(pair) == set(one.corpora) and not one.part:
            return emotions, one.target, sizes[pair.index(one.target)]
    listed = (*domains.PAPER_SCHEMES, *domains.OPEN_SCHEMES)
    raise UserError(f"{scheme} is not in Table 2: use one of {', '.join(dict.fromkeys(listed))}")


@dataclass(frozen=True)
class Printed(Published):
    """A printed number, with † if it cannot be one run's WAR."""

    def __str__(self) -> str:
        scheme = self.what.rpartition(" ")[2]
        never = not np.isnan(self.value) and not can_be_war(self.value, scheme)
        return super().__str__() + ("\u00a0†" if never else "")


def printed(source: str, method: str, scheme: str) -> Printed:
    """A cell of Tables 3 and 4, marked; ``source`` is "paper" or "README".

    Parameters
    ----------
    source : {"paper", "README"}
        Where it was printed.
    method : str
        A key of `tlmlda_lib.methods.METHODS`.
    scheme : str
        As "C2B".
    """
    figure = published(source, method, scheme)
    return Printed(figure.value, what=figure.what)


def between(method: str, scheme: str) -> Published:
    """README minus paper for a cell that both print, in points.

    Parameters
    ----------
    method : str
        A key of `tlmlda_lib.methods.METHODS`.
    scheme : str
        As "C2B".
    """
    first, second = (published(source, method, scheme) for source in ("README", "paper"))
    return Published(first.value - second.value, what=f"{first.what} minus {second.what}", signed=True)
