"""The leaderboard: every figure against the store, the order against a sort, and it is worked by keyboard."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tlmlda_lib.book.explorables import Leaderboard
from tlmlda_lib.book.pages.peers import leaderboard
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.evaluation import METRICS, RULES
from tlmlda_lib.experiments import compare, published, shipped, tables

Visitor = Callable[..., Any]
pytestmark = pytest.mark.of("peers.html", "Leaderboard")


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    return shipped.records("main")


@pytest.fixture(scope="module")
def board(records: list[dict[str, Any]]) -> dict[str, Any]:
    return leaderboard.board(records)


@pytest.fixture
def file(board: dict[str, Any], bench: Callable[[Any], Path]) -> Path:
    return bench(Leaderboard(board))


@pytest.fixture(scope="module")
def summary(records: list[dict[str, Any]]) -> dict[tuple[str, str], Any]:
    """Rows of the library's own table, by scheme and label."""
    shown = [r for runs in leaderboard.entries(records).values() for x in runs.values() for r in x.values()]
    rows = tables.summary(shown)
    return {(row["scheme"], f"{row['method']}:{row['settings']}"): row for _, row in rows.iterrows()}


def choose(page: Any, **state: str) -> None:
    """As a reader would."""
    for field, label in (("scheme", "Scheme"), ("scaling", "Scaling"), ("rule", "Predictions of")):
        if field in state:
            page.get_by_label(label, exact=True).select_option(state[field])
    for field in ("metric", "interval"):
        if field in state:
            page.locator(f".tl-board input[type=radio][value={state[field]}]").check()


def shown(page: Any) -> list[dict[str, str]]:
    return page.eval_on_selector_all(".tl-board li", "rows => rows.map(r => ({...r.dataset}))")


def expected(summary: Any, scheme: str, metric: str, rule: str, scaling: str) -> list[tuple[str, float]]:
    """Labels and figures in order, by the library's table alone."""
    if scheme == "mean":
        labels = [x for x in {label for _, label in summary} if all((s, x) in summary for s in OPEN_SCHEMES)]
        found = {x: sum(summary[s, x][f"{rule}_{metric}"] for s in OPEN_SCHEMES) / 6 for x in labels}
    else:
        found = {x: summary[s, x][f"{rule}_{metric}"] for s, x in summary if s == scheme}
    rows = sorted(found.items(), key=lambda item: (-round(item[1], 5), item[0]))
    scalings: dict[str, set[str]] = {}
    for (where, label), row in summary.items():
        if where == scheme or (scheme == "mean" and where in OPEN_SCHEMES):
            scalings.setdefault(label, set()).add(leaderboard.in_words(row["scaling"]))
    words = {x: next(iter(found)) if len(found) == 1 else leaderboard.VARIED for x, found in scalings.items()}
    if scaling == "best":
        seen: set[str] = set()
        return [r for r in rows if r[0].split(":")[0] not in seen and not seen.add(r[0].split(":")[0])]
    return [r for r in rows if scaling in ("all", words[r[0]])]


def every_scaling(board: dict[str, Any]) -> list[str]:
    return sorted({row["scaling"] for rows in board["figures"].values() for row in rows.values()})


def test_every_figure_is_the_store_s(visit: Visitor, file: Path, board: dict[str, Any], summary: Any) -> None:
    scalings = every_scaling(board)
    with visit(file) as seen:
        page = seen.page
        page.locator(".tl-board li").first.wait_for()
        for scheme, metric, rule in itertools.product(board["schemes"], METRICS, RULES):
            choose(page, scheme=scheme, metric=metric, rule=rule)
            for scaling in ("all", "best", *scalings):
                choose(page, scaling=scaling)
                rows, right = shown(page), expected(summary, scheme, metric, rule, scaling)
                assert [r["label"] for r in rows] == [label for label, _ in right], (scheme, metric, rule, scaling)
                assert [float(r["value"]) for r in rows] == pytest.approx([v for _, v in right], abs=1e-5)
            if scheme == "mean":
                continue
            for over, ends in (("seeds", ("_low", "_high")), ("speakers", ("_speakers_low", "_speakers_high"))):
                choose(page, scaling="all", interval=over)
                for r in shown(page):
                    for end, got in zip(ends, (r["low"], r["high"]), strict=True):
                        want = summary[scheme, r["label"]][f"{rule}_{metric}{end}"]
                        assert (got == "") == math.isnan(want)
                        assert got == "" or float(got) == pytest.approx(want, abs=1e-5)
        assert not seen.errors


