"""Chapter 4.2's explorable in a real page: every number against the library's, the sound, keyboard, address."""

from __future__ import annotations

import base64
import io
import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

pytest.importorskip("playwright", reason="the browser tests' extra is not installed")

sys.path.insert(0, str(Path(__file__).parents[1]))

from made_clips import CLASSES, STREAMS, clips

from tlmlda_lib.book.explorables import WhoToTrust
from tlmlda_lib.book.explorables.trust import missed

Visitor = Callable[..., Any]
pytestmark = pytest.mark.of("trust.html", "WhoToTrust")
WAYS = ("studio", "noise20", "noise0", "telephone", "room")
ARRIVES = {"telephone": "by telephone", "room": "from a room"}


@pytest.fixture
def file(bench: Callable[[Any], Path]) -> Path:
    return bench(WhoToTrust(clips(2, WAYS), STREAMS, CLASSES))


def show(page: Any, clip: int, way: str) -> None:
    """Set clip and way by the controls."""
    root = page.locator(".tl-trust")
    root.get_by_label("Clip").select_option(str(clip))
    if way in ARRIVES:
        root.get_by_label(ARRIVES[way]).check()
    else:
        root.get_by_label("with noise").check()
        root.locator("input[type=range]").evaluate(
            "(e, v) => { e.value = v; e.dispatchEvent(new Event('input')); }", str(WAYS.index(way))
        )


def numbers(page: Any, kind: str) -> list[float]:
    """All numbers of a kind, with all their digits; the text agrees, and the bar is as long."""
    found = page.locator(".tl-trust").evaluate(
        """(root, kind) => [...root.querySelectorAll(`output[data-${kind}]`)].map((o) => {
          const bars = o.closest("tr").querySelectorAll(".tl-bar > span");
          return [o.dataset.exact, o.textContent, bars[kind === "missed" ? 1 : 0].style.width];
        })""",
        kind,
    )
    for exact, text, width in found:
        if text in ("< 1 %", "> 99 %"):  # neither 0 nor all
            assert 0 < min(float(exact), 1 - float(exact)) < 0.0051
        else:
            assert float(text.removesuffix(" %")) == pytest.approx(100 * float(exact), abs=0.51)
        assert float(width.removesuffix("%")) == pytest.approx(100 * float(exact), abs=1e-6)
    return [float(exact) for exact, _, _ in found]


def test_every_number_is_the_library_s(visit: Visitor, file: Path) -> None:
    given = clips(2, WAYS)
    with visit(file) as seen:
        page = seen.page
        for i, way in itertools.product(range(2), WAYS):
            show(page, i, way)
            h = given[i]["heard"][way]
            named = [CLASSES[c] for c in h["p"].argmax(1)]
            for out, stream in enumerate(("", *STREAMS)):
                if stream:
                    page.locator(f'.tl-trust [data-out="{stream}"]').click()
                np.testing.assert_allclose(numbers(page, "class"), h["p"][out], atol=1e-4)
                np.testing.assert_allclose(numbers(page, "weight"), h["weights"][out], atol=1e-4)
                np.testing.assert_allclose(numbers(page, "missed"), missed(h["p"]), atol=3e-4)
                title = page.locator(".tl-trust .tl-which")
                assert title.get_attribute("data-named") == named[out]
                assert f"says {named[out]}." in title.text_content()
                assert (f"without {stream}" in title.text_content()) == bool(stream)
            texts = page.locator(".tl-trust output[data-without]").all_text_contents()
            assert texts == [f"{'still' if n == named[0] else 'then'} {n}" for n in named[1:]]
            page.locator(f'.tl-trust [data-out="{STREAMS[-1]}"]').click()  # put back
        every = [h for one in given for h in one["heard"].values()]
        agree = sum(h["weights"][0].argmax() == missed(h["p"]).argmax() for h in every)
        assert page.locator(".tl-trust [data-value=tally]").get_attribute("data-exact") == str(agree)
        assert not seen.errors


def test_what_is_heard_is_what_is_shown(visit: Visitor, file: Path) -> None:
    given = clips(2, WAYS)
    with visit(file) as seen:
        page = seen.page
        show(page, 1, "noise20")
        page.get_by_role("button", name="▶ Play").click()
        assert page.locator(".tl-trust").get_attribute("data-playing") == "1.noise20"
        source = page.locator(".tl-trust audio").get_attribute("src")
        kind, _, text = source.partition(",")
        assert kind == "data:audio/mpeg;base64"
        sound, rate = soundfile.read(io.BytesIO(base64.b64decode(text)))
        expected = given[1]["heard"]["noise20"]["samples"]
        assert rate == 16000
        assert len(sound) == pytest.approx(len(expected), abs=2400)
        spectrum = np.abs(np.fft.rfft(sound[2000:6000]))
        hertz = np.abs(np.fft.rfft(expected[2000:6000])).argmax() * rate / 4000
        assert spectrum.argmax() * rate / 4000 == pytest.approx(hertz, abs=8)
        # What plays follows the controls.
        page.locator(".tl-trust").get_by_label("from a room").check()
        assert page.locator(".tl-trust").get_attribute("data-playing") in ("1.room", None)
        page.wait_for_function("!document.querySelector('.tl-trust').dataset.playing")
        assert page.get_by_role("button", name="▶ Play").count() == 1
        assert not seen.errors


def test_by_keyboard_and_for_who_does_not_see(visit: Visitor, file: Path) -> None:
    with visit(file) as seen:
        page = seen.page
        slider = page.locator(".tl-trust input[type=range]")
        slider.focus()
        page.keyboard.press("ArrowRight")
        assert slider.get_attribute("aria-valuetext") == "20 dB"
        page.get_by_role("button", name=f"leave out {STREAMS[0]}").focus()
        page.keyboard.press("Enter")
        assert page.locator(f'.tl-trust [data-out="{STREAMS[0]}"]').get_attribute("aria-pressed") == "true"
        page.wait_for_function(
            "document.querySelector('.tl-trust [aria-live]').textContent.includes('noise, 20 dB, without')"
        )
        said = page.locator(".tl-trust [aria-live]").text_content()
        h = clips(2, WAYS)[0]["heard"]["noise20"]
        k = int(h["weights"][0].argmax())
        assert f"With all of them it trusts {STREAMS[k]} most, {round(100 * h['weights'][0, k])} %" in said
        page.locator(".tl-trust").get_by_label("by telephone").check()
        assert slider.is_disabled()


def test_on_a_phone_nothing_sticks_out(visit: Visitor, file: Path) -> None:
    with visit(file, width=390, has_touch=True, is_mobile=True) as seen:
        seen.page.locator(f'.tl-trust [data-out="{STREAMS[1]}"]').tap()
        assert seen.page.locator(".tl-trust .tl-which").text_content().count("without") == 1
        assert seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_a_setting_can_be_linked(visit: Visitor, file: Path) -> None:
    with visit(file, query=f"?trust=1.noise0.{STREAMS[2]}") as seen:
        page = seen.page
        title = page.locator(".tl-trust .tl-which")
        assert title.text_content().startswith(f"{CLASSES[1]}, in noise, 0 dB, without {STREAMS[2]}")
        page.locator(".tl-trust").get_by_label("from a room").check()
        page.wait_for_function(f"location.search === '?trust=1.room.{STREAMS[2]}'")
    for nonsense in ("7.room.", "0.room.nobody"):  # others are asked in Node
        with visit(file, query=f"?trust={nonsense}") as seen:
            assert seen.page.locator(".tl-trust .tl-which").text_content().startswith(f"{CLASSES[0]}, as recorded:")
            assert not seen.errors
