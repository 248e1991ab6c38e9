"""Checks of chapter 0.1, "Does it understand you in another language?"."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise, number_of
from tlmlda_lib.book.checks.shown import SHOWN, Data, Dice, Shown, by, data_of, is_the_book_s

#: Loudness (dB) of six utterances in each of two corpora; the first three of each are angry, the others sad.
SOURCE = np.array([71.0, 73.0, 69.0, 61.0, 59.0, 60.0])
TARGET = np.array([64.0, 61.0, 62.0, 51.0, 54.0, 52.0])
ANGRY = np.array([True, True, True, False, False, False])


def _standard(x: np.ndarray, by: np.ndarray) -> np.ndarray:
    return (x - by.mean()) / by.std()


def _middle(source: np.ndarray, angry: np.ndarray) -> float:
    """The middle between the source's two class means."""
    return float((source[angry].mean() + source[~angry].mean()) / 2)


def _recognised(source: np.ndarray, target: np.ndarray, angry: np.ndarray) -> float:
    """Percent of the target on the right side of the source's middle."""
    return float(100 * np.mean((target > _middle(source, angry)) == angry))


def _both(source: np.ndarray, target: np.ndarray, angry: np.ndarray) -> tuple[float, float]:
    """Percent of the target recognised without scaling, and with each corpus scaled by itself."""
    scaled = _standard(source, source), _standard(target, target)
    return _recognised(source, target, angry), _recognised(*scaled, angry)


def _slips(source: np.ndarray, target: np.ndarray, angry: np.ndarray) -> dict[str, tuple[float, float]]:
    """Results of the usual slips, by the sentence about each."""
    first, second = _both(source, target, angry)
    return {
        "the two scores stand the wrong way round": (second, first),
        "both scores are of the source's scale; the second needs the target's own mean and deviation": (first, first),
        "the first score asks for the threshold in dB, as the source has it, put to the target as it is": (
            second,
            second,
        ),
    }


def _draw(dice: Dice) -> Data | None:
    """Six utterances each: some are recognised without scaling, more with it, and none is on a threshold."""
    wanted = dice.pick(((2, 4), (2, 5), (2, 6), (3, 4), (3, 5), (4, 5), (4, 6), (5, 6)))  # of six
    sign = np.where(ANGRY, 1.0, -1.0)
    for _ in range(1000):
        middle, shift = dice.pick(range(56, 70)), dice.pick((-10, -8, -6, -4, -2, 2, 4, 6, 8, 10))
        source = middle + sign * dice.array((6,), range(2, 10))
        target = middle + shift + sign * dice.array((6,), range(-5, 10))
        as_it_is = np.abs(target - _middle(source, ANGRY)).min()
        scaled = np.abs(_standard(target, target) - _middle(_standard(source, source), ANGRY)).min()
        found = np.array(_both(source, target, ANGRY)) * 6 / 100
        if as_it_is > 0.4 and scaled > 0.1 and np.allclose(found, wanted):
            return {"source": source, "target": target, "angry": ANGRY}
    return None


SHOWN["0.1.1"] = Shown({"source": SOURCE, "target": TARGET, "angry": ANGRY}, _draw, _both, _slips, by(1.0))


@exercise(
    "0.1.1",
    "Whose yardstick?",
    hints=(
        "The rule is learnt on the source alone: louder than the middle between its two class means is angry.",
        "Count by hand how many of the target's six lie on the right side of that middle.",
        "Then give each corpus mean 0 and standard deviation 1, each by its own numbers, and ask again.",
    ),
)
def check_yardsticks(source_only: Any, own: Any) -> str:
    """Check exercise 0.1.1: what is recognised with the source's scale, and with a scale of the target's own.

    Chapter 0.1.

    Parameters
    ----------
    source_only, own : float
        Percent of the target's utterances.
    """
    first, second = number_of(source_only), number_of(own)
    data = data_of("0.1.1").values()
    truth = _both(*data)
    if 0 < max(first, second) <= 1:
        raise Mistake("these look like shares; percent are expected")
    if not (0 <= first <= 100 and 0 <= second <= 100):
        raise Mistake("percent lie between 0 and 100")

    def near(other: Any) -> bool:
        return bool(np.allclose((first, second), other, rtol=0, atol=0.1))

    if near(truth):
        return "Nothing was learnt in between: the scale alone did it."
    is_the_book_s("0.1.1", near)
    for sentence, slip in _slips(*data).items():
        if near(slip):
            raise Mistake(sentence)
    if abs(first - truth[0]) > 0.1:
        raise Mistake("the first score is not right: where is the middle of the source's two means?")
    raise Mistake("the second score is not right: is the threshold learnt on the scaled source?")


