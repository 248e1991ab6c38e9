"""Names of records on a page, in short form. Part 3."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments.store import place as place


def alike(records: Sequence[Mapping[str, Any]], of: Callable[[Mapping[str, Any]], Any], what: str) -> None:
    """Raise `UserError` if two records differ in something, naming both and the difference.

    Parameters
    ----------
    records : sequence of dict
        At least one.
    of : callable
        What must be equal, from a record.
    what : str
        Its name, for the message.
    """
    for r in records:
        if of(r) != of(records[0]):
            both = f"{place(records[0])} and {place(r)}"
            raise UserError(f"records of {r['scheme']} differ in {what}, {both}: keep one of them in another folder")


def folded(places: Iterable[str]) -> list[str]:
    """Places of records in short form: one folder's together, as "main/B2C/pca_svm/zscore-ee4ed7d3/seed-0,1,2".

    Parameters
    ----------
    places : iterable of str
        As from `tlmlda_lib.experiments.store.place`.
    """
    split = sorted((name.rsplit("/seed-", 1) for name in set(places)), key=lambda x: (x[0], int(x[1])))
    grouped = itertools.groupby(split, key=lambda x: x[0])
    return [f"{folder}/seed-{','.join(seed for _, seed in members)}" for folder, members in grouped]


def unfolded(places: str) -> list[str]:
    """The inverse of `folded`: single places from a page's ``data-records``.

    Parameters
    ----------
    places : str
        In short form, separated by spaces.
    """
    split = [part.rsplit("/seed-", 1) for part in places.split()]
    return [f"{folder}/seed-{seed}" for folder, seeds in split for seed in seeds.split(",")]
