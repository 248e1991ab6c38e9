"""Do scaling, voices and `adapt` take the same time per row at 100,000 rows as at 2,000, and fit into memory?

Rows of 768 numbers, half of them source, with speaker embeddings of 256, all of them noise; each size in a process of
its own with one thread. `adapt` is all that follows features: the voice groups, two networks of three epochs with the
preset `recommended`, the table of predictions and the report. The ratio of the seconds per row and the largest resident
memory have limits; past either the exit status is 1. Run: python benchmarks/scale.py [rows ...]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SIZES = (2_000, 100_000)
COLUMNS, EMBEDDING = 768, 256
CLASSES = ("anger", "fear", "happy", "neutral", "sad")
RATIO_LIMIT = 1.5
MEMORY_LIMIT = 4.0  # GB


def work(rows: int) -> None:
    """Print processor seconds of each part and the peak memory in GB."""
    import numpy as np
    import pandas as pd
    import torch

    from tlmlda_lib.domains import DomainPair
    from tlmlda_lib.domains.scaling import PerDomainScaler
    from tlmlda_lib.experiments.adaptation import answer, networks, report
    from tlmlda_lib.features.voices import VoiceGroups

    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    half = rows // 2
    X = rng.standard_normal((rows, COLUMNS), dtype=np.float32)
    voice = rng.integers(2, size=rows)
    embeddings = rng.standard_normal((rows, EMBEDDING), dtype=np.float32)
    embeddings[:, 0] += 20 * voice
    domain, codes = np.repeat([1, -2], half), rng.integers(len(CLASSES), size=rows)
    names = tuple(f"/noise/{i}.wav" for i in range(rows))
    pair = DomainPair(
        X=X,
        y=np.where(domain > 0, codes, -1),
        sample_domain=domain,
        groups=rng.integers(100, size=rows),
        classes=CLASSES,
        truth=None,
        features=("noise",),
        feature_names=tuple(f"f{i}" for i in range(COLUMNS)),
        files=names,
        speakers=tuple("noise/unknown" for _ in names),
        scheme="noise",
    )
    pair.__dict__["_embeddings"] = embeddings

    def timed(name: str, act: Callable[[], object], times: int = 1) -> None:
        seconds = []
        for _ in range(times):  # the quickest counts, since other work on the machine only ever adds time
            began = time.process_time()
            act()
            seconds.append(time.process_time() - began)
        print(name, min(seconds), flush=True)

    def adapt() -> None:
        with tempfile.TemporaryDirectory() as folder:
            fitted = networks.train(pair, "recommended", 1, Path(folder), params={"epochs": 3})
        table = answer.predictions(pair, fitted, Path("/noise"))
        source = pd.DataFrame({"emotion": np.array(CLASSES)[codes[:half]], "corpus": "noise", "language": "de"})
        source["speaker"] = "unknown"
        report.page(answer.Answer(table, pair, (source,), (), Path("/noise"), fitted, "recommended", {}))

    timed("voices", lambda: VoiceGroups.fit(embeddings, domain).codes(embeddings, domain), 3)
    timed(
        "scaling", lambda: PerDomainScaler("zscore", "voices").fit_transform(X, sample_domain=domain, groups=voice), 3
    )
    timed("adapt", adapt)
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
    print("memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9)


def measured(rows: int) -> dict[str, float]:
    """What `work` prints in a process of its own."""
    command = [sys.executable, __file__, "--work", str(rows)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return {name: float(value) for name, value in (line.split() for line in done.stdout.splitlines())}


def main(sizes: tuple[int, ...]) -> int:
    found = {rows: measured(rows) for rows in sizes}
    small, large = found[sizes[0]], found[sizes[-1]]
    for rows, one in found.items():
        each = ", ".join(f"{name} {1e6 * s / rows:.0f}" for name, s in one.items() if name != "memory")
        print(f"{rows:,} rows x {COLUMNS}: microseconds per row: {each}; peak memory {one['memory']:.2f} GB")
    ratios = {n: (large[n] / sizes[-1]) / (small[n] / sizes[0]) for n in small if n != "memory"}
    said = ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
    print(f"seconds per row, largest size over smallest: {said} (limit {RATIO_LIMIT})")
    print(f"peak memory: {large['memory']:.2f} GB (limit {MEMORY_LIMIT})")
    return int(max(ratios.values()) > RATIO_LIMIT or large["memory"] >= MEMORY_LIMIT)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work(int(sys.argv[2]))
    else:
        sys.exit(main(tuple(int(rows) for rows in sys.argv[1:]) or SIZES))
