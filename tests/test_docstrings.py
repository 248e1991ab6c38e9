"""Docstrings: numpydoc's check that every parameter is described, and examples that run."""

from __future__ import annotations

import ast
import dataclasses
import doctest
import importlib
import importlib.util
import inspect
import pkgutil
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest

import tlmlda_lib

validate = pytest.importorskip("numpydoc.validate")

#: Functions whose docstring shows an example.
SHOWN = {
    "domains.scaling": ("PerDomainScaler",),
    "domains.schemes": ("parse", "common", "in_words"),
    "book.live.takes": ("tempered", "z_scores"),
    "evaluation.agreement": ("reproducibility", "fleiss_kappa", "variance_components", "calibration"),
    "evaluation.bootstrap": ("holm",),
    "evaluation.maximum": ("expected_maximum", "independent_looks"),
    "evaluation.neighbours": ("neighbour_share", "chance_share"),
    "evaluation.plots": ("colour",),
    "evaluation.rates": ("report", "war", "uar", "confusion", "t_interval", "epoch_rules"),
    "experiments.policy": ("tail", "p_words", "verdict"),
    "features.streams": ("streams",),
    "losses": ("reconstruction", "classification", "quadratic_forms", "mmd", "lmmd"),
    "methods.ifn.fusion": ("masked_softmax",),
    "methods.ifn.options": ("expanded",),
    "methods.regression": ("row_sparse",),
    "methods.tlmlda": ("TLMLDA",),
    "training.criteria": ("negative_entropy", "infomax", "bnm"),
    "training.options": ("Options", "plain"),
    "training.trainer": ("alignment_ramp",),
    "weighting": ("dynamic_weights", "LossWeights"),
}

MODULES = sorted(
    module.name.removeprefix("tlmlda_lib.")
    for module in pkgutil.walk_packages(tlmlda_lib.__path__, "tlmlda_lib.")
    if not module.name.endswith("__main__")
)


def source(name: str) -> str:
    spec = importlib.util.find_spec(f"tlmlda_lib.{name}")
    assert spec is not None
    return Path(str(spec.origin)).read_text(encoding="utf-8")


def bare(member: Any) -> Any:
    return member.__func__ if isinstance(member, classmethod | staticmethod) else member


def is_inherited(cls: type, name: str) -> bool:
    """Whether a class further up describes the method: one of the library's, or any of another package."""
    above = [base for base in cls.__mro__[1:] if name in vars(base)]
    return any(not base.__module__.startswith("tlmlda_lib") or vars(base)[name].__doc__ for base in above)


def public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Functions, classes and their methods that a module defines."""
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(thing):
            yield name, thing
        elif inspect.isclass(thing):
            yield name, thing
            for member, method in vars(thing).items():
                if not member.startswith("_") and inspect.isfunction(bare(method)) and not is_inherited(thing, member):
                    yield f"{name}.{member}", bare(method)


def commented(cls: type) -> set[str]:
    """Fields that have a comment, on their own line or above it."""
    lines = textwrap.dedent(inspect.getsource(cls)).splitlines()
    tree = ast.parse("\n".join(lines)).body[0]
    found = set()
    for node in getattr(tree, "body", []):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            here = range(node.lineno - 1, node.end_lineno or node.lineno)
            if any("#" in lines[i] for i in here) or lines[node.lineno - 2].lstrip().startswith("#"):
                found.add(node.target.id)
    return found


def attributes(thing: Any) -> set[str]:
    """Names that the section Attributes describes."""
    from numpydoc.docscrape import NumpyDocString

    described = NumpyDocString(inspect.cleandoc(thing.__doc__ or ""))["Attributes"]
    return {name for item in described for name in item.name.split(", ")}


def helped(function: Any) -> set[str]:
    """Parameters of a command that its `--help` describes."""
    try:
        hints = get_type_hints(function, include_extras=True)
    except NameError:  # names that are imported for the type checker alone
        return set()
    return {
        name
        for name, hint in hints.items()
        if get_origin(hint) is Annotated and any(getattr(extra, "help", None) for extra in get_args(hint)[1:])
    }


def faults(module: ModuleType) -> list[str]:
    found = []
    for name, thing in public(module):
        fields: set[str] = set()
        if inspect.isclass(thing):
            if dataclasses.is_dataclass(thing) or hasattr(thing, "_fields"):
                parents = [cls for cls in thing.__mro__ if cls.__module__.startswith(("tlmlda_lib", module.__name__))]
                fields = set().union(*(commented(cls) | attributes(cls) for cls in parents))
            elif "__init__" in vars(thing) and not getattr(thing, "_is_protocol", False):
                fields = {"**kwargs"}  # of the parent, which describes them
            else:
                continue  # made as its parent is
        else:
            fields = helped(thing)
        for code, text in validate.validate(f"{module.__name__}.{name}")["errors"]:
            names = set(re.findall(r"'([^']+)'", text)) - fields
            if code in ("PR01", "PR02") and names:
                verb = "describe" if code == "PR01" else "there is no parameter"
                found.append(f"{module.__name__}.{name}: {verb} {', '.join(sorted(names))}")
    return found


@pytest.mark.parametrize("name", MODULES)
def test_every_parameter_is_described(name: str) -> None:
    assert not faults(importlib.import_module(f"tlmlda_lib.{name}"))


UNDESCRIBED = '''
from dataclasses import dataclass

def read(path):
    """Read."""

def write(path):
    """Write.

    Parameters
    ----------
    path : str
        Where.
    other : str
        What is not there.
    """

@dataclass
class Row:
    """A row."""

    name: str
    size: int  # in bytes
'''


def test_the_check_finds_what_is_not_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "undescribed.py").write_text(UNDESCRIBED, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert faults(importlib.import_module("undescribed")) == [
        "undescribed.read: describe path",
        "undescribed.write: there is no parameter other",
        "undescribed.Row: describe name",
    ]
    sys.modules.pop("undescribed")


@pytest.mark.parametrize("name", [name for name in MODULES if name in SHOWN or ">>> " in source(name)])
def test_examples_give_what_they_show(name: str) -> None:
    module = importlib.import_module(f"tlmlda_lib.{name}")
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    with_examples = set()
    for test in doctest.DocTestFinder().find(module):
        if test.examples:
            with_examples.add(test.name.removeprefix(f"{module.__name__}."))
        said: list[str] = []
        runner.run(test, out=said.append)
        assert not said, "".join(said)
    assert set(SHOWN.get(name, ())) <= with_examples


def test_every_module_with_examples_is_there() -> None:
    assert set(SHOWN) <= set(MODULES)
