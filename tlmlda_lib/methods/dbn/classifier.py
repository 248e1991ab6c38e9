"""DBN + BP: a network pre-trained layer by layer on both domains, then trained on the source. Chapter 3.3."""

from __future__ import annotations

import copy
import itertools
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from tqdm import tqdm

from tlmlda_lib.errors import UserError
from tlmlda_lib.methods.base import ProbabilisticClassifier, Rows, seed_of
from tlmlda_lib.methods.dbn.options import PRESETS, DBNOptions
from tlmlda_lib.methods.dbn.rbm import train as train_rbm
from tlmlda_lib.methods.folds import source_folds
from tlmlda_lib.progress import size
from tlmlda_lib.training import checkpoints, criteria
from tlmlda_lib.training.options import describe
from tlmlda_lib.training.trainer import ROWS_AT_A_TIME


class StoppingWarning(UserWarning):
    """The epoch was chosen on a fold that shares speakers with the rest, or could not be chosen."""


class DBNBP(ProbabilisticClassifier):
    """Deep belief network, fine-tuned by back-propagation (DBN + BP; after Hinton, Osindero and Teh 2006 [1]_).

    Chapter 3.3.

    Restricted Boltzmann machines are trained one after another on the features of source and target (CD-1, see
    `tlmlda_lib.methods.dbn.rbm`). Their weights initialise a network of sigmoid layers with a linear head, which is
    trained on the source's labels by cross-entropy and Adam.

    Parameters
    ----------
    preset : {"fast", "full"}
        Layers of 256, 256 and 512 units, or of 1000, 1000 and 2000.
    random_state : int, RandomState or None
        Equal seed, machine and thread count give equal bits.
    device : {"cpu", "cuda"}
    hidden : tuple of int, optional
        Widths of the layers. This and all options below have the preset's value if they are None.
    scaling : {"minmax", "zscore", "rank"}, optional
    within : {"corpus", "voices", "speaker"}, optional
    rbm_epochs, epochs, patience, batch_size : int, optional

    Attributes
    ----------
    classes_ : ndarray of shape (C,)
    history_ : DataFrame
        A row for each epoch of fine-tuning: ``loss_y``, ``loss_validation``, ``seconds`` and the criteria of
        `tlmlda_lib.training.criteria`. Training ends after `patience` epochs without a lower loss on a fold of the
        source with held-out speakers; the epochs after the lowest are dropped, so the last row is that of the network
        in use.
    reconstruction_ : list of list of float
        Error of each machine's reconstruction, by epoch.
    target_predictions_ : ndarray of shape (epochs, n_target)
        Codes of the target rows after each epoch of ``history_``.
    options_ : DBNOptions
    network_ : torch.nn.Sequential
    scaler_

    Notes
    -----
    Published: the recipe, layer-wise machines and then back-propagation. Reconstructed: widths, rates, lengths, the
    machines' input, and the stopping rule of fine-tuning. `BP` is the control: the same network without
    pre-training.

    References
    ----------
    .. [1] G. E. Hinton, S. Osindero and Y.-W. Teh, "A fast learning algorithm for deep belief nets", Neural
       Computation 18, 1527-1554, 2006.
    """

    presets: ClassVar[tuple[str, ...]] = tuple(PRESETS)

    #: Options that the control fixes.
    _fixed: ClassVar[dict[str, Any]] = {}

    def __init__(
        self,
        preset: str = "fast",
        *,
        random_state: Any = None,
        device: str = "cpu",
        hidden: tuple[int, ...] | None = None,
        scaling: str | None = None,
        within: str | None = None,
        rbm_epochs: int | None = None,
        epochs: int | None = None,
        patience: int | None = None,
        batch_size: int | None = None,
    ) -> None:
        self.preset = preset
        self.random_state = random_state
        self.device = device
        self.hidden = hidden
        self.scaling = scaling
        self.within = within
        self.rbm_epochs = rbm_epochs
        self.epochs = epochs
        self.patience = patience
        self.batch_size = batch_size

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        # Pre-trained layers learn slowly: a few dozen rows do not change them in 100 epochs.
        tags.classifier_tags.poor_score = self._fixed.get("pretrain", True)
        return tags

    def options(self) -> DBNOptions:
        """The preset with everything that was set by hand.

        Raises
        ------
        UserError
            If the preset or a value is not known.
        """
        preset = PRESETS[self._known_preset()]
        names = ("hidden", "scaling", "within", "rbm_epochs", "epochs", "patience", "batch_size")
        return replace(preset, **(self._set_by_hand(names) | self._fixed))

    def _scaling(self) -> tuple[str, str]:
        o = self.options()
        return o.scaling, o.within

    def _fit(self, rows: Rows, *, checkpoint: str | Path | None, progress: bool) -> None:
        """Pre-train on both domains, train on the source."""
        o = self.options()
        x = torch.as_tensor(rows.scaled, dtype=torch.float32, device=self.device)
        source = torch.as_tensor(rows.source, device=self.device)
        speakers = None if rows.groups is None else np.asarray(rows.groups)[rows.source]
        cuda = [torch.device(self.device)] if self.device.startswith("cuda") else []
        with torch.random.fork_rng(devices=cuda):
            torch.manual_seed(seed_of(self.random_state))
            self.network_ = build_network(o, x.shape[1], len(self.classes_)).to(self.device)
            self.reconstruction_ = pretrain(self.network_, x, o, progress) if o.pretrain else []
            self._fine_tune(x[source], rows.codes[rows.source], x[~source], speakers, o, progress)
        self.options_ = o

    def _fine_tune(
        self, xs: Tensor, codes: np.ndarray, xt: Tensor, speakers: np.ndarray | None, o: DBNOptions, progress: bool
    ) -> None:
        ys = torch.as_tensor(codes, device=xs.device)
        folds, trouble = source_folds(codes, speakers)
        if trouble:
            what = "the epoch is chosen on a fold that shares speakers" if folds else "all epochs are trained"
            warnings.warn(f"{trouble}: {what}", StoppingWarning, stacklevel=4)
        train, held_out = folds[0] if folds else (np.arange(len(xs)), np.empty(0, dtype=int))
        layers = [p for module in list(self.network_)[:-1] for p in module.parameters()]
        rates = [(layers, o.learning_rate if o.pretrain else o.new_learning_rate)]
        rates += [(list(self.network_[-1].parameters()), o.new_learning_rate)]
        optimizer = torch.optim.Adam([{"params": p, "lr": rate} for p, rate in rates])
        rows: list[dict[str, float]] = []
        predictions: list[np.ndarray] = []
        lowest, best, state = np.inf, 0, {}
        for epoch in tqdm(range(1, o.epochs + 1), disable=not progress, unit="epoch", desc="fine-tuning", **size()):
            began = time.perf_counter()
            loss_y = 0.0
            for i in torch.as_tensor(train)[torch.randperm(len(train))].to(xs.device).split(o.batch_size):
                loss = F.cross_entropy(self.network_(xs[i]), ys[i])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                loss_y += loss.item() * len(i) / len(train)
            row = {"epoch": epoch, "loss_y": loss_y}
            if folds:
                with torch.no_grad():
                    row["loss_validation"] = F.cross_entropy(self.network_(xs[held_out]), ys[held_out]).item()
            if len(xt):
                p = probabilities(self.network_, xt)
                predictions.append(p.argmax(1).astype(np.uint8))
                row |= criteria.measure(p, rows)
            rows.append(row | {"seconds": time.perf_counter() - began})
            validation = row.get("loss_validation", np.inf)
            if not folds or not best or validation < lowest:  # the first is kept even if its loss is not finite
                lowest, best = float(np.fmin(validation, np.inf)), epoch
                state = copy.deepcopy(self.network_.state_dict())
            elif epoch - best >= o.patience:
                break
        self.network_.load_state_dict(state)
        self.history_ = pd.DataFrame(rows[:best]).set_index("epoch")
        self.target_predictions_ = np.array(predictions[:best], dtype=np.uint8).reshape(best, len(xt))

    def _probabilities(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        return probabilities(self.network_, torch.as_tensor(scaled, dtype=torch.float32, device=self.device))

    def _state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        return checkpoints.with_prefix("network", self.network_), {"options": describe(self.options_)}

    def _restore(self, tensors: dict[str, torch.Tensor], state: dict[str, Any]) -> None:
        self.options_ = DBNOptions(**(state["options"] | {"hidden": tuple(state["options"]["hidden"])}))
        self.network_ = build_network(self.options_, self.n_features_in_, len(self.classes_)).to(self.device)
        self.network_.load_state_dict(checkpoints.without_prefix("network", tensors))


class BP(DBNBP):
    """The control of `DBNBP`: the same network from PyTorch's initial weights, every layer at the head's rate."""

    _fixed: ClassVar[dict[str, Any]] = {"pretrain": False}


def build_network(options: DBNOptions, n_features: int, n_classes: int) -> nn.Sequential:
    """Linear and Sigmoid for each width, then the head; freshly initialised.

    Parameters
    ----------
    options : DBNOptions
        Choices of the run.
    n_features, n_classes : int
        Widths of input and output.
    """
    widths = (n_features, *options.hidden)
    layers = [nn.Sequential(nn.Linear(a, b), nn.Sigmoid()) for a, b in itertools.pairwise(widths)]
    return nn.Sequential(*layers, nn.Linear(widths[-1], n_classes))


def pretrain(network: nn.Sequential, x: Tensor, options: DBNOptions, progress: bool = False) -> list[list[float]]:
    """Give each layer the weights of a machine trained on its input, and return the machines' errors by epoch.

    Parameters
    ----------
    network : Sequential
        As from `build_network`; changed in place.
    x : Tensor of shape (n, d)
        Scaled rows of both domains.
    options : DBNOptions
        Choices of the run.
    progress : bool
        Show a progress bar.
    """
    o, errors = options, []
    with torch.no_grad():
        for depth in tqdm(range(len(o.hidden)), disable=not progress, unit="layer", desc="pre-training", **size()):
            gaussian = depth == 0 and o.scaling == "zscore"
            machine, by_epoch = train_rbm(
                x,
                o.hidden[depth],
                gaussian=gaussian,
                epochs=o.rbm_epochs,
                learning_rate=o.gaussian_learning_rate if gaussian else o.rbm_learning_rate,
                batch_size=o.batch_size,
            )
            if not machine.W.isfinite().all():
                raise UserError(
                    f"the machine of layer {depth + 1} diverged on features scaled by {o.scaling}: use scaling='minmax'"
                )
            layer = network[depth]
            assert isinstance(layer, nn.Sequential)
            linear = layer[0]
            assert isinstance(linear, nn.Linear)
            linear.weight.copy_(machine.W.T)
            linear.bias.copy_(machine.c)
            errors.append(by_epoch)
            x = machine.hidden(x)
    return errors


@torch.no_grad()
def probabilities(network: nn.Sequential, x: Tensor) -> np.ndarray:
    """Class probabilities of scaled rows.

    Parameters
    ----------
    network : Sequential
        Trained.
    x : Tensor of shape (n, d)
        Scaled rows.

    Returns
    -------
    ndarray of shape (n, C), float64
    """
    logits = torch.cat([network(rows) for rows in x.split(ROWS_AT_A_TIME)])
    return torch.softmax(logits.double(), dim=1).cpu().numpy()
