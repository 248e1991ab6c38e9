"""A training step of the network that the page computes: losses, the gradient of each, weights, and Adam's steps."""

from typing import Any
from unittest import mock

import numpy as np
import torch

from tlmlda_lib.book.explorables.batch import TINY, OneBatch
from tlmlda_lib.training.options import FIVE
from tlmlda_lib.training.trainer import batch_losses, build_network
from tlmlda_lib.weighting import LossWeights

#: Features, labels of the source, utterances of the target, seed. In the second no class is in both domains.
CASES = [(3, [0, 1, 2, 0], 3, 2), (2, [1, 1, 1], 4, 1)]
STEPS = 3
#: BatchNorm takes the first bias out: its slope is nothing but rounding, which processors do differently, and Adam
#: divides it by 1e-8.
GOOD_TO = 1e-7


def numbers() -> dict[str, Any]:
    rng = np.random.default_rng(1)
    return {
        "std": TINY.noise_std,
        "rate": TINY.learning_rate,
        "alpha": TINY.factors(),
        "cases": [_case(d, ys, nt, seed, rng) for d, ys, nt, seed in CASES],
    }


def _case(d: int, ys: list[int], nt: int, seed: int, rng: np.random.Generator) -> dict[str, Any]:
    classes = [f"class {c}" for c in range(max(ys) + 1)]
    xs, xt = rng.uniform(0, 1, (len(ys), d)).round(3), rng.uniform(0, 1, (nt, d)).round(3)
    first = OneBatch(xs, ys, xt, classes=classes, features=list("abcde"[:d]), seed=seed).parameters
    network = build_network(TINY, d, len(classes)).double().train()
    parameters = list(network.parameters())
    with torch.no_grad():
        for parameter, value in zip(parameters, first, strict=True):
            parameter.copy_(torch.tensor(value, dtype=torch.float64))
    optimiser = torch.optim.Adam(parameters, lr=TINY.learning_rate)
    rule = LossWeights(FIVE, TINY.factors(), "epoch")
    batches = []
    for i in range(STEPS):
        noise = [rng.normal(size=x.shape).round(3) for x in (xs, xt)]
        with mock.patch.object(torch, "randn_like", side_effect=[torch.tensor(e) for e in noise]):
            terms = batch_losses(network, torch.tensor(xs), torch.tensor(ys), torch.tensor(xt), TINY)
        values = {name: term.item() for name, term in terms.items()}
        weights = rule.of_batch(values)
        batches.append({"noise": np.vstack(noise).tolist(), "losses": values, "weights": weights})
        if i == 0:
            batches[0]["gradients"] = {name: _gradient(term, parameters) for name, term in terms.items()}
        optimiser.zero_grad()
        sum((weights[name] * term for name, term in terms.items()), torch.tensor(0.0)).backward()
        optimiser.step()
        rule.end_epoch()
    return {"first": first, "ys": ys, "clean": np.vstack([xs, xt]).tolist(), "batches": batches} | {
        "after": [_digits(p.detach()) for p in parameters]
    }


def _gradient(term: torch.Tensor, parameters: list[torch.nn.Parameter]) -> list[Any]:
    found = torch.autograd.grad(term, parameters, retain_graph=True, allow_unused=True, materialize_grads=True)
    return [_digits(g) for g in found]


def _digits(values: torch.Tensor) -> Any:
    """Lists of numbers with eight digits."""
    return [_digits(v) for v in values] if values.ndim else float(f"{values.item():.8g}")
