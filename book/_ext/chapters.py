"""Which chapters there are today, and the teaching plans that are made of them.

A page is a chapter when its head says so: ``chapter: "2.3"``, ``minutes: 60``, ``needs: [emotion]`` (chapters that
are read before it) and ``goals``, sentences that begin with "You can". ``{plan} name`` shows a plan from
book/plans.yml, with a link where the chapter is written and a plain word where not.
A chapter's number stands before its title wherever a reader sees it: on the page, in the side bar, in links.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import exercises
import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

#: Parts of the table of contents, by a chapter's first digit.
PARTS = {"0": "Begin here", "1": "The problem", "2": "The model", "3": "The tables", "4": "Several streams"}


def caption(digit: str) -> str:
    """A part's number and name, as the table of contents has them."""
    return f"{digit} {PARTS[digit]}"


def head(text: str) -> tuple[dict[str, Any], int]:
    """What a page's head says, and where its text begins."""
    found = re.match(r"^---\n(.*?)\n---\n", text, re.DOTALL)
    return (yaml.safe_load(found[1]) or {}, found.end()) if found else ({}, 0)


@dataclass(frozen=True)
class Chapter:
    """A chapter that is written."""

    number: str
    page: str
    title: str
    minutes: int
    needs: tuple[str, ...] = ()  # pages
    goals: tuple[str, ...] = ()  # "You can ..."

    @property
    def name(self) -> str:
        """Number and title."""
        return f"{self.number} {self.title}"


def read(book: Path) -> dict[str, Chapter]:
    """Chapters in the order of their numbers."""
    found = []
    for file in book.rglob("*.md"):
        page = file.relative_to(book).with_suffix("").as_posix()
        text = file.read_text(encoding="utf-8")
        meta, begin = head(text)
        if "chapter" in meta and not page.startswith("_"):
            title = re.search(r"^# +(.+?) *$", text[begin:], re.MULTILINE)
            about = tuple(meta.get("needs") or ()), tuple(meta.get("goals") or ())
            found.append(Chapter(str(meta["chapter"]), page, title[1] if title else page, int(meta["minutes"]), *about))
    found.sort(key=lambda chapter: exercises.order(chapter.number))
    return {chapter.number: chapter for chapter in found}


def plans(book: Path) -> dict[str, list[dict[str, Any]]]:
    """Teaching plans by name: rows of ``minutes``, ``what`` and perhaps a list of ``chapters``."""
    return yaml.safe_load((book / "plans.yml").read_text(encoding="utf-8"))


def link(chapter: Chapter) -> str:
    """MyST link to a chapter."""
    return f"[{chapter.name}](/{chapter.page}.md)"


def numbered(text: str) -> str:
    """A page's source, the chapter's number before its title."""
    meta, begin = head(text)
    if "chapter" not in meta:
        return text
    return text[:begin] + re.sub(r"^# +(?=\S)", f"# {meta['chapter']} ", text[begin:], count=1, flags=re.MULTILINE)


def number_title(app: Any, page: str, source: list[str]) -> None:
    """Number the title before the page is parsed: what shows titles then shows the number."""
    source[0] = numbered(source[0])


class PlanDirective(SphinxDirective):
    """``{plan} name``: a teaching plan."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Nodes for the page."""
        book = Path(self.env.srcdir)
        self.env.note_dependency(str(book / "plans.yml"))
        plan, written = plans(book)[self.arguments[0]], read(book)
        rows, asked = ["| minutes | chapter | what happens |", "| ---: | --- | --- |"], []
        for row in plan:
            asked += row.get("chapters", ())
            links = [link(written[n]) for n in row.get("chapters", ()) if n in written]
            if later := [n for n in row.get("chapters", ()) if n not in written]:
                links.append(f"{', '.join(later)} (not yet written)")
            rows.append(f"| {row['minutes']} | {', '.join(links)} | {row['what']} |")
        there = sum(number in written for number in asked)
        now = "" if there == len(asked) else f"Written today: {there} of its {len(asked)} chapters."
        return self.parse_text_to_nodes("\n".join([*rows, "", now]))


def always(app: Any, env: Any, added: Any, changed: Any, removed: Any) -> list[str]:
    """Read anew the pages that depend on which chapters there are; docstrings name chapters, too."""
    named = ("download", "for-teachers", "working-alone", "solutions", "symbols", "unsaid")
    return [n for n in env.found_docs if n in named or n.startswith("library/")]


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.add_directive("plan", PlanDirective)
    app.connect("env-get-outdated", always)
    app.connect("source-read", number_title)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
