"""The walk through a folder: every file once, under its own name, and what was not read is said."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import made_corpora as made
import pytest
from typer.testing import CliRunner

from tlmlda_lib import corpora, features
from tlmlda_lib.cli import main as cli
from tlmlda_lib.corpora import files
from tlmlda_lib.errors import UserError

SYSTEM = (
    *(".Trash-1000/files", ".Trashes/501", ".ipynb_checkpoints", ".git", ".AppleDouble"),
    *("__MACOSX", "@eaDir", "$RECYCLE.BIN", "System Volume Information", "#recycle", "lost+found"),
)


def said(table) -> dict[str, str]:
    """Problems by the last part of the path."""
    return {Path(p["file"]).name: p["problem"] for p in table.attrs["problems"]}


def closed(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Folders of these names cannot be opened, whoever asks: permissions do not bind root."""
    real = os.scandir

    def guarded(where):
        if Path(where).name in names:
            raise PermissionError(errno.EACCES, "Permission denied", str(where))
        return real(where)

    monkeypatch.setattr(files.os, "scandir", guarded)


def own(root: Path) -> Path:
    """Two emotions of one speaker."""
    for i in range(3):
        made.put(root / "anna" / "anger" / f"{i}.wav", 100 + i)
        made.put(root / "anna" / "sad" / f"{i}.wav", 200 + i)
    return root


@pytest.mark.parametrize("folder", SYSTEM)
def test_trash_and_system_folders_are_never_content(folder, tmp_path):
    root = own(tmp_path / "mine")
    made.put(root / "anna" / folder / "sad" / "9.wav", 333)
    table = corpora.load("folder", root)
    assert len(table) == 6
    (name,) = said(table)
    assert name == folder.partition("/")[0]
    assert said(table)[name].startswith("is a folder of the system")
    assert len(corpora.load("folder", root, unlabelled=True)) == 6  # as `tlmlda predict` loads
    home = made.emodb(tmp_path / "emodb")
    made.put(home / folder / "wav" / "03a09Fa.wav", 333)
    assert len(corpora.load("emodb", home)) == 28
    assert corpora.find(home) == {"emodb": home / "wav"}


def test_a_folder_below_a_hidden_one_is_read_where_it_is_named(tmp_path):
    assert len(corpora.load("folder", own(tmp_path / ".data" / "mine"))) == 6


def test_a_link_that_sorts_first_does_not_swallow_the_real_folder(tmp_path):
    root = own(tmp_path)
    (root / "00_favourites").symlink_to(root / "anna" / "anger", target_is_directory=True)
    table = corpora.load("folder", root)
    assert table["emotion"].value_counts().to_dict() == {"anger": 3, "sad": 3}
    assert not any("favourites" in f for f in table.index)
    assert said(table)["00_favourites"].endswith("anna/anger, which counts under its own name")


def test_a_link_to_a_file_neither_renames_nor_doubles_it(tmp_path):
    root = own(tmp_path / "mine")
    (root / "anna" / "aaa").mkdir()
    (root / "anna" / "aaa" / "1.wav").symlink_to(root / "anna" / "sad" / "1.wav")
    other = made.put(tmp_path / "elsewhere.wav", 444)
    (root / "anna" / "sad" / "linked.wav").symlink_to(other)  # what lies elsewhere is found under the link
    table = corpora.load("folder", root)
    assert len(table) == 7
    assert str(root / "anna" / "sad" / "linked.wav") in table.index
    assert "counts under its own name" in said(table)["1.wav"]


def test_a_link_leads_to_folders_elsewhere_and_not_to_those_above(tmp_path):
    own(tmp_path / "there")
    root = own(tmp_path / "here" / "mine")
    (root / "bert").symlink_to(tmp_path / "there" / "anna", target_is_directory=True)
    (root / "up").symlink_to(tmp_path / "here", target_is_directory=True)
    (root / "circle").symlink_to(root / "circle")
    table = corpora.load("folder", root)
    assert table["speaker"].value_counts().to_dict() == {"anna": 6, "bert": 6}
    assert "contains the folder that is read: not followed" in said(table)["up"]


