"""Scores by features: each feature set with each way of aligning, over the open six. Chapter 4.1.

All settings are those of the preset that was chosen without the target: `recommended-without-T` (chapter 3.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from tlmlda_lib import features
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import policy, published, query

#: Collection of the records.
GRID = "feature-sets"

#: What was chosen.
BEST = (features.ENCODER, "resemblyzer")

#: The feature sets, in words.
SETS: dict[tuple[str, ...], str] = {
    ("is10",): "IS10",
    ("resemblyzer",): "speaker encoder",
    (features.ENCODER,): "layer 3 of Whisper",
    BEST: "layer 3 + speaker encoder",
}

#: Every hidden layer of the encoder, from its input on.
LAYERS = tuple(f"{features.ENCODER.partition(':')[0]}:{layer}" for layer in range(7))

#: No transfer, MMD alone, LMMD alone, both.
METHODS = ("only_cls", "tlmlda_m", "tlmlda_l", "tlmlda")

#: By feature set and method, the scores of each seed by scheme.
Scores = Mapping[tuple[tuple[str, ...], str], Mapping[int, Mapping[str, float]]]


def scores(records: Iterable[Mapping[str, Any]], metric: str = "war") -> dict[Any, dict[int, dict[str, float]]]:
    """Scores of the open six, by feature set and method, seed and scheme.

    Parameters
    ----------
    records : iterable of dict
        As from `tlmlda_lib.experiments.shipped.records`; other collections and changed options are skipped.
    metric : {"war", "uar"}
    """
    found: dict[Any, dict[int, dict[str, float]]] = {}
    wanted = (r for r in records if r["grid"] == GRID and r["scheme"] in OPEN_SCHEMES and not r["overrides"])
    for r in query.selected(wanted):
        key = tuple(r["data"]["features"]), r["method"]
        if key[0] in SETS and key[1] in METHODS:
            found.setdefault(key, {}).setdefault(r["seed"], {})[r["scheme"]] = policy.score(r, metric)
    return found


def means(by_seed: Mapping[int, Mapping[str, float]]) -> dict[int, float]:
    """Mean over the open six, of each seed that has them all.

    Parameters
    ----------
    by_seed : mapping of int to mapping
        Scores by seed and scheme.
    """
    return {
        seed: float(np.mean([of[s] for s in OPEN_SCHEMES]))
        for seed, of in sorted(by_seed.items())
        if all(s in of for s in OPEN_SCHEMES)
    }


def table(records: Iterable[Mapping[str, Any]], metric: str = "war") -> pd.DataFrame:
    """A row for each feature set and method: its mean over the open six, and what it gains over no transfer.

    Parameters
    ----------
    records, metric
        As in `scores`.

    Returns
    -------
    DataFrame
        ``features method``; each scheme, and ``mean``, in percent; ``low high``, the 95 % t interval of the mean over
        the seeds; ``gain`` over no transfer with the same features and seeds, in points, ``gain low gain high``;
        ``seeds``.

    Raises
    ------
    UserError
        If there are no such records.
    """
    found = scores(records, metric)
    if not found:
        raise UserError("there are no records of features: `tlmlda reproduce feature-sets` makes them")
    rows = []
    for sets, words in SETS.items():
        plain = means(found.get((sets, "only_cls"), {}))
        for method in METHODS:
            if (sets, method) not in found:
                continue
            by_seed = found[sets, method]
            whole = means(by_seed)
            gains = [whole[k] - plain[k] for k in whole if k in plain and method != "only_cls"]
            row: dict[str, Any] = {"features": words, "method": published.NAMES[method]}
            for scheme in OPEN_SCHEMES:
                of = [values[scheme] for values in by_seed.values() if scheme in values]
                row[scheme] = float(np.mean(of)) if of else float("nan")
            row["mean"] = float(np.mean([*whole.values()])) if whole else float("nan")
            row["low"], row["high"] = policy.interval([*whole.values()])
            row["gain"] = float(np.mean(gains)) if gains else float("nan")
            row["gain low"], row["gain high"] = policy.interval(gains)
            rows.append(row | {"seeds": len(whole)})
    return pd.DataFrame(rows)
