"""A grid on processes and on Dask: the same figures whoever computes them, and whatever dies on the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from stand_ins import made_pair

from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import grid, plans, store

SMALL = {"encoder": (12, 8), "emotion": (8, 6), "epochs": 6, "batch_size": 16}


def load(scheme: str):
    return made_pair(seed=len(scheme) + ord(scheme[0]), scheme=scheme)


def cells(schemes=("C2B", "B2C"), methods=("tlmlda", "pca_svm"), seeds=2, **params):
    return plans.cells(schemes, methods, ["quick"], seeds, params=SMALL | params)


def ran(tmp_path, name, which=None, by=load, **how):
    """Outcomes by cell; records below ``name``."""
    folders = {
        "runs": tmp_path / name,
        "results": tmp_path / name,
        "checkpoint_folder": tmp_path / f"unfinished-{name}",
        "jobs": 0,
    }
    return {o.cell: o for o in grid.run_grid(which or cells(), by, **(folders | how))}


def figures(tmp_path, name):
    records, problems = store.scan(tmp_path / name)
    assert not problems
    return [store.reproducible(r) for r in records]


def states(outcomes):
    return sorted(o.state for o in outcomes.values())


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    """What this process makes of the grid."""
    folder = tmp_path_factory.mktemp("quiet")
    assert states(ran(folder, "one")) == ["done"] * 6
    return figures(folder, "one")


def test_two_processes_give_the_figures_of_one(tmp_path, quiet):
    outcomes = ran(tmp_path, "two", jobs=2)
    assert states(outcomes) == ["done"] * 6
    assert figures(tmp_path, "two") == quiet
    assert not list((tmp_path / "unfinished-two").iterdir())
    assert all(o.record == store.read(o.cell.place(tmp_path / "two")) for o in outcomes.values())


def test_what_is_finished_is_not_repeated_and_needs_no_pair(tmp_path, quiet):
    ran(tmp_path, "r", cells(seeds=1))
    before = {f: f.stat().st_mtime_ns for f in (tmp_path / "r").rglob("*.json")}
    loaded = []
    outcomes = ran(tmp_path, "r", by=lambda scheme: loaded.append(scheme) or load(scheme))
    assert states(outcomes) == ["done"] * 2 + ["kept"] * 4
    assert loaded == ["C2B", "B2C"]  # once for each scheme that has something to run
    assert all(f.stat().st_mtime_ns == t for f, t in before.items())
    assert figures(tmp_path, "r") == quiet
    loaded.clear()
    assert states(ran(tmp_path, "r", by=loaded.append)) == ["kept"] * 6
    assert not loaded


def test_stale_records_are_remade_when_asked(tmp_path):
    one = cells(["C2B"], ["tlmlda"], 2)
    ran(tmp_path, "r", one)
    file = one[0].place(tmp_path / "r")
    record = store.read(file)
    store.write(file, record | {"revisions": record["revisions"] | {"trainer": 0}})
    assert [len(x) for x in grid.progress_of(one, tmp_path / "r").values()] == [1, 1, 0]
    assert states(ran(tmp_path, "r", one)) == ["kept", "kept"]
    assert states(ran(tmp_path, "r", one, stale=True)) == ["done", "kept"]
    assert store.read(file)["revisions"] == record["revisions"]
    other = ran(tmp_path, "r", one, stale=True, by=lambda scheme: made_pair(seed=9, scheme=scheme))
    assert states(other) == ["done", "done"]  # other data


def test_a_cell_that_fails_stops_nothing_else(tmp_path):
    bad = plans.Cell("R2C", "tlmlda", "quick", 0, {"epochs": 2})
    worse = plans.Cell("C2B", "tlmlda", "quick", 0, {"epochs": -1})
    good = cells(["C2B"], seeds=1)
    # Nobody could have foreseen it: the pair's rows are no numbers.
    odd = made_pair(scheme="R2C", X=np.full((101, 20), "loud", dtype=object))
    outcomes = ran(tmp_path, "r", [bad, *good], by=lambda scheme: odd if scheme == "R2C" else load(scheme))
    assert outcomes[bad].state == "failed"
    assert outcomes[bad].message
    assert "Traceback" in outcomes[bad].details
    assert [outcomes[c].state for c in good] == ["done", "done"]
    with pytest.raises(UserError, match="epochs=-1"):
        ran(tmp_path, "r", [worse])


def test_a_scheme_whose_corpora_are_not_here_is_left_out(tmp_path):
    def some(scheme):
        if scheme == "B2C":
            raise UserError("casia is not below FOLDER: give another")
        return load(scheme)

    outcomes = ran(tmp_path, "r", cells(seeds=1), by=some)
    assert {(c.scheme, o.state) for c, o in outcomes.items()} == {("C2B", "done"), ("B2C", "absent")}
    assert {o.message for o in outcomes.values() if o.state == "absent"} == {"casia is not below FOLDER: give another"}


def test_warnings_come_with_the_cell(tmp_path):
    (one,) = cells(["C2B"], ["tlmlda"], 1)
    file = one.place(tmp_path / "r")
    file.parent.mkdir(parents=True)
    file.write_text("{")
    outcome = ran(tmp_path, "r", [one])[one]
    assert outcome.state == "done"
    assert "set aside" in outcome.notes[0]


def test_threads_of_one_process_take_turns(tmp_path, quiet):
    how = {"runs": tmp_path / "r", "results": tmp_path / "r", "checkpoint_folder": tmp_path / "c"}
    with ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(lambda c: grid.attempt(load(c.scheme), c, how), cells()))
    assert {o.state for o in outcomes} == {"done"}
    assert figures(tmp_path, "r") == quiet


def test_two_runners_at_once_do_no_harm(tmp_path, quiet):
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: ran(tmp_path, "r"), range(2)))
    assert all(set(states(outcomes)) <= {"done", "kept"} for outcomes in both)
    assert figures(tmp_path, "r") == quiet
    left = [p for p in (tmp_path / "r").rglob("*") if p.is_file() and not p.name.startswith("seed-")]
    assert not left


def test_a_scheduler_that_does_not_answer_gives_one_sentence(tmp_path, monkeypatch):
    from distributed import Client

    monkeypatch.setattr("distributed.Client", lambda address, timeout, **how: Client(address, timeout="1s", **how))
    with pytest.raises(UserError, match=r"no Dask scheduler answers at tcp://127.0.0.1:9"):
        ran(tmp_path, "r", cells(seeds=1), dask="tcp://127.0.0.1:9")
    with pytest.raises(UserError, match="jobs=-1"):
        ran(tmp_path, "r", jobs=-1)
