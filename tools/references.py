"""What the chapters' cross-references and citations point at, for notebooks that stand alone."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, pairwise
from pathlib import Path

import jupytext
import yaml
from pybtex.database import Entry, parse_file

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import chapters  # noqa: E402
import exercises  # noqa: E402
import measured  # noqa: E402
import method_picture  # noqa: E402
import published  # noqa: E402
import quiz  # noqa: E402

__all__ = ["Book", "Page", "Target", "exercises", "measured", "method_picture", "published", "quiz", "tokens"]
tokens = exercises.tokens


#: Directives whose content is no Markdown.
VERBATIM = ("math", "code", "code-block", "sourcecode", "raw", "eval-rst")


@dataclass(frozen=True)
class Target:
    """Something that has a label."""

    page: str  # without suffix, relative to the book
    title: str  # of the section, or of the page
    equation: int | None = None


@dataclass
class Page:
    """A page of the book."""

    name: str
    meta: dict[str, object]
    cells: list[tuple[str, str, dict[str, object]]]  # kind, source, metadata
    title: str = ""

    @property
    def is_chapter(self) -> bool:
        """Whether the page gets notebooks: it is executed, and numbered."""
        return self.meta.get("file_format") == "mystnb" and "chapter" in self.meta


@dataclass
class Book:
    """Pages, labels and the bibliography."""

    folder: Path
    site: str  # where the pages are published, without a slash at the end; empty where they are not
    pages: dict[str, Page] = field(default_factory=dict)
    targets: dict[str, Target] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path, site: str) -> Book:
        """Read all pages of a folder; what begins with an underscore is no page."""
        book = cls(folder, site.rstrip("/"))
        for file in sorted(folder.rglob("*.md")):
            parts = file.relative_to(folder).with_suffix("").parts
            if not any(part.startswith(("_", ".")) for part in parts):
                book.add("/".join(parts), file.read_text(encoding="utf-8"))
        if (folder / "references.bib").is_file():
            book.entries = dict(parse_file(folder / "references.bib").entries)
        return book

    def add(self, name: str, text: str) -> Page:
        """Take in a page and what is labelled on it; a chapter's title with its number, as the site shows it."""
        text = chapters.numbered(text)
        head = re.match(r"^---\n(.*?)\n---\n", text, re.DOTALL)
        notebook = jupytext.reads(text, fmt="md:myst")
        cells = [(c.cell_type, c.source, dict(c.metadata)) for c in notebook.cells]
        page = self.pages[name] = Page(name, yaml.safe_load(head[1]) if head else {}, cells)
        page.title = next(
            filter(None, map(first_heading, (source for kind, source, _ in cells if kind == "markdown"))), ""
        )
        equations = count(1)
        for kind, source, _ in cells:
            if kind == "markdown":
                self._label(page, source, equations)
        return page

    def _label(self, page: Page, source: str, equations: Iterator[int]) -> None:
        """Note what is labelled in some MyST, in its order, that of the formulas' numbers."""
        pending: list[str] = []
        stream = tokens(source)
        for here, token in enumerate(stream):
            if token.type == "myst_target":
                pending.append(token.content)
            elif token.type == "heading_open":
                self.targets |= dict.fromkeys(pending, Target(page.name, stream[here + 1].content))
                pending = []
            elif token.type == "math_block_label":
                self.targets[token.info] = Target(page.name, page.title, next(equations))
            elif fence := re.match(r"\{([\w:-]+)\} *(.*)", token.info):
                options = re.match(r"(?::[\w-]+:.*\n?)*", token.content)
                for label in re.findall(r"^:(?:label|name): *(\S+)", options[0] if options else "", re.MULTILINE):
                    number = next(equations) if fence[1] == "math" else None
                    self.targets[label] = Target(page.name, page.title, number)
                if fence[1] == "exercise":
                    known = exercises.of_chapter(self.folder, Path(page.name).name)
                    self._label(page, known[fence[2]].text if fence[2] in known else "", equations)
                elif fence[1] not in VERBATIM:
                    self._label(page, token.content, equations)
        self.targets |= dict.fromkeys(pending, Target(page.name, page.title))

    def link(self, page: str, fragment: str = "") -> str:
        """Address of a page as a notebook gives it: on the site; without one, another chapter's notebook, or none."""
        if self.site:
            return f"{self.site}/{page}.html" + (f"#{fragment}" if fragment else "")
        return f"{page}.ipynb" if self.pages[page].is_chapter else ""

    def cited(self, key: str) -> tuple[str, str]:
        """Authors in short, and the year."""
        if key not in self.entries:
            raise ValueError(f"references.bib has no entry {key!r}")
        entry = self.entries[key]
        names = [" ".join(p.prelast_names + p.last_names) for p in entry.persons.get("author", [])]
        short = {0: entry.fields.get("title", key), 1: "".join(names), 2: " and ".join(names)}
        return bare(short.get(len(names), f"{names[0]} et al." if names else "")), entry.fields.get("year", "n.d.")

    def reference(self, key: str) -> str:
        """Write one entry of a list of references."""
        self.cited(key)
        entry = self.entries[key]
        names = [
            " ".join(p.first_names + p.middle_names + p.prelast_names + p.last_names) for p in entry.persons["author"]
        ]
        fields = entry.fields
        kinds = ("journal", "booktitle", "publisher", "howpublished")
        place = next((f" *{fields[kind]}*." for kind in kinds if kind in fields), "")
        text = f"{', '.join(names)} ({fields.get('year', 'n.d.')}). {fields['title']}.{place}"
        if "doi" in fields:
            return f"{bare(text)} [doi:{fields['doi']}](https://doi.org/{fields['doi']})"
        return bare(text) + (f" <{fields['url']}>" if "url" in fields else "")


def first_heading(source: str) -> str:
    """Text of the first heading, or nothing."""
    return next((inline.content for token, inline in pairwise(tokens(source)) if token.type == "heading_open"), "")


def bare(text: str) -> str:
    """Take away BibTeX's braces and line breaks."""
    return " ".join(text.replace("{", "").replace("}", "").split())
