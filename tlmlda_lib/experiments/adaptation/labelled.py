"""Labels of recordings that have an answer: checked before the work, read after it. Chapter 3.5."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from tlmlda_lib import corpora, files
from tlmlda_lib.errors import UserError, did_you_mean
from tlmlda_lib.experiments.adaptation import inputs

#: Columns that a score needs; the others of `inputs.source` are not read.
COLUMNS = ("emotion", "speaker", "gender")

_GIVE = "give a CSV file with the columns file and emotion, or a folder with a sub-folder for each emotion"


def check(
    given: str | os.PathLike[str],
    target: str | os.PathLike[str],
    root: Any = None,
    label_map: Mapping[str, str] | None = None,
) -> None:
    """Check before the work that labels can be read after it, so that nobody waits in vain. Chapter 3.5.

    Nothing of what they say is kept.

    Parameters
    ----------
    given : str or path
        A CSV file with the columns file and emotion, or what else `inputs.source` takes.
    target : path
        The recordings that will have an answer: a folder, a CSV file or one recording.
    root, label_map
        As in `inputs.source`.

    Raises
    ------
    UserError
        If they are not there, lack a column, have a label that is not known, or name no recording that is there.
    """
    at = files.place(target).resolve()
    below = at if at.is_dir() else at.parent
    if _is_csv(given):
        names, place = list(_rows(given, label_map).index), files.place(given).resolve().parent
        paths = [folder / name for name in names for folder in (place, below) if (folder / name).is_file()]
    else:
        names, place = list(_source(given, root, label_map).index), below
        paths = [Path(name) for name in names]
    if not [p for p in paths if not at.is_dir() or below in Path(os.path.realpath(p)).parents or below in p.parents]:
        raise UserError(
            f"--score {given}: none of its {len(names)} recordings is among those of {target}, first {names[0]}: name "
            f"them as predictions.csv does, from {below}, or from {place}"
        )


def read(
    given: str | os.PathLike[str],
    names: pd.Index,
    folder: Path | None = None,
    root: Any = None,
    label_map: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Labels of the recordings of an answer. Chapter 3.5.

    Parameters
    ----------
    given : str or path
        As in `check`. A file of a CSV file is named from the CSV file's folder, or as the answer names it.
    names : Index of str
        Recordings as the answer names them.
    folder : Path, optional
        What these names are relative to. Without it a CSV file has to use the answer's names.
    root, label_map
        As in `inputs.source`.

    Returns
    -------
    DataFrame
        ``emotion``, ``speaker``, ``gender``, indexed by the names of the answer, or for a recording that is not in it
        by its own.

    Raises
    ------
    UserError
        If they cannot be used, or two rows contradict each other.
    """
    if _is_csv(given):
        table, place = _rows(given, label_map), files.place(given).resolve().parent
        called = [_name(place / name, names, folder) or os.path.normpath(name) for name in table.index]
    else:
        table = _source(given, root, label_map).reindex(columns=list(COLUMNS))
        called = [_name(Path(name), names, folder) or name for name in table.index]
    table = table.set_axis(pd.Index(called, name="file"))
    table = table[~table.reset_index().duplicated().to_numpy()]
    if len(twice := table.index[table.index.duplicated()]):
        raise UserError(f"--score {given}: {twice[0]} has two rows that differ: keep one of them")
    return table


def _is_csv(given: str | os.PathLike[str]) -> bool:
    """Whether it is a CSV file, said if it looks like one and is not there."""
    path = files.place(given)
    if path.suffix.lower() != ".csv":
        return False
    if not path.is_file():
        raise UserError(f"--score {given}: there is no such file: {_GIVE}")
    return True


def _source(given: str | os.PathLike[str], root: Any, label_map: Mapping[str, str] | None) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", corpora.LeftOutWarning)
        try:
            return inputs.source(given, root, label_map=label_map, progress=False)
        except UserError as error:
            raise UserError(f"--score {given}: {error}", f"--score {given}: {error.shell}; {_GIVE}") from error


def _rows(given: str | os.PathLike[str], label_map: Mapping[str, str] | None) -> pd.DataFrame:
    """The rows of a CSV file that have a label, by their names of files."""
    table = corpora.folder.read_csv(files.place(given))
    if missing := [c for c in ("file", "emotion") if c not in table.columns]:
        have = ", ".join(map(str, table.columns))
        raise UserError(f"--score {given} has the columns {have}: one named {missing[0]!r} is needed")
    table = table.dropna(subset=["file", "emotion"]).set_index("file")
    table = table.reindex(columns=list(COLUMNS)).astype("string")
    if table.empty:
        raise UserError(f"--score {given} has no row with a file and an emotion: label some recordings")
    meant = {corpora.files.plain(k): v for k, v in inputs.understood(label_map).items()}
    labels = table["emotion"].map(corpora.files.plain)
    table["emotion"] = labels.map(lambda label: meant.get(label, label))
    if strange := sorted(set(table["emotion"]) - set(corpora.EMOTIONS)):
        known = ", ".join(corpora.EMOTIONS)
        near = did_you_mean(strange[0], corpora.EMOTIONS)
        said = f"--score {given}: the label {strange[0]!r} is not one of {known}{near}: "
        raise UserError(
            f"{said}map it with label_map={{{strange[0]!r}: EMOTION}}, or leave its rows out",
            f"{said}map it with --label '{strange[0]}=EMOTION', or leave its rows out",
        )
    return table


def _name(file: Path, names: pd.Index, folder: Path | None) -> str | None:
    """How the answer names a file, by the path that is given or by the real one; None if it does not."""
    if folder is None:
        return None
    for path, home in ((os.path.abspath(file), os.path.abspath(folder)), (os.path.realpath(file), folder.resolve())):
        if (name := os.path.relpath(path, home)) in names:
            return name
    return None
