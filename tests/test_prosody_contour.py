"""The pitch contour against voices whose pitch is known: no frame an octave off. `opensmile_contour` is what it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pytest
import soundfile
from scipy import signal

from tlmlda_lib import corpora
from tlmlda_lib.corpora.synthesis import made, rules, speakers
from tlmlda_lib.features import pitch, prosody

RATE = 16000
Contour = Callable[[np.ndarray, int], np.ndarray]

#: Hz and bandwidths of three formants.
FORMANTS = {
    "a": ((750, 90), (1200, 110), (2600, 160)),
    "i": ((280, 60), (2250, 120), (2900, 170)),
    "u": ((320, 60), (800, 90), (2300, 150)),
    "o": ((500, 70), (900, 90), (2400, 150)),
}


def vowel(hertz: np.ndarray, name: str) -> np.ndarray:
    """Glottal pulses, harmonics that fall by 6 dB an octave, through three formants; in [-0.3, 0.3]."""
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    sound = np.zeros(len(hertz))
    for k in range(1, int(RATE / 2 / hertz.min()) + 1):
        sound += np.where(k * hertz < 0.475 * RATE, np.cos(k * phase) / k, 0)
    for f, width in FORMANTS[name]:
        r = np.exp(-np.pi * width / RATE)
        poles = [1, -2 * r * np.cos(2 * np.pi * f / RATE), r * r]
        sound = signal.lfilter([sum(poles)], poles, sound)
    return 0.3 * sound / np.abs(sound).max()


def noisy(sound: np.ndarray, ratio: float, colour: float = 0.0) -> np.ndarray:
    """With noise that lies so many dB below; a colour near 1 leaves its high frequencies, like breath."""
    noise = signal.lfilter([1, -colour], [1], np.random.default_rng(0).normal(size=len(sound)))
    return sound + noise * np.sqrt(np.mean(sound**2) / np.mean(noise**2) / 10 ** (ratio / 10))


def without_lows(sound: np.ndarray, hertz: float) -> np.ndarray:
    return signal.sosfilt(signal.butter(6, hertz, "high", fs=RATE, output="sos"), sound)


def rough(hertz: np.ndarray) -> np.ndarray:
    """A voice of which every second cycle is weaker, so that it also repeats itself after two."""
    phase = np.cumsum(hertz) / RATE
    return vowel(hertz, "a") * np.where(np.floor(phase) % 2, 1, 0.75)


def voices() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Names, sounds (n,) and their pitch in Hz (n,)."""
    for f in (80, 100, 125, 160, 200, 250, 320, 400):
        hertz = np.full(RATE // 2, float(f))
        for name in FORMANTS:
            yield f"{name}, {f} Hz", vowel(hertz, name), hertz
        a = vowel(hertz, "a")
        yield f"weak fundamental, {f} Hz", without_lows(a, 1.8 * f), hertz
        yield f"telephone, {f} Hz", without_lows(a, 300), hertz
        yield f"breath, {f} Hz", noisy(a, 6, 0.7), hertz
        yield f"noise, {f} Hz", noisy(a, 5), hertz
        yield f"rough, {f} Hz", rough(hertz), hertz
    for start, end in ((80, 160), (120, 240), (200, 400), (300, 150), (100, 300), (400, 130), (80, 400), (400, 80)):
        hertz = np.geomspace(start, end, int(1.2 * RATE))
        for name in FORMANTS:
            yield f"{name}, {start} to {end} Hz", vowel(hertz, name), hertz
        yield f"noise, {start} to {end} Hz", noisy(vowel(hertz, "a"), 8), hertz
    for f in (110, 150, 180):  # a level voice that ends an octave higher
        hertz = f * 2 ** np.clip((np.arange(int(1.6 * RATE)) / RATE - 1.1) / 0.3, 0, 1)
        for name in FORMANTS:
            yield f"{name}, {f} Hz and up", vowel(hertz, name), hertz


def astray(contour: Contour, sound: np.ndarray, hertz: np.ndarray) -> np.ndarray:
    """By how many semitones the contour is off, in its voiced frames, 80 ms from the ends."""
    quiet = np.random.default_rng(3).normal(0, 1e-4, RATE // 5)
    found = contour(np.concatenate([quiet, sound, quiet]).astype(np.float32), RATE)
    at = 0.03 + 0.01 * np.arange(len(found)) - 0.2
    inside = (at > 0.08) & (at < len(sound) / RATE - 0.08)
    assert (found[inside] > 0).mean() > 0.75, "a voice is there all the time"
    inside &= found > 0
    return 12 * np.abs(np.log2(found[inside] / hertz[(at[inside] * RATE).astype(int)]))


@pytest.mark.parametrize(("sound", "hertz"), [pytest.param(s, h, id=n) for n, s, h in voices()])
def test_no_frame_of_a_known_voice_is_astray(sound: np.ndarray, hertz: np.ndarray) -> None:
    off = astray(prosody.contour, sound, hertz)
    assert np.median(off) < 0.2
    assert off.max() < 12 * np.log2(1.2)


# Synthetic speech, whose pitch follows rules


@cache
def clips() -> list[tuple[str, np.ndarray, float]]:
    """Every seventh clip of all corpora: name, samples, and the octaves by which its pitch may leave its middle."""
    found = []
    for language in ("de", "en", "zh"):
        table = corpora.synthetic(language, progress=False)
        for file, u in list(zip(table.index, made.plan(language, 0, "studio"), strict=True))[::7]:
            assert file.endswith(u.name)
            manner = rules.manner(u.emotion, language, u.speaker, u.text, u.seed)
            span = speakers.speaker(language, u.speaker).span * manner.pitch_range
            sound, _ = soundfile.read(file, dtype="float32")
            found.append((f"{language} {u.name}", sound, max(0.7, (span / 2 + abs(manner.final)) / 12)))
    return found


def leaps(contour: Contour) -> dict[str, int]:
    """Frames of each clip that lie further from its median than its speaker's rules allow."""
    found = {}
    for name, sound, octaves in clips():
        voiced = contour(sound, RATE)
        voiced = voiced[voiced > 0]
        far = int((np.abs(np.log2(voiced / np.median(voiced))) > octaves).sum())
        if far:
            found[name] = far
    return found


def opensmile_contour(samples: np.ndarray, rate: int) -> np.ndarray:
    """Pitch as eGeMAPSv02 has it, which drew the book's lines before."""
    semitones = prosody._smile().process_signal(samples, rate)[prosody._PITCH].to_numpy(float)
    return np.where(semitones > 0, 27.5 * 2 ** (semitones / 12), 0.0)


def test_synthetic_speech_keeps_to_its_speaker_s_octaves() -> None:
    assert leaps(prosody.contour) == {}


def test_opensmile_s_contour_does_not() -> None:
    found = leaps(opensmile_contour)
    assert len(found) > 0.3 * len(clips())


# Edges


@pytest.mark.parametrize("rate", [8000, 22050, 48000])
def test_any_rate(rate: int) -> None:
    hertz = 150.0
    sound = np.sum([np.sin(2 * np.pi * k * hertz * np.arange(rate) / rate) / k for k in range(1, 9)], axis=0)
    found = pitch.track(sound, rate)
    assert np.abs(12 * np.log2(found / hertz)).max() < 0.1


def test_loudness_does_not_matter() -> None:
    sound = vowel(np.full(RATE, 210.0), "o")
    assert np.allclose(pitch.track(sound, RATE), pitch.track(0.01 * sound, RATE))


@pytest.mark.parametrize(
    ("sound", "frames"),
    [(np.zeros(RATE), 95), (np.full(RATE, 0.2), 95), (np.zeros(100), 0), (np.zeros(0), 0), (np.zeros(960), 1)],
)
def test_silence_has_no_pitch(sound: np.ndarray, frames: int) -> None:
    assert np.array_equal(pitch.track(sound, RATE), np.zeros(frames))


def test_noise_has_none_either() -> None:
    for seed in range(5):
        noise = np.random.default_rng(seed).normal(0, 0.1, RATE)
        for sound in (noise, signal.lfilter([1], [1, -0.9], noise), np.diff(noise)):
            assert (pitch.track(sound, RATE) > 0).mean() < 0.05


def test_long_sounds_are_read_in_blocks() -> None:
    sound = vowel(np.geomspace(120, 240, 7 * RATE), "a")
    whole = pitch.track(sound, RATE)
    assert len(whole) == 695
    assert (whole > 0).all()
    assert np.abs(np.diff(whole)).max() < 2


def test_range_has_no_octave_errors_either() -> None:
    numbers = prosody.measure(rough(np.full(RATE, 180.0)), RATE, 4)
    assert numbers["pitch"] == pytest.approx(180, rel=0.01)
    assert numbers["range"] < 0.5
    # By openSMILE's pitch the widest of these utterances spanned two octaves.
    table = prosody.made("en", ("f1", "f2", "f3", "m1", "m2", "m3"), ("anger", "neutral", "sad"), texts=(1, 2))
    assert table["range"].max() < 12
