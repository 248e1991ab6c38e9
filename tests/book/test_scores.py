"""The page of scores: its answer, its plot, the data behind it, and the sentences about the recorded runs."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tlmlda_lib.book.pages import scores as page
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.experiments import shipped, tables


@pytest.fixture(scope="module")
def some() -> list[dict[str, Any]]:
    """Recorded runs of the open schemes, without the methods that were run once."""
    kept = ("tlmlda", "only_cls")
    main = shipped.records("main")
    return [
        r for r in main if r["method"] in kept and r["preset"] == "recommended-is10" and r["scheme"] in OPEN_SCHEMES
    ]


def test_numbers_of_runs_are_said_by_method() -> None:
    rows = [("a", "B2C", 5), ("a", "C2B", 5), ("b", "B2C", 5), ("b", "C2B", 5), ("c", "B2C", 1), ("c", "C2B", 1)]
    table = pd.DataFrame(rows, columns=["method", "scheme", "seeds"])
    assert page.numbers_of_runs(table) == "`a` and `b` are means of 5 runs"
    table.loc[2, "seeds"] = 3
    assert page.numbers_of_runs(table) == (
        "`a` are means of 5 runs; `b` is a mean of 5 runs on C2B and a mean of 3 runs on B2C"
    )
    table.loc[2, "seeds"] = 1
    assert page.numbers_of_runs(table).endswith("`b` is a mean of 5 runs on C2B and a single run on B2C")


def test_lift_is_the_mean_difference_over_schemes_and_changes_its_sign(some: list[dict[str, Any]]) -> None:
    few = [r for r in some if r["scheme"] in ("B2C", "R2B") and r["seed"] < 3]
    war = {(r["method"], r["scheme"], r["seed"]): r["rules"]["final"]["war"] for r in few}
    by_hand = np.mean(
        [
            np.mean([war["tlmlda", s, k] - war["only_cls", s, k] for k in range(3)])  # scheme by scheme
            for s in ("B2C", "R2B")
        ]
    )
    found = page.lift(few)
    assert found.schemes == ("B2C", "R2B")
    assert found.value == pytest.approx(by_hand, abs=0.06)  # records keep one decimal
    other = {"tlmlda": "only_cls", "only_cls": "tlmlda"}
    assert page.lift([r | {"method": other[r["method"]]} for r in few]).value == pytest.approx(-found.value)


def test_gains_of_the_oracle_leave_single_runs_aside() -> None:
    table = pd.DataFrame({"seeds": [3, 5, 1], "oracle_war": [50.0, 44.0, 90.0], "score_war": [48.0, 40.0, 10.0]})
    assert page.lifts_of_the_oracle(table) == (3, 4)


@pytest.mark.parametrize(
    ("value", "p", "says"),
    [
        (2.0, 0.2, "no significant difference"),
        (2.0, 0.01, "a significant gain"),
        (-2.0, 0.01, "a significant loss"),
    ],
)
def test_summary_says_what_the_table_holds(some: list[dict[str, Any]], value: float, p: float, says: str) -> None:
    table = tables.summary(some, speakers=False)
    final = tables.by_scheme(table, "score", "war", OPEN_SCHEMES)
    gain = replace(page.lift(some), value=value, p_holm=p)
    answer = page.lead(table, final, gain).data
    assert f": {says}." in answer
    best = final["mean"]
    assert f"recognises {best.max():.1f} % of the utterances (`{best.idxmax()[0]}`)" in answer
    words = page.summary(some, table, final).data
    assert f"comes from {len(some)} records" in words
    of_scheme = table.groupby("scheme")["score_war"].max()
    assert f"hardest scheme is {of_scheme.idxmin()}, where no row passes {of_scheme.min():.1f} %" in words
    assert "10 speakers (B), 4 speakers (C)" in words


def test_plot_s_rows_are_those_of_the_table(some: list[dict[str, Any]]) -> None:
    table = tables.by_scheme(tables.summary(some, speakers=False), "final", "war", OPEN_SCHEMES)
    rows = page.means(some, draws=200)
    assert rows["war"].is_monotonic_decreasing
    assert sorted(rows["war"]) == pytest.approx(sorted(table["mean"]))
    assert (rows["low"] < rows["war"]).all()
    assert (rows["war"] < rows["high"]).all()
    figure = page.drawn(some, draws=200)
    (ax,) = figure.axes
    assert [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()] == list(rows["name"])


def test_the_picture_s_words_are_what_all_records_give() -> None:
    """The alternative text names the first five rows and the last one."""
    wide = tables.by_scheme(tables.summary(shipped.records("main"), speakers=False), "final", "war", OPEN_SCHEMES)
    order = wide["mean"].sort_values(ascending=False)
    names = order.index.get_level_values("method")
    assert len(order) == 29
    assert set(names[:5]) == set(page.OURS)
    assert 40.5 < order.iloc[4] < order.iloc[0] < 42
    assert names[-1] == "majority"
    assert round(order.iloc[-1]) == 24


def test_csv_has_every_row_and_score(some: list[dict[str, Any]]) -> None:
    table = tables.summary(some, speakers=False)
    text = base64.b64decode(page.data(table).data.split("base64,")[1].split('"')[0]).decode()
    read = pd.read_csv(io.StringIO(text))
    assert len(read) == len(table)
    assert read["final_war"].tolist() == pytest.approx(table["final_war"].tolist(), abs=0.006)
    assert "unsupervised_uar_low" in read


def test_stale_records_are_named_below_the_table(some: list[dict[str, Any]]) -> None:
    assert page.notes(some[:2]).data == tables.CAPTION
    old = some[0] | {"revisions": dict.fromkeys(some[0]["revisions"], 0)}
    caption, note = page.notes([old, some[1]]).data.split("\n\n")
    assert caption == tables.CAPTION
    assert note.startswith("1 records depend on an older revision")
