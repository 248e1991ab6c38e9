"""A leaderboard that says what its order depends on, and who is not significantly below the first. Chapter 3.3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import traitlets

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice
from tlmlda_lib.book.pages.peers import leaderboard
from tlmlda_lib.domains import schemes
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import METRICS, RULES

#: Sources of an interval.
INTERVALS = ("speakers", "seeds")


class Leaderboard(Explorable):
    """Methods in order, by scheme, metric, rule of the epoch and scaling.

    Parameters
    ----------
    board : dict
        From `tlmlda_lib.book.pages.peers.leaderboard.board`.
    scheme : str
        One of the board's, or "mean".
    metric : {"war", "uar"}
    rule : {"final", "unsupervised", "oracle"}
    scaling : str
        One of the board's, as "z-scores by corpus"; "all" shows every row, "best" the row of each method that is best
        on the target's labels.
    interval : {"speakers", "seeds"}
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Raises
    ------
    UserError
        If a choice is not known, or the board has no rows.
    """

    _esm = script(__name__)
    _css = style(__name__)
    board = traitlets.Dict().tag(sync=True)
    scheme_words = traitlets.Dict().tag(sync=True)
    scheme = Choice(lambda w: w.board["schemes"], "mean")
    metric = Choice(METRICS, "war")
    rule = Choice(RULES, "final")
    scaling = Choice(lambda w: _scalings(w.board), "all")
    interval = Choice(INTERVALS, "speakers")

    def __init__(
        self,
        board: Mapping[str, Any],
        *,
        scheme: str = "mean",
        metric: str = "war",
        rule: str = "final",
        scaling: str = "all",
        interval: str = "speakers",
        address: str = "board",
        **kwargs: Any,
    ) -> None:
        if not board["rows"]:
            raise UserError("the board has no rows: there are no records of its methods")
        super().__init__(
            board=dict(board),
            scheme_words={
                name: schemes.in_words(name, full=True) for name in board["schemes"] if name != leaderboard.MEAN
            },
            scheme=scheme,
            metric=metric,
            rule=rule,
            scaling=scaling,
            interval=interval,
            address=address,
            **kwargs,
        )


def _scalings(board: Mapping[str, Any]) -> list[str]:
    found = dict.fromkeys(row["scaling"] for rows in board["figures"].values() for row in rows.values())
    return ["all", "best", *found]
