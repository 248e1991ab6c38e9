"""Does a second worker pay, and what does the library add to openSMILE's own call?

Ratios, on noise as long as utterances: the time of one worker over that of two; and the time of `features.extract` with
one worker (files to read, a cache to fill) over that of the bare `opensmile` calls on the same arrays, without the
worker's start, which a corpus pays once, and with it. Run: python benchmarks/extraction.py
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import opensmile
import soundfile

from tlmlda_lib import features
from tlmlda_lib.features import recipe

FILES, SECONDS = 400, 2.5


def recordings(folder: Path) -> list[str]:
    """Noise with a course of loudness, 16 kHz mono, 16 bits."""
    rng = np.random.default_rng(0)
    n = int(SECONDS * recipe.RATE)
    files = []
    for i in range(FILES):
        loudness = 0.05 + 0.2 * np.sin(np.linspace(0, (2 + i % 5) * np.pi, n)) ** 2
        files.append(str(folder / f"{i}.wav"))
        soundfile.write(files[-1], (loudness * rng.normal(size=n)).clip(-1, 1), recipe.RATE)
    return files


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def extract(files: list[str], workers: int) -> float:
    """Into an empty cache."""
    with tempfile.TemporaryDirectory() as cache:
        return seconds(lambda: features.extract(files, workers=workers, cache=cache, progress=False))


def bare(files: list[str]) -> float:
    smile = opensmile.Smile(opensmile.FeatureSet.IS10, opensmile.FeatureLevel.Functionals)
    arrays = [recipe.prepare(f) for f in files]
    return seconds(lambda: [smile(a, recipe.RATE) for a in arrays])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = recordings(Path(folder))
        extract(files[:8], 1)
        few = files[: FILES // 4]
        ones, twos, bares, starts = [], [], [], []
        for _ in range(2):  # by turns, so that a busy machine is busy for all
            ones.append(extract(files, 1))
            twos.append(extract(files, 2))
            bares.append(bare(files))
            starts.append(extract(few, 1))
        print(f"IS10 of {FILES} recordings of {SECONDS} s: two workers are {min(ones) / min(twos):.2f} times one")
        rest = (min(ones) - min(starts)) / (min(bares) * (FILES - len(few)) / FILES)
        print(
            f"features.extract takes {rest:.2f} times the bare opensmile calls on the same arrays; "
            f"for {FILES} files, with the worker's start, {min(ones) / min(bares):.2f} times"
        )


if __name__ == "__main__":
    main()
