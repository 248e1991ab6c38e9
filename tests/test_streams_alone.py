"""Chapter 4.1's figures: streams alone and in pairs from records that were never made, against loops of their own."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tlmlda_lib import methods
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import RULES
from tlmlda_lib.experiments import compare, contents, plans, shipped, store, stream_plans, streams_alone, traced

WORTH = {"acoustic": 0.34, "prosodic": 0.3, "speaker": 0.44, "whisper": 0.4}
SPEAKERS = {"B": 10, "C": 4, "R": 24}
PER = 50  # recordings of each speaker, ten of each of five classes
FEW = 2  # seeds of what draws


def record(cell: plans.Cell) -> dict[str, Any]:
    """A record of a cell of the plan, of a run that was never made."""
    _, every, named = cell.named()
    streams = tuple(cell.params["streams"])
    speakers = SPEAKERS[cell.scheme[-1]]
    rng = np.random.default_rng([cell.seed, zlib.crc32(f"{cell.scheme}{streams}{cell.method}".encode())])
    truth = np.tile(np.repeat(np.arange(5), PER // 5), speakers)
    who = np.repeat([f"{cell.scheme[-1]}/{s:02d}" for s in range(speakers)], PER)
    hit = rng.random(len(who)) < max(WORTH[s] for s in streams) + 0.02 * (len(streams) - 1)
    rule = {"war": 100 * float(hit.mean()), "uar": 0.0, "epoch": 1, "hits": contents.pack(hit, truth, who)}
    return {
        **named,
        "params": every,
        "overrides": dict(cell.params),
        "rules": dict.fromkeys(RULES, rule),
        "classes": list("abcde"),
        "utterances": {str(s): [PER // 5] * 5 for s in np.unique(who)},
        "floor": {"chance": 20.0, "majority": 20.0},
        "data": {"features": list(cell.sets)},
        "code": {"digest": "", "modules": {}},
        "scaling": "zscore within corpus",
    }


def fill(results: Path, keep: Any = lambda cell: True) -> None:
    """Write the plan's records, but those that are not to be kept and the later seeds."""
    for cell in plans.of_plan("streams", schemes=OPEN_SCHEMES):
        if cell.seed < FEW and keep(cell):
            made = record(cell)
            store.write(store.path(results, **made), made)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("results")
    fill(folder)
    return shipped.records(results=folder)


def by_hand(
    records: list[dict[str, Any]], scheme: str, streams: set[str], method: str, **fits: Any
) -> dict[int, float]:
    """WAR by seed, by what the records themselves say."""
    return {
        r["seed"]: r["rules"]["final"]["war"]
        for r in records
        if (r["scheme"], r["method"]) == (scheme, method)
        and set(r["overrides"]["streams"]) == streams
        and r["preset"] == fits.get("preset", r["preset"])
        and r["overrides"].get("transfer") == fits.get("transfer")
        and "fusion" not in r["overrides"]
    }


def test_the_plan_has_a_record_for_each_cell_of_the_tables(records: list[dict[str, Any]]) -> None:
    for names in stream_plans.TOGETHER:
        for way in streams_alone.WAYS:
            for scheme in OPEN_SCHEMES:
                assert streams_alone.cell(records, scheme, names, way).records, (names, way, scheme)


@pytest.mark.parametrize(
    ("way", "method", "fits"),
    [
        ("plain", "late_fusion", {"preset": "zscore"}),
        ("voices", "late_fusion", {"preset": "voices"}),
        ("network", "ifn", {}),
        ("transfer", "ifn", {"transfer": "tlmlda"}),
    ],
)
def test_cells_and_means_are_those_of_a_loop(
    records: list[dict[str, Any]], way: str, method: str, fits: dict[str, str]
) -> None:
    for names in (("acoustic",), ("speaker",), ("acoustic", "whisper")):
        per_scheme = [by_hand(records, s, set(names), method, **fits) for s in OPEN_SCHEMES]
        for scheme, seeds in zip(OPEN_SCHEMES, per_scheme, strict=True):
            figure = streams_alone.cell(records, scheme, names, way)
            assert figure.value == pytest.approx(np.mean(list(seeds.values())))
            assert len(figure.records) == len(seeds) == (1 if method == "late_fusion" else FEW)
        mean = streams_alone.mean(records, names, OPEN_SCHEMES, way)
        assert mean.value == pytest.approx(np.mean([np.mean(list(x.values())) for x in per_scheme]))
        assert np.isnan(mean.low) == (method == "late_fusion")
        assert len(mean.records) == sum(map(len, per_scheme))


