"""Chapter 3.1: whole recordings, runs by their switches, and what the chapter's checks tell apart."""

from __future__ import annotations

import json
import re
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sealed_lines
from made_runs import fill, record

from tlmlda_lib.book import checks as teaching
from tlmlda_lib.book.checks import ablations as parts
from tlmlda_lib.book.checks import exercises
from tlmlda_lib.book.explorables import LossSwitches
from tlmlda_lib.book.pages.ablations import shares, switches
from tlmlda_lib.domains import PAPER_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import t_interval
from tlmlda_lib.experiments import published, shipped

ROOT = Path(__file__).parents[2]


def printed(k: int, n: int, decimals: int) -> set[str]:
    """All ways to print 100 k/n, by the decimal module: a tie may go either way."""
    exact = Fraction(100 * k, n)
    digits = Decimal(exact.numerator) / Decimal(exact.denominator)
    unit = Decimal(1).scaleb(-decimals)
    return {str(digits.quantize(unit, rounding=how)) for how in (ROUND_HALF_UP, ROUND_HALF_DOWN)}


@pytest.mark.parametrize(("n", "decimals"), [(7, 2), (375, 2), (408, 1), (1000, 2), (16, 1), (3, 0), (1072, 2)])
def test_shares_are_what_some_count_prints(n: int, decimals: int) -> None:
    wanted: dict[str, set[int]] = {}
    for k in range(n + 1):
        for text in printed(k, n, decimals):
            wanted.setdefault(text, set()).add(k)
    for x in range(100 * 10**decimals + 1):
        text = f"{x / 10**decimals:.{decimals}f}"
        assert set(shares.counts(float(text), n, decimals)) == wanted.get(text, set()), text
        assert shares.is_share(float(text), n, decimals) == (text in wanted)


def test_share_of_figures_that_pass_by_chance() -> None:
    assert shares.by_chance(1000) == pytest.approx(1001 / 10001)
    assert shares.by_chance(2, 0) == pytest.approx(3 / 101)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((32.705, 1000), "has more than 2 decimals"),
        ((33.13, 1000, 1), "has more than 1 decimals"),
        ((101, 10), "101 % of 10"),
        ((50, 0), "50 % of 0"),
    ],
)
def test_shares_say_what_is_wrong(given: tuple[Any, ...], says: str) -> None:
    with pytest.raises(UserError, match=re.escape(says)):
        shares.is_share(*given)


def test_targets_have_as_many_recordings_as_the_records_count() -> None:
    found = {r["scheme"]: sum(r["counts"]["target"].values()) for r in shipped.records("main")}
    assert found
    for scheme, n in found.items():
        assert shares.recordings(scheme) == n
    with pytest.raises(UserError, match="Z2B is none"):
        shares.recordings("Z2B")


def test_published_figures_that_can_be_one_run() -> None:
    def can(figures: dict[str, float]) -> dict[str, bool]:
        return {s: shares.is_share(v, shares.recordings(s)) for s, v in figures.items() if s != "mean"}

    assert can(published.README["tlmlda"]) == {s: s != "C2E" for s in published.README["tlmlda"]}
    assert all(can(published.README["tlmlda_alpha"]).values())
    assert can(published.PAPER["tlmlda_l"]) == {s: s == "E2C" for s in PAPER_SCHEMES}
    assert can(published.PAPER["tlmlda_m"]) == {s: s in ("E2C", "B2C") for s in PAPER_SCHEMES}


# Runs by their switches


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    fill(folder)
    return folder


@pytest.mark.parametrize(("method", "bits"), switches.METHODS.items())
@pytest.mark.parametrize("preset", ["recommended", "authors", "paper"])
def test_methods_have_their_switches(method: str, bits: str, preset: str) -> None:
    assert switches.switches(record("B2C", method, preset)) == bits


def own(*on: int) -> tuple[float, ...]:
    """The preset's factors, and 0 where there is a 0."""
    return tuple(a * b for a, b in zip(switches.own_alpha("C2B", "recommended"), on, strict=True))


