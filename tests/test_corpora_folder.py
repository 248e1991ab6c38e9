"""Folders, CSV files and tables of one's own: what contradicts itself or cannot be meant is said."""

from __future__ import annotations

import shutil
import unicodedata
from pathlib import Path

import audformat
import made_corpora as made
import pandas as pd
import pytest

from tlmlda_lib import corpora
from tlmlda_lib.errors import UserError


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """Four tones beside which a list can lie."""
    for i in range(4):
        made.put(tmp_path / f"u{i}.wav", 100 + 10 * i)
    return tmp_path


def listed(folder: Path, *lines: str, head: str = "file,emotion", encoding: str = "utf-8") -> Path:
    (folder / "list.csv").write_bytes("\n".join([head, *lines]).encode(encoding))
    return folder / "list.csv"


def said(table: pd.DataFrame) -> dict[str, str]:
    return {Path(p["file"]).name: p["problem"] for p in table.attrs["problems"]}


@pytest.mark.parametrize("second", ["u0.wav", "./u0.wav", "../{}/u0.wav", "u0 link.wav"])
def test_a_csv_that_names_a_file_twice_with_two_labels_leaves_it_out(second, sounds):
    (sounds / "u0 link.wav").symlink_to(sounds / "u0.wav")
    file = listed(sounds, "u0.wav,anger", "u1.wav,sad", f"{second.format(sounds.name)},sad")
    table = corpora.load("folder", file)
    assert [Path(f).name for f in table.index] == ["u1.wav"]
    assert said(table)["u0.wav"] == "is named 2 times, with the emotion anger and sad: left out; keep one row"
    assert len(corpora.load("folder", file, unlabelled=True)) == 2


def test_a_csv_that_names_a_file_twice_in_the_same_words_loads_it_once(sounds):
    head = "file,emotion,speaker"
    table = corpora.load("folder", listed(sounds, "u0.wav,anger,", "u0.wav,anger,bo", "u1.wav,sad,bo", head=head))
    assert table["emotion"].tolist() == ["anger", "sad"]
    assert table["speaker"].tolist() == ["bo", "bo"]
    assert said(table) == {"u0.wav": "is named 2 times: loaded once"}
    table = corpora.load("folder", listed(sounds, "u0.wav,anger,al", "u0.wav,anger,bo", "u1.wav,sad,bo", head=head))
    assert "with the speaker al and bo: left out" in said(table)["u0.wav"]


def test_a_link_that_a_csv_names_keeps_its_name(sounds):
    (sounds / "kept.wav").symlink_to(sounds / "u0.wav")
    table = corpora.load("folder", listed(sounds, "kept.wav,anger"))
    assert list(table.index) == [str(sounds / "kept.wav")]


def test_words_that_pandas_takes_for_missing_are_names(sounds):
    rows = ["u0.wav,anger,NA", "u1.wav,sad,nan", "u2.wav,None,None", "u3.wav,sad,"]
    table = corpora.load("folder", listed(sounds, *rows, head="file,emotion,speaker"), label_map={"none": "neutral"})
    assert table["speaker"].tolist() == ["NA", "nan", "None", "unknown"]
    assert table["emotion"].tolist() == ["anger", "sad", "neutral", "sad"]
    table = corpora.load("folder", listed(sounds, "u0.wav,NA", "u1.wav,sad"))
    assert "has the label 'NA', which is not one of" in said(table)["u0.wav"]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le", "gbk"])
def test_a_csv_in_another_encoding_is_asked_for_in_utf_8(encoding, sounds):
    label = "生气" if encoding == "gbk" else "Ärger"
    with pytest.raises(UserError, match=r"list.csv is not text in UTF-8.*: save it as CSV in UTF-8$"):
        corpora.load("folder", listed(sounds, f"u0.wav,{label}", encoding=encoding))


def test_a_csv_with_the_mark_that_spreadsheets_write_is_read(sounds):
    table = corpora.load("folder", listed(sounds, "u0.wav,Ärger", encoding="utf-8-sig"), label_map={"ärger": "anger"})
    assert table["emotion"].tolist() == ["anger"]


@pytest.mark.parametrize("compose", ["NFC", "NFD"])
def test_a_composed_name_and_a_decomposed_one_are_the_same_label(compose, tmp_path):
    other = "NFD" if compose == "NFC" else "NFC"
    for i in range(2):
        made.put(tmp_path / unicodedata.normalize(compose, "Colère") / f"{i}.wav", 100 + i)
    table = corpora.load("folder", tmp_path, label_map={unicodedata.normalize(other, "colère"): "anger"})
    assert table["emotion"].tolist() == ["anger"] * 2


@pytest.mark.parametrize(
    ("label_map", "words"),
    [
        (
            {"A": "anger", "a": "sad"},
            "label_map has 'a' twice, for anger and for sad, since upper and lower",
        ),
        ({"Colère": "anger", "Cole\u0300re": "sad"}, "twice, for anger and for sad"),
        ({"Wut": "angry"}, r"leads from 'Wut' to 'angry', which is not an emotion here: use one of anger.*'anger'\?\)"),
        ({"Wut": None}, "'Wut' to None, which is not an emotion here"),
        (["Wut"], r"label_map=\['Wut'\] is not a map"),
    ],
)
def test_a_map_that_contradicts_itself_or_leads_nowhere(label_map, words, tmp_path):
    made.put(tmp_path / "Wut" / "1.wav")
    with pytest.raises(UserError, match=words) as raised:
        corpora.load("folder", tmp_path, label_map=label_map)
    assert "\n" not in str(raised.value)


def test_two_spellings_for_one_emotion_are_no_contradiction(tmp_path):
    made.put(tmp_path / "Wut" / "1.wav")
    assert len(corpora.load("folder", tmp_path, label_map={"Wut": "anger", "WUT": "anger"})) == 1


