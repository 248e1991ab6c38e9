"""What a page counts itself of a training: recognised, and what neighbours share where names are dealt at random."""

import base64
from typing import Any

import numpy as np

from tlmlda_lib.evaluation import war
from tlmlda_lib.evaluation.neighbours import chance_share

EMOTIONS = ["anger", "fear", "sad"]
N, EPOCHS = 15, 3


def numbers() -> dict[str, Any]:
    rng = np.random.default_rng(8)
    target, emotion = rng.random(N) < 0.6, rng.integers(0, 3, N)
    predicted = rng.integers(0, 3, (EPOCHS, N))
    xy = rng.integers(-30000, 30001, (EPOCHS, N, 2))
    return {
        "emotions": EMOTIONS,
        "points": [
            {"domain": "target" if t else "source", "emotion": EMOTIONS[e]}
            for t, e in zip(target, emotion, strict=True)
        ],
        "xy": base64.b64encode(xy.astype("<i2").tobytes()).decode(),
        "places": xy[-1].tolist(),
        "predicted": ["".join(map(str, row)) for row in predicted.tolist()],
        "war": [war(emotion[target], row[target]) / 100 for row in predicted],
        "chance": [chance_share(row[target]) for row in predicted],
        "chance_true": chance_share(emotion[target]),
    }
