"""How often a few seeds rank methods as all seeds do, from records. Chapter 4.3."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np

from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.reproducibility.repeats import KINDS, Kind, Record
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import policy, published, query, stream_plans
from tlmlda_lib.experiments.plans import TABLE_3
from tlmlda_lib.methods.ifn.fusion import FUSIONS

#: Seeds of a method that a page holds, and the most that are drawn of them.
MOST_SEEDS, MOST_DRAWN = 5, 20

#: Methods that make a ranking.
FEWEST = 3

#: Methods that are ranked together, in words.
SETS = {
    "parts": "TLMLDA and its parts",
    "methods": "TLMLDA and IFN (three streams)",
    "streams": "IFN without transfer, by its streams",
    "fusions": "IFN (four streams), by its fusion",
}

MEAN = "mean"


@dataclass(frozen=True)
class Held:
    """How often the ranking by k drawn seeds is that of all seeds.

    Attributes
    ----------
    order, winner : float
        Share of the draws, from 0 to 1, in which the whole order is that of all seeds, or the first is. Where two are
        equal in a draw, it does not speak against the order of all seeds.
    """

    order: float
    winner: float


def order(totals: Any) -> list[int]:
    """Places of the methods, best first; of equal ones the earlier.

    Parameters
    ----------
    totals : array-like of shape (m,)
    """
    values = np.asarray(totals)
    return sorted(range(len(values)), key=lambda i: (-values[i], i))


def held(units: Any, k: int) -> Held:
    """How often k seeds, drawn with replacement, rank as all of them do; counted, not simulated. Chapter 4.3.

    Parameters
    ----------
    units : array-like of shape (m, seeds), int
        What each seed gave each method. A seed that is drawn is drawn for all methods.
    k : int

    Returns
    -------
    Held

    Raises
    ------
    UserError
        If there are fewer than two methods, or the number of draws is 0.
    """
    x = np.asarray(units, dtype=np.int64)
    if x.ndim != 2 or len(x) < 2 or not x.shape[1] or k < 1:
        raise UserError(f"units of shape {x.shape} and k={k}: two methods, a seed and a draw are needed at least")
    all_seeds = order(x.sum(1))
    first, rest = np.array(all_seeds[:-1]), np.array(all_seeds[1:])
    times, shares = draws(x.shape[1], k)
    totals = x @ times.T  # (m, draws)
    whole = (totals[first] >= totals[rest]).all(0)
    best = (totals[first[0]] >= totals[rest]).all(0)
    return Held(float(shares[whole].sum()), float(shares[best].sum()))


def draws(seeds: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Every outcome of k draws with replacement from the seeds.

    Parameters
    ----------
    seeds : int
        Number of seeds.
    k : int
        Number of draws.

    Returns
    -------
    times : ndarray of shape (outcomes, seeds), int64
        How often each seed came.
    shares : ndarray of shape (outcomes,), float64
        Their probabilities.
    """
    return _draws(seeds, k)


