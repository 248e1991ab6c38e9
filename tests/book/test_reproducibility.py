"""Chapter 4.3: runs that repeat each other, rankings by few seeds, the chapter's checks, and what its page says."""

from __future__ import annotations

import dataclasses
import itertools
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

sys.path.insert(0, str(Path(__file__).parents[1]))

import made_sayings
import recomputed_agreement

from tlmlda_lib.book import checks
from tlmlda_lib.book.checks import exercises
from tlmlda_lib.book.checks import reproducibility as repeating
from tlmlda_lib.book.explorables import HowManySeeds
from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.reproducibility import agreement, page, rankings, reliability, repeats
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import agreement as reproducibility
from tlmlda_lib.experiments import plans, policy, query, shipped, store, stream_plans, stress, stressed
from tlmlda_lib.experiments.stream_plans import THREE

Record = dict[str, Any]
SCHEMES = ("B2C", "C2B")
PAGE = Path(__file__).parents[2] / "book" / "reproducibility.md"
NOT_RUN = "not run"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    made_sayings.fill(folder)
    for scheme in SCHEMES:
        store.write_all(folder, stressed.records_of(made_sayings.stress(scheme)))
    return folder


@pytest.fixture(scope="module")
def records(results: Path) -> list[Record]:
    return shipped.records(results=results)


@pytest.fixture(scope="module")
def stress_files(results: Path) -> dict[str, Any]:
    return stressed.read(results)


def again(figure: traced.Figure, results: Path | None = None) -> float:
    """The figure's value from the records that it names, by code that shares nothing with the library."""
    places = list(dict.fromkeys(figure.records))
    named = [results / f"{p}.json" for p in places] if results else places
    value = recomputed_agreement.expected(figure.what, named)
    assert value is not None, figure.what
    return value


# Which runs belong together


def test_kinds_find_their_runs(records: list[Record]) -> None:
    def seeds(scheme: str, kind: str) -> list[int]:
        return [r["seed"] for r in query.runs(records, repeats.KINDS[kind], scheme)]

    assert seeds("C2B", "tlmlda") == seeds("C2B", "ifn") == seeds("C2B", "ifn_tlmlda") == [0, 1, 2, 3, 4]
    assert seeds("CR2B", "ifn") == [0, 1, 2, 3, 4]
    assert seeds("CR2B", "tlmlda") == [0, 1, 2, 3]
    assert seeds("C2B", "late_fusion") == [0]
    assert seeds("BC2R", "ifn") == []
    found = query.runs(records, repeats.KINDS["ifn"], "C2B")
    assert {(repeats.streams_of(r), r["grid"], len(r["overrides"])) for r in found} == {
        (made_sayings.THREE, "streams", 1)
    }


def test_every_run_that_leaves_a_corpus_out_is_of_a_kind() -> None:
    for cell in plans.of_plan("leave-one-out"):
        _, _, named = cell.named()
        made = {**named, "overrides": dict(cell.params)}
        assert sum(kind.has(made) for kind in repeats.KINDS.values()) == 1, cell


def test_a_kind_asks_for_collection_method_preset_and_every_option(records: list[Record]) -> None:
    for kind, streams in ((repeats.KINDS["ifn"], THREE), (repeats.BESIDE["recommended"], tuple(stream_plans.STREAMS))):
        run = made_sayings.record("C2B", "ifn", preset=kind.preset, grid="streams", streams=streams)
        assert kind.has(run)
        for changes in (
            {"grid": "search-ifn"},
            {"grid": "main"},
            {"method": "late_fusion"},
            {"preset": {"default": "recommended", "recommended": "default"}[kind.preset]},
            {"overrides": run["overrides"] | {"fusion": "concat"}},
            {"overrides": run["overrides"] | {"transfer": "tlmlda"}},
            {"overrides": stream_plans.of(streams[:2])[1]},
            {"overrides": {"streams": run["overrides"]["streams"] | {"acoustic": "0"}}},
            {"overrides": {}},
        ):
            assert not kind.has(run | changes), changes
    assert repeats.KINDS["ifn"].overrides("leave-one-out") == {}
    assert repeats.BESIDE["recommended"].overrides("leave-one-out") is None


def test_two_settings_in_one_cell_are_an_error_and_no_date_decides() -> None:
    old = [made_sayings.record("C2B", "tlmlda", k) | {"options_digest": "0" * 8} for k in (2, 0, 1)]
    new = [made_sayings.record("C2B", "tlmlda", k) | {"options_digest": "1" * 8, "date": "2027"} for k in (0, 1)]
    assert query.one_set(old) == sorted(old, key=lambda r: r["seed"])
    assert query.one_set([]) == []
    with pytest.raises(UserError, match=r"2 settings, main/C2B/tlmlda/recommended-is10-0{8}; .*-1{8}: keep one"):
        query.one_set(old + new)
    with pytest.raises(UserError, match="2 settings"):
        query.runs(old + new, repeats.KINDS["tlmlda"], "C2B")


def test_scores_are_those_of_the_policy(records: list[Record]) -> None:
    runs = [r for r in records if (r["method"], r["scheme"], r["grid"]) == ("tlmlda", "C2B", "main")]
    long = [r | {"curve": {"war": [0.0, *[float(r["seed"])] * 4, 50.0], "infomax": [0.0] * 6}} for r in runs]
    found = repeats.scored(long, "C2B", repeats.KINDS["tlmlda"])
    assert dict(found.by_seed) == {k: (k + 50) / 2 for k in range(5)}  # a third of six epochs
    assert found.what == "score war"
    both = repeats.scored_over(records, SCHEMES, repeats.KINDS["ifn"])
    each = [repeats.scored(records, s, repeats.KINDS["ifn"]).value for s in SCHEMES]
    assert both.value == pytest.approx(np.mean(each))
    assert both.what == "score war, mean over 2 schemes"
    assert str(repeats.scored_over(records, (*SCHEMES, "R2C"), repeats.KINDS["ifn"])) == "not run"


