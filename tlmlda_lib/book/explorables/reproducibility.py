"""Rankings of methods from a few drawn seeds, and how often they are the ranking of all seeds. Chapter 4.3."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import traitlets

from tlmlda_lib import domains
from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice, Number
from tlmlda_lib.book.pages.reproducibility import rankings
from tlmlda_lib.errors import UserError


class HowManySeeds(Explorable):
    """Draw seeds of recorded runs, with replacement, see which method is first, and count over all draws.

    Nothing is trained: the page contains the scores of the records from which it was built. It counts as
    `tlmlda_lib.book.pages.reproducibility.rankings.held` does.

    Parameters
    ----------
    records : iterable of dict
        As `tlmlda_lib.experiments.shipped.records` gives them.
    methods : str, optional
        A key of `tlmlda_lib.book.pages.reproducibility.rankings.SETS` that was recorded; without it the first.
    scheme : str, optional
        One that was recorded, or "mean"; without it R2C, or the first.
    seeds : int
        Number of seeds to draw, from 1 to `tlmlda_lib.book.pages.reproducibility.rankings.MOST_DRAWN`.
    draw : int
        Number of the visible draw, from 1.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Raises
    ------
    UserError
        If no three methods were run with two seeds, or a choice is not known.
    """

    _esm = script(__name__)
    _css = style(__name__)
    data = traitlets.Dict().tag(sync=True)
    scheme_words = traitlets.Dict().tag(sync=True)
    most = traitlets.Int(rankings.MOST_DRAWN).tag(sync=True)
    methods = Choice(lambda w: w.data, "")
    scheme = Choice(lambda w: sorted({s for one in w.data.values() for s in one["schemes"]}), "")
    seeds = Number(1, rankings.MOST_DRAWN, 1)
    draw = Number(1, 9999, 1)

    def __init__(
        self,
        records: Iterable[Mapping[str, Any]],
        *,
        methods: str | None = None,
        scheme: str | None = None,
        seeds: int = 1,
        draw: int = 1,
        address: str = "seeds",
        **kwargs: Any,
    ) -> None:
        data = rankings.collect(records)
        if not data:
            raise UserError("no three methods were run with two seeds: `tlmlda reproduce table3` makes such records")
        methods = methods or next(iter(data))
        if methods not in data:
            raise UserError(f"methods={methods!r} is not known: use one of {', '.join(data)}")
        schemes = data[methods]["schemes"]
        scheme = scheme or ("R2C" if "R2C" in schemes else next(iter(schemes)))
        if scheme not in schemes:
            raise UserError(f"scheme={scheme!r} is not known: use one of {', '.join(schemes)}")
        named = {name for one in data.values() for name in one["schemes"]} - {"mean"}
        super().__init__(
            data=data,
            scheme_words={name: domains.schemes.in_words(name) for name in sorted(named)},
            methods=methods,
            scheme=scheme,
            seeds=seeds,
            draw=draw,
            address=address,
            **kwargs,
        )
