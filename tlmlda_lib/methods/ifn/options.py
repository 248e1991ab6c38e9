"""Every choice of IFN, its presets, and its streams. Chapter 4.1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tlmlda_lib.domains.scaling import WITHIN
from tlmlda_lib.errors import UserError
from tlmlda_lib.features.streams import IS10_PLACES, streams
from tlmlda_lib.methods.ifn.fusion import FUSIONS
from tlmlda_lib.training.options import (
    COUNT,
    FIVE,
    FLAG,
    NOT_NEGATIVE,
    POSITIVE,
    PRINTED,
    RATE,
    check,
    factors,
    settle,
)
from tlmlda_lib.weighting import UPDATES

TRANSFERS = ("none", "tlmlda")


@dataclass(frozen=True)
class IFNOptions:
    """Every choice of a run; all are ours, since only IFN's abstract was available to us. Chapter 4.1."""

    streams: tuple[tuple[str, str], ...] = ()  # name and columns ("0-20 40"); empty: found by `columns_of`
    fusion: str = "attention"  # one of `FUSIONS`
    transfer: str = "none"  # "tlmlda": a decoder on z, MMD and LMMD, five losses dynamically weighted
    hidden: int = 128  # width of a stream's layer
    code: int = 64  # width of a stream's code
    gate: int = 32  # width of the gate
    dropout: float = 0.3  # rate for units
    stream_dropout: float = 0.2  # rate for whole streams of a recording
    stream_loss: float = 0.3  # weight of the mean loss of the streams' own heads
    balance: float = 0.05  # weight of the term that keeps the mean weights from collapsing
    beta: float = 0.5  # exponent of "multiplicative"
    within: str = "corpus"  # z-scores of the corpus, its voices or its speakers
    clip: float = 5.0  # largest z-score
    alpha: Mapping[str, float] = field(default_factory=PRINTED.copy, hash=False)  # a factor for each loss, by name
    update: str = "epoch"  # when the dynamic weights change, as in `LossWeights`
    ramp: bool = False  # the alignment's weight rises from 0, as `tlmlda_lib.training.trainer.alignment_ramp`
    noise_std: float = 0.0  # of the noise on the scaled features, in training
    batch_size: int = 64  # of each domain
    learning_rate: float = 1e-3  # AdamW's
    weight_decay: float = 1e-2  # AdamW's
    epochs: int = 60  # an epoch passes over the longer domain once

    def __post_init__(self) -> None:
        settle(self)
        choices = {"fusion": FUSIONS, "transfer": TRANSFERS, "within": WITHIN, "update": UPDATES}
        for name, known in choices.items():
            if getattr(self, name) not in known:
                raise UserError(f"{name} {getattr(self, name)!r} is not known: use one of {', '.join(known)}")
        check(self, _RANGES)
        object.__setattr__(self, "alpha", factors(self.alpha, FIVE))
        object.__setattr__(self, "streams", tuple((str(name), str(columns)) for name, columns in self.streams))


_RANGES = {
    **dict.fromkeys(("hidden", "code", "gate", "batch_size", "epochs"), COUNT),
    **dict.fromkeys(("dropout", "stream_dropout"), RATE),
    **dict.fromkeys(("stream_loss", "balance", "beta", "weight_decay", "noise_std"), NOT_NEGATIVE),
    **dict.fromkeys(("clip", "learning_rate"), POSITIVE),
    "ramp": FLAG,
}

_DEFAULT = IFNOptions()

#: Result of `tlmlda search ifn` for all other corpora; for each of its own, see
#: `tlmlda_lib.experiments.settings`.
RECOMMENDED = replace(_DEFAULT, transfer="tlmlda", fusion="concat", within="voices", hidden=256, code=128)

PRESETS = {
    "default": _DEFAULT,
    "recommended": RECOMMENDED,
    "quick": replace(_DEFAULT, hidden=32, code=16, gate=8, epochs=30, learning_rate=3e-3),
}


