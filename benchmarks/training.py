"""What does a training step cost beyond its matrix products and Adam, and where does its time go?

The baseline is a bare loop: the same Linear layers on batches of the same size, nothing between them, a mean of
squares, and the same Adam. Processor time, one thread. Run: python benchmarks/training.py
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import nn

from tlmlda_lib.training import criteria as selection
from tlmlda_lib.training.batches import prepared
from tlmlda_lib.training.options import PRESETS, Options
from tlmlda_lib.training.trainer import Trainer, batch_losses, build_network
from tlmlda_lib.weighting import LossWeights

N, D, CLASSES, ROWS = 100, 1582, 5, 1000
ROUNDS, WARM = 30, 4


def full_step(o: Options) -> Iterator[str]:
    """One step after another as the trainer does them; gives the name of each part when it is over."""
    torch.manual_seed(0)
    network = build_network(o, D, CLASSES).train()
    optimizer = Trainer(o)._optimizer(network)
    weights = LossWeights(o.losses, o.factors(), o.update)
    xs, xt, ys = torch.rand(ROWS, D), torch.rand(ROWS, D), torch.arange(ROWS) % CLASSES
    rng = np.random.default_rng(0)
    while True:
        i, j = rng.permutation(ROWS)[:N], rng.permutation(ROWS)[:N]
        source, labels, target = xs[i], ys[i], xt[j]
        yield "rows"
        source, target = prepared(source, o), prepared(target, o)
        yield "min-max"
        terms = batch_losses(network, source, labels, target, o)
        yield "forward and losses"
        w = weights.of_batch({name: term.item() for name, term in terms.items()})
        yield "item() and weights"
        total = torch.stack([w[name] * terms[name] for name in terms]).sum()
        optimizer.zero_grad()
        total.backward()
        yield "backward"
        optimizer.step()
        yield "Adam"


def bare_step(o: Options) -> Callable[[], None]:
    """The same Linear layers on the domains together or one after the other, as the preset has it; the same Adam."""
    torch.manual_seed(0)
    network = build_network(o, D, CLASSES)
    optimizer = Trainer(o)._optimizer(network)

    def linear(module: nn.Module) -> nn.Sequential:
        return nn.Sequential(*(m for m in module.modules() if isinstance(m, nn.Linear)))

    encoder, decoder, emotion = (
        linear(m) for m in (network.autoencoder.encoder, network.autoencoder.decoder, network.emotion)
    )
    batches = torch.rand(2 * N, D).split(2 * N if o.batchnorm == "joint" else N)

    def step() -> None:
        codes = [encoder(x) for x in batches]
        total = sum(decoder(code).square().mean() + emotion(code).square().mean() for code in codes)
        optimizer.zero_grad()
        total.backward()
        optimizer.step()

    return step


def measure(o: Options) -> tuple[dict[str, float], float]:
    """Median seconds of a step's parts, and of a bare step; by turns, so that a busy machine is busy for both."""
    parts, bare = full_step(o), bare_step(o)
    times: dict[str, list[float]] = {}
    for turn in range(ROUNDS):
        name = ""
        while name != "Adam":
            began = time.process_time()
            name = next(parts)
            times.setdefault(name, []).append(time.process_time() - began)
        began = time.process_time()
        bare()
        times.setdefault("bare", []).append(time.process_time() - began)
        if turn == WARM:
            times = {}
    medians = {name: float(np.median(values)) for name, values in times.items()}
    return medians, medians.pop("bare")


def criteria() -> float:
    """Seconds of all criteria without labels on the target's rows, once an epoch."""
    p = torch.softmax(torch.randn(ROWS, CLASSES, dtype=torch.float64), 1).numpy()
    times = []
    for _ in range(10):
        began = time.process_time()
        for criterion in selection.CRITERIA.values():
            criterion(p)
        times.append(time.process_time() - began)
    return float(np.median(times))


def main() -> None:
    torch.set_num_threads(1)
    each = criteria()
    for preset in ("paper", "authors", "recommended-is10"):
        parts, bare = measure(PRESETS[preset])
        step = sum(parts.values())
        shares = ", ".join(f"{name} {100 * part / step:.1f} %" for name, part in parts.items())
        print(
            f"training step, preset {preset}, batch 100 + 100: {step / bare:.2f} times a bare loop of its products and "
            f"Adam\n  {shares}\n  criteria without labels add {100 * each / (step * ROWS / N):.1f} % to an epoch of "
            f"{ROWS // N} steps"
        )


if __name__ == "__main__":
    main()
