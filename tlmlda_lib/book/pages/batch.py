"""What chapter 2.6 computes: which part of the network each loss reaches, and which runs learnt nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from IPython.display import Markdown
from matplotlib import pyplot as plt
from numpy.typing import ArrayLike

from tlmlda_lib.book.explorables.batch import TINY
from tlmlda_lib.evaluation import plots
from tlmlda_lib.training.options import FIVE
from tlmlda_lib.training.trainer import batch_losses, build_network

#: Parts of the tiny network, and the places of their parameters.
PARTS = {"encoder": (0, 4), "decoder": (4, 6), "emotion": (6, 8), "head": (8, 10)}


def reach(xs: ArrayLike, ys: Sequence[int], xt: ArrayLike, seed: int = 0) -> dict[str, dict[str, float]]:
    """Lengths of each loss's gradient at each part of the tiny network, in one batch.

    Parameters
    ----------
    xs, xt : array_like of shape (n, d)
        Scaled features of source and target.
    ys : sequence of int
        Classes of the source.
    seed : int
        Of the initial parameters and of the noise.
    """
    source, target = (torch.tensor(np.asarray(x), dtype=torch.float32) for x in (xs, xt))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build_network(TINY, source.shape[1], max(ys) + 1).train()
        terms = batch_losses(network, source, torch.tensor(ys), target, TINY)
    parameters = list(network.parameters())
    found = {}
    for name in FIVE:
        grads = torch.autograd.grad(
            terms[name], parameters, retain_graph=True, allow_unused=True, materialize_grads=True
        )
        found[name] = {
            part: torch.cat([g.flatten() for g in grads[first:end]]).norm().item()
            for part, (first, end) in PARTS.items()
        }
    return found


def reach_drawn(xs: ArrayLike, ys: Sequence[int], xt: ArrayLike) -> None:
    """Those lengths as areas of dots.

    Parameters
    ----------
    xs, xt : array_like of shape (n, d)
        Scaled features of source and target.
    ys : sequence of int
        Classes of the source.
    """
    lengths = reach(xs, ys, xt)
    plots.use_style()
    _, axis = plt.subplots(figsize=(5.2, 3.0), layout="constrained")
    largest = max(max(of_loss.values()) for of_loss in lengths.values())
    for row, name in enumerate(FIVE):
        for column, part in enumerate(PARTS):
            if length := lengths[name][part]:
                area = 40 + 900 * length / largest
                axis.scatter(column, row, s=area, color=plots.loss_colours()[name], zorder=2)
    axis.set(xlim=(-0.6, len(PARTS) - 0.4), ylim=(len(FIVE) - 0.4, -0.6))
    axis.set_xticks(range(len(PARTS)), PARTS)
    axis.set_yticks(range(len(FIVE)), FIVE)
    axis.set(title="the encoder hears every loss")
    plt.show()


def learnt_nothing(ends: Sequence[float]) -> int:
    """How many of two-class runs end at log 2, which knowing nothing costs, or above.

    Parameters
    ----------
    ends : sequence of float
        Last loss of each run.
    """
    return sum(value > np.log(2) - 0.02 for value in ends)


def small_batches(ends: Mapping[tuple[int, str], Sequence[float]]) -> Markdown:
    """Which size of a batch lets alignment do harm.

    Parameters
    ----------
    ends : dict of (int, str) to sequence of float
        Cross-entropies of three seeds, by the size and by "all" losses or "no alignment".
    """
    lost = {key: learnt_nothing(runs) for key, runs in ends.items()}
    assert (lost[4, "all"], lost[96, "all"], lost[4, "no alignment"]) == (3, 0, 0)
    return Markdown(
        "Knowing nothing costs log 2, about 0.69. In batches of 4 all three runs end there or "
        f"above; with batches of 32 it is {lost[32, 'all']} of 3, and with a single batch of 96 none. Without "
        "alignment, batches of 4 suffice: the alignment does the harm. (The target's labels were used "
        "to choose utterances of two emotions, and for nothing else.)"
    )


def small_batches_drawn(ends: Mapping[tuple[int, str], Sequence[float]]) -> None:
    """The same as dots, one for each seed.

    Parameters
    ----------
    ends : dict of (int, str) to sequence of float
        Cross-entropies of three seeds, by the size and by "all" losses or "no alignment".
    """
    plots.use_style()
    _, axis = plt.subplots(figsize=(5.2, 3.2), layout="constrained")
    names = [f"batches of {n},\n{'all losses' if used == 'all' else used}" for n, used in ends]
    for row, runs in enumerate(ends.values()):
        axis.scatter(runs, [row] * len(runs), s=45, color=plots.loss_colours()["y"], zorder=2)
    axis.axvline(np.log(2), linestyle="--", color=plots.MUTED, zorder=1)
    axis.annotate(
        "knowing nothing, log 2", (np.log(2), len(ends) - 1.5), (-4, -4), textcoords="offset points", ha="right"
    )
    axis.set_yticks(range(len(ends)), names)
    axis.set(xlim=(0, None), ylim=(len(ends) - 0.4, -0.6), xlabel="cross-entropy of the last epoch, three seeds")
    plt.show()
