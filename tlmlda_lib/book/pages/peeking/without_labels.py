"""Choosing without target labels: criteria, and the search, with the records of each number. Chapter 3.4."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.peeking import best_epochs
from tlmlda_lib.book.pages.peeking.best_epochs import SHOWN, Record, whole
from tlmlda_lib.book.pages.traced import Figure
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.experiments import criteria, published, query, search, store


@dataclass(frozen=True)
class Correlation(Figure):
    """A number with two digits, as correlations have."""

    def __str__(self) -> str:
        return super().__str__() if np.isnan(self.value) else f"{round(self.value, 2) + 0.0:.2f}".replace("-", "−")


def correlation(value: float, records: Iterable[Record], what: str) -> Correlation:
    """A correlation that was computed from these records.

    Parameters
    ----------
    value : float
        The number.
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    what : str
        What was computed, for the page's index of numbers.
    """
    return Correlation(float(value), records=tuple(map(traced.place, records)), what=what)


def hold(record: Record) -> float:
    """Correlation of an epoch's WAR with the next one's, over the second half of a run; 0 if WAR is constant.

    Parameters
    ----------
    record : Record
        A record.
    """
    war = np.array(record["curve"]["war"])
    war = war[len(war) // 2 :]
    if len(war) < 3 or np.ptp(war[:-1]) == 0 or np.ptp(war[1:]) == 0:
        return 0.0
    return float(np.corrcoef(war[:-1], war[1:])[0, 1])


def lift(record: Record) -> float:
    """How far the highest epoch of a run's second half lies above their mean, in their deviations.

    Parameters
    ----------
    record : Record
        A record.
    """
    war = np.array(record["curve"]["war"])
    war = war[len(war) // 2 :]
    return float((war.max() - war.mean()) / war.std()) if np.ptp(war) else 0.0


def agreement(records: Iterable[Record], schemes: Sequence[str] = OPEN_SCHEMES) -> dict[str, list[Figure]]:
    """How well each criterion without labels follows WAR, over all runs of one method and preset.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    schemes : sequence of str
        As ("B2C", "C2B").

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
        line: list[Figure] = []
        for column in ("spearman", "regret"):
            for way in criteria.WAYS:
                value = each.loc[each["criterion"] == way, column].mean()
                kind = correlation if column == "spearman" else traced.derived
                line.append(kind(value, members, f"mean {column} of {way}"))
        made[name] = line
    return made


def searched(records: Iterable[Record]) -> tuple[list[str], list[list[Figure | str]]]:
    """The search's log with its records: settings, and for each the scores of every view.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """
    runs = query.selected(r for r in records if search.TLMLDA.holds(r))
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


def gained(records: Sequence[Record]) -> dict[str, list[Figure]]:
    """What the search has gained on the targets that had no say in it: by scheme, the preset recommended-is10, the
    search's start, and their difference, at the last epoch; on the seeds that both have.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """
    made = {}
    for scheme in OPEN_SCHEMES:
        ours = best_epochs.cell(records, "tlmlda", scheme, "recommended-is10")
        start = query.runs(records, query.Kind("tlmlda", search.PRESET, {}, (search.GRID,)), scheme)
        both = {r["seed"] for r in ours} & {r["seed"] for r in start}
        pair = [
            best_epochs.of_seeds(
                [r for r in some if r["seed"] in both], lambda r: r["rules"]["final"]["war"], "final war"
            )
            for some in (ours, start)
        ]
        made[scheme] = [*pair, pair[0].minus(pair[1])]
    return made
