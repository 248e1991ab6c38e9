"""Records of runs: one JSON file each, whole or absent, until `tlmlda seal` folds them. Chapter 3.4.

A run's record is ``runs/<grid>/<scheme>/<method>/<preset>-<8 hex of the options' digest>/seed-<k>.json`` and contains
everything on which a score depends; scores are percent, under ``rules.final.war`` and similar keys. A folder may
contain single runs, sealed collections (`tlmlda_lib.experiments.sealed`), or both. An archive may stand in for a folder
(`tlmlda_lib.experiments.shipped`).
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from tlmlda_lib import files
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import older, sealed

#: Version of the records' format.
FORMAT = 3

#: Fields that differ between two runs of the same cell on the same machine.
PASSING = ("date", "git_commit", "peak_memory_mib", "seconds")

_NEEDED = ("grid", "scheme", "method", "preset", "options_digest", "seed", "revisions")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")
_DIGITS = 6  # significant digits of what was measured
_EXACT = ("params", "overrides", "seed")  # never rounded


def options_digest(options: Mapping[str, Any]) -> str:
    """Digest of options by name, 8 hexadecimal digits; their order and the type of a list do not matter.

    Parameters
    ----------
    options : mapping
        By name.
    """
    text = json.dumps(_plain(options, None), sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def same_options(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether options are equal; their order and the type of a list do not matter.

    Parameters
    ----------
    one, other : mapping
        By name.
    """
    if one == other:
        return True
    if one.keys() != other.keys() or any(_apart(one[name], other[name]) for name in one):
        return False
    return options_digest(one) == options_digest(other)


def _apart(one: Any, other: Any) -> bool:
    """Whether two values are plain, or lists of such, and differ: most options that are not equal do, and need no
    digest."""
    plain = str | int | float | None
    if isinstance(one, plain) and isinstance(other, plain):
        return one != other
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) != len(other) or any(map(_apart, one, other))
    return False


def place(record: Mapping[str, Any]) -> str:
    """A record's name on a page: its path below the folder of runs, without ".json".

    Parameters
    ----------
    record : dict
        A record.
    """
    return path("", **record).with_suffix("").as_posix()


def path(
    results: str | Path, *, grid: str, scheme: str, method: str, preset: str, options_digest: str, seed: int, **_: Any
) -> Path:
    """Path of a cell's record.

    Parameters
    ----------
    results : path
        Folder of the records.
    grid, scheme, method, preset, options_digest : str
        As in a record.
    seed : int
        As in a record.
    **_
        A record's other fields, which are ignored.

    Raises
    ------
    UserError
        If a name cannot be a folder's name.
    """
    for what, name in (("grid", grid), ("scheme", scheme), ("method", method), ("preset", preset)):
        if not _NAME.fullmatch(str(name)):
            raise UserError(f"{what} {name!r} cannot name a folder: use letters, digits and -_.+")
    return Path(results) / grid / scheme / method / f"{preset}-{options_digest}" / f"seed-{int(seed)}.json"


def folder(runs: str | Path, grid: str, scheme: str) -> Path:
    """The folder of a scheme's single records.

    Parameters
    ----------
    runs : path
        Folder of all single records.
    grid : str
        The collection.
    scheme : str
        As "C2B".
    """
    return Path(runs) / grid / scheme


def write_all(runs: str | Path, records: Sequence[Mapping[str, Any]]) -> Path:
    """Keep the records of one scheme, each whole or not at all, and return their folder.

    Parameters
    ----------
    runs : path
        Folder of all single records.
    records : sequence of dict
        At least one.
    """
    for record in records:
        write(path(runs, **record), record)
    return folder(runs, records[0]["grid"], records[0]["scheme"])


def single(results: str | Path, **cell: Any) -> Path:
    """The file of a cell's single run, also one of an older form under its older name; otherwise as from `path`.

    Parameters
    ----------
    results : path
        Folder of the records.
    **cell
        Fields that name the cell, as in `path`.
    """
    file = path(results, **cell)
    if file.exists():
        return file
    for other in sorted(file.parent.parent.glob(f"*/{file.name}")):
        about = other.stat()
        if _older_key(other, about.st_mtime_ns, about.st_size) == sealed.key(cell):
            return other
    return file


@lru_cache(maxsize=4096)
def _older_key(file: Path, *_: int) -> tuple[str, ...] | None:
    """The key that a record of an older form has today; None for anything else."""
    try:
        record = _as_written(file)
        return sealed.key(_today(record)) if record["format"] == older.FORMAT else None
    except (UserError, TypeError, ValueError):
        return None


