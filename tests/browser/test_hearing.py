"""Chapter 1.1 in a real page: the dials against the library's measures, sound, the game and its matrices."""

from __future__ import annotations

import contextlib
import io
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tlmlda_lib import evaluation
from tlmlda_lib.book.explorables import Guess
from tlmlda_lib.book.explorables.hearing_dials import DIALS
from tlmlda_lib.features import prosody

Visitor = Callable[..., Any]
PAGE = "hearing.html"
RATE = 16000


# Dials


def shown(page: Any) -> dict[str, float]:
    """The seven numbers of the page, with all their digits."""
    outputs = {name: page.locator(f'.tl-dials output[data-value="{name}"]') for name in prosody.NUMBERS}
    exact = {name: float(output.get_attribute("data-exact")) for name, output in outputs.items()}
    for name, output in outputs.items():
        assert float(output.text_content().replace("−", "-")) == pytest.approx(exact[name], abs=0.51)
    return exact


def found(page: Any) -> dict[str, float]:
    """What a reader gets who runs the page's own lines of Python."""
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(page.locator(".tl-dials details pre").text_content(), names)
    return names["numbers"]


def turn(page: Any, **dials: str) -> None:
    for name, way in dials.items():
        page.locator(f'.tl-dials [data-dial="{name}"]').get_by_label(way, exact=True).check()


