"""LMMD by hand in a real page: emotions moved, swapped and mistaken; its two numbers against the library's."""

from __future__ import annotations

import contextlib
import io
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tlmlda_lib import losses
from tlmlda_lib.book.explorables.lmmd import COMMON, MISSING, LMMDByHand

Visitor = Callable[..., Any]
pytestmark = pytest.mark.of("lmmd.html", "LMMDByHand")
PAGE = "lmmd.html"
NUMBERS = "mmd", "mmdFloor", "lmmd", "lmmdFloor"


def shown(page: Any) -> dict[str, float]:
    """The page's numbers, with all their digits."""
    outputs = {name: page.locator(f'.tl-lmmd output[data-value="{name}"]') for name in NUMBERS}
    exact = {name: float(output.get_attribute("data-exact")) for name, output in outputs.items()}
    assert {name: float(output.text_content()) for name, output in outputs.items()} == pytest.approx(exact, abs=1e-6)
    return exact


def found(page: Any) -> dict[str, Any]:
    """What a reader gets who runs the page's own lines of Python."""
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(page.locator(".tl-lmmd details pre").text_content(), names)
    return names


def drawn(page: Any) -> dict[str, list[tuple[float, ...]]]:
    """Points as they stand in the picture: x, y, and the class by whose colour they are filled."""
    marks = page.evaluate("""() => [...document.querySelectorAll('.tl-lmmd .tl-point')].map(g => [
        g.classList.contains('tl-target') ? 'target' : 'source',
        ...g.getAttribute('transform').match(/-?\\d[\\d.e-]*/g).map(Number),
        ['anger', 'sad', 'happy'].findIndex(c => g.lastChild.classList.contains(`tl-of-${c}`))])""")
    return {name: [(x, -y, c) for domain, x, y, c in marks if domain == name] for name in ("source", "target")}


def assert_page_equals_library(page: Any) -> None:
    """From points and colours in the picture, apart from what the page's lines of Python say."""
    points = {name: np.array(rows) for name, rows in drawn(page).items()}
    zs, zt = (torch.tensor(points[name][:, :2]) for name in ("source", "target"))
    ys, guesses = (torch.tensor(points[name][:, 2]).long() for name in ("source", "target"))
    classes = int(page.get_by_label("Emotions", exact=True).input_value())
    common = page.get_by_label("Classes that count").input_value()
    pt = torch.eye(classes, dtype=torch.float64)[guesses]
    by_library = dict(zip(("mmd", "lmmd"), losses.mmd_and_lmmd(zs, zt, ys, pt, common=common), strict=True))
    numbers = shown(page)
    for name, value in by_library.items():
        assert numbers[name] == pytest.approx(value.item(), abs=1e-6)
    lines = found(page)
    assert torch.equal(lines["zs"], zs)
    assert torch.equal(lines["zt"], zt)
    assert lines["ys"].tolist() == ys.tolist()
    assert lines["guesses"] == guesses.tolist()
    assert f'common="{common}"' in page.locator(".tl-lmmd details pre").text_content()


def handle(page: Any, name: str) -> Any:
    return page.locator(".tl-lmmd").get_by_role("slider", name=name, exact=True)


def middle(locator: Any) -> tuple[float, float]:
    locator.scroll_into_view_if_needed()
    box = locator.locator("> :last-child").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Any, locator: Any, dx: float, dy: float) -> None:
    x, y = middle(locator)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2)
    page.mouse.move(x + dx, y + dy)
    page.mouse.up()


def click(page: Any, name: str) -> None:
    page.locator(".tl-lmmd").get_by_role("button", name=name).click()


def table(page: Any) -> list[list[str]]:
    rows = page.locator(".tl-lmmd tbody tr")
    return [rows.nth(i).locator("th, td").all_text_contents() for i in range(rows.count())]


