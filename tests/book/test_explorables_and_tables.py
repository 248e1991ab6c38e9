"""What explorables draw of recorded runs is what the tables of their pages print, and what the files themselves say.

The third number of each comparison is read here from ``results/`` by the collection, the preset and every option that
differs, without the library.
"""

from __future__ import annotations

import inspect
from functools import cache
from statistics import mean
from typing import Any

import numpy as np
import pytest
import sealed_lines
from test_pictures import SMALL, given, made_pair

from tlmlda_lib import methods
from tlmlda_lib.book import explorables
from tlmlda_lib.book.explorables import FeatureMotion, HowManySeeds, Leaderboard, LossSwitches, Peeking
from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.ablations import switches
from tlmlda_lib.book.pages.peeking import best_epochs
from tlmlda_lib.book.pages.peers import leaderboard
from tlmlda_lib.book.pages.pictures import motion
from tlmlda_lib.book.pages.reproducibility import rankings
from tlmlda_lib.book.pages.streams import alone
from tlmlda_lib.book.pages.trust import fusions
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import published, shipped, tables

Record = dict[str, Any]
SEEDS = range(5)

#: Explorables that draw recorded runs, each compared below; and the one that draws runs that its page trains.
COMPARED = {"HowManySeeds", "LossSwitches", "Leaderboard", "Peeking"}
TRAINED = {"FeatureMotion"}

#: Streams that are joined.
ALL_FOUR, THREE = ("acoustic", "prosodic", "speaker", "whisper"), ("acoustic", "prosodic", "speaker")


@cache
def own() -> list[Record]:
    return shipped.records()


def cell(
    grid: str, scheme: str, method: str, preset: str, streams: tuple[str, ...] = (), **changes: Any
) -> list[Record]:
    """Runs of one cell by seed, from their lines: of the settings with this preset the one with these options."""
    settings: dict[str, list[Record]] = {}
    for place, record in sorted(sealed_lines.records().items()):
        if place.startswith(f"{grid}/{scheme}/{method}/{preset}-"):
            settings.setdefault(sealed_lines.folder(place), []).append(record)
    found = []
    for runs in settings.values():
        others = {k: v for k, v in runs[0]["overrides"].items() if k != "streams"}
        if others == changes and set(runs[0]["overrides"].get("streams", ())) == set(streams):
            found.append(runs)
    assert len(found) == 1, (grid, scheme, method, preset, streams, changes)
    return found[0]


