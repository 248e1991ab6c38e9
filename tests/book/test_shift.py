"""Two corpora in a plane, as a Python object."""

from __future__ import annotations

import base64
import io
import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile

from tlmlda_lib.book.explorables import TwoCorpora
from tlmlda_lib.book.explorables.shift import RATE
from tlmlda_lib.book.pages import shift as page
from tlmlda_lib.errors import UserError
from tlmlda_lib.methods.pca_svm import C_GRID


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


def test_interval_over_speakers_has_to_be_longer() -> None:
    words = page.how_wide(120, 6, (30.0, 60.0), (40.0, 50.0)).data
    assert "The 120 utterances come from 6 speakers" in words
    assert "is 3.0 times as long" in words
    with pytest.raises(AssertionError):
        page.how_wide(120, 6, (40.0, 51.0), (40.0, 50.0))


def test_chosen_c_is_the_smallest_within_one_standard_error() -> None:
    rate, error = [50.0, 58.5, 60.0, 59.0, 40.0], [1.0, 1.0, 2.0, 1.0, 1.0]
    page.assert_one_standard_error(C_GRID[1], rate, error)
    for wrong in (C_GRID[0], C_GRID[2], C_GRID[3]):
        with pytest.raises(AssertionError):
            page.assert_one_standard_error(wrong, rate, error)


def test_price_is_what_the_best_c_gives_more() -> None:
    truth = np.array([0, 1, 2, 3])
    rows = np.array([[0, 0, 0, 0], [0, 1, 0, 0], [0, 1, 2, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0]])
    on_target = [25.0, 50.0, 75.0, 0.0, 25.0]
    words = page.price(SimpleNamespace(C_=C_GRID[1], target_predictions_=rows), truth, on_target).data
    assert "gives 50.0 %, the oracle 75.0 %. The difference, 25.0 points" in words
    with pytest.raises(AssertionError):
        page.price(SimpleNamespace(C_=C_GRID[2], target_predictions_=rows), truth, on_target)
