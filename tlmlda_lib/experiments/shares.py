"""Which printed percentages can be one run's? Arithmetic with whole recordings. Chapter 3.1.

Of n recordings a run recognises a whole number k, so its WAR is one of n + 1 figures. Psychology knows the question as
the GRIM test (Brown and Heathers 2017).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tlmlda_lib.corpora import LETTERS, TABLE_2
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments.traced import Figure, published


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
    """
    return len(counts(percent, n, decimals)) > 0


def by_chance(n: int, decimals: int = 2) -> float:
    """Of all percentages with so many decimals, the share that one run on n recordings can have printed."""
    figures = 100 * 10**decimals
    return sum(is_share(x / 10**decimals, n, decimals) for x in range(figures + 1)) / (figures + 1)


def recordings(scheme: str) -> int:
    """Target recordings of a scheme of published corpora, as "C2B": the paper's Table 2, and ours with RAVDESS.

    Raises
    ------
    UserError
        If the scheme is not known.
    """
    source, _, target = scheme.partition("2")
    names = LETTERS.get(source, source), LETTERS.get(target, target)
    for pair, (_, sizes) in TABLE_2.items():
        if set(pair) == set(names):
            return sizes[pair.index(names[1])]
    raise UserError(f"{scheme} is none of the published schemes: use two of {', '.join(LETTERS)}, as C2B")


@dataclass(frozen=True)
class Printed(Figure):
    """A published WAR with all its digits: † where no single run can have it, – for what is not at hand."""

    marked: bool = True  # whether † is written

    def __str__(self) -> str:
        if math.isnan(self.value):
            return "–"
        scheme = self.what.rpartition(" ")[2]
        never = self.marked and not is_share(self.value, recordings(scheme))
        return f"{self.value:.2f}" + ("\u00a0†" if never else "")


def printed(source: str, method: str, scheme: str, *, marked: bool = True) -> Printed:
    """A cell of Table 3; ``source`` is "paper" or "README"."""
    figure = published(source, method, scheme)
    return Printed(figure.value, what=figure.what, marked=marked)
