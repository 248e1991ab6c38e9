"""Processes that die while they train, write or fold records, also on Dask. Nothing that was finished is lost."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
from stand_ins import deadly_pair, made_pair
from test_grid import SMALL, cells, figures, load, quiet, ran
from test_run import folders
from test_sealed import run_of, written
from test_store import made, place

from tlmlda_lib.experiments import grid, plans, run, sealing, store

__all__ = ["folders", "quiet"]  # fixtures

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX's")

SEALS = """
    import sys
    from tlmlda_lib.experiments import sealing
    print("ready", flush=True)
    while True:
        sealing.seal(sys.argv[1], sys.argv[2])
"""


def test_a_process_that_dies_takes_nothing_else_with_it(tmp_path, quiet):
    always, once = (plans.Cell(scheme, "tlmlda", "quick", 0, SMALL) for scheme in ("R2B", "R2C"))
    good = plans.Cell("C2B", "pca_svm", "zscore")

    def deadly(scheme):
        return {"R2B": deadly_pair(scheme=scheme), "R2C": deadly_pair(tmp_path / "was here", scheme=scheme)}.get(
            scheme
        ) or load(scheme)

    outcomes = ran(tmp_path, "r", [always, once, good], by=deadly, jobs=2)
    assert {c.scheme: o.state for c, o in outcomes.items()} == {"R2B": "failed", "R2C": "done", "C2B": "done"}
    assert "died twice" in outcomes[always].message
    assert (tmp_path / "was here").exists()
    assert store.reproducible(outcomes[good].record) in quiet


def test_on_dask_with_a_worker_killed_the_figures_are_the_same(tmp_path):
    from distributed import Client, LocalCluster

    slow = cells(epochs=80, methods=("tlmlda",))
    expected = ran(tmp_path, "local", slow)
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, local_directory=str(tmp_path)
    ) as cluster:
        with Client(cluster, set_as_default=False) as client:
            workers = list(client.run(os.getpid).values())
        assert len(workers) == 2
        folders = {"runs": tmp_path / "dask", "results": tmp_path / "dask", "checkpoint_folder": tmp_path / "c"}
        outcomes = []
        for outcome in grid.run_grid(slow, load, dask=cluster.scheduler_address, **folders):
            if not outcomes:
                os.kill(workers[0], signal.SIGKILL)
            outcomes.append(outcome)
    assert [o.state for o in outcomes] == ["done"] * 4
    assert {o.cell for o in outcomes} == set(expected)
    assert figures(tmp_path, "dask") == figures(tmp_path, "local")


def test_kill_leaves_the_old_collection_or_the_new_one(tmp_path):
    """Ten times, at moments drawn at random, while single runs come in."""
    runs, results = tmp_path / "runs", tmp_path / "results"
    rng = random.Random(27)
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    folded = 0
    for turn in range(10):
        for k in range(4):
            written(runs, run_of(4 * turn + k, epochs=60))
        command = [sys.executable, "-c", textwrap.dedent(SEALS), str(runs), str(results)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(rng.uniform(0, 0.25))
            child.send_signal(signal.SIGKILL)
        records, problems = store.scan(results, runs)
        assert not problems
        assert {r["seed"] for r in records} == set(range(4 * turn + 4))
        whole = store.scan(results)[0] if results.is_dir() else []
        assert len(whole) in (folded, 4 * turn + 4)
        folded = len(whole)
    (last,) = sealing.seal(runs, results)
    assert last.total == 40
    assert [f.name for f in results.iterdir() if f.name.endswith(".tmp")] == []


def test_kill_leaves_the_old_record_or_the_new_one(tmp_path):
    record = made()
    record["code"] = {"modules": {}}
    record["curve"] = {"war": [1.5] * 20000}
    record["rules"] = {}
    program = textwrap.dedent(
        f"""
        import json
        from tlmlda_lib.experiments import store
        record = json.loads({json.dumps(json.dumps(record))})
        i = 0
        while True:
            i += 1
            store.write(store.path({str(tmp_path)!r}, **record), record | {{"turn": i}})
        """
    )
    file = place(tmp_path, record)
    turns = []
    for k in range(5):
        child = subprocess.Popen([sys.executable, "-c", program])
        began = time.monotonic()
        while not (file.exists() and store.read(file)["turn"] > 3) and time.monotonic() - began < 30:
            time.sleep(0.01)
        time.sleep(random.Random(k).random() * 0.05)
        child.send_signal(signal.SIGKILL)
        child.wait()
        turns.append(store.read(file)["turn"])
        assert len(store.scan(tmp_path)[0]) == 1
        store.write(file, record | {"turn": 0})
        assert [f.name for f in file.parent.iterdir()] == ["seed-0.json"]  # what it left is gone
    assert min(turns) > 3


def test_killed_at_any_moment_the_figures_are_those_of_a_quiet_run(folders, tmp_path):
    quiet = run.run_cell(made_pair(), "tlmlda", "quick", params=SMALL | {"epochs": 150}, **folders)
    program = textwrap.dedent(
        f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parents[1])!r})
        import torch
        torch.set_num_threads(1)
        from stand_ins import made_pair
        from tlmlda_lib.training import trainer
        from tlmlda_lib.experiments import run
        trainer.CHECKPOINT_SECONDS = 0.02
        print("ready", flush=True)
        run.run_cell(made_pair(), "tlmlda", "quick", params={SMALL | {"epochs": 150}!r},
                     runs={str(tmp_path / "again")!r}, results={str(tmp_path / "again")!r},
                     checkpoint_folder={str(tmp_path / "unfinished")!r})
        """
    )
    file = store.path(tmp_path / "again", **quiet)
    rng = np.random.default_rng(0)
    for _ in range(2):
        child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(float(rng.uniform(0.1, 0.5)))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
    again = {"runs": tmp_path / "again", "results": tmp_path / "again", "checkpoint_folder": tmp_path / "unfinished"}
    record = run.run_cell(made_pair(), "tlmlda", "quick", params=SMALL | {"epochs": 150}, **again)
    assert store.reproducible(store.read(file)) == store.reproducible(record) == store.reproducible(quiet)
    assert not list((tmp_path / "unfinished").glob("*.safetensors"))
