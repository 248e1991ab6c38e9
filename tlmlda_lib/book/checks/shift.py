"""Checks of chapter 1.4, "Why does it break?"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise, number_of

Array = np.ndarray
Recipe = Callable[[Array, Array, Array, Array], Array]


def _standard(X: Array, by: Array) -> Array:
    return (X - by.mean(0)) / by.std(0)


def nearest(Zs: Array, ys: Array, Zt: Array) -> Array:
    """Predictions by the nearest class mean of the source.

    Parameters
    ----------
    Zs : ndarray of shape (n, d)
        Scaled source features.
    ys : ndarray of shape (n,)
        Source classes.
    Zt : ndarray of shape (m, d)
        Scaled target features.
    """
    means = np.stack([Zs[ys == c].mean(0) for c in np.unique(ys)])
    return np.unique(ys)[((Zt[:, None] - means) ** 2).sum(2).argmin(1)]


def _source_only(Xs: Array, ys: Array, Xt: Array, yt: Array) -> Array:
    return nearest(_standard(Xs, Xs), ys, _standard(Xt, Xs))


def each(Xs: Array, ys: Array, Xt: Array, yt: Array) -> Array:
    """Predictions after z-scores within each corpus; the target's classes are not used.

    Parameters
    ----------
    Xs, ys, Xt, yt : ndarray
        Features and classes of the source, then of the target.
    """
    return nearest(_standard(Xs, Xs), ys, _standard(Xt, Xt))


def _each_and_scored(Xs: Array, ys: Array, Xt: Array, yt: Array) -> Array:
    predicted = each(Xs, ys, Xt, yt)
    np.mean(predicted == yt)  # looked at, and not used
    return predicted


def _by_class(Xs: Array, ys: Array, Xt: Array, yt: Array) -> Array:
    middle = np.mean([Xt[yt == c].mean(0) for c in np.unique(yt)], axis=0)
    spread = np.mean([Xt[yt == c].std(0) for c in np.unique(yt)], axis=0)
    return nearest(_standard(Xs, Xs), ys, (Xt - middle) / spread)


def _best_power(Xs: Array, ys: Array, Xt: Array, yt: Array) -> Array:
    tried = []
    for power in (0.3, 0.6, 1.0, 1.6, 2.4):
        Zs, Zt = (np.sign(Z) * abs(Z) ** power for Z in (_standard(Xs, Xs), _standard(Xt, Xt)))
        tried.append(nearest(Zs, ys, Zt))
    return max(tried, key=lambda predicted: np.mean(predicted == yt))


HONEST: tuple[Recipe, ...] = (_source_only, each, _each_and_scored)
PEEKING: tuple[Recipe, ...] = (_by_class, _best_power)


def _corpora(rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    middle = rng.normal(0, 1, (3, 4))
    ys, yt = rng.integers(0, 3, 60), np.repeat([0, 1, 2], [30, 18, 12])
    Xs = middle[ys] + rng.normal(0, 1, (60, 4))
    Xt = 3 + 2 * (middle[yt] + rng.normal(0, 1, (60, 4)))
    return Xs, ys, Xt, yt


@exercise(
    "1.4.1",
    "Who peeks?",
    hints=(
        "What would change if the labels were nonsense? For a recipe that has not used them, nothing.",
        "Deal the target's labels out anew, ask the recipe again, and compare its predictions with those before.",
        "A recipe that chooses by the labels may choose the same once by luck. Deal them more than once.",
    ),
)
def check_peeks(peeks: Any) -> str:
    """Check exercise 1.4.1: a test that finds out whether a recipe has used the target's labels. Chapter 1.4.

    Parameters
    ----------
    peeks : callable
        ``peeks(recipe, Xs, ys, Xt, yt)`` gives True or False; ``recipe(Xs, ys, Xt, yt)`` gives predictions (n_t,).
    """
    rng = np.random.default_rng(0)
    accused = escaped = 0
    rounds = 12
    for _ in range(rounds):
        data = _corpora(rng)
        for recipe in HONEST + PEEKING:
            answer = called(peeks, "(recipe, Xs, ys, Xt, yt)", recipe, *(a.copy() for a in data))
            if np.ndim(answer) or answer not in (True, False):
                raise Mistake(f"peeks gave {answer!r}; True or False is expected")
            accused += recipe in HONEST and bool(answer)
            escaped += recipe in PEEKING and not answer
    if accused:
        raise Mistake(
            f"it accuses an honest recipe in {accused} of {rounds * len(HONEST)} cases: compare what is predicted, "
            "and not how much of it is right"
        )
    if escaped == rounds * len(PEEKING):
        raise Mistake("nobody is ever found out")
    if escaped:
        raise Mistake(
            f"a recipe that peeks gets away in {escaped} of {rounds * len(PEEKING)} cases: other labels can lead to "
            "the same choice by luck"
        )
    return "This library holds all its methods to the same test, and asks for equal bits."


@exercise(
    "1.4.2",
    "UAR by hand",
    hints=(
        "Recall of a class: of the utterances that are of it, the share that was recognised.",
        "The mean of the recalls gives every class the same weight, however many utterances it has.",
        "Only a class that occurs in the truth has a recall.",
    ),
)
def check_uar(uar: Any) -> str:
    """Check exercise 1.4.2: unweighted average recall. Chapter 1.4.

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
            "this is the mean precision, of what was called a class; recall asks of what is of it": precisions.mean(),
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
    "1.4.3",
    "How sure, with so few speakers?",
    hints=(
        "What would another sample look like? It would have other people in it, each with all their utterances.",
        "Draw as many speakers as there are, with replacement; who is drawn twice counts twice.",
        "Do so a thousand times, and take the 2.5 % and the 97.5 % quantile of the percents.",
    ),
)
def check_interval(interval: Any) -> str:
    """Check exercise 1.4.3: a 95 % interval of the WAR by a bootstrap over speakers. Chapter 1.4.

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
