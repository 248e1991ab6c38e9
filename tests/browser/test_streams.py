"""Chapter 4.1's ears in a real page: what each sound keeps against the library, guesses, sound, keyboard, address."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("playwright", reason="the browser tests' extra is not installed")

from tlmlda_lib.book import stream_sounds as sounds
from tlmlda_lib.book.explorables import StreamEars
from tlmlda_lib.book.explorables.streams import EARS, heard

Visitor = Callable[..., Any]
pytestmark = pytest.mark.of("streams.html", "StreamEars")
RATE = 16000
EMOTIONS = ("anger", "fear", "sad")


def voice(low: float, high: float, seed: int) -> np.ndarray:
    """A buzz that glides, with a resonance that moves and a pause of noise."""
    rng = np.random.default_rng(seed)
    hertz = np.geomspace(low, high, RATE)
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    move = np.linspace(500, 1500, RATE)
    sound = sum(np.cos(k * phase) / (1 + ((k * hertz - move) / 500) ** 2) for k in range(1, 20))
    sound = 0.05 * sound * (1 + 0.5 * np.sin(np.linspace(0, 12, RATE)))
    sound[9000:11000] = 0.01 * rng.normal(size=2000)
    return (sound + 0.001 * rng.normal(size=RATE)).astype(np.float32)


@pytest.fixture(scope="module")
def widget() -> StreamEars:
    given = ((110, 180, "anger"), (220, 200, "sad"), (150, 260, "fear"))
    return StreamEars(
        [
            {"emotion": e, "corpus": "made", "samples": voice(a, b, i), "rate": RATE, "caption": f"Number {i}."}
            for i, (a, b, e) in enumerate(given)
        ],
        seed=1,
    )


@pytest.fixture
def file(bench: Callable[[Any], Path], widget: StreamEars) -> Path:
    return bench(widget)


def table(page: Any, which: str) -> dict[str, dict[str, float | None]]:
    """Numbers with all their digits, by row; the text agrees."""
    found: dict[str, dict[str, float | None]] = {}
    for row in page.locator(f'.tl-ears [data-table="{which}"] tbody tr').all():
        cells: dict[str, float | None] = {}
        for output in row.locator("output").all():
            exact, text = output.get_attribute("data-exact"), output.text_content()
            cells[output.get_attribute("data-value")] = float(exact) if exact else None
            if exact:
                digits = len(text.partition(".")[2])
                assert float(text.replace("−", "-")) == pytest.approx(float(exact), abs=0.51 * 10**-digits)
            else:
                assert text == "none"
        found[row.get_attribute("data-row")] = cells
    return found


def press(page: Any, what: str, value: str) -> None:
    page.locator(f'.tl-ears [data-{what}="{value}"]').click()


def say(page: Any, *emotions: str) -> None:
    for emotion in emotions:
        press(page, "emotion", emotion)


def test_what_is_kept_is_the_library_s(visit: Visitor, file: Path, widget: StreamEars) -> None:
    samples = {
        e: voice(a, b, i) for i, (a, b, e) in enumerate(((110, 180, "anger"), (220, 200, "sad"), (150, 260, "fear")))
    }
    with visit(file) as seen:
        for i, clip in enumerate(widget.clips):
            press(seen.page, "clip", str(i))
            found = table(seen.page, "kept")
            versions = heard(samples[clip["emotion"]], RATE)
            whole = sounds.traces(versions["whole"], RATE)
            assert list(found) == list(EARS)
            for ear, version in versions.items():
                traces = sounds.traces(version, RATE)
                for name, value in sounds.kept(whole, traces).items():
                    if math.isnan(value):
                        assert found[ear][name] is None, (ear, name)
                    else:
                        assert found[ear][name] == pytest.approx(value, abs=0.01), (ear, name)
                voiced = traces["pitch"][traces["pitch"] > 0]
                if ((traces["pitch"] > 0) & (whole["pitch"] > 0)).sum() < max(10, (whole["pitch"] > 0).sum() / 5):
                    assert found[ear]["hertz"] is None
                else:
                    assert found[ear]["hertz"] == pytest.approx(np.median(voiced), abs=0.02)
            assert found["whisper"]["pitch"] is None
        assert not seen.errors


def test_guesses_lead_through_the_ears_and_the_score_counts_them(
    visit: Visitor, file: Path, widget: StreamEars
) -> None:
    truth = [clip["emotion"] for clip in widget.clips]
    wrong = {t: next(e for e in EMOTIONS if e != t) for t in truth}
    with visit(file) as seen:
        page = seen.page
        title, verdict = page.locator(".tl-ears .tl-title"), page.locator(".tl-ears .tl-verdict")
        assert "the hum" in title.text_content()
        say(page, wrong[truth[0]])
        assert "the whisper" in title.text_content()
        assert verdict.text_content() == ""
        assert [r["guessed"] for r in table(page, "score").values()] == [0, 0, 0]  # nothing is told before the truth is
        say(page, truth[0])
        assert "the whole" in title.text_content()
        say(page, truth[0])
        assert f"It is {truth[0]}." in verdict.text_content()
        assert f"hum: {wrong[truth[0]]} ✗, whisper: {truth[0]} ✓" in verdict.text_content()
        assert page.locator(".tl-ears [data-emotion]:disabled").count() == len(EMOTIONS)
        page.get_by_role("button", name="Next clip").click()
        assert "Clip 2" in title.text_content()
        say(page, truth[1], wrong[truth[1]])
        page.get_by_role("button", name="Show all answers").click()
        found = table(page, "score")
        assert [(r["right"], r["guessed"]) for r in found.values()] == [(1, 2), (1, 2), (1, 1)]
        assert [r["chance"] for r in found.values()] == pytest.approx([2 / 3, 2 / 3, 1 / 3])
        page.wait_for_function(
            "document.querySelector('.tl-ears [aria-live]').textContent.includes('1 of 2 by the hum')"
        )
        page.get_by_role("button", name="Start again").click()
        assert [r["guessed"] for r in table(page, "score").values()] == [0, 0, 0]
        assert "Clip 1" in title.text_content()
        assert page.locator(".tl-ears [data-emotion]:disabled").count() == 0
        assert not seen.errors


def test_a_guess_can_be_changed_until_the_answer_is_shown(visit: Visitor, file: Path) -> None:
    with visit(file) as seen:
        page = seen.page
        say(page, "anger")
        press(page, "ear", "hum")
        assert page.locator('.tl-ears [data-emotion="anger"]').get_attribute("aria-pressed") == "true"
        say(page, "sad")
        assert "the hum. You said sad" in page.locator(".tl-ears .tl-title").text_content()


def test_sounds_play_and_stop(visit: Visitor, file: Path, widget: StreamEars) -> None:
    with visit(file) as seen:
        page = seen.page
        whisper = page.locator('.tl-ears [data-ear="whisper"]')
        whisper.click()
        player = "document.querySelector('.tl-ears audio')"
        audio = widget.clips[0]["versions"]["whisper"]["audio"]
        assert page.evaluate(f"{player}.src") == f"data:audio/mpeg;base64,{audio}"
        page.wait_for_function(f"{player}.duration > 0.9 && {player}.duration < 1.3")
        assert whisper.text_content().startswith("■")
        whisper.click()
        assert page.evaluate(f"{player}.paused")
        press(page, "ear", "hum")
        page.wait_for_function(f"{player}.ended")
        assert page.locator('.tl-ears [data-ear="hum"]').text_content().startswith("▶")
        assert not seen.errors


def test_the_picture_is_the_library_s_in_light_and_dark(visit: Visitor, file: Path, widget: StreamEars) -> None:
    import base64

    clip = widget.clips[0]
    grey = np.frombuffer(base64.b64decode(clip["versions"]["hum"]["picture"]), np.uint8).reshape(clip["rows"], -1)[::-1]
    read = """(c) => {
      const { data } = c.getContext("2d").getImageData(0, 0, c.width, c.height);
      return [c.width, c.height, ...data.filter((_, i) => i % 4 === 0)];
    }"""
    with visit(file) as seen:
        page = seen.page
        for theme, ink, ground in (("light", 0x1D, 0xFF), ("dark", 0xE6, 0x17)):
            page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
            page.wait_for_timeout(200)
            width, height, *red = page.locator(".tl-ears canvas").evaluate(read)
            assert (height, width) == grey.shape
            wanted = ground + (ink - ground) * grey.astype(float) / 255
            assert np.abs(np.array(red).reshape(grey.shape) - wanted).max() <= 1
        assert "Hz" in page.locator(".tl-ears canvas").get_attribute("aria-label")
        press(page, "ear", "whisper")
        assert "no pitch" in page.locator(".tl-ears canvas").get_attribute("aria-label")


def test_ears_by_keyboard_and_on_a_phone(visit: Visitor, file: Path) -> None:
    with visit(file) as seen:
        page = seen.page
        page.locator('.tl-ears [data-clip="1"]').focus()
        page.keyboard.press("Enter")
        assert "Clip 2" in page.locator(".tl-ears .tl-title").text_content()
        for _ in range(3):
            page.locator('.tl-ears [data-emotion="sad"]').focus()
            page.keyboard.press("Space")
        assert "It is" in page.locator(".tl-ears .tl-verdict").text_content()
        assert page.locator('.tl-ears [data-clip="1"]').get_attribute("aria-label") == "Clip 2, answer shown"
    with visit(file, width=390, has_touch=True, is_mobile=True) as seen:
        seen.page.locator('.tl-ears [data-ear="whole"]').tap()
        assert "the whole" in seen.page.locator(".tl-ears .tl-title").text_content()
        assert seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_ears_can_be_linked(visit: Visitor, file: Path) -> None:
    with visit(file) as seen:
        page = seen.page
        page.wait_for_timeout(500)
        assert page.evaluate("location.search") == ""
        say(page, "fear")
        page.wait_for_function("location.search === '?ears=1.whisper.f--------'")
    with visit(file, query="?ears=2.whole.fa-sss---!") as seen:
        title = seen.page.locator(".tl-ears .tl-title")
        assert "Clip 2" in title.text_content()
        assert "the whole. You said sad" in title.text_content()
        assert [r["guessed"] for r in table(seen.page, "score").values()] == [2, 2, 1]
    for nonsense in ("9.hum.---------",):  # others are asked in Node
        with visit(file, query=f"?ears={nonsense}") as seen:
            assert "Clip 1 of 3" in seen.page.locator(".tl-ears .tl-title").text_content()
            assert [r["guessed"] for r in table(seen.page, "score").values()] == [0, 0, 0]
            assert not seen.errors
