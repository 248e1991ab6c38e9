"""What the methods without epochs share: features scaled, then a classifier learnt from them once."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import skops.io
import torch
from sklearn.utils.validation import check_is_fitted

from tlmlda_lib.errors import UserError
from tlmlda_lib.methods.base import DomainClassifier

#: What each preset scales, and within what.
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

    A method says how it learns (`_learn`) and how it scores (`_scores`); rows come to both already scaled.
    """

    stochastic: ClassVar[bool] = False
    presets: ClassVar[tuple[str, ...]] = tuple(SCALINGS)

    preset: str

    @property
    def requires_voices(self) -> bool:
        """Whether fit and predict want voice groups."""
        return self._scaling()[1] == "voices"

    def _scaling(self) -> tuple[str, str]:
        if self.preset not in self.presets:
            raise UserError(
                f"preset {self.preset!r} is not known for {type(self).__name__}: use one of {', '.join(self.presets)}"
            )
        return SCALINGS[self.preset]

    def fit(
        self,
        X: Any,
        y: Any,
        sample_domain: Any = None,
        groups: Any = None,
        voices: Any = None,
        *,
        scorer: Any = None,
        checkpoint: Any = None,
        progress: bool = False,
    ) -> Any:
        """Fit on labelled source and unlabelled target.

        Parameters
        ----------
        X, y, sample_domain, groups, voices
            As in `TLMLDA.fit`.
        scorer, checkpoint, progress : ignored
            There for a common interface: there are no epochs.
        """
        kind, within = self._scaling()
        X, codes, domain = self._check_fit(X, y, sample_domain)
        scaled = self._scale_fit(kind, within, X, domain, groups, voices)
        source = domain >= 0
        rows = self._learn(scaled[source], codes[source], scaled[~source])
        self.target_predictions_ = np.array(rows, dtype=np.uint8).reshape(len(rows), (~source).sum())
        return self

    def _learn(self, xs: np.ndarray, ys: np.ndarray, xt: np.ndarray) -> list[np.ndarray]:
        """Learn from xs (n_s, d), their codes ys (n_s,) and xt (n_t, d), n_t perhaps 0.

        Returns codes (n_t,) of the target rows: one array for each setting, the one in use last.
        """
        raise NotImplementedError

    def _scores(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        """Scores (n, C), or (n,) for two classes, of scaled rows (n, d); `from_source` (n,) says of which domain."""
        raise NotImplementedError

    def _codes(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        """Codes (n,) of the classes of scaled rows."""
        scores = self._scores(scaled, from_source)
        return scores.argmax(1) if scores.ndim == 2 else (scores > 0).astype(np.int64)

    def decision_function(
        self, X: Any, sample_domain: Any = None, groups: Any = None, voices: Any = None
    ) -> np.ndarray:
        """Scores (n, C), or (n,) for two classes; parameters as in `TLMLDA.predict_proba`."""
        check_is_fitted(self)
        return self._scores(*self._scale_new(X, sample_domain, groups, voices))

    def predict(self, X: Any, sample_domain: Any = None, groups: Any = None, voices: Any = None) -> np.ndarray:
        """Class of each row; parameters as in `TLMLDA.predict_proba`."""
        check_is_fitted(self)
        return self.classes_[self._codes(*self._scale_new(X, sample_domain, groups, voices))]


def packed(estimator: Any) -> torch.Tensor:
    """A fitted scikit-learn estimator as bytes that run no code when they are read."""
    return torch.as_tensor(np.frombuffer(skops.io.dumps(estimator), dtype=np.uint8).copy())


def unpacked(tensor: torch.Tensor) -> Any:
    """The estimator that `packed` was given."""
    return skops.io.loads(tensor.numpy().tobytes())
