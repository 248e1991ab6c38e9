"""Every choice of a training run, and the presets. Chapter 2.7."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from numbers import Real
from typing import Any, TypeVar

import numpy as np

from tlmlda_lib.errors import UserError
from tlmlda_lib.losses import LOSSES, in_use

#: The paper's five losses, in its order, and the factors alpha that it prints for E to B.
FIVE = ("S", "T", "y", "MMD", "LMMD")
PRINTED = {name: LOSSES[name].alpha for name in FIVE}


@dataclass(frozen=True)
class Range:
    """The values that an option may have."""

    fits: Callable[[Any], bool]  # whether a value is one of them
    needed: str  # in words, for the message


def _number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


COUNT = Range(lambda n: _number(n) and isinstance(n, int) and n >= 1, "a whole number from 1")
COUNTS = Range(lambda v: isinstance(v, tuple) and all(map(COUNT.fits, v)), COUNT.needed)
NOT_NEGATIVE = Range(lambda x: _number(x) and 0 <= x < math.inf, "a number from 0")
POSITIVE = Range(lambda x: _number(x) and 0 < x < math.inf, "a number above 0")
RATE = Range(lambda x: _number(x) and 0 <= x < 1, "a rate from 0 to below 1")
SHARE = Range(lambda x: _number(x) and 0 <= x <= 1, "a share from 0 to 1")
FLAG = Range(lambda x: isinstance(x, bool), "true or false")


def check(options: Any, ranges: Mapping[str, Range]) -> None:
    """Raise `UserError` with the first option whose value is out of its range.

    Parameters
    ----------
    options : object
        With an attribute for each option.
    ranges : mapping of str to Range
        By name.
    """
    for name, allowed in ranges.items():
        if not allowed.fits(value := getattr(options, name)):
            raise UserError(f"{name}={value!r}: {allowed.needed} is needed")


def plain(value: Any) -> Any:
    """A value of an option in Python's own types: numpy's numbers, arrays and what contains them; others as they are.

    JSON and PyTorch do not take all of numpy's types.

    Parameters
    ----------
    value : object
        An option's value.

    Returns
    -------
    object
        The same object where there is nothing to change.

    Examples
    --------
    >>> plain((np.int64(2), 3)), plain(np.float32(0.5)), plain(np.array([12, 8]))
    ((2, 3), 0.5, (12, 8))
    """
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and not value.ndim):
        return value.item()
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return tuple(value.tolist())
    if isinstance(value, dict):
        new: Any = {plain(k): plain(v) for k, v in value.items()}
        same = all(a is b and v is w for (a, v), (b, w) in zip(value.items(), new.items(), strict=True))
        return value if same else new
    if type(value) in (list, tuple):
        new = type(value)(plain(v) for v in value)
        return value if all(v is w for v, w in zip(value, new, strict=True)) else new
    return value


def settle(options: Any) -> None:
    """Make the values of a frozen dataclass of options `plain`, before they are checked.

    Parameters
    ----------
    options : object
        The options, which are changed in place.
    """
    for one in fields(options):
        object.__setattr__(options, one.name, plain(getattr(options, one.name)))


@dataclass(frozen=True)
class Options:
    """Choices of a training run; the defaults are the paper's, or our reading where it is silent. Chapter 2.7.

    Examples
    --------
    >>> PRESETS["paper"].encoder, PRESETS["paper"].batch_size
    ((1200, 900, 500), 100)
    """

    # The network (Figure 1)
    encoder: tuple[int, ...] = (1200, 900, 500)  # widths; the code comes last, the decoder mirrors them
    emotion: tuple[int, ...] = (600, 256)  # widths; MMD and LMMD act on the last
    encoder_activation: str = "elu"  # or "sigmoid", "relu"
    decoder_activation: str = "sigmoid"  # or "elu", "relu"
    output_activation: str = "sigmoid"  # "linear" where features are not in [0, 1]
    emotion_activation: str = "sigmoid"  # or "elu", "relu"
    dropout: float = 0.5  # the rate is not printed
    dropout_code: bool = True  # dropout after the code layer too
    batchnorm: str = "joint"  # "joint" one mixed batch; "separate" one after the other; "domain" one BatchNorm each
    batchnorm_output: bool = False  # BatchNorm before the output's Sigmoid
    batchnorm_emotion: bool = False  # BatchNorm in the emotion network's first layer
    # The features
    scaling: str = "minmax"  # "minmax", "zscore", "rank"
    within: str = "corpus"  # "corpus", "voices", "speaker"; "batch": min-max refitted on every mini-batch
    noise_std: float = 1.0  # after scaling, in training, on the input only
    noise: str = "fresh"  # "fresh" for each sample; "shared": one vector a step for all samples of both domains
    # The losses (equations 1 to 6)
    losses: tuple[str, ...] = FIVE  # "y" and any other rows of `tlmlda_lib.losses.LOSSES`
    alpha: Mapping[str, float] = field(default_factory=PRINTED.copy, hash=False)  # a factor for each loss, by name
    update: str = "epoch"  # dynamic weights by "epoch" or "batch"; "running" as in the authors' scripts; "constant"
    reconstruction: str = "mean"  # "mean", "sum", "printed", "bce"
    power: int = 2  # squares; 1: roots, as printed
    common: str = "both"  # classes that LMMD counts: "both", "source", "all"
    ramp: bool = False  # alignment grows from 0 to its weight, 2 / (1 + exp(-10 progress)) - 1
    # The optimiser
    optimizer: str = "adam"  # or "adamw"
    learning_rate: float = 1e-5  # of the optimiser; the peak with "onecycle"
    weight_decay: float = 0.0  # of the optimiser
    schedule: str = "constant"  # or "onecycle"
    reset_optimizer: bool = False  # a new Adam each epoch
    batch_size: int = 100  # of each domain
    drop_last: bool = False  # drop the rows that do not fill a batch
    epochs: int = 500  # an epoch passes over the longer domain once
    averaged: float = 0.0  # share of the epochs, at the end, whose weights are averaged

    def __post_init__(self) -> None:
        settle(self)
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise UserError(
                    f"{name}={getattr(self, name)!r} is not known: use one of {', '.join(map(repr, allowed))}"
                )
        for name in ("encoder", "emotion", "losses"):
            value = getattr(self, name)
            if not isinstance(value, list | tuple):
                raise UserError(f"{name}={value!r}: a list is needed, as {','.join(map(str, getattr(PAPER, name)))}")
            object.__setattr__(self, name, tuple(value))
        if "y" not in self.losses or not set(self.losses) <= set(LOSSES):
            raise UserError(f"losses={self.losses}: take 'y' and any of {', '.join(LOSSES)}")
        object.__setattr__(self, "losses", in_use(self.losses))
        object.__setattr__(self, "alpha", factors(self.alpha, self.losses))
        check(self, _RANGES)
        if not (self.encoder and self.emotion):
            raise UserError("the encoder and the emotion network need at least one layer each: give their widths")
        if self.within == "batch" and self.scaling != "minmax":
            raise UserError(f"scaling={self.scaling!r} within a batch is not known: within='batch' is for 'minmax'")

    @property
    def rebuilds(self) -> bool:
        """Whether there is a decoder."""
        return any(LOSSES[name].needs_decoder for name in self.losses)

    @property
    def uses_target(self) -> bool:
        """Whether training uses the target's (unlabelled) features."""
        return any(LOSSES[name].needs_target for name in self.losses)

    def factors(self) -> dict[str, float]:
        """The factor alpha of each loss in use."""
        return {name: self.alpha[name] for name in self.losses}