def test_two_sources_are_asked_against_one(records: list[Record]) -> None:
    two, one = (query.runs(records, repeats.KINDS["ifn"], s) for s in ("CR2B", "C2B"))
    other = (query.runs(records, repeats.KINDS["tlmlda"], "B2C"), query.runs(records, repeats.KINDS["ifn"], "B2C"))
    found = repeats.ask({"more": (two, one), "other": other, "none": (two, [])}, draws=200)
    assert list(found) == ["more", "other"]
    wars = [np.mean([r["rules"]["final"]["war"] for r in side]) for side in (two, one)]
    assert found["more"].value == pytest.approx(wars[0] - wars[1], abs=1e-4)
    assert found["more"].p_holm >= found["more"].p
    figure = traced.answered(found["more"])
    assert set(traced.folded(figure.records)) == {
        f"{place}/seed-0,1,2,3,4" for place in {traced.place(r).rpartition("/")[0] for r in (*two, *one)}
    }
    assert set(figure.against) == {traced.place(r) for r in one}
    fewer = [r | {"utterances": {"t": [1] * 5}} for r in one]
    with pytest.raises(UserError, match="different utterances"):
        repeats.ask({"more": (two, fewer)})


def test_what_was_said_is_read_in_one_order(records: list[Record]) -> None:
    told = repeats.said(query.runs(records, repeats.KINDS["ifn"], "C2B"))
    assert told is not None
    truth, speakers = made_sayings.target("C2B")
    np.testing.assert_array_equal(told.truth, truth)
    np.testing.assert_array_equal(told.speakers, speakers)
    for seed, predicted, confidence in zip(told.seeds, told.predicted, told.confidence, strict=True):
        wanted, stated = made_sayings.heard("C2B", "ifn", "streams", made_sayings.THREE, [], seed)
        np.testing.assert_array_equal(predicted, wanted)
        np.testing.assert_allclose(confidence, stated / 255)
    assert repeats.said(query.runs(records, repeats.KINDS["tlmlda"], "C2B")) is None
    machine = repeats.said(query.runs(records, repeats.KINDS["pca_svm"], "CR2B"))
    assert machine is not None
    assert machine.confidence is None


def test_runs_on_other_recordings_are_not_mixed() -> None:
    one, two = (made_sayings.record("C2B", "ifn", k) for k in (0, 1))
    names = list(two["utterances"])
    two["utterances"] = dict(zip((*names[1:], "t"), two["utterances"].values(), strict=True))
    with pytest.raises(UserError, match="C2B, ifn: seeds 0 and 1 were tested on other recordings"):
        repeats.said([one, two])
    assert repeats.said([one, {**two, "said": None} | {}][:1]) is not None


# Agreement


@pytest.mark.parametrize("kind", ["tlmlda", "only_cls", "ifn", "ifn_tlmlda"])
@pytest.mark.parametrize("scheme", ["B2C", "CR2B"])
def test_rates_are_those_of_the_files(records: list[Record], results: Path, scheme: str, kind: str) -> None:
    found = agreement.rates(records, scheme, repeats.KINDS[kind], draws=50)
    old = kind in ("tlmlda", "only_cls") and scheme == "B2C"
    assert list(found) == list(agreement.RATES)
    for rate, figure in found.items():
        if old and rate not in agreement.CORRECT:
            assert str(figure) == NOT_RUN
            continue
        assert figure.value == pytest.approx(again(figure, results))
        assert figure.span[0] <= figure.value <= figure.span[1]
    kept = [x for x in agreement.cells(found) if x == "not kept"]
    assert len(kept) == (3 if old else 0)


def test_nothing_run_and_one_run_have_no_rates(records: list[Record]) -> None:
    for scheme, kind in (("BC2R", "ifn"), ("BR2C", "tlmlda"), ("C2B", "late_fusion")):
        found = agreement.rates(records, scheme, repeats.KINDS[kind])
        assert [str(f) for f in agreement.cells(found)] == [NOT_RUN] * 5
        assert str(agreement.by_luck(records, scheme, repeats.KINDS[kind])) == "not run"
        assert {str(f) for f in agreement.fates(records, scheme, repeats.KINDS[kind]).values()} == {"not run"}


def test_luck_and_fates(records: list[Record], results: Path) -> None:
    for kind in ("tlmlda", "ifn"):
        luck = agreement.by_luck(records, "C2B", repeats.KINDS[kind])
        assert luck.value == pytest.approx(again(luck, results))
        fates = agreement.fates(records, "C2B", repeats.KINDS[kind])
        assert sum(f.value for f in fates.values()) == pytest.approx(100)
        for figure in fates.values():
            assert figure.value == pytest.approx(again(figure, results))
        rates = agreement.rates(records, "C2B", repeats.KINDS[kind], draws=10)
        assert fates["always"].value == pytest.approx(rates["correct_perfect"].value)
        assert luck.value < fates["always"].value


def test_mean_over_the_cells_that_have_a_rate(records: list[Record], results: Path) -> None:
    made = [agreement.rates(records, s, repeats.KINDS["ifn"], draws=5) for s in ("B2C", "C2B", "R2C")]
    for rate in agreement.RATES:
        figure = agreement.mean(made, rate)
        assert figure.value == pytest.approx(np.mean([m[rate].value for m in made[:2]]))
        assert figure.value == pytest.approx(again(figure, results))
    assert str(agreement.mean(made[2:], "kappa")) == "not run"


def test_a_gap_of_kappa_is_asked_over_schemes_and_over_speakers(records: list[Record], results: Path) -> None:
    kinds = repeats.KINDS["ifn_tlmlda"], repeats.KINDS["ifn"]
    records = [
        r | {"utterances": {f"corpus/{s}": n for s, n in r["utterances"].items()}} for r in records if "utterances" in r
    ]
    over_schemes, over_speakers = agreement.kappa_gap(records, SCHEMES, *kinds, draws=400)
    for figure in (over_schemes, over_speakers):
        assert figure.value == pytest.approx(again(figure, results))
        assert {p.split("/")[1] for p in figure.against} == set(SCHEMES)
    assert agreement.kappa_gap(records, SCHEMES, *kinds[::-1])[0].value == pytest.approx(-over_schemes.value)
    assert np.isnan([*over_schemes.span, over_schemes.p]).all()  # two schemes are no sample
    assert over_speakers.span[0] < over_speakers.value < over_speakers.span[1]
    assert str(agreement.kappa_gap(records, ("R2C",), *kinds)[0]) == NOT_RUN


