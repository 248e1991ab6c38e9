"""kill -9 at random moments of a grid on two processes; then the same call again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

PROGRAM = textwrap.dedent(
    f"""
    import sys
    sys.path.insert(0, {str(Path(__file__).parents[1])!r})
    from test_grid import cells, load
    from tlmlda_lib.experiments import grid
    grid.IDLE = 2
    folder, epochs, jobs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if __name__ == "__main__":
        how = dict(results=folder + "/results", checkpoint_folder=folder + "/unfinished")
        print("ready", flush=True)
        for outcome in grid.run_grid(cells(epochs=epochs), load, jobs=jobs, **how):
            print(outcome.cell, outcome.state, outcome.message, flush=True)
    """
)


def killed_and_ended(folder: Path, kills: int, epochs: int, longest: float, seed: int = 0) -> int:
    """Run the grid in a process of its own, kill it (every other time without its workers), at last let it end."""
    folder.mkdir(exist_ok=True)
    (folder / "program.py").write_text(PROGRAM, encoding="utf-8")
    words = [sys.executable, str(folder / "program.py"), str(folder), str(epochs), "2"]
    rng, killed = random.Random(seed), 0
    for k in range(kills):
        child = subprocess.Popen(words, stdout=subprocess.PIPE, start_new_session=True)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(rng.uniform(0, longest))
        if child.poll() is None:
            killed += 1
            os.killpg(child.pid, signal.SIGKILL) if k % 2 else child.kill()
        child.wait()
        child.stdout.close()
    subprocess.run(words, check=True, capture_output=True)
    return killed
