"""Chapter 3.4: the largest of several, peeking against the audit, the checks, and the page on other records."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tlmlda_lib.book import checks as teaching
from tlmlda_lib.book.checks import exercises
from tlmlda_lib.book.explorables import Peeking
from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.peeking import best_epochs as peeks
from tlmlda_lib.book.pages.peeking import prices as pricing
from tlmlda_lib.book.pages.peeking import without_labels as choices
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import maximum as peeking
from tlmlda_lib.experiments import criteria, plans, published, search, shipped, store

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exercises, "_progress", {})


# The largest of several


def test_the_largest_by_hand_and_by_dice() -> None:
    assert peeking.expected_maximum(1) == pytest.approx(0, abs=1e-12)
    assert peeking.expected_maximum(2) == pytest.approx(1 / np.sqrt(np.pi), rel=1e-10)
    assert peeking.expected_maximum(3) == pytest.approx(3 / (2 * np.sqrt(np.pi)), rel=1e-10)
    rng = np.random.default_rng(0)
    for n in (5, 50, 500):
        drawn = rng.normal(size=(4000, n)).max(1)
        assert peeking.expected_maximum(n) == pytest.approx(drawn.mean(), abs=4 * drawn.std() / np.sqrt(4000))


def test_looks_are_the_inverse() -> None:
    for n in (1.5, 2, 17, 500, 20_000):
        assert peeking.independent_looks(peeking.expected_maximum(n)) == pytest.approx(n, rel=1e-4)
    assert peeking.independent_looks(-1) == peeking.independent_looks(0) == 1
    assert peeking.independent_looks(9) == float("inf")


def test_wandering_curves_hang_together_as_told() -> None:
    for hold in (0.0, 0.9):
        curves = peeking.wandering(3000, 40, hold, np.random.default_rng(0))
        assert curves.std(0) == pytest.approx(np.ones(40), abs=0.07)
        assert np.corrcoef(curves[:, 7], curves[:, 8])[0, 1] == pytest.approx(hold, abs=0.06)
    lifts = [peeking.wandering(400, 300, h, np.random.default_rng(0)).max(1).mean() for h in (0.0, 0.9, 0.99)]
    assert lifts[0] > lifts[1] > lifts[2]


def test_luck_says_what_it_cannot_do() -> None:
    with pytest.raises(UserError, match="n=0 is out of range"):
        peeking.expected_maximum(0)
    with pytest.raises(UserError, match="hold=1"):
        peeking.wandering(2, 3, 1.0, np.random.default_rng(0))


# Records that nobody ran, beside those that somebody did


#: What makes a run depend on its length, and what does not.
FALLING = {"schedule": "onecycle", "averaged": 1 / 3, "ramp": True}
STEADY = {"schedule": "constant", "averaged": 0, "ramp": False}


def made(template: dict[str, Any], cell: plans.Cell) -> dict[str, Any]:
    """A record of this cell, with a curve that wanders."""
    epochs = cell.params.get("epochs", 60 if cell.preset == "recommended" else 500)
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
    figures = [f for scheme in peeks.SCHEMES for line in peeks.audited(full, scheme).values() for f in line]
    figures += [
        f for p in ("authors", "recommended") for line in peeks.differences(full, "C2B", p).values() for f in line
    ]
    figures += [f for of in pricing.of_choices(full).values() for pair in of.values() for f in pair]
    figures += [f for line in (*choices.agreement(full).values(), *pricing.of_epochs(full).values()) for f in line]
    figures += [f for line in choices.searched(full)[1] for f in line]
    figures = [f for f in figures if isinstance(f, traced.Figure) and not np.isnan(f.value)]
    assert len(figures) > 300
    for figure in figures:
        assert set(figure.records) <= there
        assert figure.records or figure.what.startswith(("paper ", "README "))


def test_differences_are_of_the_same_seeds_and_epochs(full: list[dict[str, Any]]) -> None:
    of = {m: {r["seed"]: r for r in full if (r["method"], r["scheme"], r["preset"]) == (m, "C2B", "authors")
              and r["grid"] == "authors"} for m in ("tlmlda", "tlmlda_l", "only_cls")}  # fmt: skip
    line = peeks.differences(full, "C2B", "authors")
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
    assert peeks.after(falling, *of, len(falling[0]["curve"]["war"]))[0]
    assert not peeks.after(falling, *of, 10)[0]
    for option in ("averaged", "ramp"):
        half = [r | {"params": r["params"] | {option: 1 / 3}} for r in steady]
        assert not peeks.after(half, "tlmlda", "C2B", "authors", 10)[0]
    runs, said = peeks.after(steady, "tlmlda", "C2B", "authors", 10)
    assert [r["curve"]["war"] for r in runs] == [r["curve"]["war"][:10] for r in peeks.whole(steady)]
    assert said == " of the first 10 epochs"


def test_verdicts() -> None:
    figure = traced.Figure
    assert peeks.verdict(figure(float("nan"))) == "not run"
    assert peeks.verdict(figure(2.0)) == "too few seeds"
    assert peeks.verdict(figure(2.0, 1.0, 3.0)) == "ahead"
    assert peeks.verdict(figure(-2.0, -3.0, -1.0)) == "behind"
    assert peeks.verdict(figure(0.5, -1.0, 2.0)) == "open"


def test_criteria_and_search_are_the_tables(full: list[dict[str, Any]]) -> None:
    lines = choices.agreement(full)
    each = criteria.runs([r for r in peeks.whole(full) if r["preset"] == "recommended" and r["method"] == "only_cls"])
    line = lines["no transfer, recommended, 60 epochs"]
    for i, way in enumerate(criteria.WAYS):
        one = each[each["criterion"] == way]
        assert line[i].value == pytest.approx(one["spearman"].mean(), nan_ok=True)
        assert line[len(criteria.WAYS) + i].value == pytest.approx(one["regret"].mean())
    assert re.fullmatch(r"−?\d\.\d\d", str(line[0]))
    tried, cells = choices.searched(full)
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
    assert peeks.cell(of_cell, "only_cls", "C2B", "recommended") == of_cell
    with pytest.raises(UserError, match="2 settings, main/C2B/only_cls/recommended-0ld"):
        peeks.cell(older + of_cell, "only_cls", "C2B", "recommended")
    stale = [r | {"revisions": {"trainer": 0}} for r in older]
    assert peeks.cell(stale + of_cell, "only_cls", "C2B", "recommended") == of_cell


def test_what_the_search_gained_is_on_the_seeds_of_both(real: list[dict[str, Any]]) -> None:
    template = next(r for r in real if (r["method"], r["grid"]) == ("tlmlda", "main"))
    chosen = []
    for seed in (0, 1, 2, 9):
        cell = plans.Cell("C2B", "tlmlda", "recommended", seed)
        record = made(template, cell) | {"options_digest": cell.named()[2]["options_digest"]}
        chosen.append(record | {"date": "2999-01-01T00:00:00+00:00"})
    others = [r for r in real if not peeks.cell([r], "tlmlda", "C2B", "recommended")]
    gains = choices.gained([*others, *chosen])
    start = {r["seed"]: r["rules"]["final"]["war"] for r in real
             if (r["grid"], r["scheme"]) == ("search", "C2B") and not r["overrides"]}  # fmt: skip
    both = [r for r in chosen if r["seed"] in start]
    assert both
    _, _, difference = gains["C2B"]
    assert difference.value == pytest.approx(np.mean([r["rules"]["final"]["war"] - start[r["seed"]] for r in both]))


def test_curves_that_do_not_move_hold_nothing() -> None:
    flat = {"curve": {"war": [40.0] * 30}}
    assert choices.hold(flat) == choices.lift(flat) == 0
    rising = {"curve": {"war": list(range(60))}}
    assert choices.hold(rising) == pytest.approx(1)
    assert choices.lift(rising) == pytest.approx((29 - 14.5) / np.arange(30).std())


# The explorable as an object


def test_peeking_begins_with_the_longest_runs_of_the_method(full: list[dict[str, Any]]) -> None:
    widget = Peeking(peeks.series(full))
    one = widget.series[widget.which]
    assert (one["scheme"], one["method"], one["preset"], one["epochs"]) == ("C2B", "tlmlda", "authors", 500)
    assert (widget.epoch, widget.seeds) == (500, 1)
    assert {s["scheme"] for s in widget.series} <= set(OPEN_SCHEMES)
    assert Peeking([]).series == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"scheme": "E2B"}, "E2B was not run: C2B tlmlda"),
        ({"epoch": 0}, "epoch=0 is out of range"),
        ({"seeds": 99}, "seeds=99 is out of range"),
    ],
)
def test_peeking_says_what_it_cannot_show(given: dict[str, Any], says: str, real: list[dict[str, Any]]) -> None:
    with pytest.raises(UserError, match=re.escape(says)):
        Peeking(peeks.series(real), **given)


# Answers that are wrong in a way of their own


def told(check: Callable[..., None], answer: Any, capsys: pytest.CaptureFixture[str]) -> str:
    check(answer)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda c: 3.0, "two numbers are asked for"),
        (lambda c: priced(c)[::-1], "the wrong way round"),
        (lambda c: (c.max(1).mean(), c.mean(0).max()), "figures and no prices"),
        (lambda c: (priced(c)[0],) * 2, "both are the same choice"),
        (lambda c: (c.max() - c[:, -50:].mean(), 0.0), "the best seed at its best epoch"),
        (lambda c: tuple(p - (c.mean() - c[:, -50:].mean()) for p in priced(c)), "the mean of all epochs"),
        (lambda c: (priced(c)[0], 0.0), "the second price is not right"),
        (lambda c: (0.0, 0.0), "the first price is not right"),
    ],
)
def test_prices_that_are_wrong(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in told(teaching.check_two_prices, answer, capsys)


def priced(c: np.ndarray) -> tuple[float, float]:
    return c.max(1).mean() - c[:, -50:].mean(), c.mean(0).max() - c[:, -50:].mean()


def hits(p: Any, t: Any, s: Any) -> tuple[np.ndarray, np.ndarray]:
    right = 100 * (p == t)
    return right[:, s].mean(1), right[:, ~s].mean(1)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda p, t, s: 1, "two numbers are asked for"),
        (lambda p, t, s: tuple(x[hits(p, t, s)[0].argmax()] / 100 for x in hits(p, t, s)), "look like shares"),
        (lambda p, t, s: tuple(x[hits(p, t, s)[0].argmax()] for x in hits(p, t, s))[::-1], "wrong way round"),
        (lambda p, t, s: tuple(x[(p == t).mean(1).argmax()] for x in hits(p, t, s)), "the strangers' too"),
        (lambda p, t, s: tuple(x.mean() for x in hits(p, t, s)), "means over the epochs"),
        (lambda p, t, s: (hits(p, t, s)[0].max(),) * 2, "both are of the recordings"),
        (lambda p, t, s: (hits(p, t, s)[0].max(), 20.0), "the second figure is not right"),
        (lambda p, t, s: (20.0, 20.0), "the first figure is not right"),
    ],
)
def test_publications_that_are_wrong(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in told(teaching.check_published, answer, capsys)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda w, s, f: "scaling", "it says 'scaling'"),
        (lambda w, s, f: "nothing" if abs(w[range(5), s.argmax(1), -1].mean() - f) < 1e-9 else "C", "wrong choice"),
    ],
)
def test_suspicions_that_are_wrong(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in told(teaching.check_looked, answer, capsys)


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
        (FAIR + " Oracle beside it.", "a bound and no result"),
        (FAIR + " word" * 150, "nobody reads"),
        (FAIR, "3.4.4 passed"),
    ],
)
def test_captions(caption: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in told(teaching.check_caption, caption, capsys)


# The page, whatever the records are


def run_page(monkeypatch: pytest.MonkeyPatch, records: list[dict[str, Any]]) -> str:
    """All of its cells, and what they show."""
    jupytext = pytest.importorskip("jupytext")
    plt = pytest.importorskip("matplotlib.pyplot")
    import ast

    monkeypatch.setattr(shipped, "records", lambda *a, **k: records)
    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    wander = peeking.wandering
    monkeypatch.setattr(peeking, "wandering", lambda runs, *rest: wander(50, *rest))
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
