"""The search for TLMLDA's preset `recommended-is10`, and for IFN's `recommended`, without target labels.

The rule was written before the first run. From a start, one change at a time is tried; then the best changes together;
then the best settings with more seeds. The setting for a target corpus is judged by the final epoch's WAR on the
schemes without that corpus; for all other corpora, on all six. Chapters 3.4 and 4.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from tlmlda_lib import corpora
from tlmlda_lib.domains import OPEN_SCHEMES, schemes
from tlmlda_lib.experiments import query, store
from tlmlda_lib.experiments.plans import Cell
from tlmlda_lib.methods.ifn.options import IFNOptions
from tlmlda_lib.training.options import START

#: Collection of the records, and the preset from which every setting starts.
GRID, PRESET = "search", "start"

#: Schemes on which the choice for a corpus is judged: those without it; "any" is for all other corpora.
VIEWS: dict[str, tuple[str, ...]] = {
    **{
        corpora.short(name): tuple(s for s in OPEN_SCHEMES if name not in schemes.parse(s).corpora)
        for name in ("emodb", "casia", "ravdess")
    },
    "any": tuple(OPEN_SCHEMES),
}

#: One change at a time: what it is about, and the values tried. ``alpha_*`` is the factor of a loss.
CHANGES: dict[str, tuple[dict[str, Any], ...]] = {
    "noise": tuple({"noise_std": x} for x in (0.3, 0.6, 1.5, 2.0)),
    "dropout": tuple({"dropout": x} for x in (0.3, 0.7)),
    "learning rate": tuple({"learning_rate": x} for x in (3e-4, 3e-3)),
    "power": ({"power": 1},),
    "batch": tuple({"batch_size": x} for x in (50, 200)),
    "activation": tuple({"emotion_activation": x} for x in ("relu", "sigmoid")),
    "batchnorm": tuple({"batchnorm": x} for x in ("joint", "separate")),
    "ramp": ({"ramp": False},),
    "update": tuple({"update": x} for x in ("constant", "batch")),
    "LMMD": tuple({"alpha_LMMD": x} for x in (0.5, 2.0, 4.0)),
    "MMD": tuple({"alpha_MMD": x} for x in (0.1, 0.5, 2.0)),
    "reconstruction": tuple({"alpha_S": x, "alpha_T": x} for x in (0.01, 0.5)),
    "classification": tuple({"alpha_y": x} for x in (2.0, 4.0)),
    "averaged": tuple({"averaged": x} for x in (0.0, 2 / 3)),
    "scaling": (
        {"scaling": "rank", "output_activation": "sigmoid", "noise_std": 0.3},
        {"scaling": "minmax", "output_activation": "sigmoid", "noise_std": 0.3},
    ),
    "within": ({"within": "corpus"},),
    "common": ({"common": "all"},),
    "schedule": ({"schedule": "constant"},),
    "epochs": tuple({"epochs": x} for x in (30, 120)),
    "encoder": tuple({"encoder": x} for x in ((128, 64), (512, 256))),
    "emotion network": tuple({"emotion": x} for x in ((128,), (128, 64))),
    "dropout of the code": ({"dropout_code": False},),
    "BatchNorm of the emotion network": ({"batchnorm_emotion": True},),
}

#: The same for IFN.
IFN_CHANGES: dict[str, tuple[dict[str, Any], ...]] = {
    "transfer": ({"transfer": "none"},),
    "reconstruction": tuple({"alpha_S": x, "alpha_T": x} for x in (0.1, 0.01)),
    "LMMD": tuple({"alpha_LMMD": x} for x in (0.3, 3.0)),
    "MMD": tuple({"alpha_MMD": x} for x in (0.1, 0.3)),
    "classification": ({"alpha_y": 10.0},),
    "ramp": ({"ramp": True},),
    "update": ({"update": "constant"},),
    "noise": tuple({"noise_std": x} for x in (0.3, 1.0)),
    "batch": ({"batch_size": 200},),
    "epochs": ({"epochs": 30},),
    "learning rate": tuple({"learning_rate": x} for x in (3e-4, 3e-3)),
    "dropout": ({"dropout": 0.5},),
    "dropout of streams": ({"stream_dropout": 0.4},),
    "loss of streams": ({"stream_loss": 1.0},),
    "width": ({"hidden": 256, "code": 128},),
    "fusion": ({"fusion": "concat"}, {"fusion": "multiplicative"}),
    "within": ({"within": "voices"},),
}


@dataclass(frozen=True)
class Space:
    """Start of a search, and the changes that it tries.

    Attributes
    ----------
    method, preset : str
    grid : str
        Collection of the records.
    changes : dict of str to tuple of dict
        As `CHANGES`.
    alpha : dict of str to float
        The start's factors, by loss.
    base : dict
        Options of every setting that differ from the preset's.
    """

    method: str
    preset: str
    grid: str
    changes: Mapping[str, tuple[dict[str, Any], ...]]
    alpha: Mapping[str, float]
    base: Mapping[str, Any] = field(default_factory=dict)

    def holds(self, record: Mapping[str, Any]) -> bool:
        """Whether a record belongs to this search.

        Parameters
        ----------
        record : dict
            A record.
        """
        return bool(record["grid"] == self.grid and record["preset"] == self.preset)


TLMLDA = Space("tlmlda", PRESET, GRID, CHANGES, START.alpha)
IFN = Space("ifn", "default", "search-ifn", IFN_CHANGES, IFNOptions().alpha, {"transfer": "tlmlda"})

#: By method.
SPACES = {space.method: space for space in (TLMLDA, IFN)}

#: Number of best changes that are tried together; number of settings that get more seeds; number of these seeds.
TOGETHER, FINALISTS, SEEDS = (2, 3, 4, 6), 5, 3

#: Caption of the log.
CAPTION = (
    "Final WAR %, mean over the schemes in which a corpus does not occur (any: over all six), of the first seed and, "
    f"for the {FINALISTS} best, of {SEEDS} seeds. A corpus' choice never saw its labels; the start did (chapter 3.4)."
)

Scores = Mapping[tuple[str, str], Mapping[int, float]]


def singles(space: Space = TLMLDA) -> dict[str, dict[str, Any]]:
    """The start, and every change by itself, by name.

    Parameters
    ----------
    space : Space
        The search.
    """
    return {"start": {}} | {name_of(c): c for alternatives in space.changes.values() for c in alternatives}


def name_of(change: Mapping[str, Any]) -> str:
    """A setting in words, as "dropout=0.3, epochs=120".

    Parameters
    ----------
    change : mapping
        Its options.
    """
    words = {k: ",".join(map(str, v)) if isinstance(v, tuple | list) else v for k, v in change.items()}
    return ", ".join(f"{k}={v:.3g}" if isinstance(v, float) else f"{k}={v}" for k, v in words.items()) or "start"


def options_of(change: Mapping[str, Any], space: Space = TLMLDA) -> dict[str, Any]:
    """A setting as options that differ from the preset.

    Parameters
    ----------
    change : mapping
        The change.
    space : Space
        The search.
    """
    factors = {f"alpha_{name}": name for name in space.alpha}
    plain = {**space.base, **{k: v for k, v in change.items() if k not in factors}}
    if not set(factors) & set(change):
        return plain
    return plain | {"alpha": {name: change.get(k, space.alpha[name]) for k, name in factors.items()}}


def scores(records: Iterable[Mapping[str, Any]], space: Space = TLMLDA) -> dict[tuple[str, str], dict[int, float]]:
    """Final WAR of each seed, by setting (the digest of its options) and scheme.

    Parameters
    ----------
    records : iterable of dict
        Records.
    space : Space
        The search.
    """
    found: dict[tuple[str, str], dict[int, float]] = {}
    for r in query.selected(r for r in records if space.holds(r)):
        by_seed = found.setdefault((store.options_digest(r["overrides"]), r["scheme"]), {})
        by_seed[r["seed"]] = r["rules"]["final"]["war"]
    return found


def cell_of(record: Mapping[str, Any]) -> Cell:
    """The cell of a record, as it would run today.

    Parameters
    ----------
    record : dict
        A record.
    """
    return Cell(
        record["scheme"],
        record["method"],
        record["preset"],
        record["seed"],
        record["overrides"],
        record["grid"],
        tuple(record["data"]["features"]),
    )


def judged(found: Scores, change: Mapping[str, Any], view: str, seeds: int, space: Space = TLMLDA) -> float:
    """Mean of the first seeds over the schemes of a view; NaN if a record is missing.

    Parameters
    ----------
    found : mapping
        As from `scores`.
    change : mapping
        The setting.
    view : str
        A key of `VIEWS`.
    seeds : int
        Number of seeds.
    space : Space
        The search.
    """
    key = store.options_digest(options_of(change, space))
    of = [[found.get((key, scheme), {}).get(seed, np.nan) for seed in range(seeds)] for scheme in VIEWS[view]]
    return float(np.mean(of))


def combinations(found: Scores, view: str, space: Space = TLMLDA) -> list[dict[str, Any]]:
    """The best changes of a view together.

    For each subject the best value, if it gained at all, the largest gain first. A change of an option that is already
    taken is skipped.

    Parameters
    ----------
    found, view, space
        As in `judged`.
    """

    def worth(change: Mapping[str, Any]) -> float:
        return judged(found, change, view, 1, space)

    best = [max(alternatives, key=worth) for alternatives in space.changes.values()]
    gains = sorted((c for c in best if worth(c) > worth({})), key=lambda c: -worth(c))
    made: list[dict[str, Any]] = []
    for size in TOGETHER:
        together: dict[str, Any] = {}
        for change in gains[:size]:
            if not set(change) & set(together):
                together |= change
        if together not in (*made, *singles(space).values()):
            made.append(together)
    return made


def finalists(found: Scores, view: str, space: Space = TLMLDA) -> list[dict[str, Any]]:
    """The settings of a view that get more seeds: the best with the first seed.

    Parameters
    ----------
    found, view, space
        As in `judged`.
    """
    every = [*singles(space).values(), *combinations(found, view, space)]
    return sorted(every, key=lambda c: -judged(found, c, view, 1, space))[:FINALISTS]


def chosen(found: Scores, view: str, space: Space = TLMLDA) -> dict[str, Any]:
    """The recommendation of a view: the best finalist over all seeds.

    Parameters
    ----------
    found, view, space
        As in `judged`.
    """
    return max(finalists(found, view, space), key=lambda c: judged(found, c, view, SEEDS, space))


def todo(found: Scores, space: Space = TLMLDA) -> list[Cell]:
    """The cells that the rule runs next; empty when the search has ended.

    Parameters
    ----------
    found : mapping
        From `scores`.
    space : Space

    Returns
    -------
    list of Cell
        From the first incomplete round: one change at a time; the best together; more seeds.
    """
    rounds = (
        lambda: [(c, s, 0) for c in singles(space).values() for s in OPEN_SCHEMES],
        lambda: [(c, s, 0) for view in VIEWS for c in combinations(found, view, space) for s in VIEWS[view]],
        lambda: [
            (c, s, seed)
            for view in VIEWS
            for c in finalists(found, view, space)
            for s in VIEWS[view]
            for seed in range(SEEDS)
        ],
    )
    for needed in rounds:
        cells = {}
        for change, scheme, seed in needed():
            options = options_of(change, space)
            key = (store.options_digest(options), scheme)
            if seed not in found.get(key, {}):
                cells[(*key, seed)] = Cell(scheme, space.method, space.preset, seed, options, space.grid)
        if cells:
            return list(cells.values())
    return []


def log(found: Scores, space: Space = TLMLDA) -> pd.DataFrame:
    """Every setting that was tried, and its criterion.

    Parameters
    ----------
    found, space
        As in `judged`.

    Returns
    -------
    DataFrame
        ``setting``; for each view ``for B`` (mean of the first seed over the view's schemes, percent; NaN: not run on
        them) and ``for B, seeds`` (the mean over all seeds, of finalists); ``chosen for``.
    """
    complete = {
        view: not np.isnan([judged(found, c, view, 1, space) for c in singles(space).values()]).any() for view in VIEWS
    }

    def key(change: Mapping[str, Any]) -> str:  # two views may reach one setting in different orders
        return store.options_digest(options_of(change, space))

    settings = {key(c): c for c in singles(space).values()}
    for view in VIEWS:
        for c in combinations(found, view, space) if complete[view] else []:
            settings.setdefault(key(c), c)
    picks = {} if todo(found, space) else {view: key(chosen(found, view, space)) for view in VIEWS}
    rows = []
    for digest, change in settings.items():
        row: dict[str, Any] = {"setting": name_of(change)}
        for view in VIEWS:
            row[f"for {view}"] = judged(found, change, view, 1, space)
            row[f"for {view}, seeds"] = judged(found, change, view, SEEDS, space)
        rows.append(row | {"chosen for": ", ".join(view for view, pick in picks.items() if pick == digest)})
    return pd.DataFrame(rows)
