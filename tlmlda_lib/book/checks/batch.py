"""Checks of chapter 2.6, "What happens to one batch?": what a loss reaches, and where its gradient must not run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tlmlda_lib.book.checks.exercises import Mistake, NoAnswer, called, exercise
from tlmlda_lib.book.explorables.batch import TINY
from tlmlda_lib.training.options import FIVE, Options
from tlmlda_lib.training.trainer import PairArrays, Trainer

#: The losses whose gradient reaches each part of the network.
REACH = {
    "encoder": set(FIVE),
    "decoder": {"S", "T"},
    "emotion": {"y", "MMD", "LMMD"},
    "head": {"y"},
}


@exercise(
    "2.6.1",
    "Which loss reaches what?",
    hints=(
        "Follow the method's picture backwards from each loss: a gradient passes through what the loss is made of.",
        "The decoder makes what S and T compare. MMD and LMMD compare z, and the head comes after z.",
        "LMMD reads the head's guesses, but they are detached. So one loss alone reaches the head.",
    ),
)
def check_reach(reach: Any) -> str:
    """Check exercise 2.6.1: which of the five losses has a gradient at which part of the network. Chapter 2.6.

    Parameters
    ----------
    reach : dict of str to set of str
        Losses by part: encoder, decoder, emotion (the layers up to z) and head.
    """
    if not isinstance(reach, Mapping) or set(reach) != set(REACH):
        raise Mistake(f"a dictionary with the four parts {', '.join(REACH)} is expected")
    given = {part: set(losses) for part, losses in reach.items()}
    if unknown := sorted(set().union(*given.values()) - set(FIVE)):
        raise Mistake(f"{unknown[0]!r} is not a loss: use {', '.join(FIVE)}")
    if not any(given.values()):
        raise NoAnswer("all four sets are empty")
    if {"MMD", "LMMD"} & given["head"]:
        raise Mistake("MMD and LMMD compare z. The head comes after z, and its guesses are detached")
    if "y" in given["decoder"]:
        raise Mistake("the cross-entropy is computed from z and the head; the decoder is on another branch")
    if {"S", "T"} & (given["emotion"] | given["head"]):
        raise Mistake("what S and T compare comes from the decoder, which gets the code and not z")
    for part, losses in REACH.items():
        if given[part] != losses:
            what = "is missing at" if losses - given[part] else "does not reach"
            one = next(name for name in FIVE if name in losses ^ given[part])
            raise Mistake(f"{one} {what} the {part}")
    return "Only the encoder hears all five, so there they compete."


#: Names of the three ways by which a gradient leaks in exercise 2.6.2.
_LEAKS = {
    "weights": "the weights: they are computed from the losses, and no gradient may run through them",
    "guesses": "the pseudo-labels: LMMD trains the head by them, which makes it guess what is easy to align",
    "bandwidth": "the bandwidth: it is the unit of distance, and a gradient through it changes the unit",
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
        "Labels, a bandwidth and weights are given, not learnt. `detach()` takes a tensor out.",
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
                return "The value is the same as before, and the gradient is right."
            if len(leaks) == len(names):
                raise NoAnswer("the gradient runs where it ran before: mend a leak, and run the cell again")
            left = next(name for name in names if name in leaks)
            more = "" if len(leaks) == 1 else f" ({len(leaks)} leaks are left; this is the first)"
            raise Mistake(f"the gradient still runs through {_LEAKS[left]}{more}")
    raise Mistake(
        "the gradient is neither the right one nor that of a leak: something that is to be learnt was detached"
    )


#: The run of exercise 2.6.3: batches of 4 from 96 utterances of each domain, for four epochs.
SMALL = replace(TINY, encoder=(8,), emotion=(8,), batch_size=4, epochs=4)
#: A cross-entropy of two classes that has learnt something, for each of three seeds.
LEARNT = 0.6


def small_pair() -> PairArrays:
    """96 points of each domain in three dimensions, in two classes that overlap a little. Chapter 2.6."""
    rng = np.random.default_rng(1)
    y = np.repeat([0, 1], 48)

    def cloud(off: float) -> np.ndarray:
        points = 0.5 + off + 0.12 * rng.normal(size=(96, 3)) + 0.2 * (y[:, None] - 0.5)
        return points.clip(0, 1).astype(np.float32)

    return PairArrays(cloud(0), y, cloud(0.05))


@exercise(
    "2.6.3",
    "A small batch that learns",
    hints=(
        "Alignment wins because equation 6 gives weight to what is large, and at four points MMD and LMMD stay large.",
        "The factors multiply the weights. Which two would you make smaller, or which one larger?",
        '`replace(SMALL, alpha={"y": ..., "MMD": ..., "LMMD": ...})`; S and T then keep a factor of 1.',
    ),
)
def check_small(options: Any) -> str:
    """Check exercise 2.6.3: batches of four, all five losses, and labels that are learnt nevertheless. Chapter 2.6.

    Parameters
    ----------
    options : Options
        As ``replace(SMALL, ...)`` makes them.
    """
    if not isinstance(options, Options):
        raise Mistake(f"an Options is expected, as `replace` gives it; this is {type(options).__name__}")
    if missing := [name for name in FIVE if name not in options.losses or not options.alpha.get(name)]:
        raise Mistake(f"{', '.join(missing)} no longer counts; all five losses stay in the sum")
    if options.batch_size != SMALL.batch_size:
        raise Mistake("the batch size has changed; the batches stay at four")
    if options.epochs > 20:
        raise Mistake("at most 20 epochs, so that the check is quick")
    data = small_pair()
    ends = [Trainer(options, seed=seed).fit(data, 2).history.iloc[-1] for seed in range(3)]
    entropies = [float(row["loss_y"]) for row in ends]
    said = ", ".join(f"{value:.2f}" for value in entropies)
    if not max(entropies) < LEARNT:  # nan is not below it either
        raise Mistake(
            f"the cross-entropies of three seeds are {said}; below {LEARNT} each would mean that the labels were learnt"
        )
    mmds = ", ".join(f"{row['loss_MMD']:.2f}" for row in ends)
    return (
        f"Three seeds end with cross-entropies of {said}. Their MMDs are {mmds}. Now the open half: say how you would "
        "find out whether anything is still aligned, when so small a batch cannot show it."
    )
