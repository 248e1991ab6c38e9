"""Dynamic weights: the recorded losses of a run, and their weights by equation 6. Chapter 2.5."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import traitlets

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice, Number
from tlmlda_lib.domains import schemes
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments.settings import PRINTED_ALPHA
from tlmlda_lib.training.options import FIVE, PRINTED, factors

#: Units of a reconstruction loss: mean over samples and features; sum over features; sum over both.
UNITS = ("mean", "sum", "printed")

#: Largest factor on the page.
LARGEST = 5.0


class DynamicWeights(Explorable):
    """Loss curves of a run, factors to move, and the weights, as `tlmlda_lib.weighting.dynamic_weights` gives them.

    Parameters
    ----------
    history : DataFrame or mapping of str to sequence of float
        Mean losses of each epoch, at least one epoch: ``history_`` of a trained method, or columns of it, by the names
        S, T, y, MMD, LMMD, with or without ``loss_`` before them. At least two of the five; other columns are left out.
    alpha : dict of str to float
        Factors to begin with, by loss, 0 to 5; kept to one decimal. Those that are not named are what the paper prints
        for E to B.
    units : {"mean", "sum", "printed"}
        Unit of the two reconstruction losses; the history has means.
    epoch : int, optional
        The epoch to begin with, from 1; by default the first.
    features, batch : int
        Factors of ``"sum"`` and ``"printed"``: features per utterance, utterances per batch.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Attributes
    ----------
    weights : dict of str to float
        Read back from the page: the weights that follow from the losses of the chosen epoch.

    Raises
    ------
    UserError
        If the curves, the factors, the units or the epoch cannot be used.
    """

    _esm = script(__name__)
    _css = style(__name__)
    losses = traitlets.Dict().tag(sync=True)
    alpha = traitlets.Dict().tag(sync=True)
    printed = traitlets.Dict().tag(sync=True)
    scheme_words = traitlets.Dict({name: schemes.in_words(name) for name in schemes.PAPER_SCHEMES}).tag(sync=True)
    units = Choice(UNITS, "mean")
    epoch = Number(1, lambda w: len(next(iter(w.losses.values()))), 1)
    features = Number(1, float("inf"), 1582)
    batch = Number(1, float("inf"), 100)
    weights = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        history: Mapping[str, Iterable[float]],
        *,
        alpha: Mapping[str, float] = PRINTED,
        units: str = "mean",
        epoch: int = 1,
        features: int = 1582,
        batch: int = 100,
        address: str = "weights",
        **kwargs: Any,
    ) -> None:
        losses = _curves(history)
        super().__init__(
            losses=losses,
            alpha={name: a for name, a in _factors(alpha).items() if name in losses},
            printed=PRINTED_ALPHA,
            units=units,
            epoch=epoch,
            features=features,
            batch=batch,
            address=address,
            **kwargs,
        )


def _curves(history: Mapping[str, Iterable[float]]) -> dict[str, list[float]]:
    columns = {str(name).removeprefix("loss_"): history[name] for name in history}
    found = {name: np.asarray(list(columns[name]), dtype=float) for name in FIVE if name in columns}
    if len(found) < 2:
        raise UserError(
            f"the history has columns {', '.join(map(str, history))}: DynamicWeights needs two or more of "
            f"{', '.join('loss_' + name for name in FIVE)}"
        )
    if len({len(curve) for curve in found.values()}) > 1 or not all(len(curve) for curve in found.values()):
        lengths = ", ".join(f"{name} {len(curve)}" for name, curve in found.items())
        raise UserError(f"the history has no epoch, or curves of different lengths ({lengths})")
    for name, curve in found.items():
        if not (np.isfinite(curve) & (curve >= 0)).all():
            raise UserError(f"loss {name} of the history is negative or not finite in some epoch")
    return {name: curve.tolist() for name, curve in found.items()}


def _factors(alpha: Mapping[str, float]) -> dict[str, float]:
    found = PRINTED | factors(alpha)
    if max(found.values()) > LARGEST:
        raise UserError(f"alpha={dict(alpha)} does not fit: give factors from 0 to {LARGEST:g}")
    return {name: round(found[name], 1) for name in FIVE}
