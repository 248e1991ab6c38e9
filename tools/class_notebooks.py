"""Notebooks for nbgrader, from book/_exercises: one for each chapter that has exercises.

    python tools/class_notebooks.py --out FOLDER                      # a course folder: FOLDER/source/<chapter>/
    python tools/class_notebooks.py --out FOLDER --class spring-2027  # with data of the class's own
    cd FOLDER && nbgrader generate_assignment mmd             # the students' version, without the solutions

A notebook has the exercises alone, so that marking takes seconds and not the time of the chapter. Each exercise is a
text, a cell for the answer, and a locked cell whose check raises what is wrong. A notebook that was changed by hand is
not replaced unless ``--replace`` says so.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from notebooks import FOLDER, ROOT
from plain import Plain
from references import Book, Page, exercises, published

from tlmlda_lib.book.checks import shown
from tlmlda_lib.files import write

FIRST = """\
# The checks below need the library of this book. Where it is missing, nothing passes.
import tlmlda_lib
from tlmlda_lib.book import checks as teaching

if tlmlda_lib.__version__ != "VERSION":
    raise ImportError(
        f"these exercises go with tlmlda_lib VERSION; this is {tlmlda_lib.__version__}"
    )
"""

TEST = """\
from tlmlda_lib.book import checks as teaching
CLASS
with teaching.strict():
    CALL"""

HOW = """\
Write each answer into the cell below its question, and run the locked cell after it. Where that cell stops, the last
line of the error names the mistake. `hint("2.3.1")` gives a hint for exercise 2.3.1, and every further call one more.

Read the chapter first; it has its own notebook."""

CONFIG = """\
# For the exercises of the book. nbgrader reads this file in the folder of the course.
c = get_config()
c.CourseDirectory.course_id = "tlmlda"
# Each answer's cell has a stub of its own already.
c.ClearSolutions.code_stub = {"python": ""}
# Seconds for one cell; the first exercise that wants synthetic speech makes it.
c.ExecutePreprocessor.timeout = 300
"""


class Course(Book):
    """The book as exercises see it that stand alone: without a site, no chapter lies beside them to be linked."""

    def link(self, page: str, fragment: str = "") -> str:
        """Address of a page on the site, or none."""
        return super().link(page, fragment) if self.site else ""


class Apart(Plain):
    """Plain text of exercises that stand without their chapter."""

    def role(self, name: str, content: str) -> str:
        """Return the plain form of a role; a formula of the chapter is said to be there."""
        if name == "eq" and self._target(content).page == self.page.name:
            return f"({self._target(content).equation}) of the chapter"
        return super().role(name, content)


def graded(kind: str, number: str, **more: Any) -> dict[str, Any]:
    """Metadata by which nbgrader knows a cell.

    Parameters
    ----------
    kind : str
        "read", "answer" or "check".
    number : str
        Of the exercise, or another word that no other cell of the kind has.
    **more
        ``points``, for a check.
    """
    return {
        "nbgrader": {
            "grade": kind == "check",
            "grade_id": f"{kind}-{number.replace('.', '-')}",
            "locked": kind != "answer",
            "schema_version": 3,
            "solution": kind == "answer",
            "task": False,
            **more,
        }
    }


def with_data(code: str, number: str, word: str) -> str:
    """The code of a cell with a class's data in place of the book's, where it shows data."""
    calls = [n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    call = next((ast.get_source_segment(code, n) for n in calls if n.func.id == "given"), None)
    if not word or call is None:
        return code
    parts = [f'"{number}"']
    parts += [f"{name}={shown.in_numbers(data.tolist())}" for name, data in shown.data_of(number, word).items()]
    lines = "".join(f"    {part},\n" for part in parts)
    return code.replace(call, f"given(\n{lines})")


def notebook(book: Book, page: Page, version: str, *, word: str = "", points: int = 1) -> nbformat.NotebookNode:
    """Make the notebook of a chapter's exercises, as a teacher keeps it: with the solutions between their marks.

    Parameters
    ----------
    book, page : Book, Page
        The pages, and the chapter among them.
    version : str
        Of the library whose checks these are.
    word : str
        Of the class; without it, the data are the book's.
    points : int
        For each exercise.

    Raises
    ------
    ValueError
        If an exercise does not end with its check, or its text has no plain form.
    """
    plain = Apart(book, page)
    classroom = f"\nteaching.classroom({json.dumps(word, ensure_ascii=False)})\n" if word else ""
    first = FIRST.replace("VERSION", version) + classroom
    title = f"# Exercises: {page.title}"
    cells = [
        new_markdown_cell(f"{title}\n\n{HOW}", metadata=graded("read", "title")),
        new_code_cell(first.rstrip(), metadata=graded("read", "library")),
    ]
    for one in exercises.of_chapter(book.folder, Path(page.name).name).values():
        text = f"## {one.number} {one.title}\n\n{plain.text(one.text)}"
        # The class stands before each check, too, so that it does not matter what an answer's cell says of it.
        test = TEST.replace("CLASS", classroom).replace("CALL", f"teaching.{one.call}")
        cells += [
            new_markdown_cell(text, metadata=graded("read", one.number)),
            new_code_cell(with_data(one.marked, one.number, word), metadata=graded("answer", one.number)),
            new_code_cell(test, metadata=graded("check", one.number, points=points)),
        ]
    for cell in cells:
        cell.id = cell.metadata.nbgrader["grade_id"]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})
    nbformat.validate(made)
    return made


def wanted(word: str = "", points: int = 1) -> dict[Path, str]:
    """Files of the course, by their places in its folder, with their texts."""
    facts = published.read(ROOT)
    book = Course.read(FOLDER, facts.site)
    files = {}
    for page in book.pages.values():
        name = Path(page.name).name
        if page.is_chapter and exercises.of_chapter(book.folder, name):
            made = notebook(book, page, facts.version, word=word, points=points)
            files[Path("source", name, f"{name}.ipynb")] = nbformat.writes(made) + "\n"
    return files


def main(arguments: list[str] | None = None) -> str | None:
    """Write the course; return what is wrong, if anything is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="the course's folder")
    parser.add_argument("--class", dest="word", default="", metavar="WORD", help="gives the exercises other data")
    parser.add_argument("--points", type=int, default=1, help="for each exercise (1)")
    parser.add_argument("--replace", action="store_true", help="write anew also what was changed by hand")
    options = parser.parse_args(arguments)
    if options.points < 1:
        return f"--points {options.points}: give a whole number from 1"
    if not options.word.isprintable() or (options.word and not options.word.strip()):
        return f"--class {options.word!r}: give a word, as --class spring-2027"
    try:
        files = wanted(options.word, options.points)
        old = [f for f, text in files.items() if _differs(options.out / f, text)]
        if old and not options.replace:
            return f"{options.out / old[0]} is there already and is not the same: --replace writes it anew"
        for file, text in files.items():
            write(options.out / file, text)
            print(options.out / file)
        config = options.out / "nbgrader_config.py"
        if not config.exists():
            write(config, CONFIG)
            print(config)
        elif _differs(config, CONFIG):
            print(f"{config} is there and stays as it is; see class_notebooks.CONFIG for the lines that help")
    except (ValueError, OSError) as error:
        return str(error)
    return None


def _differs(file: Path, text: str) -> bool:
    return file.exists() and file.read_bytes() != text.encode()


if __name__ == "__main__":
    sys.exit(main())
