"""Explorables in a real page: mouse, keyboard, touch, sound, address; and their numbers against the library's."""

from __future__ import annotations

import contextlib
import io
import itertools
import math
import re
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tlmlda_lib import losses
from tlmlda_lib.book.explorables import CrossEntropy, DynamicWeights, Hear, MMDByHand
from tlmlda_lib.evaluation import plots
from tlmlda_lib.experiments.settings import PRINTED_ALPHA
from tlmlda_lib.training.options import FIVE as LOSSES
from tlmlda_lib.weighting import dynamic_weights

Visitor = Callable[..., Any]
MMD_PAGE = "mmd.html"
ENTROPY_PAGE = "emotion.html"
WEIGHTS_PAGE = "weighting.html"
RATE = 16000


# MMD by hand


def shown(page: Any, name: str = "mmd") -> float:
    """A number of the page, with all its digits."""
    return float(page.locator(f'.tl-mmd output[data-value="{name}"]').get_attribute("data-exact"))


def code(page: Any) -> str:
    return page.locator(".tl-mmd details pre").text_content()


def clouds(page: Any) -> dict[str, Any]:
    """What a reader gets who runs the page's own lines of Python."""
    found: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(code(page), found)
    found["value"] = float(re.search(r"tensor\(([-\d.e]+)", printed.getvalue())[1])
    return found


def assert_page_equals_library(page: Any) -> None:
    found = clouds(page)
    bandwidth = re.search(r"bandwidth=([\d.e+-]+)", code(page))
    by_library = losses.mmd(found["zs"], found["zt"], bandwidth=float(bandwidth[1]) if bandwidth else None).item()
    assert shown(page) == pytest.approx(by_library, abs=1e-6)
    assert found["value"] == pytest.approx(by_library, abs=1e-4)  # torch prints four digits
    assert float(page.locator('.tl-mmd output[data-value="mmd"]').text_content()) == pytest.approx(by_library, abs=1e-6)


def handle(page: Any, name: str) -> Any:
    return page.get_by_role("slider", name=name, exact=True)


def middle(locator: Any) -> tuple[float, float]:
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Any, locator: Any, dx: float, dy: float) -> None:
    x, y = middle(locator)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2)
    page.mouse.move(x + dx, y + dy)
    page.mouse.up()


@pytest.mark.parametrize("start", ["shifted", "same", "wider", "ring"])
def test_number_of_the_page_is_the_library_s(visit: Visitor, start: str) -> None:
    with visit(MMD_PAGE) as seen:
        seen.page.get_by_label("Start from").select_option(start)
        assert_page_equals_library(seen.page)
        assert not seen.errors


def test_mouse_moves_a_cloud(visit: Visitor) -> None:
    with visit(MMD_PAGE) as seen:
        before, old = clouds(seen.page), shown(seen.page)
        drag(seen.page, handle(seen.page, "target cloud"), -90, 10)
        after = clouds(seen.page)
        assert torch.equal(after["zs"], before["zs"])
        steps = (after["zt"] - before["zt"]).round(decimals=2)
        assert (steps == steps[0]).all()
        assert steps[0, 0] < -0.5
        assert shown(seen.page) < old
        assert_page_equals_library(seen.page)


def test_mouse_moves_a_point(visit: Visitor) -> None:
    with visit(MMD_PAGE) as seen:
        seen.page.get_by_label("single points").check()
        before = clouds(seen.page)
        drag(seen.page, handle(seen.page, "source point 3"), 40, -30)
        moved = (clouds(seen.page)["zs"] != before["zs"]).any(1)
        assert moved.nonzero().flatten().tolist() == [2]
        assert_page_equals_library(seen.page)


