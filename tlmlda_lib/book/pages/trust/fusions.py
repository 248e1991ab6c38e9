"""Gain by joining streams, fusion by fusion, from records. Chapter 4.2.

A mean over schemes is taken over those that all compared runs have, and over the seeds that all of these have, so that
no fusion gains by a scheme or a seed that another lacks. The chapter's questions are those of `QUESTIONS`, asked at
once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.traced import Figure
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import policy, query, search, settings, shipped, stream_plans
from tlmlda_lib.methods.ifn.fusion import FUSIONS
from tlmlda_lib.methods.ifn.options import RECOMMENDED, TRANSFERS, IFNOptions
from tlmlda_lib.training.options import changed

#: Collection of the records.
GRID = "streams"

#: The plainest fusion of all, which is no network: an LDA for each stream, their log-probabilities summed.
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

#: All streams; those whose encoders need no download; IS10's two; and the two of pre-trained encoders.
EVERY = tuple(stream_plans.STREAMS)
THREE = stream_plans.THREE
IS10 = ("acoustic", "prosodic")
ENCODERS = ("speaker", "whisper")


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
        If a name is not known, or a fusion lacks the requested transfer.
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
        """Scaling of the method: within the corpus for all, except perhaps a searched setting."""
        return {PLAINEST: "zscore", SEARCHED: "recommended"}.get(self.fusion, "default")

    def overrides(self) -> dict[str, Any]:
        """Options that differ from the preset."""
        changed = dict(stream_plans.of(self.streams)[1])
        if self.fusion in (PLAINEST, SEARCHED):
            return changed
        changed |= {"fusion": self.fusion} if self.fusion != "attention" else {}
        return changed | ({"transfer": self.transfer} if self.transfer != "none" else {})


def cell(records: Iterable[Mapping[str, Any]], scheme: str, join: Join, metric: str = "war") -> Figure:
    """The score on one scheme, mean over the seeds; "not run" without records.

    Parameters
    ----------
    records : iterable of dict
        As `tlmlda_lib.experiments.shipped.records` gives them; those of other collections are passed over.
    scheme : str
    join : Join
    metric : {"war", "uar"}
    """
    how: dict[str, Any] = {"overrides": join.overrides(), "grid": GRID, "metric": metric}
    return traced.figure(records, scheme, join.method, join.preset, **how)


def common(
    records: Iterable[Mapping[str, Any]], joins: Iterable[Join], schemes: Sequence[str] = OPEN_SCHEMES
) -> tuple[str, ...]:
    """The schemes on which all of these were run; those that were run on none are ignored.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    joins : iterable of Join
        Ways to join streams.
    schemes : sequence of str
        As ("B2C", "C2B").
    """
    kept = list(records)
    has = [{s for s in schemes if cell(kept, s, join).records} for join in joins]
    has = [one for one in has if one]
    return tuple(s for s in schemes if has and all(s in one for one in has))


def mean(
    records: Iterable[Mapping[str, Any]], join: Join, schemes: Sequence[str] = OPEN_SCHEMES, metric: str = "war"
) -> Figure:
    """The score, the mean over schemes and then over the seeds that all of them have.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    join : Join
        A way to join streams.
    schemes : sequence of str
        As ("B2C", "C2B").
    metric : {"war", "uar"}
        The score.

    Returns
    -------
    Figure
        "not run" where a scheme was not run, or no scheme is given. Its interval is over seeds; there is none where
        deterministic.
    """
    kept = list(records)
    cells = [cell(kept, s, join, metric) for s in schemes]
    seeds = set.intersection(*(set(dict(c.by_seed)) for c in cells)) if cells else set()
    by_seed = {k: float(np.mean([dict(c.by_seed)[k] for c in cells])) for k in seeds}
    places = [p for c in cells for p in c.records if int(p.rpartition("-")[2]) in seeds]
    return traced.over_seeds(by_seed, places, f"score {metric}, mean over {len(cells)} schemes")


def runs(records: Iterable[Mapping[str, Any]], join: Join) -> list[query.Record]:
    """A join's records, all schemes and seeds.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    join : Join
        A way to join streams.
    """
    return query.runs(records, query.Kind(join.method, join.preset, join.overrides(), (GRID,)))


def _questions() -> dict[str, tuple[Join, Join]]:
    """See `QUESTIONS`."""
    found: dict[str, tuple[Join, Join]] = {}
    for transfer in TRANSFERS:
        whole = Join(EVERY, transfer=transfer)
        found |= {f"attention minus {s} alone, {transfer}": (whole, Join((s,), transfer=transfer)) for s in EVERY}
        others = [f for f in FUSIONS if f != "attention"]
        found |= {f"attention minus {f}, {transfer}": (whole, Join(EVERY, f, transfer)) for f in others}
    whole, searched = Join(EVERY), Join(EVERY, SEARCHED, "tlmlda")
    late = Join(EVERY, PLAINEST)
    found |= {
        "all four minus IS10's two": (whole, Join(IS10)),
        "all four minus the encoders' two": (whole, Join(ENCODERS)),
        "attention minus late fusion": (whole, late),
        "attention minus late fusion of the encoders' two": (whole, Join(ENCODERS, PLAINEST)),
        "transfer minus none, all four": (Join(EVERY, transfer="tlmlda"), whole),
    }
    for s in ENCODERS:
        found[f"transfer minus none, {s} alone"] = (Join((s,), transfer="tlmlda"), Join((s,)))
    alone = Join(("speaker",), transfer="tlmlda")
    return found | {
        "recommended minus speaker alone": (searched, alone),
        "recommended minus late fusion": (searched, late),
    }


#: All that chapter 4.2 asks, by name: the first minus the second. But for the last two, which set a searched setting
#: beside unsearched ones, both sides of a question have the same preset, or no network at all.
QUESTIONS = _questions()


def answers(records: Iterable[Mapping[str, Any]], *, draws: int = 4000) -> dict[str, policy.Answer]:
    """Answers to `QUESTIONS`, corrected for all of them; without those that no records answer.

    Parameters
    ----------
    records : iterable of dict
        As `tlmlda_lib.experiments.shipped.records` gives them; those of other collections are passed over.
    draws : int
        As in `tlmlda_lib.experiments.policy.ask`.
    """
    kept = list(records)
    sides = {name: (runs(kept, first), runs(kept, second)) for name, (first, second) in QUESTIONS.items()}
    return policy.ask(sides, draws=draws)


def chosen() -> dict[str, IFNOptions]:
    """Where the search for the preset ``recommended`` began ("start"), and what it chose for each target corpus and for
    "any" other."""
    found = {target: changed(RECOMMENDED, settings.RECOMMENDED_FOR["ifn"].get(target, {})) for target in search.VIEWS}
    return {"start": IFNOptions(**search.IFN.base), **found}


def searched_options() -> list[str]:
    """Names of the options in which `chosen` differ, in the order of the class."""
    first, *others = chosen().values()
    return [f.name for f in fields(IFNOptions) if any(getattr(o, f.name) != getattr(first, f.name) for o in others)]


def tried() -> int:
    """How many settings the search behind ``recommended`` tried; `tlmlda search ifn --dry-run` prints them all."""
    return len(search.log(search.scores(shipped.records(search.IFN.grid), search.IFN), search.IFN))
