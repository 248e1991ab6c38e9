"""Checks of chapter 3.1, "Which part matters?"."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise, number_of
from tlmlda_lib.book.pages.ablations.shares import is_share
from tlmlda_lib.evaluation import t_interval

#: Printed percentages, recordings of their targets, and the fewest runs of which each can be the mean.
PRINTED = ((32.70, 1000, 1), (20.05, 1000, 2), (54.33, 408, 3), (57.11, 408, 1), (66.67, 5, 3), (32.77, 1072, 3))


@exercise(
    "3.1.1",
    "How many runs?",
    hints=(
        "The mean of r runs on n recordings counts r times n answers, and a whole number of them is right.",
        "Ask is_share of one run, of two, of three, and stop at the first that it grants.",
        "The second argument of is_share is what grows.",
    ),
)
def check_fewest(fewest: Any) -> str:
    """Check exercise 3.1.1: the fewest runs whose mean can be printed so. Chapter 3.1.

    Parameters
    ----------
    fewest : callable
        ``fewest(percent, n)`` takes a percentage with two decimals and the target's recordings, and gives a number of
        runs, from 1.
    """
    found = [number_of(called(fewest, "(percent, n)", percent, n)) for percent, n, _ in PRINTED]
    right = [r for _, _, r in PRINTED]
    if found == right:
        return "One run, two, three: arithmetic gives the minimum, not what was done."
    if any(x != int(x) or x < 0 for x in found):
        raise Mistake(f"a whole number of runs is expected; one of the answers is {min(x for x in found):g}")
    if found == [r - 1 for r in right]:
        raise Mistake("each answer is one short: the first number of runs to be tried is 1")
    rough = [next(r for r in range(1, 99) if is_share(round(p, 1), r * n, 1)) for p, n, _ in PRINTED]
    if found == rough or set(found) == {1}:
        raise Mistake("the second decimal is not asked, and two are printed")
    if all(x >= r for x, r in zip(found, right, strict=True)) and max(found) > 9:
        raise Mistake("some answers are far too many: are the recordings of all runs counted together?")
    for x, (percent, n, r) in zip(found, PRINTED, strict=True):
        if x < r:
            raise Mistake(f"{percent:.2f} % of {n} recordings cannot be the mean of so few as {x:g}")
        if x > r:
            raise Mistake(f"{percent:.2f} % of {n} recordings can be the mean of fewer than {x:g}")
    raise Mistake("the answers match no expectation")


def runs() -> tuple[dict[int, float], dict[int, float]]:
    """WAR by seed of two methods: good seeds are good for both, and each has one that the other lacks."""
    first = {0: 51.2, 1: 47.9, 2: 56.1, 3: 49.5, 5: 53.0}
    second = {0: 49.0, 1: 46.3, 2: 53.4, 3: 48.1, 4: 60.2}
    return first, second


@exercise(
    "3.1.2",
    "A difference and how sure it is",
    hints=(
        "Take the seeds that both have, and one difference for each of them.",
        "Half of the interval is t times the deviation (ddof=1), over the root of the number of differences.",
        "scipy.stats.t.ppf(0.975, number - 1) is that t.",
    ),
)
def check_difference(difference: Any) -> str:
    """Check exercise 3.1.2: a paired difference with its 95 % t interval. Chapter 3.1.

    Parameters
    ----------
    difference : callable
        ``difference(first, second)`` takes WAR by seed of two methods (dict of int to float), and gives mean, low and
        high of the first minus the second.
    """
    first, second = runs()
    found = called(difference, "(first, second)", dict(first), dict(second))
    try:
        mean, low, high = (number_of(x) for x in found)
    except (TypeError, ValueError) as error:
        raise Mistake("three numbers are expected: the mean, and the two ends of its interval") from error
    both = sorted(set(first) & set(second))
    a, b = np.array([first[k] for k in both]), np.array([second[k] for k in both])
    d = a - b
    right = (float(d.mean()), *t_interval(d))
    if np.allclose((mean, low, high), right, atol=1e-6):
        return "Each seed is compared with itself, and what a good seed gives to both is gone from the interval."
    if np.isclose(mean, -right[0], atol=1e-6):
        raise Mistake("the sign is the wrong way round: the first minus the second")
    if np.isclose(mean, np.mean(list(first.values())) - np.mean(list(second.values())), atol=1e-6):
        raise Mistake("a seed that only one of the two has is counted, too; what can it be paired with?")
    if not np.isclose(mean, right[0], atol=1e-6):
        raise Mistake(f"the mean is {mean:.2f}, which is not the mean of the differences")
    half, n = (high - low) / 2, len(d)
    if not np.isclose((high + low) / 2, mean, atol=1e-6):
        raise Mistake("the interval does not lie evenly around the mean")
    wide = t_interval(d)[1] - d.mean()
    if np.isclose(half, wide * d.std() / d.std(ddof=1), atol=1e-6):
        raise Mistake("the deviation describes these numbers (ddof=0); for an estimate use ddof=1")
    if np.isclose(half, wide * np.sqrt(n), atol=1e-6):
        raise Mistake("this is the spread of single seeds; the mean of several is known more precisely")
    if np.isclose(half, 1.96 * d.std(ddof=1) / np.sqrt(n), rtol=1e-3):
        raise Mistake("1.96 is for many seeds; for so few Student's t is wider")
    if half > 1.5 * wide:
        raise Mistake(
            "the interval is far too wide: is it computed from the differences, or from each method by itself?"
        )
    raise Mistake(f"the interval is {half:.2f} to either side, which is not that of the differences")


#: The losses that exercise 3.1.3 switches; cross-entropy is always there.
PARTS = ("rebuild", "MMD", "LMMD")
MOST = 6


@exercise(
    "3.1.3",
    "The ablation that is not there",
    hints=(
        "Two runs show the effect of a part if they differ in that part and in nothing else.",
        "Draw a cube: its corners are the runs, its edges the pairs that differ in one part. Take corners away.",
        "From all eight corners two may go, and not any two.",
    ),
)
def check_plan(plan: Any) -> str:
    """Check exercise 3.1.3: few runs that show the effect of each part, and whether that depends on the others.

    Chapter 3.1.

    Parameters
    ----------
    plan : callable
        ``plan(parts)`` takes the names of three parts, and gives a list of sets of names: what each run has switched
        on.
    """
    found = called(plan, "(parts)", PARTS)
    try:
        chosen = [frozenset([x] if isinstance(x, str) else x) for x in found]
    except TypeError as error:
        raise Mistake(f"a list of sets is expected; this is of type {type(found).__name__}") from error
    if strange := {name for one in chosen for name in one} - set(PARTS):
        raise Mistake(f"{min(map(str, strange))!r} is not one of the parts")
    if len(set(chosen)) < len(chosen):
        raise Mistake("a run is planned twice, and seeds are for that")
    everything = frozenset(PARTS)
    if everything not in chosen:
        raise Mistake("the whole method is not among the runs")
    if frozenset() not in chosen:
        raise Mistake("nothing is run with all parts off, so the effect of the whole is never measured")
    if len(chosen) > MOST:
        raise Mistake(f"{len(chosen)} runs are planned, and there is time for {MOST}")
    pairs = [(a ^ b, a & b) for a, b in combinations(chosen, 2) if len(a ^ b) == 1]
    beside = {part: [rest for change, rest in pairs if change == {part}] for part in PARTS}
    for part, rests in beside.items():
        if not rests:
            raise Mistake(f"no two runs differ in {part} alone")
        if len(rests) < 2:
            raise Mistake(
                f"{part} is switched by itself only once: does its effect depend on what else is on? Nobody can tell"
            )
    times = ", ".join(f"{part} {len(rests)} times" for part, rests in beside.items())
    return f"Switched by itself: {times}. Now the joint effect of two parts can be separated from that of each."