def test_keyboard_moves_a_cloud_and_the_edge_stops_it(visit: Visitor) -> None:
    with visit(MMD_PAGE) as seen:
        before = clouds(seen.page)["zt"]
        handle(seen.page, "target cloud").focus()
        for key in ("ArrowLeft", "ArrowLeft", "ArrowUp", "Shift+ArrowDown"):
            seen.page.keyboard.press(key)
        after = clouds(seen.page)["zt"]
        assert torch.allclose(after - before, torch.tensor([-0.2, -0.4], dtype=torch.float64), atol=1e-9)
        spoken = handle(seen.page, "target cloud").get_attribute("aria-valuetext")
        assert spoken == "x {:.2f}, y {:.2f}".format(*after.mean(0).tolist())
        for _ in range(20):
            seen.page.keyboard.press("Shift+ArrowRight")
        edge = clouds(seen.page)["zt"]
        assert edge[:, 0].max() == 4
        assert torch.allclose(edge[:, 0] - edge[0, 0], before[:, 0] - before[0, 0], atol=1e-9)
        assert_page_equals_library(seen.page)


def test_touch_moves_a_cloud(visit: Visitor) -> None:
    with visit(MMD_PAGE, width=390, has_touch=True, is_mobile=True) as seen:
        before = clouds(seen.page)
        x, y = middle(handle(seen.page, "source cloud"))
        finger = seen.page.context.new_cdp_session(seen.page)
        for kind, step in (("touchStart", 0), ("touchMove", 20), ("touchMove", 40), ("touchEnd", None)):
            points = [] if step is None else [{"x": x + step, "y": y + step / 4}]
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            seen.page.wait_for_timeout(50)  # a move is delivered with the next frame
        assert (clouds(seen.page)["zs"] - before["zs"])[:, 0].min() > 0.5
        assert_page_equals_library(seen.page)
        assert not seen.errors


@pytest.mark.parametrize("presses", [-9, 5])
def test_bandwidth_by_keyboard(visit: Visitor, presses: int) -> None:
    with visit(MMD_PAGE) as seen:
        seen.page.get_by_label("Bandwidth").focus()
        for _ in range(abs(presses)):
            seen.page.keyboard.press("ArrowLeft" if presses < 0 else "ArrowRight")
        assert f"bandwidth={'0' if presses < 0 else ''}" in code(seen.page)
        assert_page_equals_library(seen.page)


def test_number_of_points_and_start_again(visit: Visitor) -> None:
    with visit(MMD_PAGE) as seen:
        seen.page.get_by_label("Points in each cloud").fill("5")
        first = clouds(seen.page)
        assert first["zs"].shape == first["zt"].shape == (5, 2)
        handle(seen.page, "target cloud").focus()
        seen.page.keyboard.press("ArrowLeft")
        assert shown(seen.page) != pytest.approx(first["value"], abs=1e-3)
        seen.page.get_by_role("button", name="Start again").click()
        assert torch.equal(clouds(seen.page)["zt"], first["zt"])


def test_floor_is_the_mean_over_all_ways_to_deal(visit: Visitor, bench: Callable[[Any], Path]) -> None:
    rng = np.random.default_rng(3)
    source, target = rng.uniform(-2, 2, (4, 2)).round(2), rng.uniform(-1, 3, (3, 2)).round(2)
    pooled = torch.tensor(np.concatenate([source, target]))
    dealt = []
    for chosen in itertools.combinations(range(7), 4):
        rest = [i for i in range(7) if i not in chosen]
        dealt.append(losses.mmd(pooled[list(chosen)], pooled[rest]).item())
    with visit(bench(MMDByHand(source, target))) as seen:
        seen.page.locator(".tl-mmd").wait_for()
        assert shown(seen.page) == pytest.approx(losses.mmd(pooled[:4], pooled[4:]).item(), abs=1e-6)
        assert shown(seen.page, "floor") == pytest.approx(statistics.mean(dealt), abs=1e-6)
        share = float(seen.page.locator('output[data-value="share"]').text_content())
        exact = statistics.mean(d >= dealt[0] - 1e-9 for d in dealt)
        assert share == pytest.approx(exact, abs=4 * (exact * (1 - exact) / 999) ** 0.5 + 0.002)
        assert not seen.errors


