"""What a microphone, a room, a telephone and noise do to speech. Chapter 1.2."""

from __future__ import annotations

import math
import random
import re
from dataclasses import dataclass

import numpy as np

from tlmlda_lib.errors import UserError

#: Hz, of all that is recorded.
RATE = 16000

#: Names that `recording=` takes; "noise" may be followed by the signal-to-noise ratio in dB.
RECORDINGS = ("studio", "telephone", "room", "noise")

_SNR = 10  # dB, of "noise" alone


@dataclass(frozen=True)
class Studio:
    """How a corpus was recorded.

    Attributes
    ----------
    gain : float
        dB.
    treble : float
        dB, of what lies above 2 kHz: the microphone, and how far away it stands.
    floor : float
        Level of the noise, root mean square in dB relative to full scale.
    reverberation : float
        Seconds until an echo has lost 60 dB; 0 for none.
    echo : float
        Level of the reverberation relative to the direct sound, dB.
    """

    gain: float = 0.0
    treble: float = 0.0
    floor: float = -70.0
    reverberation: float = 0.0
    echo: float = -10.0


#: The studio of each made corpus.
STUDIOS = {
    "de": Studio(gain=-8, floor=-72),
    "en": Studio(gain=-12, treble=-8, floor=-54, reverberation=0.2, echo=-12),
    "zh": Studio(gain=-17, treble=11, floor=-63, reverberation=0.3, echo=-8),
}


def snr(recording: str) -> float | None:
    """Signal-to-noise ratio that the name of a recording asks for, in dB; None if it is another kind.

    Raises
    ------
    UserError
        If the name is not known.
    """
    match = re.fullmatch(r"noise(\d{1,2})?", recording)
    if match:
        return float(match[1] or _SNR)
    if recording not in RECORDINGS:
        raise UserError(f"recording {recording!r} is not known: use one of {', '.join(RECORDINGS)}, or noise5 for 5 dB")
    return None


def record(sound: np.ndarray, rate: int, studio: Studio, recording: str, name: str) -> np.ndarray:
    """Record an utterance.

    Parameters
    ----------
    sound : ndarray of shape (n,), float
    rate : int
        In Hz.
    studio : Studio
    recording : str
        "studio": as it is there. "telephone": 300 to 3400 Hz, at 8 kHz, 8 bits by the mu law. "room": as far from the
        microphone, with 0.7 s of reverberation. "noise5": in noise that has the long-term spectrum of speech, 5 dB
        below it ("noise": 10 dB).
    name : str
        Of the utterance: its noise comes from it.

    Returns
    -------
    ndarray of shape (m,), int16
        At 16 kHz, with a tenth of a second of the place's noise at each end.
    """
    from scipy import signal

    ratio = snr(recording)
    noise_of = _Noise(name)
    # soxr chooses its arithmetic by the processor, and the last bit with it; this is the same on all.
    common = math.gcd(rate, RATE)
    samples = signal.resample_poly(np.asarray(sound, dtype=np.float64), RATE // common, rate // common)
    samples = np.pad(samples, RATE // 10)
    if studio.reverberation:
        samples = _reverberate(samples, studio.reverberation, studio.echo, noise_of)
    if recording == "room":
        samples = _reverberate(samples, 0.7, 0.0, noise_of)
    if studio.treble:
        samples = _treble(samples, studio.treble)
    samples *= 10 ** (studio.gain / 20)
    if ratio is not None:
        samples += _level(_speech_like(noise_of(len(samples))), _rms(samples) * 10 ** (-ratio / 20))
    samples += _level(noise_of(len(samples)), 10 ** (studio.floor / 20))
    if recording == "telephone":
        samples = _telephone(samples)
    return np.clip(np.rint(samples * 32767), -32768, 32767).astype(np.int16)


class _Noise:
    """White noise, the same for a name on every system."""

    def __init__(self, name: str) -> None:
        self._rng = np.random.Generator(np.random.PCG64(random.Random(name).getrandbits(64)))

    def __call__(self, n: int) -> np.ndarray:
        # Two uniform numbers: exact everywhere, and near enough to a normal one for the ear.
        return self._rng.random(n) - self._rng.random(n)


def _rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(samples**2)))


def _level(samples: np.ndarray, rms: float) -> np.ndarray:
    return samples * (rms / _rms(samples))


def _reverberate(samples: np.ndarray, seconds: float, level: float, noise_of: _Noise) -> np.ndarray:
    """Direct sound and a diffuse tail: noise that decays exponentially (Polack 1988)."""
    from scipy import signal

    t = np.arange(int(seconds * RATE)) / RATE
    tail = noise_of(len(t)) * 10 ** (-3 * t / seconds)
    tail[: RATE // 200] = 0  # the first echo comes after 5 ms
    tail *= 10 ** (level / 20) / np.sqrt(np.sum(tail**2))
    tail[0] = 1
    return signal.fftconvolve(samples, tail)[: len(samples)]


def _treble(samples: np.ndarray, gain: float) -> np.ndarray:
    """Raise or lower what is above 2 kHz."""
    from scipy import signal

    b, a = signal.butter(1, 2000, "highpass", fs=RATE)
    return samples + (10 ** (gain / 20) - 1) * signal.lfilter(b, a, samples)


def _speech_like(noise: np.ndarray) -> np.ndarray:
    """Flat to 500 Hz, then 12 dB an octave down: about the long-term spectrum of speech."""
    from scipy import signal

    return signal.lfilter(*signal.butter(2, 500, fs=RATE), noise)


def _telephone(samples: np.ndarray) -> np.ndarray:
    """300 to 3400 Hz, 8 kHz, 8 bits by the mu law (ITU-T G.711)."""
    from scipy import signal

    narrow = signal.sosfilt(signal.butter(4, (300, 3400), "bandpass", fs=RATE, output="sos"), samples)
    slow = np.clip(signal.resample_poly(narrow, 1, 2), -1, 1)
    code = np.rint(127 * np.sign(slow) * np.log1p(255 * np.abs(slow)) / np.log(256)) / 127
    heard = np.sign(code) * (256 ** np.abs(code) - 1) / 255
    return signal.resample_poly(heard, 2, 1)[: len(samples)]
