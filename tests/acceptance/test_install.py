"""What a reader installs: the teacher's recipe without a network, and one notebook with the site and nothing else.

Both want pip's index, for the packages that the library needs, and some minutes. The commands are those of the page
*For teachers*.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from made_site import serving

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "book" / "_ext")]

import notebooks  # noqa: E402
import published  # noqa: E402
import run_notebooks  # noqa: E402

#: Put into an environment, it lets no Python reach anything but this machine.
CUT_OFF = """
import socket

HERE = (None, "", "localhost", "127.0.0.1", "::1", "0.0.0.0")
_connect, _find = socket.socket.connect, socket.getaddrinfo


def connect(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in HERE:
        raise OSError(f"the network is cut off: {address}")
    return _connect(self, address)


def find(host, *more, **named):
    if host not in HERE:
        raise OSError(f"the network is cut off: {host}")
    return _find(host, *more, **named)


socket.socket.connect, socket.getaddrinfo = connect, find
"""


def empty(folder: Path) -> Path:
    """An environment with pip and nothing else; return its Python."""
    venv.create(folder, with_pip=True)
    return folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"


def pip(python: Path, *arguments: str, cwd: Path = ROOT) -> None:
    done = subprocess.run([python, "-m", "pip", *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def recipe() -> list[list[str]]:
    """The page's commands, as arguments of pip."""
    page = (ROOT / "book" / "for-teachers.md").read_text(encoding="utf-8")
    section = page.split("## Before the class")[1].split("\n## ")[0]
    return [shlex.split(line)[1:] for line in re.findall(r"^\s*(pip .*)$", section, re.MULTILINE)]


def kernel(python: Path) -> None:
    subprocess.run([python, "-m", "ipykernel", "install", "--sys-prefix"], check=True, capture_output=True)


def test_the_teacher_s_recipe_without_a_network(tmp_path: Path) -> None:
    collect, install = recipe()
    assert collect[0] == "wheel"
    assert "--no-index" in install
    wheels = str(tmp_path / "wheels")
    python = empty(tmp_path / "room")
    pip(python, *[wheels if word == "wheels" else word for word in collect])
    site = next((tmp_path / "room").rglob("site-packages"))
    (site / "sitecustomize.py").write_text(CUT_OFF, encoding="utf-8")
    reach = "import urllib.request; urllib.request.urlopen('https://pypi.org')"
    cut = subprocess.run([python, "-c", reach], capture_output=True, text=True, check=False)
    assert "the network is cut off" in cut.stderr
    pip(python, *[wheels if word == "wheels" else word for word in install])
    for module in ("resemblyzer", "webrtcvad"):
        gone = subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False)
        assert gone.returncode, f"{module} would have to be compiled, and no chapter needs it"
    kernel(python)
    made = {
        file.stem: run_notebooks.with_peak(nbformat.read(file, 4)) for file in sorted((ROOT / "book").glob("*.ipynb"))
    }
    assert len(made) >= 20
    assert run_notebooks.run_with(python, tmp_path, made) is None


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """A server that stands for the book's site: the wheel in its place."""
    folder = tmp_path / "site"
    wheel = published.build_wheel(ROOT, folder / published.NOTEBOOKS)

    with serving(folder) as address:
        yield f"{address} {published.sha256(wheel)}"


def test_one_notebook_and_the_site_in_a_fresh_environment(tmp_path: Path, site: str) -> None:
    address, digest = site.split()
    facts = published.Published(published.read(ROOT).version, site=address)
    book = notebooks.Book.read(ROOT / "book", address)
    python = empty(tmp_path / "reader")
    pip(python, "install", "--quiet", "ipykernel", "nbclient")  # what runs a notebook, and no more
    kernel(python)
    installed = subprocess.run([python, "-m", "pip", "list"], capture_output=True, text=True, check=True).stdout
    assert not re.search(r"^(tlmlda|numpy|torch|anywidget)", installed, re.MULTILINE)
    made = run_notebooks.with_peak(notebooks.notebook(book, book.pages["mmd"], facts, digest))
    assert run_notebooks.run_with(python, tmp_path, {"mmd": made}, PIP_NO_INDEX="0", CELL_SECONDS="900") is None