def test_setting_can_be_linked(visit: Visitor) -> None:
    with visit(MMD_PAGE) as seen:
        seen.page.wait_for_timeout(500)
        assert seen.page.evaluate("location.search") == ""  # nobody has touched anything
        seen.page.get_by_label("Bandwidth").fill("-1.5")
        handle(seen.page, "source cloud").focus()
        seen.page.keyboard.press("ArrowDown")
        first = code(seen.page)
        seen.page.wait_for_function("location.search === document.querySelector('.tl-link').getAttribute('href')")
        link = seen.page.get_by_role("link", name="Link to this setting").get_attribute("href")
    assert link.startswith("?mmd=")
    with visit(MMD_PAGE, query=link) as seen:
        assert code(seen.page) == first
        assert seen.page.get_by_label("Bandwidth").input_value() == "-1.5"
    with visit(MMD_PAGE, query="?mmd=nonsense_zz") as seen:
        assert_page_equals_library(seen.page)
        assert not seen.errors


def test_summary_says_what_is_seen(visit: Visitor) -> None:
    with visit(MMD_PAGE) as seen:
        summary = seen.page.locator(".tl-mmd .tl-summary")
        assert summary.get_attribute("aria-live") == "polite"
        assert f"MMD² is {shown(seen.page):.2f}" in summary.text_content()
        seen.page.get_by_label("Start from").select_option("same")
        seen.page.wait_for_function(
            "v => document.querySelector('.tl-summary').textContent.includes(v)", arg=f"{shown(seen.page):.2f}"
        )
        assert "no more than chance explains" in summary.text_content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_witness_is_painted(visit: Visitor, scheme: str) -> None:
    with visit(MMD_PAGE, scheme=scheme) as seen:
        left, right = seen.page.evaluate("""() => {
          const c = document.querySelector('.tl-stage canvas'), g = c.getContext('2d');
          return [.25, .75].map(x => [...g.getImageData(c.width * x, c.height * .5, 1, 1).data]); }""")
        assert left[2] > left[0]  # the source is blue,
        assert right[0] > right[2]  # the target orange
        assert seen.page.locator(".tl-zero").get_attribute("d").startswith("M")


# Cross-entropy

FIVE = ("anger", "fear", "happy", "neutral", "sad")


def scores_of(page: Any) -> torch.Tensor:
    """The five scores of the page, with all their digits."""
    exact = [page.locator(f".tl-row.tl-{name} output").get_attribute("data-exact") for name in FIVE]
    return torch.tensor([[float(v) for v in exact]], dtype=torch.float64)


def entropy(page: Any, name: str) -> float:
    return float(page.locator(f'.tl-entropy output[data-value="{name}"]').get_attribute("data-exact"))


def true_of(page: Any) -> torch.Tensor:
    return torch.tensor([FIVE.index(page.get_by_label("The true emotion", exact=True).input_value())])


def torch_steps(scores: torch.Tensor, true: torch.Tensor, *, rate: float, sign: int, steps: int) -> torch.Tensor:
    """What torch's own gradient descent makes of the scores with the library's loss."""
    leaf = scores.clone().requires_grad_()
    optimiser = torch.optim.SGD([leaf], lr=rate)
    for _ in range(steps):
        optimiser.zero_grad()
        (sign * losses.classification(leaf, true)).backward()
        optimiser.step()
    return leaf.detach()


def assert_entropy_equals_library(page: Any, sign: int = 1) -> None:
    leaf = scores_of(page).requires_grad_()
    loss = losses.classification(leaf, true_of(page))
    loss.backward()
    assert entropy(page, "loss") == pytest.approx(loss.item(), abs=1e-9)
    assert entropy(page, "p") == pytest.approx(math.exp(-loss.item()), abs=1e-9)
    assert entropy(page, "minimised") == pytest.approx(sign * loss.item(), abs=1e-9)
    assert entropy(page, "slope") == pytest.approx(sign * leaf.grad[0, true_of(page)].item(), abs=1e-9)
    found: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(page.locator(".tl-entropy details pre").text_content(), found)
    assert found["loss"].item() == pytest.approx(loss.item(), abs=1e-12)
    expected = torch_steps(leaf.detach(), true_of(page), rate=found_rate(page), sign=sign, steps=1)
    assert torch.allclose(found["after"].detach(), expected, rtol=0, atol=1e-12)


def found_rate(page: Any) -> float:
    return float(page.get_by_label("Step size").input_value())


