"""Where files lie, and how they are written: whole or not at all.

No other module opens a file for writing, asks the environment for a folder, or decides what an output may replace.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tlmlda_lib.errors import UserError

#: The environment variables that name a folder.
CACHE, CORPORA, ENCODERS = "TLMLDA_CACHE", "TLMLDA_CORPORA", "TLMLDA_ENCODERS"

#: Seconds after which the writer of a temporary file is dead: such files live for milliseconds.
STALE = 3600.0

_TEMPORARY = re.compile(r"\..+\.(\d+)\.[0-9a-f]{8}\.tmp")

AnyPath = str | os.PathLike[str]


# Where they lie


def place(given: AnyPath) -> Path:
    """A path as the user meant it: "~" is a home, also where no shell has read it.

    Parameters
    ----------
    given : path
        As written in an option, an argument or a variable.

    Raises
    ------
    UserError
        If nobody here has the home that it names.
    """
    try:
        return Path(given).expanduser()
    except RuntimeError as error:
        raise UserError(f"{os.fspath(given)} names the home of a user who is not here: write the whole path") from error


def named_by(variable: str, given: AnyPath | None = None) -> Path | None:
    """The folder that is given, else the one that an environment variable names; None without either.

    Parameters
    ----------
    variable : str
        `CACHE`, `CORPORA` or `ENCODERS`; an empty one counts as not set.
    given : path, optional
        It takes precedence.

    Returns
    -------
    Path or None
        An absolute path: the working directory may change later.
    """
    named = os.fspath(given) if given else os.environ.get(variable, "").strip()
    return Path(os.path.abspath(place(named))) if named else None


def cache(part: str, given: AnyPath | None = None) -> Path:
    """A folder of the cache: below the one that is given, else below TLMLDA_CACHE, else in the user's cache.

    Parameters
    ----------
    part : str
        "features", "checkpoints" or "speech".
    given : path, optional
        It takes precedence.
    """
    if (named := named_by(CACHE, given)) is not None:
        return named / part
    import platformdirs

    return Path(platformdirs.user_cache_dir("tlmlda_lib", appauthor=False)) / part


# How they are written


def write(file: AnyPath, content: str | bytes) -> None:
    """Write a file so that a crash, a full disk or another writer leaves the old content or the new one.

    A temporary file beside it is written, synced and renamed. Links stay links, and the mode of an older file stays.

    Parameters
    ----------
    file : path
        Its folder is made where absent.
    content : str or bytes
        All of it; text becomes UTF-8.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    file = Path(os.path.realpath(place(file)))
    file.parent.mkdir(parents=True, exist_ok=True)
    sweep(file.parent)
    for attempt in range(3):
        temporary = file.with_name(f".{file.name[:50]}.{os.getpid()}.{uuid.uuid4().hex[:8]}.tmp")
        try:
            with open(temporary, "xb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            with suppress(OSError):
                os.chmod(temporary, stat.S_IMODE(file.stat().st_mode))
            os.replace(temporary, file)
            break
        except FileNotFoundError:  # a sweeper on another machine took it for a dead process's file
            if attempt == 2:
                raise
        finally:
            temporary.unlink(missing_ok=True)
    _sync(file.parent)


def _sync(folder: Path) -> None:
    """The new name must survive a power failure, too; some file systems do not sync folders."""
    if os.name != "posix":
        return
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def sweep(folder: Path) -> None:
    """Remove the temporary files of writers that no longer run.

    Parameters
    ----------
    folder : Path
        Where they wrote.
    """
    import psutil

    names: list[str] = []
    with suppress(OSError):  # a folder may take files and not show them
        names = os.listdir(folder)
    for name in names:
        if (match := _TEMPORARY.fullmatch(name)) is None:
            continue
        left = folder / name
        with suppress(OSError):  # another process may sweep as well
            if not psutil.pid_exists(int(match[1])) or time.time() - left.stat().st_mtime > STALE:
                left.unlink()


def set_aside(file: Path) -> None:
    """Give a file that is not what it should be another name, ``<name>.damaged``, so that nothing is lost.

    Parameters
    ----------
    file : Path
        The file; one that cannot be moved stays.
    """
    with suppress(OSError):
        os.replace(file, file.with_name(f"{file.name}.damaged"))


def is_writable(folder: Path) -> bool:
    """Whether a folder is there, or can be made, and takes files.

    Parameters
    ----------
    folder : Path
        It is made where absent.
    """
    return not why_not_writable(folder)


def why_not_writable(folder: Path) -> str:
    """Why a folder takes no files, in the system's words; "" if it does.

    Parameters
    ----------
    folder : Path
        It is made where absent.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (FileExistsError, NotADirectoryError):
        return f"{folder} is not a folder"
    except OSError as error:
        return error.strerror or str(error)
    return ""


# What an output may replace


def check_output(
    file: AnyPath,
    option: str,
    inputs: Mapping[Any, str] | None = None,
    read: Iterable[tuple[AnyPath | None, str, Sequence[str]]] = (),
) -> None:
    """Check before the work that a file can be written, and that it is none of a command's inputs.

    Parameters
    ----------
    file : path
        The output; its folder is made.
    option : str
        The option that names it, for the message.
    inputs : mapping of path to str
        Files that are read, and what each is, as "the model"; None is no file.
    read : iterable of (path, str, sequence of str)
        Folders that are read, what is read there, as "a record", and the endings of its names: no output may have such
        a name in such a folder, whether or not there is a file.

    Raises
    ------
    UserError
        If it cannot be written, or is an input.
    """
    file = place(file)
    refuse_inputs(file, option, inputs or {})
    suffixes = {Path(name).suffix.lower() for name in (file, os.path.realpath(file))}
    for folder, what, endings in read:
        if folder is not None and suffixes & set(endings) and _is_below(file, place(folder)):
            raise UserError(f"{option} {file}: this would be {what} in {folder}, which is read: give another file")
    why = why_not_writable(Path(os.path.realpath(file)).parent)
    with suppress(OSError):
        if not why and file.is_dir():
            why = "it is a folder"
        elif not why and file.exists() and not file.is_file():
            why = "it is not a regular file"
        elif not why and file.exists() and not os.access(file, os.W_OK):
            why = "it is read-only"
    if why:
        raise refused(file, why, option)


def put(file: AnyPath, content: str | bytes, instead: str) -> None:
    """Write a file as `write` does, for a user.

    Parameters
    ----------
    file : path
        The output.
    content : str or bytes
        All of it.
    instead : str
        What to give another of where it cannot be written: an option, "file", "folder".

    Raises
    ------
    UserError
        If it cannot be written.
    """
    try:
        write(file, content)
    except OSError as error:
        raise refused(file, error, instead) from error


def refused(file: AnyPath, why: OSError | str, instead: str) -> UserError:
    """What to raise where a file cannot be written.

    Parameters
    ----------
    file : path
        The output.
    why : OSError or str
        What the system said.
    instead : str
        What to give another of: an option, "file", "folder".

    Examples
    --------
    >>> refused("a/b.csv", "Permission denied", "--out")
    UserError('a/b.csv cannot be written (Permission denied): give another --out')
    """
    said = why.strerror or why if isinstance(why, OSError) else why
    return UserError(f"{os.fspath(file)} cannot be written ({said}): give another {instead}")


def refuse_inputs(file: AnyPath, option: str, inputs: Mapping[Any, str]) -> None:
    """Raise `UserError` if an output is one of the files that are read, under whatever name.

    Parameters
    ----------
    file : path
        The output.
    option : str
        The option that names it.
    inputs : mapping of path to str
        Files that are read, and what each is, as "the model"; None is no file.
    """
    file = place(file)
    if not file.exists():
        return
    for given, what in inputs.items():
        if given is not None and is_same(file, given):
            raise UserError(f"{option} {file}: this is {what}, which is not overwritten: give another file")


def is_same(one: AnyPath, other: AnyPath) -> bool:
    """Whether two paths lead to one file, by links or spelling, or would if it were there.

    Parameters
    ----------
    one, other : path
        Any.
    """
    one, other = place(one), place(other)
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return os.path.realpath(one) == os.path.realpath(other)


def _is_below(file: Path, folder: Path) -> bool:
    return Path(os.path.realpath(folder)) in Path(os.path.realpath(file)).parents
