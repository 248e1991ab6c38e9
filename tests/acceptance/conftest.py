"""What the slow proofs share: the command line in a process of its own, and small copies of the real corpora."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_configure() -> None:
    sys.path.insert(0, str(HERE.parent))


def command(*words: object) -> list[str]:
    """The command line as a user starts it."""
    return [sys.executable, "-m", "tlmlda_lib.cli", *map(str, words)]


def environment(corpora: Path, cache: Path) -> dict[str, str]:
    return os.environ | {"TLMLDA_CORPORA": str(corpora), "TLMLDA_CACHE": str(cache), "OMP_NUM_THREADS": "1"}


def rows_of(done: subprocess.CompletedProcess[str]) -> list[dict]:
    """The rows of `tlmlda run --json`."""
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    return content["rows"] if isinstance(content, dict) else content


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One feature cache for all slow proofs (TLMLDA_TEST_CACHE keeps it between calls)."""
    return Path(os.environ.get("TLMLDA_TEST_CACHE") or tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def few_recordings(real_corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some ninety files each of B and C: enough for a scheme, small enough to be interrupted often."""
    root = tmp_path_factory.mktemp("few")
    for name, share in (("emodb", 6), ("casia", 14)):
        files = sorted(f for f in (real_corpora / name).rglob("*") if f.suffix in (".flac", ".wav"))
        for file in files[::share]:
            copy = root / file.relative_to(real_corpora)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
    return root
