"""A grid that is killed again and again, two at once, and how long it was said to take."""

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

from conftest import command, environment

from tlmlda_lib.experiments import store

PROGRAM = textwrap.dedent(
    f"""
    import sys
    sys.path.insert(0, {str(Path(__file__).parents[1])!r})
    from test_grid import cells, load
    from tlmlda_lib.experiments import grid
    grid.IDLE = 2
    folder, epochs, jobs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if __name__ == "__main__":
        how = dict(runs=folder + "/results", results=folder + "/results", checkpoint_folder=folder + "/unfinished")
        print("ready", flush=True)
        for outcome in grid.run_grid(cells(epochs=epochs), load, jobs=jobs, **how):
            print(outcome.cell, outcome.state, outcome.message, flush=True)
    """
)

GRID = ("--scheme", "C2B", "--scheme", "B2C", "--method", "tlmlda", "--method", "pca_svm", "--preset", "quick")


def figures(results: Path) -> list[dict]:
    records, problems = store.scan(results)
    assert not problems
    left = [p.name for p in results.rglob("*") if p.is_file() and not p.name.startswith("seed-")]
    assert not left, left
    return [store.reproducible(r) for r in records]


def words(folder: Path) -> list[str]:
    """The grid of 6 cells on two processes, in a process of its own."""
    folder.mkdir(exist_ok=True)
    (folder / "program.py").write_text(PROGRAM, encoding="utf-8")
    return [sys.executable, str(folder / "program.py"), str(folder), "60", "2"]


def killed(folder: Path, after: float, whole: bool) -> bool:
    """Let the grid run so long and kill it, with or without its workers; False if it ended before."""
    child = subprocess.Popen(words(folder), stdout=subprocess.PIPE, start_new_session=True)
    assert child.stdout is not None
    child.stdout.readline()
    try:
        child.wait(after)
        return False
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL) if whole else child.kill()
        return True
    finally:
        child.wait()
        child.stdout.close()


def test_killed_twenty_times_the_grid_ends_as_if_it_had_not_been(tmp_path):
    began = time.monotonic()
    subprocess.run(words(tmp_path / "quiet"), check=True, capture_output=True)
    longest = time.monotonic() - began
    quiet = figures(tmp_path / "quiet/results")
    assert len(quiet) == 6
    rng, kills, grids = random.Random(0), 0, 0
    while kills < 20:
        grids += 1
        folder = tmp_path / f"killed-{grids}"
        while kills < 20 and killed(folder, rng.uniform(0, 0.4 * longest), whole=bool(kills % 2)):
            kills += 1
        subprocess.run(words(folder), check=True, capture_output=True)
        assert figures(folder / "results") == quiet
        assert not list((folder / "unfinished").glob("*.safetensors"))
        print(f"grid {grids} is as quiet as one that took {longest:.0f} s; {kills} kills so far")


def reproduce(env: dict[str, str], results: Path, *words: str) -> dict:
    done = subprocess.run(
        command("reproduce", *GRID, *words, "--runs", results, "--results", results, "--json", "--quiet"),
        env=env,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_two_grids_at_once_give_the_figures_of_one(few_recordings, tmp_path):
    env = environment(few_recordings, tmp_path / "cache")
    assert reproduce(env, tmp_path / "one", "--seeds", "2")["count"] == {"done": 6}
    again = command(
        "reproduce", *GRID, "--seeds", "2", "--runs", tmp_path / "both", "--results", tmp_path / "both", "--quiet"
    )
    both = [subprocess.Popen(again, env=env, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [p.wait() for p in both] == [0, 0]
    assert figures(tmp_path / "both") == figures(tmp_path / "one")
    assert reproduce(env, tmp_path / "both", "--seeds", "2")["count"] == {"kept": 6}


def test_the_estimate_is_within_a_factor_of_one_and_a_half(real_corpora, shared_cache, tmp_path):
    """Records of one scheme and few epochs, an estimate for both schemes and more epochs."""
    env = environment(real_corpora, shared_cache)
    earlier = (
        "reproduce",
        "--scheme",
        "C2B",
        *GRID[4:],
        "--seeds",
        "2",
        "--epochs",
        "10",
        "--runs",
        tmp_path,
        "--results",
        tmp_path,
    )
    subprocess.run(command(*earlier, "--quiet"), env=env, check=True, capture_output=True)
    said = reproduce(env, tmp_path, "--seeds", "3", "--epochs", "40", "--dry-run")
    assert said["unknown"] == 0
    before = {f for f in tmp_path.rglob("*.json")}
    reproduce(env, tmp_path, "--seeds", "3", "--epochs", "40")
    taken = sum(store.read(f)["seconds"] for f in tmp_path.rglob("*.json") if f not in before)
    print(f"estimated {said['total_seconds']:.1f} s, trained {taken:.1f} s")
    assert 1 / 1.5 < said["total_seconds"] / taken < 1.5
