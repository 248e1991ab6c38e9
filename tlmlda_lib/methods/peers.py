"""General methods of domain adaptation before a linear support vector machine. Chapter 3.3.

All numbers below were fixed in advance and are the same for every scheme.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from scipy.linalg import eigh
from sklearn.decomposition import PCA
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.svm import SVC

from tlmlda_lib.errors import UserError, install
from tlmlda_lib.methods.scaled import ScaledClassifier, packed, unpacked
from tlmlda_lib.training.options import COUNT, POSITIVE, Range


class _AdaptedSVM(ScaledClassifier):
    """A linear support vector machine (C = 1) on adapted rows; subclasses define the adaptation."""

    n_components: int
    ranges: ClassVar[dict[str, Range]] = {"n_components": COUNT}

    def _adapt(self, xs: np.ndarray, xt: np.ndarray) -> None:
        """Learn the adaptation from the scaled rows (n_s, d) and (n_t, d) of both domains."""
        raise NotImplementedError

    def _adapted(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        """Rows (n, k) as the support vector machine takes them."""
        raise NotImplementedError

    def _learn(self, xs: np.ndarray, ys: np.ndarray, xt: np.ndarray) -> list[np.ndarray]:
        if len(xt) == 1:
            raise UserError("the target has n_samples=1 row: at least two are needed to adapt to")
        self._adapt(xs, xt if len(xt) else xs)  # without a target, the source is adapted to itself
        self.svm_ = SVC(kernel="linear", C=1.0).fit(self._adapted(xs, np.ones(len(xs), dtype=bool)), ys)
        return [self._codes(xt, np.zeros(len(xt), dtype=bool)) if len(xt) else np.empty(0)]

    def _scores(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        return self.svm_.decision_function(self._adapted(scaled, from_source))

    def _codes(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        return self.svm_.predict(self._adapted(scaled, from_source))

    def _state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        tensors = {name: torch.as_tensor(getattr(self, name)) for name in self._arrays}
        return tensors | {"svm": packed(self.svm_)}, {}

    def _restore(self, tensors: dict[str, torch.Tensor], state: dict[str, Any]) -> None:
        for name in self._arrays:
            setattr(self, name, tensors[name].numpy())
        self.svm_ = unpacked(tensors["svm"])

    #: Attributes that `_adapt` learns.
    _arrays: ClassVar[tuple[str, ...]] = ("source_offset_", "source_map_", "target_offset_", "target_map_")


class _AffineSVM(_AdaptedSVM):
    """Each domain mapped by ``(x - offset) map``, which skada (the extra ``baselines``) learns in fit."""

    def _adapted(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        rows = np.empty((len(scaled), self.source_map_.shape[1]))
        rows[from_source] = (scaled[from_source] - self.source_offset_) @ self.source_map_
        rows[~from_source] = (scaled[~from_source] - self.target_offset_) @ self.target_map_
        return rows


class CORAL(_AffineSVM):
    """Correlation alignment (CORAL; Sun, Feng and Saenko 2016 [1]_): the source gets the target's covariance.

    Chapter 3.3.

    With covariances S and T of the principal components of both domains together, a source row x, centred, becomes
    ``x S^(-1/2) T^(1/2)``; a target row is centred. S and T are shrunk by the rule of Ledoit and Wolf, as in skada.

    Parameters
    ----------
    preset : {"zscore", "minmax", "rank", "voices", "speaker"}
        Scaling: of each corpus by one of three rules, or z-scores within found voice groups or known speakers.
    n_components : int
        Largest number of principal components.
    random_state : ignored
        Deterministic; for a common interface.

    Attributes
    ----------
    source_offset_, source_map_, target_offset_, target_map_ : ndarray of shape (d,), (d, k), (d,), (d, k)
        A row x is mapped to ``(x - offset) map``.
    classes_, target_predictions_, scaler_, svm_

    Raises
    ------
    UserError
        In fit, if skada is not installed.

    Notes
    -----
    skada enables scikit-learn's metadata routing when it is first imported, which is at the first fit.

    References
    ----------
    .. [1] B. Sun, J. Feng and K. Saenko, "Return of frustratingly easy domain adaptation", AAAI 2016, 2058-2065.
    """

    def __init__(self, preset: str = "zscore", *, n_components: int = 200, random_state: Any = None) -> None:
        self.preset = preset
        self.n_components = n_components
        self.random_state = random_state

    def _adapt(self, xs: np.ndarray, xt: np.ndarray) -> None:
        both = np.vstack([xs, xt])
        pca = PCA(min(self.n_components, *both.shape), svd_solver="full").fit(both)
        kept = pca.components_[pca.explained_variance_ > 1e-12 * pca.explained_variance_.max()]
        _refuse_constant(len(kept), "coral")
        zs, zt = (x - pca.mean_ for x in (xs, xt))
        learnt = _fit_adapter("coral", "CORALAdapter", zs @ kept.T, zt @ kept.T)
        self.source_offset_ = pca.mean_ + learnt.mean_source_ @ kept
        self.target_offset_ = pca.mean_ + learnt.mean_target_ @ kept
        self.source_map_ = kept.T @ learnt.cov_source_inv_sqrt_ @ learnt.cov_target_sqrt_
        self.target_map_ = kept.T
        if not np.isfinite(self.source_map_).all():
            raise UserError(
                f"the covariances of {len(xs)} source and {len(xt)} target rows have no root: coral needs more rows"
            )


class SubspaceAlignment(_AffineSVM):
    """Subspace alignment (Fernando et al. 2013 [1]_): the source's principal axes are turned towards the target's.

    With axes P_s, P_t (d, k), rows become ``x P_s P_s'P_t`` and ``x P_t``, each centred on its own domain. Chapter 3.3.

    Parameters
    ----------
    preset : {"zscore", "minmax", "rank", "voices", "speaker"}
        As in `CORAL`.
    n_components : int
        Largest k; fewer if a domain has fewer.
    random_state : ignored
        Deterministic; for a common interface.

    Attributes
    ----------
    classes_, source_offset_, source_map_, target_offset_, target_map_, target_predictions_, scaler_, svm_
        As in `CORAL`, whose notes apply, too.

    References
    ----------
    .. [1] B. Fernando, A. Habrard, M. Sebban and T. Tuytelaars, "Unsupervised visual domain adaptation using subspace
       alignment", ICCV 2013, 2960-2967.
    """

    def __init__(self, preset: str = "zscore", *, n_components: int = 100, random_state: Any = None) -> None:
        self.preset = preset
        self.n_components = n_components
        self.random_state = random_state

    def _adapt(self, xs: np.ndarray, xt: np.ndarray) -> None:
        k = min(self.n_components, xs.shape[1], len(xs), len(xt))
        learnt = _fit_adapter("subspace", "SubspaceAlignmentAdapter", xs, xt, n_components=k, random_state=0)
        self.source_offset_, self.target_offset_ = learnt.pca_source_.mean_, learnt.pca_target_.mean_
        self.source_map_ = learnt.pca_source_.components_.T @ learnt.M_
        self.target_map_ = learnt.pca_target_.components_.T


def _refuse_constant(directions: int, method: str) -> None:
    if not directions:
        raise UserError(f"every feature is constant: {method} needs features that differ between rows")


def _fit_adapter(method: str, name: str, xs: np.ndarray, xt: np.ndarray, **options: Any) -> Any:
    """A fitted adapter of skada. Rows are copied, since skada writes into its arguments."""
    try:
        import skada
    except ImportError as error:
        raise UserError(f"{method} needs skada: {install('baselines')}") from error
    domain = np.repeat([1, -2], [len(xs), len(xt)])
    return getattr(skada, name)(**options).fit(np.vstack([xs, xt]), sample_domain=domain)


class TCA(_AdaptedSVM):
    """Transfer component analysis (Pan et al. 2011).

    With K (n, n) the Gaussian kernel of all rows, ``L_ij = l_i l_j`` (l = 1/n_s on the source, -1/n_t on the target)
    and H the centring matrix, the columns of W solve ::

        min_W tr(W'KLKW) + mu tr(W'W),  W'KHKW = n I

    A row x becomes ``k(x) W``, where k(x) are its kernels with all rows.

    Parameters
    ----------
    preset : {"zscore", "minmax", "rank", "voices", "speaker"}
        As in `CORAL`.
    n_components : int
        Largest number of columns of W.
    mu : float
    random_state : ignored
        Deterministic; for a common interface.

    Attributes
    ----------
    rows_ : ndarray of shape (n, d)
        All rows, scaled.
    W_ : ndarray of shape (n, k)
    gamma_ : float
        The kernel is ``exp(-gamma |x - x'|^2)``; gamma = 1 / (d var X).
    classes_, target_predictions_, scaler_, svm_

    Notes
    -----
    The generalised eigenproblem is solved by scipy. skada 0.6 passes ``(I + mu KLK)^-1 KHK``, which is not symmetric,
    to a routine for symmetric matrices; its components violate the equation by a few percent.

    References
    ----------
    .. [1] S. J. Pan, I. W. Tsang, J. T. Kwok and Q. Yang, "Domain adaptation via transfer component analysis", IEEE
       Transactions on Neural Networks 22, 199-210, 2011.
    """

    _arrays: ClassVar[tuple[str, ...]] = ("rows_", "W_", "gamma_")

    ranges: ClassVar[dict[str, Range]] = {"n_components": COUNT, "mu": POSITIVE}

    def __init__(
        self, preset: str = "zscore", *, n_components: int = 100, mu: float = 0.1, random_state: Any = None
    ) -> None:
        self.preset = preset
        self.n_components = n_components
        self.mu = mu
        self.random_state = random_state

    def _adapt(self, xs: np.ndarray, xt: np.ndarray) -> None:
        self.rows_ = np.vstack([xs, xt])
        n = len(self.rows_)
        self.gamma_ = np.array(1 / (self.rows_.shape[1] * (self.rows_.var() or 1.0)))
        K = rbf_kernel(self.rows_, gamma=float(self.gamma_))
        drift = K[:, : len(xs)].mean(1) - K[:, len(xs) :].mean(1)  # K l
        centred = K - K.mean(0)  # H K
        k = min(self.n_components, n - 1)
        values, W = eigh(
            centred.T @ centred,  # K H K
            np.outer(drift, drift) + self.mu * np.eye(n),
            subset_by_index=[n - k, n - 1],
        )
        kept = values > 1e-10 * values[-1]
        _refuse_constant(int(kept.sum()), "tca")
        self.W_ = (W[:, kept] * np.sqrt(n / values[kept]))[:, ::-1].copy()

    def _adapted(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        return rbf_kernel(scaled, self.rows_, gamma=float(self.gamma_)) @ self.W_
