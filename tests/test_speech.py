"""espeak-ng through its wheel: the same bits after any calls, in any process; parameters that can be heard."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import tlmlda_lib as tl
from tlmlda_lib.corpora.synthesis import espeak, speech
from tlmlda_lib.corpora.synthesis.speakers import SPEAKERS, Voice, speaker
from tlmlda_lib.errors import UserError

ROOT = Path(__file__).parents[1]
TEXTS = {"de": "Das Fenster steht offen.", "en": "The window is open.", "zh": "窗户开着。"}

#: Rough and breathy voices use what the library remembers of earlier utterances: counted cycles, random numbers.
WAYS = (
    {},
    {"roughness": 6.0},
    {"breath": 20.0, "roughness": 3.0},
    {"flutter": 10.0, "pitch": 5.0},
    {"final": 5.0, "rate": 1.3, "tilt": -4.0},
)
CALLS = [(language, voice, i) for language in TEXTS for voice in ("f1", "m2") for i in range(len(WAYS))]


def say(language: str, voice: str, way: int) -> str:
    sound, _ = tl.corpora.speak(TEXTS[language], language, voice, **WAYS[way])
    return hashlib.sha256(sound.tobytes()).hexdigest()


def all_said(seed: int) -> dict[str, str]:
    """Digest of each call, made in an order of its own, with other speech between."""
    order = CALLS * 2
    random.Random(seed).shuffle(order)
    said: dict[str, str] = {}
    for n, call in enumerate(order):
        if n % 3 == seed % 3:
            tl.corpora.speak("Etwas anderes dazwischen?" + " Ja." * (n % 5), "de", f"f{n % 4 + 1}", roughness=5)
        digest = say(*call)
        assert said.setdefault(str(call), digest) == digest
    return said


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    return all_said(0)


def in_process(code: str, **environment: str) -> subprocess.Popen[str]:
    here = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"} | environment
    return subprocess.Popen(
        [sys.executable, "-c", code], env=here, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_order_of_calls_changes_nothing(said: dict[str, str]) -> None:
    assert len(set(said.values())) == len(CALLS), "each way of speaking is another sound"
    for seed in (1, 2):
        assert all_said(seed) == said


def test_processes_agree_though_they_start_at_once_on_an_empty_cache(said: dict[str, str], tmp_path: Path) -> None:
    code = "import json, test_speech; print(json.dumps(test_speech.all_said({seed})))"
    running = [in_process(code.format(seed=s), TLMLDA_CACHE=str(tmp_path), PYTHONHASHSEED=str(s)) for s in (3, 4, 5)]
    for process in running:
        out, error = process.communicate(timeout=300)
        assert process.returncode == 0, error
        assert __import__("json").loads(out) == said
    assert not [p for p in (tmp_path / "speech").rglob("*") if p.name.startswith(("tmp-", "tl-"))]


def test_threads_wait_for_each_other(said: dict[str, str]) -> None:
    found: dict[str, str] = {}
    calls = CALLS[:12]
    threads = [threading.Thread(target=lambda c=c: found.update({str(c): say(*c)})) for c in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {str(c): said[str(c)] for c in calls}


def test_our_library_is_not_the_one_that_others_load() -> None:
    """Another package may speak with the wheel's own library before and after: neither disturbs the other."""
    code = """
import ctypes, espeakng_loader, test_speech
other = ctypes.CDLL(espeakng_loader.get_library_path())
rate = other.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0x8000)
mine = test_speech.say("de", "f1", 1)
assert rate == 22050 and other.espeak_SetVoiceByName(b"de") == 0
assert other.espeak_Synth(b"Ja\\0", ctypes.c_size_t(3), 0, 0, 0, 1, None, None) == 0
assert mine == test_speech.say("de", "f1", 1)
print(mine)
"""
    out, error = in_process(code).communicate(timeout=120)
    assert out.split() == [say("de", "f1", 1)], error


def test_installed_files_are_not_touched_and_ours_are_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loader = pytest.importorskip("espeakng_loader")
    installed = Path(loader.__file__).parent

    def state() -> dict[str, tuple[int, int]]:
        files = (p for p in installed.rglob("*") if p.is_file() and p.suffix != ".pyc")
        return {str(p): (p.stat().st_size, p.stat().st_mtime_ns) for p in files}

    before = state()
    monkeypatch.setenv("TLMLDA_CACHE", str(tmp_path))
    first = say("de", "f1", 0)
    dictionary = next((tmp_path / "speech").glob("espeak-*/espeak-ng-data/de_dict"))
    content = dictionary.read_bytes()
    dictionary.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    out, error = in_process("import test_speech; print(test_speech.say('de', 'f1', 0))").communicate(timeout=120)
    assert out.split() == [first], error
    assert dictionary.read_bytes() == content
    __import__("shutil").rmtree(tmp_path / "speech")
    assert say("de", "f1", 0) == first
    assert state() == before


