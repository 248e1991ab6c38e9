"""Quizzes answered by keyboard and finger; what chapters open, offer and keep to themselves."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
sys.path[:0] = [str(ROOT / "tools"), str(BOOK / "_ext")]

import chapters  # noqa: E402
import quiz  # noqa: E402

NAMES = {chapter.page: chapter.name for chapter in chapters.read(BOOK).values()}
CHAPTERS = [chapter.page for chapter in chapters.read(BOOK).values()]
ITEMS = {
    page: [
        item
        for item in quiz.of_chapter(BOOK, Path(page).name).values()
        if "$" not in item.question + "".join(c.text + c.why for c in item.choices)  # what is typeset has other letters
    ]
    for page in [*CHAPTERS, "prerequisites"]
}
with_quiz = pytest.mark.parametrize("page", [page for page, items in ITEMS.items() if items])


def flat(text: str) -> str:
    """Text without its line breaks, without what Markdown marks in it, and with straight quotes."""
    named = re.sub(r"\[\]\((\S+)\.md\)", lambda link: NAMES[link[1]], " ".join(text.split()))
    plain = re.sub(r"[`*]|\[([^\]]*)\]\(\S*\)", r"\1", named)
    return plain.translate(str.maketrans("\u2019\u201c\u201d", '\'""'))


@pytest.mark.every_page("page")
@with_quiz
def test_quizzes_by_keyboard(visit: Callable[..., Any], page: str) -> None:
    with visit(f"{page}.html") as seen:
        for item in ITEMS[page]:
            answer_by_keyboard(seen.page, item)
        assert urls(seen) == [f"{page}.html"], "nothing is sent anywhere"


def answer_by_keyboard(page: Any, item: quiz.Item) -> None:
    """Check with no choice, then with each of them."""
    form = page.locator(f"#quiz-{item.id}")
    said = form.locator("[role=status]")
    assert flat(form.locator("fieldset > legend").inner_text()).startswith(flat(item.question)), item.id
    assert not [c for c in item.choices if flat(c.why) in flat(form.inner_text())], (
        f"{item.id} is answered in plain view"
    )
    keys = page.keyboard

    form.locator("button").focus()
    keys.press("Enter")
    assert said.inner_text() == "Choose an answer first.", item.id

    # To each choice by Tab and arrows, then on to the button and back.
    for number, choice in enumerate(item.choices):
        form.locator("input").nth(0 if item.multi else max(number - 1, 0)).focus()
        if item.multi:
            for _ in range(number):
                keys.press("Tab")
            keys.press("Space")
        else:
            keys.press("ArrowDown" if number else "Space")
        assert form.locator("input").nth(number).is_checked(), item.id
        assert said.inner_text() == "", f"{item.id}: an old verdict is taken away"
        keys.press("Tab")
        for _ in range(len(item.choices) - 1 - number if item.multi else 0):
            keys.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Check", item.id
        keys.press("Enter")
        assert f"{quiz.verdict(choice)} {flat(choice.why)}" in flat(said.inner_text()), item.id
        mark = form.locator("label").nth(number).get_attribute("data-verdict")
        assert mark == ("right" if choice.right else "wrong"), item.id
    if item.multi:
        right = sum(choice.right for choice in item.choices)
        assert f"found {right} of the {right} right answers" in said.inner_text(), item.id


def urls(seen: Any) -> list[str]:
    return sorted({Path(url).name for url in seen.requests if Path(url).suffix == ".html"})


@pytest.mark.every_page("page")
@with_quiz
def test_quizzes_by_finger_on_a_phone(chromium: Any, site: Path, page: str) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 800}, has_touch=True, offline=True)
    try:
        tab = context.new_page()
        tab.goto((site / f"{page}.html").as_uri())
        for item in ITEMS[page]:
            form = tab.locator(f"#quiz-{item.id}")
            form.locator("label").last.tap()
            form.locator("button").tap()
            assert flat(item.choices[-1].why) in flat(form.locator("[role=status]").inner_text()), item.id
            sizes = [form.locator("label").nth(i).bounding_box()["height"] for i in range(len(item.choices))]
            assert min(sizes) >= 24, f"{item.id}: a finger finds each choice"
    finally:
        context.close()


def test_quiz_without_scripts(chromium: Any, site: Path) -> None:
    page, item = next((page, items[0]) for page, items in ITEMS.items() if items)
    context = chromium.new_context(java_script_enabled=False, offline=True)
    try:
        tab = context.new_page()
        tab.goto((site / f"{page}.html").as_uri())
        form = tab.locator(f"#quiz-{item.id}")
        assert not form.locator("button").is_visible()
        assert not form.locator("li").first.is_visible()
        form.locator("summary").click()
        assert form.locator("li").first.is_visible()
        assert flat(item.choices[0].why) in flat(form.inner_text())
    finally:
        context.close()
