"""Fixtures that several test files share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# No test finds what the user has fetched, and none asks a network. The hub's package reads this when it is imported.
os.environ |= {"HF_HUB_CACHE": os.devnull, "HF_HUB_OFFLINE": "1"}


@pytest.fixture(scope="session")
def real_encoders() -> Path:
    """Folder that holds real speech encoders, or a skip."""
    folder = Path(os.environ.get("TLMLDA_ENCODERS") or Path(__file__).parents[2] / "shared" / "encoders")
    if not folder.is_dir():
        pytest.skip("no real speech encoder is here: set TLMLDA_ENCODERS to the folder that holds whisper-base-encoder")
    return folder


@pytest.fixture(scope="session")
def real_corpora() -> Path:
    """Folder that holds the real corpora, or a skip: they are never part of the repository."""
    folder = Path(os.environ.get("TLMLDA_CORPORA") or Path(__file__).parents[2] / "shared" / "corpora")
    if not (folder / "emodb").is_dir():
        pytest.skip("the real corpora are not here: set TLMLDA_CORPORA to the folder that holds emodb, casia, ravdess")
    return folder


@pytest.fixture(scope="session")
def site() -> Path:
    """Folder of the built site, or a skip (TLMLDA_BROWSER_REQUIRED=1: a failure)."""
    import built

    if not (built.SITE / "index.html").is_file():
        built.absent("the site is not built: run `make book` first")
    return built.SITE


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this run of the tests, for all its processes: what is in it is made once."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(autouse=True)
def own_cache(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tests out of the user's feature cache (a test may set TLMLDA_TEST_CACHE to share one)."""
    monkeypatch.setenv("TLMLDA_CACHE", os.environ.get("TLMLDA_TEST_CACHE") or str(shared / "cache"))
    monkeypatch.delenv("TLMLDA_ENCODERS", raising=False)


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk() -> Iterator[None]:
    """Thousands of small files are written here, and no test of this process cuts the power (tests of kill -9 do so in
    processes of their own)."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def features_in_this_process() -> Iterator[Callable[..., int]]:
    """Tests run side by side already, and each process takes seconds to load what it measures with: only a test that
    asks for a number of processes has them. What the library does without a number is given, to be tested itself."""
    from tlmlda_lib.features import gather

    of_library = gather._workers
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gather, "_workers", lambda asked, *rest: 0 if asked is None else of_library(asked, *rest))
        yield of_library


@pytest.fixture(autouse=True)
def no_open_figures() -> Iterator[None]:
    """Close what a test has drawn, so that a later one sees only its own figures."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture
def fresh_exercises(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exercises as a new kernel has them: nothing tried, no class, and checks that print."""
    from tlmlda_lib.book.checks import exercises, shown

    monkeypatch.setattr(exercises, "_progress", {})
    monkeypatch.setattr(shown, "_word", None)
    for name in ("TLMLDA_STRICT", "TLMLDA_CLASS"):
        monkeypatch.delenv(name, raising=False)
