"""The command line after an install: the wheel, no checkout, no corpus, and an empty folder to work in."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from typer.testing import CliRunner

import tlmlda_lib
from tlmlda_lib.cli import main as cli
from tlmlda_lib.experiments import shipped, store

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from run_notebooks import environment  # noqa: E402 - a tool

SHELL = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def lines_of_readme() -> list[list[str]]:
    """The words of README's commands of the library, one list for each block of shell lines."""
    blocks = [block.splitlines() for block in SHELL.findall((ROOT / "README.md").read_text(encoding="utf-8"))]
    commands = [[line.partition("  #")[0].strip() for line in block if line.startswith("tlmlda ")] for block in blocks]
    return [block for block in commands if block]


@pytest.fixture(scope="module")
def python(shared: Path) -> Path:
    """The Python of an environment with the built wheel; made once for all processes."""
    folder = shared / "installed"
    with FileLock(f"{folder}.lock"):
        if not (folder / "ready").exists():
            folder.mkdir()
            environment(folder)
            (folder / "ready").touch()
    return folder / "clean" / "bin" / "python"


#: Calls commands in folders, as lines of standard input name them: what they import is imported once.
CALLS = """
import json, os, sys
from typer.testing import CliRunner
from tlmlda_lib.cli import main
for line in sys.stdin:
    folder, words = json.loads(line)
    os.chdir(folder)
    done = CliRunner().invoke(main.app, words, catch_exceptions=False)
    print(json.dumps([done.exit_code, done.stdout, done.stderr]), flush=True)
"""


