"""What every method shares: one scikit-learn interface for a labelled source and an unlabelled target."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_y, check_is_fitted, validate_data

from tlmlda_lib.domains.scaling import PerDomainScaler, ScalingWarning
from tlmlda_lib.errors import UserError
from tlmlda_lib.training import checkpoints


class DomainClassifier(ClassifierMixin, BaseEstimator):
    """Base of all methods.

    A row is target if and only if its ``sample_domain`` is below 0; without ``sample_domain`` all rows are source.
    The labels of target rows are never read.
    """

    #: Whether seeds differ in their figures.
    stochastic: ClassVar[bool] = True

    #: Raise it when a change of the method alters what it predicts; see `tlmlda_lib.experiments.revisions`.
    revision: ClassVar[int] = 1

    #: What else has a revision that its scores hang on.
    hangs_on: ClassVar[tuple[str, ...]] = ()

    #: Names of the presets.
    presets: ClassVar[tuple[str, ...]]

    #: Passed on by skada's pipelines without further ado.
    __metadata_request__fit: ClassVar[dict[str, bool]] = {"sample_domain": True}
    __metadata_request__predict: ClassVar[dict[str, bool]] = {"sample_domain": True}
    __metadata_request__predict_proba: ClassVar[dict[str, bool]] = {"sample_domain": True}
    __metadata_request__decision_function: ClassVar[dict[str, bool]] = {"sample_domain": True}

    #: What `save` was told, after `tlmlda_lib.methods.load`.
    about: dict[str, Any] = {}  # noqa: RUF012 - replaced, never changed

    classes_: np.ndarray
    scaler_: PerDomainScaler
    n_features_in_: int

    def _check_fit(self, X: Any, y: Any, sample_domain: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """X (n, d) finite, codes of the source labels (n,) with -1 for the target, sample_domain (n,)."""
        X = validate_data(self, X, dtype=np.float64, ensure_all_finite=False, ensure_min_samples=2)
        refuse_non_finite(X)
        if y is None:
            raise UserError("requires y to be passed, but the target y is None: give one label for each source row")
        y = _check_y(y, multi_output=False)
        if len(y) != len(X):
            raise UserError(f"X has {len(X)} rows and y {len(y)}: they must agree")
        domain = np.ones(len(X), dtype=np.int64) if sample_domain is None else np.asarray(sample_domain)
        if domain.shape != (len(X),):
            raise UserError(
                f"sample_domain has shape {domain.shape}: one number for each of the {len(X)} rows is needed"
            )
        source = domain >= 0
        if not source.any():
            raise UserError("every row is target (sample_domain < 0): at least two labelled source rows are needed")
        check_classification_targets(y[source])
        self.classes_, codes = np.unique(y[source], return_inverse=True)
        if len(self.classes_) < 2:
            raise UserError(f"the source has one class, {self.classes_.tolist()[0]!r}: at least two are needed")
        masked = np.full(len(X), -1, dtype=np.int64)
        masked[source] = codes
        return X, masked, domain

    def _scale_fit(
        self, kind: str, within: str, X: np.ndarray, domain: np.ndarray, groups: Any, voices: Any
    ) -> np.ndarray:
        """Fit `scaler_` and scale; within the corpus, with a warning, where the codes were not given."""
        codes = {"voices": voices, "speaker": groups}.get(within)
        if within != "corpus" and codes is None:
            warnings.warn(
                f"scaling within {within} was asked for, but fit got no "
                f"{'voices' if within == 'voices' else 'groups'}: scaled within the corpus",
                ScalingWarning,
                stacklevel=3,
            )
            within = "corpus"
        self.scaler_ = PerDomainScaler(kind, within)
        return self.scaler_.fit_transform(X, sample_domain=domain, groups=codes)

    def _scale_new(self, X: Any, sample_domain: Any, groups: Any, voices: Any) -> tuple[np.ndarray, np.ndarray]:
        """Scaled rows (n, d) and which of them are source (n,); rows of unknown domain count as the target's."""
        X = validate_data(self, X, dtype=np.float64, ensure_all_finite=False, reset=False)
        refuse_non_finite(X)
        known = [d for d, g in self.scaler_.tables_ if g is None]
        domain = np.full(len(X), self.scaler_.new_domain_)
        if sample_domain is not None:
            given = np.asarray(sample_domain)
            domain = np.where(np.isin(given, known), given, domain)
        codes = {"voices": voices, "speaker": groups}.get(self.scaler_.within)
        return self.scaler_.transform(X, sample_domain=domain, groups=codes), domain >= 0

    def save(self, path: str | Path, **about: Any) -> None:
        """Keep the fitted method in one file; `tlmlda_lib.methods.load` brings it back.

        Parameters
        ----------
        path : path
            A safetensors file with its JSON inside; nothing in it is executed when it is read.
        **about
            What a user of the file must know, as JSON can hold it: names of the classes, features, voice centres.
        """
        check_is_fitted(self)
        tensors, state = self._state()
        scaler = self.scaler_
        for i, table in enumerate(scaler.tables_.values()):
            tensors[f"scaler.{i}"] = torch.as_tensor(table)
        fitted = {
            "method": type(self).__name__,
            "params": {
                k: v for k, v in self.get_params().items() if isinstance(v, str | int | float | bool | list | tuple)
            },
            "classes": self.classes_.tolist(),
            "n_features": int(self.n_features_in_),
            "scaler": {**scaler.get_params(), "keys": list(scaler.tables_), "new": scaler.new_domain_},
            "state": state,
        }
        checkpoints.write(Path(path), tensors, {"fitted": fitted, "about": about})

    def _load(self, tensors: dict[str, torch.Tensor], fitted: dict[str, Any], about: dict[str, Any]) -> None:
        self.about = about
        self.classes_ = np.array(fitted["classes"])
        self.n_features_in_ = fitted["n_features"]
        s = fitted["scaler"]
        self.scaler_ = PerDomainScaler(s["kind"], s["within"])
        self.scaler_.n_features_in_ = self.n_features_in_
        self.scaler_.new_domain_ = s["new"]
        self.scaler_.tables_ = {tuple(key): tensors[f"scaler.{i}"].numpy() for i, key in enumerate(s["keys"])}
        self._restore(tensors, fitted["state"])

    def _state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        """Tensors and JSON that hold what was learnt, the scaler apart."""
        raise NotImplementedError

    def _restore(self, tensors: dict[str, torch.Tensor], state: dict[str, Any]) -> None:
        """Take back what `_state` gave."""
        raise NotImplementedError


def refuse_non_finite(X: np.ndarray) -> None:
    """Raise a `UserError` that says where X (n, d) holds NaN or infinity."""
    bad = ~np.isfinite(X)
    if bad.any():
        rows, columns = np.nonzero(bad)
        raise UserError(
            f"X contains NaN or infinity in {bad.sum()} places, first in row {rows[0]}, column {columns[0]} "
            f"({len(set(rows.tolist()))} rows, {len(set(columns.tolist()))} columns): leave these rows or columns out"
        )


def seed_of(random_state: Any) -> int:
    """The number itself, or one drawn from a generator as scikit-learn has them."""
    if isinstance(random_state, (int, np.integer)):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31))
