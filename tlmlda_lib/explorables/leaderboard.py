"""A leaderboard that says what its order depends on, and who is not significantly below the first. Chapter 3.3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import traitlets

from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import METRICS, RULES
from tlmlda_lib.explorables.base import Explorable, script, style

#: What an interval is over.
INTERVALS = ("speakers", "seeds")


class Leaderboard(Explorable):
    """Methods in order, by scheme, metric, rule of the epoch and scaling.

    Parameters
    ----------
    board : dict
        From `tlmlda_lib.experiments.leaderboard.board`.
    scheme : str
        One of the board's, or "mean".
    metric : {"war", "uar"}
    rule : {"final", "unsupervised", "oracle"}
    scaling : str
        One of the board's, as "z-scores by corpus"; "all" shows every row, "best" of each method the one that is
        best on the target's labels.
    interval : {"speakers", "seeds"}
    address : str
        Name of the state in the page's address; empty leaves the address alone.

    Raises
    ------
    UserError
        If a choice is not known, or the board has no row.
    """

    _esm = script(__name__)
    _css = style(__name__)
    board = traitlets.Dict().tag(sync=True)
    scheme = traitlets.Unicode("mean").tag(sync=True)
    metric = traitlets.Unicode("war").tag(sync=True)
    rule = traitlets.Unicode("final").tag(sync=True)
    scaling = traitlets.Unicode("all").tag(sync=True)
    interval = traitlets.Unicode("speakers").tag(sync=True)

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
            raise UserError("the board has no row: there are no records of its methods")
        scalings = dict.fromkeys(row["scaling"] for rows in board["figures"].values() for row in rows.values())
        for name, value, known in (
            ("scheme", scheme, tuple(board["schemes"])),
            ("metric", metric, METRICS),
            ("rule", rule, RULES),
            ("scaling", scaling, ("all", "best", *scalings)),
            ("interval", interval, INTERVALS),
        ):
            if value not in known:
                raise UserError(f"{name}={value!r} is not known: use one of {'; '.join(known)}")
        super().__init__(
            board=dict(board),
            scheme=scheme,
            metric=metric,
            rule=rule,
            scaling=scaling,
            interval=interval,
            address=address,
            **kwargs,
        )
