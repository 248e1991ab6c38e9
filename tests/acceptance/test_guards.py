"""The guards shown at work on a copy of the library: what may change freely, and what is caught at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUARDS = ("conftest.py", "golden_runs.py", "test_golden.py", "golden")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the package, the guards and the committed records."""
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "tlmlda_lib", copy / "tlmlda_lib", ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "tests").mkdir()
    for name in GUARDS:
        put = shutil.copytree if (ROOT / "tests" / name).is_dir() else shutil.copy
        put(ROOT / "tests" / name, copy / "tests" / name)
    shutil.copy(ROOT / "pyproject.toml", copy)
    shutil.copytree(ROOT / "results", copy / "results")
    return copy


def python(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A Python that finds the copy, not this library."""
    env = os.environ | {"PYTHONPATH": str(checkout), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, *words], cwd=checkout, env=env, capture_output=True, text=True, check=False)
    print(f"$ python {' '.join(words)}\n{done.stdout[-6000:]}{done.stderr[-1000:]}")
    return done


def golden(checkout: Path) -> subprocess.CompletedProcess[str]:
    where = python(checkout, "-c", "import tlmlda_lib; print(tlmlda_lib.__file__)")
    assert where.stdout.strip() == str(checkout / "tlmlda_lib" / "__init__.py")
    return python(checkout, "-m", "pytest", "-x", "-p", "no:cacheprovider", "tests/test_golden.py")


def tables(checkout: Path) -> str:
    done = python(checkout, "-m", "tlmlda_lib.cli", "tables", "runs", "--grid", "parts")
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def reword(checkout: Path, module: str, old: str, new: str) -> None:
    file = checkout / "tlmlda_lib" / module
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{module} has {old!r} {text.count(old)} times: choose other words here"
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_reworded_message_and_a_moved_import_change_nothing(checkout: Path) -> None:
    reword(checkout, "losses.py", "at least one kernel is needed", "give at least one kernel")
    weights = "from tlmlda_lib.weighting import LossWeights\n"
    reword(checkout, "trainer.py", weights, "")
    reword(checkout, "trainer.py", "import numpy as np\n", f"import numpy as np\n\n{weights}")
    done = golden(checkout)
    assert done.returncode == 0
    assert " passed" in done.stdout
    assert "older revision" not in tables(checkout)


def test_a_changed_factor_in_the_dynamic_weights_is_caught_and_names_the_records(checkout: Path) -> None:
    reword(checkout, "weighting.py", "alpha[name] * value / total for", "1.01 * alpha[name] * value / total for")
    done = golden(checkout)
    assert done.returncode == 1
    assert "1 failed" in done.stdout
    for words in ("no revision was raised", "REVISION in trainer.py", "committed records depend on it"):
        assert words in done.stdout
    assert "tlmlda recommended-is10 30: `tlmlda reproduce main --stale`" in done.stdout
    refused = python(checkout, "tests/golden_runs.py")
    assert refused.returncode == 1
    assert "stays as it was" in refused.stderr


def test_a_raised_revision_makes_records_stale_and_wants_a_new_golden_file(checkout: Path) -> None:
    reword(checkout, "weighting.py", "alpha[name] * value / total for", "1.01 * alpha[name] * value / total for")
    reword(checkout, "trainer.py", "\nREVISION = 1\n", "\nREVISION = 2\n")
    done = golden(checkout)
    assert done.returncode == 1
    assert "trainer 1 -> 2" in done.stdout
    assert "run `make golden`" in done.stdout
    assert "records depend on an older revision (trainer)" in " ".join(tables(checkout).split())
    assert python(checkout, "tests/golden_runs.py").returncode == 0
    assert golden(checkout).returncode == 0
