"""Counts of the corpora, and what mixes of them have left."""

from typing import Any

import numpy as np

from tlmlda_lib.book.explorables import corpus
from tlmlda_lib.corpora import EMOTIONS

MIXES = [("E", "B"), ("B", "E"), ("C", "B"), ("E", "R"), ("EC", "B"), ("BCR", "E"), ("", "C")]


def numbers() -> dict[str, Any]:
    rng = np.random.default_rng(3)
    printed = [(row["source"], row["target"], row["emotions"]) for row in corpus.PRINTED.values()]
    drawn = [(s, t, [e for e in EMOTIONS if rng.random() < 0.6]) for s, t in MIXES for _ in range(3)]
    shorter = [(s, t, e[:-1]) for s, t, e in printed]
    return {
        "counts": corpus.COUNTS,
        "files": corpus.FILES,
        "printed": corpus.PRINTED,
        "every": list(EMOTIONS),
        "mixes": [counted(*mix) for mix in (*printed, *shorter, *drawn)],
    }


def counted(source: str, target: str, emotions: list[str]) -> dict[str, Any]:
    learnt = np.sum([corpus.recordings(letter, emotions) for letter in source] or [(0, 0)], axis=0)
    return {
        "mix": {"source": source, "target": target, "emotions": emotions},
        "sizes": {"source": learnt.tolist(), "target": corpus.recordings(target, emotions)},
        "row": corpus.row_of_table_2(source, target, emotions) or "",
    }