@cache
def _draws(seeds: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    walls = np.array([*combinations(range(k + seeds - 1), seeds - 1)], dtype=np.int64)
    ends = np.pad(walls, ((0, 0), (1, 1)), constant_values=((0, 0), (-1, k + seeds - 1)))
    times = np.diff(ends, axis=1) - 1
    factorials = np.array([math.factorial(n) for n in range(k + 1)], dtype=np.float64)
    return times, factorials[k] / seeds**k / factorials[times].prod(1)


def enough(units: Any, share: float = 0.95, most: int = MOST_DRAWN) -> int | None:
    """The fewest seeds from which on the winner holds in this share of the draws, up to `most`; None beyond.

    Parameters
    ----------
    units : array-like of shape (m, seeds)
        Scores in units, as from `units_of`.
    share : float
        The required share.
    most : int
        Largest number of seeds.
    """
    holds = [held(units, k).winner >= share for k in range(1, most + 1)]
    return next((k for k in range(1, most + 1) if all(holds[k - 1 :])), None)


def collect(records: Iterable[Record]) -> dict[str, dict[str, Any]]:
    """All that the page ranks.

    Parameters
    ----------
    records : iterable of dict
        As `tlmlda_lib.experiments.shipped.records` gives them.

    Returns
    -------
    dict
        By the keys of `SETS` that were run, ``words`` and ``schemes``: by scheme, and under "mean" for the schemes that
        all of them have, ``seeds``, ``count`` (of schemes), ``full`` and ``methods``, each with ``name``, ``records``
        and ``units``: each seed's score by `policy.score`, in whole numbers of which ``full`` are all, so that equal is
        equal on every machine. A method that lacks a seed of the others is left out.

    Raises
    ------
    UserError
        If there are runs of two settings where one is ranked.
    """
    records = list(records)
    found = {}
    for key, words in SETS.items():
        named = _named(records, key)
        schemes = {s: one for s in OPEN_SCHEMES if (one := _complete({n: of.get(s, []) for n, of in named.items()}))}
        if mean := _mean(schemes):
            schemes[MEAN] = mean
        if schemes:
            found[key] = {"words": words, "schemes": schemes}
    return found


def units_of(one: Mapping[str, Any]) -> np.ndarray:
    """The scores (m, seeds) int64 of one entry of `collect`.

    Parameters
    ----------
    one : mapping
        An entry of `collect`.
    """
    return np.array([m["units"] for m in one["methods"]], dtype=np.int64)


def holding(one: Mapping[str, Any], k: int) -> dict[str, traced.Figure]:
    """`held` in percent, by "order" and "winner", for one entry of `collect`.

    Parameters
    ----------
    one : mapping
        An entry of `collect`.
    k : int
        Number of draws.
    """
    found = held(units_of(one), k)
    places = tuple(p for m in one["methods"] for p in traced.unfolded(m["records"]))
    return {
        name: traced.Figure(100 * share, records=places, what=f"ranking: {name} with {k} of {len(one['seeds'])}")
        for name, share in (("order", found.order), ("winner", found.winner))
    }


def ranked(key: str) -> dict[str, Kind]:
    """What one of `SETS` ranks, by name: of each the collection, method, preset and all options that differ.

    These are the runs of the book's tables: of chapter 3.1 for "parts", 4.1 for "streams", 4.2 for "fusions".

    Parameters
    ----------
    key : str
        A key of `SETS`.
    """
    if key == "parts":
        return {
            published.NAMES[m]: Kind(m, "recommended-is10", name=published.NAMES[m]) for m in (*TABLE_3, "only_cls")
        }
    if key == "methods":
        return {kind.name: kind for kind in (KINDS[name] for name in ("tlmlda", "only_cls", "ifn", "ifn_tlmlda"))}
    if key == "streams":
        return {" + ".join(names): Kind("ifn", "default", name="IFN", streams=names) for names in stream_plans.TOGETHER}
    every = tuple(stream_plans.STREAMS)
    changes = {f: {} if f == "attention" else {"fusion": f} for f in FUSIONS}
    return {f: Kind("ifn", "default", change, name="IFN", streams=every) for f, change in changes.items()}


def _named(records: Sequence[Record], key: str) -> dict[str, dict[str, list[query.Record]]]:
    """Runs of a set by the method's name and the scheme."""
    return {name: {s: query.runs(records, kind, s) for s in OPEN_SCHEMES} for name, kind in ranked(key).items()}


def _complete(named: Mapping[str, Sequence[Record]]) -> dict[str, Any] | None:
    """Methods with as many seeds as the one with most, or None if they are too few."""
    by_seed = {name: {r["seed"]: r for r in of} for name, of in named.items()}
    most = max((sorted(of) for of in by_seed.values()), key=lambda seeds: len(seeds), default=[])
    seeds: list[int] = most[:MOST_SEEDS]
    whole = {name: of for name, of in by_seed.items() if seeds and set(seeds) <= set(of)}
    if len(seeds) < 2 or len(whole) < FEWEST:
        return None
    runs = [of[k] for of in whole.values() for k in seeds]
    times = math.lcm(*(1 if policy.settled(r) else policy.tail(len(r["curve"]["war"])) for r in runs))
    full = times * sum(map(sum, runs[0]["utterances"].values()))
    methods = [
        {
            "name": name,
            "units": [_units(of[k], full, times) for k in seeds],
            "records": " ".join(traced.folded(traced.place(of[k]) for k in seeds)),
        }
        for name, of in whole.items()
    ]
    return {"seeds": seeds, "count": 1, "full": full, "methods": methods}


def _units(record: Record, full: int, times: int) -> int:
    """A run's score in ``full``-ths; ``times`` is how often each recording counts, once in each epoch of the longest
    tail."""
    wars = [record["rules"]["final"]["war"]]
    if not policy.settled(record):
        curve = record["curve"]["war"]
        wars = curve[-policy.tail(len(curve)) :]
    recognised = sum(round(full // times * war / 100) for war in wars)
    return times // len(wars) * recognised


def _mean(schemes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any] | None:
    """The same over schemes that were run with equal seeds, for the methods that all of them have."""
    ones = list(schemes.values())
    if len(ones) < 2 or any(one["seeds"] != ones[0]["seeds"] for one in ones):
        return None
    of = [{m["name"]: m for m in one["methods"]} for one in ones]
    shared = [name for name in of[0] if all(name in others for others in of)]
    if len(shared) < FEWEST:
        return None
    common = math.lcm(*(one["full"] for one in ones))  # every scheme counts as much as another
    scales = [common // one["full"] for one in ones]
    methods = [
        {
            "name": name,
            "units": sum(k * np.array(one[name]["units"]) for k, one in zip(scales, of, strict=True)).tolist(),
            "records": " ".join(one[name]["records"] for one in of),
        }
        for name in shared
    ]
    return {"seeds": ones[0]["seeds"], "count": len(ones), "full": common * len(ones), "methods": methods}
