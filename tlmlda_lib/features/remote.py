"""Features on the workers of a Dask scheduler, for more recordings than one machine should take. Chapter 1.3."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any

from tlmlda_lib import errors
from tlmlda_lib.errors import UserError
from tlmlda_lib.features.cache import Cache
from tlmlda_lib.features.recipe import Measure, Outcome, Recipe, work
from tlmlda_lib.features.threads import use_threads

if TYPE_CHECKING:
    from distributed import Client

#: Files in a task: enough that the scheduler is not the slowest part.
CHUNK = 8

#: By the recipe's key, what a worker has loaded.
_LOADED: dict[str, Measure] = {}


def client(address: str) -> Client:
    """A connection to a scheduler.

    Parameters
    ----------
    address : str
        As "tcp://node1:8786".

    Raises
    ------
    UserError
        If the package is missing, or no scheduler answers.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise UserError(f"--dask needs the package distributed: {errors.install('dask')}") from error
    try:
        return Client(address, timeout="20s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise UserError(
            f"no Dask scheduler answers at {address}: start one with `dask scheduler` and workers with "
            "`dask worker ADDRESS --nthreads 1`"
        ) from error


def run(
    jobs: Sequence[tuple[str, str]], recipe: Recipe, cache: Cache | None, address: str
) -> Generator[tuple[int, Outcome], None, None]:
    """Work on files, as `tlmlda_lib.features.pool.run` does in processes of this machine.

    The workers need this library, and see the recordings under the same paths. A row is also kept in the cache of this
    machine, so that a scheduler that stops loses nothing that had arrived.

    Parameters
    ----------
    jobs : sequence of (path, SHA-256)
    recipe : Recipe
    cache : Cache or None
    address : str
        Address of the scheduler.

    Yields
    ------
    (int, Outcome)
        Index of the job and its outcome, in the order in which jobs finish.
    """
    from distributed import as_completed

    with client(address) as there, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sending large graph")
        parts = [range(i, min(i + CHUNK, len(jobs))) for i in range(0, len(jobs), CHUNK)]
        futures = {there.submit(_part, [jobs[i] for i in part], recipe, pure=False): part for part in parts}
        for future in as_completed(futures, loop=there.loop):
            part = futures[future]
            for i, outcome in zip(part, _outcomes(future, len(part)), strict=True):
                yield i, _kept(outcome, jobs[i][1], cache)
            future.release()


def _part(jobs: Sequence[tuple[str, str]], recipe: Recipe) -> list[Outcome]:
    """On a worker: the outcomes of some files."""
    if recipe.key not in _LOADED:
        _LOADED[recipe.key] = recipe.load()
    with use_threads(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [work(path, key, _LOADED[recipe.key], None) for path, key in jobs]


def _outcomes(future: Any, n: int) -> list[Outcome]:
    """What a worker answered; the same problem for each file of a part that Dask gave up."""
    if future.status == "finished":
        return list(future.result())
    why = repr(future.exception()) if future.status == "error" else future.status
    return [Outcome(problem=f"was given up by Dask ({why}): try again")] * n


def _kept(outcome: Outcome, key: str, cache: Cache | None) -> Outcome:
    if outcome.row is None or cache is None:
        return outcome
    return Outcome(outcome.row, kept=cache.put(key, outcome.row))