_CHOICES: dict[str, tuple[Any, ...]] = {
    "encoder_activation": ("elu", "sigmoid", "relu"),
    "decoder_activation": ("elu", "sigmoid", "relu"),
    "output_activation": ("sigmoid", "linear"),
    "emotion_activation": ("elu", "sigmoid", "relu"),
    "batchnorm": ("joint", "separate", "domain"),
    "scaling": ("zscore", "minmax", "rank"),
    "within": ("corpus", "voices", "speaker", "batch"),
    "noise": ("fresh", "shared"),
    "update": ("epoch", "batch", "running", "constant"),
    "reconstruction": ("mean", "sum", "printed", "bce"),
    "power": (1, 2),
    "common": ("both", "source", "all"),
    "optimizer": ("adam", "adamw"),
    "schedule": ("constant", "onecycle"),
}

_RANGES: dict[str, Range] = {
    **dict.fromkeys(("encoder", "emotion"), COUNTS),
    **dict.fromkeys(("batch_size", "epochs"), COUNT),
    **dict.fromkeys(("noise_std", "weight_decay"), NOT_NEGATIVE),
    "learning_rate": POSITIVE,
    "dropout": RATE,
    "averaged": SHARE,
    **dict.fromkeys(("dropout_code", "batchnorm_output", "batchnorm_emotion"), FLAG),
    **dict.fromkeys(("ramp", "reset_optimizer", "drop_last"), FLAG),
}