STATES = [
    ("mean", "war", "final"),
    ("mean", "uar", "oracle"),
    ("C2B", "war", "oracle"),
    ("C2R", "war", "final"),
    ("R2C", "uar", "unsupervised"),
]


@pytest.mark.parametrize("state", STATES, ids="-".join)
def test_differences_are_those_of_compare(
    visit: Visitor, file: Path, records: Any, state: tuple[str, str, str]
) -> None:
    scheme, metric, rule = state
    with visit(file) as seen:
        choose(seen.page, scheme=scheme, metric=metric, rule=rule)
        first, second, *_, last = shown(seen.page)
        said = seen.page.locator(".tl-board .tl-summary")
        schemes = OPEN_SCHEMES if scheme == "mean" else (scheme,)
        for other in (second, last):
            pair = [(first["label"], other["label"])]
            by_hand = compare.compare(records, pair, schemes=schemes, rule=rule, metric=metric)[0].mean
            assert [float(x) for x in other["gap"].split()] == pytest.approx(
                [by_hand.value, by_hand.low, by_hand.high], abs=1e-5
            )
            assert other["apart"] == ("true" if by_hand.low > 0 else "false")
        seen.page.wait_for_timeout(600)
        words = "the first is significantly better" if second["apart"] == "true" else "no significant difference"
        assert words in said.text_content()


def test_printed_figures_are_marks(visit: Visitor, file: Path) -> None:
    with visit(file) as seen:
        page = seen.page
        choose(page, scheme="C2B")
        for r in shown(page):
            method = r["label"].split(":")[0]
            sources = (published.PAPER, published.README)
            right = [s[method]["C2B"] for s in sources if "C2B" in s.get(method, {})]
            assert [float(x) for x in r["printed"].split()] == right
        aside = page.locator(".tl-board .tl-aside").last
        for words in (
            "DoSL, reconstructed 53.2",
            "DBN + BP, reconstructed 49.6",
            "JDAR, reconstructed 49.6",
            "TSDSL, reconstructed 56.7",
        ):
            assert words in aside.text_content()
        choose(page, scheme="C2R")
        assert not any(r["printed"] for r in shown(page))
        assert "The paper has no such scheme" in aside.text_content()
        choose(page, scheme="C2B", metric="uar")
        assert not any(r["printed"] for r in shown(page))


def test_leaderboard_by_keyboard_and_on_a_phone(visit: Visitor, file: Path, board: dict[str, Any]) -> None:
    schemes = list(board["schemes"])
    with visit(file, reduced_motion="no-preference") as seen:
        page = seen.page
        page.get_by_label("Scheme", exact=True).focus()
        before = [r["label"] for r in shown(page)]
        page.keyboard.press("ArrowDown")
        assert page.get_by_label("Scheme", exact=True).input_value() == schemes[1]
        assert [r["label"] for r in shown(page)] != before
        page.locator(".tl-board input[value=war]").focus()
        page.keyboard.press("ArrowRight")
        assert page.locator(".tl-board input[value=uar]").is_checked()
        assert page.evaluate("document.activeElement.value") == "uar"
        page.wait_for_timeout(900)
        assert "First of" in page.locator(".tl-board [aria-live=polite]").text_content()
        assert not seen.errors
    for width in (390, 768):
        with visit(file, width=width, has_touch=True, is_mobile=True) as seen:
            seen.page.locator(".tl-board input[value=seeds]").tap()
            over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert seen.page.evaluate(over) <= 0


def test_leaderboard_can_be_linked(visit: Visitor, file: Path, board: dict[str, Any]) -> None:
    scalings = every_scaling(board)
    with visit(file, query="?board=C2B.uar.oracle.0.seeds") as seen:
        seen.page.locator(".tl-board li").first.wait_for()
        assert {board["figures"]["C2B"][r["label"]]["scaling"] for r in shown(seen.page)} <= {scalings[0]}
        choose(seen.page, scaling="best")
        seen.page.wait_for_function("location.search === '?board=C2B.uar.oracle.best.seeds'")
    for nonsense in ("C2B.war.final.99.seeds",):  # others are asked in Node
        with visit(file, query=f"?board={nonsense}") as seen:
            seen.page.locator(".tl-board li").first.wait_for()
            assert seen.page.get_by_label("Scheme", exact=True).input_value() == "mean"
            assert not seen.errors