def test_the_gap_of_kappa_in_the_book_is_paired_by_scheme() -> None:
    own = [r for r in shipped.records("streams") if r["method"] == "ifn"]
    over_schemes, over_speakers = agreement.kappa_gap(
        own, OPEN_SCHEMES, repeats.KINDS["ifn_tlmlda"], repeats.KINDS["ifn"]
    )
    gaps = []
    for scheme in OPEN_SCHEMES:
        a, b = (agreement.rates(own, scheme, repeats.KINDS[k], draws=2)["kappa"].value for k in ("ifn_tlmlda", "ifn"))
        gaps.append(a - b)
    assert over_schemes.p == pytest.approx(stats.ttest_1samp(gaps, 0).pvalue)
    half = stats.t.ppf(0.975, 5) * np.std(gaps, ddof=1) / 6**0.5
    assert over_schemes.span == pytest.approx((np.mean(gaps) - half, np.mean(gaps) + half))
    assert (over_schemes.value, half) == pytest.approx((6.2, 10.9), abs=0.1)
    assert over_speakers.value == over_schemes.value


def test_kappas_of_draws_are_those_of_the_drawn_recordings() -> None:
    rng = np.random.default_rng(0)
    predicted, times = rng.integers(3, size=(4, 30)), rng.integers(0, 3, size=(5, 30))
    wanted = [reproducibility.fleiss_kappa(np.repeat(predicted, row, axis=1)) for row in times]
    np.testing.assert_allclose(agreement._kappas(predicted, times), 100 * np.array(wanted))


def test_a_jackknife_by_hand() -> None:
    # Without each of four groups: 48, 50, 51, 55. Their mean is 51, the squares of -3, -1, 0, 4 sum to 26.
    assert agreement.jackknife([48, 50, 51, 55]) == pytest.approx((3 / 4 * 26) ** 0.5)
    # Of a mean of groups it is the mean's own standard error: s / sqrt(K).
    groups = np.random.default_rng(0).normal(size=7)
    without = [np.delete(groups, i).mean() for i in range(7)]
    assert agreement.jackknife(without) == pytest.approx(groups.std(ddof=1) / 7**0.5)
    with pytest.raises(UserError, match="two groups or more"):
        agreement.jackknife([50])
    # Of ten recordings right: two seeds (rows) without each of two groups; means of 5 and 7 of ten.
    predicted = np.array([[np.arange(10) >= n for n in row] for row in ([4, 6], [6, 8])]).astype(int)
    file = {"truth": np.zeros(10, dtype=int), "splits": {"predicted": predicted}, "places": {"none": ()}}
    assert agreement.jackknifed({"C2B": file}).value == pytest.approx((1 / 2 * 200) ** 0.5)
    assert str(agreement.jackknifed({})) == "not run"


def test_splits_that_share_speakers_move_less_than_the_jackknife_allows() -> None:
    own = stressed.read()
    whole, split = agreement.jackknifed(own), agreement.deviations(own)["split"]
    assert whole.value == pytest.approx(again(whole))
    assert 1.4 < whole.value / split.value < 1.7  # (K - 1) / sqrt(K) = 1.5, and the rest that the other leaves out


def test_agreement_over_splits(stress_files: dict[str, Any], results: Path) -> None:
    for rate, across in itertools.product(agreement.RATES, ("seeds", "splits", "both")):
        figure = agreement.over_splits(stress_files, rate, across)
        assert figure.value == pytest.approx(again(figure, results)), (rate, across)
        assert traced.folded(figure.records) == [f"stress/{s}/ifn/default-{'0' * 8}/seed-0,1,2" for s in SCHEMES]
    for figure in agreement.deviations(stress_files).values():
        assert figure.value == pytest.approx(again(figure, results))
    assert str(agreement.over_splits({}, "kappa", "seeds")) == "not run"
    assert {str(f) for f in agreement.deviations({}).values()} == {"not run"}


def test_deviations_by_hand() -> None:
    # Recordings right of 10: seeds 0 and 1 (rows) after leaving out parts 0 and 1; nothing is left to the residual.
    truth = np.zeros(10, dtype=int)
    right = np.array([[4, 6], [6, 8]])
    predicted = np.array([[np.arange(10) >= n for n in row] for row in right]).astype(int)
    nowhere = {"places": {"none": ()}}
    found = agreement.deviations({"C2B": {"truth": truth, "splits": {"predicted": predicted}, **nowhere}})
    # 40, 60, 60, 80: means of seeds 50 and 70, of splits 50 and 70
    assert {k: f.value for k, f in found.items()} == pytest.approx({"seed": 200**0.5, "split": 200**0.5, "residual": 0})
    crossed = np.array([[[0, 1], [1, 0]]])[0][..., None]
    none = agreement.deviations({"C2B": {"truth": np.zeros(1, dtype=int), "splits": {"predicted": crossed}, **nowhere}})
    assert none["seed"].value == none["split"].value == 0  # the estimates lie below 0
    assert none["residual"].value == 100


# Confidence and conditions


def test_confidence_is_that_of_the_files(records: list[Record], results: Path) -> None:
    for scheme, kind in (("C2B", "ifn"), ("CR2B", "ifn_tlmlda"), ("C2B", "late_fusion"), ("CR2B", "tlmlda")):
        found = reliability.calibrated(records, scheme, repeats.KINDS[kind])
        assert list(found) == list(reliability.ASKED)
        for figure in found.values():
            assert figure.value == pytest.approx(again(figure, results)), (scheme, kind, figure.what)
    for scheme, kind in (("C2B", "tlmlda"), ("CR2B", "pca_svm"), ("R2C", "ifn")):
        found = reliability.calibrated(records, scheme, repeats.KINDS[kind])
        assert {str(f) for f in found.values()} == {"not run"}
    for figure in reliability.calibrated_over(records, SCHEMES, repeats.BESIDE["speaker"]).values():
        assert figure.value == pytest.approx(again(figure, results)), figure.what
    lacking = reliability.calibrated_over(records, (*SCHEMES, "R2C"), repeats.KINDS["ifn"])
    assert {str(f) for f in lacking.values()} == {"not run"}


