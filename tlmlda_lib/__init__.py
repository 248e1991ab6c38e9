"""Cross-corpus speech emotion recognition with TLMLDA: the library behind the book.

Rooms follow the data's way: `corpora` (recordings), `features` (sound to numbers), `scaling` and `domains` (source and
target), `losses`, `weighting`, `networks`, `selection` (the method's parts), `trainer` (the loop), `methods`
(scikit-learn classifiers), `evaluation`, `reproducibility` and `experiments` (honest figures), `plots` and
`explorables` (what the pages show).

A room is loaded when it is first touched, so ``import tlmlda_lib`` does not wait for torch.
"""

from __future__ import annotations

import importlib
from types import ModuleType

__version__ = "0.1.0"

_ROOMS = (
    "corpora",
    "domains",
    "errors",
    "evaluation",
    "experiments",
    "explorables",
    "features",
    "losses",
    "methods",
    "networks",
    "plots",
    "reproducibility",
    "scaling",
    "selection",
    "teaching",
    "trainer",
    "weighting",
)

__all__ = ["__version__", *_ROOMS]


def __getattr__(name: str) -> ModuleType:
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; its rooms are {', '.join(_ROOMS)}")


def __dir__() -> list[str]:
    return sorted(__all__)
