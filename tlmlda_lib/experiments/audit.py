"""What the published figures are made of: ours beside them under every rule, and the price of each choice. Chapter 3.4.

A price is what a choice adds to WAR, in points: the figure with it minus the figure without. Whatever uses target
labels is called oracle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tlmlda_lib.domains import OPEN_SCHEMES, PAPER_SCHEMES
from tlmlda_lib.evaluation import RULES, t_interval
from tlmlda_lib.experiments import criteria, published, store, tables
from tlmlda_lib.experiments.plans import PRICED, TABLE_3, TABLE_4

#: The cells of Tables 3 and 4 that B and C allow.
SCHEMES = tuple(s for s in PAPER_SCHEMES if s in OPEN_SCHEMES)

#: Epochs of the runs by which choices are priced, and how many of a run's last epochs stand for "where it ends up".
SHORT, LAST = 150, 50

Records = Sequence[Mapping[str, Any]]


def audit(records: Records) -> pd.DataFrame:
    """Published, README and ours, for every cell of Tables 3 and 4 that B and C allow.

    Returns
    -------
    DataFrame
        A row for each method, scheme and settings of ours: ``method``, ``scheme``, ``paper``, ``README`` (percent, or
        "not at hand", or "-" where the paper has no such row), ``ours`` (the settings), ``seeds``, ``epochs``;
        ``oracle``, ``unsupervised``, ``final``: mean WAR over the seeds; ``last 50``: mean over the last fifty epochs
        and the seeds; ``best of seeds``: the oracle's largest. "not run" where there is no record, "-" where a method
        has no epochs.
    """
    rows = []
    for method in dict.fromkeys((*TABLE_3, "only_cls", *TABLE_4)):
        for scheme in SCHEMES:
            cells: dict[str, list[Mapping[str, Any]]] = {}
            for r in records:
                if (r["method"], r["scheme"]) == (method, scheme) and r["grid"] in ("main", "authors"):
                    cells.setdefault(tables.settings(r), []).append(r)
            row: dict[str, Any] = {"method": published.NAMES[method], "scheme": scheme}
            for source, figures in (("paper", published.PAPER), ("README", published.README)):
                absent = "-" if method == "only_cls" else "not at hand"
                row[source] = figures.get(method, {}).get(scheme, absent)
            for settings, members in cells.items() or (("", []),):
                rows.append(row | {"ours": settings or "not run"} | _ours(members))
    return pd.DataFrame(rows)


def _ours(members: Records) -> dict[str, Any]:
    figures = ("oracle", "unsupervised", "final", "last 50", "best of seeds")
    if not members:
        return dict.fromkeys(("seeds", "epochs"), "-") | dict.fromkeys(figures, "not run")
    row: dict[str, Any] = {"seeds": len(members), "epochs": "-"}
    row |= {rule: float(np.mean([m["rules"][rule]["war"] for m in members])) for rule in ("oracle", *RULES[1::-1])}
    row["last 50"] = "-"
    if criteria.has_epochs(members[0]):
        row["epochs"] = members[0]["params"]["epochs"]
        row["last 50"] = float(np.mean([np.mean(m["curve"]["war"][-LAST:]) for m in members]))
    return row | {"best of seeds": max(m["rules"]["oracle"]["war"] for m in members)}


def prices(records: Records) -> pd.DataFrame:
    """What each choice adds, in points of WAR, one at a time.

    Returns
    -------
    DataFrame
        ``choice``, ``scheme``, ``seeds``; ``oracle`` and ``final``: mean difference over the seeds under both rules,
        each with ``low`` and ``high`` of its 95 % t interval; NaN where a rule has no meaning. What was not run has 0
        seeds.
    """
    runs = _by_settings(records)
    rows = []
    for scheme in SCHEMES:
        long = runs.get(("tlmlda", scheme, "authors", store.options_digest({})), {})
        for choice, gains in _of_curves(list(long.values())).items():
            rows.append({"choice": choice, "scheme": scheme} | _difference(gains, "oracle"))
        for choice, change in PRICED.items():
            without = runs.get(("tlmlda", scheme, "authors", store.options_digest({"epochs": SHORT, **change})), {})
            both = sorted(set(long) & set(without))
            row: dict[str, Any] = {"choice": choice, "scheme": scheme}
            for rule in ("oracle", "final"):
                row |= _difference([_short(long[k], rule) - _short(without[k], rule) for k in both], rule)
            rows.append(row)
    for scheme in OPEN_SCHEMES:
        svm = runs.get(("pca_svm", scheme, "zscore", store.options_digest({})), {})
        by_labels = [r["rules"]["oracle"]["war"] - r["rules"]["final"]["war"] for r in svm.values()]
        rows.append({"choice": "C of PCA + SVM by target labels", "scheme": scheme} | _difference(by_labels, "oracle"))
        ours = runs.get(("tlmlda", scheme, "recommended", store.options_digest({})), {})
        for within in ("corpus", "speaker"):
            other = runs.get(("tlmlda", scheme, "recommended", store.options_digest({"within": within})), {})
            both = sorted(set(ours) & set(other))
            row = {"choice": f"recommended: scaling within voices, not {within}", "scheme": scheme}
            for rule in ("oracle", "final"):
                row |= _difference([ours[k]["rules"][rule]["war"] - other[k]["rules"][rule]["war"] for k in both], rule)
            rows.append(row)
    columns = ["choice", "scheme", "seeds", *(f"{r}{x}" for r in ("oracle", "final") for x in ("", " low", " high"))]
    made = pd.DataFrame(rows, columns=columns)
    return made.sort_values(
        "choice", key=lambda c: c.map({x: i for i, x in enumerate(dict.fromkeys(c))}), kind="stable"
    )


def _of_curves(members: Records) -> dict[str, list[float]]:
    """Prices that one and the same run tells, for each seed (of the last, one figure)."""
    wars = [np.array(m["curve"]["war"]) for m in members]
    mean = np.mean(wars, axis=0) if wars else np.zeros(0)
    best = max((float(w.max()) for w in wars), default=np.nan)
    return {
        "the epoch by target labels": [float(w.max() - w[-LAST:].mean()) for w in wars],
        "the length of training by target labels": [float(w[mean.argmax()] - w[-LAST:].mean()) for w in wars],
        "the best of the seeds, at its best epoch": [best - float(np.mean([w.max() for w in wars]))] if wars else [],
    }


def _short(record: Mapping[str, Any], rule: str) -> float:
    """WAR of a run as it would have been with fewer epochs: these runs have a constant learning rate."""
    war = record["curve"]["war"][:SHORT]
    return float(max(war) if rule == "oracle" else war[-1])


def _difference(gains: Sequence[float], rule: str) -> dict[str, Any]:
    low, high = t_interval(gains) if gains else (np.nan, np.nan)
    mean = float(np.mean(gains)) if gains else np.nan
    return {"seeds": len(gains), rule: mean, f"{rule} low": low, f"{rule} high": high}


def _by_settings(records: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str, str], dict[int, Mapping[str, Any]]]:
    found: dict[tuple[str, str, str, str], dict[int, Mapping[str, Any]]] = {}
    for r in records:
        if r["grid"] in ("main", "authors", "prices"):
            key = (r["method"], r["scheme"], r["preset"], store.options_digest(r["overrides"]))
            found.setdefault(key, {})[r["seed"]] = r
    return found
