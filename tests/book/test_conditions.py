"""Chapter 4.2's figures of attention under conditions, from small synthetic records, against loops of their own."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.trust import conditions, page
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import bootstrap
from tlmlda_lib.experiments import store, stress, stressed

sys.path.insert(0, str(Path(__file__).parents[1]))

import recomputed_conditions

SEEDS = 3
NAMES = ("first", "second", "third")


def content(scheme: str, *, n: int = 40, m: int = 17, streams: tuple[str, ...] = NAMES) -> dict[str, Any]:
    """A scheme as `stress.scheme_of` makes it, of networks that never were: the first is trusted ever less."""
    rng = np.random.default_rng(list(scheme.encode()))
    truth = rng.integers(0, 5, n)
    subset = np.sort(rng.choice(n, m, replace=False))

    def said(right: float) -> list[str]:
        hit = rng.random((SEEDS, m)) < right
        return [stressed.digits(np.where(h, truth[subset], (truth[subset] + 1) % 5)) for h in hit]

    def weights(tilt: float) -> list[str]:
        raw = rng.random((SEEDS, m, len(streams))) + 0.3
        raw[..., 0] *= np.exp(-tilt)
        return [stressed.in_hex(a / a.sum(1, keepdims=True)) for a in raw]

    def one(place: int) -> dict[str, Any]:
        return {
            "predicted": said(0.8 - 0.1 * place),
            "confidence": [stressed.in_hex(rng.random(m)) for _ in range(SEEDS)],
            "attention": weights(0.5 * place),
            "without": {s: said(0.7 - 0.05 * place) for s in streams},
        }

    told = {v: {"options_digest": v} | {r: one(i) for i, r in enumerate(stress.RECORDINGS)} for v in stress.VARIANTS}
    return {
        "scheme": scheme,
        "preset": "default",
        "seeds": SEEDS,
        "overrides": {},
        "features": ["is10"],
        "streams": list(streams),
        "classes": list("abcde"),
        "truth": stressed.digits(truth),
        "speakers": (np.arange(n) % 4).tolist(),
        "subset": subset.tolist(),
        "splits": {"sizes": [1, 1, 1, 1], "predicted": [[stressed.digits(truth)] * 4] * SEEDS},
        "conditions": told,
        "data": "0" * 16,
        "revisions": {},
        "versions": {},
        "machine": {},
        "git_commit": None,
        "date": "2026-11-26T00:00:00+00:00",
    }


@pytest.fixture
def made(tmp_path: Path) -> Path:
    for scheme in ("B2C", "C2R"):
        store.write_all(tmp_path, stressed.records_of(content(scheme)))
    return tmp_path


@pytest.fixture
def files(made: Path) -> dict[str, dict[str, Any]]:
    return stressed.read(made)


def every(files: dict[str, dict[str, Any]]) -> list[traced.Figure]:
    """All figures that the page can print."""
    found = []
    for transfer in stress.VARIANTS:
        found.append(conditions.rank_agreement(files, transfer))
        for r in conditions.WORDS:
            found.append(conditions.war(files, r, transfer))
            for s in NAMES:
                for of in (conditions.attention, conditions.without, conditions.shift, conditions.change):
                    found.append(of(files, s, r, transfer))
    return found


def test_every_figure_is_what_the_records_say(made: Path, files: dict[str, dict[str, Any]]) -> None:
    figures = every(files)
    assert len(figures) == 2 * (1 + 6 * (1 + 3 * 4))
    assert len({f.what for f in figures}) == len(figures)
    for figure in figures:
        transfer = "tlmlda" if re.search(r", tlmlda\b", figure.what) else "none"
        assert figure.records == tuple(
            f"stress/{s}/ifn/default-{transfer}/seed-{k}" for s in ("B2C", "C2R") for k in range(SEEDS)
        )
        where = [made / f"{place}.json" for place in figure.records]
        assert figure.value == pytest.approx(recomputed_conditions.expected(figure.what, where), abs=1e-9), figure.what
        assert len(figure.by_seed) == SEEDS


def test_intervals_are_over_seeds(made: Path, files: dict[str, dict[str, Any]]) -> None:
    def each(recording: str) -> np.ndarray:
        seeds = []
        for k in range(SEEDS):
            of_scheme = []
            for s in ("B2C", "C2R"):
                record = store.read(made / f"stress/{s}/ifn/default-tlmlda/seed-{k}.json")
                told = record["stress"]["conditions"][recording]
                flat = np.frombuffer(bytes.fromhex(told["attention"]), np.uint8) / 255
                of_scheme.append(100 * flat[1::3].mean())
            seeds.append(np.mean(of_scheme))
        return np.array(seeds)

    figure = conditions.attention(files, "second", "room", "tlmlda")
    values = each("room")
    assert (figure.low, figure.high) == pytest.approx(stats.t.interval(0.95, 2, values.mean(), stats.sem(values)))
    moved = conditions.shift(files, "second", "room", "tlmlda")
    values = each("room") - each("studio")
    assert (moved.low, moved.high) == pytest.approx(stats.t.interval(0.95, 2, values.mean(), stats.sem(values)))
    assert str(moved)[0] in "+−"


def test_a_stream_that_loses_weight_is_found(files: dict[str, dict[str, Any]]) -> None:
    every = conditions.moves(files, draws=2000)
    moved = {(m.stream, m.recording): m for m in every if m.transfer == "none"}
    assert len(every) == 2 * len(moved) == 2 * 3 * 5
    assert ("first", "studio") not in moved
    assert conditions.verdict(moved["first", "room"].shift) == -1
    assert moved["second", "room"].shift.span[0] > 0
    one = moved["first", "noise0"]
    assert one.change.value == conditions.change(files, "first", "noise0").value
    assert one.change.what == conditions.change(files, "first", "noise0").what


def test_what_changed_is_asked_of_speakers_and_corrected_at_once(files: dict[str, dict[str, Any]]) -> None:
    """Value, interval and p against a bootstrap of numbers that this loop makes itself."""
    every = conditions.moves(files, draws=400)
    p = []
    for m in every:
        for kind, moved in (("shift", m.shift), ("change", m.change)):
            hits = {}
            for scheme, one in files.items():
                told, truth = one["conditions"][m.transfer], one["truth"][one["subset"]]
                k = one["streams"].index(m.stream)
                each = []
                for r in (m.recording, "studio"):
                    gone, said = told[r]["without"][m.stream] == truth, told[r]["predicted"] == truth
                    each.append(told[r]["attention"][..., k] if kind == "shift" else gone * 1.0 - said)
                who = [f"{scheme[-1]}/{one['speakers'][i]}" for i in one["subset"]]
                names = [(w, str(c), int(i)) for w, c, i in zip(who, truth, one["subset"], strict=True)]
                hits[scheme] = bootstrap.Hits(each[0] - each[1], names)
            wanted, _ = bootstrap.differences(hits, draws=400)
            assert moved.value == pytest.approx(wanted.value)
            assert moved.span == pytest.approx((wanted.low, wanted.high))
            p.append(wanted.p)
    assert [x for m in every for x in (m.shift.p, m.change.p)] == pytest.approx(bootstrap.holm(p))
    assert len(p) == 2 * 2 * 3 * 5


def test_a_seed_s_interval_alone_makes_nothing_sure() -> None:
    """In the book's records some stream's use changes by more than its interval over seeds; corrected, none does."""
    found = stressed.read()
    moves = conditions.moves(found, draws=1000)
    over_seeds = [conditions.change(found, m.stream, m.recording, m.transfer) for m in moves]
    assert any(f.low > 0 for f in over_seeds)
    assert {conditions.verdict(m.change) for m in moves} == {0}


def test_weights_that_follow_the_cost_agree_in_rank(tmp_path: Path) -> None:
    whole = content("B2C")
    truth = np.array([int(c) for c in whole["truth"]])[whole["subset"]]
    m = len(truth)

    def said(wrong: int) -> str:
        return stressed.digits(np.where(np.arange(m) < wrong, (truth + 1) % 5, truth))

    def write(cost: dict[str, int]) -> dict[str, Any]:
        for variant in whole["conditions"].values():
            for r in stress.RECORDINGS:
                one = variant[r]
                one["predicted"] = [said(0)] * SEEDS
                one["without"] = {s: [said(cost[s])] * SEEDS for s in NAMES}
                one["attention"] = [stressed.in_hex(np.tile([0.5, 0.3, 0.2], (m, 1)))] * SEEDS
        store.write_all(tmp_path, stressed.records_of(whole))
        return stressed.read(tmp_path)

    for cost, wanted in (((5, 3, 1), 1), ((1, 3, 5), -1), ((2, 2, 2), 0), ((3, 5, 1), 0.5)):
        files = write(dict(zip(NAMES, cost, strict=True)))
        assert conditions.rank_agreement(files).value == pytest.approx(wanted), cost
    assert conditions.without(files, "second", "studio").value == pytest.approx(-100 * 5 / m)


def test_without_records_nothing_was_run(tmp_path: Path) -> None:
    assert stressed.read(tmp_path) == {}
    with pytest.raises(UserError, match="there is no folder /nowhere"):
        stressed.read(Path("/nowhere"))
    assert conditions.streams({}) == ()
    assert str(conditions.war({}, "studio")) == "not run"
    assert str(conditions.shift({}, "first", "room")) == "not run"
    assert str(conditions.rank_agreement({})) == "not run"
    assert conditions.moves({}) == []


def test_names_that_are_not_known_are_said(files: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="'fourth'"):
        conditions.attention(files, "fourth", "room")
    with pytest.raises(UserError, match="'cellar'"):
        conditions.war(files, "cellar")
    with pytest.raises(UserError, match="'coral'"):
        conditions.war(files, "room", "coral")
    store.write_all(tmp_path, stressed.records_of(content("R2B", streams=("first", "second"))))
    with pytest.raises(UserError, match="R2B has first, second"):
        conditions.streams(stressed.read(tmp_path))
    assert tuple(conditions.WORDS) == stress.RECORDINGS


# The page


def test_the_tables_hold_what_the_records_say(files: dict[str, dict[str, Any]]) -> None:
    tables = page.under_conditions(files).data.split("</table>")[:-1]
    assert [re.search("<caption>([^:]*):", t)[1] for t in tables] == ["No transfer", "Transfer"]  # type: ignore[index]
    for transfer, table in zip(stress.VARIANTS, tables, strict=True):
        rows = [re.findall(r'<data value="([^"]+)"', row) for row in re.findall(r"<tr>(.*?)</tr>", table)[1:]]
        assert len(rows) == len(conditions.WORDS)
        for recording, row in zip(conditions.WORDS, rows, strict=True):
            war = [
                100 * np.mean(one["conditions"][transfer][recording]["predicted"] == one["truth"][one["subset"]])
                for one in files.values()
            ]
            of = [100 * one["conditions"][transfer][recording]["attention"].mean((0, 1)) for one in files.values()]
            assert [float(x) for x in row[:4]] == pytest.approx([np.mean(war), *np.mean(of, axis=0)], abs=1e-3)
            assert len(row) == 1 + 2 * len(NAMES)


def test_the_panels_draw_what_the_tables_print(files: dict[str, dict[str, Any]]) -> None:
    figure = page.under_conditions_drawn(files)
    assert figure is not None
    for column, transfer in enumerate(stress.VARIANTS):
        for row, of in enumerate((conditions.attention, conditions.without)):
            lines = [line for line in figure.axes[2 * row + column].lines if len(line.get_xdata()) == 6]
            wanted = [[of(files, s, r, transfer).value for r in conditions.WORDS] for s in NAMES]
            np.testing.assert_allclose(np.array([line.get_ydata() for line in lines], dtype=float), wanted)


def test_what_moved_significantly_is_counted(files: dict[str, dict[str, Any]]) -> None:
    moves = conditions.moves(files, draws=2000)
    without, with_it, end = page.whether_trust_follows(files, draws=2000).data.split("\n\n")
    for transfer, text in (("none", without), ("tlmlda", with_it)):
        mine = [m for m in moves if m.transfer == transfer]
        moved = [m for m in mine if m.shift.p < 0.05]
        assert f"Of {len(mine)} pairs" in text
        assert f"its weight differs significantly in {len(moved) or 'none'}." in text
        most = max(moved, key=lambda m: abs(m.shift.value))
        assert f"moves most is that of the {most.stream} stream, *{conditions.WORDS[most.recording]}*" in text
        assert conditions.rank_agreement(files, transfer).html() in text
    assert "p is corrected for 60 questions (Holm)" in end


@pytest.mark.parametrize(
    ("ways", "says"),
    [
        ([], "do not show that trust leaves"),
        ([-1, -1, 0], "More often than not, then, trust leaves the stream that suffers"),
        ([1, 1, -1], "goes *towards* the stream"),
        ([1, -1, 0, 0], "does not follow the use"),
    ],
)
def test_a_verdict_is_that_of_the_majority(ways: list[int], says: str) -> None:
    assert says in page._followed(ways)


def test_the_page_stands_without_files() -> None:
    assert page.under_conditions_drawn({}) is None
    assert "not run" in page.under_conditions({}).data
    assert "not run" in page.whether_trust_follows({}).data
