"""A deck of slides in Chromium: keys, buttons, the address, a figure that lives, a quiz that answers, paper."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from built import SITE

DECK = "slides/part-2.html"


def shown(page: Any) -> str:
    """Name of the slide that is seen."""
    assert page.locator("section.now").count() == 1
    return str(page.locator("section.now").get_attribute("id"))


def test_keys_and_buttons_move_and_the_address_follows(visit: Callable[..., Any]) -> None:
    with visit(DECK) as seen:
        page = seen.page
        ids = page.evaluate("[...document.querySelectorAll('section')].map(s => s.id)")
        assert shown(page) == ids[0] == "begin"
        for key, name in (("ArrowRight", ids[1]), ("PageDown", ids[2]), ("ArrowLeft", ids[1]), ("End", ids[-1])):
            page.keyboard.press(key)
            assert shown(page) == name
            assert page.evaluate("location.hash") == f"#{name}"
            assert page.evaluate("document.activeElement.id") == name
        page.keyboard.press("ArrowRight")
        assert shown(page) == ids[-1], "nothing comes after the last"
        page.keyboard.press("Home")
        page.get_by_role("button", name="Next").click()
        assert shown(page) == ids[1]
        assert page.locator("#place").text_content() == f"2 / {len(ids)}"
        assert page.locator("section:not(.now):not([inert])").count() == 0
        page.goto((SITE / DECK).as_uri() + "#mmd")
        assert shown(page) == "mmd"
        assert not seen.errors


@pytest.mark.parametrize("width", [390, 1400])
def test_a_figure_lives_in_its_slide(visit: Callable[..., Any], width: int) -> None:
    with visit(DECK, width=width, query="#mmd") as seen:
        page = seen.page
        page.keyboard.press("ArrowRight")
        while not page.locator("section.now iframe").count():
            page.keyboard.press("ArrowRight")
        page.frame_locator("section.now iframe").locator(".tl svg, .tl canvas").first.wait_for(timeout=8000)
        box = page.locator("section.now iframe").bounding_box()
        assert box["height"] >= 320
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        assert page.locator("iframe[src]").count() == 1, "the others are not loaded yet"
        assert not seen.errors


def test_a_quiz_answers_and_its_arrows_are_its_own(visit: Callable[..., Any]) -> None:
    with visit(DECK) as seen:
        page = seen.page
        name = page.locator("section.question").first.get_attribute("id")
        page.goto((SITE / DECK).as_uri() + f"#{name}")
        choices = page.locator("section.now input")
        choices.first.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
        assert shown(page) == name
        page.locator("section.now").get_by_role("button", name="Check").click()
        assert page.locator("section.now .quiz-verdict p").count() >= 1
        assert not seen.errors


def test_paper_has_every_slide(visit: Callable[..., Any]) -> None:
    pypdf = pytest.importorskip("pypdf")
    with visit(DECK) as seen:
        count = seen.page.locator("section").count()
        paper = pypdf.PdfReader(io.BytesIO(seen.page.pdf(prefer_css_page_size=True)))
    assert len(paper.pages) >= count
    assert "Take away" in "".join(sheet.extract_text() for sheet in paper.pages)


def test_without_scripts_the_slides_stand_below_each_other(visit: Callable[..., Any]) -> None:
    with visit(DECK, java_script_enabled=False) as seen:
        heights = [s.bounding_box()["y"] for s in seen.page.locator("section").all()[:4]]
        assert heights == sorted(set(heights))
        assert seen.page.locator("nav").is_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_decks_meet_the_standards(visit: Callable[..., Any], scheme: str) -> None:
    from test_standards import AXE

    with visit(DECK, scheme=scheme) as seen:
        page = seen.page
        page.evaluate(AXE)
        for key in ("Home", "ArrowRight", "End"):
            page.keyboard.press(key)
            found = page.evaluate("axe.run(document, {iframes: false}).then(r => r.violations.map(v => v.id))")
            assert found == []
