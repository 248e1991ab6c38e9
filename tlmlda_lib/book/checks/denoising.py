"""Checks of chapter 2.1, "What does noise teach?"."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tlmlda_lib import losses
from tlmlda_lib.book.checks.exercises import Mistake, called, exercise, number_of
from tlmlda_lib.book.checks.shown import SHOWN, Data, Dice, Shown, by_part, data_of, is_the_book_s
from tlmlda_lib.book.checks.weighting import array_of

#: Two utterances of three features, of exercise 2.1.1: as they were, as the network got them, as it gave them back.
CLEAN = np.array([[0.2, 0.5, 0.9], [0.4, 0.1, 0.6]])
NOISY = np.array([[0.7, 0.1, 1.2], [-0.1, 0.4, 0.5]])
REBUILT = np.array([[0.3, 0.5, 0.6], [0.5, 0.4, 0.6]])

UNITS = ("mean", "sum", "printed")


def _three(square: np.ndarray) -> np.ndarray:
    """Mean over both, sum over features with mean over samples, sum over both."""
    return np.array([square.mean(), square.sum(1).mean(), square.sum()])


def _slips(clean: np.ndarray, noisy: np.ndarray, rebuilt: np.ndarray) -> dict[str, np.ndarray]:
    """Results of the usual slips, by the sentence about each."""
    square = (rebuilt - clean) ** 2
    n, d = clean.shape
    return {
        "these are distances to the noisy input; compare with the clean one": _three((rebuilt - noisy) ** 2),
        "this is what the noise did to the input; the question is about the network's output": _three(
            (noisy - clean) ** 2
        ),
        "the differences are not squared": _three(np.abs(rebuilt - clean)),
        "these are roots; equation 1 keeps the squares": np.sqrt(_three(square)),
        "the three numbers are right, but in another order: mean, sum, printed": _three(square)[::-1],
        "the second is a sum over the features and a mean over the utterances; here it is the other "
        "way round": np.array([square.mean(), square.sum() / d, square.sum()]),
        "the third is summed over everything, also over the utterances": np.array(
            [square.mean(), square.sum() / n, square.sum() / n]
        ),
    }


def _errors(clean: np.ndarray, noisy: np.ndarray, rebuilt: np.ndarray) -> np.ndarray:
    """Equation 1 in its three units, by the library."""
    tables = torch.from_numpy(rebuilt), torch.from_numpy(clean)
    return np.array([losses.reconstruction(*tables, units=unit).item() for unit in UNITS])


def _draw(dice: Dice) -> Data:
    clean = dice.array((2, 3), range(1, 10))
    noisy = clean + dice.array((2, 3), (-6, -5, -4, -3, 3, 4, 5, 6))
    rebuilt = clean + dice.array((2, 3), range(-4, 5))
    return {"clean": clean / 10, "noisy": noisy / 10, "rebuilt": rebuilt / 10}


SHOWN["2.1.1"] = Shown({"clean": CLEAN, "noisy": NOISY, "rebuilt": REBUILT}, _draw, _errors, _slips, by_part(0.01))


@exercise(
    "2.1.1",
    "One error, three numbers",
    hints=(
        "First one table: for each utterance and feature the squared difference of two of the three tables. Which two?",
        "All three answers come from the sum of that table. By how much is it divided?",
        "By the number of entries, by the number of utterances, by nothing.",
    ),
)
def check_units(answer: Any) -> str:
    """Check exercise 2.1.1: equation 1 as mean, as feature sum, and as printed. Chapter 2.1.

    Parameters
    ----------
    answer : sequence of three float
        In the order mean, sum, printed; each right to 0.1 %.
    """
    value = array_of(answer, (3,), "the answer")
    tables = data_of("2.1.1").values()
    truth = _errors(*tables)

    def near(other: np.ndarray) -> bool:
        return bool(np.allclose(value, other, rtol=1e-3, atol=0))

    if near(truth):
        return "The library's `reconstruction` gives the same three."
    is_the_book_s("2.1.1", near)
    for sentence, slip in _slips(*tables).items():
        if near(slip):
            raise Mistake(sentence)
    off = [unit for unit, mine, right in zip(UNITS, value, truth, strict=True) if abs(mine / right - 1) > 1e-3]
    raise Mistake(f"not right yet: {', '.join(off)}")


@exercise(
    "2.1.2",
    "How much is that in decibels?",
    hints=(
        "Solve the definition for σ. What is the power of the noise, written with σ?",
        "Ten decibels are a factor of ten in power. σ is not a power; its square is.",
        "`x.var(0)` has the variance of each feature; the signal's power is the mean of them.",
    ),
)
def check_noise(noise_for: Any) -> str:
    """Check exercise 2.1.2: the standard deviation of noise that gives a signal-to-noise ratio. Chapter 2.1.

    Parameters
    ----------
    noise_for : callable
        ``noise_for(x, decibels)`` takes features (n, d) and a ratio, and gives the standard deviation.
    """
    rng = np.random.default_rng(0)
    for decibels in (0.0, -14.0, 20.0):
        x = rng.uniform(0, 1, 12) + rng.uniform(0.02, 0.3, 12) * rng.normal(size=(500, 12))
        value = number_of(called(noise_for, "(x, decibels)", x.copy(), decibels))
        power, times = x.var(0).mean(), 10 ** (decibels / 10)
        truth = np.sqrt(power / times)
        slips = {
            "this is the noise's variance; its standard deviation is the root": power / times,
            "more decibels mean less noise, but here they mean more": np.sqrt(power * times),
            "a factor of ten in power is ten decibels, not twenty": np.sqrt(power / 10 ** (decibels / 20)),
            "ten decibels are a factor of ten in power; here they are one in σ": np.sqrt(power) / times,
            "the signal's power is how much it varies; its mean, which never changes, does not count": np.sqrt(
                (x**2).mean() / times
            ),
            "the variance is taken over all entries at once, so the features' different means count as signal": np.sqrt(
                x.var() / times
            ),
            "this is the signal divided by a ratio of powers; where did the variance go?": x.std(0).mean() / times,
        }
        if abs(value / truth - 1) < 2e-3:  # n and n - 1 are both a variance
            continue
        if value <= 0:
            raise Mistake("a standard deviation is positive")
        for sentence, slip in slips.items():
            if abs(value / slip - 1) < 2e-3 and abs(slip / truth - 1) > 5e-3:
                raise Mistake(sentence)
        way = "loud" if value > truth else "quiet"
        raise Mistake(
            f"at {decibels:g} dB the noise is too {way}, by a factor of {max(value / truth, truth / value):.3g}"
        )
    return "At 0 dB noise and signal vary alike; the paper's noise lies further down."


#: Noise of exercise 2.1.3, and what its answers have to stay below: this part of the better of the two simple answers.
LEVELS, SHARE = (0.1, 0.3, 1.0), 0.8


def _features(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Features of 100 columns with four underlying factors, and their covariance."""
    say = np.random.default_rng(5).normal(size=(4, 100)) * 0.1
    x = 0.5 + rng.normal(size=(n, 4)) @ say + 0.03 * rng.normal(size=(n, 100))
    return x, say.T @ say + 0.03**2 * np.eye(100)


