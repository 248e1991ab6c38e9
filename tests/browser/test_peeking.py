"""Peeking: every figure of the page against numpy over the same records, by mouse, touch and keyboard."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sealed_lines

from tlmlda_lib.book.explorables import Peeking
from tlmlda_lib.book.pages.peeking import best_epochs
from tlmlda_lib.experiments import published, shipped

Visitor = Callable[..., Any]
pytestmark = pytest.mark.of("peeking.html", "Peeking")
ROOT = Path(__file__).parents[2]


def made(scheme: str, method: str, preset: str, epochs: int, seeds: int) -> dict[str, Any]:
    """Curves that nobody trained, as `peeks.series` would give them."""
    rng = np.random.default_rng([epochs, seeds, *map(ord, scheme + method)])
    war = np.clip(4500 + rng.normal(0, 90, (seeds, epochs)).cumsum(1), 2000, 7000).astype(int)
    return {
        "scheme": scheme, "method": method, "preset": preset, "epochs": epochs, "seeds": list(range(seeds)),
        "war": war.tolist(), "unsupervised": [int(k) for k in rng.integers(1, epochs + 1, seeds)],
        "paper": 5711 if method == "tlmlda" else None, "readme": 5858 if method == "tlmlda" else None,
        "records": [f"authors/{scheme}/{method}/{preset}-0/seed-{k}" for k in range(seeds)],
    }  # fmt: skip


MADE = [
    made("C2B", "tlmlda", "authors", 500, 3),
    made("C2B", "only_cls", "authors", 500, 3),
    made("C2B", "tlmlda_w", "authors", 150, 1),
    made("B2C", "tlmlda", "authors", 500, 2),
    made("B2C", "tlmlda", "recommended-is10", 60, 5),
    made("B2C", "only_cls", "recommended-is10", 60, 4),
]


def number(page: Any, name: str) -> float:
    return float(page.locator(f".tl-peek [data-value={name}]").get_attribute("data-exact"))


def choose(page: Any, one: dict[str, Any]) -> None:
    page.get_by_label("Scheme", exact=True).select_option(one["scheme"])
    runs = page.get_by_label("Run", exact=True)
    (words,) = [w for w in runs.locator("option").all_text_contents() if w.endswith(kind(one))]
    runs.select_option(label=words)


def kind(one: dict[str, Any]) -> str:
    from tlmlda_lib.book.explorables.peeking import NAMES

    return f"{NAMES[one['method']]}, {one['preset']}, {one['epochs']} epochs"


def by_numpy(one: dict[str, Any], epoch: int, seeds: int) -> dict[str, float]:
    war = np.array(one["war"]) / 100
    last = one["epochs"] // 3
    chosen = [curve[e - 1] for curve, e in zip(war, one["unsupervised"], strict=True)]
    return {
        "at": war[:seeds, epoch - 1].max(),
        "best": war[:seeds].max(),
        "final": war[:, -1].mean(),
        "unsupervised": np.mean(chosen),
        "last": war[:, -last:].mean(),
    }


def compare(page: Any, all_: list[dict[str, Any]], one: dict[str, Any], epoch: int, seeds: int) -> None:
    right = by_numpy(one, epoch, seeds)
    for name, value in right.items():
        assert number(page, name) == pytest.approx(value, abs=1e-9), (kind(one), epoch, seeds, name)
    assert number(page, "result") == pytest.approx(right["at"])
    assert number(page, "price") == pytest.approx(right["at"] - right["final"])
    others = [o for o in all_ if o["method"] == "only_cls"]
    others = [o for o in others if all(o[k] == one[k] for k in ("scheme", "preset", "epochs"))]
    box = page.get_by_label("the same network without transfer")
    assert box.is_visible() == bool(others and one["method"] != "only_cls")
    if box.is_visible() and box.is_checked():
        for name, value in by_numpy(others[0], epoch, seeds).items():
            assert number(page, f"other-{name}") == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("source", ["made", "recorded"])
def test_every_figure_is_numpy_s(visit: Visitor, bench: Callable[[Any], Path], source: str) -> None:
    series = MADE if source == "made" else best_epochs.series(shipped.records())
    rng = np.random.default_rng(0)
    with visit(bench(Peeking(series))) as seen:
        page = seen.page
        page.locator(".tl-peek tbody tr").first.wait_for()
        for one in series[:: 1 + len(series) // 10]:
            choose(page, one)
            box = page.get_by_label("the same network without transfer")
            if box.is_visible():
                box.set_checked(bool(rng.integers(2)))
            for _ in range(2):
                epoch, seeds = int(rng.integers(1, one["epochs"] + 1)), int(rng.integers(1, len(one["seeds"]) + 1))
                page.get_by_label("Stop at epoch").fill(str(epoch))
                if len(one["seeds"]) > 1:
                    page.get_by_label("Seeds to choose from").fill(str(seeds))
                compare(page, series, one, epoch, seeds)
            page.get_by_role("button", name="The best epoch").click()
            assert number(page, "result") == number(page, "best")
            page.get_by_role("button", name="The last epoch").click()
            compare(page, series, one, one["epochs"], seeds)
        assert not seen.errors


def test_recorded_curves_are_the_store_s(bench: Callable[[Any], Path]) -> None:
    """Every number that the page gets, against the files themselves."""
    series = best_epochs.series(shipped.records())
    assert series
    for one in series:
        for k, name in enumerate(one["records"]):
            (record,) = sealed_lines.read([name])
            assert (record["scheme"], record["method"], record["seed"]) == (
                one["scheme"],
                one["method"],
                one["seeds"][k],
            )
            np.testing.assert_allclose(np.array(one["war"][k]) / 100, record["curve"]["war"], atol=0.0051)
            chosen, rules = one["war"][k][one["unsupervised"][k] - 1], record["rules"]
            assert chosen / 100 == pytest.approx(rules["unsupervised"]["war"], abs=0.0051)
            assert one["war"][k][-1] / 100 == pytest.approx(rules["final"]["war"], abs=0.0051)
            assert max(one["war"][k]) / 100 == pytest.approx(rules["oracle"]["war"], abs=0.0051)
        paper = published.PAPER.get(one["method"], {}).get(one["scheme"])
        assert one["paper"] == (None if paper is None else round(100 * paper))
    assert len(json.dumps(series)) < 300_000


def test_peeking_by_keyboard_mouse_and_touch(visit: Visitor, bench: Callable[[Any], Path]) -> None:
    file = bench(Peeking(MADE, scheme="C2B", method="tlmlda", preset="authors"))
    one = MADE[0]
    with visit(file) as seen:
        page = seen.page
        page.locator(".tl-peek tbody tr").first.wait_for()
        compare(page, MADE, one, 500, 1)
        page.get_by_label("Stop at epoch").focus()
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        compare(page, MADE, one, 2, 1)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert number(page, "result") == max(one["war"][0]) / 100
        page.get_by_label("Seeds to choose from").focus()
        page.keyboard.press("ArrowRight")
        page.get_by_role("button", name="The best epoch").click()
        assert number(page, "result") == max(map(max, one["war"][:2])) / 100
        page.wait_for_function("document.querySelector('.tl-peek .tl-summary').textContent.includes('best of 2 seeds')")
        plot = page.locator(".tl-peek .tl-stage svg").bounding_box()
        page.mouse.move(plot["x"] + plot["width"] / 2, plot["y"] + 80)
        page.mouse.down()
        page.mouse.move(plot["x"] + plot["width"] - 2, plot["y"] + 80, steps=4)
        page.mouse.up()
        compare(page, MADE, one, 500, 2)
        assert not seen.errors
    with visit(file, width=390, has_touch=True, is_mobile=True) as seen:
        page = seen.page
        plot = page.locator(".tl-peek .tl-stage svg").bounding_box()
        page.touchscreen.tap(plot["x"] + 39, plot["y"] + 80)
        compare(page, MADE, one, int(page.get_by_label("Stop at epoch").input_value()), 1)
        assert int(page.get_by_label("Stop at epoch").input_value()) < 10
        page.get_by_label("the same network without transfer").tap()
        compare(page, MADE, one, int(page.get_by_label("Stop at epoch").input_value()), 1)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_another_scheme_keeps_what_it_can(visit: Visitor, bench: Callable[[Any], Path]) -> None:
    with visit(bench(Peeking(MADE))) as seen:
        page = seen.page
        page.get_by_label("Seeds to choose from").fill("3")
        page.get_by_label("Scheme", exact=True).select_option("B2C")
        compare(page, MADE, MADE[3], 500, 2)
        page.get_by_label("Run", exact=True).select_option(label=kind(MADE[4]))
        compare(page, MADE, MADE[4], 60, 2)  # the last epoch stays the last
        page.get_by_label("Stop at epoch").fill("7")
        page.get_by_label("Run", exact=True).select_option(label=kind(MADE[3]))
        compare(page, MADE, MADE[3], 7, 2)


def test_peeking_can_be_linked(visit: Visitor, bench: Callable[[Any], Path]) -> None:
    file = bench(Peeking(MADE))
    with visit(file, query="?peek=B2C.tlmlda.recommended-is10.60.13.4.1") as seen:
        page = seen.page
        page.locator(".tl-peek tbody tr").nth(1).wait_for()
        compare(page, MADE, MADE[4], 13, 4)
        page.get_by_label("Stop at epoch").fill("14")
        page.wait_for_function("location.search === '?peek=B2C.tlmlda.recommended-is10.60.14.4.1'")
    for nonsense in (
        "B2C.tlmlda.recommended-is10.60.61.4.1",
        "B2C.tlmlda.recommended-is10.60.1.9.1",
    ):  # others are asked in Node
        with visit(file, query=f"?peek={nonsense}") as seen:
            seen.page.locator(".tl-peek tbody tr").first.wait_for()
            compare(seen.page, MADE, MADE[0], 500, 1)
            assert not seen.errors


def test_nothing_was_run(visit: Visitor, bench: Callable[[Any], Path]) -> None:
    with visit(bench(Peeking([]))) as seen:
        assert "Not run" in seen.page.locator(".tl-peek").text_content()
        assert not seen.errors
