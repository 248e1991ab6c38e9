"""What commands share that make all records of a scheme at once: skip what is there, go on after a failure, report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

import typer

from tlmlda_lib import errors
from tlmlda_lib.errors import UserError

Schemes = Annotated[
    list[str] | None, typer.Option("--scheme", help="As in `tlmlda run`; again for more; without it the open six.")
]
Stale = Annotated[bool, typer.Option("--stale", help="Make again what depends on an older revision.")]

#: Makes and keeps the records of a scheme; its arguments are the scheme and whatever the command hands on.
Make = Callable[..., None]


class Absent(UserError):
    """A scheme's corpora are not here."""


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
    """Make what is missing, and say of every scheme what became of it.

    Parameters
    ----------
    said : tlmlda_lib.cli.terminal.Speaker
    make : callable
        A function of a module (it travels to other processes); raises `Absent` where corpora are missing.
    how : tuple
        Its arguments after the scheme.
    before : dict of str to str
        Of each scheme whether its records are "missing", "stale" (one depends on an older revision) or "kept".
    place : callable
        Where the records of a scheme are, by its name.
    jobs : int
        Processes; 0: only this one.
    stale : bool
        Make again what is stale.
    then : callable
        What is done with the records that are there by then; what it returns is part of the JSON.

    Raises
    ------
    typer.Exit
        With 1, if a scheme failed.
    UserError
        If all were absent.
    """
    wanted = ("missing", "stale") if stale else ("missing",)
    todo = [name for name, state in before.items() if state in wanted]
    ended = {name: ("kept", "") for name in before if name not in todo}
    with said.noting():
        for name, state, message in _made(make, todo, jobs, how):
            ended[name] = (state, message)
            said.note(f"{name}: {state}" + (f": {message}" if message else ""))
    if old := [name for name, state in before.items() if state == "stale" and not stale]:
        said.note(f"note: of an older revision, and kept: {', '.join(old)} (--stale makes them again)")
    for name in before:
        state, message = ended[name]
        said.show(f"{name}: {state}" + (f" ({message})" if message else f", {place(name)}"))
    absent = all(state == "absent" for state, _ in ended.values())
    states = {name: {"state": ended[name][0], "message": ended[name][1]} for name in before}
    said.json({"schemes": states} | ({} if absent else then()))
    if absent:
        raise UserError(f"nothing was made: {next(iter(ended.values()))[1]}")
    if any(state == "failed" for state, _ in ended.values()):
        raise typer.Exit(1)


def _made(make: Make, todo: Sequence[str], jobs: int, how: tuple[Any, ...]) -> Iterator[tuple[str, str, str]]:
    """Scheme, "done", "absent" or "failed", and why, as they end."""
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
    """Whatever goes wrong is part of what is returned."""
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
    """The pair of a scheme, as `tlmlda_lib.domains.load_pair` makes it.

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
