"""Which cells make a grid: plans by name, and cells from lists of schemes, methods, presets and seeds."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tlmlda_lib import domains, methods
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import run, store

#: Rows of the paper's Table 3, the method and its ablations, and of its Table 4, by the library's names.
TABLE_3 = ("tlmlda_w", "tlmlda_alpha", "tlmlda_m", "tlmlda_l", "tlmlda")
TABLE_4 = ("pca_svm", "dbn_bp", "dosl", "jdar", "tsdsl", "tlmlda")

_TEN = tuple(dict.fromkeys((*domains.PAPER_SCHEMES, *domains.OPEN_SCHEMES)))


@dataclass(frozen=True)
class Cell:
    """What one record is of; a preset of None is the method's default."""

    scheme: str
    method: str
    preset: str | None = None
    seed: int = 0
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    grid: str = "main"

    def place(self, results: str | Path) -> Path:
        """Where its record lies (for pairs of IS10 alone)."""
        return store.path(results, **self.named()[2])

    def named(self) -> tuple[Any, dict[str, Any], dict[str, Any]]:
        """Its method, not yet fitted, all options, and the fields that name its record."""
        return run.named(self.scheme, self.method, self.preset, self.seed, params=self.params, grid=self.grid)

    def __str__(self) -> str:
        preset = "" if self.preset is None else f" {self.preset}"
        return f"{self.scheme} {self.method}{preset} seed {self.seed}"


@dataclass(frozen=True)
class Plan:
    """A grid with a name; ``presets`` that a method does not have are passed over, none at all means its default."""

    what: str
    schemes: tuple[str, ...]
    methods: tuple[str, ...]
    presets: tuple[str, ...]
    seeds: int = 5


#: The grids behind the book's tables. Where a corpus is not here, its schemes are left out.
PLANS: dict[str, Plan] = {
    "quick": Plan(
        "a minute or two, to see that everything works", ("B2C", "C2B"), ("tlmlda", "pca_svm"), ("quick",), 2
    ),
    "main": Plan(
        "the open six: our setting, without transfer, and the plain baseline in three scalings",
        domains.OPEN_SCHEMES,
        ("tlmlda", "only_cls", "pca_svm"),
        ("recommended", "zscore", "voices", "minmax"),
    ),
    "table3": Plan("the paper's Table 3: ablations", _TEN, (*TABLE_3, "only_cls"), ("authors", "recommended")),
    "table4": Plan("the paper's Table 4: other methods", _TEN, TABLE_4, ("authors", "recommended")),
    "leave-one-out": Plan(
        "one corpus is the target, the others are the source",
        tuple(domains.LEAVE_ONE_OUT.values()),
        ("tlmlda", "only_cls", "pca_svm"),
        ("recommended", "zscore"),
    ),
}


def cells(
    schemes: Sequence[str],
    names: Sequence[str],
    presets: Sequence[str] = (),
    seeds: int = 5,
    *,
    params: Mapping[str, Any] | None = None,
    grid: str = "main",
) -> list[Cell]:
    """The product of schemes, methods, presets and seeds, as far as it has a meaning.

    Parameters
    ----------
    schemes, names : sequence of str
        Keys of `tlmlda_lib.domains.SCHEMES` (or of `LEAVE_ONE_OUT`) and of `tlmlda_lib.methods.METHODS`.
    presets : sequence of str
        A method runs with those that it has; with its default where it has none of them.
    seeds : int
        0, 1, ..; a method in which nothing is drawn runs once.
    params : dict, optional
        Options in place of the presets'; a method takes those that it has.
    grid : str
        The records' collection.

    Returns
    -------
    list of Cell
        Scheme by scheme, and within it seed by seed, so that a grid that is cut off has whole tables of few seeds.

    Raises
    ------
    UserError
        If a scheme, method, preset or option is known to nobody.
    """
    known = [s for s in dict.fromkeys(domains.LEAVE_ONE_OUT.get(s, s) for s in schemes)]
    for scheme in known:
        if scheme not in domains.SCHEMES:
            every = ", ".join([*domains.SCHEMES, *domains.LEAVE_ONE_OUT])
            raise UserError(f"scheme {scheme!r} is not known: use one of {every}")
    names = list(dict.fromkeys(names))
    has = {name: methods.presets(name) for name in names}
    for preset in presets:
        if not any(preset in own for own in has.values()):
            methods.make(names[0], preset)  # says which there are
    params = dict(params or {})
    takes = {name: set(inspect.signature(methods.METHODS[name]).parameters) for name in names}
    for option in params:
        if not any(option in own for own in takes.values()):
            methods.make(names[0], **{option: None})
    rows = [(name, p) for name in names for p in [p for p in presets if p in has[name]] or [has[name][0]]]
    made = [
        Cell(scheme, name, preset, seed, {k: v for k, v in params.items() if k in takes[name]}, grid)
        for scheme in known
        for seed in range(seeds)
        for name, preset in rows
        if seed in run.seeds_of(name, seeds)
    ]
    if not made:
        raise UserError("the grid has no cell: name at least one scheme, one method and one seed")
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
    """The cells of a plan, with other schemes, methods, presets or seeds where these are given.

    Raises
    ------
    UserError
        If there is no such plan, or as in `cells`.
    """
    if name not in PLANS:
        raise UserError(f"plan {name!r} is not known: use one of {', '.join(PLANS)}")
    plan = PLANS[name]
    return cells(
        plan.schemes if schemes is None else schemes,
        [m for m in plan.methods if m in methods.METHODS] if names is None else names,
        plan.presets if presets is None else presets,
        plan.seeds if seeds is None else seeds,
        **how,
    )
