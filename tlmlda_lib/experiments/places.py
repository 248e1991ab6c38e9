"""Names of records as a page writes them, many of them in few words. Part 3."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from tlmlda_lib.experiments import store


def place(record: Mapping[str, Any]) -> str:
    """Where a record lies below the folder of results, without ".json"."""
    return store.path("", **record).with_suffix("").as_posix()


def folded(places: Iterable[str]) -> list[str]:
    """Places of records, those of one folder together, as "main/B2C/tlmlda/recommended-ee4ed7d3/seed-0,1,2"; files that
    are no records of a seed, as "stress/B2C", after them."""
    names = set(places)
    split = sorted((name.rsplit("/seed-", 1) for name in names if "/seed-" in name), key=lambda x: (x[0], int(x[1])))
    grouped = itertools.groupby(split, key=lambda x: x[0])
    of_seeds = [f"{folder}/seed-{','.join(seed for _, seed in members)}" for folder, members in grouped]
    return of_seeds + sorted(name for name in names if "/seed-" not in name)


def unfolded(places: str) -> list[str]:
    """The other way: single places from a page's ``data-records``."""
    found = []
    for part in places.split():
        folder, cut, seeds = part.rpartition("/seed-")
        found += [f"{folder}{cut}{seed}" for seed in seeds.split(",")] if cut else [part]
    return found