@pytest.mark.parametrize(
    ("method", "changes", "bits"),
    [
        ("tlmlda", {"alpha": own(1, 1, 1, 0, 0)}, "10011"),
        ("tlmlda", {"alpha": own(0, 0, 1, 1, 0)}, "01011"),
        ("tlmlda", {"alpha": own(0, 0, 1, 0, 0), "update": "constant"}, "00011"),
        ("tlmlda_m", {"alpha": (1, 1, 1, 1, 1)}, "11010"),
        ("tlmlda", {"alpha": (1, 1, 1, 1, 1), "update": "constant"}, "11100"),
        ("tlmlda", {"alpha": own(1, 0, 1, 1, 1)}, None),
        ("tlmlda", {"alpha": own(1, 1, 7, 1, 1)}, None),
        ("tlmlda", {"noise_std": 0.5}, None),
    ],
)
def test_options_have_their_switches(method: str, changes: dict[str, Any], bits: str | None) -> None:
    assert switches.switches(record("C2B", method, **changes)) == bits


def test_other_methods_have_no_switches() -> None:
    other = [r for r in shipped.records("main") if r["method"] not in switches.METHODS]
    assert other
    assert {switches.switches(r) for r in other} == {None}
    assert switches.switches({**record("C2B", "tlmlda"), "data": {"features": ["whisper"]}}) is None


@pytest.mark.parametrize("which", ["own", "made"])
def test_every_number_is_the_store_s(which: str, made: Path) -> None:
    root = ROOT / "results" if which == "own" else made
    records = [r for grid in ("main", "authors") for r in shipped.records(grid, results=root)]
    data = switches.curves(records, most=40)
    json.dumps(data, allow_nan=False)
    assert data["runs"]
    for run in data["runs"]:
        epochs = run["epochs"][-1]
        assert data["settings"][run["setting"]]["epochs"] in (None, epochs)
        assert len(run["epochs"]) == min(40, epochs)
        assert run["epochs"][0] == 1
        for i, place in enumerate(run["records"]):
            (file,) = sealed_lines.read([place if which == "own" else root / f"{place}.json"])
            assert (file["scheme"], file["seed"]) == (run["scheme"], run["seeds"][i])
            war = file["curve"]["war"]
            assert run["curve"][i] == [round(war[e - 1], 2) for e in run["epochs"]]
            for rule, each in run["rules"].items():
                value, at = each[i]
                assert value == pytest.approx(war[at - 1], abs=2e-3)
                if len(war) == epochs:
                    assert value == pytest.approx(file["rules"][rule]["war"], abs=1e-4)
                    assert at == file["rules"][rule]["epoch"]
            assert run["rules"]["oracle"][i][0] == pytest.approx(max(war[:epochs]), abs=2e-3)


def test_all_that_fits_is_shown_and_nothing_else(made: Path) -> None:
    data = switches.curves(shipped.records(results=made))
    runs = {(r["scheme"], r["setting"], r["switches"]): r["seeds"] for r in data["runs"]}
    assert set(data["settings"]) == {"recommended", "authors", "authors-150"}
    assert data["schemes"] == ["B2C", "C2B", "R2B"]
    assert runs["C2B", "recommended", "11111"] == [0, 1, 2]
    assert runs["C2B", "recommended", "10001"] == [0, 1]
    assert ("C2B", "recommended", "10011") not in runs, "a factor that is nobody's"
    assert ("B2C", "recommended", "10111") not in runs
    assert runs["C2B", "authors", "11111"] == runs["C2B", "authors-150", "11111"] == [0, 2]
    assert runs["C2B", "authors-150", "11110"] == [0, 1, 2]
    assert ("C2B", "authors", "11110") not in runs


def test_a_run_with_a_schedule_has_no_shorter_run_in_it() -> None:
    short, long = record("C2B", "tlmlda_m", epochs=20), record("C2B", "tlmlda")
    data = switches.curves([short, long])
    assert {(r["setting"], r["switches"]) for r in data["runs"]} == {
        ("recommended-20", "11011"),
        ("recommended", "11111"),
    }


def test_widget_keeps_what_it_was_given_and_says_what_it_cannot_show(made: Path) -> None:
    records = shipped.records(results=made)
    widget = LossSwitches(records, scheme="B2C", rule="oracle", switches="11011")
    assert (widget.scheme, widget.setting, widget.rule, widget.switches) == (
        "B2C",
        "recommended",
        "oracle",
        "11011",
    )
    for given, says in (
        ({"scheme": "Z2B"}, "scheme='Z2B' is not known: use one of B2C, C2B, R2B"),
        ({"setting": "quick-3"}, "setting='quick-3' is not known"),
        ({"rule": "best"}, "rule='best' is not known"),
        ({"switches": "1111"}, "switches='1111' is not known"),
    ):
        with pytest.raises(UserError, match=re.escape(says)):
            LossSwitches(records, **given)
    with pytest.raises(UserError, match="no record is of TLMLDA"):
        LossSwitches([])


