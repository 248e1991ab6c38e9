"""The training loop: options and presets, batches, the trainer, criteria without labels, checkpoints. Chapter 2.7.

Criteria need no network: torch is loaded when the first of the names below is touched.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tlmlda_lib.training.options import PRESETS, Options
    from tlmlda_lib.training.trainer import PairArrays, Trainer, Training

__all__ = ["PRESETS", "Options", "PairArrays", "Trainer", "Training"]


def __getattr__(name: str) -> Any:
    """A public name when it is first touched."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    home = "options" if name in ("PRESETS", "Options") else "trainer"
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