def write(file: str | Path, record: Mapping[str, Any]) -> dict[str, Any]:
    """Write a record so that a crash at any moment leaves the old state or the new one.

    Parameters
    ----------
    file : path
        Its folder is created if absent. A file there that is not a record is moved aside, to ``<name>.damaged``.
    record : dict
        Numbers may be numpy's; NaN and infinity become null, measured numbers are rounded to six digits.

    Returns
    -------
    dict
        As `read` will return it.

    Raises
    ------
    UserError
        If the folder cannot be written to.
    """
    file = Path(file)
    plain = {key: _plain(value, None if key in _EXACT else _DIGITS) for key, value in record.items()}
    if file.exists() and not _is_record(file):
        files.set_aside(file)
    return keep(file, plain | {"format": FORMAT})


def keep(file: str | Path, content: Mapping[str, Any]) -> dict[str, Any]:
    """Write any JSON content as `write` writes a record: whole or not at all.

    Parameters
    ----------
    file : path
        Its folder is created if absent.
    content : dict
        Numbers may be numpy's; NaN and infinity become null.

    Returns
    -------
    dict
        As a reader of the file will find it.

    Raises
    ------
    UserError
        If the folder cannot be written to.
    """
    file = Path(file)
    text = _text(_plain(content, None)) + "\n"
    try:
        files.write(file, text)
    except OSError as error:
        raise UserError(
            f"the record {file} cannot be written ({error.strerror or error}): give another folder for results"
        ) from error
    return json.loads(text)


def read(file: str | Path) -> dict[str, Any]:
    """A record from its file.

    Parameters
    ----------
    file : path
        A single run's file.

    Raises
    ------
    UserError
        If the file is absent, damaged, or not a record of this library.
    """
    return _today(_as_written(Path(file)))


def _today(record: dict[str, Any]) -> dict[str, Any]:
    return older.today(record) | {"format": FORMAT} if record["format"] == older.FORMAT else record


def _as_written(file: Path) -> dict[str, Any]:
    try:
        record = json.loads(file.read_text(encoding="utf-8"), parse_constant=_refuse)
    except FileNotFoundError as error:
        raise UserError(f"the record {file} is not there: `tlmlda run` makes it") from error
    except (OSError, ValueError) as error:
        raise UserError(f"{file} is damaged and was left out ({error}): delete it and run its cell again") from error
    if not isinstance(record, dict) or any(key not in record for key in ("format", *_NEEDED)):
        raise UserError(f"{file} is not a record of this library and was left out: keep it elsewhere")
    if record["format"] not in (older.FORMAT, FORMAT):
        raise UserError(
            f"{file} has the form {record['format']}, this library reads form {FORMAT}: use the library that wrote it"
        )
    return record


def find(file: str | Path) -> dict[str, Any] | None:
    """The record in this file, or None if there is no readable one.

    Parameters
    ----------
    file : path
        A single run's file.
    """
    return read(file) if _is_record(Path(file)) else None


def _is_record(file: Path) -> bool:
    try:
        read(file)
    except UserError:
        return False
    return True


def scan(*folders: str | Path, grid: str | None = None) -> tuple[list[dict[str, Any]], list[str]]:
    """All records in some folders, and one sentence for each that cannot be read. Chapter 3.4.

    Parameters
    ----------
    *folders : path
        Each may contain sealed collections, single runs, or both, or be an archive. A single run takes precedence over
        a sealed record of the same cell, and a later folder over an earlier one.
    grid : str, optional
        Only this collection.

    Returns
    -------
    records : list of dict
        In the order of their keys.
    problems : list of str

    Raises
    ------
    UserError
        If none of the folders exists.
    """
    there = [folder for folder in map(files.place, folders) if folder.exists()]
    if not there:
        named = " and no folder ".join(map(str, folders))
        raise UserError(f"there is no folder {named}: give the folder of `tlmlda run`'s records")
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    problems = []
    for folder in there:
        for file in [folder] if folder.is_file() else sorted(folder.glob(f"{grid or '*'}.jsonl")):
            try:
                found |= {key: r for key, r in collection(file).items() if grid in (None, r["grid"])}
            except UserError as error:
                problems.append(str(error))
    for folder in there:
        fresh = set()
        for file in _files(folder, grid):
            try:
                record = _as_written(file)
                if path(folder, **record) != file:
                    raise UserError(
                        f"{file} contains a record of another cell and was left out: move it to that cell's folder"
                    )
                key = sealed.key(_today(record))
            except (UserError, TypeError, ValueError) as error:
                problems.append(str(error))
            else:
                if record["format"] == FORMAT or key not in fresh:  # made anew, a run of an older form does not count
                    found[key] = _today(record)
                fresh |= {key} if record["format"] == FORMAT else set()
    return [found[key] for key in sorted(found)], problems


