"""Chapters that a text names by number: they exist, and the title, link or module beside the number agrees with it."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

pytest.importorskip("sphinx", reason="the extra `book`, which reads the chapters, is not installed")

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
sys.path[:0] = [str(BOOK / "_ext")]

import chapters  # noqa: E402

#: By its number, every chapter that is written.
KNOWN = {chapter.number: chapter for chapter in chapters.read(BOOK).values()}

#: What readers read, and what links can stand in: pages, exercises, quizzes.
PROSE = sorted(p for pattern in ("*.md", "_exercises/*.md", "quizzes/*.yml", "*.yml") for p in BOOK.glob(pattern))
LIBRARY = sorted(p for end in ("py", "js") for p in (ROOT / "tlmlda_lib").rglob(f"*.{end}"))

NUMBER = r"[0-4]\.\d(?!\.?\d)"
NAMED = re.compile(rf"\bchapters?\s+({NUMBER}(?:(?:,| to| and|, and)\s+{NUMBER})*)", re.I)


def numbers(text: str) -> list[str]:
    """The numbers of chapters that a text names; of "2.1 to 2.5" the two ends."""
    return [n for found in NAMED.finditer(text) for n in re.findall(NUMBER, found[1])]


def test_numbers_are_read() -> None:
    assert numbers("Chapters 2.1 to 2.5 and 2.7, exercise 3.1.2, chapter 4.2.") == ["2.1", "2.5", "2.7", "4.2"]


@pytest.mark.parametrize("file", [*PROSE, *LIBRARY], ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_chapter_that_is_named_exists_under_its_title(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert set(numbers(text)) <= set(KNOWN)
    for number, title in re.findall(rf'\bchapter\s+({NUMBER}),\s+"([^"]+)"', text, re.I):
        assert KNOWN[number].title == title


@pytest.mark.parametrize("file", PROSE, ids=lambda p: p.relative_to(BOOK).as_posix())
def test_prose_names_a_chapter_by_a_link(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for number, page in re.findall(rf"\[chapter\s+({NUMBER})\]\(([\w-]+)\.md\)", text, re.I):
        assert KNOWN[number].page == page
    typed = numbers(re.sub(r"\[[^]]*\]\([^)]*\)", "", text))
    assert not typed, "write [](page.md), which shows the number and the title of today"


def test_an_equation_of_another_page_is_named_with_its_chapter() -> None:
    texts = {file.stem: file.read_text(encoding="utf-8") for file in BOOK.glob("*.md")}
    home = {label: page for page, text in texts.items() for label in re.findall(r"^\$\$ \((eq-[\w-]+)\)", text, re.M)}
    away = [
        (page, home[label], after)
        for page, text in texts.items()
        for label, after in re.findall(r"\{eq\}`(eq-[\w-]+)`((?:.|\n){0,60})", text)
        if home[label] != page
    ]
    assert away
    for page, there, after in away:
        assert re.match(rf"\s+in\s+\[[^]]*\]\({there}\.md\)", after), f"{page}.md: say after it in which chapter it is"


@pytest.mark.parametrize("chapter", KNOWN.values(), ids=lambda c: c.page)
def test_modules_of_a_chapter_name_it(chapter: chapters.Chapter) -> None:
    of_book = ROOT / "tlmlda_lib" / "book"
    modules = [*of_book.rglob(f"{chapter.page}.py"), *of_book.rglob(f"{chapter.page}/page.py")]
    assert modules
    for module in modules:
        words = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
        assert chapter.number in numbers(words), module


@pytest.mark.parametrize("file", sorted((ROOT / "tlmlda_lib/book").rglob("*.py")), ids=lambda p: p.stem)
def test_what_a_cell_prints_links_no_page(file: Path) -> None:
    """Links of a page's own text become addresses; those that a cell prints stay as they are."""
    assert not re.findall(r"\]\([\w/-]+\.md", file.read_text(encoding="utf-8"))
