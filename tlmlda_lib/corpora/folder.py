"""A folder, CSV file or audformat table of the user's own. Chapter 3.5."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from tlmlda_lib.corpora import files, sound, table
from tlmlda_lib.errors import UserError, one_of

Entries = dict[Path, dict[str, Any]]
Problems = list[dict[str, str]]

FILES = "a folder of sound files (.wav, .flac, .mp3 and others)"
LAYOUT = "a folder per emotion, a CSV file with the columns file and emotion, or an audformat table"

#: Recordings whose labels are not read.
UNLABELLED = "a folder of recordings, or a CSV file with the column file"


def load(
    root: str | Path | pd.DataFrame,
    *,
    label_map: Mapping[str, str] | None = None,
    unlabelled: bool = False,
    language: str | None = None,
    corpus: str = "folder",
    drop_duplicates: bool = False,
) -> pd.DataFrame:
    """The user's own recordings, with their labels mapped to this library's names. Chapter 3.5.

    Parameters
    ----------
    root : path or DataFrame
        A folder whose sub-folders are named after emotions (``anger/anything.wav``; a folder above is the speaker,
        as in ``anna/anger/1.wav``); a CSV file with the columns ``file`` (relative to it) and ``emotion``, and if known
        ``speaker``, ``gender``, ``language``; or an audformat filewise table with a column ``emotion``.
    label_map : mapping of str to str, optional
        From your labels to this library's names, as ``{"Wut": "anger"}``; other labels stay as they are. Upper
        and lower case do not count.
    unlabelled : bool
        Load every recording without an emotion: for prediction, not for training.
    language, corpus : str
        Values of these columns where the table has none.
    drop_duplicates : bool
        Keep only the first of byte-identical files.

    Returns
    -------
    DataFrame
        As `tlmlda_lib.corpora.load`; recordings whose label is not known, or that are named with two labels, are in
        ``attrs["problems"]``. Of files in one folder whose names differ only in the ending, as ``1.wav`` and
        ``1.flac``, one is loaded.

    Warns
    -----
    LeftOutWarning
        Once, if files were left out: how many, and for which reasons.

    Raises
    ------
    UserError
        If these are no recordings, if the table labels parts of files or lacks a column, if the CSV file is not UTF-8,
        if the map contradicts itself or leads to an emotion that is not known, or if nothing usable is left.
    """
    names = _labels(label_map)
    if isinstance(root, pd.DataFrame):
        where = Path("the table")
        entries, problems = _from_frame(root, Path(), unlabelled)
    elif isinstance(root, str | os.PathLike):
        where = files.place(root)
        if where.is_dir():
            entries, problems = _from_folder(where, unlabelled)
        elif where.suffix.lower() == ".csv" and where.is_file():
            entries, problems = _from_frame(read_csv(where), where.parent, unlabelled)
        else:
            raise UserError(f"{root} is neither a folder nor a CSV file: give {UNLABELLED if unlabelled else LAYOUT}")
    else:
        hint = {"Series": "its .to_frame('emotion')", "Table": "its .df"}.get(type(root).__name__, LAYOUT)
        raise UserError(f"the recordings are a {type(root).__name__}, not a path or a data frame: give {hint}")
    rows = {}
    for file, entry in entries.items():
        row = {"speaker": "unknown", "language": language, "corpus": corpus} | entry
        row["language"] = row["language"] or pd.NA
        emotion = _emotion(row, names)
        if unlabelled:
            row["emotion"] = pd.NA
        elif emotion in table.EMOTIONS:
            row["emotion"] = emotion
        else:
            problems.append({"file": str(file), "problem": _unknown(row.get("emotion"))})
            continue
        rows[file] = row
    _note_forms(rows)
    made = table.build(rows, problems, drop_duplicates=drop_duplicates)
    if made.empty:
        of_sounds = [p for p in made.attrs["problems"] if not p["problem"].startswith("is not a sound file")]
        if unlabelled and not of_sounds:
            raise UserError(f"no recordings in {root}: give {FILES}")
        layout = FILES if unlabelled else LAYOUT
        raise table.nothing_found("your own", where, layout, list(entries), of_sounds or made.attrs["problems"])
    return made


def _labels(label_map: Any) -> dict[str, str]:
    """The map from labels as they are compared."""
    if not isinstance(label_map or {}, Mapping):
        raise UserError(f"label_map={label_map!r} is not a map: write {{'your label': 'anger'}}")
    names: dict[str, str] = {}
    for label, emotion in (label_map or {}).items():
        if emotion not in table.EMOTIONS:
            known = one_of(str(emotion), table.EMOTIONS)
            raise UserError(f"label_map leads from {label!r} to {emotion!r}, which is not an emotion here: use {known}")
        key = files.plain(str(label))
        if names.setdefault(key, emotion) != emotion:
            raise UserError(
                f"label_map has {label!r} twice, for {names[key]} and for {emotion}, since upper and lower case do not "
                "count: keep one, or rename your labels"
            )
    return names


def _emotion(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    label = files.plain(str(row.get("emotion", "")))
    return names.get(label, label)


def _unknown(label: Any) -> str:
    if label is None or not str(label).strip():
        return "has no label: left out; unlabelled=True loads recordings without labels"
    known = ", ".join(table.EMOTIONS)
    return f"has the label {str(label).strip()!r}, which is not one of {known}: left out; {table.MAP}"


def _note_forms(rows: Entries) -> None:
    """Mark files of one folder as forms of one utterance if their names differ only in the ending."""
    same: dict[tuple[Path, str], list[Path]] = {}
    for file in rows:
        same.setdefault((file.parent, file.stem), []).append(file)
    for (folder, stem), group in same.items():
        if 1 < len(group) == len({file.suffix.lower() for file in group}):
            for file in group:
                rows[file]["utterance"] = str(folder / stem)


def _from_folder(folder: Path, unlabelled: bool) -> tuple[Entries, Problems]:
    found, problems = files.below(folder)
    entries: Entries = {}
    for file in found:
        if files.is_system(file.name) or file.suffix.lower() not in sound.SOUND:
            problems.append({"file": str(file), "problem": "is not a sound file: left out"})
            continue
        inside = file.relative_to(folder).parts[:-1]
        entries[file] = {} if unlabelled or not inside else {"emotion": inside[-1]}
        if len(inside) > 1:
            entries[file]["speaker"] = inside[-2]
    return entries, problems


def read_csv(file: Path) -> pd.DataFrame:
    """The rows of a CSV file, in which only an empty cell is missing: NA and None may be somebody's name.

    Parameters
    ----------
    file : Path
        Comma-separated text in UTF-8.

    Raises
    ------
    UserError
        If it is anything else.
    """
    try:
        content = file.read_bytes()
        if b"\0" in content:  # decodes, but as another text
            raise UserError(f"{file} is not text in UTF-8, for it contains zero bytes: save it as CSV in UTF-8")
        read = pd.read_csv(io.BytesIO(content), dtype="string", keep_default_na=False, encoding="utf-8-sig")
    except UserError:
        raise
    except UnicodeDecodeError as error:
        text = f"{file} is not text in UTF-8 ({error.reason} at byte {error.start}): save it as CSV in UTF-8"
        raise UserError(text) from error
    except (OSError, ValueError) as error:
        raise UserError(
            f"{file} cannot be read as CSV ({str(error).splitlines()[0]}): save it as comma-separated text"
        ) from error
    return read.mask(read == "")


def _from_frame(frame: pd.DataFrame, folder: Path, unlabelled: bool) -> tuple[Entries, Problems]:
    """Rows of a CSV file or of an audformat table, files relative to `folder`."""
    if "file" not in frame.columns:
        frame = frame.reset_index()
    columns = ", ".join(map(str, frame.columns))
    if "file" not in frame.columns:
        raise UserError(f"the table has the columns {columns}: one named 'file' is needed")
    if not unlabelled and "emotion" not in frame.columns:
        raise UserError(f"the table has the columns {columns}: one named 'emotion' is needed")
    if {"start", "end"} <= set(frame.columns):
        raise UserError("the table labels parts of files (start, end): cut them into files, and give a row to each")
    entries: Entries = {}
    problems: Problems = []
    named: dict[str, list[dict[str, Any]]] = {}  # by the real path, which two names may share
    for place, cells in enumerate(
        frame[["file", *(c for c in table.COLUMNS if c in frame.columns)]].to_dict("records")
    ):
        given, entry = _cells(cells, place)
        if not given:
            problems.append({"file": f"row {place}", "problem": "names no file: left out"})
            continue
        try:
            path = Path(os.path.abspath(folder / given))
            rows = named.setdefault(os.path.realpath(path), [])
        except ValueError as error:  # a zero character
            problems.append({"file": ascii(given)[1:-1], "problem": f"is not a path ({error}): check it"})
            continue
        if not rows:
            entries[path] = entry
        rows.append({"path": path, **entry})
    for rows in named.values():
        if len(rows) > 1:
            _twice(rows, entries, problems, unlabelled)
    return entries, problems


def _cells(cells: Mapping[Any, Any], place: int) -> tuple[str, dict[str, Any]]:
    """The file of a row, and what its other cells say; empty cells are left out."""
    for column, value in cells.items():
        if not pd.api.types.is_scalar(value) and not isinstance(value, os.PathLike):
            raise UserError(f"row {place} of the table has {value!r} in the column {column}: one value is needed")
    known = {str(column): str(value) for column, value in cells.items() if not pd.isna(value)}
    return known.pop("file", ""), known


def _twice(rows: list[dict[str, Any]], entries: Entries, problems: Problems, unlabelled: bool) -> None:
    """Say that a file is named more than once, and leave it out where the rows contradict each other."""
    first = rows[0]["path"]
    for column in table.COLUMNS:
        said = list(dict.fromkeys(str(row[column]) for row in rows if column in row))
        if len(said) > 1 and not (unlabelled and column == "emotion"):
            text = f"is named {len(rows)} times, with the {column} {' and '.join(said)}: left out; keep one row"
            problems.append({"file": str(first), "problem": text})
            del entries[first]
            return
    for row in rows:
        entries[first] |= {column: row[column] for column in table.COLUMNS if column in row}
    problems.append({"file": str(first), "problem": f"is named {len(rows)} times: loaded once"})
