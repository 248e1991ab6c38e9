"""Recording conditions: microphone, room, telephone and noise. Chapter 1.2."""

from __future__ import annotations

import math
import random
import re
from dataclasses import dataclass

import numpy as np

from tlmlda_lib.errors import UserError

#: Sampling rate of every recording, Hz.
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
        Gain above 2 kHz in dB: the microphone and its distance.
    floor : float
        Level of the noise, root mean square in dB relative to full scale.
    reverberation : float
        Reverberation time T60 in seconds; 0 for none.
    echo : float
        Level of the reverberation relative to the direct sound, in dB.
    """

    gain: float = 0.0
    treble: float = 0.0
    floor: float = -70.0
    reverberation: float = 0.0
    echo: float = -10.0


#: The studio of each synthetic corpus.
STUDIOS = {
    "de": Studio(gain=-8, floor=-72),
    "en": Studio(gain=-12, treble=-8, floor=-54, reverberation=0.2, echo=-12),
    "zh": Studio(gain=-17, treble=11, floor=-63, reverberation=0.3, echo=-8),
}


def snr(recording: str) -> float | None:
    """Signal-to-noise ratio in dB that the name of a recording condition asks for; None for the other conditions.

    Parameters
    ----------
    recording : str
        One of `RECORDINGS`, or "noise" and one or two digits.

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
    """Record an utterance under a condition: resampled to 16 kHz, filtered, with noise and reverberation.

    Parameters
    ----------
    sound : ndarray of shape (n,), float
    rate : int
        In Hz.
    studio : Studio
    recording : str
        "studio": no further change. "telephone": 300 to 3400 Hz, 8 kHz, 8 bits (mu-law). "room": 0.7 s of
        reverberation, as loud as the direct sound. "noise5": noise with the long-term spectrum of speech, at a
        signal-to-noise ratio of 5 dB ("noise": 10 dB).
    name : str
        Name of the utterance; it seeds the noise.

    Returns
    -------
    ndarray of shape (m,), int16
        At 16 kHz, with a tenth of a second of background noise at each end.
    """
    from scipy import signal

    ratio = snr(recording)
    noise_of = _Noise(name)
    # soxr's last bit depends on the processor; scipy's resampler gives the same bits on every one.
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
    """White noise seeded by a name: the same bits on every system."""

    def __init__(self, name: str) -> None:
        self._rng = np.random.Generator(np.random.PCG64(random.Random(name).getrandbits(64)))

    def __call__(self, n: int) -> np.ndarray:
        # The difference of two uniform numbers is exact on every system, and to the ear as good as a normal one.
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
    """Apply a gain in dB above 2 kHz."""
    from scipy import signal

    b, a = signal.butter(1, 2000, "highpass", fs=RATE)
    return samples + (10 ** (gain / 20) - 1) * signal.lfilter(b, a, samples)


def _speech_like(noise: np.ndarray) -> np.ndarray:
    """Flat to 500 Hz, then 12 dB an octave down: about the long-term spectrum of speech."""
    from scipy import signal

    return signal.lfilter(*signal.butter(2, 500, fs=RATE), noise)


def _telephone(samples: np.ndarray) -> np.ndarray:
    """300 to 3400 Hz, 8 kHz, 8 bits, mu-law (ITU-T G.711)."""
    from scipy import signal

    narrow = signal.sosfilt(signal.butter(4, (300, 3400), "bandpass", fs=RATE, output="sos"), samples)
    slow = np.clip(signal.resample_poly(narrow, 1, 2), -1, 1)
    code = np.rint(127 * np.sign(slow) * np.log1p(255 * np.abs(slow)) / np.log(256)) / 127
    heard = np.sign(code) * (256 ** np.abs(code) - 1) / 255
    return signal.resample_poly(heard, 2, 1)[: len(samples)]
