"""The search over features: its rule on made scores, where the right answer is known."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tlmlda_lib import methods
from tlmlda_lib.domains import schemes
from tlmlda_lib.experiments import choosing, store
from tlmlda_lib.features import embeddings
from tlmlda_lib.training import options

ROOT = Path(__file__).parents[1]


def named(name: str) -> choosing.Setting:
    return next(s for s in choosing.SETTINGS if s.name == name)


def whole(worth: dict[str, float], spared: str = "") -> dict[tuple[str, str], dict[int, float]]:
    """Scores of a whole search in which each setting is worth some points, on pairs with a corpus the other way."""
    found: dict[tuple[str, str], dict[int, float]] = {}
    while cells := choosing.todo(found):
        for cell in cells:
            name = next(s.name for s in choosing.SETTINGS if choosing.cell(s, cell.scheme, cell.seed) == cell)
            sign = -1 if spared and spared in schemes.parse(cell.scheme).corpora else 1
            found.setdefault((name, cell.scheme), {})[cell.seed] = 50 + sign * worth.get(name, 0) + cell.seed / 10
    return found


def test_there_are_twenty_settings_that_can_be_made_and_differ() -> None:
    assert len(choosing.SETTINGS) == 20
    for setting in choosing.SETTINGS:
        methods.make(setting.method, choosing.PRESET, **setting.params)
        assert all(embeddings.with_layers(name)[0] for name in setting.features)
    assert len({choosing.cell(s, "C2B").place("") for s in choosing.SETTINGS}) == 20
    assert len({s.name for s in choosing.SETTINGS}) == 20


def test_views_leave_their_corpus_out() -> None:
    assert len(choosing.SCHEMES) == len(set(choosing.SCHEMES)) == 20
    assert {v: len(of) for v, of in choosing.VIEWS.items()} == dict.fromkeys(("B", "C", "R", "urdu", "turev"), 12) | {
        "any": 20
    }
    for view, name in zip(choosing.VIEWS, choosing.CORPORA, strict=False):
        assert not any(name in schemes.parse(s).corpora for s in choosing.VIEWS[view])


def test_the_search_finds_what_was_hidden_and_ends() -> None:
    found = whole({"LMMD 3": 2.0, "noise 2": 1.0, "self-training": 9.0})
    assert {choosing.chosen(found, view).name for view in choosing.VIEWS} == {"LMMD 3"}
    assert choosing.chosen(found, "any", "tlmlda_self").name == "self-training"
    log = choosing.log(found)
    assert log.set_index("setting").loc["LMMD 3", "chosen for"] == "B, C, R, urdu, turev, any"
    assert log[[f"for {view}" for view in choosing.VIEWS]].notna().all(axis=None)
    assert choosing.judged(found, named("LMMD 3"), "any", choosing.SEEDS) == pytest.approx(52.2)


@pytest.mark.parametrize(("view", "name"), list(zip(choosing.VIEWS, choosing.CORPORA, strict=False)))
def test_a_corpus_own_scores_have_no_say_in_its_choice(view: str, name: str) -> None:
    found = whole({"LMMD 3": 2.0}, spared=name)
    assert choosing.chosen(found, view).name == "LMMD 3"
    upside = {
        key: dict.fromkeys(of, 100.0 - of[0]) if name in schemes.parse(key[1]).corpora else of
        for key, of in found.items()
    }
    assert choosing.chosen(upside, view) == choosing.chosen(found, view)


def test_scores_are_read_from_records_of_this_search_alone() -> None:
    setting = named("LMMD 3")
    record = {
        "grid": choosing.GRID,
        "method": setting.method,
        "preset": "start",
        "scheme": "B2C",
        "seed": 0,
        "options_digest": "0" * 8,
        "overrides": dict(setting.params),
        "data": {"features": list(setting.features)},
        "rules": {"final": {"war": 41.5}},
        "revisions": {},
    }
    others = [record | change for change in ({"grid": "main"}, {"method": "ifn"}, {"overrides": {"epochs": 3}})]
    assert choosing.scores([record, *others]) == {(setting.name, "B2C"): {0: 41.5}}


def test_every_cell_is_asked_for_once() -> None:
    cells = choosing.todo({})
    assert len(cells) == len({c.place("") for c in cells}) == 400
    assert {(c.scheme, c.seed) for c in cells} == set(itertools.product(choosing.SCHEMES, (0,)))


def test_the_presets_are_what_the_search_chose() -> None:
    found = choosing.scores(store.scan(ROOT / "results", grid=choosing.GRID)[0])
    for view in choosing.VIEWS:
        chosen = choosing.chosen(found, view)
        preset = "recommended" if view == "any" else f"recommended-without-{view}"
        assert methods.make("tlmlda", preset).options() == methods.make("tlmlda", "start", **chosen.params).options()
    assert set(options.CHOSEN) == set(choosing.VIEWS)
    log = choosing.log(found)
    assert log[[f"for {view}" for view in choosing.VIEWS]][:18].notna().all(axis=None)
