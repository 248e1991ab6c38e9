"""The records that the book's scores are read from, wherever the library is: in a checkout, or inside the wheel.

A chapter's notebook travels alone, so the wheel carries the sealed collections of its checkout in one archive.
"""

from __future__ import annotations

import lzma
from functools import cache
from pathlib import Path
from typing import Any

from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import query, sealed, store

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
    if results is None and not (CHECKOUT / "pyproject.toml").is_file():
        return _counting(_archived(ARCHIVE), grid)
    found, problems = store.scan(RESULTS if results is None else results, grid=grid)
    if problems:
        raise UserError("; ".join(problems))
    return _counting(found, grid)


def _counting(found: list[dict[str, Any]], grid: str | None) -> list[query.Record]:
    return query.selected(r for r in found if r["grid"] == grid or (grid is None and "rules" in r))


@cache
def _archived(archive: Path) -> list[dict[str, Any]]:
    if not archive.is_file():
        raise UserError(f"{archive} is not there: install a wheel of this library, or give the folder of records")
    try:
        with lzma.open(archive, "rt", encoding="utf-8") as lines:
            found = sealed.records_of(lines, archive)
    except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise UserError(f"{archive} is damaged ({error}): install the library anew") from error
    return sorted(found, key=sealed.key)
