"""Checks of chapter 2.6, "How is TLMLDA trained?": what happens in a step."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tlmlda_lib.book.checks.exercises import Mistake, NoAnswer, called, exercise
from tlmlda_lib.training.options import FIVE, PRINTED
from tlmlda_lib.weighting import dynamic_weights

#: Rate, factors and epochs of exercise 2.6.1.
RATE, ALPHA, EPOCHS = 0.05, PRINTED, 4


def toy_losses(theta: Tensor, batch: Tensor) -> dict[str, Tensor]:
    """Five losses of three parameters, in place of a network's. Chapter 2.6.

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
    "first": "the first epoch is not right: there no loss is known, and each of the five counts as a fifth",
    "last": "an epoch's weights come from the last batch before it; the mean over all of that epoch's batches is meant",
    "kept": "the sums are never emptied, so that all epochs so far speak; only the one before should",
}


@exercise(
    "2.6.1",
    "The loop",
    hints=(
        "Two loops: over epochs, and inside over batches. What is made before the first, and what after each epoch?",
        "Inside: five terms, the weighted sum, its gradient by `torch.autograd.grad`, one step. Note the terms.",
        "After an epoch: the mean of what was noted, equation 6, and an empty list for the next.",
    ),
)
def check_loop(fit: Any) -> str:
    """Check exercise 2.6.1: gradient descent on five losses, weighted anew after each epoch. Chapter 2.6.

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
        return "Twelve steps, and each is the trainer's, but for Adam."
    if torch.equal(value, theta):
        raise Mistake("theta is where it was; was a step taken?")
    for how, sentence in _SLIPS.items():
        if torch.allclose(value, _fitted(theta, epochs, how), rtol=1e-6, atol=1e-9):
            raise Mistake(sentence)
    if torch.allclose(value, _fitted(theta, epochs[:1]), rtol=1e-6, atol=1e-9):
        raise Mistake("it stops after the first epoch")
    if not torch.allclose(value, value.clamp(-1e3, 1e3)):
        raise Mistake("the parameters ran away; is the step taken downhill?")
    raise Mistake("the parameters are not those of this training; compare the first epoch, where the weights are known")


#: Names of the three ways by which a gradient leaks in exercise 2.6.2.
_LEAKS = {
    "weights": "the weights: they are computed from the losses, and no gradient may run through them",
    "guesses": "the pseudo-labels: LMMD trains the head by them, which makes it guess what is easy to align",
    "bandwidth": "the bandwidth: it is a yardstick, and a gradient through it stretches the yardstick",
}


def toy_network() -> nn.Module:
    """Two layers, ``hidden`` for z and ``head`` for the scores, in place of the whole network. Chapter 2.6."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = nn.ModuleDict({"hidden": nn.Linear(4, 3), "head": nn.Linear(3, 2)})
    return network.double()


def _objective(network: Any, xs: Tensor, ys: Tensor, xt: Tensor, leaks: frozenset[str]) -> Tensor:
    """Cross-entropy and a one-kernel LMMD, weighted by equation 6, with the gradient leaking where it is said."""

    def kept(tensor: Tensor, name: str) -> Tensor:
        return tensor if name in leaks else tensor.detach()

    zs, zt = (torch.tanh(network["hidden"](x)) for x in (xs, xt))
    entropy = nn.functional.cross_entropy(network["head"](zs), ys)
    guesses = kept(torch.softmax(network["head"](zt), 1), "guesses")
    labels = nn.functional.one_hot(ys, 2).double()
    w = torch.cat([labels / labels.sum(0), -guesses / guesses.sum(0)])
    z = torch.cat([zs, zt])
    distance = ((z[:, None] - z) ** 2).sum(2)
    k = torch.exp(-distance / kept(distance.mean(), "bandwidth"))
    lmmd = (w * (k @ w)).sum() / 2
    terms = torch.stack([entropy, lmmd])
    return (kept(terms / terms.sum(), "weights") * terms).sum()


@exercise(
    "2.6.2",
    "Three leaks",
    hints=(
        "Ask of each line: should the network be able to make the loss smaller by changing this?",
        "A label is not to be changed, nor a yardstick, nor who counts how much. `detach()` takes a tensor out.",
        "Three times `.detach()`: in the line of the guesses, of the bandwidth and of the weights.",
    ),
)
def check_leaks(objective: Any) -> str:
    """Check exercise 2.6.2: an objective through whose labels, yardstick and weights no gradient runs.

    Chapter 2.6.

    Parameters
    ----------
    objective : callable
        ``objective(network, xs, ys, xt)`` gives the loss of a batch.
    """
    rng = np.random.default_rng(1)
    xs, xt = torch.tensor(rng.normal(size=(6, 4))), torch.tensor(rng.normal(size=(5, 4)) + 0.5)
    ys = torch.tensor([0, 1, 0, 1, 1, 0])
    network = toy_network()
    parameters = list(network.parameters())
    value = called(objective, "(network, xs, ys, xt)", network, xs, ys, xt)
    if not isinstance(value, Tensor) or value.shape != ():
        raise Mistake("objective has to give one number, as a tensor")
    if abs(value.item() - _objective(network, xs, ys, xt, frozenset()).item()) > 1e-9:
        raise Mistake("the loss itself has changed; a leak is mended without changing its value")
    if not value.requires_grad:
        raise Mistake("no gradient is left at all: what is to be learnt has been detached as well")

    def slopes(total: Tensor) -> Tensor:
        grads = torch.autograd.grad(total, parameters, allow_unused=True, retain_graph=True)
        return torch.cat(
            [(torch.zeros_like(p) if g is None else g).flatten() for p, g in zip(parameters, grads, strict=True)]
        )

    found = slopes(value)
    names = list(_LEAKS)
    for chosen in range(2 ** len(names)):
        leaks = frozenset(name for i, name in enumerate(names) if chosen >> i & 1)
        if torch.allclose(found, slopes(_objective(network, xs, ys, xt, leaks)), rtol=1e-7, atol=1e-12):
            if not leaks:
                return "The value is the same as before, and the gradient is another."
            if len(leaks) == len(names):
                raise NoAnswer("the gradient runs where it ran before: mend a leak, and run the cell again")
            left = next(name for name in names if name in leaks)
            more = "" if len(leaks) == 1 else f" ({len(leaks)} leaks are left; this is the first)"
            raise Mistake(f"the gradient still runs through {_LEAKS[left]}{more}")
    raise Mistake(
        "the gradient is neither the right one nor that of a leak: something that is to be learnt was detached"
    )
