"""Checks of chapter 1.4, "Why does it break?", the last: mending."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise
from tlmlda_lib.book.checks.shift import Array, each, nearest

#: Utterances of a corpus in exercise 1.4.3, and the percent that have to be recognised.
UTTERANCES, ENOUGH = 120, 85.0


def _two_voices(rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    """Two corpora, each with two voices that shift every column; column 0 is a pitch in Hz."""
    emotions = rng.normal(0, 1, (3, 8))
    corpora = []
    for share in (0.5, 0.3):
        voice = (rng.uniform(size=UTTERANCES) < share).astype(int)
        y = rng.integers(0, 3, UTTERANCES)
        X = emotions[y] + rng.normal(0, 0.9, (UTTERANCES, 8)) + voice[:, None] * rng.normal(0, 4, 8)
        X = X * rng.uniform(0.5, 3, 8) + rng.normal(0, 10, 8)
        X[:, 0] = np.where(voice, 200, 110) * (1 + 0.06 * rng.normal(size=UTTERANCES) + 0.04 * (y - 1))
        corpora += [X, y]
    return tuple(corpora)  # type: ignore[return-value]


@exercise(
    "1.4.3",
    "Mend it",
    hints=(
        "Draw a histogram of the pitch, column 0, for each corpus. How many hills do you see?",
        "A voice shifts all columns, and scaling within the corpus leaves that shift where it is.",
        "Find the two groups in each corpus (`sklearn.cluster.KMeans` on one column will do) and scale within each.",
    ),
)
def check_mend(scale: Any) -> str:
    """Check exercise 1.4.3: a scaling that mends two corpora with two voices each, without a label.

    Chapter 1.4.

    Parameters
    ----------
    scale : callable
        ``scale(Xs, Xt)`` takes features (n_s, 8) and (n_t, 8) and gives both scaled.
    """
    rng = np.random.default_rng(3)
    found, plain = [], []
    for _ in range(12):
        Xs, ys, Xt, yt = _two_voices(rng)
        both = called(scale, "(Xs, Xt)", Xs.copy(), Xt.copy())
        if not isinstance(both, (tuple, list)) or len(both) != 2:
            raise Mistake("two arrays are expected: the source scaled and the target scaled")
        Zs, Zt = (np.asarray(Z, dtype=float) for Z in both)
        if len(Zs) != len(Xs) or len(Zt) != len(Xt) or Zs.ndim != 2 or Zs.shape[1:] != Zt.shape[1:]:
            raise Mistake(f"the shapes are {Zs.shape} and {Zt.shape}; a row for each utterance is expected")
        if not (np.isfinite(Zs).all() and np.isfinite(Zt).all()):
            raise Mistake("there is a NaN or an infinity in what came back; was something divided by 0?")
        found.append(100 * np.mean(nearest(Zs, ys, Zt) == yt))
        plain.append(100 * np.mean(each(Xs, ys, Xt, yt) == yt))
    if np.mean(found) < ENOUGH:
        than = "no more than" if np.mean(found) < np.mean(plain) + 2 else "more than"
        raise Mistake(
            f"{np.mean(found):.0f} % are recognised, {than} the {np.mean(plain):.0f} % of z-scores within each corpus; "
            f"{ENOUGH:.0f} % are expected"
        )
    return (
        f"{np.mean(found):.0f} % are recognised, against {np.mean(plain):.0f} % within each corpus; no label was used."
    )
