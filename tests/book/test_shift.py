"""Two corpora in a plane, as a Python object."""

from __future__ import annotations

import base64
import io
import json
import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile

from tlmlda_lib.book.explorables import TwoCorpora
from tlmlda_lib.book.explorables.shift import RATE
from tlmlda_lib.book.pages import shift as page
from tlmlda_lib.errors import UserError


def points(n: int = 8, **first: Any) -> list[dict[str, Any]]:
    emotions = ("anger", "sad")
    made = [{"corpus": "AB"[i % 2], "emotion": emotions[i // 2 % 2], "speaker": "s"} for i in range(n)]
    made[0] |= {"samples": 0.2 * np.sin(np.arange(16000) / 10), "rate": 16000, **first}
    return made


def maps(n: int = 8, **changed: Any) -> dict[str, dict[str, Any]]:
    xy = np.random.default_rng(0).normal(size=(n, 2))
    return {
        "one": {"xy": xy, "predicted": ["", "anger"] * (n // 2), **changed},
        "two": {"xy": -xy, "predicted": [""] * n},
    }


def test_page_gets_places_words_and_sound() -> None:
    widget = TwoCorpora(points(), maps())
    assert json.dumps([widget.points, widget.maps])
    assert [p["place"] for p in widget.points] == [0, 1] * 4
    assert [m["name"] for m in widget.maps] == ["one", "two"]
    assert widget.chosen == "one"
    assert np.abs(widget.maps[0]["xy"]).max() == 1000
    assert ["audio" in p for p in widget.points] == [True] + [False] * 7
    sound, rate = soundfile.read(io.BytesIO(base64.b64decode(widget.points[0]["audio"])))
    assert rate == RATE
    assert len(sound) / rate == pytest.approx(1, abs=0.15)  # MP3 fills its last frame


@pytest.mark.parametrize(
    ("given", "places", "word"),
    [
        (points(4), maps(4), "at least 6"),
        ([{**p, "corpus": "A"} for p in points()], maps(), r"\['A'\]"),
        ([{**p, "corpus": f"{i}"} for i, p in enumerate(points())], maps(), "two"),
        ([{"emotion": "anger"} for _ in range(8)], maps(), "needs one"),
        ([{**p, "emotion": "joy"} for p in points()], maps(), "'joy'"),
        (points(samples=np.zeros((3, 2))), maps(), r"\(3, 2\)"),
        (points(), {}, "no map"),
        (points(), maps(xy=np.zeros((3, 2))), r"shape \(3, 2\)"),
        (points(), maps(xy=np.full((8, 2), np.nan)), "finite"),
        (points(), maps(predicted=["anger"]), "1 predictions"),
        (points(), maps(predicted=["joy"] * 8), "'joy'"),
    ],
)
def test_what_is_wrong_is_said(given: list[dict[str, Any]], places: dict[str, Any], word: str) -> None:
    with pytest.raises(UserError, match=word):
        TwoCorpora(given, places)


# What the page computes


def test_scaling_is_scored_on_the_target_alone() -> None:
    pair = SimpleNamespace(
        classes=["anger", "fear", "sad", "happy"],
        target=np.array([False, True, True, True, False, True]),
        truth=np.array([0, 1, 2, 2]),
    )
    right = ["", "anger", "fear", "sad", "", "sad"]
    of = {
        "together": ["x", "sad", "anger", "anger", "x", "sad"],  # one of four
        "each corpus": ["x", "anger", "fear", "anger", "x", "fear"],  # two
        "each voice": right,
    }
    words = page.what_scaling_wins(pair, {name: {"predicted": predicted} for name, predicted in of.items()}).data
    assert words.startswith("**Notice.** ")
    assert "25.0 % of the target are recognised, where guessing gives 25." in words
    assert "50.0 % are recognised; with each voice, 100.0." in words


def test_the_table_of_people_has_every_scaling_the_best_first() -> None:
    found = page.scores(page.people())
    order = list(dict.fromkeys(found.index.get_level_values(0)))
    assert set(order) == {*page.SCALINGS.values(), "majority"}
    means = found.groupby("scaling")["war"].mean()
    assert order == sorted(order, key=lambda name: -means[name])
    assert len(found) == 6 * len(order)
    assert ((found["low"] < found["war"]) & (found["war"] < found["high"])).all()


def test_the_picture_of_people_has_a_dot_in_its_interval_for_each_scaling() -> None:
    found = page.scores(page.people())
    axes = page.scalings_drawn(found).axes
    assert [ax.get_title(loc="left") for ax in axes] == ["R2B", "B2R", "B2C", "C2B", "R2C", "C2R"]
    for ax in axes:
        *pairs, majority = ax.lines
        assert majority.get_xdata()[0] == found.loc[("majority", ax.get_title(loc="left")), "war"]
        assert len(pairs) == 2 * len(page.SCALINGS)
        for span, dot in zip(pairs[::2], pairs[1::2], strict=True):
            low, high = span.get_xdata()
            assert low < dot.get_xdata()[0] < high


def test_what_scales_best_names_means_and_differences() -> None:
    records = page.people()
    found = page.scores(records)
    means = found.groupby("scaling")["war"].mean()
    words = page.what_scales_best(found, records).data
    assert f"between {means['min-max, each corpus']:.1f} and {means['z-scores, each voice']:.1f} %**" in words
    assert re.search(r"z-scores within each corpus (gain|lose|make no significant difference:) ", words)
    worse = found.copy()
    worse.loc["z-scores, each voice", "war"] = 0.0
    with pytest.raises(AssertionError):
        page.what_scales_best(worse, records)
