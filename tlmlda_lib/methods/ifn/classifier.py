"""IFN: streams of features fused by weights that each recording chooses. Chapter 4.1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from tlmlda_lib.domains.scaling import PerDomainScaler
from tlmlda_lib.errors import UserError
from tlmlda_lib.methods.base import ProbabilisticClassifier, Rows, refuse_non_finite, seed_of
from tlmlda_lib.methods.ifn.fusion import FusionNetwork
from tlmlda_lib.methods.ifn.options import PRESETS, IFNOptions, columns_of, compact
from tlmlda_lib.methods.ifn.training import evaluated, train
from tlmlda_lib.training import checkpoints
from tlmlda_lib.training.options import by_name, changed, describe

#: Options that can be set.
_SETTABLE = tuple(field.name for field in fields(IFNOptions))


class IFN(ProbabilisticClassifier):
    """Intelligent Fusion Network of Zhang et al. (2025), rebuilt from its abstract. Chapter 4.1.

    Each stream of features is encoded separately; a gate weights the codes for each recording; a linear head predicts
    the emotion. A stream may be missing: its columns are then all NaN, in fit and in predict, and its weight is
    exactly 0.

    Parameters
    ----------
    preset : {"default", "recommended", "quick"}
        Source of the value of every option below that is None; see `tlmlda_lib.methods.ifn.options.IFNOptions`.
    random_state : int, RandomState or None
        Equal seed, machine and thread count give equal bits.
    device : {"cpu", "cuda"}
    streams : dict of str to columns, optional
        Indices of each stream's columns, or their names; as `tlmlda_lib.domains.DomainPair.streams`. By default found
        in the names of a DataFrame's columns; without names 1582 columns are IS10's acoustic and prosodic ones,
        further columns "deep".
    fusion : {"attention", "global", "mean", "concat", "multiplicative"}, optional
        The effect of "adaptive" is ``"attention"`` (weights per recording) minus ``"global"`` (one vector).
    transfer : {"none", "tlmlda"}, optional
        ``"tlmlda"``: a decoder reconstructs the scaled features from the fused code, MMD and LMMD act on that code, and
        the five losses have the dynamic weights of equation 6.
    hidden, code, gate : int, optional
    dropout, stream_dropout, stream_loss, balance, beta : float, optional
    within : {"corpus", "voices", "speaker"}, optional
        Rows that provide the z-scores' statistics.
    clip : float, optional
    alpha : dict of str to float, optional
        Factors of S, T, y, MMD, LMMD; those that are not named keep the preset's.
    update : {"epoch", "batch", "running", "constant"}, optional
    ramp : bool, optional
    noise_std : float, optional
    batch_size, epochs : int, optional
    learning_rate, weight_decay : float, optional

    Attributes
    ----------
    classes_ : ndarray of shape (C,)
    streams_ : dict of str to ndarray
        Columns of each stream.
    history_ : DataFrame
        A row per epoch: ``loss_*``, ``gate_*`` (a stream's mean weight over the target), ``seconds``, with transfer
        ``weight_*``, and the criteria of `tlmlda_lib.training.criteria`.
    target_predictions_ : ndarray of shape (epochs, n_target)
        Codes of the target rows after each epoch.
    options_, network_, scaler_

    Notes
    -----
    Only the abstract [1]_ was available to us: everything here is a reconstruction. Z-scores per corpus see the
    target's features (transductive). A stream's weight is not its importance: compare `without`.

    References
    ----------
    .. [1] H. Zhang, P. Zhao, G. Tang, Z. Li and Z. Yuan, "Reproducible and Generalizable Speech Emotion Recognition
       via an Intelligent Fusion Network", Biomedical Signal Processing and Control, May 2025.
    """

    presets: ClassVar[tuple[str, ...]] = tuple(PRESETS)

    depends_on: ClassVar[tuple[str, ...]] = ("trainer",)

    #: Feature sets for which `tlmlda run` makes the pair.
    feature_sets: ClassVar[tuple[str, ...]] = ("is10", "resemblyzer")

    def __init__(
        self,
        preset: str = "default",
        *,
        random_state: Any = None,
        device: str = "cpu",
        streams: Any = None,
        fusion: str | None = None,
        transfer: str | None = None,
        hidden: int | None = None,
        code: int | None = None,
        gate: int | None = None,
        dropout: float | None = None,
        stream_dropout: float | None = None,
        stream_loss: float | None = None,
        balance: float | None = None,
        beta: float | None = None,
        within: str | None = None,
        clip: float | None = None,
        alpha: Mapping[str, float] | None = None,
        update: str | None = None,
        ramp: bool | None = None,
        noise_std: float | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        weight_decay: float | None = None,
        epochs: int | None = None,
    ) -> None:
        values = locals()
        for name in ("preset", "random_state", "device", *_SETTABLE):
            setattr(self, name, values[name])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        # Whole streams only; nothing is promised about streams that are found at fit.
        tags.input_tags.allow_nan = self.streams is not None
        return tags

    def options(self) -> IFNOptions:
        """The preset with everything that was set by hand.

        Raises
        ------
        UserError
            If the preset or a value is not known.
        """
        preset, by_hand = PRESETS[self._known_preset()], self._set_by_hand(_SETTABLE)
        if "streams" in by_hand:
            by_hand["streams"] = compact(self.streams)
        return changed(preset, by_hand)

    def _scaling(self) -> tuple[str, str]:
        return "zscore", self.options().within

    def _fit(self, rows: Rows, *, checkpoint: str | Path | None, progress: bool) -> None:
        """Train on the source; the target serves scaling, and with transfer reconstruction and alignment."""
        o = self.options()
        source = torch.as_tensor(rows.source, device=self.device)
        x, m = self._tensors(rows.scaled, o.clip)
        cuda = [torch.device(self.device)] if self.device.startswith("cuda") else []
        with torch.random.fork_rng(devices=cuda):
            seed = seed_of(self.random_state)
            first, later = (int(n) for n in np.random.SeedSequence(seed).generate_state(2))
            torch.manual_seed(first)
            self.network_ = self._build(o)
            torch.manual_seed(later)  # dropout does not depend on the number of draws for the gate's initial weights
            ys = torch.as_tensor(rows.codes[rows.source], device=self.device)
            history, predictions = train(
                self.network_, (x[source], m[source], ys), (x[~source], m[~source]), o, seed=seed, progress=progress
            )
        gates = {f"gate_{k}": f"gate_{name}" for k, name in enumerate(self.streams_)}
        self.history_ = pd.DataFrame(history).set_index("epoch").rename(columns=gates)
        self.target_predictions_ = np.array(predictions, dtype=np.uint8).reshape(len(history), (~rows.source).sum())
        self.options_ = o

    def _probabilities(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        return self._evaluated(scaled)[0]

    def attention(self, X: Any, sample_domain: Any = None, groups: Any = None, voices: Any = None) -> np.ndarray:
        """Weight of each stream in each recording.

        Parameters
        ----------
        X, sample_domain, groups, voices
            As in `predict_proba`.

        Returns
        -------
        ndarray of shape (n, K), float64
            Streams in the order of ``streams_``; rows sum to 1, a missing stream has exactly 0. With ``"concat"`` all
            present streams count alike; with ``"multiplicative"`` shares of q for the class that is named.
        """
        return self._evaluated(self._scale_new(X, sample_domain, groups, voices)[0])[1]

    def without(self, X: Any, stream: str) -> Any:
        """A copy of X without a stream, to measure the effect of leaving it out.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Features.
        stream : str
            A key of ``streams_``.

        Raises
        ------
        UserError
            If there is no such stream.
        """
        check_is_fitted(self)
        if stream not in self.streams_:
            raise UserError(f"stream {stream!r} is not known: use one of {', '.join(self.streams_)}")
        if isinstance(X, pd.DataFrame):
            masked = X.astype(np.float64)
            masked.iloc[:, self.streams_[stream]] = np.nan
            return masked
        masked = np.array(X, dtype=np.float64)
        masked[:, self.streams_[stream]] = np.nan
        return masked

    def _evaluated(self, scaled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities (n, C) and weights of the streams (n, K) of scaled rows."""
        return evaluated(self.network_, *self._tensors(scaled, self.options_.clip))

    def _check_X(self, X: Any, **how: Any) -> np.ndarray:
        """X (n, d) float64, finite except for missing streams, which are NaN throughout."""
        X = self._numbers(X, **how)
        if how.get("reset", True):
            names = getattr(self, "feature_names_in_", None)
            self.streams_ = columns_of(self.streams, None if names is None else list(names), X.shape[1])
        present = self._present(X)
        if present.any(1).all():
            rest = X.copy()
            for k, columns in enumerate(self.streams_.values()):
                rest[np.ix_(~present[:, k], columns)] = 0
            refuse_non_finite(rest)
        else:  # a row without any stream says where it is
            refuse_non_finite(X)
        return X

    def _present(self, X: np.ndarray) -> np.ndarray:
        """Which streams are present in the rows (n, d), (n, K)."""
        return np.stack([~np.isnan(X[:, columns]).all(1) for columns in self.streams_.values()], 1)

    def _learn_scale(self, X: np.ndarray, domain: np.ndarray, codes: Any) -> None:
        """Fit `scaler_`, each stream on the rows that have it; if none has it, its statistics are 0."""
        absent = np.isnan(X)
        super()._learn_scale(np.where(absent, 0, X), domain, codes)
        if not absent.any():
            return
        present = self._present(X)
        for k, columns in enumerate(self.streams_.values()):
            rows = present[:, k]
            scaler = PerDomainScaler("zscore", self.scaler_.within)
            scaler.fit(
                X[rows][:, columns],
                sample_domain=domain[rows],
                groups=None if codes is None else np.asarray(codes)[rows],
            )
            for key, table in self.scaler_.tables_.items():
                table[:, columns] = scaler.tables_.get(key, 0.0)

    def _scale(self, X: np.ndarray, domain: np.ndarray, codes: Any) -> np.ndarray:
        """Rows as `scaler_` scales them; what is missing stays NaN."""
        absent = np.isnan(X)
        return np.where(absent, np.nan, super()._scale(np.where(absent, 0, X), domain, codes))

    def _tensors(self, scaled: np.ndarray, clip: float) -> tuple[Tensor, Tensor]:
        """Streams side by side (n, d) float32, 0 where one is missing, and which are present (n, K)."""
        side_by_side = np.clip(np.nan_to_num(scaled[:, np.concatenate(list(self.streams_.values()))]), -clip, clip)
        x = torch.as_tensor(side_by_side, dtype=torch.float32, device=self.device)
        return x, torch.as_tensor(self._present(scaled), device=self.device)

    def _build(self, o: IFNOptions) -> FusionNetwork:
        widths = [len(columns) for columns in self.streams_.values()]
        names = ("fusion", "hidden", "code", "gate", "dropout", "stream_dropout", "beta")
        how = {name: getattr(o, name) for name in names}
        return FusionNetwork(widths, len(self.classes_), **how, rebuild=o.transfer == "tlmlda").to(self.device)

    def _state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        streams = {name: columns.tolist() for name, columns in self.streams_.items()}
        state = {"options": describe(self.options_), "streams": streams}
        return checkpoints.with_prefix("network", self.network_), state

    def _restore(self, tensors: dict[str, torch.Tensor], state: Mapping[str, Any]) -> None:
        self.options_ = IFNOptions(**state["options"] | {"alpha": by_name(state["options"]["alpha"])})
        self.streams_ = {name: np.array(columns, dtype=np.int64) for name, columns in state["streams"].items()}
        self.network_ = self._build(self.options_)
        self.network_.load_state_dict(checkpoints.without_prefix("network", tensors))
