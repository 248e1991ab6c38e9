"""PCA + SVM, the baseline without transfer. Chapter 1.6."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import SVC

from tlmlda_lib.domains.scaling import SOURCE, WITHIN, PerDomainScaler
from tlmlda_lib.methods.base import Rows
from tlmlda_lib.methods.folds import source_folds
from tlmlda_lib.methods.scaled import ScaledClassifier, packed, unpacked
from tlmlda_lib.training.options import POSITIVE, Range

#: Candidate values of C, the most regularised first.
C_GRID = (0.001, 0.01, 0.1, 1.0, 10.0)


class ChoiceOfCWarning(UserWarning):
    """C was chosen on folds that share speakers, or could not be chosen."""


class PCASVM(ScaledClassifier):
    """Principal components of the source, then a linear support vector machine. Chapter 1.6.

    Parameters
    ----------
    preset : {"zscore", "minmax", "rank", "voices", "speaker"}
        Scaling: of each corpus by one of three rules, or z-scores within found voice groups or known speakers.
    C : float, optional
        The support vector machine's C. By default it is chosen on folds of the source with disjoint speakers (4 folds
        for four speakers, otherwise 5; scaler and components inside the folds), as the smallest value within one
        standard error of the best.
    variance : float
        Share of the source's variance that the components keep.
    within : {"corpus", "voices", "speaker", "source"}, optional
        In place of the preset's, the rows whose statistics scale a row; see `tlmlda_lib.domains.PerDomainScaler`. With
        "source" nothing of the target is used, and the corpora are not brought closer.
    random_state : ignored
        Deterministic; for a common interface.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    C_ : float
        The C in use.
    target_predictions_ : ndarray of shape (6, n_target) or (1, n_target)
        Codes of the target rows for each C in the grid, and in the last row for ``C_``. Choosing among the rows by
        target labels is the *oracle* C, which the paper does not rule out for its baseline.
    fold_accuracies_ : ndarray of shape (n_folds, 5) or None
        Share of each fold of the source that each C in the grid recognises; None where C was not chosen on folds.
    scaler_, pipeline_
    """

    C_: float

    ranges: ClassVar[dict[str, Range]] = {
        "C": Range(lambda x: x is None or POSITIVE.fits(x), "a number above 0, or None for an automatic choice,"),
        "variance": Range(lambda x: POSITIVE.fits(x) and x < 1, "a share between 0 and 1"),
        "within": Range(
            lambda x: x is None or x in (*WITHIN, SOURCE), f"None or one of {', '.join((*WITHIN, SOURCE))}"
        ),
    }

    def __init__(
        self,
        preset: str = "zscore",
        *,
        C: float | None = None,
        variance: float = 0.98,
        within: str | None = None,
        random_state: Any = None,
    ) -> None:
        self.preset = preset
        self.C = C
        self.variance = variance
        self.within = within
        self.random_state = random_state

    def _scaling(self) -> tuple[str, str]:
        kind, within = super()._scaling()
        return kind, within if self.within is None else self.within

    def _fit(self, rows: Rows, *, checkpoint: str | Path | None, progress: bool) -> None:
        xs, ys, xt = rows.parts()
        self.fold_accuracies_: np.ndarray | None = None
        self.C_ = self._choose_C(rows) if self.C is None else self.C
        pipelines = {c: self._pipeline(c).fit(xs, ys) for c in C_GRID} if self.C is None else {}
        self.pipeline_: Pipeline = pipelines.get(self.C_) or self._pipeline(self.C_).fit(xs, ys)
        found = [p.predict(xt) if len(xt) else np.empty(0) for p in (*pipelines.values(), self.pipeline_)]
        self.target_predictions_ = np.array(found, dtype=np.uint8)

    def _pipeline(self, C: float) -> Pipeline:
        return make_pipeline(PCA(self.variance, svd_solver="full"), SVC(kernel="linear", C=C))

    def _choose_C(self, rows: Rows) -> float:
        """One-standard-error rule over folds of the source; speakers are scaled beforehand, each by itself."""
        kind, within = self.scaler_.kind, self.scaler_.within  # within the corpus, if codes were missing
        scaler = None if within == "speaker" else PerDomainScaler(kind, within)
        own = rows.of_source()
        X, y, domain, voices = own.X if scaler else own.scaled, own.codes, own.domain, own.voices
        folds, trouble = source_folds(y, own.groups)
        if trouble:
            what = "C is chosen on folds that share speakers" if folds else "C = 0.01 is taken, not chosen"
            warnings.warn(f"{trouble}: {what}", ChoiceOfCWarning, stacklevel=4)
        if not folds:
            return 0.01
        accuracy = np.empty((len(folds), len(C_GRID)))
        for f, (train, test) in enumerate(folds):
            X_train, X_test = X[train], X[test]
            if scaler is not None:
                voice_train, voice_test = (None if voices is None else voices[i] for i in (train, test))
                X_train = scaler.fit_transform(X_train, sample_domain=domain[train], groups=voice_train)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # a voice outside the training folds is scaled within the corpus
                    X_test = scaler.transform(X_test, sample_domain=domain[test], groups=voice_test)
            pca = PCA(self.variance, svd_solver="full").fit(X_train)
            Z_train, Z_test = pca.transform(X_train), pca.transform(X_test)
            for i, C in enumerate(C_GRID):
                accuracy[f, i] = SVC(kernel="linear", C=C).fit(Z_train, y[train]).score(Z_test, y[test])
        self.fold_accuracies_ = accuracy
        mean = accuracy.mean(0)
        best = int(mean.argmax())
        error = accuracy[:, best].std(ddof=1) / np.sqrt(len(folds))
        return C_GRID[int(np.flatnonzero(mean >= mean[best] - error)[0])]

    def _scores(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        return self.pipeline_.decision_function(scaled)

    def _codes(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        return self.pipeline_.predict(scaled)

    def _state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        return {"pipeline": packed(self.pipeline_)}, {"C": self.C_}

    def _restore(self, tensors: dict[str, torch.Tensor], state: dict[str, Any]) -> None:
        self.C_ = state["C"]
        self.pipeline_ = unpacked(tensors["pipeline"])
