"""Runs that repeat each other but for their seed, and what they said of each recording. Chapter 4.3."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import contents
from tlmlda_lib.experiments.stream_plans import THREE

Record = Mapping[str, Any]

#: Collections that hold such runs, and the streams that a run of them is asked for by name.
GRIDS: dict[str, tuple[str, ...]] = {"main": (), "leave-one-out": (), "streams": THREE}


@dataclass(frozen=True)
class Kind:
    """A way to train, whatever the scheme: what its records have in common."""

    name: str
    method: str
    preset: str
    transfer: str | None = None  # IFN's; None for methods that have no such choice

    def has(self, record: Record) -> bool:
        """Whether a record is of this kind, and has the streams of its collection in `GRIDS`."""
        if (record["method"], record["preset"]) != (self.method, self.preset):
            return False
        changes = {k: v for k, v in record["overrides"].items() if k != "streams"}
        if changes != ({"transfer": self.transfer} if self.transfer else {}):
            return False
        return record["grid"] in GRIDS and streams_of(record) == GRIDS[record["grid"]]


#: What this chapter asks; late fusion and PCA + SVM draw nothing and run once.
KINDS = {
    "tlmlda": Kind("TLMLDA", "tlmlda", "recommended"),
    "only_cls": Kind("network without transfer", "only_cls", "recommended"),
    "pca_svm": Kind("PCA + SVM", "pca_svm", "zscore"),
    "ifn": Kind("IFN", "ifn", "default"),
    "ifn_tlmlda": Kind("IFN with TLMLDA's transfer", "ifn", "default", "tlmlda"),
    "late_fusion": Kind("late fusion", "late_fusion", "zscore"),
}


@dataclass(frozen=True, eq=False)
class Said:
    """What k runs said of the same n recordings.

    Attributes
    ----------
    predicted : ndarray of shape (k, n), int64
        Codes of the classes at the last epoch.
    confidence : ndarray of shape (k, n), float64, or None
        Probability of that class; None where a run does not hold it.
    truth : ndarray of shape (n,), int64
    speakers : ndarray of shape (n,)
    seeds : tuple of int
    records : tuple of dict
        Those that hold what was said.
    """

    predicted: np.ndarray
    confidence: np.ndarray | None
    truth: np.ndarray
    speakers: np.ndarray
    seeds: tuple[int, ...]
    records: tuple[Record, ...]


def streams_of(record: Record) -> tuple[str, ...]:
    """Names of the streams that a record's options ask for, in order; none where they are the method's own choice."""
    return tuple(sorted(record["overrides"].get("streams", ())))


def runs(records: Iterable[Record], scheme: str, kind: Kind) -> list[Record]:
    """The runs of one kind on one scheme, by seed.

    Where a preset has changed its meaning there are several sets: the one with the most seeds, of these the newest.
    """
    return one_set(r for r in records if r["scheme"] == scheme and kind.has(r))


def one_set(records: Iterable[Record]) -> list[Record]:
    """Of records that differ in seed or in what a preset meant, those of one meaning, by seed."""
    sets: dict[tuple[str, str], list[Record]] = {}
    for r in records:
        sets.setdefault((r["grid"], r["options_digest"]), []).append(r)
    best = max(sets.values(), key=lambda of: (len(of), max(str(r.get("date", "")) for r in of)), default=[])
    return sorted(best, key=lambda r: r["seed"])


def said(repeated: Sequence[Record]) -> Said | None:
    """What runs said, as far as they kept it.

    Parameters
    ----------
    repeated : sequence of dict
        As `runs` gives them.

    Returns
    -------
    Said or None
        Of those runs that hold what they said; None if none does.

    Raises
    ------
    UserError
        If two of them are of other recordings.
    """
    kept = [r for r in repeated if "said" in r]
    if not kept:
        return None
    told = [contents.heard(r) for r in kept]
    _, _, truth, speakers = told[0]
    for record, (_, _, t, s) in zip(kept, told, strict=True):
        if not (np.array_equal(t, truth) and np.array_equal(s, speakers)):
            raise UserError(
                f"{record['scheme']}, {record['method']}: seeds {kept[0]['seed']} and {record['seed']} were tested on "
                "other recordings; run both again on one copy of the corpus"
            )
    confidence = [c for _, c, _, _ in told if c is not None]
    return Said(
        np.stack([p for p, _, _, _ in told]),
        np.stack(confidence) if len(confidence) == len(told) else None,
        truth,
        speakers,
        tuple(r["seed"] for r in kept),
        tuple(kept),
    )


def recognised(repeated: Sequence[Record]) -> tuple[np.ndarray, np.ndarray]:
    """Which recordings each run recognised at its last epoch; every record holds that.

    Parameters
    ----------
    repeated : sequence of dict
        As `runs` gives them, at least one.

    Returns
    -------
    hits : ndarray of shape (k, n), bool
    speakers : ndarray of shape (n,)
    """
    unpacked = [contents.unpack(r, "final") for r in repeated]
    return np.stack([hit for hit, _, _ in unpacked]), unpacked[0][2]
