"""A report to hand in, and how a teacher reads it."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tlmlda_lib import __version__
from tlmlda_lib.errors import UserError
from tlmlda_lib.teaching.exercises import EXERCISES, progress


def report(name: str, path: str | Path = "report.json") -> None:
    """Write what was checked since the kernel started, and print it as a table.

    Parameters
    ----------
    name : str
        Whose report it is.
    path : str or Path
        The JSON file that is written; an older one is replaced.

    Raises
    ------
    UserError
        If the name is empty, nothing was checked, or the file cannot be written.

    Notes
    -----
    The digest finds a file that was changed by accident or by hand. It proves nothing about who did the work: anyone
    can compute it.
    """
    if not name.strip():
        raise UserError("a report wants a name: report('Your name')")
    tried = progress()
    if not tried:
        raise UserError("nothing was checked since the kernel started: run the exercises' cells, then the report")
    content: dict[str, Any] = {
        "name": name.strip(),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "library": __version__,
        "python": platform.python_version(),
        "exercises": [asdict(entry) for entry in tried],
    }
    file = Path(path)
    text = json.dumps(content | {"digest": digest(content)}, indent=1, ensure_ascii=False) + "\n"
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{file} cannot be written ({error.strerror}): name another file") from error
    rows = [
        f"{entry.number:8} {entry.title:40} {'passed' if entry.passed else 'not passed':11}"
        f"{entry.tries:6} {entry.hints:6}"
        for entry in tried
    ]
    print("\n".join([f"{'exercise':49} {'':11}{'tries':>6} {'hints':>6}", *rows]))
    chapters = {entry.number.rpartition(".")[0] for entry in tried}
    left = [n for n in EXERCISES if n.rpartition(".")[0] in chapters and n not in {entry.number for entry in tried}]
    if left:
        print(f"Not tried: {', '.join(left)}.")
    print(f"Written to {file}; hand in this file.")


def read_report(path: str | Path) -> dict[str, Any]:
    """Read a report that was handed in.

    Parameters
    ----------
    path : str or Path
        The file that `report` wrote.

    Returns
    -------
    dict
        ``name``, ``written`` (UTC), ``library`` and ``python`` (versions), ``exercises`` (a dict each: ``number``,
        ``title``, ``tries``, ``hints``, ``passed``) and ``digest``.

    Raises
    ------
    UserError
        If the file is no report, or was changed after it was written.
    """
    file = Path(path)
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        stated = content.pop("digest")
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise UserError(f"{file} is not a report: ask for the file that report() wrote") from error
    if stated != digest(content):
        raise UserError(f"{file} was changed after it was written: ask for a new one")
    return content | {"digest": stated}


def digest(content: dict[str, Any]) -> str:
    """SHA-256 of the report without its digest, in 16 hex digits."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
