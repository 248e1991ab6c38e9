"""The directive `measured`: scores by the book's statistical policy, with intervals from three seeds on."""

from __future__ import annotations

import copy
import html
import re
import sys
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pytest
import sealed_lines
from scipy import stats

from tlmlda_lib.experiments import store

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "_ext"))
measured = pytest.importorskip("measured", reason="the extra `book` is not installed")

SCHEMES = "B2C C2B"


def values(scheme: str, metric: str = "war", method: str = "tlmlda", rule: str = "final") -> list[float]:
    found = sorted(sealed_lines.records().items())
    return [r["rules"][rule][metric] for place, r in found if place.startswith(f"main/{scheme}/{method}/")]


def half(x: list[float]) -> float:
    return float(stats.t.ppf(0.975, len(x) - 1)) * stdev(x) / len(x) ** 0.5


def rows(text: str) -> dict[tuple[str, str], list[str]]:
    lines = [[c.strip() for c in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return {(line[0], line[1]): line[3:] for line in lines[2:]}


@pytest.mark.parametrize("metric", ["war", "uar"])
def test_scores_have_intervals_from_three_seeds_on(metric: str) -> None:
    text = measured.plain(ROOT, SCHEMES, {"methods": "pca_svm, tlmlda", "metric": metric})
    found = rows(text)
    both = [values(s, metric) for s in SCHEMES.split()]
    wanted = [*both, [mean(x) for x in zip(*both, strict=True)]]
    assert found["tlmlda", "recommended-is10"] == [f"{mean(x):.1f}\xa0±\xa0{half(x):.1f}" for x in wanted]
    assert not any("±" in cell for cell in found["pca_svm", "zscore"])
    assert f"{metric.upper()} in percent" in text
    assert "where weights are not averaged, the mean of the last third" in text
    assert "from three" in text or "three or more" in text


def test_two_seeds_have_no_interval_and_other_weights_the_mean_of_a_third(tmp_path: Path) -> None:
    (one,) = [
        p for p in sealed_lines.records() if p.startswith("main/B2C/tlmlda/recommended-is10-") and p.endswith("seed-0")
    ]
    record: dict[str, Any] = copy.deepcopy(sealed_lines.records()[one])
    epochs = len(record["curve"]["war"])
    record["params"]["averaged"] = 0
    record["curve"]["war"] = [0.0] * (epochs - epochs // 3) + [60.0] * (epochs // 3)
    for seed in (0, 1):
        store.write(store.path(tmp_path / "results", **{**record, "seed": seed}), {**record, "seed": seed})
    found = rows(measured.plain(tmp_path, "B2C", {}))
    assert found["tlmlda", "recommended-is10"] == ["60.0 (60.0; 60.0)"] * 2
    assert (
        rows(measured.plain(tmp_path, "B2C", {"rule": "final"}))["tlmlda", "recommended-is10"]
        != ["60.0 (60.0; 60.0)"] * 2
    )


def test_the_page_names_the_records_of_each_number() -> None:
    text = measured.page(ROOT, SCHEMES, {"methods": "tlmlda"})
    cells = re.findall(r'<data value="([^"]*)" data-what="([^"]*)" data-records="([^"]*)"', text)
    assert [html.unescape(what) for _, what, _ in cells] == ["score war", "score war", "score war, mean over 2 schemes"]
    assert float(cells[0][0]) == pytest.approx(mean(values("B2C")), abs=1e-4)
    assert all("seed-0,1,2,3,4" in places for _, _, places in cells)


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="no record of magic"):
        measured.plain(ROOT, SCHEMES, {"methods": "magic"})
    with pytest.raises(ValueError, match="'best' is not known: use one of score, final"):
        measured.plain(ROOT, SCHEMES, {"rule": "best"})
    assert set(rows(measured.plain(ROOT, "E2B", {"methods": "tlmlda"}))["tlmlda", "recommended-is10"]) == {"not run"}