@exercise(
    "2.1.3",
    "Better than both",
    hints=(
        "Two simple answers are each good at one end of the dial. What lies between them?",
        "`train` shows how the features are correlated: `numpy.linalg.eigh` of its covariance gives directions.",
        "Go from the mean along each direction, but only a part of the way. The page says which part.",
    ),
)
def check_rebuild(rebuild: Any) -> str:
    """Check exercise 2.1.3: a rebuilder that beats the noisy input and the mean, whatever the noise.

    Chapter 2.1.

    Parameters
    ----------
    rebuild : callable
        ``rebuild(train, noisy, std)`` takes clean features (300, 100), noisy ones of other utterances (200, 100) and
        the standard deviation of their noise, and gives these utterances' features (200, 100).
    """
    rng = np.random.default_rng(0)
    train, _ = _features(rng, 300)
    clean, covariance = _features(rng, 200)
    above = []
    for std in LEVELS:
        noisy = clean + std * rng.normal(size=clean.shape)
        value = called(rebuild, "(train, noisy, std)", train.copy(), noisy.copy(), std)
        value = array_of(value, clean.shape, "what rebuild gives")
        error = float(((value - clean) ** 2).mean())
        simple = {
            "leaving the noise in": ((noisy - clean) ** 2).mean(),
            "giving the mean of train": ((train.mean(0) - clean) ** 2).mean(),
        }
        for words, other in simple.items():
            if abs(error / other - 1) < 1e-3:
                raise Mistake(f"at σ = {std:g} this is as good as {words}, and no better")
        best = min(simple, key=lambda words: simple[words])
        if error > SHARE * simple[best]:
            raise Mistake(
                f"at σ = {std:g} your error is {error:.4f}, where {best} has {simple[best]:.4f}; "
                f"get below {SHARE:g} of that"
            )
        line = covariance @ np.linalg.inv(covariance + std**2 * np.eye(100))
        above.append(error / (((noisy - 0.5) @ line + 0.5 - clean) ** 2).mean() - 1)
    parts = ", ".join(f"{100 * part:.0f} % at σ = {std:g}" for part, std in zip(above, LEVELS, strict=True))
    return f"Above the best line that knows the true covariance: {parts}."
