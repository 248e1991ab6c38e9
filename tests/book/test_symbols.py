"""The page of symbols against what it speaks of: the chapters' formulas, and the library."""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path

import pytest

pytest.importorskip("jupytext", reason="the extra `book`, which reads the chapters, is not installed")
pytest.importorskip("myst_parser", reason="the extra `book`, which reads the chapters, is not installed")

BOOK = Path(__file__).parents[2] / "book"
sys.path[:0] = [str(BOOK / "_ext")]

import chapters  # noqa: E402
import symbols  # noqa: E402

PARTS = symbols.read(BOOK)
ROWS = [row for part in PARTS for row in part["rows"]]
FOUND = symbols.of_chapters(BOOK)


@pytest.mark.parametrize("name", sorted({name for row in ROWS for name in row.get("code", ())}))
def test_every_name_is_in_the_library(name: str) -> None:
    path, argument = symbols.CODE.match(name).groups()
    thing = importlib.import_module("tlmlda_lib")
    for part in path.split("."):
        if inspect.isclass(thing) and part in inspect.get_annotations(thing):
            return  # a field
        thing = getattr(thing, part) if hasattr(thing, part) else importlib.import_module(f"{thing.__name__}.{part}")
    assert not argument or argument in inspect.signature(thing).parameters


@pytest.mark.parametrize("number", FOUND)
def test_every_symbol_of_a_chapter_is_explained(number: str) -> None:
    explained = {atom for row in ROWS for atom in symbols.atoms(row["symbol"].replace(",", " "))}
    asked = {atom: formula for formula in FOUND[number] for atom in symbols.atoms(formula)}
    missing = {atom: formula for atom, formula in asked.items() if atom not in explained}
    assert not missing, "give them a row in book/symbols.yml"


def test_every_row_is_looked_up_rightly() -> None:
    for row in ROWS:
        number = symbols.first(row, FOUND)
        if number and "chapter" not in row:
            assert any(symbols.is_in(row["symbol"].split(",")[0], formula) for formula in FOUND[number])
    shown = [row for row in ROWS if symbols.first(row, FOUND)]
    assert len({(row["symbol"], row.get("chapter")) for row in shown}) == len(shown)
    assert len(shown) > 30


def test_a_row_without_its_chapter_is_not_shown() -> None:
    part = {"part": "P", "rows": [{"symbol": "Q", "what": "Nothing"}, {"symbol": "K", "what": "All", "chapter": "9.9"}]}
    assert len(symbols.table(part, FOUND, chapters.read(BOOK)).splitlines()) == 2
    part["rows"].append({"symbol": "Q", "what": "Much", "shape": "(n,)", "code": ["losses.mmd(zs)"], "chapter": "2.3"})
    (row,) = symbols.table(part, FOUND, chapters.read(BOOK)).splitlines()[2:]
    assert row == "| $Q$ | Much | $(n,)$ | `zs` of {func}`~tlmlda_lib.losses.mmd` | [2.3](/mmd.md) |"


@pytest.mark.parametrize(
    ("tex", "atoms"),
    [
        (r"L_\mathrm{MMD} = \bigl\lVert \frac1{n_s} \bigr\rVert", {"L", "MMD", "n", "s"}),
        (r"\bar k_c + \mathbb E[v^\top K v]", {r"\bar k", "c", r"\mathbb E", "v", "K"}),
        (r"\begin{aligned} w_y \\ & {} \alpha_i \, \log 5 \end{aligned}", {"w", "y", r"\alpha", "i"}),
        (r"\mathbb{E} \text{ for all } \hat{x}", {r"\mathbb E", r"\hat x"}),
    ],
)
def test_letters_of_a_formula(tex: str, atoms: set[str]) -> None:
    assert symbols.atoms(tex) == atoms


@pytest.mark.parametrize(
    ("symbol", "formula", "there"),
    [
        ("s", "n_s + n_t", False),
        ("s", "e^{-s_i}", True),
        ("n_s", r"\sum_{i=1}^{n_s} x", True),
        ("n", r"\frac{1}{n_s}", True),
        ("k", r"\bar k_c", False),
        ("L", r"L_\mathrm{MMD}", True),
        (r"L_\mathrm{MMD}", r"L_\mathrm{LMMD}", False),
        ("y_{ic}", "y_{ic}^s", True),
        ("y_{jc}^t", "y_{ic}^s", False),
        ("m", r"12 \quad\text{semitones}", False),
    ],
)
def test_where_a_symbol_stands(symbol: str, formula: str, there: bool) -> None:
    assert symbols.is_in(symbol, formula) is there


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("{symbol: q, what: A, name: b}", "name is not known"),
        ("{symbol: q}", "what is missing"),
        ("{symbol: q, what: A, code: [losses]}", "'losses' is neither"),
        ("{symbol: q, what: A, code: ['losses.mmd(zs, zt)']}", "is neither"),
    ],
)
def test_bad_rows_are_refused(tmp_path: Path, row: str, says: str) -> None:
    (tmp_path / symbols.FILE).write_text(f"- part: P\n  rows:\n    - {row}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=says):
        symbols.read(tmp_path)
