"""Cross-corpus speech emotion recognition with TLMLDA: the library behind the book.

The method itself is `losses` (equations 1 to 4), `weighting` (5 and 6) and `networks` (Figure 1). Packages follow the
data's way: `corpora` (recordings), `features` (sound to numbers), `domains` (a labelled source and an unlabelled
target), `training` (the loop), `methods` (scikit-learn classifiers), `evaluation` (scores and intervals), `experiments`
(grids, records, tables). `book` is what the pages show, `cli` the command line. `files` says where files lie and writes
them, `errors` are those that a user can mend, `progress` shows how far a work is. `adapt` goes all the way: from
labelled corpora to recordings without labels.

Each is loaded when it is first touched, so ``import tlmlda_lib`` does not wait for torch.
"""

from __future__ import annotations

import importlib
import importlib.abc
import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

__version__ = "0.1.0"

_PARTS = (
    *("losses", "weighting", "networks", "training", "methods", "corpora", "features", "domains"),
    *("evaluation", "experiments", "book", "cli", "files", "errors", "progress"),
)

__all__ = ["__version__", "adapt", *_PARTS]


class _Moved(importlib.abc.MetaPathFinder):
    """Says where a module is that is imported by its older name; it is asked last, where nothing was found."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Raise ImportError for an older name; find nothing."""
        package, _, rest = name.partition(".")
        if package == __name__:
            _say_where(rest)


def _say_where(name: str) -> None:
    from tlmlda_lib.errors import MOVED

    if name in MOVED:
        raise ImportError(f"tlmlda_lib.{name} is now tlmlda_lib.{MOVED[name]}: import it from there")


sys.meta_path.append(_Moved())


def _lazily(
    package: str, parts: tuple[str, ...], modules: Mapping[str, str] = MappingProxyType({})
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a package whose parts are loaded when they are first touched.

    `parts` are its modules; `modules` has the module of each thing that the package has as its own.
    """

    def get(name: str) -> Any:
        if name in parts:
            return importlib.import_module(f"{package}.{name}")
        if name in modules:
            return getattr(importlib.import_module(f"{package}.{modules[name]}"), name)
        every = ", ".join((*parts, *sorted(modules)))
        raise AttributeError(f"module {package!r} has no attribute {name!r}; it has {every}")

    return get, lambda: sorted(sys.modules[package].__all__)


__getattr__, __dir__ = _lazily(__name__, _PARTS, {"adapt": "experiments.adaptation"})
