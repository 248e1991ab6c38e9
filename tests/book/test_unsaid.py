"""The appendix of what the paper does not say: every entry whole, in its place, and its sums right."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

pytest.importorskip("jupytext", reason="the extra `book`, which reads the chapters, is not installed")
pytest.importorskip("myst_parser", reason="the extra `book`, which reads the chapters, is not installed")

BOOK = Path(__file__).parents[2] / "book"
sys.path[:0] = [str(BOOK / "_ext")]

import chapters  # noqa: E402
import unsaid  # noqa: E402

from tlmlda_lib.training.options import PAPER  # noqa: E402

ENTRIES = unsaid.read(BOOK)


def test_entries_are_whole_and_in_the_order_of_the_chapters() -> None:
    numbers = {chapter.page: number for number, chapter in chapters.read(BOOK).items()}
    order = [numbers[entry["page"]] for entry in ENTRIES]
    assert order == sorted(order)
    assert len(ENTRIES) >= 22
    assert len({entry["title"] for entry in ENTRIES}) == len(ENTRIES)
    assert all(set(entry) == {"page", "title", *unsaid.PARTS} for entry in ENTRIES)


def test_an_entry_in_words() -> None:
    entry = {"page": "mmd", "title": "T", "printed": "A.", "trouble": "B.", "here": "C."}
    assert unsaid.words(entry) == "**T**\n\n*Printed.* A.\n\n*The trouble.* B.\n\n*Here.* C."


@pytest.mark.parametrize(
    ("changed", "says"), [({"here": ""}, "has no here"), ({"page": "moon"}, "'moon', which is no chapter")]
)
def test_what_is_wrong_with_an_entry_is_named(tmp_path: Path, changed: dict[str, str], says: str) -> None:
    (tmp_path / "mmd.md").write_text('---\nchapter: "2.3"\nminutes: 30\n---\n# Why?\n', encoding="utf-8")
    entry = {"page": "mmd", "title": "T", "printed": "A.", "trouble": "B.", "here": "C."} | changed
    (tmp_path / unsaid.FILE).write_text(yaml.safe_dump([entry]), encoding="utf-8")
    with pytest.raises(ValueError, match=says):
        unsaid.read(tmp_path)


def test_sums_that_entries_quote() -> None:
    said = " ".join(f"{entry['printed']} {entry['trouble']} {entry['here']}" for entry in ENTRIES)
    assert (42 * 30, 43 * 30 - 3) == (1260, 1287)
    assert "42 subjects would have 1260" in said
    assert (34 * 21, (34 + 34) * 21 + (4 + 4) * 19 + 2) == (714, 1582)
    assert "(34 + 34) · 21 + (4 + 4) · 19 + 2 = 1582" in said
    assert [PAPER.learning_rate * 500 * n for n in (10, 11)] == pytest.approx([0.05, 0.055])
    assert "5000 to 5500 steps" in said
    assert pytest.approx(0.025, abs=5e-4) == 1 / 1582**0.5
