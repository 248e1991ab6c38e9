"""The motion of features in a real page: every epoch's numbers against the library's, places, colours, clips, keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tlmlda_lib import domains, evaluation, losses
from tlmlda_lib.book.explorables import FeatureMotion
from tlmlda_lib.book.pages.pictures import motion
from tlmlda_lib.evaluation import neighbours

Visitor = Callable[..., Any]
pytestmark = pytest.mark.of("pictures.html", "FeatureMotion")
EPOCHS = 4
CHOSEN = ".tl-motion .tl-one[tabindex='0']"


@pytest.fixture(scope="module")
def pair() -> Any:
    return domains.load_pair("d2z", progress=False)


@pytest.fixture(scope="module")
def seen(pair: Any) -> dict[str, motion.Motion]:
    return {name: motion.follow(pair, name, epochs=EPOCHS) for name in ("tlmlda", "only_cls")}


@pytest.fixture(scope="module")
def widget(pair: Any, seen: dict[str, motion.Motion]) -> FeatureMotion:
    emotion = np.where(pair.target, -1, pair.y)
    emotion[pair.target] = pair.truth
    points: list[dict[str, Any]] = []
    for i, (t, e) in enumerate(zip(pair.target, emotion, strict=True)):
        points.append({"domain": "target" if t else "source", "emotion": pair.classes[e]})
        if i % 20 == 0:
            points[-1] |= {"samples": 0.3 * np.sin(np.arange(6000) / (4 + i % 7)), "rate": 12000, "caption": f"no. {i}"}
    runs: dict[str, dict[str, Any]] = {}
    for name, one in seen.items():
        xy, share = motion.plane(one.z)
        runs[name] = {"xy": xy, "share": share, "predicted": one.predicted, "numbers": one.numbers}
    return FeatureMotion(points, runs, pair.classes)


@pytest.fixture
def opened(visit: Visitor, bench: Callable[[Any], Path], widget: FeatureMotion) -> Iterator[Any]:
    with visit(bench(widget)) as visited:
        visited.page.locator(CHOSEN).wait_for()
        yield visited.page
        assert not visited.errors


def shown(page: Any) -> dict[str, float]:
    outputs = page.locator(".tl-motion output[data-exact]")
    return {o.get_attribute("data-value"): float(o.get_attribute("data-exact")) for o in outputs.all()}


def go_to(page: Any, run: str, epoch: int) -> None:
    page.get_by_role("radio", name=run, exact=True).check()
    page.get_by_label("Epoch", exact=True).fill(str(epoch))


def by_library(pair: Any, one: motion.Motion, epoch: int) -> dict[str, float]:
    """From the features themselves, without what `follow` counted."""
    t = pair.target
    z, named = one.z[epoch], one.predicted[epoch][t]
    zs, zt = (torch.as_tensor(z[rows]).double() for rows in (~t, t))
    return {
        "war": evaluation.war(pair.truth, named) / 100,
        "mmd": losses.mmd(zs, zt).item(),
        "lmmd": one.numbers["lmmd"][epoch],
        "predicted": neighbours.neighbour_share(z[t], named),
        "true": neighbours.neighbour_share(z[t], pair.truth),
        "head": motion.head_share(z[t], len(pair.classes)),
        "chance-predicted": neighbours.chance_share(named),
        "chance-true": neighbours.chance_share(pair.truth),
    }


def test_numbers_of_every_epoch_are_the_library_s(opened: Any, pair: Any, seen: dict[str, motion.Motion]) -> None:
    for run, one in seen.items():
        for epoch in range(EPOCHS + 1):
            go_to(opened, run, epoch)
            assert shown(opened) == pytest.approx(by_library(pair, one, epoch), rel=1e-9), (run, epoch)
            words = opened.locator(".tl-motion output[data-value=predicted]").text_content()
            assert words == f"{100 * one.numbers['predicted'][epoch]:.1f} %"


def places(page: Any) -> np.ndarray:
    """Where the marks are to lie, in the order of the points that can be heard."""
    styles = page.locator(".tl-motion .tl-one").evaluate_all("l => l.map((g) => g.style.transform)")
    return np.array([[float(v) for v in re.findall(r"-?[\d.]+(?=px)", s)] for s in styles])


@pytest.mark.parametrize("fit", [True, False])
def test_marks_lie_where_the_plane_has_them(opened: Any, seen: dict[str, motion.Motion], fit: bool) -> None:
    opened.get_by_label("magnify each epoch").set_checked(fit)
    widths = []
    for epoch in (0, EPOCHS):
        go_to(opened, "tlmlda", epoch)
        found = places(opened)
        xy = motion.plane(seen["tlmlda"].z)[0][epoch, ::20] * [1, -1]
        a, b = (v - v.mean(0) for v in (found, xy))
        scale = (a * b).sum() / (b * b).sum()
        assert scale > 0
        assert np.abs(a - scale * b).max() < 0.5  # less than half a pixel
        widths.append(scale)
    assert (widths[0] > 2 * widths[1]) == fit
    assert (widths[0] == pytest.approx(widths[1], rel=0.01)) == (not fit)


def test_colours_are_what_they_are_said_to_be(opened: Any, pair: Any, seen: dict[str, motion.Motion]) -> None:
    go_to(opened, "tlmlda", 3)
    names = "l => l.map((g) => g.style.getPropertyValue('--tl-mine').slice(9, -1))"
    marks = opened.locator(".tl-motion .tl-one")
    assert marks.evaluate_all(names) == [pair.classes[c] for c in seen["tlmlda"].predicted[3][::20]]
    opened.get_by_role("radio", name="by true emotion").check()
    emotion = np.where(pair.target, -1, pair.y)
    emotion[pair.target] = pair.truth
    assert marks.evaluate_all(names) == [pair.classes[c] for c in emotion[::20]]
    opened.get_by_role("radio", name="by domain").check()
    assert marks.evaluate_all(names) == ["target" if t else "source" for t in pair.target[::20]]
    assert opened.locator(".tl-motion .tl-plane g").count() == len(pair.X)
    assert opened.locator(".tl-motion .tl-plane path").count() == pair.target.sum()


def test_motion_by_keyboard(opened: Any, pair: Any, seen: dict[str, motion.Motion]) -> None:
    mark = opened.locator(CHOSEN)
    first = mark.get_attribute("aria-label")
    assert first.startswith(f"{pair.classes[pair.y[0]]}, source, no. 0; the network says ")
    mark.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "ArrowRight"):
        opened.keyboard.press(key)
    mark = opened.locator(CHOSEN)
    assert mark.count() == 1
    assert mark.evaluate("g => g === document.activeElement")
    opened.keyboard.press("Enter")
    assert "tl-playing" in mark.get_attribute("class")
    assert opened.locator(".tl-motion audio").get_attribute("src").startswith("data:audio/mpeg;base64,")
    opened.keyboard.press("Escape")
    assert "tl-playing" not in mark.get_attribute("class")

    slider = opened.get_by_label("Epoch", exact=True)
    slider.focus()
    opened.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "1"
    summary = opened.locator(".tl-motion .tl-summary")
    opened.wait_for_function("e => e.textContent.includes('after epoch 1')", arg=summary.element_handle())
    number = int(re.search(r"no\. (\d+)", mark.get_attribute("aria-label"))[1])
    assert mark.get_attribute("aria-label").endswith(f"says {pair.classes[seen['tlmlda'].predicted[1][number]]}")


def test_the_film_plays_to_its_end_and_can_be_stopped(opened: Any) -> None:
    button, slider = opened.locator(".tl-motion [data-value=play]"), opened.get_by_label("Epoch", exact=True)
    button.press("Enter")
    assert button.text_content() == "Pause"
    opened.wait_for_function("e => e.valueAsNumber >= 1", arg=slider.element_handle())
    button.press("Enter")
    assert button.text_content() == "Play"
    stopped = slider.input_value()
    opened.wait_for_timeout(1200)
    assert slider.input_value() == stopped
    button.press("Enter")
    opened.wait_for_function(f"e => e.valueAsNumber === {EPOCHS}", arg=slider.element_handle())
    opened.wait_for_function("b => b.textContent === 'Play'", arg=button.element_handle())
    summary = opened.locator(".tl-motion .tl-summary")
    opened.wait_for_function(f"e => e.textContent.includes('after epoch {EPOCHS}')", arg=summary.element_handle())


def test_nothing_glides_where_motion_is_not_wanted(
    visit: Visitor, bench: Callable[[Any], Path], widget: FeatureMotion
) -> None:
    file, moves = bench(widget), "g => getComputedStyle(g).transitionDuration"
    for wanted, expected in (("reduce", "0s"), ("no-preference", "0.25s")):
        with visit(file, reduced_motion=wanted) as seen:
            mark = seen.page.locator(CHOSEN)
            mark.wait_for()
            assert mark.evaluate(moves) == expected


def test_motion_on_a_phone_and_by_a_link(visit: Visitor, bench: Callable[[Any], Path], widget: FeatureMotion) -> None:
    file = bench(widget)
    with visit(file, width=390, has_touch=True, is_mobile=True) as seen:
        page = seen.page
        mark = page.locator(".tl-motion .tl-one").nth(7)
        box = mark.bounding_box()
        page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.locator(".tl-motion .tl-one.tl-playing").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    with visit(file, query="?motion=1~3~domain~40~0") as seen:
        page = seen.page
        page.locator(CHOSEN).wait_for()
        assert page.get_by_label("Epoch", exact=True).input_value() == "3"
        assert page.get_by_role("radio", name="only_cls").is_checked()
        assert page.get_by_role("radio", name="by domain").is_checked()
        assert not page.get_by_label("magnify each epoch").is_checked()
        assert "no. 40" in page.locator(CHOSEN).get_attribute("aria-label")
        page.get_by_label("Epoch", exact=True).fill("2")
        page.wait_for_function("decodeURIComponent(location.search) === '?motion=1~2~domain~40~0'")
    for nonsense in ("0~9~true~0~1",):  # others are asked in Node
        with visit(file, query=f"?motion={nonsense}") as seen:
            seen.page.locator(CHOSEN).wait_for()
            assert seen.page.get_by_label("Epoch", exact=True).input_value() == "0"
            assert seen.page.get_by_role("radio", name="by what the network says").is_checked()
            assert not seen.errors


def test_the_course_of_an_epoch_s_numbers_is_drawn(opened: Any, seen: dict[str, motion.Motion]) -> None:
    for name, values in (
        ("predicted", seen["tlmlda"].numbers["predicted"]),
        ("head", seen["tlmlda"].numbers["head"]),
        ("war", seen["tlmlda"].numbers["war"] / 100),
    ):
        line = opened.locator(f".tl-motion .tl-course .tl-line-{name}").get_attribute("d")
        heights = [float(y) for _, y in re.findall(r"([\d.]+) ([\d.]+)", line)]
        assert heights == pytest.approx((100 * (1 - values)).tolist(), abs=0.06)
