"""What every method shares: one scikit-learn interface for a labelled source and an unlabelled target."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import _safe_indexing, check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_y, _num_samples, check_is_fitted, validate_data

from tlmlda_lib.domains.scaling import PerDomainScaler, ScalingWarning, needs_codes
from tlmlda_lib.errors import UserError
from tlmlda_lib.training import checkpoints
from tlmlda_lib.training.options import Range, check, plain


@dataclass
class Rows:
    """What `DomainClassifier.fit` hands to a method, checked and scaled."""

    X: np.ndarray  # (n, d) float64, unscaled
    scaled: np.ndarray  # (n, d) float64
    codes: np.ndarray  # (n,) of the source labels, -1 for the target
    domain: np.ndarray  # (n,)
    groups: Any  # (n,) or None
    voices: Any  # (n,) or None

    @property
    def source(self) -> np.ndarray:
        """Which rows are source, (n,) bool."""
        return self.domain >= 0

    def parts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Scaled source rows (n_s, d), their codes (n_s,), and scaled target rows (n_t, d)."""
        return self.scaled[self.source], self.codes[self.source], self.scaled[~self.source]

    def of_source(self) -> Rows:
        """The source rows alone."""
        kept = self.source
        groups, voices = (None if c is None else np.asarray(c)[kept] for c in (self.groups, self.voices))
        return Rows(self.X[kept], self.scaled[kept], self.codes[kept], self.domain[kept], groups, voices)


class NoTargetWarning(UserWarning):
    """Rows of several domains were given, and none of them is target."""


