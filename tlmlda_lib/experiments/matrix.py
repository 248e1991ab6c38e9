"""Every corpus on every other, with transfer and without. Chapter 3.4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd

from tlmlda_lib import corpora
from tlmlda_lib.domains import schemes
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import policy, query, run
from tlmlda_lib.experiments.plans import Cell

#: Collection of the records.
GRID = "matrix"

#: Without transfer, and with it.
METHODS = ("only_cls", "tlmlda")

#: Notes of the table and the picture.
CAPTION = (
    "WAR % on the target (last epoch, mean over the seeds): learnt on the row, tested on the column. The emotions are "
    "those that the two have in common, so that chance differs."
)


def pairs(names: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Schemes of all ordered pairs, and the pairs that make none, with the reason.

    Parameters
    ----------
    names : sequence of str
        Corpora by name or letter, at least two.

    Raises
    ------
    UserError
        If they are fewer than two, one is not known, or one occurs twice.
    """
    known = [corpora.corpus_name(name) for name in names]
    if twice := next((name for name in known if known.count(name) > 1), None):
        raise UserError(f"corpus {twice!r} is named twice: name each once")
    if len(known) < 2:
        raise UserError(f"a matrix of {', '.join(known) or 'no corpus'}: name at least two corpora")
    made, none = [], {}
    for source, target in permutations(known, 2):
        try:
            made.append(str(schemes.Scheme((source,), target)))
        except UserError as error:
            none[f"{source} to {target}"] = str(error)
    return made, none


def cells(
    names: Sequence[str], features: tuple[str, ...], preset: str | None = None, seeds: int = 3, **params: Any
) -> list[Cell]:
    """The runs of a matrix.

    Parameters
    ----------
    names : sequence of str
        As in `pairs`.
    features : tuple of str
        Feature sets.
    preset : str, optional
        By default the recommended one for the features.
    seeds : int
    **params
        Options that differ from the preset.
    """
    return [
        Cell(scheme, method, preset or run.default_preset(method, features), seed, params, GRID, features)
        for scheme in pairs(names)[0]
        for method in METHODS
        for seed in range(seeds)
    ]


def table(records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """A row for each pair: scores without transfer and with it.

    Parameters
    ----------
    records : iterable of dict
        Of one feature set and one setting.

    Returns
    -------
    DataFrame
        ``source target emotions chance seeds``, in percent ``only_cls only_cls_low only_cls_high tlmlda tlmlda_low
        tlmlda_high``, with 95 % t intervals over the seeds (NaN for fewer than three), ``gain`` in points, and ``uar``
        of both.
    """
    by_scheme: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for r in query.selected(r for r in records if r["method"] in METHODS):
        by_scheme.setdefault(r["scheme"], {}).setdefault(r["method"], []).append(r)
    rows = []
    for scheme, own in by_scheme.items():
        one, first = schemes.parse(scheme), next(iter(own.values()))[0]
        row: dict[str, Any] = {"source": one.sources[0], "target": one.target, "emotions": len(first["classes"])}
        row |= {"chance": first["floor"]["chance"], "seeds": max(map(len, own.values()))}
        for method in METHODS:
            wars = [policy.score(r) for r in own.get(method, [])]
            uars = [policy.score(r, "uar") for r in own.get(method, [])]
            row[method] = float(np.mean(wars)) if wars else float("nan")
            row[f"{method}_low"], row[f"{method}_high"] = policy.interval(wars)
            row[f"{method}_uar"] = float(np.mean(uars)) if uars else float("nan")
        rows.append(row | {"gain": row["tlmlda"] - row["only_cls"]})
    return pd.DataFrame(rows)


def squares(table: pd.DataFrame) -> pd.DataFrame:
    """A row for each source and a column for each target: the score with transfer, and what it gains.

    Parameters
    ----------
    table : DataFrame
        As from the function `table`.

    Returns
    -------
    DataFrame of str
        As "63.1 (+6.2)"; "" where there is no run.
    """
    order = list(dict.fromkeys([*table["source"], *table["target"]]))
    cells = {
        (row["source"], row["target"]): f"{row['tlmlda']:.1f} ({row['gain']:+.1f})"
        for row in table.to_dict("records")
        if not np.isnan(row["gain"])
    }
    rows = [{"learnt on": s, **{t: cells.get((s, t), "") for t in order}} for s in order]
    return pd.DataFrame(rows)
