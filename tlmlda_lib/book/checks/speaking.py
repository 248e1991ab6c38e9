"""Checks of chapter 4.4, "Will you say it yourself?"."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise, number_of


def two_takes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features of two takes, and deviations of the corpus: large units that say little, a flat number, a fall."""
    first = np.array([1000.0, 0.30, 5.0, 20.0, 0.0, 7.0, 0.020, 3.0])
    second = np.array([1400.0, 0.10, 5.3, 26.0, 0.1, 7.0, 0.055, 9.0])
    deviation = np.array([800.0, 0.05, 1.0, 2.0, 1.0, 3.0, 0.005, 0.0])
    return first, second, deviation


@exercise(
    "4.4.1",
    "Which numbers move?",
    hints=(
        "Two numbers of different units can be compared once each is measured in its own deviations.",
        "A fall is a movement, too. And what does not deviate at all in the corpus gives no scale to count in.",
        "np.argsort gives places from the smallest on; where nothing deviates, let the movement be 0.",
    ),
)
def check_movers(movers: Any) -> str:
    """Check exercise 4.4.1: the features in which two takes differ most. Chapter 4.4.

    Parameters
    ----------
    movers : callable
        ``movers(first, second, deviation, k)`` takes features of two takes and the corpus's deviations, each (d,), and
        how many are expected, and gives the places (k,) of those that move most, the one that moves most first.
    """
    first, second, deviation = two_takes()
    found = called(movers, "(first, second, deviation, k)", first.copy(), second.copy(), deviation.copy(), 4)
    try:
        places = [int(p) for p in np.asarray(found).ravel()]
    except (TypeError, ValueError) as error:
        raise Mistake(f"places are expected, whole numbers; this is of type {type(found).__name__}") from error
    if len(places) != 4:
        raise Mistake(f"4 places were asked for, and {len(places)} came")
    if len(set(places)) < 4 or not all(0 <= p < len(first) for p in places):
        raise Mistake(f"{places} are not four different places of {len(first)}")
    scale = np.where(deviation > 0, deviation, np.inf)
    moved = (second - first) / scale
    right = np.argsort(-np.abs(moved)).tolist()[:4]
    if places == right:
        return "What is counted in hertz and what is counted in shares now stand in one list."
    if places == right[::-1]:
        raise Mistake("the one that moves most comes last")
    if int(np.flatnonzero(deviation == 0)[0]) in places:
        raise Mistake("one of them does not deviate in the corpus at all: how many deviations has it moved?")
    if places == np.argsort(-np.abs(second - first)).tolist()[:4] or places[0] == 0:
        raise Mistake("the units decide: what is counted in thousands comes first, however little that is")
    if places == np.argsort(-moved).tolist()[:4]:
        raise Mistake("only what rises is found; a fall is a movement, too")
    if set(places) == set(right):
        raise Mistake("the four are right, and their order is not")
    raise Mistake(f"{next(p for p in places if p not in right)} moves less than one that is left out")


def stream(offset: float) -> np.ndarray:
    """Features (8, 3) of eight takes, at a given distance from 0.

    Parameters
    ----------
    offset : float
        That distance.
    """
    return offset + np.random.default_rng(4).normal(size=(8, 3)) * [1.0, 5.0, 0.3]


@exercise(
    "4.4.2",
    "A scale that keeps no take",
    hints=(
        "The new mean is the old one, moved towards the row by one n-th of the way.",
        "n times the squared deviation is the sum of squared distances from the mean. By what does a row add to it?",
        "It adds (row - old mean) times (row - new mean). No large numbers are subtracted from each other.",
    ),
)
def check_after(after: Any) -> str:
    """Check exercise 4.4.2: mean and deviation of all takes so far, from those before and the new row alone.

    Chapter 4.4.

    Parameters
    ----------
    after : callable
        ``after(state, row)`` takes ``(n, mean, deviation)`` of the takes before, or None where there is none, and the
        features (d,) of a new one, and gives ``(n, mean, deviation)`` of all.
    """
    for offset in (0.0, 1e7):
        rows, state = stream(offset), None
        for n, row in enumerate(rows, start=1):
            state = called(after, "(state, row)", state, row.copy())
            try:
                count, mean, deviation = state
            except (TypeError, ValueError) as error:
                raise Mistake("three things are expected: how many, their mean, their deviation") from error
            if number_of(count) != n:
                raise Mistake(f"after {n} takes it has counted {number_of(count):g}")
            mean, deviation = np.asarray(mean, dtype=float), np.asarray(deviation, dtype=float)
            if mean.shape != row.shape or deviation.shape != row.shape:
                raise Mistake(
                    f"mean and deviation have shapes {mean.shape} and {deviation.shape}; each feature has one of "
                    f"each, {row.shape}"
                )
            so_far = rows[:n]
            _compare(mean, deviation, so_far, n, offset)
    return "Of eight takes three lines are left, and none of the takes can be had back from them."


