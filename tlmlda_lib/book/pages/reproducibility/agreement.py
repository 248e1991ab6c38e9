"""How far repeated runs agree on recordings of people, over seeds and over splits. Chapter 4.3.

The rates are those of `tlmlda_lib.evaluation.agreement`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.reproducibility import repeats
from tlmlda_lib.book.pages.reproducibility.repeats import Kind, Record
from tlmlda_lib.book.pages.traced import Spanned
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import agreement, bootstrap
from tlmlda_lib.experiments import policy, query

#: The rates in the words of a table; kappa is given in hundredths, as all else is.
RATES = {
    "general_perfect": "all agree",
    "general_fractional": "two agree",
    "correct_perfect": "all are right",
    "correct_fractional": "two are right",
    "kappa": "kappa × 100",
}

#: Those that need no more than which recordings were recognised.
CORRECT = ("correct_perfect", "correct_fractional")

#: Fates of a recording over several runs.
FATES = {"always": "right in every run", "sometimes": "now right, now wrong", "never": "wrong in every run"}

#: Where the variance of WAR comes from, and how far each moves it.
SOURCES = {
    "seed": "another seed",
    "split": "another quarter of the speakers left out",
    "residual": "what neither explains",
}


def rates(records: Iterable[Record], scheme: str, kind: Kind, *, draws: int = 2000) -> dict[str, Spanned]:
    """The five rates of one cell.

    Parameters
    ----------
    records : iterable of dict
        As `tlmlda_lib.experiments.shipped.records` gives them.
    scheme : str
    kind : Kind
    draws : int
        Of speakers, for the intervals.

    Returns
    -------
    dict of str to Spanned
        By the keys of `RATES`, in hundredths, with the 95 % interval over speakers in brackets. Where runs did not
        keep what they said, the correct rates come from what they recognised, and the others are "not kept".
    """
    repeated = query.runs(records, kind, scheme)
    told = repeats.said(repeated)
    found: dict[str, Spanned] = {}
    if told is not None and len(told.predicted) > 1:
        found = _spanned(told.predicted, told.speakers, told.truth, told.records, draws, tuple(RATES))
    elif len(repeated) > 1:
        hits, speakers = repeats.recognised(repeated)
        found = _spanned(hits, speakers, np.ones(len(speakers), dtype=bool), repeated, draws, CORRECT)
    return {rate: found.get(rate, Spanned(float("nan"), what=_what(rate))) for rate in RATES}


def cells(figures: Mapping[str, Spanned]) -> list[Spanned | str]:
    """A row of `rates` for a table: where runs are there and did not keep what they said, it says so.

    Parameters
    ----------
    figures : mapping of str to Spanned
        As from `rates`.
    """
    run = any(f.records for f in figures.values())
    return ["not kept" if run and not f.records else f for f in figures.values()]


def mean(figures: Sequence[Mapping[str, Spanned]], rate: str) -> traced.Figure:
    """The mean of a rate over cells that have it.

    Parameters
    ----------
    figures : sequence of mapping
        One per cell, as from `rates`.
    rate : str
        Name of the rate.
    """
    kept = [f[rate] for f in figures if f[rate].records]
    places = tuple(p for f in kept for p in f.records)
    return traced.Figure(
        float(np.mean([f.value for f in kept])) if kept else float("nan"), records=places, what=f"{_what(rate)}, mean"
    )


def kappa_gap(
    records: Iterable[Record], schemes: Sequence[str], first: Kind, second: Kind, *, draws: int = 2000
) -> tuple[Spanned, Spanned]:
    """By how much the first kind's kappa is larger, mean over schemes, asked in two ways.

    Parameters
    ----------
    records : iterable of dict
    schemes : sequence of str
        Of these, those on which both kinds have two runs that kept what they said.
    first, second : Kind
        Of one method; they differ in its option ``transfer``.
    draws : int
        Of speakers.

    Returns
    -------
    over_schemes : Spanned
        Paired by scheme, with Student's t interval and p: what other schemes might give. Neither for fewer than three.
    over_speakers : Spanned
        The same value with the 95 % interval over the speakers of these schemes, one less than there are drawn in each
        target; schemes with one target share the draws. Seeds are not drawn anew: a run agrees with its copy.
    """
    kept = list(records)
    cells = {}
    for scheme in schemes:
        told = [repeats.said(query.runs(kept, kind, scheme)) for kind in (first, second)]
        pair = [one for one in told if one is not None and len(one.predicted) > 1]
        if len(pair) == 2:
            cells[scheme] = pair
    names = [dict(k.changes).get("transfer", "none") for k in (first, second)]
    what = f"agreement: kappa with transfer {names[0]} minus {names[1]}, mean"
    if not cells:
        return (Spanned(float("nan"), what=what, signed=True),) * 2
    gaps, drawn = _kappa_gaps(cells, draws)
    places = [tuple(traced.place(r) for pair in cells.values() for r in pair[i].records) for i in (0, 1)]
    how: dict[str, Any] = {"records": places[0] + places[1], "against": places[1], "what": what, "signed": True}
    value = float(np.mean(gaps))
    low, high = np.quantile(drawn, (0.025, 0.975))
    return (
        Spanned(value, span=policy.interval(gaps), p=policy.p_of_mean(gaps), **how),
        Spanned(value, span=(float(low), float(high)), **how),
    )


def _kappa_gaps(cells: Mapping[str, Sequence[repeats.Said]], draws: int) -> tuple[list[float], np.ndarray]:
    """Differences of kappa of each scheme, and of their mean in each draw, in hundredths."""
    rng = np.random.default_rng(0)
    who = np.unique(np.concatenate([pair[0].speakers for pair in cells.values()]))
    times = dict(zip(who, bootstrap.resample(who, draws, rng).T, strict=True))  # (draws,) of each speaker
    gaps, drawn = [], []
    for pair in cells.values():
        weights = np.stack([times[s] for s in pair[0].speakers], axis=1)
        kappas = [_rates(told.predicted, told.truth)["kappa"] for told in pair]
        of_draws = [_kappas(told.predicted, weights) for told in pair]
        gaps.append(kappas[0] - kappas[1])
        drawn.append(of_draws[0] - of_draws[1])
    return gaps, np.mean(drawn, axis=0)


def _kappas(predicted: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Fleiss' kappa (draws,) of runs (k, n), in hundredths, where recordings count ``weights`` (draws, n) times."""
    k = len(predicted)
    counts = np.stack([(predicted == c).sum(0) for c in np.unique(predicted)], axis=1)  # (n, C)
    shares = weights / weights.sum(1, keepdims=True)
    agreed = shares @ (counts * (counts - 1)).sum(1) / (k * (k - 1))
    luck = ((shares @ counts / k) ** 2).sum(1)
    return 100 * (agreed - luck) / (1 - luck)


