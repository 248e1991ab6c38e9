"""Checks of chapter 4.2, "Who do you trust?"."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise


def table_of(found: Any, shape: tuple[int, ...], what: str) -> np.ndarray:
    """An answer as an array of a given shape; anything else becomes a `Mistake`.

    Parameters
    ----------
    found : object
        The reader's answer.
    shape : tuple of int
        The expected shape.
    what : str
        What is expected, for the message.
    """
    try:
        values = np.asarray(found, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise Mistake(f"{what} is expected; this is of type {type(found).__name__}") from error
    if values.shape != shape:
        raise Mistake(f"{what} has the shape {values.shape}, and {shape} is expected")
    return values


def scored() -> tuple[np.ndarray, np.ndarray]:
    """Scores (n, K) and which streams are present: all, some, one; large scores; arbitrary where one is missing."""
    scores = np.array([[0.5, -1.0, 2.0], [1.0, 3.0, 1.0], [4.0, 9.0, 2.0], [1000.0, 998.0, 0.0], [0.3, 0.1, np.nan]])
    present = np.array([[1, 1, 1], [1, 0, 1], [0, 0, 1], [1, 1, 1], [1, 1, 0]], dtype=bool)
    return scores, present


def softmax(scores: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Weights over the streams that are present, exactly 0 elsewhere.

    Parameters
    ----------
    scores : ndarray of shape (n, K)
        Anything where a stream is missing.
    present : ndarray of shape (n, K), bool
        Which streams are there.
    """
    s = np.where(present, scores, -np.inf)
    e = np.exp(s - s.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


@exercise(
    "4.2.1",
    "A vote without the absent",
    hints=(
        "What is absent must not be counted: neither above the fraction line nor below it.",
        "Put minus infinity where a stream is missing: its exponential is exactly 0, whatever stood there.",
        "Take each row's largest score away first, the largest of those present.",
    ),
)
def check_masked(masked: Any) -> str:
    """Check exercise 4.2.1: softmax over the streams that are present. Chapter 4.2.

    Parameters
    ----------
    masked : callable
        ``masked(scores, present)`` takes float scores (n, K), which may be anything where a stream is missing, and bool
        ``present`` (n, K) with at least one stream in each row, and gives weights (n, K).
    """
    scores, present = scored()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = called(masked, "(scores, present)", scores.copy(), present.copy())
    weights = table_of(found, scores.shape, "a table of weights")
    right = softmax(scores, present)
    if np.allclose(weights, right, atol=1e-9) and (weights[~present] == 0).all():
        return "Each row sums to 1, and who is absent has no vote, not even a very small one."
    if np.isnan(weights[4]).any():
        raise Mistake(
            "where a missing stream has no number as its score, the weights of the others must still be finite"
        )
    if not np.isfinite(weights).all():
        raise Mistake("large scores overflow: exp(1000) is too large for a computer")
    if (weights[~present] != 0).any():
        if np.allclose(weights, right, atol=1e-3):
            raise Mistake("a missing stream has a very small weight, and exactly 0 is expected")
        raise Mistake("a stream that is missing has a weight")
    sums = weights.sum(1)
    if not np.allclose(sums, 1, atol=1e-6):
        raise Mistake(f"a row of weights sums to {sums[np.abs(sums - 1).argmax()]:.3f}: the absent were still counted")
    raise Mistake("the weights are not a softmax over those present")


#: Columns of three streams; those of the second do not stand side by side.
COLUMNS = {"first": [0, 1, 4], "second": [2, 5], "third": [3, 6, 7]}


@exercise(
    "4.2.2",
    "Somebody else's voice",
    hints=(
        "A stream is wrong, yet not strange, if each recording gets that stream of another recording.",
        "One permutation of the rows, the same for all columns of the stream: rng.permutation(len(X)).",
        "Copy X first, and then write X[order][:, columns] into its columns.",
    ),
)
def check_shuffle(shuffle: Any) -> str:
    """Check exercise 4.2.2: one stream of each recording is another recording's. Chapter 4.2.

    Parameters
    ----------
    shuffle : callable
        ``shuffle(X, columns, rng)`` takes features (n, d), the places of a stream's columns and a numpy random
        generator, and gives a new table.
    """
    n, d = 50, 8
    X = np.arange(n * d, dtype=np.float64).reshape(n, d)
    columns = np.array(COLUMNS["second"])
    given = X.copy()
    found = table_of(called(shuffle, "(X, columns, rng)", given, columns, np.random.default_rng(3)), (n, d), "a table")
    if not np.array_equal(given, X):
        raise Mistake("the table that was given has changed, too; a copy is expected")
    others = np.setdiff1d(np.arange(d), columns)
    if not np.array_equal(found[:, others], X[:, others]):
        raise Mistake("columns of other streams have changed")
    if np.array_equal(found, X):
        raise Mistake("nothing has changed")
    rows = (found[:, columns] - columns) / d
    if not all(np.array_equal(np.sort(found[:, c]), X[:, c]) for c in columns):
        raise Mistake("the stream has values that no recording had: each is to come from one recording, and each once")
    if not (rows == rows[:, :1]).all():
        raise Mistake("a recording has one column of the stream from one recording and the next from another")
    again = called(shuffle, "(X, columns, rng)", X.copy(), columns, np.random.default_rng(4))
    if np.array_equal(again, found):
        raise Mistake("another generator gives the same order: is rng used?")
    return "Each recording has a stream that is somebody else's, and no number in it is strange."


def told() -> tuple[np.ndarray, np.ndarray]:
    """Weights (n, K), and how much each stream is missed (n, K): in order, against it, and with equal ones."""
    weights = np.array([[0.5, 0.3, 0.2], [0.6, 0.1, 0.3], [0.2, 0.5, 0.3], [0.4, 0.35, 0.25]])
    missed = np.array([[0.9, 0.2, 0.1], [0.0, 0.4, 0.1], [0.3, 0.3, 0.0], [0.01, 0.02, 0.9]])
    return weights, missed


@exercise(
    "4.2.3",
    "Is the most trusted the most missed?",
    hints=(
        "Rank within each recording, for a weight of one recording is not to be compared with that of another.",
        "Spearman's correlation is Pearson's of the ranks; equal values share the mean of their ranks.",
        "scipy.stats.spearmanr of two rows, and then the mean over the recordings.",
    ),
)
def check_agreement(agreement: Any) -> str:
    """Check exercise 4.2.3: rank correlation of attention and leave-one-stream-out. Chapter 4.2.

    Parameters
    ----------
    agreement : callable
        ``agreement(weights, missed)`` takes two tables (n, K), and gives the mean over the recordings of Spearman's
        correlation.
    """
    from scipy.stats import rankdata

    weights, missed = told()
    found = float(table_of(called(agreement, "(weights, missed)", weights.copy(), missed.copy()), (), "one number"))
    pearson = lambda a, b: np.mean([np.corrcoef(x, y)[0, 1] for x, y in zip(a, b, strict=True)])  # noqa: E731
    ranks = lambda a: np.array([rankdata(x) for x in a])  # noqa: E731
    right = pearson(ranks(weights), ranks(missed))
    if np.isclose(found, right, atol=1e-9):
        return f"{found:.2f}: it is 1 where the order of the weights is the order of what is missed, and -1 against it."
    if np.isclose(found, pearson(weights, missed), atol=1e-6):
        raise Mistake("values are correlated, not ranks: one stream that is missed very much decides alone")
    if np.isclose(found, np.corrcoef(rankdata(weights), rankdata(missed))[0, 1], atol=1e-6):
        raise Mistake("all recordings are ranked together; each has a vote of its own")
    places = lambda a: a.argsort(1).argsort(1).astype(float)  # noqa: E731
    if np.isclose(found, pearson(places(weights), places(missed)), atol=1e-6):
        raise Mistake("of two equal values one is ranked above the other; they share a rank")
    if np.isclose(found, np.mean(weights.argmax(1) == missed.argmax(1)), atol=1e-6):
        raise Mistake("only the first of each is compared; how the others are ordered is asked, too")
    raise Mistake(f"{found:.3f} is not the mean of the recordings' rank correlations")


#: Exercise 4.2.4: how little may change where the most trusted is left out, in the measure of the explorable.
LITTLE = 0.05


@exercise(
    "4.2.4",
    "Trusted and not needed",
    hints=(
        "Two streams may say the same: then either can go.",
        "A code that the head does not look at, or that says nothing for any class, may have any weight.",
        "The least trusted changes the answer if the others are nearly undecided and its own code is long.",
    ),
)
def check_trusted(trusted: Any) -> str:
    """Check exercise 4.2.4: a network in which attention is the wrong way round. Chapter 4.2.

    Parameters
    ----------
    trusted : callable
        ``trusted()`` gives three arrays: codes h (K, d) with K of at least 3, head W (C, d) and scores s (K,). The
        weights are the softmax of s, the answer is the largest of W times the weighted sum of the codes.
    """
    found = called(trusted, "()")
    try:
        h, W, s = (np.asarray(x, dtype=np.float64) for x in found)
    except (TypeError, ValueError) as error:
        raise Mistake("three arrays are expected: codes (K, d), head (C, d), scores (K,)") from error
    if h.ndim != 2 or W.ndim != 2 or s.shape != h.shape[:1] or W.shape[1:] != h.shape[1:]:
        raise Mistake(f"the shapes are {h.shape}, {W.shape} and {s.shape}; (K, d), (C, d) and (K,) are expected")
    if len(s) < 3 or len(W) < 2:
        raise Mistake(f"{len(s)} streams and {len(W)} classes; at least 3 and 2 are expected")
    if not all(np.isfinite(x).all() for x in (h, W, s)):
        raise Mistake("a value is not a number")
    k = len(s)
    present = np.ones((k + 1, k), dtype=bool)
    present[np.arange(1, k + 1), np.arange(k)] = False
    weights = softmax(np.tile(s, (k + 1, 1)), present)
    p = softmax(weights @ h @ W.T, np.ones((k + 1, len(W)), dtype=bool))
    most, least = int(weights[0].argmax()), int(weights[0].argmin())
    if np.sum(np.isclose(weights[0], weights[0, most])) > 1:
        raise Mistake("two streams are trusted most; one is expected")
    moved = np.abs(p[1:] - p[0]).sum(1) / 2
    if moved[most] > LITTLE:
        raise Mistake(f"without the most trusted, probabilities move by {moved[most]:.2f}, and {LITTLE} is allowed")
    if p[least + 1].argmax() == p[0].argmax():
        raise Mistake("without the least trusted the answer is the same")
    first, last = weights[0, most], weights[0, least]
    return f"It trusts with {first:.2f} what it does not need, and needs what it trusts with {last:.2f}."