class DomainClassifier(ClassifierMixin, BaseEstimator):
    """Base of all methods.

    A row is target if and only if its ``sample_domain`` is below 0; without ``sample_domain`` all rows are source.
    The labels of target rows are never read.

    `fit` and `predict` check and scale. A method says by what rule (`_scaling`), learns (`_fit`) and decides
    (`_codes`).
    """

    #: Whether seeds differ in their figures.
    stochastic: ClassVar[bool] = True

    #: Raise it when a change of the method alters what it predicts; see `tlmlda_lib.experiments.revisions`.
    revision: ClassVar[int] = 1

    #: Other revisions on which its scores depend.
    depends_on: ClassVar[tuple[str, ...]] = ()

    #: Values of the options that no dataclass checks.
    ranges: ClassVar[Mapping[str, Range]] = {}

    #: Names of the presets.
    presets: ClassVar[tuple[str, ...]]
    preset: str

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
    target_predictions_: np.ndarray

    @property
    def requires_voices(self) -> bool:
        """Whether fit and predict need voice groups."""
        return self._scaling()[1] == "voices"

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; an option of numpy's type becomes Python's, the same in fit, in a file and in a record."""
        super().__setattr__(name, value if name.endswith("_") else plain(value))

    def _known_preset(self) -> str:
        """The name of the preset; raises `UserError` if there is none of that name."""
        if self.preset not in self.presets:
            raise UserError(
                f"preset {self.preset!r} is not known for {type(self).__name__}: use one of {', '.join(self.presets)}"
            )
        return self.preset

    def _set_by_hand(self, names: Iterable[str]) -> dict[str, Any]:
        """Those of the named options that are not left to the preset."""
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    def fit(
        self,
        X: Any,
        y: Any,
        sample_domain: Any = None,
        groups: Any = None,
        voices: Any = None,
        *,
        checkpoint: str | Path | None = None,
        progress: bool = False,
    ) -> Self:
        """Learn from a labelled source and an unlabelled target.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Features of both domains, unscaled.
        y : array-like of shape (n,)
            Labels; those of target rows are not read.
        sample_domain : array-like of shape (n,), optional
            Below 0: target. Without it there is no target, and nothing is transferred.
        groups, voices : array-like of shape (n,) of int, optional
            Speaker and voice-group codes, for scaling within them; a method that holds out a part of the source keeps
            speakers together by `groups`.
        checkpoint : path, optional
            File of the state, from which training resumes. Methods other than `TLMLDA` ignore it: they begin anew.
        progress : bool
            Show a bar, where there are epochs.

        Returns
        -------
        DomainClassifier
            The method itself.

        Raises
        ------
        UserError
            If an option, a shape or a value cannot be used.
        """
        kind, within = self._scaling()
        check(self, self.ranges)
        _check_device(getattr(self, "device", "cpu"))
        self._fit(
            self._prepared(kind, within, X, y, sample_domain, groups, voices), checkpoint=checkpoint, progress=progress
        )
        return self

    def predict(self, X: Any, sample_domain: Any = None, groups: Any = None, voices: Any = None) -> np.ndarray:
        """Class of each row: new recordings of the target.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Unscaled features.
        sample_domain : array-like of shape (n,), optional
            Rows of a source corpus may be marked as in fit; all others count as the target's.
        groups, voices : array-like of shape (n,) of int, optional
            Codes as in fit.

        Returns
        -------
        ndarray of shape (n,)
        """
        codes = self._codes(*self._scale_new(X, sample_domain, groups, voices))
        return self.classes_[codes]

    def _scaling(self) -> tuple[str, str]:
        """Kind of the scaling, and within what, as `PerDomainScaler` takes them; refuses an unknown preset."""
        raise NotImplementedError

    def _fit(self, rows: Rows, *, checkpoint: str | Path | None, progress: bool) -> None:
        """Learn, and set ``target_predictions_``: codes of the target rows, one array for each epoch or setting."""
        raise NotImplementedError

    def _codes(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        """Codes (n,) of the classes of scaled rows (n, d); `from_source` (n,) says of which domain each is."""
        raise NotImplementedError

    def _prepared(self, kind: str, within: str, X: Any, y: Any, sample_domain: Any, groups: Any, voices: Any) -> Rows:
        X, codes, domain = self._check_fit(X, y, sample_domain)
        for name, of_rows in (("groups", groups), ("voices", voices)):
            if of_rows is not None and np.shape(of_rows) != (len(X),):
                raise UserError(
                    f"{name} has shape {np.shape(of_rows)}: one code for each of the {len(X)} rows is needed"
                )
        return Rows(X, self._scale_fit(kind, within, X, domain, groups, voices), codes, domain, groups, voices)

    def _check_X(self, X: Any, **how: Any) -> np.ndarray:
        """X (n, d) float64, finite."""
        X = self._numbers(X, **how)
        refuse_non_finite(X)
        return X

    def _numbers(self, X: Any, **how: Any) -> np.ndarray:
        """X (n, d) float64, perhaps not finite."""
        _refuse_masked("X", X)
        return validate_data(self, X, dtype=np.float64, ensure_all_finite=False, **how)

    def _check_fit(self, X: Any, y: Any, sample_domain: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """X (n, d), codes of the source labels (n,) with -1 for the target, sample_domain (n,)."""
        X = self._check_X(X, ensure_min_samples=2)
        if y is None:
            raise UserError("requires y to be passed, but the target y is None: give one label for each source row")
        if (rows := _num_samples(y)) != len(X):
            raise UserError(f"X has {len(X)} rows and y {rows}: they must agree")
        domain = np.ones(len(X), dtype=np.int64) if sample_domain is None else _domains(sample_domain, len(X))
        source = domain >= 0
        if not source.any():
            raise UserError("every row is target (sample_domain < 0): at least two labelled source rows are needed")
        if source.all() and len(np.unique(domain)) > 1:
            warnings.warn(
                "no row of sample_domain is below 0, so there is no target and nothing is transferred: "
                "mark the target's rows with a number below 0",
                NoTargetWarning,
                stacklevel=4,
            )
        y = y if source.all() else _safe_indexing(y, np.flatnonzero(source))  # those of the target are not read
        _refuse_masked("y", y)
        if np.asarray(y).dtype.kind == "O" and all(isinstance(label, Integral) for label in y):
            y = np.asarray(y, dtype=np.int64)  # numbers that stood beside None or NA
        y = _check_y(y, multi_output=False)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
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
        if needs_codes(within) and codes is None:
            warnings.warn(
                f"scaling within {within} was asked for, but fit got no "
                f"{'voices' if within == 'voices' else 'groups'}: scaled within the corpus",
                ScalingWarning,
                stacklevel=4,
            )
            within = "corpus"
        self.scaler_ = PerDomainScaler(kind, within)
        self._learn_scale(X, domain, codes)
        return self._scale(X, domain, codes)

    def _learn_scale(self, X: np.ndarray, domain: np.ndarray, codes: Any) -> None:
        """Fit `scaler_`."""
        self.scaler_.fit(X, sample_domain=domain, groups=codes)

    def _scale(self, X: np.ndarray, domain: np.ndarray, codes: Any) -> np.ndarray:
        """Rows (n, d) as `scaler_` scales them."""
        return self.scaler_.transform(X, sample_domain=domain, groups=codes)

    def _scale_new(self, X: Any, sample_domain: Any, groups: Any, voices: Any) -> tuple[np.ndarray, np.ndarray]:
        """Scaled rows (n, d) and which of them are source (n,); rows of unknown domain count as the target's."""
        check_is_fitted(self)
        X = self._check_X(X, reset=False)
        known = [d for d, g in self.scaler_.tables_ if g is None]
        domain = np.full(len(X), self.scaler_.new_domain_)
        if sample_domain is not None:
            given = _domains(sample_domain, len(X))
            domain = np.where(np.isin(given, known), given, domain)
        codes = {"voices": voices, "speaker": groups}.get(self.scaler_.within)
        return self._scale(X, domain, codes), domain >= 0

    def save(self, path: str | Path, **about: Any) -> None:
        """Keep the fitted method in one file; `tlmlda_lib.methods.load` brings it back.

        Parameters
        ----------
        path : path
            A safetensors file with its JSON inside; nothing in it is executed when it is read.
        **about
            What a user of the file must know, as JSON values: names of the classes, features, voice centres.
        """
        check_is_fitted(self)
        tensors, state = self._state()
        scaler = self.scaler_
        for i, table in enumerate(scaler.tables_.values()):
            tensors[f"scaler.{i}"] = torch.as_tensor(table)
        fitted = {
            "method": type(self).__name__,
            "params": {k: v for k, v in self.get_params().items() if _is_plain(v)},
            "classes": self.classes_.tolist(),
            "n_features": int(self.n_features_in_),
            "feature_names": list(map(str, getattr(self, "feature_names_in_", ()))),
            "scaler": {**scaler.get_params(), "keys": list(scaler.tables_), "new": scaler.new_domain_},
            "state": state,
        }
        checkpoints.write(Path(path), tensors, plain({"fitted": fitted, "about": about}))

    def _load(self, tensors: dict[str, torch.Tensor], fitted: dict[str, Any], about: dict[str, Any]) -> None:
        self.about = about
        self.classes_ = np.array(fitted["classes"])
        self.n_features_in_ = fitted["n_features"]
        if names := fitted.get("feature_names"):  # without them, as in older files, the order of columns is not known
            self.feature_names_in_ = np.array(names, dtype=object)
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


