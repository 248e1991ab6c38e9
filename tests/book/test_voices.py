"""The three voices of chapter 1.1: their players, and the answer that the page gives."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from tlmlda_lib.book.pages import voices as page

RATE = 16000


def voice(loudness: float, pitch: float, shimmer: float, harmonicity: float) -> page.Voice:
    samples = loudness * np.sin(2 * np.pi * pitch * np.arange(RATE) / RATE)
    return page.Voice(
        samples.astype(np.float32), RATE, {"pitch": pitch, "shimmer": shimmer, "harmonicity": harmonicity}
    )


CALM, ANGRY, LOUD = voice(0.1, 200, 0.5, 12), voice(0.02, 150, 1.5, 5), voice(0.4, 250, 0.6, 10)


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
