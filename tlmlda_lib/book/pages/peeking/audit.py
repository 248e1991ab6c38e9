"""What lifts the published scores, as tables for the command line. Chapter 3.4.

`peeks` makes the figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from tlmlda_lib.book.pages.peeking import best_epochs
from tlmlda_lib.book.pages.peeking import prices as pricing
from tlmlda_lib.book.pages.traced import Figure
from tlmlda_lib.experiments import criteria, published

Records = Sequence[Mapping[str, Any]]


def audit(records: Records) -> pd.DataFrame:
    """Scores of the paper, of the README and ours, for every cell of Tables 3 and 4 with B and C.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.

    Returns
    -------
    DataFrame
        A row for each method, scheme and settings of ours: ``method``, ``scheme``, ``paper``, ``README`` (percent, or
        "-" where there is no such row), ``ours`` (the settings), ``seeds``, ``epochs``; ``oracle``,
        ``unsupervised``, ``final``, ``score`` (`tlmlda_lib.experiments.policy.score`): mean WAR over the seeds; ``best
        of seeds``: the oracle's largest. "not run" where there is no record.
    """
    rows: list[dict[str, Any]] = []
    for scheme in best_epochs.SCHEMES:
        for method, settings, members, line in best_epochs.lines(records, scheme):
            epochs = members[0]["params"]["epochs"] if members and criteria.has_epochs(members[0]) else "-"
            rows.append(
                {"method": published.NAMES[method], "scheme": scheme}
                | {source: _number(line[source]) for source in ("paper", "README")}
                | {"ours": settings or "not run", "seeds": len(members) or "-", "epochs": epochs}
                | {column: _number(line[column]) for column in best_epochs.COLUMNS}
            )
    return _together(rows, "method")


def prices(records: Records) -> pd.DataFrame:
    """What each choice adds, in points of WAR, one at a time.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.

    Returns
    -------
    DataFrame
        ``choice``, ``scheme``, ``seeds``; ``oracle`` and ``score``: mean difference over the seeds under each, with
        ``low`` and ``high`` of its 95 % t interval; NaN where a rule has no meaning. What was not run has 0 seeds.
    """
    rows: list[dict[str, Any]] = []
    for choice, of in pricing.of_choices(records).items():
        for scheme, figures in of.items():
            ones = [figure if isinstance(figure, Figure) else Figure(float("nan")) for figure in figures]
            row: dict[str, Any] = {
                "choice": choice,
                "scheme": scheme,
                "seeds": len(ones[0].by_seed or ones[0].records),
            }
            for rule, one in zip(("oracle", "score"), ones, strict=True):
                row |= {rule: one.value, f"{rule} low": one.low, f"{rule} high": one.high}
            rows.append(row)
    return _together(rows, "choice")


def _number(figure: Figure | str) -> float | str:
    return str(figure) if isinstance(figure, str) or pd.isna(figure.value) else figure.value


def _together(rows: list[dict[str, Any]], column: str) -> pd.DataFrame:
    """A table whose rows of one name stand together, in the order of the names' first."""
    first = {name: i for i, name in enumerate(dict.fromkeys(row[column] for row in rows))}
    return pd.DataFrame(sorted(rows, key=lambda row: first[row[column]]))
