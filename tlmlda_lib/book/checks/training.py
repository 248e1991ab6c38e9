"""Checks of chapter 2.7, "How is TLMLDA trained?": the loop, a resumed run, and speakers that it never saw."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from tlmlda_lib.book.checks.exercises import Mistake, NoAnswer, called, exercise
from tlmlda_lib.domains import load_pair
from tlmlda_lib.training.options import FIVE, PRINTED
from tlmlda_lib.weighting import dynamic_weights

#: Rate, factors and epochs of exercise 2.7.1.
RATE, ALPHA, EPOCHS = 0.05, PRINTED, 4


def toy_losses(theta: Tensor, batch: Tensor) -> dict[str, Tensor]:
    """Five losses of three parameters, in place of a network's. Chapter 2.7.

    Parameters
    ----------
    theta : Tensor of shape (3,)
        The parameters.
    batch : Tensor of shape (n, 3)
        The data.
    """
    away = (theta - batch) ** 2
    return {
        "S": away[:, 0].mean() / 10,
        "T": away[:, 1].mean() / 10,
        "y": away.sum(1).mean(),
        "MMD": (theta[0] - theta[1]).abs() + 0.1,
        "LMMD": 0.3 + (theta.sum() - batch.sum(1)).abs().mean() / 5,
    }


def _fitted(theta: Tensor, epochs: list[list[Tensor]], how: str = "right") -> Tensor:
    """Parameters after training: the right ones, or those of a usual slip."""
    theta = theta.clone().requires_grad_()
    weights = {k: a * (1 if how == "first" else 1 / len(FIVE)) for k, a in ALPHA.items()}
    sums, seen = dict.fromkeys(FIVE, 0.0), 0
    for batches in epochs:
        for batch in batches:
            terms = toy_losses(theta, batch)
            values = {k: term.item() for k, term in terms.items()}
            w: Any = weights
            if how in ("batch", "graph"):
                w = dynamic_weights(values, ALPHA)
            if how == "graph":
                whole = torch.stack(list(terms.values())).sum()
                w = {k: ALPHA[k] * terms[k] / whole for k in terms}
            if how == "constant":
                w = ALPHA
            total = torch.stack([w[k] * terms[k] for k in terms]).sum()
            (grad,) = torch.autograd.grad(total, theta)
            theta = (theta - RATE * grad).detach().requires_grad_()
            sums = {k: sums[k] + values[k] for k in sums}
            seen += 1
        if how == "last":
            sums, seen = values, 1
        weights = dynamic_weights({k: s / seen for k, s in sums.items()}, ALPHA)
        if how != "kept":
            sums, seen = dict.fromkeys(FIVE, 0.0), 0
    return theta.detach()


_SLIPS = {
    "batch": "the weights are renewed with every batch; here they stay as they are for a whole epoch",
    "graph": "a gradient runs through the weights; take plain numbers, as `item()` gives them",
    "constant": "the weights are the bare factors; where is equation 6?",
    "first": "the first epoch is not right: no loss is known yet, and each of the five counts as a fifth",
    "last": "an epoch's weights come from the last batch before it; take the mean over all batches of the epoch before",
    "kept": "the sums are never emptied, so all epochs so far count; only the one before should",
}


@exercise(
    "2.7.1",
    "The loop",
    hints=(
        "Two loops: over epochs, and inside it over batches. What comes before the first, and what after each epoch?",
        "Inside: five terms, the weighted sum, its gradient by `torch.autograd.grad`, one step. Note the terms.",
        "After an epoch: the mean of what was noted, equation 6, and an empty list for the next.",
    ),
)
def check_loop(fit: Any) -> str:
    """Check exercise 2.7.1: gradient descent on five losses, weighted anew after each epoch. Chapter 2.7.

    Parameters
    ----------
    fit : callable
        ``fit(theta, epochs, losses_of, alpha, rate)`` gives the parameters (3,) after training.
    """
    rng = np.random.default_rng(0)
    theta = torch.tensor([1.5, -1.0, 0.5], dtype=torch.float64)
    epochs = [[torch.tensor(rng.normal(size=(4, 3))) for _ in range(3)] for _ in range(EPOCHS)]
    value = called(fit, "(theta, epochs, losses_of, alpha, rate)", theta.clone(), epochs, toy_losses, dict(ALPHA), RATE)
    if not isinstance(value, Tensor) or value.shape != theta.shape:
        shape = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
        raise Mistake(f"fit gave {shape}; a tensor of shape (3,) is expected")
    value = value.detach().double()
    if torch.allclose(value, _fitted(theta, epochs), rtol=1e-6, atol=1e-9):
        return "Twelve steps, and each is the trainer's, except for Adam."
    if torch.equal(value, theta):
        raise Mistake("theta has not changed; was a step taken?")
    for how, sentence in _SLIPS.items():
        if torch.allclose(value, _fitted(theta, epochs, how), rtol=1e-6, atol=1e-9):
            raise Mistake(sentence)
    if torch.allclose(value, _fitted(theta, epochs[:1]), rtol=1e-6, atol=1e-9):
        raise Mistake("it stops after the first epoch")
    if not torch.allclose(value, value.clamp(-1e3, 1e3)):
        raise Mistake("the parameters grow without bound; does the step go downhill?")
    raise Mistake("the parameters are not those of this training; check the first epoch, where the weights are known")


@exercise(
    "2.7.2",
    "Cut off in the third epoch",
    hints=(
        "A run that resumes at epoch 3 has not drawn the numbers of epochs 0 to 2. What must epoch 3 not depend on?",
        "A generator of its own for each epoch, seeded by both numbers.",
        "`numpy.random.default_rng([seed, epoch])` mixes the two; adding them would not keep them apart.",
    ),
)
def check_resume(noise_of: Any) -> str:
    """Check exercise 2.7.2: noise that a resumed run draws as an uninterrupted one does. Chapter 2.7.

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
        raise Mistake("seeds 7 and 8 give the same run, so ten seeds would count as one")
    if np.array_equal(drawn(7, 4), drawn(8, 3)) or np.array_equal(drawn(3, 8), drawn(8, 3)):
        raise Mistake(
            "epoch 4 of seed 7 has the noise of epoch 3 of seed 8, or seed and epoch can be swapped: "
            "seeds have to be apart in every epoch"
        )
    everything = np.concatenate([part.ravel() for part in whole])
    if abs(everything.mean()) > 0.05 or abs(everything.std() - 1) > 0.05:
        raise Mistake(f"mean {everything.mean():.2f} and deviation {everything.std():.2f}: it should be 0 and 1")
    return "Cut it off where you like: the bits are the same."