def test_means_are_over_schemes_that_all_were_run_on(tmp_path: Path) -> None:
    def keep(cell: plans.Cell) -> bool:
        alone = tuple(cell.params["streams"])
        if alone == ("whisper",):
            return False
        return cell.scheme in ("B2C", "C2B") or (cell.scheme == "R2B" and alone == ("speaker",))

    fill(tmp_path, keep)
    some = shipped.records(results=tmp_path)
    alone = [(name,) for name in stream_plans.STREAMS]
    assert streams_alone.common(some, alone) == ("B2C", "C2B")
    assert set(streams_alone.common(some, [("speaker",)])) == {"R2B", "C2B", "B2C"}
    assert streams_alone.common(some, [("whisper",)]) == ()
    assert str(streams_alone.mean(some, ("whisper",), ("B2C", "C2B"))) == "not run"
    assert str(streams_alone.mean(some, ("speaker",), OPEN_SCHEMES)) == "not run"
    assert str(streams_alone.mean(some, ("speaker",), ())) == "not run"
    assert streams_alone.difference(some, ("speaker",), ("acoustic",), OPEN_SCHEMES) is None
    assert streams_alone.difference(some, ("speaker",), ("acoustic",), ()) is None


def test_no_record_at_all_is_not_run() -> None:
    assert str(streams_alone.cell([], "B2C", ("speaker",))) == "not run"
    assert streams_alone.common([], [("speaker",)]) == ()


def test_difference_is_the_comparison_s_and_has_a_sign(records: list[dict[str, Any]]) -> None:
    found = streams_alone.difference(records, ("speaker",), ("acoustic",), OPEN_SCHEMES)
    assert found is not None
    value, low, high = (f.value for f in found)
    means = [streams_alone.mean(records, (name,), OPEN_SCHEMES).value for name in ("speaker", "acoustic")]
    assert value == pytest.approx(means[0] - means[1], abs=0.2)  # hits are whole recordings
    assert 0 < low < value < high
    assert str(found[0]).startswith("+")
    other = streams_alone.difference(records, ("acoustic",), ("speaker",), OPEN_SCHEMES)
    assert other is not None
    assert other[0].value == pytest.approx(-value)
    assert {r.split("/")[2] for r in found[0].records} == {"late_fusion"}
    assert len(found[0].records) == 2 * len(OPEN_SCHEMES)
    kept = [
        r for r in records if r["preset"] == "zscore" and set(r["overrides"]["streams"]) in ({"speaker"}, {"acoustic"})
    ]
    names = [
        compare.label(next(r for r in kept if set(r["overrides"]["streams"]) == {n})) for n in ("speaker", "acoustic")
    ]
    again = compare.compare(kept, [tuple(names)])[0].mean
    assert (low, high) == pytest.approx((again.low, again.high))


def test_names_that_are_not_known_are_said() -> None:
    with pytest.raises(UserError, match="'loud'"):
        streams_alone.cell([], "B2C", ("loud",))
    with pytest.raises(UserError, match="'quick'"):
        streams_alone.cell([], "B2C", ("speaker",), "quick")
    assert set(streams_alone.NAMES) == set(stream_plans.STREAMS)
    for way in streams_alone.WAYS.values():
        assert way.preset in methods.presets(way.method)
    assert isinstance(streams_alone.cell([], "B2C", ("speaker",)), traced.Figure)
