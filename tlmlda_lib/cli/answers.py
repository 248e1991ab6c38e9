"""What `tlmlda adapt` prints: the emotions that were named, and a score. Chapter 3.5."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from tlmlda_lib.cli import terminal

if TYPE_CHECKING:
    from rich.table import Table

    from tlmlda_lib.experiments.adaptation import Score


def named(counts: Mapping[str, int], unsure: Mapping[str, int]) -> Table:
    """How often each emotion was named, and how often the networks differed.

    Parameters
    ----------
    counts, unsure : mapping of str to int
        Recordings by emotion.
    """
    whole = sum(counts.values())
    table = terminal.plain_table("emotion", "recordings", "share", "of these unsure", right=3)
    for name, n in counts.items():
        table.add_row(name, str(n), f"{100 * n / whole:.0f} %", str(unsure[name]))
    return table


def score(found: Score, width: int) -> list[Any]:
    """A score in sentences, and who is taken for whom.

    Parameters
    ----------
    found : Score
    width : int
        Largest width.
    """
    known = found.labelled - sum(found.outside.values())
    lines = [f"labels: {found.labelled} recordings, {known} of them with an emotion that the networks know"]
    if found.outside:
        lines.append("others: " + ", ".join(f"{name} {n}" for name, n in found.outside.items()))
    if known:
        low, high = found.war_interval
        lines.append(
            f"WAR {found.war:.1f} % [{low:.1f}, {high:.1f}] of {known} (95 % interval over {found.over}), "
            f"UAR {found.uar:.1f} %; without transfer {found.without_transfer:.1f} %; chance {found.chance:.1f} %, "
            f"largest class {found.majority:.1f} %"
        )
        lines.append("WAR: the share of recordings that is right; UAR: the mean of the emotions' own shares")
        lines += [_of_doubt("all networks agree", found.sure), _of_doubt("unsure", found.unsure)]
    rows = [
        {"labelled": name}
        | {c: str(n) for c, n in zip(found.classes, counts, strict=True)}
        | {"recall %": _recall(found, name)}
        for name, counts in zip(found.truth, found.confusion, strict=True)
    ]
    genders = [f"{g}: {v:.1f} % [{lo:.1f}, {hi:.1f}] of {n}" for g, (v, lo, hi, n) in found.genders.items()]
    return [*lines, *terminal.frames(pd.DataFrame(rows), 1, width), *genders]


def _of_doubt(words: str, share: tuple[float, int]) -> str:
    value, n = share
    return f"{words}: {n} recordings" + ("" if math.isnan(value) else f", {value:.1f} % right")


def _recall(found: Score, name: str) -> str:
    if name not in found.recall:
        return "-"
    value, low, high, n = found.recall[name]
    return f"{value:.1f} [{low:.0f}, {high:.0f}] of {n}"
