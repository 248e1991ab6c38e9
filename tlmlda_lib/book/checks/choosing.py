"""Checks of chapter 1.6, "Who may choose?"."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise, number_of


@exercise(
    "1.6.1",
    "What does the oracle gain?",
    hints=(
        "The honest choice reads one of the target's scores: the one at the place that is best on the source.",
        "The oracle reads the largest of the target's scores. The answer is the difference.",
    ),
)
def check_oracle(gained: Any) -> str:
    """Check exercise 1.6.1: what is gained by choosing on target labels. Chapter 1.6.

    Parameters
    ----------
    gained : callable
        ``gained(on_source, on_target)`` takes a score for each value of C on the source and on the target (values,
        both), where the best on the source is chosen, and gives points.
    """
    rng = np.random.default_rng(6)
    for k in (3, 5, 8, 8, 8):
        on_source, on_target = (rng.uniform(30, 60, k).round(1) for _ in range(2))
        value = number_of(called(gained, "(on_source, on_target)", on_source.copy(), on_target.copy()))
        right = on_target.max() - on_target[on_source.argmax()]
        if abs(value - right) < 1e-6:
            continue
        slips = {
            "this is by how much the source is easier than the target": on_source.max() - on_target.max(),
            "this is what the chosen value loses from source to target": on_source.max()
            - on_target[on_source.argmax()],
            "the oracle is never worse: subtract the chosen value from it, not the other way round": -right,
            "this is the oracle's score, not what it gains": on_target.max(),
        }
        for sentence, slip in slips.items():
            if abs(value - slip) < 1e-6:
                raise Mistake(sentence)
        raise Mistake(f"for {k} values of C it is not {value:.2f} points")
    return "It is 0 where source and target agree on the best, and it tends to grow with the number of values tried."


@exercise(
    "1.6.2",
    "The honest C",
    hints=(
        "Mean over the folds for each C, and the largest of the means.",
        "The standard error of that largest mean: the deviation over the folds (ddof=1) over the root of their number.",
        "All C whose mean is no further below than this count as equal. Take the smallest of them.",
    ),
)
def check_choose(choose: Any) -> str:
    """Check exercise 1.6.2: the one-standard-error rule. Chapter 1.6.

    Parameters
    ----------
    choose : callable
        ``choose(accuracy, grid)`` takes shares recognised (folds, values) and the values of C (values,), from small
        to large, and gives one of them.
    """
    rng = np.random.default_rng(1)
    grid = np.array([0.001, 0.01, 0.1, 1.0, 10.0])
    wrong: dict[str, int] = {}
    for k in range(40):
        folds = int(rng.integers(3, 7))
        middle = np.sort(rng.uniform(0.4, 0.6, 5))[rng.permutation(5) if k % 2 else np.arange(5)]
        accuracy = middle + rng.normal(0, rng.uniform(0.005, 0.12), (folds, 5))
        value = number_of(called(choose, "(accuracy, grid)", accuracy.copy(), grid.copy()))
        if not np.isclose(value, grid).any():
            raise Mistake(f"{value:g} is not one of the given values of C")
        mean, best = accuracy.mean(0), int(accuracy.mean(0).argmax())
        deviation = accuracy[:, best].std(ddof=1)
        good = np.flatnonzero(mean >= mean[best] - deviation / np.sqrt(folds))
        if np.isclose(value, grid[good[0]]):
            continue
        loose = np.flatnonzero(mean >= mean[best] - deviation)
        slips = {
            "this is the best mean, and not the smallest C that is as good": grid[best],
            "take the smallest of those within one standard error, not the largest": grid[good[-1]],
            "a standard deviation is not a standard error: divide by the root of the number of folds": grid[loose[0]],
        }
        for sentence, slip in slips.items():
            wrong[sentence] = wrong.get(sentence, 0) + bool(np.isclose(value, slip))
        wrong["the rule gives another value"] = wrong.get("the rule gives another value", 0) + 1
    if wrong:
        # A slip that explains every wrong choice is the one; of several, the first.
        cases = wrong.pop("the rule gives another value")
        named = [sentence for sentence, times in wrong.items() if times == cases]
        raise Mistake(named[0] if named else f"in {cases} of 40 cases the rule gives another value")
    return "A smaller C is a simpler model. The hope is that it transfers better than a complex one."


#: Exercise 1.6.3: how much larger than its share a fold may be.
LOOSE = 1.5


@exercise(
    "1.6.3",
    "Speakers apart",
    hints=(
        "Deal out speakers, not rows: every row follows its speaker.",
        "Speakers have different numbers of utterances. Begin with the one who has most.",
        "Give each speaker to the fold that has the fewest utterances so far.",
    ),
)
def check_folds(folds: Any) -> str:
    """Check exercise 1.6.3: folds that share no speaker and are about equally large. Chapter 1.6.

    Parameters
    ----------
    folds : callable
        ``folds(speakers, k)`` takes whose utterance each is (n,) and gives k arrays of row numbers.
    """
    rng = np.random.default_rng(7)
    for n, k in ((9, 3), (12, 4), (14, 5)):
        who = np.repeat(rng.permutation(100)[:n], rng.integers(10, 60, n))
        who = rng.permutation(who)
        found = called(folds, "(speakers, k)", who.copy(), k)
        if not isinstance(found, (tuple, list)) or len(found) != k:
            raise Mistake(f"a list of {k} arrays of row numbers is expected")
        rows = [np.asarray(fold) for fold in found]
        if any(r.ndim != 1 or not np.issubdtype(r.dtype, np.integer) for r in rows):
            raise Mistake("each fold is an array of row numbers; this is something else (True and False, perhaps)")
        every = np.concatenate(rows)
        if len(np.unique(every)) < len(every):
            raise Mistake("some row is in more than one fold")
        if len(every) != len(who) or every.min() < 0 or every.max() >= len(who):
            raise Mistake(f"the folds have {len(every)} rows together; every one of {len(who)} is expected once")
        shared = len(every) and sum(len(np.unique(who[r])) for r in rows) - n
        if shared:
            raise Mistake("some speaker is in more than one fold: a classifier would be asked about people it knows")
        largest = max(len(r) for r in rows)
        if largest > LOOSE * len(who) / k:
            raise Mistake(
                f"one fold has {largest} of {len(who)} rows, more than {LOOSE:g} times its share of {len(who) / k:.0f}"
            )
    return "`sklearn.model_selection.StratifiedGroupKFold` does this and balances the emotions as well."
