"""kill -9 at random moments of extraction, training and record writing; then the same command again."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import command, environment

from tlmlda_lib.experiments import store

RUN = (
    "run",
    "--scheme",
    "C2B",
    "--method",
    "tlmlda",
    "--preset",
    "quick",
    "--set",
    "epochs=150",
    "--seeds",
    "2",
    "--quiet",
)


def figures(results: Path) -> list[dict]:
    records, problems = store.scan(results)
    assert not problems
    return [store.reproducible(r) for r in records]


def until_done(env: dict[str, str], results: Path, kills: int, longest: float) -> int:
    """Start the command and kill it, workers too, after a random time; at last let it end. How often it was killed."""
    rng = random.Random(0)
    killed = 0
    for _ in range(kills):
        process = subprocess.Popen(
            command(*RUN, "--runs", results, "--results", results),
            env=env,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(rng.uniform(2.0, longest))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            killed += 1
        process.wait()
    subprocess.run(command(*RUN, "--runs", results, "--results", results), env=env, check=True, capture_output=True)
    return killed


def test_killed_ten_times_the_figures_are_those_of_a_quiet_run(few_recordings, tmp_path):
    quiet = environment(few_recordings, tmp_path / "cache-quiet")
    began = time.monotonic()
    subprocess.run(
        command(*RUN, "--runs", tmp_path / "quiet", "--results", tmp_path / "quiet"),
        env=quiet,
        check=True,
        capture_output=True,
    )
    seconds = time.monotonic() - began
    disturbed = environment(few_recordings, tmp_path / "cache-disturbed")
    killed = until_done(disturbed, tmp_path / "disturbed", 10, max(seconds, 4.0) * 0.7)
    print(f"quiet run {seconds:.0f} s; killed {killed} of 10 times")
    assert killed >= 3
    assert figures(tmp_path / "quiet") == figures(tmp_path / "disturbed")
    left = [p.name for p in (tmp_path / "disturbed").rglob("*") if p.is_file() and not p.name.startswith("seed-")]
    assert not left, left


def test_a_record_killed_while_it_is_written_is_the_old_or_the_new_one(tmp_path):
    script = (
        "import itertools, sys\n"
        "from tlmlda_lib.experiments import store\n"
        "base = dict(grid='g', scheme='C2B', method='m', preset='p', options_digest='0' * 8, seed=0)\n"
        "base |= dict(params={}, rules={}, code={})\n"
        "for k in itertools.count():\n"
        "    store.write(store.path(sys.argv[1], **base), base | {'filler': [k] * 200000})\n"
        "    print(k, flush=True)\n"
    )
    rng = random.Random(1)
    for _ in range(10):
        process = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.uniform(0, 0.6))
        process.kill()
        process.wait()
        (file,) = tmp_path.rglob("seed-0.json")
        filler = json.loads(file.read_text())["filler"]
        assert len(filler) == 200000
        assert len(set(filler)) == 1


@pytest.mark.parametrize("seed", range(3))
def test_two_at_once_do_no_harm(few_recordings, tmp_path, seed):
    env = environment(few_recordings, tmp_path / "cache")
    both = [
        subprocess.Popen(
            command(*RUN, "--runs", tmp_path / "both", "--results", tmp_path / "both"),
            env=env,
            stdout=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]
    assert [p.wait() for p in both] == [0, 0]
    assert len(figures(tmp_path / "both")) == 2