@pytest.fixture(scope="module")
def commands(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    """A process of the installed library that calls its commands."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "TLMLDA_CORPORA")} | {"COLUMNS": "80"}
    how: dict[str, Any] = {
        "stdin": subprocess.PIPE,
        "stdout": subprocess.PIPE,
        "text": True,
        "cwd": tmp_path_factory.mktemp("calls"),
    }
    with subprocess.Popen([str(python), "-c", CALLS], env=env, **how) as child:
        yield child
        assert child.stdin is not None
        child.stdin.close()
    assert child.returncode == 0


@pytest.fixture
def installed(commands: subprocess.Popen[str], tmp_path: Path):
    """Calls an installed command in an empty folder, where no corpus is known."""
    here = tmp_path / "empty"
    here.mkdir()

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        assert commands.stdin is not None
        assert commands.stdout is not None
        print(json.dumps([str(here), words]), file=commands.stdin, flush=True)
        line = commands.stdout.readline()
        assert line, "the process has ended: its error stands above"
        done = subprocess.CompletedProcess(words, *json.loads(line))
        assert done.returncode == 0, done.stderr
        return done

    call.here = here  # type: ignore[attr-defined]
    return call


def here_too(*words: str, tmp_path: Path) -> str:
    """What the checkout's own command prints when it reads the checkout's records by name."""
    where = ("--results", str(ROOT / "results"), "--runs", str(tmp_path / "none"))
    done = CliRunner().invoke(cli.app, [*words, *where], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_library_comes_from_the_wheel(python: Path, tmp_path: Path) -> None:
    code = "import sys, tlmlda_lib; print(tlmlda_lib.__file__.startswith(sys.prefix))"
    done = subprocess.run([python, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
    command = [str(python), "-m", "tlmlda_lib.cli", "--version"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == f"{tlmlda_lib.__version__}\n"


def test_tables_are_those_of_the_checkout(installed, tmp_path: Path) -> None:
    done = installed("tables", "table4", "audit", "--format", "csv")
    assert done.stdout == here_too("tables", "table4", "audit", "--format", "csv", tmp_path=tmp_path)
    assert "note: sealed records: those that came with the library" in done.stderr
    assert "45." in done.stdout


def test_the_log_of_the_search_is_whole(installed, tmp_path: Path) -> None:
    found = json.loads(installed("search", "--dry-run", "--json").stdout)
    assert found == json.loads(here_too("search", "--dry-run", "--json", tmp_path=tmp_path))
    assert found["left"] == 0
    assert len(found["log"]) > 20


def test_a_grid_knows_what_has_been_run(installed, tmp_path: Path) -> None:
    found = json.loads(installed("reproduce", "main", "--dry-run", "--json").stdout)
    assert found == json.loads(here_too("reproduce", "main", "--dry-run", "--json", tmp_path=tmp_path))
    assert found["kept"] > 50
    assert not [cell for cell in found["to_run"] if "E" not in cell.partition(" ")[0]], "all that can be run was run"


def test_figure_2_is_drawn_from_the_records_and_nothing_is_made(installed, python: Path) -> None:
    (archive,) = Path(python).parents[1].rglob("records.jsonl.xz")
    before = hashlib.sha256(archive.read_bytes()).hexdigest()
    said = installed("figure2", "--scheme", "B2C", "--scheme", "C2B", "--plot", "figures/two.svg", "--json")
    states = json.loads(said.stdout)
    assert {s["state"] for s in states["schemes"].values()} == {"kept"}
    assert states["plot"] == {"file": "figures/two.svg", "schemes": ["B2C", "C2B"]}
    words = {e.text for e in ET.parse(installed.here / "figures" / "two.svg").iter() if e.text}
    assert {"B2C", "C2B", "anger", "target", "acted"} <= words
    assert {"Only_cls,", "TLMLDA_M,", "TLMLDA,"} <= words
    text = installed("figure2", "--scheme", "C2B", "--plot", "two.png").stdout
    assert "C2B: kept, those that came with the library" in text
    assert "drawn: two.png (C2B)" in text
    assert (installed.here / "two.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert sorted(p.name for p in installed.here.iterdir()) == ["figures", "two.png"], "no record is made"
    assert hashlib.sha256(archive.read_bytes()).hexdigest() == before


def test_what_was_stressed_is_not_run_again(installed) -> None:
    states = json.loads(installed("stress", "--json").stdout)["schemes"]
    assert {s["state"] for s in states.values()} == {"kept"}
    assert not list(installed.here.iterdir())


def test_a_cell_that_was_shipped_is_read_and_not_trained(python: Path, tmp_path: Path) -> None:
    code = (
        "from unittest import mock\n"
        "from tlmlda_lib.experiments import run\n"
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from stand_ins import made_pair\n"
        "with mock.patch.object(run, '_train', side_effect=AssertionError('trained')):\n"
        "    print(run.run(made_pair(scheme='C2B'), 'tlmlda', 'recommended-is10', 1)[0]['rules']['final']['war'])\n"
    )
    here = tmp_path / "empty"
    here.mkdir()
    command = [str(python), "-c", code, str(ROOT / "tests")]
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    records = [
        r for r in store.scan(ROOT / "results", grid="main")[0] if (r["scheme"], r["method"]) == ("C2B", "tlmlda")
    ]
    (expected,) = {r["rules"]["final"]["war"] for r in records if (r["preset"], r["seed"]) == ("recommended-is10", 0)}
    assert float(done.stdout) == expected
    assert "were made on other recordings" in done.stderr, "the pair is not the one of the record"
    assert not list(here.iterdir())


def test_a_folder_of_ones_own_comes_first(installed) -> None:
    (installed.here / "results").mkdir()
    assert "came with the library" in installed("tables").stderr  # it holds no record
    (installed.here / "results" / "main.jsonl").write_text('{"collection":"main","format":2,"runs":0}\n')
    done = installed("tables", "table4", "--format", "csv")
    assert "note: sealed records: results" in done.stderr
    assert "ours" not in done.stdout or "45." not in done.stdout


def test_place_of_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shipped.place("there") == Path("there")
    assert shipped.place() == shipped.RESULTS  # a checkout's own, wherever one stands
    monkeypatch.setattr(shipped, "CHECKOUT", tmp_path / "site-packages")
    monkeypatch.setattr(shipped, "ARCHIVE", tmp_path / "records.jsonl.xz")
    assert shipped.place() == Path("results")  # nothing anywhere: the reader says so
    shipped.ARCHIVE.touch()
    assert shipped.place() == shipped.ARCHIVE
    assert shipped.words(shipped.ARCHIVE) == "those that came with the library"
    (tmp_path / "results" / "main" / "C2B" / "tlmlda" / "quick-0").mkdir(parents=True)
    assert shipped.place() == shipped.ARCHIVE
    (tmp_path / "results" / "main" / "C2B" / "tlmlda" / "quick-0" / "seed-0.json").touch()
    assert shipped.place() == Path("results")
