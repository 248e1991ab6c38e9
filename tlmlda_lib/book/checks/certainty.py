"""Checks of chapter 1.5, "How sure is a score?"."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise, number_of

Array = np.ndarray


@exercise(
    "1.5.1",
    "UAR by hand",
    hints=(
        "The recall of a class is the share of its utterances that was recognised.",
        "The mean of the recalls gives every class the same weight, however many utterances it has.",
        "Only a class that occurs in the truth has a recall.",
    ),
)
def check_uar(uar: Any) -> str:
    """Check exercise 1.5.1: unweighted average recall. Chapter 1.5.

    Parameters
    ----------
    uar : callable
        ``uar(truth, predicted)`` takes codes (n,) and gives percent.
    """
    rng = np.random.default_rng(0)
    for sizes in ((30, 10, 5), (12, 40, 20, 6), (25, 25, 0, 10)):
        truth = np.repeat(np.arange(len(sizes)), sizes)
        predicted = np.where(rng.uniform(size=len(truth)) < 0.6, truth, rng.integers(0, len(sizes), len(truth)))
        predicted[:3] = len(sizes) - 2  # a class missing from the truth is still predicted
        value = number_of(called(uar, "(truth, predicted)", truth.copy(), predicted.copy()))
        classes, guessed = np.unique(truth), np.unique(predicted)
        recalls = np.array([(predicted[truth == c] == c).mean() for c in classes])
        precisions = np.array([(truth[predicted == c] == c).mean() for c in guessed])
        right = 100 * recalls.mean()
        if abs(value - right) < 1e-6:
            continue
        if abs(value - right / 100) < 1e-6:
            raise Mistake("this is a share; percent are expected")
        slips = {
            "this is WAR: every utterance has the same weight, and every class should have": np.mean(
                truth == predicted
            ),
            "this is the mean precision, over what was called a class; recall is over what is one": precisions.mean(),
            "a class that does not occur in the truth has no recall, not one of 0": recalls.sum() / len(sizes),
        }
        for sentence, slip in slips.items():
            if abs(value - 100 * slip) < 1e-6:
                raise Mistake(sentence)
        raise Mistake(f"for classes of {', '.join(map(str, sizes))} utterances it is not {value:.2f}")
    return "Always naming one class gets 100 divided by the number of classes, whatever the sizes."


def _width(hits: Array, units: Array, rng: np.random.Generator, draws: int = 3000) -> float:
    """Width of the 95 % interval if the units are drawn with replacement, percent."""
    right = np.array([hits[units == u].sum() for u in np.unique(units)])
    total = np.array([(units == u).sum() for u in np.unique(units)])
    drawn = rng.integers(0, len(total), (draws, len(total)))
    low, high = np.quantile(100 * right[drawn].sum(1) / total[drawn].sum(1), [0.025, 0.975])
    return float(high - low)


@exercise(
    "1.5.2",
    "How sure, with so few speakers?",
    hints=(
        "What would another sample look like? It would have other people in it, each with all their utterances.",
        "Draw as many speakers as there are, with replacement; a speaker who is drawn twice counts twice.",
        "Do so a thousand times, and take the 2.5 % and the 97.5 % quantile of the scores.",
    ),
)
def check_interval(interval: Any) -> str:
    """Check exercise 1.5.2: a 95 % interval of the WAR by a bootstrap over speakers. Chapter 1.5.

    Parameters
    ----------
    interval : callable
        ``interval(hits, speakers)`` takes what was recognised, True or False (n,), and whose utterance each is (n,),
        and gives two numbers in percent.
    """
    rng = np.random.default_rng(0)
    ratios = []
    for speakers, each in ((10, 40), (8, 60), (12, 30)):
        who = np.repeat(np.arange(speakers), rng.integers(each - 10, each + 10, speakers))
        ease = np.clip(rng.normal(0.55, 0.18, speakers), 0.1, 0.95)
        hits = rng.uniform(size=len(who)) < ease[who]
        found = np.asarray(called(interval, "(hits, speakers)", hits.copy(), who.copy()), dtype=object)
        if found.shape != (2,):
            raise Mistake(f"two numbers are expected, the lower and the upper end; this has shape {found.shape}")
        low, high = (number_of(v) for v in found)
        if low > high:
            raise Mistake("the lower end comes first")
        if high <= 1:
            raise Mistake("these look like shares; percent are expected")
        if not low <= 100 * hits.mean() <= high:
            raise Mistake(
                f"the interval from {low:.1f} to {high:.1f} does not contain the WAR itself, {100 * hits.mean():.1f}"
            )
        ratios.append([(high - low) / _width(hits, units, rng) for units in (who, np.arange(len(who)))])
    if all(abs(of_utterances - 1) < 0.12 for _, of_utterances in ratios):
        raise Mistake("this comes from drawing utterances, as if each had a different speaker")
    ratio = float(np.mean([of_speakers for of_speakers, _ in ratios]))
    if ratio < 0.8:
        raise Mistake(f"it is too narrow, {ratio:.0%} of what 95 % of other samples of speakers need")
    if ratio > 1.3:
        raise Mistake(f"it is too wide, {ratio:.0%} of what 95 % of other samples of speakers need")
    return "Compare it with `tlmlda_lib.evaluation.bootstrap_interval`, which draws utterances within speakers as well."


def _differences(a: Array, b: Array, units: Array, rng: np.random.Generator, draws: int = 3000) -> tuple[float, float]:
    """95 % interval of the difference in WAR if the units are drawn with replacement, once for both; percent."""
    gained = np.array([(a[units == u].astype(int) - b[units == u]).sum() for u in np.unique(units)])
    total = np.array([(units == u).sum() for u in np.unique(units)])
    drawn = rng.integers(0, len(total), (draws, len(total)))
    low, high = np.quantile(100 * gained[drawn].sum(1) / total[drawn].sum(1), [0.025, 0.975])
    return float(low), float(high)


@exercise(
    "1.5.3",
    "Which is better?",
    hints=(
        "Both recognised the same utterances of the same people, so a draw of people is a draw for both.",
        "In each draw take the difference of the two WARs, in points; the interval is over these differences.",
        "Two intervals that overlap say little. If that of the difference contains 0, nothing has been shown.",
    ),
)
def check_better(better: Any) -> str:
    """Check exercise 1.5.3: a 95 % interval of the difference of two recognisers on the same utterances. Chapter 1.5.

    Parameters
    ----------
    better : callable
        ``better(first, second, speakers)`` takes what each recognised, True or False (n,) both, and whose utterance
        each is (n,), and gives two numbers: the interval of the first WAR minus the second, in points.
    """
    rng = np.random.default_rng(5)
    ratios = []
    for speakers in (10, 12, 14):
        who = np.repeat(np.arange(speakers), rng.integers(25, 45, speakers))
        ease = np.clip(rng.normal(0.5, 0.2, speakers), 0.1, 0.85)
        luck = rng.uniform(size=len(who))  # what is easy for one is easy for the other
        second = luck < ease[who]
        first = luck < (ease + rng.normal(0.06, 0.03, speakers))[who]
        found = np.asarray(called(better, "(first, second, speakers)", first.copy(), second.copy(), who.copy()))
        if found.shape != (2,):
            raise Mistake(f"two numbers are expected, the lower and the upper end; this has shape {found.shape}")
        low, high = (number_of(v) for v in found)
        if low > high:
            raise Mistake("the lower end comes first")
        gain = 100 * (first.mean() - second.mean())
        if high < 1:
            raise Mistake(
                "these look like shares, or like second minus first; points of first minus second are expected"
            )
        if not low <= gain <= high:
            raise Mistake(f"the interval from {low:.1f} to {high:.1f} does not contain the difference, {gain:.1f}")
        right = _differences(first, second, who, rng)
        ratios.append((high - low) / (right[1] - right[0]))
    ratio = float(np.mean(ratios))
    if ratio > 1.6:
        raise Mistake(f"it is {ratio:.1f} times too wide: draw the people once for both, not once for each")
    if not 0.75 <= ratio <= 1.6:
        raise Mistake(f"it is too narrow, {ratio:.0%} of what 95 % of other samples of speakers need")
    return "`tlmlda_lib.experiments.compare` does the same for recorded runs, over several pairs of corpora."
