"""Every corpus from wherever it was unpacked; strangers and damaged files reported, never fatal."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import audformat
import made_corpora as made
import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tlmlda_lib import corpora
from tlmlda_lib.corpora import sound
from tlmlda_lib.errors import UserError

MAKERS = {name: getattr(made, name) for name in corpora.PUBLISHED}
SIZES = {"emodb": 28, "casia": 24, "ravdess": 16, "enterface": 5, "urdu": 16, "turev": 16}
SIZES |= {"savee": 28, "emovo": 28, "tess": 28, "cremad": 24, "aesdd": 12, "nemo": 24}
SIZES |= {"ased": 20, "mesd": 36, "cafe": 52, "shemo": 24}


def contents(table: pd.DataFrame) -> list[tuple]:
    """What a table says, without where the files are or how their extension is written."""
    rows = zip(table.index, table["emotion"], table["speaker"], table["gender"], strict=True)
    return sorted((Path(f).stem.lower(), e, s, str(g)) for f, e, s, g in rows)


def test_every_published_corpus_has_a_tree():
    assert set(SIZES) == set(corpora.PUBLISHED)


@pytest.mark.parametrize("name", MAKERS)
def test_the_published_layout(name, tmp_path):
    table = corpora.load(name, MAKERS[name](tmp_path / "x"))
    assert len(table) == SIZES[name]
    assert audformat.is_filewise_index(table.index)
    assert list(table.columns) == ["emotion", "speaker", "gender", "language", "corpus"]
    assert table.attrs["problems"] == []
    assert set(table["emotion"]) <= set(corpora.EMOTIONS)
    assert list(table.index) == sorted(table.index)
    assert all(Path(f).is_absolute() for f in table.index)


def test_what_the_names_mean(tmp_path):
    b = corpora.load("B", made.emodb(tmp_path / "b"))
    row = b.loc[str((tmp_path / "b/wav/08b10Fa.wav").resolve())]
    assert tuple(row) == ("happy", "08", "female", "de", "emodb")
    c = corpora.load("C", made.casia(tmp_path / "c"))
    row = c.loc[str((tmp_path / "c/ZhaoZuoxiang/angry/201.wav").resolve())]
    assert tuple(row) == ("anger", "zhaozuoxiang", "male", "zh", "casia")
    r = corpora.load("R", made.ravdess(tmp_path / "r"))
    row = r.loc[str((tmp_path / "r/Actor_02/03-01-06-01-01-01-02.wav").resolve())]
    assert tuple(row) == ("fear", "02", "female", "en", "ravdess")
    u = corpora.load("urdu", made.urdu(tmp_path / "u"))
    row = u.loc[str((tmp_path / "u/Sad/SF2_F12_S012.wav").resolve())]
    assert tuple(row) == ("sad", "SF2", "female", "ur", "urdu")
    t = corpora.load("turev", made.turev(tmp_path / "t"))
    row = t.loc[str((tmp_path / "t/Sound Source/Calm/7895_sk_deve.wav").resolve())]
    assert tuple(row[["emotion", "speaker", "language", "corpus"]]) == ("calm", "7895", "tr", "turev")
    assert t["gender"].isna().all()
    e = corpora.load("E", made.enterface(tmp_path / "e"))
    row = e.loc[str((tmp_path / "e/subject 6/sadness/s_6_sa_2.avi").resolve())]
    assert tuple(row.drop("gender")) == ("sad", "6", "en", "enterface")
    assert pd.isna(row["gender"])
    assert set(e["speaker"]) == {"1", "6"}


@pytest.mark.parametrize(
    ("name", "file", "row"),
    [
        ("savee", "AudioData/KL/su15.wav", ("surprise", "KL", "male", "en")),
        ("emovo", "EMOVO/f1/tri-f1-b1.wav", ("sad", "f1", "female", "it")),
        ("emovo", "EMOVO/m3/gio-m3-n5.wav", ("happy", "m3", "male", "it")),
        ("tess", "TESS/YAF_Pleasant_surprise/YAF_back_ps.wav", ("surprise", "YAF", "female", "en")),
        ("tess", "TESS/OAF_neutral/OA_bite_neutral.wav", ("neutral", "OAF", "female", "en")),
        ("cremad", "AudioWAV/1001_DFA_ANG_XX.wav", ("anger", "1001", "male", "en")),
        ("cremad", "AudioWAV/1002_IEO_NEU_HI.wav", ("neutral", "1002", "female", "en")),
        ("aesdd", "AESDD/fear/f03 (6)b.wav", ("fear", "6", pd.NA, "el")),
        ("nemo", "samples/EB0_surprised_90.wav", ("surprise", "EB0", "female", "pl")),
        ("nemo", "samples/WR0_happiness_1.wav", ("happy", "WR0", "male", "pl")),
        ("ased", "Angry/a5-03-01-02-50.wav", ("anger", "50", "male", "am")),
        ("ased", "Fear/f2-03-02-01-07.wav", ("fear", "07", "female", "am")),
        (
            "mesd",
            "Mexican Emotional Speech Database (MESD)/Sadness_F_A_de_nada.wav",
            ("sad", "F", "female", "es"),
        ),
        ("mesd", "Mexican Emotional Speech Database (MESD)/Anger_C_B_abuso.wav", ("anger", "C", pd.NA, "es")),
        ("cafe", "CaFE_48k/Colère/Fort/02-C-2-6.wav", ("anger", "02", "female", "fr")),
        ("cafe", "CaFE_48k/Neutre/01-N-1-1.wav", ("neutral", "01", "male", "fr")),
        ("shemo", "female/F21W37.wav", ("surprise", "F21", "female", "fa")),
        ("shemo", "male/M09F01.wav", ("fear", "M09", "male", "fa")),
    ],
)
def test_what_the_names_of_the_catalogue_mean(name, file, row, tmp_path):
    found = corpora.load(name, MAKERS[name](tmp_path)).loc[str(tmp_path / file)]
    assert [str(x) for x in found] == [str(x) for x in (*row, name)]


@pytest.mark.parametrize("name", [name for name in MAKERS if name != "enterface"])  # whose tree is about its names
def test_a_tree_has_every_emotion_of_its_corpus(name, tmp_path):
    found = corpora.load(name, MAKERS[name](tmp_path))
    assert set(found["emotion"]) == set(corpora.CORPORA[name].emotions)


@given(
    name=st.sampled_from(sorted(MAKERS)),
    outer=st.lists(st.sampled_from(["data", "EmoDB", "archive (1)", "wav", "Audio"]), max_size=3),
    upper=st.booleans(),
    flac=st.booleans(),
    from_above=st.booleans(),
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_outer_folders_case_and_format_do_not_matter(name, outer, upper, flac, from_above, tmp_path_factory):
    plain = corpora.load(name, MAKERS[name](tmp_path_factory.mktemp("plain")))
    root = tmp_path_factory.mktemp("odd")
    home = MAKERS[name](root.joinpath(*outer), **({"suffix": ".flac"} if flac and name != "enterface" else {}))
    if upper:
        for folder, _, files in os.walk(home, topdown=False):
            for file in files:
                os.rename(Path(folder, file), Path(folder, file.upper()))
            if Path(folder) != home:
                os.rename(folder, Path(folder).with_name(Path(folder).name.upper()))
    odd = corpora.load(name, root if from_above else home)
    assert contents(odd) == contents(plain)


def test_both_namings_of_casia_say_the_same(tmp_path):
    a = corpora.load("casia", made.casia(tmp_path / "a"))
    b = corpora.load("casia", made.casia(tmp_path / "b", flat=True))
    columns = ["emotion", "speaker", "gender"]
    assert sorted(map(tuple, a[columns].to_numpy())) == sorted(map(tuple, b[columns].to_numpy()))


def test_ravdess_without_folders_and_extracted_sound_of_enterface(tmp_path):
    assert len(corpora.load("ravdess", made.ravdess(tmp_path / "r", folders=False))) == 16
    assert len(corpora.load("enterface", made.enterface(tmp_path / "e", suffix=".wav"))) == 5


def test_several_corpora_under_one_root_do_not_report_each_other(tmp_path):
    for name, make in MAKERS.items():
        make(tmp_path / name)
    assert set(corpora.find(tmp_path)) == set(MAKERS)
    for name in MAKERS:
        table = corpora.load(name, tmp_path)
        assert len(table) == SIZES[name]
        assert table.attrs["problems"] == []
    # even when all lie in one heap
    heap = tmp_path / "heap"
    heap.mkdir()
    for name in ("emodb", "ravdess"):
        for file in (tmp_path / name).rglob("*.wav"):
            shutil.copy(file, heap)
    assert len(corpora.load("emodb", heap)) == 28
    assert corpora.load("emodb", heap).attrs["problems"] == []


STRANGERS = {
    "wav/.DS_Store": (b"x", "not a recording"),
    "wav/._03a01Fa.wav": (b"x", "not a recording"),
    "wav/notes.txt": (b"hello", "not a recording"),
    "wav/03a01Xa.wav": (b"RIFF", "emotion code 'X'"),
    "wav/99a01Fa.wav": (b"RIFF", "speaker '99'"),
    "wav/10a01Fa.wav": (b"", "zero bytes"),
    "wav/10a02Fa.wav": (b"this is a letter, not a sound", "is not sound, whatever its name says"),
}


def test_strangers_and_damaged_files_are_reported_and_the_rest_is_loaded(tmp_path):
    home = made.emodb(tmp_path)
    for name, (content, _) in STRANGERS.items():
        (home / name).write_bytes(content)
    whole = made.put(home / "wav/10a03Fa.wav")
    whole.write_bytes(whole.read_bytes()[:20])
    table = corpora.load("emodb", home)
    assert len(table) == 28
    problems = {Path(p["file"]).name: p["problem"] for p in table.attrs["problems"]}
    assert set(problems) == {Path(n).name for n in STRANGERS} | {"10a03Fa.wav"}
    for name, (_, words) in STRANGERS.items():
        assert words in problems[Path(name).name]


def test_a_file_without_permission_is_reported(tmp_path, monkeypatch):
    home = made.emodb(tmp_path)
    real = open

    def guarded(file, *args, **options):
        if Path(str(file)).name == "03a01Fa.wav":
            raise PermissionError(13, "Permission denied", str(file))
        return real(file, *args, **options)

    monkeypatch.setattr("builtins.open", guarded)  # permissions do not bind root
    table = corpora.load("emodb", home)
    assert len(table) == 27
    assert "Permission denied" in table.attrs["problems"][0]["problem"]


@pytest.mark.parametrize(
    ("name", "file", "words"),
    [
        ("ravdess", "Actor_01/03-02-05-01-01-01-01.wav", "song"),
        ("ravdess", "Actor_01/03-01-09-01-01-01-01.wav", "emotion code 09"),
        ("ravdess", "Actor_25/03-01-05-01-01-01-25.wav", "actor 25"),
        ("casia", "somebody/angry/201.wav", "speaker 'somebody'"),
        ("casia", "liuchanhg/bored/201.wav", "emotion 'bored'"),
        ("urdu", "Angry/SM1_F1_X001.wav", "emotion code 'X'"),
        ("turev", "Sound Source/Sad/1157_xy_deve.wav", "emotion code 'xy'"),
        ("enterface", "subject 1/joy/s1_jo_1.avi", "emotion code 'jo'"),
        ("enterface", "subject 77/anger/s77_an_1.avi", "subject 77"),
        ("savee", "AudioData/DC/x01.wav", "emotion code 'x'"),
        ("emovo", "EMOVO/f1/xyz-f1-b1.wav", "emotion code 'xyz'"),
        ("emovo", "EMOVO/f1/dis-f9-b1.wav", "speaker 'f9'"),
        ("tess", "TESS/OAF_angry/OAF_back_joy.wav", "emotion 'joy'"),
        ("cremad", "AudioWAV/1001_DFA_JOY_XX.wav", "emotion code 'JOY'"),
        ("cremad", "AudioWAV/1092_DFA_ANG_XX.wav", "actor 1092"),
        ("aesdd", "AESDD/anger/x03 (1).wav", "emotion code 'x'"),
        ("nemo", "samples/EB0_joy_1.wav", "emotion 'joy'"),
        ("nemo", "samples/XX0_anger_1.wav", "speaker 'XX0'"),
        ("ased", "Angry/x5-03-01-02-50.wav", "emotion code 'x'"),
        ("mesd", "Mexican Emotional Speech Database (MESD)/Joy_F_A_abajo.wav", "emotion 'Joy'"),
        ("cafe", "CaFE_48k/Joie/Fort/01-X-1-1.wav", "emotion code 'X'"),
        ("cafe", "CaFE_48k/Joie/Fort/13-J-1-1.wav", "actor 13"),
        ("shemo", "male/M09X01.wav", "emotion code 'X'"),
    ],
)
def test_unknown_codes_are_named(name, file, words, tmp_path):
    home = MAKERS[name](tmp_path)
    made.put(home / file, 333)
    table = corpora.load(name, home)
    assert len(table) == SIZES[name]
    (problem,) = table.attrs["problems"]
    assert words in problem["problem"]
    assert problem["file"].endswith(Path(file).name)


def test_identical_files_are_reported_and_dropped_on_request(tmp_path):
    home = made.ravdess(tmp_path)
    for intensity in ("01", "02"):  # the same sound as another utterance, as in the published corpus
        shutil.copy(home / "Actor_01/03-01-05-01-01-01-01.wav", home / f"Actor_01/03-01-05-{intensity}-02-02-01.wav")
    table = corpora.load("ravdess", home)
    assert len(table) == 18
    assert [Path(p["file"]).stem for p in table.attrs["problems"]] == ["03-01-05-01-02-02-01", "03-01-05-02-02-02-01"]
    assert all("byte-identical" in p["problem"] for p in table.attrs["problems"])
    dropped = corpora.load("ravdess", home, drop_duplicates=True)
    assert len(dropped) == 16


def test_a_link_back_up_does_not_go_round_for_ever(tmp_path):
    home = made.emodb(tmp_path / "a")
    (home / "wav" / "again").symlink_to(home, target_is_directory=True)
    assert len(corpora.load("emodb", home)) == 28


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda p: corpora.load("emo", p), "'emo' is not known: use one of emodb"),
        (lambda p: corpora.load("emodb", p / "nowhere"), "nowhere is not a folder"),
        (lambda p: corpora.load("emodb", p), r"wav/03a01Fa.wav .* is expected, found no file at all"),
        (lambda p: corpora.load("ravdess", made.emodb(p)), "Actor_01"),
        (lambda p: corpora.load("emodb", p, labels=1), "'labels' is for 'folder'"),
        (lambda p: corpora.load("folder"), "root="),
        (lambda p: corpora.load("folder", p / "x.csv"), "neither a folder nor a CSV"),
    ],
)
def test_errors_say_what_to_do(call, words, tmp_path, monkeypatch):
    with pytest.raises(UserError, match=words) as caught:
        call(tmp_path)
    assert "\n" not in str(caught.value)


def test_the_root_may_come_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.delenv("TLMLDA_CORPORA", raising=False)
    with pytest.raises(UserError, match="TLMLDA_CORPORA"):
        corpora.load("emodb")
    monkeypatch.setenv("TLMLDA_CORPORA", str(made.emodb(tmp_path)))
    assert len(corpora.load("emodb")) == 28


class TestFolder:
    def test_a_folder_per_emotion(self, tmp_path):
        for name in ("anna/Anger/1.wav", "anna/Glad/2.WAV", "ben/anger/3.flac", "ben/other/4.wav"):
            made.put(tmp_path / name, 100 + len(name))
        (tmp_path / "readme.txt").write_text("x")
        table = corpora.load("folder", tmp_path, label_map={"glad": "happy"}, language="en", corpus="mine")
        assert sorted(zip(table["emotion"], table["speaker"], strict=True)) == [
            ("anger", "anna"),
            ("anger", "ben"),
            ("happy", "anna"),
        ]
        assert set(table["corpus"]) == {"mine"}
        problems = [p["problem"] for p in table.attrs["problems"]]
        assert any("'other'" in p and "label_map" in p for p in problems)
        assert any("not a sound file" in p for p in problems)

    def test_a_csv_file(self, tmp_path):
        for i in range(3):
            made.put(tmp_path / "sounds" / f"{i}.wav", 100 + i)
        rows = ["file,emotion,speaker,gender", "sounds/0.wav,Wut,a,male", "sounds/1.wav,sad,b,"]
        rows += ["sounds/2.wav,,b,", "sounds/9.wav,sad,b,"]
        (tmp_path / "list.csv").write_text("\n".join(rows))
        table = corpora.load("folder", tmp_path / "list.csv", label_map={"Wut": "anger"})
        assert table["emotion"].tolist() == ["anger", "sad"]
        assert table["gender"].isna().tolist() == [False, True]
        problems = {Path(p["file"]).name: p["problem"] for p in table.attrs["problems"]}
        assert "no label" in problems["2.wav"]
        assert "is not there" in problems["9.wav"]

    def test_an_audformat_table(self, tmp_path):
        files = [str(made.put(tmp_path / f"{i}.wav", 100 + i)) for i in range(2)]
        own = pd.DataFrame({"emotion": ["anger", "sad"]}, index=audformat.filewise_index(files))
        assert corpora.load("folder", own)["emotion"].tolist() == ["anger", "sad"]

    def test_recordings_to_be_recognised_need_no_label(self, tmp_path):
        made.put(tmp_path / "a.wav")
        made.put(tmp_path / "b" / "c.wav", 300)
        table = corpora.load("folder", tmp_path, unlabelled=True)
        assert len(table) == 2
        assert table["emotion"].isna().all()
        with pytest.raises(UserError, match="no label"):
            corpora.load("folder", tmp_path / "a.wav" / "..")

    def test_a_csv_without_the_column_file(self, tmp_path):
        (tmp_path / "list.csv").write_text("path,emotion\na.wav,sad\n")
        with pytest.raises(UserError, match="named 'file'"):
            corpora.load("folder", tmp_path / "list.csv")


class TestSound:
    @pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "FLOAT"])
    def test_every_width_of_wav(self, subtype, tmp_path):
        file = made.put(tmp_path / "a.wav", 200, 0.1, subtype=subtype)
        samples, rate = sound.read(file)
        assert rate == made.RATE
        assert samples.dtype == np.float32
        np.testing.assert_allclose(samples, made.tone(200, 0.1), atol=1 / 127 if subtype == "PCM_U8" else 1e-4)

    def test_stereo_is_the_mean_of_its_channels_and_44100_becomes_16000(self, tmp_path):
        tone = made.tone(440, 0.5, 44100)
        soundfile.write(tmp_path / "s.wav", np.stack([tone, 0.5 * tone], 1), 44100)
        samples, rate = sound.read(tmp_path / "s.wav")
        np.testing.assert_allclose(samples, 0.75 * tone, atol=1e-4)
        down = sound.to_rate(samples, rate)
        assert len(down) == 8000
        np.testing.assert_allclose(down[500:-500], 0.75 * made.tone(440, 0.5)[500:-500], atol=5e-3)
        assert sound.to_rate(down, 16000) is down

    @pytest.mark.parametrize("channels", [1, 2])
    def test_the_sound_inside_avi(self, channels, tmp_path):
        made.put_avi(tmp_path / "a.avi", 300, 0.2, channels=channels)
        samples, rate = sound.read(tmp_path / "a.avi")
        assert rate == 44100
        np.testing.assert_allclose(samples, made.tone(300, 0.2, 44100), atol=1e-4)

    def test_a_picture_without_sound(self, tmp_path):
        import av

        with av.open(str(tmp_path / "mute.avi"), "w", format="avi") as container:
            video = container.add_stream("mpeg4", rate=25)
            video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
            frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
            for packet in (*video.encode(frame), *video.encode(None)):
                container.mux(packet)
        with pytest.raises(UserError, match=r"mute.avi has no sound"):
            sound.read(tmp_path / "mute.avi")

    @pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.avi"])
    @pytest.mark.parametrize("content", [b"", b"not a sound"])
    def test_what_is_no_sound_is_named(self, name, content, tmp_path):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UserError, match=name) as caught:
            sound.read(tmp_path / name)
        assert "\n" not in str(caught.value)

    def test_no_numbers_no_samples_no_file(self, tmp_path):
        soundfile.write(tmp_path / "nan.wav", np.array([0.1, np.nan]), made.RATE, subtype="FLOAT")
        soundfile.write(tmp_path / "none.wav", np.empty(0), made.RATE)
        for name, words in (("nan", "not finite"), ("none", "no sample"), ("absent", "not there")):
            with pytest.raises(UserError, match=words):
                sound.read(tmp_path / f"{name}.wav")


REAL = [("B", 535, 10), ("C", 1200, 4), ("R", 1440, 24), ("urdu", 400, 29), ("turev", 1735, 6)]


@pytest.mark.parametrize(("letter", "files", "speakers"), REAL)
def test_the_real_corpora(real_corpora, letter, files, speakers):
    described = corpora.describe(corpora.load(letter, real_corpora))
    assert (described["files"], described["speakers"]) == (files, speakers)
    found = [Path(p["file"]).stem for p in described["problems"]]
    assert found == (["03-01-03-01-02-02-07"] if letter == "R" else [])


def test_table_2_is_met_by_the_real_corpora(real_corpora):
    tables = {name: corpora.load(name, real_corpora) for name in ("emodb", "casia", "ravdess")}
    for pair, (emotions, sizes) in corpora.TABLE_2.items():
        for name, size in zip(pair, sizes, strict=True):
            if name in tables:
                assert tables[name]["emotion"].isin(emotions).sum() == size
