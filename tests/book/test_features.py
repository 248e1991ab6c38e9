"""From sound to numbers as a Python object: its contours lead to openSMILE's own features."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import numpy as np
import opensmile
import pytest
from numpy.typing import NDArray

from tlmlda_lib.book.explorables import SoundToNumbers
from tlmlda_lib.book.explorables.features import FUNCTIONALS, LEVELS, NOT_VOICED, measure, words_of
from tlmlda_lib.book.pages import features as page
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


# What the page computes


def parsed(names: list[str]) -> list[re.Match[str] | None]:
    return [re.fullmatch(r"(\w+?)_sma(_de)?(?:\W(\d+)\W)?_(.+)", name) for name in names]


def test_descriptors_are_counted_without_their_deltas() -> None:
    names = [f"{stem}_{f}" for stem in ("F0final_sma", "mfcc_sma[0]", "mfcc_sma[7]", "mfcc_sma_de[7]") for f in "abc"]
    lines = page.descriptors(parsed([*names, "F0final__Turn_duration"])).data.splitlines()
    assert lines[2:] == [
        f"| `mfcc`: {page.HEARS['mfcc']} | 2 | 3 |",
        f"| `F0final`: {page.HEARS['F0final']} | 1 | 3 |",
    ]
    for wrong in ("mfcc_sma[7]_d", "colour_sma_a"):
        with pytest.raises(ValueError, match=r".+"):
            page.descriptors(parsed([*names, wrong]))


def test_every_descriptor_of_the_set_has_words() -> None:
    set_of_names = opensmile.Smile(opensmile.FeatureSet.IS10)
    lines = page.descriptors(parsed(set_of_names.feature_names)).data.splitlines()[2:]
    assert len(lines) == len(page.HEARS)
    counts = [[int(n) for n in line.strip("| ").split(" | ")[1:]] for line in lines]
    assert sum(n for n, _ in counts) == 38
    # The page's text: 34 descriptors and their deltas with 21 functionals, 4 of the pitch with 19, and two numbers.
    assert sum(n * f for n, f in counts if f == 21) == 34 * 21 == 714
    assert 2 * sum(n * f for n, f in counts) + 2 == len(set_of_names.feature_names) == 1582
    assert (34 + 34) * 21 == 1428
    assert set_of_names.config_name == "IS10_paraling_compat"


def test_what_else_a_row_tells_is_said_in_its_order() -> None:
    words = page.what_else({"which speaker": 81.2, "gender": 92.4, "where": 73.1, "emotion": 54.9}).data
    assert "the emotion of 55 % of the utterances, a woman or a man in 92 %, studio or room in 73 %" in words
    assert words.endswith("the speaker in 81 %.")


def test_four_clips_are_named_and_can_be_shown() -> None:
    clips = page.clips()
    assert [one["name"] for one in clips] == list(page.CLIPS)
    assert len({len(one["samples"]) for one in clips}) > 1
    assert json.dumps(SoundToNumbers(clips[:1]).clips)
