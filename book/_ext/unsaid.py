"""What the paper leaves open, ``{unsaid}``: all entries of book/unsaid.yml, by chapter, with a field that filters them.

All of it can be read without a script; `unsaid.js` shows the field and leaves out what does not match.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import chapters
import exercises
import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

FILE = "unsaid.yml"
PARTS = {"printed": "Printed.", "trouble": "The trouble.", "here": "Here."}
FIELD = (
    '<p class="unsaid-filter" hidden><label>Search this page <input type="search"></label> '
    '<output aria-live="polite"></output></p>'
)


def read(book: Path) -> list[dict[str, str]]:
    """The entries in the order of their chapters; of one chapter in the order of the file.

    Parameters
    ----------
    book : path

    Raises
    ------
    ValueError
        If an entry lacks a part, or its page is no chapter.
    """
    numbers = {chapter.page: number for number, chapter in chapters.read(book).items()}
    entries = yaml.safe_load((book / FILE).read_text(encoding="utf-8"))
    for entry in entries:
        if missing := [part for part in ("page", "title", *PARTS) if not entry.get(part)]:
            raise ValueError(f"{FILE}: {entry.get('title', entry)} has no {missing[0]}")
        if entry["page"] not in numbers:
            raise ValueError(f"{FILE}: {entry['title']!r} is of {entry['page']!r}, which is no chapter")
    return sorted(entries, key=lambda entry: exercises.order(numbers[entry["page"]]))


def words(entry: dict[str, str]) -> str:
    """An entry as Markdown."""
    said = "\n\n".join(f"*{word}* {entry[part]}" for part, word in PARTS.items())
    return f"**{entry['title']}**\n\n{said}"


class UnsaidDirective(SphinxDirective):
    """``{unsaid}``: all entries, with a heading for each chapter."""

    def run(self) -> list[nodes.Node]:
        """Nodes for the page."""
        book = Path(self.env.srcdir)
        self.env.note_dependency(str(book / FILE))
        written = {chapter.page: chapter for chapter in chapters.read(book).values()}
        out: list[nodes.Node] = [nodes.raw("", FIELD, format="html")]
        last = ""
        for entry in read(book):
            chapter = written[entry["page"]]
            if chapter.page != last:
                section = nodes.section(ids=[f"unsaid-{chapter.page}"], classes=["unsaid"])
                section += nodes.title("", f"{chapter.number} {chapter.title}")
                section += self.parse_text_to_nodes(f"[To the chapter](/{chapter.page}.md)")
                out.append(section)
                last = chapter.page
            item = nodes.container(classes=["unsaid-entry"])
            item += self.parse_text_to_nodes(words(entry))
            section += item
        return out


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.add_directive("unsaid", UnsaidDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