def test_confidence_by_hand() -> None:
    right = np.array([True, True, False, False])
    confidence = np.array([0.95, 0.55, 0.9, 0.52])
    # Bins: above .9 one that is right, above .8 one that is wrong, above .5 one of each.
    found = reliability.asked_of(right, confidence)
    assert found["stated"] == pytest.approx(73)
    assert found["right"] == 50
    assert found["ece"] == pytest.approx((5 + 90 + 2 * abs(50 - 53.5)) / 4)
    assert found["sure"] == 50
    assert reliability.asked_of(right[:2], confidence[:2])["sure"] == 0


def test_curves_pool_what_was_said(records: list[Record], stress_files: dict[str, Any]) -> None:
    curve = reliability.curve(records, (*SCHEMES, "R2C"), repeats.KINDS["ifn"])
    n = len(made_sayings.target("C2B")[0])
    assert curve is not None
    assert curve.count.sum() == 2 * 5 * n
    hits = [repeats.recognised(query.runs(records, repeats.KINDS["ifn"], s))[0].mean() for s in SCHEMES]
    assert (curve.accuracy * curve.count).sum() / curve.count.sum() == pytest.approx(100 * np.mean(hits))
    assert reliability.curve(records, ("R2C",), repeats.KINDS["ifn"]) is None
    under = reliability.under_curve(stress_files, "noise0")
    assert under is not None
    assert under.count.sum() == 2 * 3 * len(stress_files["C2B"]["subset"])
    assert reliability.under_curve({}, "room") is None


@pytest.mark.parametrize("recording", stress.RECORDINGS)
@pytest.mark.parametrize("variant", ["none", "tlmlda"])
def test_conditions_are_those_of_the_files(
    stress_files: dict[str, Any], results: Path, recording: str, variant: str
) -> None:
    for asked in (*reliability.ASKED, "uar"):
        figure = reliability.under(stress_files, recording, asked, variant)
        assert figure.value == pytest.approx(again(figure, results))
    war = reliability.under(stress_files, recording, variant=variant)
    less = war.minus(reliability.under(stress_files, "studio", variant=variant))
    assert less.value == pytest.approx(again(less, results))
    digest = {"none": "0", "tlmlda": "1"}[variant] * 8
    assert traced.folded(less.records) == [f"stress/{s}/ifn/default-{digest}/seed-0,1,2" for s in SCHEMES]
    if recording != "studio":
        assert less.low < less.value < less.high
    assert str(reliability.under({}, recording)) == "not run"


def test_what_conditions_cost_is_asked_of_speakers_and_seeds(stress_files: dict[str, Any], results: Path) -> None:
    found = reliability.lost(stress_files, draws=400)
    assert list(found) == [(v, r) for v in stress.VARIANTS for r in stress.RECORDINGS[1:]]
    for (variant, recording), figure in found.items():
        assert figure.value == pytest.approx(again(figure, results)), figure.what
        seeds = reliability.under(stress_files, recording, variant=variant)
        assert figure.value == pytest.approx(
            seeds.minus(reliability.under(stress_files, "studio", variant=variant)).value
        )
        assert figure.span[0] < figure.value < figure.span[1]
        assert 0 < figure.p <= 1
    assert {str(f) for f in reliability.lost({}).values()} == {NOT_RUN}


def test_names_of_conditions_are_complete_and_others_are_named() -> None:
    assert tuple(reliability.CONDITIONS) == stress.RECORDINGS
    with pytest.raises(UserError, match="recording 'cellar'"):
        reliability.under({}, "cellar")


# Rankings


def simulated(units: np.ndarray, k: int) -> tuple[float, float]:
    """By going through all draws, one by one; every mean is compared as a whole number."""
    whole = sorted(range(len(units)), key=lambda i: (-units[i].sum(), i))
    same = first = 0
    draws = list(itertools.product(range(units.shape[1]), repeat=k))
    for draw in draws:
        totals = [sum(int(row[s]) for s in draw) for row in units]
        now = [totals[i] for i in whole]
        same += now == sorted(now, reverse=True)  # equal ones do not speak against it
        first += now[0] == max(totals)
    return same / len(draws), first / len(draws)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), m=st.integers(2, 5), seeds=st.integers(1, 4), k=st.integers(1, 5))
def test_counted_draws_are_all_draws(seed: int, m: int, seeds: int, k: int) -> None:
    units = np.random.default_rng(seed).integers(0, 6, size=(m, seeds))  # few values: ties are common
    found = rankings.held(units, k)
    assert (found.order, found.winner) == pytest.approx(simulated(units, k))


def test_a_ranking_by_hand() -> None:
    units = np.array([[3, 3, 0], [2, 2, 5], [0, 0, 1]])
    assert rankings.order(units.sum(1)) == [1, 0, 2]
    # One seed: 3 to 2 twice, and once 0 to 5 and to 1.
    assert rankings.held(units, 1).winner == pytest.approx(1 / 3)
    assert rankings.held(units, 1).order == 0
    # Two seeds. Of the first two (4 of 9 draws): 6, 4, 0. One of them and the last (4): 3, 7, 1. The last: 0, 10, 2.
    assert rankings.held(units, 2).winner == pytest.approx(5 / 9)
    assert rankings.held(units, 2).order == pytest.approx(4 / 9)
    # Equal: not against the order of all seeds.
    assert rankings.held(np.array([[1, 2], [1, 1]]), 1).winner == 1
    assert rankings.enough(np.array([[2, 2], [1, 1], [0, 0]])) == 1
    assert rankings.enough(units, 0.999, most=3) is None
    with pytest.raises(UserError, match="two methods, a seed and a draw"):
        rankings.held(units[:1], 1)


