"""Denoising: an utterance's features, noise to add, and what small auto-encoders rebuild. Chapter 2.1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
import traitlets
from numpy.typing import ArrayLike
from torch import nn

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice, Number
from tlmlda_lib.errors import UserError
from tlmlda_lib.networks import DenoisingAutoencoder

#: Standard deviations of the noise that the page offers.
NOISE = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 1.4, 2.0)

#: Largest number of features in a profile.
MOST = 80

_ACTIVATIONS: dict[type[nn.Module], str] = {
    nn.ELU: "elu",
    nn.Sigmoid: "sigmoid",
    nn.ReLU: "relu",
    nn.Identity: "linear",
}


class Denoising(Explorable):
    """Noisy features of utterances, and their reconstruction by auto-encoders trained with more or less noise.

    The page computes the forward pass itself, from the weights; it shows the network's output in evaluation mode.

    Parameters
    ----------
    networks : mapping of float to DenoisingAutoencoder
        One network per standard deviation in training; with a decoder, and BatchNorm shared by the domains.
    clean : array_like of shape (n, d)
        Scaled features of n utterances, 1 to 60, that were not in training; d is 2 to 80.
    mean : array_like of shape (d,)
        Mean features of the training data: the answer that ignores the input.
    labels : sequence of str
        A name for each utterance.
    groups : mapping of str to int
        Names of neighbouring features and how many there are of each; together d.
    trained : float, optional
        The network to begin with, by its key; by default the first.
    noise : float
        Standard deviation to begin with, one of `NOISE`.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Attributes
    ----------
    errors : dict of str to float
        Read back from the page: mean squared error to the clean features, as `tlmlda_lib.losses.reconstruction` gives
        it, of the noisy features, of the mean and of the reconstruction.

    Raises
    ------
    UserError
        If the networks, the features and their names do not match.
    """

    _esm = script(__name__)
    _css = style(__name__)
    layers = traitlets.Dict().tag(sync=True)
    clean = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    mean = traitlets.List(traitlets.Float()).tag(sync=True)
    labels = traitlets.List(traitlets.Unicode()).tag(sync=True)
    groups = traitlets.List(traitlets.List()).tag(sync=True)
    steps = traitlets.List(traitlets.Float()).tag(sync=True)
    trained = Choice(lambda w: w.layers, "")
    noise = Choice(lambda w: w.steps, 0.3)
    utterance = Number(0, lambda w: len(w.clean) - 1, 0)
    draw = Number(1, 999, 1)
    errors = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        networks: Mapping[float, DenoisingAutoencoder],
        clean: ArrayLike,
        mean: ArrayLike,
        *,
        labels: Sequence[str],
        groups: Mapping[str, int],
        trained: float | None = None,
        noise: float = 0.3,
        address: str = "noise",
        **kwargs: Any,
    ) -> None:
        rows, middle = np.asarray(clean, dtype=float), np.asarray(mean, dtype=float)
        if rows.ndim != 2 or not 1 <= len(rows) <= 60 or not 2 <= rows.shape[1] <= MOST:
            raise UserError(f"clean has shape {rows.shape}: Denoising shows 1 to 60 utterances of 2 to {MOST} features")
        d = rows.shape[1]
        if middle.shape != (d,) or not (np.isfinite(middle).all() and np.isfinite(rows).all()):
            raise UserError(
                f"mean has shape {middle.shape}, or clean or mean contain a value that is not finite: give {d} means"
            )
        if len(labels) != len(rows):
            raise UserError(f"labels names {len(labels)} utterances: there are {len(rows)}")
        if sum(groups.values()) != d or min(groups.values()) < 1:
            raise UserError(f"groups counts {sum(groups.values())} features: there are {d}")
        if not networks:
            raise UserError("networks is empty: give at least one, by the noise that it was trained with")
        keys = {float(s): f"{s:g}" for s in networks}
        start = next(iter(keys)) if trained is None else float(trained)
        if start not in keys:
            raise UserError(f"trained={trained} is not there: use one of {', '.join(keys.values())}")
        super().__init__(
            layers={keys[float(s)]: layers_of(network, d) for s, network in networks.items()},
            clean=_digits(rows),
            mean=_digits(middle),
            labels=list(labels),
            groups=[[name, int(n)] for name, n in groups.items()],
            steps=list(NOISE),
            trained=keys[start],
            noise=noise,
            address=address,
            **kwargs,
        )


def layers_of(network: DenoisingAutoencoder, n_features: int) -> list[dict[str, Any]]:
    """Weights, biases and activations of a network in evaluation mode, each BatchNorm folded into its layer.

    Parameters
    ----------
    network : DenoisingAutoencoder
    n_features : int
        Required width of input and output.

    Raises
    ------
    UserError
        If the network has no decoder, a different width, or a layer that the page cannot compute.
    """
    if network.decoder is None:
        raise UserError("a network has no decoder: Denoising needs one that rebuilds")
    layers: list[dict[str, Any]] = []
    for module in [*network.encoder, *network.decoder]:
        if isinstance(module, nn.Linear):
            layers.append({"weight": _numbers(module.weight), "bias": _numbers(module.bias), "activation": "linear"})
        elif isinstance(module, nn.BatchNorm1d):
            scale = _numbers(module.weight) / np.sqrt(_numbers(module.running_var) + module.eps)
            layers[-1]["weight"] *= scale[:, None]
            layers[-1]["bias"] = (layers[-1]["bias"] - _numbers(module.running_mean)) * scale + _numbers(module.bias)
        elif type(module) in _ACTIVATIONS:
            layers[-1]["activation"] = _ACTIVATIONS[type(module)]
        elif not isinstance(module, nn.Dropout):
            raise UserError(f"the page cannot compute a {type(module).__name__}: use norm='joint' or 'separate'")
    ends = layers[0]["weight"].shape[1], layers[-1]["weight"].shape[0]
    if ends != (n_features, n_features):
        raise UserError(f"a network takes {ends[0]} features and gives {ends[1]}: clean has {n_features}")
    return [{**layer, "weight": _digits(layer["weight"]), "bias": _digits(layer["bias"])} for layer in layers]


def _numbers(tensor: torch.Tensor | None) -> np.ndarray:
    assert tensor is not None  # BatchNorm keeps running statistics here
    return tensor.detach().cpu().double().numpy()


def _digits(values: np.ndarray) -> Any:
    """Lists of numbers with seven digits, the precision of float32."""
    return [_digits(v) for v in values] if values.ndim > 1 else [float(f"{v:.7g}") for v in values]
