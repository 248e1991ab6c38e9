"""The choice of features and of the preset `recommended`, on five corpora, without the target's labels. Chapter 3.4.

The list and the rule were written before the first run. Every setting is run once, with seed 0, on every ordered pair
of five corpora, two of which are in no scheme of the book. The setting for a target corpus is the best on the 12 pairs
in which that corpus does not occur, as source or as target; the preset that is shipped is the best on all 20. A score
is the last epoch's WAR.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd

from tlmlda_lib import corpora
from tlmlda_lib.domains import schemes
from tlmlda_lib.experiments import query, store
from tlmlda_lib.experiments.plans import Cell

#: Collection of the records, and the preset from which every setting starts.
GRID, PRESET = "search-features", "start"

CORPORA = ("emodb", "casia", "ravdess", "urdu", "turev")

SCHEMES = tuple(str(schemes.Scheme((source,), target)) for source, target in permutations(CORPORA, 2))

#: Pairs on which the choice for a target corpus is judged: those without it; "any" is the preset that is shipped.
VIEWS: dict[str, tuple[str, ...]] = {
    **{corpora.short(c): tuple(s for s in SCHEMES if c not in schemes.parse(s).corpora) for c in CORPORA},
    "any": SCHEMES,
}

_SPEAKER = "resemblyzer"


def _layers(*layers: int, speaker: bool = True) -> tuple[str, ...]:
    """Hidden layers of Whisper base, and the speaker encoder."""
    return (f"openai/whisper-base:{','.join(map(str, layers))}", *((_SPEAKER,) if speaker else ()))


@dataclass(frozen=True)
class Setting:
    """One of the settings that are tried.

    Attributes
    ----------
    name : str
        In words.
    features : tuple of str
        Feature sets.
    method : str
    params : dict
        Options that differ from the preset ``start``.
    """

    name: str
    features: tuple[str, ...] = _layers(3)
    method: str = "tlmlda"
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)


def _alpha(**factors: float) -> dict[str, Any]:
    return {"alpha": {"S": 0.1, "T": 0.1, "y": 1.0, "MMD": 1.0, "LMMD": 1.0, **factors}}


#: The settings, each a change of the first.
SETTINGS: tuple[Setting, ...] = (
    Setting("start, layer 3 beside the speaker encoder"),
    # What is heard
    Setting("layer 3 alone", _layers(3, speaker=False)),
    Setting("layers 2 to 4", _layers(2, 3, 4)),
    Setting("ranks", params={"scaling": "rank", "output_activation": "sigmoid", "noise_std": 0.3}),
    # How strongly source and target are aligned, and when
    Setting("LMMD 3", params=_alpha(LMMD=3.0)),
    Setting("LMMD 10", params=_alpha(LMMD=10.0)),
    Setting("LMMD 3, no MMD", params=_alpha(LMMD=3.0, MMD=0.0)),
    Setting("no ramp", params={"ramp": False}),
    # What equation 6 does to MMD: it gets a weight of some hundredths
    Setting("MMD 10", params=_alpha(MMD=10.0)),
    Setting("constant weights", params={"update": "constant"}),
    Setting("constant weights, MMD 3, LMMD 3", params={"update": "constant", **_alpha(MMD=3.0, LMMD=3.0)}),
    # How the network is kept from learning the source by heart
    Setting("dropout 0.3", params={"dropout": 0.3}),
    Setting("noise 2", params={"noise_std": 2.0}),
    Setting("LMMD 3, noise 2", params={"noise_std": 2.0, **_alpha(LMMD=3.0)}),
    Setting("LMMD 3, 120 epochs", params={"epochs": 120, **_alpha(LMMD=3.0)}),
    Setting("LMMD 3, batches of 200", params={"batch_size": 200, **_alpha(LMMD=3.0)}),
    Setting("LMMD 3, a wider network", params={"encoder": (512, 256), "emotion": (128,), **_alpha(LMMD=3.0)}),
    Setting("LMMD 3, sigmoids", params={"emotion_activation": "sigmoid", **_alpha(LMMD=3.0)}),
    # Several networks
    Setting("a vote of five", method="tlmlda_vote"),
    Setting("self-training", method="tlmlda_self"),
)

#: Seeds of what was chosen.
SEEDS = 5

#: Caption of the log.
CAPTION = (
    f"Last epoch's WAR %, seed 0, mean over the pairs of five corpora in which a corpus does not occur (any: over all "
    f"{len(SCHEMES)}), of {len(SETTINGS)} settings. The choice for a corpus never saw its labels."
)

#: WAR by setting and scheme, of each seed.
Scores = Mapping[tuple[str, str], Mapping[int, float]]


def cell(setting: Setting, scheme: str, seed: int = 0) -> Cell:
    """The cell of a setting on a pair.

    Parameters
    ----------
    setting : Setting
    scheme : str
    seed : int
    """
    return Cell(scheme, setting.method, PRESET, seed, setting.params, GRID, setting.features)


def scores(records: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], dict[int, float]]:
    """The last epoch's WAR of each seed, by name of the setting and scheme.

    Parameters
    ----------
    records : iterable of dict
        Records.
    """
    named = {(s.method, s.features, store.options_digest(s.params)): s.name for s in SETTINGS}
    found: dict[tuple[str, str], dict[int, float]] = {}
    for r in query.selected(r for r in records if r["grid"] == GRID):
        key = (r["method"], tuple(r["data"]["features"]), store.options_digest(r["overrides"]))
        if key in named:
            found.setdefault((named[key], r["scheme"]), {})[r["seed"]] = r["rules"]["final"]["war"]
    return found


def judged(found: Scores, setting: Setting, view: str, seeds: int = 1) -> float:
    """Mean over the pairs of a view and the first seeds; NaN if a record is missing.

    Parameters
    ----------
    found : mapping
        As from `scores`.
    setting : Setting
    view : str
        A key of `VIEWS`.
    seeds : int
        Number of seeds.
    """
    of = [[found.get((setting.name, scheme), {}).get(seed, np.nan) for seed in range(seeds)] for scheme in VIEWS[view]]
    return float(np.mean(of))


def chosen(found: Scores, view: str, method: str = "tlmlda") -> Setting:
    """The best setting of a view, of those with one method.

    Parameters
    ----------
    found, view
        As in `judged`.
    method : str
        Whose settings.
    """
    return max((s for s in SETTINGS if s.method == method), key=lambda s: judged(found, s, view))


def todo(found: Scores) -> list[Cell]:
    """The cells that the rule runs next: every setting with seed 0, then what was chosen with more seeds.

    Parameters
    ----------
    found : mapping
        As from `scores`.

    Returns
    -------
    list of Cell
        Empty when the search has ended.
    """
    first = [(s, scheme, 0) for s in SETTINGS for scheme in SCHEMES if 0 not in found.get((s.name, scheme), {})]
    if first:
        return [cell(*one) for one in first]
    wanted = {(chosen(found, v).name, scheme): chosen(found, v) for v in VIEWS for scheme in VIEWS[v]}
    return [
        cell(setting, scheme, seed)
        for (name, scheme), setting in wanted.items()
        for seed in range(SEEDS)
        if seed not in found.get((name, scheme), {})
    ]


def log(found: Scores) -> pd.DataFrame:
    """Every setting that was tried, and its criterion.

    Parameters
    ----------
    found : mapping
        As from `scores`.

    Returns
    -------
    DataFrame
        ``setting``; for each view ``for B``, the mean of seed 0 over the view's pairs, percent (NaN: not yet run on all
        of them), and ``for B, seeds``, the mean over five seeds, of what was chosen; ``chosen for``.
    """
    complete = all(0 in found.get((s.name, scheme), {}) for s in SETTINGS for scheme in SCHEMES)
    picks = {view: chosen(found, view).name for view in VIEWS} if complete else {}
    rows = []
    for s in SETTINGS:
        row: dict[str, Any] = {"setting": s.name}
        for view in VIEWS:
            row[f"for {view}"] = judged(found, s, view)
            row[f"for {view}, seeds"] = judged(found, s, view, SEEDS)
        rows.append(row | {"chosen for": ", ".join(view for view, pick in picks.items() if pick == s.name)})
    return pd.DataFrame(rows)
