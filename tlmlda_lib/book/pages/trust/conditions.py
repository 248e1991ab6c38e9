"""Attention by telephone, in noise and in a room, and the effect of leaving a stream out.

Read from the records of `tlmlda_lib.experiments.stressed`. Each seed has its number, a mean over schemes; `moves` asks
what changed, for all conditions at once. Chapter 4.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlmlda_lib import corpora, domains
from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.traced import Figure, Spanned
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import bootstrap
from tlmlda_lib.experiments import policy, stress, stressed

#: Conditions, and what tables call them.
WORDS = {
    "studio": "as recorded",
    "telephone": "telephone",
    "noise20": "noise, 20 dB",
    "noise10": "noise, 10 dB",
    "noise0": "noise, 0 dB",
    "room": "room",
}

#: What the other conditions are compared with.
CLEAN = "studio"

Files = Mapping[str, Mapping[str, Any]]
Of = Callable[[Mapping[str, Any], Mapping[str, Any]], Any]


def streams(files: Files) -> tuple[str, ...]:
    """The streams that the networks of all files joined.

    Parameters
    ----------
    files : dict
        As `tlmlda_lib.experiments.stressed.read` gives them.

    Raises
    ------
    UserError
        If files differ in them.
    """
    found = {tuple(one["streams"]) for one in files.values()}
    if len(found) > 1:
        names = "; ".join(f"{scheme} has {', '.join(one['streams'])}" for scheme, one in files.items())
        raise UserError(f"the records of {stressed.GRID} are of different streams: {names}")
    return found.pop() if found else ()


def attention(files: Files, stream: str, recording: str, transfer: str = "none") -> Figure:
    """A stream's mean weight in percent.

    Parameters
    ----------
    files : dict
        As `tlmlda_lib.experiments.stressed.read` gives them.
    stream : str
    recording : str
        A key of `WORDS`.
    transfer : {"none", "tlmlda"}

    Returns
    -------
    Figure
        Mean over recordings, then schemes, then seeds; its interval is over seeds. "not run" where there is no file.

    Raises
    ------
    UserError
        If a name is not known.
    """
    _check(files, recording, transfer, stream)

    def of(one: Mapping[str, Any], told: Mapping[str, Any]) -> np.ndarray:
        return 100 * told["attention"][:, :, list(one["streams"]).index(stream)].mean(1)

    return _figure(files, of, recording, transfer, f"attention of {stream}")


def war(files: Files, recording: str, transfer: str = "none") -> Figure:
    """WAR in percent; parameters and what it gives as in `attention`.

    Parameters
    ----------
    files : Files
        As from `read`.
    recording : str
        Recording condition.
    transfer : {"none", "tlmlda"}
        Variant of IFN.
    """
    _check(files, recording, transfer)
    return _figure(files, lambda one, told: _war(one, told["predicted"]), recording, transfer, "war")


def without(files: Files, stream: str, recording: str, transfer: str = "none") -> Figure:
    """Change of WAR in points when a stream is missing; below 0 the stream was useful. As in `attention`.

    Parameters
    ----------
    files : Files
        As from `read`.
    stream : str
        Name of the stream.
    recording : str
        Recording condition.
    transfer : {"none", "tlmlda"}
        Variant of IFN.
    """
    _check(files, recording, transfer, stream)

    def of(one: Mapping[str, Any], told: Mapping[str, Any]) -> np.ndarray:
        return _war(one, told["without"][stream]) - _war(one, told["predicted"])

    return _figure(files, of, recording, transfer, f"war without {stream} minus war", signed=True)


def shift(files: Files, stream: str, recording: str, transfer: str = "none") -> Figure:
    """By how many points a stream's mean weight differs from that under `CLEAN`; as in `attention`.

    Parameters
    ----------
    files : Files
        As from `read`.
    stream : str
        Name of the stream.
    recording : str
        Recording condition.
    transfer : {"none", "tlmlda"}
        Variant of IFN.
    """
    now, before = (attention(files, stream, r, transfer) for r in (recording, CLEAN))
    return _difference(now, before)


def change(files: Files, stream: str, recording: str, transfer: str = "none") -> Figure:
    """By how many points `without` differs from that under `CLEAN`: above 0, the stream has become less useful.

    Parameters
    ----------
    files : Files
        As from `read`.
    stream : str
        Name of the stream.
    recording : str
        Recording condition.
    transfer : {"none", "tlmlda"}
        Variant of IFN.
    """
    now, before = (without(files, stream, r, transfer) for r in (recording, CLEAN))
    return _difference(now, before)


@dataclass(frozen=True)
class Move:
    """What attention did about one stream under one condition.

    Attributes
    ----------
    stream, recording, transfer : str
    shift, change : Spanned
        As `shift` and `change` give them, with the 95 % interval over speakers, recordings and seeds in place of that
        over seeds, and p corrected for all that `moves` asks.
    """

    stream: str
    recording: str
    transfer: str
    shift: Spanned
    change: Spanned


def moves(files: Files, *, draws: int = 4000) -> list[Move]:
    """Change of each stream's weight and usefulness under every condition except `CLEAN`, without and with transfer.

    Parameters
    ----------
    files : dict
        As `tlmlda_lib.experiments.stressed.read` gives them.
    draws : int
        Of the hierarchical bootstrap, as in `tlmlda_lib.experiments.policy.ask`.

    Returns
    -------
    list of Move
        Attention that shifts away from the stream that suffers has a `Move.shift` below 0 where `Move.change` is above
        0. p is corrected for all numbers of the list.
    """
    asked = [(s, r, t) for t in stress.VARIANTS for s in streams(files) for r in WORDS if r != CLEAN]
    found = [_answered(files, *cell, of, draws) for cell in asked for of in (_weight, _use)]
    corrected = bootstrap.holm([p for _, p in found])
    # The values, and the records behind them, are those of `shift` and `change`.
    values = [of(files, *cell) for cell in asked for of in (shift, change)]
    spanned = [
        Spanned(v.value, records=v.records, what=v.what, signed=True, span=span, p=p)
        for v, (span, _), p in zip(values, found, corrected, strict=True)
    ]
    pairs = zip(spanned[::2], spanned[1::2], strict=True)
    return [Move(*cell, *pair) for cell, pair in zip(asked, pairs, strict=True)]


def verdict(moved: Spanned) -> int:
    """The sign of a number whose corrected p is below 5 %, else 0.

    Parameters
    ----------
    moved : Spanned
        The number with its p-value.
    """
    return {"better": 1, "worse": -1, "open": 0}[policy.verdict(moved.value, moved.p)]


def _answered(
    files: Files, stream: str, recording: str, transfer: str, of: Callable[..., np.ndarray], draws: int
) -> tuple[tuple[float, float], float]:
    """Interval and p of a condition's effect, by a bootstrap over speakers, their recordings and seeds."""
    hits = {}
    for scheme, one in files.items():
        told, subset = one["conditions"][transfer], one["subset"]
        moved = of(one, told[recording], stream) - of(one, told[CLEAN], stream)
        who, truth = one["speakers"][subset], one["truth"][subset]
        target = corpora.short(domains.schemes.parse(scheme).target)
        names = [(f"{target}/{w}", str(c), int(i)) for w, c, i in zip(who, truth, subset, strict=True)]
        hits[scheme] = bootstrap.Hits(moved, names)
    found, _ = bootstrap.differences(hits, draws=draws)
    return (found.low, found.high), found.p


