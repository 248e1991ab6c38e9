"""The training loop of IFN, with or without TLMLDA's transfer. Chapter 4.1."""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import Tensor
from tqdm.auto import tqdm

from tlmlda_lib import losses
from tlmlda_lib.methods.ifn.fusion import FusionNetwork, fusion_loss, in_columns
from tlmlda_lib.methods.ifn.options import IFNOptions
from tlmlda_lib.progress import size
from tlmlda_lib.training import criteria
from tlmlda_lib.training.batches import batches, steps_per_epoch
from tlmlda_lib.training.options import FIVE, Options
from tlmlda_lib.training.trainer import ROWS_AT_A_TIME, alignment_ramp
from tlmlda_lib.weighting import LossWeights


def train(
    network: FusionNetwork,
    source: tuple[Tensor, Tensor, Tensor],
    target: tuple[Tensor, Tensor],
    o: IFNOptions,
    *,
    seed: int = 0,
    progress: bool = False,
) -> tuple[list[dict[str, float]], list[np.ndarray]]:
    """Train a network in place.

    Parameters
    ----------
    network : FusionNetwork
    source : tuple of Tensor
        Scaled features (n_s, d), which streams are present (n_s, K), labels (n_s,).
    target : tuple of Tensor
        Features (n_t, d) and streams (n_t, K); n_t may be 0.
    o : IFNOptions
    seed : int
        Random seed of the batches; initial weights and dropout use torch's generator.
    progress : bool
        Show a progress bar.

    Returns
    -------
    rows : list of dict
        Rows of the history; ``gate_k`` is the mean weight of stream k over the target, or without one over the source.
    predictions : list of ndarray of shape (n_t,), uint8
        The target's codes after each epoch.
    """
    xs, ms, ys = source
    xt, mt = target
    transfer = o.transfer == "tlmlda"
    n_t = len(xt) if transfer else 0
    names = losses.in_use(FIVE, target=n_t > 0)
    weights = LossWeights(names, o.alpha, o.update) if transfer else LossWeights(("y",), {"y": 1.0}, "constant")
    order = Options(batch_size=o.batch_size, drop_last=False)
    steps = steps_per_epoch(len(xs), n_t, order)
    optimizer = torch.optim.AdamW(network.parameters(), lr=o.learning_rate, weight_decay=o.weight_decay, fused=True)
    rows: list[dict[str, float]] = []
    predictions: list[np.ndarray] = []
    for epoch in tqdm(range(o.epochs), disable=not progress, unit="epoch", **size()):
        began = time.perf_counter()
        network.train()
        row: dict[str, float] = {"epoch": epoch + 1}
        for step, (i, j) in enumerate(batches(len(xs), n_t, order, [seed, epoch])):
            terms = batch_losses(network, (xs[i], ms[i], ys[i]), (xt[j], mt[j]), o)
            values = {name: term.item() for name, term in terms.items()}
            w = weights.of_batch(values)  # equation 6, in plain numbers
            if o.ramp:
                rise = alignment_ramp((epoch + step / steps) / o.epochs)
                w = {name: w[name] * rise if losses.LOSSES[name].aligns else w[name] for name in w}
            optimizer.zero_grad()
            torch.stack([w[name] * terms[name] for name in terms]).sum().backward()  # equation 5
            optimizer.step()
            for name in terms:
                row[f"loss_{name}"] = row.get(f"loss_{name}", 0.0) + values[name] / steps
                if transfer:
                    row[f"weight_{name}"] = row.get(f"weight_{name}", 0.0) + w[name] / steps
        weights.end_epoch()
        p, a = evaluated(network, *((xt, mt) if len(xt) else (xs, ms)))
        row |= {f"gate_{k}": float(mean) for k, mean in enumerate(a.mean(0))}
        if len(xt):
            predictions.append(p.argmax(1).astype(np.uint8))
            row |= criteria.measure(p, rows)
        rows.append(row | {"seconds": time.perf_counter() - began})
    return rows, predictions


def batch_losses(
    network: FusionNetwork, source: tuple[Tensor, Tensor, Tensor], target: tuple[Tensor, Tensor], o: IFNOptions
) -> dict[str, Tensor]:
    """The losses in use for one batch of source and target, as in `train`.

    Parameters
    ----------
    network : FusionNetwork
        In training mode.
    source, target, o
        As in `train`, for one batch.

    Returns
    -------
    dict of str to Tensor of shape ()
        "y" is the loss of `fusion_loss`; with transfer there are also the other four, as far as the batch has rows.
    """
    (xs, ms, ys), (xt, mt) = source, target
    n, x, m = len(xs), torch.cat([xs, xt]), torch.cat([ms, mt])
    fused = network(x + o.noise_std * torch.randn_like(x) if o.noise_std else x, m)
    y = fusion_loss(fused, ys, ms, o.fusion, stream_loss=o.stream_loss, balance_weight=o.balance)
    if network.decoder is None:
        return {"y": y}
    clean, rebuilt = x, network.decoder(fused.z)
    if not m.all():  # absent streams are not reconstructed
        there = in_columns(m, network.widths)
        clean, rebuilt = torch.where(there, clean, 0), torch.where(there, rebuilt, 0)
    names = losses.in_use(FIVE, target=len(xt) > 0)
    step = losses.Step(
        *(clean[:n], ys, fused.z[:n], fused.logits[:n], rebuilt[:n]),
        *(clean[n:], fused.z[n:], torch.softmax(fused.logits[n:].detach(), 1), rebuilt[n:]),  # with pseudo-labels
        asked=tuple(name for name in names if name != "y"),
    )
    terms = losses.of_step(step) | {"y": y}
    return {name: terms[name] for name in names}


@torch.no_grad()
def evaluated(network: FusionNetwork, x: Tensor, present: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and stream weights of scaled rows; leaves the network in evaluation mode.

    Parameters
    ----------
    network : FusionNetwork
        Trained.
    x : Tensor of shape (n, d)
        Scaled rows.
    present : Tensor of shape (n, K), bool
        Which streams are there.

    Returns
    -------
    probabilities : ndarray of shape (n, C), float64
    weights : ndarray of shape (n, K), float64
    """
    network.eval()
    logits, weights = [], []
    for rows in zip(x.split(ROWS_AT_A_TIME), present.split(ROWS_AT_A_TIME), strict=True):
        fused = network(*rows)
        logits.append(fused.logits)
        weights.append(fused.weights)
    shares = torch.cat(weights).double()
    shares /= shares.sum(1, keepdim=True)  # to the last digit of float64
    return torch.softmax(torch.cat(logits).double(), 1).cpu().numpy(), shares.cpu().numpy()
