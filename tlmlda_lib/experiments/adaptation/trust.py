"""How often such an answer was right where the right one was known, from the records. Chapter 3.5."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tlmlda_lib.domains import OPEN_SCHEMES, schemes
from tlmlda_lib.experiments import contents, feature_scores, query, shipped
from tlmlda_lib.experiments.adaptation.networks import ALIGNED, PLAIN

Record = Mapping[str, Any]

#: Collections that are searched for runs with the same features, and the beginning of their presets' names.
_WHERE = ((feature_scores.GRID, "recommended-without-"), ("main", "recommended-is10"))


@dataclass(frozen=True)
class Tried:
    """What came out on pairs of corpora whose labels are known, with the same features.

    Attributes
    ----------
    right : dict of str to float
        Share of recordings whose emotion was recognised by the aligned networks, by scheme.
    sure : float
        Share of all recordings on which all networks agreed.
    right_sure, right_unsure : float
        Share recognised of those, and of the others.
    chance : float
        Share that guessing evenly would recognise.
    lopsided : (float, float), optional
        Mean share recognised with and without transfer where 70 % of the target had one emotion.
    """

    right: dict[str, float]
    sure: float
    right_sure: float
    right_unsure: float
    chance: float
    lopsided: tuple[float, float] | None = None

    @property
    def emotions(self) -> int:
        """Number of emotions that were told apart, the same in every scheme."""
        return round(1 / self.chance)

    @property
    def mean(self) -> float:
        """Mean over the schemes."""
        return float(np.mean([*self.right.values()]))


def named(aligned: NDArray[np.int64], plain: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The emotion that most aligned networks name, and whether all of them do, and most plain networks too.

    Parameters
    ----------
    aligned, plain : ndarray of shape (seeds, n), int64
        Codes that each network names.

    Returns
    -------
    codes : ndarray of shape (n,), int64
        Of several that are named equally often, the first.
    sure : ndarray of shape (n,), bool
    """
    codes = _most(aligned)
    return codes, (aligned == codes).all(0) & (_most(plain) == codes)


def _most(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    counts = np.stack([(codes == c).sum(0) for c in range(int(codes.max()) + 1)])
    return counts.argmax(0)


def tried(features: Sequence[str], seeds: int = 3, records: Iterable[Record] | None = None) -> Tried | None:
    """What the records say of these features; None where no record has them. Chapter 3.5.

    Parameters
    ----------
    features : sequence of str
        Names of the feature sets.
    seeds : int
        Networks of each kind; records of fewer seeds are taken as they are.
    records : iterable of dict, optional
        By default those that came with the library.
    """
    for grid, preset in _WHERE:
        kept = [
            r
            for r in (shipped.records(grid) if records is None else records)
            if r["grid"] == grid and r["preset"].startswith(preset) and not r["overrides"]
            if tuple(r["data"]["features"]) == tuple(features) and r["seed"] < seeds and "said" in r
        ]
        by_scheme = {s: _of_scheme([r for r in kept if r["scheme"] == s]) for s in OPEN_SCHEMES}
        if all(by_scheme.values()):
            whole = _together({s: one for s, one in by_scheme.items() if one is not None})
            return replace(whole, lopsided=_lopsided(kept))
    return None


def _lopsided(records: Sequence[Record]) -> tuple[float, float] | None:
    """Means over the targets of mostly one emotion that were run both ways; None where there are none."""
    found: dict[str, dict[str, list[float]]] = {}
    for r in query.selected(r for r in records if f"-{schemes.MOSTLY}" in r["scheme"]):
        found.setdefault(r["scheme"], {}).setdefault(r["method"], []).append(r["rules"]["final"]["war"] / 100)
    both = [[np.mean(own[ALIGNED]), np.mean(own[PLAIN])] for own in found.values() if {ALIGNED, PLAIN} <= set(own)]
    if not both:
        return None
    aligned, plain = np.mean(both, axis=0)
    return float(aligned), float(plain)


def _of_scheme(records: Sequence[Record]) -> tuple[NDArray[np.bool_], NDArray[np.bool_], int] | None:
    """Which recordings were right and which sure, and the number of classes."""
    own = {name: query.selected(r for r in records if r["method"] == name) for name in (ALIGNED, PLAIN)}
    if not all(own.values()):
        return None
    truth = contents.truth_of(own[ALIGNED][0])
    said = [np.stack([contents.heard(r)[0] for r in runs]) for runs in own.values()]
    codes, sure = named(*said)
    return codes == truth, sure, len(own[ALIGNED][0]["classes"])


def _together(of: Mapping[str, tuple[NDArray[np.bool_], NDArray[np.bool_], int]]) -> Tried:
    """Every scheme counts the same."""
    every = [
        (right.mean(), sure.mean(), right[sure].mean(), right[~sure].mean(), 1 / n) for right, sure, n in of.values()
    ]
    _, sure, right_sure, right_unsure, chance = np.nanmean(every, axis=0)
    shares = {scheme: float(right.mean()) for scheme, (right, _, _) in of.items()}
    return Tried(shares, float(sure), float(right_sure), float(right_unsure), float(chance))
