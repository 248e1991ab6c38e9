"""The training loop of TLMLDA, step by step as in the paper's algorithm. Chapter 2.7."""

from __future__ import annotations

import hashlib
import json
import math
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.optim.swa_utils import AveragedModel, get_swa_avg_fn
from tqdm.auto import tqdm

from tlmlda_lib import losses
from tlmlda_lib.networks import SOURCE, TARGET, DenoisingAutoencoder, EmotionNetwork, TLMLDANetwork
from tlmlda_lib.progress import inside, size
from tlmlda_lib.training import criteria
from tlmlda_lib.training.batches import batches, prepared, steps_per_epoch
from tlmlda_lib.training.checkpoints import CheckpointWarning
from tlmlda_lib.training.options import Options, describe
from tlmlda_lib.training.run_state import RunState
from tlmlda_lib.weighting import LossWeights

#: Raise it when a change of the loop, the losses, the weighting or the networks changes what a run computes.
REVISION = 1

#: Seconds between two checkpoints.
CHECKPOINT_SECONDS = 20.0

#: Number of rows in a batch at evaluation.
ROWS_AT_A_TIME = 8192


@dataclass(frozen=True)
class PairArrays:
    """Source and target as scaled numbers; it contains no target label."""

    xs: np.ndarray  # (n_s, d) float32
    ys: np.ndarray  # (n_s,) int64, codes 0 .. C-1
    xt: np.ndarray | None  # (n_t, d) float32; None without a target
    xt_test: np.ndarray | None = None  # (n_t, d), if the target is scaled differently at test


@dataclass(frozen=True)
class Training:
    """The result of a run."""

    network: TLMLDANetwork  # with the final (or averaged) weights, in evaluation mode
    history: pd.DataFrame  # a row per epoch: losses, weights, seconds, criteria without labels
    target_predictions: np.ndarray  # (epochs, n_t) uint8: class of each target row after each epoch


