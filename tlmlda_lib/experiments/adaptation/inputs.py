"""What is learnt from and what is recognised: corpora, audb, and recordings of your own. Chapter 3.5."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from tlmlda_lib import corpora, files
from tlmlda_lib.domains import schemes
from tlmlda_lib.errors import UserError
from tlmlda_lib.features import recipe

#: How a database of audb is named as a source.
AUDB = "audb:"

#: Fewest emotions to tell apart.
FEWEST = 2


def source(
    given: str | os.PathLike[str] | pd.DataFrame,
    root: Any = None,
    *,
    label_map: Mapping[str, str] | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Labelled recordings. Chapter 3.5.

    Parameters
    ----------
    given : str, path or DataFrame
        A corpus by name or letter; ``audb:NAME`` or ``audb:NAME@VERSION``; a folder that contains one published corpus
        or an audformat database; a folder with a sub-folder for each emotion, a CSV file or an audformat table, as
        `tlmlda_lib.corpora.folder.load` takes them. A name of a corpus comes before a folder of that name, which is
        written with a slash: ``./emodb``.
    root : path, optional
        Folder that contains the corpora, as in `tlmlda_lib.corpora.load`.
    label_map : mapping of str to str, optional
        For your own labels, as in `tlmlda_lib.corpora.folder.load`; the names of `tlmlda_lib.corpora.audeering`, as
        "happiness" or "joy", are understood without.
    progress : bool
        Show progress bars where something is made or downloaded.

    Returns
    -------
    DataFrame
        As from `tlmlda_lib.corpora.load`.

    Raises
    ------
    UserError
        If it is nothing of the kind, or holds nothing usable.
    """
    label_map = understood(label_map)
    if isinstance(given, pd.DataFrame):
        return corpora.load("folder", given, label_map=label_map)
    text = os.fspath(given)
    if text.startswith(AUDB):
        name, _, version = text.removeprefix(AUDB).partition("@")
        return corpora.from_audb(name, version or None, progress=progress)
    if os.sep not in text and (name := _known(text)):
        made: dict[str, Any] = {"progress": progress} if name in corpora.MADE.values() else {}
        return corpora.load(name, root, **made)
    path = files.place(text)
    if not path.exists():
        known = ", ".join(corpora.CORPORA)
        raise UserError(f"source {text!r} is neither a corpus ({known}) nor a folder or file: name one that is here")
    if (path / "db.yaml").is_file():
        return corpora.from_audformat(path)
    if path.is_dir() and (published := corpora.find(path)):
        if len(published) > 1:
            raise UserError(f"{text} contains {' and '.join(published)}: name each as a source, with --corpora {text}")
        return corpora.load(next(iter(published)), path)
    return corpora.load("folder", path, label_map=label_map, corpus=path.resolve().stem)


def understood(label_map: Mapping[str, str] | None = None) -> dict[str, str]:
    """A map of labels with the usual names beside it, as "happiness" for happy; where both have one, the map counts.

    Parameters
    ----------
    label_map : mapping of str to str, optional
        From labels to this library's names.
    """
    named = {corpora.files.plain(str(label)) for label in label_map or ()}
    usual = {label: e for label, e in corpora.audeering.NAMES.items() if label != e and label not in named}
    return {**usual, **(label_map or {})}


def _known(text: str) -> str | None:
    """The name of a corpus that a text gives by name or letter."""
    try:
        return corpora.corpus_name(text)
    except UserError:
        return None


def target(given: str | os.PathLike[str] | pd.DataFrame) -> tuple[pd.DataFrame, Path]:
    """Recordings without labels, and the folder to which their paths are written.

    No label is read, whatever the folder, the names or the columns say. Chapter 3.5.

    Parameters
    ----------
    given : str, path or DataFrame
        A folder, at any depth; a CSV file or table with the column ``file``; or one recording.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", corpora.LeftOutWarning)  # an answer lists them all
        if isinstance(given, pd.DataFrame):
            table = _long_enough(corpora.load("folder", given, unlabelled=True, corpus="target"))
            return table, Path(os.path.commonpath([os.path.dirname(file) for file in table.index]))
        path = files.place(given).resolve()
        if path.is_file() and path.suffix.lower() in corpora.sound.SOUND:
            one = pd.DataFrame(index=pd.Index([str(path)], name="file")).assign(emotion=pd.NA)
            return corpora.load("folder", one, unlabelled=True, corpus="target"), path.parent
        table = _long_enough(corpora.load("folder", path, unlabelled=True, corpus="target"))
        return table, path if path.is_dir() else path.parent


def _long_enough(table: pd.DataFrame) -> pd.DataFrame:
    """Without recordings that are too short for features by their header: they are counted nowhere, and named once."""
    short = {}
    for file in table.index:
        lasts = corpora.sound.seconds(Path(file))
        if lasts is not None and (why := recipe.too_short(lasts)):
            short[file] = why
    if not short or len(short) == len(table):  # where none is left, the features say so
        return table
    kept = table.drop(index=list(short))
    kept.attrs["problems"] = [
        *(p for p in table.attrs["problems"] if p["file"] not in short),
        *({"file": file, "problem": why} for file, why in short.items()),
    ]
    return kept


def common(sources: Sequence[pd.DataFrame], wanted: Sequence[str] | None = None) -> tuple[str, ...]:
    """The emotions to tell apart: those that all sources have, or those that were asked for. Chapter 3.5.

    Parameters
    ----------
    sources : sequence of DataFrame
        As from `source`.
    wanted : sequence of str, optional
        Emotions by this library's names.

    Raises
    ------
    UserError
        If they are fewer than two, or a wanted one is in no source.
    """
    have = [set(table["emotion"].dropna()) for table in sources]
    if wanted is None:
        shared = schemes.common(have)
        if len(shared) < FEWEST:
            said = "; ".join(f"{_name(t)} has {', '.join(sorted(h))}" for t, h in zip(sources, have, strict=True))
            shares = f"the sources share {len(shared)} emotions ({said}): give others, or say which by"
            raise UserError(f"{shares} emotions=", f"{shares} --emotions")
        return shared
    asked = tuple(e for e in corpora.EMOTIONS if e in set(wanted))
    if unknown := [e for e in wanted if e not in set.union(*have)]:
        known = ", ".join(e for e in corpora.EMOTIONS if e in set.union(*have))
        raise UserError(f"emotion {unknown[0]!r} is in none of the sources: use {known}")
    if len(asked) < FEWEST:
        few = f"{','.join(asked)}: name at least {FEWEST}"
        raise UserError(f"emotions={few}", f"--emotions {few}")
    return asked


def check_apart(sources: Sequence[pd.DataFrame], recordings: pd.DataFrame) -> None:
    """Check that no recording is learnt from and recognised, and that no two sources have one name.

    Parameters
    ----------
    sources : sequence of DataFrame
        As from `source`.
    recordings : DataFrame
        As from `target`.

    Raises
    ------
    UserError
        If one is.
    """
    names = [_name(table) for table in sources]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UserError(f"two sources have the name {twice!r}: rename a folder, or put both into one CSV file")
    for name, table in zip(names, sources, strict=True):
        if len(both := table.index.intersection(recordings.index)):
            raise UserError(
                f"{len(both)} recordings of the target are learnt from in {name}, first {both[0]}: an answer about "
                "them would be no answer; name other sources"
            )


def _name(table: pd.DataFrame) -> str:
    return str(table["corpus"].iloc[0])