def frame(folder: Path, **columns: object) -> pd.DataFrame:
    return pd.DataFrame(columns, index=audformat.filewise_index([str(folder / f"u{i}.wav") for i in range(2)]))


def test_a_segmented_index_is_refused(sounds):
    files = [str(sounds / "u0.wav")] * 2
    own = pd.DataFrame({"emotion": ["anger", "sad"]}, index=audformat.segmented_index(files, [0, 1], [1, 2]))
    with pytest.raises(UserError, match=r"labels parts of files \(start, end\): cut them into files"):
        corpora.load("folder", own)
    with pytest.raises(UserError, match="labels parts of files"):
        corpora.load("folder", listed(sounds, "u0.wav,0,1,anger", head="file,start,end,emotion"))


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (lambda f: frame(f, emotion=["anger", "sad"])["emotion"], r"are a Series.*: give its .to_frame\('emotion'\)"),
        (lambda f: audformat.Table(frame(f).index), "are a Table, not a path or a data frame: give its .df"),
        (lambda f: [str(f / "u0.wav")], "are a list, not a path or a data frame: give a folder per emotion"),
        (lambda f: 3, "are a int, not a path"),
        (lambda f: frame(f, emotion=[["anger", "sad"], "sad"]), r"\['anger', 'sad'\] in the column emotion: one value"),
        (lambda f: frame(f, mood=["anger", "sad"]), "has the columns file, mood: one named 'emotion' is needed"),
        (lambda f: listed(f, "u0.wav", head="file"), "has the columns file: one named 'emotion' is needed"),
    ],
)
def test_what_is_no_table_of_recordings_is_one_sentence(own, words, sounds):
    with pytest.raises(UserError, match=words) as raised:
        corpora.load("folder", own(sounds))
    assert "\n" not in str(raised.value)


def test_a_table_without_emotions_serves_for_prediction(sounds):
    assert len(corpora.load("folder", frame(sounds, mood=["anger", "sad"]), unlabelled=True)) == 2


def test_cells_that_are_no_text(sounds):
    table = corpora.load("folder", frame(sounds, emotion=["anger", "sad"], speaker=[1, 2]))
    assert table["speaker"].tolist() == ["1", "2"]


def test_a_zero_character_and_an_empty_cell_in_place_of_a_file(sounds):
    own = pd.DataFrame({"file": ["a\0b.wav", None, str(sounds / "u0.wav")], "emotion": ["anger", "sad", "sad"]})
    table = corpora.load("folder", own)
    assert len(table) == 1
    assert [p["problem"] for p in table.attrs["problems"]] == [
        "is not a path (embedded null byte): check it",
        "names no file: left out",
    ]


def test_the_same_stem_with_two_endings_is_one_utterance(tmp_path):
    for folder, pitch in (("anger", 100), ("sad", 200)):
        wav = made.put(tmp_path / folder / "1.wav", pitch)
        made.put(wav.with_suffix(".flac"), pitch)
        made.put(wav.with_name("2.flac"), pitch + 1)
    made.put_avi(tmp_path / "sad" / "2.avi", 201, 0.3)
    table = corpora.load("folder", tmp_path)
    assert sorted(f"{Path(f).parent.name}/{Path(f).name}" for f in table.index) == [
        *("anger/1.wav", "anger/2.flac", "sad/1.wav", "sad/2.flac"),
    ]
    assert len(table.attrs["problems"]) == 3
    first = f"is the same utterance as {tmp_path / 'anger' / '1.wav'}: left out"
    assert table.attrs["problems"][0] == {"file": str(tmp_path / "anger" / "1.flac"), "problem": first}
    assert len(corpora.load("folder", tmp_path, unlabelled=True)) == 4


def test_two_recordings_whose_names_differ_in_more_than_the_ending_are_two(tmp_path):
    for name in ("anger/1.wav", "anger/1b.flac", "sad/1.flac", "sad/A.wav", "sad/a.wav"):
        made.put(tmp_path / name, 100 + sum(map(ord, name)))
    table = corpora.load("folder", tmp_path)
    assert len(table) == 5
    assert table.attrs["problems"] == []


def test_the_whole_form_is_kept_where_the_other_was_cut_off(tmp_path):
    wav = made.put(tmp_path / "anger" / "1.wav", 100, 1.0)
    made.put(wav.with_suffix(".flac"), 100, 1.0)
    wav.write_bytes(wav.read_bytes()[:9000])
    table = corpora.load("folder", tmp_path)
    assert [Path(f).name for f in table.index] == ["1.flac"]


def test_a_list_that_gives_two_forms_two_labels_is_told(sounds):
    made.put(sounds / "u0.flac", 100)
    table = corpora.load("folder", listed(sounds, "u0.wav,anger", "u0.flac,sad"))
    assert table["emotion"].tolist() == ["anger"]
    assert "u0.wav, which is labelled anger where this is sad: left out" in said(table)["u0.flac"]


def test_a_sound_under_two_emotions_says_the_contradiction(tmp_path):
    first = made.put(tmp_path / "anger" / "1.wav")
    (tmp_path / "sad").mkdir()
    shutil.copy(first, tmp_path / "sad" / "2.wav")
    shutil.copy(first, tmp_path / "anger" / "3.wav")
    problems = said(corpora.load("folder", tmp_path))
    assert "is byte-identical to 1.wav, which is labelled anger where this is sad: loaded" in problems["2.wav"]
    assert problems["3.wav"].startswith("is byte-identical to 1.wav: loaded anyway")
    assert len(corpora.load("folder", tmp_path, drop_duplicates=True)) == 1
