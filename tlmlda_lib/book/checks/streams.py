"""Checks of chapter 4.1, "Can one voice be heard in three ways?"."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise

#: Columns of IS10, and the stream that each belongs to.
SORTED = {
    "pcm_loudness_sma_maxPos": "prosodic",
    "mfcc_sma[0]_amean": "acoustic",
    "mfcc_sma_de[14]_iqr1-3": "acoustic",
    "logMelFreqBand_sma[3]_kurtosis": "acoustic",
    "logMelFreqBand_sma_de[7]_upleveltime90": "acoustic",
    "lspFreq_sma[5]_quartile1": "acoustic",
    "lspFreq_sma_de[0]_linregerrQ": "acoustic",
    "F0finEnv_sma_percentile99.0": "prosodic",
    "F0final_sma_de_stddev": "prosodic",
    "voicingFinalUnclipped_sma_skewness": "prosodic",
    "jitterLocal_sma_linregc1": "prosodic",
    "jitterDDP_sma_de_quartile3": "prosodic",
    "shimmerLocal_sma_amean": "prosodic",
    "F0final__Turn_numOnsets": "prosodic",
    "F0final__Turn_duration": "prosodic",
}


@exercise(
    "4.1.1",
    "Sort by name",
    hints=(
        "What makes a contour acoustic is that it describes the shape of a spectrum. Three families of IS10 do.",
        "The name of a family stands at the beginning of the column's name; re.match looks there.",
        "re.match('a|b|c', name) asks for any of three beginnings, and all else is prosodic.",
    ),
)
def check_stream_of(stream_of: Any) -> str:
    """Check exercise 4.1.1: the stream of a column of IS10 by its name. Chapter 4.1.

    Parameters
    ----------
    stream_of : callable
        ``stream_of(name)`` takes a column's name (str), and gives "acoustic" or "prosodic".
    """
    found = {name: called(stream_of, "(name)", name) for name in SORTED}
    for name, said in found.items():
        if said not in ("acoustic", "prosodic"):
            raise Mistake(f"{name} became {said!r}; every column is acoustic or prosodic")
    wrong = [name for name, stream in SORTED.items() if found[name] != stream]
    if not wrong:
        return f"{len(SORTED)} columns, their slopes and the two numbers of the whole utterance among them."
    if len(set(found.values())) == 1:
        raise Mistake(f"every column became {found[wrong[0]]}")
    if len(wrong) == len(SORTED):
        raise Mistake("the two streams are the wrong way round")
    if all("_de" in name for name in wrong):
        raise Mistake(f"{wrong[0]} is a slope, and a slope belongs where its contour belongs")
    families = {name.split("_")[0] for name in wrong}
    if families <= {"F0final"} and all("__Turn" in name for name in wrong):
        raise Mistake("how long a turn was and how often a voice began are neither timbre nor left out")
    if families == {"pcm"} or families == {"pcm", "F0finEnv"}:
        raise Mistake("loudness says nothing about the shape of a spectrum: a louder vowel has the same one")
    if families <= {"jitterLocal", "jitterDDP", "shimmerLocal", "voicingFinalUnclipped"}:
        raise Mistake(f"{wrong[0]} tells how the vocal folds move, and not what the mouth makes of it")
    raise Mistake(f"{wrong[0]} is not {found[wrong[0]]}, and {len(wrong)} of {len(SORTED)} are misplaced")


def batch() -> tuple[np.ndarray, np.ndarray]:
    """Frames (3, 6, 4) of three utterances and how many of them are real; an encoder answers to silence, too."""
    rng = np.random.default_rng(41)
    frames, lengths = rng.normal(1, 2, (3, 6, 4)), np.array([6, 4, 1])
    for row, n in zip(frames, lengths, strict=True):
        row[n:] = [9.0, -9.0, 5.0, 0.0]
    return frames, lengths


@exercise(
    "4.1.2",
    "Frames that nobody spoke",
    hints=(
        "Take one utterance at a time, and of its frames those before its length.",
        "The mean and the deviation run over frames, axis 0 of what is left.",
        "np.concatenate puts the two side by side, and np.stack the utterances one below the other.",
    ),
)
def check_pooled(pooled: Any) -> str:
    """Check exercise 4.1.2: mean and standard deviation over frames, without those that fill up a batch.

    Chapter 4.1.

    Parameters
    ----------
    pooled : callable
        ``pooled(frames, lengths)`` takes frames (k, T, w) of k utterances and how many of each are real (k,), and gives
        rows (k, 2 w): means, then standard deviations.
    """
    frames, lengths = batch()
    answer = called(pooled, "(frames, lengths)", frames.copy(), lengths.copy())
    try:
        found = np.asarray(answer, dtype=float)
    except (TypeError, ValueError) as error:
        raise Mistake(f"an array of numbers is expected; this is of type {type(answer).__name__}") from error
    k, _, w = frames.shape

    def rows(real: bool, ddof: int = 0) -> tuple[np.ndarray, np.ndarray]:
        parts = [f[:n] if real else f for f, n in zip(frames, lengths, strict=True)]
        with np.errstate(all="ignore"):
            spread = [np.sqrt(((p - p.mean(0)) ** 2).sum(0) / np.maximum(len(p) - ddof, 0)) for p in parts]
        return np.stack([p.mean(0) for p in parts]), np.stack(spread)

    means, spreads = rows(True)
    if found.shape == (k, w) and np.allclose(found, means):
        raise Mistake("the standard deviations are missing")
    if found.shape != (k, 2 * w):
        raise Mistake(f"the answer has shape {found.shape}; there are {k} utterances, and two numbers for each of {w}")
    if np.allclose(found, np.hstack([means, spreads])):
        return "What stands behind the end is silence, and the encoder's answer to silence is not part of the speaker."
    if np.allclose(found, np.hstack([spreads, means])):
        raise Mistake("the deviations come first; the means are expected first")
    all_means, all_spreads = rows(False)
    if np.allclose(found[:, :w], all_means):
        raise Mistake(
            "frames behind an utterance's end are counted in the mean, and an encoder answers to silence, too"
        )
    if np.allclose(found[:, :w], means) and np.allclose(found[:, w:], all_spreads):
        raise Mistake("frames behind an utterance's end are counted in the deviation")
    if np.allclose(found[:2], np.hstack([means, rows(True, 1)[1]])[:2]):
        raise Mistake("the deviation divides by one less than there are frames, and with one frame by zero")
    zeroed = np.where(np.arange(frames.shape[1])[None, :, None] < lengths[:, None, None], frames, 0)
    if np.allclose(found[:, :w], zeroed.mean(1)):
        raise Mistake("frames behind the end became 0, and are still counted when the mean divides")
    if np.isnan(found).any():
        raise Mistake("some values are not numbers; what is the deviation of a single frame?")
    raise Mistake("these are not the means and deviations over the real frames of each utterance")


@dataclass(frozen=True)
class Recordings:
    """A collection in exercise 4.1.3: its origin and its kind."""

    name: str  # a letter
    published: int | None  # year; None: only you have them
    language: str  # in English
    style: str  # "acted" or "calls"
    room: str  # where it was recorded


#: The collections, and when each encoder was trained: the year in which an encoder's training data were collected, and
#: whether they can be looked up. None: nothing was trained.
SHELF = (
    Recordings("a", 2004, "German", "acted", "studio"),
    Recordings("b", 2006, "English", "acted", "studio"),
    Recordings("c", None, "German", "acted", "studio"),
    Recordings("d", None, "German", "calls", "telephone"),
    Recordings("e", None, "English", "acted", "studio"),
    Recordings("f", 2024, "German", "acted", "studio"),
)
ENCODERS: dict[str, tuple[int | None, bool]] = {"suspect": (2022, False), "listed": (2019, True), "is10": (None, True)}


@exercise(
    "4.1.3",
    "Has it heard the test?",
    hints=(
        "One side holds recordings that the suspect can have heard, the other those that it cannot, by their years.",
        "The two sides must not differ in anything else: compare their languages, styles and rooms.",
        "One side may be harder by itself. Who else can be run on both, and has certainly heard neither?",
    ),
)
def check_heard(design: Any) -> str:
    """Check exercise 4.1.3: a test that would show whether a pre-trained encoder has heard the test set.

    Chapter 4.1.

    Parameters
    ----------
    design : callable
        ``design(shelf, encoders)`` takes a list of `Recordings` and a dict of name to (year or None, whether its
        training data are listed), and gives two lists of names, of recordings that the encoder "suspect" can have
        heard and of such as it cannot have heard, and the name of another encoder to run on both.
    """
    found = called(design, "(shelf, encoders)", list(SHELF), dict(ENCODERS))
    try:
        heard, unheard, beside = found
        sides = [[x] if isinstance(x, str) else list(x) for x in (heard, unheard)]
    except (TypeError, ValueError) as error:
        raise Mistake("three things are expected: two lists of names, and the name of an encoder") from error
    shelf = {one.name: one for one in SHELF}
    for name in (*sides[0], *sides[1]):
        if name not in shelf:
            raise Mistake(f"{name!r} is on no shelf: the names are {', '.join(shelf)}")
    if not all(sides):
        raise Mistake("one side is empty, so there is nothing to compare")
    if set(sides[0]) & set(sides[1]) or any(len(set(side)) < len(side) for side in sides):
        raise Mistake("a collection is named twice")
    year = ENCODERS["suspect"][0]
    assert year is not None
    can = {name: one.published is not None and one.published <= year for name, one in shelf.items()}
    if wrong := [name for name in sides[0] if not can[name]]:
        raise Mistake(f"the suspect cannot have heard {wrong[0]!r}: look at the years")
    if wrong := [name for name in sides[1] if can[name]]:
        raise Mistake(f"the suspect can have heard {wrong[0]!r}: it was public before the training data were collected")
    kinds = [Counter((shelf[n].language, shelf[n].style, shelf[n].room) for n in side) for side in sides]
    if set(kinds[0]) != set(kinds[1]):
        raise Mistake("the two sides differ in more than what may have been heard; which of it made a difference?")
    if beside == "suspect":
        raise Mistake("the suspect beside itself shows nothing: one side may be harder for everybody")
    if beside not in ENCODERS:
        raise Mistake(f"{beside!r} is not one of the encoders: {', '.join(ENCODERS)}")
    return (
        f"If the suspect loses more than {beside} from {', '.join(sides[0])} to {', '.join(sides[1])}, it has probably "
        "heard what it was tested on. If not, it may have heard it and gained nothing."
    )
