"""The book on paper."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest


def test_pdf_holds_every_page_and_no_link_to_a_file(site: Path, chromium: Any, tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    script = Path(__file__).parents[2] / "tools" / "pdf.py"
    subprocess.run([sys.executable, script, "--site", site, "--out", tmp_path / "book.pdf"], check=True)
    book = pypdf.PdfReader(tmp_path / "book.pdf")
    titles = [item.title for item in book.outline]
    assert titles[:2] == ["Emotion across corpora", "Does it understand you in another language?"]
    assert len(titles) >= 12
    for item in book.outline:
        text = book.pages[book.get_destination_page_number(item)].extract_text()
        text = unicodedata.normalize("NFKC", text)  # without ligatures
        assert "".join(item.title.split())[:12] in "".join(text.split())
    links = [
        note.get_object()["/A"] for page in book.pages for note in page.get("/Annots", []) if "/A" in note.get_object()
    ]
    assert any(link.get("/S") == "/GoTo" for link in links)
    assert not [link["/URI"] for link in links if str(link.get("/URI", "")).startswith("file:")]
