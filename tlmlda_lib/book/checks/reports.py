"""A report to hand in, one file per chapter and name, and how a teacher reads it."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tlmlda_lib import __version__, files
from tlmlda_lib.book.checks.exercises import EXERCISES, Progress, progress
from tlmlda_lib.book.checks.shown import class_word
from tlmlda_lib.errors import UserError

#: Letters of a name that stand in its file's name, and bytes of a file that may be a report.
LETTERS, LARGEST = 40, 1_000_000
_NUMBER = re.compile(r"\d+\.\d+\.\d+")


def report(name: str, folder: str | Path = ".") -> None:
    """Write what was checked since the kernel started, a file for each chapter, and print it as a table.

    Parameters
    ----------
    name : str
        Name of the student; a pseudonym is enough.
    folder : str or Path
        Where the files go: ``report-2.3-ann-smith.json`` for Ann Smith and chapter 2.3. An older one of the same name
        and chapter is replaced.

    Raises
    ------
    UserError
        If the name is empty, nothing was checked, or a file cannot be written.

    Notes
    -----
    The digest finds a file that was changed by accident or by hand. It proves nothing about who did the work: anyone
    can compute it.
    """
    name = " ".join(name.split())
    if not name:
        raise UserError("a report needs a name: report('Your name')")
    place = files.place(folder)
    if not place.is_dir() and place.suffix != ".json":
        raise UserError(f"{place} is not a folder, so the report cannot be written: name another folder")
    if place.suffix == ".json":
        raise UserError(f"{place}: give a folder, for the file is named after chapter and student")
    tried = progress()
    if not tried:
        raise UserError("nothing was checked since the kernel started: run the exercises' cells, then the report")
    chapters: dict[str, list[Progress]] = {}
    for entry in tried:
        chapters.setdefault(chapter_of(entry.number), []).append(entry)
    written = [_write(place / file_name(name, chapter), name, chapter, own) for chapter, own in chapters.items()]
    rows = [
        f"{entry.number:8} {entry.title:40} {'passed' if entry.passed else 'not passed':11}"
        f"{entry.tries:6} {entry.hints:6}"
        for entry in tried
    ]
    print("\n".join([f"{'exercise':49} {'':11}{'tries':>6} {'hints':>6}", *rows]))
    done = {entry.number for entry in tried}
    if left := [number for number in EXERCISES if chapter_of(number) in chapters and number not in done]:
        print(f"Not tried: {', '.join(left)}.")
    print(f"Written to {', '.join(map(str, written))}; hand in {'this file' if len(written) == 1 else 'these files'}.")


def _write(file: Path, name: str, chapter: str, tried: list[Progress]) -> Path:
    content: dict[str, Any] = {
        "name": name,
        "chapter": chapter,
        "class": class_word(),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "library": __version__,
        "python": platform.python_version(),
        "exercises": [asdict(entry) for entry in tried],
    }
    try:
        text = json.dumps(content | {"digest": digest(content)}, indent=1, ensure_ascii=False) + "\n"
        files.put(file, text, "folder")
    except UnicodeEncodeError as error:
        raise UserError(f"{name!r} contains a letter that cannot be written: give another name") from error
    return file


def chapter_of(number: str) -> str:
    """Chapter of an exercise: "2.3" of "2.3.1".

    Parameters
    ----------
    number : str
        The exercise's number.
    """
    return number.rpartition(".")[0]


def file_name(name: str, chapter: str) -> str:
    """Name of a report's file: the same on all systems, different for different names.

    Parameters
    ----------
    name, chapter : str
        As "Ann Smith" and "2.3".

    Returns
    -------
    str
        ``report-2.3-ann-smith.json``. A name with other signs than English letters, digits and single hyphens gives its
        letters without their marks, and eight digits of a digest: ``report-2.3-zoe_2752b886.json`` for Zoë. Capitals
        and the number of spaces make no other name.
    """
    whole_name = same_name(name)
    slug = "-".join(part.replace("-", "--") for part in whole_name.split(" "))
    if not re.fullmatch(r"[a-z0-9]+(-{1,2}[a-z0-9]+)*", slug) or len(slug) > LETTERS:
        letters = unicodedata.normalize("NFKD", whole_name).encode("ascii", "ignore").decode()
        short = "-".join(re.findall(r"[a-z0-9]+", letters))[:LETTERS].strip("-")
        slug = f"{short}_{hashlib.sha256(whole_name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
    return f"report-{chapter}-{slug}.json"


def same_name(name: str) -> str:
    """A name in the form in which names are compared: lower case, single spaces, composed letters.

    Parameters
    ----------
    name : str
        As the student wrote it.
    """
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).lower()).split())


def read_report(path: str | Path) -> dict[str, Any]:
    """Read a report that was handed in.

    Parameters
    ----------
    path : str or Path
        The file that `report` wrote.

    Returns
    -------
    dict
        ``name``, ``chapter``, ``class`` (the word that seeded the exercises' data, or None), ``written`` (UTC),
        ``library`` and ``python`` (versions), ``exercises`` (a dict each: ``number``, ``title``, ``tries``, ``hints``,
        ``passed``) and ``digest``.

    Raises
    ------
    UserError
        If the file is not a report, or was changed after it was written.
    """
    file = Path(path)
    no_report = f"{file} is not a report: ask for the file that report() wrote"
    try:
        if not file.is_file() and file.exists():
            raise UserError(f"{file} is not a file: ask for the file that report() wrote")
        if os.path.getsize(file) > LARGEST:
            raise UserError(no_report)
        content = json.loads(file.read_text(encoding="utf-8-sig"))
        stated = content.pop("digest")
        changed = stated != digest(content)
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror})") from error
    except UserError:
        raise
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise UserError(no_report) from error
    if changed:
        raise UserError(f"{file} was changed after it was written: ask for a new one")
    if not _is_whole(content):
        raise UserError(no_report)
    return {"class": None} | content | {"digest": stated}


def _is_whole(content: Mapping[str, Any]) -> bool:
    """Whether a report has everything that `report` writes, with the right types, all from one chapter."""
    texts = [content.get(key) for key in ("name", "chapter", "written", "library", "python")]
    exercises = content.get("exercises")
    if not all(isinstance(text, str) and text.strip() for text in texts) or not isinstance(exercises, list):
        return False
    try:
        when = datetime.fromisoformat(content["written"])
    except ValueError:
        return False
    numbers = [one.get("number") if isinstance(one, dict) else None for one in exercises]
    return (
        when.tzinfo is not None
        and (content.get("class") is None or isinstance(content["class"], str))
        and len(set(map(str, numbers))) == len(numbers) > 0
        and all(isinstance(n, str) and _NUMBER.fullmatch(n) and chapter_of(n) == content["chapter"] for n in numbers)
        and all(_is_entry(one) for one in exercises)
    )


def _is_entry(one: Mapping[str, Any]) -> bool:
    counts, passed = (one.get("tries"), one.get("hints")), one.get("passed")
    return (
        isinstance(one.get("title"), str)
        and all(type(count) is int and count >= 0 for count in counts)
        and (passed is None or isinstance(passed, str))
    )


def digest(content: dict[str, Any]) -> str:
    """SHA-256 of a report without its digest, in 16 hexadecimal digits.

    Parameters
    ----------
    content : dict
        The report without its digest.
    """
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
