"""The numbers that Node's tests read are still the library's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import js_numbers
import pytest

TESTS = Path(__file__).parent / "js"


def differences(a: Any, b: Any, at: str = "", good_to: float = 1e-12) -> list[str]:
    """Places where two answers differ by more than rounding, or by more than they are good to."""
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        return [d for k in a for d in differences(a[k], b[k], f"{at}.{k}", good_to)]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return [d for i, (x, y) in enumerate(zip(a, b, strict=True)) for d in differences(x, y, f"{at}[{i}]", good_to)]
    if isinstance(a, int | float) and isinstance(b, int | float) and not isinstance(a, bool):
        return [] if a == pytest.approx(b, rel=1e-9, abs=good_to) else [f"{at}: {a} is now {b}"]
    return [] if a == b else [f"{at}: {a} is now {b}"]


@pytest.mark.parametrize("name", js_numbers.names())
def test_numbers_are_the_library_s(name: str) -> None:
    found = differences(js_numbers.kept(name), js_numbers.of_library(name), good_to=js_numbers.good_to(name))
    assert not found, f"run `make javascript-numbers`, then `make javascript`: {found[:3]}"


def test_differences_finds_one() -> None:
    assert differences({"a": [1.0, 2.0]}, {"a": [1.0, 2.0 + 1e-13]}) == []
    assert differences({"a": [1.0, 2.0]}, {"a": [1.0, 2.1]}) == [".a[1]: 2.0 is now 2.1"]
    assert differences({"a": 1}, {"b": 1})
    assert differences({"a": [1.0]}, {"a": [1.0 + 1e-8]}) == [".a[0]: 1.0 is now 1.00000001"]
    assert differences({"a": [1.0]}, {"a": [1.0 + 1e-8]}, good_to=1e-7) == []


@pytest.mark.parametrize("name", js_numbers.names())
def test_numbers_are_read(name: str) -> None:
    assert f'"{name}"' in (TESTS / f"{name}.test.js").read_text(encoding="utf-8")
