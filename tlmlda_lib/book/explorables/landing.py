"""Two corpora in the plane of what a network sees, before and after alignment. The landing page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.shift import _map, _point
from tlmlda_lib.book.explorables.sitting import PEAK
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import plots


class CloudsMeet(Explorable):
    """Marks that can be heard, and that move when alignment is switched on.

    Parameters
    ----------
    points : sequence of mappings
        Each with "corpus" (one of two names; the first point's is the source), "emotion" (one of
        `tlmlda_lib.corpora.EMOTIONS`) and "speaker"; those with "samples" (float array (n,)) and "rate" (Hz) can be
        heard.
    apart, aligned : mapping
        Without and with alignment: "xy" (array (n, 2), where each point lies) and "predicted" (n emotions, ``""`` for
        the points of the source).
    on : bool
        Whether alignment is switched on.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Raises
    ------
    UserError
        If points and places do not match, or contain what cannot be shown.
    """

    _esm = script(__name__)
    _css = style(__name__, "shift")
    points = traitlets.List(traitlets.Dict()).tag(sync=True)
    maps = traitlets.List(traitlets.Dict()).tag(sync=True)
    on = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        points: Sequence[Mapping[str, Any]],
        apart: Mapping[str, Any],
        aligned: Mapping[str, Any],
        *,
        on: bool = False,
        address: str = "meet",
        **kwargs: Any,
    ) -> None:
        corpora = list(dict.fromkeys(str(p.get("corpus", "")) for p in points))
        if len(corpora) != 2 or "" in corpora:
            raise UserError(f"the points are from the corpora {corpora}: each needs one, and there must be two")
        for p in points:
            plots.colour(p.get("emotion", ""))
        loudest = max((np.abs(p["samples"]).max() for p in points if "samples" in p), default=1.0)
        super().__init__(
            points=[_point(p, corpora, PEAK / max(loudest, 1e-9)) for p in points],
            maps=[_map(name, one, len(points)) for name, one in (("apart", apart), ("aligned", aligned))],
            on=on,
            address=address,
            **kwargs,
        )
