"""Calibration of IFN's confidence, on clean recordings and by telephone, in noise, in a room. Chapter 4.3."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from tlmlda_lib import corpora, domains
from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.reproducibility import repeats
from tlmlda_lib.book.pages.reproducibility.repeats import Kind, Record
from tlmlda_lib.book.pages.trust import conditions
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import bootstrap
from tlmlda_lib.evaluation.agreement import Calibration, calibration_of
from tlmlda_lib.experiments import query
from tlmlda_lib.experiments.stress import RECORDINGS, VARIANTS

#: What is asked of stated confidence, in the words of a table; all in percent.
ASKED = {
    "stated": "says",
    "right": "is right",
    "ece": "calibration error",
    "sure": "errors that are sure",
}

#: An error is sure of itself from this confidence on.
SURE = 0.9

CONDITIONS = {
    "studio": "as recorded",
    "telephone": "by telephone",
    "noise20": "noise 20 dB below speech",
    "noise10": "noise 10 dB below speech",
    "noise0": "noise as loud as speech",
    "room": "in a room",
}


def asked_of(right: np.ndarray, confidence: np.ndarray) -> dict[str, float]:
    """Calibration of one run's confidence.

    Parameters
    ----------
    right : ndarray of shape (n,), bool
    confidence : ndarray of shape (n,), float64

    Returns
    -------
    dict of str to float
        By the keys of `ASKED`, percent: mean confidence, accuracy, expected calibration error, and the share of the
        errors whose confidence is at least `SURE` (0 if there is no error).
    """
    errors = confidence[~right]
    return {
        "stated": 100 * float(confidence.mean()),
        "right": 100 * float(right.mean()),
        "ece": calibration_of(right, confidence).ece,
        "sure": 100 * float((errors >= SURE).mean()) if len(errors) else 0.0,
    }


def calibrated(records: Iterable[Record], scheme: str, kind: Kind) -> dict[str, traced.Figure]:
    """Calibration of one cell's confidence: means over its runs, by the keys of `ASKED`; "not run" without it.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    scheme : str
        As "C2B".
    kind : Kind
        What was run.
    """
    told = repeats.said(query.runs(records, kind, scheme))
    if told is None or told.confidence is None:
        return {key: traced.Figure(float("nan"), what=_what(key)) for key in ASKED}
    each = {
        seed: asked_of(predicted == told.truth, confidence)
        for seed, predicted, confidence in zip(told.seeds, told.predicted, told.confidence, strict=True)
    }
    places = [traced.place(r) for r in told.records]
    return {key: traced.over_seeds({seed: one[key] for seed, one in each.items()}, places, _what(key)) for key in ASKED}


def calibrated_over(records: Iterable[Record], schemes: Sequence[str], kind: Kind) -> dict[str, traced.Figure]:
    """The same, mean over schemes and then over the seeds that all of them have; "not run" where a scheme lacks it.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    schemes : sequence of str
        As ("B2C", "C2B").
    kind : Kind
        What was run.
    """
    kept = list(records)
    cells = [calibrated(kept, scheme, kind) for scheme in schemes]
    return {key: traced.mean_over([c[key] for c in cells]) for key in ASKED}


def curve(records: Iterable[Record], schemes: Sequence[str], kind: Kind) -> Calibration | None:
    """The reliability curve over all runs of these schemes together, or None if none kept its confidence.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    schemes : sequence of str
        As ("B2C", "C2B").
    kind : Kind
        What was run.
    """
    right, confidence = [], []
    records = list(records)
    for scheme in schemes:
        told = repeats.said(query.runs(records, kind, scheme))
        if told is not None and told.confidence is not None:
            right.append((told.predicted == told.truth).ravel())
            confidence.append(told.confidence.ravel())
    return calibration_of(np.concatenate(right), np.concatenate(confidence)) if right else None


# Recording conditions: the records of `tlmlda stress`


def under(
    stress: Mapping[str, Mapping[str, Any]], recording: str, asked: str = "right", variant: str = "none"
) -> traced.Figure:
    """A number of IFN under a recording condition: mean over the schemes, with its interval over the seeds.

    Parameters
    ----------
    stress : dict
        As `tlmlda_lib.experiments.stressed.read` gives it, of any schemes.
    recording : str
        One of `tlmlda_lib.experiments.stress.RECORDINGS`.
    asked : str
        A key of `ASKED`; "right" is WAR. Or "uar".
    variant : {"none", "tlmlda"}
        IFN's transfer.

    Returns
    -------
    Figure
        Its ``minus`` is the difference seed by seed.

    Raises
    ------
    UserError
        If a name is not known.
    """
    if recording not in RECORDINGS or asked not in (*ASKED, "uar") or variant not in VARIANTS:
        raise UserError(
            f"recording {recording!r}, asked {asked!r} or variant {variant!r} is not known: use "
            f"{', '.join(RECORDINGS)}; {', '.join(ASKED)}, uar; {', '.join(VARIANTS)}"
        )

    def of(content: Mapping[str, Any], told: Mapping[str, Any]) -> list[float]:
        truth = content["truth"][content["subset"]]
        right = told["predicted"] == truth
        if asked == "uar":
            return [100 * float(np.mean([run[truth == c].mean() for c in np.unique(truth)])) for run in right]
        return [asked_of(*run)[asked] for run in zip(right, told["confidence"], strict=True)]

    return conditions.over_schemes(stress, of, recording, variant, f"stress {variant} {recording}: {asked}")


def lost(stress: Mapping[str, Mapping[str, Any]], *, draws: int = 4000) -> dict[tuple[str, str], traced.Spanned]:
    """What every condition costs IFN against the same recordings as they were, points of WAR.

    Parameters
    ----------
    stress : dict
        As `tlmlda_lib.experiments.stressed.read` gives it.
    draws : int
        Of the hierarchical bootstrap.

    Returns
    -------
    dict of (str, str) to Spanned
        By transfer and recording: mean over the schemes, the 95 % interval over speakers, recordings and seeds, and p
        after Holm's correction for all of them.
    """
    asked = [(v, r) for v in VARIANTS for r in RECORDINGS if r != "studio"]
    if not stress:
        return {key: traced.Spanned(float("nan"), signed=True) for key in asked}
    found = [bootstrap.differences({s: _hits(s, c, *key) for s, c in stress.items()}, draws=draws)[0] for key in asked]
    made = {}
    for (variant, recording), d, p in zip(asked, found, bootstrap.holm([d.p for d in found]), strict=True):
        what = " minus ".join(f"stress {variant} {r}: right" for r in (recording, "studio"))
        places = tuple(place for content in stress.values() for place in content["places"][variant])
        made[variant, recording] = traced.Spanned(
            d.value, records=places, what=what, signed=True, span=(d.low, d.high), p=p
        )
    return made


def _hits(scheme: str, content: Mapping[str, Any], variant: str, recording: str) -> bootstrap.Hits:
    """What is recognised under a condition and not as recorded, and the other way round."""
    of, rows = content["conditions"][variant], content["subset"]
    truth, target = content["truth"], corpora.short(domains.schemes.parse(scheme).target)
    hits = [(of[r]["predicted"] == truth[rows]).astype(np.int8) for r in (recording, "studio")]
    seen: Counter[tuple[str, str]] = Counter()  # a recording has one name in all schemes of its corpus
    names = []
    for i in rows:
        speaker, emotion = f"{target}/{content['speakers'][i]}", content["classes"][truth[i]]
        names.append((speaker, emotion, seen[speaker, emotion]))
        seen[speaker, emotion] += 1
    return bootstrap.Hits(hits[0] - hits[1], names)


def under_curve(stress: Mapping[str, Mapping[str, Any]], recording: str, variant: str = "none") -> Calibration | None:
    """The reliability curve under a condition, over all schemes and seeds together, or None without records.

    Parameters
    ----------
    stress : mapping
        As from `tlmlda_lib.experiments.stressed.read`.
    recording : str
        Recording condition.
    variant : {"none", "tlmlda"}
        Variant of IFN.
    """
    right, confidence = [], []
    for content in stress.values():
        one = content["conditions"][variant][recording]
        right.append((one["predicted"] == content["truth"][content["subset"]]).ravel())
        confidence.append(one["confidence"].ravel())
    return calibration_of(np.concatenate(right), np.concatenate(confidence)) if right else None


def _what(key: str) -> str:
    return f"calibration: {key}"