def test_what_a_page_ranks(records: list[Record], results: Path) -> None:
    found = rankings.collect(records)
    assert list(found) == ["parts", "methods", "streams", "fusions"][:3]
    parts = found["parts"]["schemes"]
    assert list(parts) == ["B2C", "C2B", "mean"]
    assert parts["mean"]["count"] == 2
    names = ["TLMLDA_w", "TLMLDA_alpha", "TLMLDA_M", "TLMLDA", "no transfer"]
    assert [m["name"] for m in parts["C2B"]["methods"]] == names
    for one, wanted in (("C2B", ["C2B"]), ("mean", ["B2C", "C2B"])):
        units = rankings.units_of(parts[one])
        for row, method in zip(units, ("tlmlda_w", "tlmlda_alpha", "tlmlda_m", "tlmlda", "only_cls"), strict=True):
            of = [r for r in records if r["method"] == method and r["scheme"] in wanted and r["grid"] == "main"]
            by_seed = [np.mean([r["rules"]["final"]["war"] for r in of if r["seed"] == k]) for k in range(5)]
            np.testing.assert_allclose(100 * row / parts[one]["full"], by_seed, atol=1e-4)
    assert [m["name"] for m in found["methods"]["schemes"]["C2B"]["methods"]] == [
        "TLMLDA", "network without transfer", "IFN", "IFN with TLMLDA's transfer",
    ]  # fmt: skip
    assert len(found["streams"]["schemes"]["C2B"]["methods"]) == 12
    assert [m["name"] for m in found["streams"]["schemes"]["C2B"]["methods"]][-1] == " + ".join(stream_plans.STREAMS)
    for one in (parts["C2B"], parts["mean"], found["streams"]["schemes"]["B2C"]):
        for k in (1, 2, 3):
            for figure in rankings.holding(one, k).values():
                assert figure.value == pytest.approx(again(figure, results)), figure.what


def test_rankings_of_own_records_are_of_scores() -> None:
    own = shipped.records()
    found = rankings.collect(own)
    for key in ("methods", "fusions"):
        one = found[key]["schemes"]["R2C"]
        for row, method, kind in zip(
            rankings.units_of(one), one["methods"], rankings.ranked(key).values(), strict=True
        ):
            runs = query.runs(own, kind, "R2C")
            np.testing.assert_allclose(100 * row / one["full"], [policy.score(r) for r in runs], atol=1e-3)
            assert traced.unfolded(method["records"]) == [traced.place(r) for r in runs]
        figure = rankings.holding(one, 2)["winner"]
        assert figure.value == pytest.approx(again(figure))
        assert 20 * rankings.units_of(found[key]["schemes"]["mean"]).max() < 2**53  # whole numbers of a page


def test_a_method_that_lacks_a_seed_is_left_out_and_too_few_make_no_ranking(records: list[Record]) -> None:
    lacking = [r for r in records if not (r["method"] == "tlmlda_m" and r["seed"] == 2 and r["scheme"] == "C2B")]
    found = rankings.collect(lacking)["parts"]["schemes"]
    assert "TLMLDA_M" not in [m["name"] for m in found["C2B"]["methods"]]
    assert "TLMLDA_M" in [m["name"] for m in found["B2C"]["methods"]]
    assert "TLMLDA_M" not in [m["name"] for m in found["mean"]["methods"]]
    two = [r for r in records if r["method"] in ("tlmlda", "only_cls")]
    assert rankings.collect(two) == {}
    assert rankings.collect([r for r in records if r["seed"] == 0]) == {}


def test_schemes_of_different_size_count_alike() -> None:
    def one(full: int, *rows: list[int]) -> dict[str, Any]:
        methods = [{"name": n, "units": row, "records": n} for n, row in zip("abc", rows, strict=True)]
        return {"seeds": [0, 1], "count": 1, "full": full, "methods": methods}

    mean = rankings._mean({"C2B": one(4, [2, 4], [0, 1], [3, 3]), "B2C": one(6, [3, 0], [6, 6], [1, 2])})
    assert mean is not None
    shares = [
        [(1 / 2 + 3 / 6) / 2, (1 + 0) / 2],
        [(0 + 1) / 2, (1 / 4 + 1) / 2],
        [(3 / 4 + 1 / 6) / 2, (3 / 4 + 1 / 3) / 2],
    ]
    np.testing.assert_allclose(rankings.units_of(mean) / mean["full"], shares)


def test_own_records_make_a_page() -> None:
    found = rankings.collect(shipped.records())
    assert "mean" in found["parts"]["schemes"]
    widget = HowManySeeds(shipped.records())
    assert (widget.methods, widget.scheme, widget.seeds, widget.draw) == ("parts", "R2C", 1, 1)


def test_a_widget_says_what_is_wrong(records: list[Record]) -> None:
    for wrong, words in (
        ({"methods": "none"}, "methods='none'"),
        ({"scheme": "Z2B"}, "scheme='Z2B'"),
        ({"seeds": 0}, "seeds=0"),
        ({"seeds": 21}, "seeds=21"),
        ({"draw": 0}, "draw=0"),
    ):
        with pytest.raises(UserError, match=words):
            HowManySeeds(records, **wrong)
    with pytest.raises(UserError, match="no three methods"):
        HowManySeeds([])
    assert HowManySeeds(records).scheme == "B2C"


# The chapter's checks


def said_by(check: Any, answer: Any, capsys: pytest.CaptureFixture[str]) -> str:
    check(answer)
    return capsys.readouterr().out


def two_agree(runs: list[list[str]]) -> float:
    pairs = [(a, b) for a, b in itertools.permutations(runs, 2)]
    return 100 * float(np.mean([x == y for a, b in pairs for x, y in zip(a, b, strict=True)]))


def fleiss(runs: list[list[str]]) -> float:
    everything = [x for run in runs for x in run]
    luck = sum((everything.count(c) / len(everything)) ** 2 for c in set(everything))
    return (two_agree(runs) / 100 - luck) / (1 - luck)


