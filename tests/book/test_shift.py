"""Two corpora in a plane, as a Python object."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
import pytest
import soundfile

from tlmlda_lib.book.explorables import TwoCorpora
from tlmlda_lib.book.explorables.shift import RATE
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
