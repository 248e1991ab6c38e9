"""TSDSL: a discriminant subspace that both domains share through a graph of neighbours. Chapter 3.3."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from scipy.linalg import eigh
from scipy.spatial.distance import cdist
from sklearn.svm import SVC

from tlmlda_lib.methods.scaled import ScaledClassifier, packed, unpacked
from tlmlda_lib.training.options import COUNT, NOT_NEGATIVE, Range

#: Added to the squared length of a row of P, so that the objective is differentiable at 0.
EPSILON = 1e-6

#: Largest number of eigenproblems, and relative decrease of the objective that ends them earlier.
ROUNDS, TOLERANCE = 50, 1e-6


class TSDSL(ScaledClassifier):
    """Transfer sparse discriminant subspace learning (TSDSL; Zhang and Song 2020).

    With X (d, n) columns of both domains, S_w and S_b (d, d) the scatter of the source within and between its
    classes, and L_W the Laplacian of a graph on all columns: ::

        Q = S_w / tr S_w - eta S_b / tr S_b + alpha X L_W X' / tr(X L_W X')
        min_P tr(P'QP) + gamma sum_i sqrt(|p_i|^2 + eps^2),  P'P = I  (P of shape (d, p), rows p_i)

    Parameters
    ----------
    preset : {"zscore", "minmax", "rank", "voices", "speaker"}
        Scaling: of each corpus by one of three rules, or z-scores within found voice groups or known speakers.
    eta, alpha, gamma : float
        Weights of the scatter between classes, of the graph and of the penalty.
    n_components : int
        Largest p; fewer if the rows of both domains span less.
    neighbours : int
        Number of neighbours of each row in the target domain and in the other domain.
    random_state : ignored
        Deterministic; for a common interface.

    Attributes
    ----------
    P_ : ndarray of shape (d, p)
    objective_ : ndarray of shape (rounds,)
        Objective after each eigenproblem; it never rises.
    ranking_ : ndarray of shape (d,)
        Features by the length of their rows of P, the longest first.
    classes_, target_predictions_, scaler_, svm_

    Notes
    -----
    Published, in the abstract: discriminant learning, the l2,1 norm, a nearest-neighbour graph between corpora.
    Reconstructed: everything else. The graph joins source rows of one label, target rows that are k-nearest
    neighbours, and rows of different domains if either is among the other's k nearest; each of the three kinds
    has total weight 1/3. The problem is solved iteratively: ``D = diag(1 / (2 sqrt(|p_i|^2 + eps^2)))``, P = the p
    eigenvectors of Q + gamma D with the smallest eigenvalues. A linear support vector machine (C = 1) decides on
    projections of length 1.

    No row of P becomes 0 under P'P = I: the "feature selection" of the literature is a ranking.

    References
    ----------
    .. [1] W. Zhang and P. Song, "Transfer sparse discriminant subspace learning for cross-corpus speech emotion
       recognition", IEEE/ACM Transactions on Audio, Speech, and Language Processing 28, 307-318, 2020.
    """

    ranges: ClassVar[dict[str, Range]] = {
        **dict.fromkeys(("eta", "alpha", "gamma"), NOT_NEGATIVE),
        **dict.fromkeys(("n_components", "neighbours"), COUNT),
    }

    def __init__(
        self,
        preset: str = "zscore",
        *,
        eta: float = 1.0,
        alpha: float = 1.0,
        gamma: float = 0.01,
        n_components: int = 100,
        neighbours: int = 5,
        random_state: Any = None,
    ) -> None:
        self.preset = preset
        self.eta = eta
        self.alpha = alpha
        self.gamma = gamma
        self.n_components = n_components
        self.neighbours = neighbours
        self.random_state = random_state

    def _learn(self, xs: np.ndarray, ys: np.ndarray, xt: np.ndarray) -> list[np.ndarray]:
        X = np.vstack([xs, xt])
        within, between = scatters(xs, ys)
        graph = smoothness(X, neighbour_graph(xs, ys, xt, self.neighbours))
        Q = _per_trace(within) - self.eta * _per_trace(between) + self.alpha * _per_trace(graph)
        p = max(1, min(self.n_components, int(np.linalg.matrix_rank(X - X.mean(0)))))
        self.P_, self.objective_ = sparse_subspace(Q, p, self.gamma)
        self.svm_ = SVC(kernel="linear", C=1.0).fit(self._projected(xs), ys)
        return [self.svm_.predict(self._projected(xt)) if len(xt) else np.empty(0)]

    @property
    def ranking_(self) -> np.ndarray:
        return np.argsort(-row_norms(self.P_), kind="stable")

    def _projected(self, scaled: np.ndarray) -> np.ndarray:
        Z = scaled @ self.P_
        return Z / np.maximum(row_norms(Z), 1e-12)[:, None]

    def _scores(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        return self.svm_.decision_function(self._projected(scaled))

    def _codes(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        return self.svm_.predict(self._projected(scaled))

    def _state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        return {"P": torch.as_tensor(self.P_), "svm": packed(self.svm_)}, {"objective": self.objective_.tolist()}

    def _restore(self, tensors: dict[str, torch.Tensor], state: dict[str, Any]) -> None:
        self.P_, self.objective_ = tensors["P"].numpy(), np.array(state["objective"])
        self.svm_ = unpacked(tensors["svm"])


def row_norms(P: np.ndarray) -> np.ndarray:
    """Euclidean norm of each row.

    Parameters
    ----------
    P : ndarray of shape (d, p)
        The matrix.
    """
    return np.sqrt(np.einsum("ij,ij->i", P, P))


def scatters(xs: np.ndarray, ys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scatter matrices within and between classes.

    Parameters
    ----------
    xs : ndarray of shape (n, d)
        Rows.
    ys : ndarray of shape (n,)
        Classes.

    Returns
    -------
    within, between : ndarray of shape (d, d)
    """
    means = np.stack([xs[ys == c].mean(0) for c in np.unique(ys)])
    own = means[np.searchsorted(np.unique(ys), ys)]
    rest, centred = xs - own, own - xs.mean(0)
    return rest.T @ rest, centred.T @ centred


def neighbour_graph(xs: np.ndarray, ys: np.ndarray, xt: np.ndarray, k: int) -> np.ndarray:
    """Symmetric weights of the graph on source and target rows; an absent kind of edge has weight 0.

    Parameters
    ----------
    xs : ndarray of shape (n_s, d)
        Source rows.
    ys : ndarray of shape (n_s,)
        Source classes.
    xt : ndarray of shape (n_t, d)
        Target rows.
    k : int
        Number of neighbours.

    Returns
    -------
    ndarray of shape (n_s + n_t, n_s + n_t)
    """
    n_s, n_t = len(xs), len(xt)
    W = np.zeros((n_s + n_t, n_s + n_t))
    same = (ys[:, None] == ys).astype(float)
    np.fill_diagonal(same, 0)
    W[:n_s, :n_s] = same / max(same.sum(), 1) / 3
    if n_t:
        distance = cdist(xt, xt)
        np.fill_diagonal(distance, np.inf)
        near = _nearest(distance, min(k, n_t - 1))
        near = (near | near.T).astype(float)
        W[n_s:, n_s:] = near / max(near.sum(), 1) / 3
        across = cdist(xs, xt)
        joined = (_nearest(across, min(k, n_t)) | _nearest(across.T, min(k, n_s)).T).astype(float)
        W[:n_s, n_s:] = joined / (2 * joined.sum()) / 3  # half here, half mirrored
        W[n_s:, :n_s] = W[:n_s, n_s:].T
    return W


def _nearest(distance: np.ndarray, k: int) -> np.ndarray:
    """Whether a column is among the k nearest of a row, (n, m) bool; the first of equally near ones."""
    near = np.zeros(distance.shape, dtype=bool)
    np.put_along_axis(near, np.argsort(distance, axis=1, kind="stable")[:, :k], True, axis=1)
    return near


def smoothness(X: np.ndarray, W: np.ndarray) -> np.ndarray:
    """``X' (diag(W 1) - W) X`` (d, d): half the sum of ``W_ij (x_i - x_j)(x_i - x_j)'``.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Rows.
    W : ndarray of shape (n, n)
        Symmetric weights.
    """
    return X.T @ (W.sum(1)[:, None] * X - W @ X)


def _per_trace(S: np.ndarray) -> np.ndarray:
    trace = float(np.trace(S))
    return S / trace if trace > 0 else np.zeros_like(S)


def sparse_subspace(Q: np.ndarray, p: int, gamma: float) -> tuple[np.ndarray, np.ndarray]:
    """P (d, p) with P'P = I that minimises ``tr(P'QP) + gamma sum_i sqrt(|p_i|^2 + eps^2)``, locally.

    Parameters
    ----------
    Q : ndarray of shape (d, d)
        Symmetric.
    p : int
    gamma : float

    Returns
    -------
    P : ndarray of shape (d, p)
        Determined up to a rotation: compare PP'.
    objective : ndarray of shape (rounds,)
    """
    Q = (Q + Q.T) / 2
    P = eigh(Q, subset_by_index=[0, p - 1])[1]
    values = [_objective(P, Q, gamma)]
    for _ in range(ROUNDS - 1):
        if gamma == 0:
            break
        weights = 1 / (2 * np.sqrt(row_norms(P) ** 2 + EPSILON**2))
        new = eigh(Q + np.diag(gamma * weights), subset_by_index=[0, p - 1])[1]
        value = _objective(new, Q, gamma)
        if value > values[-1]:  # the decrease is below rounding
            break
        P = new
        values.append(value)
        if values[-2] - value <= TOLERANCE * abs(value):
            break
    return P, np.array(values)


def _objective(P: np.ndarray, Q: np.ndarray, gamma: float) -> float:
    return float(np.sum(P * (Q @ P)) + gamma * np.sqrt(row_norms(P) ** 2 + EPSILON**2).sum())
