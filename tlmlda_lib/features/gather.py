"""From a table of recordings to a table of features: look up, compute what is missing, report what failed.

Chapter 1.3.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tlmlda_lib import progress as bars
from tlmlda_lib.corpora import files, sound
from tlmlda_lib.errors import UserError
from tlmlda_lib.features import pool, remote
from tlmlda_lib.features.cache import Cache, digest, root
from tlmlda_lib.features.problems import FeatureWarning, report
from tlmlda_lib.features.recipe import Outcome, Recipe


def gather(
    table: pd.DataFrame | Sequence[str | os.PathLike[str]],
    recipe: Recipe,
    *,
    workers: int | str | None = None,
    cache: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Features of recordings by any recipe; otherwise as `tlmlda_lib.features.extract`. Chapter 1.3.

    Two files of the same content are looked up separately, so each has its row.

    Parameters
    ----------
    recipe : Recipe
        How the features of one file are computed.
    table, workers, cache, progress
        As in `tlmlda_lib.features.extract`.

    Returns
    -------
    DataFrame of shape (n, width), float32
        As from `tlmlda_lib.features.extract`; ``attrs["features"]`` is the recipe's key.
    """
    address = isinstance(workers, str) and ":" in workers
    if not (workers is None or address or (isinstance(workers, int | np.integer) and workers >= 1)):
        text = "give a number of processes, 1 or more, or a Dask scheduler's address, as tcp://node1:8786"
        raise UserError(f"workers={workers!r}: {text}")
    index = _index(table)
    paths = list(dict.fromkeys(index))
    store = Cache(root(cache) / recipe.key, len(recipe.columns))

    found: dict[str, Outcome] = {}
    todo: list[pool.Job] = []
    # Hashing and reading release the interpreter lock, so eight threads hide a slow disk.
    with ThreadPoolExecutor(8) as threads:
        for file, (key, outcome) in zip(paths, threads.map(lambda f: _look_up(f, store), paths), strict=True):
            if outcome is None:
                todo.append((file, key))
            else:
                found[file] = outcome
    if todo:
        sound.packages(file for file, _ in todo)
        writable = store.prepare()
        # Closed at once on Ctrl-C, not when the traceback is dropped: the processes end with it.
        with closing(_run(todo, recipe, store if writable else None, workers)) as run:
            for i, outcome in bars.watch(run, len(todo), recipe.name, progress):
                found[todo[i][0]] = outcome
                writable = writable and outcome.kept
        if not writable:
            text = f"features are not cached: {store.folder} cannot be written; change cache= or TLMLDA_CACHE"
            warnings.warn(text, FeatureWarning, stacklevel=3)

    problems = [{"file": files.shown(f), "problem": found[f].problem} for f in paths if found[f].row is None]
    if len(problems) == len(paths):
        raise UserError(f"no recording of {len(paths)} can be used: {problems[0]['file']} {problems[0]['problem']}")
    report(problems, len(paths), stacklevel=3)
    good = np.array([found[f].row is not None for f in index])
    rows = [row for f in index if (row := found[f].row) is not None]
    X = pd.DataFrame(np.stack(rows), index=index[good], columns=recipe.columns)
    X.attrs = {"problems": problems, "features": recipe.key}
    return X


def missing(
    table: pd.DataFrame | Sequence[str | os.PathLike[str]],
    recipes: Mapping[str, Recipe],
    *,
    cache: str | os.PathLike[str] | None = None,
) -> dict[str, frozenset[str]]:
    """Which recordings are not in the cache, by recipe: files of the same content count apart. Chapter 1.3.

    Parameters
    ----------
    table, cache
        As in `gather`.
    recipes : mapping of str to Recipe
        By any name.
    """
    paths = list(dict.fromkeys(_index(table)))
    with ThreadPoolExecutor(8) as threads:
        keys = dict(zip(paths, threads.map(_digest, paths), strict=True))
    stores = {name: Cache(root(cache) / recipe.key, 0) for name, recipe in recipes.items()}
    return {
        name: frozenset(file for file, key in keys.items() if not (key and store.path(key).is_file()))
        for name, store in stores.items()
    }


def _index(table: Any) -> pd.Index:
    """Paths as an index named "file"."""
    if isinstance(table, str | os.PathLike):
        table = [table]
    index = table.index if isinstance(table, pd.DataFrame | pd.Series) else table
    if not isinstance(index, pd.Index):
        paths = [os.fspath(path) for path in index]
        # pandas keeps text as UTF-8; a name that is not is left out below, with a sentence.
        index = pd.Index(paths, name="file", dtype=None if all(map(files.is_text, paths)) else object)
    if isinstance(index, pd.MultiIndex):
        raise UserError(
            f"the table has index levels {list(index.names)}: only whole files are supported, one path per row"
        )
    if not len(index):
        raise UserError("the table has no recordings: give at least one path")
    if wrong := [value for value in index if not isinstance(value, str)]:
        raise UserError(f"the table's index contains {wrong[0]!r}, which is not a path: use the paths as index")
    return index.rename("file")


def _look_up(file: str, store: Cache) -> tuple[str, Outcome | None]:
    """SHA-256 of a file, and its outcome if that is known without decoding."""
    key = _digest(file)
    if not key:
        return "", Outcome(problem=sound.unreadable(Path(file)) or "cannot be read: try again")
    values = store.get(key)
    return key, None if values is None else Outcome(values)


def _digest(file: str) -> str:
    """SHA-256 of a file; "" of one that is empty or cannot be read."""
    try:
        return digest(file) if files.is_text(file) and os.stat(file).st_size else ""
    except (OSError, ValueError):  # ValueError: a zero character in the name
        return ""


def _run(
    todo: Sequence[pool.Job], recipe: Recipe, store: Cache | None, workers: int | str | None
) -> Generator[tuple[int, Outcome], None, None]:
    """On the workers of a Dask scheduler, or in processes of this machine."""
    if isinstance(workers, str):
        return remote.run(todo, recipe, store, workers)
    return pool.run(todo, recipe, store, _workers(workers, len(todo), recipe))


def _workers(asked: int | None, files: int, recipe: Recipe) -> int:
    """Number of processes to start; 0 if so few files are left that starting one would take longer."""
    if files <= recipe.few or not sys.executable:
        return 0
    import joblib
    import psutil

    # Cores by affinity and by the container's share, and by memory: many cores need not mean much memory.
    wanted = asked or max(1, min(joblib.cpu_count(), psutil.virtual_memory().available // recipe.memory))
    return min(wanted, -(-files // recipe.few))
