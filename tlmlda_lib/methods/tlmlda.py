"""TLMLDA and its ablations as scikit-learn classifiers. Chapter 2.7; the ablations: chapter 3.1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import torch

from tlmlda_lib.errors import UserError
from tlmlda_lib.methods.base import ProbabilisticClassifier, Rows, seed_of
from tlmlda_lib.networks import SOURCE, TARGET, TLMLDANetwork
from tlmlda_lib.training import checkpoints
from tlmlda_lib.training.options import OPTION_NAMES, PRESETS, Options, by_name, changed, describe
from tlmlda_lib.training.trainer import PairArrays, Trainer, build_network, probabilities


@dataclass(frozen=True)
class Ablation:
    """What an ablation changes in TLMLDA: a row of `ABLATIONS`. Chapter 3.1.

    Attributes
    ----------
    name : str
        Name of its class.
    what : str
        In words.
    without, only : tuple of str
        Losses that are left out, or the only ones that are kept: in the sum of equation 5, and in the denominator of
        equation 6.
    factor : float, optional
        Value of every alpha.
    fixed : dict
        Further fixed options.
    """

    name: str
    what: str
    without: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    factor: float | None = None
    fixed: Mapping[str, Any] = field(default_factory=dict)

    def of(self, whole: Options) -> Options:
        """Options of the ablation, from those of the whole method.

        Parameters
        ----------
        whole : Options
            Options of TLMLDA.
        """
        losses = tuple(n for n in whole.losses if n not in self.without and (not self.only or n in self.only))
        alpha = whole.alpha if self.factor is None else dict.fromkeys(whole.alpha, self.factor)
        return replace(whole, losses=losses, alpha=alpha, **self.fixed)


#: The paper's ablations and the network without transfer, by the names that command line and tables use.
ABLATIONS: dict[str, Ablation] = {
    "tlmlda_w": Ablation("TLMLDAw", "TLMLDA_w: all alpha 1, weights dynamic.", factor=1.0),
    "tlmlda_alpha": Ablation(
        "TLMLDAalpha", "TLMLDA_alpha: the weights are alpha, constant.", fixed={"update": "constant"}
    ),
    "tlmlda_m": Ablation("TLMLDAm", "TLMLDA_M: without LMMD.", without=("LMMD",)),
    "tlmlda_l": Ablation("TLMLDAl", "TLMLDA_L: without MMD.", without=("MMD",)),
    "only_cls": Ablation(
        "OnlyCls",
        "Only_cls: cross-entropy on the source alone; no decoder, no look at the target but for its scaling.",
        only=("y",),
        fixed={"batchnorm": "joint"},
    ),
}


class TLMLDA(ProbabilisticClassifier):
    """Transfer learning with multi-loss dynamic adjustment (Tao et al. 2022 [1]_). Chapter 2.7.

    A denoising auto-encoder and an emotion network, trained on ``w_S L_S + w_T L_T + w_y L_y + w_MMD L_MMD + w_LMMD
    L_LMMD`` (equation 5) with the weights of equation 6.

    Parameters
    ----------
    preset : {"quick", "recommended-is10", "paper", "authors"}
        Source of the value of every option below that is None; see `tlmlda_lib.training.options`.
    random_state : int, RandomState or None
        Equal seed, machine and thread count give equal bits.
    device : {"cpu", "cuda"}
    encoder, emotion : tuple of int
        Widths of the encoder (code last) and of the emotion network (aligned layer last).
    encoder_activation, decoder_activation, output_activation, emotion_activation : str
    dropout : float
    dropout_code, batchnorm_output, batchnorm_emotion : bool
    batchnorm : {"joint", "separate", "domain"}
    scaling : {"minmax", "zscore", "rank"}
    within : {"corpus", "voices", "speaker", "batch"}
        ``"voices"`` needs ``voices=`` in fit and predict, ``"speaker"`` needs ``groups=``.
    noise_std : float
    noise : {"fresh", "shared"}
    losses : tuple of str
        "y" and any other rows of `tlmlda_lib.losses.LOSSES`; an ablation leaves out its own.
    alpha : dict of str to float
        Factors by the losses' names, as ``{"y": 3}``; those that are not named keep the preset's.
    update : {"epoch", "batch", "running", "constant"}
    reconstruction : {"mean", "sum", "printed", "bce"}
    power : {2, 1}
    common : {"both", "source", "all"}
    ramp : bool
    optimizer : {"adam", "adamw"}
    learning_rate, weight_decay : float
    schedule : {"constant", "onecycle"}
    reset_optimizer, drop_last : bool
    batch_size, epochs : int
    averaged : float

    Attributes
    ----------
    classes_ : ndarray of shape (C,)
    history_ : DataFrame
        A row per epoch: ``loss_*``, ``weight_*``, ``seconds`` and the criteria of `tlmlda_lib.training.criteria`.
    target_predictions_ : ndarray of shape (epochs, n_target)
        Codes (indices into ``classes_``) of the target rows after each epoch; the last row is the final prediction.
    options_ : Options
    network_ : TLMLDANetwork
    scaler_ : PerDomainScaler

    Notes
    -----
    The book's page "What the paper does not say" lists what the paper leaves open, and our readings.

    References
    ----------
    .. [1] H. Tao et al., "Cross-corpus speech emotion recognition based on transfer learning and multi-loss dynamic
       adjustment", Computational Intelligence and Neuroscience, 2022.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(40, 10))
    >>> y = np.repeat([0, 1, -1], [10, 10, 20])  # -1: the target, whose labels are not known
    >>> domain = np.repeat([1, -1], 20)
    >>> clf = TLMLDA("quick", epochs=2, random_state=0).fit(X, y, domain)
    >>> clf.predict(X[domain < 0]).shape, clf.history_.shape[0]
    ((20,), 2)
    """

    presets: ClassVar[tuple[str, ...]] = tuple(PRESETS)

    depends_on: ClassVar[tuple[str, ...]] = ("trainer",)

    #: The ablation.
    ablation: ClassVar[Ablation] = Ablation("TLMLDA", "nothing")

    def __init__(
        self,
        preset: str = "quick",
        *,
        random_state: Any = None,
        device: str = "cpu",
        encoder: tuple[int, ...] | None = None,
        emotion: tuple[int, ...] | None = None,
        encoder_activation: str | None = None,
        decoder_activation: str | None = None,
        output_activation: str | None = None,
        emotion_activation: str | None = None,
        dropout: float | None = None,
        dropout_code: bool | None = None,
        batchnorm: str | None = None,
        batchnorm_output: bool | None = None,
        batchnorm_emotion: bool | None = None,
        scaling: str | None = None,
        within: str | None = None,
        noise_std: float | None = None,
        noise: str | None = None,
        losses: tuple[str, ...] | None = None,
        alpha: Mapping[str, float] | None = None,
        update: str | None = None,
        reconstruction: str | None = None,
        power: int | None = None,
        common: str | None = None,
        ramp: bool | None = None,
        optimizer: str | None = None,
        learning_rate: float | None = None,
        weight_decay: float | None = None,
        schedule: str | None = None,
        reset_optimizer: bool | None = None,
        batch_size: int | None = None,
        drop_last: bool | None = None,
        epochs: int | None = None,
        averaged: float | None = None,
    ) -> None:
        values = locals()
        for name in ("preset", "random_state", "device", *OPTION_NAMES):
            setattr(self, name, values[name])

    def options(self) -> Options:
        """The preset with everything that was set by hand, and the changes of the ablation.

        Raises
        ------
        UserError
            If the preset or a value is not known.
        """
        preset = PRESETS[self._known_preset()]
        return self.ablation.of(changed(preset, self._set_by_hand(OPTION_NAMES)))

    def _scaling(self) -> tuple[str, str]:
        o = self.options()
        return o.scaling, "corpus" if o.within == "batch" else o.within

    def _fit(self, rows: Rows, *, checkpoint: str | Path | None, progress: bool) -> None:
        o = self.options()
        per_batch = o.within == "batch"
        source, is_target = rows.source, ~rows.source
        if source.sum() < 2:
            raise UserError("the source has n_samples=1 row: at least two are needed")
        if is_target.sum() == 1 and o.uses_target:
            raise UserError("the target has n_samples=1 row: at least two are needed to align with; only_cls takes one")
        has_target = bool(is_target.any())
        # Scaling needs double precision; its results fit into single. The double copies are freed as soon as possible:
        # at 100,000 rows per domain each takes most of a GB.
        at_test = rows.scaled[is_target].astype(np.float32) if has_target and per_batch else None
        wide = rows.X if per_batch else rows.scaled
        del rows.X, rows.scaled
        X = wide.astype(np.float32)
        del wide
        data = PairArrays(X[source], rows.codes[source], X[is_target] if has_target else None, at_test)
        del X
        trainer = Trainer(
            o, seed=seed_of(self.random_state), device=self.device, checkpoint=checkpoint, progress=progress
        )
        training = trainer.fit(data, len(self.classes_))
        self.options_ = o
        self.network_: TLMLDANetwork = training.network
        self.history_: pd.DataFrame = training.history
        self.target_predictions_ = training.target_predictions
        self.domain_ = TARGET if has_target and o.uses_target else SOURCE

    def _probabilities(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        p = np.empty((len(scaled), len(self.classes_)))
        x = torch.as_tensor(scaled, dtype=torch.float32, device=self.device)
        for rows, domain in ((from_source, SOURCE), (~from_source, self.domain_)):
            if rows.any():
                p[rows] = probabilities(self.network_, x[torch.as_tensor(rows, device=self.device)], domain)
        return p

    def _state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        tensors = checkpoints.with_prefix("network", self.network_)
        return tensors, {"options": describe(self.options_), "domain": self.domain_}

    def _restore(self, tensors: dict[str, torch.Tensor], state: dict[str, Any]) -> None:
        self.options_ = Options(**state["options"] | {"alpha": by_name(state["options"]["alpha"])})
        self.domain_ = state["domain"]
        self.network_ = build_network(self.options_, self.n_features_in_, len(self.classes_)).to(self.device)
        self.network_.load_state_dict(checkpoints.without_prefix("network", tensors))
        self.network_.eval()


def _class(name: str, ablation: Ablation) -> type[TLMLDA]:
    """The class of an ablation; it can be pickled, since it is an attribute of this module."""
    return type(name, (TLMLDA,), {"__doc__": ablation.what, "__module__": __name__, "ablation": ablation})


#: A class for each row.
CLASSES = {name: _class(row.name, row) for name, row in ABLATIONS.items()}
TLMLDAw = CLASSES["tlmlda_w"]
TLMLDAalpha = CLASSES["tlmlda_alpha"]
TLMLDAm = CLASSES["tlmlda_m"]
TLMLDAl = CLASSES["tlmlda_l"]
OnlyCls = CLASSES["only_cls"]
