"""Score of each stream of features alone, and the gain by a second one, from records. Chapter 4.1.

A mean over schemes is taken over those that all compared streams were run on, so that no stream gains by a scheme that
another lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.traced import Figure
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import policy, query, stream_plans

#: Collection of the records.
GRID = "streams"


@dataclass(frozen=True)
class Way:
    """A classifier that is given streams and nothing else.

    Attributes
    ----------
    method : str
        A key of `tlmlda_lib.methods.METHODS`.
    preset : str
        A preset of the method.
    words : str
        Its name in tables.
    """

    method: str
    preset: str
    words: str
    changes: Mapping[str, Any] = field(default_factory=dict)  # options that differ from the preset, beside the streams


#: The plainest classifier in two scalings, and the network of IFN, without transfer and with it.
WAYS = {
    "plain": Way("late_fusion", "zscore", "LDA"),
    "voices": Way("late_fusion", "voices", "LDA, scaled within voices"),
    "network": Way("ifn", "default", "network"),
    "transfer": Way("ifn", "default", "network with transfer", {"transfer": "tlmlda"}),
}

#: Streams by the names that tables give them.
NAMES = {"acoustic": "acoustic", "prosodic": "prosodic", "speaker": "speaker encoder", "whisper": "recogniser"}


def overrides(names: Sequence[str], way: str = "plain") -> dict[str, Any]:
    """Options of the runs that see these streams.

    Parameters
    ----------
    names : sequence of str
        Keys of `tlmlda_lib.experiments.stream_plans.STREAMS`, in the order of `stream_plans.TOGETHER`.
    way : str
        A key of `WAYS`.

    Raises
    ------
    UserError
        If a name is not known.
    """
    if way not in WAYS:
        raise UserError(f"way {way!r} is not known: use one of {', '.join(WAYS)}")
    return {**stream_plans.of(names)[1], **WAYS[way].changes}


#: All that chapter 4.1 asks: a way, and the streams of the first and of the second. The last pair is the best of the
#: page's table, chosen by the target's labels.
QUESTIONS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "speaker encoder minus IS10, LDA": ("plain", ("speaker",), ("acoustic", "prosodic")),
    "speaker encoder minus IS10, network": ("network", ("speaker",), ("acoustic", "prosodic")),
    "acoustic minus prosodic, LDA": ("plain", ("acoustic",), ("prosodic",)),
    "acoustic minus prosodic, network": ("network", ("acoustic",), ("prosodic",)),
    "both encoders minus speaker encoder, LDA": ("plain", ("speaker", "whisper"), ("speaker",)),
}


def cell(
    records: Iterable[Mapping[str, Any]], scheme: str, names: Sequence[str], way: str = "plain", metric: str = "war"
) -> Figure:
    """The score on one scheme, the mean over the seeds.

    Parameters
    ----------
    records : iterable of dict
        As `tlmlda_lib.experiments.shipped.records` gives them; those of other collections are passed over.
    scheme : str
    names, way
        As in `overrides`.
    metric : {"war", "uar"}

    Returns
    -------
    Figure
        "not run" where there is no record.
    """
    w = WAYS.get(way, WAYS["plain"])
    changed = overrides(names, way)
    return traced.figure(records, scheme, w.method, w.preset, overrides=changed, grid=GRID, metric=metric)


def common(
    records: Iterable[Mapping[str, Any]],
    sets: Iterable[Sequence[str]],
    way: str = "plain",
    schemes: Sequence[str] = OPEN_SCHEMES,
) -> tuple[str, ...]:
    """The schemes on which all of these sets of streams were run; a set that was run on none is ignored.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    sets : iterable of sequence of str
        Sets of streams.
    way : str
        A key of `WAYS`.
    schemes : sequence of str
        As ("B2C", "C2B").
    """
    kept = list(records)
    has = [{s for s in schemes if cell(kept, s, names, way).records} for names in sets]
    has = [one for one in has if one]
    return tuple(s for s in schemes if has and all(s in one for one in has))


def mean(
    records: Iterable[Mapping[str, Any]],
    names: Sequence[str],
    schemes: Sequence[str],
    way: str = "plain",
    metric: str = "war",
) -> Figure:
    """The score, the mean over schemes and then over the seeds that all of them have.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    names : sequence of str
        Names of streams.
    schemes : sequence of str
        As ("B2C", "C2B").
    way : str
        A key of `WAYS`.
    metric : {"war", "uar"}
        The score.

    Returns
    -------
    Figure
        "not run" where a scheme was not run, or no scheme is given. Its interval is over seeds, and there is none
        for a deterministic method.
    """
    kept = list(records)
    cells = [cell(kept, s, names, way, metric) for s in schemes]
    what = f"score {metric}, mean over {len(cells)} schemes"
    seeds = set.intersection(*(set(dict(c.by_seed)) for c in cells)) if cells else set()
    by_seed = {k: float(np.mean([dict(c.by_seed)[k] for c in cells])) for k in seeds}
    return traced.over_seeds(by_seed, [place for c in cells for place in c.records], what)


def runs(records: Iterable[Mapping[str, Any]], names: Sequence[str], way: str = "plain") -> list[query.Record]:
    """The records of a set of streams, all schemes and seeds; names and way as in `overrides`.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    names : sequence of str
        Names of streams.
    way : str
        A key of `WAYS`.
    """
    changed = overrides(names, way)
    return query.runs(records, query.Kind(WAYS[way].method, WAYS[way].preset, changed, (GRID,)))


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
    sides = {
        name: (runs(kept, first, way), runs(kept, second, way)) for name, (way, first, second) in QUESTIONS.items()
    }
    return policy.ask(sides, draws=draws)
