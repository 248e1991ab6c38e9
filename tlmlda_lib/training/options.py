"""Every choice that a training run makes, and the presets that make them. Chapter 2.6."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from numbers import Real
from typing import Any

import numpy as np

from tlmlda_lib.errors import UserError

#: The five losses in the paper's order: source and target reconstruction, classification, whole and local alignment.
LOSSES = ("S", "T", "y", "MMD", "LMMD")

#: Printed factors alpha (S, T, y, MMD, LMMD) of each scheme; schemes with RAVDESS (R) take those of eNTERFACE (E).
PRINTED_ALPHA: dict[str, tuple[float, ...]] = {
    "E2B": (1, 1, 3, 1, 1),
    "B2E": (0.1, 0.1, 2, 1, 0.1),
    "E2C": (1, 1, 5, 2, 1),
    "C2E": (1, 1, 2, 1, 0.1),
    "B2C": (0.1, 0.1, 5, 1, 0.1),
    "C2B": (0.1, 0.1, 5, 2, 0.1),
}


@dataclass(frozen=True)
class Options:
    """Choices of a training run; the defaults are the paper's, or our readings where it is silent."""

    # The network (Figure 1)
    encoder: tuple[int, ...] = (1200, 900, 500)  # widths; the code comes last, the decoder mirrors them
    emotion: tuple[int, ...] = (600, 256)  # widths; MMD and LMMD act on the last
    encoder_activation: str = "elu"
    decoder_activation: str = "sigmoid"
    output_activation: str = "sigmoid"  # "linear" where features are not in [0, 1]
    emotion_activation: str = "sigmoid"
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
    losses: tuple[str, ...] = LOSSES
    alpha: tuple[float, ...] = PRINTED_ALPHA["E2B"]  # factors of S, T, y, MMD, LMMD
    update: str = "epoch"  # dynamic weights by "epoch" or "batch"; "running" as in the authors' scripts; "constant"
    reconstruction: str = "mean"  # "mean", "sum", "printed", "bce"
    power: int = 2  # squares; 1: roots, as printed
    common: str = "both"  # classes that LMMD counts: "both", "source", "all"
    ramp: bool = False  # alignment grows from 0 to its weight, 2 / (1 + exp(-10 progress)) - 1
    # The optimiser
    optimizer: str = "adam"  # or "adamw"
    learning_rate: float = 1e-5
    weight_decay: float = 0.0
    schedule: str = "constant"  # or "onecycle"
    reset_optimizer: bool = False  # a new Adam each epoch, without memory
    batch_size: int = 100  # of each domain
    drop_last: bool = False  # leave out the rest that does not fill a batch
    epochs: int = 500
    averaged: float = 0.0  # last share of the epochs whose weights are averaged

    def __post_init__(self) -> None:
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise UserError(
                    f"{name}={getattr(self, name)!r} is not known: use one of {', '.join(map(repr, allowed))}"
                )
        for name in ("encoder", "emotion", "losses", "alpha"):
            value = getattr(self, name)
            if not isinstance(value, list | tuple):
                raise UserError(f"{name}={value!r}: a list is needed, as {','.join(map(str, getattr(PAPER, name)))}")
            object.__setattr__(self, name, tuple(value))
        if len(self.alpha) != len(LOSSES):
            raise UserError(f"alpha={self.alpha} has {len(self.alpha)} factors: give five, for {', '.join(LOSSES)}")
        if "y" not in self.losses or not set(self.losses) <= set(LOSSES):
            raise UserError(f"losses={self.losses}: take 'y' and any of {', '.join(LOSSES)}")
        for name, (fits, needed) in _RANGES.items():
            value = getattr(self, name)
            for number in value if isinstance(value, tuple) else (value,):
                if isinstance(number, bool) or not isinstance(number, Real) or not fits(number):
                    raise UserError(f"{name}={value!r}: {needed} is needed")
        for name in ("dropout_code", "batchnorm_output", "batchnorm_emotion", "ramp", "reset_optimizer", "drop_last"):
            if not isinstance(getattr(self, name), bool):
                raise UserError(f"{name}={getattr(self, name)!r}: true or false is needed")
        if not (self.encoder and self.emotion):
            raise UserError("the encoder and the emotion network need at least one layer each: give their widths")
        if self.within == "batch" and self.scaling != "minmax":
            raise UserError(f"scaling={self.scaling!r} within a batch is not known: within='batch' is for 'minmax'")

    @property
    def rebuilds(self) -> bool:
        """Whether there is a decoder."""
        return bool({"S", "T"} & set(self.losses))

    @property
    def uses_target(self) -> bool:
        """Whether training looks at the target's (unlabelled) features."""
        return bool({"T", "MMD", "LMMD"} & set(self.losses))

    def factors(self) -> dict[str, float]:
        """Alpha of the losses in use, by name."""
        return {name: a for name, a in zip(LOSSES, self.alpha, strict=True) if name in self.losses}


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

