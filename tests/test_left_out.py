"""Files that a loader leaves out: one warning with their number for each reason, from every loader."""

from __future__ import annotations

import warnings
from pathlib import Path

import made_corpora
import numpy as np
import pandas as pd
import pytest
import soundfile
from typer.testing import CliRunner

import tlmlda_lib as tl
from tlmlda_lib import corpora, domains, features
from tlmlda_lib.cli import main as cli
from tlmlda_lib.cli import terminal
from tlmlda_lib.corpora import LeftOutWarning, left_out


def said(action, kind: type[Warning] = LeftOutWarning) -> list[str]:
    """The warnings of a kind that an action gives, each asked to point at this file."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        action()
    ours = [w for w in caught if issubclass(w.category, kind)]
    assert all(w.filename == __file__ for w in ours), [w.filename for w in ours]
    return [str(w.message) for w in ours]


def mine(folder: Path) -> Path:
    """Eighty files, of which sixteen can be used."""
    for i in range(16):
        made_corpora.put(folder / "anna" / ("anger" if i % 2 else "sad") / f"{i}.wav", 100 + i)
    for i in range(40):
        made_corpora.put(folder / "anna" / "Wut" / f"{i}.wav", 200 + i)
    for i in range(20):
        (folder / "notes" / f"{i}.txt").parent.mkdir(exist_ok=True)
        (folder / "notes" / f"{i}.txt").write_text(f"{i}")
    for i in range(4):
        (folder / "anna" / "sad" / f"empty-{i}.wav").touch()
    return folder


def test_a_folder_counts_what_it_leaves_out(tmp_path: Path) -> None:
    folder = mine(tmp_path)
    (text,) = said(lambda: corpora.load("folder", folder))
    assert text == (
        "folder: 64 of 80 files left out: has the label 'Wut', which is not known (40), is not a sound file (20), "
        "is empty (4); attrs['problems'] of the table names each"
    )
    (text,) = said(lambda: corpora.folder.load(folder))
    assert text.startswith("folder: 64 of 80 files left out")
    table = corpora.load("folder", folder)
    assert len(table) == 16
    assert len(table.attrs["problems"]) == 64


def test_nothing_left_out_is_no_warning(tmp_path: Path) -> None:
    made_corpora.put(tmp_path / "anger" / "1.wav", 100)
    made_corpora.put(tmp_path / "sad" / "2.wav", 120)
    (tmp_path / ".DS_Store").touch()
    (tmp_path / "sad" / "Thumbs.db").touch()
    (tmp_path / "sad" / "again.wav").write_bytes((tmp_path / "sad" / "2.wav").read_bytes())  # loaded anyway
    assert said(lambda: corpora.load("folder", tmp_path)) == []
    (text,) = said(lambda: corpora.load("folder", tmp_path, drop_duplicates=True))
    assert "1 of 3 files left out: is byte-identical to another (1)" in text


def test_a_csv_and_a_table_count_too(tmp_path: Path) -> None:
    for i in range(3):
        made_corpora.put(tmp_path / f"{i}.wav", 100 + i)
    rows = ["file,emotion", "0.wav,anger", "1.wav,sad", "2.wav,", "9.wav,sad", "8.wav,sad"]
    (tmp_path / "list.csv").write_text("\n".join(rows))
    (text,) = said(lambda: corpora.load("folder", tmp_path / "list.csv"))
    assert text.startswith("folder: 3 of 5 files left out: is not there (2), has no label (1);")
    frame = pd.read_csv(tmp_path / "list.csv")
    frame["file"] = [str(tmp_path / f) for f in frame["file"]]
    (text,) = said(lambda: corpora.load("folder", frame.set_index("file"), corpus="own"))
    assert text.startswith("own: 3 of 5 files left out")


def test_a_published_corpus_and_a_pair_say_it_once_for_each(tmp_path: Path) -> None:
    made_corpora.emodb(tmp_path / "emodb", seconds=0.3)
    made_corpora.casia(tmp_path / "casia", seconds=0.3)
    assert said(lambda: domains.load_pair("C2B", tmp_path, progress=False)) == []
    for i in range(3):
        (tmp_path / "emodb" / "wav" / f"03a0{i}Za.wav").touch()
    (tmp_path / "emodb" / "wav" / "03a07Wa.wav").touch()
    (text,) = said(lambda: corpora.load("emodb", tmp_path))
    assert text.startswith(
        "emodb: 4 of 32 files left out: has the emotion code 'Z', which is not known (3), is empty (1);"
    )
    assert said(lambda: domains.load_pair("C2B", tmp_path, progress=False)) == [text]


def test_recordings_without_a_label_are_counted_where_a_pair_meets_them(tmp_path: Path) -> None:
    made_corpora.emodb(tmp_path / "emodb", seconds=0.3)
    made_corpora.casia(tmp_path / "casia", seconds=0.3)
    source, target = corpora.load("casia", tmp_path), corpora.load("emodb", tmp_path)
    target.loc[target.index[:5], "emotion"] = pd.NA
    (text,) = said(lambda: domains.make_pair(source, target, progress=False), UserWarning)
    assert text == "the target has 5 of 28 recordings without an emotion: learned from, not scored"
    target["emotion"] = pd.NA  # none has one: all are to be recognised
    assert said(lambda: domains.make_pair(source, target, ("anger", "sad"), progress=False)) == []
    source.loc[source.index[:3], "emotion"] = pd.NA
    (text,) = said(lambda: domains.make_pair(source, target, ("anger", "sad"), progress=False))
    assert text == "the source has 3 of 24 recordings without an emotion: left out"


def test_features_count_by_reason(tmp_path: Path) -> None:
    files = [made_corpora.put(tmp_path / f"{i}.wav", 100 + i, 0.4) for i in range(2)]
    for i in range(3):
        soundfile.write(tmp_path / f"silent{i}.wav", np.zeros(8000), 16000)
    (tmp_path / "zero.wav").touch()
    files += [tmp_path / name for name in ("silent0.wav", "zero.wav", "silent1.wav", "silent2.wav")]
    (text,) = said(lambda: features.extract(files, progress=False), features.FeatureWarning)
    assert text.startswith(f"4 of 6 files left out: is silent (3), is empty (1): {tmp_path}/silent0.wav is silent")


def test_many_reasons_are_few_words() -> None:
    problems = [{"file": f"{i}.wav", "problem": f"has the speaker '{i}', unheard of: left out"} for i in range(9)]
    text = left_out.by_reason(problems)
    assert text.count("has the speaker") == left_out.REASONS
    assert text.endswith("other reasons (3)")


def test_the_command_line_says_it_on_standard_error(tmp_path: Path) -> None:
    root = tmp_path / "corpora"
    made_corpora.emodb(root / "emodb", seconds=0.3)
    made_corpora.casia(root / "casia", seconds=0.3)
    (root / "emodb" / "wav" / "03a07Wa.wav").touch()
    where = ("--corpora", str(root), "--runs", str(tmp_path / "r"), "--results", str(tmp_path / "r"))
    done = CliRunner().invoke(cli.app, ["run", "--scheme", "C2B", "--method", "pca_svm", *where])
    assert done.exit_code == 0, done.output
    assert done.stderr.count("note: emodb: 1 of 29 files left out: is empty (1)") == 1
    listed = CliRunner().invoke(cli.app, ["corpora", "--corpora", str(root)])
    assert "left out" not in listed.stderr  # every problem is in the result
    assert "03a07Wa.wav is empty" in " ".join(listed.stdout.split())


def test_nothing_usable_is_an_error_and_no_warning(tmp_path: Path) -> None:
    (tmp_path / "anger").mkdir()
    (tmp_path / "anger" / "1.wav").touch()

    def load() -> None:
        with pytest.raises(tl.errors.UserError, match="is empty"):
            corpora.load("folder", tmp_path)

    assert said(load) == []


def test_the_command_line_says_nothing_that_only_python_can_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made_corpora.put(tmp_path / "anger" / "1.wav", 100)
    made_corpora.put(tmp_path / "Wut" / "2.wav", 120)
    speaker = terminal.Speaker()
    with speaker.noting():
        table = corpora.load("folder", tmp_path)
    speaker.show(*terminal.problems("mine", table.attrs["problems"]))
    said = "".join(capsys.readouterr())
    assert "1 of 2 files left out: has the label 'Wut', which is not known (1)" in said
    assert "attrs" not in said
    assert "label_map" not in said
    twins = "is byte-identical to 1.wav: loaded anyway (drop_duplicates=True leaves it out)"
    assert left_out.without_python(twins) == "is byte-identical to 1.wav: loaded anyway"


def test_a_file_without_several_kinds_of_features_is_named_once(tmp_path: Path) -> None:
    made_corpora.put(tmp_path / "1.wav", 100, 0.4)
    made_corpora.put(tmp_path / "2.wav", 100, 0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        X = features.side_by_side([tmp_path / "1.wav", tmp_path / "2.wav"], ("is10", "egemaps"), progress=False)
    assert [Path(p["file"]).name for p in X.attrs["problems"]] == ["2.wav"]
