"""Checks of chapter 4.3, "Is it reproducible?"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from typing import Any

import numpy as np
import scipy

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise, number_of
from tlmlda_lib.book.pages.reproducibility import rankings
from tlmlda_lib.domains import schemes
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import METRICS
from tlmlda_lib.evaluation.agreement import reproducibility

#: Four runs on six recordings. One class is named twice as often as another, and no two runs agree on all.
RUNS = (
    ("anger", "fear", "sad", "sad", "happy", "sad"),
    ("anger", "sad", "sad", "fear", "happy", "sad"),
    ("anger", "fear", "sad", "sad", "anger", "sad"),
    ("anger", "fear", "sad", "happy", "anger", "fear"),
)


def runs() -> list[list[str]]:
    """Predictions of four runs, one list for each."""
    return [list(run) for run in RUNS]


@exercise(
    "4.3.1",
    "Two runs, one recording",
    hints=(
        "Take two runs, and count the recordings of which they say the same.",
        "itertools.combinations(runs, 2) gives each pair of runs once, and none with itself.",
        "Percent of all recordings of all pairs: there are six pairs of four runs.",
    ),
)
def check_two_agree(two_agree: Any) -> str:
    """Check exercise 4.3.1: how often two runs agree on a recording. Chapter 4.3.

    Parameters
    ----------
    two_agree : callable
        ``two_agree(runs)`` takes a list of runs, each a list with a name for every recording, and gives percent.
    """
    found = number_of(called(two_agree, "(runs)", runs()))
    rates = reproducibility(RUNS)
    right, k = rates.general_fractional, len(RUNS)
    if np.isclose(found, right):
        return f"{found:.1f} % of pairs agree, and all four runs agree on {rates.general_perfect:.1f} %."
    if np.isclose(found, right / 100):
        raise Mistake("that is a share; percent is expected")
    if np.isclose(found, rates.general_perfect):
        raise Mistake("that counts recordings on which all runs agree; two are enough here")
    if np.isclose(found, (right * (k - 1) + 100) / k):
        raise Mistake("each run is compared with itself, too, and always agrees")
    if np.isclose(found, _mean_of(np.array(RUNS[i]) == np.array(RUNS[i + 1]) for i in range(k - 1))):
        raise Mistake("only neighbours are compared; the first run is to meet the last, too")
    if np.isclose(found, _mean_of(np.array(RUNS[0]) == np.array(run) for run in RUNS[1:])):
        raise Mistake("all are compared with the first run, and never with each other")
    if found > 100 or found < 0:
        raise Mistake(f"{found:g} is not a percentage: by how many pairs and recordings is the count divided?")
    raise Mistake(f"{found:.1f} % is not how often two of these runs agree")


def _mean_of(equal: Any) -> float:
    return 100 * float(np.mean([np.mean(e) for e in equal]))


@exercise(
    "4.3.2",
    "What luck gives",
    hints=(
        "Two answers drawn from all that the runs said, whatever the recording: how often are they the same?",
        "That is the sum of the squares of the classes' shares among all answers of all runs.",
        "Of the way from luck to 1, kappa is the part that was gone: both ends are shares, not percent.",
    ),
)
def check_kappa(kappa: Any) -> str:
    """Check exercise 4.3.2: agreement beyond chance. Chapter 4.3.

    Parameters
    ----------
    kappa : callable
        ``kappa(runs)`` takes runs as in 4.3.1 and gives Fleiss' kappa, at most 1.
    """
    found = number_of(called(kappa, "(runs)", runs()))
    rates = reproducibility(RUNS)
    agreed, codes = (
        rates.general_fractional / 100,
        np.unique(np.array(RUNS), return_inverse=True)[1].reshape(len(RUNS), -1),
    )
    classes = int(codes.max()) + 1
    luck = float(np.sum((np.bincount(codes.ravel()) / codes.size) ** 2))
    if np.isclose(found, rates.kappa):
        return f"Of {agreed:.2f} agreement luck alone gives {luck:.2f}: {found:.2f} of what is left."
    if np.isclose(found, 100 * rates.kappa):
        raise Mistake("that is in percent; kappa is at most 1")
    if np.isclose(found, agreed):
        raise Mistake("that is how often two runs agree, and luck is still in it")
    if np.isclose(found, agreed - luck):
        raise Mistake("luck is taken away, and what is left is not set against what could be left")
    if np.isclose(found, luck):
        raise Mistake("that is agreement by chance, not beyond it")
    if np.isclose(found, (agreed - 1 / classes) / (1 - 1 / classes)):
        raise Mistake(f"luck is taken as 1 in {classes}, as if the runs named all classes equally often")
    cohen = []
    for a, b in combinations(codes, 2):
        by_luck = float(np.dot(np.bincount(a, minlength=classes), np.bincount(b, minlength=classes)) / len(a) ** 2)
        cohen.append((np.mean(a == b) - by_luck) / (1 - by_luck))
    if np.isclose(found, np.mean(cohen)):
        raise Mistake(
            "that is the mean of Cohen's kappa over pairs; Fleiss' asks what all runs together name how often"
        )
    if found > 1:
        raise Mistake(f"kappa is {found:.2f}, and cannot be above 1")
    raise Mistake(f"{found:.2f} is not what these runs have")


#: WAR of three methods by seed: by all seeds the first is first, and by one seed mostly not.
WARS = ((49.9, 46.2, 46.9, 51.0), (44.5, 51.0, 48.1, 43.1), (50.1, 46.9, 42.7, 44.3))

#: Shares that are expected; up to seven seeds, no count of draws comes within 2 points of one of them.
SHARES = (0.5, 0.65, 0.75)


def _winner_holds(k: int) -> float:
    return rankings.held(np.rint(10 * np.array(WARS)).astype(np.int64), k).winner


def _first_k(holds: Any, share: float) -> int:
    return next(k for k in range(1, 60) if holds(k) >= share)


@exercise(
    "4.3.3",
    "Until the winner holds",
    hints=(
        "itertools.product(range(seeds), repeat=k) gives all draws of k seeds with replacement.",
        "A seed that was drawn is drawn for all methods: its whole column of `wars` is taken.",
        "Begin with one seed, count the draws in which the method that is first by all seeds is first, and stop.",
    ),
)
def check_until(until: Any) -> str:
    """Check exercise 4.3.3: the fewest seeds whose winner is usually the winner over all seeds. Chapter 4.3.

    Parameters
    ----------
    until : callable
        ``until(wars, share)`` takes WAR of each method (rows) by seed (columns) and a share from 0 to 1, and gives the
        smallest number of seeds, drawn with replacement, of which at least this share of the draws has the same method
        first as all seeds have.
    """
    found = [number_of(called(until, "(wars, share)", np.array(WARS), share)) for share in SHARES]
    right = [_first_k(_winner_holds, share) for share in SHARES]
    if found == right:
        return f"{', '.join(f'{n:g}' for n in found)} seeds for {', '.join(f'{100 * s:.0f} %' for s in SHARES)}."
    if any(n != int(n) or n < 1 for n in found):
        raise Mistake(f"a whole number of seeds from 1 is expected; one of the answers is {min(found):g}")
    wars = np.array(WARS)

    def of(draws: list[Any]) -> float:
        return float(np.mean([wars[:, list(d)].mean(1).argmax() == wars.mean(1).argmax() for d in draws]))

    def without(k: int) -> float:
        return of(list(combinations(range(wars.shape[1]), min(k, wars.shape[1]))))

    if found == [_first_k(without, share) for share in SHARES]:
        raise Mistake(
            "no seed is drawn twice: with as many as were recorded everything is certain, which is not an answer"
        )
    units = np.rint(10 * wars).astype(np.int64)
    if found == [_first_k(lambda k: rankings.held(units, k).order, share) for share in SHARES]:
        raise Mistake("this asks for the whole ranking; the question is only the first place")
    apart = {k: _own_seeds(wars, k) for k in range(1, 8)}
    if found == [next((k for k in apart if apart[k] >= share), 0) for share in SHARES]:
        raise Mistake("each method draws seeds of its own; here all are run with those that were drawn")
    if found == [n - 1 for n in right] or found == [n + 1 for n in right]:
        raise Mistake("all answers are one off: which number of seeds was tried when the loop stopped?")
    for n, share in zip(found, SHARES, strict=True):
        holds = 100 * _winner_holds(int(min(n, 20)))
        if holds < 100 * share:
            raise Mistake(
                f"with {n:g} seeds the winner holds in {holds:.0f} % of draws, and {100 * share:.0f} % are expected"
            )
    raise Mistake("fewer seeds would do for one of the shares")


def _own_seeds(wars: np.ndarray, k: int) -> float:
    """How often the winner holds if each method draws for itself."""
    means = [np.array([np.mean(draw) for draw in product(row, repeat=k)]) for row in wars]
    best = int(wars.mean(1).argmax())
    below = [np.sort(m) for i, m in enumerate(means) if i != best]
    shares = np.prod([np.searchsorted(m, means[best] + 1e-9) / len(m) for m in below], axis=0)
    return float(shares.mean())


#: What a plan has to say, and of what kind it is.
FIELDS = {
    "question": str, "first": str, "second": str, "schemes": list, "epoch": str, "figure": str, "seeds": int,
    "spread": float, "matters": float, "above": str, "between": str, "below": str,
}  # fmt: skip


@exercise(
    "4.3.4",
    "Written down before",
    hints=(
        "spread: the deviation (ddof=1) of differences between two methods, seed by seed, in runs that you have.",
        "The interval reaches t * spread / root of seeds to either side. That should be no more than what matters.",
        "above, between, below: the sentence that you will print if the interval lies above 0, contains 0, is below 0.",
    ),
)
def check_registration(plan: Any) -> str:
    """Check exercise 4.3.4: a comparison that is decided before it is run. Chapter 4.3.

    Parameters
    ----------
    plan : dict
        ``question``; ``first`` and ``second``, what is compared; ``schemes``, a list; ``epoch``, "final" or
        "unsupervised"; ``figure``, "war" or "uar"; ``seeds``; ``spread``, the deviation of differences over seeds that
        is expected, and ``matters``, the smallest difference of interest, in points; ``above``, ``between`` and
        ``below``, what will be said if the interval lies above 0, contains 0, or lies below 0.
    """
    if not isinstance(plan, Mapping):
        raise Mistake(f"a dictionary is expected; this is of type {type(plan).__name__}")
    if missing := [name for name in FIELDS if name not in plan]:
        raise Mistake(f"the plan does not say {missing[0]!r}")
    for name, kind in FIELDS.items():
        value = plan[name]
        if kind is str and (not isinstance(value, str) or not value.strip()):
            raise Mistake(f"{name!r} needs words")
        if kind is list and (isinstance(value, str) or not isinstance(value, Sequence) or not value):
            raise Mistake(f"{name!r} needs a list with at least one scheme")
    if not plan["question"].strip().endswith("?"):
        raise Mistake("the question does not end with a question mark: is it one?")
    if plan["first"] == plan["second"]:
        raise Mistake("a method is compared with itself")
    for scheme in plan["schemes"]:
        try:
            schemes.parse(str(scheme))
        except UserError as error:
            raise Mistake(f"{scheme!r} is not a scheme that the library knows") from error
    if plan["epoch"] == "oracle":
        raise Mistake("the epoch is chosen with labels that users of the method do not have")
    if plan["epoch"] not in ("final", "unsupervised") or plan["figure"] not in METRICS:
        raise Mistake("the epoch or the figure is not in words that the library knows")
    seeds, spread, matters = (number_of(plan[name]) for name in ("seeds", "spread", "matters"))
    if seeds != int(seeds) or seeds < 2:
        raise Mistake(f"{seeds:g} seeds: a whole number from 2 is needed, for one run has no spread")
    if spread <= 0 or matters <= 0:
        raise Mistake("spread and matters are points above 0; a spread of 0 was never seen")
    half = float(scipy.stats.t.interval(0.95, seeds - 1, scale=spread / seeds**0.5)[1])  # of runs that are not made yet
    if half > matters:
        raise Mistake(
            f"with {seeds:g} seeds the interval is expected to reach {half:.1f} points to either side, and {matters:g} "
            "matter: a difference of that size would drown"
        )
    verdicts = [plan[name].strip().lower() for name in ("above", "between", "below")]
    if len(set(verdicts)) < 3:
        raise Mistake("two outcomes have the same words: then the runs decide nothing")
    remark = f"{len(plan['schemes']) * 2 * int(seeds)} runs, and an interval of about {half:.1f} points to either side."
    return remark + " Put a date under it, and give it to somebody before you start."
