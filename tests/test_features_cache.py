"""The cache: whole entries or none, whatever happens to files and processes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tlmlda_lib import files
from tlmlda_lib.features.cache import Cache, digest, root

KEY = hashlib.sha256(b"a recording").hexdigest()
OTHER = hashlib.sha256(b"another").hexdigest()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache") / "kind"


@given(values=arrays(np.float32, st.integers(1, 40), elements=st.floats(width=32)))
def test_entry_comes_back_bit_for_bit(folder: Path, values: np.ndarray) -> None:
    cache = Cache(folder, len(values))
    assert cache.put(KEY, values)
    found = cache.get(KEY)
    assert found is not None
    assert found.dtype == np.float32
    assert found.tobytes() == values.tobytes()
    assert Cache(folder, len(values) + 1).get(KEY) is None  # another shape
    assert [f.name for f in folder.rglob("*") if f.is_file()] == [f"{KEY}.f32"]


@given(data=st.data())
def test_damaged_entry_is_no_entry(folder: Path, data: st.DataObject) -> None:
    cache = Cache(folder, 3)
    assert cache.put(KEY, np.array([1.0, 2.0, 3.0], np.float32))
    path = cache.path(KEY)
    content = path.read_bytes()
    place = data.draw(st.integers(0, len(content) - 1))
    bit = data.draw(st.integers(0, 7))
    flipped = bytearray(content)
    flipped[place] ^= 1 << bit
    for damaged in (bytes(flipped), content[:place], content + b"x", b""):
        path.write_bytes(damaged)
        assert cache.get(KEY) is None
    assert cache.put(KEY, np.array([1.0, 2.0, 3.0], np.float32))
    assert path.read_bytes() == content


def test_entry_belongs_to_its_recording_and_its_kind(tmp_path: Path) -> None:
    cache, of_another_kind = Cache(tmp_path / "a", 2), Cache(tmp_path / "b", 2)
    cache.put(KEY, np.ones(2, np.float32))
    for stolen in (cache.path(OTHER), of_another_kind.path(KEY)):
        stolen.parent.mkdir(parents=True)
        stolen.write_bytes(cache.path(KEY).read_bytes())
    assert cache.get(KEY) is not None
    assert cache.get(OTHER) is None
    assert of_another_kind.get(KEY) is None


def test_only_stale_temporary_files_are_swept(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "kind", 2)
    assert cache.prepare()
    folder = cache.path(KEY).parent
    old, new = (folder / f".{KEY[:9]}.f32.{os.getpid()}.{name}.tmp" for name in ("0123abcd", "0123abce"))
    folder.mkdir()
    for file in (old, new):
        file.write_bytes(b"half an ent")
    os.utime(old, (time.time() - files.STALE - 60,) * 2)
    cache.put(KEY, np.ones(2, np.float32))
    assert not old.exists()
    assert new.exists()
    assert cache.get(KEY) is not None


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "kind", 2)
    assert not cache.prepare()
    assert not cache.put(KEY, np.ones(2, np.float32))
    assert cache.get(KEY) is None


def test_folder_removed_in_between_is_made_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "kind", 2)
    assert cache.prepare()
    (tmp_path / "kind").rmdir()
    assert cache.put(KEY, np.ones(2, np.float32))
    assert cache.get(KEY) is not None


def test_root_is_what_is_given_then_the_environment_then_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLMLDA_CACHE", str(tmp_path / "environment"))
    assert root(tmp_path / "given") == tmp_path / "given" / "features"
    assert root() == tmp_path / "environment" / "features"
    monkeypatch.delenv("TLMLDA_CACHE")
    assert "tlmlda_lib" in root().parts


def test_digest_is_the_contents_sha256(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content" * 100_000)
    assert digest(tmp_path / "a") == hashlib.sha256(b"content" * 100_000).hexdigest()


WRITER = """
import sys, numpy as np
from pathlib import Path
from tlmlda_lib.features.cache import Cache
cache = Cache(Path(sys.argv[1]), 50)
for turn in range(6):
    assert cache.prepare()
    for i in range(12):
        assert cache.put(f"{i:064d}", np.full(50, i, np.float32))
        found = cache.get(f"{i:064d}")
        assert found is not None and (found == i).all(), (turn, i)
"""


def test_two_processes_at_once(tmp_path: Path) -> None:
    path = os.pathsep.join(sys.path)
    start = [sys.executable, "-c", WRITER, str(tmp_path / "kind")]
    both = [subprocess.Popen(start, env={**os.environ, "PYTHONPATH": path}) for _ in range(2)]
    assert [p.wait(60) for p in both] == [0, 0]
    cache = Cache(tmp_path / "kind", 50)
    for i in range(12):
        found = cache.get(f"{i:064d}")
        assert found is not None
        assert (found == i).all()
    assert {f.suffix for f in (tmp_path / "kind").rglob("*") if f.is_file()} == {".f32"}
