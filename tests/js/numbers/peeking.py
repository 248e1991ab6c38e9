"""Chapter 3.4's curves of a few runs that were never made, and what its audit makes of the same records."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import made_runs

from tlmlda_lib.book.pages.peeking import best_epochs
from tlmlda_lib.experiments import shipped, store

COLUMNS = ("best of seeds", "unsupervised", "final", "score")


def numbers() -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        for method, epochs, seeds in (("tlmlda", 14, 3), ("only_cls", 14, 2), ("tlmlda", 2, 1)):
            for k in range(seeds):
                run = made_runs.record("C2B", method, "authors", k, epochs=epochs, grid="authors")
                chosen = max(1, epochs // 2 - k)
                run["rules"]["unsupervised"] |= {"war": run["curve"]["war"][chosen - 1], "epoch": chosen}
                store.write(store.path(Path(folder), **run), run)
        records = shipped.records(results=Path(folder))
    series = best_epochs.series(records)
    audits = []
    for one in series:
        members = [r for r in records if r["method"] == one["method"] and len(r["curve"]["war"]) == one["epochs"]]
        assert len(members) == len(one["seeds"])
        values = {column: best_epochs.under(members, column) for column in COLUMNS}
        audits.append({column: getattr(figure, "value", None) for column, figure in values.items()})
    return {"series": series, "audits": audits}
