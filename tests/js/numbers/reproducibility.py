"""How often a few seeds rank as all do, and orders with ties, as chapter 4.3 counts them."""

from typing import Any

import numpy as np

from tlmlda_lib.book.pages.reproducibility import rankings

MADE = (
    [[5, 3, 4], [4, 4, 5], [1, 2, 0]],
    [[7, 7, 7, 7], [7, 7, 7, 7]],
    [[10, 0, 0, 0, 0], [1, 1, 1, 1, 1], [3, 2, 1, 0, -1], [2, 2, 2, 2, 2]],
    np.random.default_rng(3).integers(100, 130, (6, 5)).tolist(),
)


def numbers() -> list[dict[str, Any]]:
    cases = []
    for units in MADE:
        held = {k: rankings.held(units, k) for k in (1, 2, 5, 20)}
        shares = {k: {"first": h.winner, "order": h.order} for k, h in held.items()}
        cases.append({"units": units, "order": rankings.order(np.sum(units, axis=1)), "held": shares})
    return cases
