"""MMD by hand: two clouds of points to move, and what equation 3 makes of them. Chapter 2.3."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike

from tlmlda_lib.errors import UserError
from tlmlda_lib.explorables.base import Explorable, script, style

#: Pictures to start from.
STARTS = ("same", "shifted", "wider", "ring")

#: Half width and half height of the picture.
REACH = (4.0, 3.0)


class MMDByHand(Explorable):
    """Two clouds to move, the witness function behind them, and their MMD, as `tlmlda_lib.losses.mmd` gives it.

    Parameters
    ----------
    source, target : array_like of shape (n, 2), optional
        The clouds, n from 2 to 60, within -4 .. 4 and -3 .. 3; kept to two decimals. Without them: `start` and `count`.
    start : {"shifted", "same", "wider", "ring"}
        Which picture to begin with: one cloud moved, two samples of one distribution, the same mean but another spread,
        the same mean and spread but another shape.
    count : int
        Points in each cloud, 3 to 40.
    factor : float
        Bandwidth as a multiple of the mean squared distance, 1/16 to 16; 1 is what the method does.
    address : str
        Name of the state in the page's address; empty leaves the address alone.

    Attributes
    ----------
    mmd, floor, share : float
        Read back from the page: the squared MMD; its mean over all ways to deal the same points into two clouds; the
        share of ways that reach it, estimated from 999 of them.

    Raises
    ------
    UserError
        If the clouds, the start, the count or the factor cannot be used.
    """

    _esm = script(__name__, "points")
    _css = style(__name__, "points")
    source = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    target = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    start = traitlets.Unicode("shifted").tag(sync=True)
    count = traitlets.Int(12).tag(sync=True)
    exponent = traitlets.Float(0.0).tag(sync=True)
    mmd = traitlets.Float(0.0).tag(sync=True)
    floor = traitlets.Float(0.0).tag(sync=True)
    share = traitlets.Float(0.0).tag(sync=True)

    def __init__(
        self,
        source: ArrayLike | None = None,
        target: ArrayLike | None = None,
        *,
        start: str = "shifted",
        count: int = 12,
        factor: float = 1.0,
        address: str = "mmd",
        **kwargs: Any,
    ) -> None:
        if (source is None) != (target is None):
            raise UserError("MMDByHand got one cloud: give both source= and target=, or neither")
        if start not in STARTS:
            raise UserError(f"start={start!r} is not known: use one of {', '.join(STARTS)}")
        if not 3 <= count <= 40:
            raise UserError(f"count={count} is out of range: use 3 to 40 points in each cloud")
        if not 1 / 16 <= factor <= 16:
            raise UserError(f"factor={factor} is out of range: use 1/16 to 16 times the mean squared distance")
        clouds = {}
        if source is not None and target is not None:
            clouds = {"source": _cloud(source, "source"), "target": _cloud(target, "target")}
        super().__init__(**clouds, start=start, count=count, exponent=float(np.log2(factor)), address=address, **kwargs)


def _cloud(points: ArrayLike, name: str) -> list[list[float]]:
    cloud = np.asarray(points, dtype=float)
    if cloud.ndim != 2 or cloud.shape[1] != 2 or not 2 <= len(cloud) <= 60:
        raise UserError(f"{name} has shape {cloud.shape}: MMDByHand shows 2 to 60 points with 2 coordinates each")
    if not (np.abs(cloud) <= REACH).all():
        raise UserError(f"{name} has a point outside -4 .. 4 and -3 .. 3, or one that is no number: scale it down")
    return cloud.round(2).tolist()