def by_luck(records: Iterable[Record], scheme: str, kind: Kind) -> traced.Figure:
    """How many recordings all runs would recognise if each were right on its own share of them, drawn blindly.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    scheme : str
        As "C2B".
    kind : Kind
        What was run.
    """
    repeated = query.runs(records, kind, scheme)
    wars = [r["rules"]["final"]["war"] / 100 for r in repeated]
    value = 100 * float(np.prod(wars)) if len(wars) > 1 else float("nan")
    return traced.derived(value, repeated, "agreement: all are right by luck")


def fates(records: Iterable[Record], scheme: str, kind: Kind) -> dict[str, traced.Figure]:
    """Percent of the recordings with each of `FATES` over the runs.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    scheme : str
        As "C2B".
    kind : Kind
        What was run.
    """
    repeated = query.runs(records, kind, scheme)
    if len(repeated) < 2:
        return {fate: traced.Figure(float("nan"), what=f"agreement: {fate} right") for fate in FATES}
    hits, _ = repeats.recognised(repeated)
    shares = {"always": hits.all(0), "sometimes": hits.any(0) & ~hits.all(0), "never": ~hits.any(0)}
    return {fate: traced.derived(100 * shares[fate].mean(), repeated, f"agreement: {fate} right") for fate in FATES}


# Learning from other speakers: the records of `tlmlda stress`


