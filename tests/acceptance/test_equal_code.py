"""Changes of code that are said to change no figure: records of the code before come out equal to the last bit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tlmlda_lib import domains
from tlmlda_lib.experiments import grid, plans, provenance, store

RESULTS = Path(__file__).parents[2] / "results"


@pytest.mark.parametrize("before", provenance.EQUAL)
def test_records_of_the_code_before_come_out_equal(before, real_corpora, shared_cache, tmp_path, monkeypatch):
    monkeypatch.setenv("TLMLDA_CACHE", str(shared_cache))
    records, _ = store.scan(RESULTS, "main")
    of_code = [r for r in records if before in r["code"]["modules"].values() and r["seed"] == 0]
    first = {r["method"]: r for r in sorted(of_code, key=lambda r: (r["seconds"], r["scheme"]))[::-1]}
    assert first, f"no record in {RESULTS / 'main'} is of {before} any more: take it out of provenance.EQUAL"
    cells = [
        plans.Cell(r["scheme"], r["method"], r["preset"], r["seed"], r["overrides"], "main", ()) for r in first.values()
    ]

    def load(scheme, sets=("is10",)):
        return domains.load_pair(scheme, real_corpora, sets, progress=None)

    for outcome in grid.run_grid(cells, load, results=tmp_path, jobs=0):
        assert outcome.state == "done", outcome.message
        record, anew = store.figures(first[outcome.record["method"]]), store.figures(outcome.record)
        print(outcome.cell, *(round(r["rules"]["final"]["war"], 4) for r in (record, anew)))
        for name in record.keys() - {"code", "versions"}:  # a later record may say more
            assert anew[name] == record[name], name
