"""The gain from peeking, with the records of each number, and the curves behind it. Chapter 3.4.

Whatever uses target labels is called oracle. `audit` prints the same as tables; `pricing` says what each choice adds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.traced import Figure
from tlmlda_lib.domains import OPEN_SCHEMES, PAPER_SCHEMES
from tlmlda_lib.experiments import criteria, policy, published, query, tables
from tlmlda_lib.experiments.plans import TABLE_3, TABLE_4

Record = Mapping[str, Any]

#: The cells of Tables 3 and 4 that B and C allow.
SCHEMES = tuple(s for s in PAPER_SCHEMES if s in OPEN_SCHEMES)

#: Epochs of the runs by which choices are priced.
SHORT = 150

#: Whose curves are shown: the method, its ablations, and the network without transfer.
SHOWN = ("tlmlda", *(m for m in TABLE_3 if m != "tlmlda"), "only_cls")

#: Rules of the audit's columns; the first two are chosen by target labels. "score" is `policy.score`.
COLUMNS = ("oracle", "best of seeds", "unsupervised", "final", "score")


def whole(records: Iterable[Record]) -> list[Record]:
    """Records of the main and the authors' collection with at most another number of epochs.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """
    return [r for r in records if r["grid"] in ("main", "authors") and not set(r["overrides"]) - {"epochs"}]


def groups(records: Iterable[Record]) -> dict[tuple[str, str, str], list[Record]]:
    """Records of one scheme, method and settings, by these.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """
    found: dict[tuple[str, str, str], list[Record]] = {}
    for r in records:
        found.setdefault((r["scheme"], r["method"], tables.settings(r)), []).append(r)
    return found


def series(records: Iterable[Record]) -> list[dict[str, Any]]:
    """Curves for the page to draw, in hundredths of a percent, the longest runs of a scheme first.

    Parameters
    ----------
    records : iterable of dict
        As `tlmlda_lib.experiments.shipped.records` gives them.

    Returns
    -------
    list of dict
        ``scheme method preset epochs seeds``; ``war``, a curve for each seed; ``unsupervised``, the epoch that InfoMax
        chose, from 1; ``paper`` and ``readme``, published figures or None; ``records``, the curves' records.
    """
    made = []
    for (scheme, method, _), members in groups(whole(records)).items():
        if method not in SHOWN or scheme not in OPEN_SCHEMES or not criteria.has_epochs(members[0]):
            continue
        printed = {
            key: figures.get(method, {}).get(scheme)
            for key, figures in (("paper", published.PAPER), ("readme", published.README))
        }
        made.append(
            {"scheme": scheme, "method": method, "preset": members[0]["preset"]}
            | {"epochs": len(members[0]["curve"]["war"]), "seeds": [m["seed"] for m in members]}
            | {"war": [[round(100 * v) for v in m["curve"]["war"]] for m in members]}
            | {"unsupervised": [m["rules"]["unsupervised"]["epoch"] for m in members]}
            | {key: None if v is None else round(100 * v) for key, v in printed.items()}
            | {"records": [traced.place(m) for m in members]}
        )
    # C to B first: it has the highest published scores.
    schemes = sorted(OPEN_SCHEMES, key=lambda s: s != "C2B")
    return sorted(made, key=lambda s: (schemes.index(s["scheme"]), -s["epochs"], SHOWN.index(s["method"]), s["preset"]))


def of_seeds(members: Iterable[Record], of: Callable[[Record], float], what: str, *, signed: bool = False) -> Figure:
    """Mean of a number that each record gives, with its interval over the seeds.

    Parameters
    ----------
    members : iterable of Record
        One per seed.
    of : callable
        The number of a record.
    what : str
        What was computed, for the page's index of numbers.
    signed : bool
        Whether to print a plus sign.
    """
    runs = {int(m["seed"]): m for m in members}
    values = {k: float(of(runs[k])) for k in sorted(runs)}
    return traced.over_seeds(values, [traced.place(runs[k]) for k in values], what, signed=signed)


def under(members: Sequence[Record], column: str) -> Figure | str:
    """One cell of the audit: "-" if a method has no epochs.

    Parameters
    ----------
    members : sequence of Record
        One per seed.
    column : str
        Column of the audit.
    """
    if not members:
        return Figure(float("nan"), what=f"{column} war")
    if column == "score":
        return of_seeds(members, policy.score, "score war")
    if column == "best of seeds":
        value = max(m["rules"]["oracle"]["war"] for m in members)
        return traced.derived(value, members, "largest of the seeds' oracle war")
    return of_seeds(members, lambda m: m["rules"][column]["war"], f"{column} war")


def lines(records: Iterable[Record], scheme: str) -> Iterator[tuple[str, str, list[Record], dict[str, Figure | str]]]:
    """A scheme's rows of Tables 3 and 4.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    scheme : str
        As "C2B".

    Yields
    ------
    method, settings : str
        Its settings are those of our runs; "" where nothing was run.
    members : list of dict
        Their records.
    line : dict of str to Figure or str
        ``paper`` and ``README``, as published; ours under each of `COLUMNS`.
    """
    found = groups(r for r in whole(records) if r["scheme"] == scheme)
    for method in dict.fromkeys((*SHOWN, *TABLE_4)):
        before = {source: published_or_none(source, method, scheme) for source in ("paper", "README")}
        for settings, members in sorted({s: m for (_, x, s), m in found.items() if x == method}.items()) or [("", [])]:
            yield method, settings, members, before | {column: under(members, column) for column in COLUMNS}


