"""Targets of one gender or of one speaker beside the same recordings within the whole, on records that are made up."""

from __future__ import annotations

import numpy as np
import pytest

from tlmlda_lib.experiments import parts, plans, shipped, store

BY_SPEAKER = {f"emodb/{name}": 10.0 * i for i, name in enumerate(("03", "08", "09", "10", "11"), 1)}


def made(grid, scheme, seed, war):
    final = {"war": war, "by_gender": {"female": war + 1, "male": war - 1}, "by_speaker": BY_SPEAKER}
    return {
        "grid": grid,
        "scheme": scheme,
        "method": "tlmlda",
        "preset": "recommended",
        "overrides": {},
        "options_digest": store.options_digest({}),
        "seed": seed,
        "rules": {"final": final},
    }


def test_the_same_recordings_are_set_beside_each_other():
    records = [made("main", "C2B", k, 50.0 + k) for k in range(5)]
    records += [made("parts", "C2B-female", k, 60.0 + k) for k in (0, 1)] + [made("parts", "C2B-male", 1, 40.0)]
    records += [
        made("parts", f"C2B-{name}", 0, w) for name, w in zip(plans.SOME_SPEAKERS["B"], (1, 2, 3, 6), strict=True)
    ]
    records += [made("main", "B2C", 0, 1.0), {**made("main", "C2B", 0, 1.0), "method": "only_cls"}]
    found = parts.beside(records, "C2B", "tlmlda")
    values = {kind: tuple(f.value for f in both) for kind, both in found.items()}
    assert values == {"female": (51.5, 60.5), "male": (50.0, 40.0), "speaker": (25.0, 3.0)}
    within, alone = found["speaker"]
    assert len(within.records) == 1
    assert len(alone.records) == 4


def test_what_was_not_run_has_no_figure():
    records = [made("main", "C2B", 0, 50.0), made("parts", "C2B-03", 0, 1.0)]
    assert all(np.isnan(f.value) for both in parts.beside(records, "C2B", "tlmlda").values() for f in both)


@pytest.mark.parametrize("method", ["tlmlda", "only_cls"])
def test_the_shipped_records_have_every_part(method):
    records = shipped.records("main") + shipped.records("parts")
    found = [f for s in ("B2C", "C2B", "R2B") for both in parts.beside(records, s, method).values() for f in both]
    assert all(10 < f.value < 90 for f in found)
