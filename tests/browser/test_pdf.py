"""The book on paper: every page, and on it all that a reader sees on the screen after a click."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from built import bare

#: What is folded away until it is opened, and how it is marked in the built pages.
FOLDED = {
    "code and output": re.compile(r'<details class="(?:admonition )?hide[^"]*">.*?</details>', re.DOTALL),
    "dropdown": re.compile(r'<details class="[^"]*(?:sd-dropdown|toggle-details)[^"]*">.*?</details>', re.DOTALL),
    "quiz's explanation": re.compile(r'<li data-right="[01]">.*?</li>', re.DOTALL),
}


def folded_lines(page: Path) -> dict[str, set[str]]:
    """Lines in a built page's folds, by kind; a formula's source and a widget's data are no text."""
    source = page.read_text(encoding="utf-8")
    source = re.sub(r'<(script|style|span class="math)[^>]*>.*?</(script|style|span)>', "\n", source, flags=re.DOTALL)
    found: dict[str, set[str]] = {}
    for kind, pattern in FOLDED.items():
        for fold in pattern.findall(source):
            text = html.unescape(re.sub(r"<summary.*?</summary>|<[^>]+>", "", fold, flags=re.DOTALL))
            found.setdefault(kind, set()).update(line for line in map(bare, text.split("\n")) if len(line) > 12)
    return found


def missing_folds(site: Path, paper: str) -> list[tuple[str, str, str]]:
    """Folded lines that are not on paper; each kind of fold has to be on some page."""
    missing, kinds = [], set()
    for page in sorted(site.glob("*.html")):
        for kind, lines in folded_lines(page).items():
            kinds.add(kind)
            missing += [(page.name, kind, line) for line in sorted(lines) if line not in paper]
    assert kinds == set(FOLDED), "the pages fold in another way: bring FOLDED up to date"
    return missing


@pytest.mark.full_breadth
def test_pdf_holds_every_page_and_no_link_to_a_file(site: Path, chromium: Any, tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    script = Path(__file__).parents[2] / "tools" / "pdf.py"
    subprocess.run([sys.executable, script, "--site", site, "--out", tmp_path / "book.pdf"], check=True)
    book = pypdf.PdfReader(tmp_path / "book.pdf")
    titles = [item.title for item in book.outline]
    assert titles[:2] == ["Emotion across corpora", "0.1 Does it understand you in another language?"]
    assert len(titles) >= 12
    begins = [book.get_destination_page_number(item) for item in book.outline]
    texts = [bare(page.extract_text()) for page in book.pages]
    for item, begin in zip(book.outline, begins, strict=True):
        assert bare(item.title)[:12] in texts[begin]
    missing = missing_folds(site, "".join(texts))
    assert not missing, f"{len(missing)} folded lines are not on paper: {missing[:5]}"
    links = [
        note.get_object()["/A"] for page in book.pages for note in page.get("/Annots", []) if "/A" in note.get_object()
    ]
    assert any(link.get("/S") == "/GoTo" for link in links)
    assert not [link["/URI"] for link in links if str(link.get("/URI", "")).startswith("file:")]
