"""EmoDB through audb: the real call, on a repository in a folder that the test makes."""

from __future__ import annotations

import sys
from pathlib import Path

import audb
import audformat
import made_corpora
import pandas as pd
import pytest

import tlmlda_lib as tl
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments.adaptation import inputs

#: As in the published database.
_NAMES = dict(W="anger", L="boredom", E="disgust", A="fear", F="happiness", T="sadness", N="neutral")


def publish(where: Path, name: str, database: audformat.Database, version: str = "1.0.0") -> None:
    repository = audb.Repository("local", str(where / "host"), "file-system")
    database.save(where / name)
    repository.create_backend_interface()
    audb.publish(where / name, version, repository, verbose=False)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """EmoDB as audEERING publishes it (tables "emotion" and "files", gender among the speakers' labels), but tiny."""
    (tmp_path / "host" / "local").mkdir(parents=True)
    monkeypatch.setattr(audb.config, "REPOSITORIES", [audb.Repository("local", str(tmp_path / "host"), "file-system")])
    monkeypatch.setattr(audb.config, "CACHE_ROOT", str(tmp_path / "cache"))
    monkeypatch.setattr(audb.config, "SHARED_CACHE_ROOT", str(tmp_path / "shared"))
    monkeypatch.delenv("AUDB_CACHE_ROOT", raising=False)
    root = made_corpora.emodb(tmp_path / "emodb")
    files = sorted(p.relative_to(root).as_posix() for p in root.rglob("*.wav"))
    database = audformat.Database("emodb", languages=["deu"])
    database.schemes["emotion"] = audformat.Scheme("str", labels=sorted(_NAMES.values()))
    genders = {"3": {"gender": "male"}, "8": {"gender": "female"}}
    database.schemes["speaker"] = audformat.Scheme("str", labels=genders)
    database["emotion"] = audformat.Table(audformat.filewise_index(files))
    database["emotion"]["emotion"] = audformat.Column(scheme_id="emotion")
    database["emotion"]["emotion"].set([_NAMES[Path(f).stem[5]] for f in files])
    database["files"] = audformat.Table(audformat.filewise_index(files))
    database["files"]["speaker"] = audformat.Column(scheme_id="speaker")
    database["files"]["speaker"].set([str(int(Path(f).stem[:2])) for f in files])
    publish(tmp_path, "emodb", database)
    return root


def test_a_database_in_a_folder_is_as_from_audb(repository: Path, tmp_path: Path) -> None:
    table, own = tl.corpora.from_audb("emodb", "1.0.0", progress=False), tl.corpora.from_audformat(repository)
    assert all(Path(file).is_relative_to(repository) for file in own.index)
    table.index, own.index = (pd.Index([Path(f).name for f in t.index], name="file") for t in (table, own))
    pd.testing.assert_frame_equal(table, own)
    source = inputs.source(repository)
    assert len(source) == len(own)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "db.yaml").write_text("name: [")
    with pytest.raises(UserError, match="cannot be read as an audformat database"):
        tl.corpora.from_audformat(tmp_path / "bad")


def test_emodb_is_as_from_its_folder(repository: Path) -> None:
    table = tl.corpora.from_audb("emodb", "1.0.0", progress=False)
    own = tl.corpora.load("emodb", repository)
    assert len(table) == len(own) == 28
    assert list(table.columns) == list(own.columns)
    table.index, own.index = (
        pd.Index([Path(f).name for f in t.index], dtype="string", name="file") for t in (table, own)
    )
    own["speaker"] = own["speaker"].astype(int).astype(str).astype("string")
    table.attrs = own.attrs = {}
    pd.testing.assert_frame_equal(table, own)


def test_latest_version_and_features(repository: Path) -> None:
    table = tl.corpora.from_audb(progress=False)
    assert all(Path(file).is_file() and Path(file).is_absolute() for file in table.index)
    assert "cache" in table.index[0]
    sound, rate = tl.corpora.sound.read(table.index[0])
    assert (len(sound), rate) == (800, 16000)


def test_what_is_not_there(repository: Path) -> None:
    with pytest.raises(UserError, match="check name, version and network"):
        tl.corpora.from_audb("nothing", progress=False)
    with pytest.raises(UserError, match=r"'emodb' 9\.9\.9"):
        tl.corpora.from_audb("emodb", "9.9.9", progress=False)


def test_other_databases(repository: Path, tmp_path: Path) -> None:
    made_corpora.put(tmp_path / "odd" / "a.wav")
    made_corpora.put(tmp_path / "odd" / "b.wav", 300)
    odd = audformat.Database("odd")
    odd["files"] = audformat.Table(audformat.filewise_index(["a.wav", "b.wav"]))
    odd["files"]["mood"] = audformat.Column()
    odd["files"]["mood"].set(["smug", "anger"])
    publish(tmp_path, "odd", odd)
    with pytest.raises(UserError, match="has no scheme 'emotion'"):
        tl.corpora.from_audb("odd", progress=False)

    odd.schemes["emotion"] = audformat.Scheme("str")
    odd["files"]["mood"] = audformat.Column(scheme_id="emotion")
    odd["files"]["mood"].set(["smug", "anger"])
    publish(tmp_path, "odd", odd, "1.1.0")
    table = tl.corpora.from_audb("odd", progress=False)
    assert table["emotion"].tolist() == ["anger"]
    assert table["speaker"].tolist() == ["unknown"]
    assert [p["problem"] for p in table.attrs["problems"]] == [
        "has the emotion smug, which is not one of ours: left out"
    ]


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "audb", None)
    with pytest.raises(UserError, match=r"pip install 'audb>="):
        tl.corpora.from_audb()
