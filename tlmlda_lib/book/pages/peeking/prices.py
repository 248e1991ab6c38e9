"""The gain in WAR by each choice, with the records of each number. Chapter 3.4.

A price is the figure with a choice minus the figure without, in points.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.peeking import best_epochs
from tlmlda_lib.book.pages.traced import Figure
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.experiments import criteria, policy, published
from tlmlda_lib.experiments.plans import PRICED


def of_choices(records: Sequence[best_epochs.Record]) -> dict[str, dict[str, list[Figure | str]]]:
    """What each choice adds, by choice and scheme: under the oracle, and by `policy.score`, in points.

    One at a time: three of the runs as the scripts train; each further choice of theirs against the run that does
    without it, after as many epochs; C by target labels; the scaling of the preset ``recommended-is10``. "-" where the
    score has no part in it.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """
    made: dict[str, dict[str, list[Figure | str]]] = {}

    def put(choice: str, scheme: str, oracle: Figure, *others: Figure) -> None:
        made.setdefault(choice, {})[scheme] = [oracle, *(others or ("-",))]

    for scheme in best_epochs.SCHEMES:
        long = best_epochs.cell(records, "tlmlda", scheme, "authors")
        of_looking = best_epochs.of_seeds(
            long, lambda r: best_epochs.best(r) - policy.score(r), "oracle war minus score war", signed=True
        )
        put("the epoch", scheme, of_looking)
        top = int(np.mean([r["curve"]["war"] for r in long], axis=0).argmax()) if long else 0
        lengths = {r["seed"]: r["curve"]["war"][top] - policy.score(r) for r in long}
        of_length = traced.over_seeds(
            lengths, map(traced.place, long), "one epoch for all war minus score war", signed=True
        )
        put("one length of training for all seeds", scheme, of_length)
        if long:
            lift = max(map(best_epochs.best, long)) - float(np.mean([best_epochs.best(r) for r in long]))
            put("the best seed, at its best epoch", scheme, traced.derived(lift, long, "best seed", signed=True))
        short = best_epochs.after(records, "tlmlda", scheme, "authors", best_epochs.SHORT)
        for choice, change in PRICED.items():
            undone = best_epochs.cell(records, "tlmlda", scheme, "authors", epochs=best_epochs.SHORT, **change)
            put(choice, scheme, *best_epochs.gaps(short, (undone, "")))
    for scheme in OPEN_SCHEMES:
        svm = best_epochs.cell(records, "pca_svm", scheme, "zscore")
        by_labels = best_epochs.of_seeds(
            svm, lambda r: r["rules"]["oracle"]["war"] - r["rules"]["final"]["war"], "oracle war minus final war"
        )
        put("C of PCA + SVM", scheme, replace(by_labels, signed=True))
        ours = best_epochs.cell(records, "tlmlda", scheme, "recommended-is10")
        for within in ("corpus", "speaker"):
            other = best_epochs.cell(records, "tlmlda", scheme, "recommended-is10", within=within)
            put(f"scaling within voices, not {within}", scheme, *best_epochs.gaps((ours, ""), (other, "")))
    return made


def of_epochs(records: Iterable[best_epochs.Record]) -> dict[str, list[Figure]]:
    """What the best epoch adds to the score, in points, for each network that was run on all open schemes.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """
    runs = [r for r in best_epochs.whole(records) if r["method"] in best_epochs.SHOWN and criteria.has_epochs(r)]
    kinds = {(r["preset"], -len(r["curve"]["war"]), best_epochs.SHOWN.index(r["method"])) for r in runs}
    made = {}
    for preset, minus, which in sorted(kinds):
        method, line = best_epochs.SHOWN[which], []
        for scheme in OPEN_SCHEMES:
            of, of_first = best_epochs.after(runs, method, scheme, preset, -minus)
            what = f"oracle war minus score war{of_first}"
            line.append(best_epochs.of_seeds(of, lambda r: best_epochs.best(r) - policy.score(r), what, signed=True))
        if any(np.isnan(f.value) for f in line):
            continue
        made[f"{published.NAMES[method]}, {preset}, {-minus} epochs"] = line
    return made


def of_transfer(records: Sequence[best_epochs.Record], preset: str, epochs: int) -> dict[str, list[Figure]]:
    """What transfer adds: TLMLDA minus the same network without it, on the same seeds, after the same number of epochs.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    preset : str
        A preset of the method.
    epochs : int
        Number of epochs.

    Returns
    -------
    dict of str to list of Figure
        By open scheme: at the best epochs, and by `policy.score`, in points.
    """
    made = {}
    for scheme in OPEN_SCHEMES:
        sides = (best_epochs.after(records, method, scheme, preset, epochs) for method in ("tlmlda", "only_cls"))
        made[scheme] = best_epochs.gaps(*sides)
    return made