@exercise(
    "2.7.3",
    "Speakers it never met",
    hints=(
        "Four of the eight target speakers take part in training, without labels; the other four only in the test.",
        "`pair.speakers` names each row's speaker, `pair.target` marks the target. Women and men on both sides.",
        "`numpy.isin(pair.speakers, [...])` makes a mask; training also takes all rows of the source.",
    ),
)
def check_strangers(train: Any, test: Any) -> str:
    """Check exercise 2.7.3: rows to train on and rows of target speakers that training never met. Chapter 2.7.

    Parameters
    ----------
    train, test : array_like of bool, shape (n,)
        Masks of the rows of the pair ``"e2d"``.
    """
    pair = load_pair("e2d", progress=False)
    masks = [np.asarray(mask) for mask in (train, test)]
    for mask, name in zip(masks, ("train", "test"), strict=True):
        if mask.dtype != bool or mask.shape != pair.target.shape:
            raise Mistake(f"{name} has shape {mask.shape} of {mask.dtype}; it has to mask {len(pair.target)} rows")
    kept, strange = masks
    if not strange.any():
        raise NoAnswer("test has no row")
    if (strange & ~pair.target).any():
        raise Mistake("test has rows of the source; only target speakers are tested")
    if not kept[~pair.target].all():
        raise Mistake("rows of the source are missing from train; all of them have labels to learn from")
    if not kept[pair.target].any():
        raise Mistake("train has no row of the target, so there is nothing to align")
    speakers = np.array(pair.speakers)
    if both := sorted(set(speakers[kept]) & set(speakers[strange])):
        raise Mistake(f"{len(both)} speakers are in both, the first is {both[0]}: training has met them")
    genders = np.array(pair.genders)
    for mask, name in ((kept & pair.target, "train"), (strange, "test")):
        if len(set(genders[mask])) < 2:
            raise Mistake(f"target speakers in {name} are all {genders[mask][0]}, which can make the difference")
    n = len(set(speakers[strange]))
    return (
        f"{n} speakers stay strangers. Now the open half: train twice, with and without these rows (and scale without "
        f"them, too), and say how much less is recognised of strangers, and how sure {n} speakers can make you."
    )
