"""How far a work is: a bar on any terminal, lines in a log, nothing where it is soon done."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from tlmlda_lib import progress
from tlmlda_lib.cli import terminal


def told(seconds_each: float, n: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines of a log about pieces that take so long."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])

    def work() -> Iterator[int]:
        for i in range(n):
            now[0] += seconds_each
            yield i

    said: list[str] = []
    with progress.logged(said.append):
        assert list(progress.watch(work(), n, "is10", False)) == list(range(n))
    return said


def test_a_log_has_a_line_at_each_tenth(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(1, 100, monkeypatch) == [f"is10: {n} of 100 files" for n in range(10, 100, 10)]


def test_a_log_has_a_line_a_minute_where_a_tenth_takes_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(30, 1000, monkeypatch)[:2] == ["is10: 2 of 1000 files", "is10: 4 of 1000 files"]


def test_what_is_soon_done_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(0.01, 100, monkeypatch) == []


def test_the_command_line_logs_where_it_is_not_on_a_terminal_and_not_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    for quiet, said in ((False, "a line\n"), (True, "")):
        with terminal.Speaker(quiet=quiet).noting():
            say = progress._log.get()
            if say is not None:
                say("a line")
        assert capsys.readouterr().err == said
    assert progress._log.get() is None


def test_a_notebook_has_bars_and_a_script_that_imports_a_kernel_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    ipython = pytest.importorskip("IPython")
    pytest.importorskip("ipykernel")
    monkeypatch.setattr(progress, "_is_terminal", lambda: False)
    assert "ipykernel" in sys.modules
    assert not progress.shown(None)
    monkeypatch.setattr(ipython, "get_ipython", lambda: SimpleNamespace(config={"IPKernelApp": {}}))
    assert progress.shown(None)
    assert not progress.shown(False)


BAR = """
import time
from tlmlda_lib import progress
list(progress.watch((time.sleep(0.3) for _ in range(12)), 12, "is10", None))
"""


@pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal is POSIX's")
def test_a_terminal_without_a_width_has_a_bar_and_no_empty_lines() -> None:
    import pty

    ours, theirs = pty.openpty()  # its size is 0 x 0, as in a recorded session
    done = subprocess.Popen([sys.executable, "-c", BAR], stderr=theirs)
    os.close(theirs)
    read = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        read += piece
    os.close(ours)
    assert done.wait(60) == 0
    text = read.decode()
    assert "is10:" in text
    assert "/12" in text
    assert "\n" not in text