def score(run: Record) -> float:
    """The last epoch where weights are averaged or there is no epoch, else the mean of the last third."""
    war = run["curve"]["war"]
    if run["params"].get("averaged") or "infomax" not in run["curve"]:
        return war[run["rules"]["final"].get("epoch", len(war)) - 1]
    return mean(war[-(len(war) // 3) :])


def over_schemes(*where: Any, **changes: Any) -> float:
    """Mean score of a cell over the six schemes; ``where`` as in `cell`, without the scheme."""
    grid, *rest = where
    return mean(mean(map(score, cell(grid, s, *rest, **changes))) for s in OPEN_SCHEMES)


def drawn(key: str, scheme: str = rankings.MEAN, *, records: list[Record]) -> dict[str, float]:
    """What `HowManySeeds` holds: each method's mean over the seeds, in percent."""
    data = HowManySeeds(records).data
    one = data[key]["schemes"][scheme]
    assert one["seeds"] == list(SEEDS)
    return {m["name"]: 100 * mean(m["units"]) / one["full"] for m in one["methods"]}


def compared(shown: dict[str, float], *others: dict[str, float]) -> None:
    """Say where numbers of equal names differ."""
    for other in others:
        assert list(shown) == list(other)
        assert shown == pytest.approx(other, abs=2e-3)


def test_every_explorable_that_draws_recorded_runs_is_compared_here() -> None:
    takes = {
        name
        for name in explorables.__all__
        if {"records", "board", "series", "runs"} & set(inspect.signature(getattr(explorables, name)).parameters)
    }
    assert takes == COMPARED | TRAINED


# HowManySeeds: chapter 4.3, beside the tables of 4.2, 4.1 and 3.1


def by_fusion(records: list[Record]) -> dict[str, float]:
    """Compare the explorable's set "fusions" with the table of 4.2 and the files."""
    table = {f: fusions.mean(own(), fusions.Join(ALL_FOUR, f)).value for f in rankings.ranked("fusions")}
    changes = {f: {} if f == "attention" else {"fusion": f} for f in table}
    files = {f: over_schemes("streams", "ifn", "default", ALL_FOUR, **change) for f, change in changes.items()}
    shown = drawn("fusions", records=records)
    compared(shown, table, files)
    return shown


def test_seeds_by_fusion_are_the_table_s() -> None:
    shown = by_fusion(own())
    assert shown["attention"] == pytest.approx(46.9, abs=0.05)  # 51.3 is what the search has found
    assert max(shown, key=lambda f: shown[f]) == "concat"


def by_streams(records: list[Record]) -> dict[str, float]:
    """Compare the explorable's set "streams" with the table of 4.1 and the files."""
    kinds = rankings.ranked("streams")
    table = {name: alone.mean(own(), kind.streams, OPEN_SCHEMES, "network").value for name, kind in kinds.items()}
    files = {name: over_schemes("streams", "ifn", "default", kind.streams) for name, kind in kinds.items()}
    assert len(files) == 12
    shown = drawn("streams", records=records)
    compared(shown, table, files)
    return shown


def test_seeds_by_streams_are_the_table_s() -> None:
    shown = by_streams(own())
    assert shown[" + ".join(THREE)] == pytest.approx(43.7, abs=0.05)


@pytest.mark.parametrize("scheme", OPEN_SCHEMES)
def test_seeds_of_the_parts_and_of_both_methods_are_the_tables(scheme: str) -> None:
    parts = ("tlmlda_w", "tlmlda_alpha", "tlmlda_m", "tlmlda_l", "tlmlda", "only_cls")
    names = [published.NAMES[m] for m in parts]
    table = [traced.figure(own(), scheme, m, "recommended-is10", grid="main").value for m in parts]
    files = [mean(map(score, cell("main", scheme, m, "recommended-is10"))) for m in parts]
    compared(
        drawn("parts", scheme, records=own()), *(dict(zip(names, values, strict=True)) for values in (table, files))
    )
    ifn = [fusions.cell(own(), scheme, fusions.Join(THREE, transfer=t)).value for t in ("none", "tlmlda")]
    of_files = [
        mean(map(score, cell("streams", scheme, "ifn", "default", THREE, **change)))
        for change in ({}, {"transfer": "tlmlda"})
    ]
    methods = list(rankings.ranked("methods"))
    compared(
        drawn("methods", scheme, records=own()),
        *(dict(zip(methods, [v[4], v[5], *w], strict=True)) for v, w in ((table, ifn), (files, of_files))),
    )


@pytest.mark.parametrize("compare", [by_fusion, by_streams])
def test_a_selection_that_does_not_ask_for_the_preset_is_found_out(
    compare: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = rankings.Kind.has

    def careless(kind: Any, record: Record) -> bool:
        return asked(kind, record | {"preset": kind.preset})

    monkeypatch.setattr(rankings.Kind, "has", careless)
    with pytest.raises(UserError, match=r"2 settings, .*default-\w+; .*recommended-"):
        compare(own())
    # And were the newest to win, as it did, the numbers would differ: runs of `recommended` are called attention.
    newer = [r for r in own() if r["method"] != "ifn" or r["preset"] == "recommended" or _is_unsearched(r)]
    with pytest.raises(AssertionError, match="comparison failed"):
        compare(newer)


def _is_unsearched(record: Record) -> bool:
    """Whether there is no run of `recommended` in this run's place."""
    streams, others = record["overrides"].get("streams", {}), set(record["overrides"]) - {"streams"}
    return bool(others) or set(streams) not in ({*THREE}, {*ALL_FOUR})


# LossSwitches: chapter 3.1


def test_switches_are_the_tables() -> None:
    data = LossSwitches(own()).data
    methods = data["methods"]
    looked_at = 0
    for run in data["runs"]:
        if run["setting"] != "recommended-is10" or run["switches"] not in methods or run["scheme"] not in OPEN_SCHEMES:
            continue
        method = methods[run["switches"]]
        files = cell("main", run["scheme"], method, "recommended-is10")
        assert run["seeds"] == [r["seed"] for r in files] == list(SEEDS)
        for rule in ("final", "unsupervised", "oracle"):
            table = traced.figure(own(), run["scheme"], method, "recommended-is10", grid="main", rule=rule)
            shown = [war for war, _ in run["rules"][rule]]
            np.testing.assert_allclose(shown, [v for _, v in table.by_seed], atol=1e-3)
            np.testing.assert_allclose(shown, [r["rules"][rule]["war"] for r in files], atol=1e-3)
            assert run["records"] == list(table.records)
        last = [curve[-1] for curve in run["curve"]]
        np.testing.assert_allclose(last, [r["curve"]["war"][-1] for r in files], atol=6e-3)
        looked_at += 1
    assert looked_at == 6 * len(switches.METHODS)


# Leaderboard: chapter 3.3


def test_the_board_is_the_summary() -> None:
    data = Leaderboard(leaderboard.board(own(), draws=20)).board
    entered = [r for r in own() if r["grid"] == "main" and r["scheme"] in OPEN_SCHEMES]
    summary = {
        (row["scheme"], f"{row['method']}:{row['settings']}"): row
        for row in tables.summary(entered, speakers=False).to_dict("records")
    }
    for scheme in OPEN_SCHEMES:
        for label, found in data["figures"][scheme].items():
            method, preset = label.split(":")
            files = cell("main", scheme, method, preset)
            for rule in ("final", "unsupervised", "oracle"):
                for metric in ("war", "uar"):
                    shown = found[rule][metric][0]
                    assert shown == pytest.approx(summary[scheme, label][f"{rule}_{metric}"], abs=1e-4)
                    assert shown == pytest.approx(mean(r["rules"][rule][metric] for r in files), abs=1e-3)
            places = {f"main/{scheme}/{method}/{preset}-{r['options_digest']}/seed-{r['seed']}" for r in files}
            assert set(traced.unfolded(found["records"])) == places
    for label, found in data["figures"][leaderboard.MEAN].items():
        of_schemes = [data["figures"][s][label]["final"]["war"][0] for s in OPEN_SCHEMES]
        assert found["final"]["war"][0] == pytest.approx(mean(of_schemes), abs=1e-4)


# Peeking: chapter 3.4


def test_peeked_curves_end_where_the_audit_says() -> None:
    shown = Peeking(best_epochs.series(own())).series
    compared_cells = 0
    for scheme in best_epochs.SCHEMES:
        audit = best_epochs.audited(own(), scheme)
        columns = ("paper", "README", *best_epochs.COLUMNS)
        for curve in (c for c in shown if c["scheme"] == scheme):
            files = sealed_lines.read(curve["records"])
            assert {(f["scheme"], f["method"], f["preset"]) for f in files} == {
                (scheme, curve["method"], curve["preset"])
            }
            assert {f["grid"] for f in files} <= {"main", "authors"}
            ours = [
                dict(zip(columns, line, strict=True))
                for line in audit.values()
                if isinstance(line[-3], traced.Figure) and list(line[-3].records) == curve["records"]
            ]
            assert len(ours) == 1, (scheme, curve["method"], curve["preset"])
            ends = [war[-1] / 100 for war in curve["war"]]
            tops = [max(war) / 100 for war in curve["war"]]
            np.testing.assert_allclose(ends, [f["rules"]["final"]["war"] for f in files], atol=6e-3)
            assert mean(ends) == pytest.approx(ours[0]["final"].value, abs=6e-3)
            assert mean(tops) == pytest.approx(ours[0]["oracle"].value, abs=6e-3)
            chosen = [war[e - 1] / 100 for war, e in zip(curve["war"], curve["unsupervised"], strict=True)]
            assert mean(chosen) == pytest.approx(ours[0]["unsupervised"].value, abs=6e-3)
            compared_cells += 1
    assert compared_cells > 10


# FeatureMotion: chapter 3.2, whose runs are trained in the page


def test_motion_shows_the_numbers_that_its_page_quotes() -> None:
    pair = made_pair()
    seen = motion.follow(pair, "tlmlda", **SMALL)
    (run,) = FeatureMotion(**given(pair, seen)).runs
    for epoch, row in seen.numbers.iterrows():
        named = np.array([int(code) for code in run["predicted"][epoch]])[pair.target]
        assert 100 * (named == pair.truth).mean() == pytest.approx(row["war"])
        for name, values in run["numbers"].items():
            assert values[epoch] == pytest.approx(row[name])
    clf = methods.make("tlmlda", "quick", random_state=0, **SMALL)
    clf.fit(pair.X, pair.y, sample_domain=pair.sample_domain)
    assert 100 * (clf.target_predictions_[-1] == pair.truth).mean() == pytest.approx(seen.numbers["war"].iloc[-1])
