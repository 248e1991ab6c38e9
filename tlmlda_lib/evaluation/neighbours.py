"""Who lies beside whom: numbers that stand beside a picture of points. Chapter 3.2."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist

from tlmlda_lib.errors import UserError


def nearest(z: ArrayLike, k: int = 10) -> NDArray[np.int64]:
    """The k nearest neighbours of each point, the nearest first; a point is not its own.

    Chapter 3.2.

    Parameters
    ----------
    z : array_like of shape (n, h)
    k : int
        From 1 to n - 1.

    Returns
    -------
    ndarray of shape (n, k)
        Rows of ``z``; of points that are equally far the earlier one.

    Raises
    ------
    UserError
        If there are not that many neighbours.
    """
    points = np.asarray(z, dtype=np.float64)
    if points.ndim != 2 or not 1 <= k < len(points):
        shape = points.shape
        raise UserError(f"k={k}, points {shape}: (n, h) with n > k is needed")
    distance = cdist(points, points, "sqeuclidean")
    np.fill_diagonal(distance, np.inf)
    return np.argsort(distance, axis=1, kind="stable")[:, :k]


def neighbour_share(z: ArrayLike, codes: ArrayLike, k: int = 10) -> float:
    """Of each point's k nearest neighbours, the share that has the point's own code; the mean over points.

    Chapter 3.2.

    Parameters
    ----------
    z : array_like of shape (n, h)
    codes : array_like of shape (n,)
        What each point is called: its emotion, or what a classifier makes of it.
    k : int

    Returns
    -------
    float
        Between 0 and 1; see `chance_share`.

    Raises
    ------
    UserError
        If there is not one code for each point.
    """
    names = np.asarray(codes)
    neighbours = nearest(z, k)
    if names.shape != (len(neighbours),):
        n = len(neighbours)
        raise UserError(f"codes have shape {names.shape}: ({n},) is needed")
    return float((names[neighbours] == names[:, None]).mean())


def chance_share(codes: ArrayLike) -> float:
    """What `neighbour_share` is on average where the codes are dealt to the points at random.

    The baseline of true classes. Predictions are read off z, and have a higher one:
    `tlmlda_lib.book.pages.pictures.motion.head_share`. Chapter 3.2.

    Parameters
    ----------
    codes : array_like of shape (n,)

    Returns
    -------
    float
        The share of pairs of distinct points that have one code; 1 where all have the same.
    """
    counts = np.unique(np.asarray(codes), return_counts=True)[1].astype(np.int64)
    n = counts.sum()
    return float((counts * (counts - 1)).sum() / (n * (n - 1)))


def kept_share(before: ArrayLike, after: ArrayLike, k: int = 10) -> float:
    """Of each point's k nearest neighbours in one picture, the share that it has in the other as well.

    Chapter 3.2.

    Parameters
    ----------
    before, after : array_like of shape (n, h), (n, g)
        The same points twice.
    k : int

    Returns
    -------
    float
        Between 0 and 1; k / (n - 1) on average where the two have nothing in common.

    Raises
    ------
    UserError
        If the two do not have the same number of points.
    """
    one, other = nearest(before, k), nearest(after, k)
    if len(one) != len(other):
        raise UserError(f"{len(one)} points before and {len(other)} after: the same points are needed")
    return float(np.mean([np.isin(a, b).mean() for a, b in zip(one, other, strict=True)]))
