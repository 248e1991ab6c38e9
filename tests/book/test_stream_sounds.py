"""Chapter 4.1's sounds: what a hum and a whisper keep of an utterance, and what they do not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import signal, stats

from tlmlda_lib import corpora
from tlmlda_lib.book import stream_sounds as sounds
from tlmlda_lib.book.explorables import StreamEars
from tlmlda_lib.book.explorables.sitting import PEAK
from tlmlda_lib.book.explorables.streams import EARS, RANGE, heard
from tlmlda_lib.errors import UserError
from tlmlda_lib.features import prosody

RATE = 16000
#: First three formants of two vowels, in Hz.
AH, EE = (750, 1200, 2500), (280, 2250, 3000)


def vowel(hertz: np.ndarray | float, formants: tuple[int, ...], level: float = 0.1, seconds: float = 1.0) -> np.ndarray:
    """A pulse train through three resonances, at this root mean square."""
    phase = np.cumsum(np.broadcast_to(hertz, int(seconds * RATE)) / RATE)
    sound = np.diff(np.floor(phase), prepend=0.0)
    for f in formants:
        r = np.exp(-np.pi * 80 / RATE)
        sound = signal.lfilter([1], [1, -2 * r * np.cos(2 * np.pi * f / RATE), r**2], sound)
    return (sound * level / np.sqrt(np.mean(sound**2))).astype(np.float32)


def bands(sound: np.ndarray) -> np.ndarray:
    """Decibels in twelve bands of 500 Hz, by Welch's method."""
    hertz, power = signal.welch(sound[1600:-1600], RATE, nperseg=1024)
    return np.array([10 * np.log10(power[(hertz >= f) & (hertz < f + 500)].sum()) for f in range(0, 6000, 500)])


def db(sound: np.ndarray) -> float:
    return 10 * math.log10(sum(float(x) ** 2 for x in sound) / len(sound))


def spoken(language: str, who: str, emotion: str, text: int) -> np.ndarray:
    import soundfile

    (file,) = [
        f for f in corpora.synthetic(language, progress=False).index if f.endswith(f"{who}-{emotion}-{text:02d}.wav")
    ]
    return soundfile.read(file, dtype="float32")[0]


# The hum


def test_hum_does_not_know_the_vowel() -> None:
    a, b = vowel(150, AH), vowel(150, EE)
    assert np.abs(bands(a) - bands(b)).max() > 10
    assert np.abs(bands(sounds.hum(a, RATE)) - bands(sounds.hum(b, RATE)))[:2].max() < 1


