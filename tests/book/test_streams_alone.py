"""Chapter 4.1's scores: streams alone and in pairs from records that were never made, against loops of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import made_streams
import numpy as np
import pytest

from tlmlda_lib import methods
from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.streams import alone as streams_alone
from tlmlda_lib.book.pages.streams import page
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import plans, shipped, store, stream_plans

PAGE = Path(__file__).parents[2] / "book" / "streams.md"
WORTH = {"acoustic": 0.34, "prosodic": 0.3, "speaker": 0.52, "whisper": 0.4}
FEW = 3  # seeds of what draws


def record(cell: plans.Cell, worth: Mapping[str, float] = WORTH) -> dict[str, Any]:
    """A record of a cell of the plan, of a run that was never made."""
    streams = tuple(cell.params["streams"])
    share = max(worth[s] for s in streams) + 0.02 * (len(streams) - 1)
    return made_streams.record(cell, share, f"{cell.scheme}{streams}{cell.method}")


def fill(results: Path, keep: Any = lambda cell: True, worth: Mapping[str, float] = WORTH) -> None:
    """Write the plan's records, but those that are not to be kept and the later seeds."""
    for cell in plans.of_plan("fusions", schemes=OPEN_SCHEMES):
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
    """WAR by seed, by what the records themselves say; a network's is the mean of its last two epochs of six."""
    return {
        r["seed"]: np.mean(r["curve"]["war"][-2:])
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
    assert streams_alone.answers([r for r in some if r["scheme"] == "C2B" and r["method"] == "ifn"][:1]) == {}


def test_no_record_at_all_is_not_run() -> None:
    assert str(streams_alone.cell([], "B2C", ("speaker",))) == "not run"
    assert streams_alone.common([], [("speaker",)]) == ()


def test_questions_are_asked_of_both_classifiers_and_of_equal_settings(records: list[dict[str, Any]]) -> None:
    found = streams_alone.answers(records, draws=300)
    assert list(found) == list(streams_alone.QUESTIONS)
    for subject in ("speaker encoder minus IS10", "acoustic minus prosodic"):
        assert {f"{subject}, LDA", f"{subject}, network"} < set(found)
    for name, (way, first, second) in streams_alone.QUESTIONS.items():
        answer = found[name]
        assert set(answer.schemes) == set(OPEN_SCHEMES)
        theirs = {traced.place(r) for r in answer.second}
        mine = [r for r in answer.records if traced.place(r) not in theirs]
        for side, streams in ((mine, first), (answer.second, second)):
            assert {tuple(r["overrides"]["streams"]) for r in side} == {streams}
            assert {(r["method"], r["preset"]) for r in side} == {
                (streams_alone.WAYS[way].method, streams_alone.WAYS[way].preset)
            }
        of = [
            np.mean([r["rules"]["final"]["war"] for r in side if r["scheme"] == s])
            for side in (mine, answer.second)
            for s in OPEN_SCHEMES
        ]
        assert answer.value == pytest.approx(np.mean(of[:6]) - np.mean(of[6:]), abs=1e-3)
        assert answer.p_holm >= answer.p
    assert str(traced.answered(found["speaker encoder minus IS10, LDA"])).startswith("+")


def test_uar_stands_beside_war(records: list[dict[str, Any]]) -> None:
    runs = [r for r in streams_alone.runs(records, ("speaker",)) if r["scheme"] == "C2B"]
    assert streams_alone.cell(records, "C2B", ("speaker",), metric="uar").value == pytest.approx(
        np.mean([r["rules"]["final"]["uar"] for r in runs])
    )
    assert streams_alone.mean(records, ("speaker",), OPEN_SCHEMES, metric="uar").what.startswith("score uar")


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


def shown(records: list[dict[str, Any]]) -> str:
    """What the cells of "Each stream alone" show with these records."""
    part = PAGE.read_text(encoding="utf-8").partition("## Each stream alone")[2].partition("\n## ")[0]
    cells = re.findall(r"^page\.(\w+)\(asked\)$", part, re.MULTILINE)
    assert len(cells) == part.count("{code-cell}") == 6
    asked = page.ask(records, draws=1000)
    return "\n".join(getattr(page, name)(asked).data for name in cells if not name.endswith("drawn"))


def test_each_scheme_is_drawn_at_its_score_and_each_mean_at_its_own(tmp_path: Path) -> None:
    fill(tmp_path, lambda cell: cell.scheme in ("B2C", "C2B", "R2B"))
    asked = page.ask(shipped.records(results=tmp_path), draws=10)
    (ax,) = page.single_streams_drawn(asked).axes
    drawn = [
        (line.get_marker(), *line.get_ydata(), *line.get_xdata()) for line in ax.lines if len(line.get_xdata()) == 1
    ]
    wanted = []
    for row, names in enumerate(page.ROWS):
        scores = {
            s: by_hand(asked.records, s, set(names), "late_fusion", preset="zscore")[0] for s in ("B2C", "C2B", "R2B")
        }
        wanted += [({"B": "o", "C": "s"}[s[-1]], row, war) for s, war in scores.items()]
        wanted.append(("D", row, np.mean(list(scores.values()))))
    assert sorted(drawn) == [(mark, row, pytest.approx(war)) for mark, row, war in sorted(wanted)]
    assert [t.get_text() for t in ax.get_yticklabels()] == [t.partition(",")[0] for t in page.titles()]


def test_page_stands_without_records() -> None:
    text = shown([])
    assert "<data" not in text
    assert text.count("not run") > 50
    assert not re.search(r"\d\.\d", text)


def test_page_stands_with_some_records_and_names_them(tmp_path: Path) -> None:
    def keep(cell: plans.Cell) -> bool:
        return cell.scheme in ("B2C", "C2B", "R2B") and cell.method == "late_fusion" and cell.preset == "zscore"

    fill(tmp_path, keep)
    text = shown(shipped.records(results=tmp_path))
    assert "mean of 3" in text
    assert "With the one classifier that was run the highest score is that of the speaker encoder" in text
    assert "not run" in text
    for places in re.findall(r'data-records="([^"]+)"', text):
        for place in traced.unfolded(places):
            assert (tmp_path / f"{place}.json").is_file()


def test_page_says_what_all_records_say(records: list[dict[str, Any]]) -> None:
    text = shown(records)
    assert "not run" not in text
    assert "The speaker encoder alone against IS10 with both its streams: by LDA significantly better (<data" in text
    assert "by the network significantly better" in text
    assert "With all 4 classifiers that were run" in text
    for bare in re.findall(r"\d+\.\d", re.sub(r"<data .*?</data>", "", text)):
        pytest.fail(f"{bare} names no record")


@pytest.mark.parametrize(
    ("speaker", "says"), [(0.22, "by LDA significantly worse"), (0.362, "by LDA no significant difference")]
)
def test_sentences_follow_the_records(tmp_path: Path, speaker: float, says: str) -> None:
    fill(tmp_path, lambda cell: True, {**WORTH, "speaker": speaker})
    text = shown(shipped.records(results=tmp_path))
    assert says in text


def test_a_sentence_names_the_classifier_that_it_depends_on(tmp_path: Path) -> None:
    """LDA sees a lead of the speaker encoder, the network none, as in the records of the book."""
    fill(
        tmp_path,
        lambda cell: "transfer" not in cell.params and len(cell.params["streams"]) < 3,
        {**WORTH, "speaker": 0.8},
    )
    records = shipped.records(results=tmp_path)
    alike = [
        r | {"rules": first["rules"], "curve": first["curve"]}
        for r in records
        if r["method"] == "ifn" and set(r["overrides"]["streams"]) == {"speaker"}
        for first in records
        if first["method"] == "ifn"
        and set(first["overrides"]["streams"]) == {"acoustic", "prosodic"}
        and (first["scheme"], first["seed"]) == (r["scheme"], r["seed"])
        and not {"transfer", "fusion"} & (first["overrides"].keys() | r["overrides"].keys())
    ]
    places = {traced.place(r) for r in alike}
    assert len(places) == FEW * len(OPEN_SCHEMES)
    text = shown([*(r for r in records if traced.place(r) not in places), *alike])
    first = text.partition("The speaker encoder alone against")[2].partition("Acoustic against")[0]
    assert "by LDA significantly better" in first
    assert "by the network no significant difference" in first
    assert "The answer depends on the classifier" in first


def test_the_page_says_what_the_encoders_have_heard(records: list[dict[str, Any]]) -> None:
    for caption in re.findall("<caption>(.*?)</caption>", shown(records)):
        assert "trained on English only" in caption
        assert "may have heard these recordings" in caption


def test_the_first_lines_are_true_of_the_book() -> None:
    book = shipped.records(streams_alone.GRID)
    shared = {way: streams_alone.common(book, page.ROWS, way) for way in streams_alone.WAYS}
    asked = page.Asked(book, {}, shared)
    firsts = [max(page.ROWS, key=lambda names, way=way: asked.mean(names, way).value) for way in streams_alone.WAYS]
    assert set(firsts) == {("speaker",), ("whisper",)}


def test_pairs_are_counted_that_are_better_than_both(records: list[dict[str, Any]]) -> None:
    def score(*names: str) -> float:
        scores = [by_hand(records, s, set(names), "late_fusion", preset="zscore")[0] for s in OPEN_SCHEMES]
        return float(np.mean(scores))

    names = list(stream_plans.STREAMS)
    pairs = {(a, b): score(a, b) for i, a in enumerate(names) for b in names[i + 1 :]}
    better = sum(two > max(score(a), score(b)) for (a, b), two in pairs.items())
    asked = page.ask(records, draws=10)
    text = page.best_pair(asked).data
    assert f"In {better} of {len(pairs)} pairs" in text
    assert (
        f"The best two are {' and '.join(streams_alone.NAMES[n] for n in max(pairs, key=lambda n: pairs[n]))}" in text
    )
    table = re.findall(r'<data value="([^"]+)"', page.pairs(asked).data)
    assert sorted(map(float, table)) == pytest.approx(sorted([*pairs.values(), *map(score, names)]), abs=1e-3)


def test_an_order_that_depends_on_the_way_is_said(records: list[dict[str, Any]]) -> None:
    """Where the network alone hears most in the recogniser's stream."""

    def raised(r: dict[str, Any]) -> dict[str, Any]:
        alone = (
            r["method"] == "ifn"
            and set(r["overrides"]) == {"streams"}
            and set(r["overrides"]["streams"]) == {"whisper"}
        )
        return r | {"curve": r["curve"] | {"war": [99.0] * 6}} if alone else r

    text = page.in_short(page.ask(map(raised, records), draws=10)).data
    assert "Which stream has the highest score depends on the classifier" in text
    assert "LDA: the speaker encoder" in text
    assert "network: the recogniser" in text
