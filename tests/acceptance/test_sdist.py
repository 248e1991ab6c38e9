"""The sdist, and the wheel that is built of it."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from test_wheel import COLLECTIONS, INSIDE, ROOT, build


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the sdist, a wheel of this tree and, in `again`, one of the sdist."""
    folder = tmp_path_factory.mktemp("built")
    build(ROOT, folder, "sdist", "wheel")
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    build(source, folder / "again", "wheel")
    return folder


def test_the_sdist_has_what_its_wheel_is_built_from(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers()}
    assert {name for name in names if name.startswith("results/")} == {f"results/{file.name}" for file in COLLECTIONS}
    assert {"pyproject.toml", "README.md", "LICENSE", "tools/pack_records.py"} <= names
    assert INSIDE not in names
    assert not any((ROOT / name).exists() for name in ("setup.py", "MANIFEST.in"))


def test_a_wheel_of_the_sdist_is_the_wheel_of_the_tree(built: Path) -> None:
    (wheel,), (again,) = built.glob("*.whl"), (built / "again").iterdir()
    assert wheel.name == again.name
    assert wheel.read_bytes() == again.read_bytes()
