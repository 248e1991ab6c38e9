"""Chapter 4.2's scores and questions of fusions, from records that were never made, against loops of their own; and
what the records of the book say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import made_streams
import numpy as np
import pytest
from scipy import stats
from shown import cells, number

from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.trust import fusions, page
from tlmlda_lib.book.pages.trust.fusions import EVERY, PLAINEST, QUESTIONS, SEARCHED, THREE, Join
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import bootstrap
from tlmlda_lib.experiments import plans, policy, search, shipped, store
from tlmlda_lib.experiments.settings import RECOMMENDED_FOR
from tlmlda_lib.methods.ifn.fusion import FUSIONS
from tlmlda_lib.methods.ifn.options import PRESETS

#: Share that each stream, and each way to join, is worth.
WORTH = {"acoustic": 0.34, "prosodic": 0.3, "speaker": 0.44, "whisper": 0.4}
BONUS = {"attention": 0.12, "global": 0.0, "mean": 0.03, "concat": 0.02, "multiplicative": -0.12, PLAINEST: 0.0}
FEW = 3  # seeds of what draws

SOME = (Join(EVERY), Join(EVERY, "global"), Join(EVERY, "concat", "tlmlda"), Join(THREE), Join(EVERY, PLAINEST))


def record(cell: plans.Cell) -> dict[str, Any]:
    """A record of a cell of the plan, of a run that was never made."""
    streams = tuple(cell.params["streams"])
    fusion = cell.params.get("fusion", "attention" if cell.method == "ifn" else PLAINEST)
    transfer = cell.params.get("transfer", "none")
    share = max(WORTH[s] for s in streams) + (BONUS[fusion] if len(streams) > 1 else 0) + 0.03 * (transfer != "none")
    return made_streams.record(cell, share, f"{cell.scheme}{streams}{fusion}{transfer}")


def fill(results: Path, keep: Callable[[plans.Cell], bool] = lambda cell: True) -> None:
    """Write the plan's records, but those that are not to be kept and the later seeds."""
    for cell in plans.of_plan("fusions", schemes=OPEN_SCHEMES):
        if cell.seed < FEW and keep(cell):
            made = record(cell)
            store.write(store.path(results, **made), made)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("results")
    fill(folder, lambda cell: cell.preset != "recommended")
    return shipped.records("streams", results=folder)


def by_hand(records: list[dict[str, Any]], scheme: str, join: Join) -> dict[int, float]:
    """WAR by seed, by what the records themselves say; a network's is the mean of its last two epochs of six."""
    return {
        r["seed"]: np.mean(r["curve"]["war"][-2:])
        for r in records
        if r["scheme"] == scheme
        and (r["method"], r["preset"]) == ((PLAINEST, "zscore") if join.fusion == PLAINEST else ("ifn", "default"))
        and tuple(r["overrides"]["streams"]) == join.streams
        and r["overrides"].get("transfer", "none") == join.transfer
        and (join.fusion == PLAINEST or r["params"]["fusion"] == join.fusion)
    }


@pytest.mark.parametrize("join", SOME, ids=str)
def test_cells_and_means_are_those_of_a_loop(records: list[dict[str, Any]], join: Join) -> None:
    per_scheme = [by_hand(records, s, join) for s in OPEN_SCHEMES]
    for scheme, seeds in zip(OPEN_SCHEMES, per_scheme, strict=True):
        figure = fusions.cell(records, scheme, join)
        assert figure.value == pytest.approx(np.mean(list(seeds.values())))
        assert len(figure.records) == (1 if join.fusion == PLAINEST else FEW)
    mean = fusions.mean(records, join)
    seeds = sorted(per_scheme[0])
    each = [np.mean([x[k] for x in per_scheme]) for k in seeds]
    assert mean.value == pytest.approx(np.mean(each))
    if len(each) > 1:
        ends = stats.t.interval(0.95, len(each) - 1, np.mean(each), stats.sem(each))
        assert (mean.low, mean.high) == pytest.approx(ends)
    assert len(mean.records) == len(seeds) * len(OPEN_SCHEMES)


