"""The command line's output at any width, in any encoding, into pipes and files."""

from __future__ import annotations

import functools
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import made_corpora
import pytest
from rich.console import Console
from stand_ins import kept_in
from typer.testing import CliRunner

from tlmlda_lib.cli import main as cli
from tlmlda_lib.cli import terminal
from tlmlda_lib.errors import UserError

ROOT = Path(__file__).parents[1]
RESULTS = ("--results", str(ROOT / "results"), "--runs", "none")

#: Commands that read the repository's records, and need nothing else.
READING = (
    ("tables", "table3", *RESULTS),
    ("tables", "table4", *RESULTS),
    ("reproduce", *RESULTS),
    ("reproduce", "peeking", "--dry-run", *RESULTS),
    ("search", "--dry-run", *RESULTS),
    ("stress", *RESULTS),
)


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Two small corpora of tones, as options of a run."""
    root = tmp_path_factory.mktemp("tones")
    made_corpora.emodb(root / "emodb", seconds=0.3)
    made_corpora.casia(root / "casia", seconds=0.3)
    return "--scheme", "C2B", "--features", "is10", "--corpora", str(root)


@functools.cache
def shown(*words: str, width: int = 80, **variables: str) -> str:
    """Standard output of a command in a terminal of this width."""
    done = CliRunner().invoke(cli.app, words, env={"COLUMNS": str(width), "TLMLDA_CORPORA": None, **variables})
    assert done.exit_code == 0, done.output
    return done.stdout


def here(*words: str, encoding: str = "utf-8") -> tuple[int, bytes, bytes]:
    """Status and outputs of a command, called as its entry point in this process, with streams of this encoding."""
    name, _, errors = encoding.partition(":")
    streams = [io.TextIOWrapper(io.BytesIO(), name, errors or "strict") for _ in range(2)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["tlmlda", *words])
        patch.setattr(sys, "stdout", streams[0])
        patch.setattr(sys, "stderr", streams[1])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        for stream in streams:
            stream.flush()
    out, error = (stream.buffer.getvalue() for stream in streams)  # type: ignore[attr-defined]
    return ended.value.code or 0, out, error  # type: ignore[return-value]


def process(*words: str, **how) -> subprocess.CompletedProcess[bytes]:
    variables = how.pop("variables", {})
    command = [sys.executable, "-m", "tlmlda_lib.cli", *words]
    return subprocess.run(command, env={**os.environ, **variables}, check=False, timeout=120, **how)


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("words", READING, ids=lambda w: " ".join(w[:2]))
def test_no_word_and_no_number_is_cut_at_any_width(words: tuple[str, ...], width: int) -> None:
    whole, text = (re.sub(r"[─\s]+|:(?=\s)", " ", shown(*words, width=w)).split() for w in (160, width))
    assert set(text) <= set(whole), sorted(set(text) - set(whole))
    lines = shown(*words, width=width).splitlines()
    assert all(len(line.rstrip()) <= width or len(line.split()) == 1 for line in lines)
    rules = [i for i, line in enumerate(lines) if set(line.strip()) == {"─"}]
    for i in rules:  # the figures stand on their rule, not beside it
        assert len(lines[i + 1].rstrip()) <= len(lines[i].rstrip()) + 1


def test_a_narrow_table_leaves_out_what_was_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    wide, narrow = (shown("tables", "table3", *RESULTS, width=w) for w in (80, 40))
    assert "E2B" in wide
    assert "E2B" not in narrow
    assert {"B2C", "C2B"} <= set(narrow.split())
    ours = [line.split()[1:] for line in narrow.splitlines() if line.strip().startswith("ours")]
    assert len(ours) == 5
    assert not any("-" in numbers for numbers in ours)


def test_a_table_that_does_not_fit_becomes_paragraphs() -> None:
    table = terminal.plain_table("run", "found", right=0)
    table.add_row("a path", "/a/folder/with/a/long/name/and/a/file.wav")
    console = Console(width=30, file=io.StringIO())
    assert terminal.fit(table, console) == "a path\n  found: /a/folder/with/a/long/name/and/a/file.wav\n"
    assert (
        terminal.wrapped("  see /a/b/c/d/e/f/g/h/i/j [12.0, 15.5]", 20)
        == "  see\n  /a/b/c/d/e/f/g/h/i/j\n  [12.0, 15.5]"
    )


@pytest.mark.parametrize("name", [":smile:.wav", "[red].wav", "a [b]c[/b].wav", "\\[x].wav", "1:2.wav"])
def test_a_file_name_is_printed_as_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = terminal.Speaker()
    said.show(*terminal.problems("folder", [{"file": name, "problem": "is empty"}]))
    said.note(f"note: {name}")
    said.show(terminal.checks([{"state": "ok", "what": name, "found": name, "mend": ""}]))
    out, error = capsys.readouterr()
    assert f"  {name} is empty\n" in out
    assert out.count(name) == 3
    assert error == f"note: {name}\n"


def test_control_characters_are_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    said = terminal.Speaker()
    name = "a\x1b[31m\n\x9b\u202e.wav"
    said.show(*terminal.problems("folder", [{"file": name, "problem": "is empty"}]), "two\nlines \x1b[2J")
    said.note(f"note: \x07 {name}")
    said.show(terminal.checks([{"state": "ok", "what": "\x1b[31m", "found": "\r", "mend": ""}]))
    out, error = capsys.readouterr()
    assert not set("\x1b\x07\x9b\r\u202e") & set(out + error)
    assert r"  a\x1b[31m\n\x9b\u202e.wav is empty" in out.splitlines()
    assert "two\nlines \\x1b[2J\n" in out
    assert r"note: \x07 a\x1b[31m" in error


def test_an_error_has_no_control_character(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def app() -> None:
        raise UserError("a\x1b[31m.wav is not there")

    monkeypatch.setattr(cli, "app", app)
    with pytest.raises(SystemExit):
        cli.main()
    assert capsys.readouterr().err == "tlmlda: a\\x1b[31m.wav is not there\n"


@pytest.mark.parametrize("encoding", ["ascii", "ascii:strict", "latin-1"])
def test_any_encoding_takes_the_output_after_the_work(
    encoding: str, tones: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    words = ("run", *tones, "--method", "majority", *map(str, kept_in(tmp_path)))
    for more in (("--confusion",), ("--json",)):
        status, out, error = here(*words, *more, encoding=encoding)
        assert status == 0, error
        text = out.decode(encoding.partition(":")[0])
        assert ("+- half of the 95 %" in text) or ("\xb1 half" in text) or json.loads(text)["rows"]
    assert here("run", "--help", encoding=encoding)[0] == 0


def test_an_environment_s_encoding_is_that_of_the_process() -> None:
    variables = {"PYTHONIOENCODING": "ascii", "LANG": "C", "COLUMNS": "80"}
    done = process("run", "--help", capture_output=True, variables=variables)
    assert done.returncode == 0
    assert done.stdout.decode("ascii")


@pytest.mark.skipif(os.name != "posix", reason="Windows closes pipes in another way")
@pytest.mark.parametrize("words", [("tables", "table3", *RESULTS), ("search", "--dry-run", "--json", *RESULTS)])
def test_a_closed_pipe_ends_quietly(words: tuple[str, ...]) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        done = process(*words, stdout=closed, stderr=subprocess.PIPE)
    assert b"Traceback" not in done.stderr
    assert b"Broken" not in done.stderr
    assert b"Exception" not in done.stderr
    assert done.returncode == 141  # as of a program that SIGPIPE ended: a mistake of the user is 2, of the work 1


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signal")
def test_ctrl_c_ends_with_one_line_and_keeps_what_was_done(tones: tuple[str, ...], tmp_path: Path) -> None:
    words = ("run", *tones, "--method", "tlmlda", "--preset", "quick", "--seeds", "500")
    command = [sys.executable, "-m", "tlmlda_lib.cli", *words, *map(str, kept_in(tmp_path))]
    # A shell starts what runs in the background with the signal ignored, and so would all its children be.
    listening = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=listening)
    for _ in range(600):
        if list(tmp_path.rglob("seed-0.json")):
            break
        time.sleep(0.1)
    child.send_signal(signal.SIGINT)
    _, error = child.communicate(timeout=60)
    assert child.returncode == 130
    assert error.decode().splitlines()[-1] == "tlmlda: stopped; what was done is kept"
    assert b"Traceback" not in error
    assert list(tmp_path.rglob("seed-0.json"))
    assert not list(tmp_path.rglob("*.tmp"))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("reproduce", "quick", "--jobs", "-1"), "Invalid value for '--jobs'"),
        (("run", "--scheme", "d2z", "--method", "majority", "--seeds", "0"), "Invalid value for '--seeds'"),
        (("tables", "--results", ""), "the path is empty"),
        (("predict", "", "x"), "the path is empty"),
        (("seal", "--runs", "~nobody-of-this-name/x"), "names the home of a user"),
    ],
)
def test_a_number_or_a_path_that_cannot_be_meant_is_a_usage_error(words: tuple[str, ...], says: str) -> None:
    done = CliRunner().invoke(cli.app, words, env={"COLUMNS": "200"})
    assert done.exit_code == 2
    assert says in done.output


def test_a_results_folder_that_is_a_file_and_a_cut_record_are_named(tones: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no records")
    words = ("run", *tones, "--method", "majority", "--results", str(tmp_path / "none"))
    status, _, error = here(*words, "--runs", str(tmp_path / "file"))
    assert status == 2
    assert b"file is not a folder, so it takes no record" in error
    assert here(*words, "--runs", str(tmp_path / "runs"))[0] == 0
    (record,) = (tmp_path / "runs").rglob("seed-0.json")
    record.write_bytes(record.read_bytes()[:-40])
    status, _, error = here(*words, "--runs", str(tmp_path / "runs"))
    assert status == 0
    assert b"not a readable record: it is set aside" in error
    assert json.loads(record.read_bytes())
    assert record.with_name("seed-0.json.damaged").exists()
