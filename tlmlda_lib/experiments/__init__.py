"""From a grid of schemes, methods, presets and seeds to records, and from records to tables.

`run` makes records, `store` keeps them, `tables` reads them, `compare` and `criteria` weigh them; `contents` and
`provenance` say what a record holds.
`predict` uses a method that was saved.
"""

from __future__ import annotations

import importlib
from types import ModuleType

__all__ = ["compare", "contents", "criteria", "predict", "provenance", "resampling", "run", "store", "tables"]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