def settings(record: dict[str, Any]) -> dict[str, Any]:
    """What a network's run was given, but for the streams and how they are joined."""
    return {k: v for k, v in record["params"].items() if k not in ("streams", "fusion")}


def sides(answer: policy.Answer) -> tuple[list[Any], list[Any]]:
    """The records of the first and of the second."""
    theirs = {traced.place(r) for r in answer.second}
    return [r for r in answer.records if traced.place(r) not in theirs], list(answer.second)


def test_all_questions_are_asked_at_once(records: list[dict[str, Any]]) -> None:
    found = fusions.answers(records, draws=300)
    assert list(found) == [n for n in QUESTIONS if not n.startswith("recommended")]  # which was not run here
    for name, answer in found.items():
        of = []
        for join, side in zip(QUESTIONS[name], sides(answer), strict=True):
            assert {tuple(r["overrides"]["streams"]) for r in side} == {join.streams}
            of.append(np.mean([[r["rules"]["final"]["war"] for r in side if r["scheme"] == s] for s in OPEN_SCHEMES]))
        assert answer.value == pytest.approx(of[0] - of[1], abs=1e-3)
        assert set(answer.schemes) == set(OPEN_SCHEMES)
    adjusted = bootstrap.holm([a.p for a in found.values()])
    assert [a.p_holm for a in found.values()] == pytest.approx(adjusted)
    for name, sign in (("attention minus global, none", 1), ("attention minus late fusion", 1)):
        assert sign * found[name].low > 0


def test_attention_is_compared_with_every_other_fusion_and_every_stream() -> None:
    for transfer in ("none", "tlmlda"):
        for fusion in set(FUSIONS) - {"attention"}:
            pair = (Join(EVERY, "attention", transfer), Join(EVERY, fusion, transfer))
            assert QUESTIONS[f"attention minus {fusion}, {transfer}"] == pair
        for stream in EVERY:
            pair = (Join(EVERY, "attention", transfer), Join((stream,), "attention", transfer))
            assert QUESTIONS[f"attention minus {stream} alone, {transfer}"] == pair


def test_only_what_is_called_recommended_was_searched() -> None:
    """A searched setting never stands beside an unsearched one under another name."""
    for name, pair in QUESTIONS.items():
        searched = [j.fusion == SEARCHED for j in pair]
        assert searched == [name.startswith("recommended"), False], name


@pytest.fixture(scope="module")
def book() -> list[dict[str, Any]]:
    return shipped.records(fusions.GRID)


@pytest.fixture(scope="module")
def answers(book: list[dict[str, Any]]) -> dict[str, policy.Answer]:
    return fusions.answers(book, draws=1000)


def test_sets_of_streams_are_drawn_at_the_scores_of_the_table(book: list[dict[str, Any]]) -> None:
    asked = page.Asked(book, {})
    (ax,) = page.which_streams_drawn(asked).axes
    drawn = {
        name.get_text().replace("\n", " "): [line.get_xdata()[row] for line in ax.lines]
        for row, name in enumerate(ax.get_yticklabels())
    }
    table = {name: [number(c) for c in row] for name, *row in cells(page.which_streams(asked))[1 : len(drawn) + 1]}
    assert {name: pytest.approx(row, abs=0.051) for name, row in table.items()} == drawn
    late = [row[-1] for row in drawn.values()]
    assert late == sorted(late, reverse=True)
    assert list(drawn)[-1] == page.called(("acoustic", "prosodic")), "the caption says so"
    assert all(drawn[page.called(("acoustic", "prosodic"))][0] < row[0] for row in list(drawn.values())[:-1])


def test_the_clean_comparison_is_of_equal_settings(answers: dict[str, policy.Answer]) -> None:
    """Whole and single stream: equal options, unsearched, the same transfer; of fusions also the same streams."""
    asked = [n for n in QUESTIONS if n.startswith("attention minus ") and "late fusion" not in n]
    assert len(asked) == 2 * (len(EVERY) + len(FUSIONS) - 1)
    for name in asked:
        first, second = sides(answers[name])
        assert {r["preset"] for r in (*first, *second)} == {"default"}
        assert all(settings(a) == settings(b) for a in first[:1] for b in (*first, *second))
        assert {r["params"]["transfer"] for r in (*first, *second)} == {name.rpartition(", ")[2]}
        assert {r["seed"] for r in first} == {r["seed"] for r in second}
        if " alone" not in name:
            assert {str(r["overrides"]["streams"]) for r in first} == {str(r["overrides"]["streams"]) for r in second}


