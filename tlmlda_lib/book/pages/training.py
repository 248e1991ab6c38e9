"""What chapter 2.6 computes: which runs learnt nothing, what a run's losses did, and what a step costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from IPython.display import Markdown

from tlmlda_lib.training.options import FIVE


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
        "Three seeds each. Knowing nothing costs log 2, about 0.69. In batches of 4 all three runs end there or "
        f"above; with batches of 32 it is {lost[32, 'all']} of 3, and with a single batch of 96 none. Without "
        "alignment, batches of 4 suffice: it is the alignment that does the harm. (The labels of the target were used "
        "to choose utterances of two emotions, and for nothing else.)"
    )


def first_and_last(history: pd.DataFrame, n_classes: int) -> Markdown:
    """What cross-entropy and MMD were in the first epoch and in the last; all five have to have fallen.

    Parameters
    ----------
    history : DataFrame
        ``history`` of a trainer.
    n_classes : int
        Number of classes.
    """
    first, last = history.iloc[0], history.iloc[-1]
    assert last["loss_y"] < 0.5 * first["loss_y"]
    assert all(last[f"loss_{name}"] < first[f"loss_{name}"] for name in FIVE)
    return Markdown(
        f"The cross-entropy went from {first['loss_y']:.2f} to {last['loss_y']:.2f}, where knowing nothing costs "
        f"{np.log(n_classes):.2f}, and MMD from {first['loss_MMD']:.3f} to {last['loss_MMD']:.3f}. In batches of 100 "
        "and 100, and with the ramp, nothing has collapsed."
    )


def cost_of_a_step(counted: Mapping[int, int], kernel: float, parameters: int) -> Markdown:
    """The kernel's part of the arithmetic, and the memory that training takes.

    Parameters
    ----------
    counted : dict of int to int
        Operations of a step, by the batch's size: 100 and 200, among others.
    kernel : float
        Of those at 100 the kernel's.
    parameters : int
        Of the network.
    """
    part, doubled = kernel / counted[100], counted[200] / counted[100]
    even = 100 * (counted[100] - kernel) / kernel  # the kernel's grow with the square of the batch
    assert 0.004 < part < 0.006
    assert 1.95 < doubled < 2.05
    return Markdown(
        f"At the paper's 100 utterances the kernel has {100 * part:.1f} % of the arithmetic, and it would need batches "
        f"of {even:,.0f} to cost as much as the network. Twice the batch costs {doubled:.2f} times as much, so an "
        f"epoch costs about the same whatever the batch. The {parameters:,} parameters, with their gradients and "
        f"Adam's two memories, take {16 * parameters / 1e6:.0f} MB in single precision; the decoder, which the paper's "
        "account of space leaves out, has about half of them."
    )
