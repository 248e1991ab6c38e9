"""Chapter 3.1's switches against the records: every state, by hand and by keyboard, with holes in what was recorded."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("playwright", reason="the browser tests' extra is not installed")

sys.path.insert(0, str(Path(__file__).parents[1]))

from made_runs import fill

from tlmlda_lib import methods
from tlmlda_lib.book.explorables import LossSwitches
from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.ablations import switches
from tlmlda_lib.evaluation import RULES, t_interval
from tlmlda_lib.experiments import settings, shipped

Visitor = Callable[..., Any]
pytestmark = pytest.mark.of("ablations.html", "LossSwitches")


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("results")
    fill(folder)
    return shipped.records(results=folder)


SHOW = """(root, state) => {
  const choose = (label, value) => {
    const select = [...root.querySelectorAll("select")].find((s) => s.labels[0].textContent === label);
    select.value = value;
    select.dispatchEvent(new Event("change"));
  };
  if (state.scheme) choose("Scheme", state.scheme);
  if (state.setting) choose("Setting", state.setting);
  if (state.rule) root.querySelector(`input[value=${state.rule}]`).click();
  const boxes = root.querySelectorAll("input[type=checkbox]"), bits = [...(state.switches ?? "")];
  bits.slice(0, 3).forEach((bit, i) => { if (boxes[i].checked !== (bit === "1")) boxes[i].click(); });
  const radios = [...root.querySelectorAll("fieldset")].slice(1);
  bits.slice(3).forEach((bit, i) => radios[i].querySelector(`input[value=${bit === "1" ? "on" : "off"}]`).click());
}"""
ANSWERS = """(root) => {
  const all = (query) => [...root.querySelectorAll(query)];
  const text = (query) => root.querySelector(query)?.textContent ?? null;
  const figure = (o) => [o.dataset.value, [o.textContent, o.dataset.exact, o.dataset.half, o.dataset.seeds]];
  return {
    ...Object.fromEntries(all("output[data-value]").map(figure)),
    switches: root.querySelector("[data-value=which]").dataset.switches,
    records: text("[data-value=records]").split(" "),
    marks: all("svg .tl-mark").length, lines: all("svg .tl-seed").length,
    command: text("[data-value=command]"), buttons: all(".tl-missing button").map((b) => b.textContent),
  };
}"""


def show(page: Any, **state: str) -> None:
    """Set scheme, setting, rule and switches by the controls."""
    page.locator(".tl-parts").evaluate(SHOW, state)


def answers(page: Any) -> dict[str, Any]:
    return page.locator(".tl-parts").evaluate(ANSWERS)


def figures(by_seed: dict[int, float]) -> list[str] | None:
    values = [by_seed[k] for k in sorted(by_seed)]
    low, high = t_interval(values)
    few = len(values) < 3  # no interval from fewer seeds
    return [float(np.mean(values)), float("nan") if few else (high - low) / 2, len(values)]


def same(shown: list[str], wanted: list[Any] | None) -> bool:
    text, exact, half, seeds = shown
    if wanted is None:
        return (text, exact, int(seeds)) == ("not run", "", 0)
    fits = float(exact) == pytest.approx(wanted[0], abs=1e-3) and int(seeds) == wanted[2]
    return fits and (half == "" if np.isnan(wanted[1]) else float(half) == pytest.approx(wanted[1], abs=1e-3))


EVERY = ["".join(bits) for bits in itertools.product("10", repeat=5)]
METHOD = {bits: name for name, bits in switches.METHODS.items()}


def run_of(bits: str, scheme: str, preset: str) -> str:
    """The switches that say what these say: with one loss there is nothing to weigh, and a given factor may be 1."""
    if bits.startswith("000"):
        return switches.METHODS["only_cls"]
    own = switches.own_alpha(scheme, preset)
    on = (
        {"y"}
        | ({"S", "T"} if bits[0] == "1" else set())
        | {n for n, b in zip(("MMD", "LMMD"), bits[1:3], strict=True) if b == "1"}
    )
    return bits[:4] + "1" if {own[name] for name in on} == {1} else bits


def test_every_figure_is_the_store_s(
    visit: Visitor, bench: Callable[[Any], Path], records: list[dict[str, Any]]
) -> None:
    def by_seed(scheme: str, bits: str, rule: str) -> dict[int, float]:
        bits = run_of(bits, scheme, "recommended-is10")
        fitting = [
            r
            for r in records
            if r["grid"] == "main"
            and (r["scheme"], r["preset"]) == (scheme, "recommended-is10")
            and switches.switches(r) == bits
        ]
        return {r["seed"]: r["rules"][rule]["war"] for r in fitting}

    with visit(bench(LossSwitches(records))) as seen:
        page = seen.page
        page.locator(".tl-parts .tl-which").wait_for()
        for scheme, rule in (("C2B", "final"), ("C2B", "oracle"), ("B2C", "unsupervised"), ("R2B", "final")):
            show(page, scheme=scheme, rule=rule)
            whole = by_seed(scheme, "11111", rule)
            for bits in EVERY:
                show(page, switches=bits)
                found, these = answers(page), by_seed(scheme, bits, rule)
                where = (scheme, rule, bits, found)
                assert same(found["these"], figures(these) if these else None), where
                assert same(found["whole"], figures(whole) if whole else None), where
                both = {k: these[k] - whole[k] for k in set(these) & set(whole)} if bits != "11111" else {}
                assert same(found["difference"], figures(both) if both else None), where
                assert found["marks"] == found["lines"] == len(these), where
                assert (found["command"] is None) == bool(these), where
                assert bool(found["buttons"]) != bool(these), where
        assert not seen.errors


def test_what_the_page_shows_is_what_a_traced_figure_says(visit: Visitor, bench: Callable[[Any], Path]) -> None:
    own = shipped.records("main")
    with visit(bench(LossSwitches(own))) as seen:
        page = seen.page
        page.locator(".tl-parts .tl-which").wait_for()
        for scheme in ("C2B", "B2R"):
            for rule in RULES:
                show(page, scheme=scheme, rule=rule)
                whole = traced.figure(own, scheme, "tlmlda", "recommended-is10", grid="main", rule=rule)
                for bits, method in METHOD.items():
                    show(page, switches=bits)
                    found = answers(page)
                    figure = traced.figure(own, scheme, method, "recommended-is10", grid="main", rule=rule)
                    assert found["these"][0] == str(figure).replace("\xa0", " "), (scheme, rule, method)
                    assert found["records"] == ([*figure.records] or ["None."])
                    if method != "tlmlda" and figure.records:
                        assert found["difference"][0] == str(figure.minus(whole)).replace("\xa0", " ")


def test_authors_runs_short_and_long(
    visit: Visitor, bench: Callable[[Any], Path], records: list[dict[str, Any]]
) -> None:
    with visit(bench(LossSwitches(records))) as seen:
        page = seen.page
        page.locator(".tl-parts .tl-which").wait_for()
        show(page, setting="authors-150", switches="11110", rule="oracle")
        long = {r["seed"]: r for r in records if r["preset"] == "authors" and r["method"] == "tlmlda"}
        short = {r["seed"]: r for r in records if r["preset"] == "authors" and r["method"] == "tlmlda_w"}
        wanted = {k: max(short[k]["curve"]["war"]) - max(long[k]["curve"]["war"][:150]) for k in set(short) & set(long)}
        assert len(wanted) == 2
        assert same(answers(page)["difference"], figures(wanted))
        show(page, setting="authors")
        assert answers(page)["these"][0] == "not run"
        assert page.locator(".tl-parts .tl-whole").count() == 1


def test_the_commands_make_what_is_missing(
    visit: Visitor, bench: Callable[[Any], Path], records: list[dict[str, Any]]
) -> None:
    import typer

    from tlmlda_lib.cli import main as cli
    from tlmlda_lib.cli.arguments import assignments

    command = typer.main.get_command(cli.app).commands["run"]
    with visit(bench(LossSwitches(records))) as seen:
        page = seen.page
        page.locator(".tl-parts .tl-which").wait_for()
        tried = 0
        for scheme, setting in (("B2C", "recommended-is10"), ("C2B", "authors-150"), ("R2B", "authors")):
            show(page, scheme=scheme, setting=setting)
            for bits in EVERY:
                show(page, switches=bits)
                line = answers(page)["command"]
                if line is None:
                    continue
                program, name, *rest = line.split()
                assert (program, name) == ("tlmlda", "run")
                given = command.make_context("run", rest).params
                changes = assignments(given["changes"])
                changes |= {"epochs": given["epochs"]} if given["epochs"] else {}
                (method,), (asked,) = given["method"], given["scheme"]
                how = settings.of(method, given["preset"], asked, changes)
                options = methods.make(method, given["preset"], **how).options()
                made = {
                    "scheme": asked,
                    "method": method,
                    "preset": given["preset"],
                    "overrides": changes,
                    "params": vars(options),
                }
                assert switches.switches(made) == run_of(bits, scheme, given["preset"]), line
                assert (asked, given["preset"]) == (scheme, re.sub(r"-\d+$", "", setting))
                usual = methods.make("tlmlda", given["preset"]).options().epochs
                assert options.epochs == (150 if setting == "authors-150" else usual)
                tried += 1
        assert tried > 60


def test_nearest_runs_can_be_gone_to(
    visit: Visitor, bench: Callable[[Any], Path], records: list[dict[str, Any]]
) -> None:
    with visit(bench(LossSwitches(records))) as seen:
        page = seen.page
        page.locator(".tl-parts .tl-which").wait_for()
        show(page, switches="11010")
        assert set(answers(page)["buttons"]) == {"TLMLDA_M", "TLMLDA_w"}
        page.locator(".tl-missing button").filter(has_text="TLMLDA_M").click()
        assert answers(page)["switches"] == "11011"
        assert answers(page)["command"] is None
        show(page, scheme="R2B", setting="authors", switches="11111")
        button = page.locator(".tl-missing button").first
        assert "R2B" not in button.text_content()
        button.click()
        assert answers(page)["these"][3] != "0"


def test_switches_by_keyboard_and_on_a_phone(
    visit: Visitor, bench: Callable[[Any], Path], records: list[dict[str, Any]]
) -> None:
    file = bench(LossSwitches(records))
    with visit(file) as seen:
        page = seen.page
        page.locator(".tl-parts input[value=LMMD]").focus()
        page.keyboard.press("Space")
        assert answers(page)["switches"] == "11011"
        said = page.locator(".tl-parts [aria-live]")
        page.wait_for_function("document.querySelector('.tl-parts [aria-live]').textContent.includes('whole method')")
        assert answers(page)["difference"][0].split()[0] in said.text_content()
        for name in ("rebuild S and T", "MMD"):
            page.locator(f".tl-parts input[value='{name}']").focus()
            page.keyboard.press("Space")
        assert answers(page)["switches"] == "00011"
        assert page.locator(".tl-parts fieldset:disabled").count() == 2
        assert page.locator(".tl-parts fieldset:disabled label").first.text_content() == " equation 6"
        page.locator(".tl-parts input[value=final]").focus()
        page.keyboard.press("ArrowRight")
        assert page.locator(".tl-parts input[value=unsupervised]").is_checked()
    with visit(file, width=390, has_touch=True, is_mobile=True) as seen:
        seen.page.locator(".tl-parts input[value=MMD]").tap()
        assert answers(seen.page)["switches"] == "10111"
        show(seen.page, switches="10010")
        assert answers(seen.page)["command"]
        assert seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_switches_can_be_linked(visit: Visitor, bench: Callable[[Any], Path], records: list[dict[str, Any]]) -> None:
    file = bench(LossSwitches(records))
    with visit(file, query="?parts=B2C.recommended-is10.oracle.11101") as seen:
        seen.page.locator(".tl-parts .tl-which").wait_for()
        assert answers(seen.page)["switches"] == "11101"
        show(seen.page, rule="final")
        seen.page.wait_for_function("location.search === '?parts=B2C.recommended-is10.final.11101'")
    for nonsense in ("B2C.recommended-is10.best.11111",):  # others are asked in Node
        with visit(file, query=f"?parts={nonsense}") as seen:
            seen.page.locator(".tl-parts .tl-which").wait_for()
            assert answers(seen.page)["switches"] == "11111"
            assert not seen.errors
