"""Chapter 1.6: the rule, what the oracle gains, the picture and the interactive figure."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tlmlda_lib import methods
from tlmlda_lib.book.explorables import ChooseC
from tlmlda_lib.book.pages import choosing as page
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import shipped
from tlmlda_lib.methods.pca_svm import C_GRID

TASKS = {"A to B": ([[50, 60], [40, 58]], [30, 35]), "B to A": ([[50, 60], [40, 58]], [30, 35])}


# The interactive figure


def test_the_figure_keeps_what_it_is_given() -> None:
    state = ChooseC([0.1, 1], TASKS, task="B to A", chosen=1, shown=True).get_state()
    assert [t["name"] for t in state["tasks"]] == ["A to B", "B to A"]
    assert state["tasks"][0]["folds"] == [[50.0, 60.0], [40.0, 58.0]]
    assert (state["task"], state["chosen"], state["shown"], state["grid"]) == ("B to A", 1, True, [0.1, 1.0])


@pytest.mark.parametrize(
    ("tasks", "how", "word"),
    [
        ({}, {}, "no task"),
        ({"A": ([[1, 2]], [1, 2])}, {}, "at least two folds"),
        ({"A": ([[1, 2, 3], [1, 2, 3]], [1, 2])}, {}, r"shape \(2, 3\)"),
        ({"A": ([[1, 2], [1, 2]], [1, 2, 3])}, {}, r"shape \(3,\)"),
        (TASKS, {"task": "A to C"}, "task='A to C'"),
        (TASKS, {"chosen": 2}, "chosen=2"),
    ],
)
def test_the_figure_says_what_is_wrong(tasks: dict[str, Any], how: dict[str, Any], word: str) -> None:
    with pytest.raises(UserError, match=word):
        ChooseC([0.1, 1], tasks, **how)


def test_its_scores_are_those_that_the_method_chooses_by() -> None:
    rng = np.random.default_rng(0)
    y, speakers = np.tile(np.repeat(np.arange(3), 4), 10), np.repeat(np.arange(10), 12)
    X = rng.normal(size=(120, 20)) + np.eye(20)[y]
    svm = methods.make("pca_svm", "minmax").fit(X, y, sample_domain=np.ones(120, dtype=int), groups=speakers)
    scores = svm.fold_accuracies_
    assert scores.shape == (5, len(C_GRID))
    page.assert_one_standard_error(svm.C_, scores.mean(0), scores.std(0, ddof=1) / np.sqrt(5))


# What the page computes


def test_chosen_c_is_the_smallest_within_one_standard_error() -> None:
    rate, error = [50.0, 58.5, 60.0, 59.0, 40.0], [1.0, 1.0, 2.0, 1.0, 1.0]
    page.assert_one_standard_error(C_GRID[1], rate, error)
    for wrong in (C_GRID[0], C_GRID[2], C_GRID[3]):
        with pytest.raises(AssertionError):
            page.assert_one_standard_error(wrong, rate, error)


def test_price_is_what_the_best_c_gives_more() -> None:
    truth = np.array([0, 1, 2, 3])
    rows = np.array([[0, 0, 0, 0], [0, 1, 0, 0], [0, 1, 2, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0]])
    on_target = [25.0, 50.0, 75.0, 0.0, 25.0]
    words = page.price(SimpleNamespace(C_=C_GRID[1], target_predictions_=rows), truth, on_target).data
    assert "gives 50.0 %, the oracle 75.0 %. The difference, 25.0 points" in words
    with pytest.raises(AssertionError):
        page.price(SimpleNamespace(C_=C_GRID[2], target_predictions_=rows), truth, on_target)


def row(scheme: str, scaling: str, honest: float, oracle: float) -> dict[str, Any]:
    return {"scheme": scheme, "scaling": scaling, "honest": honest, "oracle": oracle}


ROWS = [row("B2C", "zscore", 36.0, 36.0), row("B2C", "minmax", 29.0, 32.0), row("C2B", "minmax", 40.0, 41.5)]


def test_gains_are_a_mean_and_a_largest() -> None:
    words = page.gains(ROWS).data
    assert "adds 1.5 points on average and up to 3.0" in words
    assert "In 1 of 3 cases the honest choice was the best one already" in words
    with pytest.raises(AssertionError):
        page.gains([row("B2C", "zscore", 36.0, 35.0)])


def test_the_largest_gain_names_its_records() -> None:
    records = shipped.records("main")
    rows = page.measured(records)
    words = page.largest_gain(rows, records).data
    top = max(rows, key=lambda r: r["oracle"] - r["honest"])
    numbers = [float(n) for n in re.findall(r'<data value="([\d.]+)"', words)]
    assert numbers == pytest.approx([top["honest"], top["oracle"]], abs=0.001)
    assert f"on {top['scheme']} with" in words


def test_the_picture_has_a_dot_for_each_gain_and_names_the_large_ones() -> None:
    (ax,) = page.gains_drawn(ROWS).axes
    assert [(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in ax.lines] == [(0, 1), (3, 3), (1.5, 3)]
    assert [text.get_text() for text in ax.texts] == ["B2C", "C2B"]


def test_the_records_have_every_scheme_and_scaling() -> None:
    rows = page.people()
    assert len(rows) == 6 * len(page.SCALINGS) == len({(r["scheme"], r["scaling"]) for r in rows})
    assert all(r["oracle"] >= r["honest"] for r in rows)
