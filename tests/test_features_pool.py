"""Worker processes: any number gives the same, and none that dies takes others' work with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile

from tlmlda_lib.features import pool
from tlmlda_lib.features.cache import Cache, digest
from tlmlda_lib.features.recipe import Outcome


@dataclass(frozen=True)
class Loudness:
    """A recipe of two numbers that misbehaves on request."""

    parent: int
    flag: str = ""  # a file that a process makes when it dies; with it there, it does not die again
    dies_at: float = 2.0  # mean of a sound that ends the process
    delay: float = 0.0
    starts: bool = True

    name = "loudness"
    key = "loudness"
    columns = ("mean", "length")
    few = 1
    memory = 1

    def load(self) -> Callable[[np.ndarray], np.ndarray]:
        if not self.starts and os.getpid() != self.parent:
            raise RuntimeError("cannot start here")
        print("libraries that print do no harm")

        def measure(samples: np.ndarray) -> np.ndarray:
            time.sleep(self.delay)
            if abs(samples.mean() - self.dies_at) < 0.01 and not (self.flag and Path(self.flag).exists()):
                if self.flag:
                    Path(self.flag).touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return np.array([samples.mean(), len(samples)])

        return measure


@pytest.fixture
def jobs(tmp_path: Path) -> list[pool.Job]:
    """Nine sounds of means 0, .1, .. .8."""
    made = []
    for i in range(9):
        path = tmp_path / f"{i}.wav"
        soundfile.write(path, i / 10 + 0.01 * np.sin(np.arange(8000 + i)), 16000)
        made.append((str(path), digest(path)))
    return made


def collect(jobs: list[pool.Job], recipe: Loudness, workers: int, cache: Cache | None = None) -> list[Outcome]:
    found = dict(pool.run(jobs, recipe, cache, workers))  # type: ignore[arg-type]
    assert sorted(found) == list(range(len(jobs)))
    return [found[i] for i in range(len(jobs))]


def rows(outcomes: list[Outcome]) -> list[bytes]:
    return [o.row.tobytes() if o.row is not None else b"" for o in outcomes]


def test_any_number_of_workers_gives_the_same(jobs: list[pool.Job]) -> None:
    recipe = Loudness(os.getpid())
    here = collect(jobs, recipe, 0)
    assert np.array([o.row for o in here])[:, 1].tolist() == [8000 + i for i in range(9)]
    for workers in (1, 3):
        assert rows(collect(jobs, recipe, workers)) == rows(here)


def test_process_that_dies_once_is_replaced(jobs: list[pool.Job], tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    recipe = Loudness(os.getpid(), flag=str(flag), dies_at=0.4)
    outcomes = collect(jobs, recipe, 2)
    assert flag.exists()
    assert rows(outcomes) == rows(collect(jobs, Loudness(os.getpid()), 0))


def test_file_that_ends_every_process_is_a_problem(jobs: list[pool.Job], tmp_path: Path) -> None:
    cache = Cache(tmp_path / "loudness", 2)
    outcomes = collect(jobs, Loudness(os.getpid(), dies_at=0.4), 2, cache)
    assert [i for i, o in enumerate(outcomes) if o.row is None] == [4]
    assert "ended the process that worked on it, twice (signal 9)" in outcomes[4].problem
    assert [cache.get(key) is not None for _, key in jobs] == [i != 4 for i in range(9)]


def test_without_a_process_that_starts_the_work_is_done_here(jobs: list[pool.Job]) -> None:
    outcomes = collect(jobs, Loudness(os.getpid(), starts=False), 2)
    assert rows(outcomes) == rows(collect(jobs, Loudness(os.getpid()), 0))


def test_processes_end_with_the_run(jobs: list[pool.Job]) -> None:
    before = set(psutil.Process().children())
    run = pool.run(jobs, Loudness(os.getpid(), delay=0.2), None, 2)  # type: ignore[arg-type]
    next(run)
    assert len(set(psutil.Process().children()) - before) == 2
    run.close()  # as Ctrl-C does
    assert set(psutil.Process().children()) <= before


def test_file_rewritten_while_it_is_read(jobs: list[pool.Job], tmp_path: Path) -> None:
    """A row is kept under the digest of the content that it was made of."""
    cache = Cache(tmp_path / "loudness", 2)
    path, old = jobs[0]
    soundfile.write(path, 0.5 + 0.01 * np.sin(np.arange(9000)), 16000)
    outcome = collect([(path, old)], Loudness(os.getpid()), 0, cache)[0]
    assert outcome.row is not None
    assert outcome.row[1] == 9000
    assert cache.get(old) is None
    kept = cache.get(digest(path))
    assert kept is not None
    assert kept[1] == 9000


SCRIPT = """
import sys
from pathlib import Path
from tlmlda_lib.features import gather
from test_features_pool import Loudness
# No guard for the main module: readers' scripts have none.
files = sorted(str(p) for p in Path(sys.argv[1]).glob("*.wav"))
table = gather.gather(files, Loudness(0, delay=float(sys.argv[3])), workers=2, cache=sys.argv[2])
print(table.to_numpy().tobytes().hex())
"""


def test_kill_9_loses_nothing_that_was_finished(jobs: list[pool.Job], tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(Path(__file__).parent)])}
    entries = tmp_path / "cache" / "features" / "loudness"

    def start(delay: float) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", SCRIPT, str(tmp_path), str(tmp_path / "cache"), str(delay)]
        return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)

    process = start(0.3)
    deadline = time.monotonic() + 30
    while len(list(entries.glob("*/*.f32"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    orphans = psutil.Process(process.pid).children()
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(orphans, 10)
    assert not alive  # they end by themselves when the parent is gone
    cache = Cache(entries, 2)
    done = {f for f, key in jobs if cache.get(key) is not None}
    assert 2 <= len(done) < 9
    times = {p: p.stat().st_mtime_ns for p in entries.glob("*/*.f32")}

    process = start(0.0)
    answer, _ = process.communicate(timeout=60)
    assert {p: p.stat().st_mtime_ns for p in times} == times  # what was finished is not done again
    expected = np.array([o.row for o in collect(jobs, Loudness(os.getpid()), 0)])
    assert answer.strip() == expected.tobytes().hex()
