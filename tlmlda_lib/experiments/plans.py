"""The cells of a grid: plans by name, and cells from lists of schemes, methods, presets and seeds. Chapter 3.4."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tlmlda_lib import corpora, domains, methods
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import feature_scores, run, store, stream_plans
from tlmlda_lib.training.options import PRINTED

#: Rows of the paper's Table 3, the method and its ablations, and of its Table 4, by the library's names.
TABLE_3 = ("tlmlda_w", "tlmlda_alpha", "tlmlda_m", "tlmlda_l", "tlmlda")
TABLE_4 = ("pca_svm", "dbn_bp", "dosl", "jdar", "tsdsl", "tlmlda")

_TEN = tuple(dict.fromkeys((*domains.PAPER_SCHEMES, *domains.OPEN_SCHEMES)))


@dataclass(frozen=True)
class Cell:
    """The name of one record; a preset of None is the method's default.

    Attributes
    ----------
    scheme, method : str
        As "C2B" and "tlmlda".
    preset : str or None
        One of the method's.
    seed : int
        From 0.
    params : dict
        Changed options of the preset.
    grid : str
        Collection of the record.
    features : tuple of str
        Feature sets; empty for the method's own.
    """

    scheme: str
    method: str
    preset: str | None = None
    seed: int = 0
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    grid: str = "main"
    features: tuple[str, ...] = ()  # empty: those that the method is meant for

    @property
    def sets(self) -> tuple[str, ...]:
        """Feature sets of its pair."""
        return self.features or methods.feature_sets(self.method)

    def place(self, results: str | Path) -> Path:
        """Path of its record.

        Parameters
        ----------
        results : path
            Folder of the records.
        """
        return Path(results) / self._place

    @cached_property
    def _place(self) -> Path:
        return store.path("", **self.names())

    def names(self) -> dict[str, Any]:
        """The fields that name its record."""
        return self.described()[1]

    def described(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """All options of its method, and the fields that name its record."""
        return run.described(*self._cell, params=self.params, grid=self.grid, features=self.sets)

    def named(self) -> tuple[Any, dict[str, Any], dict[str, Any]]:
        """Its method, not yet fitted, all options, and the fields that name its record."""
        return run.named(*self._cell, params=self.params, grid=self.grid, features=self.sets)

    @property
    def _cell(self) -> tuple[str, str, str | None, int]:
        return self.scheme, self.method, self.preset, self.seed

    def __str__(self) -> str:
        preset = "" if self.preset is None else f" {self.preset}"
        return f"{self.scheme} {self.method}{preset} seed {self.seed}"


@dataclass(frozen=True)
class Block:
    """A product of schemes, methods, presets, seeds and changed options.

    Attributes
    ----------
    schemes, methods : tuple of str
        Names.
    presets : tuple of str
        A method skips those that it lacks; with none at all it uses its default.
    seeds : int
        Number of seeds.
    changes : tuple of dict
        Changed options, one set after another.
    features : tuple of str
        Feature sets; empty for the method's own.
    """

    schemes: tuple[str, ...]
    methods: tuple[str, ...]
    presets: tuple[str, ...]
    seeds: int = 5
    changes: tuple[Mapping[str, Any], ...] = field(default=({},), hash=False)
    features: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A grid with a name.

    Attributes
    ----------
    what : str
        Description, for the user.
    blocks : tuple of Block
        Its cells.
    grid : str
        Collection of its records.
    """

    what: str
    blocks: tuple[Block, ...]
    grid: str = "main"


_BC = ("B2C", "C2B")
_WITH_R = tuple(s for s in domains.OPEN_SCHEMES if "ravdess" in domains.schemes.parse(s).corpora)
_SHORT = {"epochs": 150}

#: Choices of the authors' scripts, each reverted by itself: the difference is its price.
PRICED: dict[str, Mapping[str, Any]] = {
    "min-max within every batch": {"within": "corpus"},
    "one noise vector for all samples": {"noise": "fresh"},
    "binary cross-entropy for the reconstruction": {"reconstruction": "mean"},
    "a new optimiser each epoch": {"reset_optimizer": False},
    "squares, not the printed roots": {"power": 1},
    "weights from running sums": {"update": "epoch"},
    "weights once an epoch": {"update": "batch"},
    "the reconstruction's units": {"reconstruction": "sum"},
    "alpha by scheme": {"alpha": PRINTED},
    "one domain after the other in BatchNorm": {"batchnorm": "joint"},
}

