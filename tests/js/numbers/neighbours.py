"""Shares of neighbours and of right predictions, of points whose places have few digits."""

from typing import Any

import numpy as np

from tlmlda_lib.evaluation import war
from tlmlda_lib.evaluation.neighbours import nearest, neighbour_share

EMOTIONS = np.array(["anger", "fear", "sad"])
N, K = 24, 5


def numbers() -> dict[str, Any]:
    rng = np.random.default_rng(4)
    place, emotion = np.arange(N) % 2, rng.integers(0, 3, N)
    xy = rng.normal(place[:, None] * 0.7, 1, (N, 2)).round(1)  # some lie equally far
    said = rng.integers(0, 3, N)
    there = place == 1
    points = [{"place": int(p), "emotion": str(EMOTIONS[e])} for p, e in zip(place, emotion, strict=True)]
    return {
        "k": K,
        "points": points,
        "xy": xy.tolist(),
        "predicted": [str(EMOTIONS[s]) if t else "" for s, t in zip(said, there, strict=True)],
        "nearest": nearest(xy, K).tolist(),
        "corpus": neighbour_share(xy, place, K),
        "emotion": float(np.mean([across(xy, place, emotion, i) for i in np.flatnonzero(there)])),
        "recognised": war(emotion[there], said[there]) / 100,
    }


def across(xy: np.ndarray, place: np.ndarray, emotion: np.ndarray, i: int) -> float:
    """Of a point's nearest in the other corpus, those of its own emotion: the library orders it with that corpus."""
    rows = np.append(np.flatnonzero(place == 0), i)
    near = rows[nearest(xy[rows], K)[-1]]
    return float((emotion[near] == emotion[i]).mean())
