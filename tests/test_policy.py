"""The statistical policy: what a run scores, from how many seeds an interval, and what an answer says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from tlmlda_lib.book.pages import traced
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import compare, policy, shipped


@pytest.fixture(scope="module")
def main() -> list[dict[str, Any]]:
    return shipped.records("main")


def of(records: list[dict[str, Any]], method: str, preset: str, scheme: str | None = None) -> list[dict[str, Any]]:
    return [
        r
        for r in records
        if (r["method"], r["preset"]) == (method, preset) and not r["overrides"] and scheme in (None, r["scheme"])
    ]


def run(war: list[float], averaged: float = 0.0) -> dict[str, Any]:
    return {
        "params": {"averaged": averaged},
        "curve": {"war": war, "uar": [w / 2 for w in war], "infomax": war},
        "rules": {"final": {"war": war[-1], "uar": war[-1] / 2}},
    }


@pytest.mark.parametrize(("epochs", "third"), [(500, 166), (150, 50), (60, 20), (3, 1), (2, 1), (1, 1)])
def test_a_score_without_averaged_weights_is_the_mean_of_the_last_third(epochs: int, third: int) -> None:
    assert policy.tail(epochs) == third
    war = np.random.default_rng(epochs).uniform(20, 60, epochs).tolist()
    assert policy.score(run(war)) == pytest.approx(sum(war[epochs - third :]) / third)
    assert policy.score(run(war), "uar") == pytest.approx(sum(war[epochs - third :]) / third / 2)


def test_a_score_is_the_last_epoch_where_weights_are_averaged_or_there_are_no_epochs(
    main: list[dict[str, Any]],
) -> None:
    assert policy.score(run([30.0, 40.0, 50.0], averaged=1 / 3)) == 50
    for method, preset in (("pca_svm", "zscore"), ("tlmlda", "recommended-is10")):
        for record in of(main, method, preset):
            for metric in ("war", "uar"):
                assert policy.score(record, metric) == record["rules"]["final"][metric]
    with pytest.raises(UserError, match="metric 'f1'"):
        policy.score(run([1.0]), "f1")


def test_who_is_averaged_is_who_the_policy_names(main: list[dict[str, Any]]) -> None:
    settled = {r["preset"] for r in main if "infomax" in r["curve"] and policy.settled(r)}
    assert settled == {"recommended-is10"}
    assert {r["preset"] for r in main if not policy.settled(r)} == {"fast"}  # DBN + BP
    assert not any(policy.settled(r) for r in shipped.records("authors"))


def test_no_interval_from_fewer_than_three_seeds() -> None:
    for values in ([1.0], [1.0, 2.0]):
        assert np.isnan(policy.interval(values)).all()
        assert np.isnan(policy.p_of_mean(values))
    three = [1.0, 2.0, 4.0]
    assert policy.interval(three) == pytest.approx(stats.t.interval(0.95, 2, np.mean(three), stats.sem(three)))
    assert policy.p_of_mean(three) == pytest.approx(stats.ttest_1samp(three, 0).pvalue)
    assert str(traced.over_seeds({0: 52.5}, [], "final war")) == "52.5"
    assert str(traced.over_seeds({0: 24.5, 1: 80.5}, [], "final war")) == "52.5 (24.5; 80.5)"
    assert str(traced.over_seeds({0: -1.0, 1: 2.0}, [], "x", signed=True)) == "+0.5 (−1.0; +2.0)"
    assert "±" in str(traced.over_seeds(dict(enumerate(three)), [], "final war"))


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.0035, "p = .004"),
        (0.0004, "p < .001"),
        (0.05, "p = .05"),
        (0.23, "p = .23"),
        (0.9999, "p = 1"),
        (0.1, "p = .1"),
    ],
)
def test_a_p_is_printed_in_one_way(p: float, words: str) -> None:
    assert policy.p_words(p) == words
    assert policy.p_words(float("nan")) == "no p"


def test_an_answer_is_the_comparison_of_the_same_runs(main: list[dict[str, Any]]) -> None:
    sides = of(main, "tlmlda", "recommended-is10"), of(main, "only_cls", "recommended-is10")
    answer = policy.ask({"all": sides})["all"]
    (by_label,) = compare.compare([*sides[0], *sides[1]], [("tlmlda", "only_cls")])
    assert (answer.value, answer.p) == (by_label.mean.value, by_label.mean.p)
    wars = [{(r["scheme"], r["seed"]): r["rules"]["final"]["war"] for r in side} for side in sides]
    assert answer.value == pytest.approx(np.mean([wars[0][k] - wars[1][k] for k in wars[0]]), abs=1e-3)
    assert answer.low < answer.value < answer.high
    assert (answer.seeds, set(answer.schemes)) == (5, set(OPEN_SCHEMES))
    figure = traced.answered(answer)
    assert set(figure.against) == {traced.place(r) for r in sides[1]}
    assert set(figure.records) == {traced.place(r) for side in sides for r in side}
    assert 'data-against="' in figure.html()


def test_p_is_corrected_for_all_questions_asked_together(main: list[dict[str, Any]]) -> None:
    def side(method: str, scheme: str) -> list[dict[str, Any]]:
        return of(main, method, "recommended-is10", scheme)

    questions = {s: (side("tlmlda", s), side("tlmlda_m", s)) for s in OPEN_SCHEMES}
    answers = policy.ask(questions)
    p = sorted((a.p, s) for s, a in answers.items())
    most = 0.0
    for i, (one, s) in enumerate(p):  # Holm, by hand
        most = max(most, min(1.0, (len(p) - i) * one))
        assert answers[s].p_holm == pytest.approx(most)
        assert answers[s].verdict == (("better" if answers[s].value > 0 else "worse") if most < 0.05 else "open")
    assert {a.verdict for a in answers.values()} == {"better", "worse", "open"}
    assert policy.ask({"C2B": questions["C2B"]})["C2B"].p_holm == answers["C2B"].p


def test_a_method_without_chance_meets_every_seed_and_what_is_not_shared_is_left_aside(
    main: list[dict[str, Any]],
) -> None:
    ours, svm = of(main, "tlmlda", "recommended-is10"), of(main, "pca_svm", "voices")
    two = [r for r in ours if r["scheme"] in ("C2B", "B2C")]
    answer = policy.ask({"q": (two, svm)})["q"]
    assert set(answer.schemes) == {"C2B", "B2C"}
    assert answer.seeds == 5
    assert policy.ask({"none": ([], svm)}) == {}
    with pytest.raises(UserError, match="q: two runs of seed 0 on"):
        policy.ask({"q": ([*two, two[0]], svm)})


def test_a_mean_over_schemes_is_taken_seed_by_seed() -> None:
    one, two = (
        traced.over_seeds(dict(enumerate(x)), [n], "score war") for x, n in (([1.0, 2, 3], "a"), ([5.0, 7, 6], "b"))
    )
    mean = traced.mean_over([one, two])
    assert dict(mean.by_seed) == {0: 3.0, 1: 4.5, 2: 4.5}
    assert (mean.what, mean.records) == ("score war, mean over 2 schemes", ("a", "b"))
    alone = traced.over_seeds({0: 10.0}, ["c"], "score war")
    assert dict(traced.mean_over([one, alone]).by_seed) == {0: 5.5}, "no interval from seeds that one scheme lacks"
    assert np.isnan(traced.mean_over([one, traced.Figure(float("nan"))]).value)
    gaps = [one.minus(two), two.minus(one)]
    both = traced.mean_over(gaps)
    assert both.signed
    assert both.value == pytest.approx(0)
    assert both.against == ("b", "a")
