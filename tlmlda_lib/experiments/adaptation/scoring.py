"""An answer against labels that were read afterwards, apart. Chapter 3.5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from tlmlda_lib import corpora, evaluation
from tlmlda_lib.errors import UserError

#: Columns of an answer that are no emotion.
_OTHERS = ("emotion", "agreement", "without_transfer", "unsure")


@dataclass(frozen=True, eq=False)
class Score:
    """How often an answer is right.

    Attributes
    ----------
    labelled : int
        Recordings of the answer that have a label.
    outside : dict of str to int
        Of these, recordings with an emotion that the networks do not know, by emotion: they cannot be right, and
        are in ``confusion`` alone.
    classes, truth : tuple of str
        Columns and rows of ``confusion``: emotions as named, and as labelled.
    confusion : ndarray of shape (len(truth), len(classes)), int64
    war, uar, chance, majority, without_transfer : float
        Percent, of the recordings whose emotion the networks know; ``without_transfer`` is the WAR without transfer.
    war_interval, uar_interval : tuple of float
        95 % bootstrap interval over speakers. If fewer than two speakers are known, Wilson's of a proportion over
        recordings for WAR, and a bootstrap over recordings for UAR; NaN where its draws do not differ.
    over : {"speakers", "recordings"}
    recall : dict of str to (float, float, float, int)
        By emotion: percent, its interval, number of recordings. The interval is Wilson's, too, where the recordings
        of an emotion have one speaker, or all or none of them is right: a bootstrap would have no width.
    genders : dict of str to (float, float, float, int)
        The same for the recordings of each gender.
    sure, unsure : (float, int)
        WAR of the recordings on which all networks agreed, of the others, and their number.
    """

    labelled: int
    outside: dict[str, int]
    classes: tuple[str, ...]
    truth: tuple[str, ...]
    confusion: NDArray[np.int64]
    war: float
    uar: float
    chance: float
    majority: float
    without_transfer: float
    war_interval: tuple[float, float]
    uar_interval: tuple[float, float]
    over: str
    recall: dict[str, tuple[float, float, float, int]]
    genders: dict[str, tuple[float, float, float, int]]
    sure: tuple[float, int]
    unsure: tuple[float, int]

    def to_json(self) -> dict[str, Any]:
        """All of it, as JSON can hold it; NaN, where there is nothing to score, becomes null."""
        found = {**self.__dict__, "confusion": self.confusion.tolist()}
        return {k: _plain(v) for k, v in found.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if np.isnan(value) else value
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, tuple | list) else value


def score(predictions: pd.DataFrame, folder: Path, labels: pd.DataFrame) -> Score:
    """Compare an answer with labels. Chapter 3.5.

    Parameters
    ----------
    predictions : DataFrame
        `tlmlda_lib.experiments.adaptation.Answer.predictions`.
    folder : Path
        What its files' names are relative to.
    labels : DataFrame
        As from `tlmlda_lib.corpora.load`, indexed by absolute paths.

    Raises
    ------
    UserError
        If no recording of the answer has a label.
    """
    names = dict(zip((str((folder / f).resolve()) for f in predictions.index), predictions.index, strict=True))
    return compare(predictions, labels.set_axis([names.get(str(f), str(f)) for f in labels.index]))


def compare(predictions: pd.DataFrame, labels: pd.DataFrame) -> Score:
    """Compare an answer with labels whose recordings have the names of the answer. Chapter 3.5.

    Parameters
    ----------
    predictions : DataFrame
        `tlmlda_lib.experiments.adaptation.Answer.predictions`.
    labels : DataFrame
        As from `tlmlda_lib.corpora.load`, indexed as ``predictions``.

    Raises
    ------
    UserError
        If no recording of the answer has a label.
    """
    shared = predictions.index.intersection(labels.index[labels["emotion"].notna()])
    if shared.empty:
        unknown = (
            f"none of the {len(labels)} labelled recordings is among the {len(predictions)} of the answer, "
            f"first {labels.index[0]}: name them as predictions.csv does"
        )
        raise UserError(
            f"{unknown}, or by paths that lead to the same files", f"{unknown}, or give their folder with --target"
        )
    said, true = predictions.loc[shared], labels.loc[shared]
    classes = tuple(str(c) for c in predictions.columns if c not in _OTHERS)
    known = true["emotion"].isin(classes).to_numpy()
    counts = true["emotion"][~known].value_counts()
    truth = tuple(e for e in corpora.EMOTIONS if e in set(true["emotion"]))
    confusion = pd.crosstab(true["emotion"], said["emotion"]).reindex(index=truth, columns=classes, fill_value=0)
    return Score(
        labelled=len(shared),
        outside={str(k): int(v) for k, v in counts.sort_index().items()},
        classes=classes,
        truth=truth,
        confusion=confusion.to_numpy(np.int64),
        **_of_known(said[known], true[known], classes),
    )


def _of_known(said: pd.DataFrame, true: pd.DataFrame, classes: Sequence[str]) -> dict[str, Any]:
    """Everything that is counted over the recordings whose emotion the networks know."""
    truth, named = true["emotion"].to_numpy(str), said["emotion"].to_numpy(str)
    who, over = _units(true)
    nothing = float("nan")
    scores: dict[str, Any] = dict.fromkeys(("war", "uar", "chance", "majority", "without_transfer"), nothing)
    scores |= {"war_interval": (nothing, nothing), "uar_interval": (nothing, nothing)}
    if len(truth):
        report = evaluation.report(truth, named, classes=list(classes))
        scores = {"war": report.war, "uar": report.uar, "chance": report.chance, "majority": report.majority}
        scores["without_transfer"] = evaluation.war(truth, said["without_transfer"].to_numpy(str))
        scores["war_interval"] = _interval(truth, named, who)
        low, high = evaluation.bootstrap_interval(truth, named, who, "uar")
        scores["uar_interval"] = (low, high) if low < high else (nothing, nothing)
    genders = true["gender"].fillna("").to_numpy(str)
    unsure = said["unsure"].to_numpy(bool)
    return scores | {
        "over": over,
        "recall": {e: _share(truth, named, who, truth == e) for e in classes if (truth == e).any()},
        "genders": {g: _share(truth, named, who, genders == g) for g in sorted(set(genders) - {""})},
        "sure": _right(truth, named, ~unsure),
        "unsure": _right(truth, named, unsure),
    }


def _units(true: pd.DataFrame) -> tuple[NDArray[Any], str]:
    """What an interval is over: speakers where two or more are named, otherwise recordings."""
    speakers = true["speaker"].fillna("unknown").to_numpy(str)
    if len(set(speakers)) > 1:
        return speakers, "speakers"
    return np.arange(len(true)).astype(str), "recordings"


def _share(
    truth: NDArray[Any], named: NDArray[Any], who: NDArray[Any], rows: NDArray[np.bool_]
) -> tuple[float, float, float, int]:
    low, high = _interval(truth[rows], named[rows], who[rows])
    return evaluation.war(truth[rows], named[rows]), low, high, int(rows.sum())


def _interval(truth: NDArray[Any], named: NDArray[Any], who: NDArray[Any]) -> tuple[float, float]:
    """95 % interval of the share that is right: a bootstrap over speakers, or Wilson's where it would have no width."""
    n, right, speakers = len(truth), int((truth == named).sum()), len(set(who))
    if 1 < speakers < n and 0 < right < n:
        return evaluation.bootstrap_interval(truth, named, who)
    ends = scipy.stats.binomtest(right, n).proportion_ci(method="wilson")
    return float(100 * ends.low), float(100 * ends.high)


def _right(truth: NDArray[Any], named: NDArray[Any], rows: NDArray[np.bool_]) -> tuple[float, int]:
    share = float(100 * (truth[rows] == named[rows]).mean()) if rows.any() else float("nan")
    return share, int(rows.sum())
