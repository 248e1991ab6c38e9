"""What peeking buys, as figures that name their records, and the curves behind them. Chapter 3.4.

A price is what a choice adds to WAR, in points: the figure with it minus the figure without. Whatever uses target
labels is called oracle. `audit` prints the same as tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tlmlda_lib.domains import OPEN_SCHEMES, PAPER_SCHEMES
from tlmlda_lib.experiments import criteria, published, store, tables, traced
from tlmlda_lib.experiments.plans import PRICED, TABLE_3, TABLE_4
from tlmlda_lib.experiments.traced import Figure

Record = Mapping[str, Any]

#: The cells of Tables 3 and 4 that B and C allow.
SCHEMES = tuple(s for s in PAPER_SCHEMES if s in OPEN_SCHEMES)

#: Epochs of the runs by which choices are priced, and how many of a run's last epochs stand for "where it ends up".
SHORT, LAST = 150, 50

#: Whose curves are shown: the method, its ablations, and the network without transfer.
SHOWN = ("tlmlda", *(m for m in TABLE_3 if m != "tlmlda"), "only_cls")

#: Rules of the audit's columns; the first two are chosen by target labels.
COLUMNS = ("oracle", "best of seeds", "unsupervised", "final", "last")

#: Said of a long run's figure that is taken from its beginning.
FIRST = f" of the first {SHORT} epochs"


def tail(epochs: int) -> int:
    """How many last epochs stand for where a run ends up: fifty, or a third of a shorter run."""
    return min(LAST, epochs // 3) or 1


def whole(records: Iterable[Record]) -> list[Record]:
    """Records of the main and the authors' collection in which nothing but the number of epochs was changed."""
    return newest(r for r in records if r["grid"] in ("main", "authors") and not set(r["overrides"]) - {"epochs"})


def newest(records: Iterable[Record]) -> list[Record]:
    """Where a preset has changed its meaning, the records of the newer one alone."""
    kinds: dict[tuple[str, ...], dict[str, list[Record]]] = {}
    for r in records:
        key = (*(r[k] for k in ("grid", "scheme", "method", "preset")), store.options_digest(r["overrides"]))
        kinds.setdefault(key, {}).setdefault(r["options_digest"], []).append(r)
    return [r for of in kinds.values() for r in max(of.values(), key=lambda runs: max(r["date"] for r in runs))]


def groups(records: Iterable[Record]) -> dict[tuple[str, str, str], list[Record]]:
    """Records of one scheme, method and settings, by these."""
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
    # C to B first: it is where the published figures are highest.
    schemes = sorted(OPEN_SCHEMES, key=lambda s: s != "C2B")
    return sorted(made, key=lambda s: (schemes.index(s["scheme"]), -s["epochs"], SHOWN.index(s["method"]), s["preset"]))


def of_seeds(members: Iterable[Record], of: Callable[[Record], float], what: str, *, signed: bool = False) -> Figure:
    """Mean of a number that each record gives, with its interval over the seeds."""
    runs = {int(m["seed"]): m for m in members}
    values = {k: float(of(runs[k])) for k in sorted(runs)}
    return traced.over_seeds(values, [traced.place(runs[k]) for k in values], what, signed=signed)


def last(record: Record) -> float:
    """Mean WAR of a run's last epochs."""
    war = record["curve"]["war"]
    return float(np.mean(war[-tail(len(war)) :]))


def under(members: Sequence[Record], column: str) -> Figure | str:
    """One cell of the audit: "-" where a method has no epochs to take the last of."""
    if not members:
        return Figure(float("nan"), what=f"{column} war")
    if column == "last":
        return of_seeds(members, last, "mean of the last epochs") if criteria.has_epochs(members[0]) else "-"
    if column == "best of seeds":
        value = max(m["rules"]["oracle"]["war"] for m in members)
        return traced.derived(value, members, "largest of the seeds' oracle war")
    return of_seeds(members, lambda m: m["rules"][column]["war"], f"{column} war")


def lines(records: Iterable[Record], scheme: str) -> Iterator[tuple[str, str, list[Record], dict[str, Figure | str]]]:
    """A scheme's rows of Tables 3 and 4.

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
    """The same for the page: a label, and its figures."""
    rows: dict[str, list[Figure | str]] = {}
    for method, settings, members, line in lines(records, scheme):
        said = re.sub(r"epochs=(\d+)", r"\1 epochs", settings)
        label = published.NAMES[method] + (f", {said}" if said else "")
        rows[label + (f" ({len(members)})" if members else "")] = [*line.values()]
    return rows


def published_or_none(source: str, method: str, scheme: str) -> Figure | str:
    """A printed figure; "-" where the table has no such row: the paper none without transfer, the README three rows."""
    none = method == "only_cls" if source == "paper" else method not in published.README
    return "-" if none else traced.published(source, method, scheme)


def cut(record: Record, epochs: int) -> dict[str, Any]:
    """A run as it would have been with fewer epochs; only where the learning rate is constant."""
    war = record["curve"]["war"][:epochs]
    return {**record, "curve": {"war": war}}


def cell(records: Iterable[Record], method: str, scheme: str, preset: str, **changed: Any) -> list[Record]:
    """Records of one cell, seed by seed."""
    digest = store.options_digest(changed)
    return newest(
        r
        for r in records
        if (r["method"], r["scheme"], r["preset"]) == (method, scheme, preset)
        and r["grid"] in ("main", "authors", "prices")
        and store.options_digest(r["overrides"]) == digest
    )


def best(record: Record) -> float:
    """WAR of a run's best epoch."""
    return float(max(record["curve"]["war"]))


