"""Sounds that are odd: valid ones are read, suspect ones are noted, and the others get a sentence."""

from __future__ import annotations

import os
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import made_corpora as made
import numpy as np
import pytest
import soundfile

from tlmlda_lib import corpora, features
from tlmlda_lib.corpora import headers, sound
from tlmlda_lib.errors import UserError


def problem_of(folder: Path) -> str:
    """What is said of the one file of a folder, which is loaded."""
    table = corpora.load("folder", folder, unlabelled=True)
    assert len(table) == 1
    (problem,) = table.attrs["problems"]
    assert problem["problem"].endswith(": loaded anyway")
    return problem["problem"]


def cut(file: Path, share: float) -> Path:
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    return file


@pytest.mark.parametrize(
    ("name", "form", "subtype"),
    [
        ("float.wav", "WAV", "FLOAT"),
        ("24.wav", "WAV", "PCM_24"),
        ("double.wav", "WAV", "DOUBLE"),
        ("a.aif", "AIFF", "PCM_16"),
        ("a.aiff", "AIFF", "PCM_24"),
        ("aiff named.wav", "AIFF", "PCM_16"),
        ("wav named.aif", "WAV", "PCM_16"),
        ("flac named.wav", "FLAC", "PCM_16"),
        ("mu law.wav", "WAV", "ULAW"),
    ],
)
@pytest.mark.parametrize("rate", [16000, 96000])
def test_odd_but_valid_sounds_are_read_and_measured(name, form, subtype, rate, tmp_path):
    tone = made.tone(200, 0.5, rate)
    soundfile.write(tmp_path / name, tone, rate, format=form, subtype=subtype)
    samples, found = sound.read(tmp_path / name)
    assert found == rate
    np.testing.assert_allclose(samples, tone, atol=0.02 if subtype == "ULAW" else 1e-4)
    table = corpora.load("folder", tmp_path, unlabelled=True)
    assert table.attrs["problems"] == []
    X = features.extract(table, cache=tmp_path / "cache", progress=False)
    assert X.shape == (1, 1582)


def test_stereo_with_different_channels_is_their_mean_and_is_not_noted(tmp_path):
    both = np.stack([made.tone(200, 0.5), 0.3 * made.tone(330, 0.5)], 1)
    soundfile.write(tmp_path / "a.wav", both, 16000)
    soundfile.write(tmp_path / "one silent.wav", both * [1, 0], 16000)
    assert corpora.load("folder", tmp_path, unlabelled=True).attrs["problems"] == []
    np.testing.assert_allclose(sound.read(tmp_path / "a.wav")[0], both.mean(1), atol=1e-4)


def test_a_file_without_a_data_chunk_is_a_sentence(tmp_path):
    whole = made.put(tmp_path / "a.wav").read_bytes()
    bare = whole[:36]
    (tmp_path / "a.wav").write_bytes(bare[:4] + struct.pack("<I", len(bare) - 8) + bare[8:])
    with pytest.raises(UserError, match=r"a.wav (contains no samples|cannot be read as sound)") as raised:
        sound.read(tmp_path / "a.wav")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("name", "subtype"), [("a.wav", "PCM_16"), ("a.wav", "FLOAT"), ("a.aiff", "PCM_24")])
def test_a_truncated_download_is_taken_with_a_note(name, subtype, tmp_path):
    soundfile.write(tmp_path / name, made.tone(200, 1.63), 16000, subtype=subtype)
    cut(tmp_path / name, 0.38)
    assert problem_of(tmp_path).startswith("is cut off (38 % of what its header promises is there)")


def test_a_truncated_video_is_noted_or_cannot_be_read(tmp_path):
    made.put_avi(tmp_path / "a.avi", 300, 1.0)
    assert headers.missing(tmp_path / "a.avi") is None
    cut(tmp_path / "a.avi", 0.5)
    there, promised = headers.missing(tmp_path / "a.avi")
    assert there / promised == pytest.approx(0.5, abs=0.02)


def test_a_truncated_flac_is_left_out(tmp_path):
    good = made.put(tmp_path / "good.wav", 200, 1.0)
    soundfile.write(tmp_path / "a.flac", np.random.default_rng(0).normal(0, 0.1, 16000), 16000)
    cut(tmp_path / "a.flac", 0.5)
    table = corpora.load("folder", tmp_path, unlabelled=True)
    assert list(table.index) == [str(good)]
    assert "ends before its header says" in table.attrs["problems"][0]["problem"]


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFF000])
def test_a_stream_that_did_not_know_its_length_is_whole(size, tmp_path):
    file = made.put(tmp_path / "a.wav")
    content = bytearray(file.read_bytes())
    content[40:44] = struct.pack("<I", size)
    file.write_bytes(content)
    assert headers.missing(file) is None
    assert len(sound.read(file)[0]) == 800


