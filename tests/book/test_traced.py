"""Figures with their records."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sealed_lines
from scipy import stats

from tlmlda_lib.book.pages import traced
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import published, shipped, store, tables

ROOT = Path(__file__).parents[2]


@pytest.fixture
def records() -> list[dict[str, Any]]:
    return shipped.records("main")


def by_hand(scheme: str, method: str, preset: str, rule: str, metric: str) -> list[float]:
    """Read past the library: the files themselves."""
    begin = f"main/{scheme}/{method}/{preset}-"
    found = {place: r for place, r in sealed_lines.records().items() if place.startswith(begin)}
    assert len({sealed_lines.folder(place) for place in found}) == 1
    return [r["rules"][rule][metric] for _, r in sorted(found.items())]


@pytest.mark.parametrize(("rule", "metric"), [("final", "war"), ("oracle", "uar")])
def test_a_figure_is_the_mean_of_its_files(records: list[dict[str, Any]], rule: str, metric: str) -> None:
    values = by_hand("C2B", "tlmlda", "recommended-is10", rule, metric)
    figure = traced.figure(records, "C2B", "tlmlda", "recommended-is10", rule=rule, metric=metric)
    assert figure.value == pytest.approx(np.mean(values))
    low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
    assert (figure.low, figure.high) == pytest.approx((low, high))
    assert len(figure.records) == len(values)
    assert set(figure.records) <= set(sealed_lines.records())


def test_a_difference_is_paired_by_seed(records: list[dict[str, Any]]) -> None:
    ours, other = (traced.figure(records, "B2C", m, "recommended-is10") for m in ("tlmlda", "only_cls"))
    a, b = (np.array(by_hand("B2C", m, "recommended-is10", "final", "war")) for m in ("tlmlda", "only_cls"))
    gap = ours.minus(other)
    assert gap.value == pytest.approx((a - b).mean())
    assert (gap.low, gap.high) == pytest.approx(stats.t.interval(0.95, len(a) - 1, (a - b).mean(), stats.sem(a - b)))
    assert set(gap.records) == {*ours.records, *other.records}
    svm = traced.figure(records, "B2C", "pca_svm", "zscore")
    assert ours.minus(svm).value == pytest.approx(ours.value - svm.value)
    assert svm.minus(ours).value == pytest.approx(svm.value - ours.value)
    assert len(ours.minus(svm).by_seed) == len(a)


def test_p_of_many_differences_is_corrected_by_holm() -> None:
    def of(*values: float) -> traced.Figure:
        return traced.over_seeds(dict(enumerate(values)), [], "final war minus final war", signed=True)

    def by_hand(*values: float) -> float:
        """Student's t with two degrees of freedom has a closed form."""
        t = abs(np.mean(values)) / (np.std(values, ddof=1) / np.sqrt(3))
        return 1 - t / np.sqrt(2 + t**2)

    clear, near, lost = (5.0, 6.0, 7.0), (2.0, 3.0, 5.5), (-1.0, 1.0, 0.5)
    one, none = of(4.0), traced.over_seeds({}, [], "final war")
    p = traced.p_holm([of(*near), one, of(*clear), none, of(*lost)])
    first = 3 * by_hand(*clear)
    second = max(first, 2 * by_hand(*near))
    assert (p[2], p[0]) == pytest.approx((first, second))
    assert p[4] == pytest.approx(max(second, by_hand(*lost)))
    assert np.isnan(p[1])
    assert np.isnan(p[3])
    for values in (clear, near, lost):  # one question is not corrected, and says what the interval says
        (single,), gap = traced.p_holm([of(*values)]), of(*values)
        assert (single < 0.05) == (gap.low > 0 or gap.high < 0)
    assert traced.p_holm([of(1.0, 1.0, 1.0), of(0.0, 0.0, 0.0)]) == [0, 1]
    assert np.isnan(traced.p_holm([of(1.0, 1.5)])[0]), "two seeds are too few to ask"
    assert str(traced.with_p(of(*clear), 0.0312)) == "+6.0\xa0±\xa02.5, p\xa0=\xa0.031"


