"""A folder, CSV file or audformat table of the user's own. Chapter 3.5."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from tlmlda_lib.corpora import sound, table
from tlmlda_lib.errors import UserError

FILES = "a folder of sound files (.wav, .flac, .mp3 and others)"
LAYOUT = "a folder per emotion, a CSV file with the columns file and emotion, or an audformat table"


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
        From your labels to this library's names, as ``{"Wut": "anger"}``; other labels stay as they are.
    unlabelled : bool
        Load every recording without an emotion: for prediction, not for training.
    language, corpus : str
        Values of these columns where the table has none.
    drop_duplicates : bool
        Keep only the first of byte-identical files.

    Returns
    -------
    DataFrame
        As `tlmlda_lib.corpora.load`; recordings whose label is not known are in ``attrs["problems"]``.

    Warns
    -----
    LeftOutWarning
        Once, if files were left out: how many, and for which reasons.
    """
    problems: list[dict[str, str]] = []
    if isinstance(root, pd.DataFrame):
        entries, where = _from_frame(root, Path()), Path("the table")
    else:
        where = Path(root).expanduser().resolve()
        if where.is_dir():
            entries, problems = _from_folder(where, unlabelled)
        elif where.suffix.lower() == ".csv" and where.is_file():
            entries = _from_frame(_read_csv(where), where.parent)
        else:
            raise UserError(f"{root} is neither a folder nor a CSV file: give {LAYOUT}")
    rows = {}
    names = {str(k).lower(): v for k, v in (label_map or {}).items()}
    for file, entry in entries.items():
        row = {"speaker": "unknown", "language": language, "corpus": corpus} | {
            k: v for k, v in entry.items() if not pd.isna(v)
        }
        row["language"] = row["language"] or pd.NA
        label = str(row.get("emotion", "")).strip()
        emotion = names.get(label.lower(), label.lower())
        if unlabelled:
            row["emotion"] = pd.NA
        elif emotion in table.EMOTIONS:
            row["emotion"] = emotion
        else:
            known = ", ".join(table.EMOTIONS)
            problems.append(
                {
                    "file": str(file),
                    "problem": f"has the label {label!r}, which is not one of {known}: left out; map it with label_map="
                    if label
                    else "has no label: left out; unlabelled=True loads recordings without labels",
                }
            )
            continue
        rows[file] = row
    made = table.build(rows, problems, drop_duplicates=drop_duplicates)
    if made.empty:
        of_sounds = [p for p in made.attrs["problems"] if not p["problem"].startswith("is not a sound file")]
        if unlabelled and not of_sounds:
            raise UserError(f"no recordings in {root}: give {FILES}")
        layout = FILES if unlabelled else LAYOUT
        raise table.nothing_found("your own", where, layout, list(entries), of_sounds or made.attrs["problems"])
    return made


def _from_folder(folder: Path, unlabelled: bool) -> tuple[dict[Path, dict[str, Any]], list[dict[str, str]]]:
    files, problems = table.files_below(folder)
    entries: dict[Path, dict[str, Any]] = {}
    for file in files:
        if file.name.startswith(".") or file.suffix.lower() not in sound.SOUND:
            problems.append({"file": str(file), "problem": "is not a sound file: left out"})
            continue
        inside = file.relative_to(folder).parts[:-1]
        entries[file] = {} if unlabelled or not inside else {"emotion": inside[-1]}
        if len(inside) > 1:
            entries[file]["speaker"] = inside[-2]
    return entries, problems


def _read_csv(file: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(file, dtype="string")
    except (OSError, ValueError) as error:
        raise UserError(
            f"{file} cannot be read as CSV ({str(error).splitlines()[0]}): save it as comma-separated text"
        ) from error


def _from_frame(frame: pd.DataFrame, folder: Path) -> dict[Path, dict[str, Any]]:
    """Rows of a CSV file or of an audformat table, files relative to `folder`."""
    if "file" not in frame.columns:
        frame = frame.reset_index()
    if "file" not in frame.columns:
        raise UserError(f"the table has the columns {', '.join(map(str, frame.columns))}: one named 'file' is needed")
    columns = [c for c in table.COLUMNS if c in frame.columns]
    paths = [(folder / str(f)).resolve() for f in frame["file"]]
    return dict(zip(paths, frame[columns].to_dict("records"), strict=True))
