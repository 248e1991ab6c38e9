"""Records of the paper's Figure 2, the collection "figure2". Chapter 3.2.

`tlmlda_lib.experiments.scatter` computes them, one for each scheme and method. A record contains coordinates, and for
each point its domain, its emotion and the predicted emotion, but no recording's or speaker's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tlmlda_lib import domains
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import query, shipped, store
from tlmlda_lib.experiments.places import alike

#: The collection.
GRID = "figure2"

#: Columns of the paper's figure, by the library's names.
METHODS = ("only_cls", "tlmlda_m", "tlmlda")

_POINTS = ("domain", "emotion", "neighbours", "perplexity")
_SAME = ("scheme", "preset", "seed", "classes", "versions", "git_commit", "date")
Record = Mapping[str, Any]


def records_of(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The records of a scheme, one for each method.

    Parameters
    ----------
    content : mapping
        As from `tlmlda_lib.experiments.scatter.scheme_of`.
    """
    about = {k: content[k] for k in (*_SAME, "overrides")} | {k: content[k] for k in ("machine",) if k in content}
    about |= {"grid": GRID, "data": {"features": content["features"], "digest": content["data"]}}
    return [
        about
        | {
            "method": method,
            "options_digest": one["options_digest"],
            "points": {k: content[k] for k in _POINTS},
            "picture": {k: v for k, v in one.items() if k != "options_digest"},
            "revisions": content["revisions"][method],
        }
        for method, one in content["methods"].items()
    ]


def read(results: str | Path | None = None, schemes: Sequence[str] = domains.OPEN_SCHEMES) -> dict[str, dict[str, Any]]:
    """The existing pictures, by scheme; points as arrays.

    Chapter 3.2.

    Parameters
    ----------
    results : path, optional
        A folder of records, sealed or single; by default the library's own.
    schemes : sequence of str

    Returns
    -------
    dict of str to dict
        As from `tlmlda_lib.experiments.scatter.scheme_of`, but ``domain``, ``emotion`` and ``predicted`` are integers
        (n,), ``xy`` and ``again`` arrays (n, 2). Also ``places``: the place of each method's record. If records were
        made at different times, ``date`` and similar fields are those of the first method.

    Raises
    ------
    UserError
        If the folder does not exist, a record cannot be read, or a scheme's records do not match: two for one method,
        different options or recordings, or a method without one.
    """
    return of_records(shipped.records(GRID, results=results), schemes)


def of_records(records: Sequence[Record], schemes: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The pictures in records of the collection, as `read` gives them.

    Parameters
    ----------
    records : sequence of Record
        Records of the collection.
    schemes : sequence of str
        Which schemes.
    """
    by_scheme = {scheme: [r for r in records if r["scheme"] == scheme] for scheme in schemes}
    return {scheme: _content(of) for scheme, of in by_scheme.items() if of}


def _content(records: Sequence[Record]) -> dict[str, Any]:
    """One scheme's records, as `read` gives them."""
    by_method = _together(records)
    first = by_method[METHODS[0]]
    content = {k: first[k] for k in (*_SAME, "overrides", "machine") if k in first} | dict(first["points"])
    content |= {"features": first["data"]["features"], "data": first["data"]["digest"]}
    content |= {name: _codes(content[name]) for name in ("domain", "emotion")}
    content["methods"] = {m: _picture(r) for m, r in by_method.items()}
    content["revisions"] = {m: r["revisions"] for m, r in by_method.items()}
    content["places"] = {m: store.place(r) for m, r in by_method.items()}
    return content


def _picture(record: Record) -> dict[str, Any]:
    drawn = record["picture"]
    arrays = {name: np.array(drawn[name]).T for name in ("xy", "again")}
    return {"options_digest": record["options_digest"], **drawn, "predicted": _codes(drawn["predicted"]), **arrays}


def _together(records: Sequence[Record]) -> dict[str, Record]:
    """The records of a scheme that count, by method, in the order of `METHODS`; they must match."""
    by_method = {m: query.one_set(r for r in records if r["method"] == m) for m in METHODS}
    found: list[Record] = [r for of in by_method.values() for r in of]
    alike(found, lambda r: (r["preset"], r["overrides"], r["seed"]), "options or seed")
    alike(found, lambda r: (r["data"], r["points"]), "recordings")
    if missing := ", ".join(m for m, of in by_method.items() if not of):
        scheme, there = records[0]["scheme"], ", ".join(r["method"] for r in found)
        raise UserError(
            f"{scheme} has pictures for {there}, none for {missing}: run `tlmlda figure2 --scheme {scheme}` again"
        )
    return {r["method"]: r for r in found}


def _codes(text: str) -> np.ndarray:
    return np.array([int(c) for c in text], dtype=np.int64)
