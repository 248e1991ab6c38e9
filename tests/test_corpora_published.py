"""Published corpora: one row for each utterance, what counts where names contradict, and the catalogue."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import made_corpora as made
import pytest
from typer.testing import CliRunner

from tlmlda_lib import corpora, domains
from tlmlda_lib.cli import main as cli
from tlmlda_lib.corpora import facts, files

FLAC = [name for name in corpora.PUBLISHED if name != "enterface"]


def said(table) -> dict[str, str]:
    return {Path(p["file"]).name: p["problem"] for p in table.attrs["problems"]}


@pytest.mark.parametrize("name", FLAC)
def test_an_utterance_in_two_forms_counts_once(name, tmp_path):
    plain = corpora.load(name, getattr(made, name)(tmp_path / "plain"))
    home = getattr(made, name)(tmp_path / "both")
    getattr(made, name)(home / "again", suffix=".flac")
    both = corpora.load(name, tmp_path / "both")
    assert {Path(f).suffix for f in both.index} == {".wav"}
    assert len(both) == len(plain)
    assert len(both.attrs["problems"]) == len(plain)
    assert all("is the same utterance as" in p and p.endswith(": left out") for p in said(both).values())
    assert both["emotion"].value_counts().to_dict() == plain["emotion"].value_counts().to_dict()


def test_a_corpus_whose_folder_was_unpacked_twice_counts_once(tmp_path):
    home = made.ravdess(tmp_path)
    shutil.copytree(home / "Actor_01", home / "audio_speech" / "Actor_01")
    table = corpora.load("ravdess", home)
    assert len(table) == 16
    assert not any("audio_speech" in f for f in table.index)


def test_two_forms_leave_the_pair_and_so_its_interval_alone(tmp_path):
    made.casia(tmp_path / "casia", seconds=0.3)
    made.emodb(tmp_path / "emodb", seconds=0.3)
    how = {"cache": str(tmp_path / "cache"), "progress": False}
    one = domains.load_pair("C2B", tmp_path, **how)
    made.emodb(tmp_path / "emodb", suffix=".flac", seconds=0.3)
    two = domains.load_pair("C2B", tmp_path, **how)
    assert two.files == one.files
    assert two.feature_digest == one.feature_digest


def test_a_video_and_its_extracted_sound_are_one_utterance(tmp_path):
    home = made.enterface(tmp_path)
    made.put(home / "subject 1/anger/sentence 1/s1_an_1.wav", 200)
    made.put(home / "sounds/S_1_AN_2.wav", 210)  # a flat folder has names alone
    table = corpora.load("enterface", home)
    assert sorted(Path(f).name for f in table.index) == [
        *("S_1_AN_2.wav", "s1_an_1.wav", "s1_ha1.avi", "s6_an_1.avi", "s_6_sa_2.avi")
    ]
    assert set(said(table)) == {"s1_an_1.avi", "S1_AN_2.avi"}
    home = made.ravdess(tmp_path / "r")
    made.put_avi(home / "Actor_01" / "01-01-05-01-01-01-01.avi", 300, 0.2)
    table = corpora.load("ravdess", home)
    assert len(table) == 16
    assert "03-01-05-01-01-01-01.wav: left out" in said(table)["01-01-05-01-01-01-01.avi"]


def test_both_namings_of_a_corpus_are_the_same_utterances(tmp_path):
    for name in ("casia", "savee"):
        home = getattr(made, name)(tmp_path / name)
        getattr(made, name)(home / "flat", flat=True)
        table = corpora.load(name, home)
        assert len(table) == len(table.attrs["problems"])


def test_a_form_that_cannot_be_read_gives_way_to_one_that_can(tmp_path):
    home = made.emodb(tmp_path)
    made.emodb(tmp_path / "flac", suffix=".flac")
    (home / "wav" / "03a01Fa.wav").write_bytes(b"")
    table = corpora.load("emodb", home)
    assert len(table) == 28
    assert [Path(f).name for f in table.index if Path(f).suffix == ".flac"] == ["03a01Fa.flac"]


def test_a_copy_of_lower_quality_gives_way_to_the_original(tmp_path):
    home = made.mesd(tmp_path)
    copy = made.put(home / "A reduced" / "Anger_F_A_L1_de_nada.wav", 500)
    made.put(home / "A reduced" / "Anger_F_A_L3_hola.wav", 510)
    made.put(home / "A reduced" / "Anger_F_A_L2_hola.wav", 520)
    table = corpora.load("mesd", home)
    assert len(table) == 37
    assert set(said(table)) == {copy.name, "Anger_F_A_L3_hola.wav"}


MISMATCHES = [
    ("casia", "liuchanhg/sad/777-angry-liuchanhg.wav", "emotion", "anger", "sad", "anger"),
    ("casia", "wangzhe/angry/301-angry-liuchanhg.wav", "speaker", "liuchanhg", "wangzhe", "liuchanhg"),
    ("ravdess", "Actor_02/03-01-05-02-02-02-01.wav", "speaker", "01", "02", "01"),
    ("urdu", "Sad/SM1_F9_A009.wav", "emotion", "anger", "sad", "anger"),
    ("turev", "Sound Source/Sad/1157_kz_su.wav", "emotion", "anger", "sad", "anger"),
    ("savee", "AudioData/DC/KL_a09.wav", "speaker", "KL", "DC", "KL"),
    ("emovo", "EMOVO/f1/rab-m3-l1.wav", "speaker", "m3", "f1", "m3"),
    ("tess", "TESS/OAF_Sad/OAF_dog_angry.wav", "emotion", "anger", "sad", "anger"),
    ("aesdd", "AESDD/fear/a09 (1).wav", "emotion", "anger", "fear", "anger"),
    ("ased", "Sad/a5-09-01-02-50.wav", "emotion", "anger", "sad", "anger"),
    ("cafe", "CaFE_48k/Peur/Fort/01-C-2-5.wav", "emotion", "anger", "fear", "anger"),
    ("shemo", "male/F21N09.wav", "gender", "female", "male", "female"),
    ("enterface", "subject 11/anger/sentence 1/s12_an_1.avi", "speaker", "12", "11", "11"),
    ("enterface", "subject 1/sadness/sentence 3/s1_an_3.avi", "emotion", "anger", "sad", "sad"),
]


@pytest.mark.parametrize(("name", "file", "field", "by_name", "by_folder", "taken"), MISMATCHES)
def test_a_contradiction_of_name_and_folder_is_said_and_the_trusted_one_counts(
    name, file, field, by_name, by_folder, taken, tmp_path
):
    home = getattr(made, name)(tmp_path)
    size = len(corpora.load(name, home))
    path = made.put(home / file, 777)
    table = corpora.load(name, home)
    assert len(table) == size + 1
    assert table.loc[str(path), field] == taken
    (problem,) = table.attrs["problems"]
    assert problem == {
        "file": str(path),
        "problem": f"has the {field} {by_name} by its name and {by_folder} by its folder: loaded anyway, with {taken}",
    }


def test_names_of_another_subject_are_other_utterances_where_the_folder_is_trusted(tmp_path):
    for subject in (11, 12):
        for sentence in (1, 2):
            file = f"subject {subject}/anger/sentence {sentence}/s12_an_{sentence}.avi"
            made.put(tmp_path / file, 100 + 10 * subject + sentence)
    table = corpora.load("enterface", tmp_path)
    assert table["speaker"].value_counts().to_dict() == {"11": 2, "12": 2}


@pytest.mark.parametrize("name", corpora.PUBLISHED)
def test_every_corpus_has_the_same_interface(name, tmp_path):
    module = corpora.PUBLISHED[name]
    assert set(module.EMOTIONS.values()) <= set(corpora.EMOTIONS)
    assert module.FACTS.trusts == ("folder" if name == "enterface" else "name")
    assert all(files.plain(folder) == folder for folder in module.FOLDERS)
    fields = {field for says in module.FOLDERS.values() for field in says}
    assert fields <= {"emotion", "speaker", "gender", "item"}
    assert {v["emotion"] for v in module.FOLDERS.values() if "emotion" in v} <= set(module.EMOTIONS.values())
    home = getattr(made, name)(tmp_path)
    for file in home.rglob("*.*"):
        if isinstance(row := module.parse(file), dict):
            assert {"emotion", "speaker", "item"} <= set(row) <= {"emotion", "speaker", "item", "gender", "copy"}


@pytest.mark.parametrize("name", corpora.PUBLISHED)
def test_every_fact_has_a_source_or_is_unconfirmed(name):
    known = corpora.PUBLISHED[name].FACTS
    stated = {fact for of in known.sources for fact in of.split()}
    assert stated <= set(facts.FACTS)
    assert set(known.unconfirmed) == set(facts.FACTS) - stated
    assert all(known.sources.values())
    assert known.address.startswith(("http://", "https://"))
    assert known.language in facts.LANGUAGES
    assert known.files > 0 < known.speakers
    with pytest.raises(dataclasses.FrozenInstanceError):
        known.files = 1


def test_the_facts_for_which_no_source_was_found():
    unconfirmed = {row["name"]: row["unconfirmed"] for row in corpora.catalogue() if row["unconfirmed"]}
    assert unconfirmed == dict.fromkeys(("casia", "savee", "emovo", "aesdd"), ("licence",))


def test_the_catalogue_is_printed_without_a_folder_and_fits_80_columns(monkeypatch):
    monkeypatch.delenv("TLMLDA_CORPORA", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    done = CliRunner().invoke(cli.app, ["corpora", "--list"])
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    for row in corpora.catalogue():
        at = next(i for i, line in enumerate(lines) if line.startswith(f"{row['name']}: {row['title']}"))
        counted = f"  {row['language']}, {row['files']} files, {row['speakers']} speakers"
        assert lines[at + 1 : at + 3] == [counted, f"  {', '.join(row['emotions'])}"]
        mark = " (unconfirmed)" if "licence" in row["unconfirmed"] else ""
        assert lines[at + 3 : at + 5] == [f"  licence: {row['licence']}{mark}", f"  {row['address']}"]
    assert len(lines) == 5 * len(corpora.PUBLISHED)


def test_the_catalogue_as_json_names_its_sources():
    done = CliRunner().invoke(cli.app, ["corpora", "--list", "--json"])
    rows = json.loads(done.stdout)["catalogue"]
    assert [row["name"] for row in rows] == list(corpora.PUBLISHED)
    assert all(row["sources"] for row in rows)


def test_a_new_corpus_has_no_letter_and_pairs_with_the_others():
    new = [name for name in corpora.PUBLISHED if not corpora.about(name).letter]
    assert len(new) == 12
    assert set(corpora.LETTERS) == set("BECRdez")
    assert str(domains.schemes.parse("savee_to_emodb")) == "savee_to_emodb"
