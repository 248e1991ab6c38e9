"""How far probabilities move when a stream is left out."""

from typing import Any

import numpy as np

from tlmlda_lib.book.explorables.trust import missed

STREAMS, CLASSES = ["prosodic", "acoustic", "egemaps"], ["anger", "fear", "sad"]


def numbers() -> dict[str, Any]:
    rng = np.random.default_rng(6)
    every = []
    for _ in range(8):
        p, weights = (rng.dirichlet(np.ones(3), 4).round(4) for _ in range(2))
        every.append({"p": p.tolist(), "weights": weights.tolist(), "missed": missed(p).tolist()})
    agree = sum(int(np.argmax(h["weights"][0]) == np.argmax(h["missed"])) for h in every)
    return {"streams": STREAMS, "classes": CLASSES, "every": every, "agree": agree}
