"""The recordings of a published corpus, by what their names and their folders say. Chapter 1.2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from tlmlda_lib.corpora import files, sound, table
from tlmlda_lib.corpora.facts import Facts

#: What a name says: ``emotion``, ``speaker``, if known ``gender``, and ``item``, which with emotion and speaker makes
#: the utterance; ``copy`` counts from 1 in copies of lower quality. Or, for a file of the corpus that is left out, the
#: end of a sentence. Or None for a stranger.
Parsed = Mapping[str, Any] | str | None

#: How many folders above a file can say something about it.
FOLDERS = 3


class Module(Protocol):
    """A corpus: its facts, its codes of emotions, and what its names mean."""

    @property
    def FACTS(self) -> Facts:
        """What is known before it is read."""

    @property
    def EMOTIONS(self) -> Mapping[str, str]:
        """This library's names of the codes in a file's name."""

    @property
    def FOLDERS(self) -> Mapping[str, Mapping[str, str]]:
        """What folders' names, as `tlmlda_lib.corpora.files.plain` writes them, say of the recordings in them."""

    def parse(self, file: Path) -> Parsed:
        """What a recording's name says.

        Parameters
        ----------
        file : Path
            The file; it is not opened.
        """


def load(
    name: str, module: Module, where: Path, is_other: Callable[[Path], bool], *, drop_duplicates: bool = False
) -> pd.DataFrame:
    """The recordings of a corpus below a folder.

    Parameters
    ----------
    name : str
        Name of the corpus.
    module : module
        Its module.
    where : Path
        The folder.
    is_other : callable
        Whether a file is of another corpus: then it is not reported.
    drop_duplicates : bool
        As in `tlmlda_lib.corpora.load`.

    Returns
    -------
    DataFrame
        As from `tlmlda_lib.corpora.load`.

    Raises
    ------
    UserError
        If nothing usable is there.
    """
    found, problems = files.below(where)
    parsed = {file: module.parse(file) for file in found if not files.is_system(file.name)}
    rows: dict[Path, Mapping[str, Any]] = {}
    for file, said in parsed.items():
        if isinstance(said, Mapping) and file.suffix.lower() in sound.SOUND:
            rows[file], contradictions = row(file, name, module, said)
            problems += [{"file": str(file), "problem": c} for c in contradictions]
    if rows:
        home = files.smallest_folder(rows)
        for file in found:
            if file in rows or not file.is_relative_to(home):
                continue
            reason = parsed.get(file)
            if isinstance(reason, str):
                problems.append({"file": str(file), "problem": reason})
            elif not is_other(file):
                problems.append({"file": str(file), "problem": f"is not a recording of {module.FACTS.title}: left out"})
    made = table.build(rows, problems, drop_duplicates=drop_duplicates)
    if made.empty:
        unusable = [{"file": str(f), "problem": p} for f, p in parsed.items() if isinstance(p, str)]
        reasons = unusable if not rows and unusable else made.attrs["problems"]
        raise table.nothing_found(module.FACTS.title, where, module.FACTS.layout, found, reasons)
    return made


def row(file: Path, name: str, module: Module, said: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The table row of a recording, and where its name and its folders contradict each other.

    Parameters
    ----------
    file : Path
        It is not opened.
    name : str
        Name of the corpus.
    module : module
        Its module.
    said : mapping
        What the file's name says, as from the module's ``parse``.

    Returns
    -------
    row : dict
        With ``utterance``, which all forms of one utterance share.
    contradictions : list of str
        Ends of sentences.
    """
    folders = by_folder(file, module.FOLDERS)
    trusted = {**said, **folders} if module.FACTS.trusts == "folder" else {**folders, **said}
    if trusted["speaker"] != said["speaker"] and "gender" not in folders:
        trusted.pop("gender", None)  # it was the other speaker's
    contradictions = [
        f"has the {field} {said[field]} by its name and {folders[field]} by its folder: loaded anyway, with "
        f"{trusted[field]}"
        for field in folders
        if field in said and said[field] != folders[field]
    ]
    utterance = "/".join((trusted["speaker"], trusted["emotion"], trusted["item"]))
    made = {"language": module.FACTS.language, "corpus": name, "utterance": files.plain(utterance)}
    return {**trusted, **made}, contradictions


def by_folder(file: Path, known: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """What the nearest folders of a file say of it.

    Parameters
    ----------
    file : Path
        It is not opened.
    known : mapping
        ``FOLDERS`` of a corpus.
    """
    said: dict[str, str] = {}
    for folder in reversed(file.parts[-1 - FOLDERS : -1]):
        said = {**known.get(files.plain(folder), {}), **said}  # the nearer folder counts
    return said