def _compare(mean: np.ndarray, deviation: np.ndarray, so_far: np.ndarray, n: int, offset: float) -> None:
    right = so_far.mean(0), so_far.std(0)
    if not np.allclose(mean - offset, right[0] - offset, atol=1e-6):
        if n > 2 and np.allclose(mean - offset, (so_far[-1] - offset) * 0.5 + 0.5 * _halves(so_far[:-1] - offset)):
            raise Mistake("the last take counts for half, however many came before")
        raise Mistake(f"after {n} takes the mean is not that of all of them")
    if np.allclose(deviation, right[1], atol=1e-5 if offset else 1e-8, rtol=1e-4 if offset else 1e-7):
        return
    if not np.isfinite(deviation).all():
        raise Mistake(f"after {n} takes a deviation is not a number")
    if offset:
        raise Mistake(
            "far from 0 the deviations are wrong: a small difference of two large numbers is left, and that is rounding"
        )
    if n > 1 and np.allclose(deviation, so_far.std(0, ddof=1)):
        raise Mistake("this is the deviation with n - 1; the library divides by n")
    if np.allclose(deviation, right[1] ** 2):
        raise Mistake("this is the squared deviation")
    raise Mistake(f"after {n} takes the deviation is not that of all of them")


def _halves(rows: np.ndarray) -> np.ndarray:
    value = rows[0]
    for row in rows[1:]:
        value = 0.5 * (value + row)
    return value


#: What two people who record their friends could say of it.
FACTS: tuple[dict[str, Any], ...] = (
    {
        "purpose": "an exercise of a course",
        "machine": "my own laptop",
        "leaves": False,
        "days": 7,
        "contact": "ana@example.org",
    },
    {
        "purpose": "a talk at a school fair",
        "machine": "Google Colab",
        "leaves": True,
        "days": 30,
        "contact": "ben@example.org",
    },
)

LONGEST_TEXT, LONGEST_SENTENCE = 150, 25


@exercise(
    "4.4.3",
    "Before a friend speaks",
    hints=(
        "Read it as the friend: what for, where does my voice go, until when, and how do I get out of it?",
        "The facts are a dict: put them into the sentences, and let one sentence depend on facts['leaves'].",
        "To get out of it: that they may stop at any time, without a reason, and whom to write to.",
    ),
)
def check_consent(consent: Any) -> str:
    """Check exercise 4.4.3: words to read out before a friend is recorded. Chapter 4.4.

    Parameters
    ----------
    consent : callable
        ``consent(facts)`` takes a dict with "purpose", "machine" (on which the kernel runs), "leaves" (whether the
        recording leaves the computer that it is made with), "days" (until it is deleted) and "contact", and gives a
        text of at most 150 words.
    """
    texts = []
    for facts in FACTS:
        text = called(consent, "(facts)", dict(facts))
        if not isinstance(text, str):
            raise Mistake(f"a text is expected; this is of type {type(text).__name__}")
        texts.append(text)
        for key in ("purpose", "machine", "days", "contact"):
            if str(facts[key]).lower() not in text.lower():
                raise Mistake(f"the text does not say {key}, which is {facts[key]!r}")
        words = text.split()
        if len(words) > LONGEST_TEXT:
            raise Mistake(f"the text has {len(words)} words, and a friend listens to {LONGEST_TEXT}")
        # A stop inside an address does not end a sentence.
        longest = max(re.split(r"[.!?](?:\s|$)", text), key=lambda s: len(s.split()))
        if len(longest.split()) > LONGEST_SENTENCE:
            raise Mistake(f"a sentence has {len(longest.split())} words: {' '.join(longest.split()[:6])} ...")
        if not re.search(r"\b(stop|withdraw|take (it|that|this) back|say no|delete)", text, re.IGNORECASE):
            raise Mistake("it does not say how to get out of it: to stop, or to have it deleted")
        if not re.search(r"emotion|feel|mood|anger|angry|happy|sad", text, re.IGNORECASE):
            raise Mistake("it does not say that a program will guess at emotions")
        if not re.search(r"\b(wrong|mistake|mistaken|cannot know|does not know|not reliable|unreliable)", text, re.I):
            raise Mistake("it does not say that the program may well be wrong")
    home, away = (
        text.lower().replace(facts["machine"].lower(), "").replace(facts["purpose"].lower(), "")
        for text, facts in zip(texts, FACTS, strict=True)
    )
    for facts in FACTS:
        home, away = (t.replace(str(facts["days"]), "").replace(facts["contact"], "") for t in (home, away))
    if home.split() == away.split():
        raise Mistake("the text is the same whether the recording leaves the computer or not")
    if re.search(r"(nothing|not|never) leaves?|stays (here|on)", away):
        raise Mistake("on Google Colab it says that nothing leaves the computer, and it does")
    lengths = " and ".join(str(len(text.split())) for text in texts)
    return f"{lengths} words. Now read it to somebody who knows nothing of this, and ask what they have understood."
