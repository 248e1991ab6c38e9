"""Chapter 4.1's figures: streams alone and in pairs from records that were never made, against loops of their own."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import made_streams
import numpy as np
import pytest

from tlmlda_lib import methods
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import compare, plans, shipped, store, stream_plans, streams_alone, traced

WORTH = {"acoustic": 0.34, "prosodic": 0.3, "speaker": 0.52, "whisper": 0.4}
PAGE = Path(__file__).parents[1] / "book" / "three-streams.md"
FEW = 2  # seeds of what draws


def record(cell: plans.Cell, worth: Mapping[str, float] = WORTH) -> dict[str, Any]:
    """A record of a cell of the plan, of a run that was never made."""
    streams = tuple(cell.params["streams"])
    share = max(worth[s] for s in streams) + 0.02 * (len(streams) - 1)
    return made_streams.record(cell, share, f"{cell.scheme}{streams}{cell.method}")


def fill(results: Path, keep: Any = lambda cell: True, worth: Mapping[str, float] = WORTH) -> None:
    """Write the plan's records, but those that are not to be kept and the later seeds."""
    for cell in plans.of_plan("streams", schemes=OPEN_SCHEMES):
        if cell.seed < FEW and keep(cell):
            made = record(cell, worth)
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


# The page, on stores of every kind


def page(monkeypatch: pytest.MonkeyPatch, records: list[dict[str, Any]]) -> str:
    """What the cells of "What each is worth alone" show with these records."""
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("Agg")
    monkeypatch.setattr(shipped, "records", lambda grid=None: [r for r in records if grid in (None, r["grid"])])
    part = PAGE.read_text(encoding="utf-8").partition("## What each is worth alone")[2].partition("\n## ")[0]
    cells = re.findall(r"```\{code-cell\} ipython3\n(.*?)\n```", part, re.DOTALL)
    assert len(cells) == 7
    names: dict[str, Any] = {"HTML": str, "Markdown": str}
    shown = []
    for cell in cells:
        tree = ast.parse(re.sub(r"\A(---\n.*?\n---\n|(:[^\n]*\n)+)", "", cell, flags=re.DOTALL))
        last = tree.body.pop()
        exec(compile(tree, str(PAGE), "exec"), names)
        if isinstance(last, ast.Expr):
            shown.append(str(eval(compile(ast.Expression(last.value), str(PAGE), "eval"), names)))
    plt.close("all")
    return "\n".join(shown)


def test_page_stands_without_records(monkeypatch: pytest.MonkeyPatch) -> None:
    text = page(monkeypatch, [])
    assert "<data" not in text
    assert text.count("not run") > 50
    assert not re.search(r"\d\.\d", text)


def test_page_stands_with_some_records_and_names_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def keep(cell: plans.Cell) -> bool:
        return cell.scheme in ("B2C", "C2B", "R2B") and cell.method == "late_fusion" and cell.preset == "zscore"

    fill(tmp_path, keep)
    text = page(monkeypatch, shipped.records(results=tmp_path))
    assert "mean of 3" in text
    assert "In the one way that was run the largest mean is that of the speaker encoder" in text
    assert "not run" in text
    for places in re.findall(r'data-records="([^"]+)"', text):
        for place in traced.unfolded(places):
            assert (tmp_path / f"{place}.json").is_file()


def test_page_says_what_all_records_say(monkeypatch: pytest.MonkeyPatch, records: list[dict[str, Any]]) -> None:
    text = page(monkeypatch, records)
    assert "not run" not in text
    assert "The speaker encoder alone recognises more than IS10 with both its streams" in text
    assert "In all 4 ways that were run" in text
    for bare in re.findall(r"\d+\.\d", re.sub(r"<data .*?</data>", "", text)):
        pytest.fail(f"{bare} names no record")


@pytest.mark.parametrize(
    ("speaker", "says"), [(0.22, "alone recognises less than IS10"), (0.362, "are not told apart")]
)
def test_sentences_follow_the_records(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, speaker: float, says: str
) -> None:
    fill(tmp_path, lambda cell: cell.method == "late_fusion", {**WORTH, "speaker": speaker})
    text = page(monkeypatch, shipped.records(results=tmp_path))
    assert says in text
    assert ("know more about emotion" in text) is False
