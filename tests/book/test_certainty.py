"""Chapter 1.5: its sentences, its picture and its interactive figure."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from tlmlda_lib.book.explorables import DrawSpeakers
from tlmlda_lib.book.pages import certainty as page
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import shipped

PEOPLE = {"f1": (9, 20), "m1": (14, 20)}


# The interactive figure


def test_the_figure_keeps_what_it_is_given() -> None:
    state = DrawSpeakers(PEOPLE, unit="utterances", draws=40).get_state()
    assert state["speakers"] == [{"name": "f1", "right": 9, "total": 20}, {"name": "m1", "right": 14, "total": 20}]
    assert (state["unit"], state["draws"]) == ("utterances", 40)


@pytest.mark.parametrize(
    ("people", "how", "word"),
    [
        ({"f1": (9, 20)}, {}, "1 speakers"),
        ({**PEOPLE, "m2": (21, 20)}, {}, "m2: 21 of 20"),
        ({**PEOPLE, "m2": (0, 0)}, {}, "m2: 0 of 0"),
        (PEOPLE, {"draws": 0}, "draws=0"),
        (PEOPLE, {"draws": 2001}, "draws=2001"),
        (PEOPLE, {"unit": "people"}, "unit='people'"),
    ],
)
def test_the_figure_says_what_is_wrong(people: dict[str, Any], how: dict[str, Any], word: str) -> None:
    with pytest.raises(UserError, match=word):
        DrawSpeakers(people, **how)


# What the page computes


def test_speakers_are_counted_and_the_corpus_is_left_out_of_their_names() -> None:
    hits = page.by_speaker([0, 1, 1, 2], [0, 0, 1, 2], np.array(["made-de/a", "made-de/a", "made-de/b", "made-de/b"]))
    assert hits == {"a": (1, 2), "b": (2, 2)}


def test_the_first_sentences_name_the_easiest_and_the_hardest_speaker() -> None:
    words = page.what_moves([0, 1, 1, 2], [0, 0, 1, 2], ["a", "a", "b", "b"]).data
    assert "recognises 75.0 % of the German utterances" in words
    assert "Of one speaker it recognises 50 %, of another 100 %." in words


def test_interval_over_speakers_has_to_be_longer() -> None:
    words = page.how_wide(120, 6, (30.0, 60.0), (40.0, 50.0)).data
    assert "The 120 utterances come from 6 speakers" in words
    assert "is 3.0 times as long" in words
    with pytest.raises(AssertionError):
        page.how_wide(120, 6, (40.0, 51.0), (40.0, 50.0))


FOUND = {"B2C": (4, 20.0, 36.4, 31.0, 42.6), "B2R": (24, 25.0, 50.0, 45.0, 55.0)}


def test_widths_in_words_name_fewest_and_most_speakers() -> None:
    words = page.width_in_words(FOUND).data
    assert words.startswith("**With 4 to 24 target speakers, an interval is 10 to 12 points long.**")


def test_the_longest_interval_names_its_record() -> None:
    words = page.longest(page.widths(), shipped.records("main")).data
    assert re.fullmatch(r"The longest is on \w2\w: WAR <data .*>[\d.]+</data> %, other speakers \d+ to \d+ %\.", words)


def test_the_picture_has_a_dot_and_an_interval_for_each_scheme() -> None:
    (ax,) = page.intervals_drawn(FOUND).axes
    assert [t.get_text() for t in ax.get_yticklabels()] == ["B2C, 4 speakers", "B2R, 24 speakers"]
    lines = [list(line.get_xdata()) for line in ax.lines]
    assert lines == [[20.0], [31.0, 42.6], [36.4], [25.0], [45.0, 55.0], [50.0]]


def test_widths_are_those_of_the_records() -> None:
    record = next(
        r for r in shipped.records("main") if (r["method"], r["preset"], r["scheme"]) == ("pca_svm", "zscore", "B2C")
    )
    speakers, largest, war, low, high = page.measured([record])["B2C"]
    assert (speakers, largest) == (4, 20.0)
    assert war == record["rules"]["final"]["war"]
    assert low < war < high
