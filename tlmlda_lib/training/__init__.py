"""The training loop: options and presets, batches, the trainer, criteria without labels, checkpoints. Chapter 2.7.

Criteria need no network: torch is loaded when the first of the names below is touched.
"""

from typing import TYPE_CHECKING

from tlmlda_lib import _lazily

if TYPE_CHECKING:
    from tlmlda_lib.training.options import PRESETS, Options
    from tlmlda_lib.training.trainer import PairArrays, Trainer, Training

__all__ = ["PRESETS", "Options", "PairArrays", "Trainer", "Training"]

_MODULES = {
    "PRESETS": "options",
    "Options": "options",
    "PairArrays": "trainer",
    "Trainer": "trainer",
    "Training": "trainer",
}

__getattr__, __dir__ = _lazily(__name__, (), _MODULES)
