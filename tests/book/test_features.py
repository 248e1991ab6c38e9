"""From sound to numbers as a Python object: its contours lead to openSMILE's own features."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import opensmile
import pytest
from numpy.typing import NDArray

from tlmlda_lib.book.explorables import SoundToNumbers
from tlmlda_lib.book.explorables.features import FUNCTIONALS, LEVELS, NOT_VOICED, measure, words_of
from tlmlda_lib.errors import UserError

RATE = 16000


def voice(seconds: float = 1.2, loudness: float = 0.1) -> NDArray[np.float32]:
    """Harmonics of a falling pitch, with a pause in the middle and a little noise."""
    hertz = np.geomspace(220, 120, int(seconds * RATE)) * (1 + 0.02 * np.sin(np.arange(int(seconds * RATE)) / 500))
    phase = np.cumsum(2 * np.pi * hertz / RATE)
    sound = sum(loudness * np.sin(k * phase) / k for k in range(1, 15))
    sound[len(sound) // 2 : len(sound) // 2 + 2400] = 0
    return (sound + np.random.default_rng(0).normal(0, 1e-3, len(sound))).astype(np.float32)


def clip(**changed: Any) -> dict[str, Any]:
    return {"name": "A", "samples": voice(), "rate": RATE, **changed}


def test_contours_are_those_that_the_features_are_of() -> None:
    contours, features = measure(voice(), RATE)
    assert len(features) == 1582
    assert {level: len(c) for level, c in contours.items()} == {"lld1": 34, "lld1_de": 34, "lld2": 4, "lld2_de": 4}
    for level, of_level in contours.items():
        for name, values in of_level.items():
            seen = values[: len(values) - LEVELS[level]].astype(float)
            if level.startswith("lld2"):
                seen = seen[seen != 0]
            assert len(seen) > 10
            unit = seen.std()
            assert features[f"{name}_amean"] == pytest.approx(seen.mean(), rel=1e-5, abs=1e-5 * unit)
            assert features[f"{name}_stddev"] == pytest.approx(unit, rel=1e-5)
            assert features[f"{name}_maxPos"] == seen.argmax()
            assert features[f"{name}_quartile3"] == pytest.approx(np.quantile(seen, 0.75), rel=1e-5, abs=1e-5 * unit)


def test_functionals_are_those_of_the_set() -> None:
    names = opensmile.Smile(opensmile.FeatureSet.IS10).feature_names
    of = {
        start: tuple(n.removeprefix(start) for n in names if n.startswith(start))
        for start in ("pcm_loudness_sma_de_", "F0final_sma_de_")
    }
    assert of["pcm_loudness_sma_de_"] == FUNCTIONALS
    assert of["F0final_sma_de_"] == tuple(f for f in FUNCTIONALS if f not in NOT_VOICED)


def read(text: str) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(text), "<f4")


def test_page_gets_the_bits_of_the_contours() -> None:
    widget = SoundToNumbers([clip(), clip(name="B", samples=voice(0.9, 0.02))], descriptor="mfcc[2]", delta=True)
    assert json.dumps(widget.clips)
    contours, features = measure(voice(), RATE)
    shown = widget.clips[0]
    assert np.array_equal(read(shown["contours"]["mfcc_sma_de[2]"]), contours["lld1_de"]["mfcc_sma_de[2]"])
    assert read(shown["features"]["mfcc_sma_de[2]"])[2] == np.float32(features["mfcc_sma_de[2]_amean"])
    assert np.isnan(read(shown["features"]["F0final_sma"])[FUNCTIONALS.index("percentile1.0")])
    assert shown["unseen"]["mfcc_sma_de[2]"] == 5
    assert shown["unseen"]["F0final_sma"] == 3
    assert len(widget.descriptors) == 38
    assert widget.chosen == {"clip": "A", "descriptor": "mfcc[2]", "delta": True, "functional": "amean"}


def test_descriptors_have_words() -> None:
    assert words_of("mfcc[12]") == "MFCC 12"
    assert words_of("F0final") == "pitch (Hz)"


@pytest.mark.parametrize(
    ("clips", "given", "word"),
    [
        ([], {}, "one to eight"),
        ([clip(), clip()], {}, "name of its own"),
        ([{"name": "A"}], {}, "'samples'"),
        ([clip(samples=voice()[:100])], {}, "0.5 to 10 seconds"),
        ([clip(samples=np.zeros(RATE))], {}, "silent"),
        ([clip()], {"descriptor": "colour"}, "'colour'"),
        ([clip()], {"functional": "mode"}, "'mode'"),
    ],
)
def test_what_is_wrong_is_said(clips: list[dict[str, Any]], given: dict[str, Any], word: str) -> None:
    with pytest.raises(UserError, match=word):
        SoundToNumbers(clips, **given)
