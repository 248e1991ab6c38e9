"""Checks of chapter 2.6, "How is TLMLDA trained?": the parts of a run, and its cost."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise
from tlmlda_lib.training.options import FIVE, PAPER, Options
from tlmlda_lib.training.trainer import build_network


@exercise(
    "2.6.3",
    "Cut off in the third epoch",
    hints=(
        "Who resumes at epoch 3 has not drawn the numbers of epochs 0 to 2. What must epoch 3 not depend on?",
        "A generator of its own for each epoch, seeded by both numbers.",
        "`numpy.random.default_rng([seed, epoch])` mixes the two; adding them would not keep them apart.",
    ),
)
def check_resume(noise_of: Any) -> str:
    """Check exercise 2.6.3: noise that a resumed run draws as an uninterrupted one does. Chapter 2.6.

    Parameters
    ----------
    noise_of : callable
        ``noise_of(seed, epoch, shape)`` gives normal noise of a shape.
    """
    shape = (40, 50)

    def drawn(seed: int, epoch: int) -> np.ndarray:
        value = called(noise_of, "(seed, epoch, shape)", seed, epoch, shape)
        found = np.asarray(value.detach() if isinstance(value, Tensor) else value, dtype=float)
        if found.shape != shape:
            raise Mistake(f"noise_of gave shape {found.shape}, where {shape} was asked for")
        return found

    whole = [drawn(7, epoch) for epoch in range(5)]
    resumed = [drawn(7, epoch) for epoch in range(3, 5)]
    if not all(np.array_equal(a, b) for a, b in zip(whole[3:], resumed, strict=True)):
        raise Mistake(
            "a run that was cut off and continues with epoch 3 draws different noise from an uninterrupted one"
        )
    if np.array_equal(whole[0], whole[1]):
        raise Mistake("epochs 0 and 1 have the same noise, so the network could learn it by heart")
    if np.array_equal(whole[0], drawn(8, 0)):
        raise Mistake("seeds 7 and 8 give the same run; then ten seeds are one")
    if np.array_equal(drawn(7, 4), drawn(8, 3)) or np.array_equal(drawn(3, 8), drawn(8, 3)):
        raise Mistake(
            "epoch 4 of seed 7 has the noise of epoch 3 of seed 8, or seed and epoch can be swapped: "
            "seeds have to be apart in every epoch"
        )
    everything = np.concatenate([part.ravel() for part in whole])
    if abs(everything.mean()) > 0.05 or abs(everything.std() - 1) > 0.05:
        raise Mistake(f"mean {everything.mean():.2f} and deviation {everything.std():.2f}: it should be 0 and 1")
    return "Cut it off where you like: the bits are the same."


def step_cost(options: Options, n_features: int = 1582, n_classes: int = 5) -> int:
    """Multiplications and additions of one training step in matrix products, as chapter 2.6 counts them.

    Chapter 2.6.

    Parameters
    ----------
    options : Options
    n_features, n_classes : int

    Returns
    -------
    int
        ``2 B (6 W - 2 W_1) + 4 (2 B)^2 (d' + C + 1)``: W the weights of all layers, W_1 those of the first, d' the
        width that is aligned; both domains go through the network in one batch.
    """
    network = build_network(options, n_features, n_classes)
    weights = sum(p.numel() for p in network.parameters() if p.ndim == 2)
    first = n_features * options.encoder[0]
    rows = 2 * options.batch_size
    return rows * (6 * weights - 2 * first) + 4 * rows**2 * (options.emotion[-1] + n_classes + 1)


#: Utterances of the longer domain in exercise 2.6.4, and how much cheaper its epoch has to be.
LONGER, CHEAPER = 1000, 10


@exercise(
    "2.6.4",
    "Ten times cheaper",
    hints=(
        "What is an epoch's cost: how many steps, times what? What of it does the batch size change?",
        "Nearly all of it is weights times utterances. In which layers are the weights?",
        "The table of chapter 2.2 has them. Make the encoder's first width smaller, and the decoder follows.",
    ),
)
def check_cheaper(options: Any) -> str:
    """Check exercise 2.6.4: all five losses, and an epoch for a tenth of the paper's arithmetic. Chapter 2.6.

    Parameters
    ----------
    options : Options
        As ``replace(PAPER, ...)`` makes them.
    """
    if not isinstance(options, Options):
        raise Mistake(f"an Options is expected, as `replace` gives it; this is {type(options).__name__}")
    if missing := [name for name in FIVE if name not in options.losses]:
        raise Mistake(f"{', '.join(missing)} went out of the losses: cheap, but not this method any more")
    if options.epochs != PAPER.epochs:
        raise Mistake("the number of epochs has changed; make the epoch cheaper")

    def epoch(o: Options) -> float:
        steps = LONGER // o.batch_size if o.drop_last else -(-LONGER // o.batch_size)
        return float(max(steps, 1) * step_cost(o))

    factor = epoch(PAPER) / epoch(options)
    if factor < CHEAPER:
        same = (options.encoder, options.emotion) == (PAPER.encoder, PAPER.emotion)
        why = (
            "the network is as large as before, and smaller batches are only more of them"
            if same
            else "the encoder is as large as before, and there and in its mirror the weights are"
            if options.encoder == PAPER.encoder
            else "look for the layers that still have most of the weights"
        )
        raise Mistake(f"your epoch costs 1/{factor:.2g} of the paper's: {why}")
    return (
        f"Your epoch costs 1/{factor:.0f} of the paper's. Now the open half: say what was given up, and how you would "
        "find out without a target label whether it matters."
    )
