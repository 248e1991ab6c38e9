"""The list of references: each entry is whole, can be looked up, and is cited."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pybtex = pytest.importorskip("pybtex.database", reason="the extra `book`, which reads the references, is not installed")

BOOK = Path(__file__).parents[2] / "book"
ENTRIES = dict(pybtex.parse_file(BOOK / "references.bib").entries)
TEXT = "\n".join(file.read_text(encoding="utf-8") for file in sorted(BOOK.rglob("*.md")))
CITED = {key.strip() for keys in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", TEXT) for key in keys.split(",")}


@pytest.mark.parametrize("key", ENTRIES)
def test_entry_can_be_looked_up(key: str) -> None:
    fields = ENTRIES[key].fields
    assert fields.get("doi") or fields.get("url"), f"{key} has neither a DOI nor an address"
    assert re.fullmatch(r"10\.\d{4,9}/\S+", fields.get("doi", "10.1000/x")), "a DOI without https://doi.org/"
    assert fields.get("url", "https://").startswith("https://")


@pytest.mark.parametrize("key", ENTRIES)
def test_entry_is_whole(key: str) -> None:
    entry = ENTRIES[key]
    assert entry.persons["author"]
    assert entry.fields["title"]
    assert re.fullmatch(r"\d{4}", entry.fields["year"])
    assert any(name in entry.fields for name in ("journal", "booktitle", "publisher", "howpublished"))
    assert re.fullmatch(r"e?\d+(--\d+)?", entry.fields.get("pages", "1"))
    assert key in CITED, f"{key} is cited nowhere"


def test_what_is_cited_is_there() -> None:
    assert set(ENTRIES) >= CITED


def test_the_list_stands_on_one_page() -> None:
    pages = [file.name for file in BOOK.rglob("*.md") if "```{bibliography}" in file.read_text(encoding="utf-8")]
    assert pages == ["references.md"]
