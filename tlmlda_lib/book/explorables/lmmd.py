"""LMMD by hand: emotions to move, pseudo-labels to spoil, and equations 3 and 4. Chapter 2.4."""

from __future__ import annotations

from typing import Any

import traitlets

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice, Number

#: Initial pictures.
STARTS = ("moved", "samples")

#: What may be missing of sadness: its guesses, its points in the source, both.
MISSING = ("nothing", "guesses", "source", "everywhere")

#: Classes that count, as in `tlmlda_lib.losses.lmmd`. Its third rule differs only for a class in neither domain.
COMMON = ("both", "source")

#: What a drag moves.
MOVES = ("classes", "domain", "points")


class LMMDByHand(Explorable):
    """Emotions of two domains to move, guesses that may be wrong, and the numbers of `tlmlda_lib.losses.mmd_and_lmmd`.

    Parameters
    ----------
    start : {"moved", "samples"}
        Which picture to begin with: the target moved as a whole, or two samples of one distribution.
    classes : {3, 2}
        Number of emotions.
    count : int
        Points of each emotion in each domain, 3 to 10.
    wrong : float
        Share of the target's points whose pseudo-label is wrong, 0 to 1; which ones, and taken for what, is fixed.
    missing : {"nothing", "guesses", "source", "everywhere"}
        What is missing of sadness: its guesses (they fall on the next emotion), its points in the source, or both.
    common : {"both", "source"}
        Classes that count, as in `tlmlda_lib.losses.lmmd`.
    move : {"classes", "domain", "points"}
        What is moved together: one emotion, a whole domain, or single points.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Attributes
    ----------
    source, target : list of [x, y]
        Read back from the page: the points that are compared.
    labels, guesses : list of int
        Their emotions, and the pseudo-labels: 0 anger, 1 sadness, 2 happiness.
    mmd, lmmd : float
        Both squared.

    Raises
    ------
    UserError
        If a parameter has another value.
    """

    _esm = script(__name__)
    _css = style(__name__, "points")
    start = Choice(STARTS, "moved")
    classes = Choice((2, 3), 3)
    count = Number(3, 10, 8)
    wrong = Number(0, 1, 0.0)
    missing = Choice(MISSING, "nothing")
    common = Choice(COMMON, "both")
    move = Choice(MOVES, "classes")
    source = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    target = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    labels = traitlets.List(traitlets.Int()).tag(sync=True)
    guesses = traitlets.List(traitlets.Int()).tag(sync=True)
    mmd = traitlets.Float(0.0).tag(sync=True)
    lmmd = traitlets.Float(0.0).tag(sync=True)

    def __init__(
        self,
        *,
        start: str = "moved",
        classes: int = 3,
        count: int = 8,
        wrong: float = 0.0,
        missing: str = "nothing",
        common: str = "both",
        move: str = "classes",
        address: str = "lmmd",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            start=start,
            classes=classes,
            count=count,
            wrong=wrong,
            missing=missing,
            common=common,
            move=move,
            address=address,
            **kwargs,
        )
