"""A grid of cells on the cores of this machine or on a Dask cluster; it can be stopped at any moment. Chapter 3.4.

A cell is finished when its record exists. So no state is kept between two calls, two calls at once do no harm, and
after a crash the next call continues from the records and from the checkpoints of unfinished cells.
"""

from __future__ import annotations

import threading
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tlmlda_lib import errors, files
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import contents, run, shipped, store
from tlmlda_lib.experiments.plans import Cell
from tlmlda_lib.features import remote
from tlmlda_lib.features.threads import environment

#: Seconds after which an idle worker ends, so that none outlives a killed parent for long.
IDLE = 60

_one_at_a_time = threading.Lock()  # torch's random state is per process, not per thread


@dataclass(frozen=True)
class Outcome:
    """The outcome of a cell.

    Attributes
    ----------
    cell : Cell
    state : str
        "kept" (its record existed), "done", "failed", or "absent" (its pair could not be made).
    record : dict or None
    message : str
        Why it failed or is absent, in one sentence.
    details : str
        The traceback of an unexpected failure.
    notes : tuple of str
        Warnings during the run.
    """

    cell: Cell
    state: str
    record: dict[str, Any] | None = None
    message: str = ""
    details: str = ""
    notes: tuple[str, ...] = field(default=())


def progress_of(cells: Iterable[Cell], *folders: str | Path) -> dict[str, list[Cell]]:
    """Cells by the state of their records: "kept", "stale" (an older revision) or "missing".

    Parameters
    ----------
    cells : iterable of Cell
        The grid.
    *folders : path
        Where the records are.
    """
    found: dict[str, list[Cell]] = {"kept": [], "stale": [], "missing": []}
    for cell in cells:
        found[store.state([cell.names()], *folders)].append(cell)
    return found


def run_grid(
    cells: Iterable[Cell],
    load: Callable[..., Any],
    *,
    runs: str | Path = "runs",
    results: str | Path | None = None,
    jobs: int = 1,
    dask: str | None = None,
    threads: int = 1,
    stale: bool = False,
    checkpoint_folder: str | Path | None = None,
) -> Iterator[Outcome]:
    """Run the cells without a record, and yield the outcome of each as it arrives. Chapter 3.4.

    Parameters
    ----------
    cells : iterable of Cell
    load : callable
        Loads the pair of a scheme, ``load("C2B")``, or with other feature sets than IS10, ``load("C2B", ("is10",
        "resemblyzer"))``; called once for each pair with something to run.
    runs : path
        Folder of single runs' records.
    results : path, optional
        Folder of sealed collections, which are read as well; by default as in `tlmlda_lib.experiments.run.run_cell`.
    jobs : int
        Processes on this machine; 0 is the calling process, which then dies with a cell that kills its process.
    dask : str, optional
        Address of a Dask scheduler, whose workers replace local processes. They need this library, and should see the
        folders of runs and checkpoints under the same paths; a record that did not arrive there is written from here.
    threads : int
        Threads of each cell.
    stale : bool
        Run again if code or data have changed.
    checkpoint_folder : path, optional

    Yields
    ------
    Outcome
        Kept and absent cells first, then the others in the order in which they finish.

    Raises
    ------
    UserError
        If ``jobs`` is below 0 or the scheduler does not answer.
    """
    if jobs < 0:
        raise UserError(f"jobs={jobs}: 0 (this process) or more are needed")
    folders = shipped.place(results).resolve(), files.place(runs).resolve()
    how = {
        "runs": folders[1],
        "results": folders[0],
        "threads": threads,
        "stale": stale,
        "checkpoint_folder": files.cache("checkpoints")
        if checkpoint_folder is None
        else files.place(checkpoint_folder).resolve(),
    }
    tasks: list[tuple[Cell, Any]] = []
    for outcome_or_task in _sorted_out(cells, load, folders, stale):
        if isinstance(outcome_or_task, Outcome):
            yield outcome_or_task
        else:
            tasks.append(outcome_or_task)
    if dask and tasks:
        yield from _on_dask(tasks, dask, how)
    elif jobs:
        yield from _locally(tasks, jobs, how)
    else:
        yield from (attempt(pair, cell, how) for cell, pair in tasks)


def _sorted_out(
    cells: Iterable[Cell], load: Callable[..., Any], folders: tuple[Path, ...], stale: bool
) -> Iterator[Outcome | tuple[Cell, Any]]:
    """Outcomes of cells that need not or cannot run, and pairs for the rest."""
    pairs: dict[tuple[Any, ...], list[Cell]] = {}
    for cell in cells:
        pairs.setdefault(_wanted(cell), []).append(cell)
    for wanted, members in pairs.items():
        records = {cell: store.find_cell(cell.names(), *folders) for cell in members}
        pair: Any = None
        if stale or None in records.values():
            try:
                pair = load(*wanted)
                if any(cell.named()[0].requires_voices for cell in members):
                    pair.voices  # noqa: B018 - computed here once, not by every worker
            except UserError as error:
                if pair is None:
                    yield from (Outcome(cell, "absent", message=str(error)) for cell, r in records.items() if r is None)
                    records = {cell: r for cell, r in records.items() if r is not None}
        for cell, record in records.items():
            if record is None or (stale and pair is not None and run.outdated(record, pair)):
                yield cell, pair
            else:
                yield Outcome(cell, "kept", record)