def test_mouse_moves_one_emotion(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        assert_page_equals_library(seen.page)
        before, old = found(seen.page), shown(seen.page)
        drag(seen.page, handle(seen.page, "target sadness"), -110, 4)
        after = found(seen.page)
        steps = (after["zt"] - before["zt"]).round(decimals=2)
        assert torch.equal(after["zs"], before["zs"])
        assert not steps[:8].any()
        assert not steps[16:].any()
        assert (steps[8:16] == steps[8]).all()
        assert steps[8, 0] < -0.5
        assert shown(seen.page)["lmmd"] < old["lmmd"] - 0.3
        assert_page_equals_library(seen.page)
        assert not seen.errors


def test_mouse_moves_a_point_and_a_domain(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        seen.page.get_by_label("single points").check()
        before = found(seen.page)
        drag(seen.page, handle(seen.page, "source happiness, point 2"), 30, 40)
        moved = (found(seen.page)["zs"] != before["zs"]).any(1)
        assert moved.nonzero().flatten().tolist() == [17]
        assert_page_equals_library(seen.page)
        seen.page.get_by_label("a whole domain").check()
        before = found(seen.page)
        drag(seen.page, handle(seen.page, "target cloud"), -40, 0)
        steps = (found(seen.page)["zt"] - before["zt"]).round(decimals=2)
        assert (steps == steps[0]).all()
        assert steps[0, 0] < -0.2
        assert_page_equals_library(seen.page)


def test_keyboard_moves_an_emotion_and_the_edge_stops_it(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        before = found(seen.page)["zs"][:8]
        handle(seen.page, "source anger").focus()
        for key in ("ArrowRight", "ArrowUp", "Shift+ArrowDown"):
            seen.page.keyboard.press(key)
        after = found(seen.page)["zs"][:8]
        assert torch.allclose(after - before, torch.tensor([0.1, -0.4], dtype=torch.float64), atol=1e-9)
        spoken = handle(seen.page, "source anger").get_attribute("aria-valuetext")
        assert spoken == "x {:.2f}, y {:.2f}".format(*after.mean(0).tolist())
        for _ in range(12):
            seen.page.keyboard.press("Shift+ArrowLeft")
        edge = found(seen.page)["zs"][:8]
        assert edge[:, 0].min() == -4
        assert torch.allclose(edge[:, 0] - edge[0, 0], before[:, 0] - before[0, 0], atol=1e-9)
        assert_page_equals_library(seen.page)


def test_touch_moves_an_emotion(visit: Visitor) -> None:
    with visit(PAGE, width=390, has_touch=True, is_mobile=True) as seen:
        before = found(seen.page)
        x, y = middle(handle(seen.page, "target happiness"))
        finger = seen.page.context.new_cdp_session(seen.page)
        for kind, step in (("touchStart", 0), ("touchMove", 20), ("touchMove", 40), ("touchEnd", None)):
            points = [] if step is None else [{"x": x + step / 4, "y": y + step}]
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            seen.page.wait_for_timeout(50)  # a move is delivered with the next frame
        assert (found(seen.page)["zt"] - before["zt"])[16:, 1].max() < -0.5
        assert_page_equals_library(seen.page)
        assert not seen.errors


@pytest.mark.parametrize("classes", ["2", "3"])
def test_swap_is_seen_by_lmmd_alone(visit: Visitor, classes: str) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        page.get_by_label("Emotions", exact=True).select_option(classes)
        click(page, "Lay the target on the source")
        assert [shown(page)[name] for name in ("mmd", "lmmd")] == pytest.approx([0, 0], abs=1e-12)
        assert_page_equals_library(page)
        click(page, "Swap anger and sadness")
        numbers = shown(page)
        assert numbers["mmd"] == pytest.approx(0, abs=1e-12)
        assert numbers["lmmd"] > 5 * numbers["lmmdFloor"]
        assert_page_equals_library(page)
        words = "As wholes the domains look alike; emotion by emotion, by the guesses, they do not"
        page.wait_for_function("w => document.querySelector('.tl-lmmd .tl-summary').textContent.includes(w)", arg=words)
        page.get_by_label("Wrong pseudo-labels").fill("100")
        numbers = shown(page)
        if classes == "2":  # the guesses are swapped as the emotions are
            assert numbers["lmmd"] == pytest.approx(0, abs=1e-12)
        assert_page_equals_library(page)
        page.get_by_label("Wrong pseudo-labels").fill("0")
        click(page, "Swap anger and sadness")
        assert shown(page)["lmmd"] == pytest.approx(0, abs=1e-12)


def test_wrong_pseudo_labels_are_as_many_as_said(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        mmd = shown(seen.page)["mmd"]
        for share in (25, 50, 100):
            seen.page.get_by_label("Wrong pseudo-labels").fill(str(share))
            guesses = found(seen.page)["guesses"]
            wrong = sum(g != i // 8 for i, g in enumerate(guesses))
            assert wrong == round(share / 100 * 24)
            assert seen.page.locator(".tl-lmmd .tl-point .tl-wrong").count() == wrong
            assert shown(seen.page)["mmd"] == mmd  # it sees no label
            assert_page_equals_library(seen.page)


def test_class_that_is_missing(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        page.get_by_label("Wrong pseudo-labels").fill("20")
        for missing, common in itertools.product(MISSING, COMMON):
            page.get_by_label("Missing").select_option(missing)
            page.get_by_label("Classes that count").select_option(common)
            lines = found(page)
            assert (1 in lines["guesses"]) is (missing in ("nothing", "source"))
            assert (1 in lines["ys"]) is (missing in ("nothing", "guesses"))
            assert_page_equals_library(page)
            sadness = table(page)[1]
            left_out = {"both": missing != "nothing", "source": missing in ("source", "everywhere")}
            assert ("does not count" in sadness[0]) is left_out[common]
            assert sadness[1:3] == [str(lines["ys"].tolist().count(1)), str(lines["guesses"].count(1))]
        assert not seen.errors


def test_distances_of_the_table_are_those_of_the_classes(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        seen.page.get_by_label("Wrong pseudo-labels").fill("30")
        lines = found(seen.page)
        z = torch.cat([lines["zs"], lines["zt"]])
        guesses = torch.tensor(lines["guesses"])
        for c, row in enumerate(table(seen.page)):
            in_source, in_target = lines["ys"] == c, guesses == c
            w = torch.cat([in_source / in_source.sum(), -1.0 * in_target / in_target.sum()])
            by_library = losses.quadratic_forms(z, w[:, None]).item()
            assert float(row[3]) == pytest.approx(by_library, abs=6e-4)


def test_floors_are_means_over_deals(visit: Visitor, bench: Callable[[Any], Path]) -> None:
    rng = np.random.default_rng(5)
    with visit(bench(LMMDByHand(classes=2, count=4, wrong=0.25, start="samples"))) as seen:
        seen.page.locator(".tl-lmmd").wait_for()
        lines, numbers = found(seen.page), shown(seen.page)
    z = torch.cat([lines["zs"], lines["zt"]])
    label = np.array(lines["ys"].tolist() + lines["guesses"])
    domain = np.where(np.arange(len(label)) < len(lines["zs"]), 1.0, -1.0)

    def mean_of_deals(rows: np.ndarray) -> float:
        counts = {d: (domain[rows] == d).sum() for d in (1, -1)}
        w = np.zeros((4000, len(label)))
        w[:, rows] = rng.permuted(np.tile([d / counts[d] for d in domain[rows]], (4000, 1)), axis=1)
        return losses.quadratic_forms(z, torch.tensor(w.T)).mean().item()

    assert numbers["mmdFloor"] == pytest.approx(mean_of_deals(np.arange(len(label))), rel=0.05)
    by_class = [mean_of_deals(np.flatnonzero(label == c)) for c in (0, 1)]
    assert numbers["lmmdFloor"] == pytest.approx(np.mean(by_class), rel=0.05)


def test_setting_can_be_linked(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        page.wait_for_timeout(500)
        assert page.evaluate("location.search") == ""  # nobody has touched anything
        page.get_by_label("Emotions", exact=True).select_option("2")
        page.get_by_label("Wrong pseudo-labels").fill("35")
        page.get_by_label("Missing").select_option("guesses")
        page.get_by_label("Classes that count").select_option("source")
        handle(page, "source anger").focus()
        page.keyboard.press("ArrowDown")
        first = page.locator(".tl-lmmd details pre").text_content()
        page.wait_for_function("location.search === document.querySelector('.tl-link').getAttribute('href')")
        link = page.get_by_role("link", name="Link to this setting").get_attribute("href")
    assert link.startswith("?lmmd=2.35.guesses.source_")
    with visit(PAGE, query=link) as seen:
        assert seen.page.locator(".tl-lmmd details pre").text_content() == first
        assert seen.page.get_by_label("Wrong pseudo-labels").input_value() == "35"
        wrong = seen.page.locator(".tl-lmmd .tl-control output").first
        assert wrong.text_content() == "35 %, and all of sadness", "as many are wrong as the sentence says"
        seen.page.get_by_label("Missing").select_option("nothing")
        assert wrong.text_content() == "35 %: 6 of 16"
        seen.page.get_by_label("Missing").select_option("guesses")
        assert_page_equals_library(seen.page)
    for nonsense in ("3.35.guesses.none_zz", "3.20.nothing.both_" + "a0a0" * 5):  # others are asked in Node
        with visit(PAGE, query=f"?lmmd={nonsense}") as seen:
            assert len(found(seen.page)["zs"]) == 24
            assert_page_equals_library(seen.page)
            assert not seen.errors


def test_start_again_and_summary(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        first = found(page)["zt"]
        summary = page.locator(".tl-lmmd .tl-summary")
        assert summary.get_attribute("aria-live") == "polite"
        assert "24 of 24 guesses are right" in summary.text_content()
        assert f"MMD² is {shown(page)['mmd']:.2f}" in summary.text_content()
        page.get_by_label("Emotions", exact=True).select_option("2")
        click(page, "Swap anger and sadness")
        page.get_by_label("Wrong pseudo-labels").fill("100")
        page.get_by_label("Missing").select_option("guesses")
        page.get_by_label("Classes that count").select_option("source")
        assert not torch.equal(found(page)["zt"], first)
        click(page, "Start again")
        assert torch.equal(found(page)["zt"], first)
        assert "24 of 24 guesses are right" in summary.text_content()
        assert page.get_by_label("Emotions", exact=True).input_value() == "3"
        assert page.get_by_label("Wrong pseudo-labels").input_value() == "0"
        assert page.get_by_label("Missing").input_value() == "nothing"
        assert page.get_by_label("Classes that count").input_value() == "both"
        page.get_by_label("Start from").select_option("samples")
        page.wait_for_function(
            "document.querySelector('.tl-lmmd .tl-summary').textContent"
            ".includes('The domains look alike as wholes and, by the guesses, emotion by emotion')"
        )
        assert_page_equals_library(page)
