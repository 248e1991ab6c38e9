"""DoSL and JDAR: least-squares regression on the labels, with a projection that also aligns the domains.

Chapter 3.3.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from sklearn.linear_model import MultiTaskLasso
from sklearn.svm import SVC

from tlmlda_lib.errors import UserError
from tlmlda_lib.methods.scaled import ScaledClassifier, packed, unpacked
from tlmlda_lib.training.options import NOT_NEGATIVE, Range

#: Largest number of rounds of pseudo-labels.
OUTER = 10

#: Largest number of rounds over all features, and tolerance of the first solution.
ROUNDS, ROUGH = 100_000, 1e-2

DECISIONS = ("svm", "argmax")


class DoSL(ScaledClassifier):
    """Domain-adaptive subspace learning (DoSL; Liu et al. 2018 [1]_). Chapter 3.3.

    With X_s, X_t (d, n) columns of samples, L (C, n_s) one-hot labels, m_s and m_t means of the domains: ::

        min_P |L - P'X_s|_F^2 + lambda |P'(m_s - m_t)|^2 + mu sum_i |p_i|_2

    Row i of P belongs to feature i: the penalty drops whole features.

    Parameters
    ----------
    preset : {"minmax", "zscore", "rank", "voices", "speaker"}
        Scaling: of each corpus by one of three rules, or z-scores within found voice groups or known speakers. Under
        all but the first the domains' means coincide, so that the transfer term has no effect: compare DoSL
        under ``"minmax"``.
    tau : float
        ``mu = tau * mu_max``, where mu_max is the smallest penalty at which P = 0.
    kappa : float
        ``lambda = kappa |X_s|_F^2 / max(|M|_F^2, 1e-8 |X_s|_F^2 / n_s)``, with M (d, m) the differences in the
        transfer term; so neither number has a unit.
    decision : {"svm", "argmax"}
        A linear support vector machine (C = 1) on ``P'x``, or the largest entry of ``P'x + b``.
    tol : float
        Tolerance of the solver, see `row_sparse`.
    random_state : ignored
        Deterministic; for a common interface.

    Attributes
    ----------
    classes_ : ndarray of shape (C,)
    P_ : ndarray of shape (d, C)
    b_ : ndarray of shape (C,)
        Intercept: X_s and L are centred on the source, ``b = mean of L - P'm_s``.
    features_ : ndarray
        Indices of the features in use.
    lambda_, mu_ : float
    target_predictions_ : ndarray of shape (1, n_target)
    scaler_, svm_

    Notes
    -----
    Published: the idea, a label regression with a row-sparse projection and a term for the means. Reconstructed: the
    formula above, which is `JDAR`'s without the sum over classes; the intercept; lambda and mu in units of the data;
    their values, which were not chosen on a target.

    References
    ----------
    .. [1] N. Liu, Y. Zong, B. Zhang et al., "Unsupervised cross-corpus speech emotion recognition using
       domain-adaptive subspace learning", ICASSP 2018, 5144-5148.
    """

    revision: ClassVar[int] = 2

    ranges: ClassVar[dict[str, Range]] = dict.fromkeys(("tau", "kappa", "tol"), NOT_NEGATIVE)

    #: Whether class means are aligned, too.
    _by_class: ClassVar[bool] = False

    def __init__(
        self,
        preset: str = "minmax",
        *,
        tau: float = 0.03,
        kappa: float = 1.0,
        decision: str = "svm",
        tol: float = 1e-8,
        random_state: Any = None,
    ) -> None:
        self.preset = preset
        self.tau = tau
        self.kappa = kappa
        self.decision = decision
        self.tol = tol
        self.random_state = random_state

    def _learn(self, xs: np.ndarray, ys: np.ndarray, xt: np.ndarray) -> list[np.ndarray]:
        if self.decision not in DECISIONS:
            raise UserError(f"decision {self.decision!r} is not known: use one of {', '.join(DECISIONS)}")
        self.P_ = np.zeros((xs.shape[1], len(self.classes_)))
        self._solve(xs, ys, xt, None)
        if self._by_class and len(xt):
            seen = set()
            for self.rounds_ in range(1, OUTER + 1):
                pseudo = self._regressed(xt).argmax(1)
                if pseudo.tobytes() in seen:  # converged, or in a cycle
                    break
                seen.add(pseudo.tobytes())
                self._solve(xs, ys, xt, pseudo)
        self.features_ = np.flatnonzero(self.P_.any(1))
        self.svm_ = SVC(kernel="linear", C=1.0).fit(xs @ self.P_, ys) if self.decision == "svm" else None
        return [self._codes(xt, np.zeros(len(xt), dtype=bool)) if len(xt) else np.empty(0)]

    def _solve(self, xs: np.ndarray, ys: np.ndarray, xt: np.ndarray, pseudo: np.ndarray | None) -> None:
        """P, from where it is, and b; `pseudo` (n_t,) are the target's labels as far as they are guessed."""
        L = np.eye(len(self.classes_))[ys]
        centre, share = xs.mean(0), L.mean(0)
        X = (xs - centre).T
        M = differences(xs, ys, xt, pseudo)
        energy = float(np.sum(X**2))
        # A source without any variance teaches nothing, for any lambda.
        floor = 1e-8 * energy / len(xs) or 1.0
        self.lambda_ = self.kappa * energy / max(float(np.sum(M**2)), floor)
        F = np.hstack([X, np.sqrt(self.lambda_) * M])
        T = np.vstack([L - share, np.zeros((M.shape[1], L.shape[1]))])
        self.mu_ = self.tau * mu_max(F, T)
        self.P_ = row_sparse(F, T, self.mu_, self.tol, self.P_)
        self.b_ = share - centre @ self.P_

    def _regressed(self, scaled: np.ndarray) -> np.ndarray:
        """``P'x + b`` (n, C) of each row."""
        return scaled @ self.P_ + self.b_

    def _scores(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        if self.svm_ is not None:
            return self.svm_.decision_function(scaled @ self.P_)
        scores = self._regressed(scaled)
        return scores if len(self.classes_) > 2 else scores[:, 1] - scores[:, 0]

    def _codes(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        return super()._codes(scaled, from_source) if self.svm_ is None else self.svm_.predict(scaled @ self.P_)

    def _state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        tensors = {"P": torch.as_tensor(self.P_), "b": torch.as_tensor(self.b_)}
        if self.svm_ is not None:
            tensors["svm"] = packed(self.svm_)
        return tensors, {"lambda": self.lambda_, "mu": self.mu_}

    def _restore(self, tensors: dict[str, torch.Tensor], state: dict[str, Any]) -> None:
        self.P_, self.b_ = tensors["P"].numpy(), tensors["b"].numpy()
        self.features_ = np.flatnonzero(self.P_.any(1))
        self.lambda_, self.mu_ = state["lambda"], state["mu"]
        self.svm_ = unpacked(tensors["svm"]) if "svm" in tensors else None


class JDAR(DoSL):
    """Joint distribution adaptive regression (JDAR; Zhang et al. 2021).

    `DoSL` with a term for each class c that the source and the target's pseudo-labels both have: ::

        min_P |L - P'X_s|_F^2 + lambda (|P'(m_s - m_t)|^2 + sum_c |P'(m_s^c - m_t^c)|^2) + mu sum_i |p_i|_2

    The pseudo-labels are the largest entries of ``P'x + b``, first from `DoSL`, then from the last solution; they and
    P are updated in turn until a set of labels repeats, at most 10 times.

    Parameters
    ----------
    preset, tau, kappa, decision, tol, random_state
        As in `DoSL`; lambda is recomputed for each set of pseudo-labels.

    Attributes
    ----------
    rounds_ : int
        Number of sets of pseudo-labels.
    classes_, P_, b_, features_, lambda_, mu_, target_predictions_, scaler_, svm_
        As in `DoSL`.

    Notes
    -----
    Published: the objective, known to us from texts that cite it. Reconstructed: the intercept, lambda and mu in
    units of the data and their values, the final classifier, the stopping rule.

    References
    ----------
    .. [1] J. Zhang, L. Jiang, Y. Zong, W. Zheng and L. Zhao, "Cross-corpus speech emotion recognition using joint
       distribution adaptive regression", ICASSP 2021, 3790-3794.
    """

    _by_class: ClassVar[bool] = True


def differences(xs: np.ndarray, ys: np.ndarray, xt: np.ndarray, pseudo: np.ndarray | None) -> np.ndarray:
    """Differences of means between source and target: of all rows, and of each class that both have.

    Parameters
    ----------
    xs : ndarray of shape (n_s, d)
        Source rows.
    ys : ndarray of shape (n_s,)
        Source classes.
    xt : ndarray of shape (n_t, d)
        Target rows.
    pseudo : ndarray of shape (n_t,) or None
        Guessed target classes; None for the first difference only.

    Returns
    -------
    ndarray of shape (d, m)
        A column per difference; none without a target.
    """
    if not len(xt):
        return np.empty((xs.shape[1], 0))
    columns = [xs.mean(0) - xt.mean(0)]
    if pseudo is not None:
        columns += [xs[ys == c].mean(0) - xt[pseudo == c].mean(0) for c in np.unique(ys) if (pseudo == c).any()]
    return np.stack(columns, axis=1)


def mu_max(F: np.ndarray, T: np.ndarray) -> float:
    """The smallest penalty at which the solution of `row_sparse` is 0: ``max_i |2 (F T)_i|``.

    Parameters
    ----------
    F, T : ndarray of shape (d, m), (m, C)
        As in `row_sparse`.
    """
    return 2 * float(np.linalg.norm(F @ T, axis=1).max())


def row_sparse(F: np.ndarray, T: np.ndarray, mu: float, tol: float, start: np.ndarray | None = None) -> np.ndarray:
    """Least squares with a penalty on whole rows: ``min_P |F'P - T|_F^2 + mu sum_i |p_i|`` over P (d, C).

    Chapter 3.3.

    Parameters
    ----------
    F : ndarray of shape (d, m)
        Columns are equations.
    T : ndarray of shape (m, C)
    mu : float
        Penalty, at least 0; with 0 the result is the shortest least-squares solution.
    tol : float
        The duality gap is at most ``tol |T|_F^2``, in the units of half the objective.
    start : ndarray of shape (d, C), optional
        Initial value; it affects only the duration.

    Returns
    -------
    ndarray of shape (d, C)
        Its zero rows are exactly 0.

    Warns
    -----
    ConvergenceWarning
        After `ROUNDS` rounds; the last P is returned.

    Notes
    -----
    `sklearn.linear_model.MultiTaskLasso` minimises ``|F'P - T|_F^2 / (2 m) + alpha sum_i |p_i|``, which is the
    objective above divided by 2 m where ``alpha = mu / (2 m)``.

    Coordinate descent on 1582 correlated features takes thousands of rounds. So a rough solution says which rows may
    differ from 0: those of the features whose gradient ``|2 (F (T - F'P))_i|`` comes near mu. The rest is solved on
    these alone, with the equations turned by a QR decomposition into as many as there are features, which changes the
    objective by a constant. A feature left out whose gradient is above mu after all joins them, and it is solved again;
    where there is none, the optimality conditions hold for all.

    Examples
    --------
    >>> row_sparse(np.eye(2), np.array([[3.0], [0.1]]), mu=2.0, tol=1e-9).round(3).tolist()
    [[2.0], [0.0]]
    """
    P = np.zeros((len(F), T.shape[1]))
    if mu >= mu_max(F, T):
        return P
    if mu == 0:
        return np.linalg.lstsq(F.T, T, rcond=None)[0]
    P = _lasso(F.T, T, mu, max(tol, ROUGH), P if start is None else start)
    late = P.any(1) | (_pull(F, T, P) > 0.9 * mu)
    kept = np.zeros(len(F), dtype=bool)
    while late.any():
        kept |= late
        Q, R = np.linalg.qr(F[kept].T)
        P[kept] = _lasso(R, Q.T @ T, mu, tol, P[kept])
        late = ~kept & (_pull(F, T, P) > mu)
    return P


def _pull(F: np.ndarray, T: np.ndarray, P: np.ndarray) -> np.ndarray:
    """Length of each feature's gradient of the squares, (d,); at most mu if the feature's row of P is 0."""
    return 2 * np.linalg.norm(F @ (T - F.T @ P), axis=1)


def _lasso(X: np.ndarray, T: np.ndarray, mu: float, tol: float, start: np.ndarray) -> np.ndarray:
    """``min_P |XP - T|_F^2 + mu sum_i |p_i|`` by scikit-learn."""
    lasso = MultiTaskLasso(mu / (2 * len(X)), fit_intercept=False, tol=tol, max_iter=ROUNDS, warm_start=True)
    lasso.coef_ = np.array(start.T, order="F")  # a copy: it is written to
    return lasso.fit(np.asfortranarray(X), T).coef_.T
