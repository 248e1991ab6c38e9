"""TLMLDA and its ablations as scikit-learn classifiers. Chapter 2.6; the ablations: chapter 3.1."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import torch

from tlmlda_lib.errors import UserError
from tlmlda_lib.methods.base import ProbabilisticClassifier, Rows, seed_of
from tlmlda_lib.networks import SOURCE, TARGET, TLMLDANetwork
from tlmlda_lib.training import checkpoints
from tlmlda_lib.training.options import LOSSES, OPTION_NAMES, PRESETS, Options, describe
from tlmlda_lib.training.trainer import PairArrays, Trainer, build_network, probabilities


class TLMLDA(ProbabilisticClassifier):
    """Transfer learning with multi-loss dynamic adjustment (Tao et al. 2022).

    A denoising auto-encoder and an emotion network, trained on ``w_S L_S + w_T L_T + w_y L_y + w_MMD L_MMD + w_LMMD
    L_LMMD`` (equation 5) with the weights of equation 6.

    Parameters
    ----------
    preset : {"quick", "recommended", "paper", "authors"}
        Where every option below that is None gets its value; see `tlmlda_lib.training.options`.
    random_state : int, RandomState or None
        The same number, machine and thread count give equal bits.
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
    alpha : tuple of five float
        Factors of S, T, y, MMD, LMMD.
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
        Codes (positions in ``classes_``) of the target rows after each epoch; the last row is the final prediction.
    options_ : Options
    network_ : TLMLDANetwork
    scaler_ : PerDomainScaler

    Notes
    -----
    What the paper leaves open, and how we read it, is listed in chapter 2.6.
    """

    presets: ClassVar[tuple[str, ...]] = tuple(PRESETS)

    hangs_on: ClassVar[tuple[str, ...]] = ("trainer",)

    #: Losses left out, and options that the ablation fixes.
    _without: ClassVar[tuple[str, ...]] = ()
    _fixed: ClassVar[dict[str, Any]] = {}

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
        alpha: tuple[float, ...] | None = None,
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
        for name in ("preset", "random_state", "device", *_SETTABLE):
            setattr(self, name, values[name])

    def options(self) -> Options:
        """The preset with everything that was set by hand, and what the ablation is about.

        Raises
        ------
        UserError
            If the preset or a value is not known.
        """
        if self.preset not in PRESETS:
            raise UserError(f"preset {self.preset!r} is not known: use one of {', '.join(PRESETS)}")
        by_hand = {name: getattr(self, name) for name in _SETTABLE if getattr(self, name) is not None}
        losses = tuple(name for name in LOSSES if name not in self._without)
        return replace(PRESETS[self.preset], **(by_hand | {"losses": losses} | self._fixed))

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
        # Scaling is done in double precision; only then are the numbers narrow enough for single. The wide copies are
        # let go as soon as they can be: at 100,000 rows a domain each takes most of a GB.
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
        self.options_ = Options(**state["options"])
        self.domain_ = state["domain"]
        self.network_ = build_network(self.options_, self.n_features_in_, len(self.classes_)).to(self.device)
        self.network_.load_state_dict(checkpoints.without_prefix("network", tensors))
        self.network_.eval()


#: Options that can be set by hand; which losses there are is what tells the ablations apart.
_SETTABLE = tuple(name for name in OPTION_NAMES if name != "losses")


class TLMLDAw(TLMLDA):
    """TLMLDA_w: all alpha 1, weights dynamic."""

    _fixed: ClassVar[dict[str, Any]] = {"alpha": (1.0, 1.0, 1.0, 1.0, 1.0)}


class TLMLDAalpha(TLMLDA):
    """TLMLDA_alpha: the weights are alpha, constant."""

    _fixed: ClassVar[dict[str, Any]] = {"update": "constant"}


class TLMLDAm(TLMLDA):
    """TLMLDA_M: without LMMD, in the sum and in the denominator of the weights."""

    _without: ClassVar[tuple[str, ...]] = ("LMMD",)


class TLMLDAl(TLMLDA):
    """TLMLDA_L: without MMD, in the sum and in the denominator of the weights."""

    _without: ClassVar[tuple[str, ...]] = ("MMD",)


class OnlyCls(TLMLDA):
    """Only_cls: cross-entropy on the source alone; no decoder, no look at the target but for its scaling."""

    _without: ClassVar[tuple[str, ...]] = ("S", "T", "MMD", "LMMD")
    _fixed: ClassVar[dict[str, Any]] = {"batchnorm": "joint"}
