"""DoSL and JDAR: least-squares regression on the labels whose projection also brings the domains together.
Chapter 3.3."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from sklearn.svm import SVC

from tlmlda_lib.errors import UserError
from tlmlda_lib.methods.row_sparse import RowSparseLeastSquares
from tlmlda_lib.methods.scaled import ScaledClassifier, packed, unpacked

#: Rounds of pseudo-labels, at most.
OUTER = 10

DECISIONS = ("svm", "argmax")


class DoSL(ScaledClassifier):
    """Domain-adaptive subspace learning (DoSL; Liu et al. 2018).

    With X_s, X_t (d, n) columns of samples, L (C, n_s) one-hot labels, m_s and m_t means of the domains: ::

        min_P |L - P'X_s|_F^2 + lambda |P'(m_s - m_t)|^2 + mu sum_i |p_i|_2

    Row i of P belongs to feature i: the penalty leaves features out, whole.

    Parameters
    ----------
    preset : {"minmax", "zscore", "rank", "voices", "speaker"}
        Scaling: of each corpus by one of three rules, or z-scores within found voice groups or known speakers. Under
        all but the first the domains' means coincide, so that nothing is left for the transfer term: compare DoSL
        under ``"minmax"``.
    tau : float
        ``mu = tau * mu_max``, where mu_max is the smallest penalty at which P = 0.
    kappa : float
        ``lambda = kappa |X_s|_F^2 / max(|M|_F^2, 1e-8 |X_s|_F^2 / n_s)``, M (d, m) being the differences that the
        transfer term shortens; so neither number has a unit.
    decision : {"svm", "argmax"}
        A linear support vector machine (C = 1) on ``P'x``, or the largest entry of ``P'x + b``.
    tol : float
        Of the solver, see `tlmlda_lib.methods.row_sparse`.
    random_state : ignored
        Nothing is drawn; there for a common interface.

    Attributes
    ----------
    classes_ : ndarray of shape (C,)
    P_ : ndarray of shape (d, C)
    b_ : ndarray of shape (C,)
        Intercept: X_s and L are centred on the source, ``b = mean of L - P'm_s``.
    features_ : ndarray
        Positions of the features in use.
    lambda_, mu_ : float
    target_predictions_ : ndarray of shape (1, n_target)
    scaler_, svm_

    Notes
    -----
    Published: the idea, a label regression with a row-sparse projection and a term for the means. Reconstructed: the
    formula above, which is `JDAR`'s without the sum over classes; the intercept; lambda and mu in units of the data;
    their values, which nobody chose on a target.
    """

    #: Whether class means are brought together too.
    _by_class: ClassVar[bool] = False

    def __init__(
        self,
        preset: str = "minmax",
        *,
        tau: float = 0.03,
        kappa: float = 1.0,
        decision: str = "svm",
        tol: float = 1e-6,
        random_state: Any = None,
    ) -> None:
        self.preset = preset
        self.tau = tau
        self.kappa = kappa
        self.decision = decision
        self.tol = tol
        self.random_state = random_state

    def _learn(self, xs: np.ndarray, ys: np.ndarray, xt: np.ndarray) -> list[np.ndarray]:
        for name in ("tau", "kappa"):
            if not getattr(self, name) >= 0:
                raise UserError(f"{name}={getattr(self, name)}: a number from 0 is needed")
        if self.decision not in DECISIONS:
            raise UserError(f"decision {self.decision!r} is not known: use one of {', '.join(DECISIONS)}")
        self._solve(xs, ys, xt, None)
        if self._by_class and len(xt):
            seen = set()
            for self.rounds_ in range(1, OUTER + 1):
                pseudo = self._regressed(xt).argmax(1)
                if pseudo.tobytes() in seen:  # settled, or going round in a circle
                    break
                seen.add(pseudo.tobytes())
                self._solve(xs, ys, xt, pseudo)
        self.features_ = np.flatnonzero(self.P_.any(1))
        self.svm_ = SVC(kernel="linear", C=1.0).fit(xs @ self.P_, ys) if self.decision == "svm" else None
        return [self._codes(xt, np.zeros(len(xt), dtype=bool)) if len(xt) else np.empty(0)]

    def _solve(self, xs: np.ndarray, ys: np.ndarray, xt: np.ndarray, pseudo: np.ndarray | None) -> None:
        """P and b; `pseudo` (n_t,) are the target's labels as far as they are guessed."""
        L = np.eye(len(self.classes_))[ys]
        centre, share = xs.mean(0), L.mean(0)
        X = (xs - centre).T
        M = differences(xs, ys, xt, pseudo)
        energy = float(np.sum(X**2))
        # Without any spread in the source there is nothing to learn, whatever lambda.
        floor = 1e-8 * energy / len(xs) or 1.0
        self.lambda_ = self.kappa * energy / max(float(np.sum(M**2)), floor)
        F = np.hstack([X, np.sqrt(self.lambda_) * M])
        T = np.vstack([L - share, np.zeros((M.shape[1], L.shape[1]))])
        solver = RowSparseLeastSquares(F, T)
        self.mu_ = self.tau * solver.mu_max
        self.P_ = solver.solve(self.mu_, self.tol)
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
    P are renewed in turn until a set of labels comes back, at most 10 times.

    Parameters
    ----------
    preset, tau, kappa, decision, tol, random_state
        As of `DoSL`. lambda is computed anew for each set of pseudo-labels.

    Attributes
    ----------
    rounds_ : int
        How often pseudo-labels were made.
    classes_, P_, b_, features_, lambda_, mu_, target_predictions_, scaler_, svm_
        As of `DoSL`.

    Notes
    -----
    Published: the objective, known to us from texts that cite it. Reconstructed: the intercept, lambda and mu in
    units of the data and their values, the machine that decides, the rule that ends the rounds.
    """

    _by_class: ClassVar[bool] = True


def differences(xs: np.ndarray, ys: np.ndarray, xt: np.ndarray, pseudo: np.ndarray | None) -> np.ndarray:
    """M (d, m): source minus target mean, of all rows and of each class that both have; (d, 0) without a target."""
    if not len(xt):
        return np.empty((xs.shape[1], 0))
    columns = [xs.mean(0) - xt.mean(0)]
    if pseudo is not None:
        columns += [xs[ys == c].mean(0) - xt[pseudo == c].mean(0) for c in np.unique(ys) if (pseudo == c).any()]
    return np.stack(columns, axis=1)
