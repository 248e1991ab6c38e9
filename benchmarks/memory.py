"""Do the time and the memory of training grow with the target, and no faster?

One epoch of TLMLDA, preset `recommended-is10`, at three sizes of both domains, each in a process of its own with one
thread: processor seconds of the epoch, from one evaluation of the target to the next, and the largest resident memory
of the process from its start to the end of training, scaling included. Seconds per row may differ by a factor, memory
has a limit; past either the exit status is 1. Run: python benchmarks/memory.py [rows ...]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from typing import Any

SIZES = (2_000, 20_000, 100_000)
COLUMNS, CLASSES = 512, 5
#: Epochs trained; the quickest after the first counts, since other work on the machine only ever adds time.
EPOCHS = {2_000: 20, 20_000: 6}
FEWEST = 3
RATIO_LIMIT = 1.5
MEMORY_LIMIT = 3.0  # GB


def train(rows: int) -> None:
    """Train on noise, and print seconds of an epoch and peak memory in GB."""
    import numpy as np
    import torch

    from tlmlda_lib.methods import make
    from tlmlda_lib.training import criteria

    measure, ends = criteria.measure, []

    def at_the_end_of_an_epoch(*args: Any) -> dict[str, float]:
        ends.append(time.process_time())
        return measure(*args)

    criteria.measure = at_the_end_of_an_epoch
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    X = rng.standard_normal((2 * rows, COLUMNS), dtype=np.float32)
    domain = np.repeat([1, -1], rows)
    y = rng.integers(CLASSES, size=2 * rows)
    clf = make("tlmlda", "recommended-is10", random_state=0, epochs=EPOCHS.get(rows, FEWEST))
    clf.fit(X, y, sample_domain=domain, voices=rng.integers(2, size=2 * rows))
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    print(np.diff(ends).min(), peak / 1e9)


def measured(rows: int) -> tuple[float, float]:
    """What `train` prints in a process of its own."""
    command = [sys.executable, __file__, "--train", str(rows)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    seconds, peak = done.stdout.split()[-2:]
    return float(seconds), float(peak)


def main(sizes: tuple[int, ...]) -> int:
    each: list[float] = []
    largest = 0.0
    for rows in sizes:
        seconds, peak = measured(rows)
        each.append(seconds / (2 * rows))
        largest = max(largest, peak)
        print(
            f"recommended-is10, {rows:,} rows a domain x {COLUMNS}: {seconds:.2f} s an epoch, "
            f"{1e6 * each[-1]:.0f} microseconds per row; peak memory {peak:.2f} GB",
            flush=True,
        )
    ratio = max(each) / min(each)
    print(f"seconds per row, slowest size over quickest: {ratio:.2f} (limit {RATIO_LIMIT})")
    print(f"peak memory: {largest:.2f} GB (limit {MEMORY_LIMIT})")
    return int(ratio > RATIO_LIMIT or largest >= MEMORY_LIMIT)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--train"]:
        train(int(sys.argv[2]))
    else:
        sys.exit(main(tuple(int(rows) for rows in sys.argv[1:]) or SIZES))
