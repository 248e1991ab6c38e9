"""Sealed collections: what is kept, what comes back, and what survives damage, rivals and kill -9."""

from __future__ import annotations

import json
import multiprocessing
import random
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import contents, plans, query, sealed, sealing, shipped, store

ROOT = Path(__file__).parents[1]
NAMES = ("anger", "happy", "sad")


def run_of(
    seed: int = 0, *, epochs: int = 7, said: bool = True, averaged: float = 0.0, **changes: Any
) -> dict[str, Any]:
    """A whole record of a run that was never made, as `run_cell` leaves it."""
    rng = np.random.default_rng([seed, epochs])
    truth, who = np.tile([0, 0, 1, 2, 2], 4), np.repeat(["b", "a", "d", "c"], 5)
    predicted = rng.integers(0, 3, (epochs, 20))
    hits = predicted == truth
    order = np.lexsort((truth, who))
    infomax = rng.random(epochs)

    def rule(row: int, chosen_by: str) -> dict[str, Any]:
        confusion = np.zeros((3, 3), dtype=int)
        np.add.at(confusion, (truth, predicted[row]), 1)
        recalls = [hits[row][truth == c].mean() for c in range(3)]
        rates = {"war": 100 * hits[row].mean(), "uar": 100 * np.mean(recalls), "confusion": confusion}
        return {**rates, "hits": contents.pack(hits[row], truth, who), "chosen_by": chosen_by, "epoch": row + 1}

    rules = {
        "final": rule(epochs - 1, "nobody"),
        "unsupervised": rule(int(infomax.argmax()), "infomax") | {"criterion": "infomax"},
        "oracle": rule(int(hits.mean(1).argmax()), "target labels"),
    }
    curve = {
        "war": 100 * hits.mean(1),
        "uar": 100 * np.mean([hits[:, truth == c].mean(1) for c in range(3)], axis=0),
        **{
            name: rng.normal(size=epochs)
            for name in ("bnm", "snd", "negative_entropy", "loss_y", "weight_y", "seconds")
        },
        "infomax": infomax,
    }
    record = {
        "grid": "main",
        "scheme": "C2B",
        "method": "tlmlda",
        "preset": "quick",
        "options_digest": "0123abcd",
        "seed": seed,
        "params": {"epochs": epochs, "averaged": averaged},
        "overrides": {},
        "classes": list(NAMES),
        "utterances": {s: [2, 1, 2] for s in "abcd"},
        "rules": rules,
        "curve": curve,
        "revisions": {"method tlmlda": 1},
        "date": "2026-11-29T00:00:00+00:00",
        "seconds": 1.5,
    }
    if said:
        words = "".join(map(str, predicted[-1][order]))
        record["said"] = {"predicted": words, "confidence": rng.integers(0, 256, 20, dtype=np.uint8).tobytes().hex()}
    return record | changes


def written(folder: Path, record: dict[str, Any]) -> dict[str, Any]:
    return store.write(store.path(folder, **record), record)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 99), st.integers(1, 90), st.booleans())
def test_what_is_kept_comes_back_to_the_digit(tmp_path_factory, seed, epochs, said):
    folder = tmp_path_factory.mktemp("any")
    record = written(folder / "runs", run_of(seed, epochs=epochs, said=said))
    (back,) = sealed.records_of(sealed.lines([record]), "")
    assert back == sealed.kept(record)
    assert list(sealed.lines([back])) == list(sealed.lines([record]))  # sealed again it is the same
    assert back["rules"] == record["rules"]
    assert (back["curve"]["war"], back["curve"]["uar"]) == (record["curve"]["war"], record["curve"]["uar"])
    assert not {"loss_y", "seconds"} & set(back["curve"])
    for name in ("infomax", "bnm", "snd", "negative_entropy"):
        was, now = record["curve"][name], back["curve"][name]
        assert np.argmax(now) == np.argmax(was)
        assert now == pytest.approx(was, rel=1.1e-3)
        if name == "infomax" and epochs > sealed.LONG:  # every beginning of a long run chooses as it did
            assert all(np.argmax(now[:n]) == np.argmax(was[:n]) for n in range(1, epochs + 1))


