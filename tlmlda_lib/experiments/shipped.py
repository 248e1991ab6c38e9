"""The records that the book's scores are read from, wherever the library is: in a checkout, or inside the wheel.

A chapter's notebook travels alone, so the wheel carries the sealed collections of its checkout in one archive.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import query, store

# Where the wheel has its collections (tools/pack_records.py writes them), and where a checkout is, if this is one. They
# are not in the book's reference, which would print a path of the machine that built it.
ARCHIVE = Path(__file__).parent / "records.jsonl.xz"
CHECKOUT = Path(__file__).parents[2]
RESULTS = CHECKOUT / "results"


def records(grid: str | None = None, *, results: str | Path | None = None) -> list[query.Record]:
    """The library's own records.

    Parameters
    ----------
    grid : str, optional
        Only this collection, as "main" or "authors"; without it all whose runs were scored, which leaves out "stress"
        and "figure2".
    results : path, optional
        Another folder of records, sealed or as `tlmlda run` keeps them.

    Returns
    -------
    list of Record
        Those that count (`tlmlda_lib.experiments.query`), in the order of their keys; empty if the collection has none.

    Raises
    ------
    UserError
        If there are no records at all, one of them cannot be read, or two settings go by one name.
    """
    found, problems = store.scan(own() if results is None else results, grid=grid)
    if problems:
        raise UserError("; ".join(problems))
    return _counting(found, grid)


def _counting(found: list[dict[str, Any]], grid: str | None) -> list[query.Record]:
    return query.selected(r for r in found if r["grid"] == grid or (grid is None and "rules" in r))


def own() -> Path:
    """Where the library's own records lie: the folder of its checkout, else the archive inside the wheel.

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
        Without it ``results/`` of the working directory, if that holds records, else the library's own.
    """
    if results is not None:
        return Path(results)
    here = Path("results")
    if any(any(here.glob(pattern)) for pattern in ("*.jsonl", "*/*/*/*/seed-*.json")):
        return here
    try:
        found = own()
    except UserError:  # a wheel without an archive: whoever reads it says what is not there
        return here
    return found if found.exists() else here


def words(place: str | Path) -> str:
    """A place of records, or a file in it, as a sentence has it."""
    own = {Path(place), *Path(place).parents} & {ARCHIVE, RESULTS}
    return "those that came with the library" if own else str(place)
