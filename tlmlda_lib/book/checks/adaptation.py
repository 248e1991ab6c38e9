"""Checks of chapter 1.7, "What is domain adaptation?"."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise

Array = np.ndarray

#: What is recognised of each target of exercise 1.7.3, at least.
WANTED = 0.9


@exercise(
    "1.7.1",
    "Let the means meet",
    hints=(
        "How far is it from the mean of the source to the mean of the target, column by column?",
        "Add that step to every row of the source, and change nothing else.",
    ),
)
def check_meet(meet: Any) -> str:
    """Check exercise 1.7.1: the source moved until its mean is the target's. Chapter 1.7.

    Parameters
    ----------
    meet : callable
        ``meet(Xs, Xt)`` takes features (n_s, d) and (n_t, d), and gives the moved source (n_s, d).
    """
    rng = np.random.default_rng(0)
    for n, m in ((6, 4), (30, 50)):
        Xs, Xt = rng.normal(0, 1, (n, 3)), rng.normal((2, -1, 30), (3, 1, 10), (m, 3))
        given = Xs.copy(), Xt.copy()
        moved = np.asarray(called(meet, "(Xs, Xt)", *given), dtype=float)
        if moved.shape != Xs.shape:
            raise Mistake(f"the moved source has shape {moved.shape}; {Xs.shape}, that of the source, is expected")
        if np.allclose(moved, Xs - Xs.mean(0)):
            raise Mistake("the mean of the source is now 0, and not that of the target")
        if np.allclose(moved.mean(0), Xt.mean(0)) and not np.allclose(moved - moved.mean(0), Xs - Xs.mean(0)):
            raise Mistake("the means meet, but the source has changed its shape: it is to be moved, not scaled")
        if np.allclose(moved - moved.mean(0), Xs - Xs.mean(0)) and not np.allclose(moved.mean(0), Xt.mean(0)):
            raise Mistake("the source keeps its shape, but some column has another mean than in the target")
        if not np.allclose(moved, Xs + Xt.mean(0) - Xs.mean(0)):
            raise Mistake("the mean of the moved source is not that of the target")
    return "This is all that aligning the means does; CORAL makes the covariances equal as well."


@exercise(
    "1.7.2",
    "How many of each?",
    hints=(
        "Take two classes, anger and sadness. Some angry utterances are called anger, and so are some sad ones. "
        "Together these make the share that is called anger: write it as a sum.",
        "There is one such equation for each class. Together they are a system of linear equations.",
        "NumPy solves such systems: look for it in `np.linalg`.",
    ),
)
def check_how_many(shares: Any) -> str:
    """Check exercise 1.7.2: the shares of the classes in a target without labels. Chapter 1.7.

    Parameters
    ----------
    shares : callable
        ``shares(confusion, named)`` takes a matrix (C, C), whose column j says what utterances of class j are called,
        and the shares (C,) of what target utterances are called; it gives the shares (C,) of the classes.
    """
    rng = np.random.default_rng(1)
    for classes in (2, 3, 5):
        confusion = rng.dirichlet(np.ones(classes), classes).T * 0.4 + np.eye(classes) * 0.6
        truth = rng.dirichlet(np.ones(classes))
        named = confusion @ truth
        found = np.asarray(called(shares, "(confusion, named)", confusion.copy(), named.copy()), dtype=float)
        if found.shape != (classes,):
            raise Mistake(f"{classes} shares are expected, one for each class; this has shape {found.shape}")
        slips = {
            "this is what the utterances are called; the recogniser's mistakes are still in it": named,
            "the matrix is transposed: its columns belong to the true classes, its rows to the names": np.linalg.solve(
                confusion.T, named
            ),
            "this makes the same mistakes once more: undo them": confusion @ named,
        }
        for sentence, slip in slips.items():
            if np.allclose(found, slip) and not np.allclose(slip, truth):
                raise Mistake(sentence)
        if not np.allclose(found, truth):
            raise Mistake(f"for {classes} classes, the shares {found.round(3)} do not explain what was named")
    return "Lipton and others (2018) then weight each source class by its share in the target over that in the source."


def _target(rng: np.random.Generator, share: float, by: float) -> tuple[Array, Array, Array, Array]:
    """Two classes in three columns: a source of equal shares, and a target with this share of the first, moved."""
    ys, yt = np.repeat([0, 1], 100), (np.arange(200) >= 200 * share).astype(int)
    Xs, Xt = (rng.normal(0, 0.55, (200, 3)) + np.outer(2 * y - 1, (1, 0.5, 0)) for y in (ys, yt))
    return Xs, ys, Xt + by * np.array([1, 0.3, -2]), yt


#: Targets of exercise 1.7.3: share of the first class, how far the target is moved.
TARGETS = {
    "that is moved": (0.5, 1.6),
    "with other shares": (0.85, 0.0),
    "that is moved and has other shares": (0.8, 0.7),
}


@exercise(
    "1.7.3",
    "Moved, or other shares?",
    hints=(
        "Suppose you knew the shares of the target's classes. Where would its mean be if it had not been moved?",
        "The difference between its real mean and that one is how far it was moved. Undo the move, and guess each row.",
        "The guesses tell you the shares. Begin with equal shares, and repeat.",
    ),
)
def check_adapt(adapt: Any) -> str:
    """Check exercise 1.7.3: predictions for targets that are moved, or have other shares, or both. Chapter 1.7.

    Parameters
    ----------
    adapt : callable
        ``adapt(Xs, ys, Xt)`` takes features and classes of the source and features of the target, and gives predictions
        (n_t,).
    """
    rng = np.random.default_rng(2)
    rates = {}
    for name, (share, by) in TARGETS.items():
        hits = []
        for _ in range(5):
            Xs, ys, Xt, yt = _target(rng, share, by)
            predicted = np.asarray(called(adapt, "(Xs, ys, Xt)", Xs, ys, Xt))
            if predicted.shape != yt.shape:
                raise Mistake(f"predictions have shape {predicted.shape}; {yt.shape} is expected")
            hits.append(np.mean(predicted == yt))
        rates[name] = float(np.mean(hits))
    lost = [f"{rate:.0%} of the target {name}" for name, rate in rates.items() if rate < WANTED]
    if lost:
        raise Mistake(f"too little is recognised: {', '.join(lost)}")
    return f"At least {min(rates.values()):.0%} of each target are recognised, and nobody told you which was which."
