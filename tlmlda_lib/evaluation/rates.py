"""From predictions to scores: rates, counts, intervals and rules for the epoch. Chapters 1.5 and 3.4.

All rates are percent. WAR is the paper's weighted average recall, which is accuracy; UAR is the unweighted mean of the
classes' recalls. Rows of a confusion matrix are the truth.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import special

from tlmlda_lib.errors import UserError

#: Rules that choose the epoch: the last; the best by a criterion without labels; the best on target labels (oracle).
RULES = ("final", "unsupervised", "oracle")

METRICS = ("war", "uar")


@dataclass(frozen=True, eq=False)
class Report:
    """The scores of a set of predictions. Chapter 1.5.

    Attributes
    ----------
    war, uar : float
        Percent.
    recall : dict of str to float
        Recall of each class in the truth, percent.
    confusion : ndarray of shape (C, C), int64
        Rows are the truth, columns the predictions.
    classes : tuple of str
    by_speaker : dict of str to float
        WAR of each speaker, percent; empty without speakers.
    chance, majority : float
        WAR of guessing uniformly, and of always predicting the largest class, percent.
    """

    war: float
    uar: float
    recall: dict[str, float]
    confusion: np.ndarray
    classes: tuple[str, ...]
    by_speaker: dict[str, float] = field(default_factory=dict)
    chance: float = 0.0
    majority: float = 0.0

    def __str__(self) -> str:
        width = max(8, *(len(name) + 1 for name in self.classes))
        lines = [
            f"WAR {self.war:.1f} %, UAR {self.uar:.1f} % of {self.confusion.sum()} utterances "
            f"(chance {self.chance:.1f} %, largest class {self.majority:.1f} %)",
            "truth \\ predicted".ljust(18) + "".join(name.rjust(width) for name in self.classes) + "  recall",
        ]
        for name, row in zip(self.classes, self.confusion, strict=True):
            recall = f"{self.recall[name]:.1f} %" if name in self.recall else "-"
            lines.append(name.ljust(18) + "".join(str(n).rjust(width) for n in row) + recall.rjust(8))
        if self.by_speaker:
            lines.append("by speaker: " + ", ".join(f"{name} {war:.1f}" for name, war in self.by_speaker.items()))
        return "\n".join(lines)


def report(truth: Any, predicted: Any, speakers: Any = None, classes: Sequence[str] | None = None) -> Report:
    """All scores of a set of predictions. Chapter 1.5.

    Parameters
    ----------
    truth, predicted : array-like of shape (n,)
        Codes, or names of classes.
    speakers : array-like of shape (n,), optional
        Speaker of each row.
    classes : sequence of str, optional
        Names, in the order of the codes; by default the codes or names that occur.

    Returns
    -------
    Report

    Raises
    ------
    UserError
        If lengths differ, there is no utterance, or a label is not among the classes.

    Examples
    --------
    >>> print(report(["anger", "anger", "sad"], ["anger", "sad", "sad"]))
    WAR 66.7 %, UAR 75.0 % of 3 utterances (chance 50.0 %, largest class 66.7 %)
    truth \\ predicted    anger     sad  recall
    anger                    1       1  50.0 %
    sad                      0       1 100.0 %
    """
    t, p, names = _codes(truth, predicted, classes)
    counts = confusion(t, p, len(names))
    present = counts.sum(1) > 0
    recalls = 100 * counts.diagonal()[present] / counts.sum(1)[present]
    by_speaker = {}
    if speakers is not None:
        who = _speakers(speakers, len(t))
        by_speaker = {str(s): float(100 * np.mean((t == p)[who == s])) for s in np.unique(who)}
    counts.flags.writeable = False
    return Report(
        war=float(100 * counts.trace() / len(t)),
        uar=float(recalls.mean()),
        recall={str(names[c]): float(r) for c, r in zip(np.flatnonzero(present), recalls, strict=True)},
        confusion=counts,
        classes=tuple(str(name) for name in names),
        by_speaker=by_speaker,
        chance=100 / len(names),
        majority=float(100 * counts.sum(1).max() / len(t)),
    )


def war(truth: Any, predicted: Any) -> float:
    """Weighted average recall in percent: the share of utterances that are recognised. Chapter 1.5.

    Parameters
    ----------
    truth, predicted
        As in `report`.

    Examples
    --------
    >>> round(war([0, 0, 1], [0, 1, 1]), 1)
    66.7
    """
    return report(truth, predicted).war


def uar(truth: Any, predicted: Any) -> float:
    """Unweighted average recall in percent: the mean of the recalls of the classes in the truth. Chapter 1.5.

    Parameters
    ----------
    truth, predicted
        As in `report`.

    Examples
    --------
    >>> uar([0, 0, 1], [0, 1, 1])
    75.0
    """
    return report(truth, predicted).uar


def confusion(truth: Any, predicted: Any, n_classes: int) -> np.ndarray:
    """Confusion matrix: rows are the truth, columns the predictions. Chapter 1.5.

    Parameters
    ----------
    truth, predicted : array-like of shape (n,), int
        Codes.
    n_classes : int
        Number of classes C.

    Returns
    -------
    ndarray of shape (C, C), int64
        Counts.

    Examples
    --------
    >>> confusion([0, 0, 1], [0, 1, 1], 2).tolist()
    [[1, 1], [0, 1]]
    """
    t, p, _ = _codes(truth, predicted, [str(c) for c in range(n_classes)])
    return np.bincount(t * n_classes + p, minlength=n_classes**2).reshape(n_classes, n_classes)


def t_interval(values: Any, level: float = 0.95) -> tuple[float, float]:
    """Confidence interval of the mean over seeds, by Student's t. Chapter 1.5.

    Parameters
    ----------
    values : array-like of shape (k,)
        One score per seed.
    level : float
        Share of such intervals that contain the true mean.

    Returns
    -------
    low, high : float
        NaN for a single value: one run has no spread.

    Raises
    ------
    UserError
        If there is no value, or the level is not between 0 and 1.

    Examples
    --------
    >>> low, high = t_interval([50.0, 52.0, 54.0])
    >>> round(low, 2), round(high, 2)
    (47.03, 56.97)
    """
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1 or not len(x):
        raise UserError(f"values of shape {x.shape} have no interval: give one score per seed")
    _check_level(level)
    if len(x) == 1:
        return float("nan"), float("nan")
    if np.allclose(x, x[0], rtol=1e-14, atol=0):  # a spread that drowns in rounding is none
        return float(x[0]), float(x[0])
    # The quantile alone: scipy.stats checks its input for a millisecond, and a page has a thousand intervals.
    half = special.stdtrit(len(x) - 1, (1 + level) / 2) * x.std(ddof=1) / len(x) ** 0.5
    return float(x.mean() - half), float(x.mean() + half)


def bootstrap_interval(
    truth: Any,
    predicted: Any,
    speakers: Any,
    metric: str = "war",
    draws: int = 2000,
    level: float = 0.95,
    random_state: int = 0,
) -> tuple[float, float]:
    """Bootstrap interval over speakers and their utterances. Chapter 1.5.

    Speakers are drawn with replacement, then for each drawn speaker as many utterances as the speaker has; the interval
    contains the middle share of the metric over the draws. With several runs the same draw serves all of them, and the
    metric is their mean.

    Parameters
    ----------
    truth : array-like of shape (n,)
    predicted : array-like of shape (n,) or (k, n)
        Predictions of one run, or of k runs (seeds).
    speakers : array-like of shape (n,)
    metric : {"war", "uar"}
        UAR is over the classes in a draw.
    draws : int
    level : float
    random_state : int

    Returns
    -------
    low, high : float
        Percent. With few speakers (four in C) the interval is rough and tends to be too short.

    Raises
    ------
    UserError
        If shapes do not match, or a setting is out of range.

    Notes
    -----
    Utterances with the same speaker, class and score are exchangeable, so a draw is a multinomial over such cells,
    without a loop over utterances.
    """
    t = np.asarray(truth)
    runs = np.atleast_2d(np.asarray(predicted))
    for run in runs:
        _codes(t, run, None)
    who = _speakers(speakers, len(t))
    if metric not in METRICS:
        raise UserError(f"metric {metric!r} is not known: use one of {', '.join(METRICS)}")
    if draws < 1:
        raise UserError(f"draws={draws}: at least 1 is needed")
    _check_level(level)
    hits = (runs == t).mean(0)  # share of the runs that recognise an utterance
    t = np.unique(t, return_inverse=True)[1]
    who = np.unique(who, return_inverse=True)[1]
    total, right = _drawn_hits(t.tobytes(), hits.tobytes(), who.tobytes(), draws, random_state)
    if metric == "war":
        values = right.sum(1) / total.sum(1)
    else:
        values = np.divide(right, total, out=np.zeros_like(right), where=total > 0).sum(1) / (total > 0).sum(1)
    low, high = np.quantile(100 * values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


@functools.lru_cache(maxsize=32)
def _drawn_hits(truth: bytes, hits: bytes, who: bytes, draws: int, random_state: int) -> tuple[np.ndarray, np.ndarray]:
    """How many utterances of each class a draw has, and how many of them are recognised: (draws, classes) both.

    They are kept, as WAR and UAR are asked of the same predictions, and rules often choose the same epoch.
    """
    t, share, speaker = np.frombuffer(truth, np.intp), np.frombuffer(hits), np.frombuffer(who, np.intp)
    classes, speakers = t.max() + 1, speaker.max() + 1
    rng = np.random.default_rng(random_state)
    times = rng.multinomial(speakers, np.full(speakers, 1 / speakers), size=draws)  # (draws, speakers)
    total, right = np.zeros((2, draws, classes))
    for s in range(speakers):
        cells, sizes = np.unique(np.stack([t[speaker == s], share[speaker == s]]), axis=1, return_counts=True)
        drawn = rng.multinomial(times[:, s] * sizes.sum(), sizes / sizes.sum())  # (draws, cells)
        of_class = np.eye(classes)[cells[0].astype(int)]  # (cells, classes)
        total += drawn @ of_class
        right += drawn @ (of_class * cells[1][:, None])
    return total, right


def epoch_rules(predictions: Any, truth: Any, criterion: Any = None) -> dict[str, int]:
    """The epoch that each rule chooses, given the predictions after every epoch. Chapter 3.4.

    Parameters
    ----------
    predictions : array-like of shape (epochs, n)
        Codes of the target's rows.
    truth : array-like of shape (n,)
        Target labels. Only the oracle uses them.
    criterion : array-like of shape (epochs,), optional
        Computed without labels, larger is better; by default the unsupervised rule is the final one.

    Returns
    -------
    dict of str to int
        Index of the epoch, by rule; the earliest of equals.

    Raises
    ------
    UserError
        If shapes do not match.

    Examples
    --------
    >>> epoch_rules([[0, 1], [0, 0], [1, 1]], truth=[0, 0])
    {'final': 2, 'unsupervised': 2, 'oracle': 1}
    """
    p = np.atleast_2d(np.asarray(predictions))
    t = np.asarray(truth)
    if not len(p) or p.shape[1:] != t.shape:
        raise UserError(f"predictions have shape {p.shape} and the truth {t.shape}: (epochs, n) and (n,) are needed")
    final = len(p) - 1
    unsupervised = final
    if criterion is not None:
        c = np.asarray(criterion, dtype=np.float64)
        if c.shape != (len(p),):
            raise UserError(f"the criterion has shape {c.shape}: give one number for each of the {len(p)} epochs")
        if np.isfinite(c).any():
            unsupervised = int(np.argmax(np.where(np.isfinite(c), c, -np.inf)))
    return {"final": final, "unsupervised": unsupervised, "oracle": int((p == t).mean(1).argmax())}


def _codes(truth: Any, predicted: Any, classes: Sequence[str] | None) -> tuple[np.ndarray, np.ndarray, list[Any]]:
    """Truth and predictions as codes of the classes (n,), and the classes."""
    t, p = np.asarray(truth), np.asarray(predicted)
    if t.shape != p.shape or t.ndim != 1:
        raise UserError(f"truth has shape {t.shape} and predictions {p.shape}: give one of each per utterance")
    if not len(t):
        raise UserError("there are no predictions to score: give at least one utterance")
    whole = all(np.issubdtype(a.dtype, np.integer) for a in (t, p))
    if classes is not None and whole:
        for name, codes in (("truth", t), ("predictions", p)):
            outside = np.unique(codes[(codes < 0) | (codes >= len(classes))])
            if len(outside):
                raise UserError(
                    f"the {name} contain the codes {_few(outside)}, but there are {len(classes)} classes: "
                    f"use 0 to {len(classes) - 1}"
                )
        return t.astype(np.int64), p.astype(np.int64), list(classes)
    if not whole:
        t, p = t.astype(str), p.astype(str)
    names = sorted(set(t.tolist()) | set(p.tolist())) if classes is None else list(classes)
    place = {name: i for i, name in enumerate(names)}
    strange = sorted((set(t.tolist()) | set(p.tolist())) - set(place))
    if strange:
        raise UserError(f"the labels {_few(strange)} are not among the classes {', '.join(names)}")
    return np.array([place[x] for x in t.tolist()]), np.array([place[x] for x in p.tolist()]), names


def _speakers(speakers: Any, n: int) -> np.ndarray:
    who = np.asarray(speakers)
    if who.shape != (n,):
        raise UserError(f"speakers have shape {who.shape}: give one for each of the {n} utterances")
    return who


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise UserError(f"level={level}: give a share between 0 and 1, as 0.95")


def _few(values: Any) -> str:
    shown = ", ".join(str(v) for v in list(values)[:10])
    return shown + (f" and {len(values) - 10} more" if len(values) > 10 else "")