def end(record: Record) -> float:
    """WAR of a run's last epoch."""
    return float(record["curve"]["war"][-1])


def differences(records: Sequence[Record], scheme: str, preset: str) -> dict[str, list[Figure | str]]:
    """TLMLDA minus each of its ablations and minus no transfer, on the same seeds, after equally many epochs.

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
        theirs = cell(records, method, scheme, preset)
        mine, of_first = list(ours), ""
        if not theirs and (theirs := cell(records, method, scheme, preset, epochs=SHORT)):
            mine, of_first = [cut(r, SHORT) for r in ours], FIRST
        made[method] = [*printed, *gaps(mine, theirs, of_first)]
    return made


def gaps(mine: Sequence[Record], theirs: Sequence[Record], of_first: str = "") -> list[Figure]:
    """Some runs minus others, seed by seed: at the best epochs, in the last ones, at the last."""
    ways = ((best, "oracle war"), (last, "mean of the last epochs"), (end, "final war"))
    return [of_seeds(mine, of, what + of_first).minus(of_seeds(theirs, of, what)) for of, what in ways]


def verdict(gap: Figure) -> str:
    """What a difference with its interval says."""
    if np.isnan(gap.value):
        return "not run"
    if np.isnan(gap.low):
        return "one seed"
    return "ahead" if gap.low > 0 else "behind" if gap.high < 0 else "not told apart"


def prices(records: Sequence[Record]) -> dict[str, dict[str, list[Figure | str]]]:
    """What each choice adds, by choice and scheme: under the oracle, in the last epochs, at the last one, in points.

    One at a time: three of the runs as the scripts train; each further choice of theirs against the run that does
    without it, after as many epochs; C by target labels; the scaling of the preset ``recommended``. "-" where the last
    epochs have no part in it.
    """
    made: dict[str, dict[str, list[Figure | str]]] = {}

    def put(choice: str, scheme: str, oracle: Figure, *others: Figure) -> None:
        made.setdefault(choice, {})[scheme] = [oracle, *(others or ("-", "-"))]

    for scheme in SCHEMES:
        long = cell(records, "tlmlda", scheme, "authors")
        put("the epoch", scheme, of_seeds(long, lambda r: best(r) - last(r), "oracle minus last", signed=True))
        top = int(np.mean([r["curve"]["war"] for r in long], axis=0).argmax()) if long else 0
        length = {r["seed"]: r["curve"]["war"][top] - last(r) for r in long}
        put(
            "one length of training for all seeds",
            scheme,
            of_seeds(long, lambda r: length[r["seed"]], "one epoch minus last", signed=True),  # noqa: B023 - called at once
        )
        if long:
            lift = max(map(best, long)) - float(np.mean([best(r) for r in long]))
            put("the best seed, at its best epoch", scheme, traced.derived(lift, long, "best seed", signed=True))
        short = [cut(r, SHORT) for r in long]
        for choice, change in PRICED.items():
            undone = cell(records, "tlmlda", scheme, "authors", epochs=SHORT, **change)
            put(choice, scheme, *gaps(short, undone, FIRST))
    for scheme in OPEN_SCHEMES:
        svm = cell(records, "pca_svm", scheme, "zscore")
        by_labels = of_seeds(
            svm, lambda r: r["rules"]["oracle"]["war"] - r["rules"]["final"]["war"], "oracle war minus final war"
        )
        put("C of PCA + SVM", scheme, replace(by_labels, signed=True))
        ours = cell(records, "tlmlda", scheme, "recommended")
        for within in ("corpus", "speaker"):
            other = cell(records, "tlmlda", scheme, "recommended", within=within)
            put(f"scaling within voices, not {within}", scheme, *gaps(ours, other))
    return made


def epoch_prices(records: Iterable[Record]) -> dict[str, list[Figure]]:
    """What the best epoch adds to the last one, in points, for each network and each of the open schemes."""
    found = {key: m for key, m in groups(whole(records)).items() if key[1] in SHOWN and criteria.has_epochs(m[0])}
    kinds = {(m[0]["method"], m[0]["preset"], len(m[0]["curve"]["war"])) for m in found.values()}
    made = {}
    for method, preset, epochs in sorted(kinds, key=lambda k: (k[1], -k[2], SHOWN.index(k[0]))):
        line = []
        for scheme in OPEN_SCHEMES:
            runs = [r for r in cell_of(found, scheme, method, preset) if len(r["curve"]["war"]) == epochs]
            line.append(of_seeds(runs, lambda r: best(r) - end(r), "oracle war minus final war", signed=True))
        made[f"{published.NAMES[method]}, {preset}, {epochs} epochs"] = line
    return made


def cell_of(found: Mapping[tuple[str, str, str], list[Record]], scheme: str, method: str, preset: str) -> list[Record]:
    """Records of a scheme, method and preset, whatever their number of epochs."""
    return [r for (s, m, _), runs in found.items() if (s, m) == (scheme, method) for r in runs if r["preset"] == preset]
