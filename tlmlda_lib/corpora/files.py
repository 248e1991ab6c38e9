"""Files below a folder: each once, under its own name, and none of the system's. Chapter 1.2."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tlmlda_lib import files as writing
from tlmlda_lib.errors import UserError

#: Folders whose files are never content, in lower case: trash, previews and copies that systems and programs keep.
#: So is every folder whose name begins with a dot, as .Trash-1000, .Trashes, .git and .ipynb_checkpoints.
NEVER = frozenset(
    (
        *("__macosx", "__pycache__", "$recycle", "$recycle.bin", "recycler", "recycled", "system volume information"),
        *("@eadir", "@recently-snapshot", "@recycle", "@tmp", "#recycle", "#snapshot", "lost+found"),
        *("network trash folder", "temporary items", "thumbs.db", "desktop.ini"),
    )
)

#: What is said of a file whose name no table can contain.
NAMELESS = "has a name that is not valid UTF-8: rename it"

Problem = dict[str, str]


def is_system(name: str) -> bool:
    """Whether a file or folder of this name is one of the system's, as .DS_Store, Thumbs.db or @eaDir.

    Parameters
    ----------
    name : str
        The last part of a path.
    """
    return name.startswith(".") or name.lower() in NEVER


def plain(name: str) -> str:
    """A name as it is compared: whether composed or not, in upper or in lower case.

    Parameters
    ----------
    name : str
        A label, or the name of a folder; some systems write é as two characters.
    """
    return unicodedata.normalize("NFC", name).casefold().strip()


def is_text(path: str | os.PathLike[str]) -> bool:
    """Whether a path is text. On Linux a name is bytes, and a table cannot contain bytes that are not UTF-8.

    Parameters
    ----------
    path : path
        It is not opened.
    """
    try:
        os.fspath(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(path: str | os.PathLike[str]) -> str:
    r"""A path as text, in which bytes that are not UTF-8 are written as \xe9.

    Parameters
    ----------
    path : path
        It is not opened.
    """
    text = os.fspath(path)
    try:
        return text.encode(errors="surrogateescape").decode(errors="backslashreplace")
    except UnicodeEncodeError:  # half a character that no file system gave
        return text.encode(errors="backslashreplace").decode()


def place(given: Any) -> Path:
    """The real path of what a user named.

    Parameters
    ----------
    given : path
        Absolute, relative, or from the user's home (~).

    Raises
    ------
    UserError
        If it is not a path.
    """
    try:
        where = writing.place(given).resolve()
    except (TypeError, ValueError) as error:  # also a zero character
        raise UserError(f"{given!r} is not a path ({error}): give a folder or a file") from error
    if not is_text(where):
        raise UserError(f"{shown(where)} {NAMELESS}")
    return where


def below(folder: Path) -> tuple[list[Path], list[Problem]]:
    """Every file below a folder, sorted; and folders that were not read, links and names that were left out.

    Real folders and files come first. A link leads to what lies elsewhere; one to something that is below the folder
    adds nothing, so it neither renames nor hides it.

    Parameters
    ----------
    folder : Path
        Where to look: a real path.

    Returns
    -------
    files : list of Path
    problems : list of {"file", "problem"}
    """
    walk = _Walk(folder)
    return walk.files(), walk.problems


class _Walk:
    """One walk through a folder: real folders first, then the links that were met."""

    def __init__(self, folder: Path) -> None:
        self.top = os.path.realpath(folder)
        self.problems: list[Problem] = []
        self._found: dict[Path, str] = {}  # with its real path
        self._read: set[str] = set()  # real paths of folders
        self._links_to_folders: list[Path] = []
        self._links_to_files: list[Path] = []
        self._all_in(folder)
        while self._links_to_folders:
            self._follow(self._links_to_folders.pop(0))

    def files(self) -> list[Path]:
        real = set(self._found.values())
        found = list(self._found)
        for link in self._links_to_files:
            to = os.path.realpath(link)
            if to in real:
                self._say(link, _is_link(to))
            else:
                found.append(link)
        return sorted(found)

    def _say(self, path: str | os.PathLike[str], problem: str) -> None:
        self.problems.append({"file": shown(path), "problem": problem})

    def _follow(self, link: Path) -> None:
        to = os.path.realpath(link)
        if to in self._read:
            self._say(link, _is_link(to))
        elif Path(self.top).is_relative_to(to):
            self._say(link, f"is a link to {shown(to)}, which contains the folder that is read: not followed")
        else:
            self._all_in(link)

    def _all_in(self, folder: Path) -> None:
        waiting = [folder]
        while waiting:
            where = waiting.pop()
            real = os.path.realpath(where)
            if real in self._read:  # an earlier link led here
                continue
            self._read.add(real)
            try:
                with os.scandir(where) as listed:
                    entries = sorted(listed, key=lambda entry: entry.name)
            except OSError as error:
                self._say(where, f"is a folder that cannot be opened ({error.strerror or error})")
                continue
            for entry in entries:
                self._sort(entry, real, waiting)

    def _sort(self, entry: os.DirEntry[str], real: str, waiting: list[Path]) -> None:
        path = Path(entry.path)
        if not is_text(entry.name):
            self._say(path, NAMELESS)
        elif not _is_folder(entry):
            if entry.is_symlink():
                self._links_to_files.append(path)
            else:
                self._found[path] = os.path.join(real, entry.name)
        elif is_system(entry.name):
            self._say(path, "is a folder of the system, whose files are never recordings of a corpus: left out")
        elif entry.is_symlink():
            self._links_to_folders.append(path)
        else:
            waiting.append(path)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # links in a circle
        return False


def _is_link(to: str) -> str:
    return f"is a link to {shown(to)}, which counts under its own name"


def smallest_folder(paths: Iterable[Path]) -> Path:
    """The deepest folder that contains all these files.

    Parameters
    ----------
    paths : iterable of Path
        At least one.
    """
    return Path(os.path.commonpath([str(path.parent) for path in paths]))