def over_splits(stress: Mapping[str, Mapping[str, Any]], rate: str, across: str) -> traced.Figure:
    """A rate of IFN over runs that left out other speakers of the source, or had another seed.

    Parameters
    ----------
    stress : dict
        As `tlmlda_lib.experiments.stressed.read` gives it; the mean over its schemes.
    rate : str
        A key of `RATES`.
    across : {"seeds", "splits", "both"}
        Which runs are compared: those of one split, those of one seed, or all of a scheme.

    Returns
    -------
    Figure
        In hundredths.
    """
    values = []
    for content in stress.values():
        predicted = content["splits"]["predicted"]  # (seeds, splits, n)
        sets = {
            "seeds": predicted.swapaxes(0, 1),
            "splits": predicted,
            "both": predicted.reshape(1, -1, predicted.shape[-1]),
        }[across]
        values.append(float(np.mean([_rates(runs, content["truth"])[rate] for runs in sets])))
    return _of_stress(stress, values, f"splits: {rate} across {across}")


def deviations(stress: Mapping[str, Mapping[str, Any]]) -> dict[str, traced.Figure]:
    """How far WAR moves by each of `SOURCES`: roots of variance components, points; the mean over schemes of the
    components, which may fall below 0 and then give 0.

    Parameters
    ----------
    stress : mapping
        As from `tlmlda_lib.experiments.stressed.read`.
    """
    found = [
        asdict(agreement.variance_components(100 * (c["splits"]["predicted"] == c["truth"]).mean(2)))
        for c in stress.values()
    ]
    return {
        source: _of_stress(stress, [c[source] for c in found], f"splits: deviation by {source}", _root)
        for source in SOURCES
    }


def jackknife(values: Sequence[float]) -> float:
    """Standard error of a number by leaving out one group of speakers at a time (delete-a-group jackknife).

    Parameters
    ----------
    values : sequence of K >= 2 floats
        The number without each group in turn.

    Returns
    -------
    float
        ``sqrt((K - 1) / K * sum (x_b - mean)^2)``, in the number's unit. Two of the K sets share all groups but two, so
        their numbers differ far less than those of two independent draws of speakers; the factor makes up for that.

    Raises
    ------
    UserError
        If there is one group only.
    """
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1 or len(x) < 2:
        raise UserError(f"{x.size} values: a jackknife needs the number without each of two groups or more")
    return float(np.sqrt((len(x) - 1) / len(x) * ((x - x.mean()) ** 2).sum()))


def jackknifed(stress: Mapping[str, Mapping[str, Any]]) -> traced.Figure:
    """Standard error of IFN's WAR over other speakers to learn from, points.

    Of each scheme `jackknife` of the seeds' mean; then the root of the mean square over schemes.

    Parameters
    ----------
    stress : mapping
        As from `tlmlda_lib.experiments.stressed.read`.
    """
    found = [jackknife(100 * (c["splits"]["predicted"] == c["truth"]).mean((0, 2))) ** 2 for c in stress.values()]
    return _of_stress(stress, found, "splits: jackknife standard error of war", _root)


def _root(variance: float) -> float:
    return max(variance, 0.0) ** 0.5


def _of_stress(
    stress: Mapping[str, Any], values: Sequence[float], what: str, then: Callable[[float], float] = float
) -> traced.Figure:
    if not values:
        return traced.Figure(float("nan"), what=what)
    places = tuple(place for content in stress.values() for place in content["places"]["none"])
    return traced.Figure(then(float(np.mean(values))), records=places, what=what)


def _what(rate: str) -> str:
    return f"agreement: {rate}"


def _rates(predicted: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    found = asdict(agreement.reproducibility(predicted, truth))
    return {**found, "kappa": 100 * found["kappa"]}


def _spanned(
    predicted: np.ndarray,
    speakers: np.ndarray,
    truth: np.ndarray,
    records: Iterable[Record],
    draws: int,
    wanted: Sequence[str],
) -> dict[str, Spanned]:
    places = tuple(traced.place(r) for r in records)
    values = _rates(predicted, truth)
    spans = agreement.bootstrap_intervals(predicted, speakers, truth, draws=draws)
    spans["kappa"] = (100 * spans["kappa"][0], 100 * spans["kappa"][1])
    return {r: Spanned(values[r], records=places, what=_what(r), span=spans[r]) for r in wanted}
