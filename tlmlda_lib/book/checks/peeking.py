"""Checks of chapter 3.4, "What does peeking buy?"."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise, number_of

Array = np.ndarray


def _two(found: Any, what: str) -> tuple[float, float]:
    try:
        first, second = found
    except (TypeError, ValueError) as error:
        raise Mistake(f"two numbers are expected, {what}") from error
    return number_of(first), number_of(second)


@exercise(
    "3.4.1",
    "Two prices",
    hints=(
        "Where does each run end up? Take the mean of its last fifty epochs: one number for each seed.",
        "First price: each seed may have a best epoch of its own. Second price: all seeds stop at the same one.",
        "The common epoch is the one at which the mean over the seeds is highest; argmax of the mean curve finds it.",
    ),
)
def check_two_prices(prices: Any) -> str:
    """Check exercise 3.4.1: the gain from choosing the epoch for each seed, and once for all seeds.

    Chapter 3.4.

    Parameters
    ----------
    prices : callable
        ``prices(curves)`` takes WAR of shape (seeds, epochs) in percent and gives two numbers, in points.
    """
    rng = np.random.default_rng(0)
    for seeds, epochs in ((3, 500), (5, 120), (2, 80)):
        curves = 48 + rng.normal(0, 2, (seeds, epochs)) - np.linspace(0, 6, epochs) + rng.normal(0, 1, (seeds, 1))
        given = _two(called(prices, "(curves)", curves.copy()), "one for each way of choosing the epoch")
        ends = {"fifty": curves[:, -50:].mean(1), "last": curves[:, -1], "all": curves.mean(1)}
        common = int(curves.mean(0).argmax())

        def priced(end: Array, curves: Array = curves, common: int = common) -> tuple[float, float]:
            return float((curves.max(1) - end).mean()), float((curves[:, common] - end).mean())

        right = priced(ends["fifty"])
        if np.allclose(given, right, atol=1e-6):
            continue
        best = float(curves.max() - ends["fifty"].mean())
        slips = {
            "the two stand the wrong way round": right[::-1],
            "this is beside the last epoch alone; in a curve that wanders it is one throw of the dice more": priced(
                ends["last"]
            ),
            "this is beside the mean of all epochs, the first ones too, when nothing was learnt": priced(ends["all"]),
            "these are scores, not prices: what does each run give when nobody chooses?": (
                float(curves.max(1).mean()),
                float(curves[:, common].mean()),
            ),
            "both are the same choice: the second wants one epoch for all seeds": (right[0], right[0]),
        }
        for sentence, slip in slips.items():
            if np.allclose(given, slip, atol=1e-6):
                raise Mistake(sentence)
        if abs(given[0] - best) < 1e-6:
            raise Mistake("the first is the best seed at its best epoch; here every seed has its own, and all count")
        which = "first" if abs(given[0] - right[0]) > 1e-6 else "second"
        raise Mistake(f"for {seeds} seeds and {epochs} epochs the {which} price is not right")
    return "The first is never below the second: a choice for each seed contains the choice for all."


def guessing(rng: np.random.Generator, epochs: int, n: int, classes: int = 5) -> tuple[Array, Array, Array]:
    """Predictions of a classifier that guesses anew each epoch.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the guesses.
    epochs, n, classes : int
        Numbers of epochs, recordings and classes.

    Returns
    -------
    predictions : ndarray of shape (epochs, n), int
    truth : ndarray of shape (n,), int
    seen : ndarray of shape (n,), bool
        The half whose labels are seen.
    """
    seen = np.zeros(n, dtype=bool)
    seen[rng.permutation(n)[: n // 2]] = True
    return rng.integers(0, classes, (epochs, n)), rng.integers(0, classes, n), seen


@exercise(
    "3.4.2",
    "Published, and found out",
    hints=(
        "First the score of every epoch, on the recordings whose labels were seen: one number for each row.",
        "The epoch is chosen there, once. Strangers judge the very same epoch, on the other recordings.",
        "hits = predictions == truth has the shape (epochs, n), and seen picks its columns.",
    ),
)
def check_published(publish: Any) -> str:
    """Check exercise 3.4.2: the score of the best epoch, and the score of that epoch on other recordings.

    Chapter 3.4.

    Parameters
    ----------
    publish : callable
        ``publish(predictions, truth, seen)`` takes codes of shape (epochs, n) and (n,), and a mask (n,) of those
        recordings whose labels may be looked at. It gives two numbers in percent.
    """
    rng = np.random.default_rng(0)
    told = []
    for epochs, n in ((500, 400), (200, 300), (500, 120), (300, 240)):
        predictions, truth, seen = guessing(rng, epochs, n)
        given = _two(
            called(publish, "(predictions, truth, seen)", predictions.copy(), truth.copy(), seen.copy()),
            "what is published and what strangers find",
        )
        hits = 100.0 * (predictions == truth)
        on, off = hits[:, seen].mean(1), hits[:, ~seen].mean(1)
        best = int(on.argmax())
        right = (float(on[best]), float(off[best]))
        if np.allclose(given, right, atol=1e-6):
            told.append(right)
            continue
        every = hits.mean(1)
        slips = {
            "these look like shares; percent are expected": (right[0] / 100, right[1] / 100),
            "the two stand the wrong way round": right[::-1],
            "strangers chose an epoch of their own, by their labels: that is peeking once more": (on.max(), off.max()),
            "the epoch was chosen by all labels, the strangers' too": (on[every.argmax()], off[every.argmax()]),
            "this is the last epoch: an honest score, and this exercise asks for the other kind": (on[-1], off[-1]),
            "these are means over the epochs: honest, and this exercise asks for the other kind": (
                on.mean(),
                off.mean(),
            ),
            "both are of the recordings whose labels were seen": (right[0], right[0]),
        }
        for sentence, slip in slips.items():
            if np.allclose(given, slip, atol=1e-6):
                raise Mistake(sentence)
        which = "first" if abs(given[0] - right[0]) > 1e-6 else "second"
        raise Mistake(f"for {epochs} epochs and {n} recordings the {which} score is not right")
    shown, found = np.mean(told, axis=0)
    return (
        f"You have published {shown:.1f} % on average, strangers find {found:.1f} %. The classifier guesses among five "
        f"emotions: {shown - 20:.1f} points of your score were luck, and all of it was measured."
    )


#: What may have been chosen on target labels in exercise 3.4.3.
LOOKED = ("epoch", "seed", "C", "nothing")


def figures(war: Array, source: Array) -> dict[str, float]:
    """The score of a table if nothing, or one thing, was chosen on target labels.

    Parameters
    ----------
    war : ndarray of shape (seeds, settings, epochs)
        On the target, percent.
    source : ndarray of shape (seeds, settings)
        WAR on the source, percent.

    Returns
    -------
    dict of str to float
        By `LOOKED`, percent.
    """
    by_source = war[np.arange(len(war)), source.argmax(1)]  # (seeds, epochs)
    return {
        "nothing": float(by_source[:, -1].mean()),
        "epoch": float(by_source.max(1).mean()),
        "seed": float(by_source[:, -1].max()),
        "C": float(war[:, :, -1].max(1).mean()),
    }


@exercise(
    "3.4.3",
    "Which choice saw the labels?",
    hints=(
        "First the honest score: for each seed the C that is best on the source, the last epoch, then the mean.",
        "Then change one choice at a time, and see which change leads to the score in the table.",
        "Take the row of the source's C for each seed: war[range(len(war)), source.argmax(1)] has shape "
        "(seeds, epochs).",
    ),
)
def check_looked(looked: Any) -> str:
    """Check exercise 3.4.3: which choice behind a printed score was made on target labels. Chapter 3.4.

    Parameters
    ----------
    looked : callable
        ``looked(war, source, figure)`` takes WAR on the target (seeds, settings, epochs), WAR on the source
        (seeds, settings), and the printed score. It gives one of `LOOKED`.
    """
    rng = np.random.default_rng(0)
    for _ in range(12):
        war = 45 + rng.normal(0, 3, (5, 4, 30))
        source = 70 + rng.normal(0, 3, (5, 4))
        for truth, figure in figures(war, source).items():
            said = called(looked, "(war, source, figure)", war.copy(), source.copy(), figure)
            if said not in LOOKED:
                raise Mistake(f"it says {said!r}; one of {', '.join(LOOKED)} is expected")
            if said == truth:
                continue
            if truth == "nothing":
                raise Mistake(f"an honest score is suspected: the {said} is said to have been chosen on target labels")
            if said == "nothing":
                raise Mistake("a score with a choice on target labels passes as honest")
            raise Mistake("the wrong choice is suspected")
    return "That took the curves. Publishing them, with the script, lets others find out: the authors did."


_NUMBER = r"(\d+|one|two|three|four|five|six|seven|eight|nine|ten)"

#: What a fair caption says, and how it may be worded.
FAIR = {
    "whether anything saw the target's labels": r"target.{0,80}label|label.{0,80}target",
    "by which rule the epoch was chosen": r"\bepochs?\b",
    "how many seeds or runs there were": rf"\b{_NUMBER}\s+(\w+\s+)?(seeds?|runs?)",
    "what an interval is over, or that there is none": r"interval|±|standard (error|deviation)",
    "what was scaled, and within what": r"\bscal|z-score|min-max|\brank",
    "what chance, or the largest class, would give": r"\bchance\b|largest class|majority|guess",
}


@exercise(
    "3.4.4",
    "Your own caption",
    hints=(
        "Go through the list on the page, from top to bottom, with one table of your own before you.",
        "Where you do not know, say so: 'one run', 'no interval' and 'not recorded' are fair answers.",
    ),
)
def check_caption(caption: Any) -> str:
    """Check exercise 3.4.4: a caption that lets a reader judge the scores above it. Chapter 3.4.

    Parameters
    ----------
    caption : str
        In words of your own, at most 150.
    """
    if not isinstance(caption, str):
        raise Mistake(f"a caption is text; this is of type {type(caption).__name__}")
    words = len(caption.split())
    text = " ".join(caption.lower().split())
    for what, pattern in FAIR.items():
        if not re.search(pattern, text):
            raise Mistake(f"it does not say {what}")
    if re.search(r"best epoch|oracle", text) and not re.search(r"bound|not a result|no result|never", text):
        raise Mistake("it has a best epoch or an oracle, and does not say that such a score is a bound, not a result")
    if words > 150:
        raise Mistake(f"it has {words} words, and nobody reads a caption of more than 150")
    return "Whether it is true, only you can check. It is all that a reader has to go by."
