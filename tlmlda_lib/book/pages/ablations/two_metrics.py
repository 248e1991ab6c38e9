"""Do the paper and the authors' README print two metrics? Their differences, and ours between two metrics. Chapter 3.1.

Accuracy (WAR) and UAR are equal where all classes of the target are equally large, as in CASIA. The public scripts
maximise both over the epochs, each by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.ablations import shares
from tlmlda_lib.book.pages.peeking import best_epochs
from tlmlda_lib.domains import PAPER_SCHEMES
from tlmlda_lib.experiments import published, query

Record = Mapping[str, Any]


def balance(scheme: str) -> str:
    """How equal the classes of a scheme's target are in size: "equal", "nearly equal" or "unequal".

    Parameters
    ----------
    scheme : str
        As "C2B".
    """
    ratio = min(max(sizes) / min(sizes) for sizes in shares.class_sizes(scheme))
    return "equal" if ratio == 1 else "nearly equal" if ratio < 1.05 else "unequal"


def differences() -> dict[str, dict[str, float]]:
    """README minus paper, by method and scheme, in points, for the three rows that both print."""
    return {
        method: {s: round(row[s] - published.PAPER[method][s], 2) for s in PAPER_SCHEMES}
        for method, row in published.README.items()
    }


def readings() -> dict[tuple[str, str], tuple[bool, bool]]:
    """Of every cell that both print and in which they differ: whether the README's number can be one run's WAR, and
    whether the paper's can.
    """
    readme, paper = published.README, published.PAPER
    return {
        (method, s): (shares.can_be_war(readme[method][s], s), shares.can_be_war(paper[method][s], s))
        for method, row in differences().items()
        for s, points in row.items()
        if points
    }


def apart(records: Iterable[Record], method: str, scheme: str) -> traced.Figure:
    """Best WAR minus best UAR over the epochs of each run of preset ``authors``, mean over the seeds, in points.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    method : str
        A key of `tlmlda_lib.methods.METHODS`.
    scheme : str
        As "C2B".
    """
    mine = [r for r in records if (r["method"], r["scheme"], r["preset"]) == (method, scheme, "authors")]
    runs = query.one_set(r for r in mine if r["grid"] == "authors" and not set(r["overrides"]) - {"epochs"})
    return best_epochs.of_seeds(
        runs, lambda r: max(r["curve"]["war"]) - max(r["curve"]["uar"]), "best war minus best uar", signed=True
    )
