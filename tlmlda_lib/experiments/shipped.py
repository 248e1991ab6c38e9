"""The records that the book's figures are read from, wherever the library is: in a checkout, or inside the wheel.

A chapter's notebook travels alone, so the wheel carries the results of its checkout in one archive. Chapter 3.1.
"""

from __future__ import annotations

import tarfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import store

#: Where the wheel has its results (tools/pack_records.py writes them), and where a checkout is, if this is one.
ARCHIVE = Path(__file__).parent / "records.tar.xz"
CHECKOUT = Path(__file__).parents[2]


def records(grid: str | None = None, *, results: str | Path | None = None) -> list[dict[str, Any]]:
    """The library's own records.

    Parameters
    ----------
    grid : str, optional
        Only this collection, as "main" or "authors".
    results : path, optional
        Another folder of records, as `tlmlda run` fills it.

    Returns
    -------
    list of dict
        In the order of their paths; empty if the collection has none.

    Raises
    ------
    UserError
        If there are no records at all, or one of them cannot be read.
    """
    found, problems = store.scan(folder() if results is None else results, grid)
    if problems:
        raise UserError("; ".join(problems))
    return found


def folder() -> Path:
    """The folder of the library's own results: the checkout's, or the wheel's, unpacked for as long as Python runs.

    Raises
    ------
    UserError
        If this is no checkout, and the wheel has no archive.
    """
    if (CHECKOUT / "pyproject.toml").is_file():
        return CHECKOUT / "results"
    return Path(_unpacked(ARCHIVE).name)


@cache
def _unpacked(archive: Path) -> TemporaryDirectory[str]:
    if not archive.is_file():
        raise UserError(f"{archive} is not there: install a wheel of this library, or give the folder of records")
    place = TemporaryDirectory(prefix="tlmlda-results-")
    with tarfile.open(archive) as kept:
        kept.extractall(place.name, filter="data")
    return place
