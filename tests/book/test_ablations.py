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
from shown import answer, cells, number, plain

from tlmlda_lib.book import checks
from tlmlda_lib.book.checks import ablations as parts
from tlmlda_lib.book.checks import exercises
from tlmlda_lib.book.explorables import LossSwitches
from tlmlda_lib.book.pages.ablations import shares, switches
from tlmlda_lib.domains import OPEN_SCHEMES, PAPER_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import t_interval
from tlmlda_lib.experiments import policy, published, shipped
from tlmlda_lib.training.options import FIVE

pytest.importorskip("IPython", reason="the extra `chapters`, which shows a page's sentences, is not installed")
from tlmlda_lib.book.pages.ablations import page

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
    with pytest.raises(UserError, match="CR2B is not in Table 2: use one of E2B"):
        shares.recordings("CR2B")


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
@pytest.mark.parametrize("preset", ["recommended-is10", "authors", "paper"])
def test_methods_have_their_switches(method: str, bits: str, preset: str) -> None:
    assert switches.switches(record("B2C", method, preset)) == bits


def own(*on: int) -> dict[str, float]:
    """The preset's factors, and 0 where there is a 0."""
    return {k: a * b for (k, a), b in zip(switches.own_alpha("C2B", "recommended-is10").items(), on, strict=True)}


ONES = dict.fromkeys(FIVE, 1.0)


