"""LMMD by hand: emotions to move, guesses to spoil, and what equations 3 and 4 make of them. Chapter 2.4."""

from __future__ import annotations

from typing import Any

import traitlets

from tlmlda_lib.errors import UserError
from tlmlda_lib.explorables.base import Explorable, script, style

#: Pictures to start from.
STARTS = ("moved", "samples")

#: What can be missing of sadness: its guesses, its points in the source, both.
MISSING = ("nothing", "guesses", "source", "everywhere")

#: Classes that count, as in `tlmlda_lib.losses.lmmd`.
COMMON = ("both", "source", "all")


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
    common : {"both", "source", "all"}
        Classes that count, as in `tlmlda_lib.losses.lmmd`.
    address : str
        Name of the state in the page's address; empty leaves the address alone.

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
        If one of the parameters is not among these.
    """

    _esm = script(__name__, "points")
    _css = style(__name__, "points")
    start = traitlets.Unicode("moved").tag(sync=True)
    classes = traitlets.Int(3).tag(sync=True)
    count = traitlets.Int(8).tag(sync=True)
    wrong = traitlets.Float(0.0).tag(sync=True)
    missing = traitlets.Unicode("nothing").tag(sync=True)
    common = traitlets.Unicode("both").tag(sync=True)
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
        address: str = "lmmd",
        **kwargs: Any,
    ) -> None:
        for name, value, known in (
            ("start", start, STARTS),
            ("missing", missing, MISSING),
            ("common", common, COMMON),
        ):
            if value not in known:
                raise UserError(f"{name}={value!r} is not known: use one of {', '.join(known)}")
        if classes not in (2, 3):
            raise UserError(f"classes={classes} is out of range: use 2 or 3 emotions")
        if not 3 <= count <= 10:
            raise UserError(f"count={count} is out of range: use 3 to 10 points of each emotion")
        if not 0 <= wrong <= 1:
            raise UserError(f"wrong={wrong} is out of range: use a share from 0 to 1")
        super().__init__(
            start=start,
            classes=classes,
            count=count,
            wrong=float(wrong),
            missing=missing,
            common=common,
            address=address,
            **kwargs,
        )
