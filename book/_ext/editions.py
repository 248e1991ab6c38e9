"""Two editions, and pages that stand beside the way through the book.

``make book EDITION=class`` leaves out the pages that are only in the full edition: those whose head says
``edition: full``. What speaks of them stands in a block ``{edition} full``, and what takes its place in one of
``{edition} class``. `tools/edition.py` writes the table of contents of an edition, and Sphinx learns by the
environment variable ``TLMLDA_EDITION`` which one it builds.

A page whose head says ``aside: true`` is in the table of contents, but neither *Next* nor *Previous* leads to it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

EDITIONS = ("full", "class")
VARIABLE = "TLMLDA_EDITION"


def named(edition: str) -> str:
    """The edition of that name; the full one without a name.

    Raises
    ------
    ValueError
        If there is no such edition.
    """
    if edition not in ("", *EDITIONS):
        raise ValueError(f"EDITION={edition!r} is not known: use one of {', '.join(EDITIONS)}")
    return edition or EDITIONS[0]


def absent(book: Path, edition: str) -> set[str]:
    """Pages that an edition leaves out."""
    found = set()
    for file in book.rglob("*.md"):
        head = re.match(r"^---\n(.*?)\n---\n", file.read_text(encoding="utf-8"), re.DOTALL)
        if head and (yaml.safe_load(head[1]) or {}).get("edition", edition) != edition:
            found.add(file.relative_to(book).with_suffix("").as_posix())
    return found


def contents(toc: str, pages: Iterable[str]) -> str:
    """A table of contents without some pages.

    Raises
    ------
    ValueError
        If a page has others below it, or a part would be empty.
    """
    for page in pages:
        toc = re.sub(rf"^ *- file: {re.escape(page)} *\n", "", toc, flags=re.MULTILINE)
    parts = yaml.safe_load(toc)["parts"]
    if empty := [part["caption"] for part in parts if not part.get("chapters")]:
        raise ValueError(f"the part {empty[0]!r} would be empty")
    return toc


def way(start: str, step: Callable[[str], str | None], asides: Callable[[str], bool]) -> str | None:
    """The next page in a direction that does not stand aside."""
    here = step(start)
    while here and asides(here):
        here = step(here)
    return here


def _beside(relations: Mapping[str, Any], place: int, page: str) -> str | None:
    return relations.get(page, [None] * 3)[place]


def lead(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Let *Previous* and *Next* pass over the pages that stand aside, and lead from these nowhere."""
    if doctree is None:
        return
    relations: Mapping[str, Any] = app.builder.relations

    def asides(page: str) -> bool:
        return str(app.env.metadata.get(page, {}).get("aside", "")).lower() == "true"

    for name, place in (("prev", 1), ("next", 2)):
        old = _beside(relations, place, pagename)
        step = partial(_beside, relations, place)
        new = None if asides(pagename) else way(pagename, step, asides)
        if new != old:
            title = app.builder.render_partial(app.env.titles[new])["title"] if new else ""
            link = app.builder.get_relative_uri(pagename, new) if new else ""
            context[name] = {"link": link, "title": title} if new else None


class EditionDirective(SphinxDirective):
    """``{edition} full``: what stands in that edition alone."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Nodes for the page."""
        if named(self.arguments[0]) != self.config.edition:
            return []
        return self.parse_content_to_nodes()


def begin(app: Any, config: Any) -> None:
    """Which edition it is."""
    config.edition = named(os.environ.get(VARIABLE, ""))


def stale(out: Path, doctrees: Path, pages: Iterable[str]) -> Iterator[Path]:
    """Files of pages that another edition has left."""
    for page in pages:
        files = out / f"{page}.html", out / f"_sources/{page}.md", doctrees / f"{page}.doctree"
        yield from (f for file in files for f in file.parent.glob(f"{file.name}*"))


def clear(app: Any, exception: Exception | None) -> None:
    """After the last page: remove what this edition leaves out."""
    if not exception and app.builder.format == "html":
        for file in stale(Path(app.outdir), Path(app.doctreedir), absent(Path(app.srcdir), app.config.edition)):
            file.unlink()


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.add_config_value("edition", EDITIONS[0], "env")
    app.add_directive("edition", EditionDirective)
    app.connect("config-inited", begin, priority=100)
    app.connect("html-page-context", lead)
    app.connect("build-finished", clear)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
