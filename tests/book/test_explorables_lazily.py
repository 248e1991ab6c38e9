"""A page loads its own figure, and not what the figures of other pages need."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tlmlda_lib.book import explorables

CODE = """
import json, sys
from tlmlda_lib.book.explorables import LMMDByHand
print(json.dumps([name for name in sys.modules if name.startswith(("tlmlda_lib.book.explorables.", "sklearn"))]))
"""


def test_a_figure_loads_no_other() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert {name.rpartition(".")[2] for name in json.loads(done.stdout)} == {"base", "joined", "settings", "lmmd"}


def test_every_figure_is_found_and_has_a_module_of_its_own() -> None:
    for name in explorables.__all__:
        figure = getattr(explorables, name)
        assert figure.__name__ == name
        assert figure.__module__ == f"tlmlda_lib.book.explorables.{explorables._MODULES[name]}"
    assert dir(explorables) == explorables.__all__


def test_another_name_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'LMMDByHeart'; it has AlignClouds, .*LMMDByHand"):
        getattr(explorables, "LMMDByHeart")  # noqa: B009
    with pytest.raises(ImportError, match="LMMDByHeart"):
        from tlmlda_lib.book.explorables import LMMDByHeart  # noqa: F401
