"""The search for a method's preset: its rule on made scores, where the right answer is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tlmlda_lib import methods
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.experiments import search, settings, store
from tlmlda_lib.methods.ifn.options import IFNOptions
from tlmlda_lib.training import options

ROOT = Path(__file__).parents[1]

Found = dict[tuple[str, str], dict[int, float]]


def key(change: dict[str, Any]) -> str:
    return store.options_digest(search.options_of(change))


def played(worth: dict[str, float], of: str = "", to: float = 0.0, seed: int = 0) -> Found:
    """Scores of a whole search in which each change is worth some points, whatever else was changed; schemes with the
    corpus ``of`` have others."""
    found: Found = {}
    noise = np.random.default_rng(seed)
    while cells := search.todo(found):
        for cell in cells:
            changed = [n for n, c in search.singles().items() if n != "start" and holds(cell.params, c)]
            points = sum(worth.get(n, -1.0) for n in changed) + (to if of and of in cell.scheme else 0.0)
            k = (store.options_digest(cell.params), cell.scheme)
            found.setdefault(k, {})[cell.seed] = 40 + points + 1e-3 * noise.standard_normal()
    return found


def holds(params: Any, change: dict[str, Any]) -> bool:
    alpha = {f"alpha_{n}": a for n, a in params.get("alpha", options.START.alpha).items()}
    return all((params | alpha).get(k) == v for k, v in change.items())


@pytest.mark.parametrize(
    ("space", "start"),
    [(search.TLMLDA, options.START), (search.IFN, IFNOptions(transfer="tlmlda"))],
    ids=list(search.SPACES),
)
def test_every_setting_can_be_made_and_there_are_at_most_sixty(space: search.Space, start: Any) -> None:
    alone = search.singles(space)
    for change in alone.values():
        made = methods.make(space.method, space.preset, **search.options_of(change, space)).options()
        assert (made == start) == (not change)
    assert len(alone) + len(search.VIEWS) * len(search.TOGETHER) <= 60
    assert len({store.options_digest(search.options_of(c, space)) for c in alone.values()}) == len(alone)


def test_ifn_is_searched_by_the_same_rule() -> None:
    space = search.IFN
    found: Found = {}
    while cells := search.todo(found, space):
        for cell in cells:
            assert (cell.method, cell.preset, cell.grid) == ("ifn", "default", "search-ifn")
            points = 2 * (cell.params["transfer"] == "none") + 3 * cell.params.get("ramp", False)
            k = (store.options_digest(cell.params), cell.scheme)
            found.setdefault(k, {})[cell.seed] = 40 + points - len(cell.params) / 10
    for view in search.VIEWS:
        assert search.chosen(found, view, space) == {"ramp": True, "transfer": "none"}
    record = {"grid": "search-ifn", "method": "ifn", "preset": "default", "scheme": "B2C", "seed": 1}
    record |= {"options_digest": "0", "overrides": {"transfer": "none"}}
    record["rules"] = {"final": {"war": 41.5}}
    assert search.scores([record, record | {"grid": "search"}], space) == {
        (store.options_digest({"transfer": "none"}), "B2C"): {1: 41.5}
    }
    assert search.scores([record]) == {}


@pytest.mark.parametrize("letter", "BCR")
def test_a_corpus_is_judged_where_it_does_not_occur(letter: str) -> None:
    assert len(search.VIEWS[letter]) == 2
    assert not any(letter in scheme for scheme in search.VIEWS[letter])


def test_factors_of_losses_are_put_together() -> None:
    assert search.options_of({"alpha_LMMD": 4.0, "epochs": 30}) == {
        "epochs": 30,
        "alpha": {"S": 0.1, "T": 0.1, "y": 1.0, "MMD": 1.0, "LMMD": 4.0},
    }
    assert search.options_of({"epochs": 30}) == {"epochs": 30}


def test_the_search_finds_what_was_hidden_and_ends() -> None:
    found = played({"epochs=120": 2.0, "dropout=0.3": 1.0, "alpha_LMMD=2": 3.0})
    for view in search.VIEWS:
        assert search.chosen(found, view) == {"alpha_LMMD": 2.0, "epochs": 120, "dropout": 0.3}
    log = search.log(found)
    assert len(log) <= 60
    assert (log["chosen for"] == "B, C, R, any").sum() == 1
    assert log[[f"for {view}" for view in search.VIEWS]].notna().all(axis=None)


def test_where_nothing_gains_the_start_stays() -> None:
    found = played({})
    assert all(search.combinations(found, view) == [] for view in search.VIEWS)
    assert all(search.chosen(found, view) == {} for view in search.VIEWS)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("letter", "BCR")
def test_a_choice_never_hangs_on_schemes_with_its_corpus(letter: str, seed: int) -> None:
    found = played({"epochs=120": 2.0, "noise_std=2": 1.5}, seed=seed)
    other = {k: dict(v) for k, v in found.items()}
    rng = np.random.default_rng(seed)
    for (_, scheme), by_seed in other.items():
        if letter in scheme:
            for k in by_seed:
                by_seed[k] = 100 * rng.random()
    assert search.chosen(found, letter) == search.chosen(other, letter)


def test_a_change_of_a_taken_option_is_passed_over() -> None:
    rank = search.name_of(search.CHANGES["scaling"][0])
    found = played({rank: 9.0, "noise_std=2": 5.0, "noise_std=0.3": -3.0, "epochs=30": 1.0})
    for together in search.combinations(found, "B"):
        assert together["noise_std"] == 0.3
        assert search.options_of(together)["scaling"] == "rank"


def test_scores_are_read_from_records_of_the_search_alone() -> None:
    record = {"grid": "search", "method": "tlmlda", "preset": "start", "scheme": "B2C", "seed": 1}
    record |= {"options_digest": "0", "overrides": {"epochs": 30}}
    record["rules"] = {"final": {"war": 41.5}}
    others = [record | {"grid": "main"}, record | {"preset": "quick"}]
    assert search.scores([record, *others]) == {(key({"epochs": 30}), "B2C"): {1: 41.5}}
    assert set(search.VIEWS["any"]) == set(OPEN_SCHEMES)


@pytest.mark.parametrize("space", search.SPACES.values(), ids=list(search.SPACES))
def test_the_preset_is_what_the_search_chose(space: search.Space) -> None:
    records, problems = store.scan(ROOT / "results", grid=space.grid)
    found = search.scores(records, space)
    assert not problems
    assert search.todo(found, space) == []
    for view in search.VIEWS:
        change = search.options_of(search.chosen(found, view, space), space)
        chosen = methods.make(space.method, space.preset, **change).options()
        preset = settings.SEARCHED[space.method]
        how = {} if view == "any" else settings.of(space.method, preset, {"B": "C2B"}.get(view, f"B2{view}"))
        assert methods.make(space.method, preset, **how).options() == chosen, view


@pytest.mark.parametrize("space", [search.TLMLDA, search.IFN], ids=list(search.SPACES))
def test_the_log_has_each_setting_once(space: search.Space) -> None:
    found = search.scores(store.scan(ROOT / "results", grid=space.grid)[0], space)
    names = [frozenset(name.split(", ")) for name in search.log(found, space)["setting"]]
    assert len(set(names)) == len(names) > 30


def test_a_method_takes_its_own_recommended_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.RECOMMENDED_FOR["ifn"], "B", {"epochs": 7})
    assert settings.of("ifn", "recommended", "C2B-female") == {"epochs": 7}
    assert settings.of("ifn", "recommended", "C2B", {"epochs": 5}) == {"epochs": 5}
    assert settings.of("ifn", "recommended", "B2C") == {}
    assert "epochs" not in settings.of("tlmlda", "recommended-is10", "C2B")
    assert settings.of("ifn", "default", "C2B") == settings.of("pca_svm", "zscore", "C2B") == {}
