"""What can be heard in a clip: openSMILE's eGeMAPS, and how far one spectrum is stretched against another."""

from __future__ import annotations

import numpy as np
import pandas as pd
import soundfile
from scipy import signal

_F0 = "F0semitoneFrom27.5Hz_sma3nz"


def measure(files: list[str]) -> pd.DataFrame:
    """A row for each file; the names of the columns are those of the rules' parameters."""
    import opensmile

    smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.LowLevelDescriptors)
    return pd.DataFrame([_measure(file, smile) for file in files], index=files)


def _measure(file: str, smile) -> dict[str, float]:
    sound, rate = soundfile.read(file)
    frames = smile.process_signal(sound, rate)
    voiced = frames[frames[_F0] > 0]
    f0 = voiced[_F0].to_numpy()
    end = int(0.8 * len(f0))
    return {
        "level": 10 * np.log10(np.mean(sound**2)),
        "peak": float(np.abs(sound).max()),
        "seconds": len(sound) / rate,
        "voiced": len(f0) / 100,
        "hertz": 27.5 * 2 ** (np.median(f0) / 12),
        "pitch": np.median(f0),
        "pitch_range": np.subtract(*np.percentile(f0[:end], (80, 20))),  # an octave mistaken here and there is no range
        "rate": -np.log2(len(sound) / rate),
        "loudness": 10 * np.log10(np.mean(sound**2)),
        "roughness": voiced["shimmerLocaldB_sma3nz"].mean(),
        "breath": -voiced["HNRdBACF_sma3nz"].mean(),
        "tilt": voiced["alphaRatio_sma3"].mean(),
        "flutter": voiced["jitterLocal_sma3nz"].mean(),
        "final": np.median(f0[end:]) - np.median(f0[:end]),
    }


def stretch(file: str, plain: str) -> float:
    """By how much, as a logarithm, the spectral envelope of one clip lies higher than that of another: the formants.

    Of all shifts on a logarithmic axis, from 1.2 to 6.5 kHz, the one under which the two agree best, apart from level
    and tilt.
    """
    a, b = _envelope(file), _envelope(plain)
    n, most = len(a), int(0.15 / _STEP)

    def agreement(k: int) -> float:
        p, q = (a[k:], b[: n - k]) if k >= 0 else (a[:k], b[-k:])
        return float(np.corrcoef(signal.detrend(p), signal.detrend(q))[0, 1])

    return max(range(-most, most + 1), key=agreement) * _STEP


_GRID = np.geomspace(1200, 6500, 400)
_STEP = float(np.log(_GRID[1] / _GRID[0]))


def _envelope(file: str) -> np.ndarray:
    sound, rate = soundfile.read(file)
    sound = signal.resample_poly(sound, 16000, rate)
    f, power = signal.welch(sound, 16000, nperseg=512)
    return np.interp(_GRID, f, signal.savgol_filter(np.log(power + 1e-14), 15, 2))
