"""What `make` does around the tools that it calls, with an interpreter that only says what it was asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PYTHON = """#!/bin/sh
echo "asked: $*"
case "$*" in *notebooks.py*) {answer};; esac
"""


@pytest.fixture
def made(tmp_path: Path):
    """Run a target, with the shell's words for how `tools/notebooks.py --check` ends."""
    make = shutil.which("make")
    if os.name != "posix" or make is None:
        pytest.skip("needs make and a shell")

    def run(target: str, answer: str) -> subprocess.CompletedProcess[str]:
        python = tmp_path / "bin" / "python"
        python.parent.mkdir(exist_ok=True)
        python.write_text(PYTHON.format(answer=answer), encoding="utf-8")
        python.chmod(0o755)
        (tmp_path / "ready").touch()
        command = [make, target, f"VENV={tmp_path}"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    return run


def test_book_says_that_notebooks_were_forgotten_and_is_built_all_the_same(made) -> None:
    done = made("book", "echo 'not what the chapters say: book/lmmd.ipynb.' >&2; exit 1")
    assert done.returncode == 0
    assert "not what the chapters say: book/lmmd.ipynb." in done.stderr
    assert "The pages are built all the same; the site gives out the notebooks as they are." in done.stderr
    assert "jupyter-book build book" in done.stdout


def test_book_says_nothing_where_the_notebooks_are_right(made) -> None:
    done = made("book", "exit 0")
    assert done.returncode == 0
    assert done.stderr == ""


def test_book_is_built_of_an_edition_s_contents(made) -> None:
    asked = made("book", "exit 0").stdout
    assert "tools/edition.py" in asked
    assert "TLMLDA_EDITION=" in asked


def test_slides_are_made_of_the_site(made) -> None:
    assert "asked: tools/slides.py" in made("slides", "exit 0").stdout


def test_zip_packs_the_site(made) -> None:
    assert "asked: tools/zip_site.py" in made("zip", "exit 0").stdout
