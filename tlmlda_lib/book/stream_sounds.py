"""What a stream of features keeps, as a sound: a hum for the prosodic, a whisper for the acoustic. Chapter 4.1.

Each sound is computed from what its stream measures and from nothing else: the hum from pitch, voicing and level, the
whisper from the cepstrum. An embedding cannot be turned back into sound this way.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft, signal

from tlmlda_lib.errors import UserError
from tlmlda_lib.features import prosody

#: Harmonics of the hum; the k-th has 1/k of the first one's amplitude, whatever is said.
HARMONICS = 8

#: Mel bands, and cepstral coefficients from the 0th, of each frame of the whisper: those of IS10.
BANDS, COEFFICIENTS = 26, 15

#: Length and hop of a frame, in seconds.
LONG, STEP = 0.032, 0.008

#: Hop of 10 ms and centre of the 60 ms window of a pitch contour, in seconds.
_PITCH_STEP, _PITCH_CENTRE = 0.01, 0.03

#: Lowest level of `traces`, in dB; range in dB in which `kept` compares, the fewest frames, and the smallest share of
#: the voiced ones, since noise sometimes passes for a voice.
QUIET, _RANGE, _LEAST, _SHARE = -80.0, 30.0, 10, 0.2

#: Floor of the power, about -100 dB.
_NOTHING = 1e-10


def hum(samples: ArrayLike, rate: int, *, seed: int = 0) -> NDArray[np.float32]:
    """How something was said, without the words: a tone that follows pitch and level, noise where unvoiced.

    Chapter 4.1.

    Parameters
    ----------
    samples : array_like of shape (n,)
        One channel, in [-1, 1].
    rate : int
        In Hz, at least 8000.
    seed : int
        Random seed of the noise in unvoiced stretches.

    Returns
    -------
    ndarray of shape (n,), float32
        `HARMONICS` harmonics of the pitch (`prosody.contour`), at the level of the sound, without the jitter and
        shimmer that the prosodic stream also measures.

    Raises
    ------
    UserError
        If the sound does not have one channel or is shorter than 0.1 s, or if the rate is too low.
    """
    sound = _checked(samples, rate)
    contour = prosody.contour(sound, rate)
    seconds = np.arange(len(sound)) / rate
    at = _PITCH_CENTRE + _PITCH_STEP * np.arange(len(contour))
    voiced = contour > 0
    tone = np.zeros(len(sound))
    share = np.zeros(len(sound))
    if voiced.any():
        pitch = np.exp(np.interp(seconds, at[voiced], np.log(contour[voiced])))
        share = np.interp(seconds, at, voiced.astype(float))
        phase = 2 * np.pi * np.cumsum(pitch) / rate
        parts = [np.where(k * pitch < rate / 2, np.cos(k * phase) / k, 0) for k in range(1, HARMONICS + 1)]
        tone = np.sum(parts, axis=0) / np.sqrt(sum(0.5 / k**2 for k in range(1, HARMONICS + 1)))
    hiss = signal.lfilter([1], [1, -0.7], np.random.default_rng(seed).normal(size=len(sound)))
    hiss *= np.sqrt(1 - 0.7**2)
    return ((np.sqrt(share) * tone + np.sqrt(1 - share) * hiss) * level(sound, rate)).astype(np.float32)


def whisper(samples: ArrayLike, rate: int, *, seed: int = 0) -> NDArray[np.float32]:
    """What was said, without the voice: noise with the spectral envelope of each frame. Chapter 4.1.

    Parameters
    ----------
    samples : array_like of shape (n,)
        One channel, in [-1, 1].
    rate : int
        In Hz, at least 8000.
    seed : int
        Random seed of the noise.

    Returns
    -------
    ndarray of shape (n,), float32
        Each frame has the sound's power and the spectral envelope of its first `COEFFICIENTS` cepstral coefficients,
        but no pitch. IS10's mel bands and line spectral pairs are largely redundant with its cepstrum.

    Raises
    ------
    UserError
        As in `hum`.
    """
    sound = _checked(samples, rate)
    power, window, hop = _frames(sound, rate)
    envelope = np.exp(_smooth(power, rate))
    envelope *= power.sum(1, keepdims=True) / envelope.sum(1, keepdims=True)
    noise = np.random.default_rng(seed).normal(size=len(sound))
    pieces = fft.rfft(_cut(noise, len(window), hop) * window, axis=1) * np.sqrt(envelope / np.sum(window**2))
    out = np.zeros(hop * (len(pieces) - 1) + len(window))
    for i, piece in enumerate(fft.irfft(pieces, len(window), axis=1)):
        out[i * hop : i * hop + len(window)] += piece * window
    out /= np.sum(window[::hop] ** 2)  # sum of the overlapping windows
    return out[len(window) // 2 :][: len(sound)].astype(np.float32)


def cepstrum(samples: ArrayLike, rate: int) -> NDArray[np.float64]:
    """Mel-cepstral coefficients of each frame. Chapter 4.1.

    Parameters
    ----------
    samples : array_like of shape (n,)
        One channel, in [-1, 1].
    rate : int
        Hz, at least 8000.

    Returns
    -------
    ndarray of shape (frames, COEFFICIENTS)
        The orthonormal cosine transform of the natural logarithm of the power in `BANDS` mel bands, every `STEP`
        seconds.
    """
    power, _, _ = _frames(_checked(samples, rate), rate)
    return fft.dct(_log_bands(power, rate), norm="ortho", axis=1)[:, :COEFFICIENTS]


def traces(samples: ArrayLike, rate: int) -> dict[str, NDArray[np.float64]]:
    """Pitch, level and spectral shape of a sound over time, for `kept`. Chapter 4.1.

    Parameters
    ----------
    samples : array_like of shape (n,)
        One channel, in [-1, 1].
    rate : int
        Hz, at least 8000.

    Returns
    -------
    dict of str to ndarray
        pitch (frames,): Hz every 10 ms, 0 where unvoiced. level (frames,): dB relative to full scale at the same times,
        not below `QUIET`. shape (frames // 2, COEFFICIENTS - 1): cepstral coefficients from the 1st, every 20 ms.
    """
    sound = _checked(samples, rate)
    pitch = prosody.contour(sound, rate)
    at = np.minimum((rate * (_PITCH_CENTRE + _PITCH_STEP * np.arange(len(pitch)))).astype(int), len(sound) - 1)
    loud = 20 * np.log10(np.maximum(level(sound, rate)[at], 10 ** (QUIET / 20)))
    rows = cepstrum(sound, rate)
    near = np.minimum((at[::2] / round(STEP * rate)).round().astype(int), len(rows) - 1)
    return {"pitch": pitch, "level": loud, "shape": rows[near, 1:]}


def kept(whole: Mapping[str, ArrayLike], other: Mapping[str, ArrayLike]) -> dict[str, float]:
    """How well one sound follows another, from the `traces` of both. Chapter 4.1.

    Parameters
    ----------
    whole, other : mappings
        `traces` of two sounds of equal length.

    Returns
    -------
    dict of str to float
        Correlations over time: ``pitch`` of log pitch where both are voiced, ``level`` of decibels, ``shape`` the mean
        over the cepstral coefficients, where the first sound is within 30 dB of its loudest. NaN if fewer than ten
        frames count, or for pitch fewer than a fifth of the first sound's voiced frames.
    """
    a, b = ({name: np.asarray(trace, dtype=float) for name, trace in one.items()} for one in (whole, other))
    both = (a["pitch"] > 0) & (b["pitch"] > 0)
    heard = (a["level"] > a["level"].max() - _RANGE)[::2]
    shapes = [_correlation(x[heard], y[heard]) for x, y in zip(a["shape"].T, b["shape"].T, strict=True)]
    enough = both.sum() >= _SHARE * (a["pitch"] > 0).sum()
    return {
        "pitch": _correlation(np.log(a["pitch"][both]), np.log(b["pitch"][both])) if enough else float("nan"),
        "level": _correlation(a["level"], b["level"]),
        "shape": float(np.mean(shapes)),
    }


def _correlation(x: NDArray, y: NDArray) -> float:
    if len(x) < _LEAST or not x.std() or not y.std():
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])


def level(samples: ArrayLike, rate: int, seconds: float = 0.04) -> NDArray[np.float64]:
    """Root mean square around each sample, under a Hann window.

    Parameters
    ----------
    samples : array_like of shape (n,)
        One channel.
    rate : int
        Hz.
    seconds : float
        Length of the window.

    Returns
    -------
    ndarray of shape (n,), float64
    """
    sound = np.asarray(samples, dtype=float)
    window = signal.windows.hann(int(seconds * rate) | 1)
    return np.sqrt(np.maximum(signal.fftconvolve(sound**2, window / window.sum(), mode="same"), 0))


def picture(samples: ArrayLike, rate: int, *, high: float = 4000.0, rows: int = 64, step: float = 0.0125) -> NDArray:
    """A spectrogram. Chapter 4.1.

    Parameters
    ----------
    samples : array_like of shape (n,)
        One channel, in [-1, 1].
    rate : int
        Hz, at least 8000.
    high : float
        Highest frequency, Hz.
    rows : int
        Number of frequencies.
    step : float
        Seconds between columns.

    Returns
    -------
    ndarray of shape (rows, columns), float64
        Decibels, the lowest frequency first, a column every ``step`` seconds; frames of 40 ms resolve the harmonics.
    """
    sound = _checked(samples, rate)
    n = int(0.04 * rate)
    pieces = _cut(sound, n, int(step * rate)) * signal.windows.hann(n, sym=False)
    power = np.abs(fft.rfft(pieces, max(1024, n), axis=1)) ** 2 / n
    hertz = fft.rfftfreq(max(1024, n), 1 / rate)
    at = (np.arange(rows) + 0.5) * high / rows
    return np.stack([np.interp(at, hertz, 10 * np.log10(p + _NOTHING)) for p in power], axis=1)


def _checked(samples: ArrayLike, rate: int) -> NDArray[np.float32]:
    sound = np.asarray(samples, dtype=np.float32)
    if sound.ndim != 1:
        raise UserError(f"samples has shape {sound.shape}: one channel is needed")
    if rate < 8000:
        raise UserError(f"rate={rate}: at least 8000 Hz are needed")
    if len(sound) < 0.1 * rate:
        raise UserError(f"the sound has {len(sound)} samples at {rate} Hz: at least a tenth of a second is needed")
    return sound


def _cut(sound: NDArray, n: int, hop: int) -> NDArray:
    """Frames (k, n), the first centred on the first sample, the last on or after the last."""
    padded = np.pad(sound, (n // 2, n + hop))
    return np.lib.stride_tricks.sliding_window_view(padded, n)[::hop][: len(sound) // hop + 2]


def _frames(sound: NDArray, rate: int) -> tuple[NDArray, NDArray, int]:
    """Power spectra (k, n // 2 + 1), their window (n,), whose square is Hann's, and the hop."""
    hop = round(STEP * rate)
    n = round(LONG / STEP) * hop
    window = np.sqrt(signal.windows.hann(n, sym=False))
    return np.abs(fft.rfft(_cut(sound, n, hop) * window, axis=1)) ** 2 + _NOTHING, window, hop


def _mel(hertz: ArrayLike) -> NDArray:
    return 1127 * np.log1p(np.asarray(hertz, dtype=float) / 700)


@lru_cache(maxsize=4)
def _filters(bins: int, rate: int) -> tuple[NDArray, NDArray, NDArray]:
    """Triangular mel bands (BANDS, bins), whose rows sum to 1, their middles, and the bins in mel."""
    edges = np.linspace(_mel(20), _mel(min(8000, rate / 2)), BANDS + 2)
    mel = _mel(np.linspace(0, rate / 2, bins))
    rise = (mel - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - mel) / (edges[2:] - edges[1:-1])[:, None]
    bands = np.clip(np.minimum(rise, fall), 0, None)
    return bands / bands.sum(1, keepdims=True), edges[1:-1], mel


def _log_bands(power: NDArray, rate: int) -> NDArray:
    return np.log(power @ _filters(power.shape[1], rate)[0].T)


def _smooth(power: NDArray, rate: int) -> NDArray:
    """Log envelope (k, bins) that the first cepstral coefficients of power spectra keep."""
    kept = fft.dct(_log_bands(power, rate), norm="ortho", axis=1)
    kept[:, COEFFICIENTS:] = 0
    _, middles, mel = _filters(power.shape[1], rate)
    return np.stack([np.interp(mel, middles, bands) for bands in fft.idct(kept, norm="ortho", axis=1)])
