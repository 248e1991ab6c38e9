"""Chapter 3.4: the largest of several, peeking against the audit, the checks, and the page on other records."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shown import cells, number, plain

from tlmlda_lib.book import checks
from tlmlda_lib.book.checks import exercises
from tlmlda_lib.book.explorables import Peeking
from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.peeking import best_epochs, without_labels
from tlmlda_lib.book.pages.peeking import prices as pricing
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import maximum
from tlmlda_lib.experiments import criteria, plans, policy, published, search, shipped, store, tables

pytest.importorskip("IPython", reason="the extra `chapters`, which shows a page's sentences, is not installed")
from tlmlda_lib.book.pages.peeking import page

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exercises, "_progress", {})


# The largest of several


def test_the_largest_by_hand_and_by_dice() -> None:
    assert maximum.expected_maximum(1) == pytest.approx(0, abs=1e-12)
    assert maximum.expected_maximum(2) == pytest.approx(1 / np.sqrt(np.pi), rel=1e-10)
    assert maximum.expected_maximum(3) == pytest.approx(3 / (2 * np.sqrt(np.pi)), rel=1e-10)
    rng = np.random.default_rng(0)
    for n in (5, 50, 500):
        drawn = rng.normal(size=(4000, n)).max(1)
        assert maximum.expected_maximum(n) == pytest.approx(drawn.mean(), abs=4 * drawn.std() / np.sqrt(4000))


def test_looks_are_the_inverse() -> None:
    for n in (1.5, 2, 17, 500, 20_000):
        assert maximum.independent_looks(maximum.expected_maximum(n)) == pytest.approx(n, rel=1e-4)
    assert maximum.independent_looks(-1) == maximum.independent_looks(0) == 1
    assert maximum.independent_looks(9) == float("inf")


def test_wandering_curves_hang_together_as_told() -> None:
    for hold in (0.0, 0.9):
        curves = maximum.wandering(3000, 40, hold, np.random.default_rng(0))
        assert curves.std(0) == pytest.approx(np.ones(40), abs=0.07)
        assert np.corrcoef(curves[:, 7], curves[:, 8])[0, 1] == pytest.approx(hold, abs=0.06)
    lifts = [maximum.wandering(400, 300, h, np.random.default_rng(0)).max(1).mean() for h in (0.0, 0.9, 0.99)]
    assert lifts[0] > lifts[1] > lifts[2]


def test_luck_says_what_it_cannot_do() -> None:
    with pytest.raises(UserError, match="n=0 is out of range"):
        maximum.expected_maximum(0)
    with pytest.raises(UserError, match="hold=1"):
        maximum.wandering(2, 3, 1.0, np.random.default_rng(0))


# Records that nobody ran, beside those that somebody did


#: What makes a run depend on its length, and what does not.
FALLING = {"schedule": "onecycle", "averaged": 1 / 3, "ramp": True}
STEADY = {"schedule": "constant", "averaged": 0, "ramp": False}


def made(template: dict[str, Any], cell: plans.Cell) -> dict[str, Any]:
    """A record of this cell, with a curve that wanders."""
    epochs = cell.params.get("epochs", 60 if cell.preset == "recommended-is10" else 500)
    rng = np.random.default_rng([cell.seed, epochs, *map(ord, f"{cell.scheme}{cell.method}{dict(cell.params)}")])
    war = np.clip(45 + rng.normal(0, 1, epochs).cumsum() / 3, 5, 95).tolist()
    curve = {name: rng.normal(size=epochs).tolist() for name in criteria.WAYS if name != "final"}
    at = {"final": epochs - 1, "unsupervised": int(np.argmax(curve["infomax"])), "oracle": int(np.argmax(war))}
    return template | {
        "grid": cell.grid,
        "scheme": cell.scheme,
        "method": cell.method,
        "preset": cell.preset,
        "seed": cell.seed,
        "overrides": dict(cell.params),
        "options_digest": store.options_digest({"method": cell.method, **cell.params}),
        "params": template["params"] | {"epochs": epochs} | (FALLING if epochs == 60 else STEADY),
        "curve": {"war": war, **curve},
        "rules": {rule: {"war": war[e], "uar": war[e], "epoch": e + 1} for rule, e in at.items()},
    }


@pytest.fixture(scope="module")
def real() -> list[dict[str, Any]]:
    return shipped.records()


@pytest.fixture(scope="module")
def full(real: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """All plans of the audit, written to a store and read again."""
    folder = tmp_path_factory.mktemp("results")
    template = next(r for r in real if (r["method"], r["grid"]) == ("tlmlda", "main"))
    for cell in (*plans.of_plan("authors"), *plans.of_plan("prices")):
        record = made(template, cell)
        store.write(store.path(folder, **record), record)
    kept = [r for r in real if r["grid"] in ("main", "search") and r["preset"] != "authors"]
    kept = [r for r in kept if "within" not in r["overrides"] or r["grid"] == "search"]
    return kept + shipped.records(results=folder)


def value(figure: Any) -> Any:
    return figure if isinstance(figure, str) else figure.value


def test_figures_name_the_records_that_they_are_of(full: list[dict[str, Any]]) -> None:
    there = {traced.place(r) for r in full}
    figures = [f for scheme in best_epochs.SCHEMES for line in best_epochs.audited(full, scheme).values() for f in line]
    figures += [
        f
        for p in ("authors", "recommended-is10")
        for line in best_epochs.differences(full, "C2B", p).values()
        for f in line
    ]
    figures += [f for of in pricing.of_choices(full).values() for pair in of.values() for f in pair]
    figures += [
        f for line in (*without_labels.agreement(full).values(), *pricing.of_epochs(full).values()) for f in line
    ]
    figures += [f for line in without_labels.searched(full)[1] for f in line]
    figures = [f for f in figures if isinstance(f, traced.Figure) and not np.isnan(f.value)]
    assert len(figures) > 300
    for figure in figures:
        assert set(figure.records) <= there
        assert figure.records or figure.what.startswith(("paper ", "README "))


def test_differences_are_of_the_same_seeds_and_epochs(full: list[dict[str, Any]]) -> None:
    of = {m: {r["seed"]: r for r in full if (r["method"], r["scheme"], r["preset"]) == (m, "C2B", "authors")
              and r["grid"] == "authors"} for m in ("tlmlda", "tlmlda_l", "only_cls")}  # fmt: skip
    line = best_epochs.differences(full, "C2B", "authors")
    a, b = ([of[m][k]["curve"]["war"] for k in range(3)] for m in ("tlmlda", "only_cls"))
    _, _, oracle, score = line["only_cls"]
    assert oracle.value == pytest.approx(np.mean([max(x) - max(y) for x, y in zip(a, b, strict=True)]))
    assert score.value == pytest.approx(np.mean(np.array(a)[:, -166:]) - np.mean(np.array(b)[:, -166:]))
    c = [of["tlmlda_l"][k]["curve"]["war"] for k in range(3)]
    assert {len(x) for x in c} == {150}
    oracle = line["tlmlda_l"][2]
    assert oracle.value == pytest.approx(np.mean([max(x[:150]) - max(y) for x, y in zip(a, c, strict=True)]))
    assert "first 150" in oracle.what
    paper, readme = line["tlmlda_m"][:2]
    assert paper.value == pytest.approx(published.PAPER["tlmlda"]["C2B"] - published.PAPER["tlmlda_m"]["C2B"])
    assert readme.value == pytest.approx(published.README["tlmlda"]["C2B"] - published.README["tlmlda_m"]["C2B"])


def test_transfer_is_measured_on_every_scheme_after_as_many_epochs(full: list[dict[str, Any]]) -> None:
    worth, prices = pricing.of_transfer(full, "authors", 150), pricing.of_epochs(full)
    assert list(worth) == list(OPEN_SCHEMES)
    lengths = set()
    for i, scheme in enumerate(OPEN_SCHEMES):
        a, b = (
            {r["seed"]: r["curve"]["war"] for r in full
             if (r["grid"], r["method"], r["scheme"], r["preset"]) == ("authors", m, scheme, "authors")}
            for m in ("tlmlda", "only_cls")
        )  # fmt: skip
        lengths |= {len(war) for war in (*a.values(), *b.values())}
        assert sorted(a) == sorted(b)
        of = [lambda war: max(war[:150]), lambda war: np.mean(war[100:150])]
        for gap, one in zip(worth[scheme], of, strict=True):
            assert dict(gap.by_seed) == pytest.approx({seed: one(a[seed]) - one(b[seed]) for seed in a})
        lift = prices["TLMLDA, authors, 150 epochs"][i]
        assert lift.value == pytest.approx(np.mean([max(war[:150]) - np.mean(war[100:150]) for war in a.values()]))
        assert ("first 150" in lift.what) == ("R" not in scheme)
    assert "TLMLDA, authors, 500 epochs" not in prices  # not run on all six
    assert lengths == {150, 500}


def test_a_run_whose_rate_falls_is_not_cut(full: list[dict[str, Any]]) -> None:
    falling = [r for r in full if r["params"].get("schedule") == "onecycle" and r["grid"] == "main"]
    steady = [r for r in full if (r["preset"], r["scheme"], r["method"]) == ("authors", "C2B", "tlmlda")]
    assert falling
    of = falling[0]["method"], falling[0]["scheme"], falling[0]["preset"]
    assert best_epochs.after(falling, *of, len(falling[0]["curve"]["war"]))[0]
    assert not best_epochs.after(falling, *of, 10)[0]
    for option in ("averaged", "ramp"):
        half = [r | {"params": r["params"] | {option: 1 / 3}} for r in steady]
        assert not best_epochs.after(half, "tlmlda", "C2B", "authors", 10)[0]
    runs, said = best_epochs.after(steady, "tlmlda", "C2B", "authors", 10)
    assert [r["curve"]["war"] for r in runs] == [r["curve"]["war"][:10] for r in best_epochs.whole(steady)]
    assert said == " of the first 10 epochs"


def test_verdicts() -> None:
    figure = traced.Figure
    assert best_epochs.verdict(figure(float("nan"))) == "not run"
    assert best_epochs.verdict(figure(2.0)) == "too few seeds"
    assert best_epochs.verdict(figure(2.0, 1.0, 3.0)) == "ahead"
    assert best_epochs.verdict(figure(-2.0, -3.0, -1.0)) == "behind"
    assert best_epochs.verdict(figure(0.5, -1.0, 2.0)) == "open"


def test_criteria_and_search_are_the_tables(full: list[dict[str, Any]]) -> None:
    lines = without_labels.agreement(full)
    each = criteria.runs(
        [r for r in best_epochs.whole(full) if r["preset"] == "recommended-is10" and r["method"] == "only_cls"]
    )
    line = lines["no transfer, recommended-is10, 60 epochs"]
    for i, way in enumerate(criteria.WAYS):
        one = each[each["criterion"] == way]
        assert line[i].value == pytest.approx(one["spearman"].mean(), nan_ok=True)
        assert line[len(criteria.WAYS) + i].value == pytest.approx(one["regret"].mean())
    assert re.fullmatch(r"−?\d\.\d\d", str(line[0]))
    tried, cells = without_labels.searched(full)
    log = search.log(search.scores(full)).set_index("setting")
    assert tried == list(log.index)
    for name, cell in zip(tried, cells, strict=True):
        for i, view in enumerate(search.VIEWS):
            first, more = cell[2 * i : 2 * i + 2]
            assert first.value == pytest.approx(log.loc[name, f"for {view}"], nan_ok=True)
            assert more.value == pytest.approx(log.loc[name, f"for {view}, seeds"], nan_ok=True)
            if not np.isnan(first.value):
                assert len(first.records) == len(search.VIEWS[view])


def test_where_a_preset_has_changed_no_date_decides(real: list[dict[str, Any]]) -> None:
    of_cell = [r for r in real if (r["grid"], r["scheme"], r["method"]) == ("main", "C2B", "only_cls")][:2]
    older = [r | {"options_digest": "0ld", "date": "2000-01-01T00:00:00+00:00"} for r in of_cell]
    assert best_epochs.cell(of_cell, "only_cls", "C2B", "recommended-is10") == of_cell
    with pytest.raises(UserError, match="2 settings, main/C2B/only_cls/recommended-is10-0ld"):
        best_epochs.cell(older + of_cell, "only_cls", "C2B", "recommended-is10")
    stale = [r | {"revisions": {"trainer": 0}} for r in older]
    assert best_epochs.cell(stale + of_cell, "only_cls", "C2B", "recommended-is10") == of_cell


def test_what_the_search_gained_is_on_the_seeds_of_both(real: list[dict[str, Any]]) -> None:
    template = next(r for r in real if (r["method"], r["grid"]) == ("tlmlda", "main"))
    chosen = []
    for seed in (0, 1, 2, 9):
        cell = plans.Cell("C2B", "tlmlda", "recommended-is10", seed)
        record = made(template, cell) | {"options_digest": cell.named()[2]["options_digest"]}
        chosen.append(record | {"date": "2999-01-01T00:00:00+00:00"})
    others = [r for r in real if not best_epochs.cell([r], "tlmlda", "C2B", "recommended-is10")]
    gains = without_labels.gained([*others, *chosen])
    start = {r["seed"]: r["rules"]["final"]["war"] for r in real
             if (r["grid"], r["scheme"]) == ("search", "C2B") and not r["overrides"]}  # fmt: skip
    both = [r for r in chosen if r["seed"] in start]
    assert both
    _, _, difference = gains["C2B"]
    assert difference.value == pytest.approx(np.mean([r["rules"]["final"]["war"] - start[r["seed"]] for r in both]))


def test_curves_that_do_not_move_hold_nothing() -> None:
    flat = {"curve": {"war": [40.0] * 30}}
    assert without_labels.hold(flat) == without_labels.lift(flat) == 0
    rising = {"curve": {"war": list(range(60))}}
    assert without_labels.hold(rising) == pytest.approx(1)
    assert without_labels.lift(rising) == pytest.approx((29 - 14.5) / np.arange(30).std())


# The explorable as an object


def test_peeking_begins_with_the_longest_runs_of_the_method(full: list[dict[str, Any]]) -> None:
    widget = Peeking(best_epochs.series(full))
    one = widget.series[widget.which]
    assert (one["scheme"], one["method"], one["preset"], one["epochs"]) == ("C2B", "tlmlda", "authors", 500)
    assert (widget.epoch, widget.seeds) == (500, 1)
    assert {s["scheme"] for s in widget.series} <= set(OPEN_SCHEMES)
    assert Peeking([]).series == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"scheme": "E2B"}, "E2B was not run: use one of C2B tlmlda"),
        ({"epoch": 0}, "epoch=0 is out of range"),
        ({"seeds": 99}, "seeds=99 is out of range"),
    ],
)
def test_peeking_says_what_it_cannot_show(given: dict[str, Any], says: str, real: list[dict[str, Any]]) -> None:
    with pytest.raises(UserError, match=re.escape(says)):
        Peeking(best_epochs.series(real), **given)


# Answers that are wrong in a way of their own


def told(check: Callable[..., None], answer: Any, capsys: pytest.CaptureFixture[str]) -> str:
    check(answer)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda c: 3.0, "two numbers are expected"),
        (lambda c: priced(c)[::-1], "the wrong way round"),
        (lambda c: (c.max(1).mean(), c.mean(0).max()), "scores, not prices"),
        (lambda c: (priced(c)[0],) * 2, "both are the same choice"),
        (lambda c: (c.max() - c[:, -50:].mean(), 0.0), "the best seed at its best epoch"),
        (lambda c: tuple(p - (c.mean() - c[:, -50:].mean()) for p in priced(c)), "the mean of all epochs"),
        (lambda c: (priced(c)[0], 0.0), "the second price is not right"),
        (lambda c: (0.0, 0.0), "the first price is not right"),
    ],
)
def test_prices_that_are_wrong(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in told(checks.check_two_prices, answer, capsys)


def priced(c: np.ndarray) -> tuple[float, float]:
    return c.max(1).mean() - c[:, -50:].mean(), c.mean(0).max() - c[:, -50:].mean()


def hits(p: Any, t: Any, s: Any) -> tuple[np.ndarray, np.ndarray]:
    right = 100 * (p == t)
    return right[:, s].mean(1), right[:, ~s].mean(1)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda p, t, s: 1, "two numbers are expected"),
        (lambda p, t, s: tuple(x[hits(p, t, s)[0].argmax()] / 100 for x in hits(p, t, s)), "look like shares"),
        (lambda p, t, s: tuple(x[hits(p, t, s)[0].argmax()] for x in hits(p, t, s))[::-1], "wrong way round"),
        (lambda p, t, s: tuple(x[(p == t).mean(1).argmax()] for x in hits(p, t, s)), "the strangers' too"),
        (lambda p, t, s: tuple(x.mean() for x in hits(p, t, s)), "means over the epochs"),
        (lambda p, t, s: (hits(p, t, s)[0].max(),) * 2, "both are of the recordings"),
        (lambda p, t, s: (hits(p, t, s)[0].max(), 20.0), "the second score is not right"),
        (lambda p, t, s: (20.0, 20.0), "the first score is not right"),
    ],
)
def test_publications_that_are_wrong(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in told(checks.check_published, answer, capsys)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda w, s, f: "scaling", "it says 'scaling'"),
        (lambda w, s, f: "nothing" if abs(w[range(5), s.argmax(1), -1].mean() - f) < 1e-9 else "C", "wrong choice"),
    ],
)
def test_suspicions_that_are_wrong(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in told(checks.check_looked, answer, capsys)


FAIR = "Final epoch, five seeds, 95 % intervals over them, z-scores, no target label was used, chance 20 %."


@pytest.mark.parametrize(
    ("caption", "says"),
    [
        (3, "of type int"),
        (FAIR.replace("label", "song"), "saw the target's labels"),
        (FAIR.replace("epoch", "thing"), "by which rule"),
        (FAIR.replace("five seeds", "seeds"), "how many seeds"),
        (FAIR.replace("intervals", "things"), "what an interval is over"),
        (FAIR.replace("z-scores", "things"), "what was scaled"),
        (FAIR.replace("chance", "a coin"), "what chance"),
        (FAIR + " Oracle beside it.", "a bound, not a result"),
        (FAIR + " word" * 150, "nobody reads"),
        (FAIR, "3.4.4 passed"),
    ],
)
def test_captions(caption: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in told(checks.check_caption, caption, capsys)


# The page's figures, tables and sentences


@pytest.fixture(scope="module")
def asked(full: list[dict[str, Any]]) -> page.Asked:
    return page.ask(full)


def curves(records: list[dict[str, Any]], method: str, scheme: str, preset: str = "authors") -> list[list[float]]:
    key = (method, scheme, preset)
    return [r["curve"]["war"] for r in records
            if (r["method"], r["scheme"], r["preset"]) == key and not set(r["overrides"]) - {"epochs"}]  # fmt: skip


def test_p_is_corrected_for_every_question_of_the_page(asked: page.Asked) -> None:
    kinds = {kind: len(asked.of(kind)) for kind in ("minus", "transfer", "price", "text")}
    assert kinds == {"minus": 2 * 5, "transfer": 6, "price": 2 * len(plans.PRICED), "text": 2}
    not_run = asked.of("text")  # no run with the preset "paper" is among these records
    assert asked.count + len(not_run) == len(asked.questions) == sum(kinds.values())
    each = sorted(policy.p_of_mean([v for _, v in d.by_seed]) for q, d in asked.questions.items() if q not in not_run)
    assert min(p for q, p in asked.p.items() if q not in not_run) == pytest.approx(min(1, each[0] * len(each)))
    said = asked.said("transfer", "C2R")
    assert (said.value, said.p) == (asked.worth["C2R"][1].value, asked.p["transfer", "C2R"])


def decided(asked: page.Asked, *significant: tuple[tuple[str, ...], float]) -> page.Asked:
    """The same with these differences, which are significant; no other is."""
    changed = {q: replace(asked.questions[q], value=value) for q, value in significant}
    p = dict.fromkeys(asked.questions, 0.5) | {q: 0.01 for q, _ in significant}
    return replace(asked, questions=asked.questions | changed, p=p)


def test_the_best_epoch_lifts_both_networks(asked: page.Asked, full: list[dict[str, Any]]) -> None:
    text = plain(page.lifts(asked))
    lifts = [
        np.mean([max(war) - np.mean(war[-166:]) for war in curves(full, m, "C2B") if len(war) == 500])
        for m in ("tlmlda", "only_cls")
    ]
    found = re.search(r"adds (\S+) ± \S+ points to TLMLDA and (\S+) ± \S+ to the network without transfer", text)
    assert [number(x) for x in found.groups()] == pytest.approx(lifts, abs=0.051)
    assert f"this page asks about {asked.count} differences between scores" in text
    looked = asked.compared["C2B"]["only_cls"][2].value
    for times, hides in ((3, True), (1.5, False)):
        other = decided(asked, (("minus", "only_cls", "C2B"), times * looked))
        assert ("all but hides a difference" in page.lifts(other).data) == hides


def test_epochs_that_hang_together() -> None:
    def run(war: list[float]) -> dict[str, Any]:
        about = {"grid": "authors", "scheme": "C2B", "method": "tlmlda", "preset": "authors", "overrides": {}}
        return about | {"seed": 0, "options_digest": "0" * 8, "curve": {"war": war}}

    text = plain(page.neighbouring_epochs([run([float(i) for i in range(60)]), run([40.0] * 60)]))
    lift = (29 - 14.5) / np.arange(30).std() / 2
    assert "correlate by 0.50 on average" in text
    assert f"lies {lift:.1f} deviations above the mean" in text
    assert f"about {maximum.independent_looks(lift):.0f} independent scores" in text
    assert "correlate: not run." in page.neighbouring_epochs([]).data


def test_the_audit_shows_the_longest_runs(full: list[dict[str, Any]]) -> None:
    rows = {row[0]: row for row in cells(page.audited(full))[6 + 1 :]}  # the second scheme, C to B
    assert set(rows) >= {"TLMLDA, 500 epochs", "no transfer, 500 epochs"}
    assert not [name for name in rows if name.startswith("TLMLDA,") and "150" in name]
    long = [war for war in curves(full, "tlmlda", "C2B") if len(war) == 500]
    row = rows["TLMLDA, 500 epochs"]
    assert row[1:3] == ["57.11", "58.58"]
    wanted = [np.mean([max(war) for war in long]), max(max(war) for war in long), np.mean([war[-166:] for war in long])]
    assert [number(row[i]) for i in (3, 4, 6)] == pytest.approx(wanted, abs=0.051)
    text = plain(page.by_their_rule(full))
    assert f"C to B: published 57.11 (paper) and 58.58 (README); TLMLDA here {wanted[1]:.1f};" in text


def test_reconstructions_that_fall_short_are_named(full: list[dict[str, Any]]) -> None:
    def worse(r: dict[str, Any]) -> dict[str, Any]:
        if (r["method"], r["scheme"]) != ("jdar", "B2C"):
            return r
        return r | {"rules": r["rules"] | {"oracle": r["rules"]["oracle"] | {"war": 30.0}}}

    text = plain(page.table4([worse(r) for r in full]))
    assert "JDAR from B to C by +8.6 points" in text  # the paper prints 38.60


def test_the_text_is_set_beside_the_scripts(real: list[dict[str, Any]]) -> None:
    def lower(r: dict[str, Any]) -> dict[str, Any]:
        if (r["method"], r["scheme"], r["preset"]) != ("tlmlda", "B2C", "paper"):
            return r
        return r | {"rules": r["rules"] | {"oracle": r["rules"]["oracle"] | {"war": 31.5}}}

    text = plain(page.as_the_text(page.ask([lower(r) for r in real])))
    assert "from B to C 31.5 ± 0.0 at the best epoch and 31.5 with the best seed, where 41.00 is published" in text
    assert "On B to C the paper's text, as we implemented it, misses" in text
    best = max(r["rules"]["oracle"]["war"] for r in real
               if (r["method"], r["scheme"], r["preset"]) == ("tlmlda", "C2B", "paper"))  # fmt: skip
    assert ("On C to B the paper's text" in text) == (57.11 - best > 2)


def test_differences_are_counted_and_named(asked: page.Asked) -> None:
    none = plain(page.minus_each(decided(asked)))
    assert (
        "Of these 10 differences in score, TLMLDA is significantly better in 0 and significantly worse in 0. Three"
        in none
    )
    apart = sum(d.low > 0 or d.high < 0 for q, d in asked.questions.items() if q[0] == "minus")
    assert f"Before the correction, {apart} of the 10 intervals do not contain 0." in none
    two = decided(asked, (("minus", "only_cls", "C2B"), 8), (("minus", "tlmlda_w", "B2C"), -3))
    text = plain(page.minus_each(two))
    assert "better in 1 and significantly worse in 1 (C to B minus no transfer) (B to C minus TLMLDA_w)." in text
    shown = cells(page.minus_each(two))
    assert [row[1] for row in shown if row[1].endswith("p = .01")] != []
    assert sum(row[0] == "minus no transfer" for row in shown) == 2


def test_what_transfer_adds_is_averaged_over_the_schemes(asked: page.Asked) -> None:
    by_seed = [np.mean([dict(asked.worth[s][1].by_seed)[k] for s in OPEN_SCHEMES]) for k in range(3)]
    text = plain(page.transfer(decided(asked, (("transfer", "C2R"), 4), (("transfer", "R2B"), 5))))
    found = re.search(r"transfer adds (\S+) ± \S+ points", text)
    assert number(found[1]) == pytest.approx(np.mean(by_seed), abs=0.051)
    order = " and ".join(f"{s[0]} to {s[2]}" for s in OPEN_SCHEMES if s in ("C2R", "R2B"))
    assert f"significantly better on {order} and significantly worse on none." in text
    assert "better on none and significantly worse on B to C." in plain(
        page.transfer(decided(asked, (("transfer", "B2C"), -4)))
    )


def test_prices_are_counted_and_the_epoch_beside_them(asked: page.Asked) -> None:
    n = 2 * len(plans.PRICED)
    choice = next(iter(plans.PRICED))
    assert f"Of {n} prices, none are significant." in plain(page.price_of_scripts(decided(asked)))
    assert f"Of {n} prices, 1 is significant." in plain(
        page.price_of_scripts(decided(asked, (("price", choice, "C2B"), 5)))
    )
    dear = {s: [traced.Figure(99.0), "-"] for s in best_epochs.SCHEMES}
    text = plain(page.price_of_scripts(replace(asked, prices=asked.prices | {"the epoch": dear})))
    both = "from B to C and C to B" if best_epochs.SCHEMES == ("B2C", "C2B") else "from C to B and B to C"
    assert text.endswith(f" points: {both} more than any of these choices.")
    cheap = {s: [traced.Figure(-99.0), "-"] for s in best_epochs.SCHEMES}
    text = plain(page.price_of_scripts(replace(asked, prices=asked.prices | {"the epoch": cheap})))
    assert text.endswith("from C to B points.")
    rows = cells(page.price_of_scripts(decided(asked, (("price", choice, "C2B"), 5))))
    (row,) = [row for row in rows if row[0] == choice]
    assert row[4].startswith("+5.0 ± ")
    assert row[4].endswith("p = .01")
    assert [row[0] for row in cells(page.price_of_labels(asked))[1:]] == list(page.BY_LABELS)
    names = [row[0] for row in cells(page.price_of_ours(asked))[1:]]
    assert "C of PCA + SVM, oracle" in names
    assert "C of PCA + SVM, score" not in names


def test_the_best_epoch_has_a_price_on_every_scheme(full: list[dict[str, Any]]) -> None:
    rows = {row[0]: row for row in cells(page.price_of_epochs(full))}
    of = [r["curve"]["war"] for r in full if (r["method"], r["scheme"], r["preset"], r["grid"]) ==
          ("only_cls", "R2C", "authors", "authors")]  # fmt: skip
    column = 1 + OPEN_SCHEMES.index("R2C")
    wanted = np.mean([max(war[:150]) - np.mean(war[100:150]) for war in of])
    assert number(rows["no transfer, authors, 150 epochs"][column]) == pytest.approx(wanted, abs=0.051)


def test_infomax_is_beside_the_last_epoch() -> None:
    def line(infomax: float, final: float) -> list[traced.Figure]:
        regret = {"infomax": infomax, "final": final}
        spearman = [without_labels.correlation(0.1 * i, [], "") for i in range(len(criteria.WAYS))]
        return spearman + [traced.Figure(regret.get(way, 7.0)) for way in criteria.WAYS]

    rows = {"a": line(1.0, 2.0), "b": line(2.0, 1.8), "c": line(3.0, 1.0), "d": line(0.0, 0.6)}
    text = page.infomax_or_last(rows).data
    assert (
        "There are 4 kinds of runs. InfoMax is better than the last epoch by more than half a point in 2 of them"
        in text
    )
    assert "worse by as much in 1, and in 1 it makes next to no difference" in text
    head, *_ = cells(page.criteria_tables(rows))
    assert set(head[1:]) == {"InfoMax", "BNM", "SND", "negative entropy"}
    *_, last = cells(page.criteria_tables(rows))
    assert dict(zip(criteria.WAYS, last[1:], strict=True)) == {
        way: {"infomax": "0.0", "final": "0.6"}.get(way, "7.0") for way in criteria.WAYS
    }


def test_regret_is_drawn_for_every_kind_of_run() -> None:
    rows = {name: [without_labels.correlation(0.1, [], "")] * len(criteria.WAYS) for name in "ab"}
    rows["a"] += [traced.Figure(float(i)) for i in range(len(criteria.WAYS))]
    rows["b"] += [traced.Figure(9.0 + i) for i in range(len(criteria.WAYS))]
    (ax,) = page.criteria_drawn(rows).axes
    at = {line.get_label(): list(line.get_xdata()) for line in ax.lines}
    assert at == {page.WAYS[w]: [9.0 + criteria.WAYS.index(w), criteria.WAYS.index(w)] for w in page.DRAWN}
    assert [t.get_text() for t in ax.get_yticklabels()] == ["b", "a"]


def test_the_first_lines_are_true_of_the_book(real: list[dict[str, Any]]) -> None:
    best = max(max(r["curve"]["war"]) for r in best_epochs.cell(real, "only_cls", "C2B", "authors"))
    assert best > published.PAPER["tlmlda"]["C2B"]
    gains = pricing.of_epochs(real)
    assert all(cell.value > 0 for line in gains.values() for cell in line)
    assert any(name.startswith("no transfer") for name in gains)


def test_the_search_says_how_far_it_is(real: list[dict[str, Any]]) -> None:
    runs = [r for r in real if r["grid"] == search.GRID]
    text = plain(page.searched(real))
    assert text.startswith(f"{len(runs)} of its runs are recorded. It has ended. Judged by the first seed")
    scores = search.scores(runs)
    log = search.log(scores).set_index("setting")["for any"]
    assert (
        f"the start has {log['start']:.1f} %, and the highest of {log.notna().sum()} settings, {log.idxmax()}, has"
        in text
    )
    some = [r for r in runs if r["seed"] == 0 and not r["overrides"]]
    begun = plain(page.searched(some))
    assert begun.startswith(f"{len(some)} of its runs are recorded. It has not ended.")
    assert "of 1 settings, start, has" in begun


def gains_of(*pairs: tuple[list[float], list[float]]) -> dict[str, list[traced.Figure]]:
    """By scheme the chosen setting, the start and their difference, seed by seed."""
    made = {}
    for scheme, sides in zip(OPEN_SCHEMES, pairs, strict=False):
        two = [traced.over_seeds(dict(enumerate(side)), [], "final war") for side in sides]
        made[scheme] = [*two, two[0].minus(two[1])]
    return made


def test_what_the_search_gained_is_said_with_its_sign() -> None:
    text = plain(page.gained(gains_of(([50, 51, 52], [51, 54, 55]), ([40], [39]))))
    assert "Over the 2 schemes the difference is +0.0 points on average, on 1 to 3 seeds; on 1 of them" in text
    assert "So the search gained something" in text
    text = plain(page.gained(gains_of(([50], [51]), ([40], [45]))))
    assert "is −3.0 points on average, on one seed; on 2 of them the chosen setting is the lower one." in text
    assert "what choosing without target labels costs here" in text
    assert plain(page.gained(gains_of(([], [])))).count("not run") == 3
    assert "<p>" not in page.gained(gains_of(([], []))).data


def test_the_caption_of_the_tables_says_what_the_list_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert page.under_every_table().data == "> " + tables.CAPTION
    monkeypatch.setattr(tables, "CAPTION", tables.CAPTION.replace("oracle", ""))
    with pytest.raises(AssertionError):
        page.under_every_table()


# The page, whatever the records are


def run_page(monkeypatch: pytest.MonkeyPatch, records: list[dict[str, Any]]) -> str:
    """All of its cells, and what they show."""
    jupytext = pytest.importorskip("jupytext")
    plt = pytest.importorskip("matplotlib.pyplot")
    import ast

    monkeypatch.setattr(shipped, "records", lambda *a, **k: records)
    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    wander = maximum.wandering
    monkeypatch.setattr(maximum, "wandering", lambda runs, *rest: wander(50, *rest))
    shown, names = [], {"__name__": "cell"}
    notebook = jupytext.read(ROOT / "book" / "peeking.md")
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        tree = ast.parse(cell.source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "page", "exec"), names)
        if isinstance(last, ast.Expr):
            out = eval(compile(ast.Expression(last.value), "page", "eval"), names)
            shown.append(getattr(out, "data", "") if isinstance(getattr(out, "data", ""), str) else "")
    return "\n".join(shown)


@pytest.mark.parametrize("which", ["real", "full", "one seed"])
def test_the_page_is_right_with_any_records(
    which: str, monkeypatch: pytest.MonkeyPatch, real: list[dict[str, Any]], full: list[dict[str, Any]]
) -> None:
    records = {
        "real": real,
        "full": full,
        "one seed": [r for r in full if r["seed"] == 0],
    }[which]
    text = run_page(monkeypatch, records)
    assert "nan" not in re.sub(r"<[^>]+>", " ", text).lower().split()
    figures = re.findall(r'<data value="([^"]*)" data-what="([^"]*)" data-records="([^"]*)"', text)
    assert bool(re.search(r"\d\s±\s\d", text)) == (which != "one seed")
    there = {traced.place(r) for r in records}
    for _, what, places in figures:
        assert set(traced.unfolded(places)) <= there
        assert places or what.startswith(("paper ", "README "))
    measured = [f for f in figures if f[2]]
    assert len(measured) > 50
    assert "correlate by" in text
    assert "one noise vector for all samples" in text
    assert bool(re.search(r"p\s[=<]\s[.\d]", text)) == (which != "one seed")


def test_a_changed_record_changes_the_page(monkeypatch: pytest.MonkeyPatch, real: list[dict[str, Any]]) -> None:
    before = run_page(monkeypatch, real)
    at = next(i for i, r in enumerate(real) if (r["scheme"], r["method"], r["grid"]) == ("C2B", "only_cls", "main"))
    rules = real[at]["rules"] | {"final": real[at]["rules"]["final"] | {"war": 12.34}}
    other = [*real[:at], real[at] | {"rules": rules}, *real[at + 1 :]]
    monkeypatch.undo()
    assert run_page(monkeypatch, other) != before
