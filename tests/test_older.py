"""Records of version 0.1, whose factors were five in a row, are read as records of today."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_sealed import run_of

from tlmlda_lib import methods
from tlmlda_lib.experiments import contents, older, run, sealed, sealing, store
from tlmlda_lib.training.options import FIVE

ROOT = Path(__file__).parents[1]

#: Lines that version 0.1 wrote: of every collection with such factors a record or two.
KEPT = sorted((ROOT / "tests" / "form_2").glob("*.jsonl"))

Record = dict[str, Any]


def as_written(file: Path) -> list[Record]:
    """The records of a file with nothing done to them."""
    first, *lines = file.read_text(encoding="utf-8").splitlines()
    assert json.loads(first)["format"] == older.FORMAT == sealed.FORMAT - 1
    return sealed.records_of([json.dumps(json.loads(first) | {"format": sealed.FORMAT}), *lines], file)


PAIRS = [(a, older.today(a)) for file in KEPT for a in as_written(file)]


@pytest.mark.parametrize("file", KEPT, ids=lambda f: f.stem)
def test_they_are_the_committed_records(file: Path) -> None:
    committed = store.collection(ROOT / "results" / file.name)
    for record in sealed.read(file):
        assert committed[sealed.key(record)] == record


@pytest.mark.parametrize(("old", "new"), PAIRS, ids=lambda r: "-".join(map(str, sealed.key(r))))
def test_factors_and_a_preset_get_names_and_nothing_else_changes(old: Record, new: Record) -> None:
    assert old.keys() == new.keys()
    changed = {k for k in old if old[k] != new[k]}
    assert changed <= {"params", "overrides", "options_digest", "preset"}
    searched = old["preset"] == "recommended" and old["method"] != "ifn"
    assert new["preset"] == ("recommended-is10" if searched else old["preset"])
    for part in changed - {"options_digest", "preset"}:
        assert {k for k in old[part] if old[part][k] != new[part][k]} == {"alpha"}
        assert list(new[part]["alpha"].items()) == list(zip(FIVE, old[part]["alpha"], strict=True))


def test_each_kind_of_change_is_among_them() -> None:
    seen = {(old["method"], frozenset(k for k in old if old[k] != new[k])) for old, new in PAIRS}
    assert {("pca_svm", frozenset()), ("tlmlda_m", frozenset({"options_digest", "preset"}))} < seen
    assert ("tlmlda", frozenset({"params", "overrides"})) in seen  # the default factors are in no digest
    assert {(m, frozenset({"params", "overrides", "options_digest"})) for m in ("tlmlda", "ifn")} < seen


def test_every_committed_record_has_the_name_that_its_cell_has_today() -> None:
    cells = {}
    for r in store.scan(ROOT / "results")[0]:
        names = tuple(r[k] for k in ("scheme", "method", "preset", "options_digest"))
        cells[*names, store.options_digest(r["overrides"]), tuple(r["data"]["features"])] = r
    assert len(cells) > 1000
    for (*cell, digest, _, features), r in cells.items():
        found = run.named(*cell, params=r["overrides"], features=features)[2]["options_digest"]
        assert found == digest, store.place(r)


def single(folder: Path, record: Record) -> Path:
    """A run of form 2 as version 0.1 left it."""
    file = store.path(folder, **record)
    store.keep(file, record | {"format": older.FORMAT})
    return file


@pytest.fixture
def old() -> Record:
    """A whole run, as version 0.1 named it."""
    params = contents.options(methods.make("tlmlda", "quick"))[0]
    row = [0.1, 0.1, 1, 1, 1]
    own = contents.options(methods.make("tlmlda", "quick"))[1] | {"alpha": row}
    return run_of(params=params | {"alpha": row}, options_digest=store.options_digest(own))


def test_single_runs_are_found_where_they_lie(tmp_path: Path, old: Record) -> None:
    file = single(tmp_path, old)
    cell = run.named("C2B", "tlmlda", "quick", 0)[2]
    assert cell["options_digest"] != old["options_digest"]
    (record,), problems = store.scan(tmp_path)
    assert not problems
    assert record["params"]["alpha"] == {"S": 0.1, "T": 0.1, "y": 1, "MMD": 1, "LMMD": 1}
    assert store.find_cell(cell, tmp_path) == record
    assert store.state([cell], tmp_path) == "kept"
    assert store.where(record, tmp_path) == file
    assert store.find_cell(cell | {"seed": 1}, tmp_path) is None
    (folded,) = sealing.seal(tmp_path, tmp_path / "results", remove=True)
    assert (folded.new, folded.removed) == (1, 1)
    assert store.find_cell(cell, tmp_path / "results")["rules"] == record["rules"]


def test_a_single_run_is_found_by_the_name_that_its_preset_has_today(tmp_path: Path) -> None:
    before, today = next((a, b) for a, b in PAIRS if a["preset"] != b["preset"] and "params" in a)
    file = single(tmp_path, before)
    assert file.parent.name.startswith("recommended-")
    assert store.find_cell(today, tmp_path) == today | {"format": store.FORMAT}
    assert store.where(today, tmp_path) == file
    assert store.scan(tmp_path) == ([today | {"format": store.FORMAT}], [])


def test_a_run_that_was_made_anew_counts_rather_than_the_older_one(tmp_path: Path, old: Record) -> None:
    single(tmp_path, old)
    new = older.today(old) | {"date": "2027-01-01T00:00:00+00:00"}
    written = store.write(store.path(tmp_path, **new), new)
    assert store.scan(tmp_path) == ([written], [])
    assert store.find_cell(new, tmp_path) == written


def test_a_digest_that_does_not_follow_from_the_options_stays(old: Record) -> None:
    new = older.today(old | {"options_digest": "0123abcd"})
    assert new["options_digest"] == "0123abcd"
    assert new["params"]["alpha"]["y"] == 1


def test_what_has_no_such_factors_is_as_it_was() -> None:
    for record in (
        run_of(method="mine", params={"alpha": [1, 2, 3, 4, 5]}),
        run_of(method="tsdsl", params={"alpha": 2.0}),
        run_of(params={"epochs": 3}),
    ):
        assert older.today(record) == record


def test_a_file_of_another_form_is_refused(tmp_path: Path, old: Record) -> None:
    file = single(tmp_path, old)
    store.keep(file, old | {"format": 1})
    assert "has the form 1, this library reads form 3" in store.scan(tmp_path)[1][0]
