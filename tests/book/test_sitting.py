"""Chapter 0.1: distances from neutral, what is said of a run of any outcome, and of people's recordings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tlmlda_lib.book.pages import sitting as page
from tlmlda_lib.experiments import policy, shipped

RATE = 16000


def clip(corpus: str, emotion: str, pitch: float, loudness: float, noise: float = 0.0) -> dict[str, Any]:
    t = np.arange(2 * RATE) / RATE
    tone = sum(np.sin(2 * np.pi * k * pitch * t) / k for k in range(1, 15))
    samples = loudness * (tone + noise * np.random.default_rng(0).normal(size=len(t)))
    return {"corpus": corpus, "emotion": emotion, "samples": samples.astype(np.float32), "rate": RATE}


MADE = [
    clip("German", "neutral", 120, 0.02),
    clip("German", "anger", 180, 0.2),
    clip("German", "sad", 120, 0.01, noise=0.5),
    clip("English", "neutral", 200, 0.05),
    clip("English", "anger", 200, 0.05),
    clip("English", "sad", 100, 0.05),
]


def test_distances_from_neutral_are_those_that_were_put_in() -> None:
    away = page.from_neutral(MADE)
    assert away["German", "anger"]["pitch"] == pytest.approx(12 * np.log2(1.5), abs=0.1)
    assert away["German", "anger"]["level"] == pytest.approx(20, abs=0.01)
    assert away["German", "sad"]["harmonicity"] < -3
    assert away["English", "anger"] == {"level": 0, "pitch": 0, "harmonicity": 0}
    assert away["English", "sad"]["pitch"] == pytest.approx(-12, abs=0.1)


def test_table_has_a_row_for_each_emotion_and_corpus() -> None:
    numbers = {"level": -3.04, "pitch": 5.0, "harmonicity": 0.06}
    away = {(c, e): numbers for c in ("German", "English") for e in ("anger", "neutral", "sad")}
    lines = page.anger_and_sadness(away).data.splitlines()
    assert lines[0] == "| | level (dB) | pitch (semitones) | tone over noise (dB) |"
    assert lines[2] == "| anger, German | −3.0 | +5.0 | +0.1 |"
    assert [line.split("|")[1].strip() for line in lines[2:]] == [
        *("anger, German", "anger, English", "sad, German", "sad, English"),
    ]


def test_what_the_page_says_of_its_clips() -> None:
    """What stands below the table in plain words."""
    clips = page.clips()
    assert len(clips) == 15
    away = page.from_neutral(clips)
    anger, sadness = ({name: away[name, e] for name in page.NAMES.values()} for e in ("anger", "sad"))
    assert all(numbers["level"] > 0 and numbers["pitch"] > 0 for numbers in anger.values())
    assert anger["German"]["level"] > 10
    assert anger["German"]["pitch"] > 5
    assert all(0 < anger[name][n] < 3 for name in ("English", "Mandarin") for n in ("level", "pitch"))
    assert anger["English"]["harmonicity"] == min(numbers["harmonicity"] for numbers in anger.values()) < -2
    assert all(sadness[name]["level"] < -3 and sadness[name]["pitch"] < -1 for name in ("German", "Mandarin"))
    assert abs(sadness["English"]["level"]) < 1
    assert abs(sadness["English"]["pitch"]) < 0.5


def test_gap_is_in_percent_and_points() -> None:
    words = page.gap(0.8, 0.3, 0.45).data
    assert "Of 80.0 % within a corpus, 30.0 % are left" in words
    assert "brings back 15.0 points" in words
    assert "between 45.0 and 80.0 %" in words


@pytest.mark.parametrize(
    ("tlmlda", "apart", "floor", "says", "not_said"),
    [
        ([40, 44], 0.1, 0.05, ["10 % of what", "2.0 points more", "by up to 4.0", "the clouds have met"], "floor"),
        ([40, 44], 0.1, 0.2, ["below its floor even"], "never"),
        ([60, 62], 0.1, 0.05, ["21.0 points more"], "the clouds have met"),
        ([30, 34], 0.9, 0.05, ["90 % of what", "8.0 points fewer"], "the clouds have met"),
    ],
)
def test_outcomes_of_a_run(tlmlda: list[float], apart: float, floor: float, says: list[str], not_said: str) -> None:
    shares = {"tlmlda": tlmlda, "only_cls": [39.0, 41.0]}
    words = page.whether_it_helped(shares, {"tlmlda": apart, "only_cls": 1.0}, {"tlmlda": floor}).data
    assert all(part in words for part in says)
    assert not_said not in words


def answer(value: float, p: float) -> policy.Answer:
    return policy.Answer(value, value - 1, value + 1, p, p, ("B2C",), 7, (), (), "bootstrap of final war")


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ((3, 0.01), (4, 0.01), "With people, transfer helped on B2C and C2B. TLMLDA minus"),
        ((3, 0.01), (4, 0.5), "With people, transfer helped on B2C; on C2B there is no significant difference. TLMLDA"),
        ((3, 0.5), (4, 0.5), "With people, transfer helped on neither. TLMLDA minus"),
    ],
)
def test_verdicts_on_people(first: tuple[float, float], second: tuple[float, float], says: str) -> None:
    answers = {"B2C": answer(*first), "C2B": answer(*second), "the mean of both": answer(3.5, 0.1)}
    words = page.with_people(answers).data
    assert words.startswith(says)
    assert "over 7 seeds" in words
    assert "</data> on C2B, and <data" in words


def test_a_significant_loss_is_not_passed_over() -> None:
    with pytest.raises(AssertionError):
        page.with_people({"B2C": answer(-3, 0.01), "C2B": answer(1, 0.5)})


def test_people_are_asked_about_the_recommended_preset_alone() -> None:
    some = [r for r in shipped.records("main") if r["scheme"] in ("B2C", "C2B") and r["seed"] < 3]
    found = page.ask(some)
    assert list(found) == list(page.ASKED)
    assert {(r["method"], r["preset"]) for a in found.values() for r in a.records} == {
        ("tlmlda", "recommended-is10"),
        ("only_cls", "recommended-is10"),
    }
    both = (found["B2C"].value + found["C2B"].value) / 2
    assert found["the mean of both"].value == pytest.approx(both)
    assert found["B2C"].seeds == 3
