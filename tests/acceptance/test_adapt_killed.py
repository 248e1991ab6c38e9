"""`tlmlda adapt` killed at random moments: each file is whole or not there, and the answer is that of a quiet call."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pandas as pd
import pytest
from conftest import command
from safetensors import safe_open
from test_adapt import WORDS, place

__all__ = ["place"]  # a fixture

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX's")

KILLS = 5


def check_whole(out: Path) -> None:
    """What lies in the folder can be read to its end."""
    for file in (f for f in out.rglob("*") if f.is_file() and not f.name.endswith(".tmp")):
        if file.suffix == ".csv":
            assert len(pd.read_csv(io.BytesIO(file.read_bytes()))) == 18
        elif file.suffix == ".json":
            json.loads(file.read_text(encoding="utf-8"))
        elif file.suffix == ".html":
            assert file.read_text(encoding="utf-8").endswith("</html>\n")
        else:
            with safe_open(str(file), framework="np") as model:
                assert list(model.keys())


def test_an_answer_survives_five_kills(place: Path, tmp_path: Path) -> None:
    words = ("adapt", place / "acted", "--target", place / "mine", *WORDS[:-1], "epochs=60", "--quiet")
    environment = os.environ | {"TLMLDA_CACHE": str(tmp_path / "cache"), "OMP_NUM_THREADS": "1"}
    began = time.monotonic()
    quiet = {**environment, "TLMLDA_CACHE": str(tmp_path / "another")}
    subprocess.run(command(*words, "--out", tmp_path / "quiet"), env=quiet, check=True)
    whole = time.monotonic() - began
    rng = random.Random(0)
    for _ in range(KILLS):
        process = subprocess.Popen(command(*words, "--out", tmp_path / "out"), env=environment, start_new_session=True)
        time.sleep(rng.uniform(0.2, 1.0) * whole)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        check_whole(tmp_path / "out") if (tmp_path / "out").exists() else None
    subprocess.run(command(*words, "--out", tmp_path / "out"), env=environment, check=True)
    check_whole(tmp_path / "out")
    for name in ("predictions.csv", "report.html", "model/model.safetensors"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "quiet" / name).read_bytes(), name
    assert not [f for f in (tmp_path / "out").rglob("*") if f.name.endswith(".tmp")]
