"""What chapter 2.2 computes: how small the emotion network is, and how loudly the encoder hears the error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from IPython.display import Markdown

#: What was measured with each activation, for each seed: gradients as lists, and single numbers.
Measured = Mapping[str, Sequence[Mapping[str, Any]]]


def what_knows_of_emotions(parts: Mapping[str, int]) -> Markdown:
    """The share of the parameters that are in the emotion network, counted with its head.

    Parameters
    ----------
    parts : mapping of str to int
        Number of parameters of each part.
    """
    few, total = parts["emotion network"] + parts["head"], parts["together"]
    return Markdown(
        f"The emotion network and its head are small: {few:,} of {total:,} parameters. The other "
        f"{100 * (1 - few / total):.0f} % belong to the auto-encoder. Labels reach the encoder only through the "
        "emotion network, and they never reach the decoder."
    )


def average(runs: Sequence[Mapping[str, Any]], name: str) -> float:
    """Mean over the runs of a number, or of a list's first three, which are the encoder's.

    Parameters
    ----------
    runs : sequence of mapping
        Measurements of several runs.
    name : str
        Key of the measurement.
    """
    return mean(mean(run[name][:3]) if isinstance(run[name], list) else run[name] for run in runs)


def how_softly(measured: Measured) -> Markdown:
    """How much more softly the encoder hears the error through Sigmoids than through ELU.

    Parameters
    ----------
    measured : Measured
        As from `measure`.
    """
    sigmoid, elu = measured["sigmoid"], measured["elu"]
    return Markdown(
        f"With Sigmoids the gradient in the encoder is {average(elu, 'error') / average(sigmoid, 'error'):.0f} times "
        "smaller. The Sigmoids also flatten what goes up: from one utterance to another, the 256 numbers of `z` vary "
        f"by {average(sigmoid, 'spread'):.3f} on average, and with ELU by {average(elu, 'spread'):.2f}. The first loss "
        f"is {average(sigmoid, 'first'):.2f}, near log 5, as it should be."
    )


def mean_or_sum(measured: Measured, n_features: int) -> Markdown:
    """How loud the reconstruction is beside the error, as a mean over the features and as their sum.

    Parameters
    ----------
    measured : Measured
        As from `measure`.
    n_features : int
        Number of features.
    """
    error, quiet = (average(measured["sigmoid"], name) for name in ("error", "rebuilding"))
    loud = quiet * n_features
    return Markdown(
        f"In the encoder, on the same batches and before any weighting, the cross-entropy's gradient has length "
        f"{error:.3f}. The reconstruction's has {quiet:.4f} if equation 1 is a mean over the features, and "
        f"{n_features} times as much, {loud:.1f}, if it is their sum. So the cross-entropy's gradient is "
        f"{error / quiet:.0f} times larger or {loud / error:.0f} times smaller: the units decide."
    )
