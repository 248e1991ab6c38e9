"""Folding single runs into the sealed collections. Chapter 3.4.

A collection is written whole beside the old one, synced, renamed, and then read back and compared. A crash at any
moment leaves the old or the new collection, and all single runs. Single runs are removed only on request, and only
those that have not changed since they were read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tlmlda_lib import files
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import sealed, store


@dataclass(frozen=True)
class Folded:
    """The outcome for a collection.

    Attributes
    ----------
    collection : str
    file : Path
    new, changed, same : int
        Single runs that were new to the collection, that replaced a record, that it already had.
    total, bytes : int
        Runs in the collection, and its size in bytes.
    removed : int
        Single runs that were removed.
    """

    collection: str
    file: Path
    new: int
    changed: int
    same: int
    total: int
    bytes: int
    removed: int


def seal(
    runs: str | Path = "runs",
    results: str | Path = "results",
    collections: Iterable[str] = (),
    *,
    remove: bool = False,
) -> list[Folded]:
    """Fold single runs into ``<results>/<collection>.jsonl``. Chapter 3.4.

    Parameters
    ----------
    runs, results : path
    collections : iterable of str
        Only these; by default all that have single runs.
    remove : bool
        Remove single runs once their collection has been written and read back.

    Returns
    -------
    list of Folded
        One for each collection.

    Raises
    ------
    UserError
        If there is nothing to fold, a run or a collection is damaged, or a file cannot be written. Nothing is lost.
    """
    runs, results = files.place(runs), files.place(results)
    there = sorted(f.name for f in runs.iterdir() if f.is_dir()) if runs.is_dir() else []
    wanted = list(dict.fromkeys(collections)) or there
    if missing := [name for name in wanted if name not in there]:
        raise UserError(f"{runs} has no single run of {', '.join(missing)}: it has {', '.join(there) or 'none'}")
    if not wanted:
        raise UserError(f"{runs} has no single runs to fold: `tlmlda run` makes them")
    return [_fold(runs, results, name, remove) for name in wanted]


def _fold(runs: Path, results: Path, name: str, remove: bool) -> Folded:
    file = results / f"{name}.jsonl"
    with _alone(file):
        single, problems = store.scan(runs, grid=name) if any((runs / name).rglob("seed-*.json")) else ([], [])
        if problems:
            raise UserError(f"nothing was folded into {file}: {'; '.join(problems)}")
        if not single:
            raise UserError(f"{runs / name} has no single runs to fold")
        before = {sealed.key(r): r for r in sealed.read(file)} if file.is_file() else {}
        folded = before | {sealed.key(r): r for r in single}
        size = sealed.write(file, folded.values())
        after = {sealed.key(r): r for r in sealed.read(file)}
        if after.keys() != folded.keys():
            raise UserError(f"{file} does not contain what was written to it: the single runs in {runs / name} stay")
    state = [_state(before.get(sealed.key(r)), after[sealed.key(r)]) for r in single]
    gone = sum(_removed(runs, r) for r in single) if remove else 0
    counts = {word: state.count(word) for word in ("new", "changed", "same")}
    return Folded(name, file, **counts, total=len(after), bytes=size, removed=gone)


def _state(before: dict[str, Any] | None, after: dict[str, Any]) -> str:
    if before is None:
        return "new"
    return "same" if before["date"] == after["date"] and before.get("rules") == after.get("rules") else "changed"


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Let one process at a time fold into a collection; the lock ends with its process."""
    from filelock import FileLock

    lock = FileLock(file.with_name(f".{file.name}.lock"))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise files.refused(file, error, "--results") from error
    with lock:
        for old in file.parent.glob(f".{file.name}.*.tmp"):  # of a dead writer: the lock is ours
            old.unlink(missing_ok=True)
        yield


def _removed(runs: Path, record: dict[str, Any]) -> bool:
    """Remove a single run unless it was replaced since it was read, and the folders that are then empty."""
    file = store.single(runs, **record)
    if store.find(file) != record:
        return False
    file.unlink(missing_ok=True)
    for folder in (file.parent, *list(file.parents)[1:4]):
        with suppress(OSError):
            folder.rmdir()
    return True
