"""The hierarchical bootstrap of a difference: speakers, their utterances, and seeds are resampled. Chapter 3.4.

It works on arrays; `tlmlda_lib.experiments.compare` takes them from records.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special


@dataclass(frozen=True)
class Hits:
    """The utterances of one scheme's target that one of two methods recognised and the other did not.

    Attributes
    ----------
    difference : ndarray of shape (k, n)
        Per seed and utterance: 1 if only the first method recognised it, -1 if only the second did, 0 if both or
        neither.
    utterances : list of (speaker, class, number), n of them
        A recording has the same name in every scheme; speakers are "corpus/name".
    """

    difference: np.ndarray
    utterances: list[tuple[str, str, int]]

    @property
    def speakers(self) -> np.ndarray:
        """Speaker of each utterance: (n,) str."""
        return np.array([speaker for speaker, _, _ in self.utterances])

    @property
    def classes(self) -> np.ndarray:
        """Class of each utterance: (n,) str."""
        return np.array([emotion for _, emotion, _ in self.utterances])


@dataclass(frozen=True)
class Difference:
    """The first method's score minus the second's, in percentage points.

    Attributes
    ----------
    value, low, high : float
        Estimate, and its interval at the requested level.
    p : float
        Two-sided p-value.
    seeds : int
        Number of pairs of runs; for the mean over schemes, the smallest.
    by_speaker : dict of str to float
        Difference of WAR for each target speaker; empty for the mean over schemes.
    """

    value: float
    low: float
    high: float
    p: float
    seeds: int
    by_speaker: dict[str, float]


def differences(
    hits: Mapping[str, Hits], *, metric: str = "war", level: float = 0.95, draws: int = 4000, random_state: int = 0
) -> tuple[Difference, dict[str, Difference]]:
    """The mean difference over schemes and the difference on each, with bootstrap intervals. Chapter 3.4.

    Parameters
    ----------
    hits : dict of str to Hits
        By scheme.
    metric, level, draws, random_state
        As in `compare`.

    Returns
    -------
    mean : Difference
    schemes : dict of str to Difference

    Notes
    -----
    Of S speakers S - 1 are drawn, of k seeds k - 1, with replacement, so that the variance of a mean is unbiased [1]_;
    with four speakers that matters. The draws are then stretched about the estimate by the ratio of Student's t to the
    normal quantile, with Satterthwaite's degrees of freedom [2]_, since the spread itself is estimated from few units.
    Drawing utterances within drawn speakers counts their noise twice, so the interval is conservative: for a method
    compared with itself it contains 0 in about 98 of 100 cases.

    References
    ----------
    .. [1] J. N. K. Rao and C. F. J. Wu, "Resampling inference with complex survey data", Journal of the American
       Statistical Association 83, 231-241, 1988.
    .. [2] F. E. Satterthwaite, "An approximate distribution of estimates of variance components", Biometrics Bulletin
       2, 110-114, 1946.
    """
    rng = np.random.default_rng(random_state)
    union = sorted({u for h in hits.values() for u in h.utterances})
    place = {u: i for i, u in enumerate(union)}
    weights = resample(np.array([speaker for speaker, _, _ in union]), draws, rng)
    values, samples, spreads, each = {}, {}, {}, {}
    for scheme, h in hits.items():
        d, k = h.difference, len(h.difference)
        everyone = np.ones((1, d.shape[1]))
        values[scheme] = float(100 * rates(everyone, d, h.classes, metric).mean())
        of_seeds = rng.multinomial(max(k - 1, 1), np.full(k, 1 / k), size=draws) / max(k - 1, 1)
        runs = rates(weights.take([place[u] for u in h.utterances], axis=1), d, h.classes, metric)  # (draws, k)
        samples[scheme] = 100 * (runs * of_seeds).sum(1)
        spreads[scheme] = Spread.of(h, metric)
        numbers = interval(values[scheme], samples[scheme], satterthwaite([spreads[scheme]]), level)
        of_speaker = {str(s): float(100 * d[:, h.speakers == s].mean()) for s in np.unique(h.speakers)}
        each[scheme] = Difference(values[scheme], *numbers, k, of_speaker)
    mean = float(np.mean(list(values.values())))
    numbers = interval(mean, np.mean(list(samples.values()), axis=0), satterthwaite(list(spreads.values())), level)
    return Difference(mean, *numbers, min(d.seeds for d in each.values()), {}), each


def resample(speakers: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """How often each utterance is drawn, corpus by corpus: speakers first, then their utterances.

    Parameters
    ----------
    speakers : ndarray of shape (n,), str
        Speaker of each utterance, "corpus/name".
    draws : int
        Number of bootstrap draws.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    ndarray of shape (draws, n)
        Read-only: comparisons of the same utterances from the same state of the source share it.
    """
    weights, after = _resampled(tuple(map(str, speakers)), draws, json.dumps(rng.bit_generator.state))
    rng.bit_generator.state = json.loads(after)
    return weights


@functools.lru_cache(maxsize=2)
def _resampled(speakers: tuple[str, ...], draws: int, state: str) -> tuple[np.ndarray, str]:
    """The weights, and the state in which the source is left."""
    before = json.loads(state)
    rng = np.random.Generator(getattr(np.random, before["bit_generator"])())
    rng.bit_generator.state = before
    who = np.array(speakers)
    weights = np.zeros((draws, len(who)))
    corpora = np.array([s.split("/")[0] for s in who])
    for corpus in np.unique(corpora):
        names = np.unique(who[corpora == corpus])
        times = rng.multinomial(max(len(names) - 1, 1), np.full(len(names), 1 / len(names)), size=draws)
        for i, name in enumerate(names):
            own = np.flatnonzero(who == name)
            weights[:, own] = rng.multinomial(times[:, i] * len(own), np.full(len(own), 1 / len(own)))
    weights.setflags(write=False)
    return weights, json.dumps(rng.bit_generator.state)


def rates(weights: np.ndarray, values: np.ndarray, classes: np.ndarray, metric: str) -> np.ndarray:
    """WAR or UAR, as shares, of weighted utterances.

    Parameters
    ----------
    weights : ndarray of shape (draws, n)
        How often each utterance counts.
    values : ndarray of shape (k, n)
        Score of each utterance in each run.
    classes : ndarray of shape (n,)
        True class of each utterance.
    metric : {"war", "uar"}
        With "uar", the mean over the classes that a draw contains.

    Returns
    -------
    ndarray of shape (draws, k)
    """
    if metric == "war":
        parts = [(weights, values)]
    else:
        parts = [(weights[:, of], values[:, of]) for of in (classes == c for c in np.unique(classes))]
    total = np.stack([w.sum(1) for w, _ in parts], axis=1)  # (draws, parts)
    right = np.stack([w @ v.T for w, v in parts], axis=1)  # (draws, parts, k)
    share = np.divide(right, total[..., None], out=np.zeros_like(right), where=total[..., None] > 0)
    return share.sum(1) / np.maximum((total > 0).sum(1), 1)[:, None]


@dataclass(frozen=True)
class Spread:
    """The sources of uncertainty of the difference on one scheme.

    Attributes
    ----------
    of_seeds : float
        Variance of the mean over seeds; 0 for one seed.
    seeds : int
    influence : dict of str to float
        Contribution of each speaker to the difference; the sum is 0.
    """

    of_seeds: float
    seeds: int
    influence: dict[str, float]

    @classmethod
    def of(cls, hits: Hits, metric: str) -> Spread:
        """The spread of the hits on a scheme.

        Parameters
        ----------
        hits : Hits
            Those of the scheme.
        metric : {"war", "uar"}
            The score.
        """
        d, speakers, classes = hits.difference, hits.speakers, hits.classes
        per_seed = rates(np.ones((1, d.shape[1])), d, classes, metric)[0]
        code = np.unique(classes, return_inverse=True)[1] if metric == "uar" else np.zeros(len(classes), dtype=int)
        counts, mean = np.bincount(code), d.mean(0)
        centred = mean - (np.bincount(code, mean) / counts)[code]
        pull = centred / (counts[code] * len(counts))
        return cls(
            of_seeds=float(per_seed.var(ddof=1) / len(d)) if len(d) > 1 else 0.0,
            seeds=len(d),
            influence={str(s): float(pull[speakers == s].sum()) for s in np.unique(speakers)},
        )


def satterthwaite(spreads: Sequence[Spread]) -> float:
    """Degrees of freedom of the mean over schemes [1]_; schemes with one target corpus share its speakers.

    Parameters
    ----------
    spreads : sequence of Spread
        One for each scheme.

    References
    ----------
    .. [1] F. E. Satterthwaite, "An approximate distribution of estimates of variance components", Biometrics Bulletin
       2, 110-114, 1946.
    """
    m = len(spreads)
    parts = [(s.of_seeds / m**2, s.seeds - 1) for s in spreads if s.seeds > 1]
    influence: dict[str, dict[str, float]] = {}
    for spread in spreads:
        for speaker, pull in spread.influence.items():
            corpus = influence.setdefault(speaker.split("/")[0], {})
            corpus[speaker] = corpus.get(speaker, 0.0) + pull / m
    for pulls in influence.values():
        n = len(pulls)
        if n > 1:
            parts.append((n / (n - 1) * sum(p**2 for p in pulls.values()), n - 1))
    below = sum(v**2 / f for v, f in parts)
    return sum(v for v, _ in parts) ** 2 / below if below > 0 else float("inf")


def edges(value: float, away: np.ndarray, freedom: float, outside: float) -> tuple[float, float]:
    """Ends of the interval that excludes a given share of the draws, stretched from normal to Student's t.

    Parameters
    ----------
    value : float
        The estimate.
    away : ndarray of shape (draws,)
        The draws minus their mean.
    freedom : float
        Degrees of freedom.
    outside : float
        Share outside, both sides together.

    Returns
    -------
    low, high : float
    """
    normal = -special.ndtri(outside / 2)  # of the two distributions, without scipy.stats' checks of each call
    student = normal if np.isinf(freedom) else -special.stdtrit(freedom, outside / 2)
    low, high = np.quantile(away, [outside / 2, 1 - outside / 2])
    return float(value + low * student / normal), float(value + high * student / normal)


def interval(value: float, samples: np.ndarray, freedom: float, level: float = 0.95) -> tuple[float, float, float]:
    """Interval of an estimate from its bootstrap draws, and the corresponding two-sided p-value. Chapter 3.4.

    Parameters
    ----------
    value : float
    samples : ndarray of shape (draws,)
    freedom : float
        Degrees of freedom of the draws' spread.
    level : float

    Returns
    -------
    low, high, p : float
        p is the smallest 1 - level whose interval excludes 0, at least 1 / (draws + 1).
    """
    away = np.sort(samples - samples.mean())
    below, above = 1 / (len(away) + 1), 1.0  # p is between
    for _ in range(25):
        middle = (below + above) / 2
        low, high = edges(value, away, freedom, middle)
        below, above = (middle, above) if low <= 0 <= high else (below, middle)
    return *edges(value, away, freedom, 1 - level), above


def holm(p: Sequence[float]) -> list[float]:
    """p-values corrected for multiple comparisons by Holm's step-down method [1]_, in the order given. Chapter 3.4.

    Parameters
    ----------
    p : sequence of float
        One for each comparison.

    References
    ----------
    .. [1] S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6,
       65-70, 1979.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, kind="stable")
    scaled = np.asarray(p, dtype=np.float64)[order] * np.arange(len(order), 0, -1)
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return adjusted.tolist()
