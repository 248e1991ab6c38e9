"""Records of the plan `streams` of runs that were never made: hits drawn at a given rate, speaker by speaker."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from tlmlda_lib.evaluation import RULES
from tlmlda_lib.experiments import contents, plans

#: Speakers of each corpus, and utterances of each speaker, a fifth of them of each of five classes.
SPEAKERS = {"B": 10, "C": 4, "R": 24}
PER = 50


def record(cell: plans.Cell, share: float, key: str) -> dict[str, Any]:
    """A record of a cell that recognises about this share; the key and the seed decide which utterances."""
    every, named = cell.described()
    rng = np.random.default_rng([cell.seed, zlib.crc32(key.encode())])
    speakers = SPEAKERS[cell.scheme[-1]]
    truth = np.tile(np.repeat(np.arange(5), PER // 5), speakers)
    who = np.repeat([f"{cell.scheme[-1]}/{s:02d}" for s in range(speakers)], PER)
    hit = rng.random(len(who)) < share
    war, uar = (100 * float(x) for x in (hit.mean(), np.mean([hit[truth == c].mean() for c in range(5)])))
    rule = {"war": war, "uar": uar, "epoch": 1, "hits": contents.pack(hit, truth, who)}
    # A network has epochs, and the mean of their last third is not the last one's.
    curve = {"war": [20.0] * 4 + [war - 3, war], "uar": [20.0] * 4 + [uar - 3, uar], "infomax": [0.0] * 6}
    return {
        **named,
        "params": every,
        "overrides": dict(cell.params),
        "rules": dict.fromkeys(RULES, rule),
        "curve": curve if cell.method == "ifn" else {"war": [war], "uar": [uar]},
        "classes": list("abcde"),
        "utterances": {str(s): [PER // 5] * 5 for s in np.unique(who)},
        "floor": {"chance": 20.0, "majority": 20.0},
        "data": {"features": list(cell.sets)},
        "revisions": {},
        "scaling": "zscore within corpus",
    }
