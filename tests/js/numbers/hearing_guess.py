"""Confusion matrices and hits of a game, one of which is guessed in part."""

from typing import Any

import numpy as np

from tlmlda_lib.evaluation import confusion, war

CLASSES = ["anger", "happy", "sad"]
TRUTH = ["sad", "anger", "happy", "happy", "anger", "sad", "sad", "anger", "happy"]
SAID = [
    ["sad", "sad", "happy", "anger", "anger", "sad", "happy", "anger", "happy"],
    ["sad", "", "anger", "", "", "sad", "anger", "happy", ""],
    [""] * 8 + ["happy"],
]


def numbers() -> dict[str, Any]:
    return {"classes": CLASSES, "truth": TRUTH, "games": [_game(said) for said in SAID]}


def _game(said: list[str]) -> dict[str, Any]:
    truth, guess = (np.array([CLASSES.index(a[i]) for i, s in enumerate(said) if s]) for a in (TRUTH, said))
    return {"said": said, "matrix": confusion(truth, guess, len(CLASSES)).tolist(), "war": war(truth, guess)}
