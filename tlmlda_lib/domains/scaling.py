"""Scaling of each domain's features by its own statistics, without labels. Chapter 1.4.

What a scaling uses decides what it can correct: a corpus, the two voice groups found in it, or its named speakers.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from tlmlda_lib.errors import UserError

KINDS = ("zscore", "minmax", "rank")
WITHIN = ("corpus", "voices", "speaker")

#: In place of these: the source's statistics for every row. The target's are not used, and the gap stays.
SOURCE = "source"

#: Number of rows that are scaled at a time, to limit memory.
ROWS_AT_A_TIME = 8192


def needs_codes(within: str) -> bool:
    """Whether scaling within this needs a code of each row, of its voice or speaker.

    Parameters
    ----------
    within : str
        As in `PerDomainScaler`.
    """
    return within in ("voices", "speaker")


class ScalingWarning(UserWarning):
    """Rows were scaled by the statistics of a coarser group than requested."""


class PerDomainScaler(TransformerMixin, BaseEstimator):
    """Scale every feature within its domain, or within the groups of voices or speakers in it. Chapter 1.4.

    Parameters
    ----------
    kind : {"zscore", "minmax", "rank"}
        Mean 0 and standard deviation 1; smallest value 0 and largest 1 (the paper's); rank in the group, in [0, 1].
        A constant feature becomes 0 (rank: 0.5).
    within : {"corpus", "voices", "speaker", "source"}
        Rows that provide the statistics: the whole domain; a voice group, found in speaker embeddings without labels
        or metadata; a speaker, known by name. With "source" all source rows provide them, for the target, too.

    Attributes
    ----------
    tables_ : dict
        Statistics (k, d) of each group: (mean, deviation), (smallest, extent) or the sorted column values.

    Notes
    -----
    Statistics are learnt in ``fit``. ``transform`` uses the target's, or the source's if there was no target, and
    never those of its own rows. Using a target's unlabelled features is transductive; ``within="source"`` is not.

    Examples
    --------
    >>> X, domain = np.array([[1.0], [3.0], [10.0], [30.0]]), np.array([1, 1, -2, -2])
    >>> PerDomainScaler("minmax").fit_transform(X, sample_domain=domain).ravel().tolist()
    [0.0, 1.0, 0.0, 1.0]
    """

    def __init__(self, kind: str = "zscore", within: str = "corpus") -> None:
        self.kind = kind
        self.within = within

    def fit(self, X: Any, y: Any = None, *, sample_domain: Any = None, groups: Any = None) -> PerDomainScaler:
        """Learn the statistics.

        Parameters
        ----------
        X : array-like of shape (n, d)
        y : ignored
        sample_domain : array-like of shape (n,), optional
            Corpus of each row; below 0 is target. By default all rows are from one source.
        groups : array-like of shape (n,), optional
            Voice or speaker codes; needed for scaling within these.
        """
        if self.kind not in KINDS:
            raise UserError(f"scaling kind {self.kind!r} is not known: use one of {', '.join(KINDS)}")
        if self.within not in (*WITHIN, SOURCE):
            raise UserError(f"scaling within {self.within!r} is not known: use one of {', '.join((*WITHIN, SOURCE))}")
        X = validate_data(self, X, dtype=(np.float64, np.float32))
        domain = _codes(sample_domain, len(X), default=1)
        if needs_codes(self.within) and groups is None:
            raise UserError(f"scaling within {self.within} needs the {self.within} code of each row: give groups=")
        providers = {int(d): domain == d for d in np.unique(domain)}
        if self.within == SOURCE:
            if not (domain >= 0).any():
                raise UserError("scaling within source needs rows of a source: every sample_domain is below 0")
            providers = dict.fromkeys(providers, domain >= 0)
        self.tables_ = {(d, None): self._statistics(X[rows]) for d, rows in providers.items()}
        if needs_codes(self.within):
            group = _codes(groups, len(X))
            for d, g in sorted(set(zip(domain.tolist(), group.tolist(), strict=True))):
                self.tables_[d, g] = self._statistics(X[(domain == d) & (group == g)])
        # A new row belongs to the target, or without one to all domains together.
        candidates = np.unique(domain[domain < 0] if (domain < 0).any() else domain)
        self.new_domain_ = int(candidates[0]) if len(candidates) == 1 else 0
        if self.new_domain_ == 0:
            self.tables_[0, None] = self._statistics(X[np.isin(domain, candidates)])
        return self

    def fit_transform(self, X: Any, y: Any = None, *, sample_domain: Any = None, groups: Any = None) -> np.ndarray:
        """Learn the statistics and scale the same rows, each within its own domain and group.

        Parameters
        ----------
        X, y, sample_domain, groups
            As in `fit`.
        """
        # Without sample_domain all rows are from one source, to which new rows belong, too.
        return self.fit(X, sample_domain=sample_domain, groups=groups).transform(
            X, sample_domain=sample_domain, groups=groups
        )

    def transform(self, X: Any, *, sample_domain: Any = None, groups: Any = None) -> np.ndarray:
        """Scale rows with the statistics of ``fit``.

        Parameters
        ----------
        X : array-like of shape (n, d)
        sample_domain : array-like of shape (n,), optional
            As in ``fit``; by default the rows are new recordings from the target (from the source if there was no
            target).
        groups : array-like of shape (n,), optional
            Voice or speaker codes. Rows with a code unknown to ``fit`` are scaled within their corpus, with a warning.

        Returns
        -------
        ndarray of shape (n, d), float32 or float64 as X
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=(np.float64, np.float32), reset=False)
        domain = _codes(sample_domain, len(X), default=self.new_domain_)
        group = _codes(groups, len(X)) if needs_codes(self.within) and groups is not None else None
        if needs_codes(self.within) and groups is None:
            warnings.warn(
                f"no {self.within} codes were given: these rows are scaled within their corpus",
                ScalingWarning,
                stacklevel=2,
            )
        scaled = np.empty_like(X)
        unknown = set()
        keys = list(zip(domain.tolist(), [None] * len(X) if group is None else group.tolist(), strict=True))
        for d, g in dict.fromkeys(keys):
            rows = np.flatnonzero((domain == d) & (True if group is None else group == g))
            if (d, None) not in self.tables_:
                raise UserError(f"sample_domain {d} was not in fit: use one of {sorted({k for k, _ in self.tables_})}")
            if (d, g) not in self.tables_:
                unknown.add(g)
            for part in np.split(rows, range(ROWS_AT_A_TIME, len(rows), ROWS_AT_A_TIME)):
                scaled[part] = self._scale(X[part], self.tables_.get((d, g), self.tables_[d, None]))
        if unknown:
            warnings.warn(
                f"{self.within} codes {sorted(unknown)[:10]} were not in fit: scaled within their corpus",
                ScalingWarning,
                stacklevel=2,
            )
        return scaled

    def _statistics(self, X: np.ndarray) -> np.ndarray:
        if self.kind == "zscore":
            return np.stack([X.mean(0, dtype=np.float64), X.std(0, dtype=np.float64)])
        if self.kind == "minmax":
            low = X.min(0).astype(np.float64)
            return np.stack([low, X.max(0) - low])
        return np.sort(X, axis=0)

    def _scale(self, X: np.ndarray, table: np.ndarray) -> np.ndarray:
        if self.kind == "rank":
            # Middle rank of a value in the group: ties share it, new values fall in between.
            below = np.empty_like(X)
            for j in range(X.shape[1]):
                left = np.searchsorted(table[:, j], X[:, j], side="left")
                below[:, j] = (left + np.searchsorted(table[:, j], X[:, j], side="right")) / (2 * len(table))
            return below
        offset, extent = table
        # Rounding leaves a constant column with a deviation of about 1e-8 of its value, which is not a scale.
        flat = extent <= 1e-7 * np.maximum(np.abs(offset), 1e-30)
        return np.where(flat, 0.0, (X - offset) / np.where(flat, 1.0, extent)).astype(X.dtype)


def _codes(codes: Any, n: int, default: int = 1) -> np.ndarray:
    if codes is None:
        return np.full(n, default)
    codes = np.asarray(codes)
    if codes.shape != (n,) or not np.issubdtype(codes.dtype, np.integer):
        raise UserError(f"codes of shape {codes.shape} and type {codes.dtype} given: {n} integers are needed")
    return codes
