"""The made corpora are as hard as they are meant to be, for each of three seeds."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import made_speech

from tlmlda_lib import domains


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("scheme", domains.MADE_SCHEMES)
def test_difficulty(scheme: str, seed: int) -> None:
    found = made_speech.figures(domains.load_pair(scheme, seed=seed))
    for name, (low, high) in made_speech.RANGES.items():
        assert low <= found[name] <= high, f"{name}: {found[name]:.1f} %"
