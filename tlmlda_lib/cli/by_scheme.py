"""What the commands share that write all records of a scheme at once: skip existing ones, survive a failure, report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from tlmlda_lib import errors
from tlmlda_lib.errors import UserError

Schemes = Annotated[
    list[str] | None, typer.Option("--scheme", help="As in `tlmlda run`; again for more; without it the open six.")
]
Stale = Annotated[bool, typer.Option("--stale", help="Run again what depends on an older revision.")]

#: Computes and keeps the records of a scheme; its arguments are the scheme and those of the command.
Make = Callable[..., None]


class Absent(UserError):
    """The corpora of a scheme are not available."""


def run(
    said: Any,
    make: Make,
    how: tuple[Any, ...],
    before: dict[str, str],
    place: Callable[[str], Any],
    *,
    jobs: int,
    stale: bool,
    then: Callable[[], dict[str, Any]] = dict,
) -> None:
    """Run the missing schemes, and report the outcome of each.

    Parameters
    ----------
    said : tlmlda_lib.cli.terminal.Speaker
    make : callable
        A picklable function; it raises `Absent` if corpora are missing.
    how : tuple
        Arguments after the scheme.
    before : dict of str to str
        State of each scheme's records: "missing", "stale" (one depends on an older revision) or "kept".
    place : callable
        Place of a scheme's records, by its name.
    jobs : int
        Processes; 0: only this one.
    stale : bool
        Run stale records again.
    then : callable
        Called at the end with the records in place; its result becomes part of the JSON.

    Raises
    ------
    typer.Exit
        With 1, if a scheme failed.
    UserError
        If all schemes were absent.
    """
    wanted = ("missing", "stale") if stale else ("missing",)
    todo = [name for name, state in before.items() if state in wanted]
    ended = {name: ("kept", "") for name in before if name not in todo}
    with said.noting():
        for name, state, message in _made(make, todo, jobs, how):
            ended[name] = (state, message)
            said.note(f"{name}: {state}" + (f": {message}" if message else ""))
    if old := [name for name, state in before.items() if state == "stale" and not stale]:
        said.note(f"note: kept from an older revision: {', '.join(old)} (--stale runs them again)")
    for name in before:
        state, message = ended[name]
        said.show(f"{name}: {state}" + (f" ({message})" if message else f", {place(name)}"))
    absent = all(state == "absent" for state, _ in ended.values())
    states = {name: {"state": ended[name][0], "message": ended[name][1]} for name in before}
    said.json({"schemes": states} | ({} if absent else then()))
    if absent:
        raise UserError(f"nothing was run: {next(iter(ended.values()))[1]}")
    if any(state == "failed" for state, _ in ended.values()):
        raise typer.Exit(1)


def kept_at(grid: str, runs: Path, sealed: Path) -> Callable[[str], str]:
    """Where a scheme's records are: the folder of single ones if it is there, else the sealed ones, in words.

    Parameters
    ----------
    grid : str
        The collection.
    runs, sealed : path
        Folders of single and of sealed records.
    """
    from tlmlda_lib.experiments import shipped, store

    def of(scheme: str) -> str:
        single = store.folder(runs, grid, scheme)
        return str(single) if single.is_dir() else shipped.words(sealed)

    return of


def _made(make: Make, todo: Sequence[str], jobs: int, how: tuple[Any, ...]) -> Iterator[tuple[str, str, str]]:
    """Scheme, "done", "absent" or "failed", and the reason, as they finish."""
    if not jobs:
        yield from (_attempt(make, name, how) for name in todo)
        return
    if not todo:
        return
    from loky import ProcessPoolExecutor, as_completed

    from tlmlda_lib.features import threads

    pool = ProcessPoolExecutor(min(jobs, len(todo)), env=threads.environment())
    try:
        for future in as_completed([pool.submit(_attempt, make, name, how) for name in todo]):
            yield future.result()
    finally:
        pool.shutdown(wait=True, kill_workers=True)


def _attempt(make: Make, scheme: str, how: tuple[Any, ...]) -> tuple[str, str, str]:
    """The outcome of one scheme; an error becomes part of it."""
    try:
        make(scheme, *how)
    except Absent as error:
        return scheme, "absent", str(error)
    except UserError as error:
        return scheme, "failed", str(error)
    except ImportError as error:
        return scheme, "failed", errors.sentence(error) or str(error)
    except Exception as error:  # the other schemes go on
        return scheme, "failed", f"{type(error).__name__}: {error}"
    return scheme, "done", ""


def load(scheme: str, *where: Any) -> Any:
    """The pair of a scheme, from `tlmlda_lib.domains.load_pair`.

    Parameters
    ----------
    scheme : str
        As "C2B".
    *where
        Folder of the corpora, and feature sets.

    Raises
    ------
    Absent
        If it cannot be made.
    """
    from tlmlda_lib import domains

    try:
        return domains.load_pair(scheme, *where, progress=False)
    except UserError as error:
        raise Absent(str(error)) from error
