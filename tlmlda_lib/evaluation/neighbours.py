"""Neighbours of points: numbers that belong beside a scatter plot. Chapter 3.2."""

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
        Rows of ``z``; the earlier one if two points are equally far.

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
    """Share of each point's k nearest neighbours that have the point's own code; the mean over points.

    Chapter 3.2.

    Parameters
    ----------
    z : array_like of shape (n, h)
    codes : array_like of shape (n,)
        Class of each point: its emotion, or a classifier's prediction.
    k : int

    Returns
    -------
    float
        Between 0 and 1; see `chance_share`.

    Raises
    ------
    UserError
        If the number of codes is not the number of points.

    Examples
    --------
    >>> z = [[0.0], [0.1], [5.0], [5.1]]
    >>> neighbour_share(z, ["a", "a", "b", "b"], k=1)
    1.0
    """
    names = np.asarray(codes)
    neighbours = nearest(z, k)
    if names.shape != (len(neighbours),):
        n = len(neighbours)
        raise UserError(f"codes have shape {names.shape}: ({n},) is needed")
    return float((names[neighbours] == names[:, None]).mean())


def chance_share(codes: ArrayLike) -> float:
    """Expected `neighbour_share` if the codes were assigned to the points at random. Chapter 3.2.

    The baseline for true classes. Predictions depend on z, so theirs is higher:
    `tlmlda_lib.book.pages.pictures.motion.head_share`.

    Parameters
    ----------
    codes : array_like of shape (n,)

    Returns
    -------
    float
        Share of pairs of distinct points with the same code; 1 if all codes are equal.

    Examples
    --------
    >>> round(chance_share(["a", "a", "b", "b"]), 4)
    0.3333
    """
    counts = np.unique(np.asarray(codes), return_counts=True)[1].astype(np.int64)
    n = counts.sum()
    return float((counts * (counts - 1)).sum() / (n * (n - 1)))


def kept_share(before: ArrayLike, after: ArrayLike, k: int = 10) -> float:
    """Share of each point's k nearest neighbours in one picture that are its neighbours in the other too.

    Chapter 3.2.

    Parameters
    ----------
    before, after : array_like of shape (n, h), (n, g)
        The same points twice.
    k : int

    Returns
    -------
    float
        Between 0 and 1; k / (n - 1) on average if the two pictures are unrelated.

    Raises
    ------
    UserError
        If the numbers of points differ.
    """
    one, other = nearest(before, k), nearest(after, k)
    if len(one) != len(other):
        raise UserError(f"{len(one)} points before and {len(other)} after: the same points are needed")
    return float(np.mean([np.isin(a, b).mean() for a, b in zip(one, other, strict=True)]))
