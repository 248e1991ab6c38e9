"""From files on disk to an audformat table and a list of what was left out, and why. Chapter 1.2."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from tlmlda_lib.corpora import left_out, sound
from tlmlda_lib.errors import UserError

#: Names of the emotions in every table.
EMOTIONS = ("anger", "boredom", "calm", "disgust", "fear", "happy", "neutral", "sad", "surprise")

COLUMNS = ("emotion", "speaker", "gender", "language", "corpus")

#: Result of parsing a name: a row of the table, the reason why there is none, or None for a file of no known form.
Parsed = Mapping[str, Any] | str | None
Parser = Callable[[Path], Parsed]


def files_below(folder: Path) -> tuple[list[Path], list[dict[str, str]]]:
    """Every file below a folder, sorted, also through links; and the folders that could not be opened.

    Parameters
    ----------
    folder : Path
        Where to look.

    Returns
    -------
    files : list of Path
    problems : list of {"file", "problem"}
    """
    problems: list[dict[str, str]] = []
    found: list[Path] = []
    seen: set[str] = set()

    def not_opened(error: OSError) -> None:
        problems.append(
            {"file": str(error.filename), "problem": f"is a folder that cannot be opened ({error.strerror})"}
        )

    for where, folders, names in os.walk(folder, followlinks=True, onerror=not_opened):
        real = os.path.realpath(where)
        if real in seen:  # a link back up
            folders.clear()
            continue
        seen.add(real)
        folders.sort()
        found += [Path(where, name) for name in names]
    return sorted(found), problems


def smallest_folder(files: Iterable[Path]) -> Path:
    """The deepest folder that contains all these files.

    Parameters
    ----------
    files : iterable of Path
        At least one.
    """
    return Path(os.path.commonpath([str(f.parent) for f in files]))


def build(
    rows: Mapping[Path, Mapping[str, Any]],
    problems: Iterable[Mapping[str, str]],
    *,
    drop_duplicates: bool = False,
) -> pd.DataFrame:
    """The table of those rows whose files can be read. Chapter 1.2.

    Parameters
    ----------
    rows : mapping of Path to row
        Keys as in `COLUMNS`; gender may be missing.
    problems : iterable of {"file", "problem"}
        Problems found so far.
    drop_duplicates : bool
        Keep only the first, by name, of byte-identical files.

    Returns
    -------
    DataFrame
        audformat's filewise index of absolute paths; ``attrs["problems"]``: what was left out or is odd.

    Warns
    -----
    LeftOutWarning
        Once, with the number of files that were left out for each reason.
    """
    report = [dict(p) for p in problems]
    good: dict[Path, Mapping[str, Any]] = {}
    for file in sorted(rows):
        problem = sound.unreadable(file)
        if problem is None:
            good[file] = rows[file]
        else:
            report.append({"file": str(file), "problem": problem})
    for first, *others in identical(good):
        for other in others:
            what = "left out" if drop_duplicates else "loaded anyway (drop_duplicates=True leaves it out)"
            report.append({"file": str(other), "problem": f"is byte-identical to {first.name}: {what}"})
            if drop_duplicates:
                del good[other]
    index = pd.Index([str(f) for f in good], dtype="string", name="file")
    table = pd.DataFrame(
        {c: pd.array([row.get(c, pd.NA) for row in good.values()], dtype="string") for c in COLUMNS}, index=index
    )
    table.attrs["problems"] = report
    if good:  # otherwise the caller raises an error
        left_out.warn(report, len(good), of=next((str(row["corpus"]) for row in good.values() if "corpus" in row), ""))
    return table


def identical(files: Iterable[Path]) -> list[list[Path]]:
    """Groups of byte-identical files, each sorted by name; only files of equal size are read.

    Parameters
    ----------
    files : iterable of Path
        Files that exist.
    """
    by_size: dict[int, list[Path]] = {}
    for file in files:
        by_size.setdefault(file.stat().st_size, []).append(file)
    groups = []
    for same_size in by_size.values():
        if len(same_size) > 1:
            by_hash: dict[str, list[Path]] = {}
            for file in same_size:
                by_hash.setdefault(hashlib.sha256(file.read_bytes()).hexdigest(), []).append(file)
            groups += [sorted(g) for g in by_hash.values() if len(g) > 1]
    return sorted(groups)


def nothing_found(
    corpus: str, folder: Path, layout: str, files: list[Path], problems: list[dict[str, str]]
) -> UserError:
    """The error for a folder without a usable recording.

    Parameters
    ----------
    corpus : str
        Its title.
    folder : Path
        Where it was looked for.
    layout : str
        The layout that is expected.
    files : list of Path
        The files that are there; ten are named.
    problems : list of {"file", "problem"}
        The first is quoted.
    """
    met = ", ".join(f.name for f in files[:10]) or "no file at all"
    first = f"; first problem: {problems[0]['file']} {problems[0]['problem']}" if problems else ""
    return UserError(f"no usable recording of {corpus} is below {folder}: {layout} is expected, found {met}{first}")