def test_numbers_of_the_dials_are_the_library_s(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        ways = [(n, w) for n, options in DIALS.items() for w in options]
        for name, way in ways:
            turn(page, **{name: way})
            # Loudness changes more than the level by a hair: openSMILE's frames have a floor.
            assert shown(page) == pytest.approx(found(page), rel=0.02, abs=0.05)
            turn(page, **{name: "own"})
        turn(page, pitch="high", rate="fast", loudness="loud", quality="rough")
        assert shown(page) == pytest.approx(found(page), rel=0.02, abs=0.05)
        assert not seen.errors


def test_differences_are_from_the_speaker_s_own_way(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        own = shown(page)
        turn(page, pitch="low", loudness="soft")
        now = shown(page)
        rows = page.locator(".tl-dials tbody tr")
        words = {rows.nth(i).locator("th").text_content().split(",")[0]: i for i in range(rows.count())}

        def cell(name: str) -> str:
            return rows.nth(words[name]).locator("td").nth(2).text_content()

        semitones = 12 * np.log2(now["pitch"] / own["pitch"])
        assert cell("pitch") == f"−{-semitones:.1f} semitones"
        assert cell("level") == "−12.0"
        assert cell("rate") == "0"
        page.get_by_role("button", name="The speaker's own way").click()
        assert shown(page) == own


def test_dials_sound_and_loudness_is_turned_down(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        playing = "document.querySelector('.tl-dials').dataset.playing"
        assert page.evaluate(playing) is None
        turn(page, quality="breathy")
        page.wait_for_function(f"{playing} === 'own.own.breathy {10 ** (-6 / 20):.4f}'")
        turn(page, loudness="loud")
        page.wait_for_function(f"{playing} === 'own.own.breathy 1.0000'")
        page.get_by_role("button", name="■ Stop").first.click()
        assert page.evaluate(playing) is None
        page.get_by_role("button", name="▶ Play").click()
        page.wait_for_function(f"{playing} !== undefined")
        page.wait_for_function(f"{playing} === undefined")  # it ends by itself
        assert page.get_by_role("button", name="▶ Play").count() == 1
        assert not seen.errors


def test_dials_by_keyboard_and_in_words(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        page.locator('.tl-dials [data-dial="pitch"]').get_by_label("own", exact=True).focus()
        page.keyboard.press("ArrowRight")
        assert page.locator('.tl-dials [data-dial="pitch"] input:checked').get_attribute("value") == "high"
        page.wait_for_function("document.querySelector('.tl-dials .tl-summary').textContent.startsWith('High: ')")
        label = page.locator(".tl-dials .tl-large").get_attribute("aria-label")
        assert f"{shown(page)['pitch']:.0f} Hz" in label
        contours = [page.locator(f".tl-dials .{c}").get_attribute("d") for c in ("tl-own", "tl-pitch")]
        heights = [np.median([float(p.split()[1]) for p in c.replace("M", "L").split("L")[1:]]) for c in contours]
        assert heights[1] < heights[0] - 10  # the new line lies above the speaker's own


def test_dials_can_be_linked(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        page.wait_for_timeout(500)
        assert page.evaluate("location.search") == ""
        turn(page, pitch="low", rate="slow", loudness="soft", quality="rough")
        page.wait_for_function("location.search === '?voice=low.slow.soft.rough'")
        numbers = shown(page)
    with visit(PAGE, query="?voice=low.slow.soft.rough") as seen:
        assert shown(seen.page) == numbers
    for nonsense in ("low.slow.soft",):  # others are asked in Node
        with visit(PAGE, query=f"?voice={nonsense}") as seen:
            assert seen.page.locator(".tl-dials input:checked[value=own]").count() == 4
            assert not seen.errors


# The game


def tone(hertz: float) -> np.ndarray:
    t = np.arange(RATE // 2) / RATE
    return (0.1 * sum(np.sin(2 * np.pi * k * hertz * t) for k in range(1, 9))).astype(np.float32)


EMOTIONS = ("anger", "happy", "sad")
MEANT = [*EMOTIONS, *EMOTIONS, *EMOTIONS]
SAID = ["anger", "happy", "sad", "happy", "happy", "anger", "anger", "sad", "sad"]


@pytest.fixture
def game(bench: Callable[[Any], Path]) -> tuple[Path, Guess]:
    clips = [{"emotion": e, "samples": tone(100 + 10 * i), "rate": RATE} for i, e in enumerate(MEANT)]
    widget = Guess(clips, SAID)
    return bench(widget), widget


def matrix(page: Any, who: str) -> list[list[int]]:
    rows = page.locator(f'.tl-guess table[data-who="{who}"] tbody tr')
    return [[int(n) for n in rows.nth(i).locator("td").all_text_contents()] for i in range(rows.count())]


def answer(page: Any, emotion: str) -> None:
    page.locator(f'.tl-guess [data-emotion="{emotion}"]').click()


def codes(names: list[str]) -> np.ndarray:
    return np.array([EMOTIONS.index(name) for name in names])


def test_matrices_are_the_library_s(visit: Visitor, game: tuple[Path, Guess]) -> None:
    file, widget = game
    mine = list(itertools.islice(itertools.cycle(["sad", "anger"]), 9))
    with visit(file) as seen:
        page = seen.page
        page.locator(".tl-guess").wait_for()
        for emotion in mine:
            assert page.locator(".tl-guess table").count() == 0, "no answer before it is asked for"
            answer(page, emotion)
        page.get_by_role("button", name="Show the answers").click()
        truth = codes(widget.truth)
        for who, said in (("You", mine), ("The model", widget.predicted)):
            assert matrix(page, who) == evaluation.confusion(truth, codes(said), 3).tolist()
            hits = page.locator(f'.tl-guess output[data-value="{who}"]')
            assert 100 * float(hits.get_attribute("data-exact")) / 9 == pytest.approx(
                evaluation.war(truth, codes(said))
            )
        assert page.locator('.tl-guess [data-emotion="sad"]').is_disabled()
        page.get_by_role("button", name="Clip 4, ").click()
        said = page.locator(".tl-guess .tl-verdict").text_content()
        assert said.startswith(f"It is {widget.truth[3]}; the model says {widget.predicted[3]}.")
        assert not seen.errors


def test_model_is_judged_on_the_clips_that_were_guessed(visit: Visitor, game: tuple[Path, Guess]) -> None:
    file, widget = game
    with visit(file) as seen:
        page = seen.page
        reveal = page.get_by_role("button", name="Show the answers")
        assert reveal.is_disabled()
        for _ in range(4):
            answer(page, "sad")
        reveal.click()
        assert sum(map(sum, matrix(page, "The model"))) == sum(map(sum, matrix(page, "You"))) == 4
        right = [t == p for t, p in zip(widget.truth[:4], widget.predicted[:4], strict=True)]
        assert page.locator('.tl-guess output[data-value="The model"]').text_content() == str(sum(right))
        page.get_by_role("button", name="Start again").click()
        assert page.locator(".tl-guess table").count() == 0
        assert page.locator(".tl-guess .tl-is-open").count() == 9


def test_game_by_keyboard_plays_on_and_can_be_linked(visit: Visitor, game: tuple[Path, Guess]) -> None:
    file, _ = game
    playing = "document.querySelector('.tl-guess audio')"
    with visit(file) as seen:
        page = seen.page
        page.get_by_role("button", name="▶ Listen").focus()
        page.keyboard.press("Enter")
        page.wait_for_function(f"{playing}.currentTime > 0")
        first = page.evaluate(f"{playing}.src.length")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.dataset.emotion") == "anger"
        page.keyboard.press("Enter")
        assert page.locator(".tl-guess .tl-title").text_content() == "Clip 2 of 9"
        assert page.evaluate(f"!{playing}.paused")
        assert first > 1000
        page.get_by_role("button", name="Clip 1, guessed").click()
        assert page.locator(".tl-guess .tl-title").text_content() == "Clip 1 of 9: you said anger"
        answer(page, "sad")  # a second thought stays where it is
        assert page.locator(".tl-guess .tl-title").text_content() == "Clip 1 of 9: you said sad"
        page.wait_for_function("location.search === '?guess=s--------'")
    with visit(file, query="?guess=sah------!") as seen:
        seen.page.locator(".tl-guess table").first.wait_for()
        assert sum(map(sum, matrix(seen.page, "You"))) == 3
    for nonsense in ("xxxxxxxxx", "sah------------!"):  # others are asked in Node
        with visit(file, query=f"?guess={nonsense}") as seen:
            seen.page.locator(".tl-guess .tl-is-open").first.wait_for()
            assert seen.page.locator(".tl-guess .tl-is-open").count() == 9
            assert not seen.errors


def test_game_of_the_page_holds_what_the_chapter_says(visit: Visitor) -> None:
    with visit(PAGE, width=390, has_touch=True, is_mobile=True) as seen:
        page = seen.page
        assert page.locator(".tl-guess .tl-step").count() == 15
        for emotion in ("anger", "fear", "happy", "neutral", "sad") * 3:
            page.locator(f'.tl-guess [data-emotion="{emotion}"]').tap()
        page.get_by_role("button", name="Show the answers").tap()
        assert [sum(row) for row in matrix(page, "The model")] == [3] * 5
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        assert not seen.errors
