"""Tables 3 and 4 as printed, our scores below each row, and the six schemes that anyone can run. Chapter 3.1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tlmlda_lib.domains import OPEN_SCHEMES, PAPER_SCHEMES
from tlmlda_lib.experiments import policy, published, query, tables

Records = Sequence[Mapping[str, Any]]

#: Entry for a missing number.
NOTHING = "-"

#: Our preset beside a printed row: for each method the scaling that it needs, or its default.
OURS = dict.fromkeys(published.ROWS["table3"], "recommended-is10") | {
    "pca_svm": "zscore",
    "dosl": "minmax",
    "tsdsl": "zscore",
    "jdar": "minmax",
    "dbn_bp": "fast",
}


def defaults(name: str) -> str:
    """The presets of `OURS` in a table, in words.

    Parameters
    ----------
    name : str
        "table3" or "table4".
    """
    rows = published.ROWS.get(name, OURS)
    names: dict[str, list[str]] = {}
    for method in rows:
        names.setdefault(OURS[method], []).append(published.NAMES[method])
    if len(names) == 1:
        return next(iter(names))
    return "; ".join(f"{preset} ({', '.join(methods)})" for preset, methods in names.items())


def of_the_paper(
    name: str,
    records: Records,
    *,
    rule: str = "score",
    metric: str = "war",
    preset: str | None = None,
    each_seed: bool = False,
) -> pd.DataFrame:
    """Table 3 or 4 as printed, beside our scores: methods down, the paper's six schemes across. Chapter 3.1.

    Parameters
    ----------
    name : {"table3", "table4"}
    records : sequence of dict
    rule, metric : str
        For our scores: "score" (`tlmlda_lib.experiments.policy.score`), or a rule of `tlmlda_lib.evaluation`.
    preset : str, optional
        Of our runs, with changed options as in `tables.settings` ("quick, epochs=5"); by default `OURS`.
    each_seed : bool
        A row per seed instead of their mean.

    Returns
    -------
    DataFrame
        ``method``, ``source`` ("paper", "README", "ours" or "reconstructed", "± over 5 seeds"), a
        column for each scheme and ``mean``, all of them text: printed numbers have two decimals, ours one, and "-" is a
        missing number. The mean of "paper" is the printed average.
    """
    printed = {"table3": published.TABLE3_PRINTED, "table4": published.TABLE4_PRINTED}[name]
    empty = dict.fromkeys((*PAPER_SCHEMES, published.AVERAGE), NOTHING)
    rows: list[dict[str, str]] = []
    for method in published.ROWS[name]:
        for source, of in (("paper", printed), ("README", published.README)):
            if method in of:
                rows.append(_row(method, source, empty | {s: f"{v:.2f}" for s, v in of[method].items()}))
        rows += _ours(method, records, PAPER_SCHEMES, rule, metric, preset, each_seed)
    return pd.DataFrame(rows, columns=["method", "source", *PAPER_SCHEMES, published.AVERAGE])


def of_open_schemes(
    records: Records,
    *,
    rule: str = "score",
    metric: str = "war",
    preset: str | None = None,
    each_seed: bool = False,
) -> pd.DataFrame:
    """The same for the six schemes that anyone can run, for which nothing is printed. Chapter 3.1.

    Parameters
    ----------
    records, rule, metric, preset, each_seed
        As in `of_the_paper`.
    """
    methods = dict.fromkeys((*published.ROWS["table3"], *published.ROWS["table4"]))
    rows = [r for m in methods for r in _ours(m, records, OPEN_SCHEMES, rule, metric, preset, each_seed)]
    return pd.DataFrame(rows, columns=["method", "source", *OPEN_SCHEMES, published.AVERAGE])


def _row(method: str, source: str, cells: Mapping[str, str]) -> dict[str, str]:
    return {"method": published.NAMES[method], "source": source} | dict(cells)


def _ours(
    method: str,
    records: Records,
    schemes: Sequence[str],
    rule: str,
    metric: str,
    preset: str | None,
    each_seed: bool,
) -> list[dict[str, str]]:
    """Our rows for a method: the mean over seeds and its interval, or each seed."""
    word = "reconstructed" if method in published.RECONSTRUCTED else "ours"
    empty = dict.fromkeys((*schemes, published.AVERAGE), NOTHING)
    scores: dict[str, dict[int, float]] = {}
    mine = [r for r in records if (r["method"], tables.settings(r)) == (method, preset or OURS[method])]
    for scheme in schemes:
        for r in query.one_set(r for r in mine if r["scheme"] == scheme):
            scores.setdefault(scheme, {})[r["seed"]] = tables.number(r, rule, metric)
    if not scores:
        return [_row(method, word, empty)]
    every = sorted({k for of in scores.values() for k in of})
    if each_seed:
        found = {k: {s: of[k] for s, of in scores.items() if k in of} for k in every}
        return [_row(method, f"{word} seed {k}", empty | _with_mean(found[k], schemes, "{:.1f}")) for k in every]
    means = {s: float(np.mean([*of.values()])) for s, of in scores.items()}
    rows = [_row(method, word, empty | _with_mean(means, schemes, "{:.1f}"))]
    by_seed = {s: [*of.values()] for s, of in scores.items()}
    if all(s in scores for s in schemes):
        shared = set.intersection(*(set(of) for of in scores.values()))
        by_seed[published.AVERAGE] = [float(np.mean([scores[s][k] for s in schemes])) for k in sorted(shared)]
    ends = {s: policy.interval(values) for s, values in by_seed.items()}
    spread = {s: f"{(high - low) / 2:.1f}" for s, (low, high) in ends.items() if low == low}
    if spread:
        rows.append(_row(method, f"\N{PLUS-MINUS SIGN} over {len(every)} seeds", empty | spread))
    return rows


def _with_mean(found: Mapping[str, float], schemes: Sequence[str], form: str) -> dict[str, str]:
    """Numbers as text, with their mean if every scheme has one."""
    whole = all(s in found for s in schemes)
    mean = {published.AVERAGE: float(np.mean([found[s] for s in schemes]))} if whole else {}
    return {name: form.format(value) for name, value in {**found, **mean}.items()}


def unrun(table: pd.DataFrame) -> list[str]:
    """Columns of a table in which only others' scores stand.

    Parameters
    ----------
    table : DataFrame
        As from `of_the_paper`; any other has none.
    """
    if "source" not in table:
        return []
    own = table[~table["source"].isin(["paper", "README"])]
    schemes = [name for name in table if name not in ("method", "source")]
    found = [str(name) for name in schemes if own[name].isin(["-", ""]).all()]
    return found if len(found) < len(schemes) else []


def labelled(table: pd.DataFrame) -> pd.DataFrame:
    """A table for a narrow terminal: one column for method and source, the method on its first row only.

    Parameters
    ----------
    table : DataFrame
        As from `of_the_paper`.
    """
    if "source" not in table:
        return table
    first = table["method"] != table["method"].shift()
    names = [
        f"{method}, {source}" if new else f"  {source}"
        for method, source, new in zip(table["method"], table["source"], first, strict=True)
    ]
    return table.drop(columns="source").assign(method=names)
