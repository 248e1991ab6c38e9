"""Equation 3 of points that are read from an address, with the bandwidth that the page uses."""

from typing import Any

import numpy as np
import torch

from tlmlda_lib.losses import mmd


def numbers() -> list[dict[str, Any]]:
    rng = np.random.default_rng(0)
    cases = []
    for ns, nt, exponent in ((5, 7, 0), (12, 12, 1.5), (3, 30, -4), (40, 2, 4)):
        source = rng.normal(0, 0.8, (ns, 2)).round(2)
        target = rng.normal(0.9, 0.8, (nt, 2)).clip(-3, 3).round(2)
        z = np.vstack([source, target])
        gaps = ((z[:, None] - z[None]) ** 2).sum(-1)
        n = len(z)
        middle = 2**exponent * gaps.sum() / (n * n - n)
        value = mmd(torch.tensor(source), torch.tensor(target), bandwidth=middle)
        floor = np.mean([_dealt(z, ns, middle, rng) for _ in range(300)])
        cases.append(
            {"source": source.tolist(), "target": target.tolist(), "exponent": exponent, "middle": middle}
            | {"mmd": float(value), "about_floor": round(float(floor), 2)}
        )
    return cases


def _dealt(z: np.ndarray, ns: int, middle: float, rng: np.random.Generator) -> float:
    order = rng.permutation(len(z))
    return float(mmd(torch.tensor(z[order[:ns]]), torch.tensor(z[order[ns:]]), bandwidth=middle))
