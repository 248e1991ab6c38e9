"""Names of records as a page writes them, many of them in few words. Part 3."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments.store import place as place


def alike(records: Sequence[Mapping[str, Any]], of: Callable[[Mapping[str, Any]], Any], what: str) -> None:
    """Raise `UserError` where two records differ in something, naming both and what it is."""
    for r in records:
        if of(r) != of(records[0]):
            both = f"{place(records[0])} and {place(r)}"
            raise UserError(f"records of {r['scheme']} differ in {what}, {both}: keep one of them in another folder")


def folded(places: Iterable[str]) -> list[str]:
    """Places of records, those of one folder together, as "main/B2C/tlmlda/recommended-afc2deb3/seed-0,1,2"."""
    split = sorted((name.rsplit("/seed-", 1) for name in set(places)), key=lambda x: (x[0], int(x[1])))
    grouped = itertools.groupby(split, key=lambda x: x[0])
    return [f"{folder}/seed-{','.join(seed for _, seed in members)}" for folder, members in grouped]


def unfolded(places: str) -> list[str]:
    """The other way: single places from a page's ``data-records``."""
    split = [part.rsplit("/seed-", 1) for part in places.split()]
    return [f"{folder}/seed-{seed}" for folder, seeds in split for seed in seeds.split(",")]
