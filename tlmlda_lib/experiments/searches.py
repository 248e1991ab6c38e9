"""The searches for presets, by name: what each runs next, and its log. Chapter 3.4."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tlmlda_lib.experiments import choosing, search
from tlmlda_lib.experiments.plans import Cell

Records = Iterable[Mapping[str, Any]]


@dataclass(frozen=True)
class Search:
    """A rule that says what to run next.

    Attributes
    ----------
    grid : str
        Collection of the records.
    caption : str
        Of the log.
    todo : callable
        From records to the cells that come next; none when the search has ended.
    log : callable
        From records to every setting that was tried, and its criterion.
    """

    grid: str
    caption: str
    todo: Callable[[Records], list[Cell]]
    log: Callable[[Records], pd.DataFrame]


def _of(space: search.Space) -> Search:
    return Search(
        space.grid,
        search.CAPTION,
        lambda records: search.todo(search.scores(records, space), space),
        lambda records: search.log(search.scores(records, space), space),
    )


#: By the name that the command line takes: TLMLDA on IS10, IFN, and features with settings on five corpora.
SEARCHES: dict[str, Search] = {name: _of(space) for name, space in search.SPACES.items()} | {
    "features": Search(
        choosing.GRID,
        choosing.CAPTION,
        lambda records: choosing.todo(choosing.scores(records)),
        lambda records: choosing.log(choosing.scores(records)),
    )
}
