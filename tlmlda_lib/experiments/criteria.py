"""How well criteria without target labels choose the epoch, from the curves of records. Chapter 3.4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import scipy

from tlmlda_lib.experiments import tables
from tlmlda_lib.training import criteria

#: Every way to choose an epoch without target labels: the criteria, and the last epoch.
WAYS = (*criteria.CRITERIA, "final")


def has_epochs(record: Mapping[str, Any]) -> bool:
    """Whether a record's curve is over epochs; otherwise it is over settings, without criteria.

    Parameters
    ----------
    record : dict
        A record.
    """
    return bool(set(criteria.CRITERIA) & set(record["curve"]))


def can_be_cut(record: Mapping[str, Any]) -> bool:
    """Whether the first epochs of a run equal a shorter run: nothing in it depends on its length.

    Parameters
    ----------
    record : dict
        A record.
    """
    p = record["params"]
    return p.get("schedule") == "constant" and not p.get("averaged") and not p.get("ramp")


def agreement(criterion: Any, war: Any) -> tuple[float, float]:
    """How well a criterion follows the target's WAR over the epochs of a run. Chapter 3.4.

    Parameters
    ----------
    criterion, war : array-like of shape (epochs,)
        Larger is better; epochs with a criterion that is not finite do not count. WAR in percent.

    Returns
    -------
    spearman : float
        Rank correlation; NaN for fewer than two epochs or if one of the two is constant.
    regret : float
        WAR of the best epoch minus WAR of the epoch with the largest criterion (the first of equals), in points; NaN if
        the criterion is never finite.
    """
    c, w = np.asarray(criterion, dtype=np.float64), np.asarray(war, dtype=np.float64)
    finite = np.isfinite(c)
    if not finite.any():
        return float("nan"), float("nan")
    regret = float(w.max() - w[np.argmax(np.where(finite, c, -np.inf))])
    c, w = c[finite], w[finite]
    if len(c) < 2 or np.ptp(c) == 0 or np.ptp(w) == 0:
        return float("nan"), regret
    return float(scipy.stats.spearmanr(c, w).statistic), regret


def runs(records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """A row for each record with epochs and each criterion.

    Parameters
    ----------
    records : iterable of dict
        Records.

    Returns
    -------
    DataFrame
        The columns of `tables.KEYS`, ``settings``, ``seed``, ``criterion`` (one of `WAYS`), ``spearman`` (NaN for the
        last epoch) and ``regret`` (points).
    """
    rows = []
    for r in records:
        war = r["curve"]["war"]
        if not has_epochs(r):
            continue
        cell = {key: r[key] for key in tables.KEYS} | {"settings": tables.settings(r), "seed": r["seed"]}
        for name in WAYS:
            if name == "final":
                spearman, regret = float("nan"), max(war) - war[-1]
            elif name in r["curve"]:
                spearman, regret = agreement([np.nan if v is None else v for v in r["curve"][name]], war)
            else:
                continue
            rows.append(cell | {"criterion": name, "spearman": spearman, "regret": regret})
    return pd.DataFrame(rows, columns=[*tables.KEYS, "settings", "seed", "criterion", "spearman", "regret"])


def summary(records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Means over the seeds (where a correlation is defined): a row for each scheme, method and settings.

    Parameters
    ----------
    records : iterable of dict
        Records.

    Returns
    -------
    DataFrame
        ``scheme method settings seeds`` and, for each criterion, ``<name>_spearman`` and ``<name>_regret``, in points
        of WAR; ``final_regret`` is that of the last epoch.
    """
    each = runs(records)
    keys = ["scheme", "method", "settings"]
    rows = []
    for key, group in each.groupby(keys, sort=False):
        row: dict[str, Any] = dict(zip(keys, key, strict=True)) | {"seeds": group["seed"].nunique()}
        for name in WAYS:
            of_name = group[group["criterion"] == name]
            if name != "final":
                row[f"{name}_spearman"] = of_name["spearman"].mean()
            row[f"{name}_regret"] = of_name["regret"].mean()
        rows.append(row)
    return pd.DataFrame(rows)
