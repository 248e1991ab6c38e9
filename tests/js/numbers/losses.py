"""Names of the five losses, and equation 6 for a few epochs."""

from typing import Any

from tlmlda_lib.training.options import FIVE
from tlmlda_lib.weighting import dynamic_weights

LOSSES = [
    {"S": 0.2, "T": 0.3, "y": 1.6, "MMD": 0.05, "LMMD": 0.4},
    {"S": 0.0, "T": 0.0, "y": 0.7, "MMD": 0.0},
    {"S": 0.0, "y": 0.0},
    {"S": 1e-8, "T": 300.0, "y": 1e-3, "MMD": 2.0, "LMMD": 0.1},
]
ALPHA = {"S": 0.1, "T": 1.0, "y": 5.0, "MMD": 2.0, "LMMD": 0.5}


def numbers() -> dict[str, Any]:
    cases = []
    for losses in LOSSES:
        alpha = {name: ALPHA[name] for name in losses}
        cases.append({"losses": losses, "alpha": alpha, "weights": dynamic_weights(losses, alpha)})
    return {"names": list(FIVE), "weights": cases}
