"""One statistical policy for every page: the score of a run, its interval, and the test of a difference. Chapter 3.4.

The score of a run is its last epoch if the weights are averaged (presets ``recommended-is10``, ``quick``) or there are
no epochs, otherwise the mean over the last third of its epochs. An interval over seeds needs three of them. Differences
are paired by seed and by recording, and p is corrected for all questions that a page asks together (Holm).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy

from tlmlda_lib import evaluation
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import METRICS

Record = Mapping[str, Any]

#: Fewest seeds for an interval.
FEWEST_SEEDS = 3

#: Level of significance of a corrected p.
LEVEL = 0.05

#: Note under every table of scores and differences.
CAPTION = (
    "A score is that of the last epoch where weights are averaged, else the mean over the last third of the epochs; "
    "± is half of the 95 % t interval over seeds, from three seeds on. A difference is paired by seed and recording; "
    "in brackets its 95 % interval over speakers, recordings and seeds, by hierarchical bootstrap of the last "
    "epoch; p is corrected for multiple comparisons (Holm)."
)


def tail(epochs: int) -> int:
    """Number of last epochs whose mean is a score without averaged weights: a third, rounded down, at least one.

    Parameters
    ----------
    epochs : int
        Number of epochs.

    Examples
    --------
    >>> tail(500), tail(2)
    (166, 1)
    """
    return epochs // 3 or 1


def settled(record: Record) -> bool:
    """Whether a run's last epoch is its score: weights are averaged, or there are no epochs.

    Parameters
    ----------
    record : dict
        A record.
    """
    return bool(record["params"].get("averaged")) or "infomax" not in record["curve"]


def score(record: Record, metric: str = "war") -> float:
    """The score of a run by the policy. Chapter 3.4.

    Parameters
    ----------
    record : dict
        As from `tlmlda_lib.experiments.shipped.records`.
    metric : {"war", "uar"}

    Returns
    -------
    float
        Percent.

    Raises
    ------
    UserError
        If the metric is not known.
    """
    if metric not in METRICS:
        raise UserError(f"metric {metric!r} is not known: use one of {', '.join(METRICS)}")
    if settled(record):
        return float(record["rules"]["final"][metric])
    curve = record["curve"][metric]
    return float(np.mean(curve[-tail(len(curve)) :]))


def interval(values: Sequence[float], level: float = 0.95) -> tuple[float, float]:
    """The t interval of a mean over seeds; NaN, NaN for fewer than three seeds. Chapter 3.4.

    Parameters
    ----------
    values : sequence of float
        One per seed.
    level : float
        Share of such intervals that contain the true mean.
    """
    if len(values) < FEWEST_SEEDS:
        return float("nan"), float("nan")
    return evaluation.t_interval(values, level)


def p_of_mean(values: Sequence[float]) -> float:
    """Two-sided p of a mean over seeds being 0, by Student's t; NaN for fewer than three seeds. Chapter 3.4.

    Parameters
    ----------
    values : sequence of float
        One per seed.
    """
    if len(values) < FEWEST_SEEDS:
        return float("nan")
    if np.ptp(values) == 0:  # no spread
        return float(values[0] == 0)
    return float(scipy.stats.ttest_1samp(values, 0).pvalue)


def p_words(p: float) -> str:
    """A p-value in print: "p = .004", "p < .001", "p = 1"; "no p" for NaN.

    Parameters
    ----------
    p : float
        The p-value.

    Examples
    --------
    >>> p_words(0.0042), p_words(0.0001)
    ('p = .004', 'p < .001')
    """
    if np.isnan(p):
        return "no p"
    if p < 0.0005:
        return "p < .001"
    text = f"{p:.3f}" if p < 0.1 else f"{p:.2f}"
    return f"p = {text.removeprefix('0').rstrip('0').rstrip('.') or '0'}"


def verdict(value: float, p: float) -> str:
    """ "better", "worse" or "open": what a difference and its corrected p show.

    Parameters
    ----------
    value : float
        The difference.
    p : float
        Corrected p-value, or NaN.

    Examples
    --------
    >>> verdict(2.0, 0.01), verdict(-2.0, 0.01), verdict(2.0, 0.2)
    ('better', 'worse', 'open')
    """
    if np.isnan(p) or p >= LEVEL:
        return "open"
    return "better" if value > 0 else "worse"


@dataclass(frozen=True)
class Answer:
    """The answer to one question of a page: how much better the first side is than the second.

    Attributes
    ----------
    value, low, high : float
        Difference in points, and its 95 % interval; NaN if there is none.
    p, p_holm : float
        Two-sided p-value, alone and corrected for all questions asked together; NaN if there is none.
    schemes : tuple of str
        The schemes in the mean.
    seeds : int
        Number of pairs of runs, on the scheme with fewest.
    records, second : tuple of dict
        All compared records, and the second side's among them.
    what : str
        What was compared, as "bootstrap of final war".
    """

    value: float
    low: float
    high: float
    p: float
    p_holm: float
    schemes: tuple[str, ...]
    seeds: int
    records: tuple[Record, ...]
    second: tuple[Record, ...]
    what: str

    @property
    def verdict(self) -> str:
        """ "better", "worse" or "open", at 95 % after the correction."""
        return verdict(self.value, self.p_holm)


Question = tuple[Iterable[Record], Iterable[Record]]
Runs = tuple[Record, ...]


def ask(questions: Mapping[str, Question], *, metric: str = "war", draws: int = 4000) -> dict[str, Answer]:
    """Compare pairs of runs at the last epoch by a bootstrap over speakers, recordings and seeds. Chapter 3.4.

    Parameters
    ----------
    questions : dict of str to (iterable of dict, iterable of dict)
        By name, the records of the first and second side. They are paired by scheme and seed; unpaired ones are
        ignored. A deterministic method is paired with every seed of the other.
    metric : {"war", "uar"}
    draws : int
        Number of draws of the hierarchical bootstrap.

    Returns
    -------
    dict of str to Answer
        In the order of the questions, without those whose sides share no scheme and seed. The mean is over schemes.

    Raises
    ------
    UserError
        If two runs were scored on different recordings, or a side has two runs with one scheme and seed.
    """
    from tlmlda_lib.experiments import compare

    asked: dict[str, tuple[Runs, Runs, tuple[str, ...]]] = {}
    runs = []
    for name, sides in questions.items():
        first, second = (_by_scheme(side, name) for side in sides)
        shared = [s for s in first if s in second and _meet(first[s], second[s])]
        if not shared:
            continue
        asked[name] = (_used(first, shared), _used(second, shared), tuple(shared))
        runs.append({s: (first[s], second[s]) for s in shared})
    found = compare.compared(runs, metric=metric, draws=draws)
    what = f"bootstrap of final {metric}"
    return {
        name: Answer(d.value, d.low, d.high, d.p, p, schemes, d.seeds, (*mine, *theirs), theirs, what)
        for (name, (mine, theirs, schemes)), (d, _, p) in zip(asked.items(), found, strict=True)
    }


def _by_scheme(records: Iterable[Record], name: str) -> dict[str, dict[int, Record]]:
    found: dict[str, dict[int, Record]] = {}
    for r in records:
        seeds = found.setdefault(r["scheme"], {})
        if r["seed"] in seeds:
            raise UserError(f"{name}: two runs of seed {r['seed']} on {r['scheme']}; give one setting for each side")
        seeds[r["seed"]] = r
    return found


def _meet(first: Mapping[int, Record], second: Mapping[int, Record]) -> set[int]:
    """Seeds of both; all of the other side's if one side is deterministic."""
    from tlmlda_lib.experiments import compare

    if len(first) == 1 and not compare.drawn(first):
        return set(second)
    if len(second) == 1 and not compare.drawn(second):
        return set(first)
    return set(first) & set(second)


def _used(side: Mapping[str, Mapping[int, Record]], schemes: Iterable[str]) -> Runs:
    """Records of a side on these schemes, and with these seeds if there are several runs on one scheme."""
    return tuple(r for s in schemes for r in side[s].values())
