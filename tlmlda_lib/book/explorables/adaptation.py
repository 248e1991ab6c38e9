"""A source with labels and a target without: move the target, and see what alignment gives. Chapter 1.7."""

from __future__ import annotations

from typing import Any

import traitlets

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice, Number

#: What is done about the gap, before LDA learns.
WAYS = ("nothing", "scale", "clouds", "classes")

#: What the colour of the target's points means.
SHOWN = ("nothing", "guesses", "truth")


class AlignClouds(Explorable):
    """Two clouds of two emotions each: the target can be moved, turned and mixed differently, the source aligned to it.

    Parameters
    ----------
    right, up : float
        How far the target is moved, -2.5 to 2.5 and -1 to 1; the two emotions of the source lie 2 apart.
    turn : int
        By how many degrees it is turned, 0 to 180. The turn changes where an emotion lies, which is conditional shift.
    share : int
        Anger in the target, 10 to 90 percent; in the source it is 50.
    way : {"nothing", "scale", "clouds", "classes"}
        What is done to the source before LDA learns on it: nothing; each domain on a scale of its own; mean and
        covariance made the target's; each class moved to the points of the target that are guessed to be of it.
    rounds : int
        How often the classes are guessed and moved, 1 to 10.
    shown : {"nothing", "guesses", "truth"}
        Meaning of the target's colours.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Attributes
    ----------
    accuracies : dict of str to float
        Read back from the page: the share of the target that is recognised, for each way.

    Raises
    ------
    UserError
        If a parameter has another value.
    """

    _esm = script(__name__)
    _css = style(__name__, "points")
    right = Number(-2.5, 2.5, 0.0)
    up = Number(-1, 1, 0.0)
    turn = Number(0, 180, 0)
    share = Number(10, 90, 50)
    way = Choice(WAYS, "nothing")
    rounds = Number(1, 10, 1)
    shown = Choice(SHOWN, "nothing")
    accuracies = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        *,
        right: float = 0.0,
        up: float = 0.0,
        turn: int = 0,
        share: int = 50,
        way: str = "nothing",
        rounds: int = 1,
        shown: str = "nothing",
        address: str = "clouds",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            right=right,
            up=up,
            turn=turn,
            share=share,
            way=way,
            rounds=rounds,
            shown=shown,
            address=address,
            **kwargs,
        )
