"""What does a training step cost beyond its matrix products and Adam?

The baseline is a bare loop: the same Linear layers on a batch of the same size, nothing between them, a mean of
squares, and the same Adam. One thread. Run: python benchmarks/training.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from tlmlda_lib.options import PAPER
from tlmlda_lib.trainer import Trainer, batch_losses, build_network
from tlmlda_lib.weighting import LossWeights

N, D, CLASSES = 100, 1582, 5


def full_step() -> Callable[[], None]:
    """One step as the trainer does it (preset ``paper``)."""
    torch.manual_seed(0)
    network = build_network(PAPER, D, CLASSES)
    optimizer = Trainer(PAPER)._optimizer(network)
    weights = LossWeights(PAPER.losses, PAPER.factors(), PAPER.update)
    xs, xt, ys = torch.rand(1000, D), torch.rand(1000, D), torch.arange(1000) % CLASSES
    rng = np.random.default_rng(0)

    def step() -> None:
        i, j = rng.permutation(1000)[:N], rng.permutation(1000)[:N]
        terms = batch_losses(network, xs[i], ys[i], xt[j], PAPER)
        w = weights.of_batch({name: term.item() for name, term in terms.items()})
        total = torch.stack([w[name] * terms[name] for name in terms]).sum()
        optimizer.zero_grad()
        total.backward()
        optimizer.step()

    return step


def bare_step() -> Callable[[], None]:
    """The same Linear layers and the same Adam, and nothing else."""
    torch.manual_seed(0)
    network = build_network(PAPER, D, CLASSES)
    optimizer = Trainer(PAPER)._optimizer(network)

    def linear(module: nn.Module) -> nn.Sequential:
        return nn.Sequential(*(m for m in module.modules() if isinstance(m, nn.Linear)))

    encoder, decoder, emotion = (
        linear(m) for m in (network.autoencoder.encoder, network.autoencoder.decoder, network.emotion)
    )
    x = torch.rand(2 * N, D)

    def step() -> None:
        code = encoder(x)
        total = decoder(code).square().mean() + emotion(code).square().mean()
        optimizer.zero_grad()
        total.backward()
        optimizer.step()

    return step


def main() -> None:
    torch.set_num_threads(1)
    steps = {"full": full_step(), "bare": bare_step()}
    times: dict[str, list[float]] = {name: [] for name in steps}
    for i in range(43):
        for name, step in steps.items():  # by turns, so that a busy machine is busy for both
            began = time.perf_counter()
            step()
            if i >= 3:
                times[name].append(time.perf_counter() - began)
    full, bare = (float(np.median(times[name])) for name in ("full", "bare"))
    print(f"training step, preset paper, batch 100 + 100: {full / bare:.2f} times a bare loop of its products and Adam")


if __name__ == "__main__":
    main()
