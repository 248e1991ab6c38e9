"""The made corpora are as hard as they are meant to be, for each of three seeds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import made_speech

import tlmlda_lib as tl
from tlmlda_lib import domains

ROOT = Path(__file__).parents[2]
SMALL = ("zh", 3, "telephone")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("scheme", domains.MADE_SCHEMES)
def test_difficulty(scheme: str, seed: int) -> None:
    found = made_speech.figures(domains.load_pair(scheme, seed=seed))
    for name, (low, high) in made_speech.RANGES.items():
        assert low <= found[name] <= high, f"{name}: {found[name]:.1f} %"


def test_two_processes_on_one_empty_cache_agree(tmp_path: Path) -> None:
    code = f"import tlmlda_lib as tl; print(tl.corpora.synthetic_digest{SMALL})"
    environment = os.environ | {"TLMLDA_CACHE": str(tmp_path), "PYTHONPATH": str(ROOT)}
    running = [
        subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    digests = {process.communicate(timeout=300)[0].strip() for process in running}
    assert digests == {tl.corpora.synthetic_digest(*SMALL)}
    assert not list(tmp_path.rglob("*.tmp"))
