"""What joining streams is worth, fusion by fusion, read from records. Chapter 4.2.

A mean over schemes is taken over those that all compared runs have, and over the seeds that all of these have, so that
no fusion gains by a scheme or a seed that another lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import compare, resampling, store, stream_plans, traced
from tlmlda_lib.experiments.traced import Figure
from tlmlda_lib.methods.fusion import FUSIONS
from tlmlda_lib.methods.ifn_options import TRANSFERS

#: Collection of the records.
GRID = "streams"

#: WAR in percent that was to be reached: the mean of the open six at the last epoch, by the best fusion with transfer.
GOAL = 56.0

#: The plainest fusion of all, which is no network: a machine for each stream, their log-probabilities summed.
PLAINEST = "late_fusion"

#: The network's preset ``recommended``: what a search has found, for each target on schemes in which it does not occur.
SEARCHED = "searched"

#: All ways to join, and what tables call them.
NAMES = {
    "attention": "attention: weights of each recording",
    "global": "global: one weight vector for all",
    "mean": "mean: all alike",
    "concat": "concat: codes side by side",
    "multiplicative": "multiplicative: heads that spare each other",
    SEARCHED: "recommended: found by a search without the target",
    PLAINEST: "late fusion: an LDA each, summed",
}

#: All streams, and those whose encoders need no download.
EVERY = tuple(stream_plans.STREAMS)
THREE = stream_plans.THREE


@dataclass(frozen=True)
class Join:
    """Streams, and how they are joined.

    Attributes
    ----------
    streams : tuple of str
        Keys of `tlmlda_lib.experiments.stream_plans.STREAMS`, in the order of `stream_plans.TOGETHER`.
    fusion : str
        A key of `NAMES`.
    transfer : {"none", "tlmlda"}
        The plainest fusion has none; what was searched stands with it, for there its search began.

    Raises
    ------
    UserError
        If a name is not known, or a fusion is asked for the transfer that it does not have.
    """

    streams: tuple[str, ...]
    fusion: str = "attention"
    transfer: str = "none"

    def __post_init__(self) -> None:
        stream_plans.of(self.streams)  # says which streams there are
        for what, value, known in (("fusion", self.fusion, NAMES), ("transfer", self.transfer, TRANSFERS)):
            if value not in known:
                raise UserError(f"{what} {value!r} is not known: use one of {', '.join(known)}")
        if self.transfer != {PLAINEST: "none", SEARCHED: "tlmlda"}.get(self.fusion, self.transfer):
            raise UserError(f"there is no {self.fusion} with transfer={self.transfer!r}: use the other transfer")

    @property
    def method(self) -> str:
        """Name of the method."""
        return PLAINEST if self.fusion == PLAINEST else "ifn"

    @property
    def preset(self) -> str:
        """Of the method; all of them scale within the corpus but, perhaps, what was searched."""
        return {PLAINEST: "zscore", SEARCHED: "recommended"}.get(self.fusion, "default")

    @property
    def drawn(self) -> bool:
        """Whether seeds differ."""
        return self.fusion != PLAINEST

    def overrides(self) -> dict[str, Any]:
        """Options that differ from the preset."""
        changed = dict(stream_plans.of(self.streams)[1])
        if self.fusion in (PLAINEST, SEARCHED):
            return changed
        changed |= {"fusion": self.fusion} if self.fusion != "attention" else {}
        return changed | ({"transfer": self.transfer} if self.transfer != "none" else {})

    def alone(self) -> tuple[Join, ...]:
        """Each of its streams by itself, trained in the same way; nobody has searched for these."""
        how = {} if self.fusion != PLAINEST else {"fusion": PLAINEST}
        return tuple(Join((name,), transfer=self.transfer, **how) for name in self.streams)


@dataclass(frozen=True)
class Gap:
    """How much better one join is than another, at the last epoch, in points of WAR.

    Attributes
    ----------
    schemes : tuple of str
        Those of the mean.
    seeds : Figure
        With its 95 % interval over seeds; what other seeds might have given.
    low, high : Figure
        The ends of the 95 % interval over other speakers, their recordings and seeds.
    p_holm : float
        Of the latter, corrected for all the pairs that were asked at once.
    """

    schemes: tuple[str, ...]
    seeds: Figure
    low: Figure
    high: Figure
    p_holm: float

    @property
    def verdict(self) -> str:
        """ "better", "worse" or "open", at 95 % after the correction."""
        if self.p_holm >= 0.05:
            return "open"
        return "better" if self.low.value > 0 else "worse" if self.high.value < 0 else "open"


def cell(records: Iterable[Mapping[str, Any]], scheme: str, join: Join) -> Figure:
    """WAR at the last epoch on one scheme, the mean over the seeds; "not run" where there is no record.

    Parameters
    ----------
    records : iterable of dict
        As `tlmlda_lib.experiments.shipped.records` gives them; those of other collections are passed over.
    scheme : str
    join : Join
    """
    return traced.figure(records, scheme, join.method, join.preset, overrides=join.overrides(), grid=GRID)


def common(
    records: Iterable[Mapping[str, Any]], joins: Iterable[Join], schemes: Sequence[str] = OPEN_SCHEMES
) -> tuple[str, ...]:
    """The schemes on which all of these were run; what was run on none is left aside."""
    kept = list(records)
    has = [{s for s in schemes if cell(kept, s, join).records} for join in joins]
    has = [one for one in has if one]
    return tuple(s for s in schemes if has and all(s in one for one in has))


def mean(records: Iterable[Mapping[str, Any]], join: Join, schemes: Sequence[str] = OPEN_SCHEMES) -> Figure:
    """WAR at the last epoch, the mean over schemes and then over the seeds that all of them have.

    Returns
    -------
    Figure
        "not run" where a scheme was not run, or no scheme is given. Its interval is over seeds; there is none where
        nothing is drawn.
    """
    kept = list(records)
    cells = [cell(kept, s, join) for s in schemes]
    seeds = set.intersection(*(set(dict(c.by_seed)) for c in cells)) if cells else set()
    by_seed = {k: float(np.mean([dict(c.by_seed)[k] for c in cells])) for k in seeds}
    places = [p for c in cells for p in c.records if int(p.rpartition("-")[2]) in seeds]
    return traced.over_seeds(by_seed, places, f"score war, mean over {len(cells)} schemes")


def gaps(
    records: Iterable[Mapping[str, Any]],
    pairs: Sequence[tuple[Join, Join]],
    schemes: Sequence[str] = OPEN_SCHEMES,
    *,
    draws: int = 4000,
) -> list[Gap | None]:
    """Differences of pairs of joins, the first minus the second, with Holm's correction over the pairs.

    Parameters
    ----------
    records : iterable of dict
    pairs : sequence of (Join, Join)
    schemes : sequence of str
        Of each pair those that both were run on, by a seed in common.
    draws : int
        Of the bootstrap, as in `tlmlda_lib.experiments.compare.compare`.

    Returns
    -------
    list of Gap or None
        One for each pair; None where the two share no scheme.
    """
    kept = [r for r in records if r["grid"] == GRID and r["scheme"] in schemes]
    found: list[tuple[tuple[str, ...], Figure, Any, list[Any]] | None] = []
    for first, second in pairs:
        sides = [_runs(kept, join) for join in (first, second)]
        shared = tuple(s for s in schemes if all(s in side for side in sides))
        # The plainest fusion draws nothing, so it meets every seed of the other.
        both = tuple(zip((first, second), sides, strict=True))
        by_chance = [set(side[s]) for join, side in both for s in shared if join.drawn]
        seeds = set.intersection(*by_chance) if by_chance else {0}
        if not shared or not seeds:
            found.append(None)
            continue
        of = [r for join, side in both for s in shared for k, r in side[s].items() if k in seeds or not join.drawn]
        a, b = (mean(of, join, shared) for join in (first, second))
        one, other = (compare.label(next(iter(side[shared[0]].values()))) for side in sides)
        drawn = compare.compare(of, [(one, other)], schemes=shared, draws=draws)[0].mean
        found.append((shared, a.minus(b), drawn, of))
    adjusted = iter(resampling.holm([each[2].p for each in found if each is not None]))
    return [None if each is None else _gap(*each, p_holm=next(adjusted)) for each in found]


def _gap(schemes: tuple[str, ...], seeds: Figure, drawn: Any, of: list[Any], *, p_holm: float) -> Gap:
    what = f"bootstrap of final war, difference over {len(schemes)} schemes"
    ends = ((drawn.low, "low"), (drawn.high, "high"))
    low, high = (traced.derived(x, of, f"{what}, {end}", signed=True) for x, end in ends)
    return Gap(schemes, seeds, low, high, p_holm)


def _runs(records: Iterable[Mapping[str, Any]], join: Join) -> dict[str, dict[int, Mapping[str, Any]]]:
    """A join's records by scheme and seed."""
    digest = store.options_digest(join.overrides())
    runs: dict[str, dict[int, Mapping[str, Any]]] = {}
    for r in records:
        if (r["method"], r["preset"]) == (join.method, join.preset) and store.options_digest(r["overrides"]) == digest:
            runs.setdefault(r["scheme"], {})[r["seed"]] = r
    return runs


def joins(transfer: str = "tlmlda") -> tuple[Join, ...]:
    """All that the plan ``streams`` joins by a network: two streams or more, in every fusion that it has."""
    together = [names for names in stream_plans.TOGETHER if len(names) > 1]
    by_attention = [Join(names, transfer=transfer) for names in together]
    others = [f for f in FUSIONS if f != "attention"] + ([SEARCHED] if transfer == "tlmlda" else [])
    return (*by_attention, *(Join(names, f, transfer) for f in others for names in (EVERY, THREE)))


def best(
    records: Iterable[Mapping[str, Any]], transfer: str = "tlmlda", schemes: Sequence[str] = OPEN_SCHEMES
) -> Join | None:
    """The join with the largest mean, of those that were run on all schemes; None where there is none.

    Notes
    -----
    It is chosen by looking at figures that need the target's labels, so its figure flatters it a little.
    """
    kept = list(records)
    found = {join: mean(kept, join, schemes).value for join in joins(transfer)}
    run = {join: value for join, value in found.items() if not np.isnan(value)}
    return max(run, key=lambda join: run[join]) if run else None