def _weight(one: Mapping[str, Any], told: Mapping[str, Any], stream: str) -> np.ndarray:
    """Of each seed and recording, as shares."""
    return np.asarray(told["attention"][:, :, list(one["streams"]).index(stream)])


def _use(one: Mapping[str, Any], told: Mapping[str, Any], stream: str) -> np.ndarray:
    """Of each seed and recording: 1 only right without the stream, -1 only right with it, 0 both or neither."""
    truth = one["truth"][one["subset"]]
    return (told["without"][stream] == truth).astype(float) - (told["predicted"] == truth)


def rank_agreement(files: Files, transfer: str = "none") -> Figure:
    """Spearman's correlation of a stream's mean weight and what leaving it out costs, over all cells, each seed.

    Cells are schemes, conditions and streams; with each scheme and condition the streams are ranked among themselves,
    and the correlations are averaged. 1 if attention were importance.

    Parameters
    ----------
    files : Files
        As from `read`.
    transfer : {"none", "tlmlda"}
        Variant of IFN.

    Returns
    -------
    Figure
        "not run" where there is no file, or fewer than two streams.
    """
    _check(files, CLEAN, transfer)
    if len(streams(files)) < 2:
        return Figure(float("nan"))

    def of(one: Mapping[str, Any], told: Mapping[str, Any]) -> np.ndarray:
        weights = told["attention"].mean(1)
        costs = np.stack([_war(one, told["predicted"]) - _war(one, told["without"][s]) for s in one["streams"]], 1)
        # Equal means and equal losses come from unlike sums: without rounding, a last bit would rank them.
        return np.array([_spearman(w, c) for w, c in zip(weights.round(9), costs.round(9), strict=True)])

    each = [_figure(files, of, r, transfer, "") for r in WORDS]
    by_seed = {k: float(np.mean([dict(f.by_seed)[k] for f in each])) for k in dict(each[0].by_seed)}
    return traced.over_seeds(by_seed, each[0].records, f"rank agreement, {transfer}", signed=True)


