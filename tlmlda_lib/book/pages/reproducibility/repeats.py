"""Runs that repeat each other but for their seed, and what they said of each recording. Chapter 4.3."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.streams import alone
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import contents, policy, query, stream_plans
from tlmlda_lib.experiments.stream_plans import THREE

Record = Mapping[str, Any]

#: Collections that hold such runs.
GRIDS = ("main", "leave-one-out", "streams")


@dataclass(frozen=True)
class Kind(query.Kind):
    """A way to train that may join streams.

    Attributes
    ----------
    streams : tuple of str
        Keys of `tlmlda_lib.experiments.stream_plans.STREAMS`; none where the method joins no streams.
    """

    grids: tuple[str, ...] = GRIDS
    streams: tuple[str, ...] = ()

    def overrides(self, grid: str) -> dict[str, Any] | None:
        """Every option of its runs in a collection that differs from the preset's; None where it has none there.

        What joins streams is in "streams", where a run names them, and in "leave-one-out", where the method finds those
        of `stream_plans.THREE` by itself; all else is in "main" and "leave-one-out".
        """
        if grid == "streams":
            return {**_asked_for(self.streams), **self.changes} if self.streams else None
        known = (grid == "leave-one-out" and self.streams in ((), THREE)) or (grid == "main" and not self.streams)
        return dict(self.changes) if known else None


@cache
def _asked_for(streams: tuple[str, ...]) -> dict[str, Any]:
    """Options by which a run names its streams."""
    return stream_plans.of(streams)[1]


#: What this chapter asks; late fusion and PCA + SVM draw nothing and run once.
KINDS = {
    "tlmlda": Kind("tlmlda", "recommended-is10", name="TLMLDA"),
    "only_cls": Kind("only_cls", "recommended-is10", name="network without transfer"),
    "pca_svm": Kind("pca_svm", "zscore", name="PCA + SVM"),
    "ifn": Kind("ifn", "default", name="IFN", streams=THREE),
    "ifn_tlmlda": Kind("ifn", "default", {"transfer": "tlmlda"}, name="IFN with TLMLDA's transfer", streams=THREE),
    "late_fusion": Kind("late_fusion", "zscore", name="late fusion", streams=THREE),
}

#: What else has kept its confidence: IFN's network on one stream, and what the search has found.
BESIDE = {
    **{
        name: Kind("ifn", "default", name=f"{alone.NAMES[name]} alone", streams=(name,))
        for name in stream_plans.STREAMS
    },
    "recommended": Kind(
        "ifn", "recommended", name="IFN as recommended, four streams", streams=tuple(stream_plans.STREAMS)
    ),
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
    """Names of the streams in a record's options, in order; none if they are the method's default.

    Parameters
    ----------
    record : Record
        A record.
    """
    return tuple(sorted(record["overrides"].get("streams", ())))


def scored(records: Iterable[Record], scheme: str, kind: Kind, metric: str = "war") -> traced.Figure:
    """The score of a kind on a scheme by `policy.score`, mean over the seeds; "not run" without runs.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    scheme : str
        As "C2B".
    kind : Kind
        What was run.
    metric : {"war", "uar"}
        The score.
    """
    repeated = query.runs(records, kind, scheme)
    by_seed = {int(r["seed"]): policy.score(r, metric) for r in repeated}
    return traced.over_seeds(by_seed, [traced.place(r) for r in repeated], f"score {metric}")


def scored_over(records: Iterable[Record], schemes: Sequence[str], kind: Kind, metric: str = "war") -> traced.Figure:
    """The same, mean over schemes and then over the seeds that all of them have.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    schemes : sequence of str
        As ("B2C", "C2B").
    kind : Kind
        What was run.
    metric : {"war", "uar"}
        The score.
    """
    kept = list(records)
    return traced.mean_over([scored(kept, s, kind, metric) for s in schemes])


def ask(
    questions: Mapping[str, policy.Question], *, metric: str = "war", draws: int = 4000
) -> dict[str, policy.Answer]:
    """`tlmlda_lib.experiments.policy.ask`, also for two schemes with one target: what does another source add?

    Parameters
    ----------
    questions, metric, draws
        As there; where each side is of one scheme, the two are paired whatever their names.

    Returns
    -------
    dict of str to Answer
        Their records are those that were given.

    Raises
    ------
    UserError
        If the two schemes do not have the same recordings in their target.
    """
    given: dict[int, Record] = {}
    asked: dict[str, policy.Question] = {}
    for name, (first, second) in questions.items():
        one: list[Record] = list(first)
        other: list[Record] = list(second)
        schemes = [{r["scheme"] for r in side} for side in (one, other)]
        if [len(of) for of in schemes] == [1, 1] and schemes[0] != schemes[1]:
            renamed: list[Record] = [{**r, "scheme": one[0]["scheme"]} for r in other]
            given |= {id(new): old for new, old in zip(renamed, other, strict=True)}
            other = renamed
        asked[name] = (one, other)
    return {
        name: replace(
            answer,
            records=tuple(given.get(id(r), r) for r in answer.records),
            second=tuple(given.get(id(r), r) for r in answer.second),
        )
        for name, answer in policy.ask(asked, metric=metric, draws=draws).items()
    }


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