def audited(records: Iterable[Record], scheme: str) -> dict[str, list[Figure | str]]:
    """The same for the page: a label, and its numbers.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    scheme : str
        As "C2B".
    """
    rows: dict[str, list[Figure | str]] = {}
    for method, settings, members, line in lines(records, scheme):
        said = re.sub(r"epochs=(\d+)", r"\1 epochs", settings)
        label = published.NAMES[method] + (f", {said}" if said else "")
        rows[label + (f" ({len(members)})" if members else "")] = [*line.values()]
    return rows


def published_or_none(source: str, method: str, scheme: str) -> Figure | str:
    """A printed score; "-" if the table lacks the row: the paper has none without transfer, the README three rows.

    Parameters
    ----------
    source : {"paper", "README"}
        Where it was printed.
    method : str
        A key of `tlmlda_lib.methods.METHODS`.
    scheme : str
        As "C2B".
    """
    none = method == "only_cls" if source == "paper" else method not in published.README
    return "-" if none else traced.published(source, method, scheme)


def cut(record: Record, epochs: int) -> dict[str, Any]:
    """The curve of a run's first epochs; that of a shorter run only where `criteria.can_be_cut`.

    Parameters
    ----------
    record : Record
        A record.
    epochs : int
        Number of epochs.
    """
    return {**record, "curve": {name: values[:epochs] for name, values in record["curve"].items()}}


def after(records: Iterable[Record], method: str, scheme: str, preset: str, epochs: int) -> tuple[list[Record], str]:
    """Runs of one cell after a number of epochs, and a note about them.

    Runs that ended there come first; otherwise the beginnings of longer ones, if these equal shorter runs.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    method : str
        A key of `tlmlda_lib.methods.METHODS`.
    scheme : str
        As "C2B".
    preset : str
        A preset of the method.
    epochs : int
        Number of epochs.
    """
    key = (method, scheme, preset)
    runs = [r for r in whole(records) if (r["method"], r["scheme"], r["preset"]) == key and criteria.has_epochs(r)]
    if ended := [r for r in runs if len(r["curve"]["war"]) == epochs]:
        return ended, ""
    longer = [r for r in runs if len(r["curve"]["war"]) > epochs and criteria.can_be_cut(r)]
    return [cut(r, epochs) for r in longer], f" of the first {epochs} epochs"


def cell(records: Iterable[Record], method: str, scheme: str, preset: str, **changed: Any) -> list[query.Record]:
    """Records of one cell, seed by seed.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    method : str
        A key of `tlmlda_lib.methods.METHODS`.
    scheme : str
        As "C2B".
    preset : str
        A preset of the method.
    **changed
        Options that differ from the preset.
    """
    return query.runs(records, query.Kind(method, preset, changed, ("main", "authors", "prices")), scheme)


def best(record: Record) -> float:
    """WAR of a run's best epoch.

    Parameters
    ----------
    record : Record
        A record.
    """
    return float(max(record["curve"]["war"]))


def differences(records: Sequence[Record], scheme: str, preset: str) -> dict[str, list[Figure | str]]:
    """TLMLDA minus each of its ablations and minus no transfer, on the same seeds, after equally many epochs.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    scheme : str
        As "C2B".
    preset : str
        A preset of the method.

    Returns
    -------
    dict of str to list of Figure or str
        By method: the paper's difference and the README's ("-" where it has none), then ours under the oracle, of the
        last epochs, of the last epoch.
    """
    made = {}
    ours = cell(records, "tlmlda", scheme, preset)
    for method in SHOWN[1:]:
        printed: list[Figure | str] = []
        for source in ("paper", "README"):
            a, b = (published_or_none(source, m, scheme) for m in ("tlmlda", method))
            if isinstance(a, str) or isinstance(b, str):
                printed.append("-")
                continue
            printed.append(replace(a, value=a.value - b.value, what=f"{a.what} minus {method}", signed=True))
        if other := cell(records, method, scheme, preset):
            made[method] = [*printed, *gaps((ours, ""), (other, ""))]
        else:
            made[method] = [*printed, *gaps(*(after(records, m, scheme, preset, SHORT) for m in ("tlmlda", method)))]
    return made


def gaps(mine: tuple[Sequence[Record], str], theirs: tuple[Sequence[Record], str]) -> list[Figure]:
    """Some runs minus others, as `after` gives them, seed by seed: at the best epochs, and by `policy.score`.

    Parameters
    ----------
    mine : (sequence of Record, str)
        As from `after`.
    theirs : (sequence of Record, str)
        As from `after`.
    """
    ways = ((best, "oracle war"), (policy.score, "score war"))
    sides = [[of_seeds(runs, of, what + of_first) for of, what in ways] for runs, of_first in (mine, theirs)]
    return [first.minus(second) for first, second in zip(*sides, strict=True)]


def verdict(gap: Figure) -> str:
    """What a difference with its interval says.

    Parameters
    ----------
    gap : Figure
        The difference.
    """
    if np.isnan(gap.value):
        return "not run"
    if np.isnan(gap.low):
        return "too few seeds"
    return "ahead" if gap.low > 0 else "behind" if gap.high < 0 else "open"