def _war(one: Mapping[str, Any], predicted: np.ndarray) -> np.ndarray:
    """Of each seed, in percent."""
    return 100 * (predicted == one["truth"][one["subset"]]).mean(1)


def _spearman(a: np.ndarray, b: np.ndarray) -> float:
    """0 if all are equal, since there is then no ranking."""
    from scipy.stats import rankdata

    x, y = rankdata(a), rankdata(b)
    return float(np.corrcoef(x, y)[0, 1]) if np.ptp(x) and np.ptp(y) else 0.0


def _figure(files: Files, of: Of, recording: str, transfer: str, what: str, *, signed: bool = False) -> Figure:
    return over_schemes(files, of, recording, transfer, f"{what} under {recording}, {transfer}", signed=signed)


def over_schemes(files: Files, of: Of, recording: str, transfer: str, what: str, *, signed: bool = False) -> Figure:
    """Any number of each seed under a condition: mean over the schemes, with its interval over seeds.

    Parameters
    ----------
    files : dict
        As `tlmlda_lib.experiments.stressed.read` gives them.
    of : callable
        From a file and what it tells of the condition to a number of each seed.
    recording, transfer : str
    what : str
        Words for `Figure.what`.
    signed : bool
    """
    by_scheme = [of(one, one["conditions"][transfer][recording]) for one in files.values()]
    seeds = min((len(x) for x in by_scheme), default=0)
    by_seed = {k: float(np.mean([x[k] for x in by_scheme])) for k in range(seeds)}
    places = [place for one in files.values() for place in one["places"][transfer]]
    return traced.over_seeds(by_seed, places, what, signed=signed)


def _difference(now: Figure, before: Figure) -> Figure:
    by_seed = {k: v - dict(before.by_seed)[k] for k, v in now.by_seed}
    return traced.over_seeds(by_seed, now.records, f"{now.what} less {before.what}", signed=True)


def _check(files: Files, recording: str, transfer: str, stream: str | None = None) -> None:
    known: Sequence[tuple[str, str | None, Sequence[str]]] = (
        ("recording", recording, tuple(WORDS)),
        ("transfer", transfer, tuple(stress.VARIANTS)),
        ("stream", stream, streams(files) or (stream or "",)),
    )
    for what, value, names in known:
        if value is not None and value not in names:
            raise UserError(f"{what} {value!r} is not known: use one of {', '.join(names)}")
