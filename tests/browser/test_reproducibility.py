"""Chapter 4.3's seeds against the library: every number of them on every scheme, by hand, by keyboard, by link."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("playwright", reason="the browser tests' extra is not installed")

sys.path.insert(0, str(Path(__file__).parents[1]))

from made_sayings import fill

from tlmlda_lib.book.explorables import HowManySeeds
from tlmlda_lib.book.pages.reproducibility import rankings
from tlmlda_lib.experiments import shipped

Visitor = Callable[..., Any]
pytestmark = pytest.mark.of("reproducibility.html", "HowManySeeds")

SHOW = """(root, state) => {
  const choose = (label, value) => {
    const select = [...root.querySelectorAll("select")].find((s) => s.labels[0].textContent === label);
    select.value = value;
    select.dispatchEvent(new Event("change"));
  };
  if (state.methods) choose("Methods", state.methods);
  if (state.scheme) choose("Scheme", state.scheme);
  if (state.seeds) {
    const dial = root.querySelector("input[type=range]");
    dial.value = state.seeds;
    dial.dispatchEvent(new Event("input"));
  }
}"""
ANSWERS = """(root) => {
  const all = (query) => [...root.querySelectorAll(query)];
  const outputs = all("output[data-exact]"), text = (query) => root.querySelector(query).textContent;
  const numbers = (row) => [...row.querySelectorAll("[data-exact]")].map((d) => Number(d.dataset.exact));
  return {
    picks: root.querySelector("[data-value=picked]").dataset.picks.split(" ").map(Number),
    ...Object.fromEntries(outputs.map((o) => [o.dataset.value, Number(o.dataset.exact)])),
    shown: Object.fromEntries(outputs.map((o) => [o.dataset.value, o.textContent])),
    rows: all("tbody tr").map((r) => [r.dataset.method, ...numbers(r), Number(r.lastChild.textContent)]),
    labels: all(".tl-rows text").map((t) => t.textContent).filter((t) => /^\\d+\\. /.test(t)),
    filled: all(".tl-rows .tl-in").length,
    records: text("[data-value=records]"),
  };
}"""


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("results")
    fill(folder)
    return shipped.records(results=folder)


def show(page: Any, **state: Any) -> None:
    page.locator(".tl-seeds").evaluate(SHOW, state)


def answers(page: Any) -> dict[str, Any]:
    return page.locator(".tl-seeds").evaluate(ANSWERS)


def opened(seen: Any) -> Any:
    seen.page.locator(".tl-seeds .tl-picked").wait_for()
    return seen.page


def is_library_s(found: dict[str, Any], one: dict[str, Any], k: int) -> None:
    """What the page says of a state against `rankings`, from the seeds that the page says it drew."""
    units = rankings.units_of(one)
    held = rankings.held(units, k)
    assert (found["order"], found["first"]) == pytest.approx((held.order, held.winner), abs=1e-9)
    assert len(found["picks"]) == k
    places = [one["seeds"].index(seed) for seed in found["picks"]]
    drawn, whole = 100 * units[:, places].mean(1) / one["full"], 100 * units.mean(1) / one["full"]
    names = [m["name"] for m in one["methods"]]
    by_all = rankings.order(units.sum(1))
    totals = units[:, places].sum(1)
    wanted = sorted(range(len(names)), key=lambda i: (-totals[i], by_all.index(i)))
    assert [row[0] for row in found["rows"]] == [names[i] for i in wanted]
    np.testing.assert_allclose([row[1] for row in found["rows"]], drawn[wanted])
    np.testing.assert_allclose([row[2] for row in found["rows"]], whole[wanted])
    assert [row[3] for row in found["rows"]] == [by_all.index(i) + 1 for i in wanted]
    assert found["labels"] == [f"{place}. {names[i]}" for place, i in enumerate(wanted, 1)]
    assert found["filled"] == len(names) * len(set(places))
    assert found["records"].split() == [p for m in one["methods"] for p in m["records"].split()]


@pytest.mark.parametrize("which", ["made", "own"])
def test_every_count_is_the_library_s(
    visit: Visitor, bench: Callable[[Any], Path], records: list[dict[str, Any]], which: str
) -> None:
    used = records if which == "made" else shipped.records()
    data = rankings.collect(used)
    with visit(bench(HowManySeeds(used))) as seen:
        page = opened(seen)
        for methods, entry in data.items():
            if len(data) > 1:
                show(page, methods=methods)
            for scheme, one in entry["schemes"].items():
                show(page, scheme=scheme)
                for k in (2, 20):  # others are asked in Node
                    show(page, seeds=k)
                    is_library_s(answers(page), one, k)
        assert not seen.errors


def test_draws_differ_and_come_from_all_seeds(
    visit: Visitor, bench: Callable[[Any], Path], records: list[dict[str, Any]]
) -> None:
    with visit(bench(HowManySeeds(records, seeds=2))) as seen:
        page = opened(seen)
        drawn = []
        for _ in range(60):
            drawn += answers(page)["picks"]
            page.get_by_role("button", name="Draw again").click()
        counts = np.bincount(drawn, minlength=5)
        assert counts.sum() == 120
        assert counts.min() > 8  # 24 of each are expected, with a deviation of 4.4


def test_shares_are_rounded_without_saying_always_or_never(
    visit: Visitor, bench: Callable[[Any], Path], records: list[dict[str, Any]]
) -> None:
    with visit(bench(HowManySeeds(records))) as seen:
        page = opened(seen)
        for scheme in ("B2C", "C2B", "mean"):
            show(page, scheme=scheme)
            for k in range(1, 21):
                show(page, seeds=k)
                found = answers(page)
                for name in ("first", "order"):
                    exact, text = found[name], found["shown"][name]
                    if text in ("0 %", "100 %"):
                        assert exact == pytest.approx(float(text == "100 %"), abs=1e-9)
                    elif not text.startswith(("<", ">")):
                        assert float(text.split()[0]) == pytest.approx(100 * exact, abs=0.51)


def test_seeds_by_keyboard_and_on_a_phone(
    visit: Visitor, bench: Callable[[Any], Path], records: list[dict[str, Any]]
) -> None:
    file = bench(HowManySeeds(records))
    with visit(file) as seen:
        page = opened(seen)
        dial = page.get_by_label("Seeds drawn")
        dial.focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        assert len(answers(page)["picks"]) == 4
        assert dial.get_attribute("aria-valuetext") == "4"
        said = page.locator(".tl-seeds [aria-live]")
        page.wait_for_function(
            "document.querySelector('.tl-seeds [aria-live]').textContent.includes('draws of 4 seeds')"
        )
        assert answers(page)["shown"]["first"] in said.text_content()
        before = answers(page)["picks"]
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert answers(page)["picks"] != before
        page.get_by_label("Methods", exact=True).select_option("streams")
        assert len(answers(page)["rows"]) == 12
    with visit(file, width=390, has_touch=True, is_mobile=True) as seen:
        page = opened(seen)
        show(page, methods="streams", seeds=3)
        page.get_by_role("button", name="Draw again").tap()
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_a_set_without_the_scheme_shows_another(
    visit: Visitor, bench: Callable[[Any], Path], records: list[dict[str, Any]]
) -> None:
    fewer = [r for r in records if not (r["grid"] == "streams" and r["scheme"] == "B2C")]
    with visit(bench(HowManySeeds(fewer, scheme="B2C"))) as seen:
        page = opened(seen)
        show(page, methods="streams")
        assert page.get_by_label("Scheme", exact=True).input_value() == "C2B"
        is_library_s(answers(page), rankings.collect(fewer)["streams"]["schemes"]["C2B"], 1)
        show(page, methods="parts")
        assert page.get_by_label("Scheme", exact=True).locator("option").count() == 3
        assert not seen.errors


def test_seeds_can_be_linked(visit: Visitor, bench: Callable[[Any], Path], records: list[dict[str, Any]]) -> None:
    file = bench(HowManySeeds(records))
    with visit(file, query="?seeds=parts.mean.3.12") as seen:
        page = opened(seen)
        assert page.get_by_label("Scheme", exact=True).input_value() == "mean"
        picks = answers(page)["picks"]
        page.get_by_role("button", name="Draw again").click()
        page.wait_for_function("location.search === '?seeds=parts.mean.3.13'")
    with visit(file, query="?seeds=parts.mean.3.12") as seen:
        assert answers(opened(seen))["picks"] == picks
    for nonsense in ("parts.Z2B.3.1",):  # others are asked in Node
        with visit(file, query=f"?seeds={nonsense}") as seen:
            page = opened(seen)
            assert len(answers(page)["picks"]) == 1
            assert page.get_by_label("Scheme", exact=True).input_value() == "B2C"
            assert not seen.errors
