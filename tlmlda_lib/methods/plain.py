"""Baselines without transfer: shrinkage LDA, and the largest class. Chapter 3.3."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from tlmlda_lib.errors import UserError
from tlmlda_lib.methods.base import ProbabilisticClassifier
from tlmlda_lib.methods.scaled import ScaledClassifier, packed, unpacked


class ShrinkageLDA(ScaledClassifier, ProbabilisticClassifier):
    """Linear discriminant analysis with the covariance shrunk by the rule of Ledoit and Wolf [1]_; no transfer.

    Chapter 3.3.

    Parameters
    ----------
    preset : {"zscore", "minmax", "rank", "voices", "speaker"}
        Scaling: of each corpus by one of three rules, or z-scores within found voice groups or known speakers. The
        target is used only for its own scaling.
    random_state : ignored
        Deterministic; for a common interface.

    Attributes
    ----------
    classes_, target_predictions_, scaler_, lda_

    References
    ----------
    .. [1] O. Ledoit and M. Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", Journal of
       Multivariate Analysis 88, 365-411, 2004.
    """

    def __init__(self, preset: str = "zscore", *, random_state: Any = None) -> None:
        self.preset = preset
        self.random_state = random_state

    def _learn(self, xs: np.ndarray, ys: np.ndarray, xt: np.ndarray) -> list[np.ndarray]:
        if len(xs) <= len(self.classes_):
            raise UserError(
                f"the source has {len(xs)} rows of {len(self.classes_)} classes: lda needs more rows than classes"
            )
        self.lda_ = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(xs, ys)
        return [self.lda_.predict(xt) if len(xt) else np.empty(0)]

    def _scores(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        return self.lda_.decision_function(scaled)

    def _probabilities(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        return self.lda_.predict_proba(scaled)

    def _state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        return {"lda": packed(self.lda_)}, {}

    def _restore(self, tensors: dict[str, torch.Tensor], state: dict[str, Any]) -> None:
        self.lda_ = unpacked(tensors["lda"])


class Majority(ScaledClassifier):
    """One class for every sample: the source's largest, or the first of equally large ones. Chapter 3.3.

    Parameters
    ----------
    preset : {"zscore"}
        Without effect.
    random_state : ignored
        Deterministic; for a common interface.

    Attributes
    ----------
    code_ : int
        Index of the class in ``classes_``.
    classes_, target_predictions_, scaler_
    """

    presets: ClassVar[tuple[str, ...]] = ("zscore",)

    def __init__(self, preset: str = "zscore", *, random_state: Any = None) -> None:
        self.preset = preset
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True
        return tags

    def _learn(self, xs: np.ndarray, ys: np.ndarray, xt: np.ndarray) -> list[np.ndarray]:
        self.code_ = int(np.bincount(ys).argmax())
        return [self._codes(xt, np.zeros(len(xt), dtype=bool))]

    def _scores(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        scores = np.tile(np.eye(len(self.classes_))[self.code_], (len(scaled), 1))
        return scores if len(self.classes_) > 2 else scores[:, 1] - scores[:, 0]

    def _state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        return {}, {"code": self.code_}

    def _restore(self, tensors: dict[str, torch.Tensor], state: dict[str, Any]) -> None:
        self.code_ = state["code"]