class Trainer:
    """Train the network of Figure 1 on a pair of domains. Chapter 2.7.

    Parameters
    ----------
    options : Options
        Every choice; the published ones are in `tlmlda_lib.training.options.PRESETS`.
    seed : int
        Random seed of initialisation, batches, noise and dropout. Equal seed, machine and thread count give equal bits.
    device : str
        "cpu" or "cuda".
    checkpoint : path, optional
        File of the state between epochs; if it exists and belongs to this run, training continues from it.
    progress : bool
        Show a progress bar.

    Notes
    -----
    Each epoch has a generator seeded by (seed, epoch), so a resumed run equals an uninterrupted one bit for bit.
    """

    def __init__(
        self,
        options: Options,
        *,
        seed: int = 0,
        device: str = "cpu",
        checkpoint: str | Path | None = None,
        progress: bool = False,
    ) -> None:
        self.options = options
        self.seed = seed
        self.device = torch.device(device)
        self.checkpoint = None if checkpoint is None else Path(checkpoint)
        self.progress = progress

    def fit(self, data: PairArrays, n_classes: int) -> Training:
        """Train the network.

        Parameters
        ----------
        data : PairArrays
        n_classes : int

        Returns
        -------
        Training
        """
        cuda = [self.device] if self.device.type == "cuda" else []
        with torch.random.fork_rng(devices=cuda):
            return self._fit(data, n_classes)

    def _fit(self, data: PairArrays, n_classes: int) -> Training:
        o = self.options
        xs = self._tensor(data.xs)
        xt = None if data.xt is None else self._tensor(data.xt)
        xt_test = xt if data.xt_test is None else self._tensor(data.xt_test)
        n_s, n_t = len(xs), 0 if xt is None else len(xt)
        ys = torch.as_tensor(data.ys, dtype=torch.int64, device=self.device)

        self._draw_from(0)
        steps = steps_per_epoch(n_s, n_t, o)
        names = losses.in_use(o.losses, target=n_t > 0)
        run = self._new_run(build_network(o, xs.shape[1], n_classes).to(self.device), steps, names)
        identity = self._identity(data, n_classes)
        done = run.resume(self.checkpoint, identity)
        last_saved = time.monotonic()

        how: dict[str, Any] = {"disable": not self.progress, "unit": "epoch", "leave": inside(), **size()}
        for epoch in tqdm(range(done, o.epochs), initial=done, total=o.epochs, **how):
            began = time.perf_counter()
            self._draw_from(epoch + 1)
            run.network.train()
            if o.reset_optimizer:
                run.optimizer = self._optimizer(run.network)
            row: dict[str, float] = {"epoch": epoch + 1}
            for step, (i, j) in enumerate(batches(n_s, n_t, o, [self.seed, epoch])):
                target = None if xt is None or not o.uses_target else prepared(xt[j], o)
                terms = batch_losses(run.network, prepared(xs[i], o), ys[i], target, o)
                values = {name: term.item() for name, term in terms.items()}
                w = run.weights.of_batch(values)  # equation 6, in plain numbers: no gradient flows through a weight
                if o.ramp:
                    rise = alignment_ramp((epoch + step / steps) / o.epochs)
                    w = {name: w[name] * rise if losses.LOSSES[name].aligns else w[name] for name in w}
                total = torch.stack([w[name] * terms[name] for name in terms]).sum()  # equation 5
                run.optimizer.zero_grad()
                total.backward()
                run.optimizer.step()
                if run.scheduler is not None:
                    run.scheduler.step()
                for name in terms:
                    row[f"loss_{name}"] = row.get(f"loss_{name}", 0.0) + values[name] / steps
                    row[f"weight_{name}"] = row.get(f"weight_{name}", 0.0) + w[name] / steps
            run.weights.end_epoch()
            if run.averaged is not None and epoch + 1 > o.epochs * (1 - o.averaged):
                run.averaged.update_parameters(run.network)

            if xt_test is not None:
                p = probabilities(run.result(), xt_test, TARGET if o.uses_target else SOURCE)
                run.predictions.append(p.argmax(1).astype(np.uint8))
                row |= criteria.measure(p, run.rows)
            run.rows.append(row | {"seconds": time.perf_counter() - began})
            if self.checkpoint and (time.monotonic() - last_saved > CHECKPOINT_SECONDS or epoch + 1 == o.epochs):
                self._keep(run, identity)
                last_saved = time.monotonic()

        by_epoch = np.array(run.predictions, dtype=np.uint8).reshape(len(run.rows), n_t)
        return Training(run.result().eval(), pd.DataFrame(run.rows).set_index("epoch"), by_epoch)

    def _keep(self, run: RunState, identity: str) -> None:
        """Write the checkpoint; where that fails, say so once and train on without."""
        assert self.checkpoint is not None
        try:
            run.save(self.checkpoint, identity)
        except OSError as error:
            warnings.warn(
                f"no checkpoint is kept: {self.checkpoint.parent} cannot be written ({error.strerror or error}); "
                "training goes on, and an interrupted run begins anew; change TLMLDA_CACHE",
                CheckpointWarning,
                stacklevel=2,
            )
            self.checkpoint = None

    def _new_run(self, network: TLMLDANetwork, steps: int, names: tuple[str, ...]) -> RunState:
        o = self.options
        optimizer = self._optimizer(network)
        return RunState(
            network=network,
            optimizer=optimizer,
            scheduler=OneCycleLR(optimizer, o.learning_rate, o.epochs * steps) if o.schedule == "onecycle" else None,
            # One tensor at a time: on a CUDA device, PyTorch's default cannot average the buffers that count batches.
            averaged=AveragedModel(network, avg_fn=get_swa_avg_fn(), use_buffers=True) if o.averaged else None,
            weights=LossWeights(names, o.factors(), o.update),
        )

    def _tensor(self, x: np.ndarray) -> Tensor:
        return torch.as_tensor(x, dtype=torch.float32, device=self.device)

    def _draw_from(self, epoch: int) -> None:
        """Seed torch for initialisation (0) or an epoch (from 1): no random state passes from epoch to epoch."""
        seed = int(np.random.SeedSequence([self.seed, epoch]).generate_state(1)[0])
        if self.device.type == "cpu":
            torch.default_generator.manual_seed(seed)  # all that `torch.manual_seed` does here, without a stack's text
        else:
            torch.manual_seed(seed)

    def _optimizer(self, network: nn.Module) -> torch.optim.Optimizer:
        kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[self.options.optimizer]
        o = self.options
        return kind(network.parameters(), lr=o.learning_rate, weight_decay=o.weight_decay, fused=True)

    def _identity(self, data: PairArrays, n_classes: int) -> str:
        h = hashlib.sha256(json.dumps([describe(self.options), self.seed, n_classes, torch.__version__]).encode())
        for array in (data.xs, data.ys, data.xt, data.xt_test):
            h.update(b"none" if array is None else np.ascontiguousarray(array).reshape(-1).view(np.uint8))
        return h.hexdigest()


