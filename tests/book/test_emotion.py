"""Chapter 2.2: what the page says of the emotion network's size, and of how loudly the encoder hears the error."""

from __future__ import annotations

import pytest

from tlmlda_lib.book.pages import emotion as page

#: Two seeds each; the encoder's gradients are the first three.
MEASURED = {
    "sigmoid": [
        {"error": [0.1, 0.2, 0.3, 9.0], "rebuilding": [0.01, 0.02, 0.03], "spread": 0.01, "first": 1.5},
        {"error": [0.3, 0.4, 0.5, 9.0], "rebuilding": [0.03, 0.04, 0.05], "spread": 0.03, "first": 1.7},
    ],
    "elu": [{"error": [4.0, 5.0, 6.0, 1.0], "rebuilding": [1.0, 1.0, 1.0], "spread": 0.5, "first": 2.0}],
}


def test_share_of_the_emotion_network() -> None:
    words = page.what_knows_of_emotions({"a": 7000, "emotion network": 900, "head": 100, "together": 8000}).data
    assert "1,000 of 8,000 parameters. The other 88 % belong to the auto-encoder." in words


def test_averages_are_over_the_encoder_and_the_seeds() -> None:
    assert page.average(MEASURED["sigmoid"], "error") == pytest.approx(0.3)
    assert page.average(MEASURED["sigmoid"], "spread") == pytest.approx(0.02)


def test_how_softly_is_a_ratio_of_averages() -> None:
    words = page.how_softly(MEASURED).data
    assert "the gradient in the encoder is 17 times smaller" in words  # 5.0 / 0.3
    assert "vary by 0.020 on average, and with ELU by 0.50" in words
    assert "The first loss is 1.60" in words


def test_mean_or_sum_changes_who_is_louder() -> None:
    words = page.mean_or_sum(MEASURED, 100).data
    assert "length 0.300. The reconstruction's has 0.0300 if" in words
    assert "and 100 times as much, 3.0, if it is their sum" in words
    assert "is 10 times larger or 10 times smaller: the units decide" in words
