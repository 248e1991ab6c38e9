"""What chapter 2.1 computes: errors of networks that met more or less noise, and what survives the paper's noise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from IPython.display import Markdown
from numpy.typing import NDArray

from tlmlda_lib import losses

#: From noisy features (n, d) to their code and the rebuilt features (n, d).
Network = Callable[[torch.Tensor], tuple[Any, torch.Tensor]]
Array = NDArray[Any]

#: Standard deviations of the noise that the small networks were trained with.
NOISE = (0, 0.1, 0.3, 1)


def error(network: Network, x: Array, noise: float, draws: int = 20) -> float:
    """Mean squared error of rebuilding x (n, d) with noise on it.

    Parameters
    ----------
    network : Network
        A trained auto-encoder.
    x : ndarray of shape (n, d)
        Clean features.
    noise : float
        Standard deviation of the noise.
    draws : int
        Number of noise draws to average.
    """
    generator = torch.Generator().manual_seed(0)
    clean = torch.tensor(x, dtype=torch.float32).repeat(draws, 1)
    noisy = clean + noise * torch.randn(clean.shape, generator=generator)
    with torch.no_grad():
        _, rebuilt = network(noisy)
    return losses.reconstruction(rebuilt, clean).item()


def own_noise(networks: Mapping[float, Network], known: Array, new: Array) -> Markdown:
    """How each network does at its own noise, at none, and beside the mean utterance.

    Parameters
    ----------
    networks : dict of float to Network
        By the noise that each was trained with: those of `NOISE`.
    known, new : ndarray of shape (n, d)
        What they were trained on, and utterances of other speakers.
    """
    flat = ((new - known.mean(axis=0)) ** 2).mean()
    at = {(s, t): error(networks[s], new, t) for s in NOISE for t in NOISE}
    assert all(at[s, s] < 1.02 * min(at[k, s] for k in NOISE) for s in NOISE if s)
    assert at[0, 1] > flat > at[0, 0.1]
    assert at[1, 1] > at[0.3, 0.3]
    assert at[0, 0.3] > at[0.3, 0.3]
    return Markdown(
        "**Notice.** Each network is the best at its own noise. The one trained without noise passes on its input: at "
        f"σ = 0.3 its error is {at[0, 0.3]:.3f}, and that of the network trained for it {at[0.3, 0.3]:.3f}. Robustness "
        f"has a price: on clean utterances, the network of σ = 0.3 has an error of {at[0.3, 0]:.4f}, the one trained "
        f"without noise {at[0, 0]:.4f}. The network of σ = 1 gives nearly the same answer for every utterance, close "
        f"to the mean. Its error is {at[1, 1]:.3f}, {100 * (1 - at[1, 1] / flat):.0f} % below that of the mean "
        f"itself, {flat:.3f}. The paper's noise has this size."
    )


def beside_the_mean(x: Array, flat: float, rebuilt: Mapping[float, float], lines: Mapping[float, float]) -> Markdown:
    """How much is rebuilt under noise of the paper's size.

    Parameters
    ----------
    x : ndarray of shape (n, d)
        Scaled features.
    flat : float
        Error of giving the mean.
    rebuilt, lines : dict of float to float
        Errors of the network and of the best line, by the noise.
    """
    power = x.var(axis=0).mean()
    assert round(1 / power) == 25  # the quiz says so
    assert max(rebuilt[1], lines[1]) < 0.6 * flat
    assert rebuilt[0.05] > lines[0.05] > 0.05**2
    return Markdown(
        f"At σ = 1 the noise has {1 / power:.0f} times the variance of a feature: a signal-to-noise ratio of "
        f"−{-10 * np.log10(power):.1f} dB. No single number can be read. Even so, the network removes "
        f"{100 * (1 - rebuilt[1] / flat):.0f} % of the mean's error, for speakers it has never met. With little noise "
        "both answers are worse than doing nothing: the network has to squeeze everything through 32 numbers, and the "
        "line knows only directions that six speakers have shown."
    )


def what_passes(n_features: int, variances: Array, parts: Mapping[str, Array]) -> Markdown:
    """What the directions speak of that have more variance than noise of σ = 1.

    Parameters
    ----------
    n_features : int
    variances : ndarray of shape (k,)
        Of the features along the directions in which they vary at all, the largest first.
    parts : dict of str to ndarray of shape (k,)
        What lies between emotions, speakers and sentences, and the rest; together the variances.
    """
    kept = variances / (variances + 1)
    survive = int((variances > 1).sum())
    share = {name: part[:survive] / variances[:survive] for name, part in parts.items()}
    lead = [max(share, key=lambda name: share[name][k]) for k in range(3)]
    assert lead == ["emotion", "speaker", "sentence"]
    first = [f"{name} ({100 * share[name][k]:.0f} %)" for k, name in enumerate(lead)]
    before = parts["emotion"].sum() / variances.sum()
    after = (parts["emotion"] * kept**2).sum() / (variances * kept**2).sum()
    assert after > before
    return Markdown(
        f"Only {survive} of {n_features} directions have more variance than the noise. The largest carries mostly "
        f"{first[0]}, the second {first[1]}, the third {first[2]}. Of all variance, {100 * before:.0f} % lies between "
        f"emotions; of what passes the noise, {100 * after:.0f} %."
    )
