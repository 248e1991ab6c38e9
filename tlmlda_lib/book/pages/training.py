"""What chapter 2.7 computes: what a run's losses did, and which of them equation 6 let speak."""

from __future__ import annotations

import numpy as np
import pandas as pd
from IPython.display import Markdown

from tlmlda_lib.training.options import FIVE
from tlmlda_lib.weighting import dynamic_weights


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
        f"The cross-entropy fell from {first['loss_y']:.2f} to {last['loss_y']:.2f}, where knowing nothing costs "
        f"{np.log(n_classes):.2f}, and MMD from {first['loss_MMD']:.3f} to {last['loss_MMD']:.3f}. In batches of 100 "
        "and 100, and with the ramp, nothing has collapsed."
    )


def who_is_heard(history: pd.DataFrame) -> Markdown:
    """The shares of cross-entropy and of the source's reconstruction among the losses, first and last.

    Parameters
    ----------
    history : DataFrame
        ``history`` of a trainer.
    """
    ones = dict.fromkeys(FIVE, 1.0)
    first, last = (
        dynamic_weights({name: float(row[f"loss_{name}"]) for name in FIVE}, ones)
        for row in (history.iloc[0], history.iloc[-1])
    )
    assert last["y"] < first["y"]
    assert last["S"] > first["S"]
    return Markdown(
        f"**Notice.** The share of cross-entropy in the five losses falls from {100 * first['y']:.0f} % in the first "
        f"epoch to {100 * last['y']:.0f} % in the last, and the reconstruction S rises from {100 * first['S']:.0f} % "
        f"to {100 * last['S']:.0f} %. "
        "Equation 6 turns these shares into weights. A loss that the network has learnt to make small is heard less, "
        "and what stays large is heard more."
    )
