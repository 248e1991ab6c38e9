"""Equations 3 and 4 of points that are read from an address, and their means over all ways to deal the points."""

import itertools
from typing import Any

import numpy as np
import torch

from tlmlda_lib.book.explorables.lmmd import COMMON
from tlmlda_lib.losses import mmd_and_lmmd, quadratic_forms

#: Labels of the source and guesses of the target: all classes in both, one without guesses, one without points.
CASES = [
    ([0, 0, 1, 1, 2, 2], [0, 1, 1, 2, 2, 0]),
    ([0, 0, 1, 1, 2], [0, 0, 2, 2, 2, 0]),
    ([0, 0, 2, 2], [0, 1, 1, 2]),
    ([0, 0, 1, 1, 1], [0, 1, 1]),
    ([0, 0], [1, 1]),
]


def numbers() -> list[dict[str, Any]]:
    rng = np.random.default_rng(0)
    return [_case(ys, guesses, rng) for ys, guesses in CASES]


def _case(ys: list[int], guesses: list[int], rng: np.random.Generator) -> dict[str, Any]:
    zs = rng.normal(0, 0.8, (len(ys), 2)).clip(-3, 3).round(2)
    zt = rng.normal(0.9, 0.8, (len(guesses), 2)).clip(-3, 3).round(2)
    classes = max(*ys, *guesses) + 1
    pt = torch.eye(classes, dtype=torch.float64)[guesses]
    given = torch.tensor(zs), torch.tensor(zt), torch.tensor(ys), pt
    z = torch.tensor(np.vstack([zs, zt]))
    label = np.array(ys + guesses)
    parts = [_dealt(z, np.flatnonzero(label == c), len(ys)) for c in range(classes)]
    return {
        "zs": zs.tolist(),
        "zt": zt.tolist(),
        "ys": ys,
        "guesses": guesses,
        "classes": classes,
        "by_common": {c: [value.item() for value in mmd_and_lmmd(*given, common=c)] for c in COMMON},
        "floor": _dealt(z, np.arange(len(z)), len(ys)),
        "floors": parts,
    }


def _dealt(z: torch.Tensor, rows: np.ndarray, ns: int) -> float | None:
    """The mean over all ways to deal some points to two domains as large as theirs; None where one has none."""
    own = int((rows < ns).sum())
    if own in (0, len(rows)):
        return None
    deals = [list(chosen) for chosen in itertools.combinations(rows, own)]
    w = np.zeros((len(z), len(deals)))
    w[rows] = -1 / (len(rows) - own)
    for r, chosen in enumerate(deals):
        w[chosen, r] = 1 / own
    return quadratic_forms(z, torch.tensor(w)).mean().item()
