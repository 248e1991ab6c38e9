"""How long an answer will take, said before the work. Chapter 3.5."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from tlmlda_lib.experiments import estimate, feature_scores, shipped
from tlmlda_lib.experiments.adaptation.networks import ALIGNED, PLAIN

#: Seconds that a recording of three seconds takes on one core, by the benchmarks; a speech encoder's otherwise.
_PER_RECORDING = {"is10": 0.035, "egemaps": 0.03, "resemblyzer": 0.06}
_ENCODER = 0.11


def seconds(n_source: int, n_target: int, missing: Mapping[str, int], seeds: int) -> tuple[float, float]:
    """Seconds for the features that are not in the cache, and for the networks.

    Parameters
    ----------
    n_source, n_target : int
        Recordings.
    missing : mapping of str to int
        Recordings that are not in the cache, by feature set.
    seeds : int
        Networks of each kind.
    """
    before = sum(_PER_RECORDING.get(name, _ENCODER) * n for name, n in missing.items())
    return before, seeds * (_of_network(ALIGNED, n_source, n_target) + _of_network(PLAIN, n_source, n_target))


def _of_network(method: str, n_source: int, n_target: int) -> float:
    """By the records of this method: seconds are in proportion to its steps."""
    rates, params = [], {}
    for r in shipped.records(feature_scores.GRID):
        if r["method"] == method:
            params = r["params"]
            sizes = (sum(r["counts"]["source"].values()), sum(r["counts"]["target"].values()))
            rates.append(r["seconds"] / estimate.work(params, sizes))
    return float(np.median(rates)) * estimate.work(params, (n_source, n_target)) if rates else 0.0


def in_words(
    tables: Sequence[pd.DataFrame],
    recordings: pd.DataFrame,
    classes: Sequence[str],
    missing: Mapping[str, Collection[str]],
    seeds: int,
) -> str:
    """One line: what will be done, and how long it takes at most.

    Parameters
    ----------
    tables : sequence of DataFrame
        The sources.
    recordings : DataFrame
        The target.
    classes : sequence of str
        Emotions.
    missing : mapping of str to collection of str
        Recordings that are not in the cache, by feature set.
    seeds : int
        Networks of each kind.
    """
    n = sum(int(t["emotion"].isin(classes).sum()) for t in tables)
    whole = n + len(recordings)
    before, after = seconds(n, len(recordings), {name: len(files) for name, files in missing.items()}, seeds)
    cached = whole - len(set().union(*missing.values()))
    features = (
        "all features are in the cache; about"
        if cached == whole
        else f"about {_time(before)} for features ({cached} of {whole} recordings have all theirs in the cache), and"
    )
    return (
        f"{len(recordings)} recordings, learning from {n} of {', '.join(classes)}: "
        f"{features} {_time(after)} for {2 * seeds} networks"
    )


def _time(value: float) -> str:
    return f"{max(1, round(value))} s" if value < 90 else f"{round(value / 60)} min"
