"""The audit's figures, against curves whose best, last and mean are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tlmlda_lib.book.pages import tables
from tlmlda_lib.book.pages.peeking import audit
from tlmlda_lib.experiments import plans, published, store


def record(
    scheme: str, seed: int, curve: Any, method: str = "tlmlda", preset: str = "authors", **overrides: Any
) -> Any:
    war = [float(x) for x in curve]
    return {
        "grid": "authors", "options_digest": store.options_digest(overrides), "date": "2000-01-01",
        "scheme": scheme, "method": method, "preset": preset, "seed": seed, "overrides": overrides,
        "params": {"epochs": len(war), "schedule": "constant"}, "curve": {"war": war, "uar": war, "infomax": war},
        "rules": {"final": {"war": war[-1]}, "unsupervised": {"war": war[0]}, "oracle": {"war": max(war)}},
    }  # fmt: skip


def curve(epochs: int, peak: float, at: int, end: float) -> np.ndarray:
    """30 until the peak, ``end`` in the last third of the epochs."""
    war = np.full(epochs, 30.0)
    war[at] = peak
    war[-(epochs // 3) :] = end
    return war


RECORDS = [
    record("C2B", 0, curve(500, 56, 20, 41)),
    record("C2B", 1, curve(500, 52, 20, 43)),
    record("C2B", 0, curve(150, 50, 20, 36), epochs=150, noise="fresh"),
    record("C2B", 1, curve(150, 50, 20, 34), epochs=150, noise="fresh"),
]


def row_of(table: Any, **values: Any) -> dict[str, Any]:
    for column, value in values.items():
        table = table[table[column] == value]
    (row,) = table.to_dict("records")
    return row


def test_every_cell_that_b_and_c_allow_has_a_row_with_what_was_published() -> None:
    table = audit.audit([])
    assert set(table["scheme"]) == {"B2C", "C2B"}
    assert set(table["method"]) == {published.NAMES[m] for m in (*plans.TABLE_3, *plans.TABLE_4, "only_cls")}
    assert set(table["final"]) == {"not run"}
    row = row_of(table, method="TLMLDA", scheme="C2B")
    assert (row["paper"], row["README"]) == (57.11, 58.58)
    assert row_of(table, method="no transfer", scheme="C2B")["paper"] == "-"
    assert row_of(table, method="DoSL", scheme="C2B")["paper"] == 53.2


def test_ours_are_means_over_the_seeds_under_each_rule() -> None:
    row = row_of(audit.audit(RECORDS), method="TLMLDA", scheme="C2B", ours="authors")
    assert (row["seeds"], row["epochs"]) == (2, 500)
    assert (row["oracle"], row["unsupervised"], row["final"]) == (54, 30, 42)
    assert (row["score"], row["best of seeds"]) == (42, 56)


def test_what_a_run_itself_tells() -> None:
    table = audit.prices(RECORDS)
    assert row_of(table, choice="the epoch", scheme="C2B")["oracle"] == ((56 - 41) + (52 - 43)) / 2
    assert row_of(table, choice="the best seed, at its best epoch", scheme="C2B")["oracle"] == 2
    apart = [record("C2B", 0, curve(500, 60, 20, 41)), record("C2B", 1, curve(500, 52, 30, 41))]
    length = row_of(audit.prices(apart), choice="one length of training for all seeds", scheme="C2B")
    assert length["oracle"] == ((60 - 41) + (30 - 41)) / 2  # one length for both: that of the higher mean


def test_a_choice_is_priced_against_as_many_epochs_of_the_long_run() -> None:
    row = row_of(audit.prices(RECORDS), choice="one noise vector for all samples", scheme="C2B")
    assert row["seeds"] == 2
    assert row["oracle"] == ((56 - 50) + (52 - 50)) / 2
    assert row["score"] == ((30 - 36) + (30 - 34)) / 2  # after 150 epochs the long runs were at 30
    shaken = [r | {"curve": r["curve"] | {"war": [*r["curve"]["war"][:-1], 90.0]}} for r in RECORDS[2:]]
    shaken_row = row_of(audit.prices([*RECORDS[:2], *shaken]), choice="one noise vector for all samples", scheme="C2B")
    assert shaken_row["score"] == pytest.approx(30 - (49 * 35 + 90) / 50)  # a third is fifty epochs, one is the last
    assert np.isnan(row["oracle high"])  # two seeds make no interval


def test_three_seeds_make_an_interval() -> None:
    third = [
        record("C2B", 2, curve(500, 54, 20, 43)),
        record("C2B", 2, curve(150, 50, 20, 35), epochs=150, noise="fresh"),
    ]
    row = row_of(audit.prices([*RECORDS, *third]), choice="one noise vector for all samples", scheme="C2B")
    half = 4.30265272975 * np.std([6, 2, 4], ddof=1) / np.sqrt(3)
    assert row["oracle high"] - row["oracle"] == pytest.approx(half)


def test_what_was_not_run_says_so() -> None:
    table = audit.prices(RECORDS)
    assert set(plans.PRICED) <= set(table["choice"])
    row = row_of(table, choice="alpha by scheme", scheme="B2C")
    assert row["seeds"] == 0
    assert np.isnan(row["score"])


def test_the_scaling_of_the_recommended_preset_is_priced_on_the_same_seeds() -> None:
    def ours(seed: int, war: float, **overrides: Any) -> Any:
        return record("R2B", seed, [war], preset="recommended-is10", **overrides)

    records = [ours(0, 50), ours(1, 54), ours(2, 90), ours(0, 47, within="corpus"), ours(1, 49, within="corpus")]
    row = row_of(audit.prices(records), choice="scaling within voices, not corpus", scheme="R2B")
    assert (row["seeds"], row["score"]) == (2, 4)


def test_the_command_prints_both() -> None:
    for name in ("audit", "prices"):
        word = {"audit": "TLMLDA_alpha", "prices": "one noise vector"}[name]
        assert word in tables.text(tables.make(name, RECORDS), "markdown")