@exercise(
    "0.1.2",
    "The price of peeking",
    hints=(
        "One seed first: what would be reported by someone who peeks, and what by someone who does not?",
        "Who peeks reports the largest entry of a row, who does not its last.",
        "Take that difference for each row, then the mean of the differences.",
    ),
)
def check_price(price: Any) -> str:
    """Check exercise 0.1.2: how much better the best epoch looks than the last, on average over seeds.

    Chapter 0.1.

    Parameters
    ----------
    price : callable
        ``price(curves)`` takes scores of shape (seeds, epochs) in percent and gives a number of points.
    """
    rng = np.random.default_rng(0)
    for seeds, epochs in ((3, 30), (5, 12), (1, 7)):
        curves = 45 + rng.normal(0, 4, (seeds, epochs)).cumsum(1) / 3
        value = number_of(called(price, "(curves)", curves.copy()))
        best, last = curves.max(1), curves[:, -1]
        if abs(value - (best - last).mean()) < 1e-6:
            continue
        slips = {
            "who peeks chooses an epoch for each seed anew; here one epoch serves all of them": (
                curves.mean(0).max() - last.mean()
            ),
            "this is the best seed's price or score, and the mean over seeds is expected": best.max() - last.mean(),
            "the largest difference is not a mean": (best - last).max(),
            "the honest score is that of the last epoch, not the mean of all": (best - curves.mean(1)).mean(),
            "the honest score is that of the last epoch, not of the first": (best - curves[:, 0]).mean(),
            "this is what is reported; by how much is it too high?": best.mean(),
            "the difference has the wrong sign": (last - best).mean(),
        }
        for sentence, slip in slips.items():
            if abs(value - slip) < 1e-6:
                raise Mistake(sentence)
        raise Mistake(f"for scores of {seeds} seeds and {epochs} epochs the price is not {value:.2f}")
    return "It is never negative, and it grows with the number of epochs: try it on noise."


#: Simulated studies of exercise 0.1.3, and seeds in each.
STUDIES, SEEDS = 400, 5


@exercise(
    "0.1.3",
    "When is a gain a gain?",
    hints=(
        "Both methods ran on the same seeds, so look at the differences, seed by seed.",
        "A mean difference is large or small beside its own uncertainty: its deviation over the root of their number.",
        "For five differences Student's t draws the line at 2.78 such uncertainties (95 %, two-sided).",
    ),
)
def check_gain(is_gain: Any) -> str:
    """Check exercise 0.1.3: a rule that separates a gain from luck. Chapter 0.1.

    Parameters
    ----------
    is_gain : callable
        ``is_gain(ours, theirs)`` takes the scores of two methods on the same five seeds, (5,) each, and gives True
        or False. On methods that are equal it may say True in one study of ten; a true gain of 5 points it must see in
        two of three.
    """
    rng = np.random.default_rng(0)
    theirs = 50 + rng.normal(0, 3, (2, STUDIES, SEEDS))
    ours = theirs + rng.normal(0, 3, (2, STUDIES, SEEDS))
    ours[1] += 5
    answers = np.empty((2, STUDIES), dtype=bool)
    for place in np.ndindex(2, STUDIES):
        answer = called(is_gain, "(ours, theirs)", ours[place].copy(), theirs[place].copy())
        if np.ndim(answer) or answer not in (True, False):
            raise Mistake(f"is_gain gave {answer!r}; True or False is expected")
        answers[place] = bool(answer)
    luck, seen = answers.mean(1)
    if luck == 0 and seen == 0:
        raise Mistake("your rule never sees a gain")
    if luck > 0.1:
        raise Mistake(f"your rule calls luck a gain in {luck:.0%} of the studies whose methods were equal")
    if seen < 2 / 3:
        raise Mistake(f"your rule is so careful that it sees a true gain of 5 points in {seen:.0%} of the studies only")
    return f"It takes luck for a gain in {luck:.0%} of the studies and sees a gain of 5 points in {seen:.0%}."