class ProbabilisticClassifier(DomainClassifier):
    """A method with probabilities (`_probabilities`), of which the largest decides."""

    def predict_proba(self, X: Any, sample_domain: Any = None, groups: Any = None, voices: Any = None) -> np.ndarray:
        """Probabilities of the classes.

        Parameters
        ----------
        X, sample_domain, groups, voices
            As in `predict`.

        Returns
        -------
        ndarray of shape (n, C), float64
        """
        return self._probabilities(*self._scale_new(X, sample_domain, groups, voices))

    def _probabilities(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        """Probabilities (n, C) of scaled rows (n, d); `from_source` (n,) says of which domain each is."""
        raise NotImplementedError

    def _codes(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        return self._probabilities(scaled, from_source).argmax(1)


def _is_plain(value: Any) -> bool:
    """Whether a parameter is kept with the fitted method: words, numbers, lists, numbers by name."""
    if isinstance(value, Mapping):
        return all(isinstance(v, int | float) for v in value.values())
    return isinstance(value, str | int | float | bool | list | tuple)


def _domains(sample_domain: Any, n: int) -> np.ndarray:
    """A whole number for each of n rows; a fraction, NaN or True says of no row to which domain it belongs."""
    _refuse_masked("sample_domain", sample_domain)
    domain = np.asarray(sample_domain)
    if domain.shape != (n,):
        raise UserError(f"sample_domain has shape {domain.shape}: one number for each of the {n} rows is needed")
    if not np.issubdtype(domain.dtype, np.integer):
        raise UserError(
            f"sample_domain has the type {domain.dtype}: a whole number for each row is needed, below 0 for the target"
        )
    return domain


def _refuse_masked(name: str, values: Any) -> None:
    """Raise a `UserError` for masked values, which conversion would unmask in silence."""
    if np.ma.isMaskedArray(values) and (masked := int(np.ma.getmaskarray(values).sum())):
        raise UserError(f"{name} has {masked} masked values: fill them, or leave their rows out")


def refuse_non_finite(X: np.ndarray) -> None:
    """Raise a `UserError` that names where X contains NaN, infinity, or a number that single precision cannot hold.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        The features.
    """
    bad = ~(np.abs(X) <= np.finfo(np.float32).max)
    if bad.any():
        rows, columns = np.nonzero(bad)
        what = "a number above 3e38" if np.isfinite(X).all() else "NaN or infinity"
        raise UserError(
            f"X contains {what} in {bad.sum()} places, first in row {rows[0]}, column {columns[0]} "
            f"({len(set(rows.tolist()))} rows, {len(set(columns.tolist()))} columns): leave these rows or columns out"
        )


def seed_of(random_state: Any) -> int:
    """The seed itself, or one drawn from a generator, as in scikit-learn.

    Parameters
    ----------
    random_state : int, RandomState or None
        The seed.
    """
    if isinstance(random_state, int | np.integer) and random_state >= 0:
        return int(random_state)
    try:
        return int(check_random_state(random_state).randint(2**31))
    except ValueError as error:
        raise UserError(f"random_state={random_state!r}: a whole number from 0 is needed, or None") from error


def _check_device(device: Any) -> None:
    """Raise a `UserError` if PyTorch has no such device here."""
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, TypeError, NotImplementedError) as error:
        raise UserError(f"device={device!r} is not here: use 'cpu', or 'cuda' where there is one") from error
