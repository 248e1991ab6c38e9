"""Chapter 3.3's leaderboard of a few runs that were never made, and the library's order and differences of it."""

from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import made_sayings

from tlmlda_lib.book.pages.peers import leaderboard
from tlmlda_lib.evaluation import RULES
from tlmlda_lib.experiments import shipped, store

#: Method, preset, seeds, and how much is recognised on B2C and C2B; None is not run.
RUNS = (
    ("tlmlda", "recommended-is10", 3, (0.7, 0.5)),
    ("pca_svm", "zscore", 1, (0.45, 0.6)),
    ("pca_svm", "minmax", 1, (0.4, None)),
    ("only_cls", "recommended-is10", 3, (0.42, 0.42)),
)


def numbers() -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        for method, preset, seeds, heights in RUNS:
            for scheme, height in zip(("B2C", "C2B"), heights, strict=True):
                for k in range(seeds if height else 0):
                    run = made_sayings.record(scheme, method, k, preset=preset, kept=False, right=height or 0)
                    scaling = "minmax" if preset == "minmax" else "zscore"
                    run |= {"scaling": f"{scaling} within corpus", "seconds": 1.0, "peak_memory_mib": 1.0}
                    run["saw"] = {"speaker_metadata": True}
                    for i, rule in enumerate(RULES):
                        run["rules"][rule]["uar"] = run["rules"][rule]["war"] - i
                    store.write(store.path(Path(folder), **run), run)
        board = leaderboard.board(shipped.records(results=Path(folder)), draws=100)
    orders, gaps = {}, {}
    for scheme, (rule, metric) in product(("B2C", "C2B"), (("final", "war"), ("oracle", "uar"))):
        ranked = leaderboard.ranked(board, scheme, rule, metric)
        found = [leaderboard.gap(board, scheme, ranked[0], other, rule, metric) for other in ranked[1:]]
        orders[f"{scheme} {rule} {metric}"] = ranked
        gaps[f"{scheme} {rule} {metric}"] = [[f.value, *f.span] for f in found]
    return {"board": board, "orders": orders, "gaps": gaps}
