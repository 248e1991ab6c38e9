"""Recordings with labels: a catalogue of published corpora, and folders of your own. Chapter 1.2."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tlmlda_lib import files as places
from tlmlda_lib.corpora import (
    aesdd,
    ased,
    cafe,
    casia,
    cremad,
    emodb,
    emovo,
    enterface,
    files,
    folder,
    mesd,
    nemo,
    published,
    ravdess,
    savee,
    shemo,
    sound,
    tess,
    turev,
    urdu,
)
from tlmlda_lib.corpora.audeering import from_audb, from_audformat
from tlmlda_lib.corpora.facts import LANGUAGES, Facts
from tlmlda_lib.corpora.left_out import LeftOutWarning
from tlmlda_lib.corpora.synthesis import rules
from tlmlda_lib.corpora.synthesis.made import MADE, MADE_NOTE, synthetic, synthetic_digest
from tlmlda_lib.corpora.synthesis.speech import speak
from tlmlda_lib.corpora.table import EMOTIONS
from tlmlda_lib.errors import UserError, one_of

__all__ = [
    "CORPORA",
    "EMOTIONS",
    "LETTERS",
    "MADE",
    "MADE_NOTE",
    "PUBLISHED",
    "TABLE_2",
    "Corpus",
    "Facts",
    "LeftOutWarning",
    "about",
    "catalogue",
    "corpus_name",
    "describe",
    "find",
    "from_audb",
    "from_audformat",
    "load",
    "short",
    "sound",
    "speak",
    "synthetic",
    "synthetic_digest",
]


@dataclass(frozen=True)
class Corpus:
    """What the library knows of a corpus before it is read.

    Attributes
    ----------
    title : str
        Its name in a text.
    letter : str
        Its short form in a scheme, as B in "C2B"; "" if it has none.
    emotions : tuple of str
        Those that it has, by this library's names; () if only its recordings tell.
    files : int, optional
        As published.
    module : module, optional
        Of a published corpus: ``parse``, ``EMOTIONS``, ``FOLDERS`` and ``FACTS``.
    """

    title: str
    letter: str = ""
    emotions: tuple[str, ...] = ()
    files: int | None = None
    module: published.Module | None = None


def _published(module: published.Module, title: str, letter: str = "") -> Corpus:
    if strange := set(module.EMOTIONS.values()) - set(EMOTIONS):
        raise ValueError(f"{title} has the emotion {strange.pop()!r}: use names of {', '.join(EMOTIONS)}")
    own = tuple(e for e in EMOTIONS if e in module.EMOTIONS.values())
    return Corpus(title, letter, own, module.FACTS.files, module)


#: Every corpus by name, and which letter it has in schemes.
CORPORA: dict[str, Corpus] = {
    "emodb": _published(emodb, "EmoDB", "B"),
    "enterface": _published(enterface, "eNTERFACE'05", "E"),
    "casia": _published(casia, "CASIA", "C"),
    "ravdess": _published(ravdess, "RAVDESS", "R"),
    "urdu": _published(urdu, "URDU"),
    "turev": _published(turev, "TurEV-DB"),
    "savee": _published(savee, "SAVEE"),
    "emovo": _published(emovo, "EMOVO"),
    "tess": _published(tess, "TESS"),
    "cremad": _published(cremad, "CREMA-D"),
    "aesdd": _published(aesdd, "AESDD"),
    "nemo": _published(nemo, "nEMO"),
    "ased": _published(ased, "ASED"),
    "mesd": _published(mesd, "MESD"),
    "cafe": _published(cafe, "CaFE"),
    "shemo": _published(shemo, "ShEMO"),
    "made-de": Corpus("synthetic German", "d", rules.EMOTIONS),
    "made-en": Corpus("synthetic English", "e", rules.EMOTIONS),
    "made-zh": Corpus("synthetic Mandarin", "z", rules.EMOTIONS),
}

#: The published corpora by name.
PUBLISHED: dict[str, published.Module] = {name: row.module for name, row in CORPORA.items() if row.module is not None}

#: The letters that schemes use.
LETTERS = {row.letter: name for name, row in CORPORA.items() if row.letter}

#: A folder of the user's own below the root: the name "folder.calls" is its folder "calls".
_OWN = re.compile(r"folder\.([A-Za-z0-9_]+)", re.IGNORECASE)

_FIVE = ("anger", "sad", "fear", "happy")

#: Table 2 of the paper: the emotions that two corpora share, and the number of utterances with these emotions in each.
#: Rows with RAVDESS are ours.
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
        A key of `CORPORA` or its letter, as "emodb" or "B" ("made-de", "made-en", "made-zh" are synthetic speech, which
        needs no folder); "folder" for recordings of your own, or "folder.calls" for those in the folder ``calls`` below
        the root, or in the file ``calls.csv`` there.
    root : path, optional
        The corpus's folder or any folder above it; without it the environment variable TLMLDA_CORPORA.
    drop_duplicates : bool
        Leave out byte-identical copies but the first; otherwise they are loaded and reported.
    **options
        For "folder": see `tlmlda_lib.corpora.folder.load`; for synthetic speech: see `synthetic`.

    Returns
    -------
    DataFrame
        audformat's filewise index (absolute paths, sorted) with the string columns emotion, speaker, gender,
        language, corpus; of an utterance in several forms, as wav and flac, one is loaded. ``attrs["problems"]`` lists
        what was left out or is odd, as {"file", "problem"}.

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
            raise UserError("load('folder') needs root=, the folder, CSV file or table of your recordings")
        return folder.load(root, drop_duplicates=drop_duplicates, **options)
    if own := _OWN.fullmatch(name):
        return folder.load(_own(own[1], root), drop_duplicates=drop_duplicates, **{"corpus": own[1], **options})
    if name in MADE.values():
        if unknown := options.keys() - {"seed", "recording", "progress"}:
            raise UserError(f"{name} takes no option {unknown.pop()!r}: leave it out")
        return synthetic(name.removeprefix("made-"), **options)
    if options:
        raise UserError(f"option {next(iter(options))!r} is for 'folder' alone: leave it out for {name}")
    return published.load(
        name, PUBLISHED[name], _root(root), lambda file: _of_another_corpus(file, name), drop_duplicates=drop_duplicates
    )


def catalogue() -> list[dict[str, Any]]:
    """What is known of every published corpus before it is read.

    Returns
    -------
    list of dict
        "name", "title", "letter", "language" (in words), "emotions", "names" (an example of a file's name, and what it
        says), "files", "speakers", "licence", "address", "sources" (where that is stated), "unconfirmed" (those of
        these facts for which no source was found).
    """
    return [
        {
            "name": name,
            "title": CORPORA[name].title,
            "letter": CORPORA[name].letter,
            "language": LANGUAGES[module.FACTS.language],
            "emotions": CORPORA[name].emotions,
            "names": module.FACTS.layout,
            **{fact: getattr(module.FACTS, fact) for fact in ("files", "speakers", "licence", "address")},
            "sources": dict(module.FACTS.sources),
            "unconfirmed": module.FACTS.unconfirmed,
        }
        for name, module in PUBLISHED.items()
    ]


def find(root: Any = None) -> dict[str, Path]:
    """Which published corpora are below a folder, and where.

    Parameters
    ----------
    root : path, optional
        Without it the environment variable TLMLDA_CORPORA.

    Returns
    -------
    dict of str to Path
        The smallest folder that contains each.

    Notes
    -----
    A corpus counts as found if at least one file name is in its form.
    """
    below, _ = files.below(_root(root))
    sounds = [f for f in below if f.suffix.lower() in sound.SOUND and not files.is_system(f.name)]
    found = {}
    for name, module in PUBLISHED.items():
        if own := [f for f in sounds if isinstance(module.parse(f), Mapping)]:
            found[name] = files.smallest_folder(own)
    return found


def describe(recordings: pd.DataFrame) -> dict[str, Any]:
    """Counts of a table: files, speakers, files per emotion and gender, problems.

    Parameters
    ----------
    recordings : DataFrame
        As from `load`.

    Returns
    -------
    dict
        "corpus", "files", "speakers", "emotions" and "genders" (files of each), "problems".
    """

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
    """The name of a corpus given by name or letter, as "emodb" for "B"; "folder.calls" stays as it is.

    Parameters
    ----------
    name : str
        A name in any case, or a letter of a scheme.

    Raises
    ------
    UserError
        If there is none.
    """
    if own := _OWN.fullmatch(name):
        return f"folder.{own[1]}"
    known = LETTERS.get(name, name.lower())
    names = (*CORPORA, "folder")
    if known not in names:
        raise UserError(f"corpus {name!r} is not known: use {one_of(name, names)}")
    return known


def about(name: str) -> Corpus:
    """The row of `CORPORA` of a corpus given by name or letter; one of "folder.calls" has the title "calls".

    Parameters
    ----------
    name : str
        Name or letter of a corpus.

    Raises
    ------
    UserError
        If there is none.
    """
    name = corpus_name(name)
    return CORPORA.get(name) or Corpus(name.removeprefix("folder."))


def short(name: str) -> str:
    """A corpus's letter, or its name if it has none.

    Parameters
    ----------
    name : str
        Name or letter of a corpus.
    """
    return about(name).letter or corpus_name(name)


def _root(root: Any) -> Path:
    given = root if root is not None else places.named_by(places.CORPORA)
    if not given:
        without = f"synthetic speech ({', '.join(MADE.values())}; schemes such as d2z) needs none"
        raise UserError(
            f"no folder of corpora was given: set {places.CORPORA}, or give one with root=; {without}",
            "no folder of corpora was given: unpack the corpora, each in its own folder, into one folder and name that "
            f"with --corpora; `tlmlda corpora --list` has the address of each; {without}",
        )
    where = files.place(given)
    if not where.is_dir():
        raise UserError(f"{given} is not a folder: name the one that contains the corpora")
    return where


def _own(name: str, root: Any) -> Path:
    """The user's own folder of this name, or the CSV file, below the root."""
    folder_, file = _root(root) / name, _root(root) / f"{name}.csv"
    if not folder_.is_dir() and not file.is_file():
        raise UserError(
            f"{folder_} is not a folder, and no {file.name} is beside it: put your recordings into one of them, "
            "with a name of letters, digits and _"
        )
    return folder_ if folder_.is_dir() else file


def _of_another_corpus(file: Path, name: str) -> bool:
    return any(module.parse(file) is not None for other, module in PUBLISHED.items() if other != name)