def test_what_is_not_there_says_so(records: list[dict[str, Any]]) -> None:
    nothing = traced.figure(records, "E2B", "tlmlda", "recommended-is10")
    assert str(nothing) == "not run"
    assert "data" not in nothing.html()
    assert str(nothing.minus(nothing)) == "not run"
    assert str(traced.published("README", "jdar", "B2C")) == "not printed"
    assert str(traced.published("paper", "jdar", "B2C")) == "38.60"
    assert traced.published("paper", "tlmlda", "B2C").value == published.PAPER["tlmlda"]["B2C"]
    assert str(traced.figure(records, "B2C", "tlmlda", "recommended-is10", overrides={"epochs": 7})) == "not run"


def test_which_cell_is_meant_has_to_be_said(records: list[dict[str, Any]]) -> None:
    with pytest.raises(UserError, match=r"minmax.*zscore"):
        traced.figure(records, "B2C", "pca_svm")
    with pytest.raises(UserError, match="'best'"):
        traced.figure(records, "B2C", "pca_svm", rule="best")


def test_a_figure_is_written_with_sign_and_interval() -> None:
    assert str(traced.Figure(57.123)) == "57.1"
    assert str(traced.Figure(57.123, 56.0, 58.2)) == "57.1\xa0±\xa01.1"
    assert str(traced.Figure(-3.21, -4.2, -2.2, signed=True)) == "−3.2\xa0±\xa01.0"
    assert str(traced.Figure(3.21, signed=True)) == "+3.2"
    with_unit = traced.Spanned(6.9, signed=True, span=(3.6, 10.6), p=0.003, unit="points")
    assert str(with_unit).replace("\xa0", " ") == "+6.9 points [3.6, 10.6], p = .003"


def test_places_fold_and_unfold() -> None:
    places = ["a/b/c/p-1/seed-10", "a/b/c/p-1/seed-2", "a/b/d/p-1/seed-0"]
    assert traced.folded(places) == ["a/b/c/p-1/seed-2,10", "a/b/d/p-1/seed-0"]
    assert sorted(traced.unfolded(" ".join(traced.folded(places)))) == sorted(places)


def test_a_table_has_headers_and_figures_with_their_records(records: list[dict[str, Any]]) -> None:
    figure = traced.figure(records, "C2B", "tlmlda", "recommended-is10")
    made = traced.table(["TLMLDA"], ["C2B", "note"], [[figure, "<5 seeds>"]], "A caption", "method")
    assert made.count('scope="col"') == 3
    assert made.count('scope="row"') == 1
    assert "<caption>A caption" in made
    assert "&lt;5 seeds&gt;" in made
    (places,) = re.findall(r'data-records="([^"]*)"', made)
    assert traced.unfolded(places) == sorted(figure.records)
    with pytest.raises(ValueError, match="argument"):
        traced.table(["TLMLDA"], ["C2B", "B2C"], [[figure]], "too short")


def test_a_changed_record_changes_the_figure(tmp_path: Path, records: list[dict[str, Any]]) -> None:
    (one,) = (r for r in records if r["method"] == "pca_svm" and r["scheme"] == "B2C" and r["preset"] == "zscore")
    other = one | {"rules": one["rules"] | {"final": one["rules"]["final"] | {"war": 12.3}}}
    store.write(store.path(tmp_path, **one), other)
    assert traced.figure(shipped.records(results=tmp_path), "B2C", "pca_svm").value == 12.3


def test_a_preset_that_scales_by_target_has_one_row(records: list[dict[str, Any]]) -> None:
    made = tables.summary([r for r in records if r["method"] == "tlmlda"], speakers=False)
    wide = tables.by_scheme(made, schemes=["B2C", "C2B"])
    assert made["scaling"].nunique() > 1
    assert len(wide) == 1
    assert wide["B2C"].item() == pytest.approx(np.mean(by_hand("B2C", "tlmlda", "recommended-is10", "final", "war")))
    assert set(wide.index.get_level_values("scaling").item().split(" or ")) == set(made["scaling"])


def test_records_that_cannot_be_read_are_named(tmp_path: Path, records: list[dict[str, Any]]) -> None:
    file = store.path(tmp_path, **records[0])
    store.write(file, records[0])
    file.write_text("{", encoding="utf-8")
    with pytest.raises(UserError, match="is damaged"):
        shipped.records(results=tmp_path)
