"""Quantiles of scores as NumPy has them, and the library's bootstrap intervals over speakers and over utterances."""

from typing import Any

import numpy as np

from tlmlda_lib.evaluation import bootstrap_interval, war

#: Recognised and all utterances of each speaker.
CASES = (
    {"f1": (18, 30), "f2": (18, 30), "f3": (12, 30), "m1": (11, 30), "m2": (16, 30), "m3": (8, 30)},
    {"a": (46, 50), "b": (25, 60), "c": (3, 20)},
)
DRAWS = 20_000


def numbers() -> dict[str, Any]:
    rng = np.random.default_rng(2)
    lists = [rng.uniform(0, 100, n).round(3) for n in (1, 2, 7, 40)]
    return {
        "quantiles": [{"values": v.tolist(), "ends": np.quantile(v, [0.025, 0.975]).tolist()} for v in lists],
        "cases": [_case(people) for people in CASES],
    }


def _case(people: dict[str, tuple[int, int]]) -> dict[str, Any]:
    hits = np.concatenate([np.arange(total) < right for right, total in people.values()]).astype(int)
    who = np.repeat(np.arange(len(people)), [total for _, total in people.values()])
    truth = np.ones_like(hits)
    ends = {
        unit: bootstrap_interval(truth, hits, rows, draws=DRAWS)
        for unit, rows in (("speakers", who), ("utterances", np.arange(len(hits))))
    }
    speakers = [{"name": n, "right": right, "total": total} for n, (right, total) in people.items()]
    return {"speakers": speakers, "war": war(truth, hits), "ends": ends}
