"""How far a long work is: a bar on a terminal and in a notebook, lines in a log."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

#: Seconds between two lines of a log at least, and after which there is one however little was done.
PAUSE, LONGEST_SILENCE = 5.0, 60.0

#: Seconds of work before a bar is shown.
DELAY = 2.0

#: A terminal's columns and rows where it tells none, as in a recorded session: tqdm would print empty lines.
COLUMNS, ROWS = 80, 24

_log: ContextVar[Callable[[str], None] | None] = ContextVar("log", default=None)


@contextmanager
def logged(say: Callable[[str], None] | None) -> Iterator[None]:
    """Give lines where no bar is shown.

    Parameters
    ----------
    say : callable or None
        Called with a line of text; None for silence.
    """
    before = _log.set(say)
    try:
        yield
    finally:
        _log.reset(before)


def watch(run: Iterable[T], total: int, name: str, progress: bool | None, *, unit: str = "file") -> Iterator[T]:
    """Go through finished pieces of work, and show how many there are, unless all end within seconds.

    Parameters
    ----------
    run : iterable
        Gives each piece when it is finished.
    total : int
        Number of pieces.
    name, unit : str
        What is done, and what a piece is.
    progress : bool, optional
        Show a bar; by default on a terminal and in a notebook. Without one there are lines inside `logged`.
    """
    bar, say = shown(progress), _log.get()
    if not bar and say is not None:
        return _lines(run, total, name, unit, say)
    from tqdm.auto import tqdm

    how: dict[str, Any] = {"delay": DELAY, "leave": False, "disable": not bar, **size()}
    return iter(tqdm(run, total=total, desc=name, unit=unit, **how))


def shown(asked: bool | None) -> bool:
    """Whether bars are shown: as asked, otherwise on a terminal and in a notebook.

    Parameters
    ----------
    asked : bool or None
    """
    return (_is_notebook() or _is_terminal()) if asked is None else asked


def size() -> dict[str, Any]:
    """What tqdm is told of the terminal: nothing where the terminal tells its own size."""
    try:
        width = os.get_terminal_size(sys.stderr.fileno()).columns
    except (AttributeError, OSError, ValueError):  # no terminal, or a stand-in for one
        return {}
    return {} if width else {"ncols": COLUMNS, "nrows": ROWS}


def inside() -> bool | None:
    """What tqdm is told of a bar that may be inside another one: on a terminal, None, only the outermost stays there.

    A notebook would take that for False.
    """
    return None if _is_terminal() else True


def _is_notebook() -> bool:
    """Whether a kernel runs this; that somebody imported one says nothing."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and "IPKernelApp" in shell.config


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _lines(run: Iterable[T], total: int, name: str, unit: str, say: Callable[[str], None]) -> Iterator[T]:
    """A line at each tenth, but not more often than every few seconds, and at least one a minute."""
    last, told = time.monotonic(), 0
    for n, piece in enumerate(run, 1):
        passed = time.monotonic() - last
        if n < total and passed >= PAUSE and (10 * (n - told) >= total or passed >= LONGEST_SILENCE):
            say(f"{name}: {n} of {total} {unit}s")
            last, told = time.monotonic(), n
        yield piece
