"""Batches of two domains of unequal size: the rows of each step. Chapter 2.7."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from tlmlda_lib.training.options import Options


def prepared(x: Tensor, options: Options) -> Tensor:
    """A batch as the network gets it: as it is, or min-max scaled within itself (``within="batch"``).

    Parameters
    ----------
    x : Tensor of shape (n, d)
        Features.
    options : Options
        Choices of the run.
    """
    if options.within != "batch":
        return x
    low = x.amin(0)
    extent = x.amax(0) - low
    return (x - low) / torch.where(extent > 0, extent, torch.ones_like(extent))


def steps_per_epoch(n_s: int, n_t: int, options: Options) -> int:
    """Steps of an epoch: batches of the longer domain, rounded up, or down with ``drop_last``; at least 1.

    Parameters
    ----------
    n_s, n_t : int
        Rows of source and target.
    options : Options
        Choices of the run.
    """
    longer = max(n_s, n_t)
    if options.drop_last:
        return max(longer // options.batch_size, 1)
    return math.ceil(longer / options.batch_size)


def batches(n_s: int, n_t: int, options: Options, seed: list[int]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Index batches of one epoch: each domain shuffled, the shorter one reshuffled and repeated.

    Parameters
    ----------
    n_s, n_t : int
        Rows of source and target.
    options : Options
        Choices of the run.
    seed : int
        Random seed of the order.

    Yields
    ------
    i, j : ndarray of shape (b_s,), (b_t,)
        Rows of the source and of the target; b is the batch size, or the domain's size where that is smaller.
    """
    rng = np.random.default_rng(seed)
    steps = steps_per_epoch(n_s, n_t, options)

    def stream(n: int) -> np.ndarray:
        b = min(options.batch_size, n)
        if b == 0:
            return np.empty((steps, 0), dtype=np.int64)
        usable = n - n % b if options.drop_last else n
        rounds = [rng.permutation(n)[:usable] for _ in range(math.ceil(steps * b / usable))]
        return np.concatenate(rounds)[: steps * b].reshape(steps, b)

    yield from zip(stream(n_s), stream(n_t), strict=True)
