"""How near our versions of Table 4's methods come to the printed scores. Chapters 3.3 and 3.4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.peeking import best_epochs
from tlmlda_lib.experiments import policy, published, query

Record = Mapping[str, Any]

#: By scheme and method what `row` gives.
Rows = Mapping[str, Mapping[str, Sequence[traced.Figure | str]]]


def cells(records: Iterable[Record], method: str, scheme: str) -> dict[str, list[query.Record]]:
    """Records of a method on a scheme in collection "main", unchanged, by preset: every scaling we ran.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    method : str
        A key of `tlmlda_lib.methods.METHODS`.
    scheme : str
        As "C2B".
    """
    kept = [r for r in records if (r["method"], r["scheme"]) == (method, scheme)]
    presets = dict.fromkeys(r["preset"] for r in kept)
    found = {preset: query.runs(kept, query.Kind(method, preset), scheme) for preset in presets}
    return {preset: members for preset, members in found.items() if members}


def best(records: Iterable[Record], method: str, scheme: str, rule: str = "score") -> tuple[str, traced.Figure]:
    """The preset with the highest mean over its seeds, by the score or the oracle, and that mean.

    To take the best of several scalings is a choice by target labels, in the printed method's favour.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    method : str
        A key of `tlmlda_lib.methods.METHODS`.
    scheme : str
        As "C2B".
    rule : {"score", "oracle"}
        The rule for the epoch.

    Returns
    -------
    preset : str
        "" where nothing was run.
    figure : Figure
    """

    def of(record: Record) -> float:
        return policy.score(record) if rule == "score" else float(record["rules"][rule]["war"])

    each = {
        p: best_epochs.of_seeds(members, of, f"{rule} war") for p, members in cells(records, method, scheme).items()
    }
    if not each:
        return "", traced.Figure(float("nan"), what=f"{rule} war")
    preset = max(each, key=lambda p: each[p].value)
    return preset, each[preset]


def row(records: Iterable[Record], method: str, scheme: str) -> list[traced.Figure | str]:
    """Printed; ours in the best scaling by the oracle and by the score; and the printed score minus the former.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    method : str
        A key of `tlmlda_lib.methods.METHODS`.
    scheme : str
        As "C2B".
    """
    kept = list(records)
    printed = traced.published("paper", method, scheme)
    _, oracle = best(kept, method, scheme, "oracle")
    preset, score = best(kept, method, scheme)
    return [printed, oracle, score, preset, short(printed, oracle)]


def short(printed: traced.Figure, ours: traced.Figure) -> traced.Figure:
    """Printed score minus ours, in points.

    Parameters
    ----------
    printed : Figure
        The printed score.
    ours : Figure
        Our score.
    """
    return traced.Figure(
        printed.value - ours.value, records=ours.records, what=f"{printed.what} minus {ours.what}", signed=True
    )


def rows(records: Iterable[Record], schemes: Iterable[str]) -> Rows:
    """Every method of Table 4 on these schemes.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    schemes : sequence of str
        As ("B2C", "C2B").
    """
    kept = list(records)
    return {s: {m: row(kept, m, s) for m in published.TABLE4_PRINTED} for s in schemes}


def table(lines: Mapping[str, Sequence[traced.Figure | str]], caption: str) -> str:
    """One scheme's rows as HTML.

    Parameters
    ----------
    lines : mapping of str to sequence of Figure or str
        As from `rows`, for one scheme.
    caption : str
        Title of the table.
    """
    heads = ["paper", "ours, oracle", "ours, score", "scaling", "paper minus oracle"]
    return traced.table([published.marked(m) for m in lines], heads, list(lines.values()), caption, "method")


def gaps(found: Rows) -> list[tuple[str, str, traced.Figure]]:
    """Method, scheme and printed score minus oracle of each reconstruction.

    Parameters
    ----------
    found : Rows
        As from `rows`.
    """
    return [
        (m, scheme, line[-1])
        for scheme, lines in found.items()
        for m, line in lines.items()
        if m in published.RECONSTRUCTED and isinstance(line[-1], traced.Figure)
    ]


def behind(found: Rows, points: float = 2.0) -> list[tuple[str, str, traced.Figure]]:
    """The `gaps` above a margin, the widest first.

    Parameters
    ----------
    found : Rows
        As from `rows`.
    points : float
        Margin in points.
    """
    return sorted((x for x in gaps(found) if x[2].value > points), key=lambda x: -x[2].value)