def _wanted(cell: Cell) -> tuple[Any, ...]:
    """The arguments of `load` for a cell."""
    return (cell.scheme,) if cell.sets == contents.FEATURES else (cell.scheme, cell.sets)


def attempt(pair: Any, cell: Cell, how: Mapping[str, Any]) -> Outcome:
    """Run one cell in a worker; an error becomes part of the outcome.

    Parameters
    ----------
    pair : DomainPair
        Its domains.
    cell : Cell
        The cell.
    how : mapping
        Arguments for `tlmlda_lib.experiments.run.run_cell`.
    """
    with _one_at_a_time, warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        record, message, details = None, "", ""
        try:
            record = run.run_cell(pair, cell.method, cell.preset, cell.seed, params=cell.params, grid=cell.grid, **how)
        except UserError as error:
            message = str(error)
        except ImportError as error:
            message, details = errors.sentence(error) or str(error), traceback.format_exc()
        except Exception as error:
            message, details = f"{type(error).__name__}: {error}", traceback.format_exc()
    ours = [w for w in said if w.category.__module__.startswith("tlmlda_lib")]
    notes = tuple(dict.fromkeys(str(w.message) for w in ours))
    return Outcome(cell, "failed" if record is None else "done", record, message, details, notes)


def _locally(tasks: list[tuple[Cell, Any]], jobs: int, how: Mapping[str, Any]) -> Iterator[Outcome]:
    """On processes of this machine.

    Cells that were running when a process died run again, each alone, to find which of them was the cause; twice at
    most, since the first death may have been an accident.
    """
    died: list[tuple[Cell, Any]] = []
    yield from _in_processes(tasks, jobs, how, died)
    for cell, pair in died:
        alone: list[tuple[Cell, Any]] = []
        yield from _in_processes([(cell, pair)], 1, how, alone)
        if alone:
            yield from _in_processes([(cell, pair)], 1, how, alone)
        if len(alone) == 2:
            yield Outcome(cell, "failed", message="its process died twice while it ran alone: is memory short?")


def _in_processes(
    tasks: list[tuple[Cell, Any]], jobs: int, how: Mapping[str, Any], died: list[tuple[Cell, Any]]
) -> Iterator[Outcome]:
    """Outcomes; tasks that were running when a process died go to ``died``."""
    from loky import FIRST_COMPLETED, ProcessPoolExecutor, wait
    from loky.process_executor import BrokenProcessPool

    waiting = deque(tasks)
    while waiting:
        pool = ProcessPoolExecutor(min(jobs, len(waiting)), timeout=IDLE, env=environment(how["threads"]))
        running: dict[Any, tuple[Cell, Any]] = {}
        cut_off = True
        try:
            while waiting or running:
                while waiting and len(running) < jobs:
                    cell, pair = waiting[0]
                    running[pool.submit(attempt, pair, cell, how)] = waiting.popleft()
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    outcome = future.result()
                    del running[future]
                    yield outcome
            cut_off = False
        except BrokenProcessPool:
            for future, task in running.items():
                if future.done() and future.exception() is None:
                    yield future.result()
                else:
                    died.append(task)
        finally:
            pool.shutdown(wait=True, kill_workers=cut_off)


def _on_dask(tasks: list[tuple[Cell, Any]], address: str, how: Mapping[str, Any]) -> Iterator[Outcome]:
    """On the workers of a Dask scheduler, which runs the cells of a dead worker on another."""
    client = remote.client(address)
    from distributed import as_completed

    with client, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sending large graph")
        pairs = {_wanted(cell): pair for cell, pair in tasks}
        # A task, not scattered data: a dead worker's data are computed again.
        there = {wanted: client.submit(_same, pair, pure=False) for wanted, pair in pairs.items()}
        futures = {client.submit(attempt, there[_wanted(cell)], cell, how, pure=False): cell for cell, _ in tasks}
        for future in as_completed(futures, loop=client.loop):
            cell = futures[future]
            if future.status != "finished":
                why = repr(future.exception()) if future.status == "error" else future.status
                yield Outcome(cell, "failed", message=f"Dask gave it up: {why}")
                continue
            outcome = future.result()
            future.release()
            if outcome.record is not None and store.find(cell.place(how["runs"])) is None:
                store.write(cell.place(how["runs"]), outcome.record)
            yield outcome


def _same(pair: Any) -> Any:
    return pair
