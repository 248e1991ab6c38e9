"""Differences of many pairs of methods from the same draws. Chapter 3.3.

`tlmlda_lib.experiments.compare` compares two methods and draws for them; a leaderboard compares hundreds. The draws of
speakers and utterances depend on the utterances alone, so they are computed once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlmlda_lib.evaluation import METRICS, RULES, bootstrap
from tlmlda_lib.experiments import compare, contents


@dataclass(frozen=True)
class _Runs:
    """A row's runs on one scheme: by seed, rates under every draw and as they are, and each speaker's pull on them."""

    seeds: tuple[int, ...]
    drawn: np.ndarray  # (draws, k)
    plain: np.ndarray  # (k,)
    pull: np.ndarray  # (k, speakers)
    by_chance: bool


class Draws:
    """Differences as `compare.compare` makes them, of any two rows, from draws that are made once.

    Parameters
    ----------
    schemes : dict
        By scheme and label the runs by seed; every row on every scheme.
    draws : int

    Notes
    -----
    A rate is linear in what was recognised, so the difference of two rows under a draw is that of their rates.
    """

    def __init__(self, schemes: Mapping[str, Mapping[str, Mapping[int, Mapping[str, Any]]]], draws: int) -> None:
        rng = np.random.default_rng(0)
        names = {}
        for scheme, rows in schemes.items():
            some = next(iter(rows.values()))
            names[scheme] = compare.paired(some, some, "final").utterances
        union = sorted({u for listed in names.values() for u in listed})
        place = {u: i for i, u in enumerate(union)}
        weights = bootstrap.resample(np.array([speaker for speaker, _, _ in union]), draws, rng)
        self._state, self._draws = rng.bit_generator.state, draws
        self._shares: dict[tuple[int, ...], list[np.ndarray]] = {}
        self._runs: dict[tuple[str, str, str, str], _Runs] = {}
        self._speakers: dict[str, list[str]] = {}
        for scheme, rows in schemes.items():
            speakers, classes = (np.array([u[i] for u in names[scheme]]) for i in (0, 1))
            self._speakers[scheme] = np.unique(speakers).tolist()
            # Rules often choose the same epoch, whose hits are then weighted once.
            packed = {r["rules"][rule]["hits"]: (r, rule) for x in rows.values() for r in x.values() for rule in RULES}
            column = {text: i for i, text in enumerate(packed)}
            values = np.array([contents.unpack(r, rule)[0] for r, rule in packed.values()], dtype=np.float64)
            own = weights[:, [place[u] for u in names[scheme]]]
            for metric in METRICS:
                drawn = 100 * bootstrap.rates(own, values, classes, metric)
                plain = 100 * bootstrap.rates(np.ones((1, len(classes))), values, classes, metric)[0]
                pull = _pull(values, speakers, classes, metric)
                for label, runs in rows.items():
                    for rule in RULES:
                        at = [column[runs[k]["rules"][rule]["hits"]] for k in sorted(runs)]
                        one = _Runs(tuple(sorted(runs)), drawn[:, at], plain[at], pull[at], compare.drawn(runs))
                        self._runs[scheme, label, rule, metric] = one
        self._schemes = tuple(schemes)

    def difference(self, first: str, second: str, rule: str, metric: str) -> tuple[float, float, float]:
        """The first minus the second in points, and the 95 % interval.

        Parameters
        ----------
        first : str
            Label of the first row.
        second : str
            Label of the second row.
        rule : str
            A rule of `tlmlda_lib.experiments.tables.WAYS`.
        metric : {"war", "uar"}
            The score.
        """
        pairs = [[self._runs[s, label, rule, metric] for label in (first, second)] for s in self._schemes]
        matched = [_matched(a, b) for a, b in pairs]
        shares = self._of_seeds(tuple(len(ia) for ia, _ in matched))
        values, samples, spreads = [], [], []
        for (a, b), (ia, ib), share, scheme in zip(pairs, matched, shares, self._schemes, strict=True):
            each = a.plain[ia] - b.plain[ib]
            values.append(each.mean())
            samples.append(((a.drawn[:, ia] - b.drawn[:, ib]) * share).sum(1))
            of_seeds = float(each.var(ddof=1) / len(each)) / 1e4 if len(each) > 1 else 0.0
            spreads.append(self._spread(scheme, of_seeds, len(each), (a.pull[ia] - b.pull[ib]).mean(0)))
        value = float(np.mean(values))
        return value, *_interval(value, np.mean(samples, axis=0), spreads)

    def interval(self, label: str, rule: str, metric: str) -> tuple[float, float]:
        """Of a row's mean over seeds and schemes: other speakers, other utterances, the same seeds.

        Parameters
        ----------
        label : str
            Label of the row.
        rule : str
            A rule of `tlmlda_lib.experiments.tables.WAYS`.
        metric : {"war", "uar"}
            The score.
        """
        runs = [self._runs[s, label, rule, metric] for s in self._schemes]
        spreads = [self._spread(s, 0.0, 1, r.pull.mean(0)) for s, r in zip(self._schemes, runs, strict=True)]
        value = float(np.mean([r.plain.mean() for r in runs]))
        return _interval(value, np.mean([r.drawn.mean(1) for r in runs], axis=0), spreads)

    def _spread(self, scheme: str, of_seeds: float, seeds: int, pull: np.ndarray) -> bootstrap.Spread:
        return bootstrap.Spread(of_seeds, seeds, dict(zip(self._speakers[scheme], pull.tolist(), strict=True)))

    def _of_seeds(self, counts: tuple[int, ...]) -> list[np.ndarray]:
        """How much each seed weighs under each draw, scheme by scheme."""
        if counts not in self._shares:
            rng = np.random.default_rng(0)
            rng.bit_generator.state = self._state
            draw = lambda k: rng.multinomial(max(k - 1, 1), np.full(k, 1 / k), size=self._draws) / max(k - 1, 1)  # noqa: E731
            self._shares[counts] = [draw(k) for k in counts]
        return self._shares[counts]


def _interval(value: float, samples: np.ndarray, spreads: Sequence[bootstrap.Spread]) -> tuple[float, float]:
    """The 95 % interval of `resampling.interval`, whose search for p takes most of its time."""
    return bootstrap.edges(value, samples - samples.mean(), bootstrap.satterthwaite(spreads), 1 - 0.95)


def _matched(a: _Runs, b: _Runs) -> tuple[list[int], list[int]]:
    """Places of the paired runs: by seed, or every seed of the other if one is deterministic."""
    if len(a.seeds) == 1 and not a.by_chance:
        return [0] * len(b.seeds), list(range(len(b.seeds)))
    if len(b.seeds) == 1 and not b.by_chance:
        return list(range(len(a.seeds))), [0] * len(a.seeds)
    common = sorted(set(a.seeds) & set(b.seeds))
    return [a.seeds.index(k) for k in common], [b.seeds.index(k) for k in common]


def _pull(values: np.ndarray, speakers: np.ndarray, classes: np.ndarray, metric: str) -> np.ndarray:
    """How far each speaker moves each rate (k, speakers), as in `resampling.Spread.of`."""
    groups = np.unique(classes, return_inverse=True)[1] if metric == "uar" else np.zeros(len(classes), dtype=int)
    of_class = np.eye(groups.max() + 1)[groups]  # (n, classes)
    counts = of_class.sum(0)
    centred = values - (values @ of_class / counts) @ of_class.T
    of_speaker = np.eye(len(np.unique(speakers)))[np.unique(speakers, return_inverse=True)[1]]
    return centred / (of_class @ counts * len(counts)) @ of_speaker
