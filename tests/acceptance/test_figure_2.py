"""Figure 2's command on synthetic speech, with its features, in a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "book"))

from test_pictures import WORDS, call

from tlmlda_lib.experiments import pictures


def test_the_command_in_a_process_on_made_speech(tmp_path: Path) -> None:
    where = ("--runs", tmp_path, "--results", tmp_path, "--preset", "quick", *WORDS, "--scheme", "d2z")
    assert "d2z: done" in call(*where, "--jobs", 1).stderr
    read = pictures.read(tmp_path, ["d2z"])["d2z"]
    assert len(read["emotion"]) == 440
    assert set(read["methods"]) == set(pictures.METHODS)
