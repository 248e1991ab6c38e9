"""From each chapter a notebook for students, beside it, and one for teachers, which no site shows.

    python tools/notebooks.py            # write book/<chapter>.ipynb, and _build/instructor/<chapter>.ipynb
    python tools/notebooks.py --check    # fail where a notebook is not what its chapter says
    python tools/notebooks.py --release  # the same, and where it names another wheel than this tree's
    python tools/notebooks.py --run      # run those that have changed, solved, with the built wheel and no checkout
    python tools/notebooks.py --run all  # run each

A chapter is a page with ``file_format: mystnb`` and ``chapter: "2.3"`` in its head. Its notebook stands alone: what a
page has and plain Markdown lacks is rewritten (plain.py), pictures lie in it, its first cell installs the library.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from plain import Plain
from references import ROOT, Book, Page, exercises, published, tokens

FOLDER = ROOT / "book"
INSTRUCTOR = ROOT / "_build" / "instructor"
#: Tags that mean the same in a notebook; the others only say how the page shows a cell.
KEPT_TAGS = {"raises-exception", "skip-execution", "remove-input"}
FOLDED_TAGS = {"hide-input", "hide-cell", "remove-input"}

#: The first cell, with the places for this book's facts.
FIRST = Path(__file__).with_name("first_cell.py").read_text(encoding="utf-8")

#: Below the title: on the page all is there at once, in a notebook only after its cells have run.
RUN_ALL = "*Run all cells first: they draw what can be moved and heard.*"

HAND_IN = """\
## To hand in

The checks remember what you tried since the kernel started. Put in your name, or the pseudonym that was agreed on, take
away the `#` before `report`, and hand in the file that it writes: one for each chapter, named after chapter and you.
"""


def first_cell(facts: published.Published, title: str, digest: str = "") -> str:
    """Code that finds the library, for a chapter; ``digest`` is the SHA-256 of the wheel on the site."""
    places = {
        "notebook of TITLE": f'notebook of "{title}"',
        'VERSION, WHEEL = "", ""': f'VERSION, WHEEL = "{facts.version}", "{facts.wheel}"',
        'ADDRESS, SHA256 = "", ""': f'ADDRESS, SHA256 = "{facts.wheel_address}", "{digest}"',
    }
    text = FIRST
    for place, fact in places.items():
        if text.count(place) != 1:
            raise ValueError(f"first_cell.py: {place!r} stands there {text.count(place)} times, not once")
        text = text.replace(place, fact)
    return text.rstrip()


def imported(source: str) -> set[str]:
    """Packages that a piece of code imports, IPython's own lines left out."""
    tree = ast.parse(re.sub(r"^\s*[%!].*$", "", source, flags=re.MULTILINE))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module.partition(".")[0])
    return found


def pieces(source: str) -> Iterator[tuple[str, str]]:
    """Markdown in parts: ("text", MyST) and ("exercise", number)."""
    lines, done = source.split("\n"), 0
    for token in tokens(source):
        if token.type in ("fence", "colon_fence") and token.level == 0 and token.info.startswith("{exercise}"):
            yield "text", "\n".join(lines[done : token.map[0]])
            yield "exercise", token.info.removeprefix("{exercise}").strip()
            done = token.map[1]
    yield "text", "\n".join(lines[done:])


def notebook(
    book: Book, page: Page, facts: published.Published, digest: str = "", *, solved: bool = False
) -> nbformat.NotebookNode:
    """Make a chapter's notebook.

    Parameters
    ----------
    book, page : Book, Page
        The pages, and the chapter among them.
    facts, digest : Published, str
        Where the project is, and the SHA-256 of the wheel on its site.
    solved : bool
        With the solutions in place of the stubs.

    Raises
    ------
    ValueError
        If the chapter holds what has no plain form, names a path of the repository, keeps a solution itself, leaves an
        exercise out, or shows a line of a solution.
    """
    known = exercises.of_chapter(book.folder, Path(page.name).name)
    plain, left = Plain(book, page), dict(known)
    cells: list[nbformat.NotebookNode] = []

    def words(text: str) -> None:
        if text.strip():
            cells.append(new_markdown_cell(text.strip()))

    first = first_cell(facts, page.title, digest)
    cells.append(new_code_cell(first, metadata={"jupyter": {"source_hidden": True}}))
    for kind, source, meta in page.cells:
        tags = set(meta.get("tags", ()))
        if "solution" in tags:
            raise ValueError(f"{page.name}.md holds a solution: it belongs in {exercises.FOLDER}/{page.name}.md")
        if kind == "code" and "remove-cell" not in tags:
            stands_alone(page, source)
            cell = new_code_cell(source)
            if tags & KEPT_TAGS:
                cell.metadata["tags"] = sorted(tags & KEPT_TAGS)
            if tags & FOLDED_TAGS:
                cell.metadata["jupyter"] = {"source_hidden": True}
            cells.append(cell)
        elif kind == "markdown":
            for part, text in pieces(source):
                if part == "text":
                    words(plain.text(text))
                    continue
                if text not in left:
                    raise ValueError(f"{page.name}.md: exercise {text} is not in its file, or stands there twice")
                one = left.pop(text)
                words(f"### Exercise {one.number}: {one.title}\n\n{plain.text(one.text)}")
                cells.append(new_code_cell(one.solution if solved else one.stub, metadata={"exercise": one.number}))
                if solved and one.words:
                    words("**Solution.** " + plain.text(one.words))
    head = next(cell for cell in cells if cell.cell_type == "markdown")
    title, _, rest = head.source.partition("\n")
    head.source = f"{title}\n\n{RUN_ALL}\n{rest}".rstrip()
    if left:
        raise ValueError(f"{page.name}.md leaves out the exercises {', '.join(left)}")
    if known:
        words(HAND_IN)
        cells.append(new_code_cell('from tlmlda_lib.book.checks import report\n\n# report("Your name")'))
    if plain.cites:
        words("## References\n\n" + plain.references())
    name_cells(cells)
    cells[0].id = "library"  # whatever wheel it names
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})
    nbformat.validate(made)
    if not solved:
        keeps_secrets(page, made, known.values())
    return made