def test_sound_is_as_documented() -> None:
    sound, rate = tl.corpora.speak("Guten Tag!", "de", "m1", loudness=3)
    assert sound.dtype == np.float32
    assert sound.ndim == 1
    assert rate == 22050
    assert 0.3 * rate < len(sound) < 2 * rate
    assert np.abs(sound).max() <= 1
    assert 10 * np.log10(np.mean(sound.astype(float) ** 2)) == pytest.approx(-26 + 3, abs=0.01)


def test_own_voice() -> None:
    own = Voice("male", pitch=90, tract=94)
    sound, _ = tl.corpora.speak("Hello there.", "en", own)
    assert not np.array_equal(sound, tl.corpora.speak("Hello there.", "en", "m1")[0])


def test_markup_is_read_as_text() -> None:
    plain = tl.corpora.speak("Tom and Jerry", "en", "f1")[0]
    marked = tl.corpora.speak("Tom <break time='2s'/> and Jerry & <b>", "en", "f1")[0]
    assert len(marked) > len(plain)
    assert speech._marked_up("a < b & c.", "en", 3.0) == 'a &lt; b &amp; <prosody pitch="62">c</prosody>.'
    assert speech._marked_up("窗户开着。", "zh", -3.0) == '窗户<prosody pitch="38">开着</prosody>。'
    assert speech._marked_up("Ja.", "de", 0.0) == "Ja."


def test_variant_is_what_espeak_reads() -> None:
    lines = (
        Voice("female", pitch=200, span=12, tract=110, upper=90, breath=10, roughness=9, tilt=6).variant().split("\n")
    )
    assert "pitch 141 283" in lines  # an octave around 200 Hz
    assert "roughness 7" in lines
    assert "formant 2 110 100 100" in lines
    assert "formant 4 99 100 100" in lines
    assert "breath 10 10 9 9 7 6 5 4" in lines
    gains = [int(g) for g in lines[-2].split()[2::2]]
    assert max(gains) == 255
    # 6 dB an octave from 600 to 4500 Hz, on espeak-ng's own curve
    assert 20 * np.log10(gains[-1] / gains[0] * 170 / 110) == pytest.approx(6 * np.log2(4500 / 600), abs=0.1)


@pytest.mark.parametrize("language", SPEAKERS)
def test_speakers_differ_and_genders_are_balanced(language: str) -> None:
    voices = SPEAKERS[language]
    assert len(voices) >= {"de": 8, "en": 8, "zh": 4}[language]
    assert sorted(v.gender for v in voices.values()).count("female") * 2 == len(voices)
    assert len({v.variant() for v in voices.values()}) == len(voices)
    lowest = min(v.pitch for v in voices.values() if v.gender == "female")
    assert lowest > max(v.pitch for v in voices.values() if v.gender == "male")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: tl.corpora.speak("a", "fr"), "use one of de, en, zh"),
        (lambda: tl.corpora.speak("a", "zh", "m4"), "use one of f1, f2, m1, m2"),
        (lambda: tl.corpora.speak(" ", "en"), "cannot be spoken"),
        (lambda: tl.corpora.speak("...", "en"), "gives no sound"),
        (lambda: tl.corpora.speak("a\0b", "en"), "cannot be spoken"),
        (lambda: tl.corpora.speak("a", "en", rate=0), "rate=0 cannot be spoken: give a number from 0.3 to 3"),
        (lambda: tl.corpora.speak("a", "en", pitch=float("nan")), "pitch=nan"),
    ],
)
def test_bad_input_is_one_sentence(call, says: str) -> None:
    with pytest.raises(UserError, match=says) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    monkeypatch.setenv("TLMLDA_CACHE", str(tmp_path))
    with pytest.raises(UserError, match=r"pip install 'espeakng-loader>="):
        tl.corpora.speak("a", "en")


def test_cache_folder_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("TLMLDA_CACHE", str(tmp_path / "file"))
    with pytest.raises(UserError, match="set TLMLDA_CACHE to a writable folder"):
        tl.corpora.speak("a", "en")
    monkeypatch.setenv("TLMLDA_CACHE", str(tmp_path / ("long" * 40)))
    with pytest.raises(UserError, match="shorter"):
        tl.corpora.speak("a", "en")


def test_voice_by_name() -> None:
    assert speaker("de", "m1").gender == "male"
    assert espeak.RATE == 22050