_COUNT = (lambda n: isinstance(n, int | np.integer) and bool(n >= 1), "a whole number from 1")
_NOT_NEGATIVE = (lambda x: 0 <= x < math.inf, "a number from 0")

_RANGES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "encoder": _COUNT,
    "emotion": _COUNT,
    "dropout": (lambda x: 0 <= x < 1, "a rate from 0 to below 1"),
    "noise_std": _NOT_NEGATIVE,
    "alpha": _NOT_NEGATIVE,
    "learning_rate": (lambda x: 0 < x < math.inf, "a number above 0"),
    "weight_decay": _NOT_NEGATIVE,
    "batch_size": _COUNT,
    "epochs": _COUNT,
    "averaged": (lambda x: 0 <= x <= 1, "a share from 0 to 1"),
}

PAPER = Options()

#: What the authors' public scripts of January 2022 do, re-implemented from a list of facts; its figures are the
#: oracle column.
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

#: Where the search for ``recommended`` begins: it comes from trials that were looked at with target labels.
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
    alpha=(0.1, 0.1, 1, 1, 1),
    update="epoch",
    ramp=True,
    optimizer="adamw",
    learning_rate=1e-3,
    weight_decay=0.01,
    schedule="onecycle",
    epochs=60,
    averaged=1 / 3,
)

#: For corpora that are none of the open schemes': the best of the search on all six (`tlmlda_lib.experiments.search`).
RECOMMENDED = replace(START, dropout=0.3)

#: For each of their targets, what the search found by the schemes in which this corpus does not occur: options in place
#: of those above.
RECOMMENDED_FOR: dict[str, dict[str, Any]] = {
    "B": {"dropout": START.dropout, "noise_std": 2.0},
    "C": {
        "scaling": "rank",
        "output_activation": "sigmoid",
        "noise_std": 0.3,
        "encoder": (128, 64),
        "batchnorm": "joint",
        "batch_size": 200,
    },
    "R": {
        "dropout": START.dropout,
        "emotion_activation": "sigmoid",
        "alpha": (0.1, 0.1, 1, 0.1, 4.0),
        "schedule": "constant",
    },
}

#: A few seconds on made speech, for the book.
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
    "quick": QUICK,
}

#: Presets that follow the paper in giving every scheme its own alpha.
PRESETS_WITH_PRINTED_ALPHA = ("paper", "authors")

#: Names of all options, in order.
OPTION_NAMES = tuple(field.name for field in fields(Options))


def printed_alpha(scheme: str) -> tuple[float, ...]:
    """Factors that the paper prints for a scheme.

    Parameters
    ----------
    scheme : str
        As "C2B"; an R counts as an E. Schemes that the paper does not have get those of its first, E to B.
    """
    return PRINTED_ALPHA.get(scheme.replace("R", "E"), PRINTED_ALPHA["E2B"])


def describe(options: Any) -> dict[str, Any]:
    """Options, of any dataclass, as plain lists and numbers, for a record or a checkpoint."""
    return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(options).items()}