#: Alternative sources of our scaling's statistics.
OTHER_SCALINGS = ("corpus", "speaker")

#: Four speakers of each corpus: the first two women and the first two men.
SOME_SPEAKERS = {
    "emodb": ("08", "09", "03", "10"),
    "casia": ("liuchanhg", "zhaoquanyin", "wangzhe", "zhaozuoxiang"),
    "ravdess": ("02", "04", "01", "03"),
}

#: Every speaker of the open corpora, each held out once.
_SPEAKERS = {
    "emodb": ("03", "08", "09", "10", "11", "12", "13", "14", "15", "16"),
    "casia": SOME_SPEAKERS["casia"],
    "ravdess": tuple(f"{number:02d}" for number in range(1, 25)),
}

#: The schemes that hold out a speaker, by corpus.
HELD_OUT = {
    corpus: tuple(str(domains.schemes.Scheme((corpus,), corpus, name)) for name in names)
    for corpus, names in _SPEAKERS.items()
}

#: IFN without transfer and with TLMLDA's.
_BOTH: tuple[dict[str, Any], ...] = ({}, {"transfer": "tlmlda"})


def _of_streams(
    streams: tuple[str, ...], names: tuple[str, ...], presets: tuple[str, ...], *changes: Mapping[str, Any]
) -> Block:
    features, options = stream_plans.of(streams)
    return Block(domains.OPEN_SCHEMES, names, presets, 5, tuple({**options, **c} for c in changes or ({},)), features)


def _into(target: str, every: Sequence[str]) -> tuple[str, ...]:
    """Those of some schemes that lead to a corpus."""
    return tuple(s for s in every if domains.schemes.parse(s).target == target)


def _chosen(
    names: tuple[str, ...], features: tuple[str, ...], seeds: int = 5, every: Sequence[str] = (), **more: Any
) -> tuple[Block, ...]:
    """A block for each target, by the preset that was chosen without it; the open six and leave-one-out if not said."""
    every = every or (*domains.OPEN_SCHEMES, *domains.LEAVE_ONE_OUT.values())
    return tuple(
        Block(_into(t, every), names, (f"recommended-without-{corpora.short(t)}",), seeds, features=features, **more)
        for t in ("emodb", "casia", "ravdess")
    )


#: The open six with a target of which 70 % have one emotion, for each emotion.
LOPSIDED = tuple(
    f"{s}-{domains.schemes.MOSTLY}{emotion}" for s in domains.OPEN_SCHEMES for emotion in domains.SCHEMES[s]
)

#: All that was asked of features: sets by alignment, scalings, other methods, layers, targets of mostly one emotion.
_FEATURES: tuple[Block, ...] = (
    *(block for sets in feature_scores.SETS for block in _chosen(feature_scores.METHODS, sets)),
    *_chosen(
        ("only_cls", "tlmlda"), feature_scores.BEST, changes=tuple({"within": name} for name in ("corpus", "speaker"))
    ),
    Block(
        domains.OPEN_SCHEMES,
        ("pca_svm", "dosl", "jdar", "tsdsl", "lda", "coral", "subspace"),
        ("zscore", "voices"),
        features=feature_scores.BEST,
    ),
    Block(domains.OPEN_SCHEMES, ("dbn_bp",), ("fast",), 5, ({"within": "voices"},), feature_scores.BEST),
    *(Block(domains.OPEN_SCHEMES, ("lda",), ("zscore",), features=(name,)) for name in feature_scores.LAYERS),
    *_chosen(("only_cls", "tlmlda"), feature_scores.BEST, 3, LOPSIDED),
    *_chosen(("tlmlda_vote", "tlmlda_self"), feature_scores.BEST, 3, domains.OPEN_SCHEMES),
)


