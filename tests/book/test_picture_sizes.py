"""On a phone the letters of a picture can be read: no picture is wide, and no text in it is small."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tlmlda_lib.evaluation import plots
from tlmlda_lib.experiments import figures

ROOT = Path(__file__).parents[2]

#: Inches and points. A phone shows 5.2 inches on 350 pixels, and letters of 9 points 8.4 pixels high.
WIDEST, SMALLEST = 5.2, 9

PAGES = [*sorted((ROOT / "book").glob("*.md")), *sorted((ROOT / "book" / "_exercises").glob("*.md"))]
MODULES = sorted((ROOT / "tlmlda_lib" / "book" / "pages").rglob("*.py"))
FENCE = re.compile(r"(?ms)^```\{code-cell\}[^\n]*\n(?:---\n.*?^---\n|(?::[^\n]*\n)*)(.*?)^```")


def given(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Named arguments of calls, and entries of dicts, which are handed on as such."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg:
            yield node.arg, node.value
        elif isinstance(node, ast.Dict):
            yield from ((key.value, v) for key, v in zip(node.keys, node.values, strict=True) if is_text(key))


def is_text(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and isinstance(key.value, str)


def faults(code: str) -> list[str]:
    """Pictures of which the code does not say that they are narrow, and text that it makes small."""
    tree = ast.parse(re.sub(r"^\s*[%!].*$", "", code, flags=re.MULTILINE))
    named = {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    found = []
    for name, value in given(tree):
        if name == "figsize":
            size = named.get(value.id) if isinstance(value, ast.Name) else value
            width = size.elts[0] if isinstance(size, ast.Tuple) else None
            if not (isinstance(width, ast.Constant) and width.value <= WIDEST):
                found.append(f"figsize={ast.unparse(size or value)}")
        points = getattr(value, "value", None)
        if name.endswith(("fontsize", "labelsize", "titlesize")) and isinstance(points, int | float):
            found += [f"{name}={points}"] * (points < SMALLEST)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_a_page_draws_for_a_phone(page: Path) -> None:
    assert [fault for code in FENCE.findall(page.read_text(encoding="utf-8")) for fault in faults(code)] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: f"{module.parent.name}/{module.stem}")
def test_a_module_of_a_page_draws_for_a_phone(module: Path) -> None:
    assert faults(module.read_text(encoding="utf-8")) == []


def test_the_style_draws_for_a_phone() -> None:
    assert plots.STYLE["figure.figsize"][0] <= WIDEST
    assert plots.STYLE["savefig.pad_inches"] <= 0.04  # 0.1 would add two per cent to the width
    assert min(size for name, size in plots.STYLE.items() if name in ("font.size", "axes.titlesize")) >= 10
    assert faults(inspect.getsource(figures.features)) == []


def test_wide_pictures_and_small_letters_are_found() -> None:
    assert faults("plt.subplots(1, 2, figsize=(5.2, 9))\nax.legend(fontsize=9)") == []
    assert faults("how = {'figsize': (6, 2 * n)}") == ["figsize=(6, 2 * n)"]
    assert faults("ax.text(0, 0, 'a', fontsize=8)") == ["fontsize=8"]
    assert faults("size = (3 * n, 2)\nplt.figure(figsize=size)") == ["figsize=(3 * n, 2)"]
    (code,) = FENCE.findall("```{code-cell} ipython3\n---\ntags: [hide-input]\n---\nx = 1\n```\n")
    assert code == "x = 1\n"
