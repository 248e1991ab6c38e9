"""From files on disk to an audformat table and a list of what was left out, and why. Chapter 1.2."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from tlmlda_lib.corpora import left_out, sound
from tlmlda_lib.corpora.files import shown
from tlmlda_lib.errors import UserError

#: Names of the emotions in every table.
EMOTIONS = ("anger", "boredom", "calm", "disgust", "fear", "happy", "neutral", "sad", "surprise")

#: How a label of the user's own is mapped, at the end of a problem: in Python, and on the command line.
MAP, MAP_SHELL = "map it with label_map=", "map it with `tlmlda adapt --label YOURS=OURS`"

COLUMNS = ("emotion", "speaker", "gender", "language", "corpus")


def build(
    rows: Mapping[Path, Mapping[str, Any]],
    problems: Iterable[Mapping[str, str]],
    *,
    drop_duplicates: bool = False,
) -> pd.DataFrame:
    """The table of those rows whose files can be read, one for each utterance. Chapter 1.2.

    Parameters
    ----------
    rows : mapping of Path to row
        Keys as in `COLUMNS`; gender may be missing. Rows with the same ``utterance`` are forms of one: that of the
        lowest ``copy`` is kept, if there is any, and of those the least compressed.
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
    odd: dict[Path, str] = {}
    for file in sorted(rows):
        problem = sound.unreadable(file)
        if problem is not None:
            report.append({"file": shown(file), "problem": problem})
            continue
        good[file] = rows[file]
        if oddity := sound.oddity(file):
            odd[file] = oddity
    report += _other_forms(good, odd)
    report += [{"file": str(file), "problem": f"{odd[file]}: loaded anyway"} for file in good if file in odd]
    report += _twins(good, drop_duplicates)
    index = pd.Index([str(f) for f in good], dtype="string", name="file")
    table = pd.DataFrame(
        {c: pd.array([row.get(c, pd.NA) for row in good.values()], dtype="string") for c in COLUMNS}, index=index
    )
    table.attrs["problems"] = report
    if good:  # otherwise the caller raises an error
        left_out.warn(report, len(good), of=next((str(row["corpus"]) for row in good.values() if "corpus" in row), ""))
    return table


def _other_forms(rows: dict[Path, Mapping[str, Any]], odd: Mapping[Path, str]) -> list[dict[str, str]]:
    """Take out all forms of an utterance but one, and say so."""
    forms: dict[str, list[Path]] = {}
    for file, row in rows.items():
        if "utterance" in row:
            forms.setdefault(row["utterance"], []).append(file)

    def order(file: Path) -> tuple[bool, int, int, Path]:
        return file in odd, rows[file].get("copy", 0), sound.compression(file), file

    report = []
    for same in forms.values():
        first, *others = sorted(same, key=order)
        for other in sorted(others):
            against = _contradiction(rows[other], rows[first])
            report.append({"file": str(other), "problem": f"is the same utterance as {first}{against}: left out"})
            del rows[other]
    return report


def _twins(rows: dict[Path, Mapping[str, Any]], drop: bool) -> list[dict[str, str]]:
    """Byte-identical files under different names, which are taken out on request."""
    report = []
    for first, *others in identical(rows):
        for other in others:
            what = "left out" if drop else "loaded anyway (drop_duplicates=True leaves it out)"
            against = _contradiction(rows[other], rows[first])
            report.append({"file": str(other), "problem": f"is byte-identical to {first.name}{against}: {what}"})
            if drop:
                del rows[other]
    return report


def _contradiction(row: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Whether the same sound has another label there: words for the middle of a sentence."""
    here, there = row.get("emotion", pd.NA), other.get("emotion", pd.NA)
    if pd.isna(here) or pd.isna(there) or here == there:
        return ""
    return f", which is labelled {there} where this is {here}"


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
    met = ", ".join(shown(f.name) for f in files[:10]) or "no file at all"
    said = f"no usable recording of {corpus} is below {folder}: {layout} is expected, found {met}"
    if not problems:
        return UserError(said)
    said += f"; first problem: {problems[0]['file']} {problems[0]['problem']}"
    return UserError(said, said.replace(MAP, MAP_SHELL))