#: The grids behind the book's tables. Schemes whose corpora are missing are left out.
PLANS: dict[str, Plan] = {
    "quick": Plan("a minute or two, to see that everything works", (Block(_BC, ("tlmlda", "pca_svm"), ("quick",), 2),)),
    "main": Plan(
        "the open six: our setting, without transfer, and the plain baseline in three scalings",
        (
            Block(
                domains.OPEN_SCHEMES,
                ("tlmlda", "only_cls", "pca_svm"),
                ("recommended-is10", "zscore", "voices", "minmax"),
            ),
        ),
    ),
    "table3": Plan("the paper's Table 3: ablations", (Block(_TEN, (*TABLE_3, "only_cls"), ("recommended-is10",)),)),
    "table4": Plan(
        "the paper's Table 4: other methods, in every scaling that they have",
        (Block(_TEN, TABLE_4, ("recommended-is10", "fast", "minmax", "zscore", "rank", "voices")),),
    ),
    "baselines": Plan(
        "what every toolbox has: three older ways to adapt, shrinkage LDA, the majority; a network that is not "
        "pre-trained",
        (
            Block(domains.OPEN_SCHEMES, ("coral", "tca", "subspace", "lda", "majority"), ("zscore",)),
            Block(_BC, ("bp",), ("fast",), 3),
            Block(_WITH_R, ("bp",), ("fast",), 1),
        ),
    ),
    "authors": Plan(
        "as the authors' public scripts do it: 500 epochs for the first question of the audit, 150 for the rest",
        (
            Block(_BC, ("tlmlda", "tlmlda_m", "only_cls"), ("authors",), 3),
            Block(_BC, ("tlmlda_alpha", "tlmlda_w", "tlmlda_l"), ("authors",), 3, (_SHORT,)),
            Block(_WITH_R, ("tlmlda", "only_cls"), ("authors",), 3, (_SHORT,)),
        ),
        grid="authors",
    ),
    "paper": Plan(
        "as printed, or as we read it where the paper is silent",
        (Block(_BC, ("tlmlda",), ("paper",), 3),),
        grid="authors",
    ),
    "prices": Plan(
        "the price of each choice: those of the authors' scripts (150 epochs), and of our scaling, one at a time",
        (
            Block(_BC, ("tlmlda",), ("authors",), 3, tuple({**_SHORT, **change} for change in PRICED.values())),
            Block(
                domains.OPEN_SCHEMES,
                ("tlmlda",),
                ("recommended-is10",),
                3,
                tuple({"within": w} for w in OTHER_SCALINGS),
            ),
        ),
        grid="prices",
    ),
    "parts": Plan(
        "targets of one gender, and of one speaker",
        (
            Block(
                tuple(f"{s}-{g}" for s in domains.OPEN_SCHEMES for g in ("female", "male")),
                ("tlmlda", "only_cls"),
                ("recommended-is10",),
                2,
            ),
            Block(
                tuple(
                    f"{s}-{name}"
                    for s in domains.OPEN_SCHEMES
                    for name in SOME_SPEAKERS[domains.schemes.parse(s).target]
                ),
                ("tlmlda", "only_cls"),
                ("recommended-is10",),
                1,
            ),
        ),
        grid="parts",
    ),
    "fusions": Plan(
        "Part 4: each stream alone, each two, all; every fusion; with transfer and without; the plainest fusion beside",
        (
            *(_of_streams(names, ("late_fusion",), ("zscore", "voices")) for names in stream_plans.TOGETHER),
            *(_of_streams(names, ("ifn",), ("default",), *_BOTH) for names in stream_plans.TOGETHER),
            *(
                _of_streams(names, ("ifn",), ("default",), *({"fusion": f} | t for t in _BOTH))
                for names in stream_plans.TOGETHER[-2:]
                for f in stream_plans.OTHER_FUSIONS
            ),
            *(_of_streams(names, ("ifn",), ("recommended",)) for names in stream_plans.TOGETHER[-2:]),
        ),
        grid="streams",
    ),
    "feature-sets": Plan(
        "feature sets by alignment, scaling and method, by the preset chosen without the target; layers; targets of "
        "mostly one emotion",
        _FEATURES,
        grid=feature_scores.GRID,
    ),
    "gap": Plan(
        "the plain baseline, scaled by the source alone: on the open six, and on each speaker held out of one corpus",
        tuple(
            Block(
                (*domains.OPEN_SCHEMES, *(scheme for of in HELD_OUT.values() for scheme in of)),
                ("pca_svm",),
                ("zscore",),
                changes=({"within": "source"},),
                features=sets,
            )
            for sets in (("is10",), feature_scores.BEST)
        ),
        grid="gap",
    ),
    "leave-one-out": Plan(
        "one corpus is the target, the others are the source",
        (
            Block(
                tuple(domains.LEAVE_ONE_OUT.values()), ("tlmlda", "only_cls", "pca_svm"), ("recommended-is10", "zscore")
            ),
            Block(tuple(domains.LEAVE_ONE_OUT.values()), ("ifn", "late_fusion"), ("default", "zscore"), 5, _BOTH),
        ),
        grid="leave-one-out",
    ),
}


