"""The expected duration of a grid, from earlier records. Chapter 3.4.

Training with epochs costs in proportion to its steps, epochs times batches of the longer domain; without epochs, about
the source's rows to the power 1.3 (PCA + SVM on 408 to 1368 rows).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlmlda_lib import corpora
from tlmlda_lib.domains import schemes
from tlmlda_lib.experiments import provenance
from tlmlda_lib.experiments.plans import Cell

_POWER = 1.3


@dataclass(frozen=True)
class Estimate:
    """Expected duration of each cell.

    Attributes
    ----------
    seconds : tuple of float or None
        Training time in one process; None if no record tells.
    """

    seconds: tuple[float | None, ...]

    @property
    def total(self) -> float:
        """Seconds of all cells that are known."""
        return float(sum(s for s in self.seconds if s is not None))

    @property
    def unknown(self) -> int:
        """Number of cells without an estimate."""
        return sum(s is None for s in self.seconds)

    def wall(self, jobs: int) -> float:
        """Wall-clock seconds on several processes, the first free one taking the next cell.

        Parameters
        ----------
        jobs : int
            Number of processes.
        """
        ends = [0.0] * jobs
        for s in self.seconds:
            ends[ends.index(min(ends))] += s or 0.0
        return max(ends)


def estimate(cells: Sequence[Cell], records: Iterable[Mapping[str, Any]], threads: int = 1) -> Estimate:
    """Expected duration of each cell.

    Parameters
    ----------
    cells : sequence of Cell
    records : iterable of dict
        Earlier records. Records with this kind of processor and number of threads are preferred; then those with the
        same method, preset and options, otherwise the same method and preset, otherwise any method with the same
        preset; of these the same scheme, otherwise the most similar work.
    threads : int

    Returns
    -------
    Estimate
    """
    known = [_Past.of(r) for r in records if "counts" in r]  # pictures and stress have none: their work differs
    here = [p for p in known if p.machine == (provenance.machine()["processor"], threads)]
    known = here or known
    sizes = {p.scheme: p.sizes for p in known}
    found: dict[tuple[Any, ...], float | None] = {}
    for cell in cells:
        key = _without_seed(cell)
        if key not in found:
            found[key] = _seconds(cell, known, sizes.get(cell.scheme) or published_sizes(cell.scheme))
    return Estimate(tuple(found[_without_seed(cell)] for cell in cells))


def published_sizes(scheme: str) -> tuple[int, int] | None:
    """Rows of source and target according to Table 2; None for schemes of three corpora.

    Parameters
    ----------
    scheme : str
        As "C2B".
    """
    one = schemes.parse(scheme)
    for pair, (_, sizes) in corpora.TABLE_2.items():
        if sorted(pair) == sorted(one.corpora) and not one.part:
            size = dict(zip(pair, sizes, strict=True))
            return size[one.sources[0]], size[one.target]
    return None


def work(params: Mapping[str, Any], sizes: tuple[int, int]) -> float:
    """What seconds are in proportion to.

    Parameters
    ----------
    params : dict
        Options of the method.
    sizes : (int, int)
        Rows of source and target.
    """
    n_s, n_t = sizes
    if {"epochs", "batch_size"} <= set(params):
        longer, batch = max(n_s, n_t), params["batch_size"]
        steps = max(longer // batch, 1) if params.get("drop_last") else math.ceil(longer / batch)
        return float(params["epochs"] * steps)
    return float(n_s**_POWER)


@dataclass(frozen=True)
class _Past:
    """What a record says about time."""

    scheme: str
    method: str
    preset: str
    params: Mapping[str, Any]
    rest: Mapping[str, Any]  # the options that change the cost of a step
    sizes: tuple[int, int]
    seconds: float
    machine: tuple[Any, int]

    @classmethod
    def of(cls, r: Mapping[str, Any]) -> _Past:
        n_s, n_t = (sum(r["counts"][domain].values()) for domain in ("source", "target"))
        where = (r["machine"]["processor"], r["threads"])
        rest = _comparable(r["params"])
        return cls(r["scheme"], r["method"], r["preset"], r["params"], rest, (n_s, n_t), r["seconds"], where)


def _seconds(cell: Cell, known: Sequence[_Past], sizes: tuple[int, int] | None) -> float | None:
    if sizes is None:
        return None
    params, names = cell.described()
    rest = _comparable(params)
    epochs = "epochs" in params
    like = [p for p in known if p.preset == names["preset"] and ("epochs" in p.params) == epochs]
    own = [p for p in like if p.method == cell.method]
    exact = [p for p in own if p.rest == rest]
    fitting = exact or own or (like if epochs else [])
    if not fitting:
        return None
    fitting = [p for p in fitting if p.scheme == cell.scheme] or fitting
    amount = work(params, sizes)
    away = [abs(math.log(amount / work(p.params, p.sizes))) for p in fitting]
    nearest = [p.seconds / work(p.params, p.sizes) for p, a in zip(fitting, away, strict=True) if a <= min(away) + 1e-9]
    return amount * float(np.median(nearest))


def _comparable(params: Mapping[str, Any]) -> dict[str, Any]:
    """Options that change the cost of a step; lists and tuples are one."""
    plain = {k: list(v) if isinstance(v, tuple) else v for k, v in params.items()}
    return {k: v for k, v in plain.items() if k not in ("epochs", "alpha")}


def _without_seed(cell: Cell) -> tuple[Any, ...]:
    return cell.scheme, cell.method, cell.preset, repr(sorted(cell.params.items()))