def build_network(options: Options, n_features: int, n_classes: int) -> TLMLDANetwork:
    """The network of Figure 1 for some options, on the CPU, freshly initialised. Chapter 2.7.

    Parameters
    ----------
    options : Options
        Choices of the run.
    n_features, n_classes : int
        Widths of input and output.
    """
    o = options
    autoencoder = DenoisingAutoencoder(
        n_features,
        o.encoder,
        encoder_activation=o.encoder_activation,
        decoder_activation=o.decoder_activation,
        output_activation=o.output_activation,
        dropout=o.dropout,
        dropout_code=o.dropout_code,
        norm=o.batchnorm,
        norm_output=o.batchnorm_output,
        decoder=o.rebuilds,
    )
    norm_first = o.batchnorm if o.batchnorm_emotion else None
    emotion = EmotionNetwork(
        o.encoder[-1], n_classes, o.emotion, activation=o.emotion_activation, norm_first=norm_first
    )
    return TLMLDANetwork(autoencoder, emotion, norm=o.batchnorm)


def batch_losses(
    network: TLMLDANetwork, xs: Tensor, ys: Tensor, xt: Tensor | None, options: Options
) -> dict[str, Tensor]:
    """The losses in use for one batch of source and target (equations 1 to 4).

    Parameters
    ----------
    network : TLMLDANetwork
        In training mode.
    xs, ys : Tensor of shape (n_s, d), (n_s,)
        Clean source features and their labels.
    xt : Tensor of shape (n_t, d) or None
        Clean target features.
    options : Options

    Returns
    -------
    dict of str to Tensor of shape ()
        By their names, in the order of `tlmlda_lib.losses.LOSSES`.
    """
    o = options
    shared = torch.randn_like(xs[:1]) if o.noise == "shared" else None

    def noisy(x: Tensor) -> Tensor:
        return x + o.noise_std * (torch.randn_like(x) if shared is None else shared) if o.noise_std else x

    known: dict[str, Any] = {"units": o.reconstruction, "power": o.power, "common": o.common}
    if xt is None:
        source = network.of_domain(noisy(xs), SOURCE)
    else:
        source, target = network(noisy(xs), noisy(xt))
        pt = torch.softmax(target.logits.detach(), dim=1)  # the pseudo-labels
        known |= {"xt": xt, "zt": target.z, "rebuilt_t": target.rebuilt, "pt": pt}
    asked = losses.in_use(o.losses, target=xt is not None, decoder=source.rebuilt is not None)
    known |= {"rebuilt_s": source.rebuilt, "asked": asked}
    return losses.of_step(losses.Step(xs, ys, source.z, source.logits, **known))


def alignment_ramp(progress: float) -> float:
    """The factor ``2 / (1 + exp(-10 p)) - 1`` [1]_ of alignment: 0 at the beginning, nearly 1 from half-way on.

    Chapter 2.7.

    Parameters
    ----------
    progress : float
        Share of the training that is done, from 0 to 1.

    References
    ----------
    .. [1] Y. Ganin and V. Lempitsky, "Unsupervised domain adaptation by backpropagation", ICML 2015, 1180-1189.

    Examples
    --------
    >>> alignment_ramp(0.0), round(alignment_ramp(0.5), 3)
    (0.0, 0.987)
    """
    return 2 / (1 + math.exp(-10 * progress)) - 1


@torch.no_grad()
def probabilities(network: TLMLDANetwork, x: Tensor, domain: int) -> np.ndarray:
    """Class probabilities of scaled rows; leaves the network in evaluation mode.

    Parameters
    ----------
    network : TLMLDANetwork
        Trained.
    x : Tensor of shape (n, d)
        Scaled rows.
    domain : int
        0 for the source, 1 for the target.

    Returns
    -------
    ndarray of shape (n, C), float64
    """
    network.eval()
    logits = torch.cat([network.of_domain(rows, domain).logits for rows in x.split(ROWS_AT_A_TIME)])
    return torch.softmax(logits.double(), dim=1).cpu().numpy()
