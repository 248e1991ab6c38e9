"""Corpora as audEERING keeps them: from a repository of `audb`, such as EmoDB, or in a folder. Chapter 1.2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from tlmlda_lib import errors, files
from tlmlda_lib.corpora import table
from tlmlda_lib.errors import UserError

INSTALL = errors.install("audb")

#: Names that databases use for our emotions; our own names map to themselves.
NAMES = {
    "angry": "anger",
    "bored": "boredom",
    "calmness": "calm",
    "disgusted": "disgust",
    "fearful": "fear",
    "happiness": "happy",
    "joy": "happy",
    "sadness": "sad",
    "surprised": "surprise",
    **{emotion: emotion for emotion in table.EMOTIONS},
}

#: From audformat's language codes to ours.
LANGUAGES = {"deu": "de", "eng": "en", "zho": "zh", "cmn": "zh"}


def from_audb(
    name: str = "emodb",
    version: str | None = None,
    *,
    drop_duplicates: bool = False,
    progress: bool = True,
    **options: Any,
) -> pd.DataFrame:
    """The recordings of a database, downloaded by audb into its own cache.

    Parameters
    ----------
    name : str
        The database: one with a scheme "emotion" (and optionally "speaker" and "gender"), as "emodb" in audEERING's
        public repository.
    version : str, optional
        As "1.4.1"; by default the latest.
    drop_duplicates : bool
        As in `tlmlda_lib.corpora.load`.
    progress : bool
        Show audb's progress bars.
    **options
        Passed to `audb.load`, as ``cache_root=`` or ``num_workers=``.

    Returns
    -------
    DataFrame
        As from `tlmlda_lib.corpora.load`; corpus is the database's name.

    Raises
    ------
    UserError
        If audb is missing, if it cannot load the database, or if no recording has one of our emotions.
    """
    try:
        import audb
    except ImportError as error:
        raise UserError(f"from_audb needs the package audb: {INSTALL}") from error
    try:
        database = audb.load(name, version=version, full_path=True, verbose=progress, **options)
    except Exception as error:  # of the network, of the backend, of audb
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise UserError(
            f"audb cannot give {name!r} {version or '(latest version)'} ({reason[0]}): check name, version and network"
        ) from error
    return _recordings(database, name, drop_duplicates=drop_duplicates)


def from_audformat(folder: str | Path, *, drop_duplicates: bool = False) -> pd.DataFrame:
    """The recordings of an audformat database in a folder, as ``database.save(folder)`` wrote it. Chapter 1.2.

    Parameters
    ----------
    folder : path
        With ``db.yaml`` in it, and the files where its tables say.
    drop_duplicates : bool
        As in `tlmlda_lib.corpora.load`.

    Returns
    -------
    DataFrame
        As from `tlmlda_lib.corpora.load`; corpus is the database's name.

    Raises
    ------
    UserError
        If it cannot be read, or no recording has one of our emotions.
    """
    import audformat

    folder = files.place(folder).resolve()
    try:
        database = audformat.Database.load(str(folder))
    except Exception as error:  # of YAML, of its tables' files
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise UserError(f"{folder} cannot be read as an audformat database ({reason[0]}): save it again") from error
    database.map_files(lambda file: str((folder / file).resolve()))
    return _recordings(database, database.name, drop_duplicates=drop_duplicates)


def _recordings(database: Any, name: str, *, drop_duplicates: bool) -> pd.DataFrame:
    """What the tables of a database say of whole recordings."""
    import audformat

    if "emotion" not in database.schemes:
        raise UserError(f"{name!r} has no scheme 'emotion' ({', '.join(database.schemes) or 'none at all'})")
    try:
        found = database.get("emotion", additional_schemes=["speaker", "gender"])
    except ValueError as error:
        raise UserError(f"{name!r} does not label each recording with one emotion ({error})") from error
    if not audformat.is_filewise_index(found.index):
        raise UserError(f"{name!r} labels parts of recordings: only whole recordings are taken")
    language = LANGUAGES.get(database.languages[0], database.languages[0]) if database.languages else pd.NA
    rows, problems = {}, []
    for file, row in found.iterrows():
        emotion = NAMES.get(str(row["emotion"]).lower())
        if emotion is None:
            problems.append(
                {"file": str(file), "problem": f"has the emotion {row['emotion']}, which is not one of ours: left out"}
            )
            continue
        rows[Path(str(file))] = {
            "emotion": emotion,
            "speaker": "unknown" if pd.isna(row["speaker"]) else str(row["speaker"]),
            "gender": pd.NA if pd.isna(row["gender"]) else str(row["gender"]),
            "language": language,
            "corpus": name,
        }
    made = table.build(rows, problems, drop_duplicates=drop_duplicates)
    if made.empty:
        raise UserError(f"no recording of {name!r} has one of our emotions ({', '.join(table.EMOTIONS)})")
    return made
