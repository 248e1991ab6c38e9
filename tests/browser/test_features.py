"""From sound to numbers in a real page: every functional of every contour against openSMILE's own number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import soundfile

from tlmlda_lib import corpora
from tlmlda_lib.book.explorables.features import FUNCTIONALS, LEVELS, NOT_VOICED, measure

Visitor = Callable[..., Any]
pytestmark = pytest.mark.of("features.html", "SoundToNumbers")
PAGE = "features.html"
CLIPS = {
    "anger, f2": "f2-anger-01.wav",
    "neutral, f2": "f2-neutral-01.wav",
    "sad, f2": "f2-sad-01.wav",
    "neutral, m1": "m1-neutral-01.wav",
}

#: Puts every setting to the widget and reads what its table says.
ALL = """() => {
  const el = document.querySelector('.tl-numbers');
  const [what, how] = el.querySelectorAll('select');
  const [itself, delta] = el.querySelectorAll('fieldset')[1].querySelectorAll('input');
  const read = (o) => [o.dataset.value, o.dataset.clip, Number(o.dataset.exact)];
  const set = (e, event) => e.dispatchEvent(new Event(event, {bubbles: true}));
  const rows = [];
  for (const order of [itself, delta]) {
    order.checked = true; set(order, 'change');
    for (const d of what.options) {
      what.value = d.value; set(what, 'change');
      for (const f of how.options) {
        how.value = f.value; set(how, 'change');
        const outputs = [...el.querySelectorAll('output[data-value]')].map(read);
        rows.push([el.querySelector('.tl-feature').textContent, ...outputs]);
      }
    }
  }
  return rows;
}"""


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    table = corpora.synthetic("de", progress=False)
    files = {name: next(f for f in table.index if f.endswith(end)) for name, end in CLIPS.items()}
    return {name: measure(*soundfile.read(file, dtype="float32")) for name, file in files.items()}


def scale(functional: str, seen: np.ndarray) -> float:
    """What a number of this functional is to be measured by: the contour's own unit, or none."""
    unit = float(seen.std())
    if functional == "linregerrQ":
        return unit**2
    if functional == "linregc1":
        return unit / len(seen)
    return 1.0 if functional in ("skewness", "kurtosis", "maxPos", "minPos") or "uplevel" in functional else unit


def test_every_number_of_the_page_is_opensmiles(visit: Visitor, measured: dict[str, Any]) -> None:
    with visit(PAGE) as seen:
        seen.page.locator(".tl-numbers").wait_for()
        rows = seen.page.evaluate(ALL)
        assert not seen.errors
    assert len(rows) == 2 * 38 * 21
    left_out = 0
    for name, *values in rows:
        here = {clip: v for kind, clip, v in values if kind == "here"}
        theirs = {clip: v for kind, clip, v in values if kind == "theirs"}
        assert set(here) == set(theirs) == set(CLIPS)
        if name.endswith("not in IS10"):
            left_out += 1
            continue
        contour, functional = name.rsplit("_", 1)
        for clip, (contours, features) in measured.items():
            level = next(k for k in LEVELS if contour in contours[k])
            x = contours[level][contour]
            x = x[: len(x) - LEVELS[level]]
            x = x[x != 0] if level.startswith("lld2") else x
            near = {"rel": 2e-5, "abs": 2e-5 * scale(functional, x)}
            assert theirs[clip] == pytest.approx(features[name], rel=1e-6), name
            assert here[clip] == pytest.approx(features[name], **near), (name, clip)
    assert left_out == 2 * 4 * len(NOT_VOICED)
    assert len(rows) - left_out == 1582 - 2


def test_choice_by_keyboard_shows_in_picture_summary_and_address(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        widget = page.locator(".tl-numbers")
        page.wait_for_timeout(500)
        assert page.evaluate("location.search") == ""  # nobody has touched anything
        page.get_by_label("Descriptor", exact=True).select_option("F0final")
        page.get_by_label("Functional", exact=True).select_option("maxPos")
        page.get_by_role("radio", name="anger, f2").focus()
        page.keyboard.press("ArrowDown")
        assert page.get_by_role("radio", name="neutral, f2").is_checked()
        label = widget.locator(".tl-contour svg").get_attribute("aria-label")
        assert "neutral, f2, pitch (Hz), place of the largest value" in label
        assert widget.locator(".tl-contour .tl-dot").count() == 1
        page.wait_for_function(
            "document.querySelector('.tl-numbers .tl-summary').textContent.includes('and those without a voice')"
        )
        page.wait_for_function(
            "location.search === document.querySelector('.tl-numbers .tl-link').getAttribute('href')"
        )
        link = widget.get_by_role("link", name="Link to this setting").get_attribute("href")
    with visit(PAGE, query=link) as seen:
        assert seen.page.get_by_label("Descriptor", exact=True).input_value() == "F0final"
        assert seen.page.get_by_label("Functional", exact=True).input_value() == "maxPos"
        assert seen.page.get_by_role("radio", name="neutral, f2").is_checked()
        assert not seen.errors
    for nonsense in ("9~F0final~0~amean",):  # others are asked in Node
        with visit(PAGE, query=f"?numbers={nonsense}") as seen:
            assert seen.page.get_by_label("Descriptor", exact=True).input_value() == "pcm_loudness"
            assert not seen.errors


def test_what_is_drawn_is_what_is_said(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        drawn = {
            "stddev": ".tl-band",
            "iqr1-3": ".tl-band",
            "amean": ".tl-mark",
            "quartile2": ".tl-mark",
            "linregc1": ".tl-mark",
            "linregerrA": ".tl-error",
            "minPos": ".tl-dot",
            "upleveltime75": ".tl-dot",
        }
        for functional in FUNCTIONALS:
            page.get_by_label("Functional", exact=True).select_option(functional)
            for kind in {drawn.get(functional, ".tl-seen"), ".tl-seen", ".tl-unseen", ".tl-bin"}:
                assert page.locator(f".tl-contour {kind}").count() >= 1, functional
        share = float(page.locator('.tl-numbers output[data-value="here"]').first.get_attribute("data-exact"))
        assert page.locator(".tl-contour .tl-dot").count() / share == pytest.approx(156)  # upleveltime90


def test_clip_plays_with_a_playhead(visit: Visitor) -> None:
    with visit(PAGE, reduced_motion="no-preference") as seen:
        page = seen.page
        page.get_by_role("button", name="Play", exact=True).click()
        page.wait_for_function("document.querySelector('.tl-contour .tl-cursor').getAttribute('d').startsWith('M')")
        first = page.locator(".tl-contour .tl-cursor").get_attribute("d")
        page.wait_for_function(
            "d => document.querySelector('.tl-contour .tl-cursor').getAttribute('d') !== d", arg=first
        )
        page.locator(".tl-numbers").get_by_role("button", name="Stop").click()
        assert page.locator(".tl-contour .tl-cursor").get_attribute("d") == ""
        page.get_by_role("button", name="Play", exact=True).click()
        page.wait_for_function("document.querySelector('.tl-numbers button').textContent === 'Play'")  # to its end
        assert not seen.errors


@pytest.mark.parametrize("width", [390, 1400])
def test_nothing_sticks_out(visit: Visitor, width: int) -> None:
    with visit(PAGE, width=width) as seen:
        outside = seen.page.evaluate("""() => {
            const el = document.querySelector('.tl-numbers'), right = el.getBoundingClientRect().right + 1;
            const all = [...el.querySelectorAll('*')].filter((e) => !e.closest('select'));
            return all.filter((e) => e.getBoundingClientRect().right > right).length;
        }""")
        assert outside == 0