def until(wars: np.ndarray, share: float) -> int:
    best = wars.mean(1).argmax()
    for k in itertools.count(1):
        draws = itertools.product(range(wars.shape[1]), repeat=k)
        if np.mean([wars[:, d].mean(1).argmax() == best for d in draws]) >= share:
            return k
    raise AssertionError


PLAN = {
    "question": "Does LMMD help?", "first": "tlmlda", "second": "tlmlda_m", "schemes": ["B2C", "C2B"],
    "epoch": "final", "figure": "war", "seeds": 10, "spread": 2.0, "matters": 2,
    "above": "It helps.", "between": "These runs do not tell.", "below": "It costs.",
}  # fmt: skip


def test_right_answers_pass(capsys: pytest.CaptureFixture[str]) -> None:
    for check, answer in (
        (checks.check_two_agree, two_agree),
        (checks.check_kappa, fleiss),
        (checks.check_until, until),
        (checks.check_registration, PLAN),
    ):
        assert "passed." in said_by(check, answer, capsys)
    assert "40 runs" in said_by(checks.check_registration, PLAN, capsys)


def codes(runs: list[list[str]]) -> np.ndarray:
    return np.unique(np.array(runs), return_inverse=True)[1].reshape(len(runs), -1)


def cohen(runs: list[list[str]]) -> float:
    found = []
    for a, b in itertools.combinations(codes(runs), 2):
        p = sum(np.mean(a == c) * np.mean(b == c) for c in range(4))
        found.append((np.mean(a == b) - p) / (1 - p))
    return float(np.mean(found))


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda r: two_agree(r) / 100, "percent is expected"),
        (lambda r: 100 * np.mean([len(set(c)) == 1 for c in zip(*r, strict=True)]), "two are enough"),
        (lambda r: 100 * np.mean([np.mean(np.array(a) == np.array(b)) for a in r for b in r]), "with itself"),
        (lambda r: 100 * np.mean([np.array(a) == np.array(b) for a, b in itertools.pairwise(r)]), "only neighbours"),
        (lambda r: 100 * np.mean([np.array(r[0]) == np.array(b) for b in r[1:]]), "with the first run"),
        (lambda r: 6 * two_agree(r), "not a percentage"),
        (lambda r: 50, "is not how often"),
    ],
)
def test_wrong_agreement_is_named(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in said_by(checks.check_two_agree, answer, capsys)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda r: 100 * fleiss(r), "in percent"),
        (lambda r: two_agree(r) / 100, "luck is still in it"),
        (lambda r: two_agree(r) / 100 - luck_of(r), "what could be left"),
        (lambda r: luck_of(r), "not beyond it"),
        (lambda r: (two_agree(r) / 100 - 0.25) / 0.75, "1 in 4"),
        (cohen, "Cohen's kappa"),
        (lambda r: 1.5, "cannot be above 1"),
        (lambda r: 0.123, "is not what these runs have"),
    ],
)
def test_wrong_kappas_are_named(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in said_by(checks.check_kappa, answer, capsys)


def luck_of(runs: list[list[str]]) -> float:
    return float(np.sum((np.bincount(codes(runs).ravel()) / codes(runs).size) ** 2))


def until_by(counted: Any) -> Any:
    return lambda wars, share: next((k for k in range(1, 9) if counted(wars, k) >= share), 0)


def order_holds(wars: np.ndarray, k: int) -> float:
    whole = np.argsort(-wars.mean(1), kind="stable")
    draws = itertools.product(range(wars.shape[1]), repeat=k)
    return float(np.mean([(np.argsort(-wars[:, d].mean(1), kind="stable") == whole).all() for d in draws]))


def without(wars: np.ndarray, k: int) -> float:
    draws = itertools.combinations(range(wars.shape[1]), min(k, wars.shape[1]))
    return float(np.mean([wars[:, d].mean(1).argmax() == wars.mean(1).argmax() for d in draws]))


def own(wars: np.ndarray, k: int) -> float:
    a, b, c = (np.array([np.mean(draw) for draw in itertools.product(row, repeat=min(k, 4))]) for row in wars)
    return float(((a[:, None, None] >= b[:, None] - 1e-9) & (a[:, None, None] >= c - 1e-9)).mean())


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (until_by(without), "no seed is drawn twice"),
        (lambda w, s: until(w, s) - 1, "all answers are one off"),
        (lambda w, s: until(w, s) + 1, "all answers are one off"),
        (lambda w, s: 1, "are expected"),
        (lambda w, s: 9, "fewer seeds would do"),
        (lambda w, s: 1.5, "a whole number of seeds"),
        (until_by(own), "seeds of its own"),
    ],
)
def test_wrong_numbers_of_seeds_are_named(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in said_by(checks.check_until, answer, capsys)


def test_shares_of_the_exercise_are_far_from_every_count() -> None:
    wars = np.array(repeating.WARS)
    held = [simulated(np.rint(10 * wars).astype(int), k)[1] for k in range(1, 8)]
    assert min(abs(h - s) for h in held for s in repeating.SHARES) > 0.02
    assert [next(k for k, h in enumerate(held, 1) if h >= s) for s in repeating.SHARES] == [2, 4, 5]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"question": "It helps."}, "question mark"),
        ({"question": " "}, "needs words"),
        ({"second": "tlmlda"}, "with itself"),
        ({"schemes": []}, "needs a list"),
        ({"schemes": "B2C"}, "needs a list"),
        ({"schemes": ["Z2Q"]}, "'Z2Q' is not a scheme"),
        ({"epoch": "oracle"}, "labels that users of the method do not have"),
        ({"epoch": "best"}, "words that the library knows"),
        ({"seeds": 1}, "from 2"),
        ({"seeds": 2.5}, "from 2"),
        ({"spread": 0}, "points above 0"),
        ({"seeds": 3}, "would drown"),
        ({"below": "These runs do not tell. "}, "have the same words"),
    ],
)
def test_plans_that_decide_nothing_are_named(changes: Record, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in said_by(checks.check_registration, PLAN | changes, capsys)


def test_a_plan_is_a_whole_dictionary(capsys: pytest.CaptureFixture[str]) -> None:
    assert "a dictionary is expected" in said_by(checks.check_registration, [1], capsys)
    for name in repeating.FIELDS:
        lacking = {k: v for k, v in PLAN.items() if k != name}
        assert f"does not say '{name}'" in said_by(checks.check_registration, lacking, capsys)
    assert "4.3.4" in exercises.EXERCISES


# The page, whatever was run


def shown(asked: page.Asked) -> dict[str, str]:
    """What each cell of the page shows, by the name of its function; "" for a picture."""
    rates, losses, stated = page.rates(asked, draws=20), page.losses(asked, draws=200), page.stated(asked)
    fates = page.fates(asked)
    more = {
        "rates": rates,
        "losses": losses,
        "stated": stated,
        "fates": fates,
        "page.curves(asked)": page.curves(asked),
    }
    found = {}
    text = PAGE.read_text(encoding="utf-8")
    for name, arguments in re.findall(r"^page\.(\w+)\((.*)\)$", text, re.MULTILINE):
        of = getattr(page, name)(*(more.get(x, asked) for x in filter(None, arguments.split(", "))))
        found[name] = of.data if hasattr(of, "data") and isinstance(of.data, str) else ""
    assert len(found) == len(re.findall(r"remove-input", text))
    return found


@pytest.mark.parametrize("there", ["nothing", "older", "all"])
def test_the_page_stands_whatever_was_run(there: str, records: list[Record], stress_files: dict[str, Any]) -> None:
    kept = {"nothing": [], "older": [r for r in records if "said" not in r], "all": records}[there]
    asked = page.ask(kept, stress_files if there == "all" else {}, draws=200)
    assert bool(page.fates(asked)) == (there != "nothing")
    assert bool(page.curves(asked)) == (there == "all")
    assert isinstance(page.how_many(asked), HowManySeeds) == (there != "nothing")
    text = shown(asked)
    if there != "all":
        assert "not run" in text["splits"]
        assert page.NOT_RUN in text["what_conditions_cost"]
        assert "*Not run.* An interval over seeds" in text["seed_and_speakers"]
        assert "no curve" in text["curves_drawn"]
    assert ("there is nothing to rank" in text["notice"]) == (there == "nothing")
    assert ("not known yet" in text["agreement_in_words"]) == (there != "all")
    for name, one in text.items():
        for number in re.findall(r"\d+\.\d", re.sub(r"<data .*?</data>", "", one)):
            pytest.fail(f"{name}: {number} names no record")


@pytest.fixture(scope="module")
def book() -> page.Asked:
    """The records of the book, asked with few draws."""
    asked = page.read()
    assert len(asked.answers) == 14
    return asked


def test_the_page_claims_no_more_than_its_records_show(book: page.Asked) -> None:
    agree = page.agreement_in_words(book, page.rates(book, draws=20)).data
    assert re.search(r"\+6\.2.\[−4\.7,.17\.1\],.p.=.\.2</data> \(interval over the schemes\): not significant\.", agree)
    assert "reproducibly wrong" in agree
    assert "by about 1 point at most" in page.notice(book).data  # a narrow interval is a finding
    assert {a.p_holm >= a.p for a in book.answers.values()} == {True}
    limit = re.sub("<.*?>", "", page.what_conditions_cost(book, page.losses(book, draws=200)).data)
    assert "43.7\xa0±\xa01.0" in limit
    assert "recommended setting with four streams, which scores 51.3" in limit
    assert "single streams, late fusion or TLMLDA" in limit
    assert set(page.stated(book)) >= {k.name for k in repeats.BESIDE.values()} | {"TLMLDA", "IFN", "late fusion"}


def answer(value: float, p: float = 0.001, half: float = 0.5) -> policy.Answer:
    return policy.Answer(value, value - half, value + half, p, p, ("B2C",), 5, (), (), "bootstrap of final war")


def test_gains_of_a_second_source_are_listed_by_their_verdicts() -> None:
    answers = {
        "tlmlda CR2B": answer(5),
        "ifn BR2C": answer(4),
        "pca_svm CR2B": answer(-3),
        "late_fusion CR2B": answer(1, p=0.4, half=7),
        "only_cls BR2C": answer(1, p=0.4, half=2),
    }
    text = page.second_source_in_words(page.Asked([], {}, {}, (), answers)).data
    assert "helps significantly: TLMLDA on CR2B and IFN on BR2C. " in text
    assert "harms significantly: PCA + SVM on CR2B. " in text
    assert traced.answered(answers["late_fusion CR2B"]).html() in text
    assert traced.answered(answers["only_cls BR2C"]).html() not in text
    open_ = {name: dataclasses.replace(a, p_holm=1.0) for name, a in answers.items()}
    text = page.second_source_in_words(page.Asked([], {}, {}, (), open_)).data
    assert "For no method does a second source help significantly. For none does it harm significantly. " in text


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (answer(3), "A is significantly better than B (<data"),
        (answer(-3), "A is significantly worse than B (<data"),
        (answer(0.2, p=0.5), "no significant difference between A and B"),
        (answer(0.2, p=0.5, half=0.9), "if one is better, then by about 1 point at most"),
        (answer(0.5, p=0.5, half=1.5), "if one is better, then by about 2 points at most"),
    ],
)
def test_a_difference_is_said_by_its_verdict(given: policy.Answer, says: str) -> None:
    assert says in page._said_of(given, "A", "B")