def name_cells(cells: list[nbformat.NotebookNode]) -> None:
    """Give each cell an id that follows from the cell, so that a change stays where it is made."""
    taken: set[str] = set()
    for cell in cells:
        number = cell.metadata.get("exercise")
        text, turn = f"{cell.cell_type}\0{cell.source}", 0
        name = f"exercise-{number.replace('.', '-')}" if number else hashlib.sha256(text.encode()).hexdigest()[:10]
        while name in taken:
            turn += 1
            name = hashlib.sha256(f"{text}\0{turn}".encode()).hexdigest()[:10]
        taken.add(name)
        cell.id = name


def stands_alone(page: Page, code: str) -> None:
    """Raise where code opens a file of the repository: a notebook travels without it."""
    for node in ast.walk(ast.parse(re.sub(r"^\s*[%!].*$", "", code, flags=re.MULTILINE))):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value.startswith(("../", "results/"))
        ):
            raise ValueError(f"{page.name}.md: {node.value!r} is no path where the notebook runs alone")


def keeps_secrets(page: Page, made: nbformat.NotebookNode, known: Iterable[exercises.Exercise]) -> None:
    """Raise where a line that only a solution has is in the notebook or on the page."""
    shown = "\n".join([*(cell.source for cell in made.cells), *(source for _, source, _ in page.cells)])
    for one in known:
        for line in own_lines(one):
            if line in shown:
                raise ValueError(f"{page.name}.md shows {line!r}, a line of the solution of {one.number}")


def own_lines(one: exercises.Exercise) -> list[str]:
    """Lines of a solution that are not in the stub and long enough to tell."""
    stub = one.stub
    lines = [line.strip() for line in [*one.solution.split("\n"), *one.words.split("\n")]]
    return [line for line in lines if len(line) > 24 and line not in stub]


def wanted(digest: str = "") -> dict[Path, str]:
    """Files that belong to the chapters as they are, with their texts; ``digest`` is that of the site's wheel."""
    facts = published.read(ROOT)
    book = Book.read(FOLDER, facts.site)
    files = {}
    for page in book.pages.values():
        if page.is_chapter:
            for folder, solved in ((FOLDER, False), (INSTRUCTOR, True)):
                text = nbformat.writes(notebook(book, page, facts, digest, solved=solved)) + "\n"
                files[folder / f"{page.name}.ipynb"] = text
    return files


def wheel_digest() -> str:
    """SHA-256 of this tree's wheel, where there is a site that gives it out; else nothing."""
    if not published.read(ROOT).site:
        return ""
    with tempfile.TemporaryDirectory() as folder:
        return published.sha256(published.build_wheel(ROOT, Path(folder)))


def main(arguments: list[str] | None = None) -> str | None:
    """Write, check or run; return what is wrong, if anything is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--release", action="store_true", help="compare with the wheel's digest, write nothing")
    parser.add_argument(
        "--run", nargs="?", const="changed", choices=("changed", "all"), help="run the notebooks with the built wheel"
    )
    options = parser.parse_args(arguments)
    compare, same = options.check or options.release or options.run, str if options.release else published.with_digest
    try:
        files = wanted("" if compare and not options.release else wheel_digest())
    except (ValueError, RuntimeError) as error:
        return str(error)
    student = {file for file in files if FOLDER in file.parents}
    strays = set(FOLDER.rglob("*.ipynb")) - student
    if compare:
        old = sorted(f for f in student if not f.is_file() or same(f.read_text(encoding="utf-8")) != same(files[f]))
        old += sorted(strays)
        if old:
            names = ", ".join(str(file.relative_to(ROOT)) for file in old)
            return f"not what the chapters say: {names}. Run python tools/notebooks.py and commit what it writes."
    if options.run:
        import run_notebooks

        run = {"all": run_notebooks.run_all, "changed": run_notebooks.run_changed}[options.run]
        return run({file.stem: (files[file], files[INSTRUCTOR / file.name]) for file in student})
    if not compare:
        for file in strays:
            file.unlink()
        for file, text in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
            print(file.relative_to(ROOT))
    return None


if __name__ == "__main__":
    sys.exit(main())
