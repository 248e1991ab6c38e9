"""Two corpora in a real page: heard, moved and counted; its shares against NumPy's and the library's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tlmlda_lib import domains, evaluation, methods
from tlmlda_lib.book.explorables import TwoCorpora

Visitor = Callable[..., Any]
pytestmark = pytest.mark.of("shift.html", "TwoCorpora")
PAGE = "shift.html"
SCALINGS = ("together", "each corpus", "each voice", "each speaker")
CHOSEN = ".tl-corpora .tl-one[tabindex='0']"


def shares(page: Any) -> dict[str, float]:
    outputs = page.locator(".tl-corpora output[data-value]")
    return {o.get_attribute("data-value"): float(o.get_attribute("data-exact")) for o in outputs.all()}


def state(page: Any) -> dict[str, Any]:
    """What the page was given."""
    return page.evaluate("""() => {
        const text = document.querySelector('script[type="application/vnd.jupyter.widget-state+json"]').textContent;
        return Object.values(JSON.parse(text).state).map((m) => m.state).find((s) => s.maps && s.points);
    }""")


def by_numpy(xy: np.ndarray, corpus: np.ndarray, emotion: np.ndarray, k: int = 5) -> dict[str, float]:
    d = ((xy[:, None] - xy) ** 2).sum(2)
    np.fill_diagonal(d, np.inf)
    own = (corpus[d.argsort(1, kind="stable")[:, :k]] == corpus[:, None]).mean()
    there, here = corpus == 1, corpus == 0
    near = d[there][:, here].argsort(1, kind="stable")[:, :k]
    return {"corpus": own, "emotion": (emotion[here][near] == emotion[there][:, None]).mean()}


def test_shares_are_those_of_the_places(visit: Visitor) -> None:
    pair = domains.load_pair("d2z", progress=False)
    with visit(PAGE) as seen:
        page = seen.page
        given = state(page)
        corpus = np.array([p["place"] for p in given["points"]])
        emotion = np.array([p["emotion"] for p in given["points"]])
        assert emotion[corpus == 1].tolist() == [pair.classes[c] for c in pair.truth]
        found = []
        for name, one in zip(SCALINGS, given["maps"], strict=True):
            page.get_by_role("radio", name=name, exact=True).check()
            number = shares(page)
            expected = by_numpy(np.array(one["xy"]), corpus, emotion)
            assert {k: number[k] for k in expected} == pytest.approx(expected, abs=1e-9)
            asked = [(e, p) for e, p in zip(emotion, one["predicted"], strict=True) if p]
            assert len(asked) == len(pair.truth)
            assert 100 * number["recognised"] == pytest.approx(evaluation.war(*zip(*asked, strict=True)))
            found.append(number)
        assert not seen.errors
    clf = methods.make("pca_svm", "zscore", C=0.01).fit(pair.X, pair.y, sample_domain=pair.sample_domain)
    assert 100 * found[1]["recognised"] == pytest.approx(100 * (clf.target_predictions_[-1] == pair.truth).mean())
    assert found[0]["corpus"] > 0.99
    assert found[1]["corpus"] < 0.7


def test_what_is_drawn_is_what_is_counted(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        page.get_by_role("radio", name="each corpus", exact=True).check()
        given = state(page)
        wrong = sum(
            p != "" and p != q["emotion"] for p, q in zip(given["maps"][1]["predicted"], given["points"], strict=True)
        )
        assert page.locator(".tl-plane .tl-missed").count() == wrong
        assert page.locator(".tl-plane g").count() == len(given["points"])
        assert page.locator(".tl-plane .tl-one").count() == 60
        mine = "e => e.style.getPropertyValue('--tl-mine')"
        first = page.locator(CHOSEN)
        assert first.evaluate(mine) == "var(--tl-anger)"
        page.get_by_role("radio", name="by corpus", exact=True).check()
        assert first.evaluate(mine) == "var(--tl-source)"


def test_marks_move_and_stay_inside(visit: Visitor) -> None:
    with visit(PAGE, width=390) as seen:
        page = seen.page
        middle = "const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2];"
        where = f"es => es.map((e) => {{ {middle} }})"
        places = []
        for name in SCALINGS:
            page.get_by_role("radio", name=name, exact=True).check()
            page.wait_for_timeout(100)
            places.append(np.array(page.locator(".tl-plane g").evaluate_all(where)))
            box = page.locator(".tl-plane svg").bounding_box()
            assert (places[-1] >= [box["x"], box["y"]]).all()
            assert (places[-1] <= [box["x"] + box["width"], box["y"] + box["height"]]).all()
        assert np.abs(places[0] - places[1]).mean() > 5


def test_keyboard_goes_from_mark_to_mark_and_plays(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        page.get_by_role("radio", name="each corpus", exact=True).check()
        page.locator(CHOSEN).focus()
        heard = set()
        for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp") * 6:
            page.keyboard.press(key)
            heard.add(page.locator(CHOSEN).get_attribute("aria-label"))
            assert page.locator(CHOSEN).count() == 1
            assert page.evaluate("document.activeElement.matches('.tl-one')")
        assert len(heard) > 3
        page.keyboard.press("Enter")
        page.wait_for_function("!document.querySelector('.tl-corpora audio').paused")
        assert page.locator(f"{CHOSEN}.tl-playing").count() == 1
        page.keyboard.press("Escape")
        assert page.evaluate("document.querySelector('.tl-corpora audio').paused")
        assert page.locator(".tl-current").text_content().rstrip(".") == page.locator(CHOSEN).get_attribute(
            "aria-label"
        )
        assert not seen.errors


def test_press_plays_the_nearest(visit: Visitor) -> None:
    with visit(PAGE, has_touch=True) as seen:
        page = seen.page
        page.get_by_role("radio", name="each corpus", exact=True).check()
        mark = page.locator(".tl-plane .tl-one").nth(40)
        mark.scroll_into_view_if_needed()
        box = mark.bounding_box()
        page.touchscreen.tap(box["x"] + box["width"] / 2 + 1, box["y"] + box["height"] / 2 + 1)
        page.wait_for_function("!document.querySelector('.tl-corpora audio').paused")
        assert page.locator(f"{CHOSEN}.tl-chosen").count() == 1
        assert not seen.errors


def test_setting_can_be_linked(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        page.wait_for_timeout(500)
        assert page.evaluate("location.search") == ""
        page.get_by_role("radio", name="each voice", exact=True).check()
        page.get_by_role("radio", name="by corpus", exact=True).check()
        page.locator(".tl-plane .tl-one").nth(40).focus()
        words = page.locator(".tl-current").text_content()
        page.wait_for_function(
            "location.search === document.querySelector('.tl-corpora .tl-link').getAttribute('href')"
        )
        link = page.locator(".tl-corpora .tl-link").get_attribute("href")
    with visit(PAGE, query=link) as seen:
        assert seen.page.get_by_role("radio", name="each voice", exact=True).is_checked()
        assert seen.page.locator(".tl-current").text_content() == words
    for nonsense in ("9~emotion~0", "0~sound~0", "0~emotion~9999"):  # others are asked in Node
        with visit(PAGE, query=f"?corpora={nonsense}") as seen:
            assert seen.page.get_by_role("radio", name="together", exact=True).is_checked()
            assert not seen.errors


def test_points_without_sound_or_predictions(visit: Visitor, bench: Callable[[Any], Path]) -> None:
    rng = np.random.default_rng(0)
    points = [{"corpus": "AB"[i % 2], "emotion": "sad", "speaker": "s"} for i in range(10)]
    widget = TwoCorpora(points, {"one": {"xy": rng.normal(size=(10, 2)), "predicted": [""] * 10}})
    with visit(bench(widget)) as seen:
        seen.page.locator(".tl-corpora").wait_for()
        seen.page.locator(".tl-plane svg").click()
        assert np.isnan(shares(seen.page)["recognised"])
        assert not seen.errors