def columns_of(given: Any, names: Sequence[str] | None, width: int) -> dict[str, np.ndarray]:
    """Columns of each stream.

    Parameters
    ----------
    given : mapping, or sequence of pairs, of name and columns; or None
        Columns are indices, also in short form as "21-671 735-1385", or names if the features have them. None: by name,
        as in `tlmlda_lib.features.streams`; without names, 1582 columns are IS10's, further ones "deep", and fewer are
        one stream, "all".
    names : sequence of str or None
        Names of the features.
    width : int
        Number of features.

    Returns
    -------
    dict of str to ndarray of int64
    """
    if given is None:
        if names is not None:
            return streams(names)
        if width < len(IS10_PLACES):
            return {"all": np.arange(width)}
        found = {s: np.flatnonzero(s == IS10_PLACES) for s in ("acoustic", "prosodic")}
        return found | ({"deep": np.arange(len(IS10_PLACES), width)} if width > len(IS10_PLACES) else {})
    place = {name: i for i, name in enumerate(names if names is not None else ())}
    found, owner = {}, dict[int, str]()
    for stream, columns in pairs(given):
        if unknown := [c for c in columns if isinstance(c, str) and c not in place]:
            raise UserError(f"stream {stream!r} names the column {unknown[0]!r}, which the features do not have")
        places = np.array([place[c] if isinstance(c, str) else c for c in columns])
        if not len(places) or not np.issubdtype(places.dtype, np.integer):
            raise UserError(f"stream {stream!r} has the columns {columns!r}: give places or names, at least one")
        if outside := [int(c) for c in places if not 0 <= c < width]:
            raise UserError(f"stream {stream!r} has column {outside[0]}: there are columns 0 to {width - 1}")
        for c in places.tolist():
            if c in owner:
                raise UserError(f"column {c} is in {owner[c]!r} and in {stream!r}: give it to one stream, once")
            owner[c] = stream
        found[stream] = places.astype(np.int64)
    if not found:
        raise UserError("streams= names no stream: leave it out, or name one")
    return found


def pairs(given: Any) -> list[tuple[str, list[Any]]]:
    """Streams in any accepted form, as pairs of name and list of columns.

    Parameters
    ----------
    given : mapping, sequence of pairs, or None
        As in `columns_of`.
    """
    items = given.items() if isinstance(given, Mapping) else given
    try:
        return [
            (str(name), expanded(columns) if isinstance(columns, str) else list(columns)) for name, columns in items
        ]
    except (TypeError, ValueError) as error:
        raise UserError(f"streams={given!r}: give a name and columns for each, as {{'acoustic': [0, 1]}}") from error


def expanded(text: str) -> list[int]:
    """The inverse of `compact` for one stream: "21-23 40" is 21, 22, 23 and 40.

    Parameters
    ----------
    text : str
        Columns in short form.

    Raises
    ------
    ValueError
        If the text has another form.

    Examples
    --------
    >>> expanded("21-23 40")
    [21, 22, 23, 40]
    """
    ends = [[int(end) for end in word.split("-")] for word in text.split()]
    return [place for first, *last in ends for place in range(first, (last or [first])[0] + 1)]


def compact(given: Any) -> tuple[tuple[str, str], ...]:
    """Streams in short form, for records: ``(("acoustic", "21-671 735-1385"), ...)``.

    Parameters
    ----------
    given : mapping of str to ndarray
        Columns of each stream.
    """
    return tuple((name, " ".join(_words(columns))) for name, columns in pairs(given))


def _words(columns: Any) -> list[str]:
    """Columns as text, those that follow each other as "first-last"."""
    places = np.asarray(columns)
    if not places.size or places.dtype.kind not in "iu":
        return [str(c) for c in columns]
    ends = np.flatnonzero(np.diff(places) != 1)
    firsts, lasts = places[[0, *(ends + 1)]].tolist(), places[[*ends, -1]].tolist()
    return [str(a) if a == b else f"{a}-{b}" for a, b in zip(firsts, lasts, strict=True)]
