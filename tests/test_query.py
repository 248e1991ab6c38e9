"""Which records count, and what a record depends on."""

from __future__ import annotations

import pytest
from test_sealed import run_of

from tlmlda_lib import domains, methods
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import query, revisions, store
from tlmlda_lib.features import pretrained
from tlmlda_lib.training import trainer

QUICK = query.Kind("tlmlda", "quick")


def test_a_kind_tells_collection_method_preset_and_every_option():
    assert QUICK.has(run_of())
    for other in ({"grid": "authors"}, {"method": "only_cls"}, {"preset": "paper"}, {"overrides": {"epochs": 5}}):
        assert not QUICK.has(run_of(**other)), other
    changed = query.Kind("tlmlda", "quick", {"alpha": (1, 2)}, ("prices",))
    assert changed.has(run_of(grid="prices", overrides={"alpha": [1, 2]}))
    assert not changed.has(run_of(grid="prices", overrides={"alpha": [1, 2], "epochs": 5}))
    assert not changed.has(run_of(grid="main", overrides={"alpha": [1, 2]}))


def test_runs_come_scheme_by_scheme_and_by_seed():
    records = [run_of(k, scheme=s) for k in (10, 2, 0) for s in ("C2B", "B2C")] + [run_of(preset="paper")]
    assert [(r["scheme"], r["seed"]) for r in query.runs(records, QUICK)] == [
        (s, k) for s in ("C2B", "B2C") for k in (0, 2, 10)
    ]
    assert [r["seed"] for r in query.runs(records, QUICK, "B2C")] == [0, 2, 10]
    assert query.runs([], QUICK) == []


def test_two_settings_of_one_name_are_an_error_that_names_both():
    records = [run_of(0), run_of(0, options_digest="4567cdef")]
    for ask in (lambda: query.runs(records, QUICK), lambda: query.selected(records)):
        with pytest.raises(
            UserError, match=r"main/C2B/tlmlda/quick-0123abcd; main/C2B/tlmlda/quick-4567cdef: keep one"
        ):
            ask()
    with pytest.raises(UserError, match=r"seed-0 occurs twice"):
        query.one_set([run_of(0), run_of(0)])
    with pytest.raises(UserError, match=r"authors/C2B.*main/C2B|main/C2B.*authors/C2B"):
        query.one_set([run_of(0), run_of(1, grid="authors")])


def test_fresh_runs_count_rather_than_stale_ones():
    old = {"revisions": {"method tlmlda": 0}}
    records = [run_of(0), run_of(1, **old), run_of(2)]
    assert [r["seed"] for r in query.one_set(records)] == [0, 2]
    assert query.selected(records) == [records[0], records[2]]
    every = [run_of(k, **old) for k in (0, 1)]
    assert query.one_set(every) == every  # shown, and said to be stale
    moved = [run_of(0, options_digest="4567cdef", **old), run_of(0)]  # the preset has changed since
    assert query.one_set(moved) == [moved[1]]


def test_a_record_keeps_the_revisions_that_it_depends_on(monkeypatch):
    found = revisions.depends_on(methods.make("tlmlda"), ("is10", "resemblyzer"), voices=True)
    assert found == dict.fromkeys(
        ("features is10", "features resemblyzer", "method tlmlda", "pair", "sound", "trainer", "voices"), 1
    )
    plain = revisions.depends_on(methods.make("pca_svm"), ("egemaps",))
    assert set(plain) == {"features egemaps", "method pca_svm", "pair", "sound"}
    assert "features whisper-tiny.en" in revisions.depends_on(methods.make("ifn"), ("whisper-tiny.en",))
    record = run_of(revisions=found)
    assert store.stale(record) == []
    monkeypatch.setattr(trainer, "REVISION", 2)
    assert store.stale(record) == ["trainer"]
    assert store.stale(run_of(revisions=plain)) == []
    monkeypatch.setattr(domains, "REVISION", 2)
    assert store.stale(run_of(revisions=plain)) == ["pair"]
    monkeypatch.setattr(methods.TLMLDA, "revision", 2)
    assert store.stale(record) == ["method tlmlda", "pair", "trainer"]
    assert revisions.current("method tlmlda_w") == 2  # an ablation is its method with something left out
    monkeypatch.setattr(pretrained.Encoder, "revision", 2)
    assert revisions.current("features whisper-tiny.en") == 2


def test_what_is_gone_makes_stale_and_a_method_of_ones_own_does_not():
    assert store.stale(run_of(revisions={"method gone": 1})) == ["method gone"]

    class Mine(methods.TLMLDA):
        pass

    assert "method Mine" in revisions.depends_on(Mine(), ("is10",))