def test_what_the_records_of_the_book_say(answers: dict[str, policy.Answer]) -> None:
    """Fusion beats each single stream without transfer; with it attention is worse than concat and multiplicative."""
    assert {answers[f"attention minus {s} alone, none"].verdict for s in EVERY} == {"better"}
    worse = {f for f in FUSIONS if f != "attention" and answers[f"attention minus {f}, tlmlda"].verdict == "worse"}
    assert worse == {"concat", "multiplicative"}
    assert answers["attention minus speaker alone, tlmlda"].verdict == "open"
    assert answers["transfer minus none, whisper alone"].verdict == "worse"
    assert {answers[n].verdict for n in QUESTIONS if n.startswith("recommended")} == {"open"}


def test_what_was_chosen_is_what_the_search_found() -> None:
    found = search.scores(shipped.records(search.IFN.grid), search.IFN)
    assert not search.todo(found, search.IFN)
    assert fusions.tried() == len(search.log(found, search.IFN)) > 30
    chosen = fusions.chosen()
    for target in search.VIEWS:
        change = search.options_of(search.chosen(found, target, search.IFN), search.IFN)
        for option, value in change.items():
            assert getattr(chosen[target], option) == value, (target, option)
        found_for = RECOMMENDED_FOR["ifn"].get(target, {})
        assert {k: getattr(chosen[target], k) for k in found_for} == found_for
    assert chosen["any"] == PRESETS["recommended"]
    assert chosen["start"].transfer == "tlmlda"
    assert {"fusion", "within"} < set(fusions.searched_options())
    assert "transfer" not in fusions.searched_options()


def test_what_was_searched_has_a_preset_of_its_own(records: list[dict[str, Any]]) -> None:
    plain = Join(THREE, "attention", "none")
    made = [
        r | {"preset": "recommended", "curve": {k: [99.0] * 6 for k in r["curve"]}}
        for r in records
        if (r["method"], r["preset"]) == ("ifn", "default") and r["overrides"] == plain.overrides()
    ]
    assert len(made) == FEW * len(OPEN_SCHEMES)
    searched = Join(THREE, SEARCHED, "tlmlda")
    assert not fusions.mean(records, searched).records
    assert fusions.mean([*records, *made], searched).value == pytest.approx(99)
    assert fusions.mean([*records, *made], plain).value == fusions.mean(records, plain).value


def test_without_records_nothing_was_run() -> None:
    assert str(fusions.mean([], Join(EVERY))) == "not run"
    assert str(fusions.mean([], Join(EVERY), ())) == "not run"
    assert fusions.common([], SOME) == ()
    assert fusions.answers([]) == {}


def test_the_plan_runs_what_the_tables_ask_for() -> None:
    planned = set()
    for cell in plans.of_plan("fusions", schemes=("C2B",), seeds=1):
        planned.add((cell.method, cell.preset, store.options_digest(cell.params)))
    for join in {j for pair in QUESTIONS.values() for j in pair}:
        assert (join.method, join.preset, store.options_digest(join.overrides())) in planned, join
    for names in (EVERY, THREE, ("acoustic", "speaker")):
        join = Join(names, PLAINEST)
        assert (join.method, join.preset, store.options_digest(join.overrides())) in planned
    assert set(fusions.NAMES) == {*FUSIONS, SEARCHED, PLAINEST}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((("acoustic", "loud"),), "'loud'"),
        ((EVERY, "vote"), "'vote'"),
        ((EVERY, "mean", "coral"), "'coral'"),
        ((EVERY, PLAINEST, "tlmlda"), "no late_fusion with"),
        ((EVERY, SEARCHED), "no searched with"),
    ],
)
def test_what_cannot_be_joined_is_said(given: tuple[Any, ...], says: str) -> None:
    with pytest.raises(UserError, match=says):
        Join(*given)
