"""The glossary and the links to it: each term explained once, in few words, and linked where it is first met."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

pytest.importorskip("jupytext", reason="the extra `book`, which reads the chapters, is not installed")
pytest.importorskip("sphinx", reason="the extra `book`, which builds the pages, is not installed")

BOOK = Path(__file__).parents[2] / "book"
sys.path[:0] = [str(BOOK / "_ext")]

import terms  # noqa: E402

TEXT = (BOOK / f"{terms.PAGE}.md").read_text(encoding="utf-8")
BODY = re.search(r"```\{glossary\}\n(.*?)```", TEXT, re.DOTALL)[1]
ENTRIES = dict(re.findall(r"^(\S.*)\n((?:  .*\n|\n)+)", BODY.split("\n\n", 1)[1], re.MULTILINE))
ROLE = re.compile(r"\{term\}`([^`]+)`")
PAGES = [file for file in sorted(BOOK.rglob("*.md")) if not file.relative_to(BOOK).parts[0].startswith("_")]


def linked(text: str) -> list[str]:
    """Terms that a page links, in order."""
    return [re.sub(r"^.*<(.*)>$", r"\1", " ".join(name.split())) for name in ROLE.findall(text)]


def test_terms_are_in_order_and_short() -> None:
    assert list(ENTRIES) == sorted(ENTRIES, key=str.lower)
    for term, meaning in ENTRIES.items():
        first = " ".join(meaning.split("\n\n")[0].split())
        assert 30 < len(first) < 330, f"{term} wants one paragraph that fits a small box"
        assert "$" not in first, "the box holds plain words"


@pytest.mark.parametrize("file", PAGES, ids=lambda f: f.stem)
def test_each_link_leads_to_a_term_and_stands_once(file: Path) -> None:
    names = linked(file.read_text(encoding="utf-8"))
    assert set(names) <= set(ENTRIES)
    if file.stem != terms.PAGE:
        assert len(names) == len(set(names)), "a term is linked where a page first uses it"


def test_the_words_of_the_method_are_linked_somewhere() -> None:
    used = {name for file in PAGES for name in linked(file.read_text(encoding="utf-8"))}
    assert {"source", "target", "utterance", "MMD", "LMMD", "floor", "bandwidth", "pseudo-label", "seed"} <= used


def test_links_are_described_and_each_box_stands_once() -> None:
    link = '<a class="reference internal" href="{}#{}"><span class="xref std std-term">{}</span></a>'
    body = f"<p>{link.format('glossary.html', 'term-a', 'an A')}, {link.format('glossary.html', 'term-a', 'A')}, "
    body += f"{link.format('glossary.html', 'term-gone', 'gone')}</p>"
    made = terms.explain(body, {"term-a": "First & <best>.", "term-b": "Second."})
    assert made.count('<a class="term" href="glossary.html#term-a" aria-describedby="tip-term-a">') == 2
    assert made.endswith(
        '<div class="term-tips"><div role="tooltip" id="tip-term-a" hidden>First &amp; &lt;best&gt;.</div></div>'
    )
    assert "std-term" in made, "a link that leads nowhere known stays as it is"
    assert terms.explain("<p>No term.</p>", {"term-a": "x"}) == "<p>No term.</p>"
