"""Recordings with labels: four published corpora, and folders of your own. Chapter 1.2."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from tlmlda_lib.corpora import casia, emodb, enterface, folder, ravdess, sound, table
from tlmlda_lib.corpora.audeering import from_audb
from tlmlda_lib.corpora.left_out import LeftOutWarning
from tlmlda_lib.corpora.synthesis.made import MADE, MADE_NOTE, synthetic, synthetic_digest
from tlmlda_lib.corpora.synthesis.speech import speak
from tlmlda_lib.corpora.table import EMOTIONS
from tlmlda_lib.errors import UserError

__all__ = [
    "EMOTIONS",
    "LETTERS",
    "MADE",
    "MADE_NOTE",
    "TABLE_2",
    "LeftOutWarning",
    "corpus_name",
    "describe",
    "find",
    "from_audb",
    "load",
    "sound",
    "speak",
    "synthetic",
    "synthetic_digest",
]

#: The published corpora by name.
_PUBLISHED: dict[str, ModuleType] = {"emodb": emodb, "enterface": enterface, "casia": casia, "ravdess": ravdess}

#: The letters that schemes use.
LETTERS = {"B": "emodb", "E": "enterface", "C": "casia", "R": "ravdess"}

#: Files of each corpus as published.
PUBLISHED_FILES = {"emodb": 535, "enterface": 1287, "casia": 1200, "ravdess": 1440}

_FIVE = ("anger", "sad", "fear", "happy")

#: Table 2 of the paper: which emotions two corpora share, and how many utterances of them each has. Rows with
#: RAVDESS are ours.
TABLE_2: dict[tuple[str, str], tuple[tuple[str, ...], tuple[int, int]]] = {
    ("enterface", "emodb"): ((*_FIVE, "disgust"), (1072, 375)),
    ("enterface", "casia"): ((*_FIVE, "surprise"), (1072, 1000)),
    ("emodb", "casia"): ((*_FIVE, "neutral"), (408, 1000)),
    ("ravdess", "emodb"): ((*_FIVE, "disgust"), (960, 375)),
    ("ravdess", "casia"): ((*_FIVE, "surprise"), (960, 1000)),
}


def load(name: str, root: Any = None, *, drop_duplicates: bool = False, **options: Any) -> pd.DataFrame:
    """The recordings of a corpus, from wherever its folder was unpacked.

    Parameters
    ----------
    name : str
        "emodb", "enterface", "casia", "ravdess" (or B, E, C, R), "folder" for recordings of your own, or "made-de",
        "made-en", "made-zh" (or d, e, z) for made speech, which needs no folder.
    root : path, optional
        The corpus's folder or any folder above it; without it the environment variable TLMLDA_CORPORA.
    drop_duplicates : bool
        Leave out byte-identical copies but the first; otherwise they are loaded and reported.
    **options
        For "folder": see `tlmlda_lib.corpora.folder.load`; for made speech: see `synthetic`.

    Returns
    -------
    DataFrame
        audformat's filewise index (absolute paths, sorted) with the string columns emotion, speaker, gender,
        language, corpus. ``attrs["problems"]`` lists what was left out or is odd, as {"file", "problem"}.

    Warns
    -----
    LeftOutWarning
        Once, if files were left out: how many, and for which reasons.

    Raises
    ------
    UserError
        If the name is not known, the folder is absent, or nothing usable is in it.
    """
    name = corpus_name(name)
    if name == "folder":
        if root is None:
            raise UserError("load('folder') needs the folder, CSV file or table of your own as root=")
        return folder.load(root, drop_duplicates=drop_duplicates, **options)
    if name in MADE.values():
        if unknown := options.keys() - {"seed", "recording", "progress"}:
            raise UserError(f"{name} takes no option {unknown.pop()!r}: leave it out")
        return synthetic(name.removeprefix("made-"), **options)
    if options:
        raise UserError(f"option {next(iter(options))!r} is for 'folder' alone: leave it out for {name}")
    where = _root(root)
    files, problems = table.files_below(where)
    module = _PUBLISHED[name]
    parsed = {file: module.parse(file) for file in files if not file.name.startswith(".")}
    rows = {f: p for f, p in parsed.items() if isinstance(p, dict) and f.suffix.lower() in sound.SOUND}
    if rows:
        home = table.smallest_folder(rows)
        for file in files:
            if file in rows or not file.is_relative_to(home):
                continue
            reason = parsed.get(file)
            if isinstance(reason, str):
                problems.append({"file": str(file), "problem": reason})
            elif not _of_another_corpus(file, name):
                problems.append({"file": str(file), "problem": f"is no recording of {module.TITLE}: left out"})
        problems = [p for p in problems if Path(p["file"]).is_relative_to(home)]
    made = table.build(rows, problems, drop_duplicates=drop_duplicates)
    if made.empty:
        strangers = [{"file": str(f), "problem": p} for f, p in parsed.items() if isinstance(p, str)]
        found = made.attrs["problems"] or strangers
        raise table.nothing_found(module.TITLE, where, module.LAYOUT, files, found)
    return made


def find(root: Any = None) -> dict[str, Path]:
    """Which published corpora are below a folder, and where.

    Parameters
    ----------
    root : path, optional
        Without it the environment variable TLMLDA_CORPORA.

    Returns
    -------
    dict of str to Path
        The smallest folder that holds each.
    """
    files, _ = table.files_below(_root(root))
    found = {}
    for name, module in _PUBLISHED.items():
        own = [f for f in files if f.suffix.lower() in sound.SOUND and isinstance(module.parse(f), dict)]
        if own:
            found[name] = table.smallest_folder(own)
    return found


def describe(recordings: pd.DataFrame) -> dict[str, Any]:
    """Counts of a table: files, speakers, files per emotion and gender, problems."""

    def counts(column: str) -> dict[str, int]:
        return {str(k): int(v) for k, v in recordings[column].value_counts().sort_index().items()}

    return {
        "corpus": str(recordings["corpus"].iloc[0]),
        "files": len(recordings),
        "speakers": int(recordings["speaker"].nunique()),
        "emotions": counts("emotion"),
        "genders": counts("gender"),
        "problems": list(recordings.attrs.get("problems", [])),
    }


def corpus_name(name: str) -> str:
    """The name of a corpus given by name or letter.

    Raises
    ------
    UserError
        If there is none.
    """
    known = (LETTERS | MADE).get(name, name.lower())
    names = (*_PUBLISHED, "folder", *MADE.values())
    if known not in names:
        raise UserError(f"corpus {name!r} is not known: use one of {', '.join(names)}")
    return known


def _root(root: Any) -> Path:
    given = root if root is not None else os.environ.get("TLMLDA_CORPORA")
    if not given:
        raise UserError(
            "no folder of corpora was given: set TLMLDA_CORPORA, or name one with --corpora or root=; made speech "
            f"({', '.join(MADE.values())}; schemes such as d2z) needs none"
        )
    where = Path(given).expanduser().resolve()
    if not where.is_dir():
        raise UserError(f"{given} is no folder: name the one that holds the corpora")
    return where


def _of_another_corpus(file: Path, name: str) -> bool:
    return any(module.parse(file) is not None for other, module in _PUBLISHED.items() if other != name)