@pytest.mark.parametrize(
    ("method", "changes", "bits"),
    [
        ("tlmlda", {"alpha": own(1, 1, 1, 0, 0)}, "10011"),
        ("tlmlda", {"alpha": own(0, 0, 1, 1, 0)}, "01011"),
        ("tlmlda", {"alpha": own(0, 0, 1, 0, 0), "update": "constant"}, "00011"),
        ("tlmlda_m", {"alpha": ONES}, "11010"),
        ("tlmlda", {"alpha": ONES, "update": "constant"}, "11100"),
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
    assert set(data["settings"]) == {"recommended-is10", "authors", "authors-150"}
    assert data["schemes"] == ["B2C", "C2B", "R2B"]
    assert runs["C2B", "recommended-is10", "11111"] == [0, 1, 2]
    assert runs["C2B", "recommended-is10", "10001"] == [0, 1]
    assert ("C2B", "recommended-is10", "10011") not in runs, "a factor that is nobody's"
    assert ("B2C", "recommended-is10", "10111") not in runs
    assert runs["C2B", "authors", "11111"] == runs["C2B", "authors-150", "11111"] == [0, 2]
    assert runs["C2B", "authors-150", "11110"] == [0, 1, 2]
    assert ("C2B", "authors", "11110") not in runs


def test_a_run_with_a_schedule_has_no_shorter_run_in_it() -> None:
    short, long = record("C2B", "tlmlda_m", epochs=20), record("C2B", "tlmlda")
    data = switches.curves([short, long])
    assert {(r["setting"], r["switches"]) for r in data["runs"]} == {
        ("recommended-is10-20", "11011"),
        ("recommended-is10", "11111"),
    }


def test_widget_keeps_what_it_was_given_and_says_what_it_cannot_show(made: Path) -> None:
    records = shipped.records(results=made)
    widget = LossSwitches(records, scheme="B2C", rule="oracle", switches="11011")
    assert (widget.scheme, widget.setting, widget.rule, widget.switches) == (
        "B2C",
        "recommended-is10",
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
    with pytest.raises(UserError, match="no record of TLMLDA"):
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
    checks.check_fewest(answer)
    assert says in capsys.readouterr().out


def paired(a: dict[int, float], b: dict[int, float]) -> np.ndarray:
    return np.array([a[k] - b[k] for k in sorted(set(a) & set(b))])


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda a, b: 1.5, "three numbers"),
        (lambda a, b: (1, 2), "three numbers"),
        (lambda a, b: (-paired(a, b).mean(), 0, 0), "the wrong way round"),
        (lambda a, b: (9, 8, 10), "not the mean of the differences"),
        (lambda a, b: (paired(a, b).mean(), 0, 9), "evenly around"),
        (lambda a, b: symmetric(a, b, np.sqrt(3 / 4)), "ddof=0"),
        (lambda a, b: symmetric(a, b, 2), "spread of single seeds"),
        (lambda a, b: symmetric(a, b, 1.2), "not that of the differences"),
    ],
)
def test_wrong_differences_are_named(answer, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_difference(answer)
    assert says in capsys.readouterr().out


def symmetric(a: dict[int, float], b: dict[int, float], times: float) -> tuple[float, float, float]:
    d = paired(a, b)
    half = times * (t_interval(d)[1] - d.mean())
    return d.mean(), d.mean() - half, d.mean() + half


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda parts: 3, "a list of sets"),
        (lambda parts: [{"y"}], "'y' is not one"),
        (lambda parts: [set(parts), set(parts), set()], "planned twice"),
        (lambda parts: [set()], "the whole method is not"),
        (lambda parts: [set(parts), set()], "no two runs differ in rebuild alone"),
    ],
)
def test_plans_that_tell_nothing_are_named(answer, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_plan(answer)
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
        checks.check_plan(lambda names, plan=plan: list(plan))
        assert (exercises._progress["3.1.3"].passed is not None) == good(plan)
        exercises._progress.clear()


# The page's figures, tables and sentences


def answers(**given: policy.Answer) -> dict[tuple[str, str], policy.Answer]:
    """No significant difference, but where one is given, by method and scheme."""
    open_ = {(m, s): answer(0.5, 0.5) for m in page.OTHERS for s in ("mean", *OPEN_SCHEMES)}
    return open_ | {tuple(name.split("__")): one for name, one in given.items()}


@pytest.fixture
def runs() -> list[dict[str, Any]]:
    """Every method on every open scheme, with weights of its losses, and two as the scripts train."""
    made = [record(s, m, seed=k) for s in OPEN_SCHEMES for m in page.ORDER for k in range(3)]
    for i, r in enumerate(made):
        r["curve"] |= {f"weight_{name}": [0.5, 0.01 * (i % 7 + 1)] for name in ("MMD", "LMMD")}
    both = [record(s, m, "authors", k, epochs=150, grid="authors") for s in ("B2C", "C2B") for m in page.ORDER
            for k in range(3)]  # fmt: skip
    for r in both:
        r["curve"]["uar"] = [0.5 * v for v in r["curve"]["war"]]
    return made + both


def asked_of(runs: list[dict[str, Any]], **given: policy.Answer) -> page.Asked:
    return page.Asked(runs, [r for r in runs if r["grid"] == "main"], answers(**given))


def test_every_question_of_the_page_is_asked_at_once(
    runs: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[dict[str, Any]] = []

    def ask(questions: dict[str, Any]) -> dict[str, policy.Answer]:
        calls.append(questions)
        return {name: answer(len(first) - len(second)) for name, (first, second) in questions.items()}

    monkeypatch.setattr(policy, "ask", ask)
    other = record("C2B", "tlmlda", alpha=dict.fromkeys(("S", "T", "y", "MMD", "LMMD"), 1))
    asked = page.ask([*runs, other, record("C2B", "tlmlda_m", seed=9)])
    (questions,) = calls
    assert f"for the {len(questions)} differences" in (ROOT / "book" / "ablations.md").read_text(encoding="utf-8")
    used = [r for sides in questions.values() for side in sides for r in side]
    assert {(r["grid"], r["preset"]) for r in used} == {("main", "recommended-is10")}
    assert other not in used
    assert asked.answers["tlmlda_m", "C2B"].value == asked.answers["tlmlda_m", "mean"].value == -1
    assert {k: a.value for k, a in asked.answers.items() if k[0] != "tlmlda_m"} == {
        (m, s): 0 for m in page.OTHERS if m != "tlmlda_m" for s in ("mean", *OPEN_SCHEMES)
    }


def test_the_answer_of_the_chapter_holds_only_while_it_is_true(runs: list[dict[str, Any]]) -> None:
    given = {"tlmlda_m__C2B": answer(7.25), "tlmlda_m__R2B": answer(3), "tlmlda_m__C2R": answer(-4)}
    text = plain(page.lead(asked_of(runs, **given)))
    gains = {"C2B": "+7.2 [6.2, 8.2], p = .001 on C2B", "R2B": "+3.0 [2.0, 4.0], p = .001 on R2B"}
    assert f"moves WAR by {' and '.join(gains[s] for s in OPEN_SCHEMES if s in gains)}, " in text
    assert "and by −4.0 [−5.0, −3.0], p = .001 on C2R." in text
    of = [r for r in runs if (r["grid"], r["method"]) == ("main", "tlmlda")]
    means = [np.mean([100 * r["curve"]["weight_MMD"][-1] for r in of if r["scheme"] == s]) for s in OPEN_SCHEMES]
    assert f"{min(means):.1f} to {max(means):.1f} hundredths" in text
    for wrong in ({}, {"tlmlda_m__C2B": answer(7)}, given | {"tlmlda_l__mean": answer(2)}):
        with pytest.raises(AssertionError, match="the text says"):
            page.lead(asked_of(runs, **wrong))


@pytest.mark.parametrize(
    ("best", "says"), [(2.0, "The oracle takes each curve where"), (9.0, "the rule changes little")]
)
def test_notice_depends_on_what_the_rule_does(runs: list[dict[str, Any]], best: float, says: str) -> None:
    for r in runs:
        up = r["method"] == "tlmlda"
        r["rules"] = {"final": {"war": 40.0 + 8 * up}, "oracle": {"war": 50.0 + best * up}}
    text = plain(page.notice(asked_of(runs)))
    assert "is +8.0 ± 0.0 points at the last epoch. At the best epoch on target labels it is " in text
    assert f"it is +{best:.1f} ± 0.0. " in text
    assert says in text


def test_equal_counts_are_counted_between_methods(runs: list[dict[str, Any]]) -> None:
    mine = [r for r in runs if (r["grid"], r["scheme"]) == ("main", "B2C")][:5]  # three of one method, two of the next
    for r, war in zip(mine, (30.0, 30.0, 31.0, 30.0, 31.0), strict=True):
        r["rules"]["oracle"]["war"] = war
    text = plain(page.equal_by_luck(asked_of(mine)))
    assert "Our 5 runs of 2 methods on B2C make 6 pairs of two methods." in text
    assert "epochs: 3 pairs, or 50.0 %." in text  # two with the first of the other's, one with the second
    assert "make 0 pairs" in plain(page.equal_by_luck(asked_of([])))


def test_tables_are_means_of_the_records(runs: list[dict[str, Any]]) -> None:
    asked = asked_of(runs)
    head, *rows = cells(page.scores(asked))[: len(page.ORDER) + 1]
    assert head == ["method", "mean", *OPEN_SCHEMES]

    def mean(rule: str, method: str, *schemes: str) -> float:
        of = [r for r in asked.ours if r["method"] == method and r["scheme"] in schemes]
        return np.mean([r["rules"][rule]["war"] for r in of])

    for m, row in zip(page.ORDER, rows, strict=True):
        wanted = [mean("final", m, *OPEN_SCHEMES), *(mean("final", m, s) for s in OPEN_SCHEMES)]
        assert [number(c) for c in row[1:]] == pytest.approx(wanted, abs=0.051)
    *_, of_last = cells(page.beside(asked, ["C2R"]))
    assert of_last[:3] == ["no transfer", "–", "–"]
    assert number(of_last[3]) == pytest.approx(mean("oracle", "only_cls", "C2R"), abs=0.051)
    printed = cells(page.beside(asked, ["C2B"]))[1]
    assert printed[1].startswith(f"{published.PAPER[page.ORDER[0]]['C2B']:.2f}")


def test_scripts_are_scored_at_the_best_epoch_and_by_the_last_third(runs: list[dict[str, Any]]) -> None:
    *_, last = cells(page.as_the_scripts(asked_of(runs)))
    of = [r["curve"]["war"] for r in runs if (r["grid"], r["method"], r["scheme"]) == ("authors", "only_cls", "C2B")]
    wanted = [np.mean([max(war) for war in of]), np.mean([np.mean(war[100:]) for war in of])]
    assert [number(c) for c in last[3:]] == pytest.approx(wanted, abs=0.051)
    *_, line = cells(page.between_metrics(asked_of(runs)))
    of = [
        r["curve"]["war"] for r in runs if (r["grid"], r["method"], r["scheme"]) == ("authors", "tlmlda_alpha", "B2C")
    ]
    assert number(line[1]) == pytest.approx(np.mean([max(war) / 2 for war in of]), abs=0.051)


def test_differences_that_were_not_asked_are_not_run() -> None:
    few = {("tlmlda_l", "mean"): answer(2.0, 0.03)}
    shown = page.differences(page.Asked([], [], few))
    assert "p corrected for 1 comparisons" in shown.data
    assert [c for row in cells(shown)[1:] for c in row[1:] if c != "not run"] == ["+2.0 [1.0, 3.0], p = .03"]


def test_transfer_may_gain_cost_or_do_nothing() -> None:
    def said(**given: policy.Answer) -> str:
        return plain(page.transfer(page.Asked([], [], answers(**given))))

    text = said(only_cls__C2B=answer(9), only_cls__B2C=answer(6), only_cls__C2R=answer(-3))
    assert re.search(r"as a whole gains \+\d.*? on \w+ and \+\d.*? on \w+, and costs −3.0 .*? on C2R\. On the", text)
    assert "no significant difference. That MMD" in text
    assert "adds at most 1.5 points" in text
    assert "Transfer as a whole helps significantly on no scheme. On the mean" in said()
    assert "a significant difference. That MMD" in said(only_cls__mean=answer(4))


def test_the_figure_draws_each_answer(runs: list[dict[str, Any]]) -> None:
    plt = pytest.importorskip("matplotlib.pyplot")
    figure = page.gain_of_each_part(asked_of(runs, only_cls__C2B=answer(12.5, half=2)))
    assert not plt.get_fignums(), "the cell would show it twice"
    (ax,) = [ax for ax in figure.axes if ax.get_title(loc="left") + ax.get_title() == "minus no transfer"]
    row = OPEN_SCHEMES.index("C2B")
    drawn = [line.get_xydata().tolist() for line in ax.lines]
    assert [[10.5, row], [14.5, row]] in drawn
    assert [[12.5, row]] in drawn
    assert sum(ax.get_visible() for ax in figure.axes) == len(page.OTHERS)


def whole(percent: float, n: int) -> bool:
    return any(f"{percent:.2f}" in printed(k, n, 2) for k in range(n + 1))


def test_printed_numbers_are_counted_as_by_trying() -> None:
    count, fit, blind = page.tally("README", ["tlmlda"], ("C2B", "E2B"))
    found = [published.README["tlmlda"][s] for s in ("C2B", "E2B")]
    sizes = [shares.recordings(s) for s in ("C2B", "E2B")]
    assert (count, fit) == (2, sum(map(whole, found, sizes)))
    assert blind == pytest.approx(
        sum(len(set().union(*(printed(k, n, 2) for k in range(n + 1)))) / 10001 for n in sizes)
    )
    marked = [row[1] for row in cells(page.printed_cells(("C2B",)))[1:] if row[0].endswith(", paper")]
    of = [row["C2B"] for row in published.PAPER.values()]
    assert [c.endswith("†") for c in marked] == [not whole(v, shares.recordings("C2B")) for v in of]


def test_the_grid_tints_the_cells_that_the_table_marks() -> None:
    (ax,) = page.printed_drawn(("C2B", "B2C")).axes
    marked = [cell.endswith("†") for row in cells(page.printed_cells(("C2B", "B2C")))[1:] for cell in row[1:]]
    assert [t.get_text().endswith("†") for t in ax.texts] == marked
    assert len(ax.patches) == sum(marked) > 0


def test_sentences_on_printed_numbers_are_those_of_the_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [row[1] for row in cells(page.taken_away("C2B"))[1:]] == [
        f"{published.PAPER[m]['C2B']:.2f}" for m in page.AWAY
    ]
    n = shares.recordings("B2C")
    (hits,) = (k for k in range(n + 1) if f"{published.PAPER['tlmlda_w']['B2C']:.2f}" in printed(k, n, 2))
    assert f"exactly {hits} of {n} recordings" in plain(page.half_a_recording())
    passing = sum(
        whole(v, shares.recordings(s)) for row in published.PAPER.values() for s, v in row.items() if s != "mean"
    )
    assert f"Of the 60 cells {passing} can be" in plain(page.who_passes())
    gaps = {s: [abs(published.README[m][s] - published.PAPER[m][s]) for m in published.README] for s in PAPER_SCHEMES}
    of_b = [d for s in PAPER_SCHEMES if s.endswith("B") for d in gaps[s]]
    assert f"they differ by {min(of_b):.1f} to {max(of_b):.1f} points" in plain(page.pattern())
    (line,) = [row for row in cells(page.readme_minus_paper(("C2B",))) if row[0] == published.NAMES["tlmlda"]]
    assert abs(number(line[1])) == pytest.approx(gaps["C2B"][list(published.README).index("tlmlda")])
    differ = [
        (m, s) for m in published.README for s in PAPER_SCHEMES if published.README[m][s] != published.PAPER[m][s]
    ]
    both = [
        (whole(published.README[m][s], shares.recordings(s)), whole(published.PAPER[m][s], shares.recordings(s)))
        for m, s in differ
    ]
    text = plain(page.which_table())
    assert f"Of the {len(both)} cells that differ" in text
    assert f"can be a WAR in {both.count((True, False))}, the paper's alone in {both.count((False, True))}," in text
    # A printed number that the sentences do not fit stops the page.
    monkeypatch.setitem(published.README["tlmlda"], "B2C", published.README["tlmlda"]["B2C"] + 1)
    with pytest.raises(AssertionError):
        page.pattern()
    monkeypatch.setitem(published.PAPER["tlmlda_m"], "B2C", 40.0)
    with pytest.raises(AssertionError):
        page.half_a_recording()
