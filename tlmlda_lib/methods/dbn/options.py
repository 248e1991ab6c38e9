"""Every choice of DBN + BP, and the presets. Chapter 3.3."""

from __future__ import annotations

from dataclasses import dataclass

from tlmlda_lib.domains.scaling import KINDS, WITHIN
from tlmlda_lib.errors import UserError
from tlmlda_lib.training.options import COUNT, COUNTS, FLAG, NOT_NEGATIVE, POSITIVE, Range, check, settle


@dataclass(frozen=True)
class DBNOptions:
    """Every choice of a run; the numbers are ours, since the literature does not give them."""

    hidden: tuple[int, ...] = (256, 256, 512)  # widths of the layers, lowest first
    scaling: str = "minmax"  # "zscore": the lowest machine is Gaussian-Bernoulli, else all are Bernoulli-Bernoulli
    within: str = "corpus"  # "corpus", "voices", "speaker"
    pretrain: bool = True  # without it, initial weights are PyTorch's
    rbm_epochs: int = 30  # for each layer
    rbm_learning_rate: float = 0.05  # of a Bernoulli-Bernoulli machine
    gaussian_learning_rate: float = 0.001  # of a Gaussian-Bernoulli machine, which diverges easily
    batch_size: int = 64  # rows
    learning_rate: float = 1e-4  # Adam's, of layers that are pre-trained
    new_learning_rate: float = 1e-3  # of the head, and of layers that are not
    epochs: int = 100  # of fine-tuning, at most
    patience: int = 10  # epochs without a lower loss on the held-out fold

    def __post_init__(self) -> None:
        settle(self)
        if isinstance(self.hidden, list):
            object.__setattr__(self, "hidden", tuple(self.hidden))
        for name, known in (("scaling", KINDS), ("within", WITHIN)):
            if getattr(self, name) not in known:
                raise UserError(f"{name} {getattr(self, name)!r} is not known: use one of {', '.join(known)}")
        check(self, _RANGES)


_RANGES = {
    "hidden": Range(lambda v: COUNTS.fits(v) and bool(v), "a width from 1 for each layer"),
    "rbm_epochs": Range(lambda n: n == 0 or COUNT.fits(n), "a whole number from 0"),
    **dict.fromkeys(("batch_size", "epochs", "patience"), COUNT),
    **dict.fromkeys(("rbm_learning_rate", "gaussian_learning_rate"), NOT_NEGATIVE),
    **dict.fromkeys(("learning_rate", "new_learning_rate"), POSITIVE),
    "pretrain": FLAG,
}


PRESETS = {"fast": DBNOptions(), "full": DBNOptions(hidden=(1000, 1000, 2000))}