def test_hum_has_the_pitch_and_its_harmonics_as_written() -> None:
    sound = sounds.hum(vowel(200, AH), RATE)[RATE // 4 : 3 * RATE // 4]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    assert hertz[spectrum.argmax()] == pytest.approx(200, abs=3)
    at = [np.linalg.norm(spectrum[np.abs(hertz - 200 * k) < 60]) for k in range(1, sounds.HARMONICS + 2)]
    for k, height in enumerate(at[:-1], 1):
        assert at[0] / height == pytest.approx(k, rel=0.05)
    assert at[-1] < at[-2] / 20


def test_hum_follows_a_glide_and_the_level() -> None:
    glide = np.geomspace(120, 240, 2 * RATE)
    sound = vowel(glide, AH, seconds=2) * np.linspace(0.2, 1, 2 * RATE).astype(np.float32)
    hummed = sounds.hum(sound, RATE)
    contour = prosody.contour(hummed, RATE)
    at = ((0.03 + 0.01 * np.arange(len(contour))) * RATE).astype(int)
    inside = (contour > 0) & (at > 2000) & (at < 30000)
    assert inside.sum() > 150
    assert np.median(np.abs(12 * np.log2(contour[inside] / glide[at[inside]]))) < 0.3
    for begin in range(RATE // 4, 7 * RATE // 4, RATE // 4):
        part = slice(begin, begin + RATE // 4)
        assert db(hummed[part]) == pytest.approx(db(sound[part]), abs=1)


def test_where_there_is_no_voice_the_hum_is_a_hiss_of_one_colour() -> None:
    noise = np.random.default_rng(1).normal(0, 0.05, RATE)
    dark, bright = signal.lfilter([1], [1, -0.95], noise), signal.lfilter([1, -0.95], [1], noise)
    dark, bright = (0.05 * x / x.std() for x in (dark, bright))
    a, b = sounds.hum(dark, RATE), sounds.hum(bright, RATE)
    assert (bands(dark) - bands(bright))[0] > 15
    assert np.abs(bands(a) - bands(b)).max() < 1.5
    assert db(a) == pytest.approx(db(dark), abs=1)
    assert (prosody.contour(a, RATE) > 0).mean() < 0.05


# The whisper


@pytest.mark.parametrize("formants", [AH, EE])
def test_whisper_keeps_the_vowel_and_not_the_pitch(formants: tuple[int, ...]) -> None:
    low, high = vowel(110, formants), vowel(160, formants)
    a, b = sounds.whisper(low, RATE, seed=1), sounds.whisper(high, RATE, seed=2)
    for sound, made in ((low, a), (high, b)):
        with pytest.raises(UserError, match="have a voice"):
            prosody.measure(made, RATE, 3)
        assert (prosody.contour(sound, RATE) > 0).mean() > 0.9
        assert db(made) == pytest.approx(db(sound), abs=1)
        # Fifteen coefficients blur a resonance by some decibels; two vowels differ by far more.
        assert np.abs(bands(made) - bands(sound))[:7].mean() < 4
    other = sounds.whisper(vowel(110, EE if formants == AH else AH), RATE)
    assert np.abs(bands(a) - bands(b))[:7].mean() < 3 < np.abs(bands(a) - bands(other))[:7].mean() / 2


def test_whisper_is_as_loud_as_the_sound_all_along() -> None:
    sound = vowel(130, AH, seconds=2) * np.repeat([1.0, 0.1, 0.5, 0.02], RATE // 2).astype(np.float32)
    made = sounds.whisper(sound, RATE)
    assert len(made) == len(sound)
    for k in range(4):
        part = slice(k * RATE // 2 + 1600, (k + 1) * RATE // 2 - 1600)
        assert db(made[part]) == pytest.approx(db(sound[part]), abs=1.5)
    assert np.allclose(sounds.whisper(2 * sound, RATE), 2 * made, atol=2e-3)


def test_seeds_draw_other_noise_and_equal_seeds_the_same() -> None:
    for make in (sounds.hum, sounds.whisper):
        sound = np.concatenate([vowel(150, AH), np.random.default_rng(0).normal(0, 0.05, RATE)])
        assert np.array_equal(make(sound, RATE), make(sound, RATE, seed=0))
        assert not np.allclose(make(sound, RATE), make(sound, RATE, seed=1), atol=0.01)


def test_cepstrum_is_the_cosine_transform_of_mel_bands() -> None:
    librosa = pytest.importorskip("librosa")
    sound = np.random.default_rng(0).normal(0, 0.1, RATE // 2).astype(np.float32)
    found = sounds.cepstrum(sound, RATE)
    n, hop = 512, 128
    filters = librosa.filters.mel(sr=RATE, n_fft=n, n_mels=sounds.BANDS, fmin=20, fmax=8000, htk=True, norm=None)
    window = np.sqrt(np.hanning(n + 1)[:n])
    for i in (10, 37):
        middle = i * hop
        power = np.abs(np.fft.rfft(sound[middle - n // 2 : middle + n // 2] * window)) ** 2
        logs = [math.log(sum(w * p for w, p in zip(row, power, strict=True)) / sum(row)) for row in filters]
        for k in range(sounds.COEFFICIENTS):
            scale = math.sqrt((1 if k == 0 else 2) / sounds.BANDS)
            right = scale * sum(x * math.cos(math.pi * k * (m + 0.5) / sounds.BANDS) for m, x in enumerate(logs))
            assert found[i, k] == pytest.approx(right, abs=0.02)


# On made speech


@pytest.mark.parametrize("clip", [("de", "m1", "anger", 1), ("en", "f1", "fear", 3), ("zh", "m1", "sad", 8)])
def test_streams_of_made_speech_keep_what_is_theirs(clip: tuple[Any, ...]) -> None:
    opensmile = pytest.importorskip("opensmile")
    smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.LowLevelDescriptors)
    sound = spoken(*clip)
    versions = heard(sound, RATE)
    whole = sounds.traces(sound, RATE)
    hummed, whispered = (sounds.kept(whole, sounds.traces(versions[ear], RATE)) for ear in ("hum", "whisper"))
    assert hummed["pitch"] > 0.95
    assert min(hummed["level"], whispered["level"]) > 0.95
    assert whispered["shape"] > 0.85 > 0.4 > abs(hummed["shape"])
    assert math.isnan(whispered["pitch"])
    # The harmonics over the noise between them, by openSMILE; 0 where it finds no voice.
    ratio = {ear: smile.process_signal(v, RATE)["HNRdBACF_sma3nz"].to_numpy() for ear, v in versions.items()}
    assert (ratio["whisper"] == 0).mean() > 0.9
    assert ratio["hum"][ratio["hum"] != 0].mean() > ratio["whole"][ratio["whole"] != 0].mean()


def test_kept_is_pearson_s_correlation() -> None:
    whole = sounds.traces(spoken("en", "f2", "happy", 2), RATE)
    other = sounds.traces(sounds.hum(spoken("en", "f2", "happy", 2), RATE), RATE)
    found = sounds.kept(whole, other)
    both = (whole["pitch"] > 0) & (other["pitch"] > 0)
    assert found["pitch"] == pytest.approx(
        stats.pearsonr(np.log(whole["pitch"][both]), np.log(other["pitch"][both])).statistic
    )
    assert found["level"] == pytest.approx(stats.pearsonr(whole["level"], other["level"]).statistic)
    loud = [i for i in range(len(whole["shape"])) if whole["level"][2 * i] > whole["level"].max() - 30]
    each = [stats.pearsonr(whole["shape"][loud, c], other["shape"][loud, c]).statistic for c in range(14)]
    assert found["shape"] == pytest.approx(np.mean(each))
    assert sounds.kept(whole, whole) == pytest.approx({"pitch": 1, "level": 1, "shape": 1})


def test_a_voice_found_in_noise_by_accident_is_no_pitch() -> None:
    whole = sounds.traces(spoken("en", "f2", "happy", 2), RATE)
    voiced = np.flatnonzero(whole["pitch"] > 0)
    few, enough = (voiced[:n] for n in (len(voiced) // 5 - 1, len(voiced) // 5 + 1))
    assert len(few) >= 10
    for places, there in ((few, False), (enough, True)):
        pitch = np.zeros_like(whole["pitch"])
        pitch[places] = whole["pitch"][places]
        assert math.isnan(sounds.kept(whole, whole | {"pitch": pitch})["pitch"]) != there


def test_picture_shows_a_tone_where_it_is() -> None:
    tone = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)
    found = sounds.picture(tone, RATE, high=4000, rows=40)
    assert found.shape[0] == 40
    assert set(found[:, 5:-5].argmax(0)) <= {9, 10}  # 50 Hz on either side of 1000
    assert sounds.picture(10 * tone, RATE).max() == pytest.approx(sounds.picture(tone, RATE).max() + 20, abs=0.01)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((np.zeros((2, RATE)), RATE), r"\(2, 16000\)"),
        ((np.zeros(RATE), 4000), "rate=4000"),
        ((np.zeros(100), RATE), "100 samples"),
    ],
)
def test_what_cannot_be_heard_is_said(given: tuple[Any, ...], says: str) -> None:
    for make in (sounds.hum, sounds.whisper, sounds.picture, sounds.traces):
        with pytest.raises(UserError, match=says):
            make(*given)


# The explorable


def clip(emotion: str, corpus: str = "A", loud: float = 0.1, pitch: float = 150) -> dict[str, Any]:
    return {"emotion": emotion, "corpus": corpus, "samples": vowel(pitch, AH, loud, 0.6), "rate": RATE}


def test_clips_come_three_ways_and_corpora_have_one_loudness() -> None:
    import base64
    import io

    import soundfile

    given = [clip("anger", "A", 0.1), clip("sad", "A", 0.02), clip("happy", "B", 0.01)]
    widget = StreamEars(given, seed=3)
    state = widget.get_state()
    assert state["guesses"] == [""] * 9
    assert state["classes"] == ["anger", "happy", "sad"]
    peaks: dict[str, dict[str, float]] = {}
    for one in state["clips"]:
        assert list(one["versions"]) == list(EARS)
        for ear, version in one["versions"].items():
            sound, rate = soundfile.read(io.BytesIO(base64.b64decode(version["audio"])))
            assert rate == RATE
            peaks.setdefault(one["emotion"], {})[ear] = np.abs(sound).max()
            assert len(base64.b64decode(version["picture"])) % one["rows"] == 0
            assert len(version["shape"]) == (len(version["pitch"]) + 1) // 2
            assert len(version["level"]) == len(version["pitch"])
    for emotions in (("anger", "sad"), ("happy",)):
        assert max(p for e in emotions for p in peaks[e].values()) == pytest.approx(PEAK, rel=0.1)
    assert peaks["sad"]["whole"] / peaks["anger"]["whole"] == pytest.approx(0.2, rel=0.1)


def test_pictures_share_one_scale_within_a_clip() -> None:
    import base64

    (one,) = StreamEars([clip("anger")]).clips
    raw = {ear: np.frombuffer(base64.b64decode(v["picture"]), np.uint8) for ear, v in one["versions"].items()}
    assert raw["whole"].max() == 255
    power = sounds.picture(heard(vowel(150, AH, 0.1, 0.6), RATE)["hum"], RATE).ravel()
    top = sounds.picture(vowel(150, AH, 0.1, 0.6), RATE).max()
    expected = np.clip(255 * (1 - (top - power) / RANGE), 0, 255)
    assert np.abs(raw["hum"] - expected).max() <= 0.5


@pytest.mark.parametrize(
    ("clips", "says"),
    [
        ([], "no clip"),
        ([clip("anger") | {"samples": np.zeros(RATE)}], "silent"),
        ([{k: v for k, v in clip("anger").items() if k != "corpus"}], "'corpus'"),
        ([clip("sad"), clip("surprise")], "begin with one letter"),
    ],
)
def test_ears_say_what_is_wrong(clips: list[dict[str, Any]], says: str) -> None:
    with pytest.raises(UserError, match=says):
        StreamEars(clips)
