"""Two clouds that meet, in a real page: switched, moved, counted and heard."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

import made_explorables

Visitor = Callable[..., Any]
CHOSEN = ".tl-landing .tl-one[tabindex='0']"
PLACES = """es => es.map((e) => {
  const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })"""


def switch(page: Any) -> Any:
    return page.locator(".tl-landing button")


def places(page: Any) -> np.ndarray:
    return np.array(page.locator(".tl-plane svg > g").evaluate_all(PLACES))


def test_the_button_moves_every_mark_and_counts_anew(visit: Visitor, bench: Callable[[Any], Path]) -> None:
    widget = made_explorables.clouds_meet()
    emotions = [p["emotion"] for p in widget.points]
    with visit(bench(widget)) as seen:
        page, output = seen.page, ".tl-landing output[data-value='recognised']"
        found = []
        for one, words in zip(widget.maps, ("Switch alignment on", "Switch alignment off"), strict=True):
            assert switch(page).text_content() == words
            asked = [e == p for e, p in zip(emotions, one["predicted"], strict=True) if p]
            assert float(page.locator(output).get_attribute("data-exact")) == pytest.approx(np.mean(asked))
            assert "guessing evenly: 33 %" in page.locator(output).text_content()
            found.append(places(page))
            switch(page).click()
            page.wait_for_timeout(100)
        assert (np.abs(found[0] - found[1]).max(1) > 1).all()
        assert np.abs(places(page) - found[0]).max() < 0.5, "back where they were"
        assert not seen.errors


def test_marks_stand_at_first_sight_and_at_another_width(visit: Visitor, bench: Callable[[Any], Path]) -> None:
    with visit(bench(made_explorables.clouds_meet()), reduced_motion="no-preference") as seen:
        for width in (900, 500):
            seen.page.set_viewport_size({"width": width, "height": 800})
            seen.page.wait_for_timeout(150)
            soon = places(seen.page)
            seen.page.wait_for_timeout(2000)
            assert np.abs(places(seen.page) - soon).max() < 0.5


def test_marks_glide_where_motion_is_wanted_and_jump_where_not(visit: Visitor, bench: Callable[[Any], Path]) -> None:
    file = bench(made_explorables.clouds_meet())
    for motion, still in (("no-preference", False), ("reduce", True)):
        with visit(file, reduced_motion=motion) as seen:
            seen.page.wait_for_timeout(2000 if not still else 100)
            before = places(seen.page)
            switch(seen.page).click()
            seen.page.wait_for_timeout(250)
            soon = places(seen.page)
            seen.page.wait_for_timeout(2000)
            end = places(seen.page)
            assert np.abs(end - before).max() > 5
            assert (np.abs(end - soon).max() < 0.5) == still


def test_a_press_and_a_key_play_a_mark(visit: Visitor, bench: Callable[[Any], Path]) -> None:
    with visit(bench(made_explorables.clouds_meet())) as seen:
        page = seen.page
        mark = page.locator(".tl-landing .tl-one").nth(2)
        mark.click()
        page.wait_for_function("!document.querySelector('.tl-landing audio').paused")
        assert mark.get_attribute("aria-label").rstrip(".") in page.locator(".tl-current").text_content()
        page.keyboard.press("Escape")
        assert page.evaluate("document.querySelector('.tl-landing audio').paused")
        page.keyboard.press("Enter")
        page.wait_for_function("!document.querySelector('.tl-landing audio').paused")
        assert page.locator(f"{CHOSEN}.tl-playing").count() == 1
        assert not seen.errors


@pytest.mark.parametrize("said", ["1.4", "0.7"])
def test_a_setting_can_be_linked(visit: Visitor, bench: Callable[[Any], Path], said: str) -> None:
    file = bench(made_explorables.clouds_meet())
    with visit(file, query=f"?meet={said}") as seen:
        words = "Switch alignment off" if said[0] == "1" else "Switch alignment on"
        assert switch(seen.page).text_content() == words
        assert seen.page.locator(".tl-landing .tl-link").get_attribute("href") == f"?meet={said}"
    with visit(file, query="?meet=1.2") as seen:  # a mark that cannot be heard
        assert switch(seen.page).text_content() == "Switch alignment on"
        assert not seen.errors


@pytest.mark.parametrize("width", [1400, 390])
def test_the_landing_page_says_at_once_what_it_is(visit: Visitor, width: int) -> None:
    with visit("index.html", width=width) as seen:
        page = seen.page
        top = page.locator("article h1").bounding_box()["y"]
        assert page.locator(".tl-landing").bounding_box()["y"] - top < (700 if width > 400 else 1000)
        assert page.locator("article table").count() == 0
        assert page.locator(".tl-landing .tl-one").count() == 20
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert not seen.errors
