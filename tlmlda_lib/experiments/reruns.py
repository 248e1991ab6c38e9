"""Which cells make the numbers of a page of the book: from a page's name to plans, and from these to commands.

`tlmlda reproduce peeking` runs what this table says of the page ``peeking``. A page reads a record where it takes a
score from it; one that only corrects its p-values for a comparison with it reads it as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from tlmlda_lib.domains import OPEN_SCHEMES, schemes
from tlmlda_lib.errors import UserError, one_of
from tlmlda_lib.experiments import feature_scores, plans, stream_plans
from tlmlda_lib.experiments.plans import COMMANDS, PLANS, Cell

_BC = ("B2C", "C2B")


@dataclass(frozen=True)
class Part:
    """What a page reads of a plan: all its cells, or those that are of these schemes, methods, presets and seeds.

    Attributes
    ----------
    plan : str
        A key of `tlmlda_lib.experiments.plans.PLANS`, or of `COMMANDS`, whose records are all read.
    schemes, methods, presets : tuple of str
        Empty: all of the plan.
    seeds : int, optional
        Only the first few.
    where : callable, optional
        Further cells that are not read have a False.
    """

    plan: str
    schemes: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    presets: tuple[str, ...] = ()
    seeds: int | None = None
    where: Callable[[Cell], bool] | None = None

    def cells(self) -> list[Cell]:
        """The cells, none for a command, which finds its own."""
        if self.plan in COMMANDS:
            return []
        return [
            cell
            for cell in _all(self.plan, PLANS[self.plan])
            if (not self.schemes or cell.scheme in self.schemes)
            and (not self.methods or cell.method in self.methods)
            and (not self.presets or cell.preset in self.presets)
            and (self.seeds is None or cell.seed < self.seeds)
            and (self.where is None or self.where(cell))
        ]


@cache
def _all(name: str, plan: plans.Plan) -> tuple[Cell, ...]:
    """A plan's cells, found once: pages share them."""
    return tuple(plans.of_plan(name))


def _joins(*streams: tuple[str, ...], without: str = "") -> Callable[[Cell], bool]:
    """Whether a cell joins one of these sets of streams, and leaves an option as it is by default."""
    asked = [stream_plans.of(names)[1]["streams"] for names in streams]
    return lambda cell: cell.params.get("streams") in asked and without not in cell.params


_ALONE = tuple((name,) for name in stream_plans.STREAMS)
_PAIRS = tuple(names for names in stream_plans.TOGETHER if len(names) == 2)
_THREE, _EVERY = stream_plans.TOGETHER[-2:]

#: Ours and its ablations, and the paper's other methods, on the schemes that anyone can run.
_TABLE_3 = Part("table3", schemes=OPEN_SCHEMES)
_TABLE_4 = Part("table4", schemes=OPEN_SCHEMES)

#: The paper's features and the best ones, which chapter 1.7 compares.
_EARS = (("is10",), feature_scores.BEST)


def _as_chosen(cell: Cell) -> bool:
    """Whether a cell has one of these feature sets, and no option that is not its preset's."""
    return cell.features in _EARS and not cell.params


def _by_features(cell: Cell) -> bool:
    """Whether a cell is of the plot of features: any feature set with any alignment, no option changed."""
    return cell.method in feature_scores.METHODS and not cell.params


def _of_mostly_one(cell: Cell) -> bool:
    """Whether a cell's target has mostly one emotion."""
    return schemes.MOSTLY in cell.scheme and not cell.params


#: The comparison of the paper's features with the best ones, and the plot of all, which has three seeds of the others.
_COMPARED = Part("feature-sets", schemes=OPEN_SCHEMES, methods=("only_cls", "tlmlda"), where=_as_chosen)
_PLOT = Part("feature-sets", schemes=OPEN_SCHEMES, seeds=3, where=_by_features)

