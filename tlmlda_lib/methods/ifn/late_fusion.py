"""The simplest way to join streams: one classifier each, and the sum of their log-probabilities. Chapter 4.2."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from tlmlda_lib.errors import UserError
from tlmlda_lib.methods.base import ProbabilisticClassifier
from tlmlda_lib.methods.ifn.options import columns_of
from tlmlda_lib.methods.scaled import ScaledClassifier, packed, unpacked


class LateFusion(ScaledClassifier, ProbabilisticClassifier):
    """A shrinkage LDA for each stream, their log-probabilities summed: no transfer, no weights. Chapter 4.2.

    Parameters
    ----------
    preset : {"zscore", "minmax", "rank", "voices", "speaker"}
        Scaling, as in `ShrinkageLDA`.
    random_state : ignored
        Deterministic; for a common interface.
    streams : dict of str to columns, optional
        As in `IFN`.

    Attributes
    ----------
    classes_, target_predictions_, scaler_
    streams_ : dict of str to ndarray
        Columns of each stream.
    machines_ : list of LinearDiscriminantAnalysis
        One for each stream.
    """

    #: Feature sets for which `tlmlda run` makes the pair.
    feature_sets: ClassVar[tuple[str, ...]] = ("is10", "resemblyzer")

    def __init__(self, preset: str = "zscore", *, random_state: Any = None, streams: Any = None) -> None:
        self.preset = preset
        self.random_state = random_state
        self.streams = streams

    def _learn(self, xs: np.ndarray, ys: np.ndarray, xt: np.ndarray) -> list[np.ndarray]:
        if len(xs) <= len(self.classes_):
            raise UserError(
                f"the source has {len(xs)} rows of {len(self.classes_)} classes: "
                "late_fusion needs more rows than classes"
            )
        names = getattr(self, "feature_names_in_", None)
        self.streams_ = columns_of(self.streams, None if names is None else list(names), xs.shape[1])
        self.machines_ = [
            LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(xs[:, columns], ys)
            for columns in self.streams_.values()
        ]
        return [self._log_probabilities(xt).argmax(1) if len(xt) else np.empty(0)]

    def _log_probabilities(self, scaled: np.ndarray) -> np.ndarray:
        """Sums over the streams (n, C), not normalised."""
        parts = zip(self.machines_, self.streams_.values(), strict=True)
        return np.sum([machine.predict_log_proba(scaled[:, columns]) for machine, columns in parts], axis=0)

    def _scores(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        summed = self._log_probabilities(scaled)
        return summed if len(self.classes_) > 2 else summed[:, 1] - summed[:, 0]

    def _probabilities(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        summed = self._log_probabilities(scaled)
        shares = np.exp(summed - summed.max(1, keepdims=True))
        return shares / shares.sum(1, keepdims=True)

    def _state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        tensors = {f"machine.{k}": packed(machine) for k, machine in enumerate(self.machines_)}
        return tensors, {"streams": {name: columns.tolist() for name, columns in self.streams_.items()}}

    def _restore(self, tensors: dict[str, torch.Tensor], state: dict[str, Any]) -> None:
        self.streams_ = {name: np.array(columns, dtype=np.int64) for name, columns in state["streams"].items()}
        self.machines_ = [unpacked(tensors[f"machine.{k}"]) for k in range(len(self.streams_))]
