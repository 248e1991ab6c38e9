"""Equation 2 of one utterance, its gradient, and where gradient descent leads."""

from typing import Any

import torch

from tlmlda_lib.book.explorables.emotion import EMOTIONS
from tlmlda_lib.losses import classification

CASES = [
    ([0.5, -0.5, 1.5, 0.0, -1.0], "anger", "meant", 1.0),
    ([0.5, -0.5, 1.5, 0.0, -1.0], "happy", "printed", 0.3),
    ([9.0, -9.0, 0.0, 0.0, 0.0], "fear", "printed", 2.5),
    ([700.0, 0.0, -3.0, 2.0, -700.0], "sad", "meant", 5.0),
]


def numbers() -> dict[str, Any]:
    cases = []
    for scores, true, sign, rate in CASES:
        label = torch.tensor([EMOTIONS.index(true)])
        leaf = torch.tensor([scores], dtype=torch.float64, requires_grad=True)
        loss = classification(leaf, label)
        (slope,) = torch.autograd.grad(loss, leaf)
        optimiser = torch.optim.SGD([leaf], lr=rate, maximize=sign == "printed")
        after = []
        for _ in range(30):
            optimiser.zero_grad()
            classification(leaf, label).backward()
            optimiser.step()
            after.append(leaf[0].tolist())
        cases.append(
            {"scores": scores, "true": true, "sign": sign, "rate": rate, "loss": loss.item()}
            | {"p": torch.tensor(scores).double().softmax(0).tolist(), "slope": slope[0].tolist()}
            | {"after_1": after[0], "after_30": after[-1]}
        )
    return {"emotions": list(EMOTIONS), "cases": cases}
