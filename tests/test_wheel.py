"""What is handed out: the wheel, and the records that it carries in one archive."""

from __future__ import annotations

import json
import lzma
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import shipped, store

ROOT = Path(__file__).parents[1]
COLLECTIONS = sorted((ROOT / "results").glob("*.jsonl"))
sys.path.insert(0, str(ROOT / "tools"))

from pack_records import INSIDE, pack  # noqa: E402 - a tool


def build(source: Path, into: Path, *targets: str) -> None:
    """What `pip wheel` does once it has made an environment for hatchling."""
    chosen = [argument for target in targets for argument in ("--target", target)]
    command = [sys.executable, "-m", "hatchling", "build", *chosen, "--directory", str(into)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def built(shared: Path) -> Path:
    """Folder with a wheel of this tree: built once for all processes."""
    folder = shared / "built"
    with FileLock(f"{folder}.lock"):
        if not list(folder.glob("*.whl")):
            build(ROOT, folder, "wheel")
    return folder


@pytest.fixture
def wheel(built: Path) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as opened:
        yield opened


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The library as a wheel has it, no checkout around it: where its archive is to be."""
    monkeypatch.setattr(shipped, "CHECKOUT", tmp_path / "site-packages")
    monkeypatch.setattr(shipped, "ARCHIVE", tmp_path / "records.jsonl.xz")
    return tmp_path / "records.jsonl.xz"


def seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def runs() -> int:
    first = [file.read_text(encoding="utf-8").partition("\n")[0] for file in COLLECTIONS]
    return sum(json.loads(line)["runs"] for line in first)


def test_results_are_few_files_of_five_kilobytes_a_run() -> None:
    assert {file.suffix for file in COLLECTIONS} == {".jsonl"}
    assert len(COLLECTIONS) <= 13
    assert sum(file.stat().st_size for file in COLLECTIONS) <= 5000 * runs()


def test_the_wheel_has_the_library_and_one_archive(wheel: zipfile.ZipFile) -> None:
    library = {file for file in (ROOT / "tlmlda_lib").rglob("*") if file.is_file() and "__pycache__" not in file.parts}
    expected = {file.relative_to(ROOT).as_posix() for file in library} | {INSIDE}
    assert {name for name in wheel.namelist() if ".dist-info/" not in name} == expected
    assert ROOT / INSIDE not in library, "a build has written into the checkout"
    size = wheel.getinfo(INSIDE).file_size
    print(f"{size / runs():.0f} bytes a run")
    assert size <= 1300 * runs()


def test_the_archive_has_the_records_of_the_checkout(wheel: zipfile.ZipFile, away: Path) -> None:
    away.write_bytes(wheel.read(INSIDE))
    expected, problems = store.scan(ROOT / "results")
    assert not problems
    assert len(expected) == runs()
    grids = dict.fromkeys(r["grid"] for r in expected)
    assert [r for grid in grids for r in shipped.records(grid)] == expected
    assert shipped.records() == [r for r in expected if "rules" in r]
    assert shipped.records("main") == [r for r in expected if r["grid"] == "main"]
    assert shipped.records("nobody ran this") == []


def test_the_archive_is_read_in_two_seconds(wheel: zipfile.ZipFile, away: Path) -> None:
    away.write_bytes(wheel.read(INSIDE))
    lines = [line for file in COLLECTIONS for line in file.read_text(encoding="utf-8").splitlines()]
    parsing = min(seconds(lambda: [json.loads(line) for line in lines]) for _ in range(3))
    reading = seconds(shipped.records)
    print(f"{reading:.2f} s; the JSON alone {parsing:.2f} s")
    # About ten times the parsing, one second. Where a slow or busy machine takes more than two, the ratio decides.
    assert reading < max(2, 20 * parsing)


def test_an_editable_installation_has_no_archive(tmp_path: Path) -> None:
    build(ROOT, tmp_path, "wheel:editable")
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        (path,) = (name for name in opened.namelist() if ".dist-info/" not in name)
        assert Path(opened.read(path).decode().strip()) == ROOT.resolve()


def test_the_archive_is_whole_and_never_empty(tmp_path: Path) -> None:
    """Of a part of the collections, as a branch may have: each file whole, one after the other."""
    for file in sorted(COLLECTIONS, key=lambda f: f.stat().st_size)[:2]:
        shutil.copy(file, tmp_path)
    size = pack(tmp_path, tmp_path / "in" / "a.xz")
    packed = (tmp_path / "in" / "a.xz").read_bytes()
    assert len(packed) == size
    assert lzma.decompress(packed) == b"".join(file.read_bytes() for file in sorted(tmp_path.glob("*.jsonl")))
    for _ in range(2):
        assert pack(tmp_path, tmp_path / "in" / "c.xz", tmp_path / "kept") == size
        assert (tmp_path / "in" / "c.xz").read_bytes() == packed
    (kept,) = (tmp_path / "kept").iterdir()
    shutil.copy(sorted(COLLECTIONS, key=lambda f: f.stat().st_size)[2], tmp_path)
    assert pack(tmp_path, tmp_path / "in" / "d.xz", tmp_path / "kept") > size, "what was kept is not of these records"
    assert kept.read_bytes() == packed
    with pytest.raises(FileNotFoundError, match="tlmlda seal"):
        pack(tmp_path / "in", tmp_path / "in" / "b.xz")


def test_a_wheel_without_its_archive_says_so(away: Path) -> None:
    with pytest.raises(UserError, match=r"records\.jsonl\.xz is not there: install a wheel"):
        shipped.records()
    away.write_bytes(b"not an archive")
    with pytest.raises(UserError, match=r"records\.jsonl\.xz is damaged .*: install the library anew"):
        shipped.records()