def collection(file: str | Path) -> dict[tuple[str, ...], dict[str, Any]]:
    """Records of a sealed collection or an archive, by key; read once while the file stays unchanged.

    Parameters
    ----------
    file : path
        The file.

    Raises
    ------
    UserError
        If it is damaged.
    """
    about = os.stat(file)
    return _collection(str(file), about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=64)
def _collection(file: str, *_: int) -> dict[tuple[str, ...], dict[str, Any]]:
    return {sealed.key(record): record for record in sealed.read(file)}


def find_cell(cell: Mapping[str, Any], *folders: str | Path) -> dict[str, Any] | None:
    """A cell's record: the single run of the last folder that has one, otherwise a sealed one; None if there is none.

    Parameters
    ----------
    cell : dict
        The fields that name the cell: ``grid scheme method preset options_digest seed``.
    *folders : path
    """
    for folder in reversed(folders):
        if (record := find(single(folder, **cell))) is not None:
            return record
    for folder in reversed(folders):
        file = _sealed(folder, cell["grid"])
        if file.is_file() and (record := collection(file).get(sealed.key(cell))) is not None:
            return record
    return None


def _sealed(folder: str | Path, grid: str) -> Path:
    """The file with a collection in a folder; an archive is that file itself."""
    return Path(folder) if Path(folder).is_file() else Path(folder) / f"{grid}.jsonl"


def state(cells: Iterable[Mapping[str, Any]], *folders: str | Path) -> str:
    """Whether the records of some cells are "missing" (at least one), "stale" (an older revision) or "kept".

    Parameters
    ----------
    cells : iterable of mapping
        Fields as in `find_cell`.
    *folders : path
        As in `find_cell`.
    """
    records = [find_cell(cell, *folders) for cell in cells]
    if None in records:
        return "missing"
    return "stale" if any(stale(r) for r in records if r is not None) else "kept"


def where(record: Mapping[str, Any], *folders: str | Path) -> Path:
    """The file with a record: a single run's, of the last folder that has it, otherwise a collection's.

    Parameters
    ----------
    record : dict
        A record.
    *folders : path
        As in `find_cell`.
    """
    files = [single(folder, **record) for folder in reversed(folders)]
    files += [_sealed(folder, record["grid"]) for folder in reversed(folders)]
    return next((file for file in files if file.is_file()), files[0])


def _files(results: Path, grid: str | None) -> Iterator[Path]:
    yield from sorted(f for f in results.glob(f"{grid or '*'}/*/*/*/*.json") if not f.name.startswith("."))


def stale(record: Mapping[str, Any]) -> list[str]:
    """What a record depends on that has a different revision now; empty for a fresh record.

    Parameters
    ----------
    record : dict
        A record.
    """
    from tlmlda_lib.experiments import revisions  # which knows all methods, and so torch

    return revisions.raised(record.get("revisions", {}))


def reproducible(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record without what differs from run to run: date, times, memory.

    Parameters
    ----------
    record : dict
        A record.
    """
    kept = {key: value for key, value in record.items() if key not in PASSING}
    kept["curve"] = {key: value for key, value in record.get("curve", {}).items() if key != "seconds"}
    return kept


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _plain(value: Any, digits: int | None) -> Any:
    """The value in types that JSON has."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _plain(v, digits) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v, digits) for v in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return value if digits is None else float(f"{value:.{digits}g}")
    return str(value)


def _text(value: Any, indent: int = 0) -> str:
    """JSON with a line for each key, keys in order, and lists in one line."""
    if not isinstance(value, dict) or not value:
        return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(", ", ": "))
    pad = "\n" + " " * (indent + 1)
    lines = [f"{json.dumps(key, ensure_ascii=False)}: {_text(value[key], indent + 1)}" for key in sorted(value)]
    return "{" + pad + f",{pad}".join(lines) + "\n" + " " * indent + "}"
