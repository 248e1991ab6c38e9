"""What peeking buys, as figures that name their records, and the curves behind them. Chapter 3.4.

`audit` has the same as tables for the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.evaluation import t_interval
from tlmlda_lib.experiments import audit, criteria, published, search, store, tables, traced
from tlmlda_lib.experiments.plans import PRICED, TABLE_3
from tlmlda_lib.experiments.traced import Figure

Record = Mapping[str, Any]

#: Whose curves are shown: the method, its ablations, and the network without transfer.
SHOWN = ("tlmlda", *(m for m in TABLE_3 if m != "tlmlda"), "only_cls")

#: Rules of the audit's columns; the first two are chosen by target labels.
COLUMNS = ("oracle", "best of seeds", "unsupervised", "final", "last")


def tail(epochs: int) -> int:
    """How many last epochs stand for where a run ends up: fifty, or a third of a shorter run."""
    return min(audit.LAST, epochs // 3) or 1


def whole(records: Iterable[Record]) -> list[Record]:
    """Records of the main and the authors' collection in which nothing but the number of epochs was changed."""
    return [r for r in records if r["grid"] in ("main", "authors") and not set(r["overrides"]) - {"epochs"}]


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
    if not values:
        return Figure(float("nan"), what=what, signed=signed)
    numbers = list(values.values())
    low, high = t_interval(numbers)
    how = {"low": low, "high": high, "by_seed": tuple(values.items()), "signed": signed}
    return traced.derived(float(np.mean(numbers)), [runs[k] for k in values], what, **how)


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


def audited(records: Iterable[Record], scheme: str) -> dict[str, list[Figure | str]]:
    """A scheme's rows of Tables 3 and 4: the paper's figure, the README's, and ours under each of `COLUMNS`."""
    found = groups(r for r in whole(records) if r["scheme"] == scheme)
    rows: dict[str, list[Figure | str]] = {}
    for method in dict.fromkeys((*SHOWN, *audit.TABLE_4)):
        printed = [traced.published(source, method, scheme) for source in ("paper", "README")]
        before: list[Figure | str] = ["-", "-"] if method == "only_cls" else [*printed]
        for name, members in sorted({s: m for (_, x, s), m in found.items() if x == method}.items()) or [("", [])]:
            label = published.NAMES[method] + (f", {name}" if name else "")
            seeds = f" ({len(members)})" if members else ""
            rows[label + seeds] = [*before, *(under(members, column) for column in COLUMNS)]
    return rows


def cut(record: Record, epochs: int) -> dict[str, Any]:
    """A run as it would have been with fewer epochs; only where the learning rate is constant."""
    war = record["curve"]["war"][:epochs]
    rules = {"oracle": {"war": max(war)}, "final": {"war": war[-1]}}
    return {**record, "curve": {"war": war}, "rules": rules}


def cell(records: Iterable[Record], method: str, scheme: str, preset: str, **changed: Any) -> list[Record]:
    """Records of one cell, seed by seed."""
    digest = store.options_digest(changed)
    return [
        r
        for r in records
        if (r["method"], r["scheme"], r["preset"]) == (method, scheme, preset)
        and r["grid"] in ("main", "authors", "prices")
        and store.options_digest(r["overrides"]) == digest
    ]


def best(record: Record) -> float:
    """WAR of a run's best epoch."""
    return float(max(record["curve"]["war"]))


def differences(records: Sequence[Record], scheme: str, preset: str) -> dict[str, list[Figure]]:
    """TLMLDA minus each of its ablations and minus no transfer, on the same seeds, after equally many epochs.

    Returns
    -------
    dict of str to list of Figure
        By method: the paper's difference, the README's, ours under the oracle, of the last epochs, of the last epoch.
    """
    made = {}
    ours = cell(records, "tlmlda", scheme, preset)
    for method in SHOWN[1:]:
        printed = []
        for source in ("paper", "README"):
            a, b = (traced.published(source, m, scheme) for m in ("tlmlda", method))
            printed.append(replace(a, value=a.value - b.value, what=f"{a.what} minus {method}", signed=True))
        theirs = cell(records, method, scheme, preset)
        mine: Sequence[Record] = ours
        if not theirs and (theirs := cell(records, method, scheme, preset, epochs=audit.SHORT)):
            mine = [cut(r, audit.SHORT) for r in ours]
        gaps = [
            of_seeds(mine, of, what).minus(of_seeds(theirs, of, what))
            for of, what in (
                (best, "oracle war"),
                (last, "mean of the last epochs"),
                (lambda r: r["curve"]["war"][-1], "final war"),
            )
        ]
        made[method] = [*printed, *gaps]
    return made


