"""The records behind the book's scores: in a checkout, or inside the wheel. Chapter 3.4.

A chapter's notebook may run without a checkout, so the wheel carries the sealed collections in one archive.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tlmlda_lib import files
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import query, store

# The wheel's collections (tools/pack_records.py writes them), and the checkout, if this is one. They have no
# documentation comment, since the book's reference would print a path of the machine that built it.
ARCHIVE = Path(__file__).parent / "records.jsonl.xz"
CHECKOUT = Path(__file__).parents[2]
RESULTS = CHECKOUT / "results"


def records(grid: str | None = None, *, results: str | Path | None = None) -> list[query.Record]:
    """The library's own records. Chapter 3.4.

    Parameters
    ----------
    grid : str, optional
        Only this collection, as "main" or "authors"; by default all with scored runs, which excludes "stress" and
        "figure2".
    results : path, optional
        Another folder of records, sealed or as `tlmlda run` keeps them.

    Returns
    -------
    list of Record
        Those that count (`tlmlda_lib.experiments.query`), in the order of their keys; empty for an empty collection.

    Raises
    ------
    UserError
        If there are no records, one of them cannot be read, or two settings share a name.
    """
    found, problems = store.scan(own() if results is None else results, grid=grid)
    if problems:
        raise UserError("; ".join(problems))
    return _counting(found, grid)


def _counting(found: list[dict[str, Any]], grid: str | None) -> list[query.Record]:
    return query.selected(r for r in found if r["grid"] == grid or (grid is None and "rules" in r))


def own() -> Path:
    """Place of the library's own records: the folder of its checkout, otherwise the archive inside the wheel.

    Raises
    ------
    UserError
        If the wheel has none.
    """
    if (CHECKOUT / "pyproject.toml").is_file():
        return RESULTS
    if not ARCHIVE.is_file():
        raise UserError(f"{ARCHIVE} is not there: install a wheel of this library, or give the folder of records")
    return ARCHIVE


def place(results: str | Path | None = None) -> Path:
    """The folder or archive of sealed records that a command reads.

    Parameters
    ----------
    results : path, optional
        By default ``results/`` in the working directory, if it contains records, otherwise the library's own.
    """
    if results is not None:
        return files.place(results)
    here = Path("results")
    if any(any(here.glob(pattern)) for pattern in ("*.jsonl", "*/*/*/*/seed-*.json")):
        return here
    try:
        found = own()
    except UserError:  # a wheel without an archive: reading it raises
        return here
    return found if found.exists() else here


def words(place: str | Path) -> str:
    """A place of records, or a file in it, in words.

    Parameters
    ----------
    place : path
        As from `place`.
    """
    own = {Path(place), *Path(place).parents} & {ARCHIVE, RESULTS}
    return "those that came with the library" if own else str(place)
