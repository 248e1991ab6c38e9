"""Exercises and their solutions, each written once, in book/_exercises/.

A file there goes with the chapter of the same name. ``# 2.3.1 Title`` begins an exercise: its text, then one code
cell that holds the solution between ``### BEGIN SOLUTION`` and ``### END SOLUTION``; lines ``# stub: ...`` in between
are what the reader gets instead. Under ``## Solution`` are words that belong to the solution, and under each
``## Mistake: ...`` a cell with a wrong answer, whose check has to say the words after the colon.

``{exercise}`` puts text and stub on a page, ``{solutions}`` all solutions on a page of their own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import jupytext
from docutils import nodes
from markdown_it.renderer import RendererHTML
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser
from sphinx.util.docutils import SphinxDirective

FOLDER = "_exercises"
BEGIN, END, STUB = "### BEGIN SOLUTION", "### END SOLUTION", "# stub: "
#: As in _config.yml, parse: myst_enable_extensions.
EXTENSIONS = {"colon_fence", "deflist", "dollarmath", "linkify", "substitution", "tasklist"}
TITLE = re.compile(r"^(\d+\.\d+\.\d+) (.+)$")


@dataclass
class Exercise:
    """One exercise as its author wrote it."""

    number: str
    title: str
    text: str = ""  # MyST
    cell: str = ""  # code with its marks
    words: str = ""  # MyST that goes with the solution
    mistakes: list[tuple[str, str]] = field(default_factory=list)  # what the check has to say, code

    @property
    def label(self) -> str:
        """Anchor on the page."""
        return "exercise-" + self.number.replace(".", "-")

    @property
    def stub(self) -> str:
        """Code that the reader begins with."""
        return _pick(self.cell, solution=False)

    @property
    def solution(self) -> str:
        """Code that passes the check."""
        return _pick(self.cell, solution=True)

    @property
    def marked(self) -> str:
        """Code up to the check, as nbgrader reads it: each solution between its marks, and its stub before it."""
        before, _ = self._parts
        return "\n".join(line.replace(STUB, "", 1) for line in _stubs_first(before)).strip("\n")

    @property
    def call(self) -> str:
        """The check at the end of the cell."""
        return self._parts[1]

    @property
    def _parts(self) -> tuple[list[str], str]:
        lines = self.cell.rstrip().split("\n")
        last = ast.parse(self.solution).body[-1]
        called = last.value.func if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call) else None
        name = called.id if isinstance(called, ast.Name) else ""
        if not name.startswith("check") or lines[-1] != ast.get_source_segment(self.solution, last):
            raise ValueError(f"exercise {self.number}: the cell has to end with a line that calls the check")
        return lines[:-1], lines[-1]


def _stubs_first(lines: list[str]) -> Iterator[str]:
    """The lines of a cell, those of each stub moved out of its solution, to before it."""
    begun: list[str] = []
    for line in lines:
        bare = line.lstrip()
        if bare.startswith(BEGIN) or (begun and not bare.startswith((STUB, END))):
            begun.append(line)
        elif bare.startswith(END):
            yield from begun
            yield line
            begun = []
        else:
            yield line


def _pick(cell: str, *, solution: bool) -> str:
    kept, inside = [], False
    for line in cell.split("\n"):
        bare = line.lstrip()
        if bare.startswith((BEGIN, END)):
            inside = bare.startswith(BEGIN)
        elif bare.startswith(STUB):
            if not solution:
                kept.append(line.replace(STUB, "", 1))
        elif solution or not inside:
            kept.append(line)
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(kept)).strip("\n")


def tokens(text: str) -> list[Any]:
    """The book's Markdown as markdown-it's tokens; block tokens know their lines."""
    return create_md_parser(MdParserConfig(enable_extensions=EXTENSIONS), RendererHTML).parse(text)


def _pieces(file: Path) -> Iterator[tuple[str, str]]:
    """What a file consists of, in order: ("#", heading), ("##", heading), ("text", lines), ("code", cell)."""
    for cell in jupytext.read(file, fmt="md:myst").cells:
        if cell.cell_type == "code":
            yield "code", cell.source
            continue
        lines, done = cell.source.split("\n"), 0
        for token, inline in pairwise(tokens(cell.source)):
            if token.type == "heading_open" and token.level == 0 and token.tag in ("h1", "h2"):
                yield "text", "\n".join(lines[done : token.map[0]])
                yield token.markup, inline.content
                done = token.map[1]
        yield "text", "\n".join(lines[done:])


def read(file: Path) -> dict[str, Exercise]:
    """Read a chapter's exercises, by number.

    Raises
    ------
    ValueError
        If the file does not keep to the form above: the file, the place and what is wrong.
    """
    found: dict[str, Exercise] = {}
    part = "nothing"
    for kind, text in _pieces(file):
        where = f"{file.name}: {text.strip()[:50]!r}"
        now = next(reversed(found.values()), None)
        if kind == "#":
            title = TITLE.match(text)
            if not title or title[1] in found:
                raise ValueError(f"{where} is no number and title, or its number is taken")
            found[title[1]], part = Exercise(title[1], title[2]), "text"
        elif kind == "##":
            part = text.removeprefix("Mistake: ")
            if now is None or (text != "Solution" and part == text):
                raise ValueError(f"{where} is neither '## Solution' nor '## Mistake: ...'")
        elif not text.strip():
            continue
        elif now is None:
            raise ValueError(f"{where} stands before the first exercise")
        elif kind == "code" and part == "text" and not now.cell:
            now.cell = text
        elif kind == "code" and part not in ("text", "Solution"):
            now.mistakes.append((part, text))
        elif kind == "text" and part == "text" and not now.cell:
            now.text = text.strip()
        elif kind == "text" and part == "Solution":
            now.words = text.strip()
        else:
            raise ValueError(f"{where} is out of place: first text, then one code cell, then the rest")
    for one in found.values():
        lines = [line.strip() for line in one.cell.split("\n")]
        marks = [line for line in lines if line in (BEGIN, END)]
        if not one.text or not marks or marks != [BEGIN, END] * (len(marks) // 2):
            raise ValueError(f"{file.name}: exercise {one.number} wants text and a cell with {BEGIN!r} and {END!r}")
        if not any(line.startswith(STUB) for line in lines):
            raise ValueError(f"{file.name}: exercise {one.number} has no line {STUB!r}...")
    return found


def of_chapter(book: Path, chapter: str) -> dict[str, Exercise]:
    """Exercises of a chapter, by number; none where it has no file."""
    file = book / FOLDER / f"{chapter}.md"
    return read(file) if file.is_file() else {}


class ExerciseDirective(SphinxDirective):
    """``{exercise} 2.3.1``: text and stub, from the chapter's file."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Nodes for the page."""
        chapter, number = Path(self.env.docname).name, self.arguments[0]
        book = Path(self.env.srcdir)
        self.env.note_dependency(str(book / FOLDER / f"{chapter}.md"))
        known = of_chapter(book, chapter)
        if number not in known:
            raise self.error(f"{FOLDER}/{chapter}.md has no exercise {number}")
        one = known[number]
        box = nodes.admonition(classes=["exercise"], ids=[one.label])
        box += nodes.title("", f"Exercise {number}: {one.title}")
        box += self.parse_text_to_nodes(one.text)
        box += nodes.literal_block(one.stub, one.stub, language="python")
        return [box]


class SolutionsDirective(SphinxDirective):
    """``{solutions}``: every solution in the book, chapter by chapter."""

    def run(self) -> list[nodes.Node]:
        """Nodes for the page."""
        book, out = Path(self.env.srcdir), []
        for file in sorted((book / FOLDER).glob("*.md"), key=lambda f: min(map(order, read(f)), default=[])):
            self.env.note_dependency(str(file))
            for one in read(file).values():
                section = nodes.section(ids=[one.label.replace("exercise", "solution")])
                section += nodes.title("", f"{one.number} {one.title}")
                section += self.parse_text_to_nodes(f"The question: [](/{file.stem}.md).\n\n{one.words}")
                section += nodes.literal_block(one.solution, one.solution, language="python")
                out.append(section)
        return out


def order(number: str) -> list[int]:
    """Key that sorts 2.10.1 after 2.9.1."""
    return [int(part) for part in number.split(".")]


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.add_directive("exercise", ExerciseDirective)
    app.add_directive("solutions", SolutionsDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
