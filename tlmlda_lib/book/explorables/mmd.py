"""MMD by hand: two clouds of points to move, and their squared MMD. Chapter 2.3."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice, Number
from tlmlda_lib.errors import UserError

#: Initial pictures.
STARTS = ("same", "shifted", "wider", "ring")

#: Half width and half height of the picture.
REACH = (4.0, 3.0)


#: What a drag moves.
MOVES = ("clouds", "points")


class Cloud(traitlets.TraitType[Any, Any]):
    """Points of a cloud, kept to two decimals; none if the page generates them."""

    default_value: tuple[()] = ()

    def validate(self, obj: Any, value: ArrayLike) -> list[list[float]]:
        """The points as lists, or a `UserError`.

        Parameters
        ----------
        obj : Explorable
            The figure.
        value : array_like of shape (n, 2)
            The new points.
        """
        cloud = np.asarray(value, dtype=float)
        if not cloud.size:
            return []
        if cloud.ndim != 2 or cloud.shape[1] != 2 or not 2 <= len(cloud) <= 60:
            raise UserError(
                f"{self.name} has shape {cloud.shape}: {type(obj).__name__} shows 2 to 60 points in a plane"
            )
        if not (np.abs(cloud) <= REACH).all():
            raise UserError(
                f"{self.name} has a point outside -4 .. 4 and -3 .. 3, or one that is not finite: scale it down"
            )
        return cloud.round(2).tolist()


class MMDByHand(Explorable):
    """Two clouds to move, the witness function behind them, and their MMD, as `tlmlda_lib.losses.mmd` gives it.

    Parameters
    ----------
    source, target : array_like of shape (n, 2), optional
        The clouds, n from 2 to 60, within -4 .. 4 and -3 .. 3; kept to two decimals. Without them: `start` and `count`.
    start : {"shifted", "same", "wider", "ring"}
        Which picture to begin with: one cloud moved, two samples of one distribution, the same mean but another spread,
        the same mean and spread but another shape: a heap with a few far points, and a ring.
    count : int
        Points in each cloud, 3 to 40.
    factor : float
        Bandwidth as a multiple of the mean squared distance, 1/16 to 16; 1 is what the method does.
    move : {"clouds", "points"}
        What is moved: whole clouds, or single points.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Attributes
    ----------
    mmd, floor, share : float
        Read back from the page: the squared MMD; its mean over all shuffles of the labels source and target; the share
        of shuffles that reach it, estimated from 999 of them.

    Raises
    ------
    UserError
        If the clouds, the start, the count or the factor cannot be used.
    """

    _esm = script(__name__)
    _css = style(__name__, "points")
    source = Cloud().tag(sync=True)
    target = Cloud().tag(sync=True)
    start = Choice(STARTS, "shifted")
    count = Number(3, 40, 12)
    exponent = Number(-4, 4, 0.0)
    move = Choice(MOVES, "clouds")
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
        move: str = "clouds",
        address: str = "mmd",
        **kwargs: Any,
    ) -> None:
        if (source is None) != (target is None):
            raise UserError("MMDByHand got one cloud: give both source= and target=, or neither")
        clouds = {} if source is None else {"source": source, "target": target}
        exponent = _exponent(factor)
        super().__init__(**clouds, start=start, count=count, exponent=exponent, move=move, address=address, **kwargs)

    @property
    def factor(self) -> float:
        """Bandwidth as a multiple of the mean squared distance."""
        return float(2**self.exponent)

    @factor.setter
    def factor(self, value: float) -> None:
        self.exponent = _exponent(value)


def _exponent(factor: float) -> float:
    if not 1 / 16 <= factor <= 16:
        raise UserError(f"factor={factor} is out of range: use 1/16 to 16 times the mean squared distance")
    return float(np.log2(factor))
