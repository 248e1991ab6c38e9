"""What microphone, room, telephone and noise do, measured in the spectrum."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from tlmlda_lib.corpora import conditions
from tlmlda_lib.corpora.conditions import RATE, Studio, record
from tlmlda_lib.errors import UserError

QUIET = Studio(floor=-90)


def white(seconds: float = 2.0, rate: int = 22050) -> np.ndarray:
    return 0.05 * np.random.default_rng(0).standard_normal(int(seconds * rate))


def power(samples: np.ndarray, low: float, high: float) -> float:
    """Power between two frequencies, dB."""
    f, p = signal.welch(samples / 32768, RATE, nperseg=2048)
    return 10 * np.log10(p[(f >= low) & (f < high)].mean())


def test_studio_keeps_level_and_length_and_adds_its_margin() -> None:
    out = record(white(), 22050, QUIET, "studio", "a")
    assert out.dtype == np.int16
    assert len(out) == 2 * RATE + 2 * (RATE // 10)
    middle = out[RATE // 2 : -RATE // 2] / 32768
    # Of white noise at 22 kHz, what is below 8 kHz is left.
    assert 10 * np.log10(np.mean(middle**2)) == pytest.approx(20 * np.log10(0.05 * np.sqrt(16000 / 22050)), abs=0.3)
    assert np.abs(out[: RATE // 20]).max() < 5


def test_gain_treble_and_floor() -> None:
    plain = record(white(), 22050, QUIET, "studio", "a")
    louder = record(white(), 22050, Studio(gain=-6, floor=-90), "studio", "a")
    bright = record(white(), 22050, Studio(treble=8, floor=-90), "studio", "a")
    noisy = record(0 * white(), 22050, Studio(floor=-50), "studio", "a")
    assert power(louder, 100, 7000) - power(plain, 100, 7000) == pytest.approx(-6, abs=0.1)
    assert power(bright, 100, 300) - power(plain, 100, 300) == pytest.approx(0, abs=0.5)
    assert power(bright, 6000, 7500) - power(plain, 6000, 7500) == pytest.approx(8, abs=0.7)
    assert 10 * np.log10(np.mean((noisy / 32768) ** 2)) == pytest.approx(-50, abs=0.1)


def test_telephone_has_its_band() -> None:
    out = record(white(), 22050, QUIET, "telephone", "a")
    inside = power(out, 500, 3000)
    assert inside - power(out, 20, 150) > 25
    assert inside - power(out, 4500, 7500) > 25
    assert inside == pytest.approx(power(record(white(), 22050, QUIET, "studio", "a"), 500, 3000), abs=0.5)


@pytest.mark.parametrize(("name", "ratio"), [("noise", 10), ("noise5", 5), ("noise0", 0), ("noise20", 20)])
def test_noise_has_the_ratio_asked_for(name: str, ratio: float) -> None:
    clean = record(white(), 22050, QUIET, "studio", "a") / 32768
    noise = record(white(), 22050, QUIET, name, "a") / 32768 - clean
    assert 10 * np.log10(np.mean(clean**2) / np.mean(noise**2)) == pytest.approx(ratio, abs=0.1)
    slope = power(noise * 32768, 2000, 2500) - power(noise * 32768, 1000, 1250)
    assert slope == pytest.approx(-12, abs=2), "an octave"


@pytest.mark.parametrize(
    ("how", "studio", "seconds"), [("room", QUIET, 0.7), ("studio", Studio(0, 0, -90, 0.4, 0), 0.4)]
)
def test_room_decays_by_60_db_in_its_time(how: str, studio: Studio, seconds: float) -> None:
    click = np.zeros(2 * RATE)
    click[0] = 0.9
    tail = record(click, RATE, studio, how, "a")[RATE // 10 :].astype(float)
    energy = np.cumsum(tail[::-1] ** 2)[::-1]  # Schroeder's backward integration
    decay = 10 * np.log10(energy / energy[100])
    start, end = (int(np.argmax(decay < level)) for level in (-5, -25))
    assert 3 * (end - start) / RATE == pytest.approx(seconds, rel=0.15)


def test_noise_is_of_the_name() -> None:
    def of(name: str) -> np.ndarray:
        return record(white(0.2), 22050, Studio(floor=-40, reverberation=0.1), "noise", name)

    assert np.array_equal(of("a"), of("a"))
    assert not np.array_equal(of("a"), of("b"))


@pytest.mark.parametrize("name", ["hall", "noise100", "noise-5", "Studio", ""])
def test_unknown_recording(name: str) -> None:
    with pytest.raises(UserError, match="use one of studio, telephone, room, noise"):
        conditions.snr(name)
