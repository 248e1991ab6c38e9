"""Clips that a network never heard: tones, and weights and probabilities drawn at random."""

from __future__ import annotations

from typing import Any

import numpy as np

RATE = 16000
STREAMS, CLASSES = ("prosodic", "acoustic", "egemaps"), ("anger", "fear", "sad")


def heard(seed: int, k: int = 3, c: int = 3) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(c), k + 1)
    weights = np.zeros((k + 1, k))
    weights[0] = rng.dirichlet(np.ones(k))
    for i in range(k):
        weights[i + 1, np.arange(k) != i] = rng.dirichlet(np.ones(k - 1))
    t = np.arange(RATE // 2) / RATE
    sound = (0.1 * (1 + seed % 3) * np.sin(2 * np.pi * (200 + 50 * seed) * t)).astype(np.float32)
    return {"samples": sound, "rate": RATE, "p": p, "weights": weights}


def clips(n: int = 2, ways: tuple[str, ...] = ("room", "noise0", "studio", "noise20")) -> list[dict[str, Any]]:
    return [
        {"emotion": CLASSES[i], "heard": {w: heard(10 * i + j) for j, w in enumerate(ways)}, "caption": f"f{i}"}
        for i in range(n)
    ]
