"""Chapter 0.1: distances from neutral, what is said of a run of any outcome, and of people's recordings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import recomputed_scores

from tlmlda_lib.book.pages import ears, traced
from tlmlda_lib.book.pages import sitting as page
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.experiments import plans, policy

RATE = 16000
ROOT = Path(__file__).parents[2]


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
    assert all(numbers["harmonicity"] < -0.5 for numbers in anger.values())
    assert all(sadness[name]["level"] < -3 and sadness[name]["pitch"] < -1 for name in ("German", "Mandarin"))
    assert abs(sadness["English"]["level"]) < 1
    assert abs(sadness["English"]["pitch"]) < 0.5


def test_gap_is_in_percent_and_points() -> None:
    words = page.gap(0.8, 0.3, 0.45).data
    assert "recognises 80.0 % within its corpus and 30.0 % in the other language" in words
    assert "brings back 15.0 points" in words
    assert (
        "no labels of Mandarin, so do not expect it to beat a classifier that has learnt from labelled Mandarin"
        in words
    )
    assert words.count("80.0 %") == 1, "a score in German is no limit for one in Mandarin"


@pytest.mark.parametrize(
    ("tlmlda", "apart", "says", "not_said"),
    [
        ([40, 44], 0.1, ["is 10 % of that", "2.0 points more", "by up to 4.0", "clouds have met"], "Closer: no"),
        ([40, 44], 0.1, ["recognised: no"], "recognised: yes"),
        ([60, 62], 0.1, ["recognised: yes"], "recognised: no"),
        ([60, 62], 0.1, ["21.0 points more"], "clouds have met"),
        ([30, 34], 0.9, ["is 90 % of that", "8.0 points fewer"], "clouds have met"),
        ([30, 34], 1.2, ["Closer: no", "is 120 % of that"], "Closer: yes"),
    ],
)
def test_outcomes_of_a_run(tlmlda: list[float], apart: float, says: list[str], not_said: str) -> None:
    shares = {"tlmlda": tlmlda, "only_cls": [39.0, 41.0]}
    words = page.whether_it_helped(shares, {"tlmlda": apart, "only_cls": 1.0}).data
    assert all(part in words for part in says)
    assert not_said not in words


def run(sets: tuple[str, ...], method: str, preset: str, scheme: str, seed: int, war: float) -> dict[str, Any]:
    return {
        **{"grid": "made", "scheme": scheme, "method": method, "preset": preset, "overrides": {}, "seed": seed},
        **{"options_digest": "0", "data": {"features": list(sets)}, "params": {"averaged": 1 / 3}, "curve": {}},
        "rules": {"final": {"war": war, "uar": war}},
    }


def runs(alone: float = 56, whole: float = 63) -> tuple[list[dict[str, Any]], ...]:
    """Records of all steps: of the network on both sets of features, and of the support vector machine."""
    networks = [
        run(sets, method, "chosen", scheme, seed, war + seed - 1 - (0 if sets == ears.BEST else 16))
        for sets in (ears.IS10, ears.BEST)
        for method, war in (("only_cls", alone), ("tlmlda", whole))
        for scheme in OPEN_SCHEMES
        for seed in range(3)
    ]
    machines = {
        sets: [
            run(sets, "pca_svm", preset, scheme, 0, war)
            for preset, war in (("zscore", 30.0), ("voices", 31.0), ("minmax", 99.0))
            for scheme in OPEN_SCHEMES
        ]
        for sets in (ears.IS10, ears.BEST)
    }
    return [*networks, *machines[ears.BEST]], machines[ears.IS10], unscaled()


#: Percent within each corpus, on IS10; a speaker differs from the next by a point.
INSIDE = {"emodb": 70.0, "casia": 60.0, "ravdess": 44.0}


def unscaled() -> list[dict[str, Any]]:
    """Records of the support vector machine by the source's scale, five points better on the encoder's features."""
    shares = {s: 25.0 + i for i, s in enumerate(OPEN_SCHEMES)}
    for corpus, schemes in plans.HELD_OUT.items():
        middle = (len(schemes) - 1) / 2
        shares |= {s: INSIDE[corpus] + i - middle for i, s in enumerate(schemes)}
    return [
        run(sets, "pca_svm", "zscore", scheme, 0, war + better) | {"grid": "gap", "overrides": {"within": "source"}}
        for sets, better in ((ears.IS10, 0), (ears.BEST, 5))
        for scheme, war in shares.items()
    ]


def answers(value: float = 6.9, p: float = 0.003) -> dict[str, policy.Answer]:
    one = policy.Answer(value, value - 1, value + 1, p, p, ("B2C",), 7, (), (), "bootstrap of final war")
    return dict.fromkeys(ears.QUESTIONS, one)


def test_each_step_is_scored_on_each_set_of_features() -> None:
    scores = page.people(*runs())
    assert [(round(of.value), of.low < of.value) for of in scores.values()] == [
        *((58, False), (28, False), (30, False), (31, False), (40, True), (47, True)),
        *((63, False), (32, False), (30, False), (31, False), (56, True), (63, True)),
    ]


def test_the_picture_has_a_mark_for_each_score_and_an_interval_where_there_are_seeds() -> None:
    scores = page.people(*runs())
    (axes,) = page.people_drawn(scores).axes
    marks = [float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() in "sD"]
    assert sorted(marks) == pytest.approx(sorted(of.value for of in scores.values()))
    assert len(axes.collections) == 4
    assert sorted(text.get_text() for text in axes.texts) == sorted(f"{of.value:.1f}" for of in scores.values())
    assert [label.get_text() for label in axes.get_yticklabels()] == list(page.ROWS)


def test_within_a_corpus_speakers_count_alike_and_so_do_corpora() -> None:
    """R has most speakers, and no more weight for it."""
    gap = unscaled()
    found = page.by_corpus(ears.of(gap, ears.IS10, "pca_svm"))
    assert {corpus: of.value for corpus, of in found.items()} == pytest.approx(INSIDE)
    whole = page.within(ears.of(gap, ears.IS10, "pca_svm"))
    assert whole.value == pytest.approx(58)
    assert len(whole.records) == 10 + 4 + 24
    held_out = [r | {"curve": {"war": []}} for r in ears.of(gap, ears.IS10, "pca_svm") if "-" in r["scheme"]]
    assert recomputed_scores.over_corpora(held_out) == pytest.approx(whole.value)
    missing = [r for r in gap if r["scheme"] != "C2C-liuchanhg"]
    assert np.isnan(page.within(ears.of(missing, ears.IS10, "pca_svm")).value)


def test_what_is_lost_on_people() -> None:
    said = re.sub(r"<[^>]*>", "", page.people_lost(page.people(*runs()), unscaled()).data)
    assert "it falls from 63.0 % (B 75.0, C 65.0, R 49.0) to 32.5 %, and on IS10 from 58.0 % to 27.5 %; " in said
    assert "; guessing gives 20 %." in said
    assert "it comes back to 30.0 % on the encoder's features and to 30.0 % on IS10." in said


def test_people_in_words() -> None:
    said = re.sub(r"<[^>]*>", "", page.people_in_words(page.people(*runs()), answers()).data).replace("\xa0", " ")
    gain = "+6.9 points [5.9, 7.9]"
    assert f"recognises 56.0 % without transfer and 63.0 % with TLMLDA: {gain}." in said
    assert f"recognises 40.0 % without transfer and 47.0 % with TLMLDA: {gain}." in said
    assert said.index("In brackets") < said.index("["), "the key comes first"
    assert "over 7 seeds" in said
    assert "All three of the differences are significant" in said
    unsure = page.people_in_words(page.people(*runs()), answers(p=0.2)).data
    assert "Not all of the differences are significant" in unsure


@pytest.mark.parametrize(
    ("made", "asked"),
    [(runs(alone=50), answers()), (runs(whole=60), answers()), (runs(), answers(5)), (runs(), answers(p=0.2))],
)
def test_the_first_lines_of_the_page_are_asked_of_the_records(made: Any, asked: dict[str, policy.Answer]) -> None:
    page.assert_opening(opening(*runs()), answers())
    with pytest.raises(AssertionError):
        page.assert_opening(opening(*made), asked)


def opening(*made: Any, within: float = 76) -> page.Scores:
    """The scores of some records, of which those within a corpus are as the page's first lines say."""
    of = traced.Figure(within)
    return {**page.people(*made), ("a speech encoder's features", page.WITHIN): of}


def test_the_first_lines_are_asked_within_a_corpus_too() -> None:
    with pytest.raises(AssertionError):
        page.assert_opening(opening(*runs(), within=74), answers())


def test_the_page_names_each_row_in_the_picture_s_order() -> None:
    text = (ROOT / "book" / "sitting.md").read_text(encoding="utf-8")
    named = re.findall(r"^\d\. \*(.*?)\*:", text, re.MULTILINE)
    assert named == list(page.ROWS)
    assert text.index(named[-1]) < text.index("page.people_drawn")
