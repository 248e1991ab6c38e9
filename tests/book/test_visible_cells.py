"""The code that a page shows runs by itself: no name in it comes from a cell that the page hides.

Here no cell is executed: `make notebooks-run` does that, notebook by notebook, with the hidden cells apart.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("jupytext", reason="the extra `book`, which reads the chapters, is not installed")

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "book" / "_ext")]

import run_notebooks  # noqa: E402
from anatomy import HIDDEN  # noqa: E402
from references import Book  # noqa: E402

BOOK = Book.read(ROOT / "book", "https://book.example")
PAGES = sorted(name for name, page in BOOK.pages.items() if any(kind == "code" for kind, _, _ in page.cells))


def undefined(cells: list[str]) -> list[str]:
    """Names that code uses and does not define, with their lines."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select",
        "F821",
        "--output-format",
        "concise",
        "-",
    ]
    done = subprocess.run(command, input="\n\n".join(cells), capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return [line for line in done.stdout.splitlines() if "F821" in line]


@pytest.mark.parametrize("name", PAGES)
def test_visible_code_defines_what_it_uses(name: str) -> None:
    cells = [s for kind, s, meta in BOOK.pages[name].cells if kind == "code" and not HIDDEN & set(meta.get("tags", ()))]
    assert undefined(cells) == []


def test_an_undefined_name_is_found() -> None:
    assert undefined(["x = 1", "print(x + y)"]) == ["-:3:11: F821 Undefined name `y`"]


def test_hidden_cells_leave_nothing_behind() -> None:
    pytest.importorskip("nbclient", reason="the extra `book`, which runs notebooks, is not installed")
    import nbformat
    from nbclient import NotebookClient

    cell = nbformat.v4.new_code_cell
    hidden = {"tags": ["remove-input"]}
    cells = [cell("x = 1"), cell("y = x + 1\nx = 5", metadata=hidden), cell("z = y", metadata=hidden)]
    cells += [cell("print(x, 'y' in globals(), 'z' in globals())")]
    made = run_notebooks.apart(nbformat.v4.new_notebook(cells=cells))
    NotebookClient(made, timeout=60, kernel_name="python3").execute()
    assert made.cells[-1].outputs[0].text == "1 False False\n"

    failing = run_notebooks.apart(nbformat.v4.new_notebook(cells=[cell("1 / 0", metadata=hidden)]))
    with pytest.raises(Exception, match="ZeroDivisionError"):
        NotebookClient(failing, timeout=60, kernel_name="python3").execute()