@pytest.mark.parametrize(("label", "sign"), [("with its minus", 1), ("as printed", -1)])
def test_slider_and_step_are_torch_s(visit: Visitor, label: str, sign: int) -> None:
    with visit(ENTROPY_PAGE) as seen:
        page = seen.page
        page.get_by_label(label).check()
        page.get_by_label("The true emotion", exact=True).select_option("sad")
        page.get_by_role("slider", name="fear", exact=True).fill("2.3")
        page.get_by_label("Step size").fill("1.7")
        before, p = scores_of(page), entropy(page, "p")
        assert before[0, 1] == pytest.approx(2.3)
        assert_entropy_equals_library(page, sign)
        page.get_by_role("button", name="One gradient step").click()
        expected = torch_steps(before, true_of(page), rate=1.7, sign=sign, steps=1)
        assert torch.allclose(scores_of(page), expected, rtol=0, atol=1e-9)
        assert (entropy(page, "p") > p) is (sign == 1)
        assert entropy(page, "steps") == 1
        assert_entropy_equals_library(page, sign)
        assert not seen.errors


@pytest.mark.parametrize(("label", "sign"), [("with its minus", 1), ("as printed", -1)])
def test_thirty_steps_lead_up_or_to_nothing(visit: Visitor, label: str, sign: int) -> None:
    with visit(ENTROPY_PAGE) as seen:
        page = seen.page
        page.get_by_label(label).check()
        before = scores_of(page)
        page.get_by_role("button", name="30 steps").click()  # at once, where motion is not wanted
        expected = torch_steps(before, true_of(page), rate=1, sign=sign, steps=30)
        assert torch.allclose(scores_of(page), expected, rtol=0, atol=1e-9)
        assert entropy(page, "steps") == 30
        assert entropy(page, "p") > 0.9 if sign == 1 else entropy(page, "p") < 1e-12
        assert_entropy_equals_library(page, sign)
        page.get_by_role("button", name="Start again").click()
        assert torch.equal(scores_of(page), before)
        assert page.get_by_label("with its minus").is_checked()


def test_steps_follow_one_another_and_can_be_stopped(visit: Visitor) -> None:
    with visit(ENTROPY_PAGE, reduced_motion="no-preference") as seen:
        page = seen.page
        page.get_by_role("button", name="30 steps").click()
        page.wait_for_function("document.querySelector('.tl-entropy [data-value=\"steps\"]').dataset.exact >= 2")
        page.get_by_role("button", name="Stop").click()
        taken = entropy(page, "steps")
        assert 2 <= taken < 30
        page.wait_for_timeout(400)
        assert entropy(page, "steps") == taken
        assert_entropy_equals_library(page)


def test_probability_by_keyboard_mouse_and_touch(visit: Visitor) -> None:
    with visit(ENTROPY_PAGE) as seen:
        page, dot = seen.page, handle(seen.page, "probability of anger")
        others = scores_of(page)[0, 1:]
        dot.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
        assert entropy(page, "p") == pytest.approx(0.313, abs=1e-9)  # 0.203, kept to three decimals
        assert torch.equal(scores_of(page)[0, 1:], others)
        assert dot.get_attribute("aria-valuenow") == "31.3"
        page.keyboard.press("Home")
        assert entropy(page, "p") == pytest.approx(0.001, abs=1e-9)
        page.keyboard.press("End")
        drag(page, dot, -60, 5)
        assert 0.5 < entropy(page, "p") < 0.95
        assert_entropy_equals_library(page)
        page.get_by_role("slider", name="happy", exact=True).focus()
        before = scores_of(page)
        page.keyboard.press("ArrowLeft")
        assert (scores_of(page) - before)[0].tolist() == pytest.approx([0, 0, -0.1, 0, 0])
    with visit(ENTROPY_PAGE, width=390, has_touch=True, is_mobile=True) as seen:
        page, before = seen.page, entropy(seen.page, "p")
        x, y = middle(handle(page, "probability of anger"))
        finger = page.context.new_cdp_session(page)
        for kind, step in (("touchStart", 0), ("touchMove", 30), ("touchMove", 60), ("touchEnd", None)):
            points = [] if step is None else [{"x": x + step, "y": y}]
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            page.wait_for_timeout(50)
        assert entropy(page, "p") > before + 0.1
        assert not seen.errors


