"""A term says what it means: to the mouse, the keyboard, the finger and the screen reader, and never off the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from test_standards import AXE

PAGE, TERM = "mmd.html", "bandwidth"


def box(page: Any, term: str = TERM) -> Any:
    return page.locator(f"#tip-term-{term}")


def link(page: Any, term: str = TERM) -> Any:
    return page.locator(f'a.term[href="glossary.html#term-{term}"]').first


def test_screen_reader_is_told(visit: Callable[..., Any]) -> None:
    with visit(PAGE) as seen:
        assert link(seen.page).get_attribute("aria-describedby") == "tip-term-bandwidth"
        assert box(seen.page).get_attribute("role") == "tooltip"
        assert "How far a kernel reaches." in box(seen.page).text_content()
        assert seen.page.locator(".term-tips > :visible").count() == 0


def test_mouse(visit: Callable[..., Any]) -> None:
    with visit(PAGE) as seen:
        link(seen.page).hover()
        box(seen.page).wait_for(state="visible")
        box(seen.page).hover()
        seen.page.wait_for_timeout(500)
        assert box(seen.page).is_visible(), "one may go to the box, and read"
        seen.page.keyboard.press("Escape")
        assert box(seen.page).is_hidden()
        link(seen.page, "floor").hover()
        box(seen.page, "floor").wait_for(state="visible")
        seen.page.mouse.move(2, 2)
        box(seen.page, "floor").wait_for(state="hidden")


def test_keyboard(visit: Callable[..., Any]) -> None:
    with visit(PAGE) as seen:
        seen.page.evaluate("document.querySelector('a.term').focus({focusVisible: true})")
        first = seen.page.locator(".term-tips > div").first
        assert first.is_visible()
        seen.page.keyboard.press("Escape")
        assert first.is_hidden()
        seen.page.keyboard.press("Tab")
        assert seen.page.locator(".term-tips > :visible").count() == 1
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_url("**/glossary.html#term-*")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_finger(visit: Callable[..., Any], scheme: str) -> None:
    with visit(PAGE, width=390, height=800, has_touch=True, scheme=scheme) as seen:
        shown = seen.page.locator(".term-tips > :visible")
        for one in seen.page.locator("a.term").all():
            one.tap()
            assert PAGE in seen.page.url
            place = shown.bounding_box()
            assert place["x"] >= 0
            assert place["x"] + place["width"] <= 390
            assert place["y"] >= 0
            assert place["y"] + place["height"] <= 800
            shown.tap()
            assert shown.count() == 0
        link(seen.page).tap()
        seen.page.evaluate(AXE)
        found = seen.page.evaluate("axe.run(document.querySelector('article'), {resultTypes: ['violations']})")
        assert [v["id"] for v in found["violations"] if v["impact"] in ("serious", "critical")] == []
        seen.page.locator("article h1").tap()
        assert shown.count() == 0
        link(seen.page).tap()
        link(seen.page).tap()
        seen.page.wait_for_url("**/glossary.html#term-bandwidth")


def test_the_glossary_explains_itself(visit: Callable[..., Any]) -> None:
    with visit("glossary.html") as seen:
        assert seen.page.locator("dl.glossary > dt").count() > 30
        assert seen.page.locator(".term-tips").count() == 0