def test_no_whole_file_is_said_to_be_cut_off(tmp_path):
    for i, how in enumerate((("WAV", "PCM_16"), ("WAV", "PCM_U8"), ("AIFF", "PCM_16"), ("WAVEX", "PCM_24"))):
        for n in (1, 2, 799, 800, 801):
            file = tmp_path / f"{i}-{n}.{how[0][:3].lower()}"
            soundfile.write(file, np.full(n, 0.1), 16000, format=how[0], subtype=how[1])
            assert headers.missing(file) is None, file
    for name, content in (("short.wav", b"RIFF"), ("text.wav", b"hello there, this is a text"), ("empty.wav", b"")):
        (tmp_path / name).write_bytes(content)
        assert headers.missing(tmp_path / name) is None


def test_a_float_file_of_integers_is_taken_with_a_note(tmp_path):
    soundfile.write(tmp_path / "a.wav", 32768 * made.tone(200, 0.5), 16000, subtype="FLOAT")
    assert problem_of(tmp_path).startswith("has samples up to 13107, where full scale is 1, and is clipped")
    soundfile.write(tmp_path / "a.wav", 4 * made.tone(200, 0.5), 16000, subtype="FLOAT")  # as mp3 decoders give
    assert corpora.load("folder", tmp_path, unlabelled=True).attrs["problems"] == []


def test_channels_that_nearly_cancel_each_other_are_taken_with_a_note(tmp_path):
    tone = made.tone(200, 0.5)
    soundfile.write(tmp_path / "a.wav", np.stack([tone, -0.95 * tone], 1), 16000)
    assert problem_of(tmp_path).startswith("has channels that cancel each other (their mean has 3 % of their")


@pytest.mark.parametrize("rate", [1, 100, 3999])
def test_a_header_with_a_rate_that_no_speech_has(rate, tmp_path):
    file = made.put(tmp_path / "a.wav", 200, 1.0)
    content = bytearray(file.read_bytes())
    content[24:28] = struct.pack("<I", rate)
    file.write_bytes(content)
    with pytest.raises(UserError, match=f"a.wav has {rate} samples a second by its header, and 4000 are needed"):
        sound.read(file)


def test_the_seconds_are_bounded_before_anything_is_resampled(tmp_path, monkeypatch):
    file = made.put(tmp_path / "a.wav", 200, 1.0)
    monkeypatch.setattr(sound, "LONGEST", 0.6)
    monkeypatch.setattr(sound, "to_rate", lambda *_: pytest.fail("resampled"))
    with pytest.raises(UserError, match=r"no usable recording .* lasts 0.0 minutes by its header, and at most 0 are"):
        corpora.load("folder", tmp_path, unlabelled=True)
    with pytest.raises(UserError, match="lasts"):
        features.extract([file], cache=tmp_path / "cache", progress=False)
    monkeypatch.undo()
    assert sound.LONGEST == 600


def test_a_long_recording_is_told_the_bound(tmp_path):
    soundfile.write(tmp_path / "a.flac", np.zeros(8000 * 601, dtype=np.int16), 8000)
    with pytest.raises(UserError, match=r"lasts 10.0 minutes by its header, and at most 10 are read: cut it into"):
        sound.read(tmp_path / "a.flac")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes in folders")
@pytest.mark.parametrize("name", ["pipe.wav", "pipe.avi"])
def test_a_pipe_is_left_out_and_nobody_waits(name, tmp_path):
    os.mkfifo(tmp_path / name)
    good = made.put(tmp_path / "good.wav", 200, 0.3)
    table = corpora.load("folder", tmp_path, unlabelled=True)
    assert list(table.index) == [str(good)]
    assert "is a pipe or a device, not a file" in table.attrs["problems"][0]["problem"]
    with pytest.warns(features.FeatureWarning, match="is a pipe or a device"):
        X = features.extract([good, tmp_path / name], cache=tmp_path / "cache", progress=False)
    assert len(X) == 1


def test_a_zero_character_in_a_path(tmp_path):
    assert sound.unreadable(Path("a\0b.wav")).startswith("is not a path")
    with pytest.raises(UserError, match="is not a path"):
        features.extract(["a\0b.wav"], cache=tmp_path / "cache", progress=False)


@pytest.mark.parametrize("content", [b"no sound, " * 30, bytes(3000)], ids=["text", "zeros"])
def test_what_is_named_as_sound_and_is_none_is_said_once(
    content: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "song.mp3").write_bytes(content)
    with pytest.raises(UserError, match=r"song.mp3 is not sound, whatever its name says: replace it"):
        sound.read(tmp_path / "song.mp3")
    assert capfd.readouterr().err == "", "the MP3 decoder writes to standard error itself"
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"


def test_standard_error_comes_back_when_the_last_of_several_threads_is_done(capfd: pytest.CaptureFixture[str]) -> None:
    with sound._hush, ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda i: sound._hush.__enter__() or sound._hush.__exit__(), range(40)))
        os.write(2, b"lost")
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"


def test_seconds_are_those_of_the_header(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(8000), 16000)
    assert sound.seconds(tmp_path / "a.wav") == 0.5
