"""Least squares with a penalty on whole rows, by the alternating direction method of multipliers. Chapter 3.3."""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning

#: Rounds between two looks at the balance of the residuals, and at most in all.
BALANCE, ROUNDS = 10, 2000


def row_norms(P: np.ndarray) -> np.ndarray:
    """Euclidean norm of each row."""
    return np.sqrt(np.einsum("ij,ij->i", P, P))


def shrink_rows(V: np.ndarray, threshold: float) -> np.ndarray:
    """Each row shortened by `threshold`, or 0: the proximal map of ``threshold * sum_i |v_i|``."""
    norms = row_norms(V)
    long = norms > threshold
    factor = np.zeros(len(V))
    factor[long] = 1 - threshold / norms[long]
    return V * factor[:, None]


def objective(P: np.ndarray, F: np.ndarray, T: np.ndarray, mu: float) -> float:
    """``|F'P - T|_F^2 + mu sum_i |p_i|`` of P (d, C)."""
    return float(np.sum((F.T @ P - T) ** 2) + mu * row_norms(P).sum())


def mu_max(F: np.ndarray, T: np.ndarray) -> float:
    """Smallest penalty at which the solution is 0: ``max_i |2 (F T)_i|``."""
    return 2 * float(row_norms(F @ T).max())


class RowSparseLeastSquares:
    """Minimise ``|F'P - T|_F^2 + mu sum_i |p_i|_2`` over P (d, C), p_i being its rows.

    Parameters
    ----------
    F : ndarray of shape (d, m)
        Columns are equations; decomposed once, so that several penalties are solved at the price of one.
    T : ndarray of shape (m, C)

    Notes
    -----
    With A = FF', B = FT and F = U diag(s) V', splitting P = Z and scaled multipliers Y: ::

        P = (A + rho/2 I)^-1 (B + rho/2 (Z - Y)) = (R - U diag(2s^2 / (2s^2 + rho)) U'R) / rho,  R = 2B + rho (Z - Y)
        Z = rows of P + Y, shrunk by mu / rho
        Y = Y + P - Z

    rho begins at the median of 2 s^2 and doubles or halves where one residual is ten times the other. Z is returned:
    its zero rows are exactly 0. Without a penalty the answer is the shortest least-squares solution, and from
    `mu_max` on it is 0; there the iteration would only come near.
    """

    def __init__(self, F: np.ndarray, T: np.ndarray) -> None:
        self.F, self.T = F, T
        self.B = F @ T
        self.mu_max = mu_max(F, T)
        self._U, s, self._Vt = np.linalg.svd(F, full_matrices=False)
        self._s = np.where(s > max(F.shape) * np.finfo(s.dtype).eps * s.max(initial=0), s, 0.0)
        self.rounds_ = 0

    def solve(self, mu: float, tol: float = 1e-6, start: np.ndarray | None = None) -> np.ndarray:
        """The minimiser P (d, C) for a penalty mu >= 0.

        Parameters
        ----------
        mu : float
        tol : float
            Of both residuals, relative to the sizes of P and of the multipliers.
        start : ndarray of shape (d, C), optional
            Where to begin.

        Warns
        -----
        ConvergenceWarning
            After 2000 rounds. ``rounds_`` says how many there were.
        """
        self.rounds_ = 0
        if mu >= self.mu_max:
            return np.zeros_like(self.B)
        if mu == 0:
            kept = self._s > 0
            return self._U[:, kept] @ ((self._Vt[kept] @ self.T) / self._s[kept, None])
        return self._admm(mu, tol, np.zeros_like(self.B) if start is None else start)

    def _admm(self, mu: float, tol: float, Z: np.ndarray) -> np.ndarray:
        B2, U, s2 = 2 * self.B, self._U, 2 * self._s**2
        rho = float(np.median(s2[s2 > 0]))
        low, high = rho * 1e-6, rho * 1e6
        # What counts as nothing where P or Y itself is nearly nothing, just under mu_max.
        force = float(np.linalg.norm(B2))
        small_P, small_Y = 1e-3 * tol * force / (s2.max() + rho), 1e-3 * tol * force
        Y = np.zeros_like(Z)
        for self.rounds_ in range(1, ROUNDS + 1):
            R = B2 + rho * (Z - Y)
            P = (R - U @ ((s2 / (s2 + rho))[:, None] * (U.T @ R))) / rho
            old, Z = Z, shrink_rows(P + Y, mu / rho)
            Y = Y + P - Z
            primal, dual = np.linalg.norm(P - Z), rho * np.linalg.norm(Z - old)
            size_P, size_Y = max(np.linalg.norm(P), np.linalg.norm(Z)), rho * np.linalg.norm(Y)
            if primal <= tol * size_P + small_P and dual <= tol * size_Y + small_Y:
                return Z
            if self.rounds_ % BALANCE == 0:
                relative_primal, relative_dual = primal / (size_P + small_P), dual / (size_Y + small_Y)
                if relative_primal > 10 * relative_dual and rho < high:
                    rho, Y = 2 * rho, Y / 2
                elif relative_dual > 10 * relative_primal and rho > low:
                    rho, Y = rho / 2, 2 * Y
        warnings.warn(
            f"the row-sparse solver did not reach tol={tol:g} in {ROUNDS} rounds (mu={mu:g}): its last P is taken",
            ConvergenceWarning,
            stacklevel=3,
        )
        return Z