def test_one_seed_of_a_cell_keeps_the_curves_of_its_weights(tmp_path):
    records = [written(tmp_path, run_of(k, epochs=50)) for k in (3, 1, 2)]
    back = sealed.records_of(sealed.lines(records), "")
    assert [r["seed"] for r in back] == [1, 2, 3]
    assert [len(r["curve"]["weight_y"]) for r in back] == [sealed.POINTS, 1, 1]
    for r, was in zip(back, sorted(records, key=sealed.key), strict=True):
        assert r["curve"]["weight_y"][-1] == was["curve"]["weight_y"][-1]


def test_what_runs_share_is_said_once_and_lines_are_in_the_order_of_keys(tmp_path):
    records = [written(tmp_path, run_of(k)) for k in range(12)]
    lines = [json.loads(line) for line in sealed.lines(random.Random(0).sample(records, 12))]
    assert lines[0] == {"collection": "main", "format": sealed.FORMAT, "runs": 12}
    assert sum("is" in line for line in lines) == len(sealed.SHARED)
    seeds = [line["seed"] for line in lines if "seed" in line]
    assert seeds == sorted(range(12), key=lambda k: f"seed-{k}.json")


def test_what_a_search_was_sure_of_is_not_kept(tmp_path):
    (back,) = sealed.records_of(sealed.lines([written(tmp_path, run_of(grid="search"))]), "")
    assert set(back["said"]) == {"predicted"}


def test_of_a_search_over_features_only_scores_are_kept(tmp_path):
    one = written(tmp_path, run_of(grid="search-features"))
    (back,) = sealed.records_of(sealed.lines([one]), "")
    assert set(back["curve"]) == {"war", "uar"}
    assert "said" not in back
    assert back["rules"]["final"]["war"] == one["rules"]["final"]["war"]


def test_a_rule_that_would_not_come_back_stays_as_it_is(tmp_path):
    odd = run_of()
    odd["rules"]["final"]["war"] = 12.5  # not what its hits say
    odd["curve"]["war"][0] = 33.3333
    record = written(tmp_path, odd)
    (back,) = sealed.records_of(sealed.lines([record]), "")
    assert (back["rules"], back["curve"]["war"]) == (record["rules"], record["curve"]["war"])


def test_the_last_third_of_a_run_without_averaged_weights_comes_back(tmp_path):
    record = written(tmp_path, run_of(late={"epochs": [5, 6, 7], "hits": ["a0", "ff", "01"]}))
    (back,) = sealed.records_of(sealed.lines([record]), "")
    assert back["late"] == record["late"]


@pytest.mark.parametrize("cut", ["{", '{"seed": 1}\n', '{"how":7,"on":0,"by":0,"seed":1}\n', "[1]\n"])
def test_a_damaged_line_is_named(tmp_path, cut):
    file = tmp_path / "main.jsonl"
    sealed.write(file, [written(tmp_path / "runs", run_of())])
    file.write_text(file.read_text(encoding="utf-8") + cut, encoding="utf-8")
    with pytest.raises(UserError, match=r"main.jsonl is damaged in line 6 .*"):
        sealed.read(file)
    records, problems = store.scan(tmp_path)
    assert records == []
    assert len(problems) == 1
    file.write_text('{"collection":"main","format":9}\n')
    with pytest.raises(UserError, match="form 9, this library reads form 3"):
        sealed.read(file)


def test_runs_are_folded_and_stay_until_they_are_to_go(tmp_path):
    runs, results = tmp_path / "runs", tmp_path / "results"
    records = [written(runs, run_of(k)) for k in range(3)] + [written(runs, run_of(grid="parts"))]
    main, parts = sealing.seal(runs, results)
    assert (main.collection, main.new, main.changed, main.same, main.total) == ("main", 3, 0, 0, 3)
    assert parts.total == 1
    found, problems = store.scan(results)
    assert not problems
    assert [sealed.key(r) for r in found] == [sealed.key(r) for r in records]
    assert store.scan(results, runs)[0] == records  # a single run counts rather than a sealed one
    anew = written(runs, run_of(1, date="2026-11-30T00:00:00+00:00"))
    (again,) = sealing.seal(runs, results, ["main"], remove=True)
    assert (again.new, again.changed, again.same, again.removed) == (0, 1, 2, 3)
    assert [f.relative_to(runs).parts[0] for f in runs.rglob("seed-*.json")] == ["parts"]
    assert store.find_cell(anew, results, runs)["date"] == anew["date"]
    assert store.where(anew, results, runs) == results / "main.jsonl"
    assert store.where(records[-1], results, runs) == store.path(runs, **records[-1])
    assert sorted(f.name for f in results.iterdir() if f.suffix == ".jsonl") == ["main.jsonl", "parts.jsonl"]