def test_a_wide_interval_promises_nothing() -> None:
    assert "at most" not in page._said_of(answer(0.2, p=0.5, half=6), "A", "B")


def test_the_notice_follows_the_rankings(records: list[Record]) -> None:
    asked = page.ask(records, {}, draws=100)
    single = {s: of[1].value for s, of in asked.winners.items() if s != "mean"}
    text = page.notice(asked).data
    firm, shaky = max(single, key=lambda s: single[s]), min(single, key=lambda s: single[s])
    assert re.search(rf"of the draws on {firm}, and in .* on {shaky}:", text)
    stable = asked.winners["mean"][1].value > 5 + np.mean(list(single.values()))
    assert ("is more stable" in text) == stable
    assert ("is no more stable" in text) != stable
    assert f"between {asked.top[0]} and {asked.top[1]}" in text or f"{asked.top[0]} is significantly" in text
    rows = re.findall(r'<th scope="row">(.*?)</th>', page.enough(asked).data)
    assert rows == [*single, "mean of 2"]


def test_what_becomes_of_recordings_is_said_and_drawn() -> None:
    def of(always: float, sometimes: float, never: float) -> dict[str, traced.Figure]:
        shares = {"always": always, "sometimes": sometimes, "never": never}
        return {name: traced.Figure(x, records=("main/B2C/tlmlda/x-0/seed-0",)) for name, x in shares.items()}

    found = {("B2C", "tlmlda"): of(50, 20, 30), ("C2B", "tlmlda"): of(40, 35, 25)}
    assert "25.0</data> % are wrong for every seed, and" in page.fates_in_words(found).data
    del found["C2B", "tlmlda"]
    assert "30.0</data> % are wrong for every seed; only" in page.fates_in_words(found).data
    found["B2C", "only_cls"] = of(10, 20, 70)
    chart = page.fates_drawn(found)
    bars = [(b.get_x(), b.get_width()) for b in chart.axes[0].patches]
    assert bars == [(0, 50), (50, 20), (70, 30), (0, 10), (10, 20), (30, 70)]
    assert [t.get_text() for t in chart.axes[0].get_yticklabels()] == ["B2C, TLMLDA", "B2C, no transfer"]