#: What each page of the book reads, by the page's name; nothing where its numbers are computed when it is built.
PAGES: dict[str, tuple[Part, ...]] = {
    "index": (),
    "scores": (Part("main"), _TABLE_3, _TABLE_4, Part("baselines")),
    "sitting": (
        Part("table4", schemes=OPEN_SCHEMES, methods=("pca_svm",), presets=("zscore", "voices")),
        Part("feature-sets", schemes=OPEN_SCHEMES, methods=("pca_svm",)),
        _COMPARED,
        Part("gap"),
    ),
    "hearing": (),
    "corpus": (),
    "features": (),
    "shift": (
        Part("table4", schemes=OPEN_SCHEMES, methods=("pca_svm",)),
        Part("baselines", methods=("majority",)),
    ),
    "certainty": (Part("table4", schemes=OPEN_SCHEMES, methods=("pca_svm",), presets=("zscore",)),),
    "choosing": (Part("table4", schemes=OPEN_SCHEMES, methods=("pca_svm",)),),
    "adaptation": (_COMPARED, Part("feature-sets", methods=("only_cls", "tlmlda"), where=_of_mostly_one)),
    "denoising": (),
    "emotion": (),
    "mmd": (),
    "lmmd": (),
    "weighting": (),
    "batch": (),
    "training": (),
    "cost": (),
    "ablations": (_TABLE_3, Part("authors"), Part("paper")),
    "pictures": (Part("figure2"),),
    "peers": (_TABLE_4, Part("main", methods=("only_cls",)), Part("baselines", where=lambda c: c.method != "majority")),
    "peeking": (
        _TABLE_3,
        Part("table4", schemes=_BC),
        Part("main", methods=("pca_svm",), presets=("zscore",)),
        Part("authors"),
        Part("paper"),
        Part("prices"),
        Part("search"),
    ),
    "own": (Part("parts"), Part("main", methods=("tlmlda", "only_cls"), seeds=2)),
    "streams": (
        Part("fusions", where=_joins(*_ALONE, _PAIRS[0])),
        Part("fusions", methods=("late_fusion",), presets=("zscore",), where=_joins(*_PAIRS, _EVERY)),
        Part("fusions", methods=("ifn",), where=_joins(_EVERY)),
        Part("fusions", methods=("ifn",), where=_joins(_PAIRS[-1], without="transfer")),
        Part("stress"),
        _COMPARED,
        _PLOT,
        Part("feature-sets", methods=("lda",), where=lambda c: c.features[0] in feature_scores.LAYERS),
    ),
    "trust": (
        Part("fusions", methods=("ifn",)),
        Part("fusions", methods=("late_fusion",), presets=("zscore",), where=_joins(*_PAIRS, _THREE, _EVERY)),
        Part("search-ifn"),
        Part("stress"),
    ),
    "reproducibility": (
        _TABLE_3,
        Part("table4", schemes=_BC, methods=("pca_svm",), presets=("zscore",)),
        Part("leave-one-out"),
        Part("fusions", presets=("default",), where=_joins(*_ALONE, *_PAIRS, _EVERY, without="transfer")),
        Part("fusions", presets=("default",), where=_joins(_THREE, without="fusion")),
        Part("fusions", presets=("recommended",), where=_joins(_EVERY)),
        Part("fusions", methods=("late_fusion",), presets=("zscore",), where=_joins(_THREE)),
        Part("stress"),
    ),
    "speaking": (),
}


def cells(page: str) -> list[Cell]:
    """The cells of grids that a page reads, each once; those of its `commands` are not among them.

    Parameters
    ----------
    page : str
        A key of `PAGES`.

    Raises
    ------
    UserError
        If no page has this name.
    """
    if page not in PAGES:
        raise unknown(page)
    return list({cell.place(""): cell for part in PAGES[page] for cell in part.cells()}.values())


def commands(page: str) -> list[str]:
    """The collections that a page reads and a command of their own makes: keys of `COMMANDS`.

    Parameters
    ----------
    page : str
        A key of `PAGES`.
    """
    return [part.plan for part in PAGES[page] if part.plan in COMMANDS]


def named() -> tuple[str, ...]:
    """Everything that can be rerun by its name: plans, commands and pages."""
    return (*PLANS, *COMMANDS, *PAGES)


def unknown(name: str) -> UserError:
    """What to say of a name that is none of `named`.

    Parameters
    ----------
    name : str
        As it was given.
    """
    return UserError(f"{name!r} is no plan and no page: use {one_of(name, named())}")