def test_quantiles_are_those_of_t_interval() -> None:
    t = switches.curves([record("C2B", "tlmlda")])["t"]
    assert t[:3] == [None] * 3, "no interval from fewer than three seeds"
    for n in (3, 5, 30):
        x = np.random.default_rng(n).normal(size=n)
        low, high = t_interval(x)
        assert t[n] * x.std(ddof=1) / np.sqrt(n) == pytest.approx((high - low) / 2)


# The checks


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exercises, "_progress", {})


def by_trying(percent: float, n: int) -> int:
    """The fewest runs, from all counts of right answers."""
    text = f"{percent:.2f}"
    return next(r for r in range(1, 99) if any(text in printed(k, r * n, 2) for k in range(r * n + 1)))


def test_the_check_knows_the_fewest_runs() -> None:
    assert [by_trying(p, n) for p, n, _ in parts.PRINTED] == [r for _, _, r in parts.PRINTED]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda p, n: 1.5, "whole number of runs"),
        (lambda p, n: by_trying(p, n) - 1, "one short"),
        (lambda p, n: 1, "second decimal is not asked"),
        (lambda p, n: 100, "far too many"),
        (lambda p, n: by_trying(p, n) + (n == 5), "66.67 % of 5 recordings can be the mean of fewer than 4"),
        (lambda p, n: min(by_trying(p, n), 2), "54.33 % of 408 recordings cannot be the mean of so few as 2"),
    ],
)
def test_wrong_numbers_of_runs_are_named(answer, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    teaching.check_fewest(answer)
    assert says in capsys.readouterr().out


def paired(a: dict[int, float], b: dict[int, float]) -> np.ndarray:
    return np.array([a[k] - b[k] for k in sorted(set(a) & set(b))])


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda a, b: 1.5, "three numbers"),
        (lambda a, b: (1, 2), "three numbers"),
        (lambda a, b: (-paired(a, b).mean(), 0, 0), "the wrong way round"),
        (lambda a, b: (9, 8, 10), "no mean of the differences"),
        (lambda a, b: (paired(a, b).mean(), 0, 9), "evenly around"),
        (lambda a, b: symmetric(a, b, np.sqrt(3 / 4)), "ddof=0"),
        (lambda a, b: symmetric(a, b, 2), "from another"),
        (lambda a, b: symmetric(a, b, 1.2), "not that of the differences"),
    ],
)
def test_wrong_differences_are_named(answer, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    teaching.check_difference(answer)
    assert says in capsys.readouterr().out


def symmetric(a: dict[int, float], b: dict[int, float], times: float) -> tuple[float, float, float]:
    d = paired(a, b)
    half = times * (t_interval(d)[1] - d.mean())
    return d.mean(), d.mean() - half, d.mean() + half


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda parts: 3, "a list of sets"),
        (lambda parts: [{"y"}], "'y' is none"),
        (lambda parts: [set(parts), set(parts), set()], "planned twice"),
        (lambda parts: [set()], "the whole method is not"),
        (lambda parts: [set(parts), set()], "no two runs differ in rebuild alone"),
    ],
)
def test_plans_that_tell_nothing_are_named(answer, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    teaching.check_plan(answer)
    assert says in capsys.readouterr().out


def test_six_runs_are_needed_and_enough() -> None:
    """Of all plans with both ends: none of five passes, and as many of six as have two edges each way."""
    corners = [frozenset(c) for n in range(4) for c in combinations(parts.PARTS, n)]

    def good(plan: tuple[frozenset[str], ...]) -> bool:
        edges = [next(iter(a ^ b)) for a, b in combinations(plan, 2) if len(a ^ b) == 1]
        return all(edges.count(p) >= 2 for p in parts.PARTS)

    inner = [c for c in corners if 0 < len(c) < 3]
    plans = {n: [(frozenset(), *some, frozenset(parts.PARTS)) for some in combinations(inner, n - 2)] for n in (5, 6)}
    assert not any(map(good, plans[5]))
    assert sum(map(good, plans[6])) > 3
    for plan in plans[6]:
        teaching.check_plan(lambda names, plan=plan: list(plan))
        assert (exercises._progress["3.1.3"].passed is not None) == good(plan)
        exercises._progress.clear()