def test_entropy_setting_can_be_linked(visit: Visitor, bench: Callable[[Any], Path]) -> None:
    with visit(ENTROPY_PAGE) as seen:
        page = seen.page
        page.wait_for_timeout(500)
        assert page.evaluate("location.search") == ""  # nobody has touched anything
        page.get_by_label("as printed").check()
        page.get_by_label("The true emotion", exact=True).select_option("happy")
        page.get_by_role("button", name="One gradient step").click()
        page.wait_for_function("location.search === document.querySelector('.tl-link').getAttribute('href')")
        link, scores = page.evaluate("location.search"), scores_of(page)
    assert link.startswith("?entropy=happy_printed_1_")
    with visit(ENTROPY_PAGE, query=link) as seen:
        assert torch.equal(scores_of(seen.page), scores)
        assert seen.page.get_by_label("as printed").is_checked()
        assert_entropy_equals_library(seen.page, -1)
    for nonsense in ("sad_meant_1_0,0,,0,0",):  # others are asked in Node
        with visit(ENTROPY_PAGE, query=f"?entropy={nonsense}") as seen:
            assert scores_of(seen.page)[0].tolist() == [0.5, -0.5, 1.5, 0, -1]
            assert not seen.errors
    widget = CrossEntropy([9, -9, 0, 0, 0], true="fear", sign="printed", rate=2.5)
    with visit(bench(widget)) as seen:
        seen.page.locator(".tl-entropy").wait_for()
        assert seen.page.get_by_label("as printed").is_checked()
        assert_entropy_equals_library(seen.page, -1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_entropy_is_drawn_and_said(visit: Visitor, scheme: str) -> None:
    table = plots.EMOTION_COLOURS if scheme == "light" else plots.EMOTION_COLOURS_DARK
    with visit(ENTROPY_PAGE, scheme=scheme) as seen:
        page = seen.page
        bars = page.evaluate("""() => [...document.querySelectorAll('.tl-entropy .tl-row')].map(row => {
          const bar = row.querySelector('.tl-bar'), track = bar.parentElement;
          return [getComputedStyle(bar).backgroundColor, bar.clientWidth / track.clientWidth]; })""")
        probabilities = torch.softmax(scores_of(page), 1)[0].tolist()
        for (colour, width), name, p in zip(bars, FIVE, probabilities, strict=True):
            red, green, blue = (int(table[name][i : i + 2], 16) for i in (1, 3, 5))
            assert colour == f"rgb({red}, {green}, {blue})"
            assert width == pytest.approx(p, abs=0.02)
        heights = {}
        for label in ("with its minus", "as printed"):
            page.get_by_label(label).check()
            box = page.locator(".tl-entropy .tl-curve").bounding_box()
            dot = page.locator(".tl-entropy .tl-dot > :last-child").bounding_box()
            heights[label] = (dot["y"] + dot["height"] / 2 - box["y"]) / box["height"]
        loss = entropy(page, "loss")
        assert heights["with its minus"] == pytest.approx(1 - loss / 6, abs=0.02)
        assert heights["as printed"] == pytest.approx(loss / 6, abs=0.02)
        summary = page.locator(".tl-entropy .tl-summary")
        assert summary.get_attribute("aria-live") == "polite"
        page.wait_for_function("document.querySelector('.tl-entropy .tl-summary').textContent.endsWith('p falls.')")
        assert f"the cross-entropy is {loss:.2f}. The guess is happy, which is wrong." in summary.text_content()


# Dynamic weights


def exact(page: Any, kind: str, names: tuple[str, ...] = LOSSES) -> dict[str, float]:
    """A column of the table, with all its digits."""
    place = '.tl-weights output[data-value="{}_{}"]'
    return {k: float(page.locator(place.format(kind, k)).get_attribute("data-exact")) for k in names}


def assert_weights_equal_library(page: Any, names: tuple[str, ...] = LOSSES) -> dict[str, float]:
    """What the page shows is what a reader gets who runs the page's own lines of Python."""
    found: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(page.locator(".tl-weights details pre").text_content(), found)
    by_library = dynamic_weights(found["losses"], found["alpha"])
    assert tuple(by_library) == names
    assert exact(page, "loss", names) == found["losses"]
    assert exact(page, "weight", names) == pytest.approx(by_library, rel=1e-9, abs=1e-9)
    values = torch.tensor(list(found["losses"].values()), dtype=torch.float64, requires_grad=True)
    factors = torch.tensor(list(found["alpha"].values()), dtype=torch.float64)
    (factors * values**2 / values.sum()).sum().backward()
    assert list(exact(page, "slope", names).values()) == pytest.approx(values.grad.tolist(), rel=1e-9, abs=1e-9)
    return found["alpha"]


def test_weights_of_the_page_are_the_library_s(visit: Visitor) -> None:
    with visit(WEIGHTS_PAGE) as seen:
        assert assert_weights_equal_library(seen.page) == PRINTED_ALPHA["E2B"]
        means = exact(seen.page, "loss")
        seen.page.get_by_label("α of y", exact=True).fill("0.7")
        assert assert_weights_equal_library(seen.page)["y"] == 0.7
        assert seen.page.get_by_label("Factors α", exact=True).input_value() == "own"
        for words, factor in (("feature sums", 1582), ("the printed sums", 158200)):
            seen.page.get_by_label(words, exact=True).check()
            assert_weights_equal_library(seen.page)
            expected = {k: v * (factor if k in "ST" else 1) for k, v in means.items()}
            assert exact(seen.page, "loss") == pytest.approx(expected, rel=1e-12)
        for scheme, row in PRINTED_ALPHA.items():
            seen.page.get_by_label("Factors α", exact=True).select_option(scheme)
            assert assert_weights_equal_library(seen.page) == row
            assert [float(seen.page.get_by_label(f"α of {k}", exact=True).input_value()) for k in LOSSES] == list(
                row.values()
            )
        assert not seen.errors


def test_weights_by_keyboard(visit: Visitor) -> None:
    with visit(WEIGHTS_PAGE) as seen:
        before = exact(seen.page, "loss")
        seen.page.get_by_label("Epoch", exact=True).focus()
        seen.page.keyboard.press("ArrowRight")
        assert exact(seen.page, "loss") != before
        seen.page.get_by_label("α of LMMD", exact=True).focus()
        for _ in range(3):
            seen.page.keyboard.press("ArrowLeft")
        assert assert_weights_equal_library(seen.page)["LMMD"] == 0.7
        assert seen.page.get_by_label("Epoch", exact=True).input_value() == "16"


def test_weights_by_touch(visit: Visitor) -> None:
    with visit(WEIGHTS_PAGE, width=390, has_touch=True, is_mobile=True) as seen:
        curves = seen.page.locator(".tl-curves")
        curves.scroll_into_view_if_needed()
        box = curves.bounding_box()
        seen.page.touchscreen.tap(box["x"] + box["width"] - 10, box["y"] + 60)
        assert seen.page.get_by_label("Epoch", exact=True).input_value() == "30"
        seen.page.get_by_label("feature sums", exact=True).tap()
        assert_weights_equal_library(seen.page)
        assert not seen.errors


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_areas_are_the_shares(visit: Visitor, bench: Callable[[Any], Path], scheme: str) -> None:
    # Two losses whose shares are known: 1/4 and 3/4 in the first epoch, 1/2 and 1/2 in the last.
    history = {"loss_y": [0.3, 0.1], "loss_T": [0.1, 0.1]}
    with visit(bench(DynamicWeights(history, alpha=dict.fromkeys(LOSSES, 1))), scheme=scheme) as seen:
        page = seen.page
        page.locator(".tl-area").first.wait_for()
        assert_weights_equal_library(page, ("T", "y"))
        assert exact(page, "share", ("T", "y")) == pytest.approx({"T": 0.25, "y": 0.75}, abs=1e-12)
        areas = [re.findall(r"[\d.]+ ([\d.]+)", page.locator(f".tl-area.tl-of-{k}").get_attribute("d")) for k in "Ty"]
        target, emotion = ([float(y) for y in area] for area in areas)
        height = target[3] - emotion[0]  # from the bottom of all to their top
        assert (target[3] - target[0]) / height == pytest.approx(0.25, abs=0.01)
        assert (target[2] - target[1]) / height == pytest.approx(0.5, abs=0.01)
        colours = page.evaluate(
            "['T', 'y'].map(k => getComputedStyle(document.querySelector(`.tl-area.tl-of-${k}`)).fill)"
        )
        assert len(set(colours)) == 2
        assert "y has 75 % of the weight, T 25 %" in page.locator(".tl-curves svg").get_attribute("aria-label")
        page.get_by_label("α of y", exact=True).fill("0")
        assert exact(page, "share", ("T", "y")) == {"T": 1, "y": 0}
        page.get_by_label("α of T", exact=True).fill("0")
        assert exact(page, "share", ("T", "y")) == {"T": 0, "y": 0}
        assert not seen.errors


def test_weights_can_be_linked(visit: Visitor) -> None:
    with visit(WEIGHTS_PAGE) as seen:
        seen.page.wait_for_timeout(500)
        assert seen.page.evaluate("location.search") == ""  # nobody has touched anything
        seen.page.get_by_label("Factors α", exact=True).select_option("C2B")
        seen.page.get_by_label("Epoch", exact=True).fill("7")
        seen.page.get_by_label("the printed sums", exact=True).check()
        first = exact(seen.page, "weight")
        seen.page.wait_for_function("location.search === document.querySelector('.tl-link').getAttribute('href')")
        link = seen.page.get_by_role("link", name="Link to this setting").get_attribute("href")
    assert link == "?weights=0.1_0.1_5_2_0.1_printed_7"
    with visit(WEIGHTS_PAGE, query=link) as seen:
        assert exact(seen.page, "weight") == first
        assert seen.page.get_by_label("Factors α", exact=True).input_value() == "C2B"
        assert seen.page.get_by_label("the printed sums", exact=True).is_checked()
    for nonsense in ("?weights=9_1_1_1_1_mean_3", "?weights=1_1_x_1_1_pounds_3"):
        with visit(WEIGHTS_PAGE, query=nonsense) as seen:
            assert assert_weights_equal_library(seen.page) == PRINTED_ALPHA["E2B"]
            assert not seen.errors


def test_weights_are_said_in_words(visit: Visitor) -> None:
    with visit(WEIGHTS_PAGE) as seen:
        summary = seen.page.locator(".tl-weights .tl-summary")
        assert summary.get_attribute("aria-live") == "polite"
        assert summary.text_content().startswith("Epoch 15 of 30, means: ")
        seen.page.get_by_label("Factors α", exact=True).select_option("ones")
        up = [k for k, v in exact(seen.page, "slope").items() if v < 0]
        assert up
        named = f"{', '.join(up[:-1])} and {up[-1]}" if len(up) > 1 else up[0]
        seen.page.wait_for_function(
            "v => document.querySelector('.tl-weights .tl-summary').textContent.includes(v)",
            arg=f"Through the graph {named} would be trained upwards.",
        )


# Hear the corpora


def voice(start: float, end: float, seconds: float = 0.6) -> NDArray[np.float32]:
    phase = np.cumsum(2 * np.pi * np.geomspace(start, end, int(seconds * RATE)) / RATE)
    return np.asarray(sum(0.1 * np.sin(k * phase) / k for k in range(1, 15)), dtype=np.float32)


@pytest.fixture
def grid(bench: Callable[[Any], Path]) -> Path:
    pitches = {"anger": (150, 260), "sad": (140, 100), "happy": (200, 320)}
    clips = [
        {"emotion": emotion, "corpus": corpus, "samples": voice(*hertz), "rate": RATE, "caption": f"Made, {corpus}."}
        for emotion, hertz in pitches.items()
        for corpus in ("German", "Mandarin")
        if (emotion, corpus) != ("happy", "Mandarin")
    ]
    return bench(Hear(clips))


RMS = """async () => {
  const bytes = await (await fetch(document.querySelector('.tl-hear audio').src)).arrayBuffer();
  const sound = await new OfflineAudioContext(1, 1, 16000).decodeAudioData(bytes);
  const x = sound.getChannelData(0);
  return [sound.duration, Math.sqrt(x.reduce((s, v) => s + v * v, 0) / x.length)];
}"""
PLAYING = "() => [...document.querySelectorAll('.tl-playing')].map(b => b.dataset.clip)"


def test_clip_sounds_and_only_one_at_a_time(visit: Visitor, grid: Path) -> None:
    with visit(grid) as seen:
        page = seen.page
        page.get_by_role("button", name="anger, German: play").click()
        page.wait_for_function("document.querySelector('.tl-hear audio').currentTime > 0")
        assert page.evaluate(PLAYING) == ["anger.German"]
        seconds, rms = page.evaluate(RMS)
        assert seconds == pytest.approx(0.6, abs=0.15)
        assert rms > 0.05
        page.get_by_role("button", name="sad, Mandarin: play").click()
        assert page.evaluate(PLAYING) == ["sad.Mandarin"]
        page.get_by_role("button", name="sad, Mandarin: stop").click()
        assert page.evaluate(PLAYING) == []
        assert page.evaluate("document.querySelector('.tl-hear audio').paused")
        assert not seen.errors


def test_row_plays_one_clip_after_another(visit: Visitor, grid: Path) -> None:
    with visit(grid) as seen:
        seen.page.get_by_role("button", name="Play anger in every corpus").click()
        assert seen.page.evaluate(PLAYING) == ["anger.German"]
        seen.page.wait_for_function(f"({PLAYING})()[0] === 'anger.Mandarin'")
        seen.page.wait_for_function(f"({PLAYING})().length === 0")


def test_grid_by_keyboard(visit: Visitor, grid: Path) -> None:
    with visit(grid) as seen:
        page = seen.page
        focused = "document.activeElement.dataset.clip"
        page.locator('[data-clip="anger.German"]').focus()
        assert page.locator('.tl-hear [data-clip][tabindex="0"]').count() == 1
        page.keyboard.press("ArrowRight")
        assert page.evaluate(focused) == "anger.Mandarin"
        page.keyboard.press("ArrowDown")  # over the empty cell
        assert page.evaluate(focused) == "sad.Mandarin"
        page.keyboard.press("Enter")
        assert page.evaluate(PLAYING) == ["sad.Mandarin"]
        page.keyboard.press("Escape")
        assert page.evaluate(PLAYING) == []
        page.keyboard.press("Space")
        assert page.evaluate(PLAYING) == ["sad.Mandarin"]


def test_grid_by_touch(visit: Visitor, grid: Path) -> None:
    with visit(grid, width=390, has_touch=True, is_mobile=True) as seen:
        seen.page.locator('[data-clip="happy.German"]').tap()
        seen.page.wait_for_function("document.querySelector('.tl-hear audio').currentTime > 0")
        assert seen.page.evaluate(PLAYING) == ["happy.German"]
        assert seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_clip_is_described_and_can_be_linked(visit: Visitor, grid: Path) -> None:
    with visit(grid, query="?hear=sad.German") as seen:
        page = seen.page
        figure = page.locator(".tl-hear figure")
        words = figure.locator("figcaption").text_content()
        assert re.match(r"sad, German, 0.6 s: pitch around 1\d\d Hz, .*falling\. Made, German\.", words)
        assert "falling" in figure.locator("svg").get_attribute("aria-label")
        page.get_by_role("button", name="anger, Mandarin: play").click()
        page.wait_for_function("location.search.includes('anger.Mandarin')")
        assert "anger, Mandarin" in page.locator(".tl-summary").text_content()
        pitch = page.locator('[data-clip="anger.Mandarin"] .tl-pitch').get_attribute("d")
        heights = [float(y) for _, y in re.findall(r"([\d.]+) ([\d.]+)", pitch)]
        assert heights[-1] < heights[0] - 3  # it rises


def test_moving_mark_only_where_motion_is_wanted(visit: Visitor, grid: Path) -> None:
    for wish, moves in (("reduce", False), ("no-preference", True)):
        with visit(grid, reduced_motion=wish) as seen:
            seen.page.get_by_role("button", name="anger, German: play").click()
            seen.page.wait_for_function("document.querySelector('.tl-hear audio').currentTime > 0.1")
            seen.page.wait_for_timeout(50)
            assert (seen.page.locator(".tl-playing .tl-cursor").get_attribute("x1") is not None) is moves
