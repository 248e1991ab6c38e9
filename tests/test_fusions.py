"""Chapter 4.2's figures of fusions, from records that were never made, against loops of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import made_streams
import numpy as np
import pytest
from scipy import stats

from tlmlda_lib import methods
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import compare, fusions, plans, shipped, store
from tlmlda_lib.experiments.fusions import EVERY, PLAINEST, SEARCHED, THREE, Join
from tlmlda_lib.methods.fusion import FUSIONS

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
    for cell in plans.of_plan("streams", schemes=OPEN_SCHEMES):
        if cell.seed < FEW and keep(cell):
            made = record(cell)
            store.write(store.path(results, **made), made)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("results")
    fill(folder, lambda cell: cell.preset != "recommended")
    return shipped.records("streams", results=folder)


def by_hand(records: list[dict[str, Any]], scheme: str, join: Join) -> dict[int, float]:
    """WAR by seed, by what the records themselves say."""
    return {
        r["seed"]: r["rules"]["final"]["war"]
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


def test_a_gap_is_paired_by_seed_and_drawn_as_comparisons_are(records: list[dict[str, Any]]) -> None:
    pairs = [(Join(EVERY), Join(EVERY, "global")), (Join(EVERY, "multiplicative"), Join(EVERY, PLAINEST))]
    found = fusions.gaps(records, pairs, draws=500)
    drawn = []
    for (first, second), gap in zip(pairs, found, strict=True):
        assert gap is not None
        assert gap.schemes == OPEN_SCHEMES
        a, b = ([by_hand(records, s, j) for s in OPEN_SCHEMES] for j in (first, second))
        each = [np.mean([x[k] - y.get(k, y[0]) for x, y in zip(a, b, strict=True)]) for k in range(FEW)]
        assert gap.seeds.value == pytest.approx(np.mean(each))
        ends = stats.t.interval(0.95, FEW - 1, np.mean(each), stats.sem(each))
        assert (gap.seeds.low, gap.seeds.high) == pytest.approx(ends)
        names = []
        for join in (first, second):
            (label,) = {
                compare.label(r)
                for r in records
                if r["preset"] == join.preset and r["overrides"] == {**join.overrides()}
            }
            names.append(label)
        of = [r for r in records if compare.label(r) in names]
        (again,) = compare.compare(of, [tuple(names)], schemes=OPEN_SCHEMES, draws=500)
        assert (gap.low.value, gap.high.value) == pytest.approx((again.mean.low, again.mean.high))
        assert set(gap.low.records) == {*gap.seeds.records}
        drawn.append(again.mean.p)
    ps = sorted((p, i) for i, p in enumerate(drawn))
    wanted = {ps[0][1]: min(1, 2 * ps[0][0]), ps[1][1]: max(min(1, 2 * ps[0][0]), ps[1][0])}
    assert [g.p_holm for g in found if g is not None] == pytest.approx([wanted[0], wanted[1]])
    assert [g.verdict for g in found if g is not None] == ["better", "worse"]
    (other,) = fusions.gaps(records, [pairs[0][::-1]], draws=500)
    assert other is not None
    assert other.verdict == "worse"
    assert other.seeds.value == pytest.approx(-found[0].seeds.value)  # type: ignore[union-attr]


def test_a_gap_that_no_interval_sees_stays_open(records: list[dict[str, Any]]) -> None:
    (gap,) = fusions.gaps(records, [(Join(EVERY, "mean"), Join(EVERY, "concat"))], ("R2C",), draws=200)
    assert gap is not None
    assert gap.schemes == ("R2C",)
    assert gap.low.value < 0 < gap.high.value
    assert gap.verdict == "open"


def test_only_seeds_and_schemes_that_both_have_count(records: list[dict[str, Any]]) -> None:
    first, second = Join(EVERY), Join(EVERY, "global")

    def there(r: dict[str, Any]) -> bool:
        if r["params"].get("fusion") == "global":
            return r["scheme"] in ("B2C", "C2B") and r["seed"] > 0
        return not (r["scheme"] == "C2B" and r["seed"] == 2)

    some = [r for r in records if there(r)]
    (gap,) = fusions.gaps(some, [(first, second)], draws=200)
    assert gap is not None
    assert set(gap.schemes) == {"B2C", "C2B"}
    assert dict(gap.seeds.by_seed).keys() == {1}
    a, b = ([by_hand(some, s, j) for s in gap.schemes] for j in (first, second))
    assert gap.seeds.value == pytest.approx(np.mean([x[1] - y[1] for x, y in zip(a, b, strict=True)]))
    assert all(p.endswith("seed-1") for p in gap.low.records)
    assert set(fusions.common(some, [first, second])) == {"B2C", "C2B"}
    alone = [r for r in some if not (r["params"].get("fusion") == "global" and r["seed"] == 1)]
    alone = [r for r in alone if not (r["params"].get("fusion") == "attention" and r["seed"] == 2)]
    assert fusions.gaps(alone, [(first, second)]) == [None]


def test_the_best_is_the_largest_mean_of_what_ran_everywhere(records: list[dict[str, Any]]) -> None:
    best = fusions.best(records)
    means = {}
    for join in fusions.joins():
        values = [by_hand(records, s, join) for s in OPEN_SCHEMES]
        if all(values):
            means[join] = np.mean([np.mean(list(v.values())) for v in values])
    assert best == max(means, key=lambda j: means[j])
    assert best.fusion == "attention"
    assert best.transfer == "tlmlda"
    assert [j.streams for j in best.alone()] == [(s,) for s in best.streams]
    assert {j.transfer for j in best.alone()} == {"tlmlda"}
    assert {j.fusion for j in Join(EVERY, PLAINEST).alone()} == {PLAINEST}
    fewer = [r for r in records if not (r["scheme"] == "R2B" and tuple(r["overrides"]["streams"]) == best.streams)]
    assert fusions.best(fewer) not in (best, None)
    assert fusions.best([r for r in records if r["scheme"] != "R2B"]) is None


def test_what_was_searched_has_a_preset_of_its_own(records: list[dict[str, Any]]) -> None:
    plain = Join(THREE, "attention", "none")
    made = [
        r | {"preset": "recommended", "rules": {k: v | {"war": 99.0} for k, v in r["rules"].items()}}
        for r in records
        if (r["method"], r["preset"]) == ("ifn", "default") and r["overrides"] == plain.overrides()
    ]
    assert len(made) == FEW * len(OPEN_SCHEMES)
    searched = Join(THREE, SEARCHED, "tlmlda")
    assert searched in fusions.joins()
    assert not fusions.mean(records, searched).records
    assert fusions.mean([*records, *made], searched).value == pytest.approx(99)
    assert fusions.best([*records, *made]) == searched
    assert [j.preset for j in searched.alone()] == ["default"] * 3
    assert fusions.mean([*records, *made], plain).value == fusions.mean(records, plain).value


def test_without_records_nothing_was_run() -> None:
    assert str(fusions.mean([], Join(EVERY))) == "not run"
    assert str(fusions.mean([], Join(EVERY), ())) == "not run"
    assert fusions.common([], SOME) == ()
    assert fusions.gaps([], [(Join(EVERY), Join(THREE))]) == [None]
    assert fusions.best([]) is None


def test_the_plan_runs_what_the_tables_ask_for() -> None:
    planned = set()
    for cell in plans.of_plan("streams", schemes=("C2B",), seeds=1):
        planned.add((cell.method, cell.preset, store.options_digest(cell.params)))
    for transfer in ("none", "tlmlda"):
        for join in fusions.joins(transfer):
            if join.streams == THREE and join.fusion not in ("attention", SEARCHED):
                continue
            if join.fusion == SEARCHED and "recommended" not in methods.presets("ifn"):
                continue
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
