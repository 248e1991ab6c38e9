"""The records that the book's figures are read from, wherever the library is: in a checkout, or inside the wheel.

A chapter's notebook travels alone, so the wheel carries the records of its checkout in one archive. Chapter 3.1.
"""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import store

#: Where the wheel has its records (tools/pack_records.py writes them), and where a checkout is, if this is one.
ARCHIVE = Path(__file__).parent / "records.tar.xz"
CHECKOUT = Path(__file__).parents[2]


def records(grid: str | None = None, *, results: str | Path | None = None) -> list[dict[str, Any]]:
    """The library's own records.

    Parameters
    ----------
    grid : str, optional
        Only this collection, as "main" or "authors".
    results : path, optional
        Another folder of records, as `tlmlda run` fills it. Without it, those of the checkout or of the wheel.

    Returns
    -------
    list of dict
        In the order of their paths; empty if the collection has none.

    Raises
    ------
    UserError
        If there are no records at all, or one of them cannot be read.
    """
    if results is None and not (CHECKOUT / "pyproject.toml").is_file():
        return _unpacked(grid)
    found, problems = store.scan(CHECKOUT / "results" if results is None else results, grid)
    if problems:
        raise UserError("; ".join(problems))
    return found


def _unpacked(grid: str | None) -> list[dict[str, Any]]:
    if not ARCHIVE.is_file():
        raise UserError(f"{ARCHIVE} is not there: install a wheel of this library, or give the folder of records")
    with tarfile.open(ARCHIVE) as kept:
        return [
            json.load(content)
            for entry in kept
            if (grid is None or entry.name.startswith(f"{grid}/")) and (content := kept.extractfile(entry))
        ]