def verdict(gap: Figure) -> str:
    """What a difference with its interval says."""
    if np.isnan(gap.value):
        return "not run"
    if np.isnan(gap.low):
        return "one seed"
    return "ahead" if gap.low > 0 else "behind" if gap.high < 0 else "not told apart"


def prices(records: Sequence[Record]) -> dict[str, dict[str, tuple[Figure, Figure]]]:
    """What each choice adds, by choice and scheme: under the oracle, and at the last epoch, in points.

    As `audit.prices`; a figure without a meaning is NaN, and so is one that was not run.
    """
    made: dict[str, dict[str, tuple[Figure, Figure]]] = {}
    none = Figure(float("nan"), signed=True)

    def put(choice: str, scheme: str, oracle: Figure, final: Figure = none) -> None:
        made.setdefault(choice, {})[scheme] = (oracle, final)

    def gap(a: Sequence[Record], b: Sequence[Record]) -> tuple[Figure, Figure]:
        how = ((best, "oracle war"), (lambda r: r["curve"]["war"][-1], "final war"))
        first, second = (of_seeds(a, of, what).minus(of_seeds(b, of, what)) for of, what in how)
        return first, second

    for scheme in audit.SCHEMES:
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
        short = [cut(r, audit.SHORT) for r in long]
        for choice, change in PRICED.items():
            put(choice, scheme, *gap(short, cell(records, "tlmlda", scheme, "authors", epochs=audit.SHORT, **change)))
    for scheme in OPEN_SCHEMES:
        svm = cell(records, "pca_svm", scheme, "zscore")
        by_labels = of_seeds(
            svm, lambda r: r["rules"]["oracle"]["war"] - r["rules"]["final"]["war"], "oracle war minus final war"
        )
        put("C of PCA + SVM", scheme, replace(by_labels, signed=True))
        ours = cell(records, "tlmlda", scheme, "recommended")
        for within in ("corpus", "speaker"):
            other = cell(records, "tlmlda", scheme, "recommended", within=within)
            put(f"scaling within voices, not {within}", scheme, *gap(ours, other))
    return made


def agreement(records: Iterable[Record], schemes: Sequence[str] = OPEN_SCHEMES) -> dict[str, list[Figure]]:
    """How well each criterion without labels follows WAR, over all runs of one method and preset.

    Returns
    -------
    dict of str to list of Figure
        By "method, preset": for each of `criteria.WAYS` the mean Spearman correlation over the runs (where it is
        defined; none for the last epoch), then for each the mean regret in points.
    """
    runs = [r for r in whole(records) if r["method"] in SHOWN and r["scheme"] in schemes and criteria.has_epochs(r)]
    kinds: dict[str, list[Record]] = {}
    for r in runs:
        name = f"{published.NAMES[r['method']]}, {r['preset']}, {len(r['curve']['war'])} epochs"
        kinds.setdefault(name, []).append(r)
    made = {}
    for name, members in kinds.items():
        each = criteria.runs(members)
        line = []
        for column in ("spearman", "regret"):
            for way in criteria.WAYS:
                value = each.loc[each["criterion"] == way, column].mean()
                line.append(traced.derived(value, members, f"mean {column} of {way}"))
        made[name] = line
    return made


def searched(records: Iterable[Record]) -> tuple[list[str], list[list[Figure | str]]]:
    """The search's log with its records: settings, and for each the figures of every view."""
    runs = [r for r in records if r["grid"] == search.GRID and r["preset"] == search.PRESET]
    found = search.scores(runs)
    every = [*search.singles().values(), *(c for view in search.VIEWS for c in search.combinations(found, view))]
    digests = {search.name_of(c): store.options_digest(search.options_of(c)) for c in every}
    of: dict[tuple[str, str], list[Record]] = {}
    for r in runs:
        of.setdefault((store.options_digest(r["overrides"]), r["scheme"]), []).append(r)
    log = search.log(found)
    lines: list[list[Figure | str]] = []
    for row in log.to_dict("records"):
        line: list[Figure | str] = []
        for view, schemes in search.VIEWS.items():
            for name, seeds in ((f"for {view}", 1), (f"for {view}, seeds", search.SEEDS)):
                used = [r for s in schemes for r in of.get((digests[row["setting"]], s), ()) if r["seed"] < seeds]
                line.append(traced.derived(row[name], used, f"{name}: mean final war"))
        lines.append([*line, row["chosen for"]])
    return list(log["setting"]), lines
