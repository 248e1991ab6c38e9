"""How the aligned layer moves while a network is trained: its features after every epoch. Chapter 3.2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from tlmlda_lib import evaluation, losses, methods
from tlmlda_lib.domains.pair import whole_truth
from tlmlda_lib.domains.scaling import PerDomainScaler
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation.neighbours import chance_share, nearest, neighbour_share
from tlmlda_lib.experiments import settings
from tlmlda_lib.experiments.scatter import NEIGHBOURS
from tlmlda_lib.networks import SOURCE, TARGET, Outputs, TLMLDANetwork
from tlmlda_lib.training.options import Options
from tlmlda_lib.training.run_state import RunState
from tlmlda_lib.training.trainer import PairArrays, Trainer, Training

#: How many random heads name the points: the baseline of a picture that is coloured by predictions.
HEADS = 50


class Watched(Trainer):
    """A trainer whose network is looked at before the first epoch and after each; the training is the same to the bit.

    Parameters
    ----------
    options : Options
    look : callable
        Gets the network whose predictions would count, in evaluation mode.
    seed : int

    Attributes
    ----------
    seen : list
        What ``look`` returned: one item more than there are epochs.
    """

    def __init__(self, options: Options, look: Callable[[TLMLDANetwork], Any], *, seed: int = 0) -> None:
        super().__init__(options, seed=seed)
        self.seen: list[Any] = []
        self._look = look

    def fit(self, data: PairArrays, n_classes: int) -> Training:
        """Train, and look a last time at what training leaves."""
        training = super().fit(data, n_classes)
        self.seen.append(self._look(training.network))
        return training

    def _new_run(self, *how: Any) -> RunState:
        self._run = super()._new_run(*how)
        return self._run

    def _draw_from(self, epoch: int) -> None:
        # Called with 0 for the first parameters, and with 1, 2, .. when an epoch begins: what is seen then is what the
        # one before has left. Looking draws nothing, and the seed is set after it.
        if epoch:
            self.seen.append(self._look(self._run.result().eval()))
        super()._draw_from(epoch)


@dataclass(frozen=True)
class Motion:
    """What `follow` saw.

    Attributes
    ----------
    z : ndarray of shape (epochs + 1, n, h)
        The aligned layer of every row: before training, then after each epoch.
    predicted : ndarray of shape (epochs + 1, n)
        Codes of the classes that the network names.
    numbers : DataFrame
        A row for each epoch, from 0 on, over all recordings: ``war`` (percent of the target), ``mmd`` and ``lmmd``
        (equations 3 and 4, squared), ``predicted`` and ``true`` (`neighbour_share` of the target's points, by what
        they are called and by what they are), and the baselines of ``predicted``: ``head`` (`head_share` of the same
        points) and ``chance`` (`chance_share` of the predicted names).
    network : TLMLDANetwork
        As training left it.
    """

    z: NDArray[np.float32]
    predicted: NDArray[np.int64]
    numbers: pd.DataFrame
    network: TLMLDANetwork


def follow(pair: Any, method: str = "tlmlda", preset: str = "quick", seed: int = 0, **params: Any) -> Motion:
    """Train as the method does, and keep the aligned layer of each epoch.

    Chapter 3.2.

    Parameters
    ----------
    pair : tlmlda_lib.domains.DomainPair
        With the truth of its target, which is read after training alone.
    method : str
        "tlmlda" or one of its ablations.
    preset : str
        One that scales within the corpus.
    seed : int
    **params
        Options in place of the preset's.

    Returns
    -------
    Motion

    Raises
    ------
    UserError
        If the preset scales otherwise, or the target has no labels.
    """
    how = settings.of(method, preset, pair.scheme, params)
    options = methods.make(method, preset, random_state=seed, **how).options()
    if options.within != "corpus":
        raise UserError(f"within={options.within!r}: `follow` takes what scales within the corpus, as preset 'quick'")
    whole_truth(pair, ": `follow` counts what is recognised")
    scaled = PerDomainScaler(options.scaling).fit_transform(pair.X, sample_domain=pair.sample_domain)
    x, target = torch.as_tensor(scaled.astype(np.float32)), torch.as_tensor(pair.target)
    of_target = TARGET if options.uses_target else SOURCE

    @torch.no_grad()
    def look(network: TLMLDANetwork) -> tuple[Outputs, Outputs]:
        return network.of_domain(x[~target], SOURCE), network.of_domain(x[target], of_target)

    trainer = Watched(options, look, seed=seed)
    data = PairArrays(x[~target].numpy(), pair.y[~pair.target], x[target].numpy())
    training = trainer.fit(data, len(pair.classes))

    def rows(of_source: Tensor, of_target: Tensor) -> NDArray[Any]:
        whole = np.empty((len(x), *of_source.shape[1:]), dtype=of_source.numpy().dtype)
        whole[~pair.target], whole[pair.target] = of_source.numpy(), of_target.numpy()
        return whole

    z = np.stack([rows(s.z, t.z) for s, t in trainer.seen])
    predicted = np.stack([rows(s.logits.argmax(1), t.logits.argmax(1)) for s, t in trainer.seen])
    numbers = [_numbers(s, t, pair, options) for s, t in trainer.seen]
    return Motion(z, predicted, pd.DataFrame(numbers).rename_axis("epoch"), training.network)


def _numbers(source: Outputs, target: Outputs, pair: Any, options: Options) -> dict[str, float]:
    """A row of `Motion.numbers`."""
    labels = torch.as_tensor(pair.y[~pair.target])
    pseudo = torch.softmax(target.logits.double(), dim=1)
    mmd, lmmd = losses.mmd_and_lmmd(source.z.double(), target.z.double(), labels, pseudo, common=options.common)
    z, named = target.z.numpy(), target.logits.argmax(1).numpy()
    return {
        "war": evaluation.war(pair.truth, named),
        "mmd": mmd.item(),
        "lmmd": lmmd.item(),
        "predicted": neighbour_share(z, named, NEIGHBOURS),
        "true": neighbour_share(z, pair.truth, NEIGHBOURS),
        "head": head_share(z, len(pair.classes), NEIGHBOURS),
        "chance": chance_share(named),
    }


def random_names(z: ArrayLike, classes: int, heads: int = HEADS, seed: int = 0) -> NDArray[np.int64]:
    """What heads that were never trained call the points: the class whose weighted sum of the centred z is largest.

    Chapter 3.2.

    Parameters
    ----------
    z : array_like of shape (n, h)
    classes : int
    heads : int
        Each with normal weights of its own.
    seed : int
        Of the weights.

    Returns
    -------
    ndarray of shape (heads, n)
        Codes from 0 to ``classes`` - 1.
    """
    points = np.asarray(z, dtype=np.float64)
    centred, rng = points - points.mean(0), np.random.default_rng(seed)
    weights = [rng.normal(size=(points.shape[1], classes)) for _ in range(heads)]
    return np.stack([(centred @ w).argmax(1) for w in weights])


def head_share(z: ArrayLike, classes: int, k: int = NEIGHBOURS, heads: int = HEADS, seed: int = 0) -> float:
    """`neighbour_share` of what random heads call the points, the mean over the heads. Chapter 3.2.

    The baseline of a picture that is coloured by predictions, which are read off z; `chance_share` is that of names
    which do not depend on z.

    Parameters
    ----------
    z, classes, heads, seed
        As in `random_names`.
    k : int

    Returns
    -------
    float
        Between 0 and 1.
    """
    names = random_names(z, classes, heads, seed)
    return float((names[:, nearest(z, k)] == names[:, :, None]).mean())


def plane(z: NDArray[np.float32]) -> tuple[NDArray[np.float64], float]:
    """One linear view for all epochs: the two directions in which the points of all of them together spread most.

    Chapter 3.2.

    Parameters
    ----------
    z : ndarray of shape (epochs, n, h)

    Returns
    -------
    xy : ndarray of shape (epochs, n, 2)
    share : float
        How much of the spread these two directions hold, between 0 and 1.
    """
    flat = np.asarray(z, dtype=np.float64).reshape(-1, z.shape[-1])
    centred = flat - flat.mean(0)
    _, singular, axes = np.linalg.svd(centred.T @ centred / len(flat))
    axes = axes[:2] * np.sign(axes[:2].sum(1, keepdims=True) + 1e-12)  # one of two mirror images, always the same
    return (centred @ axes.T).reshape(*z.shape[:2], 2), float(singular[:2].sum() / singular.sum())