@dataclass(frozen=True)
class Command:
    """A collection that has its own command.

    Parameters
    ----------
    what : str
        What it holds, for a list.
    words : tuple of str
        The command, as they stand after `tlmlda`.
    """

    what: str
    words: tuple[str, ...]


#: Records that are no plan's, by their collection: a search learns from its first runs what to run next; the others
#: make several records of one training.
COMMANDS: dict[str, Command] = {
    "search": Command("every setting that was tried for TLMLDA's preset `recommended-is10`", ("search", "tlmlda")),
    "search-features": Command("features and settings that were tried on five corpora", ("search", "features")),
    "search-ifn": Command("every setting that was tried for IFN's preset `recommended`", ("search", "ifn")),
    "figure2": Command("the paper's Figure 2: features of both corpora in the plane", ("figure2",)),
    "stress": Command("IFN with held-out source speakers, and with degraded target audio", ("stress",)),
}


def _taken(change: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The part of a block's change for which one of these methods has an option."""
    kinds = [methods.METHODS[name] for name in names if name in methods.METHODS]
    return {k: v for k, v in change.items() if any(k in inspect.signature(kind).parameters for kind in kinds)}


def cells(
    schemes: Sequence[str],
    names: Sequence[str],
    presets: Sequence[str] = (),
    seeds: int = 5,
    *,
    params: Mapping[str, Any] | None = None,
    grid: str = "main",
    features: tuple[str, ...] = (),
) -> list[Cell]:
    """The product of schemes, methods, presets and seeds; a deterministic method runs once. Chapter 3.4.

    Parameters
    ----------
    schemes, names : sequence of str
        As `tlmlda_lib.domains.schemes.parse` takes them, and keys of `tlmlda_lib.methods.METHODS`.
    presets : sequence of str
        A method runs with those that it has, or with its default if it has none of them.
    seeds : int
        Number of seeds (0, 1, ..); a deterministic method runs once.
    params : dict, optional
        Options in place of the presets'; each method uses those that it has.
    grid : str
        Collection of the records.
    features : tuple of str
        Feature sets in place of the methods' own.

    Returns
    -------
    list of Cell
        Scheme by scheme, and within it seed by seed, so that an interrupted grid has complete tables with few seeds.

    Raises
    ------
    UserError
        If a scheme, method, preset or option is not known.
    """
    known = list(dict.fromkeys(str(domains.schemes.parse(s)) for s in schemes))
    names = list(dict.fromkeys(names))
    has = {name: methods.presets(name) for name in names}
    for preset in presets:
        if not any(preset in own for own in has.values()):
            methods.make(names[0], preset)  # raises, listing the known ones
    params = dict(params or {})
    takes = {name: set(inspect.signature(methods.METHODS[name]).parameters) for name in names}
    for option in params:
        if not any(option in own for own in takes.values()):
            methods.make(names[0], **{option: None})
    rows = [(name, p) for name in names for p in [p for p in presets if p in has[name]] or [has[name][0]]]
    made = [
        Cell(scheme, name, preset, seed, {k: v for k, v in params.items() if k in takes[name]}, grid, features)
        for scheme in known
        for seed in range(seeds)
        for name, preset in rows
        if seed in run.seeds_of(name, seeds)
    ]
    if not made:
        raise UserError("the grid has no cells: give at least one scheme, one method and one seed")
    return made


def of_plan(
    name: str,
    *,
    schemes: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    presets: Sequence[str] | None = None,
    seeds: int | None = None,
    **how: Any,
) -> list[Cell]:
    """The cells of a plan, optionally with other schemes, methods, presets, seeds or another collection.

    Parameters
    ----------
    name : str
        A key of `PLANS`.
    schemes, names, presets : sequence of str, optional
        In place of the plan's.
    seeds : int, optional
        In place of the plan's.
    **how
        ``params`` and ``grid``, as in `cells`.

    Raises
    ------
    UserError
        If the plan is not known, or as in `cells`.
    """
    if name not in PLANS:
        raise UserError(f"plan {name!r} is not known: use one of {', '.join(PLANS)}")
    given = dict(how.pop("params", None) or {})
    how["grid"] = how.get("grid") or PLANS[name].grid
    made = [
        cell
        for block in PLANS[name].blocks
        for change in block.changes
        for cell in cells(
            block.schemes if schemes is None else schemes,
            block.methods if names is None else names,
            block.presets if presets is None else presets,
            block.seeds if seeds is None else seeds,
            params={**_taken(change, block.methods if names is None else names), **given},
            features=block.features,
            **how,
        )
    ]
    return list({cell.place(""): cell for cell in made}.values())