def test_agreement_is_drawn_from_both_right_to_the_same_answer() -> None:
    def of(right: float, same: float) -> dict[str, traced.Figure]:
        rates = dict.fromkeys(page.agreement.RATES, traced.Figure(float("nan")))
        places = ("main/B2C/tlmlda/x-0/seed-0",)
        return rates | {
            "correct_fractional": traced.Figure(right, records=places),
            "general_fractional": traced.Figure(same, records=places),
        }

    nothing = of(float("nan"), float("nan"))
    nothing["correct_fractional"] = nothing["general_fractional"] = traced.Figure(float("nan"))
    cells = {s: nothing for s in page.SCHEMES} | {"B2C": of(30, 80), "C2B": of(50, 70)}
    chart = page.agreement_drawn({"tlmlda": cells, "ifn": cells})
    first, _ = chart.axes
    assert [list(line.get_xdata()) for line in first.lines if len(line.get_xdata()) == 2] == [[30, 80], [50, 70]]
    assert [t.get_text() for t in first.get_yticklabels()] == ["B2C", "C2B"]
    assert page.agreement_drawn({"tlmlda": {s: nothing for s in page.SCHEMES}}).data == page.NOT_RUN


def test_confidence_is_compared_method_by_method() -> None:
    def of(says: float, right: float, ece: float) -> dict[str, traced.Figure]:
        return {name: traced.Figure(x) for name, x in zip(reliability.ASKED, (says, right, ece, 7), strict=True)}

    best = repeats.BESIDE["recommended"].name
    stated = {"IFN": of(60, 40, 20), "late fusion": of(90, 45, 45), "TLMLDA": of(35, 41, 6), best: of(70, 51, 19)}
    text = re.sub("<.*?>", "", page.over_confident(stated).data)
    assert "3 of 4 methods are over-confident" in text
    assert "smallest for TLMLDA (6.0) and largest for late fusion (45.0)" in text
    assert "has a mean confidence of 70.0 % and is right on 51.0 %; 7.0 % of its errors" in text
    assert "as if the streams were independent" in text
    calm = page.over_confident({"IFN": of(60, 52, 20), "late fusion": of(40, 45, 5), best: of(70, 51, 19)}).data
    assert "recognises most" not in calm
    assert "independent" not in calm


def test_curves_are_drawn_with_open_marks_for_small_bins() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.3, 1, 900)
    curve = reproducibility.calibration_of(rng.random(900) < confidence, confidence)
    chart = page.curves_drawn({"one": {"IFN": curve}})
    ideal, many, few = chart.axes[0].lines
    assert list(ideal.get_xdata()) == list(ideal.get_ydata()) == [0, 100]
    assert list(many.get_xdata()) == list(curve.confidence[curve.count >= 100])
    assert sorted([*many.get_ydata(), *few.get_ydata()]) == pytest.approx(sorted(curve.accuracy), nan_ok=True)
    assert few.get_fillstyle() == "none"


def test_which_conditions_cost_is_counted(stress_files: dict[str, Any]) -> None:
    names = [r for r in stress.RECORDINGS if r != "studio"]
    asked = page.Asked([], stress_files, {}, (), {})

    def text(values: list[tuple[float, float]]) -> str:
        lost = {
            ("none", r): traced.Spanned(v, signed=True, span=(v - 1, v + 1), p=p)
            for r, (v, p) in zip(names, values, strict=True)
        }
        return re.sub("<.*?>", "", page.what_conditions_cost(asked, lost).data)

    said = text([(-2, 0.01), (-1, 0.3), (-5, 0.001), (-9, 0.001), (3, 0.01)])
    assert "3 of 5 conditions cost IFN significantly" in said
    assert f"{reliability.CONDITIONS[names[3]]}. Not significant: {reliability.CONDITIONS[names[1]]} (" in said
    assert "Not significant" not in text([(-2, 0.01)] * 5)


def test_the_lines_that_are_shown_are_the_library_s() -> None:
    first, second = re.findall("```python\n(.*?)\n```", page.library_lines().data, re.DOTALL)
    assert first.startswith("pairs = ")
    assert second.startswith("def _figures")
    n, right = np.array([[3, 0], [2, 1]]), np.array([3, 1])
    names = {"np": np, "k": 3, "counts": n, "right": right}
    exec(first, names)
    assert [list(x) for x in names["rates"]] == [[True, False], [1, 1 / 3], [True, False], [1, 0]]


def test_the_page_has_none_of_its_old_riddles() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for old in ("agrees more with itself", "wrong for good", "eeds are sure", "hangs on", "for who asks", "told apart"):
        assert old not in text


def test_made_records_are_records(results: Path) -> None:
    assert store.scan(results)[1] == []
