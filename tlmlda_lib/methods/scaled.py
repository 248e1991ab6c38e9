"""Base of the methods without epochs: features are scaled, then a classifier is trained once. Chapter 3.3."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from tlmlda_lib.methods.base import DomainClassifier, Rows

#: Kind and group of each preset's scaling.
SCALINGS = {
    "zscore": ("zscore", "corpus"),
    "minmax": ("minmax", "corpus"),
    "rank": ("rank", "corpus"),
    "voices": ("zscore", "voices"),
    "speaker": ("zscore", "speaker"),
}


class ScaledClassifier(DomainClassifier):
    """Base of the methods whose presets are scalings: of each corpus by one of three rules, or z-scores within found
    voice groups or known speakers.

    Subclasses define training (`_learn`) and scoring (`_scores`); both receive scaled rows.
    """

    stochastic: ClassVar[bool] = False
    presets: ClassVar[tuple[str, ...]] = tuple(SCALINGS)

    def _scaling(self) -> tuple[str, str]:
        return SCALINGS[self._known_preset()]

    def _fit(self, rows: Rows, *, checkpoint: str | Path | None, progress: bool) -> None:
        xs, ys, xt = rows.parts()
        found = self._learn(xs, ys, xt)
        self.target_predictions_ = np.array(found, dtype=np.uint8).reshape(len(found), len(xt))

    def _learn(self, xs: np.ndarray, ys: np.ndarray, xt: np.ndarray) -> list[np.ndarray]:
        """Learn from xs (n_s, d), their codes ys (n_s,) and xt (n_t, d), n_t perhaps 0.

        Returns codes (n_t,) of the target rows: one array for each setting, the one in use last.
        """
        raise NotImplementedError

    def _scores(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        """Scores (n, C), or (n,) for two classes, of scaled rows (n, d); `from_source` (n,) marks the source's rows."""
        raise NotImplementedError

    def _codes(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        scores = self._scores(scaled, from_source)
        return scores.argmax(1) if scores.ndim == 2 else (scores > 0).astype(np.int64)

    def decision_function(
        self, X: Any, sample_domain: Any = None, groups: Any = None, voices: Any = None
    ) -> np.ndarray:
        """Scores (n, C), or (n,) for two classes.

        Parameters
        ----------
        X, sample_domain, groups, voices
            As in `predict`.
        """
        return self._scores(*self._scale_new(X, sample_domain, groups, voices))


def packed(estimator: Any) -> torch.Tensor:
    """A fitted scikit-learn estimator as bytes; reading them runs no code.

    Parameters
    ----------
    estimator : object
        The estimator.
    """
    import skops.io  # half a second, which only what is kept needs

    return torch.as_tensor(np.frombuffer(skops.io.dumps(estimator), dtype=np.uint8).copy())


def unpacked(tensor: torch.Tensor) -> Any:
    """The inverse of `packed`.

    Parameters
    ----------
    tensor : Tensor of uint8
        As from `packed`.
    """
    import skops.io

    return skops.io.loads(tensor.numpy().tobytes())