def test_nothing_is_folded_where_something_is_wrong(tmp_path):
    runs, results = tmp_path / "runs", tmp_path / "results"
    with pytest.raises(UserError, match="no single runs to fold"):
        sealing.seal(runs, results)
    file = store.path(runs, **run_of())
    written(runs, run_of())
    with pytest.raises(UserError, match="no single run of streams: it has main"):
        sealing.seal(runs, results, ["streams"])
    sealing.seal(runs, results)
    before = (results / "main.jsonl").read_bytes()
    written(runs, run_of(1))
    file.write_text('{"half')
    with pytest.raises(UserError, match=r"nothing was folded .*damaged"):
        sealing.seal(runs, results)
    assert (results / "main.jsonl").read_bytes() == before
    (results / "main.jsonl").write_text("half a line")
    file.unlink()
    with pytest.raises(UserError, match="damaged in line 1"):
        sealing.seal(runs, results)
    assert (results / "main.jsonl").read_text() == "half a line"


def _fold(where: tuple[Path, Path]) -> None:
    for _ in range(5):
        sealing.seal(*where)


def test_two_that_fold_at_once_lose_nothing(tmp_path):
    folders = [tmp_path / name for name in ("one", "other")]
    for i, folder in enumerate(folders):
        for k in range(10):
            written(folder, run_of(2 * k + i))
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(_fold, [(folder, tmp_path / "results") for folder in folders])
    assert {r["seed"] for r in store.scan(tmp_path / "results")[0]} == set(range(20))


# The library's own


def every() -> list[Any]:
    return [r for file in sorted((ROOT / "results").glob("*.jsonl")) for r in shipped.records(file.stem)]


def test_the_library_keeps_what_pages_read_and_nothing_else():
    """The keys of `query.Record` are those that are read; what a page would read besides is not there."""
    fields = {f: set(get_type_hints(f)) for f in (query.Record, query.Rule, query.Said, query.Data, query.Late)}
    curves = {"war", "uar", "infomax", "bnm", "snd", "negative_entropy"}
    weights = {f"weight_{name}" for name in ("S", "T", "y", "MMD", "LMMD")}
    for r in every():
        assert set(r) <= fields[query.Record], store.place(r)
        for rule in r.get("rules", {}).values():
            assert set(rule) <= fields[query.Rule]
        assert set(r.get("said", {})) <= fields[query.Said]
        assert set(r["data"]) <= fields[query.Data]
        assert set(r.get("curve", {})) <= curves | weights


def test_sizes_and_files_stay_within_bounds():
    files = sorted((ROOT / "results").iterdir())
    visible = [f for f in files if not f.name.startswith(".")]
    assert {f.suffix for f in visible} == {".jsonl"}
    assert len(visible) <= 13
    runs = len(every())
    size = sum(f.stat().st_size for f in visible)
    print(f"{runs} runs in {len(visible)} files, {size / runs:.0f} bytes a run")
    assert size / runs <= 5000


def test_a_committed_collection_that_is_sealed_again_is_the_same():
    for file in sorted((ROOT / "results").glob("*.jsonl")):
        assert [*sealed.lines(sealed.read(file))] == file.read_text(encoding="utf-8").splitlines(), file.name


def test_no_committed_record_is_stale_and_all_of_a_name_are_of_one_setting():
    records = every()
    assert len(records) >= 2860
    assert {r["grid"] for r in records} - {r["grid"] for r in shipped.records()} == {"figure2", "stress"}
    assert [store.place(r) for r in records if store.stale(r)] == []
    assert len(query.selected(records)) == len(records)
    recommended = [
        r for r in records if (r["grid"], r["method"], r["preset"]) == ("main", "tlmlda", "recommended-is10")
    ]
    for r in recommended:  # the preset is what it was when they were made
        cell = plans.Cell(r["scheme"], r["method"], r["preset"], r["seed"])
        assert cell.names()["options_digest"] == r["options_digest"]
