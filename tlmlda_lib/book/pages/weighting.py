"""What chapter 2.5 computes: who gains and who loses under equation 6, and under three other rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from IPython.display import Markdown
from numpy.typing import NDArray

from tlmlda_lib.domains.schemes import in_words
from tlmlda_lib.training.options import FIVE, PRINTED
from tlmlda_lib.weighting import dynamic_weights

Values = Mapping[str, float]


def losses_at(history: pd.DataFrame, row: int) -> dict[str, float]:
    """The five losses in a row of a trainer's history, by their names.

    Parameters
    ----------
    history : DataFrame
        ``history`` of a trainer.
    row : int
        Index of the row.
    """
    return {name: float(history[f"loss_{name}"].iloc[row]) for name in FIVE}


def share(name: str, losses: Values, alpha: Values) -> float:
    """Share of one loss in the weights of equation 6.

    Parameters
    ----------
    name : str
        Name of the loss.
    losses : mapping of str to float
        By name.
    alpha : mapping of str to float
        Factors, by name.
    """
    weights = dynamic_weights(losses, alpha)
    return weights[name] / sum(weights.values())


def negative_slopes(losses: Values) -> list[str]:
    """Losses that would be pushed up if the gradient went through the weights of equation 6, with all α at 1.

    Parameters
    ----------
    losses : mapping of str to float
        By name.
    """
    weights, total = dynamic_weights(losses, dict.fromkeys(losses, 1)), sum(losses.values())
    average = sum(weights[k] * losses[k] for k in losses) / total
    return [k for k in losses if 2 * weights[k] < average]


def falls_and_loses(history: pd.DataFrame, n_features: int) -> Markdown:
    """What cross-entropy's fall costs it under equation 6.

    Parameters
    ----------
    history : DataFrame
        ``loss_S`` and so on by the epoch, as `tlmlda_lib.training.Trainer` keeps them.
    n_features : int
        So many times larger the reconstructions are as sums over the features.
    """
    first, last = losses_at(history, 0), losses_at(history, -1)
    summed = {k: v * (n_features if k in "ST" else 1) for k, v in last.items()}
    return Markdown(
        f"**Notice.** Cross-entropy is what the network is for, and it is learnt: it falls from {first['y']:.2f} to "
        f"{last['y']:.2f}. That costs it weight. Its share of the weights goes from "
        f"{100 * share('y', first, PRINTED):.0f} % down to {100 * share('y', last, PRINTED):.0f} %, and losses that "
        f"fall more slowly gain. In feature sums it gets {100 * share('y', summed, PRINTED | {'y': 5}):.2f} % at the "
        "last epoch, with its α at 5 and the others at 1. And with all α at 1, the slopes of "
        f"{', '.join(negative_slopes(last))} are negative there; the section on detached weights explains why."
    )


def printed_factors(alpha: Mapping[str, Values]) -> Markdown:
    """The factors α by scheme, as the paper prints them.

    Parameters
    ----------
    alpha : mapping of str to sequence of float
        Factors, by scheme.
    """
    rows = [["", *FIVE], ["---", *["--:"] * len(FIVE)]]
    rows += [[in_words(scheme), *(f"{row[name]:g}" for name in FIVE)] for scheme, row in alpha.items()]
    return Markdown("\n".join(f"| {' | '.join(row)} |" for row in rows))


def at_the_floor(weights: Values) -> Markdown:
    """Weight of LMMD where there is nothing to align.

    Parameters
    ----------
    weights : mapping of str to float
        Weights of the losses.
    """
    return Markdown(
        f"LMMD has {100 * weights['LMMD']:.0f} % of the weight because it stands at its floor, where there is nothing "
        f"to align. It weighs {weights['LMMD'] / weights['y']:.1f} times what cross-entropy does."
    )


def at_the_end(shares: Mapping[str, NDArray[Any]], history: pd.DataFrame) -> Markdown:
    """Which losses four rules favour at the last epoch.

    Parameters
    ----------
    shares : dict of str to ndarray of shape (epochs, 5)
        Shares of the weights, by the rule: "equation 6", "uncertainty", "DWA", "GradNorm".
    history : DataFrame
        As in `falls_and_loses`.
    """
    end = {name: dict(zip(FIVE, part[-1], strict=True)) for name, part in shares.items()}
    first, last = losses_at(history, 0), losses_at(history, -1)
    smallest, largest = min(last, key=last.__getitem__), max(last, key=last.__getitem__)
    furthest = min(last, key=lambda name: last[name] / first[name])
    dwa = end["DWA"].values()
    return Markdown(
        f"At the last epoch {largest} is the largest loss and {smallest} the smallest. Equation 6 gives the first "
        f"{100 * end['equation 6'][largest]:.0f} % of the weight and the second "
        f"{100 * end['equation 6'][smallest]:.0f} %. Uncertainty gives them {100 * end['uncertainty'][largest]:.0f} "
        f"and {100 * end['uncertainty'][smallest]:.0f}: it goes the other way. DWA stays between {100 * min(dwa):.0f} "
        f"and {100 * max(dwa):.0f} for all five; GradNorm gives {100 * end['GradNorm'][furthest]:.0f} to {furthest}, "
        "which has fallen furthest."
    )
