"""Checks of chapter 1.3, "How does sound become 1582 numbers?"."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise, number_of

#: IS10 by its structure: descriptors of the spectrum, all descriptors of the first group, those there only where
#: there is a voice; functionals of the two groups; numbers of the whole recording.
SPECTRUM, FIRST, VOICED, OF_FIRST, OF_VOICED, WHOLE = 31, 34, 4, 21, 19, 2


@exercise(
    "1.3.1",
    "Count by name",
    hints=(
        "A name says it all: descriptor, `_sma`, perhaps `_de`, then the functional. Print twenty of them.",
        "Names of the spectrum begin with mfcc, logMelFreqBand or lspFreq; `str.startswith` takes a tuple.",
        "A delta has `_sma_de` in its name. What comes after that is an underscore, or a bracket.",
    ),
)
def check_counts(spectrum: Any, others: Any, deltas: Any) -> str:
    """Check exercise 1.3.1: how many of the 1582 are of the spectrum, of anything else, and of a delta.

    Chapter 1.3.

    Parameters
    ----------
    spectrum, others, deltas : int
    """
    given = [number_of(v) for v in (spectrum, others, deltas)]
    n_spectrum = 2 * SPECTRUM * OF_FIRST
    total = 2 * (FIRST * OF_FIRST + VOICED * OF_VOICED) + WHOLE
    n_deltas = FIRST * OF_FIRST + VOICED * OF_VOICED
    truth = [n_spectrum, total - n_spectrum, n_deltas]
    if given == truth:
        return "Five of six numbers describe the spectrum. A method that treats all 1582 alike depends mostly on it."
    if given[0] == SPECTRUM or given[1] == FIRST + VOICED - SPECTRUM:
        raise Mistake("these are descriptors; features are expected, and each descriptor has many")
    if given[0] == n_spectrum / 2:
        raise Mistake("the deltas of the spectrum belong to the spectrum as well")
    if given[0] != n_spectrum:
        raise Mistake("the first number is not right: three families of names belong to the spectrum")
    if given[1] == truth[1] - WHOLE:
        raise Mistake("the last two names, of the whole recording, belong to the others too")
    if given[1] != truth[1]:
        raise Mistake("the second number is not right: spectrum and others together are all 1582")
    if given[2] == n_deltas + FIRST + VOICED:
        raise Mistake("some of what you count is not a delta: there is a `de` in the word stddev as well")
    if given[2] == (FIRST - SPECTRUM) * OF_FIRST + VOICED * OF_VOICED:
        raise Mistake("the deltas that come with a number in brackets, such as mfcc_sma_de[0], are missing")
    raise Mistake("the third number is not right: is every delta counted, and nothing but deltas?")


@exercise(
    "1.3.2",
    "A functional by hand",
    hints=(
        "The level lies between the smallest and the largest value of this contour, not between 0 and the largest.",
        "The level is smallest + share times (largest - smallest).",
        "The mean of a Boolean array is the share of True.",
    ),
)
def check_upleveltime(upleveltime: Any) -> str:
    """Check exercise 1.3.2: the share of the frames that lie above a share of the contour's range.

    Chapter 1.3.

    Parameters
    ----------
    upleveltime : callable
        ``upleveltime(contour, share)`` takes an array (frames,) and a number between 0 and 1, and gives a number.
    """
    rng = np.random.default_rng(0)
    for frames, offset in ((120, 40.0), (77, -3.0), (200, 0.0)):
        x = offset + 10 * np.sin(np.linspace(0, 9, frames)) + rng.normal(0, 2, frames)
        for share in (0.75, 0.9):
            value = number_of(called(upleveltime, "(contour, share)", x.copy(), share))
            low, high = x.min(), x.max()
            truth = np.mean(x > low + share * (high - low))
            if abs(value - truth) < 1e-9:
                continue
            slips = {
                "this is a number of frames; their share is expected": truth * frames,
                "this is the share of the frames below the level": 1 - truth,
                "the level counts from the smallest value of the contour, not from 0": np.mean(x > share * high),
                "the level is a share of the range, not a percentile of the values": np.mean(x > np.quantile(x, share)),
                "the range has to be added to the smallest value": np.mean(x > share * (high - low)),
                "this is a time in seconds; the share of the frames is expected": truth * frames / 100,
            }
            for sentence, slip in slips.items():
                if abs(value - slip) < 1e-9:
                    raise Mistake(sentence)
            raise Mistake(f"for a contour of {frames} frames and a share of {share} it is not {value:.4f}")
    return "openSMILE counts the same way: try it on a contour of the page."


@exercise(
    "1.3.3",
    "Which number tells them apart?",
    hints=(
        "Of each column: the mean of the first group, the mean of the second, and how far the values scatter in each.",
        "Divide the distance of the means by the root of the mean of the two variances. The sign does not matter.",
        "A column that never changes gives 0 divided by 0. What does `argmax` make of a NaN? Look at `np.nanargmax`.",
    ),
)
def check_apart(most_apart: Any) -> str:
    """Check exercise 1.3.3: the column in which two groups differ most, measured by their own scatter.

    Chapter 1.3.

    Parameters
    ----------
    most_apart : callable
        ``most_apart(a, b)`` takes arrays (n, d) and (m, d) and gives the number of a column.
    """
    rng = np.random.default_rng(0)
    for n, m, d in ((6, 6, 40), (10, 7, 90)):
        scale = 10.0 ** rng.uniform(-3, 3, d)
        a, b = (rng.normal(size=(k, d)) for k in (n, m))
        a[:, d // 2] -= 6  # the answer: below the other group
        b[:, d // 3] -= 3.5  # the best of those above
        scale[d // 2], scale[d // 5] = 1.0, 1e5
        a, b = (a + 5) * scale, (b + 5) * scale
        a[:, 1] = b[:, 1] = 0.0
        found = called(most_apart, "(a, b)", a.copy(), b.copy())
        if isinstance(found, str):
            raise Mistake("the number of a column is expected, and not its name")
        value = number_of(found)
        if value == 1:
            raise Mistake("column 1 is 0 in both groups, and 0 divided by 0 is NaN, which argmax takes for the largest")
        if not (0 <= value < d and value == int(value)):
            raise Mistake(f"{value:g} is not the number of a column: there are {d}, from 0")
        apart, with_sign = abs(a.mean(0) - b.mean(0)), a.mean(0) - b.mean(0)
        spread = np.sqrt((a.var(0) + b.var(0)) / 2)
        spread[1] = np.inf
        if value == (apart / spread).argmax():
            continue
        if value == apart.argmax():
            raise Mistake("the column with the largest unit won: divide by how far the values of a group scatter")
        if value == (with_sign / spread).argmax():
            raise Mistake("you only look for what is larger in the first group; what is smaller separates them as well")
        raise Mistake("in another column the means lie further apart, measured by the scatter within the groups")
    return (
        "With six utterances a group and 1582 columns, some columns would look good by chance, too: try two groups "
        "of random numbers of that shape."
    )


#: Pairs of contours of exercise 1.3.4, and the share of them that has to be separated.
PAIRS, ENOUGH = 200, 0.95


@exercise(
    "1.3.4",
    "The 1583rd number",
    hints=(
        "Both contours of a pair have the same values, so sorting or averaging them shows no difference.",
        "What does a contour do more often when it swings faster? Count it, or add it up.",
        "How often does it cross its own mean? How much does it change from frame to frame?",
    ),
)
def check_functional(functional: Any) -> str:
    """Check exercise 1.3.4: a functional that tells fast swings from slow ones. Chapter 1.3.

    Parameters
    ----------
    functional : callable
        ``functional(contour)`` takes an array (frames,) and gives a number. Of two contours with the same values it
        has to give the larger number always to the faster, or always to the slower one, in 95 % of the pairs.
    """
    rng = np.random.default_rng(0)
    differences = np.empty(PAIRS)
    for k in range(PAIRS):
        frames = int(rng.integers(90, 260))
        t = np.linspace(0, 1, frames)
        slow, fast = (
            np.sin(2 * np.pi * (f * t + rng.uniform())) + 0.15 * np.sin(2 * np.pi * (2.7 * f * t + rng.uniform()))
            for f in (rng.uniform(2, 3), rng.uniform(6, 9))
        )
        values = np.sort(rng.uniform(80, 250) + rng.uniform(10, 60) * slow)
        pair = [values[wave.argsort().argsort()] for wave in (slow, fast)]  # the same values, in another order
        of_slow, of_fast = (number_of(called(functional, "(contour)", x.copy())) for x in pair)
        close = abs(of_fast - of_slow) <= 1e-9 * max(abs(of_fast), abs(of_slow))
        differences[k] = 0.0 if close else of_fast - of_slow
    if not differences.any():
        raise Mistake(
            "it gives both contours of a pair the same number: it depends on the values and not on their order"
        )
    share = max((differences > 0).mean(), (differences < 0).mean())
    if share < ENOUGH:
        raise Mistake(f"it tells the faster from the slower in {share:.0%} of the pairs; {ENOUGH:.0%} are expected")
    return f"It tells them apart in {share:.0%} of the pairs. IS10 gets at this through the deltas."