def test_links_of_an_annex_are_kept_under_their_names(tmp_path):
    root = own(tmp_path)
    for file in sorted((root / "anna").rglob("*.wav")):
        stored = made.put(root / ".git" / "annex" / "objects" / f"{file.parent.name}-{file.name}", 1)
        file.replace(stored)
        file.symlink_to(stored)
    table = corpora.load("folder", root)
    assert len(table) == 6
    assert set(table["emotion"]) == {"anger", "sad"}


@pytest.mark.parametrize("where", ["emodb/wav/locked", "emodb/locked", "locked", "other/deep/locked"])
def test_a_folder_that_cannot_be_read_is_reported_wherever_it_lies(where, tmp_path, monkeypatch):
    made.emodb(tmp_path / "emodb")
    made.casia(tmp_path / "casia")
    (tmp_path / where).mkdir(parents=True)
    closed(monkeypatch, "locked")
    (problem,) = corpora.load("emodb", tmp_path).attrs["problems"]
    assert problem == {
        "file": str(tmp_path / where),
        "problem": "is a folder that cannot be opened (Permission denied)",
    }
    done = CliRunner().invoke(cli.app, ["corpora", "--corpora", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert done.stdout.replace("\n", "").count("cannot be opened") == 1
    with pytest.raises(UserError, match="locked is a folder that cannot be opened"):
        corpora.load("urdu", tmp_path)


def test_nothing_found_because_nothing_could_be_read(tmp_path, monkeypatch, capsys):
    made.emodb(tmp_path / "locked")
    closed(monkeypatch, "locked")
    done = CliRunner().invoke(cli.app, ["corpora", "--corpora", str(tmp_path)])
    assert "locked is a folder that cannot be opened (Permission denied)" in str(done.exception)


STRAY = os.fsdecode(b"caf\xe9.wav")


def test_a_name_that_is_not_utf_8_is_left_out_and_named(tmp_path):
    home = made.emodb(tmp_path / "emodb", seconds=0.3)
    made.put(home / "wav" / "plain.wav").rename(home / "wav" / STRAY)
    (home / os.fsdecode(b"b\xfccher")).mkdir()
    table = corpora.load("emodb", home)
    assert len(table) == 28
    assert said(table) == {"caf\\xe9.wav": files.NAMELESS, "b\\xfccher": files.NAMELESS}
    for file in table.attrs["problems"]:
        file["file"].encode()
    shown = CliRunner().invoke(cli.app, ["corpora", "--corpora", str(home), "--json"])
    assert shown.exit_code == 0
    assert "caf\\\\xe9.wav" in shown.stdout
    with pytest.raises(UserError, match=r"caf\\xe9.wav has a name that is not valid UTF-8: rename it"):
        corpora.load("folder", home / "wav" / STRAY)
    assert len(corpora.load("folder", home / "wav", unlabelled=True)) == 28
    with pytest.warns(features.FeatureWarning, match=r"caf\\xe9.wav has a name that is not valid UTF-8"):
        X = features.extract([*table.index[:2], home / "wav" / STRAY], cache=tmp_path / "cache", progress=False)
    assert len(X) == 2


@pytest.mark.parametrize("given", ["a\0b", 3, None, os.fsdecode(b"\xe9")])
def test_what_is_not_a_path_is_one_sentence(given):
    with pytest.raises(UserError, match=r"is not a path|not valid UTF-8") as raised:
        files.place(given)
    assert "\n" not in str(raised.value)


def test_a_zero_character_in_the_folder(tmp_path):
    for name in ("folder", "emodb"):
        with pytest.raises(UserError, match="is not a path"):
            corpora.load(name, f"{tmp_path}/a\0b")


def test_shown_is_always_text():
    for path in (STRAY, "half \ud800", "plain"):
        files.shown(path).encode()
    assert files.shown("plain") == "plain"
    assert files.plain("Cole\u0300RE ") == files.plain("Colère")
