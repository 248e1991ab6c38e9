"""One batch: a network small enough to read, and everything that a training step does to it. Chapter 2.6."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
import traitlets
from numpy.typing import ArrayLike

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice, Number
from tlmlda_lib.errors import UserError
from tlmlda_lib.losses import LOSSES
from tlmlda_lib.training.options import PAPER
from tlmlda_lib.training.trainer import build_network

#: The paper's choices, except for the sizes, the dropout, and visibly large steps.
TINY = replace(PAPER, encoder=(2,), emotion=(2,), dropout=0.0, noise_std=0.1, learning_rate=0.05)

#: What happens to a batch, in this order.
STAGES = ("batch", "noise", "code", "outputs", "losses", "weights", "gradients", "step")

#: Factors of the five losses: those that the paper prints for E to B, and the same without alignment.
FACTORS = {
    "printed": TINY.factors(),
    "alone": {name: 0.0 if LOSSES[name].aligns else a for name, a in TINY.factors().items()},
}

#: Largest number of batches on the page.
MOST = 500


class OneBatch(Explorable):
    """A training step, stage by stage, as `tlmlda_lib.training.trainer.Trainer` takes it with the options `TINY`.

    The page computes forward pass, losses, weights, gradients and Adam itself. One batch contains all data, so each
    batch is an epoch: equation 6 uses the losses of the batch before, and in the first all have equal weight.

    Parameters
    ----------
    xs : array_like of shape (n_s, d)
        Scaled source features, 2 to 8 utterances of 2 to 5 features; kept to three decimals.
    ys : array_like of shape (n_s,)
        Their classes, 0 to C - 1.
    xt : array_like of shape (n_t, d)
        Scaled target features, 2 to 8 utterances, without labels.
    classes : sequence of str
        Names of the C classes, 2 or 3.
    features : sequence of str
        Names of the d features.
    seed : int
        Random seed of the initial parameters, which are kept to three decimals.
    batch : int
        The batch to begin with, 1 to 500.
    stage : str
        The stage to begin with, one of `STAGES`.
    factors : {"printed", "alone"}
        Which of `FACTORS` to begin with.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Attributes
    ----------
    losses, weights : dict of str to float
        Read back from the page: the batch's five losses and their weights.

    Raises
    ------
    UserError
        If the features, the labels and the names do not match.
    """

    _esm = script(__name__)
    _css = style(__name__)
    xs = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    ys = traitlets.List(traitlets.Int()).tag(sync=True)
    xt = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    classes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    features = traitlets.List(traitlets.Unicode()).tag(sync=True)
    parameters: traitlets.List[Any] = traitlets.List().tag(sync=True)
    alphas = traitlets.Dict().tag(sync=True)
    factors = Choice(FACTORS, "printed")
    noise = traitlets.Float(TINY.noise_std).tag(sync=True)
    rate = traitlets.Float(TINY.learning_rate).tag(sync=True)
    batch = Number(1, MOST, 1)
    stage = Choice(STAGES, STAGES[0])
    losses = traitlets.Dict().tag(sync=True)
    weights = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        xs: ArrayLike,
        ys: ArrayLike,
        xt: ArrayLike,
        *,
        classes: Sequence[str],
        features: Sequence[str],
        seed: int = 0,
        batch: int = 1,
        stage: str = STAGES[0],
        factors: str = "printed",
        address: str = "step",
        **kwargs: Any,
    ) -> None:
        source, target = _rows(xs, "xs", len(features)), _rows(xt, "xt", len(features))
        labels = np.asarray(ys)
        if not 2 <= len(classes) <= 3:
            raise UserError(f"classes names {len(classes)}: OneBatch shows 2 or 3")
        if labels.shape != (len(source),) or not set(labels.tolist()) <= set(range(len(classes))):
            raise UserError(f"ys needs a class 0 .. {len(classes) - 1} for each of {len(source)} utterances")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network = build_network(TINY, len(features), len(classes))
        super().__init__(
            xs=source.tolist(),
            ys=[int(y) for y in labels],
            xt=target.tolist(),
            classes=list(classes),
            features=list(features),
            parameters=[p.detach().double().numpy().round(3).tolist() for p in network.parameters()],
            alphas={name: list(alpha.values()) for name, alpha in FACTORS.items()},
            factors=factors,
            batch=batch,
            stage=stage,
            address=address,
            **kwargs,
        )


def _rows(x: ArrayLike, name: str, d: int) -> np.ndarray:
    rows = np.asarray(x, dtype=float)
    if not 2 <= d <= 5:
        raise UserError(f"features names {d}: OneBatch shows 2 to 5")
    if rows.ndim != 2 or rows.shape[1] != d or not 2 <= len(rows) <= 8 or not np.isfinite(rows).all():
        raise UserError(f"{name} has shape {rows.shape}: give 2 to 8 utterances of {d} numbers")
    return rows.round(3)
