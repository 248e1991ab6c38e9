"""The landing page: the players of its three voices, and the sentences about the recorded runs."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import soundfile

from tlmlda_lib.book.pages import index as page
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.experiments import shipped, tables

RATE = 16000


def voice(loudness: float, pitch: float, shimmer: float, harmonicity: float) -> page.Voice:
    samples = loudness * np.sin(2 * np.pi * pitch * np.arange(RATE) / RATE)
    return page.Voice(
        samples.astype(np.float32), RATE, {"pitch": pitch, "shimmer": shimmer, "harmonicity": harmonicity}
    )


CALM, ANGRY, LOUD = voice(0.1, 200, 0.5, 12), voice(0.02, 150, 1.5, 5), voice(0.4, 250, 0.6, 10)


@pytest.fixture(scope="module")
def some() -> list[dict[str, Any]]:
    """Recorded runs of the open schemes, without the methods that were run once."""
    kept = ("tlmlda", "only_cls")
    main = shipped.records("main")
    return [
        r for r in main if r["method"] in kept and r["preset"] == "recommended-is10" and r["scheme"] in OPEN_SCHEMES
    ]


def test_each_voice_has_a_player_and_all_are_equally_loud() -> None:
    html = page.players({"A": CALM, "B": ANGRY, "C": LOUD}).data
    assert re.findall(r'aria-label="voice (\w)"', html) == ["A", "B", "C"]
    sounds = [soundfile.read(io.BytesIO(base64.b64decode(s)))[0] for s in re.findall(r"base64,([^\"]+)", html)]
    levels = [np.sqrt((sound[4000:12000] ** 2).mean()) for sound in sounds]
    assert levels == pytest.approx([levels[0]] * 3, rel=0.02)


@pytest.mark.parametrize("other", [{"pitch": 140}, {"shimmer": 1.4}, {"harmonicity": 6}])
def test_the_answer_on_the_page_has_to_be_right(other: dict[str, float]) -> None:
    with pytest.raises(AssertionError):
        page.players({"A": replace(CALM, numbers=CALM.numbers | other), "B": ANGRY})


def test_the_voices_of_the_page_give_its_answer() -> None:
    assert 'aria-label="voice C"' in page.players(page.voices()).data


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
    words = page.summary(some, table, final, replace(page.lift(some), value=value, p_holm=p)).data
    assert f", in points: {says}; chapter 3.1" in words
    assert f"comes from {len(some)} records" in words
    best = table.groupby("method")["score_war"].mean()
    assert f"is {best.max():.1f} % (`{best.idxmax()}`," in words
    of_scheme = table.groupby("scheme")["score_war"].max()
    assert f"the hardest scheme is {of_scheme.idxmin()}, where no row passes {of_scheme.min():.1f} %" in words
    assert "10 speakers (B), 4 speakers (C)" in words


def test_stale_records_are_named_below_the_table(some: list[dict[str, Any]]) -> None:
    assert page.notes(some[:2]).data == tables.CAPTION
    old = some[0] | {"revisions": dict.fromkeys(some[0]["revisions"], 0)}
    caption, note = page.notes([old, some[1]]).data.split("\n\n")
    assert caption == tables.CAPTION
    assert note.startswith("1 records depend on an older revision")
