"""Numbers that the library writes for the tests of its JavaScript: ``python tests/js_numbers.py``.

``tests/js/numbers/NAME.py`` has ``numbers()``, which asks the library for what ``NAME.js`` computes too, and
``NAME.json`` beside it keeps the answer, so that Node's tests need no Python. `test_js_numbers` fails where they
differ.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = Path(__file__).parent / "js" / "numbers"


def names() -> list[str]:
    """Explorables and shared scripts with numbers."""
    return sorted(file.stem for file in FOLDER.glob("*.py"))


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"js_numbers_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def of_library(name: str) -> Any:
    """What the library says now, as JSON gives it back."""
    return json.loads(json.dumps(_module(name).numbers()))


def good_to(name: str) -> float:
    """By how much another processor may change a number (``GOOD_TO`` of the file; else nearly nothing)."""
    return getattr(_module(name), "GOOD_TO", 1e-12)


def kept(name: str) -> Any:
    """What Node's tests read."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def write() -> None:
    """Write all numbers anew."""
    for name in names():
        text = json.dumps(of_library(name), separators=(",", ":"))
        (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