def factors(alpha: Any, losses: Sequence[str] = ()) -> dict[str, float]:
    """Factors alpha by the losses' names, in the table's order. Chapter 2.5.

    Parameters
    ----------
    alpha : mapping of str to float
    losses : sequence of str
        Losses in use: one that alpha does not name gets the factor of its row.

    Raises
    ------
    UserError
        If alpha is not a mapping, names an unknown loss, or contains a factor that is not a number from 0.
    """
    if not isinstance(alpha, Mapping):
        raise UserError(f"alpha={alpha!r}: name each factor, as {{'y': 3, 'MMD': 2}}, or --set alpha.y=3")
    if unknown := [name for name in alpha if name not in LOSSES]:
        raise UserError(f"alpha names {unknown[0]!r}, which is not a loss: use any of {', '.join(LOSSES)}")
    for name, a in alpha.items():
        if isinstance(a, bool) or not isinstance(a, Real) or not 0 <= float(a) < math.inf:
            raise UserError(f"alpha of {name} is {a!r}: a number from 0 is needed")
    found = {name: LOSSES[name].alpha for name in losses} | dict(alpha)
    return {name: float(found[name]) for name in in_use(found)}


def by_name(alpha: Any) -> Any:
    """Factors by name from the form of version 0.1, five in a row; anything else is returned unchanged.

    Parameters
    ----------
    alpha : object
        The factors.
    """
    return dict(zip(FIVE, alpha, strict=True)) if isinstance(alpha, list | tuple) and len(alpha) == len(FIVE) else alpha


_Choices = TypeVar("_Choices", bound=Any)


def changed(options: _Choices, changes: Mapping[str, Any]) -> _Choices:
    """Options of any dataclass with some changed; in alpha only the named factors.

    Parameters
    ----------
    options : Options
        The original.
    changes : mapping of str to object
        New values by name.
    """
    new = dict(changes)
    if isinstance(new.get("alpha"), Mapping):
        new["alpha"] = {**options.alpha, **new["alpha"]}
    return replace(options, **new)


PAPER = Options()

#: The authors' public scripts of January 2022, re-implemented from a list of facts; their scores are the oracle
#: column.
AUTHORS = replace(
    PAPER,
    dropout_code=False,
    batchnorm="separate",
    batchnorm_output=True,
    batchnorm_emotion=True,
    within="batch",
    noise_std=0.6,
    noise="shared",
    update="running",
    reconstruction="bce",
    weight_decay=5e-4,
    reset_optimizer=True,
    drop_last=True,
)

#: Start of the search for ``recommended-is10``: it comes from trials that were judged on target labels.
START = replace(
    PAPER,
    encoder=(256, 128),
    emotion=(64,),
    decoder_activation="elu",
    output_activation="linear",
    emotion_activation="elu",
    batchnorm="domain",
    scaling="zscore",
    within="voices",
    alpha={"S": 0.1, "T": 0.1, "y": 1, "MMD": 1, "LMMD": 1},
    update="epoch",
    ramp=True,
    optimizer="adamw",
    learning_rate=1e-3,
    weight_decay=0.01,
    schedule="onecycle",
    epochs=60,
    averaged=1 / 3,
)

#: For features of IS10, and all other corpora: the best of the search on all six (`tlmlda_lib.experiments.search`).
#: What was found for each of theirs is in `tlmlda_lib.experiments.settings`.
RECOMMENDED_IS10 = replace(START, dropout=0.3)

#: Changes of the start that the search over features and settings chose (`tlmlda_lib.experiments.choosing`): for each
#: target corpus on the pairs in which it does not occur, and on all pairs ("any"). Features are a hidden layer of a
#: speech encoder beside the speaker encoder; for R the layer alone was chosen.
CHOSEN: dict[str, dict[str, Any]] = {
    "B": {"alpha": {**START.alpha, "LMMD": 3.0}, "batch_size": 200},
    "C": {"alpha": {**START.alpha, "LMMD": 3.0}, "encoder": (512, 256), "emotion": (128,)},
    "R": {},
    "urdu": {"update": "constant"},
    "turev": {"dropout": 0.3},
    "any": {"update": "constant"},
}

#: The preset that is shipped, and for each target corpus the one to be used in a table.
RECOMMENDED = replace(START, **CHOSEN["any"])
WITHOUT = {f"recommended-without-{name}": replace(START, **CHOSEN[name]) for name in CHOSEN if name != "any"}

#: A few seconds on synthetic speech, for the book.
QUICK = replace(
    START,
    encoder=(64, 32),
    emotion=(16,),
    within="corpus",
    noise_std=0.3,
    dropout=0.2,
    learning_rate=3e-3,
    epochs=30,
)

PRESETS: dict[str, Options] = {
    "paper": PAPER,
    "authors": AUTHORS,
    "start": START,
    "recommended": RECOMMENDED,
    **WITHOUT,
    "recommended-is10": RECOMMENDED_IS10,
    "quick": QUICK,
}

#: Names of all options, in order.
OPTION_NAMES = tuple(field.name for field in fields(Options))


def describe(options: Any) -> dict[str, Any]:
    """Options of any dataclass as plain lists, numbers and factors by name, for a record or a checkpoint.

    Parameters
    ----------
    options : Options
        Choices of a run.
    """
    return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(options).items()}
