"""Speakers drawn with replacement, and how far the score moves: a bootstrap to watch. Chapter 1.5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import traitlets

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice, Number
from tlmlda_lib.errors import UserError

#: What may be drawn, and the most draws.
UNITS = ("speakers", "utterances")
MOST = 2000


class DrawSpeakers(Explorable):
    """Draw speakers, or utterances, with replacement, and watch the interval of the score grow.

    Parameters
    ----------
    speakers : mapping of str to (int, int)
        By speaker: how many utterances were recognised, and how many there are.
    unit : {"speakers", "utterances"}
        What is drawn.
    draws : int
        Number of draws so far, 1 to 2000.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Attributes
    ----------
    interval : list of float
        Read back from the page: the middle 95 % of the draws so far, in percent.

    Raises
    ------
    UserError
        If there are fewer than two speakers, counts do not fit, or a setting is out of its range.

    Examples
    --------
    >>> DrawSpeakers({"f1": (9, 20), "m1": (14, 20)}, unit="utterances").draws
    1
    """

    _esm = script(__name__)
    _css = style(__name__)
    speakers = traitlets.List(traitlets.Dict()).tag(sync=True)
    unit = Choice(UNITS, UNITS[0])
    draws = Number(1, MOST, 1)
    interval = traitlets.List(traitlets.Float()).tag(sync=True)

    def __init__(
        self,
        speakers: Mapping[str, tuple[int, int]],
        *,
        unit: str = UNITS[0],
        draws: int = 1,
        address: str = "drawn",
        **kwargs: Any,
    ) -> None:
        if len(speakers) < 2:
            raise UserError(f"{len(speakers)} speakers cannot be drawn: at least 2 are needed")
        for name, (right, total) in speakers.items():
            if not 0 <= right <= total or total < 1:
                raise UserError(f"{name}: {right} of {total} utterances were recognised; give 0 to all of at least 1")
        people = [{"name": n, "right": int(right), "total": int(total)} for n, (right, total) in speakers.items()]
        super().__init__(speakers=people, unit=unit, draws=draws, address=address, **kwargs)
